"""What the history keeps: athletes, sessions, recordings, sets, and what people enter by hand."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from glutebal.balance.motion_view import AngleCurve, StickPose
from glutebal.errors import InputError
from glutebal.model import Bilateral, Side, TimeAlignment
from glutebal.results import ChannelQuality, ExcludedRep, Laterality, Reference, SetBalance

SCALE = (0.0, 10.0)  # pain and fatigue, as people rate them
PER_REFERENCE = "%ref"  # in the unit of what is told against a reference contraction


@dataclass(frozen=True)
class Athlete:
    """A person under a pseudonym; nothing here may identify them."""

    pseudonym: str
    notes: str = ""


@dataclass(frozen=True)
class SessionNotes:
    """What a person says about a session; ``None`` is not said, which is not 0.

    ``pain`` and ``fatigue`` are rated 0 to 10, ``sleep_h`` is hours of the night before, ``first_side`` the side that
    worked first. ``setup`` names how the sensors were put on (electrode positions, straps, plates); another text than
    in the session before says that values before and after are not comparable.
    """

    pain: float | None = None
    sleep_h: float | None = None
    fatigue: float | None = None
    first_side: Side | None = None
    setup: str = ""
    text: str = ""

    def __post_init__(self) -> None:
        _within("pain", self.pain, *SCALE)
        _within("fatigue", self.fatigue, *SCALE)
        _within("sleep_h", self.sleep_h, 0.0, 24.0)


@dataclass(frozen=True)
class SetRecord:
    """One set: its exercise, its load and every balance with its reps.

    A one-sided exercise's left and right sets in one recording are one record: its balance is between them.
    ``shared_se`` holds, per site, the standard error of λ that every set of the recording shares (the references').
    """

    index: int
    exercise: str
    laterality: Laterality
    balances: tuple[SetBalance, ...]
    load_kg: float | None = None
    shared_se: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class RecordingRecord:
    """What one analysed recording leaves in the history.

    ``fingerprint`` is a digest of the samples and of what their channels mean: the same recording has the same one,
    under whatever file name. ``devices`` names the sensors at each site, per side ("" when the file does not say).
    ``curves`` and ``poses`` are the mean angles and postures over its repetitions; empty without joint angles.
    """

    fingerprint: str
    source: str
    started: datetime
    duration_s: float
    sets: tuple[SetRecord, ...]
    quality: tuple[ChannelQuality, ...] = ()
    references: tuple[Reference, ...] = ()
    excluded: tuple[ExcludedRep, ...] = ()
    devices: Mapping[str, Bilateral[str]] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    alignment: TimeAlignment | None = None
    curves: tuple[AngleCurve, ...] = ()
    poses: tuple[StickPose, ...] = ()


@dataclass(frozen=True)
class SessionRecord:
    """The recordings of one person on one day; ``label`` tells two sessions of a day apart ("evening").

    ``id`` is the store's own number, 0 before it was stored.
    """

    athlete: str
    day: date
    recordings: tuple[RecordingRecord, ...]
    label: str = ""
    notes: SessionNotes = field(default_factory=SessionNotes)
    id: int = 0


@dataclass(frozen=True)
class SessionSummary:
    """A session in a list: what there is of it, without reading its repetitions.

    ``recordings``, ``sets`` and ``reps`` are counts; a rep counts once however many measures it has.
    """

    id: int
    athlete: str
    day: date
    label: str
    notes: SessionNotes
    recordings: int
    sets: int
    reps: int
    exercises: tuple[str, ...] = ()


@dataclass(frozen=True)
class SizeMeasurement:
    """Size of a muscle or limb per side, entered by hand.

    ``method`` is ultrasound, mri or dxa: tape and photographs cannot tell the sides of the buttock apart.
    ``error`` is the instrument's own standard error of one side, in ``unit``.
    """

    athlete: str
    day: date
    site: str
    method: str
    unit: str
    sides: Bilateral[float]
    error: float
    instrument: str = ""
    text: str = ""
    id: int = 0

    def __post_init__(self) -> None:
        if self.method not in SIZE_METHODS:
            advice = "tape, photographs and fold height cannot tell the sides apart"
            raise InputError(f"one of {', '.join(SIZE_METHODS)}", repr(self.method), "size method", advice)
        _positive(self.sides, self.error)


SIZE_METHODS = ("ultrasound", "mri", "dxa")


@dataclass(frozen=True)
class StrengthTest:
    """A strength test per side, entered by hand: best value, and the standard error of one side, in ``unit``."""

    athlete: str
    day: date
    test: str
    unit: str
    sides: Bilateral[float]
    error: float
    instrument: str = ""
    text: str = ""
    id: int = 0

    def __post_init__(self) -> None:
        _positive(self.sides, self.error)


def _within(name: str, value: float | None, low: float, high: float) -> None:
    if value is not None and not low <= value <= high:
        raise InputError(f"{low:g} to {high:g}", f"{value:g}", name)


def _positive(sides: Bilateral[float], error: float) -> None:
    for side in Side:
        if not (math.isfinite(sides[side]) and sides[side] > 0):
            raise InputError("a positive value", f"{sides[side]:g}", f"{side.value} side")
    if not (math.isfinite(error) and error >= 0):
        advice = "the instrument's own standard error, from its manual or a repeated measurement"
        raise InputError("an error of 0 or more", f"{error:g}", "error", advice)
