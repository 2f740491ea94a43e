"""An emulated WitMotion inertial unit: 100 frames a second, without a counter, a time stamp or a check sum."""

from __future__ import annotations

import struct
from collections.abc import Iterable

import numpy as np

from glutebal.model import Samples
from glutebal.testing.emulated.sensor import Attribute, EmulatedSensor, Frame, Service, Signal

SERVICE = "0000ffe5-0000-1000-8000-00805f9a34fb"
NOTIFY = "0000ffe4-0000-1000-8000-00805f9a34fb"
WRITE = "0000ffe9-0000-1000-8000-00805f9a34fb"
_UNITS = np.repeat([16 * 9.80665, np.radians(2000), np.pi], 3) / 32768


class EmulatedWitMotion(EmulatedSensor):
    """The signal: nine columns, m/s² (x, y, z), rad/s (x, y, z), rad (roll, pitch, yaw). It needs no start."""

    services = (Service(SERVICE, (Attribute(NOTIFY, ("notify",)), Attribute(WRITE, ("write-without-response",)))),)
    per_packet = 1
    rate_hz = 100.0

    def __init__(self, name: str, signal: Signal, battery_v: float = 3.94) -> None:
        super().__init__(name, signal)
        self.battery_v = battery_v

    def subscribed(self, char: str) -> None:
        """Begin to stream."""
        self.streaming = self.streaming or char == NOTIFY

    def write(self, char: str, data: bytes) -> Iterable[Frame]:
        """Answer the question for the battery; the rate is fixed."""
        if char == WRITE and data == bytes.fromhex("ffaa276400"):
            yield NOTIFY, struct.pack("<BBHh", 0x55, 0x71, 0x64, round(100 * self.battery_v)).ljust(20, b"\0")

    def encode(self, first: int, values: Samples) -> Iterable[Frame]:  # noqa: ARG002 - the device does not count
        """A frame per sample."""
        counts = np.clip(np.rint(values / _UNITS), -32768, 32767).astype(int)
        for row in counts:
            yield NOTIFY, struct.pack("<BB9h", 0x55, 0x61, *row)
