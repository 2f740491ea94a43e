"""Simulated bodies: physics of the sensors, geometry of the bones, signs of the truth, every exercise."""

import itertools
import tomllib
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import glutebal
from glutebal.errors import InputError
from glutebal.model import Bilateral, Quantity, Side
from glutebal.testing.bodies import PERFECT, BodyPlan, Functional, GaitPlan, Hole, SensorPlan, simulate_body
from glutebal.testing.body_angles import body_angles
from glutebal.testing.body_chain import SHANK_M, THIGH_M, settled, skeleton
from glutebal.testing.body_moves import NEUTRAL
from glutebal.testing.body_pose import Place, Pose
from glutebal.testing.body_rotations import from_rotation_vector, quaternions, rotation_vector, yxz, yxz_angles

ALL_SITES = ("pelvis", "thigh", "shank", "foot")
CATALOGUE = tomllib.loads((Path(glutebal.__file__).parent / "coach" / "exercises.toml").read_text("utf-8"))["exercise"]
NAMES = [entry["name"] for entry in CATALOGUE]
CYCLIC = [entry["name"] for entry in CATALOGUE if entry["laterality"] == "cyclic"]
REPEATED = [entry for entry in CATALOGUE if entry["laterality"] != "cyclic"]
LONG_HOLDS = [name for name in NAMES if "stretch" in name or "lengthening" in name or name == "thomas_test"]
STRETCHES_M = {"walking": 6.0, "running": 30.0, "sprint": 30.0}
SEVEN = replace(PERFECT, sites=ALL_SITES)
THREE = replace(PERFECT, sites=("pelvis", "shank"))


def samples(done, site, side, quantity=Quantity.ACCELERATION):
    """One sensor's three axes, shape (n, 3)."""
    tracks = [
        t
        for t in done.recording.tracks
        if (t.channel.site, t.channel.side, t.channel.quantity) == (site, side, quantity)
    ]
    assert [t.channel.axis for t in tracks] == ["x", "y", "z"]
    return np.stack([t.filled() for t in tracks], axis=1)


def matrices(quats):
    """Rotation matrices (n, 3, 3) of quaternions."""
    from scipy.spatial.transform import Rotation

    return Rotation.from_quat(quats[:, [1, 2, 3, 0]]).as_matrix()


def angles_of(pose):
    """The true angles of one posture."""
    return body_angles(skeleton(np.repeat(pose.row()[None], 2, axis=0)), 1)


@cache
def short(name):
    """Two reps of an exercise, holds cut short."""
    hold_s = 2.0 if name in LONG_HOLDS else None
    gait = GaitPlan(way_m=STRETCHES_M.get(name), ways=1)
    return simulate_body(
        4, exercise=name, reps=2, hold_s=hold_s, pause_s=0.6, functional_reps=0, static_s=1.0, sensors=THREE, gait=gait
    )


@pytest.fixture(scope="module")
def squats():
    return simulate_body(2, exercise="squat", reps=4, functional_reps=1, sensors=SEVEN)


@pytest.fixture(scope="module")
def walk():
    return simulate_body(3, exercise="walking", functional_reps=0, sensors=SEVEN)


# --- rotations


def test_rotation_vectors_and_angles_come_back():
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(50, 3))
    vectors[0] = 0.0
    np.testing.assert_allclose(rotation_vector(from_rotation_vector(vectors)), vectors, atol=1e-9)
    angles = rng.uniform(-1.4, 1.4, (3, 50))
    np.testing.assert_allclose(yxz_angles(yxz(*angles)), angles, atol=1e-9)


def test_quaternions_agree_with_scipy():
    turned = from_rotation_vector(np.random.default_rng(1).normal(size=(80, 3)) * 2.5)
    np.testing.assert_allclose(matrices(quaternions(turned)), turned, atol=1e-12)


# --- signs


