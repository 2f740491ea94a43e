"""An emulated Upside Down Labs NPG Lite: three channels of 12-bit counts with a counter of eight bits."""

from __future__ import annotations

import struct
from collections.abc import Iterable

import numpy as np

from glutebal.model import Samples
from glutebal.testing.emulated.sensor import Attribute, EmulatedSensor, Frame, Service

SERVICE = "4fafc201-1fb5-459e-8fcc-c5c9c331914b"
DATA = "beb5483e-36e1-4688-b7f5-ea07361b26a8"
CONTROL = "0000ff01-0000-1000-8000-00805f9b34fb"


class EmulatedNpgLite(EmulatedSensor):
    """With the Arduino firmware: 500 Hz, ten samples a packet. The signal: three columns of counts, 0 to 4095."""

    services = (Service(SERVICE, (Attribute(DATA, ("notify",)), Attribute(CONTROL, ("read", "write", "notify")))),)
    per_packet = 10
    rate_hz = 500.0

    def write(self, char: str, data: bytes) -> Iterable[Frame]:
        """Take ``START``, ``STOP``, ``WHORU`` or ``STATUS``."""
        if char == CONTROL and data in {b"START", b"STOP"}:
            self.streaming = data == b"START"
        answers = {b"WHORU": b"NPG-LITE", b"STATUS": b"RUNNING" if self.streaming else b"STOPPED"}
        return [(CONTROL, answers[data])] if data in answers else []

    def encode(self, first: int, values: Samples) -> Iterable[Frame]:
        """One packet: a counter and three big-endian counts per sample."""
        counts = np.clip(np.rint(values), 0, 4095).astype(int)
        yield DATA, b"".join(struct.pack(">B3H", (first + i) % 256, *row) for i, row in enumerate(counts))
