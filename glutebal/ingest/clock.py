"""From device ticks to session time: the lower envelope of the arrivals, and how far to trust it.

A packet can be late, never early. Plotted over the device's own time, arrivals lie above the line "it took no time".
That line is the edge of the points' lower convex hull that spans their mean (Moon, Skelly & Towsley 1999)::

    arrival − device time
      │   ·      ·            ·  sent again
      │ ·   · ·    · ·  ·  ·     waited for the connection event
      │·_·____·__·_____·___·__   envelope: nothing waited here
      └───────────────────────── device time

A mean (least squares, recursive or not) carries half of each side's connection interval; the envelope does not.
One `Envelope` per segment: after a reconnection or a jump of the device's clock a new one begins.
"""

from __future__ import annotations

import math
from array import array
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from glutebal.errors import InputError
from glutebal.ingest.driver import Clock, Stream, Ticks
from glutebal.ingest.rhythm import Rhythm, rhythm_of
from glutebal.ingest.uncertainty import HOST_JITTER_S, Trust, trust_of
from glutebal.model import Samples

SHARPER_S = 1.5e-3  # a line under the events that is further from the one under the arrivals is not believed
KEPT = 2**15  # packets kept for the residuals; beyond, every second one is dropped
FEW = 20  # packets below which residuals say nothing
SHORT_S = 2.0  # device time below which the nominal rate is better than a fitted one
CRYSTALS = 2e-4  # relative: how far a device's and a host's crystal run apart at most
WILDEST = 0.05  # relative: a ceramic resonator, a sampling rate that is only nominal
LATE_S = 0.1  # what waits can pull a line by, from one end to the other
DRIFT = {Ticks.STAMP: CRYSTALS, Ticks.COUNT: WILDEST, Ticks.NONE: WILDEST}


def tick_seconds(clock: Clock, rate_hz: float) -> float:
    """Nominal seconds per tick: the clock's own, or one sample at the nominal rate.

    Raises
    ------
    InputError
        Neither is known.
    """
    tick_s = clock.tick_s or (1 / rate_hz if rate_hz > 0 else math.nan)
    if not (math.isfinite(tick_s) and tick_s > 0):
        raise InputError("a tick length or a nominal rate", f"tick {clock.tick_s} s, rate {rate_hz} Hz", "clock")
    return tick_s


@dataclass(frozen=True)
class ClockMap:
    """Device ticks of one segment → session seconds: a straight line.

    Parameters
    ----------
    origin : int
        A tick (unwrapped) of the segment.
    origin_s : float
        Its session time.
    tick_s : float
        Session seconds per tick, > 0.
    nominal_s : float
        Seconds per tick as the device states it.
    first, last : int
        First and last tick that the line was fitted to.
    packets : int
        Packets behind it.
    packet_s : float
        Median time from packet to packet.
    uncertainty_s : float
        How much later than the truth the line may be; stated from the residuals, infinite when unknown.
    wander_s : float
        How far the line may be off at one end: the largest of the smallest residuals of each quarter.
    spread_s : float
        90th percentile of the residuals: what arrival times alone would be worth.
    timed : bool
        Whether the device has a clock at all; False: its samples were merely counted.
    """

    origin: int
    origin_s: float
    tick_s: float
    nominal_s: float
    first: int
    last: int
    packets: int
    packet_s: float = math.nan
    uncertainty_s: float = math.inf
    wander_s: float = math.inf
    spread_s: float = math.inf
    timed: bool = True

    @property
    def drift_ppm(self) -> float:
        """How much longer a tick takes than the device says, in parts per million; positive: the device is slow."""
        return 1e6 * (self.tick_s / self.nominal_s - 1)

    @property
    def start_s(self) -> float:
        """Session time of the first tick."""
        return float(self.seconds([self.first])[0])

    @property
    def stop_s(self) -> float:
        """Session time of the last tick."""
        return float(self.seconds([self.last])[0])

    def seconds(self, ticks: ArrayLike) -> Samples:
        """Session times of unwrapped ticks; same shape."""
        return np.asarray(self.origin_s + (np.asarray(ticks) - self.origin) * self.tick_s, dtype=np.float64)

    def ticks(self, seconds: ArrayLike) -> Samples:
        """Unwrapped ticks at session times, not rounded; same shape."""
        return np.asarray(self.origin + (np.asarray(seconds) - self.origin_s) / self.tick_s, dtype=np.float64)

    def as_dict(self) -> dict[str, Any]:
        """Plain values for storage; what is not finite is None."""
        return {k: v if math.isfinite(v) else None for k, v in asdict(self).items()}

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> ClockMap:
        """The map that `as_dict` stored.

        Raises
        ------
        InputError
            A field is missing or unknown.
        """
        values: dict[str, Any] = {k: math.inf if v is None else v for k, v in stored.items()}
        if values.get("packet_s") == math.inf:
            values["packet_s"] = math.nan
        try:
            return cls(**values)
        except TypeError as error:
            raise InputError("the fields of a stored clock map", str(error), "alignment") from error


