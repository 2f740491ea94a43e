"""PitchSix Force Board: a load cell for pulls, in numbers whose scale is not settled.

A notification is a count and that many samples of three bytes. There is neither stamp nor counter. The one
public implementation weighs the first of the three bytes with 32768, where a number of 24 bits has 65536, and calls
the result pounds; no public capture decides it. While that byte is 0 both readings agree, and the samples are given as
they came; a packet with a sample that depends on the factor is refused.

Source: grip-connect, ``forceboard.model.ts``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from glutebal.ingest.driver import Advert, Block, Driver, Malformed, Notify, Script, Stream, Write, driver
from glutebal.ingest.drivers import sig
from glutebal.ingest.drivers.likeness import likeness
from glutebal.model import Samples

SERVICE = "9a88d67f-8df2-4afe-9e0d-c2bbbe773dd0"
DATA = "9a88d682-8df2-4afe-9e0d-c2bbbe773dd0"
MODE = "467a8517-6e39-11eb-9439-0242ac130002"

STREAM, TARE, IDLE = b"\x04", b"\x05", b"\x07"
SAMPLE_BYTES = 3


@driver
class PitchSix(Driver):
    """One Force Board. It is not tared on start: a restart in the middle of a set would forge an offset; see `tare`."""

    name = "pitchsix"
    title = "PitchSix Force Board"
    streams = (
        Stream("force", None, "raw, perhaps lb; factor of the first byte unresolved (32768 or 65536)", math.nan),
    )

    @classmethod
    def match(cls, advert: Advert) -> int:
        """By the name ``Force Board`` and the maker's service."""
        return likeness(advert, SERVICE, "Force Board")

    def start(self) -> Script:
        """Subscribe, read who it is and how full its battery, start the stream."""
        yield Notify(DATA)
        yield from sig.identify(self)
        yield Write(MODE, STREAM)

    def stop(self) -> Script:
        """Back to idle."""
        yield Write(MODE, IDLE)

    def tare(self) -> Script:
        """Make the present load zero. Only for an unloaded board."""
        yield Write(MODE, TARE)

    def decode(self, char: str, data: bytes) -> Iterator[Block]:
        """The samples of one notification, as the board sent them, 0 to 65535."""
        if char != DATA:
            raise Malformed("unknown characteristic")
        yield Block("force", raw(data))


def raw(data: bytes) -> Samples:
    """The samples of a notification, of shape (n, 1).

    Raises
    ------
    Malformed
        Not as long as its count says, empty, or the first byte of a sample is not 0: its factor is unresolved.
    """
    count = int.from_bytes(data[:2], "big")
    if count == 0 or len(data) != 2 + SAMPLE_BYTES * count:
        raise Malformed("length and count do not agree")
    samples = np.frombuffer(data, np.uint8, offset=2).reshape(count, SAMPLE_BYTES).astype(np.float64)
    if samples[:, 0].any():
        raise Malformed("a sample above 65535")
    return samples[:, 1:2] * 256 + samples[:, 2:]
