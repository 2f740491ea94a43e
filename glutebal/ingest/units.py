"""The border where units are converted, once: unit text to a quantity and a factor, and what looks implausible."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from glutebal.errors import UnitError
from glutebal.model import Channel, Quantity, Track

STANDARD_GRAVITY = 9.80665  # m/s², CGPM 1901
POUND_FORCE_N = 4.4482216152605

UNITS: dict[str, tuple[Quantity, float]] = {
    "V": (Quantity.EMG, 1.0),
    "volt": (Quantity.EMG, 1.0),
    "volts": (Quantity.EMG, 1.0),
    "mV": (Quantity.EMG, 1e-3),
    "uV": (Quantity.EMG, 1e-6),
    "microvolts": (Quantity.EMG, 1e-6),
    "microvolt": (Quantity.EMG, 1e-6),
    "nV": (Quantity.EMG, 1e-9),
    "N": (Quantity.FORCE, 1.0),
    "newton": (Quantity.FORCE, 1.0),
    "newtons": (Quantity.FORCE, 1.0),
    "kN": (Quantity.FORCE, 1e3),
    "kgf": (Quantity.FORCE, STANDARD_GRAVITY),
    "kp": (Quantity.FORCE, STANDARD_GRAVITY),
    "kg": (Quantity.FORCE, STANDARD_GRAVITY),  # a scale's kilograms are a force over standard gravity
    "lbf": (Quantity.FORCE, POUND_FORCE_N),
    "lb": (Quantity.FORCE, POUND_FORCE_N),
    "lbs": (Quantity.FORCE, POUND_FORCE_N),
    "Nm": (Quantity.TORQUE, 1.0),
    "Nmm": (Quantity.TORQUE, 1e-3),
    "g": (Quantity.ACCELERATION, STANDARD_GRAVITY),
    "mg": (Quantity.ACCELERATION, STANDARD_GRAVITY * 1e-3),
    "m/s2": (Quantity.ACCELERATION, 1.0),
    "mm/s2": (Quantity.ACCELERATION, 1e-3),
    "rad/s": (Quantity.ANGULAR_RATE, 1.0),
    "deg/s": (Quantity.ANGULAR_RATE, math.pi / 180),
    "dps": (Quantity.ANGULAR_RATE, math.pi / 180),
    "rad": (Quantity.ANGLE, 1.0),
    "deg": (Quantity.ANGLE, math.pi / 180),
    "degrees": (Quantity.ANGLE, math.pi / 180),
    "m": (Quantity.POSITION, 1.0),
    "cm": (Quantity.POSITION, 1e-2),
    "mm": (Quantity.POSITION, 1e-3),
    "T": (Quantity.MAGNETIC_FIELD, 1.0),
    "mT": (Quantity.MAGNETIC_FIELD, 1e-3),
    "uT": (Quantity.MAGNETIC_FIELD, 1e-6),
    "Pa": (Quantity.PRESSURE, 1.0),
    "hPa": (Quantity.PRESSURE, 1e2),
    "kPa": (Quantity.PRESSURE, 1e3),
    "mmHg": (Quantity.PRESSURE, 133.322387415),
}

TIME_UNITS: dict[str, float] = {
    "s": 1.0,
    "sec": 1.0,
    "secs": 1.0,
    "seconds": 1.0,
    "ms": 1e-3,
    "msec": 1e-3,
    "us": 1e-6,
    "min": 60.0,
}

# Spellings of one unit; the letter case of V, N, g and T matters and is kept.
_SPELLINGS = (
    (r"[\u00b5\u03bc]", "u"),
    (r"\u00b0", "deg"),
    (r"\u00b2|\^2|\*\*2", "2"),
    (r"[\s\u00b7*._]", ""),
    (r"/(sec|second|seconds)(2?)$", r"/s\2"),
    (r"s\^?-2$", "/s2"),
    (r"s\^?-1$", "/s"),
)
_FOLDED = {name.casefold(): name for name in reversed(UNITS)}


def spelling(unit: str) -> str:
    """The unit as the table spells it where it can be told, else stripped of marks: ``µV`` is ``uV``."""
    text = unit.strip().strip("[](){}")
    for pattern, plain in _SPELLINGS:
        text = re.sub(pattern, plain, text)
    text = text.removesuffix(".")
    return text if text in UNITS else _FOLDED.get(text.casefold(), text)


def is_unit(text: str) -> bool:
    """Whether the text is a unit of the table, or of time."""
    plain = spelling(text)
    return plain in UNITS or plain in TIME_UNITS


def conversion(unit: str, where: str = "") -> tuple[Quantity, float]:
    """The quantity of a unit, and what its numbers are multiplied by to be in the library's one unit for it.

    Raises
    ------
    UnitError
        Empty, unknown, or counts of a converter: counts need a scale that only the user knows.
    """
    plain = spelling(unit)
    if plain in UNITS:
        return UNITS[plain]
    raise UnitError(
        "a unit such as uV, mV, V, N, kgf, g, m/s2, deg/s",
        repr(unit) if unit else "no unit",
        where,
        'in a map, unit = "uV" for the column, or scale = 0.0012 with unit = "uV" for converter counts',
    )


@dataclass(frozen=True)
class Plausible:
    """The range in which the largest reading of a quantity is believed; outside it, a suspicion in words."""

    quantity: Quantity
    low: float
    high: float
    too_low: str
    too_high: str
    sites: frozenset[str] = frozenset()

    def judges(self, channel: Channel) -> bool:
        """Whether the rule speaks about this channel; a part of an insole (an axis of a force) may read anything."""
        whole = not (channel.axis and channel.quantity is Quantity.FORCE)
        return channel.quantity is self.quantity and whole and (not self.sites or channel.site in self.sites)

    def suspicion(self, peaks: Sequence[tuple[float, str]]) -> str | None:
        """One sentence for all channels (peak, name) outside the range, or nothing."""
        high = [(p, name) for p, name in peaks if p > self.high]
        low = [(p, name) for p, name in peaks if 0 < p < self.low]
        if not (high or low):
            return None
        value, name = max(high or low)
        others = f" (and {len(high or low) - 1} more)" if len(high or low) > 1 else ""
        return f"{name}{others} peaks at {value:.3g} {self.quantity.unit}: {self.too_high if high else self.too_low}"


PLAUSIBLE = (
    Plausible(
        Quantity.EMG,
        1e-6,
        0.05,
        "less than the noise of an electrode, so the unit may be wrong",
        "surface EMG stays under 0.01 V, so this looks like it is after an amplifier or in other units; "
        "left/right ratios stand, volts do not",
    ),
    Plausible(
        Quantity.FORCE,
        100.0,
        20e3,
        "too little for an adult standing on a plate or insole, so the unit may be wrong",
        "more than a person puts on a plate, so the unit may be wrong",
        frozenset({"foot", "plate"}),
    ),
    Plausible(Quantity.ACCELERATION, 0.5, 4000.0, "below gravity: is it in g?", "above 400 g: is the unit right?"),
    Plausible(Quantity.ANGULAR_RATE, 0.0, 110.0, "", "faster than any limb turns: is it in deg/s?"),
)


def peak(track: Track) -> float:
    """The largest distance from the median, in the channel's unit; 0 for an empty track.

    Forces, accelerations and rates are taken from zero: their offset means something.
    """
    values = track.values()
    if values.size == 0:
        return 0.0
    centre = np.median(values) if track.channel.quantity is Quantity.EMG else 0.0
    return float(np.max(np.abs(values - centre)))


def suspicions(tracks: Iterable[Track]) -> tuple[str, ...]:
    """Sentences about peaks that no body or sensor produces, one per quantity."""
    tracks = tuple(tracks)
    found = (
        rule.suspicion([(peak(t), t.channel.name) for t in tracks if rule.judges(t.channel)]) for rule in PLAUSIBLE
    )
    return tuple(sentence for sentence in found if sentence)
