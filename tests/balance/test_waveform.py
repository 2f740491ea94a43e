import math
from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glutebal.balance.waveform import (
    WaveformSymmetry,
    cyclogram,
    normalised_index,
    regions_of_deviation,
    symmetry_function,
    waveform_symmetry,
)
from glutebal.errors import InputError
from glutebal.model import Bilateral, Side
from glutebal.results import Status

law = settings(derandomize=True, deadline=None, max_examples=50)
CIRCLE = np.linspace(0, 2 * np.pi, 101)
seeds = st.integers(0, 100_000)


def curve(seed):
    """A smooth positive curve over a rep."""
    rng = np.random.default_rng(seed)
    waves = sum(rng.normal() / k * np.sin(k * CIRCLE / 2 + rng.uniform(0, 6)) for k in (1, 2, 3, 4))
    return 5 + waves


def test_a_multiple_plus_a_constant_has_the_same_shape(vectors):
    known = vectors["waveform"]["range_ratio"]
    found = waveform_symmetry(Bilateral(np.sin(CIRCLE), 1.25 * np.sin(CIRCLE) + 2))
    assert found.variance_ratio == pytest.approx(known["var_ratio"], abs=1e-12)
    assert found.trend_symmetry == pytest.approx(1, abs=1e-12)
    assert found.range_ratio == pytest.approx(known["rar"])
    assert found.range_offset == pytest.approx(known["offset"])
    assert (found.r, found.peak_r) == (pytest.approx(1), pytest.approx(1))
    assert (found.lag, found.phase_shift) == (0, 0)


@pytest.mark.parametrize("deg", [5, 10, 20, 30, 45])
def test_two_sines_correlate_as_the_cosine_of_their_phase(deg):
    circle = CIRCLE[:-1]
    found = waveform_symmetry(Bilateral(np.sin(circle), np.sin(circle - math.radians(deg))))
    assert found.r == pytest.approx(math.cos(math.radians(deg)), abs=1e-9)
    assert found.trend_symmetry == pytest.approx(1 - math.tan(math.radians(deg) / 2) ** 2, abs=1e-9)


def test_a_fifth_more_has_the_published_symmetry_function_and_index():
    left, right = np.sin(CIRCLE), 1.2 * np.sin(CIRCLE)
    assert symmetry_function(left, right) == pytest.approx(5.7855, abs=5e-5)  # 101 nodes
    fine = np.sin(np.linspace(0, 2 * np.pi, 100_001))
    assert symmetry_function(fine, 1.2 * fine) == pytest.approx(100 * 0.2 * (2 / np.pi) * 2 / 4.4, abs=1e-6)
    index = normalised_index(left, right)
    assert (index.max(), index.min()) == (pytest.approx(4.2553, abs=5e-5), pytest.approx(-8.0, abs=5e-5))


def test_the_cyclogram_has_the_published_area(vectors):
    for row in vectors["waveform"]["cyclogram_area_cos"]:
        delta = math.radians(row["deg"])
        found = cyclogram(np.cos(CIRCLE), np.cos(CIRCLE - delta))
        assert row["area"] == pytest.approx(math.pi * math.sin(delta), abs=1e-12)
        # a polygon of 100 corners is smaller than its ellipse by sin(2π/100)/(2π/100)
        assert found.area == pytest.approx(row["area"] * math.sin(math.tau / 100) / (math.tau / 100), abs=1e-9)
    assert cyclogram(np.cos(CIRCLE), np.cos(CIRCLE - math.radians(30))).area == pytest.approx(1.56976, abs=5e-6)


def test_the_cyclogram_leans_to_the_larger_side():
    wave = np.cos(CIRCLE)
    assert cyclogram(wave, wave).orientation_deg == pytest.approx(45)
    assert cyclogram(wave, math.sqrt(3) * wave).orientation_deg == pytest.approx(60)
    assert cyclogram(wave, -wave).orientation_deg == pytest.approx(-45)


@law
@given(seeds, seeds)
def test_swapping_the_sides_flips_what_has_a_sign_and_nothing_else(a, b):
    curves = Bilateral(curve(a), 1.1 * curve(b))
    one, other = waveform_symmetry(curves), waveform_symmetry(curves.swapped())
    same = ("trend_symmetry", "shifted_trend_symmetry", "symmetry_function", "r", "peak_r")
    for name in same:
        np.testing.assert_allclose(getattr(one, name), getattr(other, name), rtol=1e-9, atol=1e-9)
    for name in ("phase_shift", "lag", "range_offset"):
        np.testing.assert_allclose(getattr(one, name), -getattr(other, name), rtol=1e-9, atol=1e-9)
    assert one.si_norm_high == pytest.approx(-other.si_norm_low, abs=1e-9)
    assert one.range_ratio == pytest.approx(1 / other.range_ratio)
    assert one.cyclogram.area == pytest.approx(other.cyclogram.area, rel=1e-9)
    lean = math.radians(one.cyclogram.orientation_deg + other.cyclogram.orientation_deg)
    assert abs(math.cos(lean)) < 1e-6  # the two add up to a right angle, either way round