def test_neutral_standing_is_all_zero_and_level():
    angles = angles_of(NEUTRAL)
    for side in Side:
        for name in ("hip_flexion", "hip_abduction", "hip_rotation", "knee_flexion", "knee_frontal"):
            np.testing.assert_allclose(getattr(angles.legs[side], name), 0.0, atol=1e-9)
    np.testing.assert_allclose([angles.pelvic_tilt, angles.pelvic_obliquity, angles.shift_m], 0.0, atol=1e-9)


@pytest.mark.parametrize("side", list(Side))
@pytest.mark.parametrize(
    ("joints", "name", "value"),
    [
        ({"abduction": 20.0}, "hip_abduction", 20.0),
        ({"flexion": 30.0}, "hip_flexion", 30.0),
        ({"rotation": 15.0}, "hip_rotation", 15.0),
        ({"knee": 50.0}, "knee_flexion", 50.0),
        ({"knee": 10.0, "frontal": 8.0}, "knee_frontal", 8.0),
    ],
)
def test_an_open_leg_has_the_angles_it_was_given(side, joints, name, value):
    legs = angles_of(NEUTRAL.leg(side, **joints)).legs
    assert getattr(legs[side], name)[0] == pytest.approx(value)
    assert getattr(legs[side.other], name)[0] == pytest.approx(0.0, abs=1e-9)


def test_an_abducted_leg_goes_outwards_a_flexed_one_forwards():
    bones = skeleton(NEUTRAL.both(abduction=20.0).row()[None])
    assert bones.legs.right.foot.origin[0, 1] < -0.3
    assert bones.legs.left.foot.origin[0, 1] > 0.3
    assert skeleton(NEUTRAL.both(flexion=20.0).row()[None]).legs.left.foot.origin[0, 0] > 0.25
    assert skeleton(NEUTRAL.both(knee=40.0).row()[None]).legs.left.foot.origin[0, 0] < -0.2


def test_valgus_puts_the_knee_inwards():
    def knee_y(frontal):
        pose = Pose(z=0.88).leg(Side.RIGHT, frontal=frontal)
        return float(skeleton(pose.row()[None]).legs.right.shank.origin[0, 1])

    assert knee_y(10.0) > knee_y(0.0) + 0.02


def test_internal_rotation_turns_the_toes_inwards():
    bones = skeleton(NEUTRAL.both(rotation=20.0).row()[None])
    assert bones.legs.right.thigh.rotation[0, 1, 0] > 0.3
    assert bones.legs.left.thigh.rotation[0, 1, 0] < -0.3


def test_pelvis_signs():
    up = angles_of(NEUTRAL.with_(obliquity=6.0))
    assert up.pelvic_obliquity[0] == pytest.approx(6.0)
    hips = skeleton(NEUTRAL.with_(obliquity=6.0).row()[None]).legs.map(lambda leg: leg.thigh.origin[0, 2])
    assert hips.right > hips.left
    tipped = NEUTRAL.with_(tilt=12.0, yaw=50.0)
    assert angles_of(tipped).pelvic_tilt[0] == pytest.approx(12.0)
    assert skeleton(tipped.row()[None]).pelvis.rotation[0, 2, 0] < 0  # the front points down
    assert angles_of(settled(Pose(right=0.03))).shift_m[0] == pytest.approx(0.03, abs=1e-5)


def test_heading_and_place_leave_the_angles_alone():
    pose = settled(Pose(z=0.7, tilt=20.0, obliquity=4.0, right=0.02).both(out=0.15, pole_out=0.3, toe_out=15.0))
    moved = Place(2.0, -1.0, 2.1).rows(pose.row())
    here, there = angles_of(pose), body_angles(skeleton(moved), 1)
    np.testing.assert_allclose(there.legs.left.hip_rotation[0], here.legs.left.hip_rotation[0], atol=1e-9)
    np.testing.assert_allclose(
        [there.pelvic_tilt[0], there.pelvic_obliquity[0], there.shift_m[0]],
        [here.pelvic_tilt[0], here.pelvic_obliquity[0], here.shift_m[0]],
        atol=1e-9,
    )


# --- physics


