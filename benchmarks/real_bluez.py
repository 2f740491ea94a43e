"""Two emulated load cells over the real bluetoothd, in a User Mode Linux kernel: nothing lost, one killed and back.

``run.sh PYTHON benchmarks/real_bluez.py simulate -- PYTHON benchmarks/real_bluez.py stream`` with the kit's ``run.sh``:
the first half puts a virtual controller on /dev/vhci with two sensors in its air, the second half is an ordinary
client with the system's own Bluetooth. It prints Markdown and fails if a sample is missing.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
import time
from collections import defaultdict
from pathlib import Path

import numpy as np

from glutebal.ingest.driver import Block
from glutebal.ingest.link import Happening, Packet, Record, connect
from glutebal.model import Bilateral
from glutebal.testing.bumble_peripheral import BumblePeripheral, LosslessLink, virtual_adapter
from glutebal.testing.emulated import EmulatedTindeq, steady
from glutebal.testing.faults import Faults
from glutebal.testing.peripheral import Peripheral

NAMES = Bilateral("Progressor_1", "Progressor_2")
KG = Bilateral(20.0, 15.0)
BREAK_S = 8.0
PER_PACKET = 30  # samples: packets of 242 bytes
SPEED = 56.0  # 80 samples a second become 150 packets a second


async def simulate() -> None:
    """The air: two cells with 20 and 15 kg; the left one dies once."""
    link = LosslessLink()  # type: ignore[no-untyped-call]
    await virtual_adapter(link)
    faults = Bilateral(Faults(disconnect_at_s=(BREAK_S * SPEED,), off_s=1.0 * SPEED), Faults())
    for number, (name, kg, fault) in enumerate(zip(NAMES, KG, faults, strict=True), start=1):
        sensor = EmulatedTindeq(name, steady(kg))
        sensor.per_packet = PER_PACKET
        cell = Peripheral(sensor, f"F0:00:00:00:00:0{number}", fault, speed=SPEED)
        await BumblePeripheral(link, cell).switch_on()
    print("sim ready", flush=True)
    await asyncio.Event().wait()


def daemon() -> int:
    """The process number of the bluetoothd of this (virtual) machine."""
    names = {int(p.parent.name): p.read_text().strip() for p in Path("/proc").glob("[0-9]*/comm")}
    return next(number for number, name in names.items() if name == "bluetoothd")


async def stall(after_s: float, seconds: float) -> None:
    """Stop the daemon for a while: what its sockets cannot hold is lost, as on a busy computer."""
    await asyncio.sleep(after_s)
    os.kill(daemon(), signal.SIGSTOP)
    await asyncio.sleep(seconds)
    os.kill(daemon(), signal.SIGCONT)


async def stream(seconds: float, stall_s: float) -> tuple[list[Record], Bilateral[int]]:
    """Everything that arrives in that time, and how often each side was connected."""
    async with connect(NAMES.left, NAMES.right) as link:
        records, until = [], time.monotonic() + seconds
        stalled = asyncio.create_task(stall(0.6 * seconds, stall_s) if stall_s else asyncio.sleep(0))
        async for batch in link.batches():
            records += batch
            if time.monotonic() > until:
                break
        await stalled
        return records, Bilateral(*(device.counts.connections for device in link.devices))


def judge(records: list[Record], connections: Bilateral[int], *, whole: bool) -> bool:
    """Print what came, and whether it is all (or, after a stall, whether the loss shows)."""
    blocks = decoded([r for r in records if isinstance(r, Packet)])
    forces = [
        np.concatenate([b.values for (d, _), found in blocks.items() if d == side for b in found]) for side in (0, 1)
    ]
    missing, doubled = (sum(count(found)[k] for found in blocks.values()) for k in (0, 1))
    ratio = float(forces[0].mean() / forces[1].mean())
    print("| samples left | right | lost | doubled | left/right | connections left | right |")
    print("|---|---|---|---|---|---|---|")
    print(
        f"| {len(forces[0])} | {len(forces[1])} | {missing} | {doubled} | {ratio:.7f}"
        f" | {connections.left} | {connections.right} |"
    )
    for record in records:
        if not isinstance(record, Packet) and record.kind is not Happening.BATTERY:
            print(f"- {record.kind.value}: {record.text}")
    return (
        (missing == 0) == whole
        and doubled == 0
        and abs(ratio - 4 / 3) < 1e-6
        and (connections.left, connections.right) == (2, 1)
    )


def decoded(packets: list[Packet]) -> dict[tuple[int, int], list[Block]]:
    """The blocks of each device and connection."""
    from glutebal.ingest.drivers.tindeq import Tindeq

    driver = Tindeq()
    found: dict[tuple[int, int], list[Block]] = defaultdict(list)
    for packet in packets:
        found[packet.device, packet.segment] += driver.feed(packet.char, packet.data)
    return dict(found)


def count(blocks: list[Block]) -> tuple[int, int]:
    """Samples missing between the first and the last, and samples that came again, by the cell's microseconds."""
    stamps = np.concatenate([b.ticks for b in blocks if b.ticks is not None])
    numbers = np.rint(stamps * 80e-6).astype(int)
    different = np.unique(numbers)
    return int(different[-1] - different[0] + 1 - different.size), int(numbers.size - different.size)


def main() -> None:
    """Run one half."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("half", choices=["simulate", "stream"])
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--stall", type=float, default=0.0, help="stop bluetoothd for so many seconds")
    options = parser.parse_args()
    if options.half == "simulate":
        asyncio.run(simulate())
    else:
        records, connections = asyncio.run(stream(options.seconds, options.stall))
        sys.exit(not judge(records, connections, whole=not options.stall))


if __name__ == "__main__":
    main()
