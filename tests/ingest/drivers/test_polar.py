"""Polar H10 and Verity Sense: the maker's own test frames, the handshake, sample times and damaged frames."""

import json
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glutebal.ingest.driver import Advert, Clock, Malformed, Notify, Read, Ticks, Wait, Write
from glutebal.ingest.drivers import polar_frames as frames
from glutebal.ingest.drivers.polar import CONTROL, DATA, LIMITS, SERVICE, PolarH10, PolarVeritySense, start_command

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "ble_vectors.json").read_text(encoding="utf-8"))
POLAR = {v["name"]: v for v in VECTORS if v["device"] == "polar"}
MILLI_G = 9.80665e-3
DEGREE = np.pi / 180
LONG = bytes.fromhex(POLAR["ACC compressed type 0 (57 samples, x factor 2.44e-4 g)"]["hex"])


def reply(operation, kind, status=0, more="", tail=b""):
    return bytes([0xF0, operation, kind, status, 0]) + bytes.fromhex(more) + tail


def started(kind, factor=None, sensor=None):
    """A Verity Sense that has been told to start, with the scale that it answered."""
    sensor = sensor or PolarVeritySense()
    tail = b"" if factor is None else b"\x05\x01" + struct.pack("<f", factor)
    assert sensor.feed(CONTROL, reply(2, kind, tail=tail)) == []
    assert sensor.malformed == 0
    return sensor


def only(sensor, data):
    [block] = sensor.feed(DATA, data)
    return block


def data_frame(kind, stamp, coding, content):
    return bytes([kind]) + struct.pack("<QB", stamp, coding) + content


def test_published_raw_acceleration():
    stamp, milli_g = POLAR["ACC raw type 1 (mG)"]["decoded"]
    block = only(PolarH10(), bytes.fromhex(POLAR["ACC raw type 1 (mG)"]["hex"]))
    assert block.stream == "acceleration"
    np.testing.assert_allclose(block.values, np.array(milli_g) * MILLI_G, rtol=1e-14)
    np.testing.assert_array_equal(block.ticks, [stamp - 5_000_000, stamp])


def test_published_compressed_acceleration_with_the_times_between_two_frames():
    stamp, milli_g = POLAR["ACC compressed type 1"]["decoded"]
    sensor = started(2, 1.0)
    sensor.feed(DATA, data_frame(2, 100, 0x81, bytes(6)))
    block = only(sensor, bytes.fromhex(POLAR["ACC compressed type 1"]["hex"]))
    np.testing.assert_allclose(block.values, np.array(milli_g) * MILLI_G, rtol=1e-14)
    np.testing.assert_array_equal(block.ticks, [100, stamp])


def test_published_long_compressed_frame():
    stamp, n, first, second = POLAR["ACC compressed type 0 (57 samples, x factor 2.44e-4 g)"]["decoded"]
    raw = frames.deltas(LONG[10:], 2, 3)
    assert raw.shape == (n, 3)
    np.testing.assert_array_equal(raw[[0, 1, -1]], [first, second, [12274, 20173, -32449]])
    block = only(started(2, 2.44e-4), LONG)
    np.testing.assert_allclose(block.values, raw * np.float32(2.44e-4) * 9.80665, rtol=1e-6)
    assert block.ticks[-1] == stamp


def test_published_compressed_gyroscope():
    stamp, degrees = POLAR["GYR compressed type 0"]["decoded"]
    block = only(started(5, 1.0), bytes.fromhex(POLAR["GYR compressed type 0"]["hex"]))
    assert block.stream == "angular_rate"
    np.testing.assert_allclose(block.values, np.array(degrees) * DEGREE, rtol=1e-14)
    assert block.ticks[-1] == stamp == 2**63 - 1


def test_published_ecg():
    stamp, microvolts = POLAR["ECG raw type 0 (uV)"]["decoded"]
    block = only(PolarH10(), bytes.fromhex(POLAR["ECG raw type 0 (uV)"]["hex"]))
    assert block.stream == "ecg"
    np.testing.assert_allclose(block.values[:, 0], np.array(microvolts) * 1e-6, rtol=1e-14)
    np.testing.assert_array_equal(block.ticks, [stamp - 7_692_308, stamp])
    assert PolarH10().stream("ecg").quantity is None  # a heart, not a muscle


