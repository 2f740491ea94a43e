import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glutebal.report.reading import (
    ADVICE,
    STATUS_WORDS,
    amount,
    as_imbalance,
    as_share,
    counted,
    fixed,
    percent_lower,
    points,
    significant,
)
from glutebal.results import Estimate, Laterality, Status

EIGHT_REPS = Estimate(0.1508263, 0.1193880, 0.1822646, 0.0132953, 8)  # science reference, section 1.6


def test_the_worked_example_of_eight_reps():
    d = as_imbalance(EIGHT_REPS)
    assert (d.value, d.low, d.high) == pytest.approx((7.52705, 5.96232, 9.08809), rel=1e-5)
    assert points(EIGHT_REPS) == "right 7.5 (6.0 to 9.1)"
    assert as_share(EIGHT_REPS).value == pytest.approx(50 + 7.52705 / 2, rel=1e-6)
    assert percent_lower(EIGHT_REPS.value) == pytest.approx(14.0003, rel=1e-5)


@settings(derandomize=True, deadline=None)
@given(st.floats(-6, 6), st.floats(0.001, 2))
def test_swapping_the_sides_flips_the_sign_and_nothing_else(value, half):
    there = as_imbalance(Estimate(value, value - half, value + half, n=9))
    back = as_imbalance(Estimate(-value, -value - half, -value + half, n=9))
    assert (there.value, there.low, there.high) == pytest.approx((-back.value, -back.high, -back.low), abs=1e-12)
    assert abs(there.value) <= 100
    assert there.low <= there.value <= there.high


@pytest.mark.parametrize("status", [s for s in Status if not s.has_value])
def test_a_status_without_a_value_never_shows_one(status):
    forged = Estimate(0.3, 0.2, 0.4, 0.05, 9, status=status, reason="why")
    assert math.isnan(as_imbalance(forged).value)
    assert math.isnan(as_share(forged).value)
    assert "14.9" not in points(forged)
    assert "why" in points(forged)


def test_an_infinite_end_is_no_end():
    d = as_imbalance(Estimate(math.nan, 1.0, math.inf, status=Status.CENSORED, reason="quiet"))
    assert d.low == pytest.approx(46.2117, rel=1e-5)
    assert math.isnan(d.high)


@pytest.mark.parametrize(
    ("value", "text"), [(-0.04, "0.0"), (-1.25, "−1.2"), (3.0, "3.0"), (math.nan, "n/a"), (math.inf, "n/a")]
)
def test_fixed(value, text):
    assert fixed(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0"), (60.72, "60.7"), (111.4, "111"), (0.01234, "0.0123"), (-2.5, "−2.50"), (640.2, "640")],
)
def test_significant(value, text):
    assert significant(value) == text


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (6.123e-5, "V", "61.2 µV"),
        (2.5e-3, "V", "2.50 mV"),
        (1.5e-5, "V·s", "15.0 µV·s"),
        (0.0, "V", "0 V"),
        (642.0, "N", "642 N"),
        (math.nan, "N", "n/a"),
    ],
)
def test_amounts_read_well(value, unit, text):
    assert amount(value, unit) == text


def test_counts():
    assert counted(1, Laterality.BILATERAL) == "1 rep"
    assert counted(3, Laterality.CYCLIC) == "3 strides"
    assert counted(0, Laterality.UNILATERAL) == "0 reps"


def test_every_status_has_words_and_every_problem_has_advice():
    assert set(STATUS_WORDS) == set(Status)
    assert set(ADVICE) == set(Status) - {Status.OK}
