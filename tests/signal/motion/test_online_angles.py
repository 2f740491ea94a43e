"""Angles of all joints at once: known rotations come back, unknown ones are NaN."""

from dataclasses import replace

import numpy as np
import pytest

from glutebal.model import Side
from glutebal.results import Finding, Grade
from glutebal.signal.motion import rotations
from glutebal.signal.motion.calibration import Calibration, SegmentCalibration
from glutebal.signal.motion.online_angles import AngleName, OnlineAngles
from glutebal.signal.motion.shift import LegLengths

RATE = 100.0
PLACES = [("pelvis", None), *((site, side) for side in Side for site in ("thigh", "shank"))]
MOUNT = ((0.0, 1.0, 0.0), (-1.0, 0.0, 0.0), (0.0, 0.0, 1.0))  # every sensor is turned by a quarter


def calibration(*places, findings=()):
    return Calibration(tuple(SegmentCalibration(*place, MOUNT, 0.95, findings=findings) for place in places))


def sensors(angles_deg, n=300):
    """Sensor to world for right-handed (y, x, z) rotations of every segment in the world, after standing upright."""
    turn = rotations.of_matrices(np.array(MOUNT)[None])[0]
    still = np.tile(rotations.IDENTITY, (len(angles_deg), n, 1))
    bent = np.repeat(rotations.of_cardan_deg(np.array(angles_deg))[:, None], n, axis=1)
    return rotations.multiply(np.concatenate([still, bent], axis=1), turn)


def run(quats, known=PLACES, places=PLACES):
    chain, rows = OnlineAngles(places, calibration(*known), RATE, LegLengths(0.4, 0.4)), []
    for at in range(0, quats.shape[1], 5):
        if at == 200:
            chain.heading.stood(0.2, 1.8)
        rows.append(chain.take(at, quats[:, at : at + 5], np.full(len(places), 0.05)))
    return chain, rows


def last(quats, **about):
    return run(quats, **about)[1][-1].last()


def test_known_rotations_come_back_with_the_signs_of_people():
    thigh, shank = [-60.0, 0.0, 0.0], [20.0, 0.0, 0.0]
    told = last(sensors([[10.0, 0.0, 0.0], thigh, shank, [0.0, -12.0, 0.0], [0.0, -12.0, 0.0]]))
    assert told[AngleName("pelvis", "tilt", None)] == pytest.approx(10.0)
    assert told[AngleName("hip", "flexion", Side.LEFT)] == pytest.approx(70.0, abs=0.1)
    assert told[AngleName("knee", "flexion", Side.LEFT)] == pytest.approx(80.0, abs=0.1)
    assert told[AngleName("hip", "abduction", Side.RIGHT)] == pytest.approx(12.0, abs=0.5)
    assert told[AngleName("knee", "flexion", Side.RIGHT)] == pytest.approx(0.0, abs=0.1)


@pytest.mark.parametrize("towards", [1.0, -1.0])
def test_legs_that_lean_carry_the_pelvis_sideways(towards):
    lean = [0.0, towards * 5.0, 0.0]
    told = last(sensors([[0.0, 0.0, 0.0], lean, lean, lean, lean]))
    assert told[AngleName("pelvis", "shift", None, "m")] == pytest.approx(towards * 0.8 * np.sin(np.deg2rad(5)))


def test_a_raised_right_side_is_a_positive_obliquity():
    told = last(sensors([[0.0, -8.0, 0.0], *[[0.0, 0.0, 0.0]] * 4]))
    assert told[AngleName("pelvis", "obliquity", None)] == pytest.approx(8.0)


def test_before_the_heading_is_known_only_the_pelvis_has_angles():
    _, rows = run(sensors([[0.0, 0.0, 0.0]] * 5))
    first = {name.joint for name, value in rows[0].last().items() if np.isfinite(value)}
    assert first == {"pelvis"}
    assert np.isfinite(rows[-1].values).all()
    assert np.isfinite(rows[-1].sd).all()


def test_what_was_not_recorded_is_nan_and_nothing_else():
    quats = sensors([[0.0, 0.0, 0.0]] * 5)
    quats[PLACES.index(("shank", Side.LEFT)), 400:] = np.nan
    told = last(quats)
    unknown = {name for name, value in told.items() if np.isnan(value)}
    assert unknown == {
        *(AngleName("knee", axis, Side.LEFT) for axis in ("flexion", "abduction", "rotation")),
        AngleName("pelvis", "shift", None, "m"),
    }


def test_columns_are_what_the_calibrated_sensors_show():
    pelvis_and_left = [("pelvis", None), ("thigh", Side.LEFT)]
    names = run(sensors([[0.0, 0.0, 0.0]] * 5), known=pelvis_and_left)[0].names
    assert [(n.joint, n.axis, n.side) for n in names] == [
        *(("hip", axis, Side.LEFT) for axis in ("flexion", "abduction", "rotation")),
        ("pelvis", "tilt", None),
        ("pelvis", "obliquity", None),
    ]


def test_a_bad_calibration_of_a_sensor_leaves_it_out():
    good = calibration(*PLACES)
    bad = replace(good.segments[1], findings=(Finding("skewed", Grade.BAD, "its axes are skewed", 1.0, "°"),))
    chain = OnlineAngles(PLACES, replace(good, segments=(good.segments[0], bad, *good.segments[2:])), RATE)
    assert {(name.joint, name.side) for name in chain.names} == {
        ("hip", Side.RIGHT),
        ("knee", Side.RIGHT),
        ("pelvis", None),
    }
