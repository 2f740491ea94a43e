"""Bars in characters: the share of the sides, paired bars of reps, a moving line of activity.

Pure functions from numbers to rows of spans; a span is a text with its ink. A side is told by its letter and by its
pattern, never by its ink alone. Unknown numbers leave a mark of their own, not a bar of length 0.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from enum import Enum
from operator import itemgetter

import numpy as np

from glutebal.model import Bilateral, Samples, Side
from glutebal.results import Estimate

EIGHTHS = " ▁▂▃▄▅▆▇█"
FILLED = Bilateral("█", "▒")
LETTER = Bilateral("L", "R")
UNKNOWN = "·"


class Ink(Enum):
    """What a text is for; the screen knows how that looks."""

    PLAIN = "plain"
    LEFT = "left"
    RIGHT = "right"
    DIM = "dim"
    STRONG = "strong"
    DOUBT = "doubt"
    BAD = "bad"
    KEY = "key"


Span = tuple[str, Ink]
Row = tuple[Span, ...]
INKS = Bilateral(Ink.LEFT, Ink.RIGHT)


def right_share(log_ratio: float) -> float:
    """The right side's part of both, in [0, 1], of λ = ln(R/L); NaN when λ is."""
    return 1 / (1 + math.exp(-log_ratio)) if math.isfinite(log_ratio) else math.nan


def share_rows(log_ratio: Estimate | None, width: int) -> tuple[Row, Row]:
    """The bar of the shares, ``L 46 % ███│▒▒▒▒ 54 % R``, and under it the middle and the interval.

    Parameters
    ----------
    log_ratio : Estimate or None
        λ = ln(R/L).
    width : int
        Characters of a row, at least 40.
    """
    share = right_share(log_ratio.value) if log_ratio else math.nan
    cells = width - 16
    ends = Bilateral(*(_end(side, share) for side in Side))
    bar: Row = ((UNKNOWN * cells, Ink.DIM),)
    if math.isfinite(share):
        lefts = round((1 - share) * cells)
        bar = ((FILLED.left * lefts, Ink.LEFT), (FILLED.right * (cells - lefts), Ink.RIGHT))
    return (ends.left, *bar, ends.right), ((" " * 8, Ink.PLAIN), *_ruler(log_ratio, cells))


def _end(side: Side, share: float) -> Span:
    part = share if side is Side.RIGHT else 1 - share
    number = f"{100 * part:3.0f} %" if math.isfinite(part) else "  – %"
    text = f"L{number}  " if side is Side.LEFT else f" {number} R"
    return f"{text:<8}" if side is Side.LEFT else f"{text:>8}", INKS[side]


def _ruler(log_ratio: Estimate | None, cells: int) -> Row:
    marks = [" "] * cells
    if log_ratio and math.isfinite(log_ratio.low) and math.isfinite(log_ratio.high):
        # the bar has the left side on the left: a larger right share ends further left
        first, last = (min(cells - 1, int((1 - right_share(x)) * cells)) for x in (log_ratio.high, log_ratio.low))
        marks[first : last + 1] = "─" * (last + 1 - first)
        marks[first], marks[last] = "├", "┤"
    middle = cells // 2
    marks[middle] = "┼" if marks[middle] != " " else "╵"
    if not "".join(marks[middle + 1 : middle + 7]).strip():
        marks[middle + 1 : middle + 7] = " 50 % "
    return (("".join(marks), Ink.DIM),)


def rep_columns(sides: Sequence[Bilateral[float]], height: int, top: float) -> list[list[Bilateral[str]]]:
    """Rows from the top, each with one pair of characters per rep: how full that cell is.

    Parameters
    ----------
    sides : sequence of Bilateral of float
        NaN where a side has no value.
    height : int
        Rows.
    top : float
        The value that fills a column, > 0.
    """
    filled = [pair.map(lambda value: _column(value / top, height)) for pair in sides]
    return [[pair.map(itemgetter(row)) for pair in filled] for row in range(height)]


def _column(part: float, height: int) -> str:
    """The cells of one column from the top."""
    if not math.isfinite(part):
        return " " * (height - 1) + UNKNOWN
    filled = round(8 * height * min(max(part, 0.0), 1.0))
    return "".join(EIGHTHS[min(max(filled - 8 * below, 0), 8)] for below in range(height - 1, -1, -1))


def activity_rows(values: Samples, top: float, height: int) -> list[str]:
    """A line of columns, one per value, as ``height`` texts from the top; NaN is a dot at the bottom.

    Parameters
    ----------
    values : ndarray, shape (n,)
    top : float
        The value that fills a column.
    height : int
    """
    known = np.isfinite(values)
    parts = np.clip(np.where(known, values, 0.0) / top, 0, 1) if top > 0 else np.zeros(values.shape)
    eighths = np.round(8 * height * parts).astype(int)
    rows = []
    for from_below in range(height - 1, -1, -1):
        filled = np.clip(eighths - 8 * from_below, 0, 8)
        floor = UNKNOWN if from_below == 0 else " "
        rows.append("".join(EIGHTHS[f] if k else floor for f, k in zip(filled.tolist(), known.tolist(), strict=True)))
    return rows


def binned(values: Samples, start: int, columns: int, per_column: int) -> Samples:
    """The largest value of every ``per_column`` rows, the newest last, shape (columns, 2); NaN where nothing is known.

    Bins lie on multiples of ``per_column`` since the beginning, so that a column keeps its height as it moves.

    Parameters
    ----------
    values : ndarray, shape (n, 2)
    start : int
        Number of the first row since the beginning.
    columns, per_column : int
    """
    first = -(-(start + len(values)) // per_column) - columns
    padded = np.full((columns * per_column, 2), np.nan)
    into = start - first * per_column
    rows = values[max(-into, 0) : max(len(padded) - into, 0)]
    padded[max(into, 0) : max(into, 0) + len(rows)] = rows
    bins = padded.reshape(columns, per_column, 2)
    found = np.where(np.isfinite(bins), bins, -np.inf).max(axis=1)
    return np.where(np.isneginf(found), np.nan, found)
