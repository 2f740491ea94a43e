"""The pelvis against gravity: signs, drops, lockout."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glutebal.errors import InputError
from glutebal.model import Side
from glutebal.signal.motion import rotations
from glutebal.signal.motion.calibration_spans import TimeSpan
from glutebal.signal.motion.pelvis import SingleLeg, lumbar_substitution, pelvic_angles, pelvic_drops, tilt_at
from glutebal.signal.motion.segments import Body, Segment, SegmentPiece

RATE = 100.0
N = 600


def pelvis(tilt=0.0, right_higher=0.0, heading=0.0, cuts=()):
    """Heading first, then obliquity, then tilt."""
    tilt, right_higher, heading = (np.broadcast_to(np.deg2rad(v), N) for v in (tilt, right_higher, heading))
    zero = np.zeros(N)
    quats = rotations.multiply(
        rotations.about_z(heading),
        rotations.multiply(
            rotations.of_rotation_vectors(np.stack([-right_higher, zero, zero], axis=1)),
            rotations.of_rotation_vectors(np.stack([zero, tilt, zero], axis=1)),
        ),
    )
    edges = [0, *cuts, N]
    pieces = [SegmentPiece(a, quats[a:b], 0.6, (0.1, 0.1, 0.1)) for a, b in pairwise(edges)]
    return Body({("pelvis", None): Segment("pelvis", None, RATE, tuple(pieces))})


@settings(derandomize=True, deadline=None, max_examples=40)
@given(st.floats(-80, 80), st.floats(-60, 60), st.floats(-180, 180))
def test_tilt_and_obliquity_are_found_whatever_the_heading(tilt, obliquity, heading):
    (found,) = pelvic_angles(pelvis(tilt, obliquity, heading))
    np.testing.assert_allclose(found.tilt_deg, tilt, atol=1e-6)
    np.testing.assert_allclose(found.obliquity_deg, obliquity, atol=1e-6)


def test_the_mirror_image_flips_obliquity_only():
    own = pelvis(12.0, 7.0, 40.0).of(("pelvis", None)).pieces[0]
    mirrored = SegmentPiece(0, own.quats * [1.0, -1.0, 1.0, -1.0], 0.6, own.bias_sd_deg_s)
    (found,) = pelvic_angles(Body({("pelvis", None): Segment("pelvis", None, RATE, (mirrored,))}))
    np.testing.assert_allclose(found.tilt_deg, 12.0)
    np.testing.assert_allclose(found.obliquity_deg, -7.0)


def test_standing_in_the_recording_is_where_angles_count_from():
    lean = np.where(np.arange(N) < 200, 4.0, 10.0)
    (found,) = pelvic_angles(pelvis(lean, -2.0 * lean / 4), TimeSpan(0, 2))
    assert found.tilt_deg[0] == pytest.approx(0, abs=1e-9)
    assert found.tilt_deg[-1] == pytest.approx(6)
    assert found.obliquity_deg[-1] == pytest.approx(-3)


def bump(size):
    now = np.arange(N) / RATE
    return size * np.exp(-(((now - 3) / 0.8) ** 2))


@pytest.mark.parametrize(("side", "sign"), [(Side.RIGHT, 1), (Side.LEFT, -1)])
def test_the_unsupported_side_lower_is_a_positive_drop(side, sign):
    found = pelvic_angles(pelvis(right_higher=sign * bump(8.0)))
    (drop,) = pelvic_drops(found, [SingleLeg(side, 1.0, 5.0)])
    (hike,) = pelvic_drops(found, [SingleLeg(side.other, 2.0, 4.0)])
    assert drop.drop_deg == pytest.approx(8.0, abs=0.1)
    assert drop.at_s == pytest.approx(3.0, abs=0.05)
    assert drop.can_be_told
    assert hike.drop_deg < 0
    assert not hike.can_be_told


def test_a_small_drop_cannot_be_told():
    (drop,) = pelvic_drops(pelvic_angles(pelvis(right_higher=bump(4.5))), [SingleLeg(Side.RIGHT, 1.0, 5.0)])
    assert drop.drop_deg == pytest.approx(4.5, abs=0.1)
    assert not drop.can_be_told
    assert drop.uncertainty_deg > 1


def test_one_shaken_sample_is_no_drop():
    shaken = np.zeros(N)
    shaken[300] = 30.0
    (drop,) = pelvic_drops(pelvic_angles(pelvis(right_higher=shaken)), [SingleLeg(Side.RIGHT, 1.0, 5.0)])
    assert drop.drop_deg < 2


def test_a_phase_across_a_hole_has_no_drop():
    (drop,) = pelvic_drops(pelvic_angles(pelvis(cuts=(300,))), [SingleLeg(Side.RIGHT, 2.0, 4.0)])
    assert math.isnan(drop.drop_deg)
    assert not drop.can_be_told


def test_lumbar_substitution_counts_from_standing_or_an_instant():
    found = pelvic_angles(pelvis(np.linspace(0, 12, N)))
    np.testing.assert_allclose(lumbar_substitution(found, [2.0, 4.0]), [4.0, 8.0], atol=0.05)
    np.testing.assert_allclose(lumbar_substitution(found, [2.0, 4.0], 2.0), [0.0, 4.0], atol=0.05)
    assert math.isnan(tilt_at(found, 50.0))


def test_no_pelvis_is_an_error():
    thigh = Segment("thigh", Side.LEFT, RATE, pelvis().of(("pelvis", None)).pieces)
    with pytest.raises(InputError, match="pelvis, found left thigh"):
        pelvic_angles(Body({("thigh", Side.LEFT): thigh}))
