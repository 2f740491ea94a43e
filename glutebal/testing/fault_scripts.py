"""Random faults on two load cells whose every sample is unlike any other, so that each can be accounted for.

::

    sent = received + lost (proved by the stamps) + cut (before the first or after the last of a connection)
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from glutebal.ingest.arrivals import Packet
from glutebal.ingest.delivery import Delivery
from glutebal.ingest.header import Header, Identity, Worn
from glutebal.ingest.link import connect
from glutebal.ingest.session import Session
from glutebal.model import Bilateral, Samples, Side
from glutebal.testing.emulated import EmulatedTindeq
from glutebal.testing.faults import Faults
from glutebal.testing.loopback import loopback
from glutebal.testing.peripheral import Peripheral

SPEED = 10.0
PACKETS = 100  # per side; 19 s of the sensors' time
KG_PER_S = 0.5
STEPS_PER_KG = 4096
BASE_KG = Bilateral(1.0, 251.0)
STANDARD_GRAVITY = 9.80665


def random_faults(seed: int) -> Faults:
    """Some of every kind: up to 15 % lost, 15 % doubled, 10 % swapped, 5 % late, two breaks, 100 ppm of drift."""
    rng = np.random.default_rng(seed)
    breaks = np.sort(rng.uniform(2.0, 15.0, rng.integers(0, 3)))
    return Faults(
        drop=float(rng.uniform(0, 0.15)),
        duplicate=float(rng.uniform(0, 0.15)),
        reorder=float(rng.uniform(0, 0.1)),
        late=float(rng.uniform(0, 0.05)),
        late_s=float(rng.uniform(0.05, 0.5)),
        disconnect_at_s=tuple(float(at) for at in breaks),
        off_s=float(rng.uniform(0.2, 4.0)),
        drift_ppm=float(rng.uniform(-100, 100)),
        seed=seed,
    )


@dataclass(frozen=True)
class Account:
    """Where the samples of one side went.

    Parameters
    ----------
    sent : int
        Encoded by the sensor.
    received : int
        Different ones that were decoded.
    lost : int
        Missing between the first and the last of a connection, by comparison with what was sent.
    cut : int
        Missing before the first or after the last of a connection.
    strange : int
        Decoded, but never sent by this side's sensor.
    delivery : Delivery or None
        What the session says; None if nothing arrived.
    """

    sent: int
    received: int
    lost: int
    cut: int
    strange: int
    delivery: Delivery | None

    @property
    def is_right(self) -> bool:
        """Nothing strange, and the session counts exactly what happened."""
        told = self.delivery
        agrees = told is not None and (told.received, told.lost) == (self.received, self.lost)
        return agrees and self.strange == 0 and self.sent == self.received + self.lost + self.cut


class _Cell:
    """A load cell that pulls harder with every sample, and remembers what it was asked."""

    def __init__(self, side: Side, seed: int) -> None:
        self.base_kg = BASE_KG[side]
        self.streams: list[list[int]] = []  # per stream, the keys of its samples
        sensor = EmulatedTindeq(f"{side.value} {seed}", self._signal)
        address = f"F0:00:00:{seed // 256 % 256:02X}:{seed % 256:02X}:0{1 if side is Side.LEFT else 2}"
        self.peripheral = Peripheral(
            sensor, address, random_faults(2 * seed + (side is Side.RIGHT)), speed=SPEED, limit=PACKETS
        )

    def _signal(self, seconds: Samples) -> Samples:
        kg = np.rint((self.base_kg + KG_PER_S * seconds) * STEPS_PER_KG) / STEPS_PER_KG
        while len(self.streams) < self.peripheral.tally.streams:
            self.streams.append([])
        self.streams[-1] += _keys(kg)
        return kg[:, None]


def _keys(kg: Samples) -> list[int]:
    """A whole number per value: two samples are 25 steps apart, and a 32-bit float holds a step exactly."""
    return [round(float(value) * STEPS_PER_KG) for value in kg]


async def run_script(seed: int) -> Bilateral[Account]:
    """Play the faults of one seed on both sides and account for every sample."""
    cells = Bilateral.per_side(lambda side: _Cell(side, seed))
    devices = tuple(Identity("tindeq", {"": Worn(side, "thigh")}, name=side.value) for side in Side)
    session = Session(Header(devices, datetime.now(UTC), time.monotonic_ns()))
    got: dict[tuple[int, int], list[int]] = defaultdict(list)
    peripherals = cells.map(lambda cell: cell.peripheral)
    names = peripherals.map(lambda p: p.address)
    async with connect(names.left, names.right, backend=loopback(*peripherals)) as link:
        while not all(p.finished.is_set() for p in peripherals) or link.inbox:
            await asyncio.sleep(0.02)
            for record in link.drain():
                if isinstance(record, Packet):
                    for block in session.push(*_at_its_pace(record, session.header.started_ns)):
                        got[record.device, record.segment] += _keys(block.values[:, 0] / STANDARD_GRAVITY)
    told = {d.device: d for d in session.delivery()}
    sides = Bilateral(0, 1).zip(cells)
    return sides.map(lambda s: _account(s[1], [got[key] for key in sorted(got) if key[0] == s[0]], told.get(s[0])))


def _at_its_pace(packet: Packet, zero_ns: int) -> tuple[int, int, str, int, bytes]:
    """What a session is told; the host's clock is stretched to the pace of the sensors."""
    arrival_ns = zero_ns + round((packet.arrival_ns - zero_ns) * SPEED)
    return packet.device, packet.segment, packet.char, arrival_ns, packet.data


def _account(cell: _Cell, segments: list[list[int]], told: Delivery | None) -> Account:
    sent = [key for stream in cell.streams for key in stream]
    received = {key for segment in segments for key in segment}
    lost = sum(_lost(stream, received) for stream in cell.streams)
    known = received & set(sent)
    return Account(len(sent), len(received), lost, len(sent) - len(known) - lost, len(received) - len(known), told)


def _lost(stream: list[int], received: set[int]) -> int:
    """Samples of a stream that are missing between its first and its last that arrived."""
    here = [i for i, key in enumerate(stream) if key in received]
    return here[-1] - here[0] + 1 - len(here) if here else 0
