"""EDF and BDF files, with the annotations of EDF+ and BDF+ as events. Reads with edfio (extra ``edf``)."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from glutebal.errors import FileFormatError, MissingExtraError
from glutebal.ingest.assemble import recording_of
from glutebal.ingest.columnmap import ColumnMap
from glutebal.ingest.columns import Column
from glutebal.model import Event, Recording


def read_edf(path: Path, chart: ColumnMap | None = None) -> Recording:
    """Read an EDF(+) or BDF(+) file. The patient's name in the header is not read.

    Raises
    ------
    FileFormatError
        Truncated, damaged, or with breaks (EDF+D), whose times the library that reads it does not give.
    MissingExtraError
        edfio is not installed.
    """
    _require_whole(path)
    edf = _opened(path)
    columns = [
        Column(s.label, np.asarray(s.data, dtype=np.float64), float(s.sampling_frequency), s.physical_dimension, i)
        for i, s in enumerate(edf.signals, 1)
    ]
    events = tuple(sorted((Event(float(a.onset), str(a.text)) for a in edf.annotations), key=lambda e: e.time_s))
    return recording_of(columns, path.name, chart, events=events, started=_started(edf))


def _opened(path: Path) -> Any:
    try:
        import edfio
    except ImportError as error:
        raise MissingExtraError.of("edf", "edfio", "read EDF and BDF files") from error
    reader = edfio.read_bdf if path.suffix.lower() == ".bdf" else edfio.read_edf
    try:
        return reader(path)
    except Exception as error:
        raise FileFormatError("an undamaged EDF or BDF file", str(error), path.name, "another copy") from error


def _started(edf: Any) -> datetime | None:
    try:
        return datetime.combine(edf.startdate, edf.starttime)
    except (ValueError, AttributeError):  # an anonymised start date
        return None


def _require_whole(path: Path) -> None:
    """The header's number of records and their size against the size of the file (Kemp and Olivan, 2003)."""
    try:
        with path.open("rb") as file:
            head = file.read(256)
            n_signals = int(head[252:256])
            per_record = file.read(256 * n_signals)[216 * n_signals : 224 * n_signals]
        samples = sum(int(per_record[8 * i : 8 * i + 8]) for i in range(n_signals))
        n_bytes, n_records = int(head[184:192]), int(head[236:244])
    except ValueError as error:
        raise FileFormatError("a whole EDF header", str(error), path.name, "another copy") from error
    if head[192:197] in {b"EDF+D", b"BDF+D"}:
        raise FileFormatError(
            "a recording without breaks", "a discontinuous file (EDF+D)", path.name, "export each part by itself"
        )
    needed = n_bytes + max(n_records, 0) * samples * (3 if path.suffix.lower() == ".bdf" else 2)
    if path.stat().st_size < needed:
        raise FileFormatError(
            f"the {needed:,} bytes that the header announces",
            f"a file cut off at {path.stat().st_size:,} bytes",
            path.name,
            "another copy",
        )
