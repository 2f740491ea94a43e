"""Movesense: packets, continued packets, the unit that is not settled, and the handshake."""

import json
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glutebal.errors import GlutebalError
from glutebal.ingest.driver import Advert, Notify, Read, Ticks, Wait, Write
from glutebal.ingest.drivers import sig
from glutebal.ingest.drivers.movesense import ADVERTISED, COMMAND, NOTIFY, Movesense, subscribe

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "ble_vectors.json").read_text(encoding="utf-8"))
MINE = {v["name"]: v for v in VECTORS if v["device"] == "movesense"}
WHOLE = bytes.fromhex(MINE["IMU6, 2 samples"]["hex"])
laws = settings(derandomize=True, deadline=None, max_examples=60)


def packet(number, samples=4):
    """The ``number``-th packet of a session, its stamp and its contents."""
    values = np.arange(6 * samples) + number
    stamp = (number * 77) % 2**32
    return b"\x02\x63" + struct.pack("<I", stamp) + values.astype("<f4").tobytes(), stamp, values.reshape(2, -1, 3)


def split(number, at):
    whole, *_ = packet(number)
    return [whole[:at], b"\x03\x63" + whole[at:]]


def check(blocks, numbers):
    """The blocks are those of exactly these packets, in this order."""
    assert len(blocks) == 2 * len(numbers)
    for number, acceleration, rate in zip(numbers, blocks[::2], blocks[1::2], strict=True):
        _, stamp, (first, second) = packet(number)
        assert (acceleration.stream, rate.stream) == ("acceleration", "angular_rate")
        np.testing.assert_array_equal(acceleration.values, first)
        np.testing.assert_allclose(rate.values, np.radians(second), rtol=1e-12)
        np.testing.assert_array_equal(acceleration.ticks, stamp + np.array([0, 19, 38, 58]))
        np.testing.assert_array_equal(rate.ticks, acceleration.ticks)


def test_the_vector():
    unit = Movesense()
    for _ in range(2):
        assert unit.feed(NOTIFY, WHOLE) == []  # nobody said how long a packet is: it may be continued
    acceleration, rate, *again = unit.feed(NOTIFY, WHOLE)
    _, _, stamp, first, second = MINE["IMU6, 2 samples"]["decoded"]
    np.testing.assert_array_equal(acceleration.values, first)
    np.testing.assert_allclose(rate.values, np.radians(second), rtol=1e-12)
    np.testing.assert_array_equal(acceleration.ticks, [stamp, stamp + 19])
    np.testing.assert_array_equal(rate.ticks, acceleration.ticks)
    assert [b.stream for b in again] == ["acceleration", "angular_rate"] * 2
    assert len(unit.feed(NOTIFY, WHOLE)) == 2  # from now on at once
    assert unit.malformed == 0


def test_the_command_vector():
    assert subscribe(99, "/Meas/IMU6/104") == bytes.fromhex(MINE["SUBSCRIBE /Meas/IMU6/104 ref 99"]["hex"])


def test_the_acceleration_claims_no_unit():
    stream = Movesense().stream("acceleration")
    assert stream.quantity is None
    assert "not settled" in stream.unit
    assert (stream.clock.kind, stream.clock.tick_s, stream.clock.wrap) == (Ticks.STAMP, 1e-3, 2**32)


@laws
@given(at=st.integers(6, 101))
def test_a_packet_in_two_pieces(at):
    unit = Movesense()
    blocks = [b for n in range(5) for piece in split(n, at) for b in unit.feed(NOTIFY, piece)]
    check(blocks, range(4 + 1))
    assert unit.malformed == 0


