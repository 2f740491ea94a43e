"""BITalino with Bluetooth LE: up to six analog channels of one box on one clock, as counts of its converter.

Frames have a sequence number of four bits and a CRC of four bits and may be glued or split over notifications. After
anything unexpected the driver believes frames again only when three in a row agree in both. What a count is in volts
or newtons depends on the sensor that is plugged in: the counts are passed on as they came. At 100 Hz the box is
for envelopes and forces; 1000 Hz of many channels is more than the link carries.

Sources: PLUX, ``PXEnvironmentConstants`` (Swift); BITalino's public frame format.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from glutebal.errors import InputError
from glutebal.ingest.driver import Advert, Block, Clock, Driver, Malformed, Notify, Script, Stream, Ticks, Write, driver
from glutebal.ingest.drivers.likeness import likeness

SERVICE = "c566488a-0882-4e1b-a6d0-0b717e652234"
COMMAND = "4051eb11-bf0a-4c74-8730-a48f4193fcea"
FRAMES = "40fdba6b-672e-47c4-808a-e529adff3633"

RATE_CODES = {1: 0, 10: 1, 100: 2, 1000: 3}  # by rate in Hz
CHANNELS = 6
SEQUENCE = 16
AGREEING = 3  # frames that must follow one another before the first of them is believed


@dataclass(frozen=True)
class Frame:
    """One sample of the box: sequence number, the digital lines I1 I2 O1 O2, and the analog channels in counts."""

    sequence: int
    digital: tuple[int, ...]
    analog: tuple[int, ...]


def frame_bytes(channels: int) -> int:
    """Bytes of a frame with that many analog channels, 1 to 6."""
    bits = 12 + 10 * channels if channels <= 4 else 52 + 6 * (channels - 4)
    return -(-bits // 8)


def checksum(frame: bytes) -> int:
    """CRC-4 of a frame, its own four bits taken as zero."""
    crc = 0
    for byte in (*frame[:-1], frame[-1] & 0xF0):
        for place in range(7, -1, -1):
            crc = (crc << 1) ^ (byte >> place & 1)
            crc ^= 0x13 if crc & 0x10 else 0  # x⁴ + x + 1
    return crc


def decode_frame(frame: bytes, channels: int) -> Frame:
    """The contents of one frame, read from its end.

    Raises
    ------
    Malformed
        Its length or its CRC is wrong.
    """
    if len(frame) != frame_bytes(channels) or checksum(frame) != frame[-1] & 15:
        raise Malformed
    bits, left = int.from_bytes(frame, "little"), 8 * len(frame) - 12
    analog = []
    for width in (10, 10, 10, 10, 6, 6)[:channels]:
        left -= width
        analog.append((bits >> left) & ((1 << width) - 1))
    digital = tuple((frame[-2] >> place) & 1 for place in (7, 6, 5, 4))
    return Frame(frame[-1] >> 4, digital, tuple(analog))


def _streams(channels: Sequence[int], rate_hz: int) -> tuple[Stream, ...]:
    clock = Clock(Ticks.COUNT, 1 / rate_hz, SEQUENCE)
    inputs = tuple(f"A{channel + 1}" for channel in channels)
    return (
        Stream("analog", None, "adc counts, 10 bits (A5, A6: 6 bits)", float(rate_hz), inputs, clock),
        Stream("digital", None, "logic level", float(rate_hz), ("I1", "I2", "O1", "O2"), clock),
    )


@driver
class Bitalino(Driver):
    """BITalino's Bluetooth LE variant.

    Parameters
    ----------
    channels : sequence of int
        Analog inputs, 0 for A1; the frame carries them in this order.
    rate_hz : int
        1, 10, 100 or 1000 Hz.

    Raises
    ------
    InputError
        No such channel or rate.
    """

    name = "bitalino"
    title = "BITalino (Bluetooth LE)"
    streams = _streams(range(4), 100)

    def __init__(self, channels: Sequence[int] = range(4), rate_hz: int = 100) -> None:
        super().__init__()
        if rate_hz not in RATE_CODES or not channels or sorted(set(channels) & set(range(CHANNELS))) != list(channels):
            raise InputError(
                f"rising channels 0 to {CHANNELS - 1} at {', '.join(map(str, RATE_CODES))} Hz",
                f"channels {list(channels)} at {rate_hz} Hz",
                self.title,
            )
        self.channels, self.rate_hz = tuple(channels), rate_hz
        vars(self)["streams"] = _streams(self.channels, rate_hz)  # this unit's own
        self._bytes = frame_bytes(len(self.channels))
        self.gap()

    @classmethod
    def match(cls, advert: Advert) -> int:
        """By the name; the service alone is shared with biosignalsplux, whose payload is not public."""
        score = likeness(advert, SERVICE, "BITalino")
        return score if advert.name.startswith("BITalino") else min(1, score)

    def start(self) -> Script:
        """Subscribe, choose the rate, start."""
        self.gap()
        yield Notify(FRAMES)
        yield Write(COMMAND, bytes((RATE_CODES[self.rate_hz] << 6 | 3,)))
        yield Write(COMMAND, bytes((1 | sum(1 << 2 + channel for channel in self.channels),)))

    def stop(self) -> Script:
        """Back to idle."""
        yield Write(COMMAND, b"\0")

    def gap(self) -> None:
        """Forget the half of a frame, and where frames begin."""
        self._rest = b""
        self._sequence = -1

    def decode(self, char: str, data: bytes) -> Iterator[Block]:
        """The frames that are believed so far; bytes between them are skipped and counted."""
        if char != FRAMES or not data:
            raise Malformed
        self._rest += data
        skipped = False
        believed: list[Frame] = []
        while len(self._rest) >= self._bytes * self._needed:
            run = self._run()
            if run:
                believed += run
                self._rest, self._sequence = self._rest[len(run) * self._bytes :], run[-1].sequence
            elif self._sequence >= 0:
                self._sequence = -1  # perhaps only the number jumped: look again, with less faith
            else:
                self._rest, skipped = self._rest[1:], True
        self.malformed += skipped
        if believed:
            yield from self._blocks(believed)

    @property
    def _needed(self) -> int:
        return 1 if self._sequence >= 0 else AGREEING

    def _run(self) -> list[Frame]:
        """The next frame, or the next three, when they are in order; else none."""
        ends = range(self._bytes, self._bytes * self._needed + 1, self._bytes)
        try:
            run = [decode_frame(self._rest[end - self._bytes : end], len(self.channels)) for end in ends]
        except Malformed:
            return []
        numbers = [frame.sequence for frame in run]
        first = numbers[0] if self._sequence < 0 else (self._sequence + 1) % SEQUENCE
        return run if numbers == [(first + place) % SEQUENCE for place in range(len(run))] else []

    def _blocks(self, frames: list[Frame]) -> Iterator[Block]:
        ticks = np.array([frame.sequence for frame in frames], dtype=np.int64)
        for stream, part in zip(self.streams, ("analog", "digital"), strict=True):
            yield Block(stream.name, np.array([getattr(frame, part) for frame in frames], dtype=np.float64), ticks)
