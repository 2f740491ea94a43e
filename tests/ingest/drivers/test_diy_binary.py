"""The library's own binary frame: a literal packet, the way there and back, damage, and the Arduino sketch."""

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glutebal.errors import InputError
from glutebal.ingest.driver import Advert, Clock, Notify, Ticks
from glutebal.ingest.drivers.diy_binary import FRAMES, LONGEST, SERVICE, WHAT, DiyBinary, decoded, encoded

SKETCH = Path(__file__).parents[3] / "examples" / "arduino" / "diy_binary" / "diy_binary.ino"
# Force, two channels, two samples, frame 7, at 1 s, every 5 ms, 0.5 N per count.
LITERAL = bytes.fromhex("01 02 02 02 0700 40420f00 88130000 0000003f 6400 38ff c800 70fe 9461")
COUNTS = st.integers(1, 8).flatmap(
    lambda c: st.lists(st.lists(st.integers(-32768, 32767), min_size=c, max_size=c), min_size=1, max_size=20)
)


def frame(what=2, counts=((100, -200), (200, -400)), scale=0.5, period_us=5000, stamp_us=10**6, number=7):
    return encoded(what, number, stamp_us, period_us, scale, counts)


def test_a_literal_frame():
    read = decoded(LITERAL)
    assert (read.what, read.number, read.stamp_us, read.period_us, read.scale) == (2, 7, 1_000_000, 5000, 0.5)
    assert read.counts.tolist() == [[100, -200], [200, -400]]
    assert frame() == LITERAL


def test_a_literal_frame_as_newtons():
    sensor = DiyBinary()
    first, second = sensor.feed(FRAMES, LITERAL)
    assert (first.stream, first.values.tolist()) == ("force_1", [[50.0], [100.0]])
    assert (second.stream, second.values.tolist()) == ("force_2", [[-100.0], [-200.0]])
    np.testing.assert_array_equal(first.ticks, [1_000_000, 1_005_000])
    assert first.ticks.dtype == np.int64
    assert sensor.malformed == 0


@pytest.mark.parametrize(("what", "name"), [(3, "acceleration"), (4, "angular_rate")])
def test_three_axes_are_one_stream(what, name):
    [block] = DiyBinary().feed(FRAMES, frame(what, [[1, 2, 3], [4, 5, 6]], scale=0.25))
    assert (block.stream, block.values.tolist()) == (name, [[0.25, 0.5, 0.75], [1.0, 1.25, 1.5]])
    assert DiyBinary().stream(name).axes == ("x", "y", "z")


def test_the_rate_is_learnt_from_the_frames_of_that_kind():
    sensor = DiyBinary()
    assert np.isnan(sensor.stream("force_1").rate_hz)
    sensor.feed(FRAMES, LITERAL)
    assert sensor.stream("force_1").rate_hz == sensor.stream("force_2").rate_hz == 200.0
    assert np.isnan(sensor.stream("emg_1").rate_hz)
    assert np.isnan(DiyBinary().stream("force_1").rate_hz)
    sensor.feed(FRAMES, frame(period_us=1000))
    assert sensor.stream("force_1").rate_hz == 1000.0


def test_the_clock_wraps_inside_a_frame():
    [block] = DiyBinary().feed(FRAMES, frame(1, [[1], [2]], scale=1e-6, stamp_us=2**32 - 1000, period_us=1000))
    np.testing.assert_array_equal(block.ticks, [2**32 - 1000, 0])


@settings(derandomize=True, deadline=None)
@given(COUNTS, st.integers(0, 2**40), st.integers(1, 2**32 - 1), st.integers(0, 2**20))
def test_there_and_back(counts, stamp_us, period_us, number):
    data = frame(0, counts, 1.0, period_us, stamp_us, number)
    read = decoded(data)
    assert (read.number, read.stamp_us, read.period_us) == (number % 2**16, stamp_us % 2**32, period_us)
    np.testing.assert_array_equal(read.counts, counts)
    blocks = DiyBinary().feed(FRAMES, data)
    assert [block.stream for block in blocks] == [f"counts_{c + 1}" for c in range(len(counts[0]))]
    np.testing.assert_array_equal(np.hstack([block.values for block in blocks]), counts)


