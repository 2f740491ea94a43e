"""Vernier Go Direct: packets, checksums, the rolling counter, sensors that describe themselves, and the handshake."""

import json
import math
import struct
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glutebal.errors import GlutebalError
from glutebal.ingest.driver import Advert, Notify, Ticks, Wait, Write
from glutebal.ingest.drivers.vernier import COMMAND, RESPONSE, SERVICE, Vernier
from glutebal.ingest.drivers.vernier_packets import checksum, command
from glutebal.model import Quantity

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "ble_vectors.json").read_text(encoding="utf-8"))
MINE = {v["name"]: v for v in VECTORS if v["device"] == "vernier"}
INIT = bytes.fromhex(MINE["INIT command, first rolling counter FE"]["hex"])
REAL32 = bytes.fromhex(MINE["NORMAL_REAL32, sensor 1, 2 values"]["hex"])
laws = settings(derandomize=True, deadline=None, max_examples=60)


def packet(first, counter, kind, body=b""):
    """A packet of the device, with its length and checksum."""
    raw = bytes((first, 5 + len(body), counter % 256, 0, kind)) + body
    return raw[:3] + bytes((checksum(raw),)) + raw[4:]


def samples(counter, values, mask=2):
    values = np.atleast_2d(values).astype("<f4")
    return packet(0x20, counter, 6, struct.pack("<HBB", mask, len(values), 0) + values.tobytes())


def info(number, description, unit, min_period_us=1000):
    body = struct.pack(
        "<bBIBB60s32sdddIQIII",
        *(number, 0, 7, 0, 0, description.encode(), unit.encode()),
        *(0.1, -50.0, 50.0, min_period_us, 10**10, 50_000, 100, 0),
    )
    return packet(0x98, 9, 0x50, b"\0" + body)


def ticks(blocks):
    return [int(t) for b in blocks for t in b.ticks]


def test_the_command_vector():
    assert checksum(INIT) == INIT[3] == MINE["INIT command, first rolling counter FE"]["decoded"]
    script = Vernier().start()
    assert next(script) == Notify(RESPONSE)
    first, second = script.send(None), script.send(None)
    assert {first.char, second.char} == {COMMAND}
    assert first.data + second.data == INIT
    assert len(first.data) == 20


def test_the_sample_vector():
    [block] = Vernier().feed(RESPONSE, REAL32)
    [[[number, one]], [[_, two]]] = MINE["NORMAL_REAL32, sensor 1, 2 values"]["decoded"]
    assert block.stream == f"sensor_{number}"
    np.testing.assert_array_equal(block.values, [[one], [two]])
    np.testing.assert_array_equal(block.ticks, [0, 1])
    assert block.trusted


def test_a_sensor_that_did_not_describe_itself_claims_nothing():
    stream = Vernier().stream("sensor_1")
    assert stream.quantity is None
    assert math.isnan(stream.rate_hz)


@pytest.mark.parametrize(
    ("description", "unit", "quantity", "si_unit", "factor"),
    [
        ("Force", "N", Quantity.FORCE, "N", 1.0),
        ("X-axis acceleration", "m/s²", Quantity.ACCELERATION, "m/s²", 1.0),
        ("X-axis gyro", "°/s", Quantity.ANGULAR_RATE, "rad/s", math.pi / 180),
        ("EMG", "mV", Quantity.EMG, "V", 1e-3),
        ("EKG", "mV", None, "mV", 1.0),
        ("Heart Rate", "bpm", None, "bpm", 1.0),
    ],
)
def test_units_come_from_the_sensor(description, unit, quantity, si_unit, factor):
    sensor = Vernier()
    assert sensor.feed(RESPONSE, info(1, description, unit)) == []
    stream = sensor.stream("sensor_1")
    assert (stream.quantity, stream.unit, stream.rate_hz) == (quantity, si_unit, 100.0)
    assert (stream.clock.kind, stream.clock.tick_s) == (Ticks.COUNT, 0.01)
    [block] = sensor.feed(RESPONSE, samples(1, [[12.5]]))
    np.testing.assert_allclose(block.values, [[12.5 * factor]], rtol=1e-12)
    assert sensor.info["sensor_1"] == f"{description}, {unit}"
    assert Vernier().stream("sensor_1").quantity is None  # another unit knows nothing of this one


def test_the_slowest_sensor_sets_the_rate():
    sensor = Vernier()
    sensor.feed(RESPONSE, info(1, "Force", "N"))
    sensor.feed(RESPONSE, info(2, "X-axis acceleration", "m/s²", 20_000))
    assert sensor.stream("sensor_1").rate_hz == sensor.stream("sensor_2").rate_hz == 50.0