def test_at_rest_the_sensors_feel_gravity_and_nothing_else():
    done = simulate_body(0, reps=0, static_s=8.0, functional_reps=0, sensors=SensorPlan(sites=ALL_SITES))
    now = slice(0, 600)
    for (site, side), sensor in done.truth.sensors.items():
        force = samples(done, site, side)[now] - sensor.acc_bias_m_s2
        assert np.linalg.norm(force.mean(axis=0)) == pytest.approx(9.81, abs=0.02)
        up = matrices(sensor.sensor_quats[now]).mean(axis=0).T @ [0.0, 0.0, 9.81]
        np.testing.assert_allclose(force.mean(axis=0), up, atol=0.03)
        rate = samples(done, site, side, Quantity.ANGULAR_RATE)[now].mean(axis=0)
        np.testing.assert_allclose(np.degrees(rate - sensor.gyr_bias_rad_s), 0.0, atol=0.3)


@pytest.mark.parametrize("fixture", ["squats", "walk"])
def test_the_integrated_gyroscope_gives_the_orientation_back(fixture, request):
    done = request.getfixturevalue(fixture)
    dt = 1 / done.plan.sensors.rate_hz
    for (site, side), sensor in done.truth.sensors.items():
        rate = samples(done, site, side, Quantity.ANGULAR_RATE)
        steps = from_rotation_vector(0.5 * (rate[:-1] + rate[1:]) * dt)
        truth = matrices(sensor.sensor_quats)
        now = truth[0]
        for step in steps[:1500]:
            now = now @ step
        error = rotation_vector((now.T @ truth[1500])[None])
        assert np.degrees(np.linalg.norm(error)) < (1.5 if site in {"foot", "shank"} else 0.8)


def test_twice_integrated_acceleration_gives_the_way_back(squats):
    sensor = squats.truth.sensors["pelvis", None]
    dt = 1 / squats.plan.sensors.rate_hz
    turn = matrices(sensor.sensor_quats)
    free = (turn @ samples(squats, "pelvis", None)[:, :, None])[:, :, 0] - [0.0, 0.0, 9.81]
    rep = squats.truth.reps[0]
    a, b = (round(s * squats.plan.sensors.rate_hz) for s in (rep.start_s - 0.4, rep.turn_s))
    speed = np.cumsum(free[a:b], axis=0) * dt
    fallen = np.sum(speed[:, 2]) * dt
    place = squats.truth.joints_m["pelvis", None] + (turn @ sensor.mount.T) @ sensor.place_m
    assert fallen == pytest.approx(place[b, 2] - place[a, 2], abs=0.03)
    assert fallen < -0.3


@pytest.mark.parametrize("name", NAMES)
def test_every_exercise_is_finite_and_plausible(name):
    done = short(name)
    entry = next(e for e in CATALOGUE if e["name"] == name)
    hardest = {"sprint": 450, "running": 200, "walking": 100, "stairs": 100, "jump": 80}.get(name, 20)
    for site, side in done.truth.sensors:
        assert np.abs(samples(done, site, side)).max() < hardest
        assert np.abs(samples(done, site, side, Quantity.ANGULAR_RATE)).max() < (40 if name in CYCLIC else 8)
    planned = {"bilateral": 2, "unilateral": 4, "cyclic": 0}[entry["laterality"]]
    assert len(done.truth.reps) == planned
    bones = done.truth.joints_m
    for side in Side:
        for upper, lower, length in (("hip", "knee", THIGH_M), ("knee", "ankle", SHANK_M)):
            gap = np.linalg.norm(bones[upper, side] - bones[lower, side], axis=1)
            np.testing.assert_allclose(gap, length, atol=1e-9)


