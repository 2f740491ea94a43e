"""WitMotion WT901BLECL, BWT901BLE5.0, WT9011DCL: acceleration, angular rate and angles, without any clock.

Frames of 20 bytes, glued or split over notifications, with neither stamp, counter nor checksum: their time is the
arrival at the host, and a loss shows only as a low rate. A timing finer than one connection interval is not in these
data. A frame is believed only when the next one (or the end of a notification) follows where it should.

Sources: WITMOTION/WitBluetooth_BWT901BLE5_0; a captured frame of obedier/vib.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator

import numpy as np

from glutebal.ingest.driver import Advert, Block, Driver, Malformed, Notify, Script, Sleep, Stream, Write, driver
from glutebal.ingest.drivers.likeness import likeness
from glutebal.ingest.units import STANDARD_GRAVITY
from glutebal.model import Quantity, Samples

# The base of these UUIDs ends in 9a34fb, not in the usual 9b34fb.
SERVICE = "0000ffe5-0000-1000-8000-00805f9a34fb"
NOTIFY = "0000ffe4-0000-1000-8000-00805f9a34fb"
WRITE = "0000ffe9-0000-1000-8000-00805f9a34fb"

HEADER = 0x55
INERTIAL, REGISTER = 0x61, 0x71
FRAME_BYTES = 20
RATE_HZ = 100.0
BATTERY_REGISTER = 0x64

ACCELERATION = 16 * STANDARD_GRAVITY / 32768  # m/s² per count
ANGULAR_RATE = math.radians(2000) / 32768  # rad/s per count
ANGLE = math.pi / 32768  # rad per count

UNLOCK = bytes.fromhex("ffaa6988b5")
SET_100_HZ = bytes.fromhex("ffaa030900")
READ_BATTERY = bytes((0xFF, 0xAA, 0x27, BATTERY_REGISTER, 0x00))


def decode_inertial(frame: bytes) -> tuple[Samples, Samples, Samples]:
    """Acceleration (m/s²), angular rate (rad/s) and roll, pitch, yaw (rad) of one frame, each of shape (1, 3)."""
    counts = np.array([struct.unpack_from("<9h", frame, 2)], dtype=np.float64)
    return counts[:, :3] * ACCELERATION, counts[:, 3:6] * ANGULAR_RATE, counts[:, 6:] * ANGLE


def _begins(data: bytes) -> bool:
    """Whether a frame, or as much of it as is here, begins like one."""
    return data[:1] in {b"", bytes((HEADER,))} and data[1:2] in {b"", bytes((INERTIAL,)), bytes((REGISTER,))}


@driver
class WitMotion(Driver):
    """WitMotion inertial units with Bluetooth 5, at 100 Hz."""

    name = "witmotion"
    title = "WitMotion WT901BLE, BWT901BLE5.0, WT9011DCL"
    streams = (
        Stream("acceleration", Quantity.ACCELERATION, "m/s²", RATE_HZ, ("x", "y", "z")),
        Stream("angular_rate", Quantity.ANGULAR_RATE, "rad/s", RATE_HZ, ("x", "y", "z")),
        Stream("angle", Quantity.ANGLE, "rad", RATE_HZ, ("roll", "pitch", "yaw")),
    )

    def __init__(self) -> None:
        super().__init__()
        self._rest = b""

    @classmethod
    def match(cls, advert: Advert) -> int:
        """By the maker's service; the name ``WT...`` alone is only a hint."""
        score = likeness(advert, SERVICE, "WT", "BWT")
        return score if SERVICE in advert.uuids else min(1, score)

    def start(self) -> Script:
        """Subscribe, unlock, choose 100 Hz (not saved: the unit's memory stays as it was), ask for the battery."""
        self.gap()
        yield Notify(NOTIFY)
        for command in (UNLOCK, SET_100_HZ, READ_BATTERY):
            yield Write(WRITE, command, response=False)
            yield Sleep(0.1)

    def gap(self) -> None:
        """Forget the half of a frame whose other half will not come."""
        self._rest = b""

    def decode(self, char: str, data: bytes) -> Iterator[Block]:
        """All whole frames so far; bytes between frames are skipped and counted."""
        if char != NOTIFY or not data:
            raise Malformed
        skipped = False
        rest = self._rest + data
        while rest:
            whole = len(rest) >= FRAME_BYTES
            if _begins(rest) and not whole:
                break
            believed = whole and _begins(rest) and _begins(rest[FRAME_BYTES:])
            if believed:
                yield from self._frame(rest[:FRAME_BYTES])
            skipped |= not believed
            rest = rest[FRAME_BYTES if believed else 1 :]
        self._rest = rest
        self.malformed += skipped

    def _frame(self, frame: bytes) -> Iterator[Block]:
        if frame[1] == INERTIAL:
            for stream, values in zip(self.streams, decode_inertial(frame), strict=True):
                yield Block(stream.name, values)
        elif frame[2:4] == bytes((BATTERY_REGISTER, 0)):
            self.info["battery_v"] = f"{struct.unpack_from('<h', frame, 4)[0] / 100:.2f}"
