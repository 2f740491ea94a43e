"""What a person has chosen for the next set."""

from __future__ import annotations

from dataclasses import dataclass

from glutebal.coach.cues import Cues, CueSettings
from glutebal.coach.exercises import Exercise
from glutebal.errors import InputError
from glutebal.live.plan import Plan
from glutebal.live.state import SIDES
from glutebal.model import Side

MOST_REPS = 1000


@dataclass
class Choices:
    """Exercise, side, target and cues, as the plan has them until somebody chooses otherwise."""

    exercise: Exercise | None
    side: Side | None
    target: int | None
    settings: CueSettings | None
    cues_on: bool

    @classmethod
    def of(cls, plan: Plan) -> Choices:
        """Those of the plan."""
        return cls(plan.exercise, plan.side, plan.target_reps, plan.cues, plan.cues is not None)

    def choose_side(self, value: str) -> None:
        """``left``, ``right`` or ``both``; anything else is an InputError."""
        if value not in SIDES:
            raise InputError("left, right or both", repr(value), "side")
        self.side = SIDES[value]

    def choose_target(self, value: str) -> None:
        """A number of reps; anything else is an InputError."""
        if not (value.isascii() and value.isdecimal()) or not 0 < int(value) <= MOST_REPS:
            raise InputError(f"a number of reps from 1 to {MOST_REPS}", repr(value), "target")
        self.target = int(value)

    def switch_cues(self, value: str) -> None:
        """``on`` or ``off``; anything else is an InputError. Cues that the plan has not stay off."""
        if value not in {"on", "off"}:
            raise InputError("on or off", repr(value), "cues")
        self.cues_on = value == "on" and self.settings is not None

    def fresh_cues(self) -> Cues | None:
        """Cues that have heard nothing yet; None when there are to be none."""
        return Cues(self.settings, self.exercise, self.target) if self.settings is not None and self.cues_on else None
