"""Thalmic Myo: eight channels of EMG at 200 Hz and an inertial unit at 50 Hz, in a band for arm or thigh.

There is no clock on the wire. The EMG notifications go round four characteristics, which counts modulo four: enough
to prove that one, two or three packets in a row are missing. The counts of the EMG have no unit.

Sources: thalmiclabs/myo-bluetooth, ``myohw.h``; pyomyo; LibEMG.
"""

from __future__ import annotations

import math
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
    Read,
    Script,
    Stream,
    Ticks,
    Write,
    driver,
)
from glutebal.ingest.drivers import sig
from glutebal.ingest.units import STANDARD_GRAVITY
from glutebal.model import Quantity


def _uuid(number: int) -> str:
    return f"d506{number:04x}-a904-deb9-4748-2c7f4a124842"


SERVICE = _uuid(0x0001)
FIRMWARE = _uuid(0x0201)
COMMAND = _uuid(0x0401)
IMU = _uuid(0x0402)
EMG = tuple(_uuid(number) for number in (0x0105, 0x0205, 0x0305, 0x0405))

SAMPLES = 2  # of EMG in one notification
EMG_RATE_HZ = 200.0
IMU_RATE_HZ = 50.0
IMU_BYTES = 20

STAY_AWAKE = b"\x09\x01\x01"


def set_mode(emg: int, imu: int, classifier: int) -> bytes:
    """The command that chooses what is streamed; ``emg`` 0 off, 2 filtered, 3 raw; ``imu`` 1 data.

    >>> set_mode(2, 1, 0).hex()
    '0103020100'
    """
    return bytes((1, 3, emg, imu, classifier))


@driver
class Myo(Driver):
    """Thalmic Myo, filtered EMG and the inertial unit."""

    name = "myo"
    title = "Thalmic Myo"
    streams = (
        Stream(
            "emg",
            None,
            "counts, filtered, -128 to 127",
            EMG_RATE_HZ,
            tuple("12345678"),
            Clock(Ticks.COUNT, 1 / EMG_RATE_HZ),
        ),
        Stream("orientation", None, "unit quaternion", IMU_RATE_HZ, ("w", "x", "y", "z")),
        Stream("acceleration", Quantity.ACCELERATION, "m/s²", IMU_RATE_HZ, ("x", "y", "z")),
        Stream("angular_rate", Quantity.ANGULAR_RATE, "rad/s", IMU_RATE_HZ, ("x", "y", "z")),
    )

    def __init__(self) -> None:
        super().__init__()
        self._turn = -1  # which of the four spoke last
        self._packet = b""
        self._count = -SAMPLES  # of the first sample of the last notification; runs on, never wraps

    @classmethod
    def match(cls, advert: Advert) -> int:
        """10 with name and service, 5 with the service: the wearer may have renamed it."""
        if SERVICE not in advert.uuids:
            return 0
        return 10 if "myo" in advert.name.lower() else 5

    def start(self) -> Script:
        """Subscribe, read firmware and battery, stay awake, stream filtered EMG and inertial data."""
        for char in (*EMG, IMU):
            yield Notify(char)
        yield from sig.identify(self)
        version = yield Read(FIRMWARE)
        if version and len(version) >= 8:
            self.info["firmware"] = ".".join(map(str, struct.unpack_from("<3H", version)))
        yield Write(COMMAND, STAY_AWAKE)
        yield Write(COMMAND, set_mode(2, 1, 0))

    def stop(self) -> Script:
        """Everything off."""
        yield Write(COMMAND, set_mode(0, 0, 0))

    def decode(self, char: str, data: bytes) -> Iterator[Block]:
        """One notification: two samples of EMG in counts, or one of orientation, acceleration and angular rate."""
        if char in EMG:
            yield self._emg(EMG.index(char), data)
        elif char == IMU and len(data) == IMU_BYTES:
            numbers = np.array([struct.unpack("<10h", data)], dtype=np.float64)
            yield Block("orientation", numbers[:, :4] / 16384)
            yield Block("acceleration", numbers[:, 4:7] * (STANDARD_GRAVITY / 2048))
            yield Block("angular_rate", numbers[:, 7:] * (math.pi / 180 / 16))
        else:
            raise Malformed

    def _emg(self, turn: int, data: bytes) -> Block:
        values = np.frombuffer(data, np.int8).reshape(-1, 8).astype(np.float64)
        if len(values) != SAMPLES:
            raise Malformed
        if turn != self._turn or data != self._packet:  # the same packet again keeps its count
            self._count += SAMPLES * self._steps(turn)
        self._turn, self._packet = turn, data
        return Block("emg", values, np.arange(self._count, self._count + SAMPLES, dtype=np.int64))

    def _steps(self, turn: int) -> int:
        first = self._turn < 0
        return 1 if first else (turn - self._turn - 1) % 4 + 1
