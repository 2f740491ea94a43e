"""Phases say what the track tells, and no more."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glutebal.errors import InputError
from glutebal.model import Channel, Quantity, Side, Track
from glutebal.results import Rep, Segmentation
from glutebal.signal.phases import hold_time_s, with_phases


def course(up_s, hold_s, down_s, rate_hz=100.0, rest_s=1.0):
    """Rest, up, hold, down, rest: 0 to 1 and back, raised cosine edges."""

    def edge(seconds):
        return np.sin(np.linspace(0, np.pi / 2, round(seconds * rate_hz), endpoint=False)) ** 2

    rest = np.zeros(round(rest_s * rate_hz))
    return np.concatenate([rest, edge(up_s), np.ones(round(hold_s * rate_hz)), 1 - edge(down_s), rest])


def track(values, quantity=Quantity.POSITION, side=None, rate_hz=100.0):
    return Track.of_samples(Channel(quantity, side, "barbell", rate_hz), values)


def one_rep(stop_s, rate_hz=100.0, side=None, start_s=0.8):
    return Segmentation((Rep(1, round(start_s * rate_hz), round(stop_s * rate_hz), rate_hz, side),), method="test")


def lengths(segmentation):
    rep = segmentation.reps[0]
    return {phase.name: (phase.stop - phase.start) / rep.rate_hz for phase in rep.phases}


def test_a_lift_with_a_hold():
    found = with_phases(one_rep(5.7), track(0.4 * course(1.0, 2.0, 1.5)))
    parts = lengths(found)
    assert list(parts) == ["concentric", "hold", "eccentric"]
    assert parts["concentric"] == pytest.approx(1.0, abs=0.15)  # the dead band of a tenth of the top speed
    assert parts["hold"] == pytest.approx(2.0, abs=0.2)
    assert parts["eccentric"] == pytest.approx(1.5, abs=0.2)
    assert found.reps[0].turn == pytest.approx(300, abs=10)
    assert found.method == "test; phases from midline barbell position"


def test_a_touch_at_the_top_is_no_hold():
    parts = lengths(with_phases(one_rep(3.7), track(0.4 * course(1.0, 0.0, 1.5))))
    assert list(parts) == ["concentric", "eccentric"]


def test_a_squat_goes_down_first():
    found = with_phases(one_rep(4.2), track(-0.4 * course(1.0, 0.5, 1.5)))
    assert list(lengths(found)) == ["eccentric", "hold", "concentric"]


def test_an_angle_says_away_and_return_until_its_direction_is_stated():
    angle = track(course(1.0, 0.5, 1.5), Quantity.ANGLE)
    assert list(lengths(with_phases(one_rep(4.2), angle))) == ["away", "hold", "return"]
    assert list(lengths(with_phases(one_rep(4.2), angle, lifting=1))) == ["concentric", "hold", "eccentric"]
    assert list(lengths(with_phases(one_rep(4.2), angle, lifting=-1))) == ["eccentric", "hold", "concentric"]


def test_a_force_is_loaded_held_and_unloaded():
    rng = np.random.default_rng(0)
    force = track(3 + 400 * course(1.0, 2.0, 1.0) + rng.standard_normal(600), Quantity.FORCE)
    parts = lengths(with_phases(one_rep(5.2), force))
    assert list(parts) == ["loading", "hold", "unloading"]
    assert parts["hold"] == pytest.approx(
        2.0 + 2 * 0.3, abs=0.1
    )  # a raised cosine is above 80 % for 0.3 s more at each end


@given(up_s=st.floats(0.4, 3), hold_s=st.floats(0, 4), down_s=st.floats(0.4, 3), rate_hz=st.sampled_from([50.0, 200.0]))
@settings(derandomize=True, deadline=None, max_examples=30)
def test_phases_follow_each_other_inside_the_rep(up_s, hold_s, down_s, rate_hz):
    stop_s = 1.2 + up_s + hold_s + down_s
    rep = with_phases(one_rep(stop_s), track(course(up_s, hold_s, down_s, rate_hz), rate_hz=rate_hz)).reps[0]
    edges = [(p.start, p.stop) for p in rep.phases]
    assert rep.start <= edges[0][0]
    assert edges[-1][1] <= rep.stop
    assert all(a < b for a, b in edges)
    assert all(one[1] == two[0] for one, two in pairwise(edges))
    assert edges[0][0] <= rep.turn <= edges[-1][1]
    assert {type(x) for edge in edges for x in edge} == {int}


def test_what_the_track_does_not_tell_stays_untold():
    plan = one_rep(4.2)
    moving = 0.4 * course(1.0, 0.5, 1.5)
    gap = moving.copy()
    gap[200:210] = np.nan
    assert with_phases(plan, track(gap)).reps == plan.reps
    assert with_phases(plan, track(np.zeros(moving.size))).reps == plan.reps
    assert with_phases(plan, track(np.zeros(moving.size), Quantity.FORCE)).reps == plan.reps
    assert with_phases(plan, track(moving[:50])).reps == plan.reps
    right = one_rep(4.2, side=Side.RIGHT)
    assert with_phases(right, track(moving, Quantity.POSITION, Side.LEFT)).reps == right.reps
    assert with_phases(right, track(moving, Quantity.POSITION, Side.RIGHT)).reps[0].phases


def test_emg_tells_no_phases():
    with pytest.raises(InputError, match="a position, an angle or a force"):
        with_phases(one_rep(3.0), track(course(1.0, 0.0, 1.0), Quantity.EMG))


def test_hold_time_is_that_above_a_share_of_the_plateau():
    power = 1e-9 * course(1.0, 3.0, 1.0) ** 2
    effort = track(power, Quantity.EMG, Side.LEFT)
    rep = one_rep(6.2).reps[0]
    above = 3.0 + 2 * (1 - 2 / math.pi * math.asin(math.sqrt(0.7)))
    assert hold_time_s(effort, rep) == pytest.approx(above, abs=0.06)
    assert hold_time_s(effort.scaled(1e6), rep) == hold_time_s(effort, rep)
    assert hold_time_s(effort, rep, share=0.9) < hold_time_s(effort, rep, share=0.5)


def test_no_hold_time_without_effort_or_samples():
    rep = one_rep(4.0).reps[0]
    assert math.isnan(hold_time_s(track(np.zeros(600), Quantity.EMG), rep))
    assert math.isnan(hold_time_s(track(np.ones(100), Quantity.EMG), rep))
