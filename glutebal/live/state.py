"""What a view needs to draw the hall at any moment, and the commands that it may give.

A view that was asleep asks for the state, draws it, and goes on with the events: nothing has to be remembered for it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from glutebal.coach.cues import Cue
from glutebal.live.events import Aligned, BalanceSoFar, Check, LiveRep, SensorHealth, SetEnded, Stage, StepTold
from glutebal.model import Samples, Side

#: The sides as people say them.
SIDES: dict[str, Side | None] = {"left": Side.LEFT, "right": Side.RIGHT, "both": None}


class Order(Enum):
    """What a person may ask of a hall."""

    START = "start"  # start the (next) set
    STOP = "stop"  # end the set
    NEXT = "next"  # end the set if one runs, and start the next
    STEP = "step"  # a guided step: value is a Step's word
    SIDE = "side"  # the side of the next set: left, right, both
    EXERCISE = "exercise"  # value is a name from the catalogue
    TARGET = "target"  # value is a number of reps
    CUES = "cues"  # "on" or "off"
    END = "end"  # close the hall


@dataclass(frozen=True)
class Command:
    """An order with its value; a value that does not fit is refused with an InputError that says what would."""

    order: Order
    value: str = ""


@dataclass(frozen=True)
class State:
    """The hall now."""

    stage: Stage
    set_index: int  # of the set that runs, or of the last one; 0 before the first
    exercise: str | None
    title: str  # the exercise for people
    side: Side | None
    target_reps: int | None
    cues_on: bool
    measure: str = ""
    site: str = ""
    unit: str = ""
    phase: str = ""  # "working" or "resting" within the set, or the phase of the exercise
    since_s: float = 0.0  # seconds that the set, the step or the rest has lasted
    reps: tuple[LiveRep, ...] = ()
    balance: BalanceSoFar | None = None
    cues: tuple[Cue, ...] = ()  # of this set, newest last
    sensors: tuple[SensorHealth, ...] = ()
    aligned: Aligned | None = None
    checks: tuple[Check, ...] = ()
    step: StepTold | None = None
    steps: tuple[str, ...] = ()  # the guided steps that make sense with these sensors
    last: SetEnded | None = None
    troubles: tuple[str, ...] = ()
    dropped: int = 0  # events that views did not take in time


@dataclass(frozen=True, eq=False)
class Envelopes:
    """Both sides' activity for drawing: one row per 20 ms, shape (n, 2), left and right, NaN where nothing is known.

    ``start`` counts 20 ms steps since the hall opened; values are in ``unit``.
    """

    start: int
    values: Samples
    unit: str
    rate_hz: float = field(default=50.0)
