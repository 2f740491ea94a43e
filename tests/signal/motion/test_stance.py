"""Standing on one hip: told from load and from the pelvis, against own neutral, never from walking or sitting."""

import numpy as np
import pytest
from scipy.io import loadmat
from scipy.spatial.transform import Rotation

from glutebal.errors import InputError, RateError
from glutebal.model import Bilateral, Channel, Quantity, Side, Track
from glutebal.results import Status
from glutebal.signal.motion.imu import GRAVITY, Imu, ImuPiece
from glutebal.signal.motion.stance import StanceSettings, stance_of_loads, stance_of_pelvis

RATE = 50.0


def spread(plan, rate=RATE):
    """Values from (seconds, value) pairs."""
    return np.concatenate([np.full(round(seconds * rate), value) for seconds, value in plan])


def loads(share_right, weight=700.0, rates=(RATE, RATE), noise=2.0):
    rng = np.random.default_rng(0)
    parts = Bilateral(1 - share_right, share_right).map(lambda s: weight * s + noise * rng.standard_normal(s.size))
    return Bilateral.per_side(
        lambda side: Track.of_samples(Channel(Quantity.FORCE, side, "scale", rates[side is Side.RIGHT]), parts[side])
    )


def pelvis(right_up_deg, lean_deg=0.0, rate=RATE, mount=None, start=0):
    """A pelvis that stands with its right side so much higher; ``mount`` turns the sensor on it."""
    tilt = np.asarray(right_up_deg, dtype=float)
    pose = Rotation.from_euler("yx", np.column_stack([np.full(tilt.size, lean_deg), -tilt]), degrees=True)
    acc = pose.inv().apply([0, 0, GRAVITY])
    rng = np.random.default_rng(1)
    gyr = np.deg2rad(0.5) * rng.standard_normal(acc.shape)
    turn = np.eye(3) if mount is None else mount
    return Imu("pelvis", None, rate, (ImuPiece(start, gyr @ turn, acc @ turn),))


PLAN = [(20, 0.5), (10, 0.75), (20, 0.52), (30, 0.2), (20, 0.5)]


def test_shares_of_a_known_stance():
    found = stance_of_loads(loads(spread(PLAN)))
    assert found.standing_s == pytest.approx(100, abs=8)  # s: a second is lost around every change
    assert found.share.right.value == pytest.approx(10, abs=1.5)
    assert found.share.left.value == pytest.approx(30, abs=2.5)
    assert found.asymmetric.value == pytest.approx(found.share.left.value + found.share.right.value)
    assert (found.share.left.n, found.share.right.n) == (1, 1)
    assert "60%" in found.threshold


def test_the_mirror_image_stands_on_the_other_leg():
    pair = loads(spread(PLAN))
    plain = stance_of_loads(pair)
    mirror = stance_of_loads(Bilateral(pair.right.on(pair.left.channel), pair.left.on(pair.right.channel)))
    assert mirror.share.left == plain.share.right
    assert mirror.share.right == plain.share.left


def test_a_common_gain_changes_nothing():
    pair = loads(spread(PLAN))
    assert stance_of_loads(pair.map(lambda t: t.scaled(2.0))) == stance_of_loads(pair)


def test_a_shift_of_weight_is_no_stance():
    found = stance_of_loads(loads(spread([(20, 0.5), (2, 0.9), (20, 0.5)])))
    assert found.share.right.value == 0
    assert found.share.right.n == 0


def test_walking_is_not_standing():
    seconds = np.arange(0, 60, 1 / RATE)
    found = stance_of_loads(loads(0.5 + 0.5 * np.sign(np.sin(2 * np.pi * seconds))))
    assert found.share.left.status is Status.REFUSED
    assert "no quiet standing" in found.share.left.reason
    assert np.isnan(found.asymmetric.value)


def test_the_threshold_is_the_one_that_was_set():
    pair = loads(spread([(30, 0.5), (30, 0.65)]))
    assert stance_of_loads(pair).share.right.value == pytest.approx(50, abs=3)
    strict = stance_of_loads(pair, StanceSettings(right_share=0.7))
    assert strict.share.right.value == 0
    assert "70%" in strict.threshold


def test_a_gap_is_not_standing():
    pair = loads(spread([(40, 0.75)]))
    holed = Bilateral(pair.left.between(0, 1000), pair.right)
    assert stance_of_loads(holed).standing_s == pytest.approx(20, abs=1.5)


@pytest.mark.parametrize("share", [0.5, 1.0, 0.4])
def test_a_threshold_that_makes_no_sense_is_refused(share):
    with pytest.raises(InputError, match=r"between 0\.5 and 1"):
        stance_of_loads(loads(spread(PLAN)), StanceSettings(right_share=share))


def test_two_rates_are_refused():
    with pytest.raises(RateError):
        stance_of_loads(loads(spread(PLAN), rates=(50.0, 60.0)))


def test_the_pelvis_tells_the_side_against_its_own_neutral():
    crooked = spread([(20, 3.0), (20, 11.0), (20, 3.0), (10, -4.0), (10, 3.0)])
    found = stance_of_pelvis(pelvis(crooked, lean_deg=8), np.eye(3), (1.0, 15.0))
    assert found.share.right.value == pytest.approx(25, abs=3)
    assert found.share.left.value == pytest.approx(12.5, abs=3)
    right = next(bout for bout in found.bouts if bout.side is Side.RIGHT)
    assert right.mean == pytest.approx(8, abs=0.8)  # degrees above neutral


def test_the_mount_turns_the_sensor_into_the_pelvis():
    turn = Rotation.random(random_state=3).as_matrix()
    tilt = spread([(20, 0.0), (20, 8.0)])
    plain = stance_of_pelvis(pelvis(tilt), np.eye(3), (1, 15))
    turned = stance_of_pelvis(pelvis(tilt, mount=turn), turn, (1, 15))
    assert turned.share.right.value == pytest.approx(plain.share.right.value, abs=1)


def test_sitting_is_not_standing(shared_data):
    hip = loadmat(shared_data / "qmt" / "full_body_example_data.mat", simplify_cells=True)["hip"]
    sensor = Imu("pelvis", None, 100.0, (ImuPiece(4000, hip["gyr"], hip["acc"]),))
    up = hip["acc"][:300].mean(axis=0) / np.linalg.norm(hip["acc"][:300].mean(axis=0))
    left = np.cross(up, [0, 0, 1.0])
    left /= np.linalg.norm(left)
    found = stance_of_pelvis(sensor, np.stack([np.cross(left, up), left, up]), (40.0, 43.0))
    spans = [(bout.start_s, bout.stop_s) for bout in found.bouts]
    assert any(a < 41 and b > 43.5 for a, b in spans)  # stands 40-44 s
    assert not [1 for a, b in spans if b > 53 and a < 78]  # sits 52-79 s
    assert not [1 for a, b in spans if b > 97 and a < 137]  # walks 95-138 s


def test_neutral_must_have_been_recorded():
    with pytest.raises(InputError, match="neutral"):
        stance_of_pelvis(pelvis(np.zeros(500)), np.eye(3), (50.0, 60.0))
