"""Tilt on BROAD, with the optical truth; beside the filter itself called directly and, in the same run, ahrs.

Run ``python benchmarks/orientation.py --data FOLDER``; ``FOLDER/broad`` holds trials of BROAD (Laidig et al. 2021) as
MATLAB files. A row that needs a library which is not installed says so.
"""

from __future__ import annotations

import argparse
import importlib.util
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from glutebal.model import Channel, Quantity, Recording, Samples, Side, Track
from glutebal.signal.motion import rotations
from glutebal.signal.motion.imu import Imu, imu_of, imus
from glutebal.signal.motion.orientation import Engine, Orientation, OrientationFilter, orientation

SITES: tuple[tuple[str, Side | None], ...] = (
    ("pelvis", None),
    *((site, side) for site in ("thigh", "shank", "foot") for side in Side),
)
RATE_HZ = 100.0
MINUTES = 10
PACKET = 10
HOLE_EVERY_S = 10.0
WAYS = ("live", "future known")


@dataclass(frozen=True)
class Trial:
    """One recording of BROAD."""

    name: str
    rate_hz: float
    gyr: Samples
    acc: Samples
    truth: Samples
    moving: NDArray[np.bool_]

    @property
    def minutes(self) -> float:
        """Of movement."""
        return float(self.moving.sum()) / self.rate_hz / 60


def read(path: Path) -> Trial:
    """A trial from its MATLAB file."""
    from scipy.io import loadmat

    found = loadmat(path, squeeze_me=True)
    gyr, acc, truth = (np.ascontiguousarray(found[k], dtype=float) for k in ("imu_gyr", "imu_acc", "opt_quat"))
    moving = np.asarray(found["movement"], dtype=bool)
    return Trial(path.stem, float(found["sampling_rate"]), gyr, acc, truth, moving)


