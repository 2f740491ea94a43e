import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glutebal.balance.lag import cross_correlation, phase_shift, variance_ratio

law = settings(derandomize=True, deadline=None, max_examples=60)
CIRCLE = np.linspace(0, 2 * np.pi, 101)
FULL = CIRCLE[:-1]  # whole periods: the last node is the first again


def bell(centre_s, rate_hz=100, seconds=8, sd_s=0.3):
    t = np.arange(seconds * rate_hz) / rate_hz
    return np.exp(-((t - centre_s) ** 2) / (2 * sd_s**2))


def test_two_sines_have_the_published_variance_ratio(vectors):
    for row in vectors["waveform"]["trend_symmetry_phase"]:
        phi = math.radians(row["deg"])
        found = variance_ratio(np.sin(FULL), np.sin(FULL - phi))
        assert found == pytest.approx(row["var_ratio"], abs=1e-9)
        assert found == pytest.approx(math.tan(phi / 2) ** 2, abs=1e-12)


@law
@given(st.floats(0, 89), st.floats(0.1, 10), st.floats(-5, 5))
def test_the_variance_ratio_is_the_same_both_ways_and_forgets_offsets_and_a_common_gain(deg, gain, offset):
    left, right = np.sin(FULL), np.sin(FULL - math.radians(deg))
    found = variance_ratio(left, right)
    assert 0 <= found <= 1
    assert variance_ratio(right, left) == pytest.approx(found, abs=1e-9)
    assert variance_ratio(gain * left + offset, gain * right - offset) == pytest.approx(found, abs=1e-9)


@pytest.mark.parametrize("seconds", [0.12, -0.12, 0.0, 0.5])
def test_the_later_bell_is_found_to_the_sample(seconds):
    found = cross_correlation(bell(4), bell(4 + seconds))
    assert found.lag == pytest.approx(100 * seconds, abs=1e-3)  # 0.12 s at 100 Hz: 12 samples; positive = right later
    assert found.value == pytest.approx(1, abs=1e-9)


def test_a_lag_between_samples_is_found_between_samples():
    assert cross_correlation(bell(4), bell(4.123)).lag == pytest.approx(12.3, abs=0.01)


@law
@given(st.integers(-24, 24))
def test_swapping_the_sides_turns_the_lag_round(shift):
    left, right = bell(1.5, seconds=3, sd_s=0.2), bell(1.5 + shift / 100, seconds=3, sd_s=0.2)
    one, other = cross_correlation(left, right), cross_correlation(right, left)
    assert one.lag == pytest.approx(-other.lag, abs=1e-9)
    assert one.value == pytest.approx(other.value, rel=1e-12)
    one, other = (phase_shift(a, b, cyclic=False) for a, b in ((left, right), (right, left)))
    assert (one.lag, one.value) == (shift, pytest.approx(1, abs=1e-9))
    assert other.lag == -shift


@law
@given(st.integers(-40, 40))
def test_a_cyclic_shift_wraps_around(shift):
    left = np.sin(CIRCLE) + 0.4 * np.cos(2 * CIRCLE)
    later = CIRCLE - 2 * np.pi * shift / 100
    found = phase_shift(left, np.sin(later) + 0.4 * np.cos(2 * later), cyclic=True)
    assert found.lag == shift
    assert found.value == pytest.approx(1, abs=1e-9)


def test_a_mirror_image_is_not_taken_for_the_image():
    wave = np.sin(CIRCLE) + 0.3 * np.sin(2 * CIRCLE)
    assert variance_ratio(wave, -wave) == pytest.approx(0, abs=1e-12)  # trend symmetry does not see the sign ...
    found = phase_shift(wave, -wave, cyclic=True)  # ... so a shift must make them rise together
    assert found.value == pytest.approx(0.91)
    assert math.isnan(found.lag)  # half a cycle: later and earlier are the same


def test_the_whole_overlap_counts_so_that_a_large_lag_is_not_drawn_to_0():
    t = np.arange(101.0)
    early, late = (np.exp(-((t - at) ** 2) / 200) for at in (40, 60))
    assert cross_correlation(early, late).lag == pytest.approx(20, abs=0.05)


def test_equally_good_to_both_sides_is_no_lag():
    left = bell(4)
    assert math.isnan(cross_correlation(left, bell(3.5) + bell(4.5)).lag)
    assert cross_correlation(left, bell(3.5) + bell(4.5)).value > 0.5


def test_a_flat_curve_has_no_lag():
    flat = np.ones(101)
    assert math.isnan(variance_ratio(np.sin(CIRCLE), flat))
    assert math.isnan(cross_correlation(np.sin(CIRCLE), flat).lag)
    assert math.isnan(phase_shift(np.sin(CIRCLE), flat, cyclic=False).value)
