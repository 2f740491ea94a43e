import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glutebal.errors import InputError
from glutebal.model import Side
from glutebal.signal.geometry import (
    frontal_plane_projection_angle,
    imbalance_of_shift,
    pelvic_drop_deg,
    shift_of_imbalance,
)

law = settings(derandomize=True, deadline=None, max_examples=60)


def test_the_worked_knee(vectors):
    known = vectors["geometry"]["fppa"]
    found = frontal_plane_projection_angle(known["hip"], known["knee"], known["ankle"], Side.LEFT)
    assert found == pytest.approx(known["deviation_deg"], rel=1e-9)
    assert isinstance(found, float)


@law
@given(st.floats(-0.2, 0.2), st.floats(-0.2, 0.2))
def test_inwards_is_positive_on_both_sides(knee, ankle):
    hip = (0.1, 0.9)
    left = frontal_plane_projection_angle(hip, (0.1 + knee, 0.45), (0.1 + ankle, 0.05), Side.LEFT)
    right = frontal_plane_projection_angle((-0.1, 0.9), (-0.1 - knee, 0.45), (-0.1 - ankle, 0.05), Side.RIGHT)
    assert left == pytest.approx(right, abs=1e-9)
    outside = knee - ankle * 0.45 / 0.85  # of the line from hip to ankle
    if abs(outside) > 1e-6:
        assert math.copysign(1, left) == math.copysign(1, outside)


def test_a_straight_leg_is_0_and_a_leg_without_length_has_no_angle():
    assert frontal_plane_projection_angle((0, 1), (0, 0.5), (0, 0), Side.RIGHT) == pytest.approx(0)
    assert math.isnan(frontal_plane_projection_angle((0, 1), (0, 1), (0, 0), Side.LEFT))


def test_many_frames_at_once():
    hip, knee, ankle = (np.tile(point, (7, 1)) for point in ((0, 0.9), (0.04, 0.48), (0, 0.08)))
    knee[3] = np.nan
    found = frontal_plane_projection_angle(hip, knee, ankle, Side.LEFT)
    assert found.shape == (7,)
    assert np.isnan(found[3])
    assert found[0] == pytest.approx(11.151, abs=5e-4)


def test_points_need_two_coordinates():
    with pytest.raises(InputError, match="two coordinates"):
        frontal_plane_projection_angle((0, 1, 2), (0, 1, 2), (0, 1, 2), Side.LEFT)


def test_the_worked_pelvis(vectors):
    known = vectors["geometry"]["pelvic_drop"]
    assert pelvic_drop_deg(known["dz_cm"], known["asis_width_cm"]) == pytest.approx(known["deg"], rel=1e-9)
    assert pelvic_drop_deg(2.09, 24) == pytest.approx(5, abs=0.01)
    assert pelvic_drop_deg(-2.2, 24) == -pelvic_drop_deg(2.2, 24)


def test_an_impossible_pelvis_has_no_angle():
    assert np.isnan(pelvic_drop_deg([25.0, 1.0, math.nan], [24.0, 0.0, 24.0])).all()


def test_the_worked_shifts(vectors):
    for row in vectors["geometry"]["shift_equiv"]:
        cm = shift_of_imbalance(10, 100 * row["stance_m"])
        assert cm == pytest.approx(row["shift_cm_per_10pct_bai1"], rel=1e-9)
        assert imbalance_of_shift(cm / 100, row["stance_m"]) == pytest.approx(10, rel=1e-9)
    assert [imbalance_of_shift(1, w) for w in (30, 40, 50)] == pytest.approx([6.7, 5.0, 4.0], abs=0.05)


@law
@given(st.floats(-100, 100), st.floats(0.05, 2))
def test_shift_and_imbalance_are_inverse(d, width):
    assert imbalance_of_shift(shift_of_imbalance(d, width), width) == pytest.approx(d, abs=1e-9)


def test_weight_outside_the_feet_has_no_answer():
    assert math.isnan(imbalance_of_shift(0.3, 0.4))
    assert math.isnan(shift_of_imbalance(101, 0.4))
    assert math.isnan(imbalance_of_shift(0.1, 0))
