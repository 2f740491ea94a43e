"""What can cross zero: right minus left with its interval, the smallest claim, and what producers build from reps."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glutebal.balance.difference import (
    Claim,
    answer_of,
    claim,
    difference_drift,
    is_midline,
    midline_balance,
    of_reps,
    rep_difference,
    set_difference,
    sides_balance,
    smallest_claim,
    unpaired_difference,
)
from glutebal.balance.estimate import drift, set_estimate
from glutebal.errors import InputError
from glutebal.model import Bilateral, Quantity, Side
from glutebal.results import Estimate, Rep, Status

values = st.lists(st.floats(-60, 60), min_size=5, max_size=20)
RESTED = Estimate.none(Status.UNPAIRED, "this side rested")


def reps_of(n, side=None):
    return [Rep(k + 1, 100 * k, 100 * k + 80, 100.0, side) for k in range(n)]


def exact(value, se=1.0):
    return Estimate(value, se=se, n=1)


def hips(lefts, rights):
    pairs = [Bilateral(exact(left), exact(right)) for left, right in zip(lefts, rights, strict=True)]
    return sides_balance(
        "hip_flexion_rom", "hip", Quantity.ANGLE, "deg", list(zip(reps_of(len(pairs)), pairs, strict=True))
    )


def turns(lefts, rights):
    made = [(rep, Bilateral(exact(v), RESTED)) for rep, v in zip(reps_of(len(lefts), Side.LEFT), lefts, strict=True)]
    made += [
        (rep, Bilateral(RESTED, exact(v))) for rep, v in zip(reps_of(len(rights), Side.RIGHT), rights, strict=True)
    ]
    return sides_balance("pelvic_drop", "hip", Quantity.ANGLE, "deg", made)


def negated(estimate):
    return replace(estimate, value=-estimate.value, low=-estimate.high, high=-estimate.low)


def close(a, b):
    same = (a.n, a.status, a.reason, a.method, a.level) == (b.n, b.status, b.reason, b.method, b.level)
    return same and np.allclose(
        (a.value, a.low, a.high, a.se), (b.value, b.low, b.high, b.se), rtol=1e-9, atol=1e-9, equal_nan=True
    )


class TestSetDifference:
    @settings(derandomize=True, deadline=None)
    @given(values)
    def test_the_arithmetic_is_that_of_ratios(self, v):
        ours, theirs = set_difference(v), set_estimate(v)
        assert (ours.value, ours.low, ours.high, ours.se, ours.n) == (
            *(theirs.value, theirs.low, theirs.high, theirs.se),
            theirs.n,
        )

    @settings(derandomize=True, deadline=None)
    @given(values)
    def test_swapping_flips_the_sign_and_nothing_else(self, v):
        assert close(set_difference([-x for x in v]), negated(set_difference(v)))
        slope = difference_drift(v)
        assert close(difference_drift([-x for x in v]), negated(slope))

    def test_an_anchor(self):
        found = set_difference([4.0, 6.0, 5.0, 3.0, 7.0, 5.0])
        assert found.value == 5.0
        assert found.low < 5.0 < found.high
        assert found.low > 2.5  # sd 1.41, n 6
        assert found.method == "t on differences, autocorrelation shrunk"

    def test_unknown_stays_unknown(self):
        found = set_difference([1.0, math.nan, 2.0, 3.0, math.nan])
        assert (found.value, found.n, found.status) == (2.0, 3, Status.TOO_FEW)
        assert math.isnan(found.low)
        none = set_difference([math.nan] * 6)
        assert math.isnan(none.value)
        assert (none.status, none.reason) == (Status.REFUSED, "no repetition has a difference")

    def test_a_slope_is_per_rep(self):
        found = difference_drift([0.0, 0.5, 1.0, 1.5, 2.0, 2.5])
        assert found.value == pytest.approx(0.5)
        assert found.value == drift([0.0, 0.5, 1.0, 1.5, 2.0, 2.5]).value
        assert difference_drift([1.0]).reason == "a slope needs two repetitions with a difference"

    def test_sides_in_turns(self):
        found = unpaired_difference([3.0, 4.0, 5.0, 4.0, 4.0], [9.0, 10.0, 11.0, 10.0, 10.0, 10.0])
        assert found.value == pytest.approx(6.0)
        assert found.method == "Welch t on means, autocorrelation shrunk"


class TestClaim:
    @pytest.mark.parametrize(
        ("value", "half", "floor", "expected"),
        [
            (6.0, 2.0, 5.0, Claim.BEYOND),
            (5.0, 2.0, 5.0, Claim.BEYOND),
            (4.9, 1.0, 5.0, Claim.BELOW),
            (0.0, 0.1, 5.0, Claim.BELOW),
            (6.0, 7.0, 5.0, Claim.UNCLEAR),
            (6.0, math.nan, 5.0, Claim.UNCLEAR),
            (0.1, 0.05, 0.0, Claim.BEYOND),
            (math.nan, 1.0, 5.0, Claim.UNKNOWN),
        ],
    )
    def test_the_verdict(self, value, half, floor, expected):
        found = Estimate(value, value - half, value + half)
        assert claim(found, floor) is expected
        assert claim(negated(found), floor) is expected

    def test_a_refusal_is_unknown(self):
        assert claim(Estimate(9.0, 8.0, 10.0, status=Status.REFUSED), 5.0) is Claim.UNKNOWN

    def test_the_floors(self):
        assert smallest_claim("pelvic_drop", "deg") == 5.0
        assert smallest_claim("knee_frontal_angle", "deg") == 8.0
        assert smallest_claim("lateral_shift", "cm") == 1.5
        assert smallest_claim("time_to_bottom", "s") == 0.0

    @pytest.mark.parametrize("floor", [-1.0, math.nan, math.inf])
    def test_a_floor_is_a_size(self, floor):
        with pytest.raises(InputError, match="floor"):
            claim(exact(1.0), floor)


class TestRepDifference:
    def test_errors_add_in_quadrature(self):
        found = rep_difference(Bilateral(exact(90.0, 3.0), exact(95.0, 4.0)))
        assert (found.value, found.se, found.n) == (5.0, 5.0, 1)
        assert (found.low, found.high) == pytest.approx((5 - 9.8, 5 + 9.8), abs=1e-3)

    def test_without_errors_there_is_no_range(self):
        found = rep_difference(Bilateral(Estimate(1.0), Estimate(2.0)))
        assert found.value == 1.0
        assert math.isnan(found.low)

    def test_a_side_without_a_value(self):
        lost = Estimate.none(Status.REFUSED, "the left sensor was silent")
        assert rep_difference(Bilateral(lost, exact(1.0))).reason == "the left sensor was silent"
        assert rep_difference(Bilateral(lost, RESTED)).status is Status.UNPAIRED
        assert rep_difference(Bilateral(Estimate(math.nan), exact(1.0))).status is Status.REFUSED

    def test_a_faint_side_is_told(self):
        faint = replace(exact(1.0), status=Status.LOW_SNR, reason="soft tissue")
        found = rep_difference(Bilateral(faint, exact(2.0)))
        assert (found.value, found.status, found.reason) == (1.0, Status.LOW_SNR, "soft tissue")


class TestBalances:
    def test_there_is_never_a_ratio(self):
        for balance in (hips([90.0] * 6, [97.0] * 6), turns([4.0] * 5, [6.0] * 5)):
            every = (balance, *balance.reps)
            assert all(b.log_ratio.status is Status.NOT_A_RATIO and math.isnan(b.log_ratio.value) for b in every)
            assert all(answer_of(b) is b.difference for b in every)
            assert not is_midline(balance)

    @settings(derandomize=True, deadline=None)
    @given(values, st.integers(0, 99))
    def test_swapping_the_sides(self, v, seed):
        other = np.random.default_rng(seed).normal(5, 10, len(v)).tolist()
        for made in (hips, turns):
            found, mirrored = made(v, other), made(other, v)
            assert close(mirrored.difference, negated(found.difference))
            assert close(mirrored.drift, negated(found.drift))
            assert close(mirrored.sides.left, replace(found.sides.right))

    def test_sides_are_arithmetic_means_that_may_be_negative(self):
        found = hips([-4.0, -2.0, 0.0, 2.0, -6.0, -2.0], [1.0] * 6)
        assert found.sides.left.value == pytest.approx(-2.0)
        assert found.sides.left.method == "t on values, autocorrelation shrunk"
        assert found.difference.value == pytest.approx(3.0)

    def test_a_refused_rep_is_left_out_and_told(self):
        pairs = [Bilateral(exact(90.0 + k % 2), exact(95.0)) for k in range(7)]
        pairs[3] = Bilateral(Estimate.none(Status.REFUSED, "a dropout"), exact(95.0))
        found = sides_balance(
            *("hip_flexion_rom", "hip", Quantity.ANGLE, "deg"), list(zip(reps_of(7), pairs, strict=True))
        )
        assert found.difference.n == 6
        assert "1 of 7 left out: a dropout" in found.difference.reason

    def test_one_sided_reps(self):
        found = turns([4.0, 5.0, 3.0, 4.0, 4.0], [7.0, 6.0, 8.0, 7.0, 7.0])
        assert found.difference.value == pytest.approx(3.0)
        assert found.difference.n == 10
        assert found.drift.status is Status.UNPAIRED
        assert all(rep.difference.status is Status.UNPAIRED for rep in found.reps)
        alone = turns([4.0] * 5, [])
        assert alone.difference.status is Status.TOO_FEW
        assert alone.difference.reason == "no right repetition was found"
        assert math.isnan(alone.difference.value)

    def test_a_midline_value_is_its_own_difference(self):
        shifts = [exact(x) for x in (-1.0, -2.0, -3.0, -2.0, -2.0)]
        found = midline_balance(
            *("lateral_shift", "pelvis", Quantity.POSITION, "cm"), list(zip(reps_of(5), shifts, strict=True))
        )
        assert found.difference.value == -2.0
        assert is_midline(found)
        assert all(map(is_midline, found.reps))
        assert all(side.status is Status.UNPAIRED and side.reason for side in found.sides)

    def test_no_reps(self):
        found = midline_balance("lateral_shift", "pelvis", Quantity.POSITION, "cm", [], nothing="no pelvis sensor")
        assert (found.difference.status, found.difference.reason) == (Status.TOO_FEW, "no pelvis sensor")
        assert is_midline(found)

    def test_some_of_the_reps(self):
        whole = hips([90.0, 91.0, 92.0, 93.0, 94.0, 95.0], [97.0] * 6)
        part = of_reps(whole, whole.reps[:5])
        assert part.difference == set_difference([r.difference.value for r in part.reps], ses=[math.sqrt(2)] * 5)
        assert of_reps(whole, whole.reps) == whole


def test_an_error_that_all_repetitions_share_stays_with_every_part_of_them():
    rep = Rep(1, 0, 100, 100.0)
    values = [3.0, 5.0, 4.0, 6.0, 2.0, 4.5, 3.5, 5.5, 4.0, 4.2]
    rows = [(rep, Estimate(value, se=1.0, n=1)) for value in values]
    plain = midline_balance("pelvic_obliquity", "pelvis", Quantity.ANGLE, "deg", rows)
    shared = midline_balance("pelvic_obliquity", "pelvis", Quantity.ANGLE, "deg", rows, extra_se=2.0)
    assert shared.difference.value == plain.difference.value
    assert shared.difference.se > 2.0 > plain.difference.se
    part = of_reps(shared, shared.reps[:6])
    assert part.difference.se > 2.0
    assert of_reps(plain, plain.reps[:6]).difference.se < 1.5
    whole = of_reps(shared, shared.reps).difference
    assert whole.se == pytest.approx(shared.difference.se)
