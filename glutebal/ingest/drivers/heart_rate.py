"""Heart rate service of the Bluetooth SIG (0x180D): beats per minute and the intervals between beats."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from glutebal.ingest.driver import Advert, Block, Driver, Malformed, Notify, Script, Stream, driver, short_uuid
from glutebal.ingest.drivers import sig
from glutebal.ingest.drivers.fields import Fields
from glutebal.ingest.drivers.likeness import likeness
from glutebal.ingest.drivers.sift import sift

SERVICE = short_uuid(0x180D)
MEASUREMENT = short_uuid(0x2A37)
WIDE, CONTACT, CONTACT_KNOWN, ENERGY, INTERVALS = 1, 2, 4, 8, 16
LIMITS_BPM = 20.0, 300.0
LIMITS_S = 0.2, 3.0


@dataclass(frozen=True)
class HeartRate:
    """One measurement. ``contact`` is None when the sensor cannot tell; ``intervals_s`` are oldest first."""

    bpm: int
    contact: bool | None = None
    energy_kj: int | None = None
    intervals_s: tuple[float, ...] = ()


@driver
class HeartRateSensor(Driver):
    """Any chest strap or watch that broadcasts its heart rate. Without skin contact the samples are not trusted."""

    name = "heart_rate"
    title = "Heart rate (Bluetooth SIG)"
    streams = (
        Stream("heart_rate", None, "1/min", math.nan),
        Stream("beat_interval", None, "s", math.nan),
    )

    @classmethod
    def match(cls, advert: Advert) -> int:
        """By the service."""
        return likeness(advert, SERVICE)

    def start(self) -> Script:
        """Read who it is, subscribe."""
        yield from sig.identify(self)
        yield Notify(MEASUREMENT)

    def decode(self, char: str, data: bytes) -> Iterator[Block]:
        """Beats per minute and beat intervals in s."""
        if char != MEASUREMENT:
            raise Malformed("unknown characteristic")
        beat = measurement(data)
        trusted = beat.contact is not False
        if beat.bpm:  # 0 is how straps say that there is no reading
            yield from sift(self, Block("heart_rate", np.array([[float(beat.bpm)]]), None, trusted), *LIMITS_BPM)
        if beat.intervals_s:
            intervals = np.array(beat.intervals_s)[:, None]
            yield from sift(self, Block("beat_interval", intervals, None, trusted), *LIMITS_S)


def measurement(data: bytes) -> HeartRate:
    """The whole record of one notification.

    Raises
    ------
    Malformed
        Too short, too long, or with flags that the specification does not define.
    """
    fields = Fields(data)
    flags = fields.one("B")
    if flags >> 5:
        raise Malformed("reserved flags")
    bpm = fields.one("H" if flags & WIDE else "B")
    contact = bool(flags & CONTACT) if flags & CONTACT_KNOWN else None
    energy = fields.one("H") if flags & ENERGY else None
    ticks = fields.take("H" * (fields.left // 2)) if flags & INTERVALS else ()
    fields.end()
    return HeartRate(bpm, contact, energy, tuple(t / 1024 for t in ticks))
