"""MATLAB files: scipy reads versions 4 to 7.2, pymatreader (extra ``mat``) reads 7.3.

Variables have no units and rarely a rate, so a map says what they are. Names are flattened: the second column of
``acc`` in the structure ``foot_left`` is ``"foot_left.acc[2]"``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from glutebal.errors import FileFormatError, InputError, MissingExtraError
from glutebal.ingest.assemble import recording_of
from glutebal.ingest.columnmap import ColumnMap
from glutebal.ingest.columns import Column
from glutebal.ingest.timebase import TimeBase, time_base
from glutebal.model import Recording, Samples


def read_mat(path: Path, chart: ColumnMap | None = None) -> Recording:
    """Read a MATLAB file; ``time`` or ``rate_from`` in the map name the variables of time or rate.

    Raises
    ------
    FileFormatError
        Damaged, or without arrays of numbers.
    MissingExtraError
        A version 7.3 file, and pymatreader is not installed.
    """
    chart = chart or ColumnMap()
    found = dict(_flattened("", _variables(path)))
    vectors = {name: values for name, values in found.items() if values.size > 1}
    if not vectors:
        raise FileFormatError("arrays of numbers", f"{len(found)} variables, none of them", path.name)
    base, rate_hz = _clock(found, chart, path.name)
    columns = [
        _column(i, name, vectors[name], base, rate_hz) for i, name in enumerate(vectors, 1) if name != chart.time
    ]
    return recording_of(columns, path.name, chart)


def _variables(path: Path) -> Mapping[str, Any]:
    from scipy.io import loadmat

    try:
        return {k: v for k, v in loadmat(path, simplify_cells=True).items() if not k.startswith("__")}
    except NotImplementedError:
        return _variables_of_7_3(path)
    except Exception as error:
        found = str(error) or type(error).__name__
        raise FileFormatError("an undamaged MATLAB file", found, path.name, "save it again with -v7") from error


def _variables_of_7_3(path: Path) -> Mapping[str, Any]:
    try:
        import pymatreader
    except ImportError as error:
        raise MissingExtraError.of("mat", "pymatreader", "read MATLAB 7.3 files") from error
    try:
        return {k: v for k, v in pymatreader.read_mat(str(path)).items() if not k.startswith("__")}
    except Exception as error:
        raise FileFormatError(
            "an undamaged MATLAB 7.3 file", str(error), path.name, "save it again with -v7"
        ) from error


def _flattened(name: str, value: Any) -> Iterator[tuple[str, Samples]]:
    """Every column of every numeric array in nested structures, with its path as the name."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _flattened(f"{name}.{key}" if name else str(key), inner)
    elif isinstance(value, list) or (isinstance(value, np.ndarray) and value.dtype == object):
        for i, inner in enumerate(value, 1):
            yield from _flattened(f"{name}[{i}]", inner)
    elif isinstance(value, (int, float, np.ndarray, np.number)) and np.asarray(value).dtype.kind in "fiu":
        array = np.asarray(value, dtype=np.float64)
        if array.ndim <= 1:
            yield name, array.reshape(-1)
        elif array.ndim == 2:
            tall = array if array.shape[0] >= array.shape[1] else array.T
            yield from ((f"{name}[{k + 1}]", tall[:, k]) for k in range(tall.shape[1]))


def _clock(found: Mapping[str, Samples], chart: ColumnMap, source: str) -> tuple[TimeBase | None, float | None]:
    for wanted in (chart.time, chart.rate_from):
        if wanted is not None and wanted not in found:
            raise InputError(
                f"the variable {wanted!r} that the map names", f"the variables {', '.join(list(found)[:40])}", source
            )
    if chart.time is not None:
        return time_base(found[str(chart.time)], f"{source}, {chart.time}"), None
    return None, float(found[chart.rate_from][0]) if chart.rate_from is not None else None


def _column(i: int, name: str, values: Samples, base: TimeBase | None, rate_hz: float | None) -> Column:
    if base is not None and (base.index is None or base.index.size == values.size):
        return Column(name, base.placed(values), base.rate_hz, position=i)
    return Column(name, values, rate_hz, position=i)
