"""OpenBCI Ganglion: the maker's examples, lost packets, and the handshake, without a radio."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glutebal.ingest.driver import Advert, Notify, Read, Sleep, Write
from glutebal.ingest.drivers.ganglion import RECEIVE, SEND, SERVICE, SOFTWARE_REVISION, VOLTS_PER_COUNT, Ganglion
from glutebal.model import Quantity

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "ble_vectors.json").read_text(encoding="utf-8"))
MINE = {v["name"]: v for v in VECTORS if v["device"] == "ganglion"}
SEED = bytes(20)  # four channels at zero
laws = settings(derandomize=True, deadline=None, max_examples=60)


def pack(ident, counts, width):
    """A delta packet of firmware 2: (2, 4) differences, whose last bit is their sign."""
    bits = 0
    for number in np.ravel(counts):
        bits = bits << width | int(number) % (1 << width)
    return bytes([ident]) + bits.to_bytes(width, "big") + (b"\x00" if width == 18 else b"")


def firmware_2():
    """A board that said that its firmware is 2."""
    board = Ganglion()
    board.info["firmware"] = "2.0.0"
    return board


def counts_of(block):
    return np.rint(block.values / VOLTS_PER_COUNT).astype(int)


def lap(seed=7, packets=100):
    """A session of firmware 2 and the counts that it encodes, one (n, 4) array per packet."""
    random = np.random.default_rng(seed)
    steps = random.integers(-500, 500, (packets, 2, 4)) * 2
    steps -= steps < 0  # a negative difference is odd, a positive one even
    truth = [np.array([[10, -20, 30, -40]])]
    for step in steps:
        truth.append(truth[-1][-1] - np.cumsum(step, axis=0))
    head = b"".join(int(c).to_bytes(3, "big", signed=True) for c in truth[0][0])
    return [b"\x00" + head + bytes(7), *(pack(1 + i, step, 18) for i, step in enumerate(steps))], truth


@pytest.mark.parametrize("name", [name for name in MINE if "bit" in name])
def test_the_makers_delta_packets(name):
    data = bytes.fromhex(MINE[name]["hex"])
    board = firmware_2()
    board.feed(RECEIVE, SEED)
    emg, *accelerometer = board.feed(RECEIVE, data)
    first, second = np.array(MINE[name]["decoded"])
    assert emg.stream == "emg"
    assert emg.trusted
    np.testing.assert_allclose(emg.values, np.array([-first, -first - second]) * VOLTS_PER_COUNT, rtol=1e-12)
    np.testing.assert_array_equal(emg.ticks, [1, 2])
    if data[0] <= 100:
        assert accelerometer[0].stream == "accelerometer"
        np.testing.assert_array_equal(accelerometer[0].values, [[1, int.from_bytes(data[19:], signed=True)]])
    else:
        assert accelerometer == []
    assert board.malformed == 0


def test_the_makers_uncompressed_packet():
    vector = MINE["uncompressed id 0 -> counts 1,2,3,4"]
    [block] = firmware_2().feed(RECEIVE, bytes.fromhex(vector["hex"]))
    np.testing.assert_allclose(block.values, [np.array(vector["decoded"]) * 0.0018699499e-6], rtol=1e-7)
    np.testing.assert_array_equal(block.ticks, [0])
    assert block.trusted


def test_the_accelerometer_is_never_an_acceleration():
    stream = Ganglion().stream("accelerometer")
    assert stream.quantity is None
    assert "not settled" in stream.unit
    assert Ganglion().stream("emg").quantity is Quantity.EMG


def test_a_whole_lap_and_the_next_seed():
    packets, truth = lap()
    board = firmware_2()
    blocks = [board.feed(RECEIVE, packet)[0] for packet in [*packets, packets[0]]]
    for block, counts in zip(blocks, [*truth, truth[0]], strict=True):
        np.testing.assert_array_equal(counts_of(block), counts)
        assert block.trusted
    ticks = np.concatenate([block.ticks for block in blocks])
    np.testing.assert_array_equal(ticks, [*range(201), 0])
    assert board.stream("emg").clock.wrap == 201


@laws
@given(lost=st.integers(1, 100))
def test_after_a_lost_packet_nothing_is_trusted_until_the_seed(lost):
    packets, truth = lap()
    board = firmware_2()
    survivors = [(packets[i], truth[i], i) for i in range(101) if i != lost]
    for packet, counts, i in survivors:
        block = board.feed(RECEIVE, packet)[0]
        assert block.trusted == (i < lost)
        if block.trusted:
            np.testing.assert_array_equal(counts_of(block), counts)
    assert board.feed(RECEIVE, packets[0])[0].trusted


def test_before_the_first_seed_nothing_is_trusted():
    packets, _ = lap()
    assert not firmware_2().feed(RECEIVE, packets[1])[0].trusted


def test_a_repeated_packet_moves_nothing():
    packets, truth = lap()
    board = firmware_2()
    for packet, counts in zip(packets, truth, strict=True):
        first, again = board.feed(RECEIVE, packet)[0], board.feed(RECEIVE, packet)[0]
        np.testing.assert_array_equal(first.values, again.values)
        np.testing.assert_array_equal(first.ticks, again.ticks)
        np.testing.assert_array_equal(counts_of(again), counts)


def test_a_reported_gap_ends_the_trust():
    packets, _ = lap()
    board = firmware_2()
    board.feed(RECEIVE, packets[0])
    board.gap()
    assert not board.feed(RECEIVE, packets[1])[0].trusted


def test_differences_beyond_the_converter_are_malformed():
    board = firmware_2()
    board.feed(RECEIVE, b"\x00" + b"\x7f\xff\xff" * 4 + bytes(7))
    assert board.feed(RECEIVE, pack(1, np.full((2, 4), -3), 18)) == []
    assert board.malformed == 1
    assert not board.feed(RECEIVE, pack(2, np.zeros((2, 4)), 18))[0].trusted


@laws
@given(order=st.lists(st.integers(0, 100), max_size=40))
def test_trusted_values_are_the_true_ones_whatever_the_order(order):
    packets, truth = lap()
    board = firmware_2()
    for i in order:
        for block in board.feed(RECEIVE, packets[i]):
            if block.stream == "emg" and block.trusted:
                np.testing.assert_array_equal(counts_of(block), truth[i])
    assert board.malformed == 0


@pytest.mark.parametrize(("ids", "proved"), [((0, 101), True), ((100, 0), True), ((200, 0), True), ((99, 0), False)])
def test_a_board_that_did_not_say_its_firmware_is_trusted_when_its_ids_prove_firmware_2(ids, proved):
    board = Ganglion()
    assert not board.feed(RECEIVE, SEED)[0].trusted
    blocks = [board.feed(RECEIVE, bytes([i]) + bytes(19))[0] for i in ids]
    assert blocks[-1].trusted == proved


class TestFirmware3:
    @pytest.fixture
    def board(self):
        board = Ganglion()
        board.info["firmware"] = "3.0.0"
        return board

    def test_18_bits_are_the_upper_bits_of_24(self, board):
        emg, accelerometer = board.feed(RECEIVE, pack(12, [[1, -1, 2, -2], [131071, -131072, 0, 5]], 18))
        np.testing.assert_array_equal(counts_of(emg), [[64, -64, 128, -128], [131071 * 64, -131072 * 64, 0, 320]])
        np.testing.assert_array_equal(emg.ticks, [24, 25])
        np.testing.assert_array_equal(accelerometer.values, [[2, 0]])

    def test_19_bits(self, board):
        [emg] = board.feed(RECEIVE, pack(199, [[1, -1, 2, -2], [262143, -262144, 0, 5]], 19))
        np.testing.assert_array_equal(counts_of(emg), [[32, -32, 64, -64], [262143 * 32, -262144 * 32, 0, 160]])
        np.testing.assert_array_equal(emg.ticks, [198, 199])

    def test_a_loss_spoils_nothing(self, board):
        board.feed(RECEIVE, pack(0, np.zeros((2, 4)), 18))
        assert board.feed(RECEIVE, pack(50, np.zeros((2, 4)), 18))[0].trusted
        assert board.stream("emg").clock.wrap == 200
        assert Ganglion().stream("emg").clock.wrap == 201

    def test_id_200_is_firmware_2s(self, board):
        assert board.feed(RECEIVE, bytes([200]) + bytes(19)) == []
        assert board.malformed == 1


def test_texts_are_kept_and_give_no_samples():
    board = Ganglion()
    assert board.feed(RECEIVE, b"\xc91234Z\n") == []
    assert board.feed(RECEIVE, b"\xcd98Z") == []
    assert board.feed(RECEIVE, b"\xceOpenBCI ") == []
    assert board.feed(RECEIVE, b"\xcfGanglion") == []
    assert board.info == {"impedance_1": "1234", "impedance_reference": "98", "message": "OpenBCI Ganglion"}
    assert board.malformed == 0


@pytest.mark.parametrize("data", [b"", b"\x01", bytes(19), bytes(21), b"\xc912x4Z", b"\xc91234", b"\xd0" + bytes(19)])
def test_malformed(data):
    board = Ganglion()
    assert board.feed(RECEIVE, data) == []
    assert board.malformed == 1


def test_a_packet_of_another_characteristic_is_malformed():
    board = Ganglion()
    assert board.feed(SEND, SEED) == []
    assert board.malformed == 1


def test_handshake():
    board = Ganglion()
    script = board.start()
    assert next(script) == Notify(RECEIVE)
    assert script.send(None) == Read(SOFTWARE_REVISION)
    assert script.send(b"3.0.2\0") == Sleep(0.5)
    assert script.send(None) == Write(SEND, b"b", response=False)
    with pytest.raises(StopIteration):
        script.send(None)
    assert board.info["firmware"] == "3.0.2"
    assert list(board.stop()) == [Write(SEND, b"s", response=False)]


def test_handshake_without_a_revision_is_firmware_2():
    board = Ganglion()
    script = board.start()
    for _ in range(3):
        script.send(None)
    assert board.info["firmware"].startswith("2")


@pytest.mark.parametrize(
    ("name", "uuids", "score"),
    [("Ganglion-1a2b", {SERVICE}, 10), ("Ganglion-1a2b", set(), 8), ("Simblee", {SERVICE}, 1), ("x", {SERVICE}, 1)],
)
def test_match(name, uuids, score):
    assert Ganglion.match(Advert(name, frozenset(uuids))) == score
    assert Ganglion.match(Advert("NPG")) == 0


@laws
@given(which=st.integers(1, 100), cut=st.integers(1, 19))
def test_a_truncated_packet_is_malformed_and_ends_the_trust(which, cut):
    packets, truth = lap()
    board = firmware_2()
    for i, packet in enumerate(packets):
        blocks = board.feed(RECEIVE, packet[:cut] if i == which else packet)
        assert bool(blocks) == (i != which)
        for block in blocks[:1]:
            assert block.trusted == (i < which)
    assert board.malformed == 1
    np.testing.assert_array_equal(counts_of(board.feed(RECEIVE, packets[0])[0]), truth[0])


@laws
@given(flips=st.lists(st.tuples(st.integers(0, 100), st.integers(0, 159)), max_size=20))
def test_flipped_bits_never_leave_the_converters_range(flips):
    packets = [bytearray(packet) for packet in lap()[0]]
    for which, bit in flips:
        packets[which][bit // 8] ^= 1 << bit % 8
    board = firmware_2()
    for packet in packets:
        before, blocks = board.malformed, board.feed(RECEIVE, packet)
        is_text = packet[0] > 200
        assert len(blocks) in ({0} if board.malformed > before or is_text else {1, 2})
        assert all(np.abs(counts_of(b)).max() <= 2**23 for b in blocks if b.stream == "emg" and b.trusted)
