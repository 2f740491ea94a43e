"""Bars in characters: what they show is what the numbers say, mirrored when the sides are, and nothing for nothing."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glutebal.live.bars import (
    EIGHTHS,
    FILLED,
    UNKNOWN,
    activity_rows,
    binned,
    rep_columns,
    right_share,
    share_rows,
)
from glutebal.model import Bilateral
from glutebal.results import Estimate, Status

WIDTHS = st.integers(40, 200)


def text(row):
    return "".join(span for span, _ in row)


def estimate(value, half=math.nan):
    return Estimate(value, value - half, value + half)


def test_the_share_of_a_log_ratio():
    assert right_share(0.0) == 0.5
    assert right_share(math.log(3)) == pytest.approx(0.75)
    assert math.isnan(right_share(math.nan))


@given(st.floats(-3, 3), WIDTHS)
@settings(derandomize=True, deadline=None)
def test_the_bar_has_the_length_of_the_shares(log_ratio, width):
    bar, ruler = map(text, share_rows(estimate(log_ratio, 0.1), width))
    assert len(bar) == width
    assert len(ruler) <= width
    cells = bar.count(FILLED.left) + bar.count(FILLED.right)
    assert cells == width - 16
    assert bar.count(FILLED.right) / cells == pytest.approx(right_share(log_ratio), abs=0.5001 / cells)


@given(st.floats(-2, 2), st.floats(0, 0.8), WIDTHS)
@settings(derandomize=True, deadline=None)
def test_swapping_the_sides_mirrors_the_interval(log_ratio, half, width):
    def ends(value):
        ruler = text(share_rows(estimate(value, half), width)[1])[8:]
        drawn = [k for k, c in enumerate(ruler) if c in "├─┤┼"]
        return drawn[0], drawn[-1]

    (a, b), (c, d) = ends(log_ratio), ends(-log_ratio)
    assert a + d == pytest.approx(width - 17, abs=1)
    assert b + c == pytest.approx(width - 17, abs=1)


def test_the_numbers_of_the_shares_stand_at_their_letters():
    bar, ruler = map(text, share_rows(estimate(math.log(60 / 40)), 60))
    assert bar.startswith("L 40 %")
    assert bar.endswith("60 % R")
    assert ruler.strip() == "╵ 50 %"


@pytest.mark.parametrize("nothing", [None, Estimate.none(Status.TOO_FEW, "no rep"), estimate(math.nan)])
def test_an_unknown_share_is_dots_and_no_number(nothing):
    bar, ruler = map(text, share_rows(nothing, 60))
    assert bar.strip(UNKNOWN + " ") == "L  – %  " + UNKNOWN * 44 + "   – % R"
    assert ruler.strip() == "╵ 50 %"


@given(st.lists(st.tuples(st.floats(0, 100), st.floats(0, 100)), min_size=1, max_size=8), st.integers(1, 10))
@settings(derandomize=True, deadline=None)
def test_columns_are_as_high_as_their_values(pairs, height):
    rows = rep_columns([Bilateral(*pair) for pair in pairs], height, 100.0)
    assert len(rows) == height
    for k, pair in enumerate(pairs):
        for value, side in zip(pair, ("left", "right"), strict=True):
            cells = [EIGHTHS.index(getattr(row[k], side)) for row in rows]
            assert sum(cells) / (8 * height) == pytest.approx(value / 100, abs=0.5001 / (8 * height))
            assert cells == sorted(cells)


def test_a_side_without_a_value_is_a_dot():
    rows = rep_columns([Bilateral(math.nan, 50.0)], 2, 100.0)
    assert [(pair.left, pair.right) for [pair] in rows] == [(" ", " "), (UNKNOWN, "█")]


def test_activity_is_as_high_as_its_values_and_a_dot_where_nothing_is_known():
    assert activity_rows(np.array([0.0, 0.5, 1.0, np.nan, 9.0]), 1.0, 1) == [" ▄█·█"]
    assert activity_rows(np.array([0.25, 0.75, np.nan]), 1.0, 2) == [" ▄ ", "▄█·"]
    assert activity_rows(np.array([0.0, np.nan]), 0.0, 1) == [" ·"]


@given(st.integers(0, 400), st.integers(1, 300), st.integers(2, 40), st.integers(1, 9))
@settings(derandomize=True, deadline=None)
def test_bins_are_the_largest_of_their_rows_and_keep_them_as_they_move(start, n, columns, per_column):
    everything = np.random.default_rng(start).random((800, 2))
    stop = start + n
    bins = binned(everything[start:stop], start, columns, per_column)
    last = -(-stop // per_column)
    for column in range(columns):
        k = last - columns + column
        rows = everything[max(k * per_column, start, 0) : max(min((k + 1) * per_column, stop), 0)]
        expected = rows.max(axis=0) if len(rows) else np.full(2, np.nan)
        np.testing.assert_array_equal(bins[column], expected)


def test_an_unknown_value_does_not_hide_its_neighbours():
    values = np.array([[1.0, np.nan], [np.nan, np.nan], [2.0, 3.0], [4.0, np.nan]])
    np.testing.assert_array_equal(binned(values, 0, 2, 2), [[1.0, np.nan], [4.0, 3.0]])
