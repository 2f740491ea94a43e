"""Thalmic Myo: notifications, the count that goes round four characteristics, and the handshake."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glutebal.ingest.driver import Advert, Notify, Read, Ticks, Write
from glutebal.ingest.drivers import sig
from glutebal.ingest.drivers.myo import COMMAND, EMG, FIRMWARE, IMU, SERVICE, Myo, set_mode

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "ble_vectors.json").read_text(encoding="utf-8"))
MINE = {v["name"]: v for v in VECTORS if v["device"] == "myo"}
laws = settings(derandomize=True, deadline=None, max_examples=60)


def notification(place):
    """The ``place``-th EMG notification of a session: its characteristic and its bytes."""
    return EMG[place % 4], bytes((place * 16 + i) % 251 for i in range(16))


def test_the_emg_vector():
    vector = MINE["EMG notification (2x8 int8)"]
    [block] = Myo().feed(EMG[0], bytes.fromhex(vector["hex"]))
    assert block.stream == "emg"
    np.testing.assert_array_equal(block.values, vector["decoded"])
    np.testing.assert_array_equal(block.ticks, [0, 1])
    assert block.trusted


def test_the_imu_vector():
    vector = MINE["IMU notification"]
    orientation, acceleration, rate = Myo().feed(IMU, bytes.fromhex(vector["hex"]))
    quaternion, g, dps = vector["decoded"]
    assert [b.stream for b in (orientation, acceleration, rate)] == ["orientation", "acceleration", "angular_rate"]
    np.testing.assert_array_equal(orientation.values, [quaternion])
    np.testing.assert_allclose(acceleration.values, [np.array(g) * 9.80665], rtol=1e-12)
    np.testing.assert_allclose(rate.values, [np.radians(dps)], rtol=1e-12)
    assert all(b.ticks is None for b in (orientation, acceleration, rate))


def test_the_command_vector():
    assert set_mode(2, 1, 0) == bytes.fromhex(MINE["command: raw? EMG mode 2 + IMU data"]["hex"])


def test_emg_counts_have_no_unit():
    stream = Myo().stream("emg")
    assert stream.quantity is None
    assert stream.clock.kind is Ticks.COUNT
    assert stream.clock.wrap is None


@laws
@given(lost=st.sets(st.integers(1, 40), max_size=20), start=st.integers(0, 3))
def test_up_to_three_lost_in_a_row_are_counted(lost, start):
    band = Myo()
    last = 0
    for place in range(42):
        if place in lost and place - last <= 3:
            continue
        last = place
        [block] = band.feed(*notification(place + start))
        np.testing.assert_array_equal(block.ticks, [2 * place, 2 * place + 1])
    assert band.malformed == 0


@laws
@given(repeats=st.lists(st.integers(1, 3), min_size=1, max_size=20))
def test_a_repeated_notification_keeps_its_count(repeats):
    band = Myo()
    for place, times in enumerate(repeats):
        for _ in range(times):
            [block] = band.feed(*notification(place))
            np.testing.assert_array_equal(block.ticks, [2 * place, 2 * place + 1])


def test_four_lost_in_a_row_look_like_three_plus_one():
    band = Myo()
    band.feed(*notification(0))
    [block] = band.feed(*notification(5))  # four are missing: modulo four, that is none
    np.testing.assert_array_equal(block.ticks, [2, 3])


@pytest.mark.parametrize(
    ("char", "size"), [(EMG[0], 15), (EMG[1], 17), (EMG[2], 0), (EMG[2], 8), (IMU, 19), (IMU, 21), (COMMAND, 16)]
)
def test_malformed(char, size):
    band = Myo()
    assert band.feed(char, bytes(size)) == []
    assert band.malformed == 1
    [block] = band.feed(*notification(0))
    np.testing.assert_array_equal(block.ticks, [0, 1])


@laws
@given(data=st.binary(min_size=16, max_size=16))
def test_every_byte_is_one_signed_count(data):
    [block] = Myo().feed(EMG[3], data)
    np.testing.assert_array_equal(block.values.ravel(), [b - 256 if b > 127 else b for b in data])


def test_imu_scales_at_full_range():
    _, acceleration, rate = Myo().feed(IMU, bytes(8) + b"\x00\x80" * 6)
    np.testing.assert_allclose(acceleration.values, [[-16 * 9.80665] * 3])
    np.testing.assert_allclose(rate.values, [[-2048 * math.pi / 180] * 3])


def test_handshake():
    band = Myo()
    script = band.start()
    assert [next(script), *(script.send(None) for _ in range(4))] == [Notify(char) for char in (*EMG, IMU)]
    step, answers = script.send(None), {sig.BATTERY_LEVEL: b"\x4b", FIRMWARE: bytes.fromhex("0100050000000200")}
    while isinstance(step, Read):
        step = script.send(answers.get(step.char))
    assert step == Write(COMMAND, b"\x09\x01\x01")
    assert script.send(None) == Write(COMMAND, b"\x01\x03\x02\x01\x00")
    with pytest.raises(StopIteration):
        script.send(None)
    assert band.info == {"firmware": "1.5.0", "battery_percent": "75"}
    assert list(band.stop()) == [Write(COMMAND, b"\x01\x03\x00\x00\x00")]


def test_handshake_of_a_band_that_says_nothing():
    band = Myo()
    assert [type(step) for step in band.start() if not isinstance(step, Read)] == [Notify] * 5 + [Write] * 2
    assert band.info == {}


def test_match():
    assert Myo.match(Advert("Kim's Myo", frozenset({SERVICE}))) == 10
    assert Myo.match(Advert("left thigh", frozenset({SERVICE}))) == 5
    assert Myo.match(Advert("Myo")) == 0


@laws
@given(order=st.lists(st.integers(0, 40), min_size=1, max_size=40), cut=st.integers(0, 15))
def test_values_are_the_true_ones_whatever_the_order(order, cut):
    band = Myo()
    ticks = []
    for n in order:
        char, data = notification(n)
        assert band.feed(char, data[:cut]) == []
        [block] = band.feed(char, data)
        np.testing.assert_array_equal(block.values.ravel(), np.frombuffer(data, np.int8))
        ticks.append(int(block.ticks[0]))
    assert ticks == sorted(ticks)
    assert band.malformed == len(order)
