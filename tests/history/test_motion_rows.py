"""Curves and postures as rows: back they are equal, and what makes no sense is refused."""

import math

import numpy as np
import pytest

from glutebal.history.motion_rows import CURVE, POSTURE, curve_of, curve_rows, posture_of, posture_rows


def test_curves_come_back(hip_angles, same):
    given = hip_angles.recordings[0].curves
    rows = list(curve_rows(7, given))
    assert all(len(row) == len(CURVE) for row in rows)
    assert [row[:2] for row in rows] == [(7, 0), (7, 1)]
    assert same(tuple(curve_of(row[2:]) for row in rows), given)


def test_postures_come_back(hip_angles, same):
    given = hip_angles.recordings[0].poses
    rows = list(posture_rows(7, given))
    assert all(len(row) == len(POSTURE) for row in rows)
    assert same(tuple(posture_of(row[2:]) for row in rows), given)


def test_nothing_is_null_and_no_zero(hip_angles):
    hip = next(curve_rows(1, hip_angles.recordings[0].curves))
    unseen = dict(zip(CURVE, hip, strict=True))
    assert unseen["right_mean"] == "[" + ",".join(["null"] * 101) + "]"
    assert np.isnan(curve_of(hip[2:]).curves.right.mean).all()


@pytest.mark.parametrize("mean", ["[1, 2, 3]", "[]", "[" + "1, " * 100 + "Infinity]"])
def test_a_curve_has_101_numbers(hip_angles, mean):
    row = list(next(curve_rows(1, hip_angles.recordings[0].curves)))
    row[CURVE.index("left_mean")] = mean
    with pytest.raises(ValueError, match="numbers, not 101"):
        curve_of(row[2:])


@pytest.mark.parametrize(
    "joints", ['[["hip", "left", NaN, 0, 0]]', '[["hip", "left", 0, 0]]', '[["hip", "up", 0, 0, 0]]']
)
def test_a_joint_has_a_side_and_a_place(hip_angles, joints):
    row = list(next(posture_rows(1, hip_angles.recordings[0].poses)))
    row[POSTURE.index("joints")] = joints
    with pytest.raises(ValueError, match=r"nowhere|unpack|not a valid Side"):
        posture_of(row[2:])


def test_plain_numbers_come_back(hip_angles):
    (pose, _) = (posture_of(row[2:]) for row in posture_rows(1, hip_angles.recordings[0].poses))
    assert {type(x) for at in pose.joints_m.values() for x in at} == {float}
    assert not any(math.isnan(x) for at in pose.joints_m.values() for x in at)
