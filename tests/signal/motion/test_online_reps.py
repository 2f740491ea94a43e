"""Reps while they happen: the same as afterwards, however the samples arrive, soon enough."""

from functools import cache
from itertools import pairwise

import numpy as np
import pytest

from glutebal.errors import InputError
from glutebal.model import Side
from glutebal.results import Laterality
from glutebal.signal.motion.imu import ImuPiece, imus
from glutebal.signal.motion.motion_reps import MotionRepSettings, motion_reps
from glutebal.signal.motion.online_reps import OnlineReps
from glutebal.signal.motion.rep_sides import Working
from glutebal.testing.bodies import SensorPlan, simulate_body

PHASES = ("eccentric", "concentric")


@cache
def sensors(exercise="squat"):
    done = simulate_body(
        4, exercise=exercise, reps=5, failed=(2,), functional_reps=0, sensors=SensorPlan(sites=("pelvis", "thigh"))
    )
    return imus(done.recording), done.truth


def live(imus_, sizes, laterality=Laterality.BILATERAL, hole=None):
    """What is told, with the time at which it was told; ``hole`` is in samples."""
    run = OnlineReps(laterality, MotionRepSettings(phases=PHASES)).start({(i.site, i.side): i.rate_hz for i in imus_})
    stop, at, told, k = imus_[0].stop, 0, [], 0
    while at < stop:
        end = min(at + sizes[k % len(sizes)], stop)
        if hole is None or not (at < hole[1] and hole[0] < end):
            pieces = {(i.site, i.side): ImuPiece(at, i.pieces[0].gyr[at:end], i.pieces[0].acc[at:end]) for i in imus_}
            told += [(rep, end / 100) for rep in run.update(pieces)]
        at, k = end, k + 1
    told += [(rep, stop / 100) for rep in run.finish()]
    return told


def edges(reps):
    return [(rep.start, rep.turn, rep.stop, rep.side) for rep in reps]


@pytest.mark.parametrize(
    ("exercise", "laterality"), [("squat", Laterality.BILATERAL), ("lunge", Laterality.UNILATERAL)]
)
def test_the_same_indices_as_afterwards(exercise, laterality):
    found, _ = sensors(exercise)
    told = live(found, [25], laterality)
    assert edges(rep for rep, _ in told) == edges(motion_reps(found, laterality, phases=PHASES).reps)


def test_any_cutting_gives_the_same():
    found, _ = sensors()
    one, two = live(found, [25]), live(found, list(np.random.default_rng(1).integers(1, 90, 200)))
    assert edges(rep for rep, _ in one) == edges(rep for rep, _ in two)


def test_told_at_most_one_rep_late():
    found, truth = sensors()
    told = live(found, [10])
    for (rep, at), later in pairwise(told):
        assert rep.stop_s < at <= max(later[0].stop_s, rep.stop_s + 3.0) + 1.5
    assert len(told) == len(truth.whole_reps)


def test_numbers_go_on():
    found, _ = sensors()
    assert [rep.index for rep, _ in live(found, [25])] == [1, 2, 3, 4]


def test_a_rep_in_a_hole_is_not_told():
    found, truth = sensors()
    middle = round(100 * truth.whole_reps[2].turn_s)
    told = [rep for rep, _ in live(found, [10], hole=(middle - 20, middle + 20))]
    assert not any(rep.start_s < middle / 100 < rep.stop_s for rep in told)
    assert len(told) <= len(truth.whole_reps) - 1


def test_standing_is_remembered_when_it_has_left_the_window():
    found, _ = sensors("hamstring_lengthening")
    settings = MotionRepSettings(working=Working.RAISED)
    run = OnlineReps(Laterality.UNILATERAL, settings).start({(i.site, i.side): 100.0 for i in found})
    for at in range(0, found[0].stop, 50):
        span = slice(at, min(at + 50, found[0].stop))
        run.update({(i.site, i.side): ImuPiece(at, i.pieces[0].gyr[span], i.pieces[0].acc[span]) for i in found})
    run.finish()
    offline = motion_reps(found, Laterality.UNILATERAL, settings=settings).reps
    assert offline[-1].start_s > 130  # s: past the window
    assert [rep.side for rep in run.reps] == [rep.side for rep in offline]
    assert {rep.side for rep in run.reps} == set(Side)


def test_nothing_worn():
    with pytest.raises(InputError, match="at least one inertial sensor"):
        OnlineReps().start({})