def test_sensors_are_interleaved_lowest_first():
    blocks = Vernier().feed(RESPONSE, samples(1, [[1, 2, 3], [4, 5, 6]], mask=0b100110))
    assert [(b.stream, b.values.ravel().tolist()) for b in blocks] == [
        ("sensor_1", [1, 4]),
        ("sensor_2", [2, 5]),
        ("sensor_5", [3, 6]),
    ]
    assert [b.ticks.tolist() for b in blocks] == [[0, 1]] * 3


def test_wide_packets():
    wide = packet(0x20, 1, 7, struct.pack("<IBB2f", 1 << 31 | 1, 1, 0, 1.5, 2.5))
    assert [(b.stream, b.values.tolist()) for b in Vernier().feed(RESPONSE, wide)] == [
        ("sensor_0", [[1.5]]),
        ("sensor_31", [[2.5]]),
    ]


@pytest.mark.parametrize("kind", [8, 9, 10, 11])
def test_packets_of_single_sensors_are_refused_and_said(kind):
    sensor = Vernier()
    assert sensor.feed(RESPONSE, packet(0x20, 1, kind, struct.pack("<BBB2f", 0, 3, 2, 7, -9))) == []
    assert "single sensors" in sensor.info["refused"]
    assert sensor.malformed == 0


@laws
@given(
    start=st.integers(0, 255),
    direction=st.sampled_from([1, -1]),
    lost=st.sets(st.integers(3, 60), max_size=30),
    count=st.integers(1, 4),
)
def test_lost_packets_show_in_the_count(start, direction, lost, count):
    sensor = Vernier()
    for n in range(64):
        if n not in lost:
            [block] = sensor.feed(RESPONSE, samples(start + direction * n, np.full((count, 1), n)))
            assert block.ticks.tolist() == list(range(n * count, n * count + count))
    assert sensor.malformed == 0


@laws
@given(order=st.permutations(range(5, 12)), repeats=st.integers(1, 3))
def test_late_and_repeated_packets_keep_their_place(order, repeats):
    sensor = Vernier()
    for n in (*range(5), *(n for n in order for _ in range(repeats))):
        [block] = sensor.feed(RESPONSE, samples(n, [[n], [n]]))
        assert block.ticks.tolist() == [2 * n, 2 * n + 1]


def test_the_same_counter_with_other_samples_is_a_whole_turn_later():
    sensor = Vernier()
    assert ticks(sensor.feed(RESPONSE, samples(7, [[1]]))) == [0]
    assert ticks(sensor.feed(RESPONSE, samples(7, [[2]]))) == [256]


def test_a_report_of_dropped_samples_ends_the_trust_until_a_new_start():
    sensor = Vernier()
    assert sensor.feed(RESPONSE, samples(1, [[1]]))[0].trusted
    assert sensor.feed(RESPONSE, packet(0x20, 2, 13, bytes(4))) == []
    assert not sensor.feed(RESPONSE, samples(3, [[1]]))[0].trusted
    assert sensor.info["dropped_reports"] == "1"
    sensor.feed(RESPONSE, packet(0x98, 1, 0x1A, bytes(2)))
    assert sensor.feed(RESPONSE, samples(200, [[1]]))[0].trusted
    assert sensor.malformed == 0


STREAM = [samples(n, [[n], [n + 0.5]]) for n in range(12)]


@laws
@given(cuts=st.sets(st.integers(1, 17 * 12 - 1), max_size=30))
def test_any_cutting_gives_the_same_samples(cuts):
    whole, sensor = b"".join(STREAM), Vernier()
    places = [0, *sorted(cuts), len(whole)]
    blocks = [b for i, j in pairwise(places) for b in sensor.feed(RESPONSE, whole[i:j])]
    found = np.concatenate([b.values.ravel() for b in blocks])
    assert found.tolist() == [v for n in range(12) for v in (n, n + 0.5)]
    assert ticks(blocks) == list(range(24))
    assert sensor.malformed == 0


