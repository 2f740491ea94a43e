import dataclasses
from itertools import pairwise

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.extra import numpy as hnp

from glutebal.errors import InputError, PairError, RateError
from glutebal.model import (
    Bilateral,
    Channel,
    Chunk,
    Event,
    Quantity,
    Recording,
    Side,
    TimeAlignment,
    Track,
    require_same_rate,
)

LEFT = Channel(Quantity.EMG, Side.LEFT, "gluteus_maximus", 1000.0)
samples = hnp.arrays(np.float64, st.integers(1, 60), elements=st.floats(-1e3, 1e3) | st.just(np.nan))
law = settings(derandomize=True, deadline=None)


def recording(*channels):
    return Recording(tuple(Track.of_samples(c, np.arange(1.0, 11.0)) for c in channels), source="a.csv")


def test_what_is_done_to_both_sides_is_written_once():
    pair = Bilateral(2, 3)
    assert pair.map(lambda x: x * 10) == Bilateral(20, 30)
    assert pair.swapped() == Bilateral(3, 2)
    assert (pair[Side.LEFT], pair[Side.RIGHT]) == tuple(pair) == (2, 3)
    assert pair.zip(Bilateral("a", "b")) == Bilateral((2, "a"), (3, "b"))
    assert Bilateral.per_side(lambda side: side.value) == Bilateral("left", "right")


def test_other_side():
    assert [side.other for side in Side] == [Side.RIGHT, Side.LEFT]


@pytest.mark.parametrize("rate", [0, -1, np.nan, np.inf])
def test_a_rate_must_be_above_zero(rate):
    with pytest.raises(RateError, match="above 0 Hz"):
        Channel(Quantity.EMG, Side.LEFT, "gluteus_maximus", rate)


@pytest.mark.parametrize("bad", [[], [[1.0, 2.0]], [1.0, np.nan], [np.inf]])
def test_a_chunk_is_a_finite_run(bad):
    with pytest.raises(InputError):
        Chunk(LEFT, 0, np.array(bad))


def test_a_chunk_cannot_be_written_to():
    values = np.arange(3.0)
    chunk = Chunk(LEFT, 0, values)
    with pytest.raises(ValueError, match="read-only"):
        chunk.samples[0] = 9
    assert values.flags.writeable  # the caller's own array is left alone


@law
@given(samples, st.integers(-5, 50))
def test_nan_becomes_a_gap_and_comes_back_as_nan(values, start):
    track = Track.of_samples(LEFT, values, start)
    assert track.n_samples == np.isfinite(values).sum()
    if track.chunks:
        inside = values[track.start - start : track.stop - start]
        np.testing.assert_array_equal(track.filled(), inside)
        gap_samples = sum(b - a for a, b in track.gaps)
        assert gap_samples == np.isnan(inside).sum()


@law
@given(samples, st.lists(st.integers(1, 59), max_size=5))
def test_cutting_and_joining_changes_nothing(values, cuts):
    whole = Track.of_samples(LEFT, values, 7)
    pieces = [
        Chunk(LEFT, c.start + a, part)
        for c in whole.chunks
        for a, part in _cut(c.samples, [x for x in sorted(set(cuts)) if x < c.samples.size])
    ]
    assert Track.of(LEFT, reversed(pieces)) == whole


def _cut(values, cuts):
    edges = [0, *cuts, values.size]
    return [(a, values[a:b]) for a, b in pairwise(edges)]


def test_overlapping_chunks_are_refused():
    with pytest.raises(InputError, match="do not overlap"):
        Track.of(LEFT, [Chunk(LEFT, 0, np.ones(5)), Chunk(LEFT, 4, np.ones(5))])


def test_between_and_covers():
    track = Track.of_samples(LEFT, [1, 2, np.nan, 4, 5], start=10)
    assert track.between(11, 14).filled().tolist()[0] == 2
    assert track.between(11, 14).gaps == ((12, 13),)
    assert track.covers(13, 15)
    assert not track.covers(11, 14)
    assert not track.between(100, 200).chunks


def test_pairs_are_found_by_quantity_site_and_axis():
    force = dataclasses.replace(LEFT, quantity=Quantity.FORCE)
    pelvis = Channel(Quantity.ACCELERATION, None, "pelvis", 100.0, axis="x")
    rec = recording(LEFT, LEFT.swapped(), force, pelvis)
    assert [p.left.channel for p in rec.pairs()] == [LEFT]
    assert rec.pairs(Quantity.FORCE) == ()
    assert [t.channel for t in rec.midline] == [pelvis]
    assert pelvis.swapped() is pelvis


def test_a_missing_side_says_what_is_there():
    with pytest.raises(PairError, match=r"a\.csv: .*only left gluteus_maximus EMG"):
        recording(LEFT).pair("gluteus_maximus")
    with pytest.raises(PairError, match="pairs at: gluteus_maximus"):
        recording(LEFT, LEFT.swapped()).pair("soleus")


def test_two_rates_are_refused_and_nearly_equal_ones_are_not():
    slow = dataclasses.replace(LEFT.swapped(), rate_hz=500.0)
    with pytest.raises(RateError, match="left 1000 Hz and right 500 Hz"):
        recording(LEFT, slow).pair("gluteus_maximus")
    close = dataclasses.replace(LEFT.swapped(), rate_hz=1000.00001)
    assert require_same_rate(recording(LEFT, close).pairs()[0])


def test_the_mirror_image_swaps_everything_with_a_side():
    rec = recording(LEFT, LEFT.swapped()).with_(events=(Event(1.0, "strike", Side.LEFT), Event(2.0, "start")))
    mirrored = rec.swapped()
    assert [c.side for c in mirrored.channels] == [Side.RIGHT, Side.LEFT]
    assert [e.side for e in mirrored.events] == [Side.RIGHT, None]
    assert mirrored.swapped() == rec


def test_a_recording_is_immutable_and_says_what_it_holds():
    rec = recording(LEFT)
    with pytest.raises(dataclasses.FrozenInstanceError):
        rec.notes = "x"
    assert "left gluteus_maximus EMG, 1000 Hz" in str(rec)
    assert rec.duration_s == pytest.approx(0.01)


def test_a_difference_in_time_needs_three_times_the_uncertainty():
    alignment = TimeAlignment("the earliest arrivals", 0.002, 0.003)
    assert alignment.allows_timing(0.0091)
    assert alignment.allows_timing(-0.0091)
    assert not alignment.allows_timing(0.0089)
    assert not TimeAlignment("arrival").allows_timing(10.0)


def test_the_mirror_image_turns_the_offset_round():
    rec = recording(LEFT, LEFT.swapped()).with_(alignment=TimeAlignment("a tap", 0.002, 0.001))
    assert rec.swapped().alignment == TimeAlignment("a tap", -0.002, 0.001)
