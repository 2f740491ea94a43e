"""Battery level and device information of the Bluetooth SIG."""

import pytest

from glutebal.ingest.driver import Advert, Notify, Read, short_uuid
from glutebal.ingest.drivers.battery import Battery
from glutebal.ingest.drivers.sig import BATTERY_LEVEL, INFORMATION, text

ANSWERS = {
    INFORMATION["maker"]: b"Example Ltd.\0\0",
    INFORMATION["model"]: " modèle 1 ".encode(),
    INFORMATION["serial"]: b"\xff\x00",
    INFORMATION["firmware"]: b"",
    BATTERY_LEVEL: b"\x57",
}


def run(sensor, answers):
    script, reply, steps = sensor.start(), None, []
    while True:
        try:
            step = script.send(reply)
        except StopIteration:
            return steps
        steps.append(step)
        reply = answers.get(step.char) if isinstance(step, Read) else None


def test_handshake_reads_who_it_is_and_subscribes_if_it_can():
    sensor = Battery()
    steps = run(sensor, ANSWERS)
    assert steps[-1] == Notify(BATTERY_LEVEL, required=False)
    assert {s.char for s in steps[:-1]} == {*INFORMATION.values(), BATTERY_LEVEL}
    assert sensor.info == {"maker": "Example Ltd.", "model": "modèle 1", "serial": "\ufffd", "battery_percent": "87"}


def test_a_device_that_says_nothing_is_nobody():
    sensor = Battery()
    run(sensor, {})
    assert sensor.info == {}


@pytest.mark.parametrize("level", [b"", b"\x65", b"\x01\x02"])
def test_a_level_that_cannot_be_is_not_noted(level):
    sensor = Battery()
    run(sensor, {BATTERY_LEVEL: level})
    assert sensor.info == {}


@pytest.mark.parametrize("percent", [0, 1, 87, 100])
def test_a_level_is_a_sample_and_is_noted(percent):
    sensor = Battery()
    [block] = sensor.feed(BATTERY_LEVEL, bytes([percent]))
    assert (block.stream, block.values.tolist(), block.ticks) == ("battery", [[percent]], None)
    assert sensor.info == {"battery_percent": str(percent)}


@pytest.mark.parametrize("data", [b"", b"\x65", b"\xff", b"\x57\x00"])
def test_what_is_no_level_is_malformed(data):
    sensor = Battery()
    assert sensor.feed(BATTERY_LEVEL, data) == []
    assert (sensor.malformed, sensor.info) == (1, {})


def test_it_is_never_surer_than_a_guess():
    services = (short_uuid(0x180F), short_uuid(0x180A), short_uuid(0x180D))
    assert [Battery.match(Advert("x", frozenset({uuid}))) for uuid in services] == [1, 1, 0]


def test_the_numbers_of_the_characteristics():
    assert short_uuid(0x2A19) == BATTERY_LEVEL
    assert INFORMATION["model"] == short_uuid(0x2A24)
    assert INFORMATION["serial"] == short_uuid(0x2A25)
    assert INFORMATION["firmware"] == short_uuid(0x2A26)
    assert INFORMATION["hardware"] == short_uuid(0x2A27)
    assert INFORMATION["software"] == short_uuid(0x2A28)
    assert INFORMATION["maker"] == short_uuid(0x2A29)


@pytest.mark.parametrize(
    ("data", "said"), [(None, ""), (b"\0junk", ""), (b"1.2\r\n", "1.2"), (b"\xe2\x82\xac 5", "€ 5"), (b"a\x07b", "ab")]
)
def test_text_is_what_people_can_read(data, said):
    assert text(data) == said
