"""Reps while they happen: the same as afterwards, however the samples arrive, soon enough."""

from functools import cache, reduce
from itertools import pairwise

import numpy as np
import pytest

from glutebal.errors import InputError
from glutebal.model import Side
from glutebal.results import Laterality
from glutebal.signal.motion.imu import ImuPiece, imus
from glutebal.signal.motion.motion_reps import MotionRepSettings, motion_reps, reps_of_path
from glutebal.signal.motion.online_reps import OnlineReps, RepNews
from glutebal.signal.motion.rep_sides import Working
from glutebal.signal.motion.tilt_path import tilt_path
from glutebal.testing.bodies import SensorPlan, simulate_body

PHASES = ("eccentric", "concentric")


@cache
def sensors(exercise="squat"):
    done = simulate_body(
        4, exercise=exercise, reps=5, failed=(2,), functional_reps=0, sensors=SensorPlan(sites=("pelvis", "thigh"))
    )
    return imus(done.recording), done.truth


def pieces(imus_, at, end):
    return {(i.site, i.side): ImuPiece(at, i.pieces[0].gyr[at:end], i.pieces[0].acc[at:end]) for i in imus_}


@cache
def usual(exercise, laterality, announced):
    """The run over a whole recording in chunks of 0.25 s, and its news."""
    return run_of(sensors(exercise)[0], [25], laterality, announced=announced, window_s=200.0)


def run_of(imus_, sizes, laterality=Laterality.BILATERAL, hole=None, **about):
    """The run at its end, and its news with the time; ``hole`` is in samples."""
    settings = about.pop("settings", MotionRepSettings(phases=PHASES))
    run = OnlineReps(laterality, settings, **about).start({(i.site, i.side): i.rate_hz for i in imus_})
    stop, at, news, k = imus_[0].stop, 0, [], 0
    while at < stop:
        end = min(at + sizes[k % len(sizes)], stop)
        if hole is None or not (at < hole[1] and hole[0] < end):
            news.append((run.update(pieces(imus_, at, end)), end / 100))
        at, k = end, k + 1
    return run, [*news, (run.finish(), stop / 100)]


def live(imus_, sizes, laterality=Laterality.BILATERAL, hole=None, **about):
    """What is told, with the time at which it was told."""
    _, news = run_of(imus_, sizes, laterality, hole, **about)
    return [(rep, at) for each, at in news for rep in each.told]


def edges(reps):
    return [(rep.start, rep.turn, rep.stop, rep.side) for rep in reps]


def numbered(reps):
    return [(rep.start, rep.turn, rep.stop, rep.side, rep.set_index, rep.index, rep.phases) for rep in reps]


def whole(news):
    """All news one after the other, whenever they came."""
    every = reduce(RepNews.then, (each for each, _ in news), RepNews())
    changes = [(numbered([r.before]), numbered([r.after])) for r in every.revised]
    return numbered(every.told), changes, numbered(every.withdrawn)


@pytest.mark.parametrize("announced", [False, True])
@pytest.mark.parametrize(
    ("exercise", "laterality"), [("squat", Laterality.BILATERAL), ("lunge", Laterality.UNILATERAL)]
)
def test_in_the_end_it_is_exactly_what_is_found_afterwards(exercise, laterality, announced):
    found, _ = sensors(exercise)
    run, _ = usual(exercise, laterality, announced)
    assert run.window == (0, tilt_path(found).stop)
    assert numbered(run.reps) == numbered(motion_reps(found, laterality, phases=PHASES).reps)


@pytest.mark.parametrize("window_s", [30.0, 40.0])
def test_in_the_end_the_window_says_what_is_found_in_it_afterwards(window_s):
    found, _ = sensors("lunge")
    run, _ = run_of(found, [25], Laterality.UNILATERAL, window_s=window_s)
    part = tilt_path(found).cut(*run.window)
    afterwards = reps_of_path(part, Laterality.UNILATERAL, MotionRepSettings(phases=PHASES)).reps
    assert run.window[0] > 0
    assert len(afterwards) >= 4
    assert edges(rep for rep in run.reps if rep.start >= run.window[0]) == edges(afterwards)


@pytest.mark.parametrize("announced", [False, True])
def test_any_cutting_brings_the_same_news(announced):
    found, _ = sensors()
    random = list(np.random.default_rng(1).integers(1, 90, 200))
    one = usual("squat", Laterality.BILATERAL, announced)[1]
    two, long = (run_of(found, sizes, announced=announced, window_s=200.0)[1] for sizes in (random, [10_000]))
    assert whole(one) == whole(two) == whole(long)
    assert len(whole(one)[0]) >= 4


