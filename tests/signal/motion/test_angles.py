"""Hip and knee angles of hand-made poses, and the laws of heading."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glutebal.errors import InputError, RateError
from glutebal.model import Side
from glutebal.results import Rep
from glutebal.signal.motion import angles, rotations
from glutebal.signal.motion.calibration import Calibration, SegmentCalibration
from glutebal.signal.motion.calibration_spans import TimeSpan
from glutebal.signal.motion.heading import NEUTRAL, Reset, known_postures, neutral_moments, relative_heading, resets
from glutebal.signal.motion.imu import Imu, ImuPiece, imus
from glutebal.signal.motion.orientation import orientation
from glutebal.signal.motion.segments import Body, Segment, SegmentPiece, body
from glutebal.testing.bodies import simulate_body

RATE = 50.0
LEFT, RIGHT = Side.LEFT, Side.RIGHT
REST = Reset(0.0, 1.0)
BIAS_SD = (0.05, 0.05, 0.3)


def of_angles(*columns):
    """Quaternions of (about y, x, z) in degrees."""
    return rotations.of_cardan_deg(np.stack(np.broadcast_arrays(*columns), axis=-1).astype(float))


def hip_turn(flexion, abduction, rotation, side):
    """The thigh in the pelvis, from the angles of people."""
    out = 1 if side is LEFT else -1
    return of_angles(-np.asarray(flexion), out * np.asarray(abduction), -out * np.asarray(rotation))


def segment(place, quats, start=0, cuts=()):
    edges = [0, *cuts, len(quats)]
    runs = [(a, b) for a, b in pairwise(edges)]
    pieces = tuple(SegmentPiece(start + a, quats[a:b], 0.5, BIAS_SD) for a, b in runs)
    return Segment(*place, RATE, pieces, 1.0)


def whole(*segments):
    return Body({(s.site, s.side): s for s in segments})


def ramp(top, n=400, still=50):
    """At rest for the first second, then up."""
    return np.concatenate([np.zeros(still), np.linspace(0, top, n - still)])


def headed(quats, offset_deg):
    return rotations.multiply(rotations.about_z(np.deg2rad(np.broadcast_to(offset_deg, len(quats)))), quats)


def posed(side, pelvis_heading=0.0, thigh_heading=0.0):
    pelvis = of_angles(ramp(30), 0 * ramp(1), 0 * ramp(1))
    thigh = rotations.multiply(pelvis, hip_turn(ramp(95), ramp(25), ramp(-12), side))
    return whole(
        segment(("pelvis", None), headed(pelvis, pelvis_heading)),
        segment(("thigh", side), headed(thigh, thigh_heading)),
    )


@pytest.mark.parametrize("side", list(Side))
def test_a_deep_wide_pose_has_its_angles(side):
    (found,) = angles.hip(posed(side), side, [REST])
    np.testing.assert_allclose(found.flexion_deg, ramp(95), atol=1e-6)
    np.testing.assert_allclose(found.abduction_deg, ramp(25), atol=1e-6)
    np.testing.assert_allclose(found.rotation_deg, ramp(-12), atol=1e-6)


@settings(derandomize=True, deadline=None, max_examples=25)
@given(st.floats(-180, 180), st.floats(-180, 180), st.sampled_from(list(Side)))
def test_the_headings_of_the_filters_change_nothing(a, b, side):
    (found,) = angles.hip(posed(side, a, b), side, [REST])
    np.testing.assert_allclose(found.flexion_deg, ramp(95), atol=1e-6)
    np.testing.assert_allclose(found.abduction_deg, ramp(25), atol=1e-6)


def test_mirrored_segments_give_the_other_side_the_same_angles():
    own = posed(RIGHT, 20, 50)
    mirror = np.array([1.0, -1.0, 1.0, -1.0])
    other = whole(
        segment(("pelvis", None), own.of(("pelvis", None)).pieces[0].quats * mirror),
        segment(("thigh", LEFT), own.of(("thigh", RIGHT)).pieces[0].quats * mirror),
    )
    (right,), (left,) = angles.hip(own, RIGHT, [REST]), angles.hip(other, LEFT, [REST])
    for name in ("flexion_deg", "abduction_deg", "rotation_deg", "uncertainty_deg"):
        np.testing.assert_allclose(getattr(left, name), getattr(right, name), atol=1e-9)


def test_planar_hip_needs_no_heading_and_agrees_in_the_sagittal_plane():
    pelvis = of_angles(ramp(30), 0, 0)
    thigh = rotations.multiply(pelvis, hip_turn(ramp(95), 0, 0, LEFT))
    own = whole(segment(("pelvis", None), headed(pelvis, 70)), segment(("thigh", LEFT), headed(thigh, -160)))
    (planar,) = angles.planar_hip(own, LEFT)
    np.testing.assert_allclose(planar.flexion_deg, ramp(95), atol=1e-6)
    assert np.isnan(planar.abduction_deg).all()
    assert planar.method == "planar"


@settings(derandomize=True, deadline=None, max_examples=25)
@given(st.floats(-60, 60), st.floats(-40, 40), st.floats(-90, 90))
def test_a_knee_is_a_hinge_at_any_stance(lean, out, turn):
    thigh = of_angles(np.full(400, lean), out, turn)
    shank = rotations.multiply(thigh, of_angles(ramp(120), 0, 0))
    own = whole(segment(("thigh", LEFT), thigh), segment(("shank", LEFT), headed(shank, 33)))
    (found,) = angles.planar_knee(own, LEFT)
    seen = np.isfinite(found.flexion_deg)
    np.testing.assert_allclose(found.flexion_deg[seen], ramp(120)[seen], atol=1e-6)
    assert seen.all() == (np.hypot(*rotations.up(thigh)[0, [0, 2]]) >= angles.LEAST_IN_PLANE)


def test_lying_on_the_side_has_no_planar_angle():
    side_lying = of_angles(0 * ramp(1), np.full(400, 85.0), 0)
    own = whole(segment(("pelvis", None), side_lying), segment(("thigh", LEFT), side_lying))
    assert np.isnan(angles.planar_hip(own, LEFT)[0].flexion_deg).all()


@pytest.mark.parametrize("side", list(Side))
def test_valgus_is_positive_on_both_sides(side):
    thigh = of_angles(np.zeros(400), 0, 0)
    outwards = 1 if side is LEFT else -1  # the foot goes outwards from the knee
    shank = rotations.multiply(thigh, of_angles(ramp(60), outwards * ramp(8), 0))
    own = whole(segment(("thigh", side), thigh), segment(("shank", side), headed(shank, 12)))
    (found,) = angles.knee(own, side, [REST])
    np.testing.assert_allclose(found.abduction_deg, ramp(8), atol=1e-6)
    np.testing.assert_allclose(found.flexion_deg, ramp(60), atol=1e-6)


def squatting(drift_deg_s, minutes=5, turned_out=15.0, growing=0.0):
    """Reps of 4 s in a start posture with the thigh turned out; the thigh's heading drifts, faster and faster."""
    n = round(minutes * 60 * RATE)
    now = np.arange(n) / RATE
    share = np.where(now > 2, np.clip(now - 2, 0, 1), 0)
    depth = np.where(now > 4, 0.5 * (1 - np.cos(2 * np.pi * (now - 4) / 4)), 0)
    pelvis = of_angles(25 * depth, 0, 0)
    turn = hip_turn(90 * depth, 20 * depth, -turned_out * share, RIGHT)
    thigh = headed(rotations.multiply(pelvis, turn), 40 + drift_deg_s * now + growing * now**2)
    reps = [Rep(k + 1, round((4 + 4 * k) * RATE), round((8 + 4 * k) * RATE), RATE) for k in range(int(now[-1] / 4) - 1)]
    return pelvis, thigh, (reps, 20 * depth)