@law
@given(seeds, seeds, st.floats(-6, 6))
def test_a_gain_common_to_both_sides_changes_only_what_has_a_unit(a, b, power):
    curves = Bilateral(curve(a), curve(b))
    one, other = waveform_symmetry(curves), waveform_symmetry(curves.map(lambda c: c * 10**power))
    for name in ("trend_symmetry", "phase_shift", "range_ratio", "symmetry_function", "si_norm_low", "r", "lag"):
        np.testing.assert_allclose(getattr(one, name), getattr(other, name), rtol=1e-6, atol=1e-9)
    assert other.range_offset == pytest.approx(one.range_offset * 10**power, rel=1e-6, abs=1e-12 * 10**power)


@law
@given(seeds, seeds)
def test_every_measure_stays_in_its_range(a, b):
    found = waveform_symmetry(Bilateral(curve(a), curve(b)))
    assert 0 <= found.variance_ratio <= 1
    assert found.trend_symmetry == 1 - found.variance_ratio
    assert found.shifted_trend_symmetry >= found.trend_symmetry - 1e-12 or found.r <= 0
    assert -1 <= found.r <= found.peak_r + 1e-12 <= 1 + 1e-9
    assert -66.67 <= found.si_norm_low <= found.si_norm_high <= 66.67
    assert abs(found.phase_shift) <= 25 or (math.isnan(found.phase_shift) and found.r <= 0)
    assert found.symmetry_function >= 0


def test_the_later_side_is_positive():
    t = np.linspace(0, 100, 101)
    early, late = (np.exp(-((t - at) ** 2) / 200) for at in (45, 53))
    found = waveform_symmetry(Bilateral(early, late))
    assert found.phase_shift == 8
    assert found.lag == pytest.approx(8, abs=0.1)


@pytest.mark.parametrize("side", list(Side))
@pytest.mark.parametrize("broken", [np.full(101, 3.0), np.zeros(101), np.where(np.arange(101) == 50, np.nan, CIRCLE)])
def test_a_flat_or_holed_curve_is_refused_with_its_side_and_no_number(side, broken):
    found = waveform_symmetry(Bilateral.per_side(lambda s: broken if s is side else np.sin(CIRCLE)))
    assert found.status is Status.REFUSED
    assert side.value in found.reason
    numbers = [getattr(found, f.name) for f in fields(WaveformSymmetry) if f.type == "float"]
    assert len(numbers) == 12
    assert np.isnan([*numbers, found.cyclogram.area, found.cyclogram.orientation_deg]).all()


def test_shape_only_keeps_no_size():
    found = waveform_symmetry(Bilateral(curve(1), curve(2))).shape_only("no reference")
    assert (found.status, found.reason) == (Status.UNCALIBRATED, "no reference")
    sizes = [found.range_ratio, found.range_offset, found.symmetry_function, found.si_norm_low, found.si_norm_high]
    assert np.isnan([*sizes, found.cyclogram.orientation_deg]).all()
    assert np.isfinite([found.trend_symmetry, found.r, found.lag, found.cyclogram.area]).all()


def test_a_refusal_stays_a_refusal_without_sizes():
    refused = waveform_symmetry(Bilateral(np.ones(101), curve(1)))
    assert refused.shape_only("no reference").status is Status.REFUSED


@pytest.mark.parametrize(("left", "right"), [((101,), (100,)), ((3,), (3,)), ((5, 101), (5, 101))])
def test_curves_that_do_not_match_are_refused(left, right):
    with pytest.raises(InputError, match="one length"):
        waveform_symmetry(Bilateral(np.ones(left), np.ones(right)))


def test_regions_of_deviation_have_their_place_area_and_side():
    difference = np.zeros(101)
    difference[20:31] = 5.0  # 3 above a band of 2, 11 nodes
    difference[70:75] = [-3, -4, -9, -4, -3]
    right, left = regions_of_deviation(difference, np.ones(101), k=2)
    assert (right.start_percent, right.stop_percent, right.area, right.extreme) == (20, 30, 33, 5)
    assert (left.start_percent, left.stop_percent, left.at_percent, left.extreme) == (70, 74, 72, -9)
    assert left.area == -(1 + 2 + 7 + 2 + 1)
    assert (right.larger, left.larger) == (Side.RIGHT, Side.LEFT)


def test_inside_the_band_nothing_deviates_and_nan_is_outside_of_nothing():
    assert regions_of_deviation(np.ones(101), 1.0, k=1) == ()
    assert regions_of_deviation(np.full(101, np.nan), 1.0) == ()
    assert len(regions_of_deviation(np.ones(101), 1.0, k=0.5)) == 1