def test_sensors_that_arrive_one_after_the_other_change_nothing():
    found, _ = sensors()
    looked_for = OnlineReps(settings=MotionRepSettings(phases=PHASES), window_s=200.0)
    run, told = looked_for.start({(i.site, i.side): 100.0 for i in found}), []
    for at in range(0, found[0].stop, 200):  # up to 2 s late
        for place, piece in pieces(found, at, min(at + 200, found[0].stop)).items():
            told += run.update({place: piece}).told
    told += run.finish().told
    assert numbered(told) == whole(usual("squat", Laterality.BILATERAL, False)[1])[0]


def test_an_announced_set_is_told_from_its_first_rep_on_and_at_once():
    found, truth = sensors()
    run, news = run_of(found, [5], announced=True)
    first = {}
    for each, at in news:
        for rep in each.told:
            first.setdefault(round(rep.stop_s, 1), at)
    delays = [first[round(rep.stop_s, 1)] - rep.stop_s for rep in run.reps]
    assert len(delays) == len(truth.whole_reps)
    assert max(delays) < 1.0  # s: smoothing, stillness, the next look


def test_what_turns_out_to_be_none_is_withdrawn():
    done = simulate_body(4, exercise="squat", reps=5, walk_out=True, functional_reps=0)
    run, news = run_of(imus(done.recording), [25], announced=True)
    told, gone = ([rep for each, _ in news for rep in getattr(each, kind)] for kind in ("told", "withdrawn"))
    assert gone
    assert {rep.start for rep in told} - {rep.start for rep in gone} == {rep.start for rep in run.reps}
    assert len(run.reps) == 5


def test_alternating_sides_are_told_at_once_in_an_announced_set():
    done = simulate_body(
        4, exercise="lunge", reps=4, alternating=True, functional_reps=0, sensors=SensorPlan(sites=("pelvis", "thigh"))
    )
    found = imus(done.recording)
    told = live(found, [25], Laterality.UNILATERAL, announced=True)
    soon = [rep for rep, at in told if at - rep.stop_s < 1.5]  # s
    assert len(soon) >= len(done.truth.whole_reps) - 1
    assert {rep.side for rep in soon[:3]} == set(Side)


def test_a_sensor_that_falls_silent_for_good_does_not_stop_the_count():
    found, truth = sensors()
    run = OnlineReps(settings=MotionRepSettings(phases=PHASES), window_s=30.0, patience_s=3.0).start(
        {(i.site, i.side): 100.0 for i in found}
    )
    lost = round(100 * truth.whole_reps[0].start_s) - 2000
    for at in range(0, found[0].stop, 25):
        chunk = pieces(found, at, min(at + 25, found[0].stop))
        if at > lost:
            chunk.pop(("thigh", Side.LEFT))
        run.update(chunk)
    run.finish()
    assert len(run.reps) >= len(truth.whole_reps) - 1


def test_told_at_most_one_rep_late():
    _, truth = sensors()
    told = [(rep, at) for each, at in usual("squat", Laterality.BILATERAL, False)[1] for rep in each.told]
    for (rep, at), later in pairwise(told):
        assert rep.stop_s < at <= max(later[0].stop_s, rep.stop_s + 3.0) + 1.5
    assert len(told) == len(truth.whole_reps)


def test_numbers_go_on():
    assert [rep.index for rep in usual("squat", Laterality.BILATERAL, False)[0].reps] == [1, 2, 3, 4]


def test_a_rep_in_a_hole_is_not_told():
    found, truth = sensors()
    middle = round(100 * truth.whole_reps[2].turn_s)
    told = [rep for rep, _ in live(found, [10], hole=(middle - 20, middle + 20))]
    assert not any(rep.start_s < middle / 100 < rep.stop_s for rep in told)
    assert len(told) <= len(truth.whole_reps) - 1


@pytest.mark.slow
def test_standing_is_remembered_when_it_has_left_the_window():
    found, _ = sensors("hamstring_lengthening")
    settings = MotionRepSettings(working=Working.RAISED)
    run, _ = run_of(found, [50], Laterality.UNILATERAL, settings=settings, window_s=100.0)
    offline = motion_reps(found, Laterality.UNILATERAL, settings=settings).reps
    assert offline[-1].start_s > 130  # s: past the window
    assert edges(run.reps) == edges(offline)
    assert {rep.side for rep in run.reps} == set(Side)


def test_nothing_worn():
    with pytest.raises(InputError, match="at least one inertial sensor"):
        OnlineReps().start({})
