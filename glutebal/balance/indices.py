"""Asymmetry indices by name, as views of one log ratio or of the two sides.

One and the same pair of sides is 5.3 in d, 10 in BSA, 10.5 in SI and 3.3 in SA, so a number without the name of its
index means nothing: a threshold is stated with it, and `convert` carries it over.

::

    L, R ──log_ratio──▶ λ ──Index.of_log_ratio──▶ any index of two positive values
      └────────────────────────Index.of_sides───▶ the same, and also when one side is 0
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import overload

import numpy as np

from glutebal.balance.catalogue import CATALOGUE, Index
from glutebal.balance.ratio import Values, imbalance, log_ratio, log_ratio_of, share_right
from glutebal.errors import InputError, UnknownNameError
from glutebal.model import Samples

__all__ = ["INDICES", "Index", "convert", "imbalance", "index", "log_ratio", "log_ratio_of", "share_right"]

#: Every index of the catalogue by its id.
INDICES: Mapping[str, Index] = MappingProxyType({entry.id: entry for entry in CATALOGUE})


def _key(name: str) -> str:
    return "".join(c for c in name.casefold() if c.isalnum())


def index(name: str) -> Index:
    """The index of that id; capitals, hyphens and underscores do not matter.

    Raises
    ------
    UnknownNameError
        No such index; the message lists what there is.

    Examples
    --------
    >>> round(index("SA").of_sides(20.0, 25.0), 4)
    7.0447
    """
    for entry in CATALOGUE:
        if _key(entry.id) == _key(name):
            return entry
    raise UnknownNameError.among("index", name, INDICES)


@overload
def convert(value: float, source: str, target: str) -> float: ...
@overload
def convert(value: Values, source: str, target: str) -> Samples: ...
def convert(value: float | Values, source: str, target: str) -> float | Samples:
    """Say a value or threshold of one index in another, through λ.

    Parameters
    ----------
    value : float or array_like
        In units of ``source``. Outside its range: NaN.
    source, target : str
        Ids in `INDICES`. A source without a sign is read as "right larger", so a signed target is its magnitude.

    Raises
    ------
    UnknownNameError
        No such index.
    InputError
        One of the two is not a function of the ratio alone (wUSI, NSI).

    Examples
    --------
    >>> round(convert(10.0, "BSA", "BAI-1"), 3)
    5.263
    """
    start, end = index(source), index(target)
    if start.log_ratio_of is None or end.of_log_ratio is None:
        one_sided = start.id if start.log_ratio_of is None else end.id
        raise InputError("indices that are functions of the ratio of the sides", one_sided, "convert")
    values = np.asarray(value, dtype=np.float64)
    inside = np.where((values >= start.low) & (values <= start.high), values, np.nan)
    out = end.of_log_ratio(start.log_ratio_of(inside))
    return float(out) if np.ndim(out) == 0 else out
