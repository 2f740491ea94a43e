"""Gait events, strides and symmetry: real walks with a reference, and simulated ones whose truth is known.

Run ``python benchmarks/gait.py --data FOLDER``; FOLDER holds ``gaitmap``, ``gaitpdb``, ``mobgap`` and ``qmt``. Without
it only the simulated walks run.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glutebal.balance.gait_symmetry import walk_balance_of
from glutebal.model import Bilateral, Channel, Quantity, Side, Track
from glutebal.results import Segmentation
from glutebal.signal.motion.gait import TURN, Gait, gait
from glutebal.signal.motion.gait_events import FootEvents, Part
from glutebal.signal.motion.gait_measures import stride_values
from glutebal.signal.motion.imu import Imu, ImuPiece, imus
from glutebal.signal.motion.lumbar_gait import lumbar_gait
from glutebal.signal.strides import contacts, strides
from glutebal.testing.bodies import BodySet, GaitPlan, SensorPlan, simulate_body

Array = NDArray[np.float64]
NEAR_S = 0.15
GAITMAP_HZ = 204.8
RATES_HZ = (100.0, 50.0, 200.0, 128.0)
ENDS = (Part.INITIATION, Part.TERMINATION)
Change = Callable[[tuple[Array, Array], int], tuple[Array, Array]]


def matched(found: Array, reference: Array, within_s: float = NEAR_S) -> tuple[float, float, Array]:
    """Recall, precision and the errors (s) of what was found beside its nearest reference."""
    if found.size == 0 or reference.size == 0:
        return 0.0, 0.0, np.empty(0)
    apart = found[:, None] - reference[None, :]
    nearest = apart[np.argmin(np.abs(apart), axis=0), np.arange(reference.size)]
    back = apart[np.arange(found.size), np.argmin(np.abs(apart), axis=1)]
    hit = np.abs(nearest) < within_s
    return float(hit.mean()), float((np.abs(back) < within_s).mean()), nearest[hit]


def spread(errors: Array) -> str:
    """Constant part and standard deviation in ms."""
    return f"{1e3 * errors.mean():+.0f} | {1e3 * errors.std(ddof=1):.1f}" if errors.size > 1 else "- | -"


def one(imu: tuple[Array, Array], rate_hz: float, site: str, side: Side | None) -> Imu:
    """An `Imu` from angular rate (rad/s) and acceleration (m/s²)."""
    return Imu(site, side, rate_hz, (ImuPiece(0, *imu),))


# ---------------------------------------------------------------------------------------------------- changes of a walk


def resampled(pair: tuple[Array, Array], rate_hz: float, to_hz: float) -> tuple[Array, Array]:
    """The same walk at another rate, band-limited first."""
    from scipy.interpolate import make_interp_spline
    from scipy.signal import butter, sosfiltfilt

    at = np.arange(len(pair[0])) / rate_hz
    new = np.arange(int(at[-1] * to_hz)) / to_hz
    sos = butter(4, 0.45 * to_hz / (rate_hz / 2), output="sos") if to_hz < 0.9 * rate_hz else None
    soft = (sosfiltfilt(sos, x, axis=0) if sos is not None else x for x in pair)
    gyr, acc = (make_interp_spline(at, x, k=3)(new) for x in soft)
    return gyr, acc


def turned(pair: tuple[Array, Array], seed: int) -> tuple[Array, Array]:
    """The sensor put on any way."""
    from scipy.spatial.transform import Rotation

    turn = Rotation.random(random_state=seed).as_matrix()
    return pair[0] @ turn.T, pair[1] @ turn.T


def dirtied(pair: tuple[Array, Array], seed: int) -> tuple[Array, Array]:
    """1 °/s and 0.05 m/s² of noise, 2 °/s and 0.1 m/s² of bias."""
    rng = np.random.default_rng(seed)
    gyr, acc = pair
    bias = np.deg2rad(2) * rng.uniform(-1, 1, 3), 0.1 * rng.uniform(-1, 1, 3)
    noisy = np.deg2rad(1) * rng.standard_normal(gyr.shape), 0.05 * rng.standard_normal(acc.shape)
    return gyr + bias[0] + noisy[0], acc + bias[1] + noisy[1]


# ------------------------------------------------------------------------------------------------------------- gaitmap


def gaitmap(folder: Path) -> tuple[Bilateral[tuple[Array, Array]], Bilateral[Array]]:
    """Both feet (gyr rad/s, acc m/s²) and the reference borders of their strides, s."""
    import pandas as pd

    table = pd.read_csv(folder / "gaitmap" / "imu_sample.csv", header=[0, 1], index_col=0)
    borders = pd.read_csv(folder / "gaitmap" / "stride_borders_sample.csv")

    def foot(side: Side) -> tuple[Array, Array]:
        own = table[f"{side.value}_sensor"]
        return np.deg2rad(own[[f"gyr_{a}" for a in "xyz"]].to_numpy()), own[[f"acc_{a}" for a in "xyz"]].to_numpy()

    def border(side: Side) -> Array:
        own = borders[borders.foot == side.value]
        return np.unique(own[["start", "end"]].to_numpy()) / GAITMAP_HZ

    return Bilateral.per_side(foot), Bilateral.per_side(border)


def markers(folder: Path) -> tuple[Bilateral[Array], Bilateral[Array]]:
    """Horizontal speed of the heel (m/s) and vertical acceleration of the toe, at 100 Hz, low-passed at 20 Hz."""
    import pandas as pd
    from scipy.signal import butter, sosfiltfilt

    table = pd.read_csv(folder / "gaitmap" / "mocap_sample.csv", header=[0, 1], index_col=0)
    sos = butter(2, 20 / 50, output="sos")

    def place(side: Side, marker: str) -> Array:
        return np.asarray(sosfiltfilt(sos, table[f"{side.value[0].upper()}_{marker}"].to_numpy() / 1000, axis=0))

    def heel(side: Side) -> Array:
        return np.asarray(np.linalg.norm(np.gradient(place(side, "FCC")[:, :2], axis=0), axis=1) * 100)

    def toe(side: Side) -> Array:
        return np.asarray(np.gradient(np.gradient(place(side, "TOE")[:, 2])))

    return Bilateral.per_side(heel), Bilateral.per_side(toe)


def falls_near(signal: Array, level: float, times_s: Array, rate_hz: float = 100.0) -> Array:
    """When the signal falls below a level first, from 0.1 s before each time; between samples, NaN if it does not."""
    out = np.full(times_s.size, np.nan)
    for k, t in enumerate(times_s):
        a = int((t - 0.1) * rate_hz)
        below = np.flatnonzero(signal[a : a + 25] < level)
        if below.size and below[0] > 0:
            i = a + int(below[0])
            out[k] = (i - 1 + (signal[i - 1] - level) / (signal[i - 1] - signal[i])) / rate_hz
    return out


def peaks_near(signal: Array, times_s: Array, before_s: float, behind_s: float, rate_hz: float = 100.0) -> Array:
    """The highest sample around each time, between samples; NaN at the ends."""
    out = np.full(times_s.size, np.nan)
    for k, t in enumerate(times_s):
        a, b = int((t - before_s) * rate_hz), int((t + behind_s) * rate_hz)
        if a < 1 or b > signal.size - 2:
            continue
        i = a + int(np.argmax(signal[a:b]))
        left, mid, right = signal[i - 1 : i + 2]
        bend = left - 2 * mid + right
        out[k] = (i + (0.5 * (left - right) / bend if bend < 0 else 0.0)) / rate_hz
    return out


def legs_of(found: Gait | None) -> Bilateral[FootEvents]:
    """The events of both legs."""
    if found is None or found.feet is None:
        raise SystemExit("no walk was found on a pair of legs")
    return found.feet


def _at(hz: float) -> Change:
    return lambda pair, _: resampled(pair, GAITMAP_HZ, hz)


def _all(pair: tuple[Array, Array], seed: int) -> tuple[Array, Array]:
    return dirtied(turned(resampled(pair, GAITMAP_HZ, 100), 27 + seed), seed)


CHANGES: dict[str, tuple[Change, float]] = {
    "as recorded (204.8 Hz)": (lambda pair, _: pair, GAITMAP_HZ),
    "resampled to 50 Hz": (_at(50), 50),
    "resampled to 100 Hz": (_at(100), 100),
    "resampled to 400 Hz": (_at(400), 400),
    "any mounting": (lambda pair, k: turned(pair, 7 + k), GAITMAP_HZ),
    "noise and bias": (lambda pair, k: dirtied(pair, 17 + k), GAITMAP_HZ),
    "100 Hz, any mounting, noise and bias": (_all, 100),
}


def gaitmap_rows(folder: Path) -> Iterator[str]:
    """The sample walk as it is, and changed; the spread is that of straight strides."""
    feet, borders = gaitmap(folder)
    for name, (change, rate) in CHANGES.items():
        found = gait([one(change(feet[s], k), rate, "foot", s) for k, s in enumerate(Side)])
        legs = legs_of(found)
        scores = [matched(legs[s].toe_off_s[legs[s].walking], borders[s]) for s in Side]
        recall, precision = (float(np.mean([score[i] for score in scores])) for i in (0, 1))
        apart = " + ".join(f"{sum(part is kind for s in Side for part in legs[s].parts)}" for kind in ENDS)
        errors = np.concatenate([_steady(legs[s], borders[s]) for s in Side])
        excluded = found.segmentation.excluded if found else ()
        turns = sum(ex.reason == TURN for ex in excluded)
        counted = len(found.segmentation.reps) if found else 0
        yield f"| {name} | {recall:.3f} | {precision:.3f} | {apart} | {spread(errors)} | {counted} + {turns} |"


def _steady(foot: FootEvents, border: Array) -> Array:
    """Toe-off minus the border next to it, for swings that do not turn."""
    offs = foot.toe_off_s[np.abs(foot.turned_deg) < 20]
    apart = offs - border[np.argmin(np.abs(border[:, None] - offs), axis=0)]
    return np.asarray(apart[np.abs(apart) < NEAR_S])


def marker_rows(folder: Path) -> Iterator[str]:
    """Events of straight strides against the markers, and the symmetry that follows."""
    feet, _ = gaitmap(folder)
    found = gait([one(feet[s], GAITMAP_HZ, "foot", s) for s in Side])
    legs = legs_of(found)
    heel, toe = markers(folder)
    errors: dict[str, list[Array]] = {"heel strike": [], "toe-off": []}
    swings: dict[Side, list[Array]] = {}
    for side in Side:
        foot, ok = legs[side], np.abs(legs[side].turned_deg) < 20
        strike, off = foot.heel_strike_s[ok], foot.toe_off_s[ok]
        true_strike = falls_near(heel[side], 0.6, strike)
        true_off = peaks_near(toe[side], off, 0.1, 0.1)
        errors["heel strike"].append(strike - true_strike)
        errors["toe-off"].append(off - true_off)
        swings[side] = [strike - off, true_strike - true_off]
    for name, both in errors.items():
        kept = [e[np.isfinite(e)] for e in both]
        own = np.concatenate([e - e.mean() for e in kept])
        apart = 1e3 * (kept[1].mean() - kept[0].mean())
        n, all_of_it = sum(e.size for e in kept), spread(np.concatenate(kept))
        yield f"| {name} | {n} | {all_of_it} | {1e3 * own.std():.1f} | {apart:+.0f} |"
    means = {side: [float(np.nanmean(v)) for v in values] for side, values in swings.items()}
    d = [
        200 * (means[Side.RIGHT][i] - means[Side.LEFT][i]) / (means[Side.RIGHT][i] + means[Side.LEFT][i])
        for i in (0, 1)
    ]
    yield f"| swing symmetry, 200·(R−L)/(R+L) | | sensors {d[0]:+.1f} % | markers {d[1]:+.1f} % | | |"


# ------------------------------------------------------------------------------------------------------------- gaitpdb


def gaitpdb_rows(folder: Path) -> Iterator[str]:
    """Contacts in the total force of each foot against the sensors of its insole, one by one."""
    table = np.loadtxt(folder / "gaitpdb" / "GaCo01_01.txt")
    rate = 100.0
    force = Bilateral(table[:, 17], table[:, 18])
    cells = Bilateral(table[:, 1:9], table[:, 9:17])
    tracks = Bilateral.per_side(lambda s: Track.of_samples(Channel(Quantity.FORCE, s, "insole", rate), force[s]))
    found = contacts(tracks)
    lefts = {side: np.array([rep.start_s for rep in found.reps if rep.side is side]) for side in Side}
    offs = {side: np.array([rep.stop_s for rep in found.reps if rep.side is side]) for side in Side}
    for name, times, truth in (
        ("foot strike", lefts, _loaded(cells, rate, 0)),
        ("foot off", offs, _loaded(cells, rate, 1)),
    ):
        scores = [matched(times[side], truth[side]) for side in Side]
        recall, precision = (float(np.mean([s[i] for s in scores])) for i in (0, 1))
        yield f"| {name} | {recall:.3f} | {precision:.3f} | {spread(np.concatenate([s[2] for s in scores]))} |"
    yield _force_symmetry(strides(found), cells, rate)


def _force_symmetry(found: Segmentation, cells: Bilateral[Array], rate_hz: float) -> str:
    """Swing symmetry of the counted strides, in the total force and in the cells."""
    true_offs, true_strikes = _loaded(cells, rate_hz, 1), _loaded(cells, rate_hz, 0)
    rows: list[list[float]] = [[], []]
    for side in Side:
        reps = [rep for rep in found.reps if rep.side is side]
        offs, stops = (
            np.array([rep.phases[0].stop / rep.rate_hz for rep in reps]),
            np.array([rep.stop_s for rep in reps]),
        )
        rows[0].append(float(np.mean(stops - offs)))
        rows[1].append(float(np.mean(_nearest(true_strikes[side], stops) - _nearest(true_offs[side], offs))))
    told, true = (200 * (right - left) / (right + left) for left, right in rows)
    return f"| swing symmetry, 200·(R−L)/(R+L) | force {told:+.1f} % | cells {true:+.1f} % | | |"


def _nearest(times: Array, to: Array) -> Array:
    return np.asarray(times[np.argmin(np.abs(times[:, None] - to), axis=0)])


def _loaded(cells: Bilateral[Array], rate_hz: float, end: int) -> Bilateral[Array]:
    """When the first cell of an insole is loaded by 20 N and the last one is free again."""

    def of(values: Array) -> Array:
        on = np.concatenate([[False], (values > 20.0).any(axis=1), [False]])
        edges = np.flatnonzero(on[1:] != on[:-1]).reshape(-1, 2)
        long = edges[(edges[:, 1] - edges[:, 0]) > 0.2 * rate_hz]
        inside = long[(long[:, 0] > 0) & (long[:, 1] < len(values))]
        return np.asarray(inside[:, end] / rate_hz)

    return cells.map(of)


# -------------------------------------------------------------------------------------------------------------- mobgap


def mobgap_rows(folder: Path) -> Iterator[str]:
    """Initial contacts and sides from a lumbar sensor, against markers."""
    from scipy.io import loadmat

    tests = loadmat(folder / "mobgap" / "HA_001" / "data.mat", simplify_cells=True)["data"]["TimeMeasure1"]
    for test, trials in tests.items():
        for trial, record in trials.items():
            if isinstance(record, dict) and "SU" in record:
                yield _lumbar_row(f"{test} {trial}", record)


def _lumbar_row(name: str, record: dict[str, Any]) -> str:
    lumbar = record["SU"]["LowerBack"]
    found = lumbar_gait(one((np.deg2rad(lumbar["Gyr"]), 9.80665 * lumbar["Acc"]), 100.0, "lumbar", None))
    bouts = record["Standards"]["Stereophoto"]["MicroWB"]
    bouts = [bouts] if isinstance(bouts, dict) else list(bouts)
    marks = [
        (float(t), str(side).lower())
        for bout in bouts
        for t, side in zip(
            np.atleast_1d(bout["InitialContact_Event"]), np.atleast_1d(bout["InitialContact_LeftRight"]), strict=True
        )
        if np.isfinite(t)
    ]
    times = np.array(found.contacts_s)
    walking = np.array([any(b["Start"] - 0.3 <= t <= b["End"] + 0.3 for b in bouts) for t in times])
    recall, _, errors = matched(times, np.array([t for t, _ in marks]), 0.25)
    precision = matched(times[walking], np.array([t for t, _ in marks]), 0.25)[1]
    sides = [found.sides[int(np.argmin(np.abs(times - t)))] for t, _ in marks]
    right = sum(side is not None and side.value == mark for side, (_, mark) in zip(sides, marks, strict=True))
    unknown = sum(side is None for side in sides)
    told = f"{right} | {len(marks) - right - unknown} | {unknown}"
    return f"| {name} | {len(marks)} | {recall:.2f} | {precision:.2f} | {spread(errors)} | {told} |"


# ----------------------------------------------------------------------------------------------------------------- qmt


def qmt_rows(folder: Path) -> Iterator[str]:
    """Where strides were counted: standing 40-44 s, sitting 52-79 s, walking 96.5-115 and 117.5-138 s."""
    from scipy.io import loadmat

    data = loadmat(folder / "qmt" / "full_body_example_data.mat", simplify_cells=True)
    phases = {"standing": (40, 44), "sitting": (52, 79), "getting up and about": (79, 95), "walking": (95, 138)}
    for site, stem in (("foot", "foot_"), ("shank", "lower_leg_")):
        pair = {s: (data[f"{stem}{s.value}"]["gyr"], data[f"{stem}{s.value}"]["acc"]) for s in Side}
        yield _qmt_row(site, [one(pair[s], 100.0, site, s) for s in Side], phases)
    yield _qmt_row("pelvis", [one((data["hip"]["gyr"], data["hip"]["acc"]), 100.0, "pelvis", None)], phases)


def _qmt_row(site: str, sensors: list[Imu], phases: dict[str, tuple[int, int]]) -> str:
    found = gait(sensors)
    if found is None:
        return f"| {site} | no walk |"
    middles = np.array([40 + rep.start_s + rep.duration_s / 2 for rep in found.segmentation.reps])
    counts = " | ".join(str(int(np.sum((middles >= a) & (middles < b)))) for a, b in phases.values())
    swing = {v.measure.name: v for v in stride_values(found.segmentation)}.get("swing_time")
    told = "-"
    if swing is not None:
        d = [float(np.nanmean(swing.of(side))) for side in Side]
        told = f"{200 * (d[1] - d[0]) / (d[1] + d[0]):+.1f}"
    return f"| {site} | {counts} | {told} |"


# ----------------------------------------------------------------------------------------------------- simulated walks


def inside(times: Array, body: BodySet) -> NDArray[np.bool_]:
    """Which times are on a straight."""
    return np.array([any(s.start_s <= t < s.stop_s for s in body.truth.straights) for t in times], dtype=bool)


def simulated(exercise: str, plan: GaitPlan, seed: int, rate_hz: float, site: str = "foot") -> BodySet:
    """One walk with faulty sensors on both legs."""
    sensors = SensorPlan(sites=(site,), rate_hz=rate_hz)
    return simulate_body(seed, exercise=exercise, functional_reps=0, gait=plan, sensors=sensors)


def true_symmetry(body: BodySet) -> float:
    """True SI of swing time on the straights, 200·(R−L)/(R+L), per cent."""
    means = [float(np.mean(_true_swings(body, side))) for side in Side]
    return 200 * (means[1] - means[0]) / (means[1] + means[0])


def _true_swings(body: BodySet, side: Side) -> Array:
    foot = body.truth.gait[side]
    k = np.searchsorted(foot.heel_strikes_s, foot.toe_offs_s)
    ok = k < foot.heel_strikes_s.size
    offs, strikes = foot.toe_offs_s[ok], foot.heel_strikes_s[k[ok]]
    steady = inside(offs, body) & inside(strikes, body)
    return np.asarray((strikes - offs)[steady])


def swing_balance(found: Segmentation) -> tuple[float, float]:
    """SI of the swing time in per cent, and the MDC95 of the walk in per cent of the same."""
    values = next(v for v in stride_values(found) if v.measure.name == "swing_time")
    times = Bilateral.per_side(lambda s: [r.start_s for r in values.reps if r.side is s])
    walk = walk_balance_of(times, Bilateral.per_side(values.of))
    means = [float(np.nanmean(values.of(side))) for side in Side]
    return 200 * (means[1] - means[0]) / (means[1] + means[0]), 100 * walk.mdc


@dataclass(frozen=True)
class Scores:
    """One leg of one walk: errors of heel strikes and toe-offs (s) about their own mean, and how many were found."""

    recall: float
    precision: float
    strikes: Array
    offs: Array


def leg_scores(foot: FootEvents, body: BodySet, side: Side) -> Scores:
    """Events on the straights against the truth."""
    truth = body.truth.gait[side]
    both = [(foot.heel_strike_s, truth.heel_strikes_s), (foot.toe_off_s, truth.toe_offs_s)]
    found = [(matched(got, true[inside(true, body)]), matched(got, true)[1]) for got, true in both]
    recall, precision = (float(np.mean(x)) for x in ([f[0][0] for f in found], [f[1] for f in found]))
    strikes, offs = (f[0][2] - f[0][2].mean() if f[0][2].size else f[0][2] for f in found)
    return Scores(recall, precision, strikes, offs)


def simulated_row(name: str, exercise: str, plans: list[GaitPlan], site: str, seed: int) -> str:
    """Events and symmetry over several walks."""
    scores, symmetry = [], []
    for k, plan in enumerate(plans):
        body = simulated(exercise, plan, seed + k, RATES_HZ[k % len(RATES_HZ)], site)
        found = gait(imus(body.recording))
        legs = legs_of(found)
        scores += [leg_scores(legs[side], body, side) for side in Side]
        if found is not None and found.segmentation.reps:
            si, mdc = swing_balance(found.segmentation)
            symmetry.append((abs(si - true_symmetry(body)), mdc))
    recall, precision = (np.mean([getattr(s, key) for s in scores]) for key in ("recall", "precision"))
    sd = [1e3 * np.concatenate([getattr(s, key) for s in scores]).std() for key in ("strikes", "offs")]
    told = "{:.1f} | {:.1f}".format(*np.mean(symmetry, axis=0)) if symmetry else "not counted | -"
    n = sum(s.strikes.size for s in scores)
    events = f"{n} | {recall:.3f} | {precision:.3f} | {sd[0]:.1f} | {sd[1]:.1f}"
    return f"| {name} | {len(plans)} | {events} | {told} |"


def walks(seed: int, n: int) -> list[GaitPlan]:
    """Walks of any speed and asymmetry."""
    rng = np.random.default_rng(seed)
    return [
        GaitPlan(
            speed_m_s=float(rng.uniform(0.7, 1.6)),
            stride_s=float(rng.uniform(0.95, 1.3)),
            swing_ratio=float(rng.uniform(0.88, 1.14)),
            step_ratio=float(rng.uniform(0.92, 1.08)),
        )
        for _ in range(n)
    ]


def runs(seed: int, speeds_m_s: tuple[float, ...]) -> list[GaitPlan]:
    """Runs over 2 × 40 m at these speeds, unevenly."""
    rng = np.random.default_rng(seed)
    return [
        GaitPlan(speed_m_s=v, stride_s=0.88 - 0.055 * v, swing_ratio=float(rng.uniform(0.93, 1.08)), way_m=40.0)
        for v in speeds_m_s
    ]


def cost() -> str:
    """Seconds of walking per second of one core."""
    body = simulated("walking", GaitPlan(ways=6), 31, 100.0)
    sensors = imus(body.recording)
    gait(sensors)
    began = time.process_time()
    for _ in range(5):
        gait(sensors)
    return f"{body.recording.duration_s / ((time.process_time() - began) / 5):.0f}"


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", help="folder of real recordings")
    parser.add_argument("--walks", type=int, default=24)
    options = parser.parse_args()
    if options.data:
        real(Path(options.data))
    print("## Simulated walks and runs: strides on the straights\n")
    print("| walks | n | strides | recall | precision | heel strike sd, ms | toe-off sd, ms", end="")
    print(" | swing SI, mean error, % | MDC95 of one walk, % |\n|---|---|---|---|---|---|---|---|---|")
    n = options.walks
    stairs = [replace(plan, speed_m_s=None, stride_s=None, ways=4) for plan in walks(23, max(2, n // 6))]
    slow = [
        replace(plan, speed_m_s=v, stride_s=1.4) for plan, v in zip(walks(27, 4), (0.4, 0.45, 0.5, 0.6), strict=True)
    ]
    print(simulated_row("feet, walking, 0.4 to 0.6 m/s", "walking", slow, "foot", 2000))
    print(simulated_row("feet, walking, 0.7 to 1.6 m/s", "walking", walks(21, n), "foot", 1700))
    print(simulated_row("feet, running, 2.5 to 5 m/s", "running", runs(24, (2.5, 3, 3.5, 4, 4.5, 5)), "foot", 1900))
    print(simulated_row("feet, sprint, 5.5 m/s", "sprint", [GaitPlan()] * 2, "foot", 1950))
    print(simulated_row("feet, stairs", "stairs", stairs, "foot", 1960))
    print(simulated_row("shanks, walking, 0.4 to 0.6 m/s", "walking", slow, "shank", 2010))
    print(simulated_row("shanks, walking, 0.7 to 1.6 m/s", "walking", walks(22, n), "shank", 1800))
    print(simulated_row("shanks, running, 2.5 to 3 m/s", "running", runs(45, (2.5, 2.7, 2.9, 3)), "shank", 2070))
    print(simulated_row("shanks, running, 3.5 to 5 m/s", "running", runs(46, (3.5, 4, 5)), "shank", 2080))
    print(simulated_row("shanks, stairs", "stairs", stairs, "shank", 1990))
    print(f"\nBoth feet at 100 Hz: {cost()} times as fast as walking, on one core.")


def real(folder: Path) -> None:
    """The tables of the real recordings."""
    print("## Sample walk of gaitmap: toe-off against the reference stride borders\n")
    print("| walk | recall | precision | first + last steps | constant, ms | sd, ms | strides + turns |")
    print("|---|---|---|---|---|---|---|")
    print(*gaitmap_rows(folder), sep="\n")
    print("\n## The same walk against heel and toe markers (100 Hz), straight strides\n")
    print("| event | n | constant, ms | sd, ms | sd within a foot, ms | right − left, ms |\n|---|---|---|---|---|---|")
    print(*marker_rows(folder), sep="\n")
    print("\n## gaitpdb: contacts in the total force against the cells of the insole\n")
    print("| event | recall | precision | constant, ms | sd, ms |\n|---|---|---|---|---|")
    print(*gaitpdb_rows(folder), sep="\n")
    print("\n## mobgap HA_001: initial contacts from a lumbar sensor\n")
    print("| trial | contacts | recall | precision | constant, ms | sd, ms | side right | wrong | unknown |")
    print("|---|---|---|---|---|---|---|---|---|")
    print(*mobgap_rows(folder), sep="\n")
    print("\n## qmt: where strides were counted\n")
    print("| sensors | standing | sitting | getting up and about | walking | swing SI, % |\n|---|---|---|---|---|---|")
    print(*qmt_rows(folder), sep="\n")


if __name__ == "__main__":
    main()
