"""Lost radio packets that an insole's software filled in: zeros in the total that were never measured.

loadsol writes a lost packet as 11 or 12 samples (55 or 60 ms at 200 Hz; a packet of 11, and one sample of its
neighbour) in which every part of the insole reads −1, the total reads 0 and the motion columns read "-". A part
cannot be negative, so −1 is a mark, whatever the load beside it. Older exports fill with plain zeros; these are told
from a swing phase by their edges: the load falls from above 20 N to exactly 0 from one sample to the next, comes
back above 20 N as suddenly, and the run is no longer than 0.1 s. A swing phase lasts 0.3 s or more and is entered and
left through small values.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from glutebal.ingest.columns import Column
from glutebal.ingest.units import spelling

LOST = -1.0
LOADED_N = 20.0
LONGEST_S = 0.1


def without_dropouts(columns: Sequence[Column]) -> tuple[list[Column], list[str]]:
    """The columns with NaN where packets were lost, and one sentence per insole that lost some.

    Columns of one device (``PGV247-L``, ``PGV247-L::heel`` ...) lose the same samples.
    """
    history, mended = [], {}
    for name, insole in _insoles(columns).items():
        lost = dropouts(np.stack([c.samples for c in insole]), insole[0].rate_hz or 200.0)
        runs = np.count_nonzero(np.diff(np.concatenate([[0], lost.astype(int)])) == 1)
        if runs:
            history.append(f"{runs} lost packets of the insole {name} ({np.count_nonzero(lost)} samples) became gaps")
        mended.update({c.position: replace(c, samples=np.where(lost, np.nan, c.samples)) for c in insole})
    return [_described(mended.get(c.position, c)) for c in columns], history


def dropouts(parts: NDArray[np.float64], rate_hz: float) -> NDArray[np.bool_]:
    """Which samples of an insole were never measured; ``parts`` in N, shape (n_columns, n), the total among them."""
    marked = (parts == LOST).any(axis=0)
    load = np.max(parts, axis=0)
    zero = np.concatenate([[False], (parts == 0).all(axis=0), [False]])
    filled = np.zeros(parts.shape[1], dtype=bool)
    for start, stop in np.flatnonzero(zero[1:] != zero[:-1]).reshape(-1, 2):
        inside = start > 0 and stop < load.size
        if inside and min(load[start - 1], load[stop]) > LOADED_N and stop - start <= LONGEST_S * rate_hz:
            filled[start:stop] = True
    return np.asarray(marked | filled)


def _device(column: Column) -> str:
    return column.label.partition("::")[0]


def _insoles(columns: Sequence[Column]) -> dict[str, list[Column]]:
    """Device name → its force columns."""
    found: dict[str, list[Column]] = {}
    for column in columns:
        if column.label and spelling(column.unit) == "N":
            found.setdefault(_device(column), []).append(column)
    return found


def _described(column: Column) -> Column:
    """With the device's name; an insole lies under a foot, and its letter names the side."""
    return replace(column, device=_device(column))
