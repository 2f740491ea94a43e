"""The contract between drivers and the rest: the registry, the match, and a feed that never raises."""

import contextlib
import importlib.metadata
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glutebal.errors import GlutebalError, UnknownNameError
from glutebal.ingest import driver as contract
from glutebal.ingest.driver import (
    Advert,
    Block,
    Driver,
    Malformed,
    Notify,
    Script,
    Stream,
    Ticks,
    driver_named,
    drivers,
    match,
    short_uuid,
)

ALL = drivers()
OWN = {
    "battery",
    "cycling_power",
    "diy_binary",
    "heart_rate",
    "nordic_uart",
    "polar_h10",
    "polar_verity_sense",
    "tindeq",
    "weight_scale",
    "wh_c06",
}


class Echo(Driver):
    """One byte, one sample; 0 is malformed, the others are errors that a decoder can make."""

    name = "echo"
    title = "Echo"
    streams = (Stream("byte", None, "counts", 10.0),)
    ERRORS = (Malformed("zero"), ValueError("one"), IndexError("two"), OverflowError("three"))

    def __init__(self) -> None:
        super().__init__()
        self.gaps = 0

    @classmethod
    def match(cls, advert: Advert) -> int:
        return 10 * advert.name.startswith("Echo")

    def start(self) -> Script:
        yield Notify("echo")

    def gap(self) -> None:
        self.gaps += 1

    def decode(self, char: str, data: bytes) -> Iterator[Block]:
        for byte in data:
            if byte < len(self.ERRORS):
                raise self.ERRORS[byte]
            yield Block("byte", np.array([[float(byte)]]))


class Rival(Echo):
    name = "rival"

    @classmethod
    def match(cls, advert: Advert) -> int:
        return 5


def notified(kind: type[Driver]) -> list[str]:
    """The characteristics that a driver subscribes to when the device answers nothing; it may refuse with advice."""
    chars: list[str] = []
    with contextlib.suppress(GlutebalError):
        chars.extend(step.char for step in kind().start() if isinstance(step, Notify))
    return chars


def test_the_registry_has_every_driver_by_name():
    assert ALL.keys() >= OWN
    assert all(kind.name == name for name, kind in ALL.items())
    assert list(ALL) == sorted(ALL)


def test_a_driver_is_found_by_name():
    assert driver_named("tindeq") is ALL["tindeq"]


def test_an_unknown_driver_lists_what_there_is():
    with pytest.raises(UnknownNameError, match=r"tindeq.*found 'tindek'.*try: tindeq"):
        driver_named("tindek")


def test_the_decorator_returns_the_class_and_registers_it(monkeypatch):
    monkeypatch.setattr(contract, "_REGISTERED", {})
    assert contract.driver(Echo) is Echo
    assert {"echo": Echo} == contract._REGISTERED


def test_drivers_of_other_packages_are_found(monkeypatch):
    class Entry:
        def load(self):
            return Echo

    def entry_points(group):
        return [Entry()] if group == "glutebal.drivers" else []

    monkeypatch.setattr(contract, "_REGISTERED", dict(contract._REGISTERED))
    monkeypatch.setattr(importlib.metadata, "entry_points", entry_points)
    assert drivers()["echo"] is Echo


def test_the_surest_driver_wins_and_none_is_none():
    assert match(Advert(name="Echo 1"), [Rival, Echo]) is Echo
    assert match(Advert(name="another"), [Rival, Echo]) is Rival
    assert match(Advert(name="another"), [Echo]) is None
    assert match(Advert(name="another"), []) is None


@pytest.mark.parametrize(
    ("advert", "name"),
    [
        (Advert("Progressor_1234"), "tindeq"),
        (Advert("", frozenset({"7e4e1701-1ea6-40c9-9dcc-13d34ffead57"})), "tindeq"),
        (Advert("ASSIOMA", frozenset({short_uuid(0x1818), short_uuid(0x180F)})), "cycling_power"),
        (Advert("Polar H10 ABCD1234", frozenset({short_uuid(0x180D)})), "polar_h10"),
        (Advert("Polar Sense ABCD1234", frozenset({short_uuid(0x180D)})), "polar_verity_sense"),
        (Advert("HRM", frozenset({short_uuid(0x180D), short_uuid(0x180F)})), "heart_rate"),
        (Advert("Scale", frozenset({short_uuid(0x181D)})), "weight_scale"),
        (Advert("IF_B7", manufacturer={0x0100: bytes.fromhex("020311ffffffffffff0109c4000001")}), "wh_c06"),
        (Advert("Thing", frozenset({short_uuid(0x180F)})), "battery"),
        (Advert("Thing", frozenset({"6e400001-b5a3-f393-e0a9-e50e24dcca9e"})), "nordic_uart"),
        (Advert("glutebal-left", frozenset({"6e400001-b5a3-f393-e0a9-e50e24dcca9e"})), "nordic_uart"),
        (Advert("glutebal-left", frozenset({"5b2f0001-6c3a-4d8e-9b41-7a0c1de2f350"})), "diy_binary"),
        (Advert("glutebal-left"), "diy_binary"),
    ],
    ids=lambda v: v if isinstance(v, str) else "",
)
def test_an_advertisement_finds_its_driver(advert, name):
    found = match(advert)
    assert found is not None
    assert found.name == name


