"""Counts without their wrap: losses, repetitions, reordering, restarts and jumps of a device's clock."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glutebal.ingest.ticks import Counter, Counts, unwrap


def feed(counter, packets, tick_s, wrap=None):
    """Place packets of raw ticks, each arriving 5 ms after its last true tick; returns what was kept, per packet."""
    placed = []
    for ticks, arrival_s in packets:
        raw = np.asarray(ticks) % wrap if wrap else np.asarray(ticks)
        now = (arrival_s - 0.005) / tick_s
        placed.append(counter.place(raw, arrival_s, now, queued=False))
    return placed


def packet(first, size=5, tick_s=0.004, late_s=0.0):
    ticks = list(range(first, first + size))
    return ticks, ticks[-1] * tick_s + 0.005 + late_s


@given(st.integers(0, 10**6), st.lists(st.integers(1, 50), min_size=1, max_size=20), st.sampled_from([64, 256, 2**32]))
@settings(derandomize=True, deadline=None)
def test_unwrapping_undoes_the_wrap(first, steps, wrap):
    true = first + np.concatenate([[0], np.cumsum(steps)])
    np.testing.assert_array_equal(unwrap(true % wrap, wrap) - first % wrap, true - first)


def test_without_a_wrap_nothing_changes():
    np.testing.assert_array_equal(unwrap(np.array([5, 3, 9]), None), [5, 3, 9])


@pytest.mark.parametrize("wrap", [256, 1000, 2**32, None])
def test_a_steady_stream_is_kept_whole(wrap):
    counter = Counter(0.004, 1.0, wrap)
    placed = feed(counter, [packet(k) for k in range(0, 5000, 5)], 0.004, wrap)
    np.testing.assert_array_equal(np.concatenate([p.ticks for p in placed]), np.arange(5000))
    assert counter.counts == Counts(kept=5000)


@pytest.mark.parametrize("wrap", [256, None])
def test_a_repeated_packet_is_dropped_and_counted(wrap):
    counter = Counter(0.004, 1.0, wrap)
    placed = feed(counter, [packet(0), packet(5), packet(5, late_s=0.001), packet(10)], 0.004, wrap)
    assert [p.ticks.size for p in placed] == [5, 5, 0, 5]
    assert counter.counts == Counts(kept=15, duplicates=5)


@pytest.mark.parametrize("wrap", [256, None])
def test_packets_that_share_samples_give_each_sample_once(wrap):
    counter = Counter(0.004, 1.0, wrap)
    placed = feed(counter, [packet(0, 5), packet(3, 5)], 0.004, wrap)
    assert placed[1].ticks.tolist() == [5, 6, 7]
    assert placed[1].keep.tolist() == [False, False, True, True, True]


@pytest.mark.parametrize("wrap", [256, None])
def test_a_late_packet_fills_the_gap_it_left(wrap):
    counter = Counter(0.004, 1.0, wrap)
    feed(counter, [packet(0), packet(10)], 0.004, wrap)
    assert counter.counts == Counts(kept=10, lost=5)
    [late] = feed(counter, [packet(5, late_s=0.04)], 0.004, wrap)
    assert late.ticks.tolist() == [5, 6, 7, 8, 9]
    assert counter.counts == Counts(kept=15, reordered=5, lost=0)


@pytest.mark.parametrize("lost", [5, 100, 250, 255, 256, 300, 1000])
def test_a_loss_is_counted_over_any_number_of_turns(lost):
    counter = Counter(0.004, 1.0, 256)
    placed = feed(counter, [packet(0), packet(5 + lost)], 0.004, 256)
    assert placed[1].ticks[0] == 5 + lost
    assert counter.counts == Counts(kept=10, lost=lost)


def test_first_packets_that_came_swapped_are_no_loss():
    counter = Counter(0.004, 1.0, None)
    feed(counter, [packet(5), packet(0, late_s=0.021), packet(10)], 0.004)
    assert counter.counts == Counts(kept=15, reordered=5)


def test_a_gap_before_the_first_that_came_is_counted():
    counter = Counter(0.004, 1.0, None)
    feed(counter, [packet(20), packet(0, late_s=0.101), packet(10, late_s=0.102)], 0.004)
    assert counter.counts == Counts(kept=15, reordered=10, lost=10)


@settings(derandomize=True, deadline=None)
@given(st.permutations(range(12)), st.integers(2, 12))
def test_the_order_of_arrival_changes_no_count(order, came):
    counter = Counter(0.004, 1.0, None)
    heard = order[:came]
    for k in heard:
        counter.place(np.arange(5 * k, 5 * k + 5), 0.3, 0.3 / 0.004, queued=True)
    missing = max(heard) - min(heard) + 1 - len(heard)
    assert (counter.counts.kept, counter.counts.lost) == (5 * len(heard), 5 * missing)
    assert counter.newest == 5 * max(heard) + 4


def test_queued_packets_continue_the_count_though_they_are_late():
    counter = Counter(0.004, 1.0, 256)
    feed(counter, [packet(0)], 0.004, 256)
    for first in range(5, 500, 5):  # two seconds of samples, all delivered at 2.1 s
        ticks = np.arange(first, first + 5)
        placed = counter.place(ticks % 256, 2.1, 2.1 / 0.004, queued=True)
        np.testing.assert_array_equal(placed.ticks, ticks)
    assert counter.counts == Counts(kept=500)


def stamps(first_s, size=5):
    return (np.round((first_s + np.arange(size) * 0.004) * 1e6).astype(int)).tolist()


def stamped(counter, first_s, arrival_s=None):
    arrival_s = first_s + 0.025 if arrival_s is None else arrival_s
    return counter.place(np.array(stamps(first_s)), arrival_s, (arrival_s - 0.005) * 1e6, queued=False)


def test_time_stamps_count_losses_by_the_nominal_rate():
    counter = Counter(1e-6, 4000.0, 2**32)
    for first_s in (1.0, 1.02, 1.08):
        stamped(counter, first_s)
    assert counter.counts == Counts(kept=15, lost=10)


def test_uneven_time_stamps_are_no_loss():
    counter = Counter(1e-6, 4000.0, None)
    for first_s in (1.0, 1.0213, 1.0398, 1.0611):
        stamped(counter, first_s)
    assert counter.counts == Counts(kept=20)


@pytest.mark.parametrize("late_s", [0.3, 0.5, 3.0, 9.0])
def test_a_loss_is_counted_though_all_before_it_came_late(late_s):
    # the first packet waited, so that the map takes the third, which came at once, to be ahead of its time
    counter = Counter(1e-6, 4000.0, 2**32)
    arrival_s = 1.025 + late_s
    stamped(counter, 1.0, arrival_s)
    after = counter.place(np.array(stamps(1.04 + late_s)), arrival_s + 0.04, 1.056e6, queued=False)
    assert not after.restarted
    assert counter.counts == Counts(kept=10, lost=round((late_s + 0.02) / 0.004))


@pytest.mark.parametrize(("device_s", "why"), [(0.0, "restart"), (90.0, "forward"), (7.0, "back")])
def test_a_jump_of_the_clock_begins_a_segment(device_s, why):
    counter = Counter(1e-6, 4000.0, 2**32)
    for k in range(500):
        assert not stamped(counter, 0.02 * k).restarted
    after = stamped(counter, device_s, arrival_s=10.025)
    assert after.restarted, why
    assert after.ticks[0] == round(device_s * 1e6)
    assert counter.counts == Counts(kept=2505, jumps=1)


def test_a_small_step_back_between_known_samples_is_a_jump():
    counter = Counter(1e-6, 4000.0, None)
    for k in range(50):
        stamped(counter, 0.02 * k)
    assert stamped(counter, 0.5017, arrival_s=1.025).restarted


def test_a_clock_that_restarts_into_known_counts_is_found_after_a_second():
    counter = Counter(1e-6, 4000.0, None)
    for k in range(75):
        stamped(counter, 0.02 * k)
    again = [stamped(counter, 0.02 * k, arrival_s=1.525 + 0.02 * k) for k in range(60)]
    assert [p.restarted for p in again].index(True) == 51
    assert counter.counts.jumps == 1


def test_a_restart_right_behind_a_repetition_is_found_as_well():
    counter = Counter(1e-6, 4000.0, None)
    for k in (*range(75), 74):
        stamped(counter, 0.02 * k)
    again = [stamped(counter, 0.02 * k, arrival_s=1.525 + 0.02 * k) for k in range(60)]
    assert [p.restarted for p in again].index(True) == 51


def test_old_packets_apart_because_the_host_stalled_are_no_restart():
    # 5 was overtaken by 10; after the repetition of 10 the host stood still before it took 5
    counter = Counter(0.004, 1.0, None)
    feed(counter, [packet(0), packet(10), packet(10, late_s=0.001), packet(5, late_s=1.5)], 0.004)
    assert counter.counts == Counts(kept=15, reordered=5, duplicates=5)


def test_repetitions_among_new_packets_are_no_restart():
    counter = Counter(0.004, 1.0, None)
    for first in range(0, 2000, 5):
        feed(counter, [packet(first), packet(first, late_s=0.001)], 0.004)
    assert counter.counts == Counts(kept=2000, duplicates=2000)


def test_a_counter_that_wraps_within_the_jitter_only_goes_forward():
    counter = Counter(0.001, 1.0, 16)
    placed = feed(counter, [packet(0, tick_s=0.001), packet(5, tick_s=0.001), packet(13, tick_s=0.001)], 0.001, 16)
    assert placed[2].ticks.tolist() == [13, 14, 15, 16, 17]
    assert counter.counts == Counts(kept=15, lost=3)


def test_an_unknown_rate_counts_no_losses():
    counter = Counter(1e-3, math.nan, None)
    feed(counter, [([0], 0.005), ([500], 0.505), ([510], 0.515)], 1e-3)
    assert counter.counts == Counts(kept=3)


def test_an_unknown_rate_counts_no_losses_for_the_overtaken_either():
    counter = Counter(1e-3, math.nan, None)
    feed(counter, [([0], 0.005), ([20], 0.025), ([10], 0.026)], 1e-3)
    assert counter.counts == Counts(kept=3, reordered=1)


def test_memory_stays_bounded():
    counter = Counter(0.001, 1.0, None)
    for first in range(0, 60_000, 10):
        feed(counter, [packet(first, 10, 0.001)], 0.001)
    assert len(counter._seen._ticks) < 10_000
