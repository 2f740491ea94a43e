"""WH-C06 crane scale: one advertisement is one reading."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glutebal.ingest.driver import ADVERTISING, Advert, Notify
from glutebal.ingest.drivers.wh_c06 import LIMIT_N, WhC06

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "ble_vectors.json").read_text(encoding="utf-8"))
[VECTOR] = [v for v in VECTORS if v["device"] == "wh-c06"]
ADVERTISEMENT = bytes.fromhex(VECTOR["hex"])


def test_published_advertisement():
    [block] = WhC06().feed(ADVERTISING, ADVERTISEMENT)
    kg, unit = VECTOR["decoded"]
    assert block.stream == "force"
    assert block.values.tolist() == [[kg * 9.80665]]
    assert block.ticks is None
    assert unit == ADVERTISEMENT[14] & 0x0F == 1


@pytest.mark.parametrize("unit", [0, 2, 3, 15])
def test_pounds_and_unknown_units_are_refused(unit):
    sensor = WhC06()
    assert sensor.feed(ADVERTISING, ADVERTISEMENT[:14] + bytes([unit])) == []
    assert sensor.malformed == 1


def test_the_status_beside_the_unit_does_not_matter():
    assert len(WhC06().feed(ADVERTISING, ADVERTISEMENT[:14] + b"\xa1")) == 1


@pytest.mark.parametrize(("hundredths", "given"), [(0, 1), (50_000, 1), (50_001, 0), (65_535, 0)])
def test_more_than_the_scale_holds_is_dropped_and_counted(hundredths, given):
    sensor = WhC06()
    data = ADVERTISEMENT[:10] + hundredths.to_bytes(2, "big") + ADVERTISEMENT[12:]
    assert len(sensor.feed(ADVERTISING, data)) == given
    assert sensor.malformed == 1 - given


@pytest.mark.parametrize("cut", range(15))
def test_an_advertisement_cut_short_is_malformed(cut):
    sensor = WhC06()
    assert sensor.feed(ADVERTISING, ADVERTISEMENT[:cut]) == []
    assert sensor.malformed == 1


@settings(derandomize=True, deadline=None)
@given(st.binary(max_size=30))
def test_other_advertisements_are_never_a_force_out_of_range(data):
    sensor = WhC06()
    for block in sensor.feed(ADVERTISING, data) + sensor.feed(ADVERTISING, ADVERTISEMENT[:3] + data):
        assert 0 <= block.values[0, 0] <= LIMIT_N
    assert sensor.malformed >= (not data.startswith(ADVERTISEMENT[:3]))


def test_it_is_listened_to_without_a_connection():
    assert list(WhC06().start()) == [Notify(ADVERTISING)]
    assert list(WhC06().stop()) == []


def test_match_scores():
    data = {0x0100: ADVERTISEMENT}
    adverts = (
        Advert("IF_B7", manufacturer=data),
        Advert("", manufacturer=data),
        Advert("IF_B7"),
        Advert("", manufacturer={0x0100: b"\x01\x02"}),
        Advert("", manufacturer={0x004C: ADVERTISEMENT}),
    )
    assert [WhC06.match(advert) for advert in adverts] == [10, 5, 1, 0, 0]
