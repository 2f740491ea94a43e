r"""Standing on one hip: how much of the quiet standing is done on one leg more than on the other.

::

    right share of the load   ───50 %───╱¯¯¯¯¯¯¯ 72 % ¯¯¯¯¯¯¯╲───52 %──── walking ────48 %───
                              both legs │   on the right leg  │           not quiet
                                        |──── at least 3 s ───|

Two scales, plates or insoles weigh it. A pelvis sensor sees it as obliquity: the hip of the loaded leg stands higher.
The comparison is with the person's own neutral standing, never with the horizontal, because nobody puts a sensor on
straight. What is beyond the threshold is described; that people stand like this for a while is common.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from glutebal.errors import InputError
from glutebal.model import Bilateral, Samples, Side, Track, require_same_rate
from glutebal.results import Estimate, Status
from glutebal.signal.bursts import runs
from glutebal.signal.motion.imu import GRAVITY, Imu, ImuPiece

NO_INTERVAL = "time counted in this recording; it has no sampling error, and says nothing of other days"


@dataclass(frozen=True)
class StanceSettings:
    """What is quiet standing, and when it is on one leg.

    Parameters
    ----------
    right_share : float
        Of the load: at ``right_share`` or more the right leg, at 1 − ``right_share`` or less the left leg carries more.
        0.6 is d = 20.
    obliquity_deg : float
        Of the pelvis against its own neutral. 5° is the smallest difference that one pelvis sensor can be trusted with.
    least_s : float
        A shorter stretch on one leg is a shift of weight, not a stance.
    quiet_s : float
        Quiet standing lasts at least this long.
    quiet_load : float
        Quiet: in one second neither leg's load varies (standard deviation) by more than this share of the weight.
    quiet_dps : float
        Quiet: the pelvis turns by less than this (root mean square of one second, °/s).
    upright_deg : float
        Standing, not sitting or lying: the pelvis sensor is within this angle of its neutral.
    """

    right_share: float = 0.6
    obliquity_deg: float = 5.0
    least_s: float = 3.0
    quiet_s: float = 3.0
    quiet_load: float = 0.05
    quiet_dps: float = 6.0
    upright_deg: float = 20.0


@dataclass(frozen=True)
class StanceBout:
    """A stretch of quiet standing, ``[start_s, stop_s)``: on which leg (None: both), and how far from the middle.

    ``mean`` is the right side's share of the load (0 to 1), or the obliquity in degrees (+ right side higher).
    """

    start_s: float
    stop_s: float
    side: Side | None
    mean: float

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.stop_s - self.start_s


@dataclass(frozen=True)
class DailyStance:
    """How the quiet standing of a recording was shared between the legs.

    Parameters
    ----------
    standing_s : float
        Quiet standing in all.
    share : Bilateral of Estimate
        Per cent of it on that leg; ``n`` counts bouts.
    bouts : tuple of StanceBout
        All of it in time order.
    threshold : str
        In words, with its unit.
    method : str
        What it was seen with.
    """

    standing_s: float
    share: Bilateral[Estimate]
    bouts: tuple[StanceBout, ...]
    threshold: str
    method: str

    @property
    def asymmetric(self) -> Estimate:
        """Per cent of quiet standing on either leg."""
        if not self.share.left.status.has_value:
            return self.share.left
        n = self.share.left.n + self.share.right.n
        return replace(self.share.left, value=self.share.left.value + self.share.right.value, n=n)


def stance_of_loads(force: Bilateral[Track], settings: StanceSettings | None = None) -> DailyStance:
    """Daily stance from the vertical force under each foot.

    Parameters
    ----------
    force : Bilateral of Track
        Two scales, plates or insoles, upwards positive, tared, any unit that both share.
    settings : StanceSettings, optional
        Thresholds.

    Raises
    ------
    RateError
        Two sampling rates.
    InputError
        A share outside (0.5, 1).
    """
    settings = _checked(settings)
    pair = require_same_rate(force)
    rate, start = pair.left.channel.rate_hz, min(t.start for t in pair)
    stop = max(t.stop for t in pair)
    loads = pair.map(lambda track: _spread_out(track, start, stop))
    total = loads.left + loads.right
    weight = float(np.nanquantile(total, 0.5)) if np.isfinite(total).any() else 0.0
    if weight <= 0:
        return _nothing(settings, "no load", _load_threshold(settings))
    still = [_scatter(load, rate) <= settings.quiet_load * weight for load in loads]
    smooth = loads.map(lambda load: _mean(load, rate))
    whole = smooth.left + smooth.right
    quiet = still[0] & still[1] & (np.abs(whole - weight) < 0.15 * weight)
    share = np.divide(smooth.right, whole, out=np.full(whole.size, np.nan), where=whole > 0)
    edges = (1 - settings.right_share, settings.right_share)
    return _told(share, quiet, edges, start / rate, rate, settings, _load_threshold(settings), "load under each foot")


def stance_of_pelvis(
    imu: Imu, mount: ArrayLike, neutral_s: tuple[float, float], settings: StanceSettings | None = None
) -> DailyStance:
    """Daily stance from the obliquity of a pelvis sensor against its own neutral.

    Parameters
    ----------
    imu : Imu
        Pelvis or lumbar sensor.
    mount : array_like, shape (3, 3)
        Sensor to segment axes (x anterior, y left, z up), as a calibration gives it; good to some 10°: what counts is
        the change from neutral.
    neutral_s : (float, float)
        When the person stood on both legs, s on the session clock.
    settings : StanceSettings, optional
        Thresholds.

    Raises
    ------
    InputError
        Nothing was recorded in the neutral span.
    """
    settings = _checked(settings)
    turn = np.asarray(mount, dtype=np.float64)
    up = _up_of(imu, turn, neutral_s)
    angle = f"obliquity of {settings.obliquity_deg:g}° or more against own neutral for {settings.least_s:g} s or longer"
    parts = [_of_piece(piece, imu.rate_hz, turn, up, settings, angle) for piece in imu.pieces]
    bouts = tuple(bout for part in parts for bout in part.bouts)
    return _counted(bouts, settings, angle, "obliquity of the pelvis against own neutral standing")


def _checked(settings: StanceSettings | None) -> StanceSettings:
    settings = settings or StanceSettings()
    if not 0.5 < settings.right_share < 1:
        raise InputError("a share of the load between 0.5 and 1", f"{settings.right_share:g}", "StanceSettings")
    return settings


def _load_threshold(settings: StanceSettings) -> str:
    return f"{settings.right_share:.0%} of the load or more on one leg for {settings.least_s:g} s or longer"


def _spread_out(track: Track, start: int, stop: int) -> Samples:
    out = np.full(stop - start, np.nan)
    out[track.start - start : track.stop - start] = track.filled()
    return out


def _mean(values: Samples, rate_hz: float) -> Samples:
    """Centred mean of one second; NaN wherever a sample is missing in it."""
    width = max(1, round(rate_hz))
    padded = np.pad(values, (width // 2, width - 1 - width // 2), mode="edge")
    bad = np.cumsum(np.concatenate([[0.0], ~np.isfinite(padded)]))
    total = np.cumsum(np.concatenate([[0.0], np.nan_to_num(padded)]))
    out = (total[width:] - total[:-width]) / width
    return np.where(bad[width:] - bad[:-width] > 0, np.nan, out)


def _scatter(values: Samples, rate_hz: float) -> Samples:
    """Standard deviation of one second."""
    level = np.nanmedian(values) if np.isfinite(values).any() else 0.0
    centred = values - level
    return np.asarray(np.sqrt(np.maximum(_mean(centred**2, rate_hz) - _mean(centred, rate_hz) ** 2, 0.0)))


def _up_of(imu: Imu, turn: Samples, span_s: tuple[float, float]) -> Samples:
    a, b = (round(t * imu.rate_hz) for t in span_s)
    inside = [piece.acc[max(0, a - piece.start) : max(0, b - piece.start)] for piece in imu.pieces]
    acc = np.concatenate([np.empty((0, 3)), *inside])
    if len(acc) == 0:
        raise InputError(
            "a recorded stretch of neutral standing", f"nothing from {span_s[0]:g} to {span_s[1]:g} s", imu.name
        )
    mean = turn @ acc.mean(axis=0)
    return np.asarray(mean / np.linalg.norm(mean))


def obliquity_deg(up: Samples) -> Samples:
    """Frontal tilt from the vertical in segment axes, shape (n, 3) -> (n,): + right side higher, in degrees."""
    return np.asarray(-np.rad2deg(np.arctan2(up[..., 1], np.hypot(up[..., 0], up[..., 2]))))


def _of_piece(
    piece: ImuPiece, rate_hz: float, turn: Samples, neutral: Samples, settings: StanceSettings, threshold: str
) -> DailyStance:
    force = np.stack([_mean(axis, rate_hz) for axis in (piece.acc @ turn.T).T], axis=1)
    length = np.linalg.norm(force, axis=1)
    up = force / length[:, None]
    rate = np.sqrt(_mean(np.sum((piece.gyr - np.median(piece.gyr, axis=0)) ** 2, axis=1), rate_hz))
    lean = np.rad2deg(np.arccos(np.clip(up @ neutral, -1, 1)))
    quiet = (np.rad2deg(rate) < settings.quiet_dps) & (np.abs(length - GRAVITY) < 1.0) & (lean < settings.upright_deg)
    tilt = obliquity_deg(up) - float(obliquity_deg(neutral))
    edges = (-settings.obliquity_deg, settings.obliquity_deg)
    return _told(tilt, quiet, edges, piece.start / rate_hz, rate_hz, settings, threshold, "")


def _told(
    values: Samples,
    quiet: NDArray[np.bool_],
    edges: tuple[float, float],
    start_s: float,
    rate_hz: float,
    settings: StanceSettings,
    threshold: str,
    method: str,
) -> DailyStance:
    long = [(a, b) for a, b in runs(quiet & np.isfinite(values)) if b - a >= settings.quiet_s * rate_hz]
    bouts = [bout for a, b in long for bout in _bouts(values[a:b], edges, start_s + a / rate_hz, rate_hz, settings)]
    return _counted(tuple(bouts), settings, threshold, method)


def _bouts(
    values: Samples, edges: tuple[float, float], start_s: float, rate_hz: float, settings: StanceSettings
) -> list[StanceBout]:
    """A stretch of quiet standing cut where the weight goes to one leg and comes back."""
    where = np.zeros(values.size, dtype=np.int64)
    for sign, beyond in ((-1, values <= edges[0]), (1, values >= edges[1])):
        for a, b in runs(beyond):
            where[a:b] = sign if b - a >= settings.least_s * rate_hz else 0
    cuts = [0, *(np.flatnonzero(np.diff(where)) + 1).tolist(), values.size]
    sides = {-1: Side.LEFT, 0: None, 1: Side.RIGHT}
    return [
        StanceBout(start_s + a / rate_hz, start_s + b / rate_hz, sides[int(where[a])], float(values[a:b].mean()))
        for a, b in pairwise(cuts)
    ]


def _counted(bouts: Sequence[StanceBout], settings: StanceSettings, threshold: str, method: str) -> DailyStance:
    standing = float(sum(bout.duration_s for bout in bouts))
    if standing <= 0:
        return _nothing(settings, "no quiet standing was seen", threshold, method)

    def share(side: Side) -> Estimate:
        own = [bout.duration_s for bout in bouts if bout.side is side]
        return Estimate(100 * float(sum(own)) / standing, n=len(own), method=NO_INTERVAL)

    return DailyStance(standing, Bilateral.per_side(share), tuple(bouts), threshold, method)


def _nothing(settings: StanceSettings, reason: str, threshold: str, method: str = "") -> DailyStance:
    why = f"{reason} (at least {settings.quiet_s:g} s of it are needed)"
    none = Estimate.none(Status.REFUSED, why)
    return DailyStance(0.0, Bilateral(none, none), (), threshold, method)
