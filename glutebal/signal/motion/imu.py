"""An inertial sensor at a site of the body: angular rate and acceleration, joined into gap-free pieces.

::

    six tracks   x  y  z  (acceleration)   x  y  z  (angular rate)
                 └──────────── recorded by all six ───────────┘
    pieces       [start ........ stop)  hole > 50 ms  [start ....... stop)

A hole of at most 50 ms is bridged by a cubic that goes on as the signal went, and counted. In fast movements
(recordings of Laidig et al. 2021) a bridge of 50 ms every ten seconds adds 0.03° to a tilt error of 1.7°, a straight
line four times that; a straight line over 250 ms would turn the tilt by eight degrees.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from glutebal.errors import RateError, SignalError
from glutebal.model import Channel, Quantity, Recording, Samples, Side, Track

#: The longest hole that is bridged, in seconds.
LONGEST_HOLE_S = 0.05
#: Standard gravity, m/s².
GRAVITY = 9.80665
#: Over how long the slopes at both ends of a bridge are taken.
SLOPE_S = 0.01
AXES = ("x", "y", "z")
SENSED = (Quantity.ANGULAR_RATE, Quantity.ACCELERATION)


@dataclass(frozen=True, eq=False)
class ImuPiece:
    """A gap-free run of both triads, ``[start, stop)`` on the session clock.

    Parameters
    ----------
    start : int
        The first sample, at the sensor's own rate.
    gyr : ndarray, shape (n, 3)
        Angular rate about x, y, z of the sensor, rad/s.
    acc : ndarray, shape (n, 3)
        Specific force along x, y, z of the sensor, m/s².
    holes : int
        How many short holes were bridged.
    filled : int
        How many samples the bridges have.
    """

    start: int
    gyr: Samples
    acc: Samples
    holes: int = 0
    filled: int = 0

    def __post_init__(self) -> None:
        if self.gyr.shape != self.acc.shape or self.gyr.ndim != 2 or self.gyr.shape[1] != 3:
            raise SignalError(
                "angular rate and acceleration of one shape (n, 3)", f"{self.gyr.shape}, {self.acc.shape}"
            )
        for name in ("gyr", "acc"):
            values = np.array(getattr(self, name), dtype=np.float64, order="C")
            values.flags.writeable = False
            object.__setattr__(self, name, values)

    @property
    def n_samples(self) -> int:
        """How many samples there are, bridges included."""
        return len(self.gyr)

    @property
    def stop(self) -> int:
        """One past the last sample."""
        return self.start + self.n_samples


@dataclass(frozen=True, eq=False)
class Imu:
    """What one inertial sensor recorded.

    Parameters
    ----------
    site : str
        Segment: ``pelvis``, ``lumbar``, ``thigh``, ``shank``, ``foot`` ...
    side : Side or None
        ``None`` is the midline.
    rate_hz : float
        Samples per second of both triads.
    pieces : tuple of ImuPiece
        In time order; between them nothing was recorded for more than 50 ms.
    """

    site: str
    side: Side | None
    rate_hz: float
    pieces: tuple[ImuPiece, ...]

    @property
    def name(self) -> str:
        """For people: ``left thigh``, ``pelvis``."""
        return sensor_name(self.site, self.side)

    @property
    def start(self) -> int:
        """The first sample; 0 if there is none."""
        return self.pieces[0].start if self.pieces else 0

    @property
    def stop(self) -> int:
        """One past the last sample; 0 if there is none."""
        return self.pieces[-1].stop if self.pieces else 0

    @property
    def n_samples(self) -> int:
        """Samples that exist, bridges included, gaps not."""
        return sum(piece.n_samples for piece in self.pieces)


def sensor_name(site: str, side: Side | None) -> str:
    """For people: ``left thigh``; a midline sensor is only its site."""
    return f"{side.value} {site}" if side else site


def imus(recording: Recording) -> tuple[Imu, ...]:
    """Every inertial sensor of a recording, in the order of its channels.

    A place that has only an acceleration (EMG sensors often carry one) or only an angular rate is no inertial sensor
    and is left out.

    Raises
    ------
    SignalError
        Both quantities are there but an axis is missing or there twice; an acceleration that is not near gravity.
    RateError
        Acceleration and angular rate have different sampling rates.
    """
    places: dict[tuple[str, Side | None], list[Track]] = {}
    for track in recording.tracks:
        if track.channel.quantity in SENSED:
            places.setdefault((track.channel.site, track.channel.side), []).append(track)
    whole = {place: tracks for place, tracks in places.items() if len({t.channel.quantity for t in tracks}) == 2}
    return tuple(imu_of(tracks, recording.source) for tracks in whole.values())


def imu_of(tracks: Iterable[Track], where: str = "") -> Imu:
    """The sensor whose six tracks, in any order, these are; the errors are those of `imus`."""
    six = _six(list(tracks), where)
    channel, rate_hz = six[0].channel, _one_rate([track.channel for track in six], where)
    pieces = tuple(_pieces(six, rate_hz))
    name = sensor_name(channel.site, channel.side)
    _expect_gravity(pieces, name, where)
    return Imu(channel.site, channel.side, rate_hz, pieces)


def require_finite(samples: Samples, title: str, name: str, start: int, rate_hz: float) -> None:
    """Refuse samples, shape (n, 3), with a NaN or an infinity: one is enough to ruin an orientation without a word."""
    if np.isfinite(samples).all():
        return
    row, column = np.argwhere(~np.isfinite(samples))[0]
    channel = " ".join(part for part in (name, AXES[column], title) if part)
    raise SignalError(
        "finite samples",
        f"{samples[row, column]} at {(start + row) / rate_hz:.3f} s (sample {start + row})",
        channel,
        "end the run before it and start anew behind it; a Track turns it into a gap",
    )


def _six(tracks: list[Track], where: str) -> list[Track]:
    """Angular rate x, y, z, then acceleration x, y, z."""
    wanted = [(quantity, axis) for quantity in SENSED for axis in AXES]
    found: dict[tuple[Quantity, str], list[Track]] = {}
    for track in tracks:
        found.setdefault((track.channel.quantity, track.channel.axis.lower()), []).append(track)
    name = sensor_name(tracks[0].channel.site, tracks[0].channel.side)
    place = ": ".join(part for part in (where, name) if part)
    missing = [f"{q.title} {axis}" for q, axis in wanted if (q, axis) not in found]
    if missing:
        raise SignalError("angular rate and acceleration along x, y and z", f"no {', no '.join(missing)}", place)
    twice = [f"{q.title} {axis}" for q, axis in wanted if len(found[q, axis]) > 1]
    if twice:
        raise SignalError("one inertial sensor", f"two channels of {', '.join(twice)}", place, "map only one of them")
    return [found[key][0] for key in wanted]


def _one_rate(channels: list[Channel], where: str) -> float:
    rates = [channel.rate_hz for channel in channels]
    if max(rates) - min(rates) > 1e-4 * max(rates):
        slow, fast = (channels[rates.index(rate)] for rate in (min(rates), max(rates)))
        raise RateError(
            "one sampling rate for acceleration and angular rate",
            f"{slow.name} at {slow.rate_hz:g} Hz and {fast.name} at {fast.rate_hz:g} Hz",
            where,
            "set the sensor to one rate, or resample before reading",
        )
    return rates[0]


def _pieces(six: list[Track], rate_hz: float) -> Iterable[ImuPiece]:
    start, stop = max(t.start for t in six), min(t.stop for t in six)
    if stop <= start:
        return
    grid = np.stack([_on_grid(track, start, stop) for track in six], axis=1)
    missing = np.asarray(np.isnan(grid).any(axis=1), dtype=np.bool_)
    longest = bridged_at_most(rate_hz)
    bridged = [(a, b) for a, b in _runs(missing) if b - a <= longest and a > 0 and b < len(missing)]
    for a, b in bridged:
        missing[a:b] = False
    for a, b in _runs(~missing):
        inside = [(c - a, d - a) for c, d in bridged if a <= c < b]
        values = _bridged(grid[a:b], inside, rate_hz)
        yield ImuPiece(start + a, values[:, :3], values[:, 3:], len(inside), sum(d - c for c, d in inside))


def _on_grid(track: Track, start: int, stop: int) -> Samples:
    """The samples of ``[start, stop)``, NaN in the gaps."""
    return track.filled()[start - track.start : stop - track.start]


def _bridged(values: Samples, holes: list[tuple[int, int]], rate_hz: float) -> Samples:
    """NaN in the holes replaced by cubics that leave and arrive with the slopes of the last and next 10 ms."""
    out = values.copy()
    reach = slope_reach(rate_hz)
    for a, b in holes:
        filled = bridge(values[max(0, a - 1 - reach) : a], values[b : b + reach + 1], b - a)
        out[a:b] = np.where(np.isnan(values[a:b]), filled, values[a:b])
    return out


def bridged_at_most(rate_hz: float) -> int:
    """So many missing samples in a row are bridged."""
    return math.floor(LONGEST_HOLE_S * rate_hz + 1e-6)


def slope_reach(rate_hz: float) -> int:
    """Over how many steps the slope at either end of a bridge is taken."""
    return max(1, round(SLOPE_S * rate_hz))


def bridge(ahead: Samples, behind: Samples, n: int) -> Samples:
    """The ``n`` rows between `slope_reach` + 1 rows on either side, shape (k, 6); straight without a slope."""
    straight = (behind[0] - ahead[-1]) / (n + 1)
    return _cubic(ahead[-1], _slope(ahead, straight), behind[0], _slope(behind, straight), n)


def _slope(rows: Samples, otherwise: Samples) -> Samples:
    """Per sample, from the first row to the last; ``otherwise`` where one is missing or there is only one."""
    if len(rows) < 2:
        return otherwise
    slope = (rows[-1] - rows[0]) / (len(rows) - 1)
    return np.where(np.isfinite(slope), slope, otherwise)


def _cubic(first: Samples, leaving: Samples, last: Samples, arriving: Samples, n: int) -> Samples:
    """The ``n`` rows between two, with given slopes (per sample) at both ends: a Hermite cubic."""
    t = (np.arange(1, n + 1) / (n + 1))[:, None]
    straight = (1 - t) ** 2 * (1 + 2 * t) * first + t**2 * (3 - 2 * t) * last
    bent: Samples = straight + (n + 1) * t * (1 - t) * ((1 - t) * leaving - t * arriving)
    return bent


def _runs(flags: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """The ``[start, stop)`` of every run of True."""
    padded = np.concatenate([[False], flags, [False]])
    edges = np.flatnonzero(padded[1:] != padded[:-1]).reshape(-1, 2)
    return [(int(a), int(b)) for a, b in edges]


def _expect_gravity(pieces: tuple[ImuPiece, ...], name: str, where: str) -> None:
    """Refuse an acceleration in g, or one without gravity, before it becomes a wrong orientation."""
    if not pieces:
        return
    # the lower quartile: the shank of a runner is above 2 g half of the time
    sizes = np.concatenate([np.linalg.norm(piece.acc, axis=1) for piece in pieces])
    typical = float(np.quantile(sizes, 0.25))
    if not 0.5 * GRAVITY < typical < 2 * GRAVITY:
        raise SignalError(
            f"an acceleration near gravity ({GRAVITY:.2f} m/s²) most of the time",
            f"{typical:.3g} m/s² in its quieter quarter",
            ": ".join(part for part in (where, name) if part),
            "check the unit (g or m/s²), and that gravity was not removed by the sensor",
        )
