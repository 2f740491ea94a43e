"""The decode path, the same live and from a log: packets become blocks, blocks get a place in time, places a recording.

::

    push(device, segment, char, arrival, bytes) ──Driver──▶ Block ──Timeline──▶ Placed      at once
    recording()                     Placed ──lines──▶ grid ──▶ Track per axis               whenever it is asked for

A session knows no time but the arrivals that it is told, so a replayed log gives the same samples, bit for bit.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from glutebal.errors import InputError
from glutebal.ingest.alignment import Alignment
from glutebal.ingest.delivery import Delivery
from glutebal.ingest.driver import Block, Driver, driver_named
from glutebal.ingest.header import Header, Identity, Mark
from glutebal.ingest.placement import Line
from glutebal.ingest.recorded import Sent, alignment_of, recording_of
from glutebal.ingest.streamline import StreamLine
from glutebal.ingest.supervision import Echoes, is_clockless
from glutebal.ingest.ticks import Counts
from glutebal.model import Recording


class _Sender:
    """One device of a session: its driver, and a line per stream that it sent."""

    def __init__(self, index: int, who: Identity) -> None:
        self.index, self.who = index, who
        self.driver: Driver = driver_named(who.driver)()
        self.driver.info.update(who.facts)  # what was read in the handshake is in no packet
        self.lines: dict[str, StreamLine] = {}
        self.packets = self.repeated = self.stale = self.connections = 0
        self._segment = -1
        self._echoes: Echoes | None = None

    def take(self, segment: int, char: str, arrival_ns: int, data: bytes) -> list[Block]:
        if segment < self._segment:
            self.stale += 1
            return []
        if segment > self._segment:
            self._connected(segment)
        if self._echoes is not None and self._echoes.is_echo(char, arrival_ns, data):
            self.repeated += 1
            return []
        self.packets += 1
        return self.driver.feed(char, data)

    def _connected(self, segment: int) -> None:
        self._segment = segment
        self.connections += 1
        self.driver.gap()
        self._echoes = Echoes(self.driver.streams) if is_clockless(type(self.driver)) else None

    def line(self, stream: str) -> StreamLine:
        """The line of a stream; the driver may know its rate only now, from its first packet."""
        if stream not in self.lines:
            self.lines[stream] = StreamLine(self.driver.stream(stream))
        return self.lines[stream]

    def told(self) -> Identity:
        """The device with what its packets told of it; the newest counts."""
        return replace(self.who, facts={**self.who.facts, **self.driver.info})

    def delivery(self, line: StreamLine, lines: list[Line]) -> Delivery:
        """The counts of one stream; ``lost`` is what the lines skip."""
        longest = max(lines, key=lambda found: found.numbers.size)
        return Delivery(
            self.index,
            self.who.side,
            line.stream.name,
            packets=self.packets,
            received=sum(found.numbers.size for found in lines),
            lost=sum(found.lost for found in lines),
            duplicates=line.counts.duplicates,
            malformed=self.driver.malformed,
            repeated=self.repeated,
            stale=self.stale,
            connections=self.connections,
            segments=len(lines),
            untrusted=line.untrusted,
            rate_hz=longest.rate_hz,
        )


class Session:
    """Packets in, a recording out.

    Parameters
    ----------
    header : Header
        The devices, what they are called and where they are worn, and the zero of the session clock.

    Raises
    ------
    UnknownNameError
        A device's driver is not known.

    Examples
    --------
    >>> from datetime import datetime, timezone
    >>> session = Session(Header((), datetime(2026, 1, 1, tzinfo=timezone.utc), 0))
    >>> session.recording().tracks
    ()
    """

    def __init__(self, header: Header) -> None:
        self.header = header
        self._senders = [_Sender(i, who) for i, who in enumerate(header.devices)]
        self.damaged = 0  # packets of a log whose checksum did not fit
        self._marks: list[Mark] = []

    def push(self, device: int, segment: int, char: str, arrival_ns: int, data: bytes) -> list[Block]:
        """Take one packet, in the order of arrival; the samples in it as they were decoded, repetitions included.

        Parameters
        ----------
        device : int
            Index in ``header.devices``.
        segment : int
            Counts the device's connections; a packet of an earlier connection is dropped and counted.
        char : str
            UUID of the characteristic.
        arrival_ns : int
            The host's monotonic clock.
        data : bytes

        Raises
        ------
        InputError
            No such device.
        """
        if not 0 <= device < len(self._senders):
            raise InputError(f"a device from 0 to {len(self._senders) - 1}", str(device), "session")
        sender, arrival_s = self._senders[device], (arrival_ns - self.header.started_ns) / 1e9
        blocks = sender.take(segment, char, arrival_ns, data)
        for block in blocks:
            sender.line(block.stream).take(block, segment, arrival_s)
        return blocks

    def mark(self, mark: Mark) -> None:
        """Take an event."""
        self._marks.append(mark)

    def driver(self, device: int) -> Driver:
        """The driver that decodes a device; ``info`` holds what its packets told."""
        return self._senders[device].driver

    def counts(self) -> dict[tuple[int, str], Counts]:
        """Samples kept, lost, repeated so far, by device and stream: quick enough for a status line."""
        return {(s.index, name): line.counts for s in self._senders for name, line in s.lines.items()}

    def lines(self) -> Iterator[tuple[Identity, StreamLine]]:
        """Every stream so far with the device that sends it."""
        for sender in self._senders:
            for line in sender.lines.values():
                yield sender.told(), line

    def delivery(self) -> tuple[Delivery, ...]:
        """What became of every stream so far."""
        return tuple(sent.delivery for sent in self._sent())

    def alignment(self) -> Alignment | None:
        """How well left and right share one time so far; None without two sides."""
        return alignment_of(list(self._sent()))

    def recording(self, source: str = "") -> Recording:
        """Everything that was pushed so far, on the session's grid; the session can go on.

        Axes whose quantity is unknown are left out, with a warning. What became of the samples stands in ``history``
        and, where it should be doubted, in ``warnings``.
        """
        found = recording_of(self.header, list(self._sent()), self._marks, source)
        if not self.damaged:
            return found
        damage = f"{self.damaged} packets were damaged on the disk and left out"
        return replace(found, warnings=(damage, *found.warnings))

    def _sent(self) -> Iterator[Sent]:
        for sender in self._senders:
            for line in sender.lines.values():
                settled = line.settled()
                if settled.lines:
                    yield Sent(sender.told(), settled, sender.delivery(line, settled.lines))
