"""An emulated Polar Verity Sense: acceleration and angular rate at 52 Hz, in compressed frames of Measurement Data."""

from __future__ import annotations

import struct
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from glutebal.model import Samples
from glutebal.testing.emulated.sensor import Attribute, EmulatedSensor, Frame, Service, Signal

SERVICE = "fb005c80-02e7-f387-1cad-8acd2d8df0c8"
CONTROL = "fb005c81-02e7-f387-1cad-8acd2d8df0c8"
DATA = "fb005c82-02e7-f387-1cad-8acd2d8df0c8"
ACCELERATION, GYROSCOPE = 2, 5
_CODING = {ACCELERATION: 0x81, GYROSCOPE: 0x80}
_FACTOR = {ACCELERATION: 0.244, GYROSCOPE: 0.0625}  # mG and degrees a second, per count
_SI = {ACCELERATION: 9.80665e-3, GYROSCOPE: float(np.pi / 180)}
_FEATURES = 0x04 | 0x20


class EmulatedPolar(EmulatedSensor):
    """The signal: six columns, m/s² (x, y, z) and rad/s (x, y, z)."""

    services = (Service(SERVICE, (Attribute(CONTROL, ("read", "write", "indicate")), Attribute(DATA, ("notify",)))),)
    per_packet = 13
    rate_hz = 52.0

    def __init__(self, name: str, signal: Signal) -> None:
        super().__init__(name, signal)
        self.clock_offset_s = 600_000_000.0  # 2019, as after a loss of power
        self._kinds: set[int] = set()

    def forget(self) -> None:
        """A new connection: no measurement runs."""
        super().forget()
        self._kinds.clear()

    def read(self, char: str) -> bytes:
        """What it can measure."""
        return bytes([0x0F, _FEATURES]) + bytes(15) if char == CONTROL else super().read(char)

    def write(self, char: str, data: bytes) -> Iterable[Frame]:
        """Answer a query, start or stop a measurement."""
        if char != CONTROL or len(data) < 2:
            return
        operation, kind = data[0], data[1]
        known, content = kind in _CODING, b""
        if known and operation == 1:
            content = struct.pack("<BBHBBHBBB", 0, 1, 52, 1, 1, 16, 4, 1, 3)
        elif known and operation == 2:
            self._kinds.add(kind)
            content = struct.pack("<BBf", 5, 1, _FACTOR[kind])
        elif known and operation == 3:
            self._kinds.discard(kind)
        self.streaming = bool(self._kinds)
        yield CONTROL, bytes([0xF0, operation, kind, 0 if known else 2, 0]) + content

    def encode(self, first: int, values: Samples) -> Iterable[Frame]:
        """One frame per measurement that runs, stamped with the time of its last sample."""
        last = first + len(values) - 1
        stamp_ns = round((last / self.rate_hz + self.clock_offset_s) * 1e9)
        for kind, columns in ((ACCELERATION, values[:, :3]), (GYROSCOPE, values[:, 3:])):
            if kind in self._kinds:
                counts = np.rint(columns / _SI[kind] / float(np.float32(_FACTOR[kind]))).astype(np.int64)
                yield DATA, struct.pack("<BQB", kind, stamp_ns, _CODING[kind]) + compressed(counts)


def compressed(counts: NDArray[np.int64]) -> bytes:
    """A reference sample of 16 bits per column, then one block of differences, the lowest bit first.

    >>> compressed(np.array([[-15, 20, 1008], [-20, 17, 1008]])).hex(" ")
    'f1 ff 14 00 f0 03 04 01 db 00'
    """
    reference = b"".join(int(value).to_bytes(2, "little", signed=True) for value in counts[0])
    differences = np.diff(counts, axis=0).ravel()
    if differences.size == 0:
        return reference
    width = 1 + max(int(value if value >= 0 else ~value).bit_length() for value in differences)
    packed = 0
    for place, value in enumerate(differences):
        packed |= (int(value) % 2**width) << (width * place)
    block = packed.to_bytes(-(-width * differences.size // 8), "little")
    return reference + bytes([width, len(counts) - 1]) + block
