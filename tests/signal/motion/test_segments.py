"""From sensors to segments: mounts, the bias of the static pose, what several sensors recorded together."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from glutebal.model import Side
from glutebal.signal.motion import rotations
from glutebal.signal.motion.calibration import Calibration, SegmentCalibration
from glutebal.signal.motion.calibration_spans import TimeSpan
from glutebal.signal.motion.imu import GRAVITY, Imu, ImuPiece
from glutebal.signal.motion.orientation import orientation
from glutebal.signal.motion.segments import (
    SegmentPiece,
    body,
    common,
    lateral_tilt_deg,
    rest_bias,
    sagittal_tilt_deg,
    wrapped_deg,
)

RATE = 100.0
STATIC = TimeSpan(0, 5)


def piece(start, stop):
    return SegmentPiece(start, rotations.about_z(np.arange(start, stop) / 1000), 0.5, (0.1, 0.1, 0.1))


def test_together_is_what_all_recorded():
    tracks = [(piece(0, 100), piece(120, 200)), (piece(10, 150),), (piece(0, 90), piece(95, 300))]
    found = common(tracks)
    assert [(row[0].start, row[0].stop) for row in found] == [(10, 90), (95, 100), (120, 150)]
    for row in found:
        assert len(row) == 3
        for part in row:
            np.testing.assert_array_equal(part.quats, rotations.about_z(np.arange(part.start, part.stop) / 1000))


def sensor(bias, mount=None, sway_deg=0.0, seconds=60):
    """Standing with a slow lean, a constant gyro error, and axes that are turned by the mount."""
    mount = np.eye(3) if mount is None else mount
    now = np.arange(0, seconds, 1 / RATE)
    lean = np.radians(sway_deg) * np.sin(2 * np.pi * now / 23)
    course = np.stack([0 * lean, lean, 0 * lean], axis=1)
    force = Rotation.from_rotvec(course).inv().apply([0, 0, GRAVITY])
    rate = np.gradient(course, 1 / RATE, axis=0)
    return Imu("pelvis", None, RATE, (ImuPiece(0, rate @ mount + bias, force @ mount),))


def test_the_bias_of_the_static_pose_is_found_although_the_body_leans():
    bias = np.radians([0.4, -0.3, 0.7])
    found = rest_bias(sensor(bias, sway_deg=3.0), STATIC)
    np.testing.assert_allclose(np.degrees(found), np.degrees(bias), atol=0.02)
    assert rest_bias(sensor(bias), None) is None


def test_the_static_pose_takes_the_drift_out_of_heading():
    bias, mount = np.radians([0.4, -0.3, 0.7]), Rotation.from_rotvec([0.3, 0.5, -0.2]).as_matrix()
    rows = tuple(tuple(float(v) for v in row) for row in mount)
    known = Calibration((SegmentCalibration("pelvis", None, rows, 1.0),))
    imu = sensor(bias, mount, sway_deg=8.0)
    found = body([orientation(imu)], known, STATIC).of(("pelvis", None)).pieces[0]
    heading = rotations.heading_deg(found.quats)
    assert np.ptp(np.unwrap(heading, period=360)) < 1.5
    lean = 8.0 * np.sin(2 * np.pi * np.arange(len(heading)) / RATE / 23)
    np.testing.assert_allclose(sagittal_tilt_deg(found.quats), lean, atol=1.5)  # the filter never rests
    np.testing.assert_allclose(lateral_tilt_deg(found.quats), 0, atol=1.5)


def test_sensors_without_a_calibration_are_left_out():
    eye = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
    known = Calibration((SegmentCalibration("pelvis", None, eye, 1.0),))
    still = sensor(np.zeros(3), seconds=10)
    other = Imu("foot", Side.LEFT, RATE, still.pieces)
    found = body([orientation(still), orientation(other)], known)
    assert found.has(("pelvis", None))
    assert not found.has(("foot", Side.LEFT))
    assert found.of(("pelvis", None)).name == "pelvis"


def test_angles_wrap():
    assert wrapped_deg(np.array([190.0, -190.0, 40.0])).tolist() == pytest.approx([-170, 170, 40])
