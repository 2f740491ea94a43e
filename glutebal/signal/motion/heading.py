"""The relative heading of two segments without a magnetometer: known at some postures, carried between them.

::

    measured     m(i) = δ(i) + h(posture of i) + scatter      δ: offset of the two filters' headings, to be taken out
    drift        δ(i+1) − δ(i) = Σ b·∫up dt + ∫c dt           h: what the posture really has; 0 in the calibration pose
                 c(i+1) − c(i) ~ wander of the gyroscopes     b: both gyroscopes' errors, along their own axes

In the static pose of the calibration the medio-lateral axes are parallel. At the start of every repetition of a set the
body is in one posture; which relative heading that posture has (feet turned out, say) is not assumed but carried over
from the static pose as well as the drift allows. One weighted least squares over all of them gives the offsets and how
sure they are; a piece after a hole, whose heading is new, is tied to the rest by the postures that it shares with it.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from glutebal.model import Samples
from glutebal.results import Rep
from glutebal.signal.motion import rotations
from glutebal.signal.motion.attitude import REST_SIGMA_RAD_S, WANDER_RAD_S, WANDER_S
from glutebal.signal.motion.calibration import Span
from glutebal.signal.motion.segments import Body, SegmentPiece

#: How well a person comes back to one posture: standing as in the calibration, and before each rep.
NEUTRAL_SD_DEG = 1.5
POSTURE_SD_DEG = 2.0
#: What a start posture may have by itself (feet turned out) where no static pose was recorded in the same piece.
UNKNOWN_POSTURE_SD_DEG = 15.0
#: Before the first sample of a rep, the posture it starts from.
BEFORE_REP_S = 0.3
NEUTRAL = "neutral"
#: Noise of the angular rate and what tilt errors make of it, as heading.
NOISE_DEG_SQRT_S = 0.1
#: Standing upright between the movements of a calibration: so near to the static pose, so long, cut into such parts.
NEUTRAL_TILT_DEG = 5.0
LEAST_NEUTRAL_S = 0.25
NEUTRAL_PART_S = 1.5


@dataclass(frozen=True)
class Reset:
    """A moment in a known posture.

    Parameters
    ----------
    start_s, stop_s : float
        On the session clock.
    posture : hashable
        `NEUTRAL`: the static pose of the calibration. Anything else: a posture that is the same wherever it is named.
    """

    start_s: float
    stop_s: float
    posture: Hashable = NEUTRAL


@dataclass(frozen=True, eq=False)
class RelativeHeading:
    """What to take out of the distal segment's heading over one piece: ``offset_deg``, ``sd_deg``, shape (n,)."""

    offset_deg: Samples
    sd_deg: Samples

    def corrected(self, distal: Samples) -> Samples:
        """The distal quaternions in the proximal segment's world."""
        return rotations.multiply(rotations.about_z(-np.deg2rad(self.offset_deg)), distal)


def resets(reps: Iterable[Rep], static: Span | None = None) -> tuple[Reset, ...]:
    """The static pose, if this recording has it, and the moment before every rep: one posture per set and side."""
    before = (Reset(max(rep.start_s - BEFORE_REP_S, 0.0), rep.start_s, (rep.set_index, rep.side)) for rep in reps)
    return (*(() if static is None else (Reset(static.start_s, static.stop_s),)), *before)


def neutral_moments(body: Body, start_s: float, stop_s: float) -> tuple[Reset, ...]:
    """Every return to the static pose between ``start_s`` and ``stop_s``: all segments upright to 5° for 0.25 s.

    Meant for the time of the calibration, static pose and movements: later a person stands as the exercise asks.
    """
    first, last = round(start_s * body.rate_hz), round(stop_s * body.rate_hz)
    least, part = (round(seconds * body.rate_hz) for seconds in (LEAST_NEUTRAL_S, NEUTRAL_PART_S))
    found: list[Reset] = []
    for pieces in body.together(*body.segments):
        origin = pieces[0].start
        upright = np.all(
            [rotations.up(p.quats)[:, 2] > math.cos(math.radians(NEUTRAL_TILT_DEG)) for p in pieces], axis=0
        )
        at = np.arange(origin, pieces[0].stop)
        flags = np.concatenate([[False], upright & (at >= first) & (at < last), [False]])
        for a, b in np.flatnonzero(flags[1:] != flags[:-1]).reshape(-1, 2):
            if b - a >= least:
                edges = (origin + np.linspace(a, b, max(1, round((b - a) / part)) + 1)) / body.rate_hz
                found += [Reset(*both) for both in pairwise(float(edge) for edge in edges)]
    return tuple(found)


