"""Steps from one sensor on the trunk, and their sides when they are clear."""

from itertools import pairwise

import numpy as np
import pytest
from scipy.io import loadmat
from scipy.spatial.transform import Rotation

from glutebal.errors import SignalError
from glutebal.model import Side
from glutebal.signal.motion.gait import gait
from glutebal.signal.motion.imu import GRAVITY, Imu, ImuPiece
from glutebal.signal.motion.lumbar_gait import lumbar_gait, step_times_s


@pytest.fixture(scope="module")
def trials(shared_data):
    """The mobgap sample: angular rate (rad/s), acceleration (m/s²), reference contacts (s) with their sides."""
    tests = loadmat(shared_data / "mobgap" / "HA_001" / "data.mat", simplify_cells=True)["data"]["TimeMeasure1"]
    return {
        (t, k): trial(r) for t, trials in tests.items() for k, r in trials.items() if isinstance(r, dict) and "SU" in r
    }


def trial(record):
    lumbar = record["SU"]["LowerBack"]
    bouts = record["Standards"]["Stereophoto"]["MicroWB"]
    bouts = [bouts] if isinstance(bouts, dict) else list(bouts)
    times = np.concatenate([np.atleast_1d(b["InitialContact_Event"]) for b in bouts])
    sides = [str(s).lower() for b in bouts for s in np.atleast_1d(b["InitialContact_LeftRight"])]
    return np.deg2rad(lumbar["Gyr"]), GRAVITY * lumbar["Acc"], times, sides


def lumbar(gyr, acc, rate=100.0, start=0):
    return Imu("lumbar", None, rate, (ImuPiece(start, gyr, acc),))


@pytest.mark.parametrize("name", [("Test5", "Trial1"), ("Test5", "Trial2")])
def test_contacts_and_sides_of_a_straight_walk(trials, name):
    gyr, acc, times, sides = trials[name]
    found = lumbar_gait(lumbar(gyr, acc))
    contacts = np.array(found.contacts_s)
    nearest = np.argmin(np.abs(contacts[:, None] - times), axis=0)
    assert np.all(np.abs(contacts[nearest] - times) < 0.08)  # s
    assert [found.sides[k].value for k in nearest] == sides


def test_sides_of_daily_walking_are_right_or_unknown(trials):
    gyr, acc, times, sides = trials["Test11", "Trial1"]
    found = lumbar_gait(lumbar(gyr, acc))
    contacts = np.array(found.contacts_s)
    nearest = np.argmin(np.abs(contacts[:, None] - times), axis=0)
    seen = np.abs(contacts[nearest] - times) < 0.25
    assert np.mean(seen) > 0.9
    told = [(found.sides[k].value, s) for k, s, ok in zip(nearest, sides, seen, strict=True) if ok and found.sides[k]]
    assert len(told) > 20
    assert np.mean([a == b for a, b in told]) > 0.9
    assert any("side unknown" in note for note in found.notes)


@pytest.mark.parametrize("seed", range(3))
def test_the_mounting_does_not_matter(trials, seed):
    gyr, acc, _, _ = trials["Test5", "Trial1"]
    turn = Rotation.random(random_state=seed).as_matrix()
    plain, turned = lumbar_gait(lumbar(gyr, acc)), lumbar_gait(lumbar(gyr @ turn.T, acc @ turn.T))
    np.testing.assert_allclose(turned.contacts_s, plain.contacts_s, atol=1e-6)
    assert turned.sides == plain.sides


def test_the_mirror_image_has_the_other_sides(trials):
    gyr, acc, _, _ = trials["Test5", "Trial2"]
    plain = lumbar_gait(lumbar(gyr, acc))
    mirror = lumbar_gait(lumbar(gyr * [-1, 1, -1], acc * [1, -1, 1]))
    np.testing.assert_allclose(mirror.contacts_s, plain.contacts_s, atol=1e-9)
    assert [s.other for s in plain.sides] == list(mirror.sides)


def test_strides_join_contacts_of_one_foot_and_have_no_phases(trials):
    gyr, acc, _, _ = trials["Test5", "Trial1"]
    found = gait([lumbar(gyr, acc, start=500)])
    reps = found.segmentation.reps
    assert len(reps) >= 6
    assert all(rep.phases == () and rep.turn is None and 0.9 < rep.duration_s < 1.6 for rep in reps)
    assert {rep.side for rep in reps} == set(Side)
    assert min(rep.start_s for rep in reps) > 9.5  # the piece starts at 5 s, walking 5 s later


def test_steps_are_named_by_the_foot_that_lands(trials):
    gyr, acc, _, _ = trials["Test5", "Trial1"]
    steps = step_times_s(lumbar_gait(lumbar(gyr, acc)))
    assert np.median([seconds for _, seconds in steps]) == pytest.approx(
        0.6, abs=0.05
    )  # reference: 99.7 steps a minute
    assert all(a[0] is not b[0] for a, b in pairwise(steps))


def test_steps_without_sideways_movement_have_no_side():
    seconds = np.arange(0, 20, 0.01)
    rise = GRAVITY + 2 * np.sin(2 * np.pi * 1.8 * seconds)
    forward = 2 * np.cos(2 * np.pi * 1.8 * seconds)
    acc = np.column_stack([forward, 0 * rise, rise])
    found = lumbar_gait(lumbar(np.zeros_like(acc), acc))
    assert len(found.contacts_s) > 30
    assert set(found.sides) == {None}
    assert all(rep.side is None for rep in found.segmentation.reps)


def test_standing_still_has_no_steps():
    rng = np.random.default_rng(2)
    acc = [0, 0, GRAVITY] + 0.05 * rng.standard_normal((3000, 3))
    assert not lumbar_gait(lumbar(0.02 * rng.standard_normal((3000, 3)), acc)).contacts_s


def test_another_site_is_refused():
    with pytest.raises(SignalError, match="lumbar or pelvis"):
        lumbar_gait(Imu("thigh", Side.LEFT, 100.0, ()))
