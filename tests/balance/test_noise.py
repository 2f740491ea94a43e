"""The noise floor: worked corrections, when a ratio is refused, and the laws of the bias."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glutebal.balance.estimate import as_imbalance
from glutebal.balance.indices import imbalance, log_ratio
from glutebal.balance.noise import (
    MAV_OVER_RMS,
    bound,
    corrected_log_ratio,
    corrected_relative_se,
    detect,
    detection_limit,
    noise_gain,
    rds,
    sampling_cv,
)
from glutebal.errors import InputError
from glutebal.model import Bilateral, Channel, Quantity, Side, Track
from glutebal.results import Status
from glutebal.signal.envelope import Rectify, Tkeo

law = settings(derandomize=True, deadline=None)
amplitude = st.floats(0.01, 100)
EMG = Channel(Quantity.EMG, Side.LEFT, "gluteus_maximus", 1000.0)


@pytest.mark.parametrize("case", range(3))
def test_worked_corrections(vectors, case):
    row = vectors["noise"][case]
    signals = rds([row["mL"], row["mR"]], [row["nL"], row["nR"]])
    np.testing.assert_allclose(signals, [row["sL"], row["sR"]], rtol=1e-12)
    if "bai1_corr" in row:
        assert imbalance(log_ratio(row["mL"], row["mR"])) == pytest.approx(row["bai1_raw"], rel=1e-12)
        assert imbalance(log_ratio(*signals)) == pytest.approx(row["bai1_corr"], rel=1e-9)


def test_the_first_worked_pair_is_clear(vectors):
    row = vectors["noise"][0]
    found = corrected_log_ratio(Bilateral(row["mL"], row["mR"]), Bilateral(row["nL"], row["nR"]))
    assert found.status is Status.OK
    assert imbalance(found.value) == pytest.approx(row["bai1_corr"], rel=1e-9)


@pytest.mark.parametrize("case", [1, 2])
def test_the_faint_worked_pairs_get_no_number(vectors, case):
    row = vectors["noise"][case]
    found = corrected_log_ratio(Bilateral(row["mL"], row["mR"]), Bilateral(row["nL"], row["nR"]))
    assert not found.status.has_value
    assert math.isnan(found.value)
    assert "right" in found.reason


def test_left_below_floor(vectors):
    row = vectors["noise"][2]
    assert row["status"] == "left_below_floor"
    assert detect(row["mL"], row["nL"]) is Status.CENSORED
    found = corrected_log_ratio(Bilateral(row["mL"], 100.0), Bilateral(row["nL"], row["nR"]))
    assert (found.status, found.reason) == (Status.CENSORED, "left below detection")


@pytest.mark.parametrize(("ratio", "d"), [(0.1, 11.023), (0.25, 10.582), (0.5, 9.262), (1, 6.188), (2, 2.665)])
def test_equal_noise_shrinks_a_known_ratio(ratio, d):
    measured = np.hypot([1.0, 1.25], ratio)
    assert imbalance(log_ratio(*measured)) == pytest.approx(d, abs=5e-4)
    assert imbalance(log_ratio(*rds(measured, ratio))) == pytest.approx(100 / 9, rel=1e-9)


@pytest.mark.parametrize(("signal", "d"), [(0, 20), (0.5, 17.16), (1, 12.08), (2, 5.57), (5, 1.17), (10, 0.31)])
def test_unequal_noise_invents_an_imbalance(signal, d):
    measured = np.hypot(signal, [1.0, 1.5])
    assert imbalance(log_ratio(*measured)) == pytest.approx(d, abs=5e-3)
    if signal:
        assert imbalance(log_ratio(*rds(measured, [1.0, 1.5]))) == pytest.approx(0, abs=1e-9)


@law
@given(amplitude, amplitude, amplitude)
def test_equal_noise_power_never_grows_a_ratio(left, right, noise):
    with_noise = abs(log_ratio(math.hypot(left, noise), math.hypot(right, noise)))
    assert with_noise <= abs(log_ratio(left, right)) + 1e-12


@law
@given(amplitude, st.floats(0, 100))
def test_the_correction_takes_the_noise_power_out(signal, noise):
    tolerance = 1e-15 * (noise / signal) ** 2 + 1e-12
    assert rds(math.hypot(signal, noise), noise) == pytest.approx(signal, rel=4 * tolerance)


@pytest.mark.parametrize(
    ("measured", "noise", "status"),
    [
        (2.0, 1.0, Status.OK),
        (1.999, 1.0, Status.LOW_SNR),
        (1.4, 1.0, Status.LOW_SNR),
        (1.399, 1.0, Status.CENSORED),
        (0.0, 0.0, Status.CENSORED),
        (1.0, 0.0, Status.OK),
        (-1.0, 0.0, Status.CENSORED),
        (math.nan, 1.0, Status.REFUSED),
        (1.0, math.nan, Status.REFUSED),
        (math.inf, 1.0, Status.REFUSED),
    ],
)
def test_when_an_amplitude_stands_out(measured, noise, status):
    assert detect(measured, noise) is status


def test_two_silences_have_no_ratio():
    found = corrected_log_ratio(Bilateral(1.1, 1.3), Bilateral(1.0, 1.0))
    assert found.status is Status.REFUSED
    assert "two silences" in found.reason
    assert all(math.isnan(v) for v in (found.value, found.low, found.high))


def test_a_faint_side_is_said():
    found = corrected_log_ratio(Bilateral(1.7, 9.0), Bilateral(1.0, 1.0))
    assert found.status is Status.LOW_SNR
    assert found.value == pytest.approx(log_ratio(math.sqrt(1.7**2 - 1), math.sqrt(80)))
    assert "2 times the noise floor" in found.reason


def test_an_unknown_floor_is_refused():
    found = corrected_log_ratio(Bilateral(5.0, 5.0), Bilateral(math.nan, 1.0))
    assert found.status is Status.REFUSED
    assert "unknown" in found.reason


@law
@given(amplitude, amplitude, st.floats(0.01, 10), st.floats(0.01, 10))
def test_swapping_the_sides_mirrors_the_answer(left, right, left_noise, right_noise):
    measured, noise = Bilateral(left, right), Bilateral(left_noise, right_noise)
    there = corrected_log_ratio(measured, noise)
    back = corrected_log_ratio(measured.swapped(), noise.swapped())
    assert back.status is there.status
    seen = [-back.value, -back.high, -back.low]
    np.testing.assert_allclose(seen, [there.value, there.low, there.high], rtol=1e-12)


@law
@given(amplitude, st.floats(2, 100), st.floats(0.01, 1.39))
def test_the_bound_holds_for_every_signal_that_stays_silent(noise, audible, total):
    hidden = rds(total * noise, noise)
    found = corrected_log_ratio(Bilateral(total * noise, audible * noise), Bilateral(noise, noise))
    assert found.status is Status.CENSORED
    truth = log_ratio(hidden, rds(audible * noise, noise))
    assert math.isnan(truth) or truth >= found.low
    assert math.isnan(found.high)


def test_a_bound_reads_as_at_least_64():
    left = bound(Side.LEFT, audible=math.exp(2 * math.atanh(0.64)), limit=1.0)
    shown = as_imbalance(left)
    assert (left.status, left.reason) == (Status.CENSORED, "left below detection")
    assert shown.low == pytest.approx(64)
    assert math.isnan(shown.high)
    assert math.isnan(shown.value)
    right = as_imbalance(bound(Side.RIGHT, audible=math.exp(2 * math.atanh(0.64)), limit=1.0))
    assert right.high == pytest.approx(-64)
    assert math.isnan(right.low)


def test_a_bound_without_limit_bounds_nothing():
    assert math.isnan(bound(Side.LEFT, audible=3.0, limit=0.0).low)
    assert detection_limit(0.0) == 0


@pytest.mark.parametrize("audible", [0.0, -1.0, math.nan])
def test_a_bound_needs_the_other_side(audible):
    with pytest.raises(InputError, match="right: needed an amplitude above 0"):
        bound(Side.LEFT, audible, 1.0)


@pytest.mark.parametrize(("snr_db", "gain"), [(12, 1.06), (6, 1.25), (0, 2), (-6, 5)])
def test_the_correction_amplifies_scatter(snr_db, gain):
    noise = 10 ** (-snr_db / 20)
    assert noise_gain(math.hypot(1, noise), noise) == pytest.approx(gain, abs=0.02)
    assert noise_gain(noise, noise) == math.inf


def test_scatter_after_the_correction_agrees_with_simulation():
    rng = np.random.default_rng(11)
    measured = np.exp(math.log(3) + 0.02 * rng.standard_normal(40_000))
    noise = np.exp(0.05 * rng.standard_normal(40_000))
    seen = np.log(rds(measured, noise)).std()
    assert corrected_relative_se(3.0, 1.0, 0.02, 0.05) == pytest.approx(seen, rel=0.02)


@pytest.mark.parametrize("case", range(6))
def test_sampling_scatter(vectors, case):
    row = vectors["emg"]["rms_cv"][case]
    assert sampling_cv(row["B"], row["T"]) == pytest.approx(row["cv"], rel=1e-12)


def test_mean_absolute_value_of_a_gaussian(vectors):
    assert pytest.approx(vectors["emg"]["mav_over_rms_gauss"], rel=1e-12) == MAV_OVER_RMS
    noise = np.random.default_rng(5).standard_normal(200_000)
    rectified = Rectify()(Track.of_samples(EMG, noise)).values()
    assert rectified.mean() / np.sqrt(np.mean(noise**2)) == pytest.approx(MAV_OVER_RMS, abs=0.003)


def test_teager_kaiser_energy(vectors):
    row = vectors["emg"]["tkeo"]
    np.testing.assert_array_equal(Tkeo()(Track.of_samples(EMG, row["x"])).values(), row["psi"])
    wave = vectors["emg"]["tkeo_sin"]
    samples = wave["A"] * np.sin(wave["w"] * np.arange(50))
    np.testing.assert_allclose(Tkeo()(Track.of_samples(EMG, samples)).values(), wave["value"], rtol=1e-9)