def known_postures(body: Body, reps: Iterable[Rep], calibrated: Span | None = None) -> tuple[Reset, ...]:
    """All that is known of relative headings in a recording: what `hip`, `knee` and `lateral_shift` ask for.

    Parameters
    ----------
    body : Body
        The recording's segments.
    reps : iterable of Rep
        Its reps; the body is in one posture before every rep of a set and side.
    calibrated : Span or None
        From the static pose to the last movement of the calibration (a `CalibrationSpans` is one), if this recording
        has them; None: the relative heading of the start posture is only guessed, to 15°.
    """
    neutral = () if calibrated is None else neutral_moments(body, calibrated.start_s, calibrated.stop_s)
    return (*neutral, *resets(reps))


def relative_heading(
    pairs: Sequence[tuple[SegmentPiece, SegmentPiece]], rate_hz: float, known: Sequence[Reset]
) -> tuple[RelativeHeading, ...]:
    """The relative heading of (proximal, distal), one result per pair of pieces.

    Without any reset inside a piece, the mean over it is taken for parallel axes, with `UNKNOWN_POSTURE_SD_DEG`.
    """
    moments = [_moments(pair, rate_hz, known) for pair in pairs]
    turned = [_turned_s(pair, rate_hz) for pair in pairs]
    network = _Network(moments, turned, _bias_sd_deg_s(pairs), rate_hz)
    return tuple(
        _between_moments(rows, network.offsets(i), turned[i], rate_hz) if rows else _guessed(pair, turned[i], network)
        for i, (pair, rows) in enumerate(zip(pairs, moments, strict=True))
    )


@dataclass(frozen=True)
class _Moment:
    """One reset as one pair of pieces saw it; ``at`` counts samples of the piece."""

    at: float
    heading_deg: float
    posture: Hashable


def _moments(pair: tuple[SegmentPiece, SegmentPiece], rate_hz: float, known: Sequence[Reset]) -> list[_Moment]:
    found = []
    for reset in known:
        start, stop = round(reset.start_s * rate_hz) - pair[0].start, round(reset.stop_s * rate_hz) - pair[0].start
        start, stop = max(start, 0), min(max(stop, start + 1), len(pair[0].quats))
        if stop > start:
            heading = _heading_deg(pair, slice(start, stop))
            found.append(_Moment(0.5 * (start + stop - 1), heading, reset.posture))
    return sorted(found, key=lambda moment: moment.at)


def _heading_deg(pair: tuple[SegmentPiece, SegmentPiece], part: slice) -> float:
    """The circular mean of the heading of the distal against the proximal segment."""
    proximal, distal = (piece.quats[part] for piece in pair)
    angle = np.deg2rad(rotations.heading_deg(rotations.multiply(distal, rotations.conjugate(proximal))))
    return math.degrees(math.atan2(float(np.sin(angle).mean()), float(np.cos(angle).mean())))


def _turned_s(pair: tuple[SegmentPiece, SegmentPiece], rate_hz: float) -> Samples:
    """What an error of one unit about each axis (proximal x, y, z, distal x, y, z) does to δ, shape (n, 6), in s."""
    proximal, distal = (np.cumsum(rotations.up(piece.quats), axis=0) / rate_hz for piece in pair)
    return np.concatenate([-proximal, distal], axis=1)


def _bias_sd_deg_s(pairs: Sequence[tuple[SegmentPiece, SegmentPiece]]) -> Samples:
    """How well the six errors are known beforehand, shape (6,)."""
    every = [[*proximal.bias_sd_deg_s, *distal.bias_sd_deg_s] for proximal, distal in pairs]
    return np.maximum(np.median(np.array(every), axis=0), 1e-3) if every else np.ones(6)


