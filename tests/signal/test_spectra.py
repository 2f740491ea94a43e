"""Short-time spectra: their sums are mean squares, and their shapes tell noise, hum and muscle apart."""

import math

import numpy as np
import pytest

from glutebal.model import Channel, Quantity, Side, Track
from glutebal.signal.spectra import mains_power, spectra, without_lines

RATES_HZ = [500.0, 1000.0, 2000.0]


def track_of(samples, rate_hz):
    return Track.of_samples(Channel(Quantity.EMG, Side.LEFT, "gluteus_maximus", rate_hz), samples)


def noise(rate_hz, seconds=20.0, seed=0):
    return np.random.default_rng(seed).standard_normal(round(rate_hz * seconds))


def one_over_f(rate_hz, seed=0):
    x = noise(rate_hz, seed=seed)
    f = np.maximum(np.fft.rfftfreq(x.size, 1 / rate_hz), 0.5)
    return np.fft.irfft(np.fft.rfft(x) / np.sqrt(f), x.size)


@pytest.mark.parametrize("rate_hz", RATES_HZ)
def test_a_sine_in_the_band_has_its_mean_square(rate_hz):
    t = np.arange(round(4 * rate_hz)) / rate_hz
    found = spectra(track_of(3 * np.sin(2 * np.pi * 100 * t), rate_hz))
    np.testing.assert_allclose(found.loudness, 4.5, rtol=0.01)  # leakage of the Hann window


@pytest.mark.parametrize("rate_hz", RATES_HZ)
def test_white_noise_is_flat_steady_and_has_its_share_of_the_power(rate_hz):
    found = spectra(track_of(noise(rate_hz), rate_hz))
    high = min(450, 0.45 * rate_hz)
    assert found.tilt(found.mean) == pytest.approx(1, abs=0.1)
    assert found.fall == pytest.approx(1, abs=0.15)
    assert found.total(found.mean) == pytest.approx((high - 20) / (rate_hz / 2), rel=0.05)
    assert abs(found.contrast_db) < 0.7


def test_one_over_f_noise_falls_as_its_formula_says():
    found = spectra(track_of(one_over_f(1000.0), 1000.0))
    by_formula = (math.log(45 / 25) / 20) / (math.log(150 / 80) / 70)
    assert found.fall == pytest.approx(by_formula, rel=0.15)


def test_a_burst_forty_times_the_rest_shows_as_contrast():
    x = noise(1000.0)
    x[5000:7000] *= 40
    found = spectra(track_of(x, 1000.0))
    assert found.contrast_db + 10 * math.log10(found.contrast_of_steady_noise) == pytest.approx(32, abs=1.5)


def test_a_band_that_ends_too_low_has_no_tilt():
    found = spectra(track_of(noise(250.0), 250.0))
    assert math.isnan(found.tilt(found.mean))


@pytest.mark.parametrize("mains_hz", [50.0, 60.0])
@pytest.mark.parametrize("rate_hz", RATES_HZ)
def test_the_power_and_the_frequency_of_the_mains_are_found(rate_hz, mains_hz):
    t = np.arange(round(20 * rate_hz)) / rate_hz
    hum = 0.8 * np.sin(2 * np.pi * mains_hz * t) + 0.3 * np.sin(2 * np.pi * 3 * mains_hz * t + 1)
    found_hz, power = mains_power(track_of(0.5 * noise(rate_hz) + hum, rate_hz))
    assert found_hz == mains_hz
    assert power == pytest.approx((0.8**2 + 0.3**2) / 2, rel=0.1)


def test_noise_and_bursts_have_no_mains():
    x = noise(1000.0, seed=4)
    assert mains_power(track_of(x, 1000.0))[1] == 0
    x[3000:3200] *= 50
    x[9000:9100] *= 50
    assert mains_power(track_of(x, 1000.0))[1] == 0
    assert math.isnan(mains_power(track_of(x[:300], 1000.0))[0])


def test_the_mains_can_be_taken_out():
    t = np.arange(4000) / 1000
    x = noise(1000.0, 4.0)
    cleaned = without_lines(x + 5 * np.sin(2 * np.pi * 50 * t), 1000.0, 50.0)
    np.testing.assert_allclose(np.mean(cleaned**2), np.mean(x**2), rtol=0.1)
    np.testing.assert_array_equal(without_lines(x, 1000.0, math.nan), x)


def test_a_gap_is_not_bridged():
    x = noise(1000.0, 4.0)
    x[2000:2050] = np.nan
    found = spectra(track_of(x, 1000.0))
    assert len(found.power) == 19 + 18  # 2.00 s and 1.95 s in frames of 0.2 s that overlap by half
