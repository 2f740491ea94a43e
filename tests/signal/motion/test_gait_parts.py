"""The first and the last step of a walk, its speed, and what a shank in running is."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glutebal.model import Bilateral, Side
from glutebal.signal.motion.gait_events import FootEvents, Part
from glutebal.signal.motion.gait_parts import RUNNING_S, speed_m_s, together
from glutebal.signal.motion.leg_motion import SwingAxis

BEFORE, AFTER = 5.0, 30.0


def leg(side, swings, covered=((0.0, 60.0),), way_m=1.3, site="foot"):
    swings = np.asarray(swings, dtype=float)
    axis = SwingAxis((0.0, -1.0, 0.0), 1.0, 1.0, swings.size)
    none = np.zeros(swings.size)
    return FootEvents(side, site, axis, swings, swings - 0.2, swings + 0.2, none, none + way_m, tuple(covered), 0.0)


def legs(first=BEFORE, n=8, **both):
    swings = first + np.arange(n)
    return Bilateral(leg(Side.LEFT, swings, **both), leg(Side.RIGHT, swings + 0.5, **both))


def told(feet):
    return {side: [part for part in feet[side].parts if part is not Part.WALKING] for side in Side}


def test_the_first_step_is_of_one_foot_and_the_last_of_the_other():
    found = together(legs())
    assert told(found) == {Side.LEFT: [Part.INITIATION], Side.RIGHT: [Part.TERMINATION]}
    assert found.left.parts[0] is Part.INITIATION
    assert found.right.parts[-1] is Part.TERMINATION
    assert found.map(lambda foot: int(foot.walking.sum())) == Bilateral(7, 7)


def test_every_walk_between_standing_has_its_own_first_and_last_step():
    one, two = legs(n=5), legs(first=AFTER, n=5)
    swings = Bilateral.per_side(lambda s: np.concatenate([one[s].mid_swing_s, two[s].mid_swing_s]))
    found = together(Bilateral.per_side(lambda s: leg(s, swings[s])))
    assert told(found) == {Side.LEFT: [Part.INITIATION] * 2, Side.RIGHT: [Part.TERMINATION] * 2}


@pytest.mark.parametrize(
    ("covered", "first", "last"),
    [
        (((4.5, 60.0),), 0, 1),  # the recording begins in the walk
        (((0.0, 13.0),), 1, 0),  # it ends in the walk
        (((0.0, 4.3), (4.5, 60.0)), 0, 1),  # a hole where the person would have stood
        (((0.0, 60.0),), 1, 1),
    ],
)
def test_standing_must_have_been_seen(covered, first, last):
    found = together(legs(covered=covered))
    assert sum(part is Part.INITIATION for foot in found for part in foot.parts) == first
    assert sum(part is Part.TERMINATION for foot in found for part in foot.parts) == last


def test_one_foot_that_was_not_recorded_leaves_it_open():
    feet = legs()
    found = together(Bilateral(feet.left, replace(feet.right, covered=((4.5, 13.0),))))
    assert told(found) == {Side.LEFT: [], Side.RIGHT: []}


def test_a_swing_that_was_not_seen_is_no_standing():
    feet = legs(n=12)
    gone = feet.right.mid_swing_s != 10.5
    found = together(Bilateral(feet.left, leg(Side.RIGHT, feet.right.mid_swing_s[gone])))
    assert told(found) == {Side.LEFT: [Part.INITIATION], Side.RIGHT: [Part.TERMINATION]}


@given(st.floats(3.0, 20.0), st.integers(3, 12))
@settings(derandomize=True, deadline=None, max_examples=25)
def test_swapping_the_legs_swaps_the_parts(first, n):
    feet = legs(first=first, n=n)
    mirrored = Bilateral(replace(feet.right, side=Side.LEFT), replace(feet.left, side=Side.RIGHT))
    plain, swapped = together(feet), together(mirrored)
    assert (swapped.left.parts, swapped.right.parts) == (plain.right.parts, plain.left.parts)


def test_before_both_feet_are_seen_every_swing_counts_as_walking():
    assert leg(Side.LEFT, [1.0, 2.0]).walking.all()


def test_speed_is_way_over_stride_time():
    assert speed_m_s(legs(way_m=1.3)) == pytest.approx(1.3)  # strides of 1 s
    slow = legs(way_m=3.0)
    assert speed_m_s(Bilateral(slow.left, replace(slow.right, way_m=slow.right.way_m / 2))) == pytest.approx(3.0)
    assert np.isnan(speed_m_s(Bilateral.per_side(lambda s: leg(s, []))))


@pytest.mark.parametrize(("site", "way_m", "shift_s"), [("foot", 3.0, 0), ("shank", 3.0, RUNNING_S), ("shank", 1.3, 0)])
def test_a_shank_that_runs_leaves_the_ground_earlier(site, way_m, shift_s):
    feet = legs(site=site, way_m=way_m)
    found = together(feet)
    for side in Side:
        np.testing.assert_allclose(feet[side].toe_off_s - found[side].toe_off_s, shift_s, atol=1e-12)
        np.testing.assert_array_equal(feet[side].heel_strike_s, found[side].heel_strike_s)
