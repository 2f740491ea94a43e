"""Cycling power service of the Bluetooth SIG (0x1818): pedals and cranks that know the share of each leg.

One device measures both legs on one clock. Its balance is a left share only when the reference bit says so;
otherwise it is a balance of which the side is not known, and it stays apart under that name.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from glutebal.ingest.driver import Advert, Block, Driver, Malformed, Notify, Read, Script, driver, short_uuid
from glutebal.ingest.drivers import sig
from glutebal.ingest.drivers.cycling_records import DIRECTIONS, Measurement, Vector, measurement, vector
from glutebal.ingest.drivers.cycling_streams import LIMITS, STREAMS, TICK_S
from glutebal.ingest.drivers.likeness import likeness
from glutebal.ingest.drivers.sift import sift

SERVICE = short_uuid(0x1818)
MEASUREMENT = short_uuid(0x2A63)
VECTOR = short_uuid(0x2A64)
FEATURE = short_uuid(0x2A65)
LOCATION = short_uuid(0x2A5D)
FEATURES = (
    "pedal balance",
    "accumulated torque",
    "wheel",
    "crank",
    "extreme magnitudes",
    "extreme angles",
    "dead spots",
    "accumulated energy",
)
LOCATIONS = {
    3: "hip",
    5: "left crank",
    6: "right crank",
    7: "left pedal",
    8: "right pedal",
    13: "rear hub",
    15: "spider",
}


@driver
class CyclingPower(Driver):
    """One power meter. A wheel or crank event is given once, with its own time, however often it is repeated.

    The times of events are values, not stamps: a meter says nothing of when its power was measured.
    """

    name = "cycling_power"
    title = "Cycling power meter (Bluetooth SIG)"
    streams = STREAMS

    def __init__(self) -> None:
        super().__init__()
        self._events: dict[str, tuple[int, int]] = {}

    @classmethod
    def match(cls, advert: Advert) -> int:
        """By the service."""
        return likeness(advert, SERVICE)

    def start(self) -> Script:
        """Read who and where it is, subscribe to the measurement and then to the vector, which few devices have."""
        yield from sig.identify(self)
        told = yield Read(FEATURE)
        if told is not None:
            self.info["features"] = ", ".join(features(told)) or "power only"
        place = yield Read(LOCATION)
        if place:
            self.info["location"] = LOCATIONS.get(place[0], f"number {place[0]}")
        yield Notify(MEASUREMENT)
        yield Notify(VECTOR, required=False)

    def gap(self) -> None:
        """Forget the last events: after a loss the same count may be another event."""
        self._events.clear()

    def decode(self, char: str, data: bytes) -> Iterator[Block]:
        """The blocks of one measurement or vector; see `STREAMS`."""
        if char == MEASUREMENT:
            yield from self._sifted(self._measured(measurement(data)))
        elif char == VECTOR:
            yield from self._sifted(self._arrays(vector(data)))
        else:
            raise Malformed("unknown characteristic")

    def _sifted(self, blocks: Iterator[Block]) -> Iterator[Block]:
        for block in blocks:
            yield from sift(self, block, *LIMITS[block.stream])

    def _measured(self, m: Measurement) -> Iterator[Block]:
        yield _row("power", m.power_w)
        yield from _shares(m)
        if m.torque_nm is not None:
            yield _row(f"accumulated_torque_{m.torque_source}", m.torque_nm)
        yield from self._event("wheel", m.wheel)
        yield from self._event("crank", m.crank)
        if m.extreme_force_n:
            yield _row("extreme_force", *m.extreme_force_n)
        if m.extreme_torque_nm:
            yield _row("extreme_torque", *m.extreme_torque_nm)
        if m.extreme_angle_deg:
            yield _row("extreme_angle", *np.radians(m.extreme_angle_deg))
        for name, degrees in (("top_dead_spot", m.top_dead_spot_deg), ("bottom_dead_spot", m.bottom_dead_spot_deg)):
            if degrees is not None:
                yield _row(name, np.radians(degrees))
        if m.energy_kj is not None:
            yield _row("accumulated_energy", m.energy_kj * 1000)

    def _event(self, name: str, event: tuple[int, int] | None) -> Iterator[Block]:
        if event is None or self._events.get(name) == event:
            return
        self._events[name] = event
        count, ticks = event
        yield _row(name, count, ticks * TICK_S[name])

    def _arrays(self, v: Vector) -> Iterator[Block]:
        yield from self._event("crank", v.crank)
        if v.first_angle_deg is not None:
            yield _row("first_angle", np.radians(v.first_angle_deg))
        direction = DIRECTIONS[v.direction]
        for name, values in ((f"force_{direction}", v.force_n), (f"torque_{direction}", v.torque_nm)):
            if values:
                yield Block(name, np.array(values)[:, None])


def _row(stream: str, *numbers: float) -> Block:
    return Block(stream, np.array([numbers], dtype=np.float64))


def _shares(m: Measurement) -> Iterator[Block]:
    """The share of the legs while there is power to share."""
    low, high = LIMITS["power"]
    if m.balance_percent is None or not low < m.power_w <= high:
        return
    if not m.balance_is_left:
        yield _row("balance_side_unknown", m.balance_percent)
        return
    yield _row("balance_left", m.balance_percent)
    if m.balance_percent <= 100:
        left = m.power_w * m.balance_percent / 100
        yield _row("pedal_power", left, m.power_w - left)


def features(data: bytes) -> list[str]:
    """What the device says it can measure, in words."""
    bits = int.from_bytes(data[:4], "little")
    return [word for bit, word in enumerate(FEATURES) if bits >> bit & 1]
