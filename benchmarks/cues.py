"""Cues during a set: how often one is said in sets without a shift, and how soon in sets with one.

Sets of twelve repetitions whose λ is AR(1) about 0, about a shift from the first rep on, or one that begins at the
sixth, go rep by rep through the very class that runs live. Run ``python benchmarks/cues.py``.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from glutebal.balance.ratio import log_ratio_of
from glutebal.coach.cues import CueKind, Cues, CueSettings, RepSeen
from glutebal.model import Bilateral, Side

Array = NDArray[np.float64]

REPS = 12
PHI = 0.3
SDS = (0.08, 0.12, 0.16)  # of λ from rep to rep
SHIFT = 0.3  # of λ: d = 14.9
BEGINS = (None, 1, 6)  # the rep at which the shift begins
THRESHOLD = log_ratio_of(10.0)
EVERY = CueSettings()
WATCHED = frozenset({CueKind.BALANCE, CueKind.END_SET})


@dataclass(frozen=True)
class Told:
    """What a rule said in every set: the first rep with a cue to the right and to the left, and the suggested end.

    Shape (sets,); infinity: never. ``late`` counts from the sixth rep, whatever was said before.
    """

    right: Array
    left: Array
    late: Array
    end: Array

    def before(self, rep: float) -> str:
        """Sets with a cue to either side before that rep."""
        return percent(np.minimum(self.right, self.left) < rep)


def found(first: Array) -> tuple[str, str]:
    """Sets with a cue, and the median rep of the first."""
    known = first[np.isfinite(first)]
    return percent(np.isfinite(first)), f"{np.median(known):.0f}" if known.size else "none"


def percent(hits: Array | NDArray[np.bool_]) -> str:
    """A share with the decimals that its own error leaves."""
    share = 100 * float(np.mean(hits))
    return f"{share:.2f} %" if share < 1 else f"{share:.1f} %"


def ar1(rng: np.random.Generator, sets: int, sd: float) -> Array:
    """Stationary AR(1), shape (sets, REPS)."""
    noise = rng.standard_normal((REPS, sets))
    for i in range(1, REPS):
        noise[i] = PHI * noise[i - 1] + math.sqrt(1 - PHI**2) * noise[i]
    return sd * noise.T


def from_rep(begins: int | None, change: float) -> Array:
    """A change that begins at a rep, shape (REPS,)."""
    reps = np.arange(1, REPS + 1)
    return np.where(reps >= begins, change, 0.0) if begins else np.zeros(REPS)


def of_flags(right: NDArray[np.bool_], left: NDArray[np.bool_]) -> Told:
    """From where a baseline rule fires, shape (sets, REPS)."""
    late = right.copy()
    late[:, :5] = False
    never = np.full(len(right), math.inf)
    return Told(first_rep(right), first_rep(left), first_rep(late), never)


def first_rep(fires: NDArray[np.bool_]) -> Array:
    return np.where(fires.any(axis=1), fires.argmax(axis=1) + 1.0, math.inf)


def single_rep(log_ratios: Array, _: float) -> Told:
    return of_flags(log_ratios > THRESHOLD, log_ratios < -THRESHOLD)


def two_in_a_row(log_ratios: Array, _: float) -> Told:
    flags = [sign * log_ratios > THRESHOLD for sign in (1, -1)]
    for flag in flags:
        flag[:, 1:] &= flag[:, :-1].copy()
        flag[:, 0] = False
    return of_flags(*flags)


def cues(log_ratios: Array, _: float) -> Told:
    return told_by(CueSettings(on=WATCHED), log_ratios)


def personal_cues(log_ratios: Array, sd: float) -> Told:
    return told_by(CueSettings(on=WATCHED, personal_sd=sd), log_ratios)


RULES: dict[str, Callable[[Array, float], Told]] = {
    "one rep": single_rep,
    "two reps in a row": two_in_a_row,
    "**cues**": cues,
    "**cues**, own sd known": personal_cues,
}


def told_by(settings: CueSettings, log_ratios: Array) -> Told:
    """What `Cues` says, set by set."""
    rows = [_first(settings, row) for row in log_ratios.tolist()]
    return Told(*np.array(rows).T)


def _first(settings: CueSettings, row: Sequence[float]) -> tuple[float, float, float, float]:
    machine = Cues(settings)
    for index, value in enumerate(row, start=1):
        machine.rep(RepSeen(index, log_ratio=value))
    balance = [cue for cue in machine.said if cue.kind is CueKind.BALANCE]
    ends = [cue.rep for cue in machine.said if cue.kind is CueKind.END_SET]
    sides = [[cue.rep for cue in balance if cue.side is side] for side in (Side.RIGHT, Side.LEFT)]
    late = [rep for rep in sides[0] if rep >= 6]
    return tuple(min(reps, default=math.inf) for reps in (*sides, late, ends))  # type: ignore[return-value]


def balance_rows(sets: int, rng: np.random.Generator) -> Iterator[Sequence[str]]:
    for sd in SDS:
        noise = [ar1(rng, sets, sd) + from_rep(begins, SHIFT) for begins in BEGINS]
        for name, rule in RULES.items():
            none, first, sixth = (rule(log_ratios, sd) for log_ratios in noise)
            ends = [found(told.end)[0] if "cues" in name else "" for told in (none, first, sixth)]
            yield (
                *(f"{sd:.2f}", name, none.before(math.inf), ends[0]),
                *(*found(first.right), ends[1]),
                *(sixth.before(6), *found(sixth.late), ends[2]),
            )


@dataclass(frozen=True)
class Trial:
    """A kind of cue and what its reps show: ``of`` makes the rep, or the pair, from a value about ``level``.

    ``sd`` is the scatter from rep to rep: assumed, there is no published value for live sets. ``change`` by rep.
    """

    kind: CueKind
    name: str
    level: float
    sd: float
    said: str
    change: Array
    of: Callable[[int, float], tuple[RepSeen, ...]]
    settings: CueSettings = EVERY


def shifted(k: int, cm: float) -> tuple[RepSeen, ...]:
    return (RepSeen(k, lateral_shift_cm=cm),)


def dropped(k: int, deg: float) -> tuple[RepSeen, ...]:
    return (RepSeen(k, side=Side.LEFT, pelvic_drop_deg=deg),)


def deep(k: int, deg: float) -> tuple[RepSeen, ...]:
    return (RepSeen(k, depth_deg=Bilateral(85.0, 85.0 + deg)),)


def moved(k: int, deg: float) -> tuple[RepSeen, ...]:
    return (RepSeen(k, range_deg=deg),)


def held(k: int, seconds: float) -> tuple[RepSeen, ...]:
    return (RepSeen(k, hold_s=seconds),)


def timed(k: int, log_ratio: float) -> tuple[RepSeen, ...]:
    seconds = Bilateral(3.0, 3.0 * math.exp(log_ratio))
    return tuple(RepSeen(k, side=side, duration_s=seconds[side]) for side in Side)


def lowered(k: int, log_s: float) -> tuple[RepSeen, ...]:
    return (RepSeen(k, eccentric_s=math.exp(log_s)),)


SIXTH = "from rep 6"
RAMP = 0.4 * np.arange(REPS, dtype=np.float64)
HELD = CueSettings(hold_s=(2.0, 5.0))
TRIALS = (
    Trial(CueKind.LATERAL_SHIFT, "lateral shift", 0, 0.5, f"3 cm {SIXTH}", from_rep(6, 3.0), shifted),
    Trial(CueKind.LATERAL_SHIFT, "lateral shift", 0, 0.5, "0.4 cm more each rep", RAMP, shifted),
    Trial(CueKind.LATERAL_SHIFT, "lateral shift", 0, 0.8, f"3 cm {SIXTH}", from_rep(6, 3.0), shifted),
    Trial(CueKind.PELVIC_DROP, "pelvic drop", 4, 1.5, f"10° {SIXTH}", from_rep(6, 10.0), dropped),
    Trial(CueKind.DEPTH, "depth of the sides", 0, 4.0, "15° from rep 1", from_rep(1, 15.0), deep),
    Trial(CueKind.RANGE, "range", 90, 4.0, f"15° smaller {SIXTH}", from_rep(6, -15.0), moved),
    Trial(CueKind.HOLD, "hold, aim 2 to 5 s", 3, 0.4, "1.2 s instead of 3 s from rep 1", from_rep(1, -1.8), held, HELD),
    Trial(CueKind.TEMPO, "time of the sides", 0, 0.1, "35 % longer from rep 1", from_rep(1, math.log(1.35)), timed),
    Trial(CueKind.TEMPO, "time of lowering", 0.7, 0.1, f"30 % less {SIXTH}", from_rep(6, math.log(0.7)), lowered),
)


def trial_rows(sets: int, rng: np.random.Generator) -> Iterator[Sequence[str]]:
    for trial in TRIALS:
        values = trial.level + ar1(rng, sets, trial.sd)
        none, changed = (np.array([noted(trial, row) for row in v.tolist()]) for v in (values, values + trial.change))
        known = changed[np.isfinite(changed)]
        yield (
            *(trial.name, scatter(trial), percent(np.isfinite(none))),
            *(trial.said, percent(np.isfinite(changed)), f"{np.median(known):.0f}"),
        )


def scatter(trial: Trial) -> str:
    if trial.kind is CueKind.TEMPO:
        return f"{100 * trial.sd:.0f} %"
    units = {CueKind.LATERAL_SHIFT: " cm", CueKind.HOLD: " s"}
    return f"{trial.sd:g}{units.get(trial.kind, '°')}"


def noted(trial: Trial, row: Sequence[float]) -> float:
    """The rep, or the pair, of the first cue; infinity: none."""
    machine = Cues(trial.settings)
    for k, value in enumerate(row, start=1):
        if any(cue.kind is trial.kind for seen in trial.of(k, value) for cue in machine.rep(seen)):
            return k
    return math.inf


def table(head: Sequence[str], rows: Iterator[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


BALANCE_HEAD = (
    *("sd of λ", "rule", "no shift: cue", "… end suggested", "shift from rep 1: cue", "at rep", "… end suggested"),
    *("shift from rep 6: cue before", "cue from rep 6", "at rep", "… end suggested"),
)
TRIAL_HEAD = ("cue", "sd from rep to rep", "no change: cue", "change", "cue", "at rep")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sets", type=int, default=10_000, help="simulated sets per cell")
    parser.add_argument("--seed", type=int, default=606)
    options = parser.parse_args()
    streams = [np.random.default_rng(s) for s in np.random.SeedSequence(options.seed).spawn(2)]
    print(table(BALANCE_HEAD, balance_rows(options.sets, streams[0])), end="\n\n")
    print(table(TRIAL_HEAD, trial_rows(max(options.sets // 5, 1), streams[1])))


if __name__ == "__main__":
    main()
