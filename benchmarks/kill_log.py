"""``kill -9`` at random moments of a running recording: does the log open, what is missing, is the replay the same?

Run ``python benchmarks/kill_log.py --kills 100``. Two simulated Progressors send 200 packets a second each into the
library's own log writer; the writer's process is killed at a random moment of its first two seconds. Its arrivals are
printed as they are handed over, which tells what should be there.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from glutebal.errors import GlutebalError
from glutebal.ingest.arrivals import Packet
from glutebal.ingest.drivers.tindeq import DATA
from glutebal.ingest.header import Header, Identity, Worn
from glutebal.ingest.openlog import open_log
from glutebal.ingest.packets import PacketLog
from glutebal.ingest.replay import read_log
from glutebal.ingest.session import Session
from glutebal.model import Side

ALLOWED_S = 0.5
LATEST_S = 2.0
FORCE_KG = (20.0, 15.0)


@dataclass(frozen=True)
class Kill:
    """What one kill left: whether the log opened, seconds of the newest data missing, whether its replay is equal."""

    opened: bool
    packets: int
    missing_s: float
    whole: bool  # what is there is everything up to some moment
    identical: bool


def packets() -> Iterator[Packet]:
    """Both sides, 200 packets a second each, one sample in each, for as long as they are asked for."""
    began = time.monotonic()
    for k in range(10**7):
        for device, side in enumerate(Side):
            data = struct.pack("<BBfI", 1, 8, FORCE_KG[device], 5000 * k % 2**32)
            yield Packet(device, side, 0, DATA, time.monotonic_ns(), data)
        time.sleep(max(0.0, began + (k + 1) / 200 - time.monotonic()))


def header() -> Header:
    """Two Progressors at the thighs."""
    devices = tuple(Identity("tindeq", {"": Worn(side, "thigh")}, f"Progressor_{side.value}") for side in Side)
    return Header(devices, datetime.now(UTC), time.monotonic_ns())


def write(path: Path) -> None:
    """The child: record until killed."""
    with PacketLog(path, header()) as log:
        print("ready", flush=True)
        for packet in packets():
            log.append(packet)
            print(packet.arrival_ns, flush=True)


def kill_once(path: Path, after_s: float) -> Kill:
    """Start a recording, kill it, and look at what it left."""
    command = [sys.executable, __file__, "--write", str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        if child.stdout is None or child.stdout.readline() != "ready\n":
            raise RuntimeError("the recording did not start")
        time.sleep(after_s)
        os.kill(child.pid, signal.SIGKILL)
        lines = child.stdout.read().splitlines()
    return judged(path, [int(line) for line in lines if len(line) == len(lines[0])])


def judged(path: Path, handed_ns: Sequence[int]) -> Kill:
    """Compare a log with the arrivals that were handed to its writer."""
    try:
        with open_log(path) as log:
            head, kept = log.header, list(log.packets())
        replays = [read_log(path) for _ in range(2)]
    except GlutebalError as error:
        print(error, file=sys.stderr)
        return Kill(opened=False, packets=0, missing_s=float("inf"), whole=False, identical=False)
    session = Session(head)
    for p in kept:
        session.push(p.device, p.segment, p.char, p.arrival_ns, p.data)
    arrivals = [p.arrival_ns for p in kept]
    newest = arrivals[-1] if arrivals else head.started_ns
    return Kill(
        opened=True,
        packets=len(kept),
        missing_s=max(0.0, (handed_ns[-1] - newest) / 1e9) if handed_ns else 0.0,
        whole=arrivals[: len(handed_ns)] == list(handed_ns[: len(arrivals)]),
        identical=all(replay == session.recording(path.name) for replay in replays),
    )


def table(kills: Sequence[Kill]) -> str:
    """The result as text."""
    n, missing = len(kills), sorted(kill.missing_s for kill in kills)
    rows = (
        ("logs that open", f"{sum(k.opened for k in kills)} of {n}"),
        ("everything up to some moment is there", f"{sum(k.whole for k in kills)} of {n}"),
        (f"at most {ALLOWED_S} s of the newest data missing", f"{sum(s <= ALLOWED_S for s in missing)} of {n}"),
        ("missing: median / worst", f"{missing[n // 2]:.2f} / {missing[-1]:.2f} s"),
        ("replay bit-identical", f"{sum(k.identical for k in kills)} of {n}"),
        ("packets in a log: fewest / most", f"{min(k.packets for k in kills)} / {max(k.packets for k in kills)}"),
    )
    return "\n".join(
        ["| `kill -9` of a recording | |", "|---|---|", *(f"| {what} | {value} |" for what, value in rows)]
    )


def run(kills: int, seed: int) -> list[Kill]:
    """Kill as many recordings, each at a random moment."""
    moments = random.Random(seed)  # noqa: S311 - moments, not secrets
    with tempfile.TemporaryDirectory() as folder:
        return [kill_once(Path(folder) / f"{k}.glutelog", moments.uniform(0.0, LATEST_S)) for k in range(kills)]


def main() -> int:
    """Print the table; exit 1 when a log did not hold what it should."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=20260301)
    parser.add_argument("--out", type=Path, help="write the table here, too")
    parser.add_argument("--write", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.write:
        write(given.write)
        return 0
    kills = run(given.kills, given.seed)
    text = table(kills)
    print(text)
    if given.out:
        given.out.write_text(text + "\n", encoding="utf-8")
    return int(not all(k.opened and k.whole and k.identical and k.missing_s <= ALLOWED_S for k in kills))


if __name__ == "__main__":
    sys.exit(main())
