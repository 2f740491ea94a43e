"""Weight scale service of the Bluetooth SIG (0x181D): two scales side by side show how a stance is loaded.

Kilograms are forces over standard gravity, 9.80665 m/s².
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from glutebal.ingest.driver import Advert, Block, Driver, Malformed, Notify, Script, Stream, driver, short_uuid
from glutebal.ingest.drivers import sig
from glutebal.ingest.drivers.fields import Fields
from glutebal.ingest.drivers.likeness import likeness
from glutebal.ingest.drivers.sift import sift
from glutebal.ingest.units import STANDARD_GRAVITY
from glutebal.model import Quantity

SERVICE = short_uuid(0x181D)
MEASUREMENT = short_uuid(0x2A9D)
IMPERIAL, STAMPED, FOR_USER, WITH_BMI = 1, 2, 4, 8
POUND_KG = 0.45359237
INCH_M = 0.0254
LIMIT_N = 320 * STANDARD_GRAVITY  # below 0xFFFF, with which a scale says that a weighing failed


@dataclass(frozen=True)
class Weighing:
    """One measurement, in SI units whatever the scale displays."""

    mass_kg: float
    taken: datetime | None = None
    user: int | None = None
    bmi: float | None = None
    height_m: float | None = None


@driver
class WeightScale(Driver):
    """One scale; a reading comes when the weight has settled."""

    name = "weight_scale"
    title = "Weight scale (Bluetooth SIG)"
    streams = (Stream("weight", Quantity.FORCE, "N", math.nan),)

    @classmethod
    def match(cls, advert: Advert) -> int:
        """By the service."""
        return likeness(advert, SERVICE)

    def start(self) -> Script:
        """Read who it is, subscribe."""
        yield from sig.identify(self)
        yield Notify(MEASUREMENT)

    def decode(self, char: str, data: bytes) -> Iterator[Block]:
        """Weight in N."""
        if char != MEASUREMENT:
            raise Malformed("unknown characteristic")
        newton = measurement(data).mass_kg * STANDARD_GRAVITY
        yield from sift(self, Block("weight", np.array([[newton]])), 0.0, LIMIT_N)


def measurement(data: bytes) -> Weighing:
    """The whole record of one indication.

    Raises
    ------
    Malformed
        Too short, too long, or with flags that the specification does not define.
    """
    fields = Fields(data)
    flags = fields.one("B")
    if flags >> 4:
        raise Malformed("reserved flags")
    mass = fields.one("H") * (0.01 * POUND_KG if flags & IMPERIAL else 0.005)
    taken = _moment(*fields.take("HBBBBB")) if flags & STAMPED else None
    user = fields.one("B") if flags & FOR_USER else None
    bmi, height = fields.take("HH") if flags & WITH_BMI else (None, None)
    fields.end()
    if bmi is None or height is None:
        return Weighing(mass, taken, user)
    return Weighing(mass, taken, user, bmi / 10, height * (0.1 * INCH_M if flags & IMPERIAL else 0.001))


def _moment(*numbers: int) -> datetime | None:
    try:
        return datetime(*numbers)  # type: ignore[arg-type]  # no time zone: a scale knows none
    except ValueError:  # zero stands for "not known"
        return None
