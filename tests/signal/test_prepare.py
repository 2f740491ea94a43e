import numpy as np
import pytest

from glutebal.errors import RateError
from glutebal.model import Channel, Quantity, Side, Track
from glutebal.signal.filters import Bandpass
from glutebal.signal.prepare import EmgSettings, prepare


def channel(rate=1000.0):
    return Channel(Quantity.EMG, Side.LEFT, "gluteus_maximus", rate)


def noise(n=8000, rate=1000.0):
    return Track.of_samples(channel(rate), np.random.default_rng(0).standard_normal(n))


def test_power_is_that_of_the_pass_band_on_the_common_clock():
    ready = prepare(noise())
    band = Bandpass(20, 450)(noise())
    assert ready.band == band
    assert ready.rate_hz == 100
    assert ready.power.values().mean() == pytest.approx(np.mean(band.values() ** 2), rel=0.01)


def test_a_notch_takes_power_out_of_the_band():
    t = np.arange(8000) / 1000
    hum = Track.of_samples(channel(), noise().values() + 3 * np.sin(2 * np.pi * 50 * t))
    with_hum, without = prepare(hum), prepare(hum, EmgSettings(notch_hz=50))
    assert without.power.values().mean() < 0.3 * with_hum.power.values().mean()


def test_amplitude_of_white_noise_is_that_of_its_band():
    ready = prepare(noise())
    value = ready.amplitude(100, 600, 430)
    assert value.status.value == "censored"  # stationary noise is its own floor
    assert value.bound < 1


def test_the_band_is_refused_on_a_slow_channel():
    with pytest.raises(RateError):
        prepare(noise(500, rate=40.0))
