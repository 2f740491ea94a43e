"""Every sample once, at its place, whatever the link does to the packets."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glutebal.errors import InputError
from glutebal.ingest.driver import Block, Clock, Stream, Ticks
from glutebal.ingest.timeline import Timeline, rate_warning
from glutebal.testing.radio import Radio

RATE_HZ, SIZE = 200.0, 10
STAMPS = Stream("s", None, "N", RATE_HZ, clock=Clock(Ticks.STAMP, 1e-6, 2**32))
SHORT = replace(STAMPS, clock=Clock(Ticks.COUNT, 1 / RATE_HZ, 256))
LONG = replace(STAMPS, clock=Clock(Ticks.COUNT, 1 / RATE_HZ, 2**16))
NEVER = replace(STAMPS, clock=Clock(Ticks.STAMP, 1e-3, None))
NO_CLOCK = replace(STAMPS, clock=Clock())
CLOCKED = (STAMPS, SHORT, LONG, NEVER)


def sent(stream, packets, first=7_000_000):
    """True ticks of every sample and blocks whose values are the samples' numbers."""
    number = np.arange(packets * SIZE)
    step = 1 if stream.clock.kind is Ticks.COUNT else round(1 / (RATE_HZ * stream.clock.tick_s))
    ticks = first + number * step
    raw = ticks % stream.clock.wrap if stream.clock.wrap else ticks
    blocks = [
        Block("s", number[k : k + SIZE, None].astype(float), raw[k : k + SIZE]) for k in range(0, number.size, SIZE)
    ]
    return ticks, blocks


def received(packets, seed=1, loss=0.05):
    ready = 0.05 * np.arange(1, packets + 1)
    return Radio(0.015, 0.004, loss).arrivals(ready, np.random.default_rng(seed)).tolist()


def run(stream, deliveries):
    timeline = Timeline(stream)
    placed = [p for block, arrival_s in deliveries for p in timeline.place(block, arrival_s)]
    return timeline, placed + timeline.flush()


def numbers_and_ticks(placed):
    return (
        np.concatenate([p.values[:, 0] for p in placed]).astype(int),
        np.concatenate([p.ticks for p in placed]),
    )


def assert_at_their_places(placed, true_ticks):
    """Within every segment ticks are those of the samples, up to one constant."""
    for segment in {p.segment for p in placed}:
        numbers, ticks = numbers_and_ticks([p for p in placed if p.segment == segment])
        assert len(set((ticks - true_ticks[numbers]).tolist())) == 1


faults = st.fixed_dictionaries(
    {
        "seed": st.integers(0, 10**6),
        "drop": st.floats(0, 0.3),
        "again": st.floats(0, 0.3),
        "swap": st.floats(0, 0.1),
    }
)


def faulty(blocks, arrivals, seed, drop, again, swap):
    """Deliveries in the order of their arrival, and the numbers of the packets that came at all."""
    rng = np.random.default_rng(seed)
    order = [k for k in range(len(blocks)) if rng.random() >= drop or k == 0]
    for i in range(2, len(order) - 1):
        if rng.random() < swap:
            order[i], order[i + 1] = order[i + 1], order[i]
    deliveries, now = [], 0.0
    for k in order:
        now = max(now + 1e-4, arrivals[k])
        deliveries.append((blocks[k], now))
        if rng.random() < again:
            now += 1e-3
            deliveries.append((blocks[k], now))
    return deliveries, order


@settings(derandomize=True, deadline=None, max_examples=60)
@given(st.sampled_from(CLOCKED), faults)
def test_every_sample_is_kept_once_or_counted_as_lost(stream, faults):
    true_ticks, blocks = sent(stream, 300)
    deliveries, came = faulty(blocks, received(300), **faults)
    timeline, placed = run(stream, deliveries)
    numbers, _ = numbers_and_ticks(placed)
    assert sorted(numbers.tolist()) == sorted(n for k in came for n in range(k * SIZE, (k + 1) * SIZE))
    assert_at_their_places(placed, true_ticks)
    counts = timeline.counts
    assert timeline.segments == 1
    assert counts.kept == len(came) * SIZE
    assert counts.duplicates == (len(deliveries) - len(came)) * SIZE
    assert counts.lost == (max(came) + 1 - len(came)) * SIZE


