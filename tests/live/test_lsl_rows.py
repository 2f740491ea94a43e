"""Pieces of single channels become rows: any cutting gives the same rows, nothing is made up or waited for for ever."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glutebal.live.lsl_rows import BEHIND_S, SETTLE_S, Rows, Stretch

RATE_HZ = 100.0


def grid(runs, rows, columns=2):
    """All runs in one array, NaN where nothing was sent; every row at most once."""
    out = np.full((rows, columns), np.nan)
    seen = np.zeros(rows, dtype=int)
    for first, values in runs:
        out[first : first + len(values)] = values
        seen[first : first + len(values)] += 1
    assert seen.max(initial=0) <= 1
    return out


@st.composite
def cuttings(draw, n=60):
    """Both columns of n rows, each cut in its own places, in an order that keeps each column's own."""
    pieces = []
    for column in (0, 1):
        cuts = sorted(draw(st.sets(st.integers(1, n - 1), max_size=8)))
        pieces.append([(column, a, b) for a, b in zip([0, *cuts], [*cuts, n], strict=True)])
    order = draw(st.permutations([0] * len(pieces[0]) + [1] * len(pieces[1])))
    return [pieces[column].pop(0) for column in order]


@given(cuttings(n=40))
@settings(derandomize=True, deadline=None)
def test_any_cutting_gives_the_same_rows(pieces):
    values = np.random.default_rng(5).normal(size=(40, 2))
    rows, runs = Rows(2, RATE_HZ), []
    for column, a, b in pieces:
        runs += rows.put(column, a, values[a:b, column])
        runs += rows.take()
    np.testing.assert_array_equal(grid([*runs, *rows.rest()], 40), values)


def test_a_row_waits_until_every_column_has_it():
    rows = Rows(2, RATE_HZ)
    rows.put(0, 0, np.arange(10.0))
    assert rows.take() == []
    rows.put(1, 0, np.arange(4.0))
    [(first, values)] = rows.take()
    assert (first, values.tolist()) == (0, [[0, 0], [1, 1], [2, 2], [3, 3]])
    assert rows.take() == []


def test_a_column_that_stays_behind_is_nan_and_not_waited_for():
    rows = Rows(2, RATE_HZ)
    assert rows.put(0, 0, np.ones(100)) == []
    assert rows.take() == []
    [(first, values)] = rows.put(0, 100, np.ones(5))
    assert (first, len(values)) == (0, 100 - round(BEHIND_S * RATE_HZ))
    assert np.isfinite(values[:, 0]).all()
    assert np.isnan(values[:, 1]).all()


def test_a_burst_after_a_stall_is_whole_however_long_it_is():
    rows, runs = Rows(2, RATE_HZ), []
    for start, n in ((0, 10), (10, 500), (510, 10)):
        for column in (0, 1):
            runs += rows.put(column, start, np.full(n, float(column)))
            runs += rows.take()
    np.testing.assert_array_equal(grid(runs, 520), np.tile([0.0, 1.0], (520, 1)))


def test_what_comes_too_late_is_not_sent_twice():
    rows = Rows(2, RATE_HZ)
    rows.put(0, 0, np.ones(100))
    runs = rows.put(0, 100, np.ones(1))
    rows.put(1, 0, np.full(100, 7.0))
    runs += rows.rest()
    sent = grid(runs, 101)
    assert np.isnan(sent[:50, 1]).all()
    assert (sent[50:100, 1] == 7).all()
    assert np.isnan(sent[100, 1])


@pytest.mark.parametrize("gap", [20, 3_600_000])
def test_a_gap_leaves_rows_out_and_no_memory_behind(gap):
    rows, runs = Rows(2, RATE_HZ), []
    for start in (0, 30 + gap):
        for column in (0, 1):
            runs += rows.put(column, start, np.full(30, float(start)))
        assert len(rows._rows) <= 200
        runs += rows.take()
    assert [(first, len(values)) for first, values in [*runs, *rows.rest()]] == [(0, 30), (30 + gap, 30)]


def test_a_new_clock_forgets_the_old_one():
    rows = Rows(1, RATE_HZ)
    rows.put(0, 500, np.ones(5))
    rows.rest()
    rows.begin()
    rows.put(0, 3, np.ones(2))
    assert [first for first, _ in rows.take()] == [3]


@given(st.lists(st.floats(0, 0.4), min_size=1, max_size=50))
@settings(derandomize=True, deadline=None)
def test_the_zero_of_a_stretch_is_told_by_the_shortest_delay(delays_s):
    stretch = Stretch()
    for k, delay_s in enumerate(delays_s, 1):
        stretch.heard(0.05 * k, 1000.0 + 0.05 * k + delay_s)
    assert stretch.zero_s == pytest.approx(1000.0 + min(delays_s), abs=1e-9)


def test_a_stretch_is_settled_a_while_after_its_first_piece():
    stretch = Stretch()
    assert not stretch.settled(9.0)
    stretch.heard(0.05, 10.0)
    stretch.heard(0.10, 10.1)
    assert not stretch.settled(10.0 + 0.99 * SETTLE_S)
    assert stretch.settled(10.0 + SETTLE_S)
