"""Joint angles, pelvic drop and lateral shift of simulated bodies whose truth is known, on seeds nothing was tuned on.

Run ``python benchmarks/motion_angles.py``; it prints the tables as Markdown and, with ``--json FILE``, keeps the rows.
Everything is found as in a real recording: the calibration's spans, the mounts, the orientations. Only the reps come
from the simulation, each border moved by a normal error of 100 ms.
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from onsets import markdown

from glutebal.model import Bilateral, Samples, Side
from glutebal.results import Rep
from glutebal.signal.motion import angles
from glutebal.signal.motion.calibration import Calibration, calibrate
from glutebal.signal.motion.calibration_spans import CalibrationSpans, find_calibration_spans
from glutebal.signal.motion.heading import NEUTRAL, Reset, known_postures
from glutebal.signal.motion.imu import imus
from glutebal.signal.motion.orientation import orientation
from glutebal.signal.motion.pelvis import SingleLeg, pelvic_angles, pelvic_drops
from glutebal.signal.motion.segments import Body, body
from glutebal.signal.motion.shift import LegLengths, lateral_shift
from glutebal.testing.bodies import BodyPlan, BodySet, Hole, SensorPlan, simulate_body
from glutebal.testing.body_chain import SHANK_M, THIGH_M
from glutebal.testing.body_moves import Stance
from glutebal.testing.body_schedule import MOVES

Row = dict[str, Any]

#: The algorithms were developed on seeds below 1000.
HELD_OUT = range(5000, 5005)
LONG_HELD_OUT = range(5100, 5104)
HARD = ("squat", "single_leg_deadlift")
#: In the middle of a repetition, each in another one.
HOLES = (Hole("thigh", Side.RIGHT, 60.0, 60.5), Hole("pelvis", None, 66.0, 66.5))
REP_BORDER_SD_S = 0.1
TARGETS = {"flexion": 3.5, "abduction": 2.5, "obliquity": 2.5, "drop": 1.5, "shift_cm": 1.5}
PLANTED = [name for name, move in MOVES.items() if move.stance is Stance.BOTH and move.on_feet and name != "jump"]


@dataclass(frozen=True)
class Case:
    """One simulated recording, measured."""

    simulated: BodySet
    spans: CalibrationSpans
    calibration: Calibration
    body: Body
    reps: tuple[Rep, ...]
    known: tuple[Reset, ...]

    @property
    def n(self) -> int:
        """Samples of the recording."""
        return int(self.simulated.truth.times_s.size)

    def during(self) -> Samples:
        """Which samples are inside a set."""
        times_s = self.simulated.truth.times_s
        sets = [(times_s >= s.start_s) & (times_s < s.stop_s) for s in self.simulated.truth.sets]
        return np.asarray(np.any(sets, axis=0))


def plan_of(exercise: str, seed: int) -> BodyPlan:
    """A set of the exercise with a drop, a shift and a frontal knee angle of its own."""
    rng = np.random.default_rng([seed, 77])
    drop, knee = rng.uniform(0, 10, 2), rng.uniform(-2, 10, 2)
    return BodyPlan(
        exercise=exercise,
        reps=6,
        pelvic_drop_deg=Bilateral(float(drop[0]), float(drop[1])),
        shift_m=(float(rng.uniform(-0.02, 0.02)), float(rng.uniform(-0.05, 0.05))),
        knee_frontal_deg=Bilateral(float(knee[0]), float(knee[1])),
        walk_out=exercise == "squat",
    )


def measured(seed: int, plan: BodyPlan, *, bow: bool = True) -> Case:
    """Simulate, calibrate and orient."""
    simulated = simulate_body(seed, plan)
    sensors = imus(simulated.recording)
    spans = find_calibration_spans(sensors)
    found = calibrate(
        sensors, spans.static, spans.flexion, spans.abduction, spans.bow if bow else None, first=plan.first
    )
    whole = body([orientation(sensor) for sensor in sensors], found, spans.static)
    reps = tuple(jittered(simulated, np.random.default_rng([seed, 78])))
    return Case(simulated, spans, found, whole, reps, known_postures(whole, reps, spans))


def jittered(simulated: BodySet, rng: np.random.Generator) -> Iterable[Rep]:
    """The true reps with borders that are off as a rep finder's are."""
    rate_hz = simulated.plan.sensors.rate_hz
    for rep in simulated.truth.reps:
        start_s, stop_s = np.array([rep.start_s, rep.stop_s]) + rng.normal(0, REP_BORDER_SD_S, 2)
        borders = round(start_s * rate_hz), round(stop_s * rate_hz)
        yield Rep(rep.index + 1, *borders, rate_hz, rep.side, rep.set_index + 1)


