"""From a column of times to a sampling rate and the integer sample that each row is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from glutebal.errors import RateError
from glutebal.model import Samples

JITTER = 1.5  # samples: loadsol writes a time twice and jumps two steps, 1 sample off; rounding adds half
SNAP = 2e-5  # relative: a rate this close to a whole number is that number (2148.1481 Hz is 7e-5 from 2148)


@dataclass(frozen=True)
class TimeBase:
    """``start_s`` of the first row, the rate, and the sample index of every row when rows are missing."""

    start_s: float
    rate_hz: float
    index: NDArray[np.int64] | None = None

    def placed(self, values: Samples) -> Samples:
        """The values on the regular grid, NaN where a row is missing; shape (n_rows,) → (n_grid,)."""
        if self.index is None:
            return values
        grid = np.full(int(self.index[-1]) + 1, np.nan)
        grid[self.index] = values[: self.index.size]
        return grid


def time_base(times: Samples, where: str, declared_hz: float | None = None) -> TimeBase:
    """The time base of a column of seconds, shape (n,); missing times at the end are allowed.

    Rows are regular when every time is within 1.5 samples of an even spacing. Jumps forward become gaps.

    Raises
    ------
    RateError
        Fewer than two times, times that run backwards, or times that fit no rate.
    """
    found = times[np.isfinite(times)]
    if found.size < 2 or found[-1] <= found[0]:
        raise RateError("a time column with at least two rising times", f"{found.size} times", where)
    even = (found.size - 1) / (found[-1] - found[0])
    if _fits(found, even):
        return TimeBase(float(found[0]), _chosen(even, declared_hz))
    return _with_gaps(found, where, declared_hz)


def _fits(times: Samples, rate_hz: float) -> bool:
    expected = times[0] + np.arange(times.size) / rate_hz
    return bool(np.max(np.abs(times - expected)) * rate_hz <= JITTER)


def _with_gaps(times: Samples, where: str, declared_hz: float | None) -> TimeBase:
    steps = np.diff(times)
    period = float(np.median(steps))
    if np.min(steps) <= 0 or period <= 0:
        row = int(np.argmin(steps)) + 2
        raise RateError(
            "times that rise from row to row", f"{times[row - 1]:g} s after {times[row - 2]:g} s in row {row}", where
        )
    regular = steps[steps < 1.5 * period]
    rate_hz = _chosen(1 / float(np.mean(regular)), declared_hz)
    position = (times - times[0]) * rate_hz
    index = np.rint(position).astype(np.int64)
    if (
        regular.size < 0.9 * steps.size
        or np.max(np.abs(steps[steps < 1.5 * period] * rate_hz - 1)) > 0.5
        or np.any(np.diff(index) <= 0)
    ):
        raise RateError(
            "evenly spaced times, with or without gaps",
            f"steps from {np.min(steps):g} to {np.max(steps):g} s",
            where,
            "resample to one rate before reading, or give rate_hz in a map and leave the time column out",
        )
    return TimeBase(float(times[0]), rate_hz, index)


def _chosen(measured_hz: float, declared_hz: float | None) -> float:
    """The declared rate if the times bear it out within 1 %, else the measured one, snapped to a whole number."""
    if declared_hz is not None and abs(declared_hz - measured_hz) <= 0.01 * measured_hz:
        return float(declared_hz)
    return whole_if_near(measured_hz)


def whole_if_near(rate_hz: float) -> float:
    """The rate, or the whole number it is within 2e-5 of."""
    whole = round(rate_hz)
    return float(whole) if whole and abs(rate_hz - whole) <= SNAP * rate_hz else float(rate_hz)
