"""Tindeq Progressor: the published packets, the handshake, and damaged packets."""

import json
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glutebal.ingest.driver import Advert, Clock, Notify, Ticks, Wait, Write
from glutebal.ingest.drivers.tindeq import CONTROL, DATA, LIMIT_N, SERVICE, Tindeq

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "ble_vectors.json").read_text(encoding="utf-8"))
TINDEQ = {v["name"]: v for v in VECTORS if v["device"] == "tindeq"}
WEIGHTS = {name: v for name, v in TINDEQ.items() if "battery" not in name}
G = 9.80665
SAMPLES = st.lists(st.tuples(st.floats(-499, 499, width=32), st.integers(0, 20_000)), min_size=1, max_size=15)


def packet(samples):
    payload = b"".join(struct.pack("<fI", *sample) for sample in samples)
    return bytes([1, len(payload)]) + payload


@pytest.mark.parametrize("vector", WEIGHTS.values(), ids=WEIGHTS.keys())
def test_published_weights(vector):
    sensor = Tindeq()
    [block] = sensor.feed(DATA, bytes.fromhex(vector["hex"]))
    kg, us = zip(*vector["decoded"], strict=True)
    assert block.stream == "force"
    np.testing.assert_array_equal(block.values, np.array(kg)[:, None] * G)
    np.testing.assert_array_equal(block.ticks, us)
    assert block.ticks.dtype == np.int64
    assert block.trusted
    assert sensor.malformed == ("truncated" in vector["name"])


def test_handshake_step_by_step():
    sensor = Tindeq()
    script = sensor.start()
    assert next(script) == Notify(DATA)
    assert script.send(None) == Write(CONTROL, b"\x6b")
    wait = script.send(None)
    assert isinstance(wait, Wait)
    assert wait.char == DATA
    version = b"\x00\x051.2.3"
    battery = bytes.fromhex(TINDEQ["battery 3987 mV (reply to 0x6F)"]["hex"])
    assert wait.accept(version)
    assert not wait.accept(battery)
    assert script.send(version) == Write(CONTROL, b"\x6f")
    wait = script.send(None)
    assert wait.accept(battery)
    assert not wait.accept(version)
    assert not wait.accept(packet([(1.0, 0)]))
    assert script.send(battery) == Write(CONTROL, b"\x65")
    with pytest.raises(StopIteration):
        script.send(None)
    assert sensor.info == {"firmware": "1.2.3", "battery_v": "3.987"}
    assert TINDEQ["battery 3987 mV (reply to 0x6F)"]["decoded"] == 3987


def test_a_silent_device_is_started_all_the_same():
    sensor = Tindeq()
    assert list(sensor.start())[-1] == Write(CONTROL, b"\x65")
    assert sensor.info == {}


def test_start_never_tares_and_stop_stops():
    assert Write(CONTROL, b"\x64") not in list(Tindeq().start())
    assert list(Tindeq().stop()) == [Write(CONTROL, b"\x66")]
    assert list(Tindeq().tare()) == [Write(CONTROL, b"\x64")]


def test_responses_and_peaks_are_no_samples():
    sensor = Tindeq()
    for data in ("0004930f0000", "020400004841", "030400004841"):
        assert sensor.feed(DATA, bytes.fromhex(data)) == []
    assert sensor.malformed == 0
    assert sensor.feed(DATA, b"\x04\x00") == []
    assert sensor.info == {"battery": "low"}


@pytest.mark.parametrize("data", ["", "01", "0100", "010400004841", "0508000048410000000000"])
def test_what_is_no_packet_is_malformed(data):
    sensor = Tindeq()
    assert sensor.feed(DATA, bytes.fromhex(data)) == []
    assert sensor.malformed == 1


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -float("inf"), 501.0, -501.0, 3e38])
def test_an_impossible_sample_is_dropped_and_counted_and_its_neighbours_stay(bad):
    sensor = Tindeq()
    [block] = sensor.feed(DATA, packet([(1.0, 0), (bad, 12_500), (2.0, 25_000)]))
    np.testing.assert_array_equal(block.values[:, 0], [G, 2 * G])
    np.testing.assert_array_equal(block.ticks, [0, 25_000])
    assert sensor.malformed == 1


