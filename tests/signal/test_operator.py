import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from glutebal.errors import SignalError
from glutebal.model import Channel, Quantity, Side, Track
from glutebal.signal.envelope import BlockPower, Rectify, Rms, Tkeo
from glutebal.signal.filters import Bandpass, Highpass, Lowpass, Notch
from glutebal.signal.operator import Chain

CHANNEL = Channel(Quantity.EMG, Side.LEFT, "gluteus_maximus", 1000.0)
OPERATORS = [
    Highpass(20),
    Lowpass(6),
    Bandpass(20, 450),
    Notch(50),
    Rectify(),
    Tkeo(),
    Rms(0.05),
    BlockPower(),
    Chain(Bandpass(20, 450), Rms(0.125)),
    Chain(Highpass(20), Rectify(), Lowpass(6), BlockPower(50)),
]


def signal(n=3000, seed=0):
    return np.random.default_rng(seed).standard_normal(n)


@settings(derandomize=True, deadline=None, max_examples=25)
@given(st.lists(st.integers(0, 3000), max_size=8), st.sampled_from(OPERATORS), st.integers(0, 40))
def test_any_cutting_of_the_packets_gives_the_same_samples(cuts, operator, at):
    values = signal()
    whole = operator.start(CHANNEL, at).push(values)
    run = operator.start(CHANNEL, at)
    pieces = [run.push(part) for part in np.split(values, sorted(cuts))]
    np.testing.assert_allclose(np.concatenate(pieces), whole, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("operator", OPERATORS, ids=repr)
def test_offline_is_one_long_chunk_without_its_settling(operator):
    values = signal()
    run = operator.start(CHANNEL, 100)
    first, whole = run.position, run.push(values)
    out = operator(Track.of_samples(CHANNEL, values, 100))
    chunk = out.chunks[0]
    np.testing.assert_allclose(chunk.samples, whole[chunk.start - first :], rtol=1e-9, atol=1e-12)
    assert chunk.start - first >= operator.settle_s * run.channel.rate_hz - 1


@pytest.mark.parametrize("operator", OPERATORS, ids=repr)
def test_the_position_is_where_the_next_sample_will_be(operator):
    run = operator.start(CHANNEL, 12)
    before = run.position
    out = run.push(signal(500))
    assert out.size > 0
    assert run.position == before + out.size


@pytest.mark.parametrize("operator", OPERATORS, ids=repr)
def test_input_is_not_mutated(operator):
    values = signal(500)
    copy = values.copy()
    operator.start(CHANNEL).push(values)
    np.testing.assert_array_equal(values, copy)


def test_after_a_gap_a_run_starts_fresh_and_what_has_not_settled_is_missing():
    values = signal(4000)
    values[2000:2200] = np.nan
    out = Bandpass(20, 450)(Track.of_samples(CHANNEL, values))
    settle = round(Bandpass(20, 450).settle_s * 1000)
    assert [c.start for c in out.chunks] == [settle, 2200 + settle]
    alone = Bandpass(20, 450)(Track.of_samples(CHANNEL, values[2200:], 2200))
    assert out.chunks[1] == alone.chunks[0]


def test_a_chunk_shorter_than_the_settling_gives_nothing():
    assert Bandpass(20, 450)(Track.of_samples(CHANNEL, signal(50))).chunks == ()


def test_an_empty_chain_is_refused():
    with pytest.raises(SignalError, match="at least one operator"):
        Chain()


def test_a_chain_is_its_stages_one_after_another():
    track = Track.of_samples(CHANNEL, signal())
    assert Chain(Highpass(20), Rectify())(track) == Rectify()(Highpass(20)(track))
