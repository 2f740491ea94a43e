"""An emulated do-it-yourself sensor on the Nordic UART service: ``seq,device_us,ch1,ch2,...`` lines of text."""

from __future__ import annotations

import binascii
from collections.abc import Iterable

from glutebal.model import Samples
from glutebal.testing.emulated.sensor import Attribute, EmulatedSensor, Frame, Service, Signal

SERVICE = "6e400001-b5a3-f393-e0a9-e50e24dcca9e"
WRITE = "6e400002-b5a3-f393-e0a9-e50e24dcca9e"
NOTIFY = "6e400003-b5a3-f393-e0a9-e50e24dcca9e"


class EmulatedNordicUart(EmulatedSensor):
    """Streams as soon as somebody listens; the signal's columns are its channels.

    A line per sample, cut into notifications of ``chunk`` bytes, so that lines span notifications as they do in life.
    With ``checksum`` every line ends in ``*`` and its CRC-16 (CCITT, from 0xFFFF) in hexadecimal.
    """

    services = (
        Service(SERVICE, (Attribute(WRITE, ("write", "write-without-response")), Attribute(NOTIFY, ("notify",)))),
    )
    per_packet = 5
    rate_hz = 100.0

    def __init__(self, name: str, signal: Signal, chunk: int = 20, *, decimals: int = 4, checksum: bool = True) -> None:
        super().__init__(name, signal)
        self.chunk, self.decimals, self.checksum = chunk, decimals, checksum

    def subscribed(self, char: str) -> None:
        """Begin to stream."""
        self.streaming = self.streaming or char == NOTIFY

    def encode(self, first: int, values: Samples) -> Iterable[Frame]:
        """The lines of the packet, cut into notifications."""
        text = "".join(self._line(first + i, row) for i, row in enumerate(values)).encode()
        for start in range(0, len(text), self.chunk):
            yield NOTIFY, text[start : start + self.chunk]

    def _line(self, index: int, row: Samples) -> str:
        microseconds = round((index / self.rate_hz + self.clock_offset_s) * 1e6) % 2**32
        fields = ",".join(f"{value:.{self.decimals}f}" for value in row)
        text = f"{index},{microseconds},{fields}"
        return f"{text}*{binascii.crc_hqx(text.encode(), 0xFFFF):04X}\n" if self.checksum else f"{text}\n"