def test_published_settings():
    expected = {int(key): tuple(values) for key, values in POLAR["settings TLV"]["decoded"].items()}
    assert frames.settings(bytes.fromhex(POLAR["settings TLV"]["hex"])) == expected


def test_the_maker_s_gyroscope_floats():
    """GyrDataTest.kt of polarofficial/polar-ble-sdk: differences add to the bit pattern."""
    content = bytes.fromhex("0000803f000020410000a0411c010000a001000008cdccec0d")
    one = struct.unpack("<3f", struct.pack("<3I", 0x3F800000, 0x41200000, 0x41A00000))
    patterns = (0x3F800000 + 0x1A00000, 0x41200000 + 0x800000, (0x41A00000 + 0xFDECCCCD) % 2**32)
    two = struct.unpack("<3f", struct.pack("<3I", *patterns))
    for factor in (1.0, 0.5):
        block = only(started(5, factor), data_frame(5, 2_000_000_000, 0x81, content))
        np.testing.assert_allclose(block.values, np.array([one, two]) * factor * DEGREE, rtol=1e-14)


def test_the_maker_s_magnetometer_frames():
    """MagDataTest.kt of polarofficial/polar-ble-sdk: type 1 is in milligauss with a status that is no sample."""
    content = bytes.fromhex("37ff51fd6cf600000301f802")
    block = only(started(6, 1.0), data_frame(6, 2_000_000_000, 0x81, content))
    np.testing.assert_allclose(block.values, np.array([[-201, -687, -2452], [-201, -688, -2449]]) * 1e-7, rtol=1e-12)
    block = only(started(6, 1.5e-3), data_frame(6, 2_000_000_000, 0x80, bytes.fromhex("e2e6fa15490a06017f20fc")))
    expected = np.array([[-6430, 5626, 2633], [-6431, 5627, 2635]]) * 1.5e-7
    np.testing.assert_allclose(block.values, expected, rtol=1e-6)


@pytest.mark.parametrize(("coding", "size"), [(0, 1), (1, 2), (2, 3)])
def test_raw_acceleration_of_every_width(coding, size):
    counts = [[-7, 0, 100], [1, -128, 127]]
    content = b"".join(v.to_bytes(size, "little", signed=True) for row in counts for v in row)
    block = only(PolarH10(), data_frame(2, 10**9, coding, content))
    np.testing.assert_allclose(block.values, np.array(counts) * MILLI_G, rtol=1e-14)


def test_compressed_samples_are_refused_until_their_scale_is_known():
    sensor = PolarVeritySense()
    assert sensor.feed(DATA, LONG) == []
    assert sensor.malformed == 1
    started(5, 2.44e-4, sensor := PolarVeritySense())
    assert sensor.feed(DATA, LONG) == []


@pytest.mark.parametrize("factor", [0.0, -1.0, float("nan"), float("inf")])
def test_an_impossible_scale_is_no_scale(factor):
    sensor = started(2, 1.0)
    sensor.feed(CONTROL, reply(2, 2, tail=b"\x05\x01" + struct.pack("<f", factor)))
    assert sensor.malformed == 1
    assert sensor.feed(DATA, LONG) == []


def test_a_refused_start_leaves_the_scale_alone():
    sensor = started(2, 2.44e-4)
    sensor.feed(CONTROL, reply(2, 2, status=6))
    assert len(sensor.feed(DATA, LONG)) == 1


def test_a_gap_forgets_the_time_but_not_the_scale():
    sensor = started(2, 2.44e-4)
    sensor.gap()
    assert len(sensor.feed(DATA, LONG)) == 1


PERIOD = 5_000_000


def acceleration(stamp, n=4):
    return data_frame(2, stamp, 1, bytes(6 * n))


def test_times_are_even_between_frames_and_follow_the_true_rate():
    sensor = PolarH10()
    sensor.feed(DATA, acceleration(10**9))
    block = only(sensor, acceleration(10**9 + 4 * 5_040_000))
    np.testing.assert_array_equal(np.diff(block.ticks), 5_040_000)


def test_a_lost_frame_does_not_stretch_the_times():
    sensor = PolarH10()
    sensor.feed(DATA, acceleration(10**9))
    block = only(sensor, acceleration(10**9 + 8 * PERIOD))
    np.testing.assert_array_equal(block.ticks, 10**9 + PERIOD * np.arange(5, 9))


