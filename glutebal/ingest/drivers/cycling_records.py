"""The two records of a cycling power meter, as the Bluetooth SIG's specification lays them out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from glutebal.ingest.driver import Malformed
from glutebal.ingest.drivers.fields import Fields

Pair = tuple[float, float]
DIRECTIONS = ("direction_unknown", "tangential", "radial", "lateral")
WHEEL_TICK_S = 1 / 2048  # in this service; the speed and cadence service has 1/1024
CRANK_TICK_S = 1 / 1024


@dataclass(frozen=True)
class Measurement:
    """One measurement (0x2A63); None is what this packet does not have.

    ``wheel`` and ``crank`` are (revolutions, time of the last one in ticks of 1/2048 and 1/1024 s). Extremes are
    (maximum, minimum). ``torque_nm`` is accumulated, from the wheel or the crank. ``balance_is_left`` false: the
    device does not say whose share the balance is.
    """

    power_w: int
    balance_is_left: bool = False
    balance_percent: float | None = None
    torque_source: str = "wheel"
    torque_nm: float | None = None
    wheel: tuple[int, int] | None = None
    crank: tuple[int, int] | None = None
    extreme_force_n: Pair | None = None
    extreme_torque_nm: Pair | None = None
    extreme_angle_deg: Pair | None = None
    top_dead_spot_deg: int | None = None
    bottom_dead_spot_deg: int | None = None
    energy_kj: int | None = None
    wants_offset_compensation: bool = False


@dataclass(frozen=True)
class Vector:
    """One vector (0x2A64): forces or torques at even angles of a crank turn.

    ``direction`` is an index of `DIRECTIONS`. The first angle is as sent; on a right crank it is half a turn on.
    """

    direction: int
    crank: tuple[int, int] | None = None
    first_angle_deg: int | None = None
    force_n: tuple[float, ...] = ()
    torque_nm: tuple[float, ...] = ()


def _angles(packed: bytes) -> Pair:
    both = int.from_bytes(packed, "little")
    return both & 0xFFF, both >> 12


def _itself(value: int) -> int:
    return value


def _pair(first: int, second: int) -> tuple[int, int]:
    return first, second


# Flag bit, attribute, layout, and what is made of the numbers; in the order of the packet.
_FIELDS: tuple[tuple[int, str, str, Callable[..., Any]], ...] = (
    (0, "balance_percent", "B", lambda halves: halves / 2),
    (2, "torque_nm", "H", lambda parts: parts / 32),
    (4, "wheel", "IH", _pair),
    (5, "crank", "HH", _pair),
    (6, "extreme_force_n", "hh", _pair),
    (7, "extreme_torque_nm", "hh", lambda high, low: (high / 32, low / 32)),
    (8, "extreme_angle_deg", "3s", _angles),
    (9, "top_dead_spot_deg", "H", _itself),
    (10, "bottom_dead_spot_deg", "H", _itself),
    (11, "energy_kj", "H", _itself),
)


def measurement(data: bytes) -> Measurement:
    """The whole record of one measurement.

    Raises
    ------
    Malformed
        Too short, too long, or with flags that the specification does not define.
    """
    fields = Fields(data)
    flags, power = fields.take("Hh")
    if flags >> 13:
        raise Malformed("reserved flags")
    found = {name: make(*fields.take(layout)) for bit, name, layout, make in _FIELDS if flags >> bit & 1}
    fields.end()
    return Measurement(
        power,
        balance_is_left=flags & 3 == 3,
        torque_source="crank" if flags >> 3 & 1 else "wheel",
        wants_offset_compensation=bool(flags >> 12 & 1),
        **found,
    )


def vector(data: bytes) -> Vector:
    """The whole record of one vector.

    Raises
    ------
    Malformed
        Too short, half a number at the end, forces and torques at once, or flags that are not defined.
    """
    fields = Fields(data)
    flags = fields.one("B")
    forces, torques = bool(flags & 4), bool(flags & 8)
    if flags >> 6 or (forces and torques):
        raise Malformed("flags")
    crank = _pair(*fields.take("HH")) if flags & 1 else None
    angle = fields.one("H") if flags & 2 else None
    numbers = fields.take("h" * (fields.left // 2)) if forces or torques else ()
    fields.end()
    return Vector(
        flags >> 4 & 3,
        crank,
        angle,
        tuple(float(n) for n in numbers) if forces else (),
        tuple(n / 32 for n in numbers) if torques else (),
    )
