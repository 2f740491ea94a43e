import math
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glutebal.model import Side
from glutebal.report.season_reading import (
    chance,
    counts,
    day_told,
    ends_told,
    leaning,
    p_value,
    present,
    rows_of,
    share_of,
    share_told,
    towards,
    unanswered_marks,
)
from glutebal.results import Estimate, Status

SWAP = {"left": "right", "right": "left"}


def swapped(text):
    return " ".join(SWAP.get(word, word) for word in text.replace("(", "( ").split()).replace("( ", "(")


@given(st.floats(-3, 3).filter(lambda x: abs(x) > 1e-6), st.floats(0.001, 2), st.floats(0.001, 2))
@settings(derandomize=True, deadline=None)
def test_swapping_the_sides_swaps_the_words_and_leaves_the_numbers(value, below, above):
    estimate = Estimate(value, value - below, value + above, 0.1, 8)
    mirror = Estimate(-value, -value - above, -value + below, 0.1, 8)
    assert leaning(mirror) == swapped(leaning(estimate))
    assert share_told(mirror, Side.LEFT) == share_told(estimate, Side.RIGHT)


@given(st.floats(-3, 3))
@settings(derandomize=True, deadline=None)
def test_the_shares_of_both_sides_add_up(value):
    estimate = Estimate(value, value - 0.1, value + 0.2)
    assert share_of(estimate, Side.LEFT).value + share_of(estimate, Side.RIGHT).value == pytest.approx(100)
    assert share_of(estimate, Side.LEFT).low == pytest.approx(100 - share_of(estimate, Side.RIGHT).high)


def test_an_interval_beyond_even_has_one_side_and_one_across_it_has_two():
    # λ .11782 with these ends is d 5.884 [3.780, 7.983] (science.md 2.5)
    known = Estimate(0.11782, 0.07564, 0.16000)
    assert leaning(known) == "right 5.9 points (3.8 to 8.0)"
    assert leaning(Estimate(-0.02, -0.06, 0.04)) == "left 1.0 points (right 2.0 to left 3.0)"
    assert leaning(Estimate(0.0002, -0.06, 0.04)) == "even (0.0 points) (left 3.0 to right 2.0)"


def test_no_value_is_said_and_no_interval_is_said():
    assert leaning(Estimate.none(Status.TOO_FEW, "one session")) == "no value yet"
    assert leaning(Estimate(0.2)) == "right 10.0 points (no range)"


def test_a_share_near_a_half_has_a_decimal():
    assert share_told(Estimate(0.28, 0.20, 0.36), Side.RIGHT) == "57 % (55 to 59)"
    assert share_told(Estimate(0.008, -0.06, 0.04), Side.RIGHT) == "50.2 % (48.5 to 51.0)"


def test_facing_a_side_twice_is_the_estimate_again():
    estimate = Estimate(0.1, -0.2, 0.3)
    assert towards(towards(estimate, Side.LEFT), Side.LEFT) == estimate
    assert towards(estimate, Side.RIGHT) == estimate
    assert ends_told(Estimate(5, 1, 9), Side.LEFT) == "1.0 to 9.0"


def test_days_have_a_year_only_when_it_is_another():
    assert day_told(date(2026, 10, 4), date(2026, 12, 1)) == "4 Oct"
    assert day_told(date(2025, 10, 4), date(2026, 1, 1)) == "4 Oct 2025"
    assert day_told(date(2026, 5, 31)) == "31 May 2026"


@pytest.mark.parametrize(
    ("p", "told"), [(0.9999, "over 99 %"), (0.7951, "80 %"), (0.001, "under 1 %"), (math.nan, "unknown")]
)
def test_chances(p, told):
    assert chance(p) == told


@pytest.mark.parametrize(
    ("p", "told"),
    [(0.0215, "p = .021"), (0.0004, "p < .001"), (0.625, "p = .62"), (1.0, "p = 1.00"), (math.nan, "p unknown")],
)
def test_p_values(p, told):
    assert p_value(p) == told


def test_every_session_with_a_value_finds_its_place(any_season):
    main = any_season.main
    for mark, level in rows_of(main):
        assert (level is not None) == mark.status.has_value
        assert level is None or level.day == mark.day
    assert len(unanswered_marks(main)) == sum(not mark.status.has_value for mark in main.marks)


def test_only_the_present_setup_is_counted(changed_season, steady_season, lost_after_change):
    assert str(counts(changed_season.main)) == "10 sessions, 30 sets, 240 reps"
    assert str(counts(steady_season.main)) == "22 sessions, 66 sets, 528 reps"
    assert present(lost_after_change.main.trend) == ()
