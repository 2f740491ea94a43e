"""What comes out of a link: packets as they arrived, notices of what happened, and the queue that holds both.

::

    callback ──Packet──▶ ┌───────┐
    supervisor ─Notice─▶ │ Inbox │ ──▶ session, packet log, status line
                         └───────┘     full: the packet is counted, and a notice says how many are missing
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

from glutebal.model import Side

DEFAULT_CAPACITY = 20_000  # packets; 50 s of two sensors at 200 notifications a second


@dataclass(frozen=True, slots=True)
class Packet:
    """One notification as it came.

    Parameters
    ----------
    device : int
        Index of the device in the link.
    side : Side or None
        Where the device is worn; None for a midline sensor and for one device that carries both sides.
    segment : int
        Counts the device's connections from 0: the device's clock is one clock within a segment only.
    char : str
        UUID of the characteristic, or `glutebal.ingest.driver.ADVERTISING`.
    arrival_ns : int
        ``time.monotonic_ns()`` of the host, taken first thing in the callback.
    data : bytes
        The value.
    """

    device: int
    side: Side | None
    segment: int
    char: str
    arrival_ns: int
    data: bytes


class Happening(Enum):
    """What a notice is about."""

    CONNECTED = "connected"
    LOST = "connection lost"
    RETRY = "trying again"
    OVERFLOW = "packets discarded, the reader was too slow"
    REPEATED = "every packet comes more than once"
    SILENT = "connected but silent"
    BATTERY = "battery"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that happened to a device of the link; ``text`` is for people, one line."""

    device: int
    side: Side | None
    segment: int
    arrival_ns: int
    kind: Happening
    text: str = ""


Record = Packet | Notice


@dataclass
class Inbox:
    """A bounded queue of records. What does not fit is counted per device, never silently lost.

    Notices are always taken: they are few, and they say what is missing. ``wake`` is called after each record.
    """

    capacity: int = DEFAULT_CAPACITY
    wake: Callable[[], None] = lambda: None
    discarded: dict[int, int] = field(default_factory=dict)
    _records: deque[Record] = field(default_factory=deque)
    _missing: dict[int, int] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self._records)

    def put(self, packet: Packet) -> None:
        """Take a packet, or count it as discarded when the queue is full."""
        if len(self._records) >= self.capacity:
            self.discarded[packet.device] = self.discarded.get(packet.device, 0) + 1
            self._missing[packet.device] = self._missing.get(packet.device, 0) + 1
            return
        if self._missing:
            self._tell_missing(packet)
        self._records.append(packet)
        self.wake()

    def tell(self, notice: Notice) -> None:
        """Take a notice, whatever the queue holds."""
        self._records.append(notice)
        self.wake()

    def pop(self) -> Record:
        """The oldest record; the queue must not be empty."""
        return self._records.popleft()

    def drain(self) -> list[Record]:
        """Everything that is waiting, oldest first; the queue is empty afterwards."""
        records = list(self._records)
        self._records.clear()
        return records

    def _tell_missing(self, packet: Packet) -> None:
        count = self._missing.pop(packet.device, 0)
        if count:
            text = f"{count} packets were discarded because nobody read them in time"
            self._records.append(
                Notice(packet.device, packet.side, packet.segment, packet.arrival_ns, Happening.OVERFLOW, text)
            )