class Envelope:
    """The line under the arrivals of one segment, one packet at a time; the same whether fed live or from a log.

    Parameters
    ----------
    nominal_s : float
        Seconds per tick as the device states it.
    drift : float
        How far the true rate is expected to be from nominal, relative. A slope outside is brought to this limit if
        waits can explain it, and believed if they cannot.
    timed : bool
        Whether the device has a clock; False: its samples are merely counted as they come, and the map says so.
    """

    def __init__(self, nominal_s: float, drift: float = CRYSTALS, *, timed: bool = True) -> None:
        self.nominal_s, self.drift, self.timed = nominal_s, drift, timed
        self.packets = 0
        self._origin, self._origin_s = 0, 0.0
        self._newest = (0, 0.0)
        self._settled = 0
        self._sum_x = 0.0
        self._hull_x: list[float] = []
        self._hull_y: list[float] = []
        self._ticks: array[int] = array("q")
        self._arrivals = array("d")
        self._every = 1

    @classmethod
    def of(cls, stream: Stream) -> Envelope:
        """The envelope that suits a stream's clock.

        Raises
        ------
        InputError
            The stream has neither a tick length nor a nominal rate.
        """
        kind = stream.clock.kind
        return cls(tick_seconds(stream.clock, stream.rate_hz), DRIFT[kind], timed=kind is not Ticks.NONE)

    @property
    def origin(self) -> int:
        """The tick that `line` counts from."""
        return self._origin

    def observe(self, tick: int, arrival_s: float) -> None:
        """Take one packet: the tick of its last sample and its arrival on the session clock.

        A packet that is not newer than the newest is left out: it was late, which an envelope cannot use. Of several
        with one arrival only the last counts: the others were not ready at a time of their own.
        """
        if self.packets and tick <= self._newest[0]:
            return
        again = self.packets > 0 and arrival_s == self._newest[1]
        if self.packets and not again:
            self._settle(*self._newest)
        self.packets += not again
        if self.packets == 1:
            self._origin, self._origin_s = tick, arrival_s
        self._newest = (tick, arrival_s)

    def _settle(self, tick: int, arrival_s: float) -> None:
        x = (tick - self._origin) * self.nominal_s
        self._keep(tick, arrival_s)
        self._push(x, arrival_s - self._origin_s - x)
        self._sum_x += x
        self._settled += 1

    def _push(self, x: float, y: float) -> None:
        hx, hy = self._hull_x, self._hull_y
        while len(hx) > 1 and (hy[-1] - hy[-2]) * (x - hx[-1]) >= (y - hy[-1]) * (hx[-1] - hx[-2]):
            del hx[-1], hy[-1]
        hx.append(x)
        hy.append(y)

    def _keep(self, tick: int, arrival_s: float) -> None:
        if self._settled % self._every:
            return
        self._ticks.append(tick)
        self._arrivals.append(arrival_s)
        if len(self._ticks) >= KEPT:
            self._ticks, self._arrivals = self._ticks[::2], self._arrivals[::2]
            self._every *= 2

    def line(self) -> tuple[float, float]:
        """Session seconds of the first tick, and seconds per tick.

        Raises
        ------
        InputError
            No packet was observed.
        """
        if not self.packets:
            raise InputError("at least one packet to map ticks to time", "none", "clock")
        if not self._settled:
            return self._newest[1] - (self._newest[0] - self._origin) * self.nominal_s, self.nominal_s
        slope = self._slope()
        low = min(y - slope * x for x, y in zip(self._hull_x, self._hull_y, strict=True))
        return self._origin_s + low, (1 + slope) * self.nominal_s

    def _slope(self) -> float:
        """Slope of the hull's edge over the mean, inside the limits; 0 for a short segment."""
        hx, hy = self._hull_x, self._hull_y
        if len(hx) < 2 or hx[-1] - hx[0] < SHORT_S:
            return 0.0
        k = min(bisect_right(hx, self._sum_x / self._settled), len(hx) - 1)
        slope = (hy[k] - hy[k - 1]) / (hx[k] - hx[k - 1])
        limit = self.drift if abs(slope) <= self.drift + LATE_S / hx[-1] else WILDEST
        return min(max(slope, -limit), limit)

    def tick_at(self, seconds: float) -> float:
        """The tick that a sample taken at ``seconds`` would have, not rounded."""
        start_s, tick_s = self.line()
        return self._origin + (seconds - start_s) / tick_s

    def map(self) -> ClockMap:
        """The mapping as it stands, with its stated uncertainty."""
        ticks, arrivals = self._points()
        rhythm = rhythm_of(arrivals - self._origin_s)
        start_s, tick_s = self._sharper(ticks, arrivals, rhythm)
        ready = np.asarray(start_s + (ticks - self._origin) * tick_s, dtype=np.float64)
        packet_s = float(np.median(np.diff(ticks))) * tick_s if ticks.size > 1 else math.nan
        trust = (
            trust_of(ready - self._origin_s, arrivals - self._origin_s, packet_s, rhythm)
            if self.packets > FEW
            else Trust()
        )
        return ClockMap(
            origin=self._origin,
            origin_s=start_s,
            tick_s=tick_s,
            nominal_s=self.nominal_s,
            first=self._origin,
            last=self._newest[0],
            packets=self.packets,
            packet_s=packet_s,
            uncertainty_s=trust.uncertainty_s if self.timed else max(trust.spread_s, packet_s) + HOST_JITTER_S,
            wander_s=trust.wander_s,
            spread_s=trust.spread_s,
            timed=self.timed,
        )

    def _sharper(self, ticks: NDArray[np.int64], arrivals: Samples, rhythm: Rhythm | None) -> tuple[float, float]:
        """The line under the connection events, not the arrivals that the host delayed; if that is plausible."""
        plain = self.line()
        if rhythm is None or not rhythm.steady:
            return plain
        under = Envelope(self.nominal_s, self.drift)
        events = rhythm.events(arrivals - self._origin_s) + self._origin_s
        for tick, event in zip(ticks.tolist(), events.tolist(), strict=True):
            under.observe(tick, event)
        start_s, tick_s = under.line()
        span = int(ticks[-1] - ticks[0])
        moved = (start_s - plain[0], start_s - plain[0] + span * (tick_s - plain[1]))
        return (start_s, tick_s) if max(map(abs, moved)) <= SHARPER_S else plain

    def _points(self) -> tuple[NDArray[np.int64], Samples]:
        """Ticks and arrivals of the kept packets; the newest is not among them yet."""
        return np.array(self._ticks, dtype=np.int64), np.array(self._arrivals, dtype=np.float64)
