"""How well left and right share one time: the offset between the sides, its stated uncertainty, how it was found.

::

    one clock > on-board synchronisation > two-way exchange > tap > envelope > arrival        in order of trust

A difference in time between the sides may be claimed only if the uncertainty is below a third of it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from glutebal.errors import InputError
from glutebal.ingest.clock import ClockMap
from glutebal.ingest.taps import Tap
from glutebal.model import Bilateral, Samples, Side

CLAIM = 3  # a timing difference must exceed its uncertainty this many times
Maps = tuple[ClockMap, ...]


class Method(Enum):
    """How the sides were aligned, most trusted first."""

    ONE_CLOCK = "one clock"
    ON_BOARD = "on-board synchronisation"
    TWO_WAY = "two-way exchange"
    TAP = "tap"
    ENVELOPE = "envelope"
    ARRIVAL = "arrival"


WORDS = {
    Method.ONE_CLOCK: "both sides are sampled by one clock",
    Method.ON_BOARD: "the sensors synchronised each other",
    Method.TWO_WAY: "the clocks were compared by messages both ways",
    Method.TAP: "a shared tap or jump",
    Method.ENVELOPE: "the earliest arrivals",
    Method.ARRIVAL: "arrival times only, the sensors have no clock",
}


@dataclass(frozen=True)
class Alignment:
    """Left and right on one session time.

    Parameters
    ----------
    maps : Bilateral of tuple of ClockMap
        One map per segment and side, in time order; empty where both sides have one clock.
    method : Method
        What the offset rests on.
    offset_s : float
        How much later the right side's mapped times are than the left's for the same instant; it is taken out by
        `seconds`, half from each side. 0 where nothing measured it.
    stated_s : float
        Uncertainty of the tap or the synchronisation itself; that of the maps comes on top where it counts.
    at_s : float
        Session time of the tap; NaN without one.
    same_model : bool
        Whether both sensors are of one model: only then their fixed latencies cancel.
    """

    maps: Bilateral[Maps]
    method: Method
    offset_s: float = 0.0
    stated_s: float = 0.0
    at_s: float = math.nan
    same_model: bool = True

    @property
    def drift_ppm(self) -> float:
        """How much longer a tick of the right device takes than one of the left, in parts per million; NaN if unknown.

        From the segments with the most packets; positive: the right device's clock is slow beside the left's.
        """
        if not all(self.maps):
            return math.nan
        left, right = self.maps.map(lambda side: max(side, key=lambda m: m.packets))
        return 1e6 * ((right.tick_s / right.nominal_s) / (left.tick_s / left.nominal_s) - 1)

    @property
    def uncertainty_s(self) -> float:
        """Largest error of the time between the sides, in seconds; infinite when it is not established."""
        if self.method in {Method.ONE_CLOCK, Method.ON_BOARD, Method.TWO_WAY}:
            return self.stated_s
        if not all(self.maps) or not (self.same_model or self.method is Method.TAP):
            return math.inf
        if self.method is Method.TAP:
            return self.stated_s + max(self.maps.map(self._beyond_tap))
        return max(self.maps.map(lambda side: max(m.uncertainty_s for m in side)))

    def _beyond_tap(self, side: Maps) -> float:
        """What a tap leaves open: the wander of the segment it is in, and all that is uncertain of the others."""
        return max(m.wander_s if m.timed and m.start_s <= self.at_s <= m.stop_s else m.uncertainty_s for m in side)

    def within(self, start_s: float, stop_s: float) -> Alignment:
        """The alignment of a part of the session: only segments that reach into ``[start_s, stop_s)``."""
        kept = self.maps.map(lambda side: tuple(m for m in side if m.start_s < stop_s and start_s <= m.stop_s))
        return replace(self, maps=kept)

    def allows_timing(self, claimed_difference_s: float) -> bool:
        """Whether a difference in time between the sides may be claimed: it exceeds three times the uncertainty."""
        return CLAIM * self.uncertainty_s <= abs(claimed_difference_s)

    def seconds(self, side: Side, segment: int, ticks: ArrayLike) -> Samples:
        """Session times of unwrapped ticks of one side's segment, the offset taken out; same shape as ``ticks``."""
        share = 0.5 if side is Side.LEFT else -0.5
        return np.asarray(self.maps[side][segment].seconds(ticks) + share * self.offset_s, dtype=np.float64)

    def swapped(self) -> Alignment:
        """The mirror image: left for right, and the sign of the offset."""
        return replace(self, maps=self.maps.swapped(), offset_s=-self.offset_s)

    @property
    def sentence(self) -> str:
        """For people: how well the sides are aligned, by what, and what to do if they are not."""
        if not math.isfinite(self.uncertainty_s):
            return f"left and right: time alignment not established, {self._why_not()}; tap both sensors together"
        text = f"left and right: aligned within ±{_milliseconds(self.uncertainty_s)} ({WORDS[self.method]})"
        if self.method is Method.TAP:
            text += f", {_milliseconds(abs(self.offset_s))} taken out"
        if math.isfinite(self.drift_ppm) and self.method in {Method.TAP, Method.ENVELOPE}:
            text += f", clocks {abs(self.drift_ppm):.0f} ppm apart"
        return f"{text}; differences below {_milliseconds(CLAIM * self.uncertainty_s)} are not told"

    def _why_not(self) -> str:
        if not all(self.maps):
            return "one side sent nothing"
        if not self.same_model and self.method is not Method.TAP:
            return "two sensor models delay their samples differently"
        return "a connection was too short"

    def as_dict(self) -> dict[str, Any]:
        """Plain values for storage beside a recording; what is not finite is None."""
        return {
            "method": self.method.value,
            "offset_s": self.offset_s,
            "stated_s": self.stated_s if math.isfinite(self.stated_s) else None,
            "at_s": self.at_s if math.isfinite(self.at_s) else None,
            "same_model": self.same_model,
            **{side.value: [m.as_dict() for m in self.maps[side]] for side in Side},
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Alignment:
        """The alignment that `as_dict` stored.

        Raises
        ------
        InputError
            A field is missing or not what it should be.
        """
        try:
            return cls(
                Bilateral.per_side(lambda side: tuple(ClockMap.from_dict(m) for m in stored[side.value])),
                Method(stored["method"]),
                float(stored["offset_s"]),
                math.inf if stored["stated_s"] is None else float(stored["stated_s"]),
                math.nan if stored["at_s"] is None else float(stored["at_s"]),
                bool(stored["same_model"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise InputError("the fields of a stored alignment", repr(error), "alignment") from error


def one_clock() -> Alignment:
    """The alignment of a device that carries both sides: nothing to align, nothing uncertain."""
    return Alignment(Bilateral((), ()), Method.ONE_CLOCK)


def align(
    maps: Bilateral[Sequence[ClockMap]],
    *,
    on_board_s: float | None = None,
    two_way_s: float | None = None,
    tap: Tap | None = None,
    same_model: bool = True,
) -> Alignment:
    """Align two devices by the most trusted means there is.

    Parameters
    ----------
    maps : Bilateral of sequence of ClockMap
        The segments of each side, in time order.
    on_board_s, two_way_s : float, optional
        The sensors synchronised each other, or their clocks were compared by messages, this well.
    tap : Tap, optional
        An event that both sides felt; see `glutebal.ingest.taps.find_tap`.
    same_model : bool
        Whether both sensors are of one model. If not, only a tap (or better) can tell their latencies apart.

    Raises
    ------
    InputError
        A stated uncertainty is negative or not a number.
    """
    sides: Bilateral[Maps] = maps.map(tuple)
    for method, stated in ((Method.ON_BOARD, on_board_s), (Method.TWO_WAY, two_way_s)):
        if stated is not None:
            return Alignment(sides, method, stated_s=_stated(stated), same_model=same_model)
    if tap is not None:
        return Alignment(sides, Method.TAP, tap.offset_s, tap.uncertainty_s, tap.at_s, same_model)
    timed = all(m.timed for side in sides for m in side)
    return Alignment(sides, Method.ENVELOPE if timed else Method.ARRIVAL, same_model=same_model)


def _stated(uncertainty_s: float) -> float:
    if not uncertainty_s >= 0:
        raise InputError("an uncertainty of 0 s or more", f"{uncertainty_s} s", "alignment")
    return uncertainty_s


def _milliseconds(seconds: float) -> str:
    value = 1e3 * seconds
    return f"{value:.1f} ms" if value < 10 else f"{value:.0f} ms"
