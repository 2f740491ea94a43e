"""Range and tempo per rep, and their differences in degrees and seconds."""

import math

import numpy as np
import pytest
from scipy import stats

from glutebal.model import Bilateral, Side
from glutebal.results import Rep, Status
from glutebal.signal.motion.angles import JointAngles
from glutebal.signal.motion.ranges import (
    difference,
    extension_difference,
    range_difference,
    ranges_match,
    rep_ranges,
    tempo_difference,
)

RATE = 50.0


def joint(side, tops, bottom=-10.0):
    """One rep of 2 s per top."""
    now = np.arange(100) / 100
    flexion = np.concatenate([bottom + (top - bottom) * 0.5 * (1 - np.cos(2 * np.pi * now)) for top in tops])
    nothing = np.full(flexion.size, np.nan)
    return (JointAngles("hip", side, RATE, 0, flexion, nothing, nothing, np.full((flexion.size, 3), 2.0), "planar"),)


def reps(n, side=None):
    return [Rep(k + 1, 100 * k, 100 * (k + 1), RATE, side) for k in range(n)]


def test_range_and_extension_of_a_rep():
    (first, second) = rep_ranges(joint(Side.LEFT, [80, 90]), reps(2))
    assert (first.most_deg, first.least_deg) == pytest.approx((80, -10), abs=0.6)
    assert second.range_deg == pytest.approx(100, abs=1.2)
    assert second.extension_deg == pytest.approx(10, abs=0.7)
    assert first.uncertainty_deg == pytest.approx(2 * math.sqrt(2))


def test_a_rep_that_was_not_recorded_has_no_range_and_those_of_the_other_leg_are_left_out():
    found = rep_ranges(joint(Side.LEFT, [80]), [*reps(2), Rep(3, 0, 100, RATE, Side.RIGHT)])
    assert len(found) == 2
    assert math.isnan(found[1].range_deg)
    assert rep_ranges((), reps(1)) == ()


def test_differences_are_right_minus_left_and_swap_sign():
    sides = Bilateral(joint(Side.LEFT, [80, 82, 81, 79, 80]), joint(Side.RIGHT, [90, 91, 92, 88, 90]))
    ranges = sides.map(lambda pieces: rep_ranges(pieces, reps(5)))
    found, swapped = range_difference(ranges), range_difference(ranges.swapped())
    assert found.value == pytest.approx(9.8, abs=0.3)
    assert found.value == -swapped.value
    assert found.low < found.value < found.high
    assert found.high - found.value > 1.96 * 2  # the calibration does not average out
    assert extension_difference(ranges).value == pytest.approx(0, abs=0.2)


def test_paired_and_welch_intervals_are_those_of_scipy():
    rng = np.random.default_rng(4)
    left, right = rng.normal(0, 1, 9), rng.normal(1, 2, 9)
    paired, welch = (difference(Bilateral(left, right), paired=p) for p in (True, False))
    for found, test in ((paired, stats.ttest_rel(right, left)), (welch, stats.ttest_ind(right, left, equal_var=False))):
        assert found.value == pytest.approx(test.statistic * found.se, rel=1e-9)
        interval = test.confidence_interval(0.95)
        assert (found.low, found.high) == pytest.approx((interval.low, interval.high), rel=1e-9)


def test_few_reps_have_a_value_without_an_interval_and_none_no_value():
    found = difference(Bilateral(np.array([1.0, np.nan]), np.array([3.0, 4.0])), paired=True)
    assert (found.value, found.n, found.status) == (2.0, 1, Status.TOO_FEW)
    assert math.isnan(found.low)
    assert difference(Bilateral(np.array([]), np.array([1.0])), paired=False).status is Status.UNPAIRED


def test_ranges_match_to_five_degrees_or_a_tenth():
    tops = [20, 24, 28, 90, 98, 112]
    short, near, far, deep, deeper, deepest = rep_ranges(joint(Side.LEFT, tops, bottom=0.0), reps(6))
    assert ranges_match(short, near)
    assert not ranges_match(short, far)
    assert ranges_match(deep, deeper)
    assert ranges_match(deeper, deep)
    assert not ranges_match(deep, deepest)
    missing = rep_ranges(joint(Side.LEFT, [20]), reps(2))[1]
    assert not ranges_match(short, missing)


def test_tempo_is_the_difference_of_durations():
    left = [Rep(k, 0, 100, RATE, Side.LEFT) for k in range(6)]
    right = [Rep(k, 0, 125, RATE, Side.RIGHT) for k in range(6)]
    found = tempo_difference([*left, *right, Rep(9, 0, 999, RATE)])
    assert (found.value, found.low, found.high) == pytest.approx((0.5, 0.5, 0.5))
