"""The lower envelope: laws, the exact line of a constructed case, limits, storage."""

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glutebal.errors import InputError
from glutebal.ingest.clock import KEPT, ClockMap, Envelope, tick_seconds
from glutebal.ingest.driver import Clock, Stream, Ticks
from glutebal.testing.radio import Radio, Sensor

law = settings(derandomize=True, deadline=None, max_examples=25)
links = st.tuples(st.integers(0, 2**32 - 1), st.sampled_from([0.0075, 0.015, 0.03, 0.05]), st.floats(0.0, 0.2))


def packets(seed, interval_s, loss, duration_s=20.0, **sensor):
    rng = np.random.default_rng(seed)
    device = Sensor(period_s=0.05013, **sensor)
    ready = device.ready_s(duration_s, 0.02)
    radio = Radio(interval_s, float(rng.uniform(0, interval_s)), loss)
    return np.rint(device.ticks(ready)).astype(int).tolist(), radio.arrivals(ready, rng).tolist()


def fed(ticks, arrivals, **settings_):
    envelope = Envelope(1e-6, **settings_)
    for tick, arrival in zip(ticks, arrivals, strict=True):
        envelope.observe(tick, arrival)
    return envelope


@law
@given(links)
def test_the_map_is_monotone_and_under_every_arrival(link):
    ticks, arrivals = packets(*link)
    found = fed(ticks, arrivals)
    start_s, tick_s = found.line()
    assert (np.diff(found.map().seconds(ticks)) > 0).all()
    under = start_s + (np.array(ticks) - found.map().origin) * tick_s
    assert (under[:-1] <= np.array(arrivals)[:-1] + 1e-9).all()


@law
@given(links, st.floats(-1e4, 1e4))
def test_a_constant_on_all_arrivals_shifts_the_map(link, constant):
    ticks, arrivals = packets(*link)
    before, after = fed(ticks, arrivals).map(), fed(ticks, [a + constant for a in arrivals]).map()
    np.testing.assert_allclose(after.seconds(ticks) - before.seconds(ticks), constant, atol=1e-8)
    assert after.uncertainty_s == pytest.approx(before.uncertainty_s, abs=1e-8)


@law
@given(links, st.integers(1, 390))
def test_asking_on_the_way_changes_nothing(link, cut):
    ticks, arrivals = packets(*link)
    live = fed(ticks[:cut], arrivals[:cut])
    live.map()
    for tick, arrival in zip(ticks[cut:], arrivals[cut:], strict=True):
        live.observe(tick, arrival)
        live.line()
    assert live.map() == fed(ticks, arrivals).map()


@law
@given(links, st.integers(2, 6))
def test_a_packet_told_in_pieces_gives_the_same_map(link, pieces):
    ticks, arrivals = packets(*link)
    cut = Envelope(1e-6)
    for tick, arrival in zip(ticks, arrivals, strict=True):
        for piece in range(pieces, 0, -1):
            cut.observe(tick - 5000 * (piece - 1), arrival)
    whole, found = fed(ticks, arrivals).map(), cut.map()
    np.testing.assert_allclose(found.seconds(ticks), whole.seconds(ticks), atol=1e-9)
    assert found.uncertainty_s == pytest.approx(whole.uncertainty_s, abs=1e-9)


@law
@given(links)
def test_a_packet_that_comes_again_or_too_late_changes_nothing(link):
    ticks, arrivals = packets(*link)
    twice = Envelope(1e-6)
    for k, (tick, arrival) in enumerate(zip(ticks, arrivals, strict=True)):
        twice.observe(tick, arrival)
        twice.observe(tick, arrival + 1e-4)
        twice.observe(ticks[max(k - 3, 0)], arrival + 2e-4)
    assert twice.map() == fed(ticks, arrivals).map()


def test_the_hull_finds_the_line_under_late_packets():
    ticks = np.arange(0, 10_000_000, 50_000)
    truth = 3.0 + ticks * 1.00005e-6
    late = np.where(np.arange(ticks.size) % 40 == 7, 0.0, 0.004 + 0.05 * np.random.default_rng(2).random(ticks.size))
    start_s, tick_s = fed(ticks.tolist(), (truth + late).tolist()).line()
    assert start_s == pytest.approx(3.0, abs=1e-9)
    assert tick_s == pytest.approx(1.00005e-6, rel=1e-12)


def test_drift_is_recovered():
    # 60 s, 15 ms interval: the envelope is good to 0.1 ms at either end, which is 3 ppm of 60 s
    fast = fed(*packets(5, 0.015, 0.05, 60.0, drift_ppm=100)).map()
    slow = fed(*packets(5, 0.015, 0.05, 60.0, drift_ppm=-100)).map()
    assert fast.drift_ppm == pytest.approx(-100, abs=4)
    assert slow.drift_ppm == pytest.approx(100, abs=4)