def averaged(trial: Trial, every: int) -> Trial:
    """At a lower rate: each sample the mean of ``every`` (of the truth, the middle one)."""
    n = len(trial.gyr) // every * every
    gyr, acc = (values[:n].reshape(-1, every, 3).mean(axis=1) for values in (trial.gyr, trial.acc))
    middle = slice(every // 2, n, every)
    return replace(
        trial, rate_hz=trial.rate_hz / every, gyr=gyr, acc=acc, truth=trial.truth[middle], moving=trial.moving[middle]
    )


def tracks_of(
    gyr: Samples, acc: Samples, rate_hz: float, site: str = "thigh", side: Side | None = None
) -> tuple[Track, ...]:
    """Six tracks; NaN is a gap."""
    return tuple(
        Track.of_samples(Channel(quantity, side, site, rate_hz, axis=axis), values[:, i])
        for quantity, values in ((Quantity.ACCELERATION, acc), (Quantity.ANGULAR_RATE, gyr))
        for i, axis in enumerate("xyz")
    )


def with_holes(trial: Trial, hole_s: float) -> Imu:
    """The sensor with a hole of ``hole_s`` every ten seconds; 0 is none."""
    gyr, acc = trial.gyr.copy(), trial.acc.copy()
    n = int(hole_s * trial.rate_hz + 1e-6)
    for at in np.arange(HOLE_EVERY_S, len(gyr) / trial.rate_hz - 1, HOLE_EVERY_S):
        first = round(at * trial.rate_hz)
        gyr[first : first + n] = acc[first : first + n] = np.nan
    return imu_of(tracks_of(gyr, acc, trial.rate_hz))


def rmse_deg(quats: Samples, trial: Trial) -> float:
    """Inclination RMSE during movement: BROAD's own metric, over the samples that both have."""
    error = rotations.inclination_deg(quats, trial.truth)[trial.moving]
    seen = error[np.isfinite(error)]
    return float(np.sqrt(np.mean(seen**2))) if seen.size else float("nan")


def drift_deg_min(quats: Samples, trial: Trial) -> float:
    """How much the heading has drifted per minute of movement, from its first to its last second."""
    heading = rotations.multiply(trial.truth, rotations.conjugate(quats))
    seen = np.flatnonzero(trial.moving & np.isfinite(heading).all(axis=1))
    second = round(trial.rate_hz)
    before, after = (np.nanmean(heading[part], axis=0) for part in (seen[:second], seen[-second:]))
    turned = rotations.multiply(rotations.normalised(after), rotations.conjugate(rotations.normalised(before)))
    return abs(float(rotations.heading_deg(turned))) / trial.minutes


def trusted(found: Orientation) -> Samples:
    """The quaternions from the first sample to the last, NaN where none can be trusted."""
    return found.filled(0, found.imu.stop)


def padded(quats: Samples, n: int) -> Samples:
    """To ``n`` rows, with NaN behind."""
    return np.concatenate([quats, np.full((max(0, n - len(quats)), 4), np.nan)])[:n]


def directly(trial: Trial) -> tuple[Samples, Samples]:
    """The library vqf without glutebal: live and with the future known."""
    from vqf import VQF, offlineVQF

    live = VQF(1 / trial.rate_hz).updateBatch(trial.gyr, trial.acc)["quat6D"]
    return live, offlineVQF(trial.gyr, trial.acc, None, 1 / trial.rate_hz, {})["quat6D"]


def madgwick(gyr: Samples, acc: Samples, rate_hz: float) -> Samples:
    """The Madgwick filter of the library ahrs, with its defaults."""
    from ahrs.filters import Madgwick

    found: Samples = Madgwick(gyr=gyr, acc=acc, frequency=rate_hz).Q
    return found


def both_ways(imu: Imu, engine: Engine | None = None) -> tuple[Orientation, Orientation]:
    """Live and with the future known."""
    return orientation(imu, offline=False, engine=engine), orientation(imu, engine=engine)


def accuracy_rows() -> Iterable[tuple[str, Callable[[Trial], tuple[Samples, Samples]]]]:
    """What is compared: a title, and from a trial the quaternions live and with the future known."""

    def ours(hole_s: float, engine: Engine | None = None) -> Callable[[Trial], tuple[Samples, Samples]]:
        def found(trial: Trial) -> tuple[Samples, Samples]:
            live, offline = (trusted(o) for o in both_ways(with_holes(trial, hole_s), engine))
            return padded(live, len(trial.gyr)), padded(offline, len(trial.gyr))

        return found

    def peer(trial: Trial) -> tuple[Samples, Samples]:
        quats = madgwick(trial.gyr, trial.acc, trial.rate_hz)
        return quats, np.full_like(quats, np.nan)

    if importlib.util.find_spec("vqf"):
        yield "vqf, called directly", directly
    yield "glutebal", ours(0)
    yield "glutebal, NumPy fallback", ours(0, Engine.NUMPY)
    yield "glutebal, a 50 ms hole every 10 s", ours(0.05)
    yield "the same, NumPy fallback", ours(0.05, Engine.NUMPY)
    yield "glutebal, a 250 ms hole every 10 s, trusted samples", ours(0.25)
    if importlib.util.find_spec("ahrs"):
        yield "ahrs Madgwick", peer


def accuracy(trials: Sequence[Trial]) -> list[str]:
    """The table of tilt errors: one column per trial and way."""
    places = [*(trial.name.replace("_", " ") for trial in trials), "mean"]
    columns = [f"{place}, {way}" for place in places for way in WAYS]
    heads = [f"tilt RMSE in movement (deg), {trials[0].rate_hz:.0f} Hz", *columns]
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    for title, compute in accuracy_rows():
        errors = np.array([[rmse_deg(quats, trial) for quats in compute(trial)] for trial in trials])
        cells = [f"{e:.2f}" if np.isfinite(e) else "–" for e in [*errors.ravel(), *errors.mean(axis=0)]]
        lines.append(f"| {title} | " + " | ".join(cells) + " |")
    return lines if importlib.util.find_spec("ahrs") else [*lines, "", "ahrs is not installed: not compared."]


def drift(trials: Sequence[Trial]) -> list[str]:
    """The table of heading drift, and the share of samples that are trusted after 250 ms holes."""
    heads = ("trial", "heading drift live (deg/min)", "future known", "trusted with 250 ms holes, live", "future known")
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    for trial in trials:
        live, offline = both_ways(with_holes(trial, 0))
        drifts = [f"{drift_deg_min(o.pieces[0].quats, trial):.1f}" for o in (live, offline)]
        holed = [np.isfinite(trusted(o)[:, 0]).mean() for o in both_ways(with_holes(trial, 0.25))]
        shares = [f"{100 * share:.0f} %" for share in holed]
        lines.append(f"| {trial.name.replace('_', ' ')} | " + " | ".join(drifts + shares) + " |")
    return lines


def session(trial: Trial) -> Recording:
    """Seven sensors at 100 Hz for ten minutes: the trial over and over, each sensor beginning elsewhere."""
    n = round(MINUTES * 60 * RATE_HZ)
    at = np.arange(0, len(trial.gyr) - 1, trial.rate_hz / RATE_HZ)
    raw = np.concatenate([trial.gyr, trial.acc], axis=1)
    slow = np.stack([np.interp(at, np.arange(len(raw)), column) for column in raw.T], axis=1)
    tracks: list[Track] = []
    for i, (site, side) in enumerate(SITES):
        rows = np.resize(np.roll(slow, -700 * i, axis=0), (n, 6))
        tracks += tracks_of(rows[:, :3], rows[:, 3:], RATE_HZ, site, side)
    return Recording(tuple(tracks))


def cpu_s(work: Callable[[], object], repeats: int = 3) -> float:
    """The least processor time of some runs, in seconds."""
    times = []
    for _ in range(repeats):
        begun = time.process_time()
        work()
        times.append(time.process_time() - begun)
    return min(times)


def live_packets(sensors: Sequence[Imu], engine: Engine) -> None:
    """All sensors, packet by packet, in turn."""
    runs = [OrientationFilter(engine).start(imu.rate_hz) for imu in sensors]
    for at in range(0, sensors[0].pieces[0].n_samples, PACKET):
        for run, imu in zip(runs, sensors, strict=True):
            piece = imu.pieces[0]
            run.update(piece.gyr[at : at + PACKET], piece.acc[at : at + PACKET])


def cost(trial: Trial) -> list[str]:
    """The table of processor time."""
    recording = session(trial)
    sensors = imus(recording)
    seconds, samples = MINUTES * 60, sum(imu.n_samples for imu in sensors)
    what = f"{len(sensors)} sensors, {RATE_HZ:.0f} Hz, {MINUTES} min"
    heads = (what, "CPU (s)", "times real time", "share of a core", "µs per sample")
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]

    def row(title: str, spent: float, scale: float = 1.0) -> None:
        spent *= scale
        speed = f"{seconds / spent:.0f} | {100 * spent / seconds:.3f} %"
        lines.append(f"| {title} | {spent:.2f} | {speed} | {spent / samples * 1e6:.2f} |")

    row("six tracks to a sensor (gaps, rates, gravity)", cpu_s(lambda: imus(recording)))
    row("glutebal, future known", cpu_s(lambda: [orientation(imu) for imu in sensors]))
    row("glutebal, live, one chunk", cpu_s(lambda: [orientation(imu, offline=False) for imu in sensors]))
    row("glutebal, live, packets of 10 samples", cpu_s(lambda: live_packets(sensors, Engine.best()), 1))
    row("NumPy fallback, future known", cpu_s(lambda: [orientation(i, engine=Engine.NUMPY) for i in sensors]))
    row("NumPy fallback, live, packets of 10 samples", cpu_s(lambda: live_packets(sensors, Engine.NUMPY), 1))
    if not importlib.util.find_spec("ahrs"):
        return [*lines, "", "ahrs is not installed: not compared."]
    one = sensors[0].pieces[0]
    row("ahrs Madgwick (one sensor, times 7)", cpu_s(lambda: madgwick(one.gyr, one.acc, RATE_HZ), 1), len(sensors))
    return lines


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of real recordings")
    files = sorted((parser.parse_args().data / "broad").glob("*.mat"))
    trials = [read(path) for path in files]
    slow = [averaged(trial, 3) for trial in trials]
    print("\n".join(accuracy(trials)), "", sep="\n")
    print("\n".join(accuracy(slow)), "", sep="\n")
    print("\n".join(drift(trials)), "", sep="\n")
    print("\n".join(cost(trials[0])))


if __name__ == "__main__":
    main()
