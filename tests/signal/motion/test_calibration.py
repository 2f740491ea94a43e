"""Mounts from hand-made movements: exact anchors, laws of turned and mirrored sensors, and every finding."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from glutebal.errors import InputError, SignalError, UnknownNameError
from glutebal.model import Side
from glutebal.results import Grade
from glutebal.signal.motion.calibration import calibrate
from glutebal.signal.motion.calibration_spans import TimeSpan
from glutebal.signal.motion.imu import GRAVITY, Imu, ImuPiece, imus
from glutebal.testing.bodies import Functional, SensorPlan, simulate_body

RATE = 100.0
STATIC, FLEXION, ABDUCTION, BOW = (TimeSpan(*s) for s in ((0, 3), (3, 15), (15, 27), (27, 33)))
LEFT, RIGHT = Side.LEFT, Side.RIGHT
STRAIGHT = np.eye(3)
MIRROR = np.diag([1.0, -1.0, 1.0])


def swings(times_s, start_s, size_deg):
    """Three raised cosines of 2 s, from neutral and back."""
    inside = (times_s >= start_s) & (times_s < start_s + 6)
    return np.where(inside, np.radians(size_deg) * 0.5 * (1 - np.cos(np.pi * (times_s - start_s))), 0.0)


def imu_of(site, side, course, mount=STRAIGHT):
    """A sensor on a bone whose rotation vector (segment axes) is always about one axis at a time."""
    turns = Rotation.from_rotvec(course)
    rate = np.gradient(course, 1 / RATE, axis=0)
    force = turns.inv().apply([0, 0, GRAVITY])
    return Imu(site, side, RATE, (ImuPiece(0, rate @ mount, force @ mount),))


def leg(side, site="thigh", mount=STRAIGHT, forwards=48.0, outwards=30.0):
    """The right leg goes first in each block."""
    times_s = np.arange(0, 33, 1 / RATE)
    wait = 0 if side is RIGHT else 6
    y = -swings(times_s, 3 + wait, forwards)
    x = (1 if side is LEFT else -1) * swings(times_s, 15 + wait, outwards)
    return imu_of(site, side, np.stack([x, y, 0 * x], axis=1), mount)


def pelvis(mount=STRAIGHT, bow=40.0, follow=0.1):
    times_s = np.arange(0, 33, 1 / RATE)
    y = swings(times_s, 27, bow) - follow * (swings(times_s, 3, 48) + swings(times_s, 9, 48))
    x = follow * (swings(times_s, 21, 30) - swings(times_s, 15, 30))
    return imu_of("pelvis", None, np.stack([x, y, 0 * x], axis=1), mount)


def done(*sensors, bow=BOW, **options):
    return calibrate(sensors, STATIC, FLEXION, ABDUCTION, bow, **options)


def turned_deg(a, b):
    return np.degrees(Rotation.from_matrix(a @ b.T).magnitude())


turns = st.tuples(*[st.floats(-3, 3)] * 3).map(lambda v: Rotation.from_rotvec(v).as_matrix())


@settings(derandomize=True, deadline=None, max_examples=10)
@given(turns, turns, turns)
def test_the_mount_is_found_however_a_sensor_sits(a, b, c):
    found = done(leg(LEFT, mount=a), leg(RIGHT, mount=b), pelvis(c))
    for place, mount in ((("thigh", LEFT), a), (("thigh", RIGHT), b), (("pelvis", None), c)):
        assert turned_deg(found.of(*place).matrix, mount) < 0.05
    assert not found.swapped


@settings(derandomize=True, deadline=None, max_examples=10)
@given(turns)
def test_a_pelvis_without_a_bow_follows_the_legs(mount):
    found = done(leg(LEFT), leg(RIGHT), pelvis(mount, bow=0.0), bow=None)
    assert turned_deg(found.of("pelvis", None).matrix, mount) < 0.5
    assert [f.kind for f in found.of("pelvis", None).findings] == ["pelvis_heading"]
    assert found.grade is Grade.SUSPECT


def test_a_pelvis_that_does_not_move_at_all_is_bad():
    found = done(leg(LEFT), leg(RIGHT), pelvis(bow=0.0, follow=0.0), bow=None)
    assert found.of("pelvis", None).findings[0].grade is Grade.BAD


def test_the_mirror_image_has_the_mirrored_mount():
    mount = Rotation.from_rotvec([0.4, -0.3, 0.5]).as_matrix()
    own = leg(RIGHT, mount=mount)
    piece = own.pieces[0]
    mirrored = Imu("thigh", LEFT, RATE, (ImuPiece(0, -piece.gyr @ MIRROR, piece.acc @ MIRROR),))
    found, other = done(own, leg(LEFT)), done(mirrored, leg(RIGHT))
    np.testing.assert_allclose(
        other.of("thigh", LEFT).matrix, MIRROR @ found.of("thigh", RIGHT).matrix @ MIRROR, atol=1e-9
    )
    assert not other.swapped


def test_all_findings_of_a_good_calibration_are_none():
    found = done(leg(LEFT), leg(RIGHT), leg(LEFT, "shank"), leg(RIGHT, "shank"), pelvis(), first=RIGHT)
    assert found.all_findings == ()
    assert found.grade is Grade.GOOD
    assert found.method == "static pose, hip flexion and abduction, bow"
    assert found.of("thigh", LEFT).axis_angle_deg == pytest.approx(90, abs=0.1)
    assert found.of("thigh", LEFT).explained_variance > 0.99


@pytest.mark.parametrize("first", [None, RIGHT])
def test_swapped_sensors_are_found(first):
    worn = [Imu(i.site, i.side.other, RATE, i.pieces) for i in (leg(LEFT), leg(RIGHT), leg(LEFT, "shank"))]
    found = done(*worn, Imu("shank", LEFT, RATE, leg(RIGHT, "shank").pieces), first=first)
    assert found.swapped
    assert found.grade is Grade.BAD
    text = found.findings[0].text
    assert "thighs and shanks" in text
    assert ("left one moved first instead of the right" in text) == (first is RIGHT)


def test_only_the_shanks_swapped():
    shanks = [Imu("shank", side, RATE, leg(side.other, "shank").pieces) for side in Side]
    found = done(leg(LEFT), leg(RIGHT), *shanks)
    assert found.swapped
    assert "shanks seem" in found.findings[0].text
    assert "thigh" not in found.findings[0].text


def test_one_leg_swung_backwards_first_is_told():
    found = done(leg(LEFT, forwards=-40), leg(RIGHT))
    assert [f.kind for f in found.findings] == ["inwards"]
    assert "left thigh" in found.findings[0].text


def test_a_sensor_upside_down_against_the_other():
    over = Rotation.from_euler("x", 180, degrees=True).as_matrix()
    found = done(leg(LEFT, mount=over), leg(RIGHT))
    assert [f.kind for f in found.findings] == ["upside_down"]
    assert turned_deg(found.of("thigh", LEFT).matrix, over) < 0.05


def test_too_little_movement():
    found = done(leg(LEFT, forwards=8), leg(RIGHT, outwards=8))
    assert [(f.kind, f.grade) for f in found.of("thigh", LEFT).findings] == [("little_movement", Grade.BAD)]
    assert [(f.kind, f.grade) for f in found.of("thigh", RIGHT).findings] == [("little_movement", Grade.SUSPECT)]


def test_not_standing_still():
    sensor = leg(LEFT)
    shaken = np.array(sensor.pieces[0].gyr)
    shaken[:300:20] += 1.0
    moved = Imu("thigh", LEFT, RATE, (ImuPiece(0, shaken, sensor.pieces[0].acc),))
    kinds = [f.kind for f in done(moved, leg(RIGHT)).of("thigh", LEFT).findings]
    assert kinds == ["not_still"]


def test_a_movement_out_of_its_plane():
    sensor = leg(LEFT)
    rng = np.random.default_rng(1)
    wild = sensor.pieces[0].gyr + np.pad(rng.normal(0, 1.0, (1200, 3)), ((300, 1800), (0, 0)))
    found = done(Imu("thigh", LEFT, RATE, (ImuPiece(0, wild, sensor.pieces[0].acc),)), leg(RIGHT))
    assert "many_axes" in [f.kind for f in found.of("thigh", LEFT).findings]


def test_errors_say_what_is_missing():
    with pytest.raises(InputError, match="none"):
        done()
    with pytest.raises(InputError, match="map its site and side"):
        done(Imu("thigh", None, RATE, leg(LEFT).pieces))
    with pytest.raises(SignalError, match="left thigh: needed an unbroken recording"):
        done(Imu("thigh", LEFT, RATE, (ImuPiece(500, leg(LEFT).pieces[0].gyr, leg(LEFT).pieces[0].acc),)))
    with pytest.raises(SignalError, match="static pose of 1 s"):
        calibrate([leg(LEFT)], TimeSpan(0, 0.5), FLEXION, ABDUCTION)
    with pytest.raises(UnknownNameError, match="right thigh"):
        done(leg(LEFT), leg(RIGHT)).of("foot", LEFT)


@pytest.mark.parametrize("swapped", [False, True])
def test_a_simulated_body(swapped):
    body = simulate_body(3, reps=1, sensors=SensorPlan(swapped=swapped))
    truth = body.truth
    blocks = [truth.functional_span(movement) for movement in Functional]
    found = calibrate(imus(body.recording), truth.static, *blocks, first=RIGHT)
    assert found.swapped is swapped
    for segment in found.segments:
        off = Rotation.from_matrix(segment.matrix @ truth.sensors[segment.site, segment.side].mount.T).as_rotvec()
        assert np.degrees(np.hypot(off[0], off[1])) < 0.7  # accelerometer bias and sway
        assert abs(np.degrees(off[2])) < 5  # swings stray by some 4°