def worst(own, known, truth, *, last_s=60):
    found = angles.filled(angles.hip(own, RIGHT, known), 0, len(truth))[:, 1]
    return np.abs(found - truth)[-round(last_s * RATE) :].max()


@pytest.mark.parametrize(("drift", "growing"), [(0.2, 0.0), (-0.35, 0.0), (0.05, 3e-4)])
def test_drift_is_bounded_by_the_resets_and_a_turned_out_stance_is_not_reset_away(drift, growing):
    pelvis, thigh, (reps, truth) = squatting(drift, growing=growing)
    own = whole(segment(("pelvis", None), pelvis), segment(("thigh", RIGHT), thigh))
    static = TimeSpan(0, 2)
    assert worst(own, resets(reps, static), truth) < 1.5
    assert worst(own, [Reset(0, 2)], truth) > 15


def test_a_piece_after_a_hole_is_tied_by_the_posture_it_shares():
    pelvis, thigh, (reps, truth) = squatting(0.0, minutes=1)
    at = 1310
    thigh = np.concatenate([thigh[:at], headed(thigh[at:], -97)])
    own = whole(segment(("pelvis", None), pelvis), segment(("thigh", RIGHT), thigh, cuts=(at,)))
    found = angles.hip(own, RIGHT, resets(reps, TimeSpan(0, 2)))
    assert [piece.start for piece in found] == [0, at]
    np.testing.assert_allclose(found[1].abduction_deg, truth[at:], atol=0.5)
    assert found[1].uncertainty_deg[:, 2].max() < 6


