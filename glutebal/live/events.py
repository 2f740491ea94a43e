"""What a hall says, typed: the same objects for a notebook, the terminal, the web page and a pipe.

::

    step ─ check ─▶ set started ─▶ rep started ─▶ rep finished ─▶ balance so far ─▶ cue ... ─▶ set ended ─▶ rest
                                        └──────── rep revised: what came later changed what had been told

``at_s`` is seconds since the hall opened (arrival of the data that caused the event). Seconds inside a rep are on the
clock of its set. Numbers follow the library: positive means the right side is larger, NaN means not known.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from glutebal.coach.cues import Cue
from glutebal.model import Bilateral, Side
from glutebal.results import Estimate, Grade, Rep

if TYPE_CHECKING:
    from glutebal.analysis.result import Result


class Stage(Enum):
    """What the hall is doing."""

    OPEN = "open"  # sensors stream, nothing is counted
    STEP = "step"  # a guided step: tare, reference, static pose, tap
    SET = "set"  # reps are counted
    WORKING_OUT = "working_out"  # a set has ended, its full analysis is being made
    REST = "rest"
    ENDED = "ended"


class Step(Enum):
    """A guided step before a set."""

    TARE = "tare"
    REFERENCE = "reference"
    STATIC_POSE = "static_pose"
    TAP = "tap"


class Link(Enum):
    """How a sensor is reached."""

    STREAMING = "streaming"
    SILENT = "silent"  # connected, sends nothing
    RECONNECTING = "reconnecting"
    LOST = "lost"  # out of reach for more than ten seconds


@dataclass(frozen=True)
class Event:
    """Something that a hall says."""

    at_s: float


@dataclass(frozen=True)
class SensorHealth(Event):
    """How one sensor is; told when it changes and twice a minute."""

    device: int
    name: str
    side: Side | None
    link: Link
    rate_hz: float
    lost: int
    battery_percent: float
    doubts: tuple[str, ...] = ()  # contact, noise, clipping: in words


@dataclass(frozen=True)
class Aligned(Event):
    """How well left and right share one time; NaN when that is not established."""

    uncertainty_s: float
    text: str


@dataclass(frozen=True)
class StepTold(Event):
    """A guided step goes on: what to do now and for how many more seconds."""

    step: Step
    side: Side | None
    text: str
    left_s: float


@dataclass(frozen=True)
class StepDone(Event):
    """A guided step has ended; ``ok`` is False when it has to be done again, ``text`` says why."""

    step: Step
    side: Side | None
    ok: bool
    text: str


@dataclass(frozen=True)
class Check:
    """One line of the check before the first rep."""

    kind: str  # contact, noise, side, battery, alignment, reference, rate
    grade: Grade
    text: str
    side: Side | None = None


@dataclass(frozen=True)
class Checked(Event):
    """The check of the sensors, most serious first."""

    checks: tuple[Check, ...]


@dataclass(frozen=True)
class SetStarted(Event):
    """From now on reps are counted."""

    set_index: int
    exercise: str | None
    side: Side | None  # the side that is trained; None: both, or told from the data
    target_reps: int | None
    log: Path | None


@dataclass(frozen=True)
class LiveRep:
    """One rep as it is known now: when, and its value per side.

    ``measure`` at ``site`` in ``unit`` is what the reps of this set are compared by; ``log_ratio`` is λ = ln(R/L) or
    the reason for having none; ``imbalance`` the same as index points, 100·(R−L)/(R+L).
    """

    number: int  # from 1, in the order in which they were told; stays; that of the newest, withdrawn, is given again
    rep: Rep
    measure: str
    site: str
    unit: str
    sides: Bilateral[Estimate]
    log_ratio: Estimate
    imbalance: Estimate


@dataclass(frozen=True)
class RepStarted(Event):
    """A rep has begun; it may still turn out to be none."""

    number: int
    side: Side | None
    set_index: int = 0


@dataclass(frozen=True)
class RepFinished(Event):
    """A rep has come to its end."""

    rep: LiveRep
    set_index: int = 0


@dataclass(frozen=True)
class RepRevised(Event):
    """Later samples changed a rep that had been told; ``withdrawn``: it is none."""

    rep: LiveRep
    withdrawn: bool = False
    set_index: int = 0


@dataclass(frozen=True)
class BalanceSoFar(Event):
    """The set so far: λ with its interval, the same as index points, or the reason for having none."""

    measure: str
    site: str
    unit: str
    reps: int
    log_ratio: Estimate
    imbalance: Estimate
    sides: Bilateral[Estimate]
    set_index: int = 0


@dataclass(frozen=True)
class CueGiven(Event):
    """A cue, with why; a cue is not a command."""

    cue: Cue
    set_index: int = 0


@dataclass(frozen=True)
class SetEnded(Event):
    """A set is over and worked out: ``result`` is what `glutebal.analyse` says of its recording.

    ``why`` is ``stopped``, ``target reached``, ``source ended``, ``sensors lost``, ``ended`` (with the hall),
    ``interrupted`` (Ctrl-C), ``left`` (its reader stopped) or ``failed`` (the link or the program); ``result`` is None,
    and ``trouble`` says why, when there was nothing to analyse. ``page`` and ``session`` are set once they are written.
    """

    set_index: int
    why: str
    result: Result | None
    log: Path | None = None
    page: Path | None = None
    session: int | None = None
    trouble: str = ""


@dataclass(frozen=True)
class Rested(Event):
    """Seconds since the last set ended; once a second."""

    rest_s: float


@dataclass(frozen=True)
class Trouble(Event):
    """Something went wrong that the set survives: a full disk, a lost sensor, a view that could not be served."""

    text: str


@dataclass(frozen=True)
class Ended(Event):
    """The hall is closed; nothing follows."""

    why: str


def as_fields(event: Event) -> dict[str, Any]:
    """The event for JSON: ``event`` is its kind in snake case, NaN and infinity become null, enums their words.

    Of a `Result` go out the exercise, the number of reps, the ratio or difference of every balance, and the warnings;
    the rest is left to its page.

    Returns
    -------
    dict
        Made of dict, list, str, int, float, bool and None alone.
    """
    return {"event": kind(event), **{f.name: _plain(getattr(event, f.name)) for f in fields(event)}}


def kind(event: Event) -> str:
    """The kind of an event in words: ``rep_finished``."""
    name = type(event).__name__
    return "".join(f"_{c.lower()}" if c.isupper() and k else c.lower() for k, c in enumerate(name))


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, tuple | list | frozenset):
        return [_plain(item) for item in value]
    if hasattr(value, "analysis"):
        return _result(value)
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
    return _word(value)


def _word(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    return value.name if isinstance(value, Path) else value


def _result(result: Any) -> dict[str, Any]:
    analysis = result.analysis
    return {
        "exercise": analysis.exercise,
        "reps": len(analysis.segmentation.reps),
        "balances": [
            {name: _plain(getattr(b, name)) for name in ("measure", "site", "unit", "log_ratio", "difference")}
            for b in analysis.balances
        ],
        "warnings": list(analysis.warnings),
    }
