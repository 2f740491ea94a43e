"""Accuracy on simulated sets: error of the imbalance index, coverage of its interval, exactness of the rep count.

Every set has its own true ratio (R/L 0.6 to 1.6), unequal noise floors, 5 to 20 reps, AR(1) variation from rep to rep,
tempo, shape and signal-to-noise ratio, all drawn from its seed. Run ``python benchmarks/simulated_sets.py``; it prints
the table and, with ``--json FILE``, keeps the rows.
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from glutebal.analysis.analyse import analyse
from glutebal.model import Bilateral, Quantity, Side
from glutebal.results import Laterality, Reference
from glutebal.testing.plans import SetPlan, Truth
from glutebal.testing.simulate import simulate_reference, simulate_set
from glutebal.testing.waveforms import Shape

Row = dict[str, Any]


def plan_of(seed: int, laterality: Laterality) -> SetPlan:
    """A set drawn from its seed."""
    rng = np.random.default_rng([seed, 77])
    low = 4e-6 * float(rng.uniform(0.5, 1.0))
    noise = Bilateral(low, low * float(rng.uniform(1.0, 2.0)))
    return SetPlan(
        ratio=math.exp(float(rng.uniform(math.log(0.6), math.log(1.6)))),
        gain=Bilateral(1.0, float(rng.uniform(0.7, 1.4))),
        reps=int(rng.integers(5, 21)),
        laterality=laterality,
        exercise="hip_thrust" if laterality is Laterality.BILATERAL else "single_leg_hip_thrust",
        first=Side.LEFT if rng.random() < 0.5 else Side.RIGHT,
        rate_hz=float(rng.choice([500, 1000, 2000])),
        snr_db=float(rng.uniform(12, 30)),
        noise_v=noise if rng.random() < 0.5 else noise.swapped(),
        rep_sd=float(rng.uniform(0.03, 0.12)),
        autocorrelation=float(rng.uniform(0, 0.3)),
        rep_s=float(rng.uniform(0.8, 4.0)),
        rest_s=float(rng.uniform(0.6, 3.0)),
        shape=list(Shape)[int(rng.integers(len(Shape)))],
    )


def row(job: tuple[int, Laterality, bool]) -> Row:
    """Analyse one simulated set; ``measured`` references add their own error, exact ones do not."""
    seed, laterality, measured = job
    plan = plan_of(seed, laterality)
    recording, truth = simulate_set(seed, plan)
    reference = simulate_reference(seed, plan) if measured else _exact_reference(truth)
    result = analyse(recording, reference=reference)
    activation = next(b for b in result.analysis.balances if b.measure == "activation")
    found = activation.log_ratio
    return {
        "seed": seed,
        "snr_db": plan.snr_db,
        "reps": len(truth.reps),
        "found": len(result.analysis.segmentation.reps),
        "status": found.status.value,
        "error": 100 * math.tanh(found.value / 2) - truth.imbalance,
        "half_width": 50 * (math.tanh(found.high / 2) - math.tanh(found.low / 2)),
        "covered": bool(found.low <= truth.log_ratio <= found.high),
    }


def _exact_reference(truth: Truth) -> Reference:
    muscle = truth.plan.muscles[0]
    return Reference(muscle.site, Quantity.EMG, truth.reference_v(muscle), method="exact, from the simulation")


def summary(rows: Sequence[Row]) -> dict[str, float]:
    """Mean error (points of the imbalance index), its standard error, coverage and exact counts (shares)."""
    told = [r for r in rows if math.isfinite(r["half_width"])]
    errors = np.array([r["error"] for r in told])
    return {
        "sets": len(rows),
        "with interval": len(told),
        "mean error": float(errors.mean()),
        "its se": float(errors.std(ddof=1) / math.sqrt(errors.size)),
        "sd": float(errors.std(ddof=1)),
        "half width": float(np.mean([r["half_width"] for r in told])),
        "coverage": float(np.mean([r["covered"] for r in told])),
        "exact counts": float(np.mean([r["found"] == r["reps"] for r in rows])),
    }


def run(seeds: Sequence[int], laterality: Laterality, *, measured: bool) -> list[Row]:
    """All rows, on two processes."""
    with ProcessPoolExecutor(2) as pool:
        return list(pool.map(row, [(seed, laterality, measured) for seed in seeds], chunksize=8))


CASES = (
    ("bilateral, exact reference", Laterality.BILATERAL, False),
    ("bilateral, measured reference", Laterality.BILATERAL, True),
    ("unilateral, exact reference", Laterality.UNILATERAL, False),
)


def table(seeds: Sequence[int]) -> tuple[str, dict[str, list[Row]]]:
    """The table as Markdown, and the rows behind it."""
    kept = {name: run(seeds, laterality, measured=measured) for name, laterality, measured in CASES}
    groups = list(kept.items())
    bilateral = kept[CASES[0][0]]
    for low, high in ((12, 18), (18, 24), (24, 30)):
        groups.append((f"… of these, SNR {low}-{high} dB", [r for r in bilateral if low <= r["snr_db"] < high]))
    heads = list(summary(bilateral))
    lines = ["| case | " + " | ".join(heads) + " |", "|---" * (len(heads) + 1) + "|"]
    for name, rows in groups:
        lines.append(f"| {name} | " + " | ".join(_cell(k, v) for k, v in summary(rows).items()) + " |")
    return "\n".join(lines), kept


def _cell(name: str, value: float) -> str:
    if name in {"sets", "with interval"}:
        return f"{value:.0f}"
    return f"{100 * value:.1f} %" if name in {"coverage", "exact counts"} else f"{value:+.2f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=300)
    parser.add_argument("--first", type=int, default=50_000, help="first seed; lower ones were seen while building")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    text, rows = table(range(options.first, options.first + options.seeds))
    print(text)
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
