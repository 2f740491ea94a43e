"""``glutebal record --simulate`` killed at random moments: does every log open, how much is missing, is it repeatable?

Run ``python benchmarks/kill_record.py [--kills 100]``; it prints Markdown and fails if a log does not open, more than
half a second is missing, or two decodings differ. Needs a system whose monotonic clock is the same for every process
(Linux, macOS).
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from glutebal.ingest.openlog import open_log
from glutebal.ingest.replay import decoded
from glutebal.model import Recording

AT_ONCE = 4
ALLOWED_S = 0.5
COMMAND = "from glutebal.cli import main; main()"


@dataclass(frozen=True)
class Outcome:
    """One killed recording: seconds between its newest packet and the kill, packets kept, equal twice decoded."""

    missing_s: float
    packets: int
    repeatable: bool


def killed(seed: int, folder: Path) -> Outcome:
    """Record, kill, open."""
    path = folder / f"{seed}.glutelog"
    arguments = [sys.executable, "-c", COMMAND, "record", "--simulate", "--out", str(path)]
    process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while not path.exists():
        time.sleep(0.02)
    time.sleep(random.Random(seed).uniform(1.0, 4.0))  # noqa: S311 - not a secret
    killed_ns = time.monotonic_ns()
    process.kill()
    process.wait()
    with open_log(path) as log:
        arrivals = [packet.arrival_ns for packet in log.packets()]
    newest = max(arrivals, default=0)
    return Outcome((killed_ns - newest) / 1e9, len(arrivals), decoding(path) == decoding(path))


def decoding(path: Path) -> Recording:
    """The recording in a log."""
    return decoded(path).recording(path.name)


def main() -> None:
    """Kill, count, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    kills = parser.parse_args().kills
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(AT_ONCE) as pool:
        outcomes = list(pool.map(lambda seed: killed(seed, Path(folder)), range(kills)))
    missing = sorted(o.missing_s for o in outcomes)
    repeatable = sum(o.repeatable for o in outcomes)
    print("| killed recordings | logs that open | newest data missing, median | worst | decoded twice, equal |")
    print("|---|---|---|---|---|")
    print(
        f"| {kills} | {len(outcomes)} | {missing[len(missing) // 2]:.2f} s | {missing[-1]:.2f} s"
        f" | {repeatable} of {kills} |"
    )
    sys.exit(not (missing[-1] <= ALLOWED_S and repeatable == kills and min(o.packets for o in outcomes) > 0))


if __name__ == "__main__":
    main()
