"""Lateral shift from the leg chain: hand-made legs, mirror, heading, force."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glutebal.errors import InputError
from glutebal.model import Side
from glutebal.signal.geometry import imbalance_of_shift
from glutebal.signal.motion import rotations
from glutebal.signal.motion.heading import Reset
from glutebal.signal.motion.segments import Body, Segment, SegmentPiece
from glutebal.signal.motion.shift import LegLengths, from_force, lateral_shift

RATE = 50.0
N = 200
LENGTHS = LegLengths(0.42, 0.40)
MIRROR = np.array([1.0, -1.0, 1.0, -1.0])
REST = Reset(0.0, 1.0)


def quats(about_x_deg, about_y_deg=0.0, heading_deg=0.0):
    x, y, z = (np.broadcast_to(np.deg2rad(v), N).astype(float) for v in (about_x_deg, about_y_deg, heading_deg))
    lean = rotations.of_rotation_vectors(np.stack([x, 0 * x, 0 * x], axis=1))
    bend = rotations.of_rotation_vectors(np.stack([0 * x, y, 0 * x], axis=1))
    return rotations.multiply(rotations.about_z(z), rotations.multiply(lean, bend))


def body_of(**own):
    places = {"pelvis": ("pelvis", None)}
    places |= {f"{side.value}_{site}": (site, side) for side in Side for site in ("thigh", "shank")}
    made = {}
    for name, (site, side) in places.items():
        piece = SegmentPiece(0, own.get(name, quats(0.0)), 0.5, (0.05, 0.05, 0.1))
        made[site, side] = Segment(site, side, RATE, (piece,), 1.0)
    return Body(made)


def lean_after_rest(deg):
    return np.where(np.arange(N) < 50, 0.0, deg)


def sheared(to_right_deg, headings=(0, 0, 0, 0, 0)):
    """Both legs lean to the right by an angle (about −... x turns the top to the right)."""
    names = ("pelvis", "left_thigh", "left_shank", "right_thigh", "right_shank")
    lean = lean_after_rest(to_right_deg)
    return body_of(
        **{n: quats(0 * lean if n == "pelvis" else lean, 0, h) for n, h in zip(names, headings, strict=True)}
    )


def test_both_legs_leaning_by_an_angle_shift_the_hips_by_its_sine():
    (found,) = lateral_shift(sheared(5.0), [REST], LENGTHS)
    assert found.shift_m[10] == pytest.approx(0, abs=1e-9)
    assert found.shift_m[-1] == pytest.approx(0.82 * np.sin(np.deg2rad(5.0)))
    assert "0.42 m" in found.method


@settings(derandomize=True, deadline=None, max_examples=25)
@given(st.tuples(*[st.floats(-180, 180)] * 5), st.floats(-10, 10))
def test_headings_change_nothing_and_the_mirror_flips_the_sign(headings, lean):
    own = sheared(lean, headings)
    (found,) = lateral_shift(own, [REST], LENGTHS)
    assert found.shift_m[-1] == pytest.approx(0.82 * np.sin(np.deg2rad(lean)), abs=1e-6)
    mirrored = {
        (site, side.other if side else None): Segment(
            site,
            side.other if side else None,
            RATE,
            tuple(SegmentPiece(0, p.quats * MIRROR, p.tilt_sd_deg, p.bias_sd_deg_s) for p in s.pieces),
            s.axis_sd_deg,
        )
        for (site, side), s in own.segments.items()
    }
    (other,) = lateral_shift(Body(mirrored), [REST], LENGTHS)
    np.testing.assert_allclose(other.shift_m, -found.shift_m, atol=1e-9)


def test_legs_that_disagree_make_it_less_sure():
    apart = body_of(left_thigh=quats(lean_after_rest(8.0)), right_thigh=quats(-lean_after_rest(8.0)))
    (agree,), (disagree,) = (lateral_shift(b, [REST], LENGTHS) for b in (sheared(8.0), apart))
    assert disagree.shift_m[-1] == pytest.approx(0, abs=1e-9)
    assert disagree.uncertainty_m[-1] > agree.uncertainty_m[-1] + 0.02
    assert agree.uncertainty_m[-1] < 0.02


def test_lengths_are_those_of_the_height():
    assert LegLengths.of_height(2.0) == LegLengths(0.49, 0.492)
    (found,) = lateral_shift(sheared(5.0), [REST])
    assert found.shift_m[-1] == pytest.approx(0.491 * 1.72 * np.sin(np.deg2rad(5.0)))
    with pytest.raises(InputError, match="lengths"):
        LegLengths(42, 40)


def test_force_says_the_same_by_the_formula_of_the_split():
    assert from_force(imbalance_of_shift(0.02, 0.4), 0.4) == pytest.approx(0.02)
    with pytest.raises(InputError, match="stance width"):
        from_force(10.0, 0.0)


def test_a_missing_sensor_is_an_error():
    own = dict(sheared(1.0).segments)
    del own["shank", Side.LEFT]
    with pytest.raises(InputError, match="left shank"):
        lateral_shift(Body(own), [REST])
