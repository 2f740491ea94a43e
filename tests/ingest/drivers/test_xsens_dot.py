"""Movella (Xsens) DOT: the payload of mode 26, refused numbers, and the handshake."""

import json
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glutebal.ingest.driver import Advert, Notify, Read, Ticks, Write
from glutebal.ingest.drivers.xsens_dot import BATTERY, CONFIGURATION, CONTROL, LONG_PAYLOAD, MEASUREMENT, XsensDot
from glutebal.model import Quantity

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "ble_vectors.json").read_text(encoding="utf-8"))
[VECTOR] = [v for v in VECTORS if v["device"] == "xsens-dot"]
WHOLE = bytes.fromhex(VECTOR["hex"])
laws = settings(derandomize=True, deadline=None, max_examples=100)


def test_the_vector():
    orientation, acceleration, rate = XsensDot().feed(LONG_PAYLOAD, WHOLE)
    stamp_us, quaternion, metres, dps = VECTOR["decoded"]
    assert [b.stream for b in (orientation, acceleration, rate)] == ["orientation", "acceleration", "angular_rate"]
    np.testing.assert_array_equal(orientation.values, [quaternion])
    np.testing.assert_array_equal(acceleration.values, [metres])
    np.testing.assert_allclose(rate.values, [np.radians(dps)], rtol=1e-12)
    for block in (orientation, acceleration, rate):
        np.testing.assert_array_equal(block.ticks, [stamp_us])
        assert block.trusted


def test_the_stamp_is_unsigned_microseconds():
    [orientation, *_] = XsensDot().feed(LONG_PAYLOAD, b"\xff" * 4 + WHOLE[4:])
    np.testing.assert_array_equal(orientation.ticks, [2**32 - 1])
    clock = XsensDot().stream("acceleration").clock
    assert (clock.kind, clock.tick_s, clock.wrap) == (Ticks.STAMP, 1e-6, 2**32)


def test_units():
    quantities = {s.name: s.quantity for s in XsensDot.streams}
    expected = {"orientation": None, "acceleration": Quantity.ACCELERATION, "angular_rate": Quantity.ANGULAR_RATE}
    assert quantities == expected


@pytest.mark.parametrize(
    ("place", "number"), [(1, 1.1), (5, 200.0), (8, 2300.0), (5, float("nan")), (8, float("inf")), (2, float("nan"))]
)
def test_numbers_that_no_sensor_gives_are_malformed(place, number):
    data = bytearray(WHOLE)
    struct.pack_into("<f", data, 4 * place, number)
    dot = XsensDot()
    assert dot.feed(LONG_PAYLOAD, data) == []
    assert dot.malformed == 1


@laws
@given(cut=st.integers(0, 43), more=st.binary(min_size=1, max_size=20))
def test_another_length_is_malformed(cut, more):
    for data in (WHOLE[:cut], WHOLE + more):
        dot = XsensDot()
        assert dot.feed(LONG_PAYLOAD, data) == []
        assert dot.malformed == 1


def test_another_characteristic_is_malformed():
    dot = XsensDot()
    assert dot.feed(CONTROL, WHOLE) == []
    assert dot.malformed == 1


@laws
@given(bits=st.sets(st.integers(0, 44 * 8 - 1), min_size=1, max_size=6))
def test_flipped_bits_stay_within_the_sensors_range(bits):
    data = bytearray(WHOLE)
    for bit in bits:
        data[bit // 8] ^= 1 << bit % 8
    dot = XsensDot()
    blocks = dot.feed(LONG_PAYLOAD, data)
    assert len(blocks) == (0 if dot.malformed else 3)
    for block, limit in zip(blocks, (1.001, 16 * 9.80665 * 1.1, np.radians(2200)), strict=False):
        assert (np.abs(block.values) <= limit).all()


def test_handshake():
    dot = XsensDot()
    script = dot.start()
    assert next(script) == Notify(LONG_PAYLOAD)
    assert script.send(None) == Read(BATTERY)
    assert script.send(b"\x58\x01") == Write(CONTROL, b"\x01\x01\x1a")
    with pytest.raises(StopIteration):
        script.send(None)
    assert dot.info == {"battery_percent": "88"}
    assert list(dot.stop()) == [Write(CONTROL, b"\x01\x00\x1a")]


@pytest.mark.parametrize("service", [CONFIGURATION, MEASUREMENT])
def test_match(service):
    assert XsensDot.match(Advert("Movella DOT", frozenset({service}))) == 10
    assert XsensDot.match(Advert("Xsens DOT")) == 8
    assert XsensDot.match(Advert("", frozenset({service}))) == 5
    assert XsensDot.match(Advert("WT901")) == 0