def test_a_clock_that_was_set_back_starts_afresh():
    sensor = PolarH10()
    sensor.feed(DATA, acceleration(10**12))
    block = only(sensor, acceleration(10**9))
    np.testing.assert_array_equal(block.ticks, 10**9 + PERIOD * np.arange(-3, 1))


def test_a_repeated_frame_gives_the_same_block_again():
    sensor = PolarH10()
    sensor.feed(DATA, acceleration(10**9))
    first, again = (only(sensor, acceleration(10**9 + 4 * 5_040_000)) for _ in range(2))
    np.testing.assert_array_equal(first.ticks, again.ticks)
    after = only(sensor, acceleration(10**9 + 8 * 5_040_000))
    np.testing.assert_array_equal(np.diff(after.ticks), 5_040_000)


def test_streams_have_their_own_times():
    sensor = PolarH10()
    sensor.feed(DATA, acceleration(10**9))
    ecg = only(sensor, data_frame(0, 10**9 + 10**6, 0, bytes(6)))
    assert ecg.ticks[0] == 10**9 + 10**6 - 7_692_308


@settings(derandomize=True, deadline=None)
@given(st.integers(1, 90), st.integers(0, 2**62), st.floats(0.9, 1.04), st.sampled_from([50.0, 52.0, 130.0, 200.0]))
def test_times_rise_and_end_at_the_stamp(n, previous, slow, rate_hz):
    period = 1e9 / rate_hz
    stamp = previous + int(n * period * slow)
    for before in (previous, None):
        times = frames.sample_times(stamp, n, period, before)
        assert times[-1] == stamp
        assert times.dtype == np.int64
        np.testing.assert_allclose(np.diff(times), period * (slow if before is not None else 1), rtol=1e-6, atol=2)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        LONG[:9],
        LONG[:10],
        data_frame(2, 2**63, 1, bytes(6)),
        data_frame(2, 1, 3, bytes(6)),
        data_frame(2, 1, 1, bytes(5)),
        data_frame(2, 1, 1, bytes(7)),
        data_frame(1, 1, 0, bytes(6)),
        data_frame(5, 1, 0, bytes(6)),
        data_frame(0, 1, 1, bytes(6)),
        data_frame(2, 1, 0x81, bytes(5)),
        data_frame(2, 1, 0x81, bytes(6) + b"\x08"),
        data_frame(2, 1, 0x81, bytes(6) + b"\x00\x05"),
        data_frame(2, 1, 0x81, bytes(6) + b"\x08\x00"),
        data_frame(2, 1, 0x81, bytes(6) + b"\x21\x01" + bytes(13)),
        data_frame(2, 1, 0x81, bytes(6) + b"\x08\x02" + bytes(5)),
    ],
)
@pytest.mark.parametrize("kind", [PolarH10, PolarVeritySense])
def test_what_is_no_frame_is_malformed(data, kind):
    sensor = started(2, 1.0, kind())
    assert sensor.feed(DATA, data) == []
    assert sensor.malformed == 1


def test_a_compressed_frame_cut_anywhere_is_its_first_samples_or_malformed():
    whole = frames.deltas(LONG[10:], 2, 3) * np.float32(2.44e-4) * 9.80665
    kept = []
    for cut in range(len(LONG)):
        sensor = started(2, 2.44e-4)
        blocks = sensor.feed(DATA, LONG[:cut])
        assert len(blocks) + sensor.malformed == 1
        for block in blocks:
            kept.append(len(block.values))
            np.testing.assert_allclose(block.values, whole[: len(block.values)], rtol=1e-6)
    assert len(kept) < 10  # only where a block of differences ends


def test_an_impossible_sample_is_dropped_and_counted():
    sensor = PolarH10()
    block = only(sensor, data_frame(2, 10**9, 2, (10**6).to_bytes(3, "little") + bytes(6) + bytes(9)))
    np.testing.assert_array_equal(block.ticks, [10**9])
    assert sensor.malformed == 1


def test_the_largest_values_that_are_believed():
    said = {"ecg": 1.0, "acceleration": 17_000 * MILLI_G, "angular_rate": 2300 * DEGREE, "magnetic_field": 52.5e-4}
    assert pytest.approx(said, rel=1e-12) == LIMITS
    for milli_g, blocks in ((16_999, 1), (17_001, 0)):
        assert len(PolarH10().feed(DATA, data_frame(2, 1, 1, struct.pack("<3h", milli_g, 0, 0)))) == blocks


