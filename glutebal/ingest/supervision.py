"""The pure half of looking after a connection: when to try again, which frames are echoes, whose frames count.

Bluetooth stacks deliver a notification once per subscription that they remember; after a reconnect that can be twice,
about a millisecond apart, to the same handler. Devices with a counter or a time stamp are de-duplicated where their
packets are decoded; `Echoes` is for the others.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain, repeat

from glutebal.ingest.arrivals import Happening, Inbox, Notice, Packet
from glutebal.ingest.driver import Driver, Stream, Ticks
from glutebal.model import Side

PAUSES_S = (0.1, 0.25, 0.5, 1.0, 4.0)
_PERIOD_FRAMES = 64  # frames over which the packet period is measured
_DECODED = 200  # packets that are decoded to learn how many samples one has: the event loop has other work
_MOST_REPEATS = 6  # more is a recording played fast, or another rate
_WINDOW_S = (0.5, 4.0)  # after a connection: the part whose rate is compared with the nominal one


def pauses_s() -> Iterator[float]:
    """Seconds to wait before each attempt to reconnect: short at first, then every 4 s for as long as it takes."""
    return chain(PAUSES_S, repeat(PAUSES_S[-1]))


def is_clockless(driver: type[Driver]) -> bool:
    """Whether nothing on the wire tells a repeated frame from a new one."""
    return all(stream.clock.kind is Ticks.NONE for stream in driver.streams)


@dataclass
class _Recent:
    data: bytes
    arrivals_ns: deque[int] = field(default_factory=lambda: deque(maxlen=_PERIOD_FRAMES))


class Echoes:
    """Recognises a byte-identical frame within a quarter of the packet period of the one before.

    The period is that of the fastest stream until enough frames were seen to measure it. Kept frames only are measured,
    so that echoes do not shorten the period.

    Parameters
    ----------
    streams : iterable of Stream
        What the device sends.
    """

    def __init__(self, streams: Iterable[Stream]) -> None:
        rates = [s.rate_hz for s in streams if math.isfinite(s.rate_hz) and s.rate_hz > 0]
        self._shortest_ns = 1e9 / max(rates) if rates else 0.0
        self._recent: dict[str, _Recent] = {}

    def is_echo(self, char: str, arrival_ns: int, data: bytes) -> bool:
        """Whether this frame was there already; to be asked once per frame, in order of arrival."""
        recent = self._recent.get(char)
        if recent is None:
            recent = self._recent[char] = _Recent(b"")
        arrivals = recent.arrivals_ns
        if arrivals and data == recent.data and arrival_ns - arrivals[-1] < self._period_ns(arrivals) / 4:
            return True
        recent.data = data
        arrivals.append(arrival_ns)
        return False

    def _period_ns(self, arrivals: deque[int]) -> float:
        enough = len(arrivals) >= 8
        measured = (arrivals[-1] - arrivals[0]) / (len(arrivals) - 1) if enough else 0.0
        return max(self._shortest_ns, measured)


def times_nominal(packets: Iterable[Packet], driver: type[Driver]) -> dict[str, int]:
    """Streams that arrive at a whole multiple of their nominal rate, with the multiple: 2 is every packet twice.

    Parameters
    ----------
    packets : iterable of Packet
        One device's packets of one segment, in order, spanning a second at least.
    driver : type of Driver
        Decodes them; a fresh one is made, so that nobody's memory is disturbed.
    """
    taken = list(packets)
    fresh, counts = driver(), {s.name: 0 for s in driver.streams}
    for packet in taken[:_DECODED]:
        for block in fresh.feed(packet.char, packet.data):
            counts[block.stream] += len(block.values)
    seconds = (taken[-1].arrival_ns - taken[0].arrival_ns) / 1e9 if taken else 0.0
    if seconds < 1.0 or len(taken) < 8:
        return {}
    packets_per_s = (len(taken) - 1) / seconds
    per_packet = {name: count / min(len(taken), _DECODED) for name, count in counts.items()}
    found = {s.name: _multiple(packets_per_s * per_packet[s.name], s.rate_hz) for s in fresh.streams}
    return {name: n for name, n in found.items() if 2 <= n <= _MOST_REPEATS}


def _multiple(rate_hz: float, nominal_hz: float) -> int:
    """The whole number nearest to the ratio of the rates, if within 15 %; else 0."""
    if not (math.isfinite(nominal_hz) and nominal_hz > 0):
        return 0
    ratio = rate_hz / nominal_hz
    return round(ratio) if abs(ratio - round(ratio)) <= 0.15 * ratio else 0


@dataclass
class Counts:
    """What happened to a device's packets."""

    packets: int = 0  # delivered to the inbox (or discarded by it, which the inbox counts)
    echoes: int = 0  # dropped: there already
    late: int = 0  # dropped: from a connection that is over
    connections: int = 0