@pytest.mark.parametrize("entry", REPEATED, ids=lambda e: e["name"])
def test_reps_are_in_order_and_move_the_joint(entry):
    done = short(entry["name"])
    reps = done.truth.reps
    assert all(rep.start_s < rep.turn_s <= rep.leave_s < rep.stop_s for rep in reps)
    assert all(a.stop_s < b.start_s for a, b in itertools.pairwise(reps))
    sides = [rep.side for rep in reps]
    assert sides == ([None] * 2 if entry["laterality"] == "bilateral" else [Side.RIGHT] * 2 + [Side.LEFT] * 2)
    shortest, longest = entry["rep_s"]
    assert all(shortest <= rep.stop_s - rep.start_s <= longest for rep in reps)


@pytest.mark.parametrize("name", ["squat", "goblet_squat", "deadlift", "hip_thrust", "glute_bridge_feet_raised"])
def test_feet_stay_planted_in_a_closed_chain(name):
    plan = BodyPlan(exercise=name, reps=3, functional_reps=0, shift_m=(0.0, 0.04), rom=Bilateral(0.95, 1.0))
    done = simulate_body(6, plan)
    t = done.truth.times_s
    now = (t >= done.truth.reps[0].start_s) & (t <= done.truth.reps[-1].stop_s)
    for side in Side:
        ankle = done.truth.joints_m["ankle", side][now]
        assert np.ptp(ankle, axis=0).max() < 1e-3


# --- plans


def test_what_is_planned_is_true():
    plan = BodyPlan(exercise="squat", reps=5, shift_m=(0.0, 0.05), knee_frontal_deg=Bilateral(3.0, 9.0))
    truth = simulate_body(7, plan, amplitude_sd=0.0).truth
    turns = [round(rep.turn_s * 100) for rep in truth.reps]
    np.testing.assert_allclose(truth.angles.shift_m[turns], np.linspace(0, 0.05, 5), atol=0.012)
    np.testing.assert_allclose(truth.angles.legs.right.knee_frontal[turns], 9.0, atol=1e-3)
    np.testing.assert_allclose(truth.angles.legs.left.knee_frontal[turns], 3.0, atol=1e-3)


def test_pelvic_drop_by_stance_side():
    plan = BodyPlan(
        exercise="single_leg_stance",
        reps=3,
        functional_reps=0,
        hold_s=2.0,
        pelvic_drop_deg=Bilateral(8.0, 3.0),
        amplitude_sd=0.0,
    )
    truth = simulate_body(8, plan).truth
    for side, drop in ((Side.LEFT, 8.0), (Side.RIGHT, 3.0)):
        drops = [phase.drop_deg for phase in truth.single_phases if phase.side is side]
        assert len(drops) == 3
        np.testing.assert_allclose(drops, drop, atol=1.0)


def test_abduction_works_one_leg_and_stands_on_the_other():
    truth = simulate_body(9, exercise="hip_abduction", reps=3, functional_reps=0).truth
    for rep, phase in zip(truth.reps, truth.single_phases, strict=True):
        assert phase.side is rep.side.other
        k = round(rep.turn_s * 100)
        assert truth.angles.legs[rep.side].hip_abduction[k] > 25
        assert abs(truth.angles.legs[rep.side.other].hip_abduction[k]) < 6


def test_fatigue_failure_and_tempo():
    plan = BodyPlan(
        reps=6, fatigue=0.3, failed=(3,), tempo_drift=1.5, tempo_sd=0.0, amplitude_sd=0.0, functional_reps=0
    )
    truth = simulate_body(10, plan).truth
    assert [rep.failed for rep in truth.reps] == [False, False, False, True, False, False]
    assert len(truth.whole_reps) == 5
    assert truth.reps[-1].amplitude == pytest.approx(0.7)
    seconds = [rep.stop_s - rep.start_s for rep in truth.reps]
    assert seconds[-1] / seconds[0] == pytest.approx(1.5, rel=0.01)


def test_lumbar_substitution_tilts_the_pelvis_at_lockout():
    tilts = []
    for extra in (0.0, 8.0):
        truth = simulate_body(11, exercise="hip_thrust", reps=2, lumbar_deg=extra, functional_reps=0).truth
        tilts.append(truth.angles.pelvic_tilt[round(truth.reps[0].leave_s * 100) - 10])
    assert tilts[1] - tilts[0] == pytest.approx(8.0, abs=0.2)


