import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glutebal.ingest.arrivals import Happening, Inbox, Packet
from glutebal.ingest.driver import Block, Clock, Driver, Stream, Ticks
from glutebal.ingest.supervision import Device, Echoes, is_clockless, pauses_s, times_nominal
from glutebal.model import Side

MS = 1_000_000
RAW = Stream("raw", None, "adc", 100.0)


class Plain(Driver):
    """A sample per byte."""

    name, title, streams = "plain", "plain", (RAW,)

    @classmethod
    def match(cls, advert):
        return 0

    def start(self):
        yield from ()

    def decode(self, char, data):
        yield Block("raw", np.frombuffer(data, np.uint8).astype(float)[:, None])


class Counted(Plain):
    name, streams = "counted", (Stream("raw", None, "adc", 100.0, clock=Clock(Ticks.COUNT, 0.01, 256)),)


def device(driver=Plain, capacity=100):
    return Device(0, Side.LEFT, "thing", "F0", driver(), Inbox(capacity))


def test_the_pauses_grow_and_go_on():
    assert list(itertools.islice(pauses_s(), 8)) == [0.1, 0.25, 0.5, 1.0, 4.0, 4.0, 4.0, 4.0]


def test_a_device_is_clockless_only_without_any_count():
    assert is_clockless(Plain)
    assert not is_clockless(Counted)


@settings(derandomize=True, deadline=None)
@given(st.lists(st.binary(min_size=1, max_size=2), min_size=1, max_size=80), st.integers(2, 4))
def test_repeats_a_millisecond_apart_are_echoes_and_the_next_period_is_not(frames, copies):
    echoes = Echoes([RAW])
    told = [
        echoes.is_echo("char", 10 * MS * i + MS * copy // 2, data)
        for i, data in enumerate(frames)
        for copy in range(copies)
    ]
    assert told == [copy > 0 for _ in frames for copy in range(copies)]


def test_a_device_at_rest_that_always_says_the_same_is_believed():
    echoes = Echoes([RAW])
    assert not any(echoes.is_echo("char", 10 * MS * i, b"same") for i in range(200))


def test_the_period_is_measured_where_packets_hold_many_samples():
    echoes = Echoes([Stream("raw", None, "adc", 500.0)])
    times = [100 * MS * i for i in range(12)]
    assert [echoes.is_echo("char", t, bytes([i])) for i, t in enumerate(times)] == [False] * 12
    assert echoes.is_echo("char", times[-1] + 20 * MS, bytes([11]))  # a quarter of 100 ms is 25 ms
    assert not echoes.is_echo("char", times[-1] + 30 * MS, bytes([11]))


def test_two_characteristics_do_not_echo_each_other():
    echoes = Echoes([RAW])
    assert not echoes.is_echo("a", 0, b"x")
    assert not echoes.is_echo("b", MS, b"x")
    assert echoes.is_echo("a", 2 * MS, b"x")


def test_without_a_nominal_rate_nothing_is_dropped_before_the_period_is_known():
    echoes = Echoes([Stream("raw", None, "adc", math.nan)])
    assert not any(echoes.is_echo("char", i, b"x") for i in range(5))


@pytest.mark.parametrize(("copies", "found"), [(1, {}), (2, {"raw": 2}), (3, {"raw": 3})])
def test_a_rate_that_is_a_multiple_of_the_nominal_one_is_found(copies, found):
    packets = [Packet(0, None, 0, "char", 50 * MS * i + c * MS, bytes(5)) for i in range(60) for c in range(copies)]
    assert times_nominal(packets, Plain) == found


def test_a_crystal_that_is_off_is_not_a_repeat():
    packets = [Packet(0, None, 0, "char", 40 * MS * i, bytes(5)) for i in range(80)]
    assert times_nominal(packets, Plain) == {}  # 1.25 times: nearer to 1


def test_a_rate_that_nobody_knows_is_not_judged():
    packets = [Packet(0, None, 0, "char", 10 * MS * i, bytes(50)) for i in range(300)]
    assert times_nominal(packets, type("Free", (Plain,), {"streams": (Stream("raw", None, "", math.nan),)})) == {}


def test_packets_bear_the_segment_of_their_connection_and_late_ones_are_ignored():
    one = device()
    first = one.begin()
    one.take(first, "char", 1, b"a")
    one.end()
    one.take(first, "char", 2, b"late")
    second = one.begin()
    one.take(first, "char", 3, b"later")
    one.take(second, "char", 4, b"b")
    assert [(p.segment, p.data, p.arrival_ns) for p in one.inbox.drain()] == [(0, b"a", 1), (1, b"b", 4)]
    assert (one.counts.packets, one.counts.late, one.counts.connections) == (2, 2, 2)


def test_a_device_with_a_counter_keeps_its_repeats_for_the_decoder():
    one = device(Counted)
    generation = one.begin()
    for i in range(4):
        one.take(generation, "char", i, b"same")
    assert (one.counts.packets, one.counts.echoes) == (4, 0)


@pytest.mark.parametrize(("copies", "told"), [(1, 0), (2, 1)])
def test_a_doubled_rate_is_told_once_per_connection(copies, told):
    one = device(Counted, 10_000)
    generation = one.begin()
    for i in range(500):
        for copy in range(copies):
            one.take(generation, "char", 10 * MS * i + copy * MS, b"x")
        one.check_rate()
    notices = [r for r in one.inbox.drain() if not isinstance(r, Packet)]
    assert [n.kind for n in notices] == [Happening.REPEATED] * told
    assert all("2 times" in n.text for n in notices)


def test_a_title_says_the_side():
    assert device().title == "left sensor thing"
    assert Device(1, None, "pod", "F1", Plain(), Inbox()).title == "sensor pod"