@pytest.mark.parametrize("end", range(len(LITERAL)))
def test_a_frame_cut_anywhere_is_malformed(end):
    sensor = DiyBinary()
    assert sensor.feed(FRAMES, LITERAL[:end]) == []
    assert sensor.malformed == 1


@pytest.mark.parametrize("bit", range(8 * len(LITERAL)))
def test_every_single_flipped_bit_is_found(bit):
    damaged = bytearray(LITERAL)
    damaged[bit // 8] ^= 1 << bit % 8
    sensor = DiyBinary()
    assert sensor.feed(FRAMES, bytes(damaged)) == []
    assert sensor.malformed == 1


@settings(derandomize=True, deadline=None)
@given(st.lists(st.integers(0, 8 * len(LITERAL) - 1), min_size=2, max_size=3, unique=True), st.integers(0, 200))
def test_more_flipped_bits_and_extra_bytes_are_found(bits, extra):
    damaged = bytearray(LITERAL)
    for bit in bits:
        damaged[bit // 8] ^= 1 << bit % 8
    assert DiyBinary().feed(FRAMES, bytes(damaged)) == []
    assert DiyBinary().feed(FRAMES, LITERAL + bytes(extra + 1)) == []


@pytest.mark.parametrize(
    "bad",
    [
        {"what": len(WHAT)},
        {"period_us": 0},
        {"scale": 0.0},
        {"scale": float("nan")},
        {"scale": float("inf")},
        {"what": 3},
        {"counts": [[0] * 9]},
        {"counts": np.zeros((0, 2), int)},
    ],
    ids=str,
)
def test_a_header_that_means_nothing_is_malformed(bad):
    sensor = DiyBinary()
    assert sensor.feed(FRAMES, frame(**bad)) == []
    assert sensor.malformed == 1


def test_impossible_samples_are_dropped_and_counted():
    sensor = DiyBinary()
    [block] = sensor.feed(FRAMES, frame(2, [[100], [30_000]], scale=1.0))
    assert block.values.tolist() == [[100.0]]
    np.testing.assert_array_equal(block.ticks, [10**6])
    assert sensor.malformed == 1


@settings(derandomize=True, deadline=None)
@given(st.permutations(range(5)), st.lists(st.integers(0, 4), max_size=5))
def test_frames_stand_alone(order, repeated):
    data = [frame(1, [[i], [i + 1]], 1e-6, 1000, 2000 * i, i) for i in range(5)]
    sensor = DiyBinary()
    for i in [*order, *repeated]:
        [block] = sensor.feed(FRAMES, data[i])
        np.testing.assert_allclose(block.values[:, 0], np.float32(1e-6) * np.array([i, i + 1], float))
        np.testing.assert_array_equal(block.ticks, [2000 * i, 2000 * i + 1000])


@settings(derandomize=True, deadline=None)
@given(st.binary(max_size=300))
def test_random_bytes_are_no_frame(data):
    sensor = DiyBinary()
    assert sensor.feed(FRAMES, b"\x01" + data) == []
    assert sensor.malformed == 1


def test_what_does_not_fit_is_refused():
    with pytest.raises(InputError, match="whole counts"):
        frame(counts=[[32768]])
    with pytest.raises(InputError, match="whole counts"):
        frame(counts=[[0.5]])
    with pytest.raises(InputError, match=f"{LONGEST} bytes"):
        frame(counts=np.zeros((100, 8), int))
    with pytest.raises(InputError, match="255 samples"):
        frame(counts=np.zeros((256, 1), int))


def test_the_frames_carry_microseconds():
    assert {stream.clock for stream in DiyBinary.streams} == {Clock(Ticks.STAMP, 1e-6, 2**32)}


@pytest.mark.parametrize(("what", "limit"), [(1, 5), (2, 20_000), (3, 4000), (4, 110)])
def test_the_largest_value_that_is_believed(what, limit):
    channels = len(WHAT[what].axes) or 1
    for count, malformed in ((limit, 0), (limit + 1, 1)):
        sensor = DiyBinary()
        blocks = sensor.feed(FRAMES, frame(what, [[count] * channels], scale=1.0))
        assert (len(blocks), sensor.malformed) == (1 - malformed, malformed)


def test_handshake_and_match():
    assert list(DiyBinary().start())[-1] == Notify(FRAMES)
    adverts = (Advert("glutebal-1", frozenset({SERVICE})), Advert("x", frozenset({SERVICE})), Advert("x"))
    assert [DiyBinary.match(advert) for advert in adverts] == [10, 5, 0]


ARDUINO_H = """
#pragma once
#include <cmath>
#include <cstdint>
#include <cstring>
typedef uint8_t byte;
const int A0 = 0, A1 = 1;
uint32_t now_us = 4294960000u;
int reading = 0;
uint32_t micros() { return now_us; }
int analogRead(int pin) { return pin == A0 ? (reading++ % 4096) : 4095 - (reading % 4096); }
void analogReadResolution(int) {}
void delay(int) {}
"""
ARDUINO_BLE_H = """
#pragma once
#include <cstdio>
#include "Arduino.h"
const int BLENotify = 1;
struct BLEService { BLEService(const char *) {} template <class T> void addCharacteristic(T &) {} };
struct BLECharacteristic {
  BLECharacteristic(const char *, int, int) {}
  bool subscribed() { return true; }
  int writeValue(const byte *data, int n) {
    for (int i = 0; i < n; i++) printf("%02x", data[i]);
    printf("\\n");
    return 1;
  }
};
struct Ble {
  bool begin() { return true; }
  void setLocalName(const char *) {}
  void setDeviceName(const char *) {}
  void setAdvertisedService(BLEService &) {}
  void addService(BLEService &) {}
  void setConnectionInterval(int, int) {}
  void advertise() {}
  void poll() {}
  bool connected() { return true; }
} BLE;
"""
MAIN = """
#include "Arduino.h"
#include "{sketch}"
int main() {{ setup(); for (int i = 0; i < 4000; i++) {{ now_us += 100; loop(); }} }}
"""


def test_the_sketch_names_the_service():
    text = SKETCH.read_text(encoding="utf-8").lower()
    assert SERVICE in text
    assert FRAMES in text


@pytest.mark.skipif(shutil.which("g++") is None, reason="no C++ compiler on this machine")
def test_the_sketch_sends_what_the_driver_reads(tmp_path):
    (tmp_path / "Arduino.h").write_text(ARDUINO_H, encoding="utf-8")
    (tmp_path / "ArduinoBLE.h").write_text(ARDUINO_BLE_H, encoding="utf-8")
    (tmp_path / "main.cpp").write_text(MAIN.format(sketch=SKETCH.as_posix()), encoding="utf-8")
    build = ["g++", "-std=c++17", "-Wall", "-Wextra", "-Werror", "-I", ".", "main.cpp", "-o", "sketch"]
    subprocess.run(build, cwd=tmp_path, check=True, timeout=120)
    said = subprocess.run([str(tmp_path / "sketch")], capture_output=True, text=True, check=True, timeout=60).stdout
    sensor = DiyBinary()
    packets = [bytes.fromhex(text) for text in said.split()]
    assert len(packets) > 3
    assert max(map(len, packets)) <= 244
    assert [decoded(p).number for p in packets] == list(range(len(packets)))
    blocks = [sensor.feed(FRAMES, packet) for packet in packets]
    assert sensor.malformed == 0
    assert {block.stream for found in blocks for block in found} == {"emg_1", "emg_2"}
    stamps = np.concatenate([found[0].ticks for found in blocks])
    np.testing.assert_array_equal(np.diff(stamps) % 2**32, 1000)
