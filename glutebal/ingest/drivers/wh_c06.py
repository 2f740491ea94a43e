"""Weiheng WH-C06, a crane scale that only advertises: some eight readings a second, no clock, no counter.

Feed it what the advertisement has under the company id 0x0100 (without the id), as the pseudo-characteristic
`glutebal.ingest.driver.ADVERTISING`. Kilograms are forces over standard gravity. What the number means
while the display shows pounds is not known; such readings are refused.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from glutebal.ingest.driver import ADVERTISING, Advert, Block, Driver, Malformed, Notify, Script, Stream, driver
from glutebal.ingest.drivers.sift import sift
from glutebal.ingest.units import STANDARD_GRAVITY
from glutebal.model import Quantity

COMPANY = 0x0100
PREFIX = bytes.fromhex("020311")
KILOGRAM = 1
LIMIT_N = 500 * STANDARD_GRAVITY


@driver
class WhC06(Driver):
    """One scale. Nothing tells a lost reading from a quiet one; left and right share no clock."""

    name = "wh_c06"
    title = "Weiheng WH-C06 crane scale (advertising only)"
    streams = (Stream("force", Quantity.FORCE, "N", 8.0),)

    @classmethod
    def match(cls, advert: Advert) -> int:
        """By the name ``IF_B7`` and the form of the manufacturer data."""
        told = advert.manufacturer.get(COMPANY, b"").startswith(PREFIX)
        named = advert.name == "IF_B7"
        if told:
            return 10 if named else 5
        return 1 if named else 0

    def start(self) -> Script:
        """No connection: listen to the advertisements."""
        yield Notify(ADVERTISING)

    def decode(self, char: str, data: bytes) -> Iterator[Block]:
        """Force in N of one advertisement."""
        if char != ADVERTISING:
            raise Malformed("unknown characteristic")
        kg = kilograms(data)
        yield from sift(self, Block("force", np.array([[kg * STANDARD_GRAVITY]])), 0.0, LIMIT_N)


def kilograms(data: bytes) -> float:
    """The reading in kg.

    Raises
    ------
    Malformed
        Not this scale's advertisement, or not in kilograms.
    """
    if len(data) < 15 or not data.startswith(PREFIX):
        raise Malformed("not a WH-C06")
    if data[14] & 0x0F != KILOGRAM:
        raise Malformed("a unit other than kg")
    return int.from_bytes(data[10:12], "big") / 100
