"""What the whole motion chain costs, afterwards and online: seven inertial sensors, ten minutes, beside a known filter.

Run ``python benchmarks/motion_chain.py``; it prints the table as Markdown. With ahrs installed (dependency group
``bench``) its Madgwick filter runs on the same samples in the same process. CPU time, the least of three runs.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
from onsets import markdown

import glutebal as gb
from glutebal.analysis.motion import Motion, motion_of
from glutebal.analysis.motion_angles import angle_tracks
from glutebal.analysis.moved import moved_reps
from glutebal.coach.exercises import Exercise, exercise
from glutebal.signal.motion.calibration import calibrate
from glutebal.signal.motion.calibration_spans import find_calibration_spans
from glutebal.signal.motion.imu import Imu, ImuPiece, imus
from glutebal.signal.motion.motion_reps import described
from glutebal.signal.motion.online_motion import OnlineMotion
from glutebal.signal.motion.online_reps import OnlineReps
from glutebal.signal.motion.orientation import orientation
from glutebal.signal.motion.orientation_filter import OrientationFilter
from glutebal.testing.bodies import BodySet, SensorPlan, simulate_body

SITES = ("pelvis", "thigh", "shank", "foot")
REPS = 158
PACKET = 10
#: Samples of one sensor that the Python loop of the peer is timed on, then scaled to all of them.
PEER_SAMPLES = 6000
COLUMNS = {
    "step": "{step}",
    "CPU time": "{seconds:.2f} s",
    "faster than real time": "{speed:.0f} ×",
    "of one core": "{share:.2f} %",
}
#: Packets that the online chain is fed with, samples at 100 Hz.
PACKETS = (2, 5)


def cpu_s(work: Callable[[], Any], runs: int = 3) -> float:
    """The least CPU time of several runs, after one that is not counted."""
    found = []
    for _ in range(runs + 1):
        start = time.process_time()
        work()
        found.append(time.process_time() - start)
    return min(found[1:])


def chain(simulated: BodySet, runs: int) -> Mapping[str, float]:
    """CPU seconds of every step of the offline chain, of the whole, and of the live filter."""
    recording = simulated.recording
    sensors = imus(recording)
    squat = exercise("squat")
    motion = motion_of(recording)
    if motion is None:
        raise SystemExit("the simulated recording has no motion")
    reps = moved_reps(motion, squat).reps
    return {
        "samples into sensors": cpu_s(lambda: imus(recording), runs),
        "orientation of seven sensors, with the future known": cpu_s(lambda: [orientation(s) for s in sensors], runs),
        "calibration found and done": cpu_s(lambda: _calibrated(sensors), runs),
        f"{len(reps)} repetitions": cpu_s(lambda: moved_reps(motion, squat), runs),
        "joint angles with heading resets": cpu_s(lambda: angle_tracks(_fresh(motion), reps), runs),
        "**the whole of `gb.analyse`**, measures and intervals too": cpu_s(lambda: gb.analyse(recording), runs),
        f"live orientation of seven sensors, packets of {PACKET}": cpu_s(lambda: _live(sensors), runs),
        **{_online_name(size): cpu_s(partial(_online, motion, squat, size), 1) for size in PACKETS},
    }


def _online_name(size: int) -> str:
    return f"**online: orientation, angles, shift, repetitions**, packets of {10 * size} ms"


def _online(motion: Motion, looked_for: Exercise, size: int) -> int:
    """The online chain over the recording; how many repetitions it knows in the end."""
    stop_s = motion.spans.stop_s if motion.spans else 0.0
    run = OnlineMotion(motion.calibration).start({(imu.site, imu.side): imu.rate_hz for imu in motion.imus})
    settings = described(None, looked_for.phases, looked_for.rep_s)
    run.announce(OnlineReps(looked_for.laterality, settings, announced=True), stop_s)
    stood = False
    for at in range(0, motion.imus[0].stop, size):
        pieces = {(imu.site, imu.side): imu.pieces[0] for imu in motion.imus}
        run.push({p: ImuPiece(at, x.gyr[at : at + size], x.acc[at : at + size]) for p, x in pieces.items()})
        if motion.spans and not stood and run.position_s > stop_s:
            run.stood(motion.spans.start_s, stop_s)
            stood = True
    run.finish()
    return len(run.reps)


def _calibrated(sensors: tuple[Imu, ...]) -> None:
    spans = find_calibration_spans(sensors)
    calibrate(sensors, spans.static, spans.flexion, spans.abduction, spans.bow)


def _fresh(motion: Motion) -> Motion:
    """Without what was kept from the run before."""
    return Motion(motion.imus, motion.orientations, motion.calibration, motion.spans, motion.why_not)


def _live(sensors: tuple[Imu, ...]) -> None:
    for imu in sensors:
        _live_of(imu)


def _live_of(imu: Imu) -> None:
    run = OrientationFilter().start(imu.rate_hz, imu.start, imu.name)
    for piece in imu.pieces:
        for a in range(0, piece.n_samples, PACKET):
            run.update(piece.gyr[a : a + PACKET], piece.acc[a : a + PACKET])


def madgwick_s(sensors: tuple[Imu, ...], runs: int) -> float | None:
    """CPU seconds of ahrs Madgwick on all samples, from a part of them; None where it is not installed."""
    try:
        from ahrs.filters import Madgwick
    except ImportError:
        return None
    piece = sensors[0].pieces[0]
    gyr, acc = np.array(piece.gyr[:PEER_SAMPLES]), np.array(piece.acc[:PEER_SAMPLES])
    seconds = cpu_s(lambda: Madgwick(gyr=gyr, acc=acc, frequency=sensors[0].rate_hz), runs)
    return seconds * sum(p.n_samples for s in sensors for p in s.pieces) / len(gyr)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    wanted = parser.parse_args()
    simulated = simulate_body(5001, exercise="squat", reps=REPS, sensors=SensorPlan(sites=SITES))
    seconds = dict(chain(simulated, wanted.runs))
    peer = madgwick_s(imus(simulated.recording), wanted.runs)
    if peer is not None:
        seconds["ahrs Madgwick: orientation of seven sensors, nothing else"] = peer
    duration_s = simulated.recording.duration_s
    print(f"{duration_s / 60:.1f} minutes, 7 sensors, 100 Hz.\n")
    steps = [
        {"step": k, "seconds": v, "speed": duration_s / v, "share": 100 * v / duration_s} for k, v in seconds.items()
    ]
    print(markdown(steps, COLUMNS))


if __name__ == "__main__":
    main()
