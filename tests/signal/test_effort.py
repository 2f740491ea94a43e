"""Effort: a power above rest, whatever the sensor rests at."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glutebal.model import Bilateral, Channel, Quantity, Side, Track
from glutebal.signal.effort import emg_effort, force_effort, resting_level


def track(values, quantity=Quantity.EMG, rate_hz=100.0, start=0, side=Side.LEFT):
    return Track.of_samples(Channel(quantity, side, "site", rate_hz), values, start)


def step(level, peak, rate_hz=500.0, scatter=0.0):
    """Ten seconds of rest with a two-second plateau in the middle."""
    values = np.full(round(10 * rate_hz), float(level))
    values[round(4 * rate_hz) : round(6 * rate_hz)] += peak
    return values + scatter * np.random.default_rng(0).standard_normal(values.size)


def test_emg_effort_is_power_above_the_floor_and_may_be_negative():
    powers = Bilateral(track([4.0, 9.0, 0.5]), track([4.0, np.nan, 1.0]))
    effort = emg_effort(powers, Bilateral(1.0, None))
    np.testing.assert_array_equal(effort.left.filled(), [3.0, 8.0, -0.5])
    np.testing.assert_array_equal(effort.right.filled(), [4.0, np.nan, 1.0])


@pytest.mark.parametrize("noise", [None, Bilateral(None, None), Bilateral(math.nan, math.nan)])
def test_an_unknown_floor_takes_nothing_off(noise):
    powers = Bilateral(track([4.0, 9.0]), track([1.0, 2.0]))
    assert emg_effort(powers, noise) == powers


def test_a_side_that_cannot_be_used_has_no_effort():
    empty = Track(track([1.0]).channel, ())
    assert emg_effort(Bilateral(None, empty)) == Bilateral(None, None)
    assert force_effort(Bilateral(None, empty)) == Bilateral(None, None)


@pytest.mark.parametrize("level", [-12.0, 0.0, 3.0, 350.0])
@pytest.mark.parametrize("peak", [400.0, 60.0])
def test_force_effort_rests_at_zero_and_is_squared_newtons(level, peak):
    pair = Bilateral(*(track(step(level, peak, scatter=1.0), Quantity.FORCE, 500.0, side=s) for s in Side))
    effort = force_effort(pair).left
    assert effort.channel.rate_hz == 100.0
    assert effort.between(0, 400).values().mean() == pytest.approx(0.0, abs=0.5)
    assert effort.between(405, 595).values().mean() == pytest.approx(peak**2, rel=0.03)


def test_unloading_a_plate_is_effort_too():
    """A squat dips below the body weight share and shoots above it: both are departures from quiet stance."""
    rep = np.concatenate(
        [-120 * np.sin(np.linspace(0, np.pi, 300)), 150 * np.sin(np.linspace(0, np.pi, 300)), np.zeros(500)]
    )
    squat = track(350 + np.concatenate([np.zeros(1000), np.tile(rep, 4)]), Quantity.FORCE, 500.0)
    assert resting_level(squat)[0] == pytest.approx(350.0, abs=0.5)
    effort = force_effort(Bilateral(squat, squat)).left
    assert effort.between(225, 235).values().min() > 100**2
    assert effort.between(285, 295).values().min() > 120**2


def test_the_lowest_steady_level_is_rest_even_when_few_windows_are_steady():
    falling = np.where(np.arange(5000) % 1000 < 300, 350.0 - np.linspace(0, 150, 5000) % 150, 350.0)
    assert np.isfinite(resting_level(track(falling, Quantity.FORCE, 500.0))).all()


def test_a_force_that_never_rests_uses_its_low_end():
    wave = track(100 + 50 * np.sin(np.arange(5000) / 40), Quantity.FORCE, 500.0)
    level, scatter = resting_level(wave)
    assert level == pytest.approx(50.6, abs=1.0)
    assert scatter == 0.0


@pytest.mark.parametrize("rate_hz", [80.0, 100.0, 200.0, 1000.0])
def test_every_sensor_rate_meets_on_the_clock(rate_hz):
    pair = Bilateral(*(track(step(5.0, 100.0, rate_hz), Quantity.FORCE, rate_hz, side=s) for s in Side))
    effort = force_effort(pair).right
    assert effort.channel.rate_hz == 100.0
    assert effort.between(450, 550).values() == pytest.approx(np.full(100, 1e4))
    assert np.flatnonzero(effort.filled() > 5e3)[0] == pytest.approx(400, abs=2)


@given(st.lists(st.floats(-1e3, 1e3), min_size=200, max_size=400), st.floats(-500, 500))
@settings(derandomize=True, deadline=None, max_examples=30)
def test_an_offset_of_the_sensor_changes_nothing(values, offset):
    values = np.array(values)
    pair = [Bilateral(*(track(values + o, Quantity.FORCE, 200.0, side=s) for s in Side)) for o in (0.0, offset)]
    plain, moved = (force_effort(p).left.values() for p in pair)
    assert moved == pytest.approx(plain, rel=1e-6, abs=1e-3)