@pytest.mark.parametrize("stream", CLOCKED)
@pytest.mark.parametrize("stall_s", [0.3, 0.7, 2.0])
def test_a_stalled_link_that_lost_nothing_loses_nothing(stream, stall_s):
    true_ticks, blocks = sent(stream, 300)
    late = [max(a, 5.0 + stall_s + 1e-3 * k) if a > 5.0 else a for k, a in enumerate(received(300))]
    timeline, placed = run(stream, zip(blocks, np.maximum.accumulate(late).tolist(), strict=True))
    assert_at_their_places(placed, true_ticks)
    assert (timeline.segments, timeline.counts.kept, timeline.counts.lost) == (1, 3000, 0)


@pytest.mark.parametrize("stream", CLOCKED)
@pytest.mark.parametrize("away", [3, 8, 30, 60])
def test_a_silence_is_a_loss_of_what_was_not_heard(stream, away):
    true_ticks, blocks = sent(stream, 300)
    heard = [*range(100), *range(100 + away, 300)]
    arrivals = received(300)
    timeline, placed = run(stream, [(blocks[k], arrivals[k]) for k in heard])
    assert_at_their_places(placed, true_ticks)
    assert timeline.counts.lost == away * SIZE
    assert timeline.segments == 1


@pytest.mark.parametrize("stream", CLOCKED)
def test_a_stall_of_two_seconds_in_which_packets_overflowed(stream):
    # the link stands still for 2 s and keeps the first 0.5 s of it; the rest is gone
    true_ticks, blocks = sent(stream, 300)
    arrivals = received(300)
    deliveries = [(blocks[k], arrivals[k]) for k in range(100)]
    deliveries += [(blocks[100 + k], 7.0 + 1e-3 * k) for k in range(10)]
    deliveries += [(blocks[k], max(arrivals[k], 7.05)) for k in range(141, 300)]
    timeline, placed = run(stream, deliveries)
    assert_at_their_places(placed, true_ticks)
    assert timeline.counts.lost == 31 * SIZE


@pytest.mark.parametrize("stream", [STAMPS, LONG, NEVER])
@pytest.mark.parametrize("stall_s", [0.3, 0.5, 2.0, 8.0])
def test_a_loss_behind_a_late_first_packet_is_counted(stream, stall_s):
    true_ticks, blocks = sent(stream, 300)
    arrivals = received(300)
    kept = int(stall_s / 0.05) + 2
    deliveries = [(blocks[0], arrivals[0] + stall_s)]
    deliveries += [(blocks[k], max(arrivals[k], deliveries[0][1] + 1e-3)) for k in range(kept, 300)]
    timeline, placed = run(stream, deliveries)
    assert_at_their_places(placed, true_ticks)
    assert (timeline.segments, timeline.counts.lost) == (1, (kept - 1) * SIZE)
    # the late packet does not pull the map
    np.testing.assert_allclose(timeline.maps()[0].stop_s, arrivals[-1], atol=0.02)


@pytest.mark.parametrize("stream", CLOCKED)
def test_a_segment_whose_first_packets_came_swapped(stream):
    true_ticks, blocks = sent(stream, 300)
    arrivals = received(300)
    order = [1, 0, *range(2, 300)]
    timeline, placed = run(stream, [(blocks[k], max(arrivals[k], arrivals[1])) for k in order])
    assert_at_their_places(placed, true_ticks)
    assert (timeline.segments, timeline.counts.kept, timeline.counts.lost) == (1, 3000, 0)


def test_a_segment_starts_with_its_earliest_sample_though_it_came_second():
    _, blocks = sent(STAMPS, 41)
    arrivals = received(41)
    timeline = Timeline(STAMPS)
    for k in range(20):
        timeline.place(blocks[k], arrivals[k] + 0.4)
    timeline.reconnected()
    for k in (21, 20, *range(22, 41)):
        timeline.place(blocks[k], max(arrivals[k], arrivals[21]))
    before, after = timeline.maps()
    assert after.seconds(blocks[20].ticks[:1])[0] == pytest.approx(before.stop_s + 1 / RATE_HZ)


def test_a_reconnection_begins_a_segment_and_nothing_is_compared_across():
    _, blocks = sent(STAMPS, 100)
    timeline = Timeline(STAMPS)
    first = [p for block, a in zip(blocks, received(100), strict=True) for p in timeline.place(block, a)]
    first += timeline.reconnected()
    again = [p for block, a in zip(blocks, received(100), strict=True) for p in timeline.place(block, a + 20)]
    assert {p.segment for p in first} == {0}
    assert {p.segment for p in again} == {1}
    assert timeline.counts.duplicates == 0
    before, after = timeline.maps()
    assert after.start_s - before.start_s == pytest.approx(20, abs=1e-6)


