"""An emulated Weiheng WH-C06 crane scale, which only advertises: eight readings a second."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from glutebal.ingest.driver import Advert
from glutebal.model import Samples
from glutebal.testing.emulated.sensor import EmulatedSensor, Frame

COMPANY = 0x0100
_HEAD = bytes.fromhex("020311ffffffffffff01")


class EmulatedCraneScale(EmulatedSensor):
    """The signal is one column, in kg."""

    services = ()
    per_packet = 1
    rate_hz = 8.0

    def advert_at(self, seconds: float) -> Advert:
        """The reading of this moment, in the maker's data."""
        now = np.floor(np.array([seconds]) * self.rate_hz) / self.rate_hz
        grams10 = round(100 * float(self.signal(now)[0, 0]))
        payload = _HEAD + grams10.to_bytes(2, "big") + bytes([0, 0, 1])
        return Advert("IF_B7", frozenset(), {COMPANY: payload})

    def encode(self, first: int, values: Samples) -> Iterable[Frame]:  # noqa: ARG002 - nothing is sent
        """Nothing: there is no connection."""
        return ()
