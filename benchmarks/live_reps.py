"""What is told while a set runs, beside what is said of it afterwards: are the reps the same, how soon are they told?

Simulated sets of `simulated_sets.py` (tempo, shape, signal-to-noise ratio, unequal floors drawn from the seed) are
played through the hall in pieces of 50 ms. After its end every set is told again as `glutebal.analyse` has it, so these
figures are about the provisional part alone. Run ``python benchmarks/live_reps.py``.
"""

from __future__ import annotations

import argparse
import asyncio
import math
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
from simulated_sets import plan_of

import glutebal as gb
from glutebal.live.events import Event, LiveRep, RepFinished, RepRevised, RepStarted
from glutebal.model import Quantity, Recording, Side
from glutebal.results import Laterality, Rep
from glutebal.testing.plans import Dropout, ForcePlan, SetPlan
from glutebal.testing.simulate import simulate_reference, simulate_set

SAME_S = 0.05
PIECE_S = 0.05
CASES = ("both sides, EMG", "sides in turn, EMG", "both sides, force", "both sides, EMG, a dropout")


@dataclass
class Row:
    """One set: its reps, and what had been told of them before it ended."""

    final: int = 0
    told: int = 0
    same: int = 0
    false: int = 0
    starts: int = 0
    false_starts: int = 0
    moved: tuple[float, ...] = ()
    waits_s: tuple[float, ...] = ()


def plan_for(seed: int, case: str) -> SetPlan:
    """The set of a seed."""
    rng = np.random.default_rng([seed, 66])
    plan = plan_of(seed, Laterality.UNILATERAL if "turn" in case else Laterality.BILATERAL)
    if "turn" in case:
        return replace(plan, alternating=bool(rng.random() < 0.5), reps=min(plan.reps, 10))
    if "force" in case:
        return replace(plan, force=ForcePlan(ratio=plan.ratio, rate_hz=float(rng.choice([80, 100, 500]))))
    if "dropout" in case:
        start_s = float(rng.uniform(5, 25))
        return replace(plan, dropouts=(Dropout(Side.LEFT, start_s, start_s + float(rng.choice([0.3, 3.0]))),))
    return plan


def recording_for(seed: int, case: str) -> tuple[Recording, Recording]:
    """The set and its reference contractions."""
    plan = plan_for(seed, case)
    recording = simulate_set(seed, plan)[0]
    if "force" in case:
        kept = tuple(t for t in recording.tracks if t.channel.quantity is Quantity.FORCE)
        recording = recording.with_(tracks=kept)
    return recording, simulate_reference(seed, plan)


async def events_of(recording: Recording, reference: Recording) -> list[Event]:
    """Everything that a hall says of a recording."""
    return [event async for event in gb.live(recording, reference=reference, speed=math.inf)]


def row(job: tuple[int, str]) -> Row:
    """Play one set and compare."""
    seed, case = job
    recording, reference = recording_for(seed, case)
    events = asyncio.run(events_of(recording, reference))
    final = gb.analyse(recording, reference=reference).analysis.segmentation.reps
    ends_s = max(event.at_s for event in events)
    live = [event for event in events if event.at_s < ends_s]
    return _compared(live, _ledger(events), final)


def _ledger(events: Sequence[Event]) -> dict[int, LiveRep]:
    told: dict[int, LiveRep] = {}
    for event in events:
        if isinstance(event, RepRevised) and event.withdrawn:
            told.pop(event.rep.number)
        elif isinstance(event, RepFinished | RepRevised):
            told[event.rep.number] = event.rep
    return told


def _compared(live: Sequence[Event], kept: dict[int, LiveRep], final: Sequence[Rep]) -> Row:
    points = {_key(rep.rep): rep.imbalance.value for rep in kept.values()}
    found = Row(final=len(final))
    moved, waits_s = [], []
    for event in live:
        if isinstance(event, RepStarted):
            found.starts += 1
            found.false_starts += not any(r.start_s - 0.2 <= event.at_s <= r.stop_s for r in final)
        if not isinstance(event, RepFinished):
            continue
        found.told += 1
        true = next((rep for rep in final if _is_same(event.rep.rep, rep)), None)
        if true is None:
            found.false += 1
            continue
        found.same += 1
        waits_s.append(event.at_s - true.stop_s)
        moved.append(abs(event.rep.imbalance.value - points[_key(true)]))
    found.moved, found.waits_s = tuple(moved), tuple(waits_s)
    return found


def _key(rep: Rep) -> tuple[int, int, Side | None]:
    return rep.start, rep.stop, rep.side


def _is_same(told: Rep, final: Rep) -> bool:
    edges = abs(told.start_s - final.start_s), abs(told.stop_s - final.stop_s)
    return told.side is final.side and max(edges) <= SAME_S


def summary(rows: Sequence[Row]) -> list[str]:
    """One line of the table, without its name."""
    final, told, same = (sum(getattr(r, name) for r in rows) for name in ("final", "told", "same"))
    moved = np.array([m for r in rows for m in r.moved if math.isfinite(m)])
    waits_s = np.array([w for r in rows for w in r.waits_s])
    starts, false = sum(r.starts for r in rows), sum(r.false_starts for r in rows)
    points = [f"{np.quantile(moved, q):.2f}" if moved.size else "–" for q in (0.5, 0.95)]
    waits = [f"{1e3 * float(np.quantile(waits_s, q)):.0f} ms" for q in (0.5, 0.95)]
    shares = [f"{100 * same / final:.1f} %", f"{100 * same / max(told, 1):.1f} %"]
    return [str(len(rows)), str(final), *shares, *points, *waits, f"{100 * false / max(starts, 1):.1f} %"]


HEADS = (
    "sets",
    "reps",
    "told rightly before the end",
    "of those told, right at once",
    "move of d, median",
    "95 %",
    "told after, median",
    "95 %",
    "starts that were none",
)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=25, help="per case")
    parser.add_argument("--first", type=int, default=60_000, help="first seed; lower ones were seen while building")
    options = parser.parse_args()
    seeds = range(options.first, options.first + options.seeds)
    print("| case | " + " | ".join(HEADS) + " |\n" + "|---" * (len(HEADS) + 1) + "|")
    with ProcessPoolExecutor(2) as pool:
        for case in CASES:
            rows = list(pool.map(row, [(seed, case) for seed in seeds]))
            print(f"| {case} | " + " | ".join(summary(rows)) + " |", flush=True)


if __name__ == "__main__":
    main()
