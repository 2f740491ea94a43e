"""One recorded stretch: a set, a guided step, or what lies between; packets or chunks in, a recording out.

::

    packets: log on disk ▸ session ▸ live grid ▸ chunks
    chunks of a recording: as they are
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from glutebal.ingest.arrivals import Happening, Notice, Packet, Record
from glutebal.ingest.header import Header, Mark
from glutebal.ingest.live_grid import LiveGrid
from glutebal.ingest.packets import PacketLog
from glutebal.ingest.session import Session
from glutebal.live.log_writing import LogWriting
from glutebal.model import Chunk, Recording, Side, Track


@dataclass(frozen=True)
class Batch:
    """What arrived together: ``at_s`` seconds after the hall opened, on the clock of the arrivals."""

    at_s: float
    records: Sequence[Record] = ()
    chunks: Sequence[Chunk] = ()


class Take(Protocol):
    """One recorded stretch while it is recorded."""

    path: Path | None
    troubles: list[str]
    zero_s: float  # of the clock of its chunks, on the hall's clock

    def put(self, batch: Batch) -> list[Chunk]:
        """Take a batch; the chunks that it completed, on the clock of this stretch."""

    def mark(self, at_s: float, name: str, side: Side | None = None) -> None:
        """Note an event at a moment of the hall's clock."""

    def losses(self) -> Mapping[int, tuple[int, int]]:
        """Samples kept and lost so far, by device."""

    def alignment(self) -> tuple[float, str] | None:
        """Uncertainty of left against right in seconds and in words; None without two sides."""

    def recording(self) -> Recording:
        """Everything so far; the stretch may go on."""

    def earlier_s(self, recording: Recording) -> float:
        """How much earlier the clock of the recording begins than that of the chunks, in seconds."""

    def close(self) -> None:
        """Nothing follows: what is on disk is complete."""


class PacketTake:
    """A stretch of packets: every one goes to the log first, then through the decode path."""

    def __init__(
        self, header: Header, path: Path | None, opened_ns: int, marks: Sequence[Mark] = (), name: str = ""
    ) -> None:
        self.troubles: list[str] = []
        self.path, self._name = path, path.name if path else name
        self._opened_ns = opened_ns
        self.zero_s = (header.started_ns - opened_ns) / 1e9
        self._session = Session(header)
        self._grid = LiveGrid(self._session)
        for mark in marks:
            self._session.mark(mark)
        self._log = LogWriting(path, header, self.troubles.append) if path is not None else None

    def put(self, batch: Batch) -> list[Chunk]:
        """Take a batch of records."""
        for record in batch.records:
            if isinstance(record, Packet):
                self._packet(record)
            elif record.kind is not Happening.BATTERY:
                self._mark(Mark(record.arrival_ns, _words(record), record.side))
        return self._grid.take()

    def _packet(self, packet: Packet) -> None:
        if self._log is not None:
            self._log.do(lambda log: log.append(packet))
        self._session.push(packet.device, packet.segment, packet.char, packet.arrival_ns, packet.data)

    def mark(self, at_s: float, name: str, side: Side | None = None) -> None:
        """Note an event."""
        self._mark(Mark(self._opened_ns + round(1e9 * at_s), name, side))

    def _mark(self, mark: Mark) -> None:
        if self._log is not None:
            self._log.do(lambda log: log.mark(mark))
        self._session.mark(mark)

    def losses(self) -> Mapping[int, tuple[int, int]]:
        """Samples kept and lost so far, by device."""
        found: dict[int, tuple[int, int]] = {}
        for (device, _), counts in self._session.counts().items():
            kept, lost = found.get(device, (0, 0))
            found[device] = max(kept, counts.kept), lost + counts.lost
        return found

    def low_batteries(self) -> set[int]:
        """Devices that have said that their battery runs out."""
        devices = range(len(self._session.header.devices))
        return {k for k in devices if self._session.driver(k).info.get("battery") == "low"}

    def alignment(self) -> tuple[float, str] | None:
        """Uncertainty of left against right."""
        found = self._session.alignment()
        return None if found is None else (float(found.uncertainty_s), found.sentence)

    def recording(self) -> Recording:
        """Everything so far."""
        return self._session.recording(self._name)

    def earlier_s(self, recording: Recording) -> float:
        """Devices may send what they took before the stretch began: the recording then begins some seconds earlier."""
        started = recording.started
        return (self._session.header.started - started).total_seconds() if started else 0.0

    def close(self) -> None:
        """Write what the devices said of themselves and end the log."""
        if self._log is not None:
            self._log.do(self._facts)
            self._log.close()
            if self.path is not None and not self.path.exists():  # there was no room for it
                self.path = None
        self._log = None

    def _facts(self, log: PacketLog) -> None:
        for index in range(len(self._session.header.devices)):
            for key, value in self._session.driver(index).info.items():
                log.fact(index, key, value, time.monotonic_ns())


class LogTake(PacketTake):
    """A stretch of a log that is played: nothing is written, and it keeps the events that it has."""

    def __init__(self, header: Header, marks: Sequence[Mark], name: str, damaged: Callable[[], int]) -> None:
        super().__init__(header, None, header.started_ns, marks, name)
        self._damaged = damaged

    def mark(self, at_s: float, name: str, side: Side | None = None) -> None:
        """Nothing."""

    def recording(self) -> Recording:
        """Everything so far."""
        self._session.damaged = self._damaged()
        return super().recording()


def _words(notice: Notice) -> str:
    return f"{notice.kind.value}: {notice.text}" if notice.text else notice.kind.value


class ChunkTake:
    """A stretch of a recording that is played."""

    def __init__(self, whole: Recording, from_s: float = 0.0) -> None:
        self.path: Path | None = None
        self.troubles: list[str] = []
        self.zero_s = 0.0
        self._whole, self._from_s = whole, from_s
        self._stops: dict[int, int] = {}

    def put(self, batch: Batch) -> list[Chunk]:
        """Take chunks of the recording."""
        for chunk in batch.chunks:
            key = id(chunk.channel)
            self._stops[key] = max(self._stops.get(key, 0), chunk.stop)
        return list(batch.chunks)

    def mark(self, at_s: float, name: str, side: Side | None = None) -> None:
        """Nothing: a recording that was made keeps the events that it has."""

    def losses(self) -> Mapping[int, tuple[int, int]]:
        """None: gaps are in the recording."""
        return {}

    def alignment(self) -> tuple[float, str] | None:
        """As the recording states it."""
        found = self._whole.alignment
        if found is None:
            return None
        return found.uncertainty_s, f"left and right by {found.method}, ±{1e3 * found.uncertainty_s:.1f} ms"

    def recording(self) -> Recording:
        """What of the recording was played, on its own clock; the recording itself when that is all of it."""
        tracks = tuple(self._played(track) for track in self._whole.tracks)
        if all(a.n_samples == b.n_samples for a, b in zip(tracks, self._whole.tracks, strict=True)):
            return self._whole
        end_s = max((t.stop / t.channel.rate_hz for t in tracks if t.chunks), default=0.0)
        events = tuple(e for e in self._whole.events if self._from_s <= e.time_s <= end_s)
        return replace(self._whole, tracks=tuple(t for t in tracks if t.chunks), events=events)

    def _played(self, track: Track) -> Track:
        start = math.ceil(self._from_s * track.channel.rate_hz - 1e-9) if self._from_s > 0 else track.start
        return track.between(start, self._stops.get(id(track.channel), start))

    def earlier_s(self, recording: Recording) -> float:  # noqa: ARG002 - the contract of all takes
        """Never."""
        return 0.0

    def close(self) -> None:
        """Nothing is on disk."""
