"""Emulated power pedals: power, the left leg's share, and crank revolutions, once a second."""

from __future__ import annotations

import struct
from collections.abc import Iterable

from glutebal.ingest.driver import short_uuid
from glutebal.model import Samples
from glutebal.testing.emulated.sensor import Attribute, EmulatedSensor, Frame, Service, Signal

SERVICE, MEASUREMENT = short_uuid(0x1818), short_uuid(0x2A63)
FEATURE, LOCATION = short_uuid(0x2A65), short_uuid(0x2A5D)
BALANCE, REFERENCE_LEFT, CRANK = 1 << 0, 1 << 1, 1 << 5


class EmulatedCyclingPower(EmulatedSensor):
    """The signal: two columns, the power of the left and of the right leg in W.

    Parameters
    ----------
    knows_side : bool
        Whether the balance is said to be the left leg's; without it nobody can tell whose it is.
    cadence_per_min : float
        Turns of the crank.
    """

    services = (
        Service(
            SERVICE,
            (
                Attribute(MEASUREMENT, ("notify",)),
                Attribute(FEATURE, ("read",), (0b1001).to_bytes(4, "little")),
                Attribute(LOCATION, ("read",), b"\x07"),
            ),
        ),
    )
    per_packet = 1
    rate_hz = 1.0

    def __init__(self, name: str, signal: Signal, *, knows_side: bool = True, cadence_per_min: float = 90.0) -> None:
        super().__init__(name, signal)
        self.knows_side, self.cadence_per_min = knows_side, cadence_per_min

    def subscribed(self, char: str) -> None:
        """Begin to stream."""
        self.streaming = self.streaming or char == MEASUREMENT

    def encode(self, first: int, values: Samples) -> Iterable[Frame]:
        """A measurement per second."""
        flags = BALANCE | CRANK | (REFERENCE_LEFT if self.knows_side else 0)
        for i, (left, right) in enumerate(values):
            total = left + right
            halves = round(200 * left / total) if total > 0 else 100
            turns, event = self._crank((first + i + 1) / self.rate_hz)
            yield MEASUREMENT, struct.pack("<HhBHH", flags, round(total), halves, turns % 2**16, event % 2**16)

    def _crank(self, seconds: float) -> tuple[int, int]:
        """Whole turns so far, and when the last one ended in 1/1024 s."""
        turns = int(seconds * self.cadence_per_min / 60)
        return turns, round(turns * 60 / self.cadence_per_min * 1024)
