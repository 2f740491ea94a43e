"""Cycling power of the Bluetooth SIG: whole records, and a left share only when the device says left."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glutebal.ingest.driver import Notify, Read, Ticks, short_uuid
from glutebal.ingest.drivers.cycling_power import FEATURE, LOCATION, MEASUREMENT, SERVICE, VECTOR, CyclingPower
from glutebal.ingest.drivers.cycling_records import CRANK_TICK_S, WHEEL_TICK_S, Measurement, Vector, measurement, vector
from glutebal.ingest.drivers.cycling_streams import LIMITS
from glutebal.model import Quantity

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "ble_vectors.json").read_text(encoding="utf-8"))
CPS = {v["name"]: v for v in VECTORS if v["device"] == "cps"}
FULL = bytes.fromhex("ff1f c800 64 4000 05000000 0008 0700 0004 2c01 e2ff 4001 e0ff 5ab000 5a00 0e01 0a00")


def as_published(record):
    """A record with the names of the published vectors; only the fields that are there."""
    of = "left" if record.balance_is_left else "unknown"
    said = {
        "power_w": record.power_w,
        "balance_pct": record.balance_percent,
        "balance_ref": None if record.balance_percent is None else of,
        "acc_torque_nm": record.torque_nm,
        "torque_source": None if record.torque_nm is None else record.torque_source,
        "wheel": record.wheel and [record.wheel[0], record.wheel[1] * WHEEL_TICK_S],
        "crank": record.crank and [record.crank[0], record.crank[1] * CRANK_TICK_S],
        "force_n": record.extreme_force_n and list(record.extreme_force_n),
        "angle_deg": record.extreme_angle_deg and list(record.extreme_angle_deg),
        "offset_comp": record.wants_offset_compensation,
    }
    return {name: value for name, value in said.items() if value is not None}


def blocks(sensor, char, data):
    return {block.stream: block.values.tolist() for block in sensor.feed(char, data)}


@pytest.mark.parametrize("published", CPS.values(), ids=CPS.keys())
def test_published_records(published):
    assert as_published(measurement(bytes.fromhex(published["hex"]))) == published["decoded"]


def test_a_balance_without_a_side_stays_without_a_side():
    given = blocks(CyclingPower(), MEASUREMENT, bytes.fromhex(CPS["250 W, balance 52 % reference unknown"]["hex"]))
    assert given == {"power": [[250.0]], "balance_side_unknown": [[52.0]]}


def test_a_left_balance_gives_both_legs():
    given = blocks(CyclingPower(), MEASUREMENT, bytes.fromhex(CPS["250 W, left 52 %"]["hex"]))
    assert given == {"power": [[250.0]], "balance_left": [[52.0]], "pedal_power": [[130.0, 120.0]]}


def test_the_captured_frame_as_blocks():
    frame = CPS["captured power meter frame (torque+wheel)"]
    given = blocks(CyclingPower(), MEASUREMENT, bytes.fromhex(frame["hex"]))
    assert given == {"power": [[79.0]], "accumulated_torque_wheel": [[420.9375]], "wheel": [[1631.0, 36121 / 2048]]}


def test_angles_beyond_a_turn_are_dropped_and_counted():
    sensor = CyclingPower()
    given = blocks(sensor, MEASUREMENT, bytes.fromhex(CPS["extreme forces & angles"]["hex"]))
    assert given["extreme_force"] == [[300.0, -30.0]]
    assert "extreme_angle" not in given
    assert sensor.malformed == 1


def test_every_field_in_its_order():
    record = measurement(FULL)
    assert record == Measurement(
        power_w=200,
        balance_is_left=True,
        balance_percent=50.0,
        torque_source="crank",
        torque_nm=2.0,
        wheel=(5, 2048),
        crank=(7, 1024),
        extreme_force_n=(300, -30),
        extreme_torque_nm=(10.0, -1.0),
        extreme_angle_deg=(90, 11),
        top_dead_spot_deg=90,
        bottom_dead_spot_deg=270,
        energy_kj=10,
        wants_offset_compensation=True,
    )


def test_every_field_as_blocks_in_si_units():
    given = blocks(CyclingPower(), MEASUREMENT, FULL)
    assert given.pop("extreme_angle") == [pytest.approx([math.pi / 2, math.radians(11)])]
    assert given == {
        "power": [[200.0]],
        "balance_left": [[50.0]],
        "pedal_power": [[100.0, 100.0]],
        "accumulated_torque_crank": [[2.0]],
        "wheel": [[5.0, 1.0]],
        "crank": [[7.0, 1.0]],
        "extreme_force": [[300.0, -30.0]],
        "extreme_torque": [[10.0, -1.0]],
        "top_dead_spot": [[math.pi / 2]],
        "bottom_dead_spot": [[pytest.approx(1.5 * math.pi)]],
        "accumulated_energy": [[10_000.0]],
    }


@pytest.mark.parametrize("power", [0, -1, -200])
def test_no_power_is_no_balance(power):
    sensor = CyclingPower()
    given = blocks(sensor, MEASUREMENT, b"\x03\x00" + power.to_bytes(2, "little", signed=True) + b"\x68")
    assert given == ({"power": [[0.0]]} if power == 0 else {})
    assert sensor.malformed == (power < 0)


@pytest.mark.parametrize(("halves", "shares"), [(0, [0.0, 250.0]), (200, [250.0, 0.0])])
def test_one_leg_may_do_everything(halves, shares):
    assert blocks(CyclingPower(), MEASUREMENT, bytes([3, 0, 0xFA, 0, halves]))["pedal_power"] == [shares]


def test_no_balance_of_an_impossible_power():
    sensor = CyclingPower()
    assert blocks(sensor, MEASUREMENT, bytes.fromhex("0300" + "8913" + "68")) == {}
    assert sensor.malformed == 1
    assert set(blocks(sensor, MEASUREMENT, bytes.fromhex("0300" + "8813" + "68"))) == {
        "power",
        "balance_left",
        "pedal_power",
    }


def test_the_numbers_of_the_service():
    numbers = {SERVICE: 0x1818, MEASUREMENT: 0x2A63, VECTOR: 0x2A64, FEATURE: 0x2A65, LOCATION: 0x2A5D}
    assert all(uuid == short_uuid(number) for uuid, number in numbers.items())


@pytest.mark.parametrize(("name", "wrap_s", "tick_s"), [("wheel", 32, WHEEL_TICK_S), ("crank", 64, CRANK_TICK_S)])
def test_event_times_wrap_where_the_unit_says(name, wrap_s, tick_s):
    assert wrap_s == 2**16 * tick_s
    assert CyclingPower().stream(name).unit.endswith(f"wraps at {wrap_s}")


@pytest.mark.parametrize("flags", [1, 3])
def test_a_balance_above_a_hundred_per_cent_is_dropped_and_counted(flags):
    sensor = CyclingPower()
    assert blocks(sensor, MEASUREMENT, bytes([flags, 0, 0xFA, 0, 201])) == {"power": [[250.0]]}
    assert sensor.malformed == 1


def test_an_event_is_given_once_until_it_changes_or_something_was_lost():
    sensor, frame = CyclingPower(), bytes.fromhex("2000c800" + "07000004")
    assert "crank" in blocks(sensor, MEASUREMENT, frame)
    assert "crank" not in blocks(sensor, MEASUREMENT, frame)
    assert "crank" in blocks(sensor, MEASUREMENT, bytes.fromhex("2000c800" + "08000008"))
    sensor.gap()
    assert "crank" in blocks(sensor, MEASUREMENT, bytes.fromhex("2000c800" + "08000008"))


@pytest.mark.parametrize("cut", range(len(FULL)))
def test_a_record_cut_anywhere_is_malformed(cut):
    sensor = CyclingPower()
    assert sensor.feed(MEASUREMENT, FULL[:cut]) == []
    assert sensor.malformed == 1


@pytest.mark.parametrize("data", ["0000c80000", "0020c800", "0080c800"])
def test_left_over_bytes_and_unknown_flags_are_malformed(data):
    sensor = CyclingPower()
    assert sensor.feed(MEASUREMENT, bytes.fromhex(data)) == []
    assert sensor.malformed == 1


@pytest.mark.parametrize(
    ("data", "record"),
    [
        ("00", Vector(0)),
        ("17" + "07000004" + "5a00" + "2c01e2ff", Vector(1, (7, 1024), 90, force_n=(300.0, -30.0))),
        ("28" + "2000e0ff", Vector(2, torque_nm=(1.0, -1.0))),
        ("34" + "0100", Vector(3, force_n=(1.0,))),
    ],
)
def test_vectors(data, record):
    assert vector(bytes.fromhex(data)) == record


def test_a_vector_as_blocks():
    given = blocks(CyclingPower(), VECTOR, bytes.fromhex("17" + "07000004" + "5a00" + "2c01e2ff"))
    assert given == {
        "crank": [[7.0, 1.0]],
        "first_angle": [[math.pi / 2]],
        "force_tangential": [[300.0], [-30.0]],
    }


def test_a_force_of_unknown_direction_says_so():
    assert blocks(CyclingPower(), VECTOR, b"\x04\x01\x00") == {"force_direction_unknown": [[1.0]]}


@pytest.mark.parametrize("data", ["", "0401", "0c0100", "440100", "010700", "0201", "0000"])
def test_what_is_no_vector_is_malformed(data):
    sensor = CyclingPower()
    assert sensor.feed(VECTOR, bytes.fromhex(data)) == []
    assert sensor.malformed == 1


@settings(derandomize=True, deadline=None, max_examples=200)
@given(st.sampled_from([MEASUREMENT, VECTOR]), st.binary(max_size=40), st.booleans())
def test_random_bytes_stay_in_range(char, data, plausible):
    head = b"\x03\x00\xc8\x00" if plausible and char == MEASUREMENT else b""
    for block in CyclingPower().feed(char, head + data):
        low, high = LIMITS[block.stream]
        assert low <= block.values.min()
        assert block.values.max() <= high


@settings(derandomize=True, deadline=None)
@given(st.integers(0, 8 * len(FULL) - 1))
def test_a_flipped_bit_never_makes_a_side_of_an_unknown_one(bit):
    unknown = bytearray(FULL)
    unknown[0] &= ~2
    unknown[bit // 8] ^= 1 << bit % 8
    given = blocks(CyclingPower(), MEASUREMENT, bytes(unknown))
    assert ("balance_left" in given) <= (bit == 1)


def test_handshake():
    sensor = CyclingPower()
    script, reply, steps = sensor.start(), None, []
    answers = {FEATURE: bytes.fromhex("09000000"), LOCATION: b"\x07"}
    while True:
        try:
            step = script.send(reply)
        except StopIteration:
            break
        steps.append(step)
        reply = answers.get(step.char) if isinstance(step, Read) else None
    assert steps[-2:] == [Notify(MEASUREMENT), Notify(VECTOR, required=False)]
    assert sensor.info == {"features": "pedal balance, crank", "location": "left pedal"}


def test_a_place_without_a_word_keeps_its_number():
    sensor = CyclingPower()
    script, reply = sensor.start(), None
    for _ in range(30):
        try:
            step = script.send(reply)
        except StopIteration:
            break
        reply = b"\x63" if step == Read(LOCATION) else None
    assert sensor.info == {"location": "number 99"}


def test_a_shared_quantity_means_the_shared_unit():
    streams = {stream.name: stream for stream in CyclingPower.streams}
    assert streams["pedal_power"].axes == ("left", "right")
    assert streams["extreme_force"].quantity is Quantity.FORCE
    assert {stream.clock.kind for stream in streams.values()} == {Ticks.NONE}
    assert np.all([low < high for low, high in LIMITS.values()])
