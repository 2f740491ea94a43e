import numpy as np
import pytest
from scipy import signal as sp

from glutebal.errors import NotLiveError, RateError
from glutebal.model import Channel, Quantity, Side, Track
from glutebal.signal.filters import Bandpass, Highpass, Lowpass, Notch, ZeroPhase
from glutebal.signal.operator import Chain

FILTERS = [Highpass(20), Lowpass(30), Bandpass(20, 450), Notch(50)]


def channel(rate=1000.0):
    return Channel(Quantity.EMG, Side.LEFT, "gluteus_maximus", rate)


def gain_db(filter_, hz, rate=1000.0):
    _, response = sp.freqz_sos(filter_.sections(channel(rate)), worN=[hz], fs=rate)
    return float(20 * np.log10(np.abs(response[0])))


def test_cutoffs_are_at_minus_3_db():
    assert gain_db(Highpass(20), 20) == pytest.approx(-3.01, abs=0.01)
    assert gain_db(Lowpass(30), 30) == pytest.approx(-3.01, abs=0.01)
    assert gain_db(Bandpass(20, 300), 20) == pytest.approx(-3.01, abs=0.02)  # dB; the other edge adds a trace
    assert gain_db(Bandpass(20, 300), 300) == pytest.approx(-3.01, abs=0.02)
    assert gain_db(Bandpass(20, 300), 80) == pytest.approx(0, abs=0.01)


def test_order_4_falls_by_24_db_per_octave():
    assert gain_db(Highpass(40), 10) - gain_db(Highpass(40), 5) == pytest.approx(24.1, abs=0.2)


def test_the_notch_takes_its_frequency_and_leaves_the_neighbours():
    assert gain_db(Notch(50), 50.0001) < -60
    assert gain_db(Notch(50), 60) == pytest.approx(0, abs=0.1)


@pytest.mark.parametrize("filter_", FILTERS, ids=repr)
def test_equals_scipy(filter_):
    x = np.random.default_rng(1).standard_normal(2000)
    sections = filter_.sections(channel())
    expected, _ = sp.sosfilt(sections, x, zi=sp.sosfilt_zi(sections) * x[0])
    np.testing.assert_allclose(filter_.start(channel()).push(x), expected, rtol=1e-6, atol=1e-12)


@pytest.mark.parametrize("filter_", FILTERS[:3], ids=repr)
def test_settle_s_is_long_enough_for_an_impulse_to_fall_by_60_db(filter_):
    run = filter_.start(channel())
    run.push(np.zeros(1))
    response = np.abs(run.push(np.concatenate([[1.0], np.zeros(3000)])))
    assert response[round(filter_.settle_s * 1000) :].max() < 3e-3 * response.max()  # 60 dB of the slowest pole alone


def test_an_offset_does_not_ring_at_the_start():
    out = Highpass(20).start(channel()).push(np.full(500, 3.0))
    assert np.abs(out).max() < 1e-9


def test_the_upper_corner_gives_way_on_a_slow_channel_and_the_same_on_both_sides():
    band = Bandpass(20, 450)
    assert band.effective_high_hz(500) == pytest.approx(225)
    assert band.effective_high_hz(2000) == 450
    assert gain_db(band, 225, 500.0) == pytest.approx(-3.01, abs=0.02)


@pytest.mark.parametrize(
    ("filter_", "rate"), [(Highpass(20), 40), (Lowpass(60), 100), (Notch(50), 90), (Bandpass(20, 450), 44)]
)
def test_too_slow_a_channel_is_refused_with_both_numbers(filter_, rate):
    with pytest.raises(RateError, match=f"found {rate} Hz"):
        filter_.start(channel(rate))


def test_zero_phase_refuses_to_start_live():
    with pytest.raises(NotLiveError, match="causal operator"):
        ZeroPhase(Bandpass(20, 450)).start(channel())


def test_zero_phase_does_not_shift_a_burst_and_the_causal_filter_does():
    t = np.arange(4000) / 1000
    burst = np.sin(2 * np.pi * 100 * t) * np.exp(-(((t - 2) / 0.05) ** 2))
    track = Track.of_samples(channel(), burst)

    def centre(filtered):
        p = filtered.values() ** 2
        return float((np.arange(p.size) + filtered.start) @ p / p.sum()) / 1000

    assert centre(ZeroPhase(Lowpass(120))(track)) == pytest.approx(2.0, abs=1e-4)  # s
    assert centre(Lowpass(120)(track)) > 2.001


def test_zero_phase_may_take_part_in_a_chain_offline():
    track = Track.of_samples(channel(), np.random.default_rng(0).standard_normal(3000))
    assert Chain(ZeroPhase(Highpass(20)), Lowpass(100))(track) == Lowpass(100)(ZeroPhase(Highpass(20))(track))


def test_zero_phase_drops_chunks_too_short_to_trust():
    assert ZeroPhase(Bandpass(20, 450))(Track.of_samples(channel(), np.ones(100))).chunks == ()
