"""Smooth courses: through key postures at rest (minimum jerk) or in motion, and slow sway that never repeats."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from glutebal.model import Samples, Side
from glutebal.testing.body_chain import with_joint_angles
from glutebal.testing.body_pose import LEG_COLUMNS, WIDTH, leg_columns

#: Speed half way through a minimum-jerk movement, per distance and time.
MIDDLE_SPEED = 1.875
#: Acceleration at a reversal per distance and time²; a sine has π²/2.
REVERSAL = 4.5


@dataclass(frozen=True)
class Key:
    """A posture to be in at an instant: ``row`` (`WIDTH`,); what moves then, by column; how the way there is skewed.

    ``reverses``: the movement turns back at once, without coming to rest: it is fastest in changing its speed there.
    """

    time_s: float
    row: Samples
    velocity: dict[int, float] = field(default_factory=dict)
    acceleration: dict[int, float] = field(default_factory=dict)
    skew: float = 0.0
    reverses: bool = False


def course(keys: list[Key], times_s: Samples) -> Samples:
    """Postures (n, `WIDTH`) through the keys: quintic pieces, twice differentiable everywhere."""
    at_s = np.array([key.time_s for key in keys])
    rows = with_joint_angles(np.stack([key.row for key in keys]))
    piece = np.clip(np.searchsorted(at_s, times_s, side="right") - 1, 0, len(keys) - 2)
    length = at_s[piece + 1] - at_s[piece]
    share = np.clip((times_s - at_s[piece]) / length, 0, 1)
    skew = np.array([key.skew for key in keys])[piece + 1]
    share = share + skew * share * (1 - share)
    ends = [_motion(keys, "velocity"), _motion(keys, "acceleration") + _reversals(keys, rows)]
    out = rows[piece] + blend(share)[:, None] * (rows[piece + 1] - rows[piece])
    if any(end.any() for end in ends):
        out += _moving(share[:, None], length[:, None], piece, *ends)
    for side in Side:
        is_open = leg_columns(side).start + LEG_COLUMNS.index("open")
        out[:, is_open] = np.maximum(rows[piece, is_open], rows[piece + 1, is_open])
    return out


def _motion(keys: list[Key], name: str) -> Samples:
    out = np.zeros((len(keys), WIDTH))
    for i, key in enumerate(keys):
        for column, value in getattr(key, name).items():
            out[i, column] = value
    return out


def _reversals(keys: list[Key], rows: Samples) -> Samples:
    """Acceleration where the movement turns back, about that of a sine."""
    out = np.zeros_like(rows)
    for i in (i for i, key in enumerate(keys) if key.reverses):
        before_s, after_s = keys[i].time_s - keys[i - 1].time_s, keys[i + 1].time_s - keys[i].time_s
        out[i] = -REVERSAL * (rows[i] - 0.5 * (rows[i - 1] + rows[i + 1])) / (before_s * after_s)
    return out


def onset_share(skew: float, bend: float) -> float:
    """Share of a movement from rest until 5 % of its top speed; ``bend``: its last acceleration, per distance/time²."""
    s = np.linspace(0, 1, 2001)
    s = s + skew * s * (1 - s)
    way = blend(s) + 0.5 * bend * (1 - s) ** 2 * s**3
    speed = np.gradient(way)
    return float(np.argmax(speed >= 0.05 * speed.max()) / 2000)


def blend(share: Samples) -> Samples:
    """The minimum-jerk course from 0 to 1."""
    return np.asarray(share**3 * (10 - 15 * share + 6 * share**2))


def _moving(s: Samples, length: Samples, piece: Any, speed: Samples, accel: Samples) -> Samples:
    """What speeds and accelerations at the keys add to the course from rest to rest (quintic Hermite)."""
    r = 1 - s
    from_speed = s * r**3 * (1 + 3 * s) * speed[piece] - r * s**3 * (1 + 3 * r) * speed[piece + 1]
    from_accel = 0.5 * (s**2 * r**3 * accel[piece] + r**2 * s**3 * accel[piece + 1])
    return np.asarray(length * from_speed + length**2 * from_accel)


def sway(rng: np.random.Generator, times_s: Samples, rms: float, waves: int = 7) -> Samples:
    """A slow course (n,) of the given RMS out of sines of 0.08 to 0.9 Hz."""
    hertz, phase = rng.uniform(0.08, 0.9, waves), rng.uniform(0, 2 * np.pi, waves)
    size = rng.uniform(0.3, 1.0, waves) / np.sqrt(hertz / 0.08)
    wave = np.zeros_like(times_s)
    for f, p, a in zip(hertz, phase, size, strict=True):
        wave += a * np.sin(2 * np.pi * f * times_s + p)
    return np.asarray(wave * rms / np.sqrt(0.5 * np.sum(size**2)))
