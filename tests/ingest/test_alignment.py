"""Left and right on one time: trust, refusal, the sentence, the mirror image, storage, and the accuracy promised."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glutebal.errors import InputError
from glutebal.ingest.alignment import Alignment, Method, align, one_clock
from glutebal.ingest.clock import ClockMap, Envelope
from glutebal.ingest.taps import Tap
from glutebal.model import Bilateral, Side
from glutebal.testing.radio import Radio, Sensor


def segment(start_s=0.0, stop_s=10.0, uncertainty_s=0.003, **changes):
    last = round((stop_s - start_s) * 1e6)
    made = ClockMap(0, start_s, 1e-6, 1e-6, 0, last, 200, 0.05, uncertainty_s, wander_s=0.0001, spread_s=0.02)
    return replace(made, **changes)


def pair(left=None, right=None):
    return Bilateral((left or segment(),), (right or segment(uncertainty_s=0.005),))


TAP = Tap(at_s=5.0, offset_s=0.012, uncertainty_s=0.0025)


def test_the_more_uncertain_side_counts():
    found = align(pair())
    assert found.method is Method.ENVELOPE
    assert found.uncertainty_s == 0.005
    assert found.offset_s == 0


@pytest.mark.parametrize(
    ("means", "method", "uncertainty_s"),
    [
        ({"on_board_s": 1e-5, "two_way_s": 1e-3, "tap": TAP}, Method.ON_BOARD, 1e-5),
        ({"two_way_s": 1e-3, "tap": TAP}, Method.TWO_WAY, 1e-3),
        ({"tap": TAP}, Method.TAP, 0.0026),
        ({}, Method.ENVELOPE, 0.005),
    ],
)
def test_the_most_trusted_means_is_taken(means, method, uncertainty_s):
    found = align(pair(), **means)
    assert found.method is method
    assert found.uncertainty_s == pytest.approx(uncertainty_s)


def test_the_order_of_trust():
    words = ["one clock", "on-board synchronisation", "two-way exchange", "tap", "envelope", "arrival"]
    assert [m.value for m in Method] == words


def test_a_sensor_without_a_clock_is_aligned_by_arrival():
    found = align(pair(right=segment(timed=False, uncertainty_s=0.06)))
    assert found.method is Method.ARRIVAL
    assert found.uncertainty_s == 0.06


def test_one_clock_is_certain():
    assert one_clock().uncertainty_s == 0
    assert one_clock().allows_timing(0.001)
    assert math.isnan(one_clock().drift_ppm)


@pytest.mark.parametrize(
    ("claimed_s", "allowed"), [(0.015, True), (0.0149, False), (-0.015, True), (0, False), (math.nan, False)]
)
def test_timing_needs_three_times_the_uncertainty(claimed_s, allowed):
    assert align(pair()).allows_timing(claimed_s) is allowed


def test_two_models_need_a_tap():
    without, tapped = align(pair(), same_model=False), align(pair(), same_model=False, tap=TAP)
    assert without.uncertainty_s == math.inf
    assert not without.allows_timing(10.0)
    assert "two sensor models delay their samples differently; tap both sensors" in without.sentence
    assert tapped.uncertainty_s == pytest.approx(0.0026)


def test_a_tap_holds_for_its_segment_and_no_further():
    second = segment(11.0, 20.0, 0.004)
    found = align(Bilateral((segment(), second), (segment(0.0, 20.0),)), tap=TAP)
    assert found.within(0, 10).uncertainty_s == pytest.approx(0.0026)
    assert found.within(11, 20).uncertainty_s == pytest.approx(0.0025 + 0.004)
    assert found.uncertainty_s == found.within(11, 20).uncertainty_s


def test_a_bad_segment_spoils_only_itself():
    short = segment(11.0, 11.5, math.inf)
    found = align(Bilateral((segment(), short), (segment(0.0, 12.0),)))
    assert found.uncertainty_s == math.inf
    assert "a connection was too short" in found.sentence
    assert found.within(0, 10).uncertainty_s == 0.003


def test_a_silent_side_is_not_aligned():
    found = align(Bilateral((segment(),), ()))
    assert found.uncertainty_s == math.inf
    assert "one side sent nothing" in found.sentence


def test_the_offset_is_taken_out_half_from_each_side():
    found = align(pair(), tap=TAP)
    left, right = (found.seconds(side, 0, [1_000_000])[0] for side in Side)
    assert left == pytest.approx(1.006)
    assert right == pytest.approx(0.994)


@settings(derandomize=True, deadline=None)
@given(st.floats(-0.1, 0.1), st.floats(1e-4, 0.05), st.floats(1e-4, 0.05), st.floats(-1e-4, 1e-4))
def test_swapping_the_sides_flips_the_sign_of_the_offset(offset_s, left_s, right_s, drift):
    maps = pair(segment(uncertainty_s=left_s), segment(uncertainty_s=right_s, tick_s=1e-6 * (1 + drift)))
    for tap, mirror in ((None, None), (replace(TAP, offset_s=offset_s), replace(TAP, offset_s=-offset_s))):
        found, mirrored = align(maps, tap=tap), align(maps.swapped(), tap=mirror)
        assert found.swapped() == mirrored
        assert mirrored.offset_s == -found.offset_s
        assert mirrored.uncertainty_s == found.uncertainty_s
        assert mirrored.drift_ppm == pytest.approx(-found.drift_ppm, rel=1e-3, abs=1e-6)
        np.testing.assert_array_equal(mirrored.seconds(Side.LEFT, 0, [7]), found.seconds(Side.RIGHT, 0, [7]))


def test_the_sentence():
    assert align(pair()).sentence == (
        "left and right: aligned within ±5.0 ms (the earliest arrivals), clocks 0 ppm apart; "
        "differences below 15 ms are not told"
    )
    assert "(a shared tap or jump), 12 ms taken out" in align(pair(), tap=TAP).sentence
    assert one_clock().sentence.startswith(
        "left and right: aligned within ±0.0 ms (both sides are sampled by one clock)"
    )


@pytest.mark.parametrize(
    "alignment",
    [
        one_clock(),
        align(pair(), tap=TAP),
        align(pair(left=segment(uncertainty_s=math.inf)), same_model=False),
        align(pair(right=segment(timed=False))),
        align(pair(), on_board_s=1e-5),
    ],
)
def test_stored_and_read_again_is_equal(alignment):
    text = json.dumps(alignment.as_dict(), allow_nan=False)
    assert repr(Alignment.from_dict(json.loads(text))) == repr(alignment)


@pytest.mark.parametrize(
    "spoilt", [{"method": "guess"}, {"left": [{"origin": 3}]}, {"offset_s": "far"}, {"right": None}], ids=str
)
def test_a_spoilt_alignment_is_refused(spoilt):
    with pytest.raises(InputError, match="stored"):
        Alignment.from_dict({**align(pair()).as_dict(), **spoilt})


@pytest.mark.parametrize("stated", [-0.001, math.nan])
def test_an_impossible_uncertainty_is_refused(stated):
    with pytest.raises(InputError, match="0 s or more"):
        align(pair(), on_board_s=stated)


def simulated(side, seed, interval_s, loss, host_delay_s):
    rng = np.random.default_rng([seed, 0 if side is Side.LEFT else 1])
    away = rng.uniform(1e-3, 6e-3) * rng.choice([-1, 1])
    sensor = Sensor(0.05 * (1 + away), drift_ppm=18 if side is Side.LEFT else -14)
    ready = sensor.ready_s(300.0, float(rng.uniform(0, 0.05)))
    radio = Radio(interval_s, float(rng.uniform(0, interval_s)), loss, host_delay_s)
    return sensor, ready, radio.arrivals(ready, rng)


@pytest.mark.parametrize(
    ("intervals", "loss", "host_delay_s"),
    [((0.015, 0.015), 0.02, 0.001), ((0.015, 0.05), 0.05, 0.001), ((0.03, 0.04875), 0.2, 0.003)],
)
def test_unequal_links_are_aligned_to_a_quarter_of_a_millisecond(intervals, loss, host_delay_s):
    at_s = np.linspace(1, 299, 300)
    sides = Bilateral.per_side(lambda s: simulated(s, 41, intervals[s is Side.RIGHT], loss, host_delay_s))

    def mapped(side):
        sensor, ready, arrivals = side
        envelope = Envelope(sensor.tick_s)
        for tick, arrival in zip(sensor.ticks(ready), arrivals, strict=True):
            envelope.observe(round(tick), float(arrival))
        return (envelope.map(),)

    found = align(sides.map(mapped))
    left, right = (found.seconds(s, 0, sides[s][0].ticks(at_s)) - at_s for s in Side)
    assert math.sqrt(np.mean((right - left) ** 2)) <= 2.5e-4  # s
    assert np.abs(right - left).max() <= found.uncertainty_s <= 4e-3
    assert found.drift_ppm == pytest.approx(32, abs=2)  # 18 + 14
