"""What became of the samples that the devices sent: counts per stream, and the words for a recording."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from glutebal.ingest.header import Identity
from glutebal.model import Side


@dataclass(frozen=True)
class Delivery:
    """What became of one stream of one device.

    Parameters
    ----------
    device : int
        Index of the device in the header.
    side : Side or None
        None for a midline sensor and for one device that carries both sides.
    stream : str
        The driver's name for it.
    packets : int
        Packets of the device that were taken.
    received : int
        Samples delivered, each once.
    lost : int
        Samples that the device's own count proves missing between the first and the last of each clock segment.
    duplicates : int
        Samples dropped because they were delivered already.
    malformed : int
        Packets of the device that made no sense.
    repeated : int
        Packets of the device dropped as repetitions: byte-identical, at once, from a device without a clock.
    stale : int
        Packets of the device that came from a connection that was over.
    connections, segments : int
        Connections, and runs of one device clock: more when the device restarted or fell silent.
    untrusted : int
        Samples received that the device cannot vouch for after a loss; they are gaps in the recording.
    rate_hz : float
        Measured on the session clock, longest segment; NaN when unknown.
    """

    device: int
    side: Side | None
    stream: str
    packets: int = 0
    received: int = 0
    lost: int = 0
    duplicates: int = 0
    malformed: int = 0
    repeated: int = 0
    stale: int = 0
    connections: int = 0
    segments: int = 0
    untrusted: int = 0
    rate_hz: float = math.nan

    def __str__(self) -> str:
        counts = f"{self.received} samples received, {self.lost} lost, {self.duplicates} duplicates dropped"
        packets = f"{self.packets} packets, {self.malformed} malformed"
        return f"{self.stream}: {counts}; {packets}; {times(self.connections)} connected"


def times(count: int) -> str:
    """For people: ``once``, ``twice``, ``3 times``."""
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def doubts(delivery: Delivery, who: Identity) -> Iterator[str]:
    """What a reader of the recording should know of this stream, in words."""
    name = f"{who.title}, {delivery.stream}"
    sent = delivery.received + delivery.lost
    if delivery.lost:
        yield f"{name}: {delivery.lost} of {sent} samples were lost on the way ({100 * delivery.lost / sent:.1f} %)"
    if delivery.untrusted:
        yield f"{name}: {delivery.untrusted} samples after losses are left out, the device cannot restore them"
    if delivery.duplicates:
        yield f"{name}: {delivery.duplicates} samples came more than once and were dropped"
    if delivery.segments > delivery.connections:
        yield f"{name}: the device's clock began again {times(delivery.segments - delivery.connections)}"


def device_doubts(deliveries: Iterable[Delivery], who: Identity) -> Iterator[str]:
    """What concerns the packets of a device, whatever the stream; the same counts stand in each of its streams."""
    first = next(iter(deliveries), None)
    if first is None:
        yield f"{who.title}: no samples"
        return
    if first.malformed:
        yield f"{who.title}: {first.malformed} of {first.packets} packets made no sense and were left out"
    if first.repeated:
        yield f"{who.title}: {first.repeated} packets were repetitions and were dropped"
    if first.stale:
        yield f"{who.title}: {first.stale} packets came from a connection that was over and were dropped"
    if first.connections > 1:
        yield f"{who.title}: the connection was lost {times(first.connections - 1)}"
