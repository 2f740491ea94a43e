"""Repetitions and angles while they happen: how soon, how often taken back, and how near to what is found afterwards.

Simulated sets of every exercise that has repetitions, as in ``motion_reps.py``. Each set is announced some seconds
before its first repetition, with walking, unracking and fidgeting in between, and ended after its last. Beside it the
whole recording without any announcement. Run ``python benchmarks/motion_online.py``; it prints the tables as Markdown.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import numpy as np
from motion_reps import chunks, matched, settings_of, simulated

from glutebal.analysis.motion import motion_of
from glutebal.analysis.motion_angles import angle_tracks
from glutebal.results import Rep
from glutebal.signal.motion.imu import Imu, ImuPiece
from glutebal.signal.motion.motion_reps import motion_reps, reps_of_path
from glutebal.signal.motion.online_motion import OnlineMotion
from glutebal.signal.motion.online_news import RepNews, shared
from glutebal.signal.motion.online_reps import OnlineReps
from glutebal.signal.motion.tilt_path import tilt_path
from glutebal.testing.bodies import SensorPlan, simulate_body
from glutebal.testing.body_schedule import MOVES

Row = dict[str, Any]

FIRST_SEED = 7000
PACKET_S = 0.05
#: A set is announced so long before its first repetition, and ended so long after its last.
BEFORE_S = (2.0, 10.0)
AFTER_S = 4.0
ANGLES = ("squat", "lunge", "hip_thrust", "single_leg_romanian_deadlift")


def started(sensors: Sequence[Imu]) -> dict[Any, float]:
    """What a run is started with."""
    return {(imu.site, imu.side): imu.rate_hz for imu in sensors}


def row(job: tuple[str, int, bool]) -> Row:
    """One recording, with its sets announced or without an announcement."""
    name, seed, announced = job
    sensors, true, seconds = simulated(name, seed)
    began = time.process_time()
    found = _announced(name, seed, sensors, true) if announced else _unannounced(name, sensors)
    news, final, same = found
    cpu = time.process_time() - began
    told = [(rep, at) for each, at in news for rep in each.told]
    pairs = matched(final, true)
    out: Row = {"name": name, "seed": seed, "announced": announced, "true": len(true), "found": len(final)}
    out |= {"same": same, "told": len(told), "withdrawn": sum(len(each.withdrawn) for each, _ in news)}
    out |= {"matched": len(pairs), "cpu": 100 * cpu / seconds}
    return out | {"delays": list(_delays(told, [rep for rep, _ in pairs]))}


def _delays(told: Sequence[tuple[Rep, float]], final: Sequence[Rep]) -> Iterator[tuple[float, float]]:
    """From the end of each repetition to when it was first told: in s, and as a share of its duration."""
    for rep in final:
        first = [at for one, at in told if shared(one, rep) > 0.5]
        if first:
            yield first[0] - rep.stop_s, (first[0] - rep.stop_s) / rep.duration_s


def _unannounced(name: str, sensors: Sequence[Imu]) -> tuple[Any, Any, bool]:
    laterality, settings = settings_of(name)
    run = OnlineReps(laterality, settings).start(started(sensors))
    news = [(run.update(chunk), _now(chunk)) for chunk in chunks(sensors, PACKET_S)]
    news.append((run.finish(), news[-1][1]))
    window = tilt_path(sensors).cut(*run.window)
    same = _marks(reps_of_path(window, laterality, settings).reps) == _marks(
        r for r in run.reps if r.start >= run.window[0]
    )
    return news, run.reps, same


def _announced(name: str, seed: int, sensors: Sequence[Imu], true: Any) -> tuple[Any, Any, bool]:
    laterality, settings = settings_of(name)
    rng = np.random.default_rng([seed, 7])
    plan = [(reps[0].start_s - float(rng.uniform(*BEFORE_S)), reps[-1].stop_s + AFTER_S) for reps in _sets(true)]
    run, news, same = OnlineMotion().start(started(sensors)), [], []
    final: list[Rep] = []
    open_until: float | None = None
    for chunk in [*chunks(sensors, PACKET_S), {}]:
        now = _now(chunk) if chunk else np.inf
        if open_until is not None and now > open_until:
            news.append((run.end_set(), open_until))
            final += run.reps
            inside = [rep for rep in run.reps if rep.start >= run.window[0]]
            same.append(_marks(inside) == _marks(_afterwards(sensors, run.window, name)))
            open_until = None
        if plan and open_until is None and now > plan[0][0]:
            run.announce(OnlineReps(laterality, settings, announced=True))
            open_until = plan.pop(0)[1]
        news.append((run.push(chunk).reps if chunk else RepNews(), now))
    return news, final, all(same)


def _afterwards(sensors: Sequence[Imu], window: tuple[int, int], name: str) -> Sequence[Rep]:
    return reps_of_path(tilt_path(sensors).cut(*window), *settings_of(name)).reps


def _sets(true: Sequence[Any]) -> list[list[Any]]:
    """The true repetitions in blocks with pauses of more than 20 s, or three of their durations, between them."""
    out: list[list[Any]] = []
    for rep in true:
        pause = rep.start_s - out[-1][-1].stop_s if out else np.inf
        if pause > max(20.0, 1.5 * (rep.stop_s - rep.start_s)):
            out.append([])
        out[-1].append(rep)
    return out


def _now(chunk: Any) -> float:
    piece: ImuPiece = next(iter(chunk.values()))
    return piece.stop / 100.0


def _marks(reps: Any) -> list[Any]:
    return [(rep.start, rep.turn, rep.stop, rep.side) for rep in reps]


def idle(job: tuple[int, str, bool]) -> Row:
    """Ten minutes of standing about, fidgeting and walking, looked at as a set."""
    seed, name, announced = job
    sensors, _, _ = simulated(
        "squat", seed, reps=1, sets=1, idle_end_s=620.0, failed=(0,), walk_out=False, rerack=False
    )
    first = sensors[0].stop - round(600 * sensors[0].rate_hz)
    laterality, settings = settings_of(name)
    run = OnlineReps(laterality, settings, announced=announced).start(started(sensors))
    news = [run.update(chunk) for chunk in chunks(sensors, 0.25) if next(iter(chunk.values())).start >= first]
    last = run.finish()
    told = sum(len(each.told) for each in [*news, last])
    return {"name": name, "announced": announced, "seed": seed, "told": told, "left": len(run.reps)}


def angles(job: tuple[str, int]) -> Row:
    """RMS difference to the truth in the set, online and afterwards, in degrees."""
    name, seed = job
    body = simulate_body(seed, exercise=name, reps=8, sensors=SensorPlan(sites=("pelvis", "thigh", "shank", "foot")))
    motion = motion_of(body.recording)
    if motion is None or motion.spans is None:
        raise SystemExit("the simulated recording has no calibration")
    laterality, settings = settings_of(name)
    run = OnlineMotion(motion.calibration).start(started(motion.imus))
    run.announce(OnlineReps(laterality, settings, announced=True), motion.spans.stop_s)
    parts, stood = [], False
    for chunk in chunks(motion.imus, PACKET_S):
        parts.append(run.push(chunk).angles)
        if not stood and run.position_s > motion.spans.stop_s:
            run.stood(motion.spans.start_s, motion.spans.stop_s)
            stood = True
    parts.append(run.finish().angles)
    found = angle_tracks(motion, motion_reps(motion.after_calibration, laterality, settings=settings).reps)
    return {"name": name} | _errors(parts, found, body.truth)


def _errors(parts: Sequence[Any], found: Any, truth: Any) -> Row:
    values = np.concatenate([part.values for part in parts if len(part.values)])
    names = next(part.names for part in parts if part.names)
    first, last = (round(100 * t) for t in (truth.whole_reps[0].start_s, truth.whole_reps[-1].stop_s))
    out: dict[str, list[float]] = {}
    for k, name in enumerate(names):
        true = _true(name, truth)
        if true is None:
            continue
        title = f"{name.joint} {name.axis}"
        scale = 100 if name.unit == "m" else 1
        out.setdefault(title, []).append(scale * _rms(values[first:last, k] - true[first:last]))
        track = found.get((name.joint, name.axis, name.side))
        if track is not None:
            piece = track.pieces[0]
            off = piece.deg[first - piece.start : last - piece.start] - true[first:last]
            out.setdefault(f"{title}, afterwards", []).append(_rms(off))
    return {key: float(np.mean(each)) for key, each in out.items()}


def _true(name: Any, truth: Any) -> Any:
    if name.joint == "pelvis":
        if name.axis == "shift":
            return truth.angles.shift_m
        return truth.angles.pelvic_tilt if name.axis == "tilt" else truth.angles.pelvic_obliquity
    field = {("knee", "abduction"): "knee_frontal"}.get((name.joint, name.axis), f"{name.joint}_{name.axis}")
    return getattr(truth.angles.legs[name.side], field, None)


def _rms(values: Any) -> float:
    return float(np.sqrt(np.nanmean(np.square(values))))


def told(title: str, rows: Sequence[Row]) -> str:
    """One line of the table of delays."""
    delays, shares = np.array([d for r in rows for d in r["delays"]]).reshape(-1, 2).T
    found, whole = sum(r["matched"] for r in rows), sum(r["true"] for r in rows)
    back = 100 * sum(r["withdrawn"] for r in rows) / max(1, sum(r["told"] for r in rows))
    late = f"{np.median(delays):.1f} / {np.quantile(delays, 0.95):.1f} s" if delays.size else "none told"
    soon = f"{100 * np.mean(shares <= 1):.1f} %" if shares.size else ""
    return " | ".join([
        f"| {title}", f"{len(rows)}", f"{found} of {whole}", late,
        soon, f"{back:.1f} %", f"{sum(r['same'] for r in rows)} of {len(rows)}",
        f"{np.mean([r['cpu'] for r in rows]):.1f} % |",
    ])  # fmt: skip


def table(rows: Sequence[Row]) -> str:
    """Delays, by setting and by exercise."""
    heads = ["", "recordings", "repetitions", "told after its end, median / 95 %", "within one repetition", "withdrawn"]
    heads += ["same as afterwards in the window", "of one core"]
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    for announced in (True, False):
        own = [r for r in rows if r["announced"] is announced]
        lines.append(told("**announced**" if announced else "**not announced**", own))
    known = [r for r in rows if r["announced"]]
    lines += [told(f"{n}, announced", [r for r in known if r["name"] == n]) for n in sorted({r["name"] for r in known})]
    return "\n".join(lines)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=2, help="recordings per exercise")
    parser.add_argument("--first", type=int, default=FIRST_SEED)
    parser.add_argument("--exercises", nargs="*", choices=list(MOVES), default=list(MOVES), metavar="NAME")
    options = parser.parse_args()
    seeds = range(options.first, options.first + options.seeds)
    with ProcessPoolExecutor(2) as pool:
        rows = list(
            pool.map(row, [(n, s, a) for s in seeds for n in options.exercises for a in (True, False)], chunksize=1)
        )
        idles = list(pool.map(idle, [(s, n, a) for s in seeds for n in ("squat", "lunge") for a in (True, False)]))
        errors = list(pool.map(angles, [(n, options.first) for n in ANGLES]))
    print(table(rows))
    print("\nTen minutes of idling and walking about, looked at as one set:\n")
    for announced in (True, False):
        own = [r for r in idles if r["announced"] is announced]
        title = "announced" if announced else "not announced"
        print(f"- {title}: {sum(r['told'] for r in own)} told, {sum(r['left'] for r in own)} left, in {len(own)} times")
    print("\nRMS error against the truth, repetitions of a set (°; shift in cm):\n")
    for each in errors:
        print(f"- {each.pop('name')}: " + ", ".join(f"{k} {v:.2f}" for k, v in each.items()))


if __name__ == "__main__":
    main()
