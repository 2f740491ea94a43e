r"""Excursions along one direction, judged both ways round; and which of the two leaves rest.

::

    ___/\___/\___/\___   leaves rest, or is it      ¯¯¯\/¯¯¯\/¯¯¯\/¯¯¯   that does?

The pelvis or the limb goes the way that the exercise says; there are more repetitions; rest is steadier than the turns;
and before and after the set the body rests.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from glutebal.model import Samples
from glutebal.signal.motion.excursions import SWAYED_RAD, Excursion, excursions
from glutebal.signal.motion.likeness import ANOTHER, LikenessSettings, confidence, judged
from glutebal.signal.motion.phase_signal import is_step
from glutebal.signal.motion.tilt_path import GRID_HZ, TiltPath

DISTURBED = "no set: between the repetitions the body moves about"
#: How many reps a rest that is steadier than the turns is worth at most.
STEADIER = 1.5
#: What it is worth at most that the repetitions of a held exercise would be longer.
HELD = 1.0
#: In movements as small as sway, rest is where the body is for so long before and after the set; what that is worth.
AROUND_S = 8.0
SURROUNDED = 8.0


class Asked(Protocol):
    """What the exercise says."""

    @property
    def phases(self) -> tuple[str, ...]:
        """In order; may be empty."""

    @property
    def rise_m(self) -> float:
        """A pelvis that rises less does not decide."""


@dataclass(frozen=True, eq=False)
class Found:
    """The excursions of one direction and why each is no repetition."""

    excursions: list[Excursion]
    reasons: list[str]

    @property
    def kept(self) -> list[Excursion]:
        """Those that are repetitions."""
        return [one for one, why in zip(self.excursions, self.reasons, strict=True) if not why]

    def without(self, disturbed: set[int]) -> Found:
        """The same, some excursions (by identity) taken out."""
        pairs = zip(self.excursions, self.reasons, strict=True)
        return Found(self.excursions, [why or (DISTURBED if id(one) in disturbed else "") for one, why in pairs])

    def rejected(self) -> Found:
        """What looked like repetitions, none of which is of the exercise."""
        return Found(self.kept, [ANOTHER] * len(self.kept))

    @property
    def weight(self) -> float:
        """How much speaks for this movement being the exercise: many before large, a set before none."""
        kept = self.kept
        in_set = 1.0 if len(kept) >= 3 else 0.3
        return in_set * float(sum(one.size**0.35 * confidence(one, kept) for one in kept))


def outwards(path: TiltPath, u: Samples, amplitude: float, likeness: LikenessSettings, asked: Asked) -> Found:
    """The excursions of a direction, the right way up."""
    both = [(excursions(path, sign * u, amplitude), sign * u) for sign in (1.0, -1.0)]
    up, down = (Found(found, judged(found, along, likeness, _steps(path, found))) for found, along in both)
    evidence = _evidence(up, down, asked)
    if amplitude < SWAYED_RAD:  # gaps are sway
        evidence += SURROUNDED * (_at_rest_around(path, up) - _at_rest_around(path, down))
    return up if evidence >= 0 else down


def _at_rest_around(path: TiltPath, found: Found) -> float:
    """How much of the time around the set the body is nearer to where its repetitions begin than to where they turn."""
    kept = found.kept
    if not kept:
        return 0.0
    part = path.taking_part(np.median([one.change for one in kept], axis=0))
    rest = np.median([part.up[one.start] for one in kept], axis=0)
    top = np.median([part.up[slice(*_widened(one.hold))].mean(axis=0) for one in kept], axis=0)
    size, wide = round(AROUND_S * GRID_HZ), float(np.linalg.norm(top - rest))
    around = np.concatenate([part.up[max(kept[0].start - size, 0) : kept[0].start], part.up[kept[-1].stop :][:size]])
    from_rest, from_top = (np.linalg.norm(around - posture, axis=1) for posture in (rest, top))
    here = np.minimum(from_rest, from_top) <= wide
    return float(np.mean((from_rest < from_top)[here])) if here.any() else 0.0


def _widened(hold: tuple[int, int]) -> tuple[int, int]:
    return hold[0], hold[1] + 1


def _steps(path: TiltPath, found: list[Excursion]) -> list[bool]:
    body = path.body or path
    return [one.complete and is_step(path, body.change(one.start, one.hold), one.moving_s) for one in found]


def _evidence(one: Found, two: Found, asked: Asked) -> float:
    """Above 0 if ``one`` leaves rest: the pelvis goes the right way; more reps; rest is steadier."""
    wanted = {"concentric": 1.0, "eccentric": -1.0}.get(asked.phases[0], 0.0) if asked.phases else 0.0
    rise = _median([e.lift_m for e in one.kept]) - _median([e.lift_m for e in two.kept])
    if wanted and abs(rise) > 2 * asked.rise_m:
        return wanted * rise
    raised = _median([e.limb_m for e in one.kept]) - _median([e.limb_m for e in two.kept])
    if wanted > 0 and abs(raised) > asked.rise_m:
        return raised
    more = len(one.kept) - len(two.kept)
    tighter = math.log(_looseness(two.kept) / _looseness(one.kept))
    return more + float(np.clip(tighter, -STEADIER, STEADIER)) + _longer(one.kept, two.kept, asked)


def _longer(one: list[Excursion], two: list[Excursion], asked: Asked) -> float:
    """What is held is held for longer than the rest in between, as a rule."""
    if asked.phases != ("hold",) or not one or not two:
        return 0.0
    seconds = math.log(_median([e.seconds for e in one]) / _median([e.seconds for e in two]))
    return float(np.clip(seconds, -HELD, HELD))


def _median(values: list[float]) -> float:
    return float(np.median(values)) if values else 0.0


def _looseness(kept: list[Excursion]) -> float:
    """How far rest is from where it was, as a share of the movement."""
    return max(float(np.median([one.gap / one.size for one in kept])), 1e-3) if kept else 1.0
