"""Weight scale of the Bluetooth SIG: records in SI units, damaged packets."""

import json
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glutebal.ingest.driver import Notify, short_uuid
from glutebal.ingest.drivers.weight_scale import LIMIT_N, MEASUREMENT, SERVICE, Weighing, WeightScale, measurement

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "ble_vectors.json").read_text(encoding="utf-8"))
[VECTOR] = [v for v in VECTORS if v["device"] == "sig-weight-scale"]
PACKET = bytes.fromhex(VECTOR["hex"])
FULL = bytes.fromhex("0e1437" + "ea070b160a1e00" + "02" + "e100" + "d606")


def test_published_record():
    assert measurement(PACKET) == Weighing(pytest.approx(VECTOR["decoded"], abs=VECTOR["tol"]))


def test_published_packet_as_newtons():
    sensor = WeightScale()
    [block] = sensor.feed(MEASUREMENT, PACKET)
    assert (block.stream, block.ticks, sensor.malformed) == ("weight", None, 0)
    assert block.values[0, 0] == pytest.approx(70.5 * 9.80665, abs=1e-6)


def test_every_field():
    weighing = measurement(FULL)
    assert weighing == Weighing(pytest.approx(70.5), datetime(2026, 11, 22, 10, 30), 2, 22.5, pytest.approx(1.75))


def test_pounds_and_inches():
    weighing = measurement(bytes.fromhex("091027" + "0000" + "b302"))
    assert weighing.mass_kg == pytest.approx(100 * 0.45359237)
    assert weighing.height_m == pytest.approx(69.1 * 0.0254)


def test_a_date_that_is_not_known_is_none():
    assert measurement(bytes.fromhex("021437" + "00000000000000")).taken is None


def test_a_failed_weighing_is_dropped_and_counted():
    sensor = WeightScale()
    assert sensor.feed(MEASUREMENT, b"\x00\xff\xff") == []
    assert sensor.malformed == 1


@pytest.mark.parametrize(("units", "given"), [(0, 1), (64_000, 1), (64_001, 0)])
def test_a_scale_holds_320_kg(units, given):
    assert len(WeightScale().feed(MEASUREMENT, b"\0" + units.to_bytes(2, "little"))) == given


def test_the_numbers_of_the_service():
    assert short_uuid(0x181D) == SERVICE
    assert short_uuid(0x2A9D) == MEASUREMENT


@pytest.mark.parametrize("cut", range(len(FULL)))
def test_a_record_cut_short_is_malformed(cut):
    sensor = WeightScale()
    assert sensor.feed(MEASUREMENT, FULL[:cut]) == []
    assert sensor.malformed == 1


@pytest.mark.parametrize("data", [PACKET + b"\0", b"\x10" + PACKET[1:]])
def test_extra_bytes_and_unknown_flags_are_malformed(data):
    sensor = WeightScale()
    assert sensor.feed(MEASUREMENT, data) == []
    assert sensor.malformed == 1


@settings(derandomize=True, deadline=None)
@given(st.binary(max_size=20))
def test_random_bytes_give_a_possible_weight_or_nothing(data):
    sensor = WeightScale()
    blocks = sensor.feed(MEASUREMENT, data)
    assert len(blocks) + sensor.malformed == 1
    assert all(0 <= block.values[0, 0] <= LIMIT_N for block in blocks)


def test_handshake_ends_with_the_subscription():
    assert list(WeightScale().start())[-1] == Notify(MEASUREMENT)