@laws
@given(bit=st.integers(16, 17 * 8 - 1), which=st.integers(2, 9))
def test_a_flipped_bit_is_found_by_the_checksum(bit, which):
    sensor = Vernier()
    blocks = []
    for n, one in enumerate(STREAM):
        data = bytearray(one)
        if n == which:
            data[bit // 8] ^= 1 << bit % 8
        blocks += sensor.feed(RESPONSE, data)
    assert [b.values[0, 0] for b in blocks] == [n for n in range(12) if n != which]
    assert ticks(blocks) == [t for n in range(12) if n != which for t in (2 * n, 2 * n + 1)]
    assert sensor.malformed == 1


@laws
@given(length=st.integers(0, 255).filter(lambda n: n != 17), which=st.integers(2, 6))
def test_a_spoilt_length_forges_nothing_and_is_got_over(length, which):
    sensor = Vernier()
    stream = [*STREAM[:which], bytes((0x20, length)) + STREAM[which][2:], *STREAM[which + 1 :]]
    stream += [samples(n, [[n], [n + 0.5]]) for n in range(12, 40)]
    blocks = [b for one in stream for b in sensor.feed(RESPONSE, one)]
    first = [int(b.values[0, 0]) for b in blocks]
    assert set(first) <= set(range(40)) - {which}
    assert first[-1] == 39
    assert all(b.ticks[0] == 2 * v for b, v in zip(blocks, first, strict=True))
    assert sensor.malformed >= 1


@pytest.mark.parametrize("lost", range(2 * 12 - 2))
def test_a_lost_half_loses_one_packet(lost):
    sensor = Vernier()
    halves = [half for one in STREAM for half in (one[:10], one[10:])]
    blocks = [b for i, half in enumerate(halves) if i != lost for b in sensor.feed(RESPONSE, half)]
    assert [b.values[0, 0] for b in blocks] == [n for n in range(12) if n != lost // 2]
    assert sensor.malformed == 1


@pytest.mark.parametrize(
    "data",
    [
        b"",
        samples(1, [[math.nan]]),
        samples(1, [[math.inf]]),
        packet(0x20, 1, 6, struct.pack("<HBBf", 2, 2, 0, 1.0)),
        packet(0x20, 1, 6, struct.pack("<HBBf", 0, 1, 0, 1.0)),
        packet(0x20, 1, 6, struct.pack("<HBB", 2, 0, 0)),
        packet(0x20, 1, 6),
        packet(0x20, 1, 5, bytes(8)),
        packet(0x20, 1, 15, bytes(8)),
        packet(0x98, 1, 0x50, bytes(20)),
        info(-1, "Force", "N"),
        info(32, "Force", "N"),
    ],
)
def test_malformed(data):
    sensor = Vernier()
    assert sensor.feed(RESPONSE, data) == []
    assert sensor.malformed == 1
    assert len(sensor.feed(RESPONSE, REAL32)) == 1


def test_another_characteristic_is_malformed():
    sensor = Vernier()
    assert sensor.feed(COMMAND, REAL32) == []
    assert sensor.malformed == 1


def handshake(replies):
    """Every command of a handshake (whole packets), with the device answering in pieces of 100 bytes."""
    sensor = Vernier()
    script, commands, pending = sensor.start(), [], []
    step, written = next(script), b""
    try:
        while True:
            answer = None
            if isinstance(step, Write):
                assert len(step.data) <= 20
                written += step.data
                if len(written) == written[1]:
                    commands.append(written)
                    reply = replies[written[4:6] if written[4] == 0x50 else written[4:5]]
                    pending = [reply[i : i + 100] for i in range(0, len(reply), 100)]
                    written = b""
            elif isinstance(step, Wait):
                answer = pending.pop(0) if pending else None
            step = script.send(answer)
    except StopIteration:
        return commands, sensor


REPLIES = {
    b"\x1a": packet(0x98, 1, 0x1A, bytes(2)),
    b"\x56": packet(0x98, 2, 0x56, b"\0" + struct.pack("<I", 0b1010)),
    b"\x50\x01": info(1, "Force", "N", 500),
    b"\x50\x03": info(3, "X-axis acceleration", "m/s²", 20_000),
    b"\x1b": packet(0x98, 3, 0x1B, bytes(2)),
    b"\x18": packet(0x98, 4, 0x18, bytes(2)) + samples(0, [[1, 2]], 0b1010),
}


def test_handshake():
    commands, sensor = handshake(REPLIES)
    assert commands == [
        INIT,
        command(0xFD, 0x56),
        command(0xFC, 0x50, b"\x01"),
        command(0xFB, 0x50, b"\x03"),
        command(0xFA, 0x1B, b"\xff\x00" + (20_000).to_bytes(8, "little")),
        command(0xF9, 0x18, b"\xff\x01\x0a\x00\x00\x00" + bytes(8)),
    ]
    assert sensor.info == {"sensor_1": "Force, N", "sensor_3": "X-axis acceleration, m/s²"}
    assert sensor.stream("sensor_3").rate_hz == 50.0
    farewell = [step.data for step in sensor.stop()]
    assert farewell == [command(0xF8, 0x19, b"\xff\x00\xff\xff\xff\xff"), command(0xF7, 0x54)]


@pytest.mark.parametrize("silent", list(REPLIES))
def test_handshake_with_a_device_that_falls_silent(silent):
    with pytest.raises(GlutebalError, match="Vernier"):
        handshake({**REPLIES, silent: b""})


def test_the_handshakes_replies_are_no_samples_and_not_malformed():
    sensor = Vernier()
    assert [b.stream for reply in REPLIES.values() for b in sensor.feed(RESPONSE, reply)] == ["sensor_1", "sensor_3"]
    assert sensor.malformed == 0


def test_match():
    assert Vernier.match(Advert("GDX-FOR 071000U9", frozenset({SERVICE}))) == 10
    assert Vernier.match(Advert("GDX-EKG 0K1000U9")) == 8
    assert Vernier.match(Advert("", frozenset({SERVICE}))) == 5
