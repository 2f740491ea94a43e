"""The library's own file, `.glutebal`: a recording, lossless, the same bytes every time.

A zip archive with fixed time stamps: ``recording.json`` holds everything but the samples, ``track_0000.npy`` the
samples of the first track with its gaps closed up (float64, little-endian), and so on. Saving writes a temporary
file beside the target and moves it into place, so a failed save leaves the old file as it was.
"""

from __future__ import annotations

import io
import math
import zipfile
import zlib
from datetime import datetime
from pathlib import Path

import msgspec
import numpy as np

from glutebal.disk import write_whole
from glutebal.errors import FileFormatError, GlutebalError, InputError
from glutebal.ingest.columnmap import ColumnMap
from glutebal.model import Channel, Chunk, Event, Quantity, Recording, Samples, Side, TimeAlignment, Track

SUFFIX = ".glutebal"
FORMAT = "glutebal recording"
VERSION = 1
_EPOCH = (1980, 1, 1, 0, 0, 0)


class _Record(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A record that refuses fields it does not know."""


class _Track(_Record, frozen=True, forbid_unknown_fields=True):
    quantity: str
    side: str | None
    site: str
    rate_hz: float
    device: str
    axis: str
    label: str
    origin: str
    starts: list[int]
    sizes: list[int]


class _Event(_Record, frozen=True, forbid_unknown_fields=True):
    time_s: float
    name: str
    side: str | None


class _Alignment(_Record, frozen=True, forbid_unknown_fields=True):
    method: str
    offset_s: float
    uncertainty_s: float | None  # None: infinite


class _Recording(_Record, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    format: str
    version: int
    started: str | None
    subject: str | None
    exercise: str | None
    load_kg: float | None
    notes: str
    source: str
    history: list[str]
    warnings: list[str]
    events: list[_Event]
    tracks: list[_Track]
    alignment: _Alignment | None = None


class _Version(msgspec.Struct):
    format: str
    version: int


def save(recording: Recording, path: str | Path) -> Path:
    """Write a recording; loaded again it is equal (``==``). Equal recordings make equal bytes.

    Parameters
    ----------
    recording : Recording
    path : str or Path
        Ends in ``.glutebal``.

    Returns
    -------
    Path
        Where it was written.

    Raises
    ------
    InputError
        Another ending, or a folder that is not there.
    """
    target = Path(path)
    if target.suffix.lower() != SUFFIX:
        raise InputError(f"a file name that ends in {SUFFIX}", repr(target.name), "save", f"{target.stem}{SUFFIX}")
    if not target.parent.is_dir() or target.is_dir():
        raise InputError("a folder to write in and a file name", f"{target}", "save")
    return write_whole(target, _archive(recording))


def _archive(recording: Recording) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        _add(archive, "recording.json", msgspec.json.format(msgspec.json.encode(_described(recording)), indent=1))
        for i, track in enumerate(recording.tracks):
            array = io.BytesIO()
            np.lib.format.write_array(array, track.values().astype("<f8"), version=(1, 0), allow_pickle=False)
            _add(archive, _array_name(i), array.getvalue())
    return buffer.getvalue()


def _add(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    entry = zipfile.ZipInfo(name, _EPOCH)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.create_system = 3  # one value on every system: the bytes must not depend on where they were written
    entry.external_attr = 0o644 << 16
    archive.writestr(entry, data, compresslevel=6)


def _array_name(i: int) -> str:
    return f"track_{i:04d}.npy"


def _described(recording: Recording) -> _Recording:
    return _Recording(
        format=FORMAT,
        version=VERSION,
        started=recording.started.isoformat() if recording.started else None,
        subject=recording.subject,
        exercise=recording.exercise,
        load_kg=None if recording.load_kg is None else float(recording.load_kg),
        notes=recording.notes,
        source=recording.source,
        history=list(recording.history),
        warnings=list(recording.warnings),
        events=[_Event(float(e.time_s), e.name, e.side.value if e.side else None) for e in recording.events],
        tracks=[_track(t) for t in recording.tracks],
        alignment=_alignment(recording.alignment) if recording.alignment else None,
    )


def _alignment(alignment: TimeAlignment) -> _Alignment:
    known = math.isfinite(alignment.uncertainty_s)
    uncertainty_s = float(alignment.uncertainty_s) if known else None
    return _Alignment(alignment.method, float(alignment.offset_s), uncertainty_s)


def _time_alignment(d: _Alignment) -> TimeAlignment:
    return TimeAlignment(d.method, d.offset_s, math.inf if d.uncertainty_s is None else d.uncertainty_s)


def _track(track: Track) -> _Track:
    c = track.channel
    starts, sizes = [k.start for k in track.chunks], [int(k.samples.size) for k in track.chunks]
    side = c.side.value if c.side else None
    return _Track(c.quantity.name, side, c.site, float(c.rate_hz), c.device, c.axis, c.label, c.origin, starts, sizes)


def read_native(path: Path, chart: ColumnMap | None = None) -> Recording:
    """Read a file that `save` wrote; it knows its channels and takes no map.

    Raises
    ------
    FileFormatError
        Not such a file, damaged or truncated, or of a newer version of the library.
    InputError
        A map was given.
    """
    if chart is not None and chart != ColumnMap(rate_hz=chart.rate_hz):
        raise InputError(f"no map for a {SUFFIX} file", "a map", path.name, "map the file that it was made from")
    try:
        with zipfile.ZipFile(path) as archive:
            described = _checked(archive.read("recording.json"), path.name)
            tracks = tuple(_loaded(archive, i, t) for i, t in enumerate(described.tracks))
            return _recording(described, tracks)
    except FileFormatError:
        raise
    except (
        zipfile.BadZipFile, zlib.error, msgspec.MsgspecError, GlutebalError,
        KeyError, ValueError, EOFError, MemoryError, NotImplementedError, RuntimeError,
    ) as error:  # fmt: skip
        raise FileFormatError(
            f"an undamaged {SUFFIX} file",
            str(error) or type(error).__name__,
            path.name,
            "another copy, or the source file",
        ) from error


def _checked(data: bytes, where: str) -> _Recording:
    written = msgspec.json.decode(data, type=_Version)
    if written.format != FORMAT or written.version > VERSION:
        raise FileFormatError(
            f"a {FORMAT} of version {VERSION} or older",
            f"{written.format} version {written.version}",
            where,
            "pip install --upgrade glutebal",
        )
    return msgspec.json.decode(data, type=_Recording)


def _loaded(archive: zipfile.ZipFile, i: int, described: _Track) -> Track:
    with archive.open(_array_name(i)) as file:
        values = np.lib.format.read_array(io.BytesIO(file.read()), allow_pickle=False)
    if (
        values.dtype != np.dtype("<f8")
        or values.shape != (sum(described.sizes),)
        or len(described.starts) != len(described.sizes)
    ):
        raise ValueError(f"{_array_name(i)} does not fit its description")
    d = described
    side = Side(d.side) if d.side is not None else None
    channel = Channel(Quantity[d.quantity], side, d.site, d.rate_hz, d.device, d.axis, d.label, d.origin)
    return Track(channel, _chunks(channel, d, values))


def _chunks(channel: Channel, described: _Track, values: Samples) -> tuple[Chunk, ...]:
    cuts = np.cumsum([0, *described.sizes])
    pieces = zip(described.starts, cuts, cuts[1:], strict=False)
    return tuple(Chunk(channel, start, values[a:b]) for start, a, b in pieces)


def _recording(d: _Recording, tracks: tuple[Track, ...]) -> Recording:
    return Recording(
        tracks=tracks,
        started=datetime.fromisoformat(d.started) if d.started is not None else None,
        subject=d.subject,
        exercise=d.exercise,
        load_kg=d.load_kg,
        notes=d.notes,
        events=tuple(Event(e.time_s, e.name, Side(e.side) if e.side is not None else None) for e in d.events),
        source=d.source,
        history=tuple(d.history),
        warnings=tuple(d.warnings),
        alignment=_time_alignment(d.alignment) if d.alignment else None,
    )