def rms(errors: Samples) -> float:
    """Root of the mean square; NaN is left out."""
    return float(np.sqrt(np.nanmean(np.square(errors))))


def errors(case: Case) -> Row:
    """Root mean square errors over the set, both legs, and the share of abductions inside the stated ±1.96 sd."""
    inside, truth = case.during(), case.simulated.truth.angles
    row: dict[str, list[Samples]] = {}
    covered = []
    for side in Side:
        true = truth.legs[side]
        hip, knee = angles.hip(case.body, side, case.known), angles.knee(case.body, side, case.known)
        found = angles.filled(hip, 0, case.n)
        row.setdefault("flexion", []).append(found[:, 0] - true.hip_flexion)
        row.setdefault("abduction", []).append(found[:, 1] - true.hip_abduction)
        row.setdefault("planar", []).append(_first(angles.planar_hip(case.body, side), case.n) - true.hip_flexion)
        row.setdefault("knee", []).append(_first(knee, case.n) - true.knee_flexion)
        row.setdefault("frontal", []).append(angles.filled(knee, 0, case.n)[:, 1] - true.knee_frontal)
        for piece in hip:
            part = slice(piece.start, piece.stop)
            near = np.abs(piece.abduction_deg - true.hip_abduction[part]) < 1.96 * piece.uncertainty_deg[:, 1]
            covered.append(near[inside[part]])
    out: Row = {name: rms(np.concatenate([v[inside] for v in values])) for name, values in row.items()}
    return out | {"covered": float(np.mean(np.concatenate(covered)))} | pelvis_errors(case)


def pelvis_errors(case: Case) -> Row:
    """Obliquity over the set, the peak drop of every single-leg phase, the lateral shift of planted feet."""
    inside, truth = case.during(), case.simulated.truth
    found = pelvic_angles(case.body)
    apart = [
        (p.obliquity_deg - truth.angles.pelvic_obliquity[p.start : p.stop])[inside[p.start : p.stop]] for p in found
    ]
    out: Row = {"obliquity": rms(np.concatenate(apart))}
    phases = [SingleLeg(p.side, p.start_s, p.stop_s) for p in truth.single_phases]
    drops = pelvic_drops(found, phases)
    if drops:
        out["drop"] = rms(np.array([d.drop_deg - p.drop_deg for d, p in zip(drops, truth.single_phases, strict=True)]))
    if case.simulated.plan.exercise in PLANTED:
        shifts = lateral_shift(case.body, case.known, LegLengths(THIGH_M, SHANK_M))
        moved = [(p.shift_m - truth.angles.shift_m[p.start : p.stop])[inside[p.start : p.stop]] for p in shifts]
        out["shift_cm"] = 100 * rms(np.concatenate(moved))
    return out


def _first(pieces: Sequence[angles.JointAngles], n: int) -> Samples:
    return angles.filled(pieces, 0, n)[:, 0]


def pooled(rows: Sequence[Row], title: str) -> Row:
    """Root mean square over recordings, and the worst one."""
    out: Row = {"exercise": title, "n": len(rows), "covered": float(np.mean([row["covered"] for row in rows]))}
    for name in ("flexion", "abduction", "planar", "knee", "frontal", "obliquity", "drop", "shift_cm"):
        values = np.array([row[name] for row in rows if name in row])
        out[name] = rms(values) if values.size else math.nan
        out[f"{name}_worst"] = float(values.max()) if values.size else math.nan
    return out


def heading_rows(seed: int, reps: int = 170) -> list[Row]:
    """A set of squats of ten minutes: error of the hip's abduction and relative heading, with and without resets."""
    plan = BodyPlan(exercise="squat", reps=reps)
    case = measured(seed, plan)
    neutral = tuple(reset for reset in case.known if reset.posture == NEUTRAL)
    raw = body([orientation(sensor) for sensor in imus(case.simulated.recording)], case.calibration)
    first = (Reset(case.spans.static.start_s, case.spans.static.stop_s),)
    ways = [
        ("resets at the static pose and every rep", case.body, case.known),
        ("calibration only", case.body, neutral),
        ("static pose only, filter's own bias", raw, first),
    ]
    return [{"way": way, "minutes": case.n / 6000, **_by_minute(case, whole, known)} for way, whole, known in ways]


