"""What is known of a live recording besides its packets: the devices and where they are worn, when it began, marks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from glutebal.model import Event, Side


def side_word(side: Side | None) -> str:
    """For people: ``left``, ``right`` or ``midline``."""
    return side.value if side else "midline"


@dataclass(frozen=True)
class Worn:
    """Where a device, or one axis of it, sits on the body; side None is the midline.

    ``measures`` and ``scale`` say what the numbers are when the device does not: the name of a `Quantity` (``"EMG"``)
    and its unit per number sent (volts per count).
    """

    side: Side | None
    site: str
    measures: str = ""
    scale: float = 1.0


@dataclass(frozen=True)
class Identity:
    """One sensor of a recording.

    ``worn`` says where each axis is: by ``stream.axis``, by ``axis``, or for all others by the empty name. ``facts`` is
    what the device said of itself, as text: firmware, battery.
    """

    driver: str
    worn: Mapping[str, Worn]
    name: str = ""
    address: str = ""
    driver_version: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)

    @property
    def side(self) -> Side | None:
        """The side of the whole device; None on the midline and for a device that carries both sides."""
        sides = {place.side for place in self.worn.values()}
        return sides.pop() if len(sides) == 1 else None

    @property
    def title(self) -> str:
        """For people: ``left thigh tindeq Progressor_12``."""
        sides = {side_word(place.side) for place in self.worn.values()}
        sites = {place.site for place in self.worn.values()}
        parts = [" and ".join(sorted(sides)), *sorted(sites), self.driver, self.name or self.address]
        return " ".join(part for part in parts if part)

    def place(self, stream: str, axis: str) -> Worn | None:
        """Where that axis is worn; None when nobody said."""
        return self.own_place(stream, axis) or self.worn.get("")

    def own_place(self, stream: str, axis: str) -> Worn | None:
        """The place that was given for this axis alone: such an axis is a sensor of its own."""
        return (self.worn.get(f"{stream}.{axis}") or self.worn.get(axis)) if axis else None


@dataclass(frozen=True)
class Header:
    """What is known when a recording begins.

    ``started`` is the wall clock and ``started_ns`` the host's monotonic clock at the zero of the session clock.
    """

    devices: tuple[Identity, ...]
    started: datetime
    started_ns: int
    subject: str | None = None
    exercise: str | None = None
    load_kg: float | None = None
    notes: str = ""
    software: str = ""


@dataclass(frozen=True)
class Mark:
    """An event at a moment of the host's monotonic clock."""

    at_ns: int
    name: str
    side: Side | None = None

    def event(self, zero_ns: int) -> Event:
        """The event on the session clock."""
        return Event((self.at_ns - zero_ns) / 1e9, self.name, self.side)
