"""OYMotion gForce: the commands, packets whole and in parts, and what no order of parts can prove."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glutebal.errors import GlutebalError
from glutebal.ingest.driver import Advert, Notify, Ticks, Wait, Write
from glutebal.ingest.drivers.gforce import COMMAND, DATA, SERVICE, GForce, emg_config, subscription

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "ble_vectors.json").read_text(encoding="utf-8"))
[VECTOR] = [v for v in VECTORS if v["device"] == "gforce"]
SETUP = bytes.fromhex(VECTOR["hex"])
ACCEPTED = [bytes.fromhex(reply) for reply in ("000864", "003f", "004f")]  # battery 100 %, setting, subscription
SIZES = st.integers(1, 128)
laws = settings(derandomize=True, deadline=None, max_examples=60)


def whole(place):
    """The ``place``-th packet of a session."""
    return b"\x08" + bytes((place * 31 + i * 7) % 256 for i in range(128))


def counts(place):
    return np.frombuffer(whole(place)[1:], np.uint8).reshape(16, 8).astype(float) - 128


def parts(packet, size):
    """The packet as a band sends it over a link that carries ``size`` bytes of it at a time."""
    pieces = [packet[at : at + size] for at in range(0, len(packet), size)]
    return [bytes((0xFF, len(pieces) - 1 - i)) + piece for i, piece in enumerate(pieces)]


def test_the_command_vector():
    code, rate_hz, mask, batch, bits = VECTOR["decoded"]
    assert code == 0x3F
    assert emg_config(rate_hz, mask, batch, bits) == SETUP
    assert Write(COMMAND, SETUP) in handshake(GForce(), ACCEPTED)


def test_a_whole_packet_is_sixteen_samples_of_eight_counts():
    band = GForce()
    [block] = band.feed(DATA, b"\x08" + bytes((0, 1, 127, 128, 129, 200, 254, 255)) * 16)
    assert block.stream == "emg"
    np.testing.assert_array_equal(block.values, [[-128, -127, -1, 0, 1, 72, 126, 127]] * 16)
    assert block.trusted
    assert block.ticks is None
    assert band.malformed == 0


def test_counts_have_no_unit_and_no_clock():
    [emg] = GForce.streams
    assert (emg.quantity, emg.rate_hz, emg.clock.kind) == (None, 500.0, Ticks.NONE)


def test_parts_that_count_down_are_joined_but_not_trusted():
    band = GForce()
    *early, last = parts(whole(3), 50)
    assert [part[:2] for part in (*early, last)] == [b"\xff\x02", b"\xff\x01", b"\xff\x00"]
    assert [band.feed(DATA, part) for part in early] == [[], []]
    [block] = band.feed(DATA, last)
    np.testing.assert_array_equal(block.values, counts(3))
    assert not block.trusted
    assert band.malformed == 0


def test_a_loss_across_two_packets_looks_like_one_packet_and_is_not_trusted():
    band = GForce()
    assert band.feed(DATA, parts(whole(0), 65)[0]) == []
    [forged] = band.feed(DATA, parts(whole(1), 65)[1])  # half of each: nothing on the wire tells
    assert band.malformed == 0
    assert not forged.trusted


def test_a_count_that_skips_is_refused_though_the_length_is_right():
    band = GForce()
    assert band.feed(DATA, b"\xff\x02" + whole(0)[:60]) == []
    assert band.feed(DATA, b"\xff\x00" + whole(0)[60:]) == []
    assert band.malformed == 2  # the packet that broke off, and the part that began none


def test_a_last_part_alone_is_no_packet():
    band = GForce()
    assert band.feed(DATA, b"\xff\x00" + whole(0)) == []
    assert band.malformed == 1


def test_a_whole_packet_ends_the_parts_of_another():
    band = GForce()
    first, second = parts(whole(0), 65)
    assert [len(band.feed(DATA, data)) for data in (first, whole(1), second)] == [0, 1, 0]
    assert band.malformed == 2


@laws
@given(size=SIZES, data=st.data())
def test_a_lost_part_never_gives_samples(size, data):
    pieces = parts(whole(5), size)
    lost = data.draw(st.integers(0, len(pieces) - 1))
    band = GForce()
    assert [block for piece in pieces[:lost] + pieces[lost + 1 :] for block in band.feed(DATA, piece)] == []
    [block] = band.feed(DATA, whole(6))
    np.testing.assert_array_equal(block.values, counts(6))
    assert block.trusted
    assert band.malformed > 0


@laws
@given(size=SIZES, data=st.data())
def test_a_repeated_part_costs_at_most_its_packet(size, data):
    pieces = parts(whole(7), size)
    twice = data.draw(st.integers(0, len(pieces) - 1))
    band = GForce()
    blocks = [block for piece in (*pieces[: twice + 1], *pieces[twice:]) for block in band.feed(DATA, piece)]
    assert band.malformed > 0
    for block in blocks:
        np.testing.assert_array_equal(block.values, counts(7))
        assert not block.trusted


@laws
@given(size=SIZES, data=st.data())
def test_parts_in_another_order_give_the_packet_or_nothing(size, data):
    pieces = parts(whole(9), size)
    band = GForce()
    for piece in data.draw(st.permutations(pieces)):
        for block in band.feed(DATA, piece):
            np.testing.assert_array_equal(block.values, counts(9))
            assert not block.trusted


@laws
@given(size=SIZES, packets=st.integers(1, 6))
def test_packets_in_parts_come_back_whatever_the_size_of_a_part(size, packets):
    band = GForce()
    blocks = [b for place in range(packets) for piece in parts(whole(place), size) for b in band.feed(DATA, piece)]
    np.testing.assert_array_equal([block.values for block in blocks], [counts(place) for place in range(packets)])
    assert band.malformed == 0


@laws
@given(junk=st.lists(st.binary(max_size=140), max_size=8))
def test_whatever_came_before_a_whole_packet_is_right(junk):
    band = GForce()
    for data in junk:
        for block in band.feed(DATA, data):
            assert block.values.shape == (16, 8)
            assert np.abs(block.values).max() <= 128
    [block] = band.feed(DATA, whole(2))
    np.testing.assert_array_equal(block.values, counts(2))
    assert block.trusted


@laws
@given(st.binary(max_size=200).filter(lambda data: len(data) != 129 or data[:1] != b"\x08"))
def test_one_notification_that_is_no_packet_gives_nothing(data):
    assert GForce().feed(DATA, data) == []


@laws
@given(cut=st.integers(0, 128))
def test_a_packet_cut_anywhere_is_malformed(cut):
    band = GForce()
    assert band.feed(DATA, whole(1)[:cut]) == []
    assert band.malformed == 1


@laws
@given(bit=st.integers(0, 8 * 129 - 1))
def test_a_flipped_bit_changes_one_count_or_refuses_the_packet(bit):
    spoilt = bytearray(whole(4))
    spoilt[bit // 8] ^= 1 << bit % 8
    blocks = GForce().feed(DATA, bytes(spoilt))
    assert len(blocks) == (bit >= 8)
    for block in blocks:
        assert np.flatnonzero(block.values.ravel() != counts(4).ravel()).tolist() == [bit // 8 - 1]


@laws
@given(order=st.lists(st.integers(0, 20), min_size=1, max_size=20))
def test_whole_packets_are_themselves_in_any_order_and_number(order):
    band = GForce()
    for place in order:
        [block] = band.feed(DATA, whole(place))
        np.testing.assert_array_equal(block.values, counts(place))
    assert band.malformed == 0


def test_other_kinds_of_packets_and_answers_are_no_samples():
    band = GForce()
    for kind in (1, 2, 5, 7, 12):
        assert band.feed(DATA, bytes((kind,)) + bytes(128)) == []
    assert band.feed(COMMAND, b"\x00\x3f") == []
    assert band.malformed == 0


@pytest.mark.parametrize(
    ("char", "data"), [(DATA, ""), (DATA, "08"), (DATA, "0d00"), (DATA, "ff00"), (DATA, "ff0208"), (COMMAND, "00")]
)
def test_malformed(char, data):
    band = GForce()
    band.feed(char, bytes.fromhex(data))
    assert band.feed(DATA, whole(0))  # a packet of parts that broke off is counted by now
    assert band.malformed == 1


def sent(script, answer):
    """The next step, or None at the end."""
    try:
        return script.send(answer)
    except StopIteration:
        return None


def handshake(band, answers):
    """The steps of the handshake, its questions answered in turn."""
    script, replies, steps = band.start(), iter(answers), []
    step = sent(script, None)
    while step is not None:
        steps.append(step)
        step = sent(script, next(replies) if isinstance(step, Wait) else None)
    return steps


def test_handshake_step_by_step():
    band = GForce()
    script = band.start()
    assert next(script) == Notify(COMMAND)
    assert script.send(None) == Notify(DATA)
    step = script.send(None)
    for request, reply in zip((b"\x08", SETUP, bytes.fromhex("4f80000000")), ACCEPTED, strict=True):
        assert step == Write(COMMAND, request)
        wait = script.send(None)
        assert isinstance(wait, Wait)
        assert wait.char == COMMAND
        assert [data for data in (*ACCEPTED, b"", b"\x00", b"\x00\x30") if wait.accept(data)] == [reply]
        step = sent(script, reply)
    assert step is None
    assert band.info == {"battery_percent": "100"}
    assert list(band.stop()) == [Write(COMMAND, subscription(0))]


@pytest.mark.parametrize("battery", [None, b"\x01\x08", b"\x00\x08", b"\x00\x08\x65", b"\x00\x08\x00\x64"])
def test_a_battery_that_is_not_told_is_not_told(battery):
    band = GForce()
    assert len(handshake(band, [battery, *ACCEPTED[1:]])) == 8
    assert band.info == {}


@pytest.mark.parametrize("place", [1, 2])
@pytest.mark.parametrize(("reply", "found"), [(None, "silence"), (b"\x02", "code 2")])
def test_a_setting_that_is_not_accepted_is_refused(place, reply, found):
    answers = list(ACCEPTED)
    answers[place] = reply and reply + answers[place][1:]
    with pytest.raises(GlutebalError, match=f"gForce.*needed the band to accept .*found {found}"):
        handshake(GForce(), answers)


def test_a_new_connection_forgets_the_parts_of_the_old():
    band = GForce()
    first, second = parts(whole(0), 65)
    assert band.feed(DATA, first) == []
    handshake(band, ACCEPTED)
    assert band.feed(DATA, second) == []
    assert band.malformed == 1


def test_match():
    assert GForce.match(Advert("gForcePro+(0A1B)", frozenset({SERVICE}))) == 10
    assert GForce.match(Advert("gForceBLE")) == 8
    assert GForce.match(Advert("Thing", frozenset({SERVICE}))) == 1
    assert GForce.match(Advert("Force Board")) == 0
