"""Heart rate of the Bluetooth SIG: records, blocks and damaged packets."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glutebal.ingest.driver import Notify, Read, short_uuid
from glutebal.ingest.drivers.heart_rate import (
    LIMITS_BPM,
    LIMITS_S,
    MEASUREMENT,
    SERVICE,
    HeartRate,
    HeartRateSensor,
    measurement,
)

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "ble_vectors.json").read_text(encoding="utf-8"))
[VECTOR] = [v for v in VECTORS if v["device"] == "sig-hr"]
PACKET = bytes.fromhex(VECTOR["hex"])


def test_published_record():
    said = VECTOR["decoded"]
    assert measurement(PACKET) == HeartRate(said["bpm"], said["contact"], None, (0.830078125, 0.8203125))
    assert said["rr_ms"] == [830.078125, 820.3125]


def test_published_packet_as_blocks():
    rate, intervals = HeartRateSensor().feed(MEASUREMENT, PACKET)
    assert (rate.stream, rate.values.tolist(), rate.ticks, rate.trusted) == ("heart_rate", [[72.0]], None, True)
    assert (intervals.stream, intervals.values.tolist()) == ("beat_interval", [[0.830078125], [0.8203125]])


@pytest.mark.parametrize(
    ("data", "record"),
    [
        ("0048", HeartRate(72)),
        ("012c01", HeartRate(300)),
        ("0448", HeartRate(72, contact=False)),
        ("0648", HeartRate(72, contact=True)),
        ("0248", HeartRate(72, contact=None)),
        ("08480a00", HeartRate(72, energy_kj=10)),
        ("19480000010004", HeartRate(72, energy_kj=256, intervals_s=(1.0,))),
        ("1048", HeartRate(72)),
    ],
)
def test_every_flag(data, record):
    assert measurement(bytes.fromhex(data)) == record


def test_without_skin_contact_nothing_is_trusted():
    blocks = HeartRateSensor().feed(MEASUREMENT, bytes.fromhex("14480004"))
    assert [block.trusted for block in blocks] == [False, False]


def test_no_reading_is_no_block_and_no_fault():
    sensor = HeartRateSensor()
    assert sensor.feed(MEASUREMENT, b"\x00\x00") == []
    assert sensor.malformed == 0


@pytest.mark.parametrize("data", ["", "00", "0100", "004800", "2048", "8048", "104800", "00480004", "0848", "084800"])
def test_what_is_no_record_is_malformed(data):
    sensor = HeartRateSensor()
    assert sensor.feed(MEASUREMENT, bytes.fromhex(data)) == []
    assert sensor.malformed == 1


@pytest.mark.parametrize(("bpm", "given"), [(19, 0), (20, 1), (300, 1), (301, 0)])
def test_hearts_beat_20_to_300_times_a_minute(bpm, given):
    sensor = HeartRateSensor()
    assert len(sensor.feed(MEASUREMENT, b"\x01" + bpm.to_bytes(2, "little"))) == given
    assert sensor.malformed == 1 - given


@pytest.mark.parametrize(("ticks", "given"), [(204, 0), (205, 1), (3072, 1), (3073, 0)])
def test_beats_are_a_fifth_of_a_second_to_three_apart(ticks, given):
    assert len(HeartRateSensor().feed(MEASUREMENT, b"\x10\x00" + ticks.to_bytes(2, "little"))) == given


def test_the_numbers_of_the_service():
    assert short_uuid(0x180D) == SERVICE
    assert short_uuid(0x2A37) == MEASUREMENT


def test_impossible_hearts_are_dropped_and_counted():
    sensor = HeartRateSensor()
    [intervals] = sensor.feed(MEASUREMENT, bytes.fromhex("1013" + "0100" + "0004"))
    assert intervals.values.tolist() == [[1.0]]
    assert sensor.malformed == 2


@settings(derandomize=True, deadline=None)
@given(st.binary(max_size=20))
def test_random_bytes_give_a_possible_heart_or_nothing(data):
    low_high = {"heart_rate": LIMITS_BPM, "beat_interval": LIMITS_S}
    for block in HeartRateSensor().feed(MEASUREMENT, data):
        low, high = low_high[block.stream]
        assert low <= block.values.min()
        assert block.values.max() <= high


def test_handshake():
    steps = list(HeartRateSensor().start())
    assert steps[-1] == Notify(MEASUREMENT)
    assert all(isinstance(step, Read) for step in steps[:-1])
    assert np.unique([step.char for step in steps]).size == len(steps)
