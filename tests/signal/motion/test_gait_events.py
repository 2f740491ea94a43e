"""Swings of one leg: found whatever way the sensor sits, at any rate, and at the right time."""

import numpy as np
import pandas as pd
import pytest
from scipy.spatial.transform import Rotation

from glutebal.errors import SignalError
from glutebal.model import Side
from glutebal.signal.motion.gait_events import foot_events
from glutebal.signal.motion.imu import Imu, ImuPiece, imus
from glutebal.testing.bodies import GaitPlan, SensorPlan, simulate_body

RATE = 204.8


def imu(gyr, acc, rate=RATE, side=Side.LEFT, site="foot"):
    return Imu(site, side, rate, (ImuPiece(0, gyr, acc),))


@pytest.fixture(scope="module")
def feet(shared_data):
    """gaitmap's sample walk: angular rate in rad/s and acceleration in m/s² of each foot."""
    table = pd.read_csv(shared_data / "gaitmap" / "imu_sample.csv", header=[0, 1], index_col=0)

    def foot(side):
        own = table[f"{side.value}_sensor"]
        return np.deg2rad(own[["gyr_x", "gyr_y", "gyr_z"]].to_numpy()), own[["acc_x", "acc_y", "acc_z"]].to_numpy()

    return {side: foot(side) for side in Side}


@pytest.fixture(scope="module")
def borders(shared_data):
    table = pd.read_csv(shared_data / "gaitmap" / "stride_borders_sample.csv")
    return {side: np.unique(table[table.foot == side.value][["start", "end"]].to_numpy()) / RATE for side in Side}


@pytest.fixture(scope="module")
def body():
    sensors = SensorPlan(sites=("foot", "shank"))
    return simulate_body(41, exercise="walking", functional_reps=0, gait=GaitPlan(ways=2), sensors=sensors)


def sensor(body, site, side):
    return next(i for i in imus(body.recording) if (i.site, i.side) == (site, side))


def times(events):
    return np.stack([events.mid_swing_s, events.toe_off_s, events.heel_strike_s])


@pytest.mark.parametrize("side", list(Side))
def test_every_reference_stride_of_a_real_walk_is_found(feet, borders, side):
    found = foot_events(imu(*feet[side], side=side))
    straight = found.toe_off_s[np.abs(found.turned_deg) < 20]
    apart = np.array([(found.toe_off_s - t)[np.argmin(np.abs(found.toe_off_s - t))] for t in borders[side][:-1]])
    assert np.all(np.abs(apart) < 0.1)
    steady = [d for d, t in zip(apart, borders[side][:-1], strict=True) if np.min(np.abs(straight - t)) < 0.02]
    assert len(steady) >= 25
    assert np.std(steady) < 0.005  # s: the reference border is the push-off peak, constant before toe-off


@pytest.mark.parametrize("side", list(Side))
def test_the_turn_and_nothing_else_turns(feet, side):
    found = foot_events(imu(*feet[side], side=side))
    walking = found.mid_swing_s[(found.mid_swing_s > 2.1) & (found.mid_swing_s < 16)]
    turned = found.turned_deg[np.isin(found.mid_swing_s, walking)]
    assert np.max(np.abs(turned)) < 8  # degrees, straight ahead
    assert np.max(np.abs(found.turned_deg)) > 80  # in the turn
    assert 1.2 < np.median(found.way_m) < 1.5  # m, a stride of an adult; markers: 1.3 to 1.45


@pytest.mark.parametrize("seed", range(4))
def test_the_mounting_does_not_matter(feet, seed):
    gyr, acc = feet[Side.RIGHT]
    turn = Rotation.random(random_state=seed).as_matrix()
    plain, turned = foot_events(imu(gyr, acc)), foot_events(imu(gyr @ turn.T, acc @ turn.T))
    np.testing.assert_allclose(times(turned), times(plain), atol=1e-6)
    np.testing.assert_allclose(turned.turned_deg, plain.turned_deg, atol=1e-4)
    np.testing.assert_allclose(turn.T @ turned.axis.vector, plain.axis.vector, atol=1e-6)


def test_the_mirror_image_of_a_walk_has_the_same_events_and_turns_the_other_way(feet):
    gyr, acc = feet[Side.LEFT]
    plain = foot_events(imu(gyr, acc))
    mirror = foot_events(imu(gyr * [-1, 1, -1], acc * [1, -1, 1], side=Side.RIGHT))
    np.testing.assert_allclose(times(mirror), times(plain), atol=1e-9)
    np.testing.assert_allclose(mirror.turned_deg, -plain.turned_deg, atol=1e-6)


@pytest.mark.parametrize("rate", [60.0, 102.4, 397.0])
def test_the_rate_does_not_matter(feet, rate):
    gyr, acc = feet[Side.LEFT]
    at = np.arange(len(gyr)) / RATE
    new = np.arange(int(at[-1] * rate)) / rate
    slow = [np.stack([np.interp(new, at, column) for column in x.T], axis=1) for x in (gyr, acc)]
    plain, other = foot_events(imu(gyr, acc)), foot_events(imu(*slow, rate=rate))
    assert other.mid_swing_s.size == plain.mid_swing_s.size
    np.testing.assert_allclose(other.toe_off_s, plain.toe_off_s, atol=0.006)  # s: a third of a sample at 60 Hz
    np.testing.assert_allclose(other.heel_strike_s, plain.heel_strike_s, atol=0.012)


