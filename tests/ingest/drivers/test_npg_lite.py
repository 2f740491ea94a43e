"""NPG Lite: the packet, its counter, two firmwares, and the handshake, without a radio."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glutebal.ingest.driver import Advert, Notify, Write
from glutebal.ingest.drivers.npg_lite import CONTROL, DATA, SERVICE, NpgLite

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "ble_vectors.json").read_text(encoding="utf-8"))
[VECTOR] = [v for v in VECTORS if v["device"] == "npg-lite"]
laws = settings(derandomize=True, deadline=None, max_examples=60)


def packet(first, samples):
    return b"".join(
        bytes([(first + i) % 256]) + b"".join(int(v).to_bytes(2, "big") for v in s) for i, s in enumerate(samples)
    )


def test_the_vector():
    [block] = NpgLite().feed(DATA, bytes.fromhex(VECTOR["hex"]))
    expected = np.array(VECTOR["decoded"])
    assert block.stream == "emg"
    assert block.trusted
    np.testing.assert_array_equal(block.ticks, expected[:, 0])
    np.testing.assert_array_equal(block.values, expected[:, 1:])


def test_counts_are_no_volts():
    stream = NpgLite().stream("emg")
    assert stream.quantity is None
    assert "counts" in stream.unit


@pytest.mark.parametrize(("samples", "rate_hz"), [(10, 500.0), (25, 250.0)])
def test_the_packet_tells_the_firmware(samples, rate_hz):
    unit = NpgLite()
    assert math.isnan(unit.stream("emg").rate_hz)
    [block] = unit.feed(DATA, packet(250, np.full((samples, 3), 2048)))
    np.testing.assert_array_equal(block.ticks, (250 + np.arange(samples)) % 256)
    assert unit.stream("emg").rate_hz == rate_hz
    assert unit.stream("emg").clock.tick_s == 1 / rate_hz
    assert unit.stream("emg").clock.wrap == 256
    assert math.isnan(NpgLite().stream("emg").rate_hz)  # another unit knows nothing of this one


@pytest.mark.parametrize(
    "data",
    [
        b"",
        bytes(6),
        bytes(8),
        b"\x00\x10\x00" + bytes(4),
        packet(3, np.zeros((2, 3)))[:7] * 2,
        packet(3, [[0, 0, 4096]]),
    ],
)
def test_malformed(data):
    unit = NpgLite()
    assert unit.feed(DATA, data) == []
    assert unit.malformed == 1


def test_a_packet_of_another_characteristic_is_malformed():
    unit = NpgLite()
    assert unit.feed(CONTROL, packet(0, np.zeros((10, 3)))) == []
    assert unit.malformed == 1


@laws
@given(first=st.integers(0, 255), values=st.lists(st.tuples(*[st.integers(0, 4095)] * 3), min_size=1, max_size=30))
def test_what_is_packed_comes_back(first, values):
    [block] = NpgLite().feed(DATA, packet(first, values))
    np.testing.assert_array_equal(block.values, values)


@laws
@given(bit=st.integers(0, 70 * 8 - 1))
def test_a_flipped_bit_in_a_counter_or_beyond_the_converter_is_malformed(bit):
    data = bytearray(packet(17, np.full((10, 3), 2048)))
    data[bit // 8] ^= 1 << bit % 8
    unit = NpgLite()
    blocks = unit.feed(DATA, data)
    in_sample = bit // 8 % 7
    provable = in_sample == 0 or (in_sample % 2 == 1 and bit % 8 >= 4)
    assert unit.malformed == provable
    assert bool(blocks) != provable


@laws
@given(cut=st.integers(0, 69))
def test_a_truncated_packet_is_malformed_or_only_shorter(cut):
    whole = packet(5, np.arange(30).reshape(10, 3))
    unit = NpgLite()
    blocks = unit.feed(DATA, whole[:cut])
    assert bool(blocks) == (cut > 0 and cut % 7 == 0)
    assert unit.malformed == (not blocks)
    for block in blocks:
        np.testing.assert_array_equal(block.values, np.arange(30).reshape(10, 3)[: cut // 7])


def test_handshake():
    unit = NpgLite()
    assert list(unit.start()) == [Notify(DATA), Write(CONTROL, b"START")]
    assert list(unit.stop()) == [Write(CONTROL, b"STOP")]


def test_match_needs_the_name():
    assert NpgLite.match(Advert("NPG-30:30", frozenset({SERVICE}))) == 10
    assert NpgLite.match(Advert("NPG-30:30")) == 8
    assert NpgLite.match(Advert("ESP32", frozenset({SERVICE}))) == 0


@laws
@given(order=st.lists(st.integers(0, 30), max_size=30))
def test_packets_stand_alone_repeated_or_in_any_order(order):
    unit = NpgLite()
    for n in order:
        values = np.arange(30).reshape(10, 3) + n
        [block] = unit.feed(DATA, packet(10 * n, values))
        np.testing.assert_array_equal(block.values, values)
        np.testing.assert_array_equal(block.ticks, (10 * n + np.arange(10)) % 256)
