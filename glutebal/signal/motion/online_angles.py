"""The angles of hips, knees and pelvis, and the lateral shift, of all sensors at once: one array in, one array out.

The formulas are those of `glutebal.signal.motion.angles`, `pelvis` and `shift`; the relative headings are those that
are known so far (`OnlineHeading`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from glutebal.model import Samples, Side
from glutebal.results import Grade
from glutebal.signal.motion import rotations
from glutebal.signal.motion.angles import signed, spread_deg
from glutebal.signal.motion.calibration import Calibration
from glutebal.signal.motion.calibration_checks import Place
from glutebal.signal.motion.online_heading import OnlineHeading
from glutebal.signal.motion.orientation import TILT_SD_DEG
from glutebal.signal.motion.pelvis import SOFT_TISSUE_SD_DEG
from glutebal.signal.motion.segments import PELVIS, lateral_tilt_deg, sagittal_tilt_deg
from glutebal.signal.motion.shift import FRONTAL_TILT_SD_DEG, LegLengths, along, rightwards

#: Joint, its proximal and its distal segment of one side.
JOINTS = (("hip", None, "thigh"), ("knee", "thigh", "shank"))
AXES = ("flexion", "abduction", "rotation")
#: Standard deviations change slowly: computed once in so many frames.
SPREAD_EVERY = 10


@dataclass(frozen=True)
class AngleName:
    """What a column is: ``hip`` ``flexion`` of the left in ``deg``; ``pelvis`` ``shift`` in ``m`` with side None."""

    joint: str
    axis: str
    side: Side | None
    unit: str = "deg"


@dataclass(frozen=True, eq=False)
class AngleRows:
    """Angles of consecutive samples.

    Parameters
    ----------
    start : int
        The first sample on the session clock.
    rate_hz : float
        Samples per second.
    names : tuple of AngleName
        The columns.
    values : ndarray, shape (n, columns)
        In the unit of the name; NaN: not known (no settled tilt, no relative heading yet, nothing recorded).
    sd : ndarray, shape (columns,)
        Standard deviation, half a second old at most.
    """

    start: int
    rate_hz: float
    names: tuple[AngleName, ...]
    values: Samples
    sd: Samples

    def last(self) -> dict[AngleName, float]:
        """The newest value of every column; empty without a sample."""
        return dict(zip(self.names, self.values[-1].tolist(), strict=True)) if len(self.values) else {}


@dataclass(frozen=True)
class _Joint:
    """``proximal`` and ``distal`` are rows of the segments."""

    name: str
    side: Side
    proximal: int
    distal: int


class OnlineAngles:
    """The calibrated segments of the sensors at ``places``, in their order, and what can be told of them.

    Parameters
    ----------
    places : sequence of (site, side)
        Of the sensors whose quaternions come in.
    calibration : Calibration
        Sensors without one, or with a bad one, are left out.
    rate_hz : float
        Of all of them.
    lengths : LegLengths, optional
        For the lateral shift; None: those of a person of 1.72 m.
    """

    def __init__(
        self, places: Sequence[Place], calibration: Calibration, rate_hz: float, lengths: LegLengths | None = None
    ) -> None:
        good = {(s.site, s.side): s for s in calibration.segments if all(f.grade is not Grade.BAD for f in s.findings)}
        known = [place for place in places if place in good]
        self.rate_hz, self.lengths = rate_hz, lengths or LegLengths.of_height()
        self._rows = [list(places).index(place) for place in known]
        mounts = np.array([good[place].matrix for place in known]).reshape(-1, 3, 3)
        self._mounts = rotations.conjugate(rotations.of_matrices(mounts))[:, None] if known else np.empty((0, 1, 4))
        self._axis_sd = np.nan_to_num([good[place].axis_sd_deg for place in known])
        self._joints = list(_joints(known))
        self._pelvis = known.index(PELVIS) if PELVIS in known else None
        self._has_shift = len(self._joints) == 2 * len(JOINTS)
        self.names = tuple(self._named())
        self.heading = OnlineHeading([(j.proximal, j.distal) for j in self._joints], rate_hz)
        self._sd, self._frames = np.full(len(self.names), np.nan), 0

    def _named(self) -> list[AngleName]:
        names = [AngleName(joint.name, axis, joint.side) for joint in self._joints for axis in AXES]
        if self._pelvis is not None:
            names += [AngleName("pelvis", "tilt", None), AngleName("pelvis", "obliquity", None)]
        return [*names, AngleName("pelvis", "shift", None, "m")] if self._has_shift else names

    def take(self, start: int, quats: Samples, bias_sd_deg_s: Samples) -> AngleRows:
        """Sensor to world, shape (places, n, 4), NaN: unknown; how well each gyroscope's error is known, °/s."""
        segments = rotations.multiply(quats[self._rows], self._mounts)
        self.heading.take(start, segments, bias_sd_deg_s[self._rows])
        columns = [*self._of_joints(segments), *self._of_pelvis(segments), *self._of_legs(segments)]
        values = np.stack(columns, axis=1) if columns else np.empty((segments.shape[1], 0))
        self._frames += 1
        if self._frames % SPREAD_EVERY == 1:
            self._sd = self._spread(values)
        return AngleRows(start, self.rate_hz, self.names, values, self._sd)

    def _of_joints(self, segments: Samples) -> list[Samples]:
        if not self._joints:
            return []
        distal = rotations.multiply(self._turns(self.heading.offset_deg), segments[[j.distal for j in self._joints]])
        turn = rotations.multiply(rotations.conjugate(segments[[j.proximal for j in self._joints]]), distal)
        cardan = rotations.cardan_deg(turn)
        return [column for joint, own in zip(self._joints, cardan, strict=True) for column in _columns(own, joint)]

    def _of_pelvis(self, segments: Samples) -> list[Samples]:
        if self._pelvis is None:
            return []
        own = segments[self._pelvis]
        return [sagittal_tilt_deg(own), lateral_tilt_deg(own)]

    def _of_legs(self, segments: Samples) -> list[Samples]:
        """The lateral shift: the mean of both legs' chains from the ankle up to the hip."""
        if not self._has_shift or self._pelvis is None:
            return []
        hips, knees = self.heading.offset_deg[0::2], self.heading.offset_deg[1::2]
        offsets = np.stack([hips, hips + knees], axis=1).ravel()
        bones = along(segments[[j.distal for j in self._joints]], offsets[:, None], 1.0)[..., :2]
        right = np.sum(bones * rightwards(segments[self._pelvis]), axis=-1)
        lengths = [self.lengths.thigh_m, self.lengths.shank_m]
        return [np.asarray(lengths * (len(offsets) // 2)) @ right / (len(offsets) // 2)]

    def _turns(self, offset_deg: Samples) -> Samples:
        return rotations.about_z(-np.deg2rad(offset_deg))[:, None]

    def _spread(self, values: Samples) -> Samples:
        """Of the last sample: tilt, soft tissue, the calibration's axes, heading."""
        out: list[float] = []
        for k, joint in enumerate(self._joints):
            flexion, abduction, _ = values[-1:, 3 * k : 3 * k + 3].T
            axes = float(np.hypot(self._axis_sd[joint.proximal], self._axis_sd[joint.distal]))
            heading = np.array([np.hypot(self.heading.sd_deg[k], axes)])
            out += spread_deg(flexion, abduction, float(np.hypot(TILT_SD_DEG, TILT_SD_DEG)), heading)[0].tolist()
        if self._pelvis is not None:
            out += [float(np.hypot(TILT_SD_DEG, SOFT_TISSUE_SD_DEG))] * 2
        if self._has_shift:
            legs = np.hypot(self.lengths.thigh_m, self.lengths.shank_m) / np.sqrt(2)
            out.append(float(np.deg2rad(FRONTAL_TILT_SD_DEG) * legs))
        return np.array(out)


def _joints(known: Sequence[Place]) -> list[_Joint]:
    """Hip and knee of either side, where both segments are known."""
    out = []
    for side in Side:
        for name, upper, lower in JOINTS:
            proximal, distal = (PELVIS if upper is None else (upper, side)), (lower, side)
            if proximal in known and distal in known:
                out.append(_Joint(name, side, known.index(proximal), known.index(distal)))
    return out


def _columns(cardan: Samples, joint: _Joint) -> Samples:
    return signed(cardan, joint.name, joint.side).T