@laws
@given(at=st.integers(6, 101), lost=st.integers(0, 17))
def test_a_lost_piece_loses_its_packet_and_forges_none(at, lost):
    unit = Movesense()
    pieces = [piece for n in range(12) for piece in split(n, at)]
    blocks = [b for i, piece in enumerate(pieces) if i != lost for b in unit.feed(NOTIFY, piece)]
    stamps = [int(b.ticks[0]) // 77 for b in blocks[::2]]
    assert lost // 2 not in stamps
    assert len(stamps) >= 9
    check(blocks, stamps)
    assert unit.malformed in {1, 2}


@laws
@given(order=st.lists(st.integers(0, 50), min_size=3, max_size=20))
def test_whole_packets_in_any_order(order):
    unit = Movesense()
    check([b for n in order for b in unit.feed(NOTIFY, packet(n)[0])], order)
    assert unit.malformed == 0


def test_the_stamp_wraps_inside_a_packet():
    data = b"\x02\x63" + struct.pack("<I", 2**32 - 20) + bytes(96)
    unit = Movesense()
    unit.feed(NOTIFY, data), unit.feed(NOTIFY, data)
    np.testing.assert_array_equal(unit.feed(NOTIFY, data)[0].ticks, [2**32 - 20, 2**32 - 1, 18, 38])


@pytest.mark.parametrize(
    "data", [b"", b"\x02", b"\x04\x63" + bytes(8), b"\x02\x62" + bytes(28), b"\x03\x63" + bytes(24)]
)
def test_malformed(data):
    unit = Movesense()
    assert unit.feed(NOTIFY, data) == []
    assert unit.malformed == 1


@pytest.mark.parametrize("number", [float("nan"), float("inf"), 1e6])
def test_numbers_that_no_sensor_gives_are_malformed(number):
    data = WHOLE[:-4] + struct.pack("<f", number)
    unit = Movesense()
    unit.feed(NOTIFY, data), unit.feed(NOTIFY, data)
    assert unit.feed(NOTIFY, WHOLE) == []
    assert unit.malformed == 1


def test_a_gap_forgets_the_packet_in_the_making():
    unit = Movesense()
    unit.feed(NOTIFY, packet(0)[0][:50])
    unit.gap()
    assert unit.feed(NOTIFY, packet(1)[0]) == unit.feed(NOTIFY, packet(2)[0]) == []
    check(unit.feed(NOTIFY, packet(3)[0]), [1, 2, 3])


@pytest.mark.parametrize("status", ["c800", "00c8"])
def test_handshake(status):
    unit = Movesense()
    script = unit.start()
    assert next(script) == Notify(NOTIFY)
    step = script.send(None)
    while isinstance(step, Read):
        step = script.send(b"\x50" if step.char == sig.BATTERY_LEVEL else None)
    assert step == Write(COMMAND, b"\x01\x63/Meas/IMU6/52")
    wait = script.send(None)
    assert isinstance(wait, Wait)
    assert wait.char == NOTIFY
    reply = b"\x01\x63" + bytes.fromhex(status)
    assert wait.accept(reply)
    assert not wait.accept(WHOLE)
    with pytest.raises(StopIteration):
        script.send(reply)
    assert unit.info == {"battery_percent": "80"}
    assert unit.feed(NOTIFY, reply) == []
    assert unit.malformed == 0
    assert list(unit.stop()) == [Write(COMMAND, b"\x02\x63")]


@pytest.mark.parametrize("reply", [None, b"\x01\x63\x94\x01", b"\x01\x63"])
def test_handshake_that_is_refused(reply):
    script = Movesense().start()
    step = next(script)
    while not isinstance(step, Wait):
        step = script.send(None)
    with pytest.raises(GlutebalError, match="/Meas/IMU6/52"):
        script.send(reply)


def test_match():
    assert Movesense.match(Advert("Movesense 174630000192", frozenset({ADVERTISED}))) == 10
    assert Movesense.match(Advert("Movesense 174630000192")) == 8
    assert Movesense.match(Advert("", frozenset({ADVERTISED}))) == 5


@laws
@given(which=st.integers(0, 11), cut=st.integers(1, 101))
def test_a_truncated_packet_is_lost_and_forges_none(which, cut):
    unit = Movesense()
    blocks = [b for n in range(12) for b in unit.feed(NOTIFY, packet(n)[0][: cut if n == which else 102])]
    stamps = [int(b.ticks[0]) // 77 for b in blocks[::2]]
    assert which not in stamps
    assert len(stamps) >= 8
    check(blocks, stamps)
