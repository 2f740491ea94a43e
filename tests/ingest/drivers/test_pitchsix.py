"""PitchSix Force Board: counted samples, the byte whose factor is unresolved, and damaged packets."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glutebal.ingest.driver import Advert, Notify, Read, Ticks, Write
from glutebal.ingest.drivers import sig
from glutebal.ingest.drivers.pitchsix import DATA, MODE, SERVICE, PitchSix

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "ble_vectors.json").read_text(encoding="utf-8"))
[VECTOR] = [v for v in VECTORS if v["device"] == "pitchsix"]
SAMPLES = st.lists(st.integers(0, 65535), min_size=1, max_size=12)
laws = settings(derandomize=True, deadline=None, max_examples=60)


def packet(samples):
    return len(samples).to_bytes(2, "big") + b"".join(sample.to_bytes(3, "big") for sample in samples)


def test_the_vector():
    board = PitchSix()
    [block] = board.feed(DATA, bytes.fromhex(VECTOR["hex"]))
    assert block.stream == "force"
    np.testing.assert_array_equal(block.values, np.array(VECTOR["decoded"])[:, None])
    assert block.values.dtype == np.float64
    assert block.ticks is None
    assert block.trusted
    assert board.malformed == 0


def test_the_scale_is_not_claimed():
    [force] = PitchSix.streams
    assert force.quantity is None
    assert "unresolved" in force.unit
    assert math.isnan(force.rate_hz)
    assert force.clock.kind is Ticks.NONE


@pytest.mark.parametrize("sample", [65536, 32768 * 2 + 1, 2**24 - 1, 2**24 - 100])
def test_a_sample_that_depends_on_the_unresolved_factor_is_refused(sample):
    board = PitchSix()
    assert board.feed(DATA, packet([100, sample, 200])) == []
    assert board.malformed == 1


def test_both_readings_of_the_largest_sample_agree():
    [block] = PitchSix().feed(DATA, packet([65535, 0]))
    np.testing.assert_array_equal(block.values, [[65535], [0]])


@laws
@given(SAMPLES)
def test_every_sample_of_a_packet_comes_back(samples):
    [block] = PitchSix().feed(DATA, packet(samples))
    np.testing.assert_array_equal(block.values[:, 0], samples)


@laws
@given(SAMPLES, st.data())
def test_a_packet_cut_anywhere_gives_nothing(samples, data):
    whole = packet(samples)
    board = PitchSix()
    assert board.feed(DATA, whole[: data.draw(st.integers(0, len(whole) - 1))]) == []
    assert board.feed(DATA, whole + b"\0") == []
    assert board.malformed == 2


@laws
@given(SAMPLES, st.data())
def test_a_flipped_bit_refuses_the_packet_or_changes_one_sample(samples, data):
    spoilt = bytearray(packet(samples))
    bit = data.draw(st.integers(0, 8 * len(spoilt) - 1))
    spoilt[bit // 8] ^= 1 << bit % 8
    board = PitchSix()
    blocks = board.feed(DATA, bytes(spoilt))
    lower = bit >= 16 and (bit // 8 - 2) % 3 > 0  # a flip in the count or in a first byte is seen
    assert (len(blocks), board.malformed) == ((1, 0) if lower else (0, 1))
    for block in blocks:
        assert np.flatnonzero(block.values[:, 0] != samples).tolist() == [(bit // 8 - 2) // 3]


@laws
@given(st.binary(max_size=40))
def test_random_bytes_are_what_they_say_or_malformed(data):
    board = PitchSix()
    blocks = board.feed(DATA, data)
    assert len(blocks) + board.malformed == 1
    for block in blocks:
        assert packet([int(value) for value in block.values[:, 0]]) == data


@laws
@given(st.lists(SAMPLES, min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_packets_are_independent_of_their_order_and_repetition(packets, random):
    order = [*packets, *packets]
    random.shuffle(order)
    board = PitchSix()
    for samples in order:
        [block] = board.feed(DATA, packet(samples))
        np.testing.assert_array_equal(block.values[:, 0], samples)
    assert board.malformed == 0


@pytest.mark.parametrize(("char", "data"), [(DATA, ""), (DATA, "00"), (DATA, "0000"), (MODE, "0001000064")])
def test_malformed(char, data):
    board = PitchSix()
    assert board.feed(char, bytes.fromhex(data)) == []
    assert board.malformed == 1


def test_handshake_step_by_step():
    board = PitchSix()
    script = board.start()
    assert next(script) == Notify(DATA)
    step = script.send(None)
    while isinstance(step, Read):
        step = script.send(b"\x42" if step.char == sig.BATTERY_LEVEL else None)
    assert step == Write(MODE, b"\x04")
    with pytest.raises(StopIteration):
        script.send(None)
    assert board.info == {"battery_percent": "66"}


def test_start_never_tares_and_stop_stops():
    assert [step for step in PitchSix().start() if isinstance(step, Write)] == [Write(MODE, b"\x04")]
    assert list(PitchSix().stop()) == [Write(MODE, b"\x07")]
    assert list(PitchSix().tare()) == [Write(MODE, b"\x05")]


def test_match_scores():
    assert PitchSix.match(Advert("Force Board", frozenset({SERVICE}))) == 10
    assert PitchSix.match(Advert("Force Board")) == 8
    assert PitchSix.match(Advert("", frozenset({SERVICE}))) == 5
    assert PitchSix.match(Advert("gForceBLE")) == 0
