"""An emulated Tindeq Progressor: force in kg as 32-bit floats, stamped in µs since the stream began."""

from __future__ import annotations

import struct
from collections.abc import Iterable

from glutebal.model import Samples
from glutebal.testing.emulated.sensor import Attribute, EmulatedSensor, Frame, Service, Signal

SERVICE = "7e4e1701-1ea6-40c9-9dcc-13d34ffead57"
DATA = "7e4e1702-1ea6-40c9-9dcc-13d34ffead57"
CONTROL = "7e4e1703-1ea6-40c9-9dcc-13d34ffead57"
_RESPONSE, _WEIGHT, _LOW_POWER = 0, 1, 4


class EmulatedTindeq(EmulatedSensor):
    """A Progressor; the signal is one column, in kg.

    It answers battery, firmware and identity, tares (the value at the moment of the tare is subtracted from then on
    only if ``tares``: a steady signal would vanish), starts and stops.
    """

    services = (
        Service(SERVICE, (Attribute(DATA, ("notify",)), Attribute(CONTROL, ("write", "write-without-response")))),
    )
    per_packet = 15
    rate_hz = 80.0

    def __init__(self, name: str, signal: Signal, battery_mv: int = 3987, firmware: str = "1.2.3.4") -> None:
        super().__init__(name, signal)
        self.battery_mv, self.firmware = battery_mv, firmware

    def write(self, char: str, data: bytes) -> Iterable[Frame]:
        """Take a command byte."""
        if char != CONTROL or not data:
            return
        match data[0]:
            case 0x65:
                self.streaming = True
                if self.battery_mv < 3000:
                    yield DATA, bytes([_LOW_POWER, 0])
            case 0x66 | 0x6E:
                self.streaming = False
            case 0x6B:
                yield DATA, _tlv(_RESPONSE, self.firmware.encode())
            case 0x6F:
                yield DATA, _tlv(_RESPONSE, struct.pack("<I", self.battery_mv))
            case 0x70:
                yield DATA, _tlv(_RESPONSE, struct.pack("<Q", 0x1234))

    def encode(self, first: int, values: Samples) -> Iterable[Frame]:
        """One weight packet: a float of kg and its µs per sample."""
        yield DATA, _tlv(_WEIGHT, b"".join(self._sample(first + i, float(kg)) for i, kg in enumerate(values[:, 0])))

    def _sample(self, index: int, kg: float) -> bytes:
        microseconds = round((index / self.rate_hz + self.clock_offset_s) * 1e6)
        return struct.pack("<fI", kg, microseconds % 2**32)


def _tlv(tag: int, payload: bytes) -> bytes:
    return bytes([tag, len(payload)]) + payload
