"""WitMotion: a captured frame, frames glued and split, lost pieces, and the handshake."""

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glutebal.ingest.driver import Advert, Notify, Sleep, Ticks, Write
from glutebal.ingest.drivers.witmotion import NOTIFY, SERVICE, WRITE, WitMotion

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "ble_vectors.json").read_text(encoding="utf-8"))
[VECTOR] = [v for v in VECTORS if v["device"] == "witmotion"]
CAPTURED = bytes.fromhex(VECTOR["hex"])
BATTERY = bytes.fromhex("55716400") + (397).to_bytes(2, "little") + bytes(14)
laws = settings(derandomize=True, deadline=None, max_examples=100)


def frame(number):
    """A frame whose contents never look like a header."""
    return b"\x55\x61" + bytes((number * 18 + i) % 64 for i in range(18))


def angles(blocks):
    return [tuple(np.rint(np.degrees(v) / 180 * 32768)) for b in blocks if b.stream == "angle" for v in b.values]


FRAMES = [frame(number) for number in range(12)]
TRUTH = [angles(WitMotion().feed(NOTIFY, one))[0] for one in FRAMES]


def test_the_captured_frame():
    acceleration, rate, angle = WitMotion().feed(NOTIFY, CAPTURED)
    g, dps, degrees = VECTOR["decoded"]
    tol = VECTOR["tol"]
    assert [b.stream for b in (acceleration, rate, angle)] == ["acceleration", "angular_rate", "angle"]
    np.testing.assert_allclose(acceleration.values / 9.80665, [g], atol=tol)
    np.testing.assert_allclose(np.degrees(rate.values), [dps], atol=tol)
    np.testing.assert_allclose(np.degrees(angle.values), [degrees], atol=tol)
    assert all(b.ticks is None and b.trusted for b in (acceleration, rate, angle))


def test_the_captured_roll_agrees_with_gravity():
    acceleration, _, angle = WitMotion().feed(NOTIFY, CAPTURED)
    _, y, z = acceleration.values[0]
    assert angle.values[0, 0] == pytest.approx(np.arctan2(y, z), abs=np.radians(0.1))  # rad, the unit's own rounding


def test_full_scale():
    acceleration, rate, angle = WitMotion().feed(NOTIFY, b"\x55\x61" + b"\x00\x80" * 9)
    np.testing.assert_allclose(acceleration.values, [[-16 * 9.80665] * 3], rtol=1e-12)
    np.testing.assert_allclose(np.degrees(rate.values), [[-2000] * 3], rtol=1e-12)
    np.testing.assert_allclose(np.degrees(angle.values), [[-180] * 3], rtol=1e-12)


def test_there_is_no_clock():
    assert all(s.clock.kind is Ticks.NONE for s in WitMotion.streams)


@laws
@given(cuts=st.sets(st.integers(1, 239), max_size=40))
def test_any_cutting_gives_the_same_frames(cuts):
    stream = b"".join(FRAMES)
    places = [0, *sorted(cuts), len(stream)]
    unit = WitMotion()
    found = [a for i, j in pairwise(places) for a in angles(unit.feed(NOTIFY, stream[i:j]))]
    assert found == TRUTH
    assert unit.malformed == 0


@laws
@given(garbage=st.binary(min_size=1, max_size=30).filter(lambda b: 0x55 not in b), place=st.integers(1, 11))
def test_garbage_between_frames_is_skipped_and_counted(garbage, place):
    unit = WitMotion()
    blocks = unit.feed(NOTIFY, b"".join(FRAMES[:place]) + garbage + b"".join(FRAMES[place:]))
    found = angles(blocks)
    assert set(found) <= set(TRUTH)
    assert len(found) >= 11  # the frame before the garbage is not believed: nothing follows it where it should
    assert unit.malformed == 1


@laws
@given(lost=st.integers(0, 23))
def test_a_lost_half_frame_loses_one_frame_and_forges_none(lost):
    """Frames in two notifications of 12 and 8 bytes; one of them is lost."""
    unit = WitMotion()
    pieces = [piece for one in FRAMES for piece in (one[:12], one[12:])]
    found = [a for i, piece in enumerate(pieces) if i != lost for a in angles(unit.feed(NOTIFY, piece))]
    assert found == [t for i, t in enumerate(TRUTH) if i != lost // 2]
    assert unit.malformed >= (lost < 23)


@laws
@given(order=st.lists(st.integers(0, 11), max_size=30))
def test_whole_frames_in_any_order(order):
    unit = WitMotion()
    assert [a for i in order for a in angles(unit.feed(NOTIFY, FRAMES[i]))] == [TRUTH[i] for i in order]


def test_the_battery_is_information():
    unit = WitMotion()
    assert unit.feed(NOTIFY, BATTERY) == []
    assert unit.info == {"battery_v": "3.97"}
    assert unit.malformed == 0


def test_a_gap_forgets_half_a_frame():
    unit = WitMotion()
    unit.feed(NOTIFY, FRAMES[0][:10])
    unit.gap()
    assert angles(unit.feed(NOTIFY, FRAMES[1])) == [TRUTH[1]]
    assert unit.malformed == 0


@pytest.mark.parametrize(("char", "data"), [(WRITE, FRAMES[0]), (NOTIFY, b"")])
def test_malformed(char, data):
    unit = WitMotion()
    assert unit.feed(char, data) == []
    assert unit.malformed == 1


def test_handshake():
    writes = [s for s in WitMotion().start() if isinstance(s, Write)]
    assert [w.data.hex() for w in writes] == ["ffaa6988b5", "ffaa030900", "ffaa276400"]
    assert {w.char for w in writes} == {WRITE}
    script = WitMotion().start()
    assert next(script) == Notify(NOTIFY)
    assert script.send(None) == writes[0]
    assert script.send(None) == Sleep(0.1)


def test_match_by_the_uncommon_base():
    common = SERVICE.replace("9a34fb", "9b34fb")
    assert WitMotion.match(Advert("WT901BLE68", frozenset({SERVICE}))) == 10
    assert WitMotion.match(Advert("", frozenset({SERVICE}))) == 5
    assert WitMotion.match(Advert("WTF scale", frozenset({common}))) == 1
    assert WitMotion.match(Advert("scale", frozenset({common}))) == 0


@laws
@given(which=st.integers(0, 11), bit=st.integers(0, 15))
def test_a_spoilt_header_costs_its_frame_and_forges_none(which, bit):
    stream = bytearray(b"".join(FRAMES))
    stream[20 * which + bit // 8] ^= 1 << bit % 8
    unit = WitMotion()
    found = angles(unit.feed(NOTIFY, stream))
    assert set(found) <= set(TRUTH)
    assert TRUTH[which] not in found
    assert len(found) >= 10
