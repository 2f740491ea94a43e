"""Walking and running as postures over time: feet that roll over heel and ball, legs that follow, a pelvis carried on.

The foot turns about its heel from the strike until it is flat and about its ball from heel-off to toe-off; in the swing
the ankle goes from one to the other with the speed and acceleration it has at both ends.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from glutebal.model import Bilateral, Samples, Side
from glutebal.testing.body_chain import ANKLE_HEIGHT_M, HALF_WIDTH_M, SHANK_M, THIGH_M
from glutebal.testing.body_pose import LEG_COLUMNS, OUT, WIDTH, Place, leg_columns
from glutebal.testing.body_steps import GaitStyle, Step

Indexes = NDArray[np.intp]

#: From the ankle, in foot axes (forwards, up), m.
HEEL = (-0.05, -ANKLE_HEIGHT_M)
BALL = (0.12, -ANKLE_HEIGHT_M)
TOE_OUT_DEG = 7.0
#: Least knee flexion in gait.
_REACH_M = float(np.sqrt(THIGH_M**2 + SHANK_M**2 + 2 * THIGH_M * SHANK_M * np.cos(np.radians(14.0))))


def hermite(t: Samples, knots: Samples, position: Samples, velocity: Samples, acceleration: Samples) -> Samples:
    """Quintic pieces through positions, speeds and accelerations at knots, constant outside; shape (n,) or (n, k)."""
    i = np.clip(np.searchsorted(knots, t, side="right") - 1, 0, len(knots) - 2)
    length = knots[i + 1] - knots[i]
    return _quintic(np.clip((t - knots[i]) / length, 0, 1), length, *(
        (values[i], values[i + 1]) for values in (position, velocity, acceleration)
    ))  # fmt: skip


def _quintic(
    s: Samples, length: Samples, p: tuple[Samples, Samples], v: tuple[Samples, Samples], a: tuple[Samples, Samples]
) -> Samples:
    if p[0].ndim > 1:
        s, length = s[:, None], length[:, None]
    r = 1 - s
    rest = p[0] + s**3 * (10 - 15 * s + 6 * s**2) * (p[1] - p[0])
    speed = s * r**3 * (1 + 3 * s) * v[0] - r * s**3 * (1 + 3 * r) * v[1]
    bend = 0.5 * (s**2 * r**3 * a[0] + r**2 * s**3 * a[1])
    return np.asarray(rest + length * speed + length**2 * bend)


@dataclass(frozen=True)
class Foot:
    """One foot's steps with the foothold it starts from; arrays over its swings (m) or its footholds (m + 1)."""

    side: Side
    off_s: Samples
    strike_s: Samples
    holds: Samples
    toe_rad: Samples
    vigour: Samples
    style: GaitStyle

    @classmethod
    def of(cls, side: Side, steps: list[Step], start: Place, stand_out: float, style: GaitStyle) -> Foot:
        """The steps of one side, beginning on its foothold in quiet standing at ``start``."""
        mine = [step for step in steps if step.side is side]
        first = start.moved(0.0, OUT[side] * stand_out)
        holds = [(first.x, first.y, first.z), *((s.x, s.y, s.z) for s in mine)]
        ankles = np.array(holds)
        ankles[:, 2] += ANKLE_HEIGHT_M
        headings = np.array([start.heading, *(s.heading for s in mine)])
        out = OUT[side] * np.radians(TOE_OUT_DEG)
        off, strike, vigour = (np.array([getattr(s, n) for s in mine]) for n in ("off_s", "strike_s", "vigour"))
        return cls(side, off, strike, ankles, headings + out, vigour, style)

    def _pitch_knots(self) -> tuple[Samples, Samples, Samples, Samples]:
        """Time, pitch (rad), rate, rate of rate: heel-off, toe-off, late swing, strike, flat, for every swing."""
        swing = self.strike_s - self.off_s
        before = np.diff(np.concatenate([[self.off_s[0] - 1.0], self.off_s])) - np.concatenate([[0.6], swing[:-1]])
        stance = np.clip(before, 0.1, None)
        after = np.concatenate([stance[1:], [0.7]])
        off, strike = np.radians(self.style.off_deg) * self.vigour, np.radians(self.style.strike_deg) * self.vigour
        push = np.minimum(0.42 * stance, 0.35)
        land = np.minimum(0.18 * after, 0.13)
        none = np.zeros_like(off)
        times = [self.off_s - push, self.off_s, self.off_s + 0.82 * swing, self.strike_s, self.strike_s + land]
        pitch = [none, off, 1.15 * strike, strike, none]
        rate = [none, 1.1 * off / push, none, -0.8 * strike / land, none]
        rows = [np.stack(values, axis=1).ravel() for values in (times, pitch, rate)]
        return rows[0], rows[1], rows[2], np.zeros_like(rows[0])

    def pitch(self, t: Samples) -> Samples:
        """Pitch of the foot in rad, toes down positive."""
        return hermite(t, *self._pitch_knots())

    def rows(self, t: Samples) -> Samples:
        """Ankle (n, 3), pitch in rad and direction of the toes in rad: shape (n, 5)."""
        pitch = self.pitch(t)
        swing = np.searchsorted(self.off_s, t, side="right")
        flying = (swing > 0) & (t < self.strike_s[np.maximum(swing - 1, 0)])
        grounded = np.where(flying, swing - 1, swing)
        ankle = self._rolled(grounded, pitch)
        toe = self.toe_rad[grounded]
        now = np.flatnonzero(flying)
        if now.size:
            ankle[now], toe[now] = self._flown(t[now], swing[now] - 1)
        return np.column_stack([ankle, pitch, toe])

    def _rolled(self, hold: Indexes, pitch: Samples) -> Samples:
        forward, up, _, _ = _roll(pitch, np.zeros_like(pitch))
        return self._along(hold, forward) + np.column_stack([0 * up, 0 * up, up])

    def _along(self, hold: Indexes, forward: Samples) -> Samples:
        toe = self.toe_rad[hold]
        return np.asarray(
            self.holds[hold] + np.column_stack([np.cos(toe) * forward, np.sin(toe) * forward, 0 * forward])
        )

    def _flown(self, t: Samples, k: Indexes) -> tuple[Samples, Samples]:
        """Ankle and toe direction in swing ``k``."""
        length = self.strike_s[k] - self.off_s[k]
        s = (t - self.off_s[k]) / length
        ends = [self._end(k, self.off_s), self._end(k + 1, self.strike_s, k)]
        ankle = _quintic(s, length, *((ends[0][i], ends[1][i]) for i in range(3)))
        ankle[:, 2] += self.style.clearance_m * (0.4 + 0.6 * self.vigour[k]) * 64 * (s * (1 - s)) ** 3
        turn = s**3 * (10 - 15 * s + 6 * s**2)
        return ankle, self.toe_rad[k] + turn * (self.toe_rad[k + 1] - self.toe_rad[k])

    def _end(self, hold: Indexes, instants: Samples, k: Indexes | None = None) -> tuple[Samples, Samples, Samples]:
        """Place, speed and acceleration of the ankle where a swing begins (toe-off) or ends (strike)."""
        at_s = instants[hold if k is None else k]
        h = 1e-4
        pitch = self.pitch(at_s)
        rate = (self.pitch(at_s + h) - self.pitch(at_s - h)) / (2 * h)
        forward, up, speed, bend = _roll(pitch, rate)
        toe = self.toe_rad[hold]
        place = self._along(hold, forward) + np.column_stack([0 * up, 0 * up, up])
        velocity = np.column_stack([np.cos(toe) * speed[0], np.sin(toe) * speed[0], speed[1]])
        return place, velocity, np.column_stack([np.cos(toe) * bend[0], np.sin(toe) * bend[0], bend[1]])


