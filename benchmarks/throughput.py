"""How much a host takes in: notifications through the link, the packet log and the decoding of a session.

Two emulated sensors of eight channels, 244 bytes a notification, over the in-process radio and the real front end of
bleak; then half an hour of two load cells, time-compressed, with the memory of the process before and after.
Run ``python benchmarks/throughput.py``; it prints Markdown.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import struct
import tempfile
import time
import tracemalloc
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from glutebal.ingest.arrivals import Packet
from glutebal.ingest.driver import Advert, Block, Clock, Driver, Malformed, Notify, Script, Stream, Ticks, driver
from glutebal.ingest.header import Header, Identity, Worn
from glutebal.ingest.link import Link, connect
from glutebal.ingest.packets import PacketLog
from glutebal.ingest.session import Session
from glutebal.model import Quantity, Samples, Side
from glutebal.testing.emulated import EmulatedTindeq, steady
from glutebal.testing.emulated.sensor import Attribute, EmulatedSensor, Frame, Service
from glutebal.testing.loopback import loopback
from glutebal.testing.peripheral import Peripheral

SERVICE, DATA = "b0c50001-7a0e-4a8e-9d4e-000000000001", "b0c50002-7a0e-4a8e-9d4e-000000000001"
CHANNELS, PER_PACKET = 8, 15
COUNT_V = 1e-7
SIDES = ("left", "right")


@driver
class Box(Driver):
    """Eight channels of 16 bits behind a sample counter: 4 + 240 bytes."""

    name, title = "benchmark_box", "eight-channel box"
    streams = (Stream("emg", Quantity.EMG, "V", 30_000.0, tuple("12345678"), Clock(Ticks.COUNT, 1 / 30_000, 2**32)),)

    @classmethod
    def match(cls, advert: Advert) -> int:
        return 10 if SERVICE in advert.uuids else 0

    def start(self) -> Script:
        yield Notify(DATA)

    def decode(self, char: str, data: bytes) -> Iterator[Block]:
        if char != DATA or len(data) != 4 + 2 * CHANNELS * PER_PACKET:
            raise Malformed
        (first,) = struct.unpack_from("<I", data)
        values = np.frombuffer(data, "<i2", offset=4).reshape(-1, CHANNELS) * COUNT_V
        yield Block("emg", values, np.arange(first, first + PER_PACKET, dtype=np.int64))


class EmulatedBox(EmulatedSensor):
    """Sends at ``notifications_per_s`` and remembers when."""

    services = (Service(SERVICE, (Attribute(DATA, ("notify",)),)),)
    per_packet = PER_PACKET

    def __init__(self, name: str, notifications_per_s: float) -> None:
        super().__init__(name, steady(np.arange(CHANNELS)))
        self.rate_hz = PER_PACKET * notifications_per_s
        self.sent_ns: list[int] = []

    def subscribed(self, char: str) -> None:  # noqa: ARG002 - it has one characteristic
        self.streaming = True

    def encode(self, first: int, values: Samples) -> Iterable[Frame]:
        self.sent_ns.append(time.monotonic_ns())
        yield DATA, struct.pack("<I", first) + values.astype("<i2").tobytes()


@dataclass
class Taken:
    """What came of one run."""

    offered_per_s: float
    sent: int
    lost: int
    seconds: float
    cpu_s: float
    latency_ms: Samples


async def run(notifications_per_s: float, seconds: float, folder: Path) -> Taken:
    """Two boxes that share the rate, for that long."""
    boxes = [EmulatedBox(side, notifications_per_s / 2) for side in SIDES]
    limit = round(notifications_per_s / 2 * seconds)
    peripherals = [Peripheral(b, f"F0:00:00:00:00:0{i}", limit=limit) for i, b in enumerate(boxes)]
    header = _header("benchmark_box")
    latency: list[float] = []
    seen = [0, 0]
    with PacketLog(folder / f"{notifications_per_s:.0f}.glutelog", header) as log:
        session = Session(header)
        async with connect(*SIDES, backend=loopback(*peripherals)) as link:
            began, cpu = time.perf_counter(), time.process_time()
            while not all(p.finished.is_set() for p in peripherals) or link.inbox:
                await asyncio.sleep(0.002)
                for packet in _packets(link):
                    log.append(packet)
                    session.push(packet.device, packet.segment, packet.char, packet.arrival_ns, packet.data)
                    sent_ns = boxes[packet.device].sent_ns[seen[packet.device]]
                    latency.append((time.monotonic_ns() - sent_ns) / 1e6)
                    seen[packet.device] += 1
            wall, cpu = time.perf_counter() - began, time.process_time() - cpu
    sent = sum(p.tally.packets for p in peripherals)
    return Taken(notifications_per_s, sent, sent - sum(seen), wall, cpu, np.array(latency))


def _packets(link: Link) -> Iterator[Packet]:
    return (record for record in link.drain() if isinstance(record, Packet))


def _header(name: str) -> Header:
    devices = tuple(Identity(name, {"": Worn(Side(side), "gluteus_maximus")}, name=side) for side in SIDES)
    return Header(devices, datetime.now(UTC), time.monotonic_ns())


@dataclass
class Soak:
    """Memory of the Python heap during a long recording, and what was lost."""

    minutes: float
    packets: int
    lost: int
    early_mb: float
    late_mb: float


async def soak(minutes: float, speed: float, folder: Path) -> Soak:
    """Two load cells through link and log; the samples are decoded and let go."""
    limit = round(60 * minutes * 80 / 15)
    cells = [EmulatedTindeq(side, steady(20.0)) for side in SIDES]
    peripherals = [Peripheral(c, f"F0:00:00:00:00:0{i}", speed=speed, limit=limit) for i, c in enumerate(cells)]
    got, heap = 0, []
    with PacketLog(folder / "soak.glutelog", _header("tindeq")) as log:
        async with connect(*SIDES, driver="tindeq", backend=loopback(*peripherals)) as link:
            while not all(p.finished.is_set() for p in peripherals) or link.inbox:
                await asyncio.sleep(0.05)
                for packet in _packets(link):
                    log.append(packet)
                    got += packet.data[0] == 1 and len(
                        link.devices[packet.device].driver.feed(packet.char, packet.data)
                    )
                heap.append(_heap_mb())
    fifth = len(heap) // 5
    early, late = float(np.median(heap[fifth : 2 * fifth])), float(np.median(heap[-fifth:]))
    return Soak(minutes, got, sum(p.tally.packets for p in peripherals) - got, early, late)


def _heap_mb() -> float:
    return tracemalloc.get_traced_memory()[0] / 1e6


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rates", nargs="*", type=float, default=[400.0, 4000.0, 6000.0], metavar="PER_S")
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--soak-minutes", type=float, default=30.0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        runs = [asyncio.run(run(rate, options.seconds, Path(folder))) for rate in options.rates]
        gc.collect()
        tracemalloc.start()
        long = asyncio.run(soak(options.soak_minutes, 60.0, Path(folder)))
    print("| offered, notifications/s | taken in/s | lost | latency p50, ms | p99, ms | largest, ms | processor |")
    print("|---|---|---|---|---|---|---|")
    for r in runs:
        p50, p99 = np.percentile(r.latency_ms, [50, 99])
        rate, busy = (r.sent - r.lost) / r.seconds, 100 * r.cpu_s / r.seconds
        print(
            f"| {r.offered_per_s:.0f} | {rate:.0f} | {r.lost} | {p50:.1f} | {p99:.1f} | {r.latency_ms.max():.1f}"
            f" | {busy:.0f} % |"
        )
    print(
        f"\n{long.minutes:g} minutes of two load cells: {long.packets} packets, {long.lost} lost, heap"
        f" {long.early_mb:.2f} MB in the second fifth and {long.late_mb:.2f} MB in the last fifth of the time."
    )


if __name__ == "__main__":
    main()
