import math

import numpy as np
import pytest

from glutebal.model import Channel, Quantity, Side, Track
from glutebal.signal.envelope import BlockPower
from glutebal.signal.noise import equivalent_bandwidth_hz, noise_floor

CHANNEL = Channel(Quantity.EMG, Side.LEFT, "gluteus_maximus", 1000.0)


def power(samples):
    return BlockPower()(Track.of_samples(CHANNEL, samples))


def bursts(seed, noise, active_s=2.0, rest_s=1.5, reps=8):
    """White bursts of unit RMS over a white floor, and the same floor alone."""
    rng = np.random.default_rng(seed)
    one = np.concatenate([np.zeros(round(1000 * rest_s)), np.ones(round(1000 * active_s))])
    envelope = np.tile(one, reps)
    return envelope * rng.standard_normal(envelope.size) + noise * rng.standard_normal(envelope.size)


@pytest.mark.parametrize("noise", [0.02, 0.1, 0.25])
def test_the_floor_is_found_between_the_bursts(noise):
    found = [noise_floor(power(bursts(seed, noise))) for seed in range(10)]
    assert all(f.found for f in found)
    ratios = [f.power / noise**2 for f in found]
    assert np.mean(ratios) == pytest.approx(1, abs=0.03)
    assert np.std(ratios) < 2 * np.mean([f.relative_se for f in found])


def test_the_floor_follows_the_unit():
    x = bursts(0, 0.1)
    assert noise_floor(power(1e-6 * x)).power == pytest.approx(1e-12 * noise_floor(power(x)).power, rel=1e-9)
    assert noise_floor(power(x)).rms == pytest.approx(math.sqrt(noise_floor(power(x)).power))


def test_without_rest_the_floor_is_only_a_bound():
    rng = np.random.default_rng(0)
    t = np.arange(30_000) / 1000
    ramp = (0.05 + np.abs(np.sin(np.pi * t / 30))) * rng.standard_normal(t.size)
    assert not noise_floor(power(ramp[3000:27000])).found


def test_less_than_a_second_of_quiet_is_not_a_floor():
    assert not noise_floor(power(bursts(1, 0.1, active_s=0.5, rest_s=0.15, reps=4))).found


def test_a_level_that_never_changes_is_its_own_floor():
    steady = noise_floor(power(np.random.default_rng(0).standard_normal(10_000)))
    assert steady.power == pytest.approx(1, rel=0.03)


def test_nothing_recorded_is_nan_not_zero():
    floor = noise_floor(Track(CHANNEL, ()))
    assert math.isnan(floor.power)
    assert not floor.found


@pytest.mark.parametrize("share", [0.2, 0.5, 1.0])
def test_bandwidth_of_a_flat_band_is_its_width(share):
    rng = np.random.default_rng(2)
    spectrum = np.fft.rfft(rng.standard_normal(60_000))
    spectrum[round(share * spectrum.size) :] = 0
    x = np.fft.irfft(spectrum, 60_000)
    assert equivalent_bandwidth_hz([x], 1000) == pytest.approx(share * 500, rel=0.05)


def test_bandwidth_hardly_depends_on_how_the_activity_is_cut():
    x = np.random.default_rng(4).standard_normal(40_000)
    whole = equivalent_bandwidth_hz([x], 1000)
    assert equivalent_bandwidth_hz(np.split(x, 40), 1000) == pytest.approx(whole, rel=0.02)
    assert equivalent_bandwidth_hz([x, x[:100]], 1000) == pytest.approx(whole, rel=1e-9)


def test_bandwidth_of_too_little_is_nan():
    assert math.isnan(equivalent_bandwidth_hz([np.ones(100)], 1000))
