"""Columns of numbers under headings, put on the clocks of the time columns beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from glutebal.ingest.columns import Column
from glutebal.ingest.timebase import TimeBase, time_base


@dataclass(frozen=True)
class Heading:
    """What stands above the numbers of one column; ``seconds`` is set for a time column."""

    position: int
    label: str
    unit: str
    rate_hz: float | None
    seconds: float | None


def on_their_clocks(
    headings: Sequence[Heading], table: dict[int, NDArray[np.float64]], source: str
) -> tuple[list[Column], list[str]]:
    """The value columns on the grids of their time columns, and what was noticed about the clocks.

    Every column belongs to the nearest time column on its left (or to the first one, if there is none).
    """
    bases = {
        h.position: time_base(
            table[h.position] * h.seconds, f"{source}, column {h.position} ({h.label})", _declared(headings, h)
        )
        for h in headings
        if h.seconds
    }
    zero = min((b.start_s for b in bases.values()), default=0.0)
    columns = []
    for heading in headings:
        if heading.position not in table or heading.seconds:
            continue
        clock = max((p for p in bases if p < heading.position), default=min(bases, default=None))
        columns.append(_column(heading, table[heading.position], bases[clock] if clock else None, zero))
    history = [f"the file's time starts at {zero:g} s; that is the session's zero"] if zero else []
    jumps = {p: b for p, b in bases.items() if b.index is not None}
    history += [f"missing rows of the time column {p} became gaps" for p in jumps]
    return columns, history


def _declared(headings: Sequence[Heading], time: Heading) -> float | None:
    """The rate written above the first column after a time column."""
    return next((h.rate_hz for h in headings if h.position >= time.position and h.rate_hz), None)


def _column(heading: Heading, values: NDArray[np.float64], base: TimeBase | None, zero_s: float) -> Column:
    if base is None:
        return Column(heading.label, values, heading.rate_hz, heading.unit, heading.position)
    start = round((base.start_s - zero_s) * base.rate_hz)
    return Column(heading.label, base.placed(values), base.rate_hz, heading.unit, heading.position, start)
