"""Reps from motion: simulated bodies with known reps, laws, and real recordings that hold none."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from glutebal.model import Side
from glutebal.results import Laterality, Working
from glutebal.signal.motion.imu import Imu, ImuPiece, imus
from glutebal.signal.motion.motion_reps import MotionRepSettings, motion_reps
from glutebal.testing.bodies import SensorPlan, simulate_body

SQUAT = ("eccentric", "concentric")
SENSORS = SensorPlan(sites=("pelvis", "thigh"))


@cache
def body(exercise, sensors=SENSORS, seed=1, **plan):
    plan = {"reps": 6, "functional_reps": 0, "failed": (2,), "fatigue": 0.3} | plan
    return simulate_body(seed, exercise=exercise, sensors=sensors, **plan)


def squats(**plan):
    done = body("squat", **plan)
    return imus(done.recording), done.truth


def edges(found):
    return [(rep.start, rep.turn, rep.stop, rep.side) for rep in found.reps]


def turned(imu, seed):
    """The sensor put on the segment in another way."""
    turn = np.linalg.qr(np.random.default_rng(seed).normal(size=(3, 3)))[0]
    turn *= np.sign(np.linalg.det(turn))
    return replace(imu, pieces=tuple(replace(p, gyr=p.gyr @ turn, acc=p.acc @ turn) for p in imu.pieces))


def without(imu, start_s, stop_s):
    """A hole in a recording of one piece."""
    piece, (a, b) = imu.pieces[0], (round(t * imu.rate_hz) for t in (start_s, stop_s))
    halves = (ImuPiece(0, piece.gyr[:a], piece.acc[:a]), ImuPiece(b, piece.gyr[b:], piece.acc[b:]))
    return replace(imu, pieces=halves)


@pytest.mark.parametrize(
    ("exercise", "laterality", "phases"),
    [
        ("squat", Laterality.BILATERAL, SQUAT),
        ("deadlift", Laterality.BILATERAL, ("concentric", "eccentric")),
        ("hip_thrust", Laterality.BILATERAL, ("concentric", "hold", "eccentric")),
        ("jump", Laterality.BILATERAL, ("eccentric", "concentric", "flight")),
        ("lunge", Laterality.UNILATERAL, SQUAT),
        ("single_leg_deadlift", Laterality.UNILATERAL, SQUAT),
        ("kneeling_glute_kickback", Laterality.UNILATERAL, ("concentric", "hold", "eccentric")),
    ],
)
def test_every_whole_rep_and_no_other(exercise, laterality, phases):
    done = body(exercise, walk_out=True, rerack=True)
    found = motion_reps(imus(done.recording), laterality, phases=phases).reps
    assert [rep.side for rep in found] == [rep.side for rep in done.truth.whole_reps]
    for rep, true in zip(found, done.truth.whole_reps, strict=True):
        assert rep.start_s == pytest.approx(true.start_s, abs=0.5)
        assert rep.stop_s == pytest.approx(true.stop_s, abs=0.5)


def test_the_failed_rep_is_named():
    sensors, truth = squats()
    found = motion_reps(sensors, Laterality.BILATERAL, phases=SQUAT)
    failed = next(rep for rep in truth.reps if rep.failed)
    (named,) = [each for each in found.excluded if "not a whole repetition" in each.reason]
    assert named.start_s == pytest.approx(failed.start_s, abs=0.5)


def test_phases_in_the_order_of_the_exercise():
    sensors, _ = squats(hold_s=1.0)
    for rep in motion_reps(sensors, Laterality.BILATERAL, phases=SQUAT).reps:
        assert [phase.name for phase in rep.phases] == ["eccentric", "hold", "concentric"]
        assert rep.phases[0].start == rep.start
        assert rep.phases[-1].stop == rep.stop
        assert rep.phases[1].start <= rep.turn <= rep.phases[1].stop


def test_a_deadlift_is_not_counted_from_the_top():
    done = body("deadlift")
    found = motion_reps(imus(done.recording), Laterality.BILATERAL, phases=("concentric", "eccentric")).reps
    assert all(rep.phases[0].name == "concentric" for rep in found)
    assert found[0].turn / found[0].rate_hz == pytest.approx(done.truth.reps[0].turn_s, abs=0.6)


def test_alternating_legs():
    done = body("lunge", alternating=True, failed=())
    found = motion_reps(imus(done.recording), Laterality.UNILATERAL, phases=SQUAT).reps
    assert [rep.side for rep in found] == [Side.RIGHT, Side.LEFT] * 6


def test_two_sets_are_numbered():
    done = body("squat", sets=2, rest_s=40.0, failed=(), reps=4)
    found = motion_reps(imus(done.recording), Laterality.BILATERAL, phases=SQUAT).reps
    assert [(rep.set_index, rep.index) for rep in found] == [(s, k) for s in (1, 2) for k in range(1, 5)]


def test_one_sided_is_found_in_the_data():
    done = body("lunge")
    assert motion_reps(imus(done.recording)).laterality is Laterality.UNILATERAL
    assert motion_reps(squats()[0]).laterality is Laterality.BILATERAL


def test_swapping_the_sides_swaps_the_sides_and_nothing_else():
    done = body("lunge")
    one = motion_reps(imus(done.recording), Laterality.UNILATERAL, phases=SQUAT)
    two = motion_reps(imus(done.recording.swapped()), Laterality.UNILATERAL, phases=SQUAT)
    assert edges(two) == [(a, t, b, side.other) for a, t, b, side in edges(one)]


def test_how_the_sensors_sit_does_not_matter():
    sensors, _ = squats()
    one = motion_reps(sensors, Laterality.BILATERAL, phases=SQUAT)
    two = motion_reps([turned(imu, k) for k, imu in enumerate(sensors)], Laterality.BILATERAL, phases=SQUAT)
    assert len(one.reps) == len(two.reps)
    for a, b in zip(one.reps, two.reps, strict=True):
        assert a.start_s == pytest.approx(b.start_s, abs=0.1)  # s: filters differ along tilted axes
        assert a.stop_s == pytest.approx(b.stop_s, abs=0.1)


def test_twice_the_rate_is_the_same():
    one, two = (
        motion_reps(imus(body("squat", sensors=replace(SENSORS, rate_hz=hz)).recording), Laterality.BILATERAL)
        for hz in (50.0, 100.0)
    )
    assert len(one.reps) == len(two.reps)
    np.testing.assert_allclose([r.start_s for r in one.reps], [r.start_s for r in two.reps], atol=0.1)


def test_a_rep_that_touches_a_hole_is_not_counted():
    sensors, truth = squats(failed=())
    middle = truth.reps[3].turn_s
    holed = [without(imu, middle - 0.2, middle + 0.2) if imu.site == "pelvis" else imu for imu in sensors]
    found = motion_reps(holed, Laterality.BILATERAL, phases=SQUAT)
    assert len(found.reps) == len(truth.reps) - 1
    assert not any(rep.start_s < middle < rep.stop_s for rep in found.reps)


def test_a_rep_seen_from_half_way_is_not_counted():
    sensors, truth = squats(failed=())
    begin = round(truth.reps[0].turn_s * 100)
    cut = [
        Imu(i.site, i.side, i.rate_hz, (ImuPiece(begin, i.pieces[0].gyr[begin:], i.pieces[0].acc[begin:]),))
        for i in sensors
    ]
    found = motion_reps(cut, Laterality.BILATERAL, phases=SQUAT).reps
    assert found[0].stop_s > truth.reps[1].start_s
    assert len(found) <= len(truth.reps) - 1


def test_confidence_and_types():
    for rep in motion_reps(squats()[0], Laterality.BILATERAL, phases=SQUAT).reps:
        assert 0.3 < rep.confidence <= 1
        assert type(rep.start) is type(rep.stop) is type(rep.turn) is int
        assert type(rep.confidence) is float


@pytest.mark.parametrize("seed", [100, 104, 107])
def test_a_movement_as_small_as_sway_is_found_the_right_way_up(seed):
    done = body("glute_squeeze", seed=seed, reps=7, failed=(), fatigue=0.0, walk_out=True)
    found = motion_reps(imus(done.recording), Laterality.BILATERAL, phases=("hold",), rep_s=(1.0, 15.0)).reps
    assert len(found) == len(done.truth.reps)
    for rep, true in zip(found, done.truth.reps, strict=True):
        assert rep.start_s == pytest.approx(true.start_s, abs=1.5)  # s: sway is a fifth of the movement


@pytest.mark.parametrize("seed", [102, 103, 107])
def test_a_squeeze_is_looked_for_where_the_exercise_shows(seed):
    done = body("glute_squeeze", seed=seed, reps=5, walk_out=True, idle_end_s=30.0)
    settings = MotionRepSettings(segments=("pelvis",))
    found = motion_reps(imus(done.recording), Laterality.BILATERAL, phases=("hold",), rep_s=(1, 15), settings=settings)
    assert len(found.reps) == len(done.truth.whole_reps)
    for rep, true in zip(found.reps, done.truth.whole_reps, strict=True):
        assert rep.start_s == pytest.approx(true.start_s, abs=1.5)  # s: sway is a fifth of the movement


def test_segments_that_do_not_show_the_exercise_do_not_hide_it():
    done = body("squat")
    whole = motion_reps(imus(done.recording), Laterality.BILATERAL, phases=SQUAT)
    settings = MotionRepSettings(segments=("pelvis", "plate"))
    assert motion_reps(imus(done.recording), Laterality.BILATERAL, phases=SQUAT, settings=settings).reps == whole.reps


def test_long_holds_are_not_outvoted_by_steps():
    done = body("single_leg_stance", seed=103, reps=3, sets=2, rest_s=40.0, failed=(), walk_out=True, idle_end_s=30.0)
    settings = MotionRepSettings(working=Working.OTHER_HIP)
    found = motion_reps(imus(done.recording), Laterality.UNILATERAL, rep_s=(2.0, 60.0), settings=settings).reps
    assert [rep.side for rep in found] == [rep.side for rep in done.truth.whole_reps]


@pytest.mark.slow
def test_sitting_down_now_and_then_is_no_set_of_squats():
    done = body("squat", seed=105, reps=1, failed=(0,), idle_end_s=620.0)
    assert motion_reps(imus(done.recording), Laterality.BILATERAL, phases=SQUAT, rep_s=(0.8, 12.0)).reps == ()


@pytest.mark.slow
def test_idle_and_walking_have_no_reps():
    done = body("squat", reps=1, failed=(0,), idle_end_s=180.0)
    first = round(done.truth.reps[-1].stop_s * 100) + 300
    cut = [
        Imu(i.site, i.side, i.rate_hz, (ImuPiece(first, i.pieces[0].gyr[first:], i.pieces[0].acc[first:]),))
        for i in imus(done.recording)
    ]
    assert motion_reps(cut, Laterality.BILATERAL, phases=SQUAT).reps == ()
    assert motion_reps(cut, Laterality.UNILATERAL, phases=SQUAT).reps == ()


def test_standing_sitting_and_walking_of_a_real_person_have_no_reps(shared_data):
    loadmat = pytest.importorskip("scipy.io").loadmat
    found = loadmat(shared_data / "qmt" / "full_body_example_data.mat", simplify_cells=True)
    places = {"hip": ("pelvis", None), "upper_leg_left": ("thigh", Side.LEFT), "upper_leg_right": ("thigh", Side.RIGHT)}
    sensors = [
        Imu(*place, 100.0, (ImuPiece(0, found[name]["gyr"], found[name]["acc"]),)) for name, place in places.items()
    ]
    for laterality in (Laterality.BILATERAL, Laterality.UNILATERAL):
        assert motion_reps(sensors, laterality, phases=SQUAT, rep_s=(0.8, 12.0)).reps == ()


def test_nothing_to_look_at():
    assert motion_reps([]).reps == ()
    assert motion_reps([Imu("pelvis", None, 100.0, ())]).reps == ()
    still = Imu("pelvis", None, 100.0, (ImuPiece(0, np.zeros((3000, 3)), np.tile([0, 0, 9.81], (3000, 1))),))
    assert motion_reps([still]).reps == ()
    assert motion_reps(squats()[0], Laterality.CYCLIC).reps == ()


def test_the_exercise_may_say_which_leg_works():
    done = body("lunge")
    other = MotionRepSettings(working=Working.OTHER_HIP)
    one = motion_reps(imus(done.recording), Laterality.UNILATERAL, phases=SQUAT)
    two = motion_reps(imus(done.recording), Laterality.UNILATERAL, phases=SQUAT, settings=other)
    assert edges(two) == [(a, t, b, side.other) for a, t, b, side in edges(one)]
