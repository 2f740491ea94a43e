"""Stick figures: postures whose joints are known by construction."""

import numpy as np
import pytest

from glutebal.analysis.stick import HALF_WIDTH_M, joints
from glutebal.model import Side
from glutebal.signal.motion.shift import LegLengths

LENGTHS = LegLengths.of_height()


def angles(**own: float) -> dict:
    """Upright; ``left_hip_flexion=90`` and ``obliquity=10`` change it."""
    places = {("pelvis", axis, None): 0.0 for axis in ("tilt", "obliquity")}
    for side in Side:
        for joint in ("hip", "knee"):
            places |= {(joint, axis, side): 0.0 for axis in ("flexion", "abduction", "rotation")}
    for name, value in own.items():
        parts = name.split("_")
        place = ("pelvis", parts[0], None) if len(parts) == 1 else (parts[1], parts[2], Side(parts[0]))
        places[place] = value
    return places


def test_upright():
    found = joints(angles())
    for side, y in ((Side.LEFT, HALF_WIDTH_M), (Side.RIGHT, -HALF_WIDTH_M)):
        np.testing.assert_allclose(found["ankle", side], (0, y, -LENGTHS.thigh_m - LENGTHS.shank_m), atol=1e-12)


def test_the_pelvis_leans_where_it_is_tilted():
    x, y, z = joints(angles(tilt=90))["spine", None]
    assert (x, y, z) == pytest.approx((0.2, 0.0, 0.0), abs=1e-12)
    assert joints(angles(obliquity=10))["spine", None][1] > 0  # the right side up, the top goes to the left


def test_a_flexed_hip_has_the_knee_in_front_and_a_bent_knee_hangs():
    found = joints(angles(left_hip_flexion=90, left_knee_flexion=90))
    np.testing.assert_allclose(found["knee", Side.LEFT], (LENGTHS.thigh_m, HALF_WIDTH_M, 0), atol=1e-12)
    assert found["ankle", Side.LEFT][2] == pytest.approx(-LENGTHS.shank_m)


def test_abduction_goes_outwards_on_both_sides_and_obliquity_raises_the_right():
    found = joints(angles(left_hip_abduction=30, right_hip_abduction=30))
    assert found["knee", Side.LEFT][1] == pytest.approx(HALF_WIDTH_M + LENGTHS.thigh_m / 2)
    assert found["knee", Side.RIGHT][1] == pytest.approx(-HALF_WIDTH_M - LENGTHS.thigh_m / 2)
    leaning = joints(angles(obliquity=10))
    assert leaning["hip", Side.RIGHT][2] > 0 > leaning["hip", Side.LEFT][2]
    assert joints(angles(tilt=20))["knee", Side.LEFT][0] < 0  # the thigh goes along, backwards below


def test_what_is_not_known_ends_the_leg():
    places = angles()
    del places["knee", "flexion", Side.RIGHT]
    found = joints(places)
    assert ("knee", Side.RIGHT) in found
    assert ("ankle", Side.RIGHT) not in found
    assert ("ankle", Side.LEFT) in found