def test_segments_do_not_overlap():
    _, blocks = sent(STAMPS, 40)
    timeline = Timeline(STAMPS)
    for block, a in zip(blocks[:20], received(40), strict=False):
        timeline.place(block, a + 0.4)
    timeline.reconnected()
    for block, a in zip(blocks[20:], received(40)[20:], strict=True):
        timeline.place(block, a)
    before, after = timeline.maps()
    first = blocks[20].ticks[0]
    assert after.seconds([first])[0] == pytest.approx(before.stop_s + 1 / RATE_HZ)


@settings(derandomize=True, deadline=None, max_examples=20)
@given(st.sampled_from([STAMPS, SHORT]), st.integers(0, 1000), st.integers(1, 9))
def test_cutting_a_packet_into_blocks_gives_the_same_map(stream, seed, cut):
    true_ticks, blocks = sent(stream, 200)
    arrivals = received(200, seed)
    whole, _ = run(stream, zip(blocks, arrivals, strict=True))
    parts = [
        (Block("s", b.values[part], b.ticks[part]), a)
        for b, a in zip(blocks, arrivals, strict=True)
        for part in (slice(None, cut), slice(cut, None))
    ]
    pieces, placed = run(stream, parts)
    assert_at_their_places(placed, true_ticks)
    assert pieces.counts == whole.counts
    one, other = whole.maps()[0], pieces.maps()[0]
    np.testing.assert_allclose(other.seconds(true_ticks), one.seconds(true_ticks), atol=1e-9)


@pytest.mark.parametrize("stream", CLOCKED)
def test_the_map_finds_when_samples_were_taken(stream):
    _, blocks = sent(stream, 600)
    timeline, placed = run(stream, zip(blocks, received(600), strict=True))
    numbers, ticks = numbers_and_ticks(placed)
    seconds = timeline.maps()[0].seconds(ticks)
    # packets of exactly 50 ms over 15 ms keep to three phases: 5 ms may hide, and that is what is stated
    np.testing.assert_allclose(seconds, (numbers + 1) / RATE_HZ, atol=5e-3)
    assert 4e-3 < timeline.maps()[0].uncertainty_s < 8e-3


def test_samples_without_a_clock_are_counted():
    blocks = [replace(b, ticks=None) for b in sent(LONG, 200)[1]]
    timeline, placed = run(NO_CLOCK, zip(blocks, received(200), strict=True))
    numbers, ticks = numbers_and_ticks(placed)
    np.testing.assert_array_equal(ticks, numbers)
    [found] = timeline.maps()
    assert not found.timed
    assert found.uncertainty_s > 0.05  # s, a packet
    assert timeline.rate_warning() == ""


def test_what_a_device_without_a_clock_sends_twice_is_told():
    blocks = [replace(b, ticks=None) for b in sent(LONG, 200)[1] for _ in range(2)]
    timeline, _ = run(NO_CLOCK, zip(blocks, np.repeat(received(200), 2).tolist(), strict=True))
    assert "delivered 2 times" in timeline.rate_warning()


@pytest.mark.parametrize(
    ("samples", "seconds", "nominal_hz", "words"),
    [
        (2000, 10, 200, ""),
        (2150, 10, 200, ""),
        (4000, 10, 200, "2.00 times the nominal 200 Hz: every packet seems to be delivered 2 times"),
        (6100, 10, 200, "delivered 3 times"),
        (1500, 10, 200, "25 % fewer samples than the nominal 200 Hz"),
        (2800, 10, 200, "is this the right sensor setting?"),
        (4000, 4.9, 200, ""),
        (4000, 10, math.nan, ""),
    ],
)
def test_rate_warning(samples, seconds, nominal_hz, words):
    found = rate_warning(samples, seconds, nominal_hz)
    assert words in found
    assert bool(words) == bool(found)


def test_an_empty_block_is_nothing():
    timeline = Timeline(STAMPS)
    assert timeline.place(Block("s", np.empty((0, 1)), np.empty(0, dtype=np.int64)), 1.0) == []
    assert timeline.maps() == ()


def test_untrusted_samples_keep_their_mark():
    [block] = sent(STAMPS, 1)[1]
    [placed] = Timeline(STAMPS).place(replace(block, trusted=False), 1.0)
    assert not placed.trusted


def test_a_stream_without_any_time_is_refused():
    with pytest.raises(InputError, match="a tick length or a nominal rate"):
        Timeline(replace(NO_CLOCK, rate_hz=math.nan))