@pytest.mark.parametrize("name", ["", "JBL Flip", "Polarsteps", "Progress", "polar h10"])
def test_a_stranger_is_no_sensor(name):
    assert match(Advert(name), [ALL[own] for own in OWN]) is None


def test_a_shared_service_is_only_a_guess():
    advert = Advert("Thing", frozenset({"6e400001-b5a3-f393-e0a9-e50e24dcca9e"}))
    assert ALL["nordic_uart"].match(advert) == 1
    assert ALL["battery"].match(Advert(uuids=frozenset({short_uuid(0x180A)}))) == 1


def test_feed_gives_the_samples_of_good_bytes():
    echo = Echo()
    values = [float(block.values[0, 0]) for block in echo.feed("echo", b"\x04\x05")]
    assert values == [4.0, 5.0]
    assert (echo.malformed, echo.gaps) == (0, 0)


@pytest.mark.parametrize("byte", range(4))
def test_feed_counts_bad_bytes_and_gives_nothing_even_in_part(byte):
    echo = Echo()
    assert echo.feed("echo", bytes([9, byte, 9])) == []
    assert (echo.malformed, echo.gaps) == (1, 1)
    assert len(echo.feed("echo", b"\x09")) == 1


def test_feed_takes_what_radios_hand_over():
    assert len(Echo().feed("echo", bytearray(b"\x09"))) == 1


def test_a_stream_is_found_by_name():
    assert Echo().stream("byte") is Echo.streams[0]


def test_short_uuids_are_written_out_in_lower_case():
    assert short_uuid(0xFEAB) == "0000feab-0000-1000-8000-00805f9b34fb"


def test_a_driver_without_a_stop_has_nothing_to_say():
    assert list(Echo().stop()) == []


@pytest.mark.parametrize("kind", ALL.values(), ids=ALL.keys())
def test_a_driver_describes_itself(kind):
    names = [stream.name for stream in kind.streams]
    assert len(set(names)) == len(names) > 0
    assert kind.name == kind.name.lower()
    assert kind.title
    for stream in kind.streams:
        assert stream.quantity is None or stream.unit == stream.quantity.unit
        assert stream.clock.kind is not Ticks.NONE or stream.clock.tick_s == 0
        assert len(stream.axes) == len(set(stream.axes)) > 0


@pytest.mark.parametrize("kind", ALL.values(), ids=ALL.keys())
def test_a_driver_survives_a_device_that_answers_nothing(kind):
    assert notified(kind)
    list(kind().stop())


def contradiction(sensor: Driver, block: Block) -> str:
    """Why a block is not what the contract says; empty if it is."""
    stream = sensor.stream(block.stream)
    n = len(block.values)
    ticked = stream.clock.kind is not Ticks.NONE
    wrap = stream.clock.wrap
    checks = {
        "float64": block.values.dtype == np.float64,
        "n by axes": n > 0 and block.values.shape == (n, len(stream.axes)),
        "finite": bool(np.isfinite(block.values).all()),
        "ticks where there is a clock": (block.ticks is not None) == ticked,
        "whole ticks": block.ticks is None or (block.ticks.dtype == np.int64 and block.ticks.shape == (n,)),
        "ticks below the wrap": block.ticks is None or wrap is None or bool((block.ticks < wrap).all()),
    }
    return ", ".join(word for word, holds in checks.items() if not holds)


@pytest.mark.parametrize("kind", ALL.values(), ids=ALL.keys())
@settings(derandomize=True, deadline=None, max_examples=60)
@given(packets=st.lists(st.tuples(st.integers(0, 7), st.binary(max_size=60)), max_size=12))
def test_random_bytes_are_counted_or_obey_the_contract(kind, packets):
    sensor, chars = kind(), [*notified(kind), "unheard-of"]
    for which, data in packets:
        before = sensor.malformed
        blocks = sensor.feed(chars[which % len(chars)], data)
        assert [contradiction(sensor, block) for block in blocks] == [""] * len(blocks)
        assert sensor.malformed >= before


@pytest.mark.parametrize("kind", [ALL[name] for name in sorted(OWN)], ids=sorted(OWN))
def test_an_unknown_characteristic_is_malformed(kind):
    sensor = kind()
    for data in (b"", b"\0", bytes(range(40))):
        assert sensor.feed("unheard-of", data) == []
    assert sensor.malformed == 3
