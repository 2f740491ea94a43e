"""Both feet together: strides with stance and swing, and reasons for what is not counted."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.io import loadmat

from glutebal.model import Bilateral, Side
from glutebal.results import Laterality
from glutebal.signal.motion.gait import (
    FAST,
    LAST,
    TURN,
    TWICE,
    UNSEEN,
    GaitSettings,
    gait,
    gait_of_legs,
    walk_from_motion,
)
from glutebal.signal.motion.gait_events import FootEvents, foot_events
from glutebal.signal.motion.gait_measures import stride_values
from glutebal.signal.motion.imu import Imu, ImuPiece, imus
from glutebal.signal.motion.leg_motion import SwingAxis
from glutebal.testing.bodies import GaitPlan, SensorPlan, simulate_body


def events(side, swings, stance=0.62, stride_s=1.0, turned=None):
    """A perfect leg: swings at these times, (1 - stance) of a stride long; the recording ends with them."""
    swings = np.asarray(swings, dtype=float)
    half = (1 - stance) * stride_s / 2
    turned = np.zeros(swings.size) if turned is None else np.asarray(turned, dtype=float)
    axis = SwingAxis((0.0, -1.0, 0.0), 1.0, 1.0, swings.size)
    way = np.full(swings.size, 1.3)
    covered = ((0.0, float(swings[-1]) + 1.0),)
    return FootEvents(side, "foot", axis, swings, swings - half, swings + half, turned, way, covered, 0.0)


def legs(left, right, **both):
    return Bilateral(events(Side.LEFT, left, **both), events(Side.RIGHT, right, **both))


def bounds(reps):
    return [(rep.side, rep.start, rep.turn, rep.stop) for rep in reps]


@pytest.fixture(scope="module")
def walk():
    sensors = SensorPlan(sites=("foot",))
    return simulate_body(57, exercise="walking", functional_reps=0, gait=GaitPlan(swing_ratio=1.1), sensors=sensors)


@pytest.fixture(scope="module")
def full_body(shared_data):
    return loadmat(shared_data / "qmt" / "full_body_example_data.mat", simplify_cells=True)


def worn(full_body, site, stem):
    pair = {s: full_body[f"{stem}{s.value}"] for s in Side}
    return [Imu(site, s, 100.0, (ImuPiece(4000, pair[s]["gyr"], pair[s]["acc"]),)) for s in Side]


def test_strides_in_turn_with_stance_and_swing():
    found = gait_of_legs(legs(np.arange(1, 8), np.arange(1, 8) + 0.5)).segmentation
    assert found.laterality is Laterality.CYCLIC
    assert not found.excluded
    assert bounds(found.reps)[:2] == [(Side.LEFT, 1190, 1810, 2190), (Side.RIGHT, 1690, 2310, 2690)]
    assert [(p.name, p.start, p.stop) for p in found.reps[0].phases] == [("stance", 1190, 1810), ("swing", 1810, 2190)]
    assert [rep.index for rep in found.reps if rep.side is Side.RIGHT] == [1, 2, 3, 4, 5, 6]


def test_a_swing_that_one_sensor_missed_costs_the_strides_around_it_and_no_others():
    left, right = np.arange(1, 12), np.delete(np.arange(1, 12) + 0.5, 5)
    found = gait_of_legs(legs(left, right)).segmentation
    reasons = {(ex.side, ex.reason) for ex in found.excluded}
    assert (Side.LEFT, UNSEEN) in reasons
    assert len(reasons) == 2
    assert len([rep for rep in found.reps if rep.side is Side.LEFT]) == 9
    assert len([rep for rep in found.reps if rep.side is Side.RIGHT]) == 8


def test_a_foot_that_swings_twice_is_not_alternating():
    left = np.arange(1, 12)
    right = np.sort(np.append(np.arange(1, 12) + 0.5, 6.75))
    found = gait_of_legs(legs(left, right)).segmentation
    assert TWICE in {ex.reason for ex in found.excluded if ex.side is Side.LEFT}


@pytest.mark.parametrize(("turn", "turns"), [(19.0, 0), (21.0, 2), (-60.0, 2)])
def test_a_turn_is_left_out_on_both_sides(turn, turns):
    turned = np.where(np.arange(9) == 4, turn, 0.0)
    left, right = legs(np.arange(1, 10), np.arange(1, 10) + 0.5)
    found = gait_of_legs(Bilateral(replace(left, turned_deg=turned), right)).segmentation
    assert [ex.reason for ex in found.excluded] == [TURN] * turns


def test_running_has_flight_and_walking_double_support():
    running = gait_of_legs(legs(np.arange(1, 8), np.arange(1, 8) + 0.5, stance=0.4)).segmentation
    walking = gait_of_legs(legs(np.arange(1, 8), np.arange(1, 8) + 0.5)).segmentation
    names = [{v.measure.name for v in stride_values(s)} for s in (running, walking)]
    assert names[0] - names[1] == {"flight_time"}
    assert names[1] - names[0] == {"double_support_time"}


def test_feet_that_swing_together_are_not_walking():
    found = gait_of_legs(legs(np.arange(1, 12), np.arange(1, 12) + 0.05)).segmentation
    assert not found.reps
    assert found.excluded


@pytest.mark.parametrize(("slack", "counted"), [(0.02, 0), (0.06, 12)])
def test_double_support_may_miss_zero_by_the_uncertainty_of_the_offset(slack, counted):
    left, right = legs(np.arange(1, 8), np.arange(1, 8) + 0.4, stance=0.56)  # 60 ms one way, -40 ms the other
    feet = Bilateral(left, right).map(lambda foot: replace(foot, uncertainty_s=slack))
    assert len(gait_of_legs(feet).segmentation.reps) == counted


def test_a_simulated_run_is_counted_and_flies():
    sensors = SensorPlan(sites=("foot",))
    body = simulate_body(58, exercise="running", functional_reps=0, gait=GaitPlan(way_m=40.0), sensors=sensors)
    found = walk_from_motion(body.recording)
    strikes = {s: body.truth.gait[s].heel_strikes_s for s in Side}
    steady = [t for s in Side for t in strikes[s] if any(p.start_s <= t < p.stop_s for p in body.truth.straights)]
    assert len(found.reps) >= 0.9 * len(steady)
    assert all(np.min(np.abs(strikes[rep.side] - rep.start_s)) < 0.05 for rep in found.reps)
    assert "flight_time" in {v.measure.name for v in stride_values(found)}


@pytest.mark.parametrize("exercise", ["squat", "lunge"])
def test_exercises_are_not_walking(exercise):
    body = simulate_body(3, exercise=exercise, functional_reps=0, sensors=SensorPlan(sites=("shank",)))
    found = gait(imus(body.recording))
    assert found.segmentation.reps == ()
    assert len(found.notes) == 2


def test_a_pause_ends_a_bout_and_is_no_stride():
    left = np.concatenate([np.arange(1, 8), np.arange(20, 28)])
    found = gait_of_legs(legs(left, left + 0.5)).segmentation
    assert {rep.set_index for rep in found.reps} == {1, 2}
    assert all(rep.stop_s < 9 or rep.start_s > 19 for rep in found.reps)
    assert not [ex for ex in found.excluded if ex.stop_s - ex.start_s > 3]


def test_the_stride_that_ends_in_standing_is_listed_and_all_others_count():
    feet = legs(np.arange(1, 9) + 4.0, np.arange(1, 9) + 4.5)
    standing = feet.map(lambda foot: replace(foot, covered=((0.0, 60.0),)))
    cut, whole = gait_of_legs(feet).segmentation, gait_of_legs(standing).segmentation
    assert [(ex.reason, ex.side) for ex in whole.excluded] == [(LAST, Side.RIGHT)]
    assert bounds(whole.reps) == bounds(cut.reps)[:-1]


def test_a_walk_of_ten_metres_loses_one_stride_to_its_end(walk):
    found = gait(imus(walk.recording))
    last = [ex for ex in found.segmentation.excluded if ex.reason == LAST]
    assert len(last) == len({rep.set_index for rep in found.segmentation.reps}) == 2  # to and fro, standing in between
    assert len(found.segmentation.reps) > 20
    assert not found.notes


def test_what_is_left_of_a_walk_may_not_stand_for_it():
    left, right = np.arange(1, 40), np.arange(1, 40) + 0.5
    gone = np.ones(right.size, dtype=bool)
    gone[3::3] = False
    found = gait_of_legs(legs(left, right[gone]))
    counted, left_out = len(found.segmentation.reps), len(found.segmentation.excluded)
    assert 0.3 * counted < 0.7 * left_out
    (note,) = found.notes
    assert note.startswith(f"only {counted} of {counted + left_out} strides")


@pytest.mark.parametrize(("site", "speed", "counted"), [("shank", 4.5, 0), ("shank", 2.8, 12), ("foot", 4.5, 12)])
def test_shanks_do_not_tell_when_a_foot_lands_in_a_fast_run(site, speed, counted):
    feet = legs(np.arange(1, 8), np.arange(1, 8) + 0.5, stance=0.4)
    fast = feet.map(lambda foot: replace(foot, site=site, way_m=np.full(7, speed), uncertainty_s=0.06))
    found = gait_of_legs(fast).segmentation
    assert len(found.reps) == counted
    assert {ex.reason for ex in found.excluded} == (set() if counted else {FAST})


def test_a_gap_in_one_sensor_ends_its_strides():
    left, right = legs(np.arange(1, 12), np.arange(1, 12) + 0.5)
    found = gait_of_legs(Bilateral(replace(left, covered=((0.0, 5.4), (5.6, 100.0))), right)).segmentation
    assert not [rep for rep in found.reps if rep.side is Side.LEFT and rep.start_s < 5.5 < rep.stop_s]


def test_swapping_the_sides_swaps_the_strides(walk):
    plain, swapped = walk_from_motion(walk.recording), walk_from_motion(walk.recording.swapped())
    assert len(plain.reps) > 20
    key = lambda row: (row[1], row[0].value)  # noqa: E731
    mirrored = [(side.other, *rest) for side, *rest in bounds(swapped.reps)]
    assert sorted(bounds(plain.reps), key=key) == sorted(mirrored, key=key)


def test_a_simulated_walk_is_counted_whole_and_its_swings_are_as_uneven_as_they_are(walk):
    found = gait_of_legs(Bilateral.per_side(lambda s: foot_events(foot(walk, s)))).segmentation
    swings = next(v for v in stride_values(found) if v.measure.name == "swing_time")
    ratio = np.log(np.mean(swings.of(Side.RIGHT)) / np.mean(swings.of(Side.LEFT)))
    assert ratio == pytest.approx(np.log(1.1), abs=0.03)  # 3 %: the scatter of 16 strides a side
    strikes = {s: walk.truth.gait[s].heel_strikes_s for s in Side}
    for rep in found.reps:
        assert np.min(np.abs(strikes[rep.side] - rep.start_s)) < 0.05


def foot(walk, side):
    return next(i for i in imus(walk.recording) if i.side is side)


@pytest.mark.parametrize(("site", "stem"), [("foot", "foot_"), ("shank", "lower_leg_")])
def test_standing_sitting_and_walking_are_told_apart(full_body, site, stem):
    found = gait(worn(full_body, site, stem))
    middles = np.array([(rep.start_s + rep.stop_s) / 2 for rep in found.segmentation.reps])
    assert not np.any(middles < 95)  # standing 40-44, sitting 52-79, getting up and about until 95
    for a, b in ((97, 114), (118, 137)):
        assert np.sum((middles > a) & (middles < b)) >= 1.9 * (b - a) / 1.02  # two feet, a stride takes 0.9 to 1.02 s
    assert TURN in {ex.reason for ex in found.segmentation.excluded if 113 < ex.start_s < 118}


def test_feet_and_shanks_of_one_walk_agree(full_body):
    swings = []
    for site, stem in (("foot", "foot_"), ("shank", "lower_leg_")):
        found = gait(worn(full_body, site, stem)).segmentation
        own = next(v for v in stride_values(found) if v.measure.name == "swing_time")
        swings.append([np.mean(own.of(side)) for side in Side])
    ratios = [np.log(right / left) for left, right in swings]
    assert ratios[0] == pytest.approx(ratios[1], abs=0.02)


def test_the_sample_walk_of_gaitmap(shared_data):
    table = pd.read_csv(shared_data / "gaitmap" / "imu_sample.csv", header=[0, 1], index_col=0)

    def worn_on(side):
        own = table[f"{side.value}_sensor"]
        gyr, acc = (own[[f"{q}_{a}" for a in "xyz"]].to_numpy() for q in ("gyr", "acc"))
        return Imu("foot", side, 204.8, (ImuPiece(0, np.deg2rad(gyr), acc),))

    found = gait([worn_on(side) for side in Side])
    strides = Bilateral.per_side(lambda s: [r for r in found.segmentation.reps if r.side is s])
    assert strides.map(len) == Bilateral(26, 26)
    assert all(0.55 < (r.turn - r.start) / (r.stop - r.start) < 0.7 for r in found.segmentation.reps)
    assert sum(ex.reason == TURN for ex in found.segmentation.excluded) == 5
    assert found.uncertainty_s > 0


def test_settings_reach_the_strides():
    turned = np.where(np.arange(9) == 4, 30.0, 0.0)
    left, right = legs(np.arange(1, 10), np.arange(1, 10) + 0.5)
    feet = Bilateral(replace(left, turned_deg=turned), right)
    assert not gait_of_legs(feet, GaitSettings(turn_deg=45)).segmentation.excluded


def test_without_a_pair_of_legs_or_a_trunk_there_is_no_walk():
    sensor = Imu("thigh", Side.LEFT, 100.0, ())
    assert gait([sensor]) is None
    assert gait([Imu("foot", Side.LEFT, 100.0, ())]) is None
