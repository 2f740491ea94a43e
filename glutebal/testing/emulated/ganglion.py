"""An emulated OpenBCI Ganglion: four channels at 200 Hz, as differences (firmware 2) or cut values (firmware 3)."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from glutebal.ingest.driver import short_uuid
from glutebal.model import Samples
from glutebal.testing.emulated.sensor import Attribute, EmulatedSensor, Frame, Service, Signal

SERVICE = short_uuid(0xFE84)
RECEIVE = "2d30c082-f39f-4ce6-923f-3484ea480596"
SEND = "2d30c083-f39f-4ce6-923f-3484ea480596"
INFORMATION, REVISION = short_uuid(0x180A), short_uuid(0x2A28)
COUNT_V = 1.2 / (8388607 * 1.5 * 51)
_LAP = {"2": 201, "3": 200}  # samples after which the packet number begins anew
_WIDTH = 19  # bits; without the accelerometer


class EmulatedGanglion(EmulatedSensor):
    """With the accelerometer off. The signal: four columns in V."""

    per_packet = 2
    rate_hz = 200.0

    def __init__(self, name: str, signal: Signal, firmware: str = "2.0.0") -> None:
        super().__init__(name, signal)
        self.firmware = firmware
        self._lap = _LAP[firmware[0]]
        self._last: NDArray[np.int64] = np.zeros(4, dtype=np.int64)
        self.services = (
            Service(SERVICE, (Attribute(RECEIVE, ("notify",)), Attribute(SEND, ("write", "write-without-response")))),
            Service(INFORMATION, (Attribute(REVISION, ("read",), firmware.encode()),)),
        )

    def write(self, char: str, data: bytes) -> Iterable[Frame]:
        """Take ``b`` or ``s``."""
        if char == SEND and data in {b"b", b"s"}:
            self.streaming = data == b"b"
        return ()

    def count(self, first: int) -> int:
        """Two; firmware 2 begins every lap with a packet of one."""
        return 1 if self._lap % 2 and first % self._lap == 0 else 2

    def encode(self, first: int, values: Samples) -> Iterable[Frame]:
        """One packet of 20 bytes."""
        counts = np.rint(values / COUNT_V).astype(np.int64)
        place = first % self._lap
        if self.firmware.startswith("3"):
            yield RECEIVE, self._packet(100 + place // 2, (counts >> 5).ravel())
        elif place == 0:
            self._last = counts[0]
            seed = b"".join(int(c).to_bytes(3, "big", signed=True) for c in counts[0])
            yield RECEIVE, (b"\0" + seed).ljust(20, b"\0")
        else:
            yield RECEIVE, self._packet(100 + (place + 1) // 2, np.concatenate([self._step(row) for row in counts]))

    def _step(self, target: NDArray[np.int64]) -> NDArray[np.int64]:
        """The difference that is sent; its last bit is its sign, so positive ones are even and negative ones odd."""
        limit = 2 ** (_WIDTH - 1)
        difference = np.clip(self._last - target, -limit + 1, limit - 2)
        sent = np.where(difference >= 0, difference & ~1, difference | 1)
        self._last = self._last - sent
        return np.asarray(sent, dtype=np.int64)

    def _packet(self, number: int, eight: NDArray[np.int64]) -> bytes:
        bits = 0
        for value in eight:
            bits = bits << _WIDTH | int(value) % 2**_WIDTH
        return bytes([number]) + bits.to_bytes(_WIDTH, "big")
