"""A sensor that slipped after its calibration is told of."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from glutebal.model import Side
from glutebal.results import Grade
from glutebal.signal.motion.calibration import Calibration, SegmentCalibration
from glutebal.signal.motion.calibration_spans import TimeSpan
from glutebal.signal.motion.imu import GRAVITY, Imu, ImuPiece
from glutebal.signal.motion.slip import slipped

MOUNT = Rotation.from_rotvec([0.3, -0.8, 0.4]).as_matrix()
KNOWN = Calibration((SegmentCalibration("thigh", Side.LEFT, tuple(tuple(map(float, row)) for row in MOUNT), 0.99),))


def standing(slip_deg, site="thigh", axis=(1.0, 0.0, 0.0)):
    up = Rotation.from_rotvec(np.radians(slip_deg) * np.array(axis)).apply([0, 0, GRAVITY]) @ MOUNT
    return Imu(site, Side.LEFT, 50.0, (ImuPiece(0, np.zeros((200, 3)), np.tile(up, (200, 1))),))


@pytest.mark.parametrize(("slip_deg", "grades"), [(0, []), (4, []), (9, [Grade.SUSPECT]), (40, [Grade.BAD])])
def test_how_far_it_slipped(slip_deg, grades):
    found = slipped(KNOWN, [standing(slip_deg)], TimeSpan(0, 3))
    assert [f.grade for f in found] == grades
    assert [round(f.value, 6) for f in found] == [slip_deg] * len(grades)


def test_a_turn_about_the_vertical_cannot_be_seen_and_others_are_left_out():
    assert slipped(KNOWN, [standing(30, axis=(0, 0, 1)), standing(40, site="foot")], TimeSpan(0, 3)) == ()
