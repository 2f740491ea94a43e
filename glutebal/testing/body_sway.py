"""What nobody can help: slow sway of the pelvis and of free legs, small, without moving a planted foot."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from glutebal.model import Samples, Side
from glutebal.testing.body_curves import blend, sway
from glutebal.testing.body_plan import BodyPlan
from glutebal.testing.body_pose import LEG_COLUMNS, PELVIS_COLUMNS, leg_columns
from glutebal.testing.body_truth import Span

#: RMS of the sway: m and degrees; what goes sideways is mirrored with the plan.
_PELVIS = {"x": 0.004, "y": 0.003, "z": 0.0004, "tilt": 0.5, "obliquity": 0.25, "yaw": 0.5}
_LEG = {"flexion": 0.4, "abduction": 0.3, "rotation": 0.5, "knee": 0.4}
#: Share of it left in somebody who was asked to stand still.
STANDING_SHARE = 0.4
_SIDEWAYS = ("y", "obliquity", "yaw")


def swaying(
    rows: Samples,
    times_s: Samples,
    plan: BodyPlan,
    walks: Sequence[Span],
    standing: Span | None,
    rng: np.random.Generator,
) -> Samples:
    """The postures with sway added; none in walks, whose steps vary by themselves."""
    calm = _away_from(_switches(rows, times_s), times_s)
    if standing is not None:
        calm = calm * (STANDING_SHARE + (1 - STANDING_SHARE) * _outside(standing, times_s))
    for walk in walks:
        calm = calm * _outside(walk, times_s)
    hand = 1.0 if plan.first is Side.RIGHT else -1.0
    for name, rms in _PELVIS.items():
        rows[:, PELVIS_COLUMNS.index(name)] += (hand if name in _SIDEWAYS else 1.0) * calm * sway(rng, times_s, rms)
    for side in (plan.first, plan.first.other):
        for name, rms in _LEG.items():
            rows[:, leg_columns(side).start + LEG_COLUMNS.index(name)] += calm * sway(rng, times_s, rms)
    return rows


def _switches(rows: Samples, times_s: Samples) -> Samples:
    """When a leg changes from closed to open or back: there both descriptions must agree, so nothing may sway."""
    is_open = rows[:, [leg_columns(side).start + LEG_COLUMNS.index("open") for side in Side]]
    return times_s[1:][np.any(np.diff(is_open, axis=0) != 0, axis=1)]


def _outside(span: Span, times_s: Samples, within_s: float = 0.6) -> Samples:
    """0 in the span, 1 farther than ``within_s`` from it."""
    beyond_s = np.maximum(span.start_s - times_s, times_s - span.stop_s)
    return blend(np.clip(beyond_s / within_s, 0, 1))


def _away_from(instants_s: Samples, times_s: Samples, within_s: float = 0.6) -> Samples:
    """0 at the instants, 1 at ``within_s`` from the nearest, smooth between."""
    if not instants_s.size:
        return np.ones_like(times_s)
    padded = np.concatenate([[-np.inf], instants_s, [np.inf]])
    after = np.searchsorted(padded, times_s).clip(1)
    before_s, after_s = times_s - padded[after - 1], padded[after] - times_s
    return blend(np.clip(before_s / within_s, 0, 1)) * blend(np.clip(after_s / within_s, 0, 1))