def test_a_difference_in_range_is_in_the_hips():
    plan = BodyPlan(exercise="squat", reps=2, rom=Bilateral(0.9, 1.0), functional_reps=0, amplitude_sd=0.0)
    angles, reps = (truth := simulate_body(12, plan).truth).angles, truth.reps
    k = round(reps[0].turn_s * 100)
    assert angles.legs.right.hip_flexion[k] > angles.legs.left.hip_flexion[k] + 2


def test_sets_rests_walk_out_and_functional_movements_are_noted():
    plan = BodyPlan(reps=1, sets=2, functional_reps=1, rest_s=32.0, walk_out=True, rerack=True, idle_end_s=8.0)
    truth = simulate_body(13, plan).truth
    assert len(truth.sets) == 2
    assert len(truth.idle) == 2
    assert len(truth.reps) == 2
    assert truth.idle[0].duration_s > 25
    assert len(truth.walks) >= 4
    assert truth.static is not None
    assert truth.static.duration_s == pytest.approx(5.0)
    assert len([s for s in truth.functional if s.movement is Functional.HIP_FLEXION]) == 2
    span = truth.functional_span(Functional.HIP_ABDUCTION)
    now = (truth.times_s >= span.start_s) & (truth.times_s < span.stop_s)
    assert truth.angles.legs.left.hip_abduction[now].max() > 20
    assert all(rep.start_s > span.stop_s for rep in truth.reps)


@pytest.mark.parametrize("name", ["squat", "step_up", "hip_abduction", "walking"])
def test_a_mirrored_plan_is_the_mirror_image(name):
    plan = BodyPlan(
        exercise=name,
        reps=1,
        functional_reps=1,
        static_s=1.0,
        rom=Bilateral(0.9, 1.0),
        pelvic_drop_deg=Bilateral(6.0, 1.0),
        shift_m=(0.01, 0.03),
        knee_frontal_deg=Bilateral(2.0, 5.0),
        gait=GaitPlan(swing_ratio=1.1, step_ratio=0.95, ways=1),
        sensors=THREE,
    )
    one, two = simulate_body(14, plan), simulate_body(14, plan.mirrored())
    a, b = one.truth.angles, two.truth.angles
    np.testing.assert_allclose(a.pelvic_obliquity, -b.pelvic_obliquity, atol=1e-7)
    np.testing.assert_allclose(a.shift_m, -b.shift_m, atol=1e-7)
    np.testing.assert_allclose(a.legs.right.hip_abduction, b.legs.left.hip_abduction, atol=1e-6)
    np.testing.assert_allclose(a.legs.left.knee_frontal, b.legs.right.knee_frontal, atol=1e-6)
    np.testing.assert_allclose(one.truth.gait.left.heel_strikes_s, two.truth.gait.right.heel_strikes_s)
    for site, side in one.truth.sensors:
        other = side.other if side else None
        np.testing.assert_allclose(samples(one, site, side), samples(two, site, other) * [1, -1, 1], atol=1e-5)
        rates = [samples(d, site, s, Quantity.ANGULAR_RATE) for d, s in ((one, side), (two, other))]
        np.testing.assert_allclose(rates[0], rates[1] * [-1, 1, -1], atol=1e-5)


def test_idling_alone_has_no_reps_but_much_movement():
    truth = simulate_body(25, reps=0, functional_reps=0, static_s=2.0, idle_end_s=60.0, sensors=THREE).truth
    assert truth.reps == ()
    assert truth.sets == ()
    assert truth.idle[0].duration_s >= 60
    assert len(truth.walks) >= 2
    assert np.ptp(truth.angles.pelvic_tilt) > 8


def test_a_lunging_foot_is_lifted_on_its_way():
    done = short("lunge")
    rep = done.truth.reps[0]
    k = round(0.5 * (rep.start_s + rep.turn_s) * 100)
    assert done.truth.joints_m["ankle", rep.side][k, 2] > 0.18
    assert done.truth.joints_m["ankle", rep.side][round(rep.turn_s * 100), 2] == pytest.approx(0.08, abs=0.01)