def _by_minute(case: Case, whole: Body, known: Sequence[Reset]) -> Row:
    """Abduction and rotation error, both legs, in the first and the last minute of the set and at its worst minute."""
    start_s, stop_s = case.simulated.truth.sets[0].start_s, case.simulated.truth.sets[0].stop_s
    apart = []
    for side in Side:
        true = case.simulated.truth.angles.legs[side]
        found = angles.filled(angles.hip(whole, side, known), 0, case.n)
        apart.append(np.stack([found[:, 1] - true.hip_abduction, found[:, 2] - true.hip_rotation]))
    times_s = case.simulated.truth.times_s
    minutes = list(np.arange(start_s, stop_s - 30, 60))
    each = [
        [rms(np.concatenate([a[k, (times_s >= m) & (times_s < m + 60)] for a in apart])) for m in minutes]
        for k in (0, 1)
    ]
    return {"first": each[0][0], "last": each[0][-1], "worst": max(each[0]), "rotation": max(each[1])}


def long_sets(seeds: Sequence[int] = LONG_HELD_OUT) -> list[Row]:
    """The rows of `heading_rows` pooled over seeds."""
    every = [heading_rows(seed) for seed in seeds]
    out = []
    for same in zip(*every, strict=True):
        numbers = {
            k: rms(np.array([row[k] for row in same])) for k in ("minutes", "first", "last", "worst", "rotation")
        }
        out.append({"way": same[0]["way"], **numbers})
    return out


COLUMNS = {
    "exercise": "{exercise}",
    "hip flexion (worst)": "{flexion:.2f}° ({flexion_worst:.1f}°)",
    "planar": "{planar:.2f}°",
    "hip abduction (worst)": "{abduction:.2f}° ({abduction_worst:.1f}°)",
    "within ±1.96 sd": "{covered:.0%}",
    "obliquity": "{obliquity:.2f}°",
    "drop (worst)": "{drop:.2f}° ({drop_worst:.1f}°)",
    "shift (worst)": "{shift_cm:.2f} cm ({shift_cm_worst:.1f} cm)",
    "knee flexion": "{knee:.2f}°",
    "knee frontal": "{frontal:.2f}°",
}
TARGET_COLUMNS = {
    "quantity": "{quantity}",
    "target": "≤ {target}",
    "RMSE": "{value}",
    "recordings within it": "{share:.1%}",
}
LONG_COLUMNS = {
    "hip abduction over {minutes:.0f} min": "{way}",
    "first minute": "{first:.2f}°",
    "last minute": "{last:.2f}°",
    "worst minute": "{worst:.2f}°",
    "rotation, worst minute": "{rotation:.2f}°",
}
UNITS = {"shift_cm": " cm"}
TITLES = {
    "flexion": "hip flexion (3D)",
    "abduction": "hip ab/adduction",
    "obliquity": "pelvic obliquity",
    "drop": "pelvic drop (peak of a phase)",
    "shift_cm": "lateral shift (planted feet)",
}


def against_targets(rows: Sequence[Row]) -> list[Row]:
    """One row per target: the error over all recordings, and the share of recordings that meet it."""
    out = []
    for name, target in TARGETS.items():
        values = np.array([row[name] for row in rows if name in row])
        unit = UNITS.get(name, "°")
        told = {"target": f"{target:g}{unit}", "value": f"{rms(values):.2f}{unit}"}
        out.append({"quantity": TITLES[name], "share": float(np.mean(values <= target)), **told})
    return out


def hard_cases(seeds: Sequence[int] = HELD_OUT) -> list[Row]:
    """No bow for the pelvis; a hole of half a second in the thigh's recording and another in the pelvis'."""
    rows = []
    for name in HARD:
        title = name.replace("_", " ")
        bare = [errors(measured(seed, plan_of(name, seed), bow=False)) for seed in seeds]
        holed = [
            errors(measured(seed, replace(plan_of(name, seed), sensors=SensorPlan(holes=HOLES)))) for seed in seeds
        ]
        rows += [pooled(bare, f"{title}, no bow"), pooled(holed, f"{title}, holes of 0.5 s")]
    return rows


def _blank(table: str) -> str:
    return table.replace("nan° (nan°)", "").replace("nan cm (nan cm)", "")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, help="file to keep the rows in")
    parser.add_argument("--exercises", nargs="*", default=list(MOVES), choices=list(MOVES))
    wanted = parser.parse_args()
    by_exercise = {
        name: [errors(measured(seed, plan_of(name, seed))) for seed in HELD_OUT] for name in wanted.exercises
    }
    every = [row for rows in by_exercise.values() for row in rows]
    print(markdown(against_targets(every), TARGET_COLUMNS), end="\n\n")
    table = markdown([pooled(rows, name.replace("_", " ")) for name, rows in by_exercise.items()], COLUMNS)
    print(_blank(table), end="\n\n")
    print(_blank(markdown(hard_cases(), COLUMNS)), end="\n\n")
    long = long_sets()
    columns = {title.format(**long[0]): form for title, form in LONG_COLUMNS.items()}
    print(markdown(long, columns))
    if wanted.json:
        wanted.json.write_text(json.dumps({"exercises": by_exercise, "long": long}, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
