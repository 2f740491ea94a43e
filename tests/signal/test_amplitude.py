import math

import numpy as np
import pytest

from glutebal.model import Bilateral, Channel, Quantity, Side, Track
from glutebal.results import Status
from glutebal.signal.amplitude import amplitude, detect, moving_mean
from glutebal.signal.envelope import BlockPower
from glutebal.signal.noise import NoiseFloor, equivalent_bandwidth_hz
from glutebal.signal.side_value import log_ratio

CHANNEL = Channel(Quantity.EMG, Side.LEFT, "gluteus_maximus", 1000.0)


def floor(rms, found=True):
    return NoiseFloor(rms**2, 0.0, 10.0, found)


@pytest.mark.parametrize("side", ["L", "R"])
def test_the_worked_examples_of_noise_correction(vectors, side):
    for example in vectors["noise"]:
        measured, noise, expected = example[f"m{side}"], example[f"n{side}"], example[f"s{side}"]
        value = amplitude(np.full(100, float(measured) ** 2), 100, floor(noise), 200)
        if measured >= 1.4 * noise:
            assert value.value == pytest.approx(expected, rel=1e-6)
        else:
            assert value.status is Status.CENSORED
            assert math.isnan(value.value)


def test_the_policy():
    assert [detect(m, 1.0) for m in (1.39, 1.4, 1.99, 2.0)] == [
        Status.CENSORED,
        Status.LOW_SNR,
        Status.LOW_SNR,
        Status.OK,
    ]


def test_silence_on_a_silent_channel_is_censored_not_zero():
    value = amplitude(np.full(50, 1.0), 100, floor(1.0), 200)
    assert value.status is Status.CENSORED
    assert value.bound > 0


def test_an_unknown_floor_that_may_matter_is_said():
    assert amplitude(np.full(50, 9.0), 100, floor(1.0, found=False), 200).status is Status.LOW_SNR
    assert amplitude(np.full(50, 25.0), 100, floor(1.0, found=False), 200).status is Status.OK


def test_degrees_of_freedom_are_twice_bandwidth_times_time_for_a_steady_level():
    value = amplitude(np.ones(200), 100, floor(0.0), 200)
    assert value.dof == pytest.approx(2 * 200 * 2.0 * (1 + 1 / (200 * 0.125)))


def test_moving_mean_of_a_constant_is_the_constant():
    np.testing.assert_allclose(moving_mean(np.full(30, 4.0), 7), 4.0)
    np.testing.assert_allclose(moving_mean(np.arange(30.0), 5)[5:-5], np.arange(5.0, 25.0), atol=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [0.5, 1.5])
@pytest.mark.parametrize("noise", [0.1, 0.25])
def test_the_95_percent_intervals_cover_the_truth_in_94_to_96_percent(seconds, noise):
    """Band-limited noise, flat and half-sine bursts, true R/L = 0.8; 6000 windows a cell."""
    rng = np.random.default_rng(7)
    n = round(1000 * seconds)
    hits = []
    for shape in (np.ones(n), np.sin(np.pi * (np.arange(n) + 0.5) / n)):
        sides = [_windows(rng, shape, gain, noise, 3000) for gain in (1.0, 0.8)]
        for left, right in zip(*sides, strict=True):
            estimate = log_ratio(Bilateral(left, right))
            hits.append(estimate.low <= math.log(0.8) <= estimate.high)
    assert np.mean(hits) == pytest.approx(0.95, abs=0.01)


def _windows(rng, shape, gain, noise, count):
    smooth = np.array([0.25, 0.5, 0.25])  # a spectrum that is not flat
    raw = np.apply_along_axis(np.convolve, 1, rng.standard_normal((count, shape.size + 2)), smooth, "valid")
    raw /= math.sqrt(float(np.sum(smooth**2)))
    bandwidth = equivalent_bandwidth_hz(list(raw[:200]), 1000)
    samples = gain * shape * raw + noise * gain * rng.standard_normal(raw.shape)
    power = BlockPower()(Track.of_samples(CHANNEL, samples.ravel())).values().reshape(count, -1)
    scale = math.sqrt(float(np.mean(shape**2)))
    values = [amplitude(p, 100, floor(noise * gain), bandwidth) for p in power]
    return [v.scaled(1 / scale) for v in values]
