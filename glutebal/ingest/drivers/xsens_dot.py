"""Movella (Xsens) DOT: orientation, acceleration and angular rate with a device clock in microseconds.

Mode 26 (custom mode 5) is used: raw quantities and orientation in one notification of 44 bytes. Units that
were synchronised on board share their clock.

Sources: Movella DOT BLE services specification and user manual XD0502P; constants of Xsens' own Node server.
"""

from __future__ import annotations

import math
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
from glutebal.ingest.drivers.likeness import likeness
from glutebal.model import Quantity


def _uuid(number: int) -> str:
    return f"1517{number:04x}-4947-11e9-8646-d663bd873d93"


CONFIGURATION = _uuid(0x1000)
MEASUREMENT = _uuid(0x2000)
CONTROL = _uuid(0x2001)
LONG_PAYLOAD = _uuid(0x2002)
BATTERY = _uuid(0x3001)

MODE = 26
RATE_HZ = 60.0
PAYLOAD = np.dtype([("stamp_us", "<u4"), ("quaternion", "<f4", 4), ("acceleration", "<f4", 3), ("rate_dps", "<f4", 3)])
QUATERNION_LIMIT = 1.001
ACCELERATION_LIMIT = 16 * 9.80665 * 1.1  # m/s²: the sensor's range and its calibration
RATE_LIMIT_DPS = 2000 * 1.1
CLOCK = Clock(Ticks.STAMP, 1e-6, 2**32)


def _within(values: np.ndarray, limit: float) -> bool:
    return bool((np.abs(values) <= limit).all())  # false for NaN


@driver
class XsensDot(Driver):
    """Movella (Xsens) DOT in custom mode 5, 60 Hz."""

    name = "xsens_dot"
    title = "Movella (Xsens) DOT"
    streams = (
        Stream("orientation", None, "unit quaternion", RATE_HZ, ("w", "x", "y", "z"), CLOCK),
        Stream("acceleration", Quantity.ACCELERATION, "m/s²", RATE_HZ, ("x", "y", "z"), CLOCK),
        Stream("angular_rate", Quantity.ANGULAR_RATE, "rad/s", RATE_HZ, ("x", "y", "z"), CLOCK),
    )

    @classmethod
    def match(cls, advert: Advert) -> int:
        """By the name, or a service of the maker's."""
        return max(likeness(advert, service, "Xsens DOT", "Movella DOT") for service in (CONFIGURATION, MEASUREMENT))

    def start(self) -> Script:
        """Subscribe to the long payload, read the battery, start mode 26."""
        yield Notify(LONG_PAYLOAD)
        level = yield Read(BATTERY)
        if level:
            self.info["battery_percent"] = str(level[0])
        yield Write(CONTROL, bytes((1, 1, MODE)))

    def stop(self) -> Script:
        """End the measurement."""
        yield Write(CONTROL, bytes((1, 0, MODE)))

    def decode(self, char: str, data: bytes) -> Iterator[Block]:
        """One notification is one sample; a number beyond the sensor's range refuses the packet."""
        if char != LONG_PAYLOAD or len(data) != PAYLOAD.itemsize:
            raise Malformed
        sample = np.frombuffer(data, PAYLOAD)
        quaternion, acceleration, rate_dps = (sample[part] for part in ("quaternion", "acceleration", "rate_dps"))
        if not (
            _within(quaternion, QUATERNION_LIMIT)
            and _within(acceleration, ACCELERATION_LIMIT)
            and _within(rate_dps, RATE_LIMIT_DPS)
        ):
            raise Malformed
        ticks = sample["stamp_us"].astype(np.int64)
        yield Block("orientation", quaternion.astype(np.float64), ticks)
        yield Block("acceleration", acceleration.astype(np.float64), ticks)
        yield Block("angular_rate", rate_dps.astype(np.float64) * (math.pi / 180), ticks)
