"""Coverage of the trend's intervals and calls of change, on simulated seasons with a known truth.

Every season is drawn from its seed, down to the repetitions. Run ``python benchmarks/trend.py``; it prints the tables.
Seeds below 10 000 were seen while building.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glutebal.balance.estimate import mean_and_se
from glutebal.balance.trend import Direction, SessionSets, Trend, TrendSettings, trend

Row = dict[str, Any]
FIRST_DAY = date(2026, 1, 5)


@dataclass(frozen=True)
class Kind:
    """A way of measuring: what is drawn per season, λ, or in a unit of which ``size`` are as 1; ranges are uniform."""

    name: str
    assumed: TrendSettings
    placement_sd: tuple[float, float]
    rep_sd: tuple[float, float]
    reference_se: tuple[float, float]
    size: float = 1.0


KINDS = (
    Kind("EMG-like", TrendSettings(placement_sd=0.11), (0.05, 0.20), (0.08, 0.20), (0.02, 0.05)),
    Kind("force-like", TrendSettings(placement_sd=0.042), (0.015, 0.08), (0.03, 0.10), (0.0, 0.0)),
    Kind("degrees", TrendSettings.of_differences("deg", 5.0), (0.036, 0.144), (0.04, 0.16), (0.0, 0.0), size=25.0),
)


@dataclass(frozen=True)
class Plan:
    """What all seasons of a table share."""

    weeks: tuple[int, int] = (8, 16)
    drift_sd: tuple[float, float] = (0.005, 0.05)
    outliers: float = 0.05
    setup_change: float = 0.4
    course: str = "wander"  # or "constant", "line", "step": of 2 MDC over the season


@dataclass(frozen=True)
class Season:
    """A simulated person: sessions as handed to the trend, and what is true."""

    sessions: tuple[SessionSets, ...]
    levels: NDArray[np.float64]
    outliers: NDArray[np.bool_]
    placement_sd: float
    drift_sd: float
    sem: float
    settings: TrendSettings


def season(seed: int, kind: Kind, plan: Plan) -> Season:
    """Draw one season."""
    rng = np.random.default_rng([seed, 4])
    weeks = int(rng.integers(plan.weeks[0], plan.weeks[1] + 1))
    days = _days(rng, weeks)
    placement, drift = float(rng.uniform(*kind.placement_sd)), float(rng.uniform(*plan.drift_sd))
    measured = _Measuring(float(rng.uniform(*kind.rep_sd)), float(rng.uniform(0, 0.3)), float(rng.uniform(0, 0.05)))
    reference = float(rng.uniform(*kind.reference_se))
    sizes = [rng.integers(5, 21, rng.integers(2, 6)) for _ in days]
    sampling = np.array([measured.variance(size) for size in sizes]) + reference**2
    sem = math.sqrt(placement**2 + float(sampling.mean()))
    levels = rng.normal(0, 0.2) + _course(rng, plan, days, drift, 2 * 1.96 * math.sqrt(2) * sem)
    setups = _setups(rng, plan, len(days))
    levels = levels + rng.normal(0, 0.15) * setups
    strange = rng.random(len(days)) < plan.outliers
    errors = rng.normal(0, 1, len(days)) * math.hypot(placement, reference)
    errors += strange * rng.choice([-1, 1], len(days)) * rng.uniform(3, 8, len(days)) * np.sqrt(placement**2 + sampling)
    sets = [measured.sets(rng, y, size) for y, size in zip(levels + errors, sizes, strict=True)]
    k = kind.size
    sessions = [
        SessionSets(FIRST_DAY + timedelta(days=int(day)), _times(k, values), _times(k, ses), k * reference, "ab"[setup])
        for day, (values, ses), setup in zip(days, sets, setups, strict=True)
    ]
    return Season(tuple(sessions), k * levels, strange, k * placement, k * drift, k * sem, kind.assumed)


def _times(size: float, values: tuple[float, ...]) -> tuple[float, ...]:
    return tuple(size * value for value in values)


def _days(rng: np.random.Generator, weeks: int) -> NDArray[np.int_]:
    """One to three sessions a week; half of the seasons miss two to four weeks in the middle."""
    often = int(rng.integers(1, 4))
    days = np.concatenate([7 * w + np.sort(rng.choice(7, often, replace=False)) for w in range(weeks)])
    if rng.random() < 0.5:
        away = int(rng.integers(2, weeks - 4)) * 7
        days = days[(days < away) | (days >= away + 7 * int(rng.integers(2, 5))) | (days > 7 * (weeks - 2))]
    return days


def _course(
    rng: np.random.Generator, plan: Plan, days: NDArray[np.int_], drift: float, size: float
) -> NDArray[np.float64]:
    """The true level less where it started."""
    size *= float(rng.choice([-1, 1]))
    along = (days - days[0]) / (days[-1] - days[0])
    if plan.course == "line":
        return np.asarray(size * along)
    if plan.course == "step":
        return np.asarray(size * (along >= rng.uniform(0.3, 0.7)))
    if plan.course == "constant":
        return np.zeros(days.size)
    return np.cumsum(rng.normal(0, 1, days.size) * drift * np.sqrt(np.diff(days, prepend=days[0]) / 7))


def _setups(rng: np.random.Generator, plan: Plan, n: int) -> NDArray[np.int_]:
    change = int(rng.integers(n // 3, 2 * n // 3)) if rng.random() < plan.setup_change else n
    return np.asarray(np.arange(n) >= change, dtype=int)


@dataclass(frozen=True)
class _Measuring:
    """Repetitions of a set: their standard deviation and autocorrelation, and what sets differ by besides."""

    rep_sd: float
    phi: float
    set_sd: float

    def variance(self, sizes: NDArray[np.int_]) -> float:
        """Of the mean of sets of these sizes."""
        return sum(self.set_sd**2 + self._of_mean(int(n)) for n in sizes) / sizes.size**2

    def _of_mean(self, n: int) -> float:
        lags = np.arange(1, n)
        return self.rep_sd**2 / n * (1 + 2 * float(np.sum((1 - lags / n) * self.phi**lags)))

    def sets(
        self, rng: np.random.Generator, level: float, sizes: NDArray[np.int_]
    ) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """Value and standard error of every set, as the library tells them; one in thirty has no answer."""
        told = [self._set(rng, level, int(n)) for n in sizes]
        return tuple(value for value, _ in told), tuple(se for _, se in told)

    def _set(self, rng: np.random.Generator, level: float, n: int) -> tuple[float, float]:
        noise = rng.normal(0, 1, n)
        for i in range(1, n):
            noise[i] = self.phi * noise[i - 1] + math.sqrt(1 - self.phi**2) * noise[i]
        mean, se = mean_and_se(level + rng.normal(0, self.set_sd) + self.rep_sd * noise)
        return (math.nan, math.nan) if rng.random() < 1 / 30 else (float(mean), float(se))


def row(seed: int, kind: Kind, plan: Plan) -> Row:
    """Judge one season, with the trend and with the naive rules."""
    made = season(seed, kind, plan)
    found = trend(made.sessions, made.settings)
    held = [
        [e.low <= true <= e.high for e in (s.observed, s.filtered, s.smoothed)]
        for s, true in zip(found.sessions, made.levels, strict=True)
    ]
    up = bool(made.levels[-1] > made.levels[0])
    return {
        "placement_sd": made.placement_sd,
        "sessions": len(made.sessions),
        "setup changed": bool(found.setup_changes),
        "held": np.array(held),
        "half_width": (found.level.high - found.level.low) / 2,
        "unit": found.settings.unit,
        "change held": _change_held(found, made),
        "mdc ratio": found.error.sem / made.sem if found.error.learned else math.nan,
        "changed": found.direction in {Direction.RIGHTWARDS, Direction.LEFTWARDS},
        "rightly": found.direction is (Direction.RIGHTWARDS if up else Direction.LEFTWARDS),
        **_naive(found, made),
    }


def _change_held(found: Trend, made: Season) -> float:
    """Whether the interval of the change holds the true one; NaN when there is none."""
    if found.is_unknown:
        return math.nan
    valued = [i for i, s in enumerate(found.sessions) if s.sets and s.segment == found.sessions[-1].segment]
    true = made.levels[-1] - made.levels[valued[0]]
    return float(found.change.low <= true <= found.change.high)


def _naive(found: Trend, made: Season) -> Row:
    """What is often done instead: says "changed" or not."""
    from scipy.stats import linregress

    valued = [s for s in found.sessions if s.sets]
    first, last = valued[0].observed.value, valued[-1].observed.value
    sets = {s.day: [v for v in s.values if math.isfinite(v)] for s in made.sessions}
    spread = [float(np.var(sets[s.day], ddof=1)) / s.sets for s in (valued[0], valued[-1]) if s.sets > 1] or [0.0]
    days = [s.day.toordinal() for s in valued]
    return {
        "last against first, z > 1.96": bool(abs(last - first) > 1.96 * math.sqrt(2 * float(np.mean(spread)))),
        "least-squares slope, p < .05": bool(linregress(days, [s.observed.value for s in valued]).pvalue < 0.05),
        "ratio moved by more than 10 %": math.nan if found.settings.unit else bool(abs(last - first) > math.log(1.1)),
        "last against first, beyond the MDC": bool(abs(last - first) > found.error.mdc95),
    }


def rows(kind: Kind, plan: Plan, seeds: Sequence[int]) -> list[Row]:
    """All rows, on two processes."""
    with ProcessPoolExecutor(2) as pool:
        return list(pool.map(partial(row, kind=kind, plan=plan), seeds, chunksize=25))


def _last(kept: Sequence[Row]) -> float:
    return float(np.mean([r["held"][-1, 2] for r in kept]))


def _everywhere(kept: Sequence[Row], column: int) -> float:
    return float(np.mean(np.concatenate([r["held"][:, column] for r in kept])))


def coverage_table(wandering: dict[str, list[Row]], clean: dict[str, list[Row]], courses: dict[str, list[Row]]) -> str:
    """How often 95 % intervals hold the true level, per kind, part of the seasons, and course of the level."""
    heads = "| 95 % intervals hold | n | level now | level at all sessions | as known then | change | half width |"
    lines = [heads, "|---" * 7 + "|"]
    for name, kept in wandering.items():
        groups = [(name, kept), *_thirds(kept), *_parts(kept), (f"{name}, no odd sessions", clean[name])]
        lines += [_coverage_line(label, group) for label, group in groups]
    lines += [_coverage_line(label, kept) for label, kept in courses.items()]
    return "\n".join(lines)


def _thirds(kept: list[Row]) -> list[tuple[str, list[Row]]]:
    sds = [r["placement_sd"] for r in kept]
    cuts = np.quantile(sds, [0, 1 / 3, 2 / 3, 1])
    bins = np.clip(np.searchsorted(cuts, sds, side="right") - 1, 0, 2)
    return [
        (f"… σ_p {cuts[i]:.3f} to {cuts[i + 1]:.3f}", [r for r, b in zip(kept, bins, strict=True) if b == i])
        for i in range(3)
    ]


def _parts(kept: list[Row]) -> list[tuple[str, list[Row]]]:
    return [
        ("… with a change of setup", [r for r in kept if r["setup changed"]]),
        ("… under 12 sessions", [r for r in kept if r["sessions"] < 12]),
    ]


def _coverage_line(label: str, kept: Sequence[Row]) -> str:
    shares = [_last(kept), _everywhere(kept, 2), _everywhere(kept, 1), np.nanmean([r["change held"] for r in kept])]
    half = float(np.mean([r["half_width"] for r in kept]))
    width = half if kept[0]["unit"] else 100 * math.tanh(half / 2)
    return f"| {label} | {len(kept)} | " + " | ".join(f"{100 * s:.1f} %" for s in shares) + f" | {width:.1f} |"


RULES = (
    "changed",
    "last against first, z > 1.96",
    "least-squares slope, p < .05",
    "ratio moved by more than 10 %",
    "last against first, beyond the MDC",
)


def calls_table(cases: dict[str, list[Row]]) -> str:
    """How often each rule says "changed"."""
    lines = [
        "| says that it changed | n | " + " | ".join(["**trend**", *RULES[1:]]) + " |",
        "|---" * (len(RULES) + 2) + "|",
    ]
    for label, kept in cases.items():
        shares = [
            np.mean([r["rightly" if rule == "changed" and "constant" not in label else rule] for r in kept])
            for rule in RULES
        ]
        told = (f"{100 * s:.1f} %" if math.isfinite(s) else "–" for s in shares)
        lines.append(f"| {label} | {len(kept)} | " + " | ".join(told) + " |")
    return "\n".join(lines)


PLANS = {
    "constant level": Plan(course="constant", setup_change=0.0),
    "2 MDC in a line over 8 weeks": Plan(weeks=(8, 8), course="line", setup_change=0.0),
    "2 MDC in one step within 8 weeks": Plan(weeks=(8, 8), course="step", setup_change=0.0),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=1000)
    parser.add_argument(
        "--first", type=int, default=50_000, help="first seed; those below 10 000 were seen while building"
    )
    options = parser.parse_args()
    seeds = range(options.first, options.first + options.seeds)
    wandering = {kind.name: rows(kind, Plan(), seeds) for kind in KINDS}
    clean = {kind.name: rows(kind, Plan(outliers=0.0), seeds) for kind in KINDS}
    called = {f"{kind.name}, {name}": rows(kind, plan, seeds) for kind in KINDS for name, plan in PLANS.items()}
    print(coverage_table(wandering, clean, called) + "\n")
    print(calls_table(called))
    learned = {name: np.nanmedian([r["mdc ratio"] for r in kept]) for name, kept in wandering.items()}
    told = ", ".join(f"{name} {ratio:.2f}" for name, ratio in learned.items())
    print(f"\nLearned minimal detectable change over the true one, median: {told}.")


if __name__ == "__main__":
    main()
