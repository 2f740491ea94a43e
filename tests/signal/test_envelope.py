import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glutebal.errors import RateError
from glutebal.model import Channel, Quantity, Side, Track
from glutebal.signal.envelope import BlockPower, Rectify, Rms, Tkeo


def channel(rate=1000.0):
    return Channel(Quantity.EMG, Side.RIGHT, "gluteus_maximus", rate)


def test_tkeo_of_the_worked_example(vectors):
    example = vectors["emg"]["tkeo"]
    assert Tkeo().start(channel()).push(np.array(example["x"], float)).tolist() == example["psi"]


def test_tkeo_of_a_sine_is_its_amplitude_and_frequency_squared(vectors):
    example = vectors["emg"]["tkeo_sin"]
    n = np.arange(500)
    psi = Tkeo().start(channel()).push(example["A"] * np.sin(example["w"] * n))
    np.testing.assert_allclose(psi, example["value"], rtol=1e-6)


def test_tkeo_loses_one_sample_at_either_end():
    out = Tkeo()(Track.of_samples(channel(), np.arange(10.0), start=5))
    assert (out.start, out.stop) == (6, 14)


def test_rectify():
    assert Rectify().start(channel()).push(np.array([-2.0, 3.0])).tolist() == [2, 3]


def test_rms_of_a_sine_is_its_amplitude_over_root_two():
    t = np.arange(3000) / 1000
    out = Rms(0.1)(Track.of_samples(channel(), 5 * np.sin(2 * np.pi * 50 * t)))
    np.testing.assert_allclose(out.values(), 5 / np.sqrt(2), rtol=1e-9)


def test_rms_equals_the_plain_formula():
    x = np.random.default_rng(0).standard_normal(400)
    out = Rms(0.05).start(channel()).push(x)
    expected = [np.sqrt(np.mean(x[max(0, i - 49) : i + 1] ** 2)) for i in range(49, 400)]
    np.testing.assert_allclose(out[49:], expected, rtol=1e-9)


def test_rms_scatter_is_the_published_one(vectors):
    for example in vectors["emg"]["rms_cv"][:3]:
        bandwidth, window = example["B"], example["T"]
        rate = 2.0 * bandwidth  # white noise up to B
        x = np.random.default_rng(3).standard_normal(round(rate * window) * 4000)
        values = np.sqrt(np.mean(x.reshape(4000, -1) ** 2, axis=1))
        assert values.std() / values.mean() == pytest.approx(example["cv"], rel=0.05)


def test_rms_needs_a_sample_in_its_window():
    with pytest.raises(RateError, match="at least one sample"):
        Rms(0.001).start(channel(100))


@settings(derandomize=True, deadline=None, max_examples=40)
@given(st.floats(150, 4000), st.integers(0, 5000))
def test_blocks_stand_on_the_session_clock_whatever_the_rate(rate, start):
    n = round(3 * rate)
    index = np.arange(start, start + n)
    out = BlockPower()(Track.of_samples(channel(rate), np.sqrt(index / rate), start=start))
    assert out.channel.rate_hz == 100
    middle = (np.arange(out.start, out.stop) + 0.5) / 100
    np.testing.assert_allclose(out.values(), middle, atol=0.5 / rate + 1e-9)  # s: half a sample
    assert out.start >= start / rate * 100 - 1e-6
    assert out.stop <= (start + n) / rate * 100 + 1e-6


def test_a_block_that_was_not_seen_whole_is_not_output():
    out = BlockPower()(Track.of_samples(channel(), np.ones(25), start=5))
    assert (out.start, out.stop) == (1, 3)


def test_the_mean_of_blocks_is_the_mean_square():
    x = np.random.default_rng(0).standard_normal(1000)
    out = BlockPower()(Track.of_samples(channel(), x))
    assert out.values().mean() == pytest.approx(np.mean(x**2), rel=1e-9)


def test_block_power_refuses_a_channel_slower_than_its_clock():
    with pytest.raises(RateError, match="at least 100 Hz"):
        BlockPower().start(channel(50))
