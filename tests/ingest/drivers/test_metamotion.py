"""MetaMotion: the vendor's test values, the accounter, both chips, and the handshake."""

import json
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glutebal.errors import GlutebalError
from glutebal.ingest.driver import Advert, Notify, Read, Ticks, Wait, Write
from glutebal.ingest.drivers import sig
from glutebal.ingest.drivers.metamotion import COMMAND, NOTIFY, SERVICE, MetaMotion
from glutebal.model import Quantity

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "ble_vectors.json").read_text(encoding="utf-8"))
MINE = {v["name"]: v for v in VECTORS if v["device"] == "metamotion"}
G, DPS = 9.80665, np.pi / 180
laws = settings(derandomize=True, deadline=None, max_examples=60)


def accounted(board):
    """The board as after the handshake: accounter 0 is the accelerometer's, 1 the gyroscope's."""
    assert board.feed(NOTIFY, b"\x09\x02\x00") == board.feed(NOTIFY, b"\x09\x02\x01") == []
    return board


def frame(accounter, tick, counts):
    payload = b"".join(int(c).to_bytes(2, "little", signed=True) for c in counts)
    return bytes((9, 3, accounter)) + tick.to_bytes(4, "little") + payload


@pytest.mark.parametrize(
    ("name", "settings_", "stream", "scale"),
    [
        ("acc 4 g", {"range_g": 4}, "acceleration_untimed", G),
        ("acc packed 8 g (BMI160 03 1C)", {"range_g": 8}, "acceleration_untimed", G),
        ("gyro 500 dps", {"range_dps": 500}, "angular_rate_untimed", DPS),
        ("gyro packed 1000 dps", {"range_dps": 1000}, "angular_rate_untimed", DPS),
    ],
)
def test_the_vendors_values(name, settings_, stream, scale):
    vector = MINE[name]
    [block] = MetaMotion(**settings_).feed(NOTIFY, bytes.fromhex(vector["hex"]))
    expected = np.array(vector["decoded"])
    assert block.stream == stream
    assert block.ticks is None
    assert block.trusted
    np.testing.assert_allclose(block.values[: len(expected)] / scale, expected, atol=vector["tol"])
    assert len(block.values) == (3 if "packed" in name else 1)


def test_the_vendors_accounter_frame():
    vector = MINE["accounter tick + acc 2 g"]
    [block] = accounted(MetaMotion(range_g=2)).feed(NOTIFY, bytes.fromhex(vector["hex"]))
    tick, g = vector["decoded"]
    assert block.stream == "acceleration"
    np.testing.assert_array_equal(block.ticks, [tick])
    np.testing.assert_allclose(block.values / G, [g], atol=vector["tol"])


def test_the_accounter_of_the_gyroscope():
    [block] = accounted(MetaMotion(range_dps=2000)).feed(NOTIFY, frame(1, 2**32 - 1, (164, -328, 32767)))
    assert block.stream == "angular_rate"
    np.testing.assert_array_equal(block.ticks, [2**32 - 1])
    np.testing.assert_allclose(block.values / DPS, [[10, -20, 32767 / 16.4]], rtol=1e-12)


def test_streams():
    assert {s.name: s.quantity for s in MetaMotion.streams} == {
        "acceleration": Quantity.ACCELERATION,
        "angular_rate": Quantity.ANGULAR_RATE,
        "acceleration_untimed": Quantity.ACCELERATION,
        "angular_rate_untimed": Quantity.ANGULAR_RATE,
    }
    for stream in MetaMotion.streams:
        untimed = stream.name.endswith("untimed")
        clock = (Ticks.NONE, 0.0, None) if untimed else (Ticks.STAMP, 48 / 32768, 2**32)
        assert (stream.clock.kind, stream.clock.tick_s, stream.clock.wrap) == clock


def test_replies_to_reads_are_no_samples_and_not_malformed():
    board = MetaMotion()
    for reply in (b"\x03\x80\x01\x02", b"\x11\x8a\x64\xc8\x10", b"\x09\x02\x00"):
        assert board.feed(NOTIFY, reply) == []
    assert board.malformed == 0


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x03",
        b"\x03\x04",
        b"\x03\x04" + bytes(5),
        b"\x03\x04" + bytes(7),
        b"\x13\x1c" + bytes(6),
        b"\x09\x03\x05" + bytes(10),
        b"\x09\x03\x00" + bytes(9),
        b"\x09\x03\x00" + bytes(22),
        b"\x09\x02\x00\x00",
        b"\x42\x04" + bytes(6),
    ],
)
def test_malformed(data):
    board = accounted(MetaMotion())
    assert board.feed(NOTIFY, data) == []
    assert board.malformed == 1


def test_an_accounter_that_nobody_announced_is_malformed():
    board = MetaMotion()
    assert board.feed(NOTIFY, frame(0, 1, (0, 0, 0))) == []
    assert board.malformed == 1


def test_another_characteristic_is_malformed():
    board = MetaMotion()
    assert board.feed(COMMAND, bytes.fromhex(MINE["acc 4 g"]["hex"])) == []
    assert board.malformed == 1


