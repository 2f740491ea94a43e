"""Random faults on two emulated load cells: is every sample delivered once or counted as lost, and on its own side?

Run ``python benchmarks/fault_scripts.py``; it prints Markdown and ends with an error if a sample is unaccounted for.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence

from glutebal.model import Bilateral
from glutebal.testing.fault_scripts import Account, run_script

AT_ONCE = 10


async def run(seeds: Sequence[int]) -> list[Bilateral[Account]]:
    """The scripts, ten at a time: a script mostly waits for its sensors."""
    outcomes: list[Bilateral[Account]] = []
    for start in range(0, len(seeds), AT_ONCE):
        outcomes += await asyncio.gather(*(run_script(seed) for seed in seeds[start : start + AT_ONCE]))
    return outcomes


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scripts", type=int, default=200)
    outcomes = asyncio.run(run(range(parser.parse_args().scripts)))
    accounts = [account for pair in outcomes for account in pair]
    told = [a.delivery for a in accounts if a.delivery is not None]
    wrong = [seed for seed, pair in enumerate(outcomes) if not all(a.is_right for a in pair)]
    print("| scripts | samples sent | received | lost | cut off by a break | on the wrong side | reconnections |")
    print("|---|---|---|---|---|---|---|")
    print(
        f"| {len(outcomes)} | {sum(a.sent for a in accounts)} | {sum(a.received for a in accounts)}"
        f" | {sum(a.lost for a in accounts)} | {sum(a.cut for a in accounts)} | {sum(a.strange for a in accounts)}"
        f" | {sum(d.connections - 1 for d in told)} |"
    )
    print(f"\nScripts whose account is wrong: {', '.join(map(str, wrong)) or 'none'}.")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
