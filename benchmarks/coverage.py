"""Coverage of set and session intervals: how often a nominal 95 % interval holds the true λ.

Repetitions follow an AR(1) process within their set, sets differ by their own deviation, sessions are many; everything
is drawn and judged in arrays. Run ``python benchmarks/coverage.py``; ``--json FILE`` keeps every cell.
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from glutebal.balance.estimate import mean_and_se, t_quantile
from glutebal.balance.mixed import fit_means

Array = NDArray[np.float64]

REP_SD = 0.1  # of λ from repetition to repetition
PHIS = (0.0, 0.15, 0.3)
SET_SDS = (0.0, 0.05, 0.1)
SET_SIZES = (5, 8, 12, 20)
PLANS = {
    "3 sets, balanced": ((5, 5, 5), (10, 10, 10), (20, 20, 20)),
    "4 sets, balanced": ((5, 5, 5, 5), (12, 12, 12, 12)),
    "6 sets, balanced": ((5,) * 6, (20,) * 6),
    "3 sets, unbalanced": ((5, 6, 7), (10, 10, 9), (5, 12, 20), (20, 5, 5)),
    "4 sets, unbalanced": ((12, 10, 8, 6), (5, 5, 5, 20), (20, 20, 20, 5)),
    "5 sets, unbalanced": ((10, 10, 10, 10, 9), (20, 15, 10, 8, 5)),
    "6 sets, unbalanced": ((12, 12, 12, 12, 12, 6), (5, 20, 5, 20, 5, 20)),
}
LOWEST, HIGHEST = 0.93, 0.99


@dataclass(frozen=True)
class Cell:
    """One simulated case; half width in λ."""

    plan: str
    sizes: tuple[int, ...]
    phi: float
    set_sd: float
    coverage: float
    half_width: float


def repetitions(rng: np.random.Generator, runs: int, n: int, phi: float) -> Array:
    """Stationary AR(1) sequences of standard deviation `REP_SD`, shape (runs, n)."""
    noise = rng.standard_normal((n, runs))
    for i in range(1, n):
        noise[i] = phi * noise[i - 1] + math.sqrt(1 - phi**2) * noise[i]
    return REP_SD * noise.T


def set_cell(rng: np.random.Generator, runs: int, n: int, phi: float) -> Cell:
    """One set of n repetitions, as `set_estimate` judges it."""
    mean, se = mean_and_se(repetitions(rng, runs, n, phi))
    half = t_quantile(0.95, n - 1) * se
    return Cell("one set", (n,), phi, 0.0, float(np.mean(np.abs(mean) <= half)), float(half.mean()))


def session_cell(
    rng: np.random.Generator, runs: int, plan: str, sizes: tuple[int, ...], phi: float, set_sd: float
) -> Cell:
    """Sets of these sizes, as `nested_estimate` judges them."""
    sets = [repetitions(rng, runs, n, phi) + set_sd * rng.standard_normal((runs, 1)) for n in sizes]
    means = np.stack([s.mean(axis=1) for s in sets], axis=-1)
    if len(set(sizes)) == 1:
        mean, se = means.mean(axis=1), means.std(axis=1, ddof=1) / math.sqrt(len(sizes))
    else:
        within = sum(np.sum((s - s.mean(axis=1, keepdims=True)) ** 2, axis=1) for s in sets)
        fits = [fit_means(m, sizes, w) for m, w in _batches(means, np.asarray(within))]
        mean, se = (np.concatenate([getattr(fit, name) for fit in fits]) for name in ("mean", "se"))
    half = t_quantile(0.95, len(sizes) - 1) * se
    return Cell(plan, sizes, phi, set_sd, float(np.mean(np.abs(mean) <= half)), float(half.mean()))


def _batches(means: Array, within: Array, size: int = 2000) -> list[tuple[Array, Array]]:
    return [(means[i : i + size], within[i : i + size]) for i in range(0, len(within), size)]


def cells(runs: int, seed: int) -> list[Cell]:
    """Every case, each from its own stream of random numbers."""
    streams = iter(np.random.SeedSequence(seed).spawn(1000))
    made = [set_cell(np.random.default_rng(next(streams)), runs, n, phi) for n in SET_SIZES for phi in PHIS]
    for plan, every in PLANS.items():
        for sizes in every:
            for phi in PHIS:
                made += [
                    session_cell(np.random.default_rng(next(streams)), runs, plan, sizes, phi, sd) for sd in SET_SDS
                ]
    return made


def table(made: Sequence[Cell]) -> str:
    """One row per plan: the lowest and the highest coverage of its cells."""
    lines = ["| plan | cells | lowest coverage | where | highest coverage |", "|---|---|---|---|---|"]
    for plan in dict.fromkeys(cell.plan for cell in made):
        own = sorted((cell for cell in made if cell.plan == plan), key=lambda cell: cell.coverage)
        low, high = own[0], own[-1]
        reps = ", ".join(map(str, low.sizes))
        where = f"reps {reps}; φ {low.phi:g}; sets differ by {low.set_sd:g}"
        lines.append(f"| {plan} | {len(own)} | {100 * low.coverage:.1f} % | {where} | {100 * high.coverage:.1f} % |")
    outside = sum(not LOWEST <= cell.coverage <= HIGHEST for cell in made)
    lines += ["", f"{outside} of {len(made)} cells are outside {100 * LOWEST:.0f} to {100 * HIGHEST:.0f} %."]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=10_000, help="simulated sessions per cell")
    parser.add_argument("--seed", type=int, default=2031)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    made = cells(options.runs, options.seed)
    print(table(made))
    if options.json:
        options.json.write_text(json.dumps([asdict(cell) for cell in made], indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
