"""The whole chain while it happens: any packets give the same, and that is near to what is found afterwards."""

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glutebal.analysis.motion import Motion, motion_of
from glutebal.analysis.motion_angles import angle_tracks, postures
from glutebal.errors import InputError
from glutebal.model import Side
from glutebal.results import Laterality
from glutebal.signal.motion.imu import ImuPiece
from glutebal.signal.motion.motion_reps import MotionRepSettings, reps_of_path
from glutebal.signal.motion.online_angles import AngleName
from glutebal.signal.motion.online_motion import OnlineMotion
from glutebal.signal.motion.online_reps import OnlineReps
from glutebal.signal.motion.shift import lateral_shift
from glutebal.signal.motion.tilt_path import tilt_path
from glutebal.testing.bodies import SensorPlan, simulate_body

SQUAT = MotionRepSettings(phases=("eccentric", "concentric"))
EXPECTED = OnlineReps(Laterality.BILATERAL, SQUAT, announced=True)
SHIFT = AngleName("pelvis", "shift", None, "m")


@cache
def recorded():
    done = simulate_body(5, exercise="squat", reps=4, sensors=SensorPlan(sites=("pelvis", "thigh", "shank")))
    return motion_of(done.recording), done.truth


def chunks(imus, sizes, start, stop, hole=None):
    """Packets of all sensors; ``hole`` is (place, first, last) of samples that one of them lost."""
    at, k = start, 0
    while at < stop:
        end = min(at + sizes[k % len(sizes)], stop)
        yield {place: piece for place, piece in _pieces(imus, at, end) if not _lost(hole, place, at, end)}
        at, k = end, k + 1


def _pieces(imus, at, end):
    for imu in imus:
        piece = imu.pieces[0]
        yield (imu.site, imu.side), ImuPiece(at, piece.gyr[at:end], piece.acc[at:end])


def _lost(hole, place, at, end):
    return hole is not None and hole[0] == place and at < hole[2] and hole[1] < end


def run_of(motion: Motion, sizes, hole=None):
    """The run at its end, the angles of all samples, and the news of the repetitions."""
    spans, imus = motion.spans, motion.imus
    run = OnlineMotion(motion.calibration).start({(imu.site, imu.side): imu.rate_hz for imu in imus})
    ready = round(100 * spans.stop_s) + 100
    news = [run.push(chunk) for chunk in chunks(imus, [ready], 0, ready)]
    run.stood(spans.start_s, spans.stop_s)
    run.announce(EXPECTED, spans.stop_s)
    news += [run.push(chunk) for chunk in chunks(imus, sizes, ready, imus[0].stop, hole)]
    news.append(run.finish())
    values = np.concatenate([each.angles.values for each in news if len(each.angles.values)])
    names = next((each.angles.names for each in news if each.angles.names), ())
    return run, values, [each.reps for each in news if each.reps], names


@cache
def usual():
    return run_of(recorded()[0], [5])


def test_any_cutting_of_the_packets_gives_the_same_numbers():
    run, values, news, _ = usual()
    other, others, other_news, _ = run_of(recorded()[0], [2, 3, 17, 200, 1, 64])
    np.testing.assert_allclose(others, values, rtol=1e-9, atol=1e-9)
    assert other.reps == run.reps
    assert [rep for each in other_news for rep in each.told] == [rep for each in news for rep in each.told]


def test_the_angles_are_near_to_those_found_afterwards():
    motion, _ = recorded()
    run, values, _, names = usual()
    found = angle_tracks(motion, run.reps)
    start = round(100 * motion.spans.stop_s)
    for k, name in enumerate(names):
        if name == SHIFT:
            continue
        piece = found[name.joint, name.axis, name.side].pieces[0]
        stop = min(len(values), piece.start + piece.deg.size)
        off = values[start:stop, k] - piece.deg[start - piece.start : stop - piece.start]
        allowed = 5.0 if name.axis == "rotation" else 2.5  # deg: the filter without the future, headings known so far
        assert np.sqrt(np.mean(off**2)) < allowed, name


def test_the_lateral_shift_is_near_to_that_found_afterwards():
    motion, _ = recorded()
    run, values, _, names = usual()
    found = lateral_shift(motion.body, postures(motion, motion.body, run.reps))[0]
    start, stop = round(100 * motion.spans.stop_s), min(len(values), found.stop)
    off = values[start:stop, names.index(SHIFT)] - found.shift_m[start - found.start : stop - found.start]
    assert np.sqrt(np.mean(off**2)) < 0.01  # m


def test_the_flexions_are_near_to_the_truth():
    truth = recorded()[1]
    _, values, _, names = usual()
    start, stop = (round(100 * t) for t in (truth.whole_reps[0].start_s, truth.whole_reps[-1].stop_s))
    for joint in ("hip", "knee"):
        for side in Side:
            deg = getattr(truth.angles.legs[side], f"{joint}_flexion")[start:stop]
            seen = values[start:stop, names.index(AngleName(joint, "flexion", side))]
            assert np.sqrt(np.mean((seen - deg) ** 2)) < 6.0  # deg: soft tissue wobble included


