"""BITalino: the frame, its CRC and number, streams cut anywhere, and the handshake."""

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from glutebal.errors import InputError
from glutebal.ingest.driver import Advert, Malformed, Notify, Ticks, Write
from glutebal.ingest.drivers.bitalino import (
    COMMAND,
    FRAMES,
    SERVICE,
    Bitalino,
    Frame,
    checksum,
    decode_frame,
    frame_bytes,
)

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "ble_vectors.json").read_text(encoding="utf-8"))
MINE = [v for v in VECTORS if v["device"] == "bitalino"]
laws = settings(derandomize=True, deadline=None, max_examples=60)


def pack(sequence, analog, digital=0):
    """The frame with these contents, written from its end."""
    bits, used = sequence << 8 | digital, 12
    for channel, count in enumerate(analog):
        width = 10 if channel < 4 else 6
        bits, used = bits << width | count, used + width
    size = frame_bytes(len(analog))
    frame = (bits << 8 * size - used).to_bytes(size, "little")
    return frame[:-1] + bytes((frame[-1] | checksum(frame),))


COUNTS = np.random.default_rng(3).integers(0, 1024, (40, 4)).tolist()
STREAM = [pack(i % 16, row) for i, row in enumerate(COUNTS)]


def analog(blocks):
    return [(int(t), tuple(v)) for b in blocks if b.stream == "analog" for t, v in zip(b.ticks, b.values, strict=True)]


TRUTH = [(i % 16, tuple(map(float, row))) for i, row in enumerate(COUNTS)]


@pytest.mark.parametrize("vector", MINE, ids=lambda v: v["name"])
def test_the_vectors(vector):
    expected = vector["decoded"]
    frame = bytes.fromhex(vector["hex"])
    assert expected["crc_ok"]
    decoded = Frame(expected["seq"], tuple(expected["dig"]), tuple(expected["a"]))
    assert decode_frame(frame, len(expected["a"])) == decoded


def test_the_vectors_frame_by_frame_through_the_driver():
    frame = bytes.fromhex(MINE[0]["hex"])
    box = Bitalino(channels=(0, 1))
    following = [pack(n, (512, 513), 0b1010) for n in (10, 11)]
    assert following[0][1:3] == frame[1:3]
    assert box.feed(FRAMES, frame) == []  # three must agree before one is believed
    assert box.feed(FRAMES, following[0]) == []
    counts, lines = box.feed(FRAMES, following[1])
    np.testing.assert_array_equal(counts.values, [[512, 513]] * 3)
    np.testing.assert_array_equal(lines.values, [[1, 0, 1, 0]] * 3)
    np.testing.assert_array_equal(counts.ticks, [9, 10, 11])
    np.testing.assert_array_equal(lines.ticks, [9, 10, 11])
    assert box.malformed == 0


@pytest.mark.parametrize(("channels", "size"), [(1, 3), (2, 4), (3, 6), (4, 7), (5, 8), (6, 8)])
def test_frame_sizes(channels, size):
    assert frame_bytes(channels) == size


@laws
@given(
    sequence=st.integers(0, 15),
    lines=st.integers(0, 15),
    wide=st.lists(st.integers(0, 1023), min_size=1, max_size=4),
    narrow=st.lists(st.integers(0, 63), max_size=2),
)
def test_what_is_packed_comes_back(sequence, lines, wide, narrow):
    counts = (*wide, *(narrow if len(wide) == 4 else ()))
    frame = decode_frame(pack(sequence, counts, lines), len(counts))
    assert frame == Frame(sequence, tuple(lines >> i & 1 for i in (3, 2, 1, 0)), counts)


