"""The knee's hinge and its frontal angle as a change."""

import math

import numpy as np
import pytest

from glutebal.model import Side
from glutebal.results import Rep
from glutebal.signal.motion import rotations
from glutebal.signal.motion.angles import OUTWARDS
from glutebal.signal.motion.calibration_spans import TimeSpan
from glutebal.signal.motion.heading import Reset
from glutebal.signal.motion.knee import hinge, knee_changes, knee_frontal
from glutebal.signal.motion.segments import Body, Segment, SegmentPiece

RATE = 100.0
N = 2500
NOW = np.arange(N) / RATE
REST = Reset(0.0, 1.0)


def cardan(y, x, z=0.0):
    return rotations.of_cardan_deg(np.stack(np.broadcast_arrays(y, x, z), axis=-1) * np.ones((N, 1)))


def legs(side, frontal, thigh_off=0.0, shank_off=0.0):
    """Bends every 4 s from 1 s on; segment axes turned about z by what the calibration missed."""
    bend = np.where(NOW > 1, 45 * (1 - np.cos(2 * np.pi * (NOW - 1) / 4)), 0)
    thigh = cardan(-0.6 * bend, 0)
    shank = rotations.multiply(thigh, cardan(bend, OUTWARDS[side] * frontal))
    offs = [rotations.about_z(np.deg2rad(v)) for v in (thigh_off, shank_off)]
    placed = zip(("thigh", "shank"), (thigh, shank), offs, strict=True)
    made = {
        (site, side): Segment(
            site, side, RATE, (SegmentPiece(0, rotations.multiply(q, off), 0.5, (0.05, 0.05, 0.1)),), 1.0
        )
        for site, q, off in placed
    }
    return Body(made)


def reps(n=6):
    return [Rep(k + 1, round((1 + 4 * k) * RATE), round((5 + 4 * k) * RATE), RATE) for k in range(n)]


@pytest.mark.parametrize("side", list(Side))
def test_the_hinge_takes_the_cross_talk_out(side):
    body = legs(side, 0.0, 6.0, 6.0)
    axis = hinge(body, side, [REST], TimeSpan(1, 9))
    assert axis.share > 0.99
    expected = [np.sin(np.deg2rad(6)), np.cos(np.deg2rad(6)), 0]
    np.testing.assert_allclose(axis.thigh, expected, atol=0.01)
    (with_hinge,), (without,) = knee_frontal(body, side, [REST], axis), knee_frontal(body, side, [REST])
    assert np.abs(with_hinge.abduction_deg).max() < 0.5
    assert np.abs(without.abduction_deg).max() > 4
    np.testing.assert_allclose(with_hinge.flexion_deg[NOW > 1].max(), 90, atol=0.5)


def test_a_collapse_late_in_the_set_is_a_change_from_the_first_reps():
    frontal = np.where(NOW > 13, 10.0, 2.0) * np.where(NOW > 1, 0.5 * (1 - np.cos(2 * np.pi * (NOW - 1) / 4)), 0)
    found = knee_changes(knee_frontal(legs(Side.LEFT, frontal), Side.LEFT, [REST]), reps())
    np.testing.assert_allclose([c.peak_deg for c in found], [2, 2, 2, 10, 10, 10], atol=0.1)
    np.testing.assert_allclose([c.change_deg for c in found], [0, 0, 0, 8, 8, 8], atol=0.1)
    assert not found[0].can_be_told


def test_only_the_reps_of_this_leg_and_nan_where_nothing_was_recorded():
    pieces = knee_frontal(legs(Side.LEFT, 0.0), Side.LEFT, [REST])
    own = [Rep(1, 100, 500, RATE, Side.LEFT), Rep(2, 500, 900, RATE, Side.RIGHT), Rep(3, 2400, 2900, RATE, Side.LEFT)]
    found = knee_changes(pieces, own)
    assert [c.rep.index for c in found] == [1, 3]
    assert math.isnan(found[1].peak_deg)
    assert not found[1].can_be_told


def test_what_turns_about_every_axis_is_no_hinge():
    body = legs(Side.RIGHT, 40 * np.sin(3 * NOW))
    assert hinge(body, Side.RIGHT, [REST], TimeSpan(1, 9)) is None
    assert hinge(body, Side.RIGHT, [REST], TimeSpan(1, 90)) is None