class _Network:
    """One least squares: δ and its residual rate c at every moment, h of every posture, six errors b."""

    def __init__(
        self, moments: Sequence[Sequence[_Moment]], turned: Sequence[Samples], bias_sd: Samples, rate_hz: float
    ) -> None:
        every = [moment for rows in moments for moment in rows]
        postures = list(dict.fromkeys(m.posture for m in every if m.posture != NEUTRAL))
        self._first = np.concatenate([[0], np.cumsum([len(rows) for rows in moments])]).astype(int)
        self._count = len(every)
        self._n = 2 * len(every) + len(postures) + len(bias_sd)
        self._rows: list[Samples] = []
        self._right: list[float] = []
        self.bias_sd = bias_sd
        for i, (moment, seen) in enumerate(zip(every, _unwrapped(moments), strict=True)):
            own = {} if moment.posture == NEUTRAL else {2 * len(every) + postures.index(moment.posture): 1.0}
            self._add({i: 1.0, **own}, seen, POSTURE_SD_DEG if own else NEUTRAL_SD_DEG)
        for j in range(len(postures)):
            self._add({2 * len(every) + j: 1.0}, 0.0, UNKNOWN_POSTURE_SD_DEG)
        for k, sd in enumerate(bias_sd, start=self._n - len(bias_sd)):
            self._add({k: 1.0}, 0.0, float(sd))
        self._add_drift(moments, turned, rate_hz)
        self._value, self._covariance = self._solved()

    def _add_drift(self, moments: Sequence[Sequence[_Moment]], turned: Sequence[Samples], rate_hz: float) -> None:
        own = range(self._n - len(self.bias_sd), self._n)
        for rows, first, share in zip(moments, self._first, turned, strict=False):
            if rows:
                self._add({self._count + int(first): 1.0}, 0.0, _rate_sd_deg_s(rows[0].at / rate_hz))
            for k, (before, after) in enumerate(pairwise(rows), start=int(first)):
                seconds = (after.at - before.at) / rate_hz
                grown = share[round(after.at)] - share[round(before.at)]
                rate = self._count + k
                step = {k: -1.0, k + 1: 1.0, rate: -seconds / 2, rate + 1: -seconds / 2}
                step |= {column: -float(g) for column, g in zip(own, grown, strict=True)}
                self._add(step, 0.0, max(NOISE_DEG_SQRT_S * math.sqrt(seconds), 1e-3))
                self._add({rate: -1.0, rate + 1: 1.0}, 0.0, max(_rate_walk_deg_s(seconds), 1e-6))

    def _add(self, entries: dict[int, float], right: float, sd: float) -> None:
        row = np.zeros(self._n)
        for column, factor in entries.items():
            row[column] = factor / sd
        self._rows.append(row)
        self._right.append(right / sd)

    def _solved(self) -> tuple[Samples, Samples]:
        matrix = np.stack(self._rows)
        inverse = np.linalg.inv(matrix.T @ matrix)
        return np.asarray(inverse @ (matrix.T @ np.asarray(self._right))), np.asarray(inverse)

    def offsets(self, piece: int) -> _Offsets:
        """δ at the moments of one piece and b, with what is known of both."""
        part, own = slice(self._first[piece], self._first[piece + 1]), slice(self._n - len(self.bias_sd), self._n)
        sd = np.sqrt(np.diag(self._covariance)[part])
        return _Offsets(self._value[part], sd, self._value[own], self._covariance[own, own])


@dataclass(frozen=True, eq=False)
class _Offsets:
    """Degrees, and degrees per second."""

    value_deg: Samples
    sd_deg: Samples
    bias_deg_s: Samples
    bias_covariance: Samples


def _rate_walk_deg_s(seconds: float) -> float:
    """How much the difference of two gyroscopes' errors changes in a time."""
    return math.degrees(WANDER_RAD_S) * math.sqrt(2 * seconds / WANDER_S)


def _rate_sd_deg_s(seconds: float) -> float:
    """What is left of two errors that were measured at rest, so long after the start of a piece."""
    return math.hypot(math.sqrt(2) * math.degrees(REST_SIGMA_RAD_S), _rate_walk_deg_s(seconds))


def _wander_deg(seconds: Samples) -> Samples:
    """How far two headings may part in a time beyond their mean drift: two gyroscopes that have been at rest once."""
    once = np.rad2deg(np.hypot(REST_SIGMA_RAD_S, WANDER_RAD_S * np.sqrt(np.asarray(seconds) / WANDER_S)))
    return np.asarray(math.sqrt(2) * once * seconds)


def _unwrapped(moments: Sequence[Sequence[_Moment]]) -> list[float]:
    """The measured headings, unwrapped along every piece, so that the sum of angles is an ordinary sum."""
    columns = [np.unwrap([moment.heading_deg for moment in rows], period=360.0) for rows in moments if rows]
    return [float(value) for column in columns for value in column]


def _between_moments(rows: Sequence[_Moment], known: _Offsets, turned: Samples, rate_hz: float) -> RelativeHeading:
    """The drift that the errors b make, straight lines for what they leave at the moments; less sure further away."""
    at = np.array([moment.at for moment in rows])
    now = np.arange(len(turned), dtype=np.float64)
    drift = turned @ known.bias_deg_s
    left = known.value_deg - np.interp(at, now, drift)
    sd = np.interp(now, at, known.sd_deg)
    nearest = np.rint(at[np.searchsorted(0.5 * (at[1:] + at[:-1]), now)]).astype(int)
    since = turned - turned[nearest]
    grown = np.sqrt(np.maximum(np.einsum("ij,jk,ik->i", since, known.bias_covariance, since), 0.0))
    grown = np.where((now >= at[0]) & (now <= at[-1]), 0.0, grown)
    free = np.hypot(grown, _wander_deg(np.abs(now - nearest) / rate_hz))
    return RelativeHeading(drift + np.interp(now, at, left), np.hypot(sd, free))


def _guessed(pair: tuple[SegmentPiece, SegmentPiece], turned: Samples, network: _Network) -> RelativeHeading:
    """No known posture: the axes are parallel in the mean over the piece, as far as anybody can tell."""
    n = len(turned)
    drift = np.sqrt(np.sum(((turned - turned[n // 2]) * network.bias_sd) ** 2, axis=1))
    return RelativeHeading(np.full(n, _heading_deg(pair, slice(0, n))), np.hypot(UNKNOWN_POSTURE_SD_DEG, drift))