def test_the_clock_is_in_nanoseconds():
    for kind in (PolarH10, PolarVeritySense):
        assert {stream.clock for stream in kind.streams} == {Clock(Ticks.STAMP, 1e-9)}
    rates = {stream.name: stream.rate_hz for stream in PolarVeritySense.streams}
    assert rates == {"acceleration": 52.0, "angular_rate": 52.0, "magnetic_field": 50.0}


def pack(values, columns, bits):
    """Compress: a reference sample and one block of differences."""
    rows = np.asarray(values, dtype=np.int64).reshape(-1, columns)
    steps = np.diff(rows, axis=0).reshape(-1)
    whole = sum((int(step) & ((1 << bits) - 1)) << (i * bits) for i, step in enumerate(steps))
    packed = whole.to_bytes(-(-len(steps) * bits // 8), "little")
    return struct.pack(f"<{columns}h", *rows[0]) + bytes([bits, len(rows) - 1]) + packed


@settings(derandomize=True, deadline=None)
@given(st.integers(1, 4), st.integers(2, 30), st.integers(0, 2**32 - 1))
def test_what_is_compressed_comes_back(columns, n, seed):
    values = np.random.default_rng(seed).integers(-32768, 32768, size=(n, columns))
    np.testing.assert_array_equal(frames.deltas(pack(values, columns, 17), 2, columns), values)


def test_differences_may_have_one_bit():
    values = frames.deltas(bytes.fromhex("0500 0102") + b"\x02", 2, 1)
    assert values[:, 0].tolist() == [5, 5, 4]


@settings(derandomize=True, deadline=None)
@given(st.lists(st.integers(0, 8 * len(LONG) - 1), min_size=1, max_size=5))
def test_flipped_bits_never_give_an_impossible_acceleration(bits):
    damaged = bytearray(LONG)
    for bit in bits:
        damaged[bit // 8] ^= 1 << bit % 8
    for block in started(2, 2.44e-4).feed(DATA, bytes(damaged)):
        assert np.abs(block.values).max() <= LIMITS["acceleration"]


@settings(derandomize=True, deadline=None, max_examples=200)
@given(
    st.sampled_from([0, 2, 5, 6]), st.sampled_from([0, 1, 2, 0x80, 0x81]), st.binary(max_size=60), st.floats(1e-6, 10)
)
def test_random_frames_are_counted_or_in_range(kind, coding, content, factor):
    sensor = started(kind, np.float32(factor).item())
    for block in sensor.feed(DATA, data_frame(kind, 10**9, coding, content)):
        assert np.abs(block.values).max() <= LIMITS[block.stream]


@pytest.mark.parametrize("data", ["", "f0", "f00202", "77", "0f04", "f0020200000501"])
def test_what_is_no_reply_is_malformed(data):
    sensor = PolarH10()
    assert sensor.feed(CONTROL, bytes.fromhex(data)) == []
    assert sensor.malformed == 1


def test_a_measurement_that_the_device_ends_is_noted():
    sensor = PolarH10()
    assert sensor.feed(CONTROL, b"\x01\x02\x00") == []
    assert sensor.info == {"acceleration": "stopped by the device", "ecg": "stopped by the device"}


def answered(sensor, answer):
    """Run the handshake with ``answer(written)`` for every wait; the steps without the reads."""
    script, reply_, steps, written = sensor.start(), None, [], b""
    while True:
        try:
            step = script.send(reply_)
        except StopIteration:
            return steps
        reply_ = None
        if isinstance(step, Write):
            written = step.data
        if isinstance(step, Wait):
            said = answer(written)
            assert said is None or step.accept(said)
            assert not step.accept(b"")
            assert not step.accept(b"\xf0\x09\x09\x00")
            reply_ = said
        elif isinstance(step, Read):
            reply_ = b"\x0f\x05" if step.char == CONTROL else None
        else:
            steps.append(step)


H10_OFFERS = {
    0: "0001 8200 0101 0e00",
    2: "0004 1900 3200 6400 c800 0101 1000 0203 0200 0400 0800",
}


def h10(written):
    if written[0] == 1:
        return reply(1, written[1], more=H10_OFFERS[written[1]])
    return reply(written[0], written[1])


def test_h10_handshake_is_the_documented_one():
    sensor = PolarH10()
    steps = answered(sensor, h10)
    assert steps == [
        Notify(CONTROL),
        Notify(DATA),
        Write(CONTROL, bytes.fromhex("0102")),
        Write(CONTROL, bytes.fromhex("0202 0001C800 01011000 02010800")),
        Write(CONTROL, bytes.fromhex("0100")),
        Write(CONTROL, bytes.fromhex("0200 00018200 01010E00")),
    ]
    assert sensor.info == {"acceleration": "started", "ecg": "started"}
    assert list(sensor.stop()) == [Write(CONTROL, b"\x03\x02"), Write(CONTROL, b"\x03\x00")]


def test_verity_sense_starts_what_it_offers_and_learns_the_scale():
    sensor = PolarVeritySense()
    more = {2: "000134000101100002010800040103", 5: POLAR["settings TLV"]["hex"]}

    def answer(written):
        if written[0] == 1:
            return reply(1, written[1], more=more[written[1]])
        return reply(2, written[1], tail=b"\x05\x01" + struct.pack("<f", 2.44e-4))

    script, reply_, written = sensor.start(), None, []
    while True:
        try:
            step = script.send(reply_)
        except StopIteration:
            break
        if isinstance(step, Write):
            written.append(step.data)
        reply_ = answer(written[-1]) if isinstance(step, Wait) else b"\x0f\x24" if step == Read(CONTROL) else None
    assert written[1] == bytes.fromhex("0202 00013400 01011000 02010800 040103")
    assert written[3] == bytes.fromhex("0205 00013400 01011000 0201D007 040103")
    assert sensor.info == {
        "acceleration": "started",
        "angular_rate": "started",
        "magnetic_field": "the device does not have it",
    }
    assert len(sensor.feed(DATA, LONG)) == 1


def test_a_measurement_left_running_is_stopped_and_started_again():
    sensor = PolarH10()
    refusals = iter([6, 0, 0])

    def answer(written):
        return reply(2, written[1], status=next(refusals)) if written[0] == 2 else h10(written)

    steps = answered(sensor, answer)
    commands = [step.data[:2].hex() for step in steps if isinstance(step, Write)]
    assert commands == ["0102", "0202", "0302", "0202", "0100", "0200"]
    assert sensor.info["acceleration"] == "started"


@pytest.mark.parametrize(("status", "word"), [(10, "MTU"), (13, "charging"), (99, "status 99"), (6, "already")])
def test_a_refusal_is_told_in_words(status, word):
    sensor = PolarH10()
    answered(sensor, lambda written: reply(2, written[1], status=status) if written[0] == 2 else h10(written))
    assert sensor.info["acceleration"].startswith("refused: ")
    assert word in sensor.info["acceleration"]


@pytest.mark.parametrize("said", [None, reply(1, 2, status=3), reply(1, 2, more="0001 3400"), reply(1, 2, more="63")])
def test_a_rate_that_is_not_offered_is_not_started(said):
    sensor = PolarH10()
    steps = answered(sensor, lambda written: said if written[1] == 2 else h10(written))
    assert Write(CONTROL, start_command(2, 200, {})) not in steps
    assert sensor.info["acceleration"].startswith("not started: needed 200 Hz, the device offers ")
    assert sensor.info["ecg"] == "started"


def test_a_start_without_an_answer_is_told():
    sensor = PolarH10()
    answered(sensor, lambda written: None if written[0] == 2 else h10(written))
    assert sensor.info["acceleration"] == "started, without a reply"


def test_a_setting_may_have_no_value():
    assert frames.settings(b"\x00\x00") == {0: ()}


@pytest.mark.parametrize("data", ["63", "00", "0002c800", "05010000", "0001c80001"])
def test_settings_cut_short_or_unknown_are_malformed(data):
    with pytest.raises(Malformed):
        frames.settings(bytes.fromhex(data))


def test_match_scores():
    assert PolarH10.match(Advert("Polar H10 12345678", frozenset({SERVICE}))) == 10
    assert PolarH10.match(Advert("Polar H10 12345678")) == 8
    assert PolarH10.match(Advert("Polar OH1 12345678", frozenset({SERVICE}))) == 0
    assert PolarVeritySense.match(Advert("Polar Sense 12345678")) == 8
    assert PolarVeritySense.match(Advert("Polar H10 12345678")) == 0