class Device:
    """One sensor of a link: who it is, its connection now, and what became of its packets.

    Parameters
    ----------
    index : int
        Its place in the link.
    side : Side or None
        None for a midline sensor and for one device that carries both sides.
    driver : Driver
        Runs the handshake; its ``info`` says what the device said of itself.
    inbox : Inbox
        Where packets go.
    """

    def __init__(
        self,
        index: int,
        side: Side | None,
        name: str,
        address: str,
        driver: Driver,
        inbox: Inbox,
        rssi: int | None = None,
    ) -> None:
        self.index, self.side, self.name, self.address, self.driver = index, side, name, address, driver
        self.inbox, self.rssi = inbox, rssi
        self.counts = Counts()
        self.segment = -1
        self.connected = False
        self.battery_percent: int | None = None
        self.last_arrival_ns: int | None = None
        self.listener: Callable[[str, bytes], None] | None = None
        self._generation = 0
        self._clockless = is_clockless(type(driver))
        self._echoes = Echoes(())
        self._early: list[Packet] | None = None

    @property
    def title(self) -> str:
        """For people: ``left sensor Progressor_12``."""
        return f"{self.side.value} sensor {self.name}" if self.side else f"sensor {self.name}"

    def begin(self) -> int:
        """A new connection: a new segment. Its generation number, which its callbacks must show."""
        self._generation += 1
        self.segment += 1
        self.counts.connections += 1
        self.last_arrival_ns = None
        self._echoes = Echoes(self.driver.streams)
        self._early = []
        return self._generation

    def end(self) -> None:
        """The connection is over: what still comes from it is late."""
        self._generation += 1
        self.connected = False
        self.listener = None

    def take(self, generation: int, char: str, arrival_ns: int, data: bytes) -> None:
        """A notification of the connection ``generation``; must be quick, must not raise."""
        if generation != self._generation:
            self.counts.late += 1
            return
        if self._clockless and self._echoes.is_echo(char, arrival_ns, data):
            self.counts.echoes += 1
            return
        self.counts.packets += 1
        self.last_arrival_ns = arrival_ns
        packet = Packet(self.index, self.side, self.segment, char, arrival_ns, data)
        self.inbox.put(packet)
        if self._early is not None:
            self._early.append(packet)
        if self.listener is not None:
            self.listener(char, data)

    def tell(self, kind: Happening, arrival_ns: int, text: str = "") -> None:
        """Put a notice about this device into the inbox."""
        self.inbox.tell(Notice(self.index, self.side, self.segment, arrival_ns, kind, text))

    def check_rate(self) -> None:
        """Tell, once per connection and a few seconds into it, when every packet comes more than once."""
        early = self._early
        if not early or early[-1].arrival_ns - early[0].arrival_ns < _WINDOW_S[1] * 1e9:
            return
        self._early = None
        settled = [p for p in early if p.arrival_ns - early[0].arrival_ns >= _WINDOW_S[0] * 1e9]
        for stream, n in times_nominal(settled, type(self.driver)).items():
            text = (
                f"{stream} of the {self.title} arrives at {n} times its rate; disconnect the sensor and connect again"
            )
            self.tell(Happening.REPEATED, early[-1].arrival_ns, text)