def test_the_set_is_in_the_end_what_is_found_in_its_window_afterwards():
    motion, truth = recorded()
    run = usual()[0]
    path = tilt_path(motion.imus).cut(*run.window)
    assert run.window[0] == np.ceil(50 * motion.spans.stop_s)
    found = reps_of_path(path, Laterality.BILATERAL, SQUAT).reps
    assert [(r.start, r.turn, r.stop, r.index) for r in run.reps] == [(r.start, r.turn, r.stop, r.index) for r in found]
    assert len(run.reps) == len(truth.whole_reps) == 4


def test_a_hole_starts_one_sensor_fresh_and_its_rep_is_not_counted():
    motion, truth = recorded()
    rep = truth.whole_reps[1]
    middle = round(100 * rep.turn_s)
    place = ("thigh", Side.LEFT)
    run, values, _, names = run_of(motion, [5], hole=(place, middle - 15, middle + 15))
    assert not any(r.start_s < middle / 100 < r.stop_s for r in run.reps)
    assert len(run.reps) <= 3
    left, right = (names.index(AngleName("hip", "flexion", side)) for side in Side)
    assert np.isnan(values[middle, left])
    assert np.isfinite(values[middle, right])
    assert np.isfinite(values[round(100 * rep.stop_s) + 500 :, left]).all()  # 5 s: settled at the latest


def test_without_a_calibration_there_are_repetitions_and_no_angles():
    motion, _ = recorded()
    run = OnlineMotion().start({(imu.site, imu.side): 100.0 for imu in motion.imus})
    run.announce(EXPECTED, motion.spans.stop_s)
    told = [rep for chunk in chunks(motion.imus, [50], 0, motion.imus[0].stop) for rep in run.push(chunk).reps]
    assert len(told) >= 4
    assert run.why_no_angles == "no calibration"
    assert run.push({}).angles.names == ()


def test_ending_a_set_and_announcing_the_next():
    motion, truth = recorded()
    run = OnlineMotion(motion.calibration).start({(imu.site, imu.side): 100.0 for imu in motion.imus})
    half = round(100 * 0.5 * (truth.whole_reps[1].stop_s + truth.whole_reps[2].start_s))
    run.announce(EXPECTED, motion.spans.stop_s)
    for chunk in chunks(motion.imus, [5], 0, half):
        run.push(chunk)
    run.end_set()
    ended = run.reps
    run.push({})
    assert run.reps == ended
    assert not run.end_set()
    run.announce(EXPECTED)
    assert not run.end_set()
    run.announce(EXPECTED)
    assert run.reps == ()
    told = [rep for chunk in chunks(motion.imus, [5], half, motion.imus[0].stop) for rep in run.push(chunk).reps]
    assert told[0].start_s >= half / 100 - 0.6  # s: what the tilts lag behind
    assert told[0].index == 1


@given(st.sampled_from([("thigh", Side.LEFT), ("pelvis", None), ("shank", Side.RIGHT)]), st.integers(1, 400))
@settings(derandomize=True, deadline=None, max_examples=5)
def test_a_sensor_that_lags_changes_nothing(place, late):
    motion, _ = recorded()
    stop, (_, values, _, _) = 1500, usual()
    run = OnlineMotion(motion.calibration).start({(imu.site, imu.side): 100.0 for imu in motion.imus})
    got, held = [], []
    for chunk in chunks(motion.imus, [50], 0, stop):
        held.append(chunk.pop(place))
        got.append(run.push(chunk).angles.values)
        if 50 * len(held) > late:
            got += [run.push({place: piece}).angles.values for piece in held]
            held = []
    got += [run.push({place: piece}).angles.values for piece in held]
    seen = np.concatenate([rows for rows in got if len(rows)])
    planar = [k for k, name in enumerate(usual()[3]) if name.joint == "pelvis" and name != SHIFT]
    np.testing.assert_allclose(seen[:, planar], values[: len(seen), planar], rtol=1e-9)
    assert len(seen) >= stop - 10


def test_what_cannot_be_computed_says_why():
    motion, _ = recorded()
    rates = {(imu.site, imu.side): 100.0 for imu in motion.imus}
    mixed = OnlineMotion(motion.calibration).start({**rates, ("pelvis", None): 104.0})
    assert "different sampling rates (pelvis 104 Hz" in mixed.why_no_angles
    other = OnlineMotion(motion.calibration).start({("foot", Side.LEFT): 100.0})
    assert other.why_no_angles == "the calibration is of none of these sensors"
    with pytest.raises(InputError, match="at least one inertial sensor"):
        OnlineMotion().start({})