def test_nothing_is_told_across_a_hole():
    pelvis, thigh, _ = squatting(0.0, minutes=0.5)
    thigh_segment = segment(("thigh", RIGHT), thigh, cuts=(600,))
    first, second = thigh_segment.pieces
    holed = Segment("thigh", RIGHT, RATE, (first, second.between(650, second.stop)), 1.0)
    found = angles.filled(angles.hip(whole(segment(("pelvis", None), pelvis), holed), RIGHT, [REST]), 0, len(thigh))
    assert np.isnan(found[600:650]).all()
    assert np.isfinite(found[:600]).all()


def test_uncertainty_grows_away_from_the_resets_and_says_when_nothing_is_known():
    own = posed(LEFT)
    (near,), (none,) = angles.hip(own, LEFT, [REST]), angles.hip(own, LEFT, [])
    assert near.uncertainty_deg.shape == (400, 3)
    assert near.uncertainty_deg[-1, 1] > near.uncertainty_deg[25, 1]  # a level thigh turns heading into abduction
    assert none.uncertainty_deg[0, 2] >= 15


def test_resets_are_before_each_rep_one_posture_per_set_and_side():
    reps = [Rep(1, 100, 200, RATE, LEFT, 1), Rep(2, 300, 400, RATE, LEFT, 1), Rep(3, 500, 600, RATE, RIGHT, 1)]
    found = resets(reps, TimeSpan(0, 1))
    assert [r.posture for r in found] == [NEUTRAL, (1, LEFT), (1, LEFT), (1, RIGHT)]
    assert (found[1].start_s, found[1].stop_s) == pytest.approx((1.7, 2.0))


def test_neutral_moments_are_where_all_segments_are_upright():
    lean = np.concatenate([np.zeros(100), np.full(50, 20.0), np.zeros(30), np.full(20, 20.0), np.zeros(5)])
    own = whole(segment(("pelvis", None), of_angles(lean, 0, 0)), segment(("thigh", LEFT), of_angles(0 * lean, 0, 0)))
    found = neutral_moments(own, 0, 10)
    assert [(r.start_s, r.stop_s) for r in found] == [(0.0, 2.0), (3.0, 3.6)]


def test_relative_heading_unwraps():
    n = 500
    upper = SegmentPiece(0, of_angles(np.zeros(n), 0, 0), 0.5, BIAS_SD)
    lower = SegmentPiece(0, headed(of_angles(np.zeros(n), 0, 0), 178 + 0.01 * np.arange(n)), 0.5, BIAS_SD)
    known = [Reset(t, t + 0.1) for t in np.arange(0, 9.9, 0.5)]
    (found,) = relative_heading([(upper, lower)], RATE, known)
    left = rotations.heading_deg(found.corrected(lower.quats))
    assert np.abs(left).max() < 0.5


def one_sensor(site, side, rate_hz=RATE):
    still = np.tile([0.0, 0.0, 9.81], (200, 1))
    return orientation(Imu(site, side, rate_hz, (ImuPiece(0, 0 * still, still),)))


def test_errors_say_what_is_missing():
    eye = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
    known = Calibration(tuple(SegmentCalibration(s, side, eye, 1.0) for s, side in (("pelvis", None), ("thigh", LEFT))))
    with pytest.raises(InputError, match="calibrate the sensors"):
        body([one_sensor("foot", LEFT)], known)
    with pytest.raises(RateError, match="left thigh 100 Hz"):
        body([one_sensor("pelvis", None), one_sensor("thigh", LEFT, 100.0)], known)
    with pytest.raises(InputError, match="right thigh, found pelvis, left thigh"):
        angles.planar_hip(body([one_sensor("pelvis", None), one_sensor("thigh", LEFT)], known), RIGHT)


@pytest.mark.slow
@pytest.mark.parametrize("exercise", ["squat", "deadlift", "single_leg_stance"])
def test_simulated_bodies_within_the_targets(exercise):
    from glutebal.signal.motion.calibration import calibrate
    from glutebal.signal.motion.calibration_spans import find_calibration_spans

    simulated = simulate_body(11, exercise=exercise, reps=4)
    sensors, truth = imus(simulated.recording), simulated.truth
    spans = find_calibration_spans(sensors)
    mounts = calibrate(sensors, spans.static, spans.flexion, spans.abduction, spans.bow)
    own = body([orientation(sensor) for sensor in sensors], mounts, spans.static)
    reps = [Rep(r.index, round(100 * r.start_s), round(100 * r.stop_s), 100.0, r.side) for r in truth.reps]
    known = known_postures(own, reps, spans)
    n = truth.times_s.size
    inside = (truth.times_s > reps[0].start_s) & (truth.times_s < reps[-1].stop_s)
    for side in Side:
        found = angles.filled(angles.hip(own, side, known), 0, n)[inside]
        true = truth.angles.legs[side]
        assert np.sqrt(np.mean((found[:, 0] - true.hip_flexion[inside]) ** 2)) < 3.5
        assert np.sqrt(np.mean((found[:, 1] - true.hip_abduction[inside]) ** 2)) < 2.5
