"""Frames of Polar Measurement Data: raw and delta-compressed samples, settings, and the times of the samples.

Layouts as in the maker's published sources and tests (polarofficial/polar-ble-sdk).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from glutebal.ingest.driver import Malformed
from glutebal.ingest.units import STANDARD_GRAVITY

ECG, ACCELERATION, GYROSCOPE, MAGNETOMETER = 0, 2, 5, 6
COMPRESSED = 0x80
RATE, RESOLUTION, RANGE, RANGE_MILLI, CHANNELS, FACTOR = range(6)
_SETTINGS = {RATE: "H", RESOLUTION: "H", RANGE: "H", RANGE_MILLI: "I", CHANNELS: "B", FACTOR: "f"}
GAUSS_T = 1e-4
DEGREE = float(np.pi / 180)
SLACK = 1.05  # a sample period this much over the nominal one is a loss, not a slow crystal (within 1 %)


class Frame(NamedTuple):
    """One notification: what was measured, when the LAST sample was taken (ns since 2000), and the coded samples."""

    kind: int
    stamp_ns: int
    coding: int
    content: bytes


@dataclass(frozen=True)
class Layout:
    """How the samples of a frame are coded; ``unit`` is SI per count, times the device's factor if compressed."""

    width: int  # bytes of a value (raw) or of a reference value (compressed)
    columns: int
    unit: float
    kept: int = 3  # columns that are samples; a fourth is the calibration status of the magnetometer
    floats: bool = False


LAYOUTS = {
    (ECG, 0x00): Layout(3, 1, 1e-6, 1),
    (ACCELERATION, 0x00): Layout(1, 3, 1e-3 * STANDARD_GRAVITY),
    (ACCELERATION, 0x01): Layout(2, 3, 1e-3 * STANDARD_GRAVITY),
    (ACCELERATION, 0x02): Layout(3, 3, 1e-3 * STANDARD_GRAVITY),
    (ACCELERATION, 0x80): Layout(2, 3, STANDARD_GRAVITY),
    (ACCELERATION, 0x81): Layout(2, 3, 1e-3 * STANDARD_GRAVITY),
    (GYROSCOPE, 0x80): Layout(2, 3, DEGREE),
    (GYROSCOPE, 0x81): Layout(4, 3, DEGREE, floats=True),
    (MAGNETOMETER, 0x80): Layout(2, 3, GAUSS_T),
    (MAGNETOMETER, 0x81): Layout(2, 4, 1e-3 * GAUSS_T),
}


def frame(data: bytes) -> Frame:
    """The head of a notification and the rest.

    Raises
    ------
    Malformed
        No room for a sample, or a time that no device reaches.
    """
    if len(data) <= 10:
        raise Malformed("no samples")
    (stamp,) = struct.unpack_from("<Q", data, 1)
    if stamp >= 2**63:
        raise Malformed("time stamp")
    return Frame(data[0] & 0x3F, stamp, data[9], data[10:])


def raw(content: bytes, width: int, columns: int) -> NDArray[np.int64]:
    """Uncompressed samples, shape (n, columns): signed little-endian integers of ``width`` bytes."""
    if not content or len(content) % (width * columns):
        raise Malformed("not a whole number of samples")
    octets = np.frombuffer(content, dtype=np.uint8).reshape(-1, width).astype(np.int64)
    return _signed(octets @ 256 ** np.arange(width), 8 * width).reshape(-1, columns)


def deltas(content: bytes, width: int, columns: int) -> NDArray[np.int64]:
    """Compressed samples, shape (n, columns): a reference sample, then blocks of cumulative differences.

    Raises
    ------
    Malformed
        A block that says more than it holds: how many samples there were cannot be told.
    """
    head = width * columns
    if len(content) < head:
        raise Malformed("reference sample")
    rows, at = [raw(content[:head], width, columns)], head
    while at < len(content):
        block, at = _block(content, at, columns)
        rows.append(block)
    return np.cumsum(np.concatenate(rows), axis=0)


def _block(content: bytes, at: int, columns: int) -> tuple[NDArray[np.int64], int]:
    """One block of differences, shape (count, columns), and where the next begins."""
    bits, count = content[at : at + 2] if at + 2 <= len(content) else (0, 0)
    stop = at + 2 + -(-bits * count * columns // 8)
    if not (0 < bits <= 32 and count) or stop > len(content):
        raise Malformed("block of differences")
    packed = np.frombuffer(content[at + 2 : stop], dtype=np.uint8)
    flags = np.unpackbits(packed, bitorder="little")[: bits * count * columns].astype(np.int64)
    values = flags.reshape(-1, bits) @ (1 << np.arange(bits, dtype=np.int64))
    return _signed(values, bits).reshape(-1, columns), stop


def _signed(values: NDArray[np.int64], bits: int) -> NDArray[np.int64]:
    negative = values >> (bits - 1) & 1
    return np.asarray(values - (negative << bits), dtype=np.int64)


def as_floats(patterns: NDArray[np.int64]) -> NDArray[np.float64]:
    """The 32-bit floats with these bit patterns."""
    with np.errstate(invalid="ignore"):  # what is not a number is sifted out later
        floats = (patterns & 0xFFFFFFFF).astype(np.uint32).view(np.float32)
        return np.asarray(floats, dtype=np.float64)


def settings(data: bytes) -> dict[int, tuple[float, ...]]:
    """Settings by id: what can be chosen (reply to a query), or what was chosen (reply to a start).

    Raises
    ------
    Malformed
        An unknown id, or a value cut short.
    """
    found: dict[int, tuple[float, ...]] = {}
    at = 0
    while at < len(data):
        if data[at] not in _SETTINGS or at + 1 >= len(data):
            raise Malformed("settings")
        layout = f"<{data[at + 1]}{_SETTINGS[data[at]]}"
        stop = at + 2 + struct.calcsize(layout)
        if stop > len(data):
            raise Malformed("settings cut short")
        found[data[at]] = struct.unpack_from(layout, data, at + 2)
        at = stop
    return found


def sample_times(stamp_ns: int, n: int, period_ns: float, previous_ns: int | None) -> NDArray[np.int64]:
    """When the samples of a frame were taken, shape (n,), in ns; the last at ``stamp_ns``.

    Evenly since the previous frame. With none, with a loss in between, or with a clock that was set back: at the
    nominal period.
    """
    span = stamp_ns - previous_ns if previous_ns is not None else 0
    if 0 < span <= SLACK * n * period_ns:
        return np.array([stamp_ns - span + span * (i + 1) // n for i in range(n)], dtype=np.int64)
    return np.array([stamp_ns - round((n - 1 - i) * period_ns) for i in range(n)], dtype=np.int64)