@laws
@given(
    tick=st.integers(0, 2**32 - 1), counts=st.tuples(*[st.integers(-(2**15), 2**15 - 1)] * 3), cut=st.integers(0, 12)
)
def test_any_sample_comes_back_and_no_part_of_one_does(tick, counts, cut):
    board = accounted(MetaMotion(range_g=16))
    [block] = board.feed(NOTIFY, frame(0, tick, counts))
    np.testing.assert_allclose(block.values, [np.array(counts) * (G / 2048)], rtol=1e-12)
    np.testing.assert_array_equal(block.ticks, [tick])
    assert [b for b in board.feed(NOTIFY, frame(0, tick, counts)[:cut]) if b] == []


def handshake(chip, accounters=(0, 1), **settings_):
    """The commands of a handshake with a board of that chip, in hex, and the driver."""
    board = MetaMotion(**settings_)
    script, steps = board.start(), []
    replies = iter([bytes((9, 2, a)) for a in accounters])
    answer = None
    while True:
        try:
            step = script.send(answer)
        except StopIteration:
            return [s.data.hex() for s in steps if isinstance(s, Write)], board, steps
        steps.append(step)
        answer = None
        if isinstance(step, Wait):
            asked = steps[-2].data
            answer = bytes((3, 0x80, chip, 1)) if asked == b"\x03\x80" else next(replies)
            assert step.char == NOTIFY
            assert step.accept(answer)
            assert not step.accept(b"\x03\x04" + bytes(6))
        elif isinstance(step, Read):
            answer = {sig.BATTERY_LEVEL: b"\x64", sig.INFORMATION["firmware"]: b"1.7.3"}.get(step.char)


def test_handshake_of_a_bmi160():
    commands, board, steps = handshake(1)
    assert [s for s in steps if not isinstance(s, (Write, Read, Wait))] == [Notify(NOTIFY)]
    assert commands == [
        "0380",
        "0908",
        "03032808",
        "13032801",
        "09020304ffa0113103",
        "09070001",
        "09021305ffa0113103",
        "09070101",
        "090301",
        "03020100",
        "030101",
        "13020100",
        "130101",
    ]
    assert all(s.char == COMMAND and not s.response for s in steps if isinstance(s, Write))
    assert board.info == {"battery_percent": "100", "firmware": "1.7.3", "chip": "BMI160"}
    [block] = board.feed(NOTIFY, frame(0, 5, (2048, 0, 0)))
    np.testing.assert_allclose(block.values, [[G / 2, 0, 0]])


def test_handshake_of_a_bmi270_and_other_ids():
    commands, board, _ = handshake(4, (3, 7), range_g=16, range_dps=125)
    assert commands[2:4] == ["0303a803", "13032804"]
    assert commands[5:8] == ["09070301", "09021304ffa0113103", "09070701"]
    assert board.feed(NOTIFY, frame(7, 5, (0, 0, 0)))[0].stream == "angular_rate"


def run(script, answers):
    """The script to its end, with these answers to its waits."""
    step = next(script)
    with suppress(StopIteration):
        while True:
            step = script.send(next(answers) if isinstance(step, Wait) else None)


def test_a_second_handshake_forgets_the_first_ids():
    _, board, _ = handshake(1, (0, 1))
    run(board.start(), iter([b"\x03\x80\x01\x01", b"\x09\x02\x01", b"\x09\x02\x00"]))
    assert board.feed(NOTIFY, frame(1, 5, (0, 0, 0)))[0].stream == "acceleration"


@pytest.mark.parametrize("reply", [None, b"\x03\x80", b"\x03\x80\x00\x01"])
def test_handshake_with_a_board_that_is_silent_or_unknown(reply):
    script = MetaMotion().start()
    step = next(script)
    while not isinstance(step, Wait):
        step = script.send(None)
    with pytest.raises(GlutebalError, match="MetaMotion"):
        script.send(reply)


def test_handshake_without_an_accounter():
    with pytest.raises(GlutebalError, match="accounter"):
        run(MetaMotion().start(), iter([b"\x03\x80\x01\x01", None]))


def test_stop():
    commands = [s.data.hex() for s in MetaMotion().stop()]
    assert commands == ["030100", "03020001", "130100", "13020001", "0908"]


def test_match():
    assert MetaMotion.match(Advert("MetaWear", frozenset({SERVICE}))) == 10
    assert MetaMotion.match(Advert("left hip", frozenset({SERVICE}))) == 5
    assert MetaMotion.match(Advert("left hip")) == 0


@laws
@given(order=st.lists(st.tuples(st.integers(0, 1), st.integers(0, 30)), max_size=30), bit=st.integers(0, 15))
def test_samples_stand_alone_repeated_in_any_order_and_beside_spoilt_heads(order, bit):
    board = accounted(MetaMotion())
    for sensor, n in order:
        spoilt = bytearray(frame(sensor, n, (n, -n, 2 * n)))
        spoilt[bit // 8] ^= 1 << bit % 8
        assert all(b.stream.endswith("untimed") for b in board.feed(NOTIFY, spoilt))
        [block] = board.feed(NOTIFY, frame(sensor, n, (n, -n, 2 * n)))
        scale = (G / 4096, DPS / 32.8)[sensor]
        np.testing.assert_allclose(block.values, np.array([[n, -n, 2 * n]]) * scale, rtol=1e-12)
        np.testing.assert_array_equal(block.ticks, [n])