@laws
@given(bit=st.integers(0, 55))
def test_the_crc_finds_every_flipped_bit(bit):
    frame = bytearray(STREAM[5])
    frame[bit // 8] ^= 1 << bit % 8
    with pytest.raises(Malformed):
        decode_frame(bytes(frame), 4)


@laws
@given(cuts=st.sets(st.integers(1, 279), max_size=60))
def test_any_cutting_gives_the_same_samples(cuts):
    whole = b"".join(STREAM)
    places = [0, *sorted(cuts), len(whole)]
    box = Bitalino()
    blocks = [b for i, j in pairwise(places) for b in box.feed(FRAMES, whole[i:j])]
    assert analog(blocks) == TRUTH
    assert box.malformed == 0


@laws
@given(first=st.integers(3, 20), lost=st.integers(1, 15))
def test_lost_frames_show_in_the_numbers(first, lost):
    box = Bitalino()
    kept = [i for i in range(40) if not first <= i < first + lost]
    blocks = [b for i in kept for b in box.feed(FRAMES, STREAM[i])]
    assert analog(blocks) == [TRUTH[i] for i in kept]
    assert box.malformed == 0


@laws
@given(bit=st.integers(0, 40 * 56 - 1))
def test_a_flipped_bit_in_the_stream_costs_a_frame_and_forges_none(bit):
    data = bytearray(b"".join(STREAM))
    data[bit // 8] ^= 1 << bit % 8
    box = Bitalino()
    found = analog(box.feed(FRAMES, data))
    spoilt = bit // 56
    early = spoilt < 3  # before anything is believed, what precedes the spoilt frame goes with it
    intact = [row for i, row in enumerate(TRUTH) if i != spoilt and not (early and i < spoilt)]
    assert found == intact[: len(found)]
    assert len(found) == (len(intact) if spoilt < 37 else spoilt)  # the last two wait for a third
    assert box.malformed == 1 or spoilt >= 37


def looks_right(frame, sequence):
    try:
        return decode_frame(frame, 4).sequence == sequence
    except Malformed:
        return False


@laws
@given(garbage=st.binary(min_size=1, max_size=20), place=st.integers(3, 30))
def test_garbage_forges_nothing(garbage, place):
    box = Bitalino()
    data = b"".join(STREAM[:place]) + garbage + b"".join(STREAM[place:])
    assume(not looks_right(data[7 * place : 7 * place + 7], place % 16))  # one chance in 256: CRC and number agree
    assert set(analog(box.feed(FRAMES, data))) <= set(TRUTH)


def test_zeros_are_no_frames():
    box = Bitalino()
    assert checksum(bytes(7)) == 0
    assert box.feed(FRAMES, bytes(70)) == []
    assert box.malformed == 1


@pytest.mark.parametrize(("char", "data"), [(COMMAND, STREAM[0]), (FRAMES, b"")])
def test_malformed(char, data):
    box = Bitalino()
    assert box.feed(char, data) == []
    assert box.malformed == 1


def test_streams_follow_the_settings():
    box = Bitalino((1, 5), 1000)
    assert box.stream("analog").axes == ("A2", "A6")
    assert box.stream("analog").quantity is None
    assert (box.stream("analog").rate_hz, box.stream("analog").clock.tick_s) == (1000.0, 1e-3)
    assert (box.stream("digital").clock.kind, box.stream("digital").clock.wrap) == (Ticks.COUNT, 16)
    assert Bitalino().stream("analog").axes == ("A1", "A2", "A3", "A4")


@pytest.mark.parametrize("bad", [{"channels": ()}, {"channels": (6,)}, {"channels": (1, 0)}, {"rate_hz": 500}])
def test_settings_that_the_box_has_not(bad):
    with pytest.raises(InputError, match="BITalino"):
        Bitalino(**bad)


def test_handshake():
    assert list(Bitalino().start()) == [Notify(FRAMES), Write(COMMAND, b"\x83"), Write(COMMAND, b"\x3d")]
    assert list(Bitalino((0, 1), 1000).start())[1:] == [Write(COMMAND, b"\xc3"), Write(COMMAND, b"\x0d")]
    assert list(Bitalino().stop()) == [Write(COMMAND, b"\0")]


def test_match():
    assert Bitalino.match(Advert("BITalino-12-34", frozenset({SERVICE}))) == 10
    assert Bitalino.match(Advert("BITalino-12-34")) == 8
    assert Bitalino.match(Advert("biosignalsplux", frozenset({SERVICE}))) == 1
    assert Bitalino.match(Advert("biosignalsplux")) == 0


@laws
@given(order=st.lists(st.integers(0, 7), max_size=20))
def test_notifications_repeated_or_in_any_order_forge_nothing(order):
    box = Bitalino()
    notifications = [b"".join(STREAM[5 * n : 5 * n + 5]) for n in range(8)]
    found = [row for n in order for row in analog(box.feed(FRAMES, notifications[n]))]
    assert found == [row for n in order for row in TRUTH[5 * n : 5 * n + 5]]
