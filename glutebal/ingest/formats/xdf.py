"""XDF files of Lab Streaming Layer: several streams, each with its own clock. Reads with pyxdf (extra ``lsl``).

Clock offsets are applied and resets of a clock make segments; between segments nothing was recorded. The rate is the
one the time stamps have, not the nominal one. Streams of text become events. Envelopes, which `glutebal live` sends
beside the signals they are made of, are left out.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from glutebal.errors import FileFormatError, MissingExtraError
from glutebal.ingest.assemble import recording_of
from glutebal.ingest.columnmap import ColumnMap
from glutebal.ingest.columns import Column
from glutebal.ingest.timebase import whole_if_near
from glutebal.model import Event, Recording, Samples

LONGEST_GAP_S = 6 * 3600.0


def read_xdf(path: Path, chart: ColumnMap | None = None) -> Recording:
    """Read an XDF file. In a map a column is ``"stream: channel"``, or ``"stream: 1"`` where channels have no labels.

    Raises
    ------
    FileFormatError
        Truncated, damaged, or without a stream of numbers.
    MissingExtraError
        pyxdf is not installed.
    """
    streams = _streams(path)
    numeric = [s for s in streams if _is_signal(s)]
    if not numeric:
        raise FileFormatError(
            "a stream of numbers at a regular rate", f"{len(streams)} streams, none of them", path.name
        )
    zero = min(float(s["time_stamps"][0]) for s in numeric)
    columns: list[Column] = []
    for stream in numeric:
        columns += _columns(stream, zero, len(columns), path.name)
    resets = [
        f"{_text(s, 'name')}: {len(s['info']['segments'])} segments" for s in numeric if len(s["info"]["segments"]) > 1
    ]
    uneven = [w for s in numeric if (w := _unevenness(s))]
    history = [f"between segments nothing was recorded ({', '.join(resets)})"] if resets else []
    return recording_of(columns, path.name, chart, history, uneven, events=_events(streams, zero))


def _streams(path: Path) -> Sequence[Mapping[str, Any]]:
    try:
        import pyxdf
    except ImportError as error:
        raise MissingExtraError.of("lsl", "pyxdf", "read XDF files") from error
    logging.getLogger("pyxdf").setLevel(logging.CRITICAL)  # it reports on what is said here in one sentence
    try:
        streams: Sequence[Mapping[str, Any]] = pyxdf.load_xdf(str(path))[0]
    except Exception as error:
        raise FileFormatError(
            "an undamaged XDF file", str(error) or type(error).__name__, path.name, "another copy"
        ) from error
    return streams


def _text(stream: Mapping[str, Any], field: str) -> str:
    return str((stream["info"].get(field) or [""])[0] or "")


def _is_signal(stream: Mapping[str, Any]) -> bool:
    rate = float(_text(stream, "nominal_srate") or 0)
    measured = rate > 0 and _text(stream, "type") != "Envelope"
    return measured and isinstance(stream["time_series"], np.ndarray) and len(stream["time_stamps"]) > 1


def _columns(stream: Mapping[str, Any], zero: float, before: int, source: str) -> list[Column]:
    values, start, rate_hz = _on_grid(stream, zero, f"{source}, stream {_text(stream, 'name')!r}")
    name, described = _text(stream, "name"), _described(stream)
    columns = []
    for i in range(values.shape[1]):
        channel = described[i] if i < len(described) else {}
        label = f"{name}: {(channel.get('label') or [str(i + 1)])[0]}"
        unit = str((channel.get("unit") or [""])[0] or "")
        columns.append(
            Column(label, values[:, i], rate_hz, unit, before + i + 1, start, device=_text(stream, "source_id"))
        )
    return columns


def _described(stream: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The channels of the stream's description, which may be missing at every level."""
    description = (stream["info"].get("desc") or [None])[0] or {}
    channels = (description.get("channels") or [None])[0] or {}
    return list(channels.get("channel") or [])


def _unevenness(stream: Mapping[str, Any]) -> str:
    """A sentence if the segments ran at different rates, so that one rate misplaces samples by more than 20 ms."""
    stamps = np.asarray(stream["time_stamps"], dtype=float)
    spans = [(b - a, stamps[b] - stamps[a]) for a, b in stream["info"].get("segments") or [] if b > a]
    pooled = sum(n for n, _ in spans) / sum(s for _, s in spans) if spans else 1.0
    worst = max((abs(n / pooled - s) for n, s in spans), default=0.0)
    rates = ", ".join(f"{n / s:.2f}" for n, s in spans)
    return (
        f"{_text(stream, 'name')} ran at {rates} Hz: times in it are off by up to {worst:.2f} s" if worst > 0.02 else ""
    )


def _on_grid(stream: Mapping[str, Any], zero: float, where: str) -> tuple[Samples, int, float]:
    """Values on one regular grid, NaN between segments, shape (n, n_channels); first index; rate."""
    stamps = np.asarray(stream["time_stamps"], dtype=float)
    segments = stream["info"].get("segments") or [(0, stamps.size - 1)]
    steps = sum(b - a for a, b in segments)
    rate_hz = (
        whole_if_near(steps / sum(stamps[b] - stamps[a] for a, b in segments))
        if steps
        else float(_text(stream, "nominal_srate"))
    )
    firsts = [round((stamps[a] - zero) * rate_hz) for a, _ in segments]
    stops = [first + b - a + 1 for first, (a, b) in zip(firsts, segments, strict=True)]
    jumps = [later - stop for later, stop in zip(firsts[1:], stops, strict=False)]
    if any(j < -1 or j > LONGEST_GAP_S * rate_hz for j in jumps):
        raise FileFormatError(
            "segments in the order of their time stamps", f"jumps of {[j / rate_hz for j in jumps]} s", where
        )
    grid = np.full((stops[-1] - firsts[0], np.shape(stream["time_series"])[1]), np.nan)
    for first, stop, (a, b) in zip(firsts, stops, segments, strict=True):
        grid[first - firsts[0] : stop - firsts[0]] = np.asarray(stream["time_series"][a : b + 1], dtype=np.float64)
    return grid, firsts[0], rate_hz


def _events(streams: Sequence[Mapping[str, Any]], zero: float) -> tuple[Event, ...]:
    texts = [s for s in streams if not isinstance(s["time_series"], np.ndarray)]
    found = [
        Event(float(t) - zero, str(row[0]))
        for s in texts
        for t, row in zip(s["time_stamps"], s["time_series"], strict=True)
    ]
    return tuple(sorted(found, key=lambda e: e.time_s))