def test_the_cell_holds_500_kg_either_way():
    sensor = Tindeq()
    [block] = sensor.feed(DATA, packet([(-500.0, 0), (500.0, 1)]))
    np.testing.assert_array_equal(block.values[:, 0], [-LIMIT_N, LIMIT_N])
    assert LIMIT_N == 500 * G
    assert sensor.feed(DATA, packet([(500.001, 0)])) == []


def test_the_stream_is_what_the_maker_says():
    [force] = Tindeq.streams
    assert (force.rate_hz, force.clock) == (80.0, Clock(Ticks.STAMP, 1e-6, 2**32))


def test_nothing_but_impossible_samples_is_no_block():
    sensor = Tindeq()
    assert sensor.feed(DATA, packet([(float("nan"), 0)])) == []
    assert sensor.malformed == 1


def test_a_signalling_nan_is_dropped_too():
    sensor = Tindeq()
    assert sensor.feed(DATA, bytes.fromhex("01080100a07f00000000")) == []
    assert sensor.malformed == 1


def test_stamps_may_wrap_inside_a_packet_but_not_run_backwards():
    sensor = Tindeq()
    [block] = sensor.feed(DATA, packet([(1.0, 2**32 - 12_500), (1.0, 0)]))
    np.testing.assert_array_equal(block.ticks, [2**32 - 12_500, 0])
    assert sensor.feed(DATA, packet([(1.0, 25_000), (1.0, 12_500)])) == []
    assert sensor.malformed == 1


@settings(derandomize=True, deadline=None)
@given(SAMPLES, st.data())
def test_a_packet_cut_anywhere_gives_its_whole_samples(steps, data):
    stamps = np.cumsum([step for _, step in steps])
    whole = packet([(kg, int(us)) for (kg, _), us in zip(steps, stamps, strict=True)])
    cut = data.draw(st.integers(0, len(whole)))
    sensor = Tindeq()
    blocks = sensor.feed(DATA, whole[:cut])
    n = max(0, cut - 2) // 8
    assert sum(len(block.values) for block in blocks) == n
    for block in blocks:
        np.testing.assert_array_equal(block.values[:, 0], [kg * G for kg, _ in steps[:n]])
        np.testing.assert_array_equal(block.ticks, stamps[:n])
    assert sensor.malformed == (cut < len(whole))


@settings(derandomize=True, deadline=None)
@given(SAMPLES, st.data())
def test_a_flipped_bit_never_gives_more_samples_or_an_impossible_one(steps, data):
    whole = bytearray(packet([(kg, 0) for kg, _ in steps]))
    bit = data.draw(st.integers(0, 8 * len(whole) - 1))
    whole[bit // 8] ^= 1 << bit % 8
    for block in Tindeq().feed(DATA, bytes(whole)):
        assert len(block.values) <= len(steps)
        assert np.abs(block.values).max() <= LIMIT_N


@settings(derandomize=True, deadline=None)
@given(st.lists(SAMPLES, min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_packets_are_independent_of_their_order_and_repetition(packets, random):
    frames = [packet([(kg, 100 * i) for i, (kg, _) in enumerate(samples)]) for samples in packets]
    expected = {frame: Tindeq().feed(DATA, frame)[0] for frame in frames}
    order = [*frames, *frames]
    random.shuffle(order)
    sensor = Tindeq()
    for frame in order:
        [block] = sensor.feed(DATA, frame)
        np.testing.assert_array_equal(block.values, expected[frame].values)
        np.testing.assert_array_equal(block.ticks, expected[frame].ticks)
    assert sensor.malformed == 0


def test_match_scores():
    scores = [
        Tindeq.match(advert)
        for advert in (
            Advert("Progressor_1", frozenset({SERVICE})),
            Advert("Progressor_1"),
            Advert("", frozenset({SERVICE})),
            Advert("other"),
        )
    ]
    assert scores == [10, 8, 5, 0]
