"""Where a hall's samples come from: sensors, a packet log, a recording. All of them look the same from inside.

::

    Link ───────▶ ┐                    Take: one recorded stretch (a set, a guided step, what lies between)
    packet log ─▶ ├─▶ Batch ──put──▶    packets: log on disk ▸ session ▸ live grid ▸ chunks
    Recording ──▶ ┘                     chunks as they are
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from glutebal.errors import InputError
from glutebal.ingest.arrivals import Happening, Notice, Packet, Record
from glutebal.ingest.header import Header, Mark
from glutebal.ingest.live_grid import LiveGrid
from glutebal.ingest.openlog import open_log
from glutebal.ingest.packets import PacketLog
from glutebal.ingest.recorder import About, header_of
from glutebal.ingest.session import Session
from glutebal.live.log_writing import LogWriting
from glutebal.model import Chunk, Recording, Side, Track

if TYPE_CHECKING:
    from glutebal.ingest.link import Link
    from glutebal.ingest.supervision import Device

PERIOD_S = 0.05  # batches: short enough for the eye, long enough to keep the hot path lean


@dataclass(frozen=True)
class Batch:
    """What arrived together: ``at_s`` seconds after the hall opened, on the clock of the arrivals."""

    at_s: float
    records: Sequence[Record] = ()
    chunks: Sequence[Chunk] = ()


@dataclass(frozen=True)
class Sensor:
    """One sensor as its source knows it; NaN where nothing is known."""

    device: int
    name: str
    side: Side | None
    connected: bool
    silent: bool = False
    battery_percent: float = math.nan
    battery_low: bool = False  # by its own word


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


class Source(Protocol):
    """Samples as they come."""

    paced: bool  # by the world; False: by how fast they are taken

    def batches(self) -> AsyncIterator[Batch]:
        """What arrives, until nothing more does."""

    def take(self, about: About, at_s: float, path: Path | None) -> Take:
        """A new stretch that begins at ``at_s`` of the hall's clock, with a log at ``path`` if it can have one."""

    def sensors(self) -> tuple[Sensor, ...]:
        """The sensors now."""


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


class LinkSource:
    """Connected sensors."""

    paced = True

    def __init__(self, link: Link) -> None:
        self._link = link
        self._opened: int | None = None
        self._silent: set[int] = set()
        self._low: set[int] = set()
        self._newest: PacketTake | None = None

    @property
    def _zero_ns(self) -> int:
        """The zero of the hall's clock: when it was first asked for samples, not when it was made."""
        if self._opened is None:
            self._opened = time.monotonic_ns()
        return self._opened

    async def batches(self) -> AsyncIterator[Batch]:
        """What arrives, every 50 ms, until the link is closed."""
        waiting = [record for record in self._link.drain() if not isinstance(record, Packet)]  # before anybody looked
        yield Batch((time.monotonic_ns() - self._zero_ns) / 1e9, waiting)
        async for records in self._link.batches(PERIOD_S):
            for record in records:
                self._listen(record)
            yield Batch((time.monotonic_ns() - self._zero_ns) / 1e9, records)

    def _listen(self, record: Record) -> None:
        if isinstance(record, Packet) or record.kind is Happening.CONNECTED:
            self._silent.discard(record.device)
        elif record.kind is Happening.SILENT:
            self._silent.add(record.device)

    def take(self, about: About, at_s: float, path: Path | None) -> Take:  # noqa: ARG002 - the header has its own clock
        """A stretch that begins now."""
        self._newest = PacketTake(header_of(self._link, about), path, self._zero_ns)
        return self._newest

    def sensors(self) -> tuple[Sensor, ...]:
        """The devices of the link."""
        self._low |= self._newest.low_batteries() if self._newest else set()
        return tuple(
            Sensor(
                d.index,
                d.name,
                d.side,
                d.connected,
                d.index in self._silent,
                _percent(d),
                d.index in self._low,
            )
            for d in self._link.devices
        )


def _percent(device: Device) -> float:
    """How full the battery is, as the device was asked or has said in its handshake."""
    said = device.driver.info.get("battery_percent", "")
    if device.battery_percent is not None:
        return float(device.battery_percent)
    return float(said) if said.isdecimal() else math.nan