# --- gait


def test_walking_alternates_and_always_has_a_foot_on_the_ground(walk):
    gait = walk.truth.gait
    for foot in gait:
        assert np.all(foot.toe_offs_s < foot.mid_swings_s)
        assert np.all(foot.mid_swings_s < foot.heel_strikes_s)
        assert np.all(foot.toe_offs_s[1:] > foot.heel_strikes_s[:-1])
    straight = walk.truth.straights[0]
    strikes = sorted(
        (t, side) for side, foot in zip("LR", gait, strict=True) for t in foot.heel_strikes_s if t <= straight.stop_s
    )
    assert all(a[1] != b[1] for a, b in itertools.pairwise(strikes))
    swings = gait.map(lambda foot: np.column_stack([foot.toe_offs_s, foot.heel_strikes_s]))
    overlap = np.minimum(swings.left[:, None, 1], swings.right[None, :, 1]) - np.maximum(
        swings.left[:, None, 0], swings.right[None, :, 0]
    )
    assert overlap.max() < 0


def test_a_standing_foot_stays_where_it_is(walk):
    t = walk.truth.times_s
    for side, foot in zip(Side, walk.truth.gait, strict=True):
        ankle = walk.truth.joints_m["ankle", side]
        for strike, off in zip(foot.heel_strikes_s[:8], foot.toe_offs_s[1:9], strict=True):
            flat = (t > strike + 0.15) & (t < strike + 0.5 * (off - strike))
            assert np.ptp(ankle[flat], axis=0).max() < 4e-3
        assert ankle[:, 2].min() > 0.07


def test_planned_asymmetry_of_the_swing_is_true():
    plan = GaitPlan(swing_ratio=1.15, timing_sd=0.0, way_m=15.0, ways=1)
    truth = simulate_body(15, exercise="walking", gait=plan, functional_reps=0).truth
    inside = truth.straights[0]
    swing = [
        np.mean(
            [b - a for a, b in zip(f.toe_offs_s, f.heel_strikes_s, strict=True) if inside.start_s < a < inside.stop_s]
        )
        for f in truth.gait
    ]
    assert swing[1] / swing[0] == pytest.approx(1.15, rel=1e-6)


def test_running_has_flight_and_a_foot_sensor_feels_the_strike():
    done = simulate_body(16, exercise="running", gait=GaitPlan(way_m=30.0, ways=1), functional_reps=0, sensors=SEVEN)
    gait, inside = done.truth.gait, done.truth.straights[0]
    strikes = np.sort(np.concatenate([foot.heel_strikes_s for foot in gait]))
    offs = np.sort(np.concatenate([foot.toe_offs_s for foot in gait]))
    middle = strikes[(strikes > inside.start_s) & (strikes < inside.stop_s)]
    flights = middle - offs[np.searchsorted(offs, middle) - 1]
    assert 0.02 < np.median(flights) < 0.4
    force = np.linalg.norm(samples(done, "pelvis", None), axis=1)
    assert force.max() > 15


def test_the_turn_is_noted_and_turns_the_body(walk):
    assert len(walk.truth.turns) == 1
    assert len(walk.truth.straights) == 2
    way = walk.truth.joints_m["pelvis", None]
    assert way[:, 0].max() > 8
    assert abs(way[-1, 0]) < 2.5


# --- sensors


def test_the_sensor_plan_does_not_touch_the_motion():
    plans = [SensorPlan(rate_hz=100.0), SensorPlan(rate_hz=50.0, misalignment_deg=0.0, sites=("pelvis", "foot"))]
    one, two = (simulate_body(17, reps=2, functional_reps=0, sensors=plan).truth for plan in plans)
    assert one.reps == two.reps
    np.testing.assert_allclose(one.angles.pelvic_tilt[::2][:500], two.angles.pelvic_tilt[:500], atol=1e-9)


