r"""Lines of text over the Nordic UART service: the simplest sensor of one's own.

One line per sample, ``number,microseconds,channel 1,channel 2,...`` and a line feed, with up to eight channels; after
the numbers an asterisk and the CRC-16/CCITT-FALSE of all before it in four hexadecimal digits, if the sketch can::

    17,340000,512,498\n
    18,342000,515.5,497*B888\n

A line may span notifications. What a loss can do to text is mostly, not always, seen:

- a line with a right checksum is believed, and a sensor that has sent one must go on sending them;
- without, a line is believed when it has as many columns as the line before, so the first after a start or a loss is
  not; if it spans notifications, the next line must also carry the next number. More than two notifications to a line
  need a checksum: nothing else shows that the middle one is missing.
"""

from __future__ import annotations

import binascii
import math
import re
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from glutebal.ingest.driver import (
    Advert,
    Block,
    Clock,
    Driver,
    Malformed,
    Notify,
    Script,
    Stream,
    Ticks,
    driver,
)
from glutebal.ingest.drivers import sig

SERVICE = "6e400001-b5a3-f393-e0a9-e50e24dcca9e"
COMMAND = "6e400002-b5a3-f393-e0a9-e50e24dcca9e"
LINES = "6e400003-b5a3-f393-e0a9-e50e24dcca9e"
CHANNELS = 8
LONGEST = 4096  # bytes without a line feed
LARGEST = 1e12
_NUMBER = rb"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?"
_LINE = re.compile(rb"(\d{1,10}),(\d{1,10})((?:," + _NUMBER + rb"){1,8})(\*[0-9A-Fa-f]{4})?")
MICROSECONDS = Clock(Ticks.STAMP, 1e-6, 2**32)


class Line(NamedTuple):
    """One sample: its number, the device's microseconds, a value per channel, and whether a checksum vouches for it."""

    number: int
    stamp_us: int
    values: tuple[float, ...]
    proved: bool


@driver
class NordicUart(Driver):
    """One sensor that sends lines. Its values have no known unit: the recording's map gives them one."""

    name = "nordic_uart"
    title = "Text lines over Nordic UART (own sensors)"
    streams = tuple(
        Stream(f"channel_{n}", None, "as sent", math.nan, (str(n),), MICROSECONDS) for n in range(1, CHANNELS + 1)
    )

    def __init__(self) -> None:
        super().__init__()
        self._buffer = b""
        self._columns = 0  # of the line before; 0: there was none
        self._waiting: Line | None = None  # came in pieces; the next line decides
        self._checked = False

    @classmethod
    def match(cls, advert: Advert) -> int:
        """The service is everyone's, so without a name that begins with ``glutebal`` it is a guess."""
        if SERVICE not in advert.uuids:
            return 0
        return 10 if advert.name.startswith("glutebal") else 1

    def start(self) -> Script:
        """Read who it is, subscribe to the lines."""
        yield from sig.identify(self)
        yield Notify(LINES)

    def gap(self) -> None:
        """Forget the unfinished line and what the lines looked like."""
        self._buffer, self._columns, self._waiting = b"", 0, None

    def decode(self, char: str, data: bytes) -> Iterator[Block]:
        """The samples of the lines that end here, one block per channel; bad lines are counted one by one."""
        if char != LINES:
            raise Malformed("unknown characteristic")
        if len(self._buffer) + len(data) > LONGEST:
            raise Malformed("no line feed")
        spans = bool(self._buffer)
        *whole, self._buffer = (self._buffer + data).split(b"\n")
        believed: list[Line] = []
        for text in whole:
            believed += self._believed(text, spans)
            spans = False
        yield from _blocks(believed)

    def _believed(self, text: bytes, spans: bool) -> Iterator[Line]:
        """The lines that this one makes believable: perhaps the one that waited, perhaps itself."""
        read = line(text)
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            if read is not None and read.number == waiting.number + 1:
                yield waiting
            else:
                self.malformed += 1
        usual, self._columns = self._columns, 0 if read is None else len(read.values)
        if read is not None and read.proved:
            self._checked = True
            yield read
        elif read is None or self._checked or (usual and usual != self._columns):
            self.malformed += 1
        elif usual and spans:
            self._waiting = read
        elif usual:
            yield read


def line(text: bytes) -> Line | None:
    """The sample in a line without its line feed; None for anything else, a wrong checksum included."""
    found = _LINE.fullmatch(text.removesuffix(b"\r"))
    if found is None or int(found[2]) >= 2**32:
        return None
    values = tuple(float(v) for v in found[3][1:].split(b","))
    proof = found[4]
    if proof is not None and int(proof[1:], 16) != binascii.crc_hqx(text[: found.start(4)], 0xFFFF):
        return None
    if not all(abs(v) <= LARGEST for v in values):
        return None
    return Line(int(found[1]), int(found[2]), values, proof is not None)


def _blocks(lines: list[Line]) -> Iterator[Block]:
    """One block per channel for every run of lines with as many channels."""
    start = 0
    for i in range(1, len(lines) + 1):
        if i < len(lines) and len(lines[i].values) == len(lines[start].values):
            continue
        run = lines[start:i]
        ticks = np.array([sample.stamp_us for sample in run], dtype=np.int64)
        values = np.array([sample.values for sample in run], dtype=np.float64)
        for column in range(values.shape[1]):
            yield Block(f"channel_{column + 1}", values[:, column : column + 1], ticks)
        start = i
