"""Nordic Thingy:52: nine axes of one moment, the configuration that is put back, and damaged packets."""

import json
import math
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glutebal.errors import GlutebalError
from glutebal.ingest.driver import Advert, Notify, Read, Ticks, Write
from glutebal.ingest.drivers import sig
from glutebal.ingest.drivers.thingy52 import CONFIGURATION, RAW, SERVICE, Thingy52, at_rate

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "ble_vectors.json").read_text(encoding="utf-8"))
[VECTOR] = [v for v in VECTORS if v["device"] == "thingy52"]
PACKET = bytes.fromhex(VECTOR["hex"])
G = 9.80665
BEFORE = bytes.fromhex("6400fa00fa000a0001")
AFTER = bytes.fromhex("6400fa00fa00640001")
STREAMS = ["acceleration", "angular_rate", "magnetic_field"]
PACKETS = st.lists(st.integers(-32768, 32767), min_size=9, max_size=9).map(lambda counts: struct.pack("<9h", *counts))
laws = settings(derandomize=True, deadline=None, max_examples=60)


def readings(blocks):
    """The nine values of one moment, in the order of the wire."""
    assert [block.stream for block in blocks] == STREAMS
    return np.concatenate([block.values[0] for block in blocks])


def physical(data):
    """What nine counts are in m/s², rad/s and T, by the maker's code."""
    scale = np.repeat([G / (1 << 10), math.pi / 180 / (1 << 5), 1e-6 / (1 << 4)], 3)
    return np.array(struct.unpack("<9h", data)) * scale


def test_the_vector():
    blocks = Thingy52().feed(RAW, PACKET)
    g, dps, microtesla = VECTOR["decoded"]
    assert [block.stream for block in blocks] == STREAMS
    acceleration, rate, field = (block.values for block in blocks)
    np.testing.assert_allclose(acceleration, [np.array(g) * G], rtol=1e-12)
    np.testing.assert_allclose(rate, [np.radians(dps)], rtol=1e-12)
    np.testing.assert_allclose(field, [np.array(microtesla) * 1e-6], rtol=1e-12)
    assert all(block.ticks is None and block.trusted for block in blocks)


def test_the_full_range():
    data = b"\x00\x80\xff\x7f\x01\x00" * 3
    values = readings(Thingy52().feed(RAW, data))
    np.testing.assert_allclose(values[:3], np.array([-32, 32 - 2**-10, 2**-10]) * G, rtol=1e-12)
    np.testing.assert_allclose(values[3:6], np.radians([-1024, 1024 - 2**-5, 2**-5]), rtol=1e-12)
    np.testing.assert_allclose(values[6:], np.array([-2048, 2048 - 2**-4, 2**-4]) * 1e-6, rtol=1e-12)


def test_there_is_no_clock():
    assert {stream.clock.kind for stream in Thingy52.streams} == {Ticks.NONE}
    assert {stream.rate_hz for stream in Thingy52.streams} == {100.0}


def test_handshake_step_by_step():
    sensor = Thingy52()
    script = sensor.start()
    assert next(script) == Notify(RAW)
    step = script.send(None)
    while step != Read(CONFIGURATION):
        assert isinstance(step, Read)
        step = script.send(b"\x5a" if step.char == sig.BATTERY_LEVEL else None)
    assert script.send(BEFORE) == Write(CONFIGURATION, AFTER)
    with pytest.raises(StopIteration):
        script.send(None)
    assert sensor.info == {"battery_percent": "90"}
    assert list(sensor.stop()) == [Write(CONFIGURATION, BEFORE)]


def started(sensor, configuration):
    """Run the handshake of a unit that has only a configuration."""
    script = sensor.start()
    step = next(script)
    while step != Read(CONFIGURATION):
        step = script.send(None)
    return script.send(configuration)


def test_a_reconnection_still_puts_back_what_was_there_first():
    sensor = Thingy52()
    started(sensor, BEFORE)
    assert started(sensor, AFTER) == Write(CONFIGURATION, AFTER)
    assert list(sensor.stop()) == [Write(CONFIGURATION, BEFORE)]


@pytest.mark.parametrize("configuration", [None, b"", BEFORE[:-1], BEFORE + b"\0"])
def test_a_configuration_that_is_none_is_refused(configuration):
    sensor = Thingy52()
    with pytest.raises(GlutebalError, match=r"Thingy:52: needed a motion configuration of 9 bytes, found"):
        started(sensor, configuration)
    assert list(sensor.stop()) == []


@laws
@given(st.binary(min_size=9, max_size=9), st.integers(5, 200))
def test_only_the_rate_of_a_configuration_changes(configuration, rate_hz):
    changed = at_rate(configuration, rate_hz)
    assert changed[:6] + changed[8:] == configuration[:6] + configuration[8:]
    assert int.from_bytes(changed[6:8], "little") == rate_hz


@laws
@given(PACKETS)
def test_every_packet_is_its_nine_numbers(data):
    np.testing.assert_allclose(readings(Thingy52().feed(RAW, data)), physical(data), rtol=1e-12)


@laws
@given(st.binary(max_size=40))
def test_bytes_of_any_other_length_are_malformed(data):
    sensor = Thingy52()
    blocks = sensor.feed(RAW, data)
    assert (len(blocks), sensor.malformed) == ((3, 0) if len(data) == 18 else (0, 1))


@laws
@given(PACKETS, st.integers(0, 17))
def test_a_packet_cut_anywhere_gives_nothing(data, cut):
    sensor = Thingy52()
    assert sensor.feed(RAW, data[:cut]) == []
    assert sensor.feed(CONFIGURATION, data) == []
    assert sensor.malformed == 2


@laws
@given(PACKETS, st.integers(0, 143))
def test_a_flipped_bit_changes_one_axis_and_no_other(data, bit):
    spoilt = bytearray(data)
    spoilt[bit // 8] ^= 1 << bit % 8
    before, after = (readings(Thingy52().feed(RAW, bytes(packet))) for packet in (data, spoilt))
    assert np.flatnonzero(before != after).tolist() == [bit // 16]


@laws
@given(st.lists(PACKETS, min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_packets_are_independent_of_their_order_and_repetition(packets, random):
    order = [*packets, *packets]
    random.shuffle(order)
    sensor = Thingy52()
    for data in order:
        np.testing.assert_allclose(readings(sensor.feed(RAW, data)), physical(data), rtol=1e-12)
    assert sensor.malformed == 0


def test_match():
    assert Thingy52.match(Advert("Thingy", frozenset({SERVICE}))) == 10
    assert Thingy52.match(Advert("left thigh", frozenset({SERVICE}))) == 5
    assert Thingy52.match(Advert("Thingy:53")) == 0