@dataclass
class LogSource:
    """A packet log as if its sensors were there; ``speed`` 1 is the pace of the recording, infinity none."""

    path: Path
    speed: float = 1.0
    paced: bool = field(init=False)
    _header: Header = field(init=False)
    _damaged: int = 0

    def __post_init__(self) -> None:
        if not self.speed > 0:
            raise InputError("a speed above 0", f"{self.speed}", "replay")
        self.paced = math.isfinite(self.speed)
        with open_log(self.path) as log:
            self._header = log.header

    async def batches(self) -> AsyncIterator[Batch]:
        """The packets in the rhythm of their arrivals, those of 50 ms together."""
        zero_ns, began_s = self._header.started_ns, time.monotonic()
        with open_log(self.path) as log:
            waiting: list[Record] = []
            due_s = PERIOD_S
            for packet in log.packets():
                self._damaged = log.damaged
                at_s = (packet.arrival_ns - zero_ns) / 1e9
                if at_s >= due_s and waiting:
                    yield await self._due(due_s, waiting, began_s)
                    waiting = []
                due_s = max(due_s, PERIOD_S * math.ceil((at_s + 1e-9) / PERIOD_S))
                waiting.append(packet)
            if waiting:
                yield await self._due(due_s, waiting, began_s)

    async def _due(self, due_s: float, waiting: list[Record], began_s: float) -> Batch:
        left_s = began_s + due_s / self.speed - time.monotonic() if self.paced else 0.0
        await asyncio.sleep(max(0.0, left_s))
        return Batch(due_s, tuple(waiting))

    def take(self, about: About, at_s: float, path: Path | None) -> Take:  # noqa: ARG002 - the log knows the rest
        """The log from here on: its devices, its clock; nothing is written, for the log is there."""
        from_ns = self._header.started_ns + round(1e9 * at_s) if at_s > 0 else -math.inf
        with open_log(self.path) as log:
            marks = [mark for mark in log.marks() if mark.at_ns >= from_ns]
        return LogTake(self._header, marks, self.path.name, lambda: self._damaged)

    def sensors(self) -> tuple[Sensor, ...]:
        """The devices of the log."""
        return tuple(Sensor(k, d.name or d.driver, d.side, connected=True) for k, d in enumerate(self._header.devices))


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


@dataclass
class RecordingSource:
    """A recording played as if the sensors were there.

    Parameters
    ----------
    recording : Recording
    speed : float
        1 is real time, infinity as fast as it is taken.
    piece_s : float
        Length of the pieces that arrive together.
    """

    recording: Recording
    speed: float = 1.0
    piece_s: float = PERIOD_S
    paced: bool = field(init=False)

    def __post_init__(self) -> None:
        if not (self.speed > 0 and self.piece_s > 0):
            raise InputError("a speed and a length of pieces above 0", f"{self.speed}, {self.piece_s} s", "replay")
        self.paced = math.isfinite(self.speed)

    async def batches(self) -> AsyncIterator[Batch]:
        """Pieces of all channels, in time order."""
        end_s = max((t.stop / t.channel.rate_hz for t in self.recording.tracks), default=0.0)
        began_s = time.monotonic()
        for k in range(1, math.ceil(end_s / self.piece_s) + 1):
            now_s = k * self.piece_s
            left_s = began_s + now_s / self.speed - time.monotonic() if self.paced else 0.0
            await asyncio.sleep(max(0.0, left_s))
            yield Batch(now_s, chunks=self._piece(now_s - self.piece_s, now_s))

    def _piece(self, from_s: float, to_s: float) -> list[Chunk]:
        found: list[Chunk] = []
        for track in self.recording.tracks:
            rate = track.channel.rate_hz
            found += track.between(math.ceil(from_s * rate - 1e-9), math.ceil(to_s * rate - 1e-9)).chunks
        return found

    def take(self, about: About, at_s: float, path: Path | None) -> Take:  # noqa: ARG002 - the recording has its own
        """The recording from here on."""
        return ChunkTake(self.recording, at_s)

    def sensors(self) -> tuple[Sensor, ...]:
        """The devices that the channels name."""
        names = dict.fromkeys((c.device or c.site, c.side) for c in self.recording.channels)
        return tuple(Sensor(k, name, side, connected=True) for k, (name, side) in enumerate(names))
