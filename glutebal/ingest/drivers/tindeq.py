"""Tindeq Progressor: a load cell for hip abduction or extension, 80 samples a second, one unit per side.

The wire format is the maker's (tindeq.com/progressor_api): packets of a tag, a length and a payload. Kilograms are
forces over standard gravity, 9.80665 m/s².
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

import numpy as np

from glutebal.ingest.driver import (
    Advert,
    Block,
    Clock,
    Driver,
    Malformed,
    Notify,
    Script,
    Stream,
    Ticks,
    Wait,
    Write,
    driver,
)
from glutebal.ingest.drivers.likeness import likeness
from glutebal.ingest.drivers.sift import sift
from glutebal.ingest.units import STANDARD_GRAVITY
from glutebal.model import Quantity

SERVICE = "7e4e1701-1ea6-40c9-9dcc-13d34ffead57"
DATA = "7e4e1702-1ea6-40c9-9dcc-13d34ffead57"
CONTROL = "7e4e1703-1ea6-40c9-9dcc-13d34ffead57"

TARE, START, STOP, VERSION, BATTERY = b"\x64", b"\x65", b"\x66", b"\x6b", b"\x6f"
RESPONSE, WEIGHT, PEAK_RFD, RFD_SERIES, LOW_POWER = range(5)
REPLY_S = 2.0
STAMP_WRAP = 2**32
LONGEST_STEP_US = 10_000_000  # within a packet, at 80 samples a second
LIMIT_N = 500 * STANDARD_GRAVITY  # more than the cell holds


@driver
class Tindeq(Driver):
    """One Progressor. It is not tared on start: a restart in the middle of a set would forge an offset; see `tare`."""

    name = "tindeq"
    title = "Tindeq Progressor"
    streams = (Stream("force", Quantity.FORCE, "N", 80.0, clock=Clock(Ticks.STAMP, 1e-6, STAMP_WRAP)),)

    @classmethod
    def match(cls, advert: Advert) -> int:
        """By the name ``Progressor_...`` and the maker's service."""
        return likeness(advert, SERVICE, "Progressor")

    def start(self) -> Script:
        """Subscribe, ask for firmware and battery, start the stream."""
        yield Notify(DATA)
        yield Write(CONTROL, VERSION)
        reply = yield Wait(DATA, REPLY_S, lambda data: version(data) is not None)
        if reply and (said := version(reply)):
            self.info["firmware"] = said
        yield Write(CONTROL, BATTERY)
        reply = yield Wait(DATA, REPLY_S, lambda data: battery_mv(data) is not None)
        if reply and (millivolts := battery_mv(reply)):
            self.info["battery_v"] = f"{millivolts / 1000:.3f}"
        yield Write(CONTROL, START)

    def stop(self) -> Script:
        """End the stream."""
        yield Write(CONTROL, STOP)

    def tare(self) -> Script:
        """Make the present load zero. Only for an unloaded cell."""
        yield Write(CONTROL, TARE)

    def decode(self, char: str, data: bytes) -> Iterator[Block]:
        """Force in N with the cell's microseconds; the whole samples that arrived of a packet cut short."""
        tag, payload, whole = parts(data)
        if char != DATA or tag > LOW_POWER:
            raise Malformed("unknown characteristic or tag")
        if tag == LOW_POWER:
            self.info["battery"] = "low"
        if tag != WEIGHT:
            return
        block = weights(payload)
        if not whole or len(payload) % 8:
            self.malformed += 1
        yield from sift(self, block, -LIMIT_N, LIMIT_N)


def parts(data: bytes) -> tuple[int, bytes, bool]:
    """Tag, payload, and whether the packet is as long as it says; what is missing is missing from the payload."""
    if len(data) < 2:
        raise Malformed("no tag and length")
    return data[0], data[2 : 2 + data[1]], len(data) == 2 + data[1]


def weights(payload: bytes) -> Block:
    """The whole samples of a weight payload: kilograms and microseconds, eight bytes each."""
    samples = list(struct.iter_unpack("<fI", payload[: len(payload) // 8 * 8]))
    if not samples:
        raise Malformed("no whole sample")
    kg, us = zip(*samples, strict=True)
    stamps = np.array(us, dtype=np.int64)
    if (np.diff(stamps) % STAMP_WRAP > LONGEST_STEP_US).any():
        raise Malformed("time runs backwards")
    return Block("force", np.array(kg)[:, None] * STANDARD_GRAVITY, stamps)


def version(data: bytes) -> str | None:
    """The firmware version, if this is a response that can be one: the device does not say what it answers."""
    payload = _response(data)
    is_text = payload.isascii() and payload.decode("ascii", "replace").isprintable()
    return payload.decode("ascii") if payload and is_text else None


def battery_mv(data: bytes) -> int | None:
    """The battery voltage in mV, if this is a response that can be one (1 to 10 V)."""
    payload = _response(data)
    value = int.from_bytes(payload, "little")
    return value if len(payload) == 4 and 1000 <= value <= 10_000 else None


def _response(data: bytes) -> bytes:
    if len(data) < 2 or data[0] != RESPONSE:
        return b""
    return data[2 : 2 + data[1]]
