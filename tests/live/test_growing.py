"""Growing tracks against the operators of `analyse`: whatever the cutting and the gaps, the same samples and floors."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glutebal.errors import RateError
from glutebal.live.growing import FIRST, GrowingEmg, GrowingTrack
from glutebal.model import Channel, Quantity, Side, Track
from glutebal.signal.prepare import EmgSettings, prepare

RATES = (500.0, 1000.0, 1111.0, 2000.0)


def emg_track(
    rate_hz: float, seed: int, gaps: list[tuple[float, float]], start: int = 0, seconds: float = 4.0
) -> Track:
    rng = np.random.default_rng(seed)
    samples = 1e-4 * rng.normal(size=round(seconds * rate_hz))
    for at_s, length_s in gaps:
        samples[round(at_s * rate_hz) : round((at_s + length_s) * rate_hz)] = np.nan
    channel = Channel(Quantity.EMG, Side.LEFT, "gluteus_maximus", rate_hz)
    return Track.of_samples(channel, samples, start)


def pieces(track: Track, cuts: list[int]) -> list[tuple[int, np.ndarray]]:
    """The chunks of a track cut again, into pieces of the lengths in ``cuts``, over and over."""
    found, k = [], 0
    for chunk in track.chunks:
        at = 0
        while at < chunk.samples.size:
            length = cuts[k % len(cuts)]
            found.append((chunk.start + at, chunk.samples[at : at + length]))
            at, k = at + length, k + 1
    return found


cuttings = st.lists(st.integers(1, 700), min_size=1, max_size=6)
holes = st.lists(st.tuples(st.floats(0.0, 3.9), st.sampled_from([0.003, 0.05, 0.4, 1.5])), max_size=3)


@settings(derandomize=True, deadline=None, max_examples=25)
@given(st.sampled_from(RATES), st.integers(0, 99), holes, cuttings, st.integers(0, 5000), st.booleans())
def test_growing_emg_is_prepare_for_any_cutting_and_gaps(rate_hz, seed, gaps, cuts, start, notch):
    track = emg_track(rate_hz, seed, gaps, start)
    chosen = EmgSettings(notch_hz=50.0 if notch else None)
    grown = GrowingEmg(track.channel, chosen)
    for k, (at, samples) in enumerate(pieces(track, cuts)):
        grown.add(at, samples)
        if k % 3 == 0:
            assert grown.power.n_samples >= 0  # asked in between, as the curves do
    if not track.chunks:
        return
    whole, live = prepare(track, chosen), grown.prepared()
    for mine, theirs in ((live.band, whole.band), (live.power, whole.power)):
        assert [(c.start, c.stop) for c in mine.chunks] == [(c.start, c.stop) for c in theirs.chunks]
        np.testing.assert_allclose(mine.values(), theirs.values(), rtol=1e-9, atol=1e-16)
    assert live.power.channel == whole.power.channel
    assert live.floor.quiet_s == whole.floor.quiet_s
    np.testing.assert_allclose(live.floor.power, whole.floor.power, rtol=1e-9)


@settings(derandomize=True, deadline=None, max_examples=40)
@given(holes, cuttings, st.integers(-2000, 2000))
def test_growing_track_gives_back_what_came(gaps, cuts, start):
    track = emg_track(1000.0, 1, gaps, start)
    grown = GrowingTrack(track.channel)
    for at, samples in pieces(track, cuts):
        grown.add(at, samples)
        assert grown.stop == at + samples.size
    assert grown.track() == track
    assert grown.n_samples == track.n_samples


def test_a_view_of_the_track_does_not_change_when_more_comes():
    channel = Channel(Quantity.FORCE, Side.LEFT, "plate", 100.0)
    grown = GrowingTrack(channel)
    grown.add(0, np.arange(FIRST - 1, dtype=float))
    before = grown.track()
    grown.add(FIRST - 1, np.arange(5 * FIRST, dtype=float))
    assert before.n_samples == FIRST - 1
    np.testing.assert_array_equal(before.values(), np.arange(FIRST - 1))


def test_since_stays_within_the_present_stretch():
    grown = GrowingTrack(Channel(Quantity.FORCE, Side.LEFT, "plate", 100.0))
    assert grown.since(7)[0] == 7
    assert grown.since(7)[1].size == 0
    grown.add(0, np.arange(10.0))
    grown.add(50, np.arange(100.0, 110.0))
    start, samples = grown.since(3)
    assert (start, samples[0], samples.size) == (50, 100.0, 10)
    start, samples = grown.since(57)
    assert (start, samples.tolist()) == (57, [107.0, 108.0, 109.0])
    assert grown.since(99)[1].size == 0


def test_pieces_skip_what_was_done():
    grown = GrowingTrack(Channel(Quantity.FORCE, Side.LEFT, "plate", 100.0))
    grown.add(5, np.arange(10.0))
    grown.add(40, np.arange(10.0, 14.0))
    assert [(start, samples.tolist()) for start, samples in grown.pieces(8)] == [
        (13, [8.0, 9.0]),
        (40, [10.0, 11.0, 12.0, 13.0]),
    ]
    assert [start for start, _ in grown.pieces(12)] == [42]
    assert grown.pieces(14) == []


def test_a_channel_too_slow_for_the_band_is_an_error_at_once():
    with pytest.raises(RateError):
        GrowingEmg(Channel(Quantity.EMG, Side.LEFT, "gluteus_maximus", 30.0), EmgSettings())


def test_nothing_has_no_chunks():
    grown = GrowingTrack(Channel(Quantity.FORCE, Side.LEFT, "plate", 100.0))
    assert grown.track().chunks == ()
    assert (grown.stop, grown.n_samples, grown.pieces(0)) == (-1, 0, [])
