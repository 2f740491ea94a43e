"""Theil-Sen and Mann-Kendall: worked numbers, scipy, laws."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtr
from scipy.stats import kendalltau, theilslopes

from glutebal.balance.robust_slope import kendall_exact_p, kendall_variance, robust_slope
from glutebal.errors import InputError
from glutebal.results import Status


def test_worked_example(vectors):
    row = vectors["theil_sen"]
    found = robust_slope(row["t"], row["y"])
    assert found.slope_per_week.value == pytest.approx(row["slope"], rel=1e-12)
    intercept = np.median(row["y"]) - found.slope_per_week.value * np.median(row["t"])
    assert intercept == pytest.approx(row["intercept_median"], rel=1e-9)
    assert found.s == row["S"]
    assert found.z == pytest.approx(row["Z"], rel=1e-12)
    assert 2 * ndtr(found.z) == pytest.approx(row["p_normal"], rel=1e-9)
    assert found.p == pytest.approx(row["kendall_exact_p"], rel=1e-9)
    assert kendall_variance(row["t"], row["y"]) == pytest.approx(65.333, abs=5e-4)


@pytest.mark.parametrize("n", [4, 7, 10])
def test_exact_probability_equals_scipy(n):
    rng = np.random.default_rng(n)
    y = rng.normal(size=n)
    expected = kendalltau(np.arange(n), y, method="exact").pvalue
    assert robust_slope(np.arange(n), y).p == pytest.approx(expected, rel=1e-9)


def test_all_orders_are_counted():
    assert kendall_exact_p(6, 4) == pytest.approx(2 / 24)
    assert kendall_exact_p(0, 5) == pytest.approx(1)


def test_slope_and_interval_agree_with_scipy_on_uneven_times():
    rng = np.random.default_rng(11)
    t = np.sort(rng.uniform(0, 12, 25))
    y = 0.01 * t + rng.normal(0, 0.05, 25)
    found, theirs = robust_slope(t, y).slope_per_week, theilslopes(y, t)
    assert found.value == pytest.approx(theirs.slope, rel=1e-12)
    # ranks are rounded to the wider interval here, to the nearest there
    assert found.low <= theirs.low_slope < theirs.high_slope <= found.high
    assert found.high - found.low < 1.1 * (theirs.high_slope - theirs.low_slope)


def test_variance_with_ties_equals_the_spread_over_all_orders():
    t, y = np.array([0, 1, 1, 2, 3, 4]), np.array([0.1, 0.1, 0.2, 0.3, 0.3, 0.3])
    rng = np.random.default_rng(6)
    s = [robust_slope(t, rng.permutation(y)).s for _ in range(1500)]
    assert np.var(s) == pytest.approx(kendall_variance(t, y), rel=0.12)


def test_an_odd_session_does_not_bend_it():
    t = np.arange(12.0)
    y = 0.02 * t
    y[5] = 3.0
    assert robust_slope(t, y).slope_per_week.value == pytest.approx(0.02, abs=1e-9)


def test_interval_covers():
    rng = np.random.default_rng(12)
    t = np.sort(rng.uniform(0, 12, 15))
    found = [robust_slope(t, rng.normal(0, 0.1, 15)).slope_per_week for _ in range(1500)]
    assert 0.94 <= np.mean([e.low <= 0 <= e.high for e in found]) <= 0.98


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(-9, 9)), min_size=1, max_size=12), st.randoms())
@settings(derandomize=True, deadline=None)
def test_laws(pairs, random):
    t, y = np.array(pairs, dtype=float).T
    one, other = robust_slope(t / 7, y), robust_slope(t / 7, -y)
    assert (one.s, one.z, one.p) == (-other.s, -other.z, other.p)
    assert 0 <= one.p <= 1
    assert one.slope_per_week.value == pytest.approx(-other.slope_per_week.value, nan_ok=True)
    order = list(range(len(pairs)))
    random.shuffle(order)
    assert repr(robust_slope(t[order] / 7, y[order])) == repr(one)


def test_too_few():
    assert robust_slope([], []).slope_per_week.status is Status.TOO_FEW
    same_day = robust_slope([1.0, 1.0], [0.1, 0.2])
    assert math.isnan(same_day.slope_per_week.value)
    assert (same_day.s, same_day.p) == (0, 1.0)
    three = robust_slope([0, 1, 2], [0.1, 0.2, 0.4]).slope_per_week
    assert three.value == pytest.approx(0.15)
    assert three.status is Status.TOO_FEW
    assert math.isnan(three.low)
    assert "3 sessions" in three.reason


def test_nan_is_left_out():
    assert repr(robust_slope([0, 1, 2, 3], [0.1, math.nan, 0.3, 0.2])) == repr(robust_slope([0, 2, 3], [0.1, 0.3, 0.2]))


def test_the_unusable_is_refused():
    with pytest.raises(InputError, match="one time"):
        robust_slope([0, 1], [0.1])
    with pytest.raises(InputError, match="between 0 and 1"):
        robust_slope([0, 1], [0.1, 0.2], level=1.5)