def test_noise_bias_and_gain_move_events_by_milliseconds(feet):
    gyr, acc = feet[Side.LEFT]
    rng = np.random.default_rng(3)
    dirty = 1.05 * gyr + np.deg2rad(2) + np.deg2rad(1) * rng.standard_normal(gyr.shape)
    plain, other = foot_events(imu(gyr, acc)), foot_events(imu(dirty, 1.03 * acc + 0.1))
    assert other.mid_swing_s.size == plain.mid_swing_s.size
    assert np.median(np.abs(other.toe_off_s - plain.toe_off_s)) < 0.002  # s
    assert np.median(np.abs(other.heel_strike_s - plain.heel_strike_s)) < 0.004


def test_a_part_of_a_walk_has_the_events_of_the_whole(feet):
    gyr, acc = feet[Side.LEFT]
    whole = foot_events(imu(gyr, acc))
    first = round(5.0 * RATE)
    part = foot_events(
        Imu("foot", Side.LEFT, RATE, (ImuPiece(first, gyr[first : first + 2000], acc[first : first + 2000]),))
    )
    inner = part.toe_off_s[1:-1]
    nearest = whole.toe_off_s[np.argmin(np.abs(whole.toe_off_s[:, None] - inner), axis=0)]
    assert inner.size == 6
    np.testing.assert_allclose(inner, nearest, atol=0.004)


@pytest.mark.parametrize("side", list(Side))
@pytest.mark.parametrize(("site", "sd_s"), [("foot", 0.004), ("shank", 0.012)])
def test_simulated_heel_strikes(body, site, side, sd_s):
    found, truth = foot_events(sensor(body, site, side)), body.truth.gait[side]
    steady = [t for t in truth.heel_strikes_s if any(s.start_s <= t < s.stop_s for s in body.truth.straights)]
    apart = np.array([(found.heel_strike_s - t)[np.argmin(np.abs(found.heel_strike_s - t))] for t in steady])
    assert len(steady) >= 8
    assert np.all(np.abs(apart) < 0.05)
    assert np.std(apart) < sd_s


@pytest.mark.parametrize(("site", "sd_s", "apart_s"), [("foot", 0.002, 0.004), ("shank", 0.008, 0.012)])
def test_toe_offs_of_uneven_legs_err_alike(site, sd_s, apart_s):
    """Swings 12 % longer on the right, 50 ms: what the sensors see of it, all but a few ms."""
    plan = GaitPlan(swing_ratio=1.12, ways=2)
    sensors = SensorPlan(sites=(site,))
    uneven = simulate_body(43, exercise="walking", functional_reps=0, gait=plan, sensors=sensors)
    means = {}
    for side in Side:
        found, truth = foot_events(sensor(uneven, site, side)), uneven.truth.gait[side]
        steady = [t for t in truth.toe_offs_s if any(s.start_s <= t < s.stop_s for s in uneven.truth.straights)]
        apart = np.array([(found.toe_off_s - t)[np.argmin(np.abs(found.toe_off_s - t))] for t in steady])
        assert np.std(apart) < sd_s
        means[side] = np.mean(apart)
    assert abs(means[Side.RIGHT] - means[Side.LEFT]) < apart_s


@pytest.mark.parametrize("seed", [11, 12])
def test_short_slow_steps_are_seen_from_the_shank_and_go_forward(seed):
    plan = GaitPlan(speed_m_s=0.75, stride_s=1.0, ways=2)
    body = simulate_body(
        seed, exercise="walking", functional_reps=0, gait=plan, sensors=SensorPlan(sites=("shank",), rate_hz=64.0)
    )
    for side in Side:
        found, truth = foot_events(sensor(body, "shank", side)), body.truth.gait[side]
        steady = [t for t in truth.mid_swings_s if any(s.start_s <= t < s.stop_s for s in body.truth.straights)]
        assert found.axis.agreement > 0.9
        assert all(np.min(np.abs(found.mid_swing_s - t)) < 0.15 for t in steady)
        assert np.median(found.way_m) == pytest.approx(0.75, abs=0.12)  # m, a stride


def test_rest_has_no_events():
    rng = np.random.default_rng(1)
    gyr, acc = 0.02 * rng.standard_normal((6000, 3)), [0, 0, 9.81] + 0.05 * rng.standard_normal((6000, 3))
    found = foot_events(imu(gyr, acc, rate=100.0))
    assert found.mid_swing_s.size == 0
    assert "no swing" in found.problem


def test_a_foot_that_swings_on_the_spot_is_not_walking():
    seconds = np.arange(0, 60, 0.01)
    rate = 4 * np.sin(2 * np.pi * seconds)
    angle = np.cumsum(rate) * 0.01
    gyr = np.column_stack([0 * rate, rate, 0 * rate])
    acc = 9.81 * np.column_stack([-np.sin(angle), 0 * rate, np.cos(angle)])
    assert foot_events(imu(gyr, acc, rate=100.0)).mid_swing_s.size == 0


@pytest.mark.parametrize(
    ("change", "needed"),
    [({"site": "wrist"}, "foot or the shank"), ({"side": None}, "a side"), ({"rate": 30.0}, "40 Hz")],
)
def test_what_cannot_be_a_leg_is_refused(feet, change, needed):
    with pytest.raises(SignalError, match=needed):
        foot_events(imu(*feet[Side.LEFT], **change))