def test_unequal_intervals_do_not_shift_the_sides():
    errors = []
    for interval in (0.015, 0.05):
        ticks, arrivals = packets(8, interval, 0.1, 300.0)
        errors.append(fed(ticks, arrivals).map().seconds(ticks) - np.array(ticks) * 1e-6)
    assert np.sqrt(np.mean((errors[1] - errors[0]) ** 2)) < 2.5e-4  # s, the mean delays are 17 ms apart


def test_a_slope_that_waits_explain_is_held_to_a_crystal():
    # packets of exactly two intervals that become ready 400 ppm later and later: 8 ms over 20 s
    ticks = np.arange(0, 20_000_000, 50_000)
    arrivals = ticks * 1e-6 * (1 + 4e-4)
    assert fed(ticks.tolist(), arrivals.tolist()).map().drift_ppm == pytest.approx(200)
    assert fed(ticks.tolist(), arrivals.tolist(), drift=0.05).map().drift_ppm == pytest.approx(400)


def test_a_slope_that_waits_cannot_explain_is_believed():
    ticks = np.arange(0, 100_000_000, 50_000)
    assert fed(ticks.tolist(), (ticks * 1.005e-6).tolist()).map().drift_ppm == pytest.approx(5000)


def test_a_short_segment_keeps_the_nominal_rate():
    ticks = list(range(0, 1_500_000, 50_000))
    found = fed(ticks, [t * 1.3e-6 for t in ticks]).map()
    assert found.tick_s == 1e-6
    assert found.start_s == pytest.approx(0)


def test_few_packets_are_not_trusted():
    ticks, arrivals = packets(1, 0.015, 0.05)
    assert fed(ticks[:20], arrivals[:20]).map().uncertainty_s == math.inf
    assert fed(ticks[:21], arrivals[:21]).map().uncertainty_s < math.inf


def test_one_packet_is_mapped_to_its_arrival():
    found = fed([123_456], [7.25]).map()
    assert found.seconds([123_456]).tolist() == [7.25]
    assert math.isnan(found.packet_s)
    assert found.uncertainty_s == math.inf


def test_without_a_packet_there_is_no_map():
    with pytest.raises(InputError, match="at least one packet"):
        Envelope(1e-6).map()


def test_a_long_recording_keeps_a_bounded_number_of_packets():
    ticks = list(range(0, 5000 * (KEPT + 10_000), 5000))
    wait = np.random.default_rng(4).uniform(0, 0.01, len(ticks))
    found = fed(ticks, (np.array(ticks) * 1e-6 + wait).tolist())
    assert found.map().packets == len(ticks)
    assert len(found._arrivals) < KEPT
    assert found.map().start_s == pytest.approx(0, abs=1e-4)


def test_a_counted_stream_is_worth_its_arrivals():
    ticks, arrivals = packets(3, 0.03, 0.1)
    counted = Envelope(1e-6, 0.05, timed=False)
    for tick, arrival in zip(ticks, arrivals, strict=True):
        counted.observe(tick, arrival)
    found = counted.map()
    assert not found.timed
    assert found.uncertainty_s > max(found.packet_s, found.spread_s)


@pytest.mark.parametrize(
    ("clock", "rate_hz", "expected"),
    [
        (Clock(Ticks.STAMP, 1e-6, 2**32), 80.0, 1e-6),
        (Clock(Ticks.COUNT, 0.0, 256), 250.0, 0.004),
        (Clock(), 50.0, 0.02),
    ],
)
def test_tick_length(clock, rate_hz, expected):
    assert tick_seconds(clock, rate_hz) == expected
    assert Envelope.of(Stream("s", None, "", rate_hz, clock=clock)).nominal_s == expected


def test_an_unknown_tick_length_is_refused():
    with pytest.raises(InputError, match="a tick length or a nominal rate"):
        tick_seconds(Clock(), math.nan)


def test_stored_and_read_again_is_equal():
    whole = fed(*packets(1, 0.015, 0.05)).map()
    single = fed([5], [1.0]).map()
    for this in (whole, single):
        read = ClockMap.from_dict(json.loads(json.dumps(this.as_dict(), allow_nan=False)))
        assert repr(read) == repr(this)


def test_ticks_undo_seconds():
    found = fed(*packets(1, 0.015, 0.05)).map()
    np.testing.assert_allclose(found.ticks(found.seconds([0, 10**6, 10**7])), [0, 10**6, 10**7], atol=1e-3)


def test_an_incomplete_stored_map_is_refused():
    with pytest.raises(InputError, match="stored clock map"):
        ClockMap.from_dict({"origin": 1})