def _roll(pitch: Samples, rate: Samples) -> tuple[Samples, Samples, tuple[Samples, Samples], tuple[Samples, Samples]]:
    """How far a foot turned by ``pitch`` about heel or ball carries its ankle (forward, up); speed and acceleration."""
    px = np.where(pitch < 0, HEEL[0], BALL[0])
    pz = np.where(pitch < 0, HEEL[1], BALL[1])
    c, s = np.cos(pitch), np.sin(pitch)
    turned = (c * px + s * pz, -s * px + c * pz)
    speed = (rate * (s * px - c * pz), rate * (c * px + s * pz))
    return px - turned[0], pz - turned[1], speed, (rate**2 * turned[0], rate**2 * turned[1])


@dataclass(frozen=True)
class Gait:
    """Steps with the two feet that make them, and the pelvis above."""

    start: Place
    start_s: float
    stop_s: float
    steps: list[Step]
    feet: Bilateral[Foot]
    style: GaitStyle
    drop_deg: Bilateral[float]
    stand_z: float

    def rows(self, t: Samples) -> Samples:
        """The postures (n, `WIDTH`) at times within the gait."""
        out = np.zeros((t.size, WIDTH))
        for side in Side:
            self._put_leg(out, side, self.feet[side].rows(t))
        knots, values = self._pelvis_knots()
        out[:, :6] = _spline(knots, values, t)
        return out

    def _put_leg(self, out: Samples, side: Side, foot: Samples) -> None:
        columns = leg_columns(side)
        first = columns.start
        toe = foot[:, 4]
        out[:, first : first + 3] = foot[:, :3]
        out[:, first + 3 : first + 6] = np.column_stack([np.cos(toe), np.sin(toe), 0 * toe])
        out[:, first + LEG_COLUMNS.index("toe")] = np.degrees(toe)
        out[:, first + LEG_COLUMNS.index("pitch")] = np.degrees(foot[:, 3])

    def _pelvis_knots(self) -> tuple[Samples, Samples]:
        """Knots at the middle of every double support (or flight) and of every single stance."""
        knots = [(self.start_s, *self._pelvis_still(self.start))]
        holds = {side: self.feet[side].holds[0] for side in Side}
        last = 0.5 * (holds[Side.LEFT] + holds[Side.RIGHT])
        before = self.start_s + 0.5 * (self.steps[0].off_s - self.start_s)
        for k, step in enumerate(self.steps):
            stood = holds[step.side.other]
            holds[step.side] = np.array([step.x, step.y, step.z + ANKLE_HEIGHT_M])
            new = 0.5 * (holds[step.side] + stood)
            after_s = self.steps[k + 1].off_s if k + 1 < len(self.steps) else step.strike_s + 0.3
            both_s = 0.5 * (step.strike_s + after_s)
            new = new + self.style.lead_m * step.vigour * np.array([np.cos(step.heading), np.sin(step.heading), 0.0])
            heading = self.steps[k - 1].heading if k else self.start.heading
            mid = self._single(last, new, stood, step, heading)
            knots.append((0.5 * (before + both_s), *mid))
            knots.append((both_s, *self._double(new, step)))
            before, last = both_s, new
        knots.append((self.stop_s, *self._pelvis_still(self.steps[-1].centre)))
        table = np.array(knots)
        return table[:, 0], self._within_reach(table[:, 0], table[:, 1:])

    def _pelvis_still(self, place: Place) -> tuple[float, ...]:
        return place.x, place.y, self.stand_z + place.z, 0.0, 0.0, float(np.degrees(place.heading))

    def _single(self, old: Samples, new: Samples, stood: Samples, step: Step, heading: float) -> tuple[float, ...]:
        middle = 0.5 * (old + new)
        towards = 0.3 * (stood - middle)[:2]
        ahead = np.array([np.cos(step.heading), np.sin(step.heading)])
        towards = towards - ahead * float(towards @ ahead)
        stance = step.side.other
        drop = (self.style.drop_deg * step.vigour + self.drop_deg[stance]) * (1 if stance is Side.RIGHT else -1)
        z = self.stand_z + middle[2] - ANKLE_HEIGHT_M - self.style.bounce_m * step.vigour
        yaw = np.degrees(0.5 * (heading + step.heading))
        tilt = self.style.tilt_deg * step.vigour + 1.0
        return float(middle[0] + towards[0]), float(middle[1] + towards[1]), float(z), tilt, float(drop), float(yaw)

    def _double(self, new: Samples, step: Step) -> tuple[float, ...]:
        turn = 5.0 * step.vigour * (1 if step.side is Side.RIGHT else -1)
        tilt = self.style.tilt_deg * step.vigour - 1.0
        yaw = float(np.degrees(step.heading)) + turn
        return float(new[0]), float(new[1]), self.stand_z + float(new[2]) - ANKLE_HEIGHT_M, tilt, 0.0, yaw

    def _within_reach(self, knots: Samples, values: Samples) -> Samples:
        """The same knots with the pelvis as low as the legs need it, everywhere between them."""
        t = np.arange(self.start_s, self.stop_s, 0.01)
        feet = [self.feet[side].rows(t)[:, :3] for side in Side]
        nearest = np.clip(np.searchsorted(knots, t), 1, len(knots) - 1)
        near = (t - knots[nearest - 1]) / (knots[nearest] - knots[nearest - 1])
        for _ in range(40):
            pelvis = _spline(knots, values, t)
            excess = np.max([self._excess(pelvis, foot, side) for foot, side in zip(feet, Side, strict=True)], axis=0)
            if excess.max() < 1e-5:
                break
            lower = np.zeros(len(knots))
            for shift, share in ((0, near), (-1, 1 - near)):
                np.maximum.at(lower, nearest + shift, 1.4 * excess * share**3)
            if self.style.bounce_m:
                lower = _widest(lower)
            lower[[0, -1]] = 0.0
            values[:, 2] -= np.clip(lower, 0, None)
        return values

    def _excess(self, pelvis: Samples, foot: Samples, side: Side) -> Samples:
        """How much higher the pelvis is than the leg can reach from, m."""
        yaw, tip = np.radians(pelvis[:, 5]), np.radians(pelvis[:, 4])
        out = OUT[side] * HALF_WIDTH_M
        hip = pelvis[:, :3] + out * np.column_stack([-np.sin(yaw), np.cos(yaw), -np.sin(tip)])
        far = np.sum((hip - foot)[:, :2] ** 2, axis=1)
        return np.asarray(hip[:, 2] - foot[:, 2] - np.sqrt(np.maximum(_REACH_M**2 - far, 0)))


def _widest(values: Samples) -> Samples:
    """The largest of each value and its two neighbours on either side."""
    padded = np.pad(values, 2)
    return np.asarray(np.max([padded[i : i + values.size] for i in range(5)], axis=0))


def _spline(knots: Samples, values: Samples, t: Samples) -> Samples:
    from scipy.interpolate import CubicSpline

    return np.asarray(CubicSpline(knots, values, bc_type="clamped")(t))
