"""λ of a walk over its cycles: signed, with an interval that covers, and what the walk could have called."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glutebal.balance.gait_symmetry import cycle_log_ratios, walk_balance, walk_balance_of
from glutebal.model import Bilateral
from glutebal.results import Status

logs = st.lists(st.floats(-0.3, 0.3), min_size=5, max_size=40)


def walk(n=20, ratio=1.1, drift=0.0):
    left, right = np.arange(n, dtype=float), np.arange(n) + 0.5
    slow = lambda t: 0.4 * np.exp(drift * t)  # noqa: E731
    return Bilateral(left, right), Bilateral(slow(left), ratio * slow(right))


def test_a_constant_ratio_is_that_ratio():
    found = cycle_log_ratios(*walk(ratio=1.1))
    assert found.size == 20
    np.testing.assert_allclose(found, math.log(1.1))


def test_what_both_feet_share_cancels():
    times, values = walk(n=40, ratio=1.0, drift=0.02)
    assert np.ptp(np.log(values.left)) > 0.7
    np.testing.assert_allclose(cycle_log_ratios(times, values), 0.01, atol=1e-9)  # the drift of half a stride


def test_a_stride_that_is_missing_is_not_bridged():
    times, values = walk(n=10)
    gone = np.array([True] * 4 + [False] + [True] * 5)
    fewer = Bilateral(times.left, times.right[gone]), Bilateral(values.left, values.right[gone])
    assert cycle_log_ratios(*fewer).size == 9


@given(logs, st.integers(0, 3))
@settings(derandomize=True, deadline=None, max_examples=30)
def test_swapping_the_sides_flips_the_sign_and_nothing_else(values, seed):
    one = walk_balance(values, seed=seed).log_ratio
    two = walk_balance([-v for v in values], seed=seed).log_ratio
    assert (two.value, two.se) == pytest.approx((-one.value, one.se), abs=1e-12)
    assert (two.low, two.high) == pytest.approx((-one.high, -one.low), abs=1e-12)


def test_swapping_the_feet_flips_the_sign():
    times, values = walk(ratio=1.2)
    np.testing.assert_allclose(cycle_log_ratios(times.swapped(), values.swapped()), -cycle_log_ratios(times, values))


def test_the_same_seed_gives_the_same_interval():
    values = np.random.default_rng(1).normal(0, 0.05, 20)
    assert walk_balance(values, seed=4) == walk_balance(values, seed=4)
    assert walk_balance(values, seed=4).log_ratio.se != walk_balance(values, seed=5).log_ratio.se


@pytest.mark.parametrize(("n", "phi"), [(8, 0.0), (13, 0.0), (13, 0.3), (40, 0.0), (40, 0.3)])
def test_the_interval_covers(n, phi):
    rng = np.random.default_rng(7)
    hits = []
    for k in range(150):
        noise = rng.standard_normal(n)
        for i in range(1, n):
            noise[i] = phi * noise[i - 1] + math.sqrt(1 - phi**2) * noise[i]
        found = walk_balance(0.05 * noise, seed=k).log_ratio
        hits.append(found.low <= 0 <= found.high)
    assert np.mean(hits) > 0.89  # 0.95 nominal; 150 draws scatter by 0.018


def test_what_all_strides_share_widens_the_interval_by_as_much_as_it_is_known():
    values = np.random.default_rng(5).normal(0.0, 0.02, 14)
    plain, shared = walk_balance(values).log_ratio, walk_balance(values, extra_se=0.05).log_ratio
    assert shared.se == pytest.approx(math.hypot(plain.se, 0.05))
    half = (shared.high - shared.low) / 2
    assert 1.96 * shared.se < half < 2.0 * shared.se  # nearly all of it is known: nearly the normal quantile
    assert (plain.high - plain.low) / 2 > 2.5 * plain.se  # 14 cycles in blocks of 3


@pytest.mark.parametrize("extra", [0.0, 0.004, 0.012, 0.04])
def test_the_interval_covers_with_a_shared_part(extra):
    rng = np.random.default_rng(8)
    hits = []
    for k in range(150):
        found = walk_balance(0.04 * rng.standard_normal(14) + extra * rng.standard_normal(), seed=k, extra_se=extra)
        hits.append(found.log_ratio.low <= 0 <= found.log_ratio.high)
    assert np.mean(hits) > 0.89  # 0.95 nominal; 150 draws scatter by 0.018


def test_one_short_walk_cannot_call_five_per_cent():
    cycles = np.random.default_rng(2).normal(0.0, 0.1, 13)  # 2 x 10 m: 13 strides a foot
    found = walk_balance(cycles)
    assert found.mdc_percent > 2.5  # of d; 5 % of R/L is d = 2.5
    assert found.cycles_for > 13


def test_more_strides_call_smaller_changes():
    rng = np.random.default_rng(3)
    short, long = (walk_balance(rng.normal(0, 0.05, n)).mdc for n in (12, 200))
    assert long < 0.5 * short


@pytest.mark.parametrize(
    ("n", "status"), [(0, Status.REFUSED), (1, Status.TOO_FEW), (4, Status.TOO_FEW), (5, Status.OK)]
)
def test_few_cycles_have_no_interval(n, status):
    found = walk_balance(np.full(n, 0.1))
    assert found.log_ratio.status is status
    assert math.isnan(found.mdc) == (status is not Status.OK)


def test_nan_and_silence_are_left_out():
    times, values = walk(n=8)
    values.left[2] = np.nan
    values.right[5] = 0.0
    found = walk_balance_of(times, values).log_ratio
    assert found.n == 7  # the strides beside the missing ones find each other
    assert found.value == pytest.approx(math.log(1.1))
