"""The streams of a cycling power meter and the range in which each is believed."""

from __future__ import annotations

import math

from glutebal.ingest.driver import Stream
from glutebal.ingest.drivers.cycling_records import CRANK_TICK_S, DIRECTIONS, WHEEL_TICK_S
from glutebal.model import Quantity

EXTREMES = ("maximum", "minimum")
ANY = (-math.inf, math.inf)
TURN = (0.0, 2 * math.pi)
POWER_W = (0.0, 5000.0)  # twice the best sprinters
FORCE_N = (-5000.0, 5000.0)
TORQUE_NM = (-900.0, 900.0)  # 5000 N on a crank of 0.18 m


def _stream(name: str, quantity: Quantity | None, unit: str, axes: tuple[str, ...] = ("",)) -> Stream:
    return Stream(name, quantity, unit, math.nan, axes)


def _events(name: str, wrap_s: int) -> Stream:
    return Stream(name, None, f"revolutions; s, wraps at {wrap_s}", math.nan, ("revolutions", "last_at"))


_TABLE: tuple[tuple[Stream, tuple[float, float]], ...] = (
    (_stream("power", None, "W"), POWER_W),
    (_stream("balance_left", None, "% of the power from the left leg"), (0.0, 100.0)),
    (_stream("balance_side_unknown", None, "% of the power from one leg, side unknown"), (0.0, 100.0)),
    (_stream("pedal_power", None, "W", ("left", "right")), POWER_W),
    (_stream("accumulated_torque_wheel", None, "N·m, accumulated, wraps at 2048"), ANY),
    (_stream("accumulated_torque_crank", None, "N·m, accumulated, wraps at 2048"), ANY),
    (_events("wheel", 32), ANY),
    (_events("crank", 64), ANY),
    (_stream("extreme_force", Quantity.FORCE, "N", EXTREMES), FORCE_N),
    (_stream("extreme_torque", Quantity.TORQUE, "N·m", EXTREMES), TORQUE_NM),
    (_stream("extreme_angle", Quantity.ANGLE, "rad", EXTREMES), TURN),
    (_stream("top_dead_spot", Quantity.ANGLE, "rad"), TURN),
    (_stream("bottom_dead_spot", Quantity.ANGLE, "rad"), TURN),
    (_stream("accumulated_energy", None, "J, accumulated"), ANY),
    (_stream("first_angle", Quantity.ANGLE, "rad"), TURN),
    *((_stream(f"force_{way}", Quantity.FORCE, "N"), FORCE_N) for way in DIRECTIONS),
    *((_stream(f"torque_{way}", Quantity.TORQUE, "N·m"), TORQUE_NM) for way in DIRECTIONS),
)

STREAMS = tuple(stream for stream, _ in _TABLE)
TICK_S = {"wheel": WHEEL_TICK_S, "crank": CRANK_TICK_S}
LIMITS = {stream.name: limits for stream, limits in _TABLE}
