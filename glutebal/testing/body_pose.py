"""One posture of a simulated body, as the exercises are written down: pelvis, and per leg an ankle or the joint angles.

A leg is *closed*, with the ankle at a place and the knee pointing somewhere, or *open*, with hip and knee angles.
Lateral numbers of a leg count outwards, so that both legs read alike; those of the pelvis count to the right.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from glutebal.model import Bilateral, Samples, Side

#: Columns of one leg in a row of numbers: what `LegPose` holds, then the three angles of the foot against the shank.
LEG_COLUMNS = (
    *("x", "y", "z", "pole_x", "pole_y", "pole_z", "frontal", "toe", "pitch"),
    *("open", "flexion", "abduction", "rotation", "knee", "foot_1", "foot_2", "foot_3"),
)
PELVIS_COLUMNS = ("x", "y", "z", "tilt", "obliquity", "yaw")
WIDTH = len(PELVIS_COLUMNS) + 2 * len(LEG_COLUMNS)
#: World y of "outwards".
OUT = Bilateral(1.0, -1.0)


def leg_columns(side: Side) -> slice:
    """Where the leg is in a row of numbers."""
    start = len(PELVIS_COLUMNS) + (0 if side is Side.LEFT else len(LEG_COLUMNS))
    return slice(start, start + len(LEG_COLUMNS))


@dataclass(frozen=True)
class LegPose:
    """One leg: metres and degrees. ``x, out, z`` is the ankle, ``pole_*`` where the knee points; both if closed."""

    x: float = 0.0
    out: float = 0.085
    z: float = 0.08
    pole_x: float = 1.0
    pole_out: float = 0.0
    pole_z: float = 0.0
    frontal: float = 0.0
    toe_out: float = 0.0
    pitch: float = 0.0
    open: bool = False
    flexion: float = 0.0
    abduction: float = 0.0
    rotation: float = 0.0
    knee: float = 0.0
    ankle: float = 0.0

    def row(self, out: float) -> list[float]:
        """The numbers in the order of `LEG_COLUMNS`, world axes."""
        place = [self.x, out * self.out, self.z, self.pole_x, out * self.pole_out, self.pole_z]
        foot = [self.frontal, out * self.toe_out, self.pitch]
        return [
            *place, *foot, float(self.open), self.flexion, self.abduction, self.rotation, self.knee, self.ankle, 0, 0
        ]  # fmt: skip


_STANDING = Bilateral(LegPose(), LegPose())


@dataclass(frozen=True)
class Pose:
    """A posture: pelvis centre (m; ``right`` of the midline), its tilt, obliquity and yaw (degrees), and both legs."""

    x: float = 0.0
    right: float = 0.0
    z: float = 0.92
    tilt: float = 0.0
    obliquity: float = 0.0
    yaw: float = 0.0
    legs: Bilateral[LegPose] = _STANDING

    def with_(self, **changes: Any) -> Pose:
        """A copy with other pelvis numbers."""
        return replace(self, **changes)

    def leg(self, side: Side, **changes: Any) -> Pose:
        """A copy with one leg changed."""
        legs = Bilateral.per_side(lambda s: replace(self.legs[s], **changes) if s is side else self.legs[s])
        return replace(self, legs=legs)

    def both(self, **changes: Any) -> Pose:
        """A copy with both legs changed alike."""
        return replace(self, legs=self.legs.map(lambda leg: replace(leg, **changes)))

    def mirrored(self) -> Pose:
        """Left for right."""
        return replace(self, right=-self.right, obliquity=-self.obliquity, yaw=-self.yaw, legs=self.legs.swapped())

    def row(self) -> Samples:
        """All numbers, shape (`WIDTH`,), in metres and degrees."""
        pelvis = [self.x, -self.right, self.z, self.tilt, self.obliquity, self.yaw]
        legs = self.legs.zip(OUT).map(lambda pair: pair[0].row(pair[1]))
        return np.asarray([*pelvis, *legs.left, *legs.right], dtype=np.float64)


def between(home: Pose, away: Pose, share: float) -> Pose:
    """The posture at ``share`` of the way from ``home`` to ``away``; the legs are open if they are in either."""
    legs = home.legs.zip(away.legs).map(lambda pair: _mixed_leg(pair[0], pair[1], share))
    names = ("x", "right", "z", "tilt", "obliquity", "yaw")
    return Pose(legs=legs, **{name: _mix(getattr(home, name), getattr(away, name), share) for name in names})


def _mixed_leg(a: LegPose, b: LegPose, share: float) -> LegPose:
    names = [name for name in LegPose.__dataclass_fields__ if name != "open"]
    mixed = {name: _mix(getattr(a, name), getattr(b, name), share) for name in names}
    return LegPose(open=a.open or b.open, **mixed)


def _mix(a: float, b: float, share: float) -> float:
    return a + share * (b - a)


@dataclass(frozen=True)
class Place:
    """Where on the floor the body's own axes are: metres, the heading in rad (0: world x), the floor's height in m."""

    x: float = 0.0
    y: float = 0.0
    heading: float = 0.0
    z: float = 0.0

    def moved(self, forward: float, left: float, turn: float = 0.0, rise: float = 0.0) -> Place:
        """The place so far ahead and to the left, then turned; so much higher."""
        c, s = np.cos(self.heading), np.sin(self.heading)
        x, y = self.x + c * forward - s * left, self.y + s * forward + c * left
        return Place(float(x), float(y), self.heading + turn, self.z + rise)

    def rows(self, rows: Samples) -> Samples:
        """Rows of numbers given in the body's own axes, in world axes."""
        out = np.array(np.atleast_2d(rows), dtype=np.float64)
        first = [leg_columns(side).start for side in Side]
        for x in (0, *first):
            self._turn(out, x)
            out[:, x] += self.x
            out[:, x + 1] += self.y
            out[:, x + 2] += self.z
        for leg in first:
            self._turn(out, leg + LEG_COLUMNS.index("pole_x"))
            out[:, leg + LEG_COLUMNS.index("toe")] += np.degrees(self.heading)
        out[:, PELVIS_COLUMNS.index("yaw")] += np.degrees(self.heading)
        return out

    def _turn(self, rows: Samples, x: int) -> None:
        c, s = np.cos(self.heading), np.sin(self.heading)
        rows[:, x], rows[:, x + 1] = c * rows[:, x] - s * rows[:, x + 1], s * rows[:, x] + c * rows[:, x + 1]