@pytest.mark.parametrize("rate_hz", [50.0, 104.0, 200.0, 400.0])
def test_other_rates(rate_hz):
    done = simulate_body(18, reps=2, functional_reps=0, sensors=SensorPlan(rate_hz=rate_hz))
    assert done.recording.channels[0].rate_hz == rate_hz
    assert done.truth.times_s[-1] == pytest.approx(done.recording.duration_s, abs=2 / rate_hz)
    assert done.truth.times_s.size == done.recording.tracks[0].n_samples


def test_swapped_sensors_carry_the_other_side():
    plan = BodyPlan(exercise="hip_abduction", reps=2, functional_reps=0, sensors=SEVEN)
    right = simulate_body(19, plan)
    wrong = simulate_body(19, plan, sensors=replace(SEVEN, swapped=True))
    np.testing.assert_array_equal(samples(right, "thigh", Side.LEFT), samples(wrong, "thigh", Side.RIGHT))
    assert wrong.truth.sensors["thigh", Side.RIGHT].worn_on is Side.LEFT
    np.testing.assert_array_equal(
        right.truth.angles.legs.left.hip_abduction, wrong.truth.angles.legs.left.hip_abduction
    )


def test_misalignment_bias_holes_and_clipping():
    hole = Hole("thigh", Side.LEFT, 3.0, 3.5)
    plan = SensorPlan(holes=(hole,), acc_range_m_s2=9.0, gyr_range_dps=20.0)
    done = simulate_body(20, reps=2, functional_reps=0, sensors=plan)
    gaps = {t.channel.site: t.gaps for t in done.recording.tracks if t.channel.side is Side.LEFT}
    assert gaps == {"thigh": ((300, 350),), "shank": ()}
    for (site, side), sensor in done.truth.sensors.items():
        tilt = np.degrees(np.linalg.norm(rotation_vector(sensor.mount[None])))
        assert 0 < tilt <= 30
        assert np.nanmax(np.abs(samples(done, site, side))) <= 9.0
        assert np.nanmax(np.abs(samples(done, site, side, Quantity.ANGULAR_RATE))) <= np.radians(20.0)
    assert max(np.abs(s.gyr_bias_rad_s).max() for s in done.truth.sensors.values()) > np.radians(0.3)


def test_soft_tissue_moves_the_sensor_but_not_the_bone():
    plans = [replace(SEVEN, wobble_share=share) for share in (0.0, 0.05)]
    stiff, soft = (simulate_body(21, reps=2, functional_reps=0, sensors=plan).truth for plan in plans)
    key = ("thigh", Side.RIGHT)
    np.testing.assert_array_equal(stiff.sensors[key].segment_quats, soft.sensors[key].segment_quats)
    turn = matrices(soft.sensors[key].segment_quats).transpose(0, 2, 1) @ matrices(soft.sensors[key].sensor_quats)
    wobble = np.degrees(np.linalg.norm(rotation_vector(turn), axis=1))
    assert wobble.max() == pytest.approx(0.05 * soft.angles.legs.right.hip_flexion.max() * np.hypot(1, 0.5), rel=0.02)


def test_the_same_seed_gives_the_same_recording_and_another_does_not():
    plan = BodyPlan(reps=1, static_s=1.0, functional_reps=0, sensors=THREE)
    one, two, other = simulate_body(22, plan), simulate_body(22, plan), simulate_body(23, plan)
    assert one.recording.tracks[0].chunks == two.recording.tracks[0].chunks
    assert one.truth.reps == two.truth.reps != other.truth.reps


def test_impossible_plans_are_refused():
    with pytest.raises(InputError, match="an exercise"):
        simulate_body(0, exercise="curl")
    with pytest.raises(InputError, match="sensor sites"):
        SensorPlan(sites=("wrist",))
    with pytest.raises(InputError, match="rate"):
        SensorPlan(rate_hz=0.0)
    with pytest.raises(InputError, match="0 or more reps"):
        BodyPlan(reps=-1)
