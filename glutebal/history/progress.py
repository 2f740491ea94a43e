"""One person, one exercise, one measure: the series of sessions, its trend, and both sides against their own best.

A series is of ratios (λ) or of differences (right minus left, or a signed midline value, in the series' unit).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby

from glutebal.balance.difference import answer_of, is_midline
from glutebal.balance.nested import nested_estimate
from glutebal.balance.trend import SessionSets, Trend, TrendSettings
from glutebal.errors import InputError
from glutebal.history.assumed import TIMES, assumed, default_settings
from glutebal.history.records import SessionNotes, SessionSummary, SizeMeasurement, StrengthTest
from glutebal.history.series import Series, SetPoint
from glutebal.history.session_estimate import arithmetic_mean
from glutebal.history.sides import SideCourse, side_courses, side_logs
from glutebal.model import Bilateral, Quantity, Side
from glutebal.results import Estimate, Status

__all__ = [
    "AthleteProgress",
    "Progress",
    "Series",
    "SessionMark",
    "SetPoint",
    "SideCourse",
    "default_settings",
    "progress",
]
CROSSES_ZERO = "what can cross zero has no best to be held against"


@dataclass(frozen=True)
class SessionMark:
    """One session of a series beside its trend: what people said about it, or why it has no value.

    ``load_kg`` is the heaviest load of its sets. ``status`` is OK when the session has a value.
    """

    session: int
    day: date
    label: str
    notes: SessionNotes
    load_kg: float | None
    sets: int
    reps: int
    status: Status
    reason: str
    sides: Bilateral[Estimate]  # geometric mean over the sets (of differences arithmetic), in the series' unit


@dataclass(frozen=True)
class Progress:
    """Everything the progress page of one series is made of.

    ``sides`` is None when the values are not comparable between sessions (EMG in volts, times, what can cross zero) or
    there are too few. Where ``is_difference`` the trend is of right minus left in ``unit``, and where ``is_midline`` of
    a signed value that has no sides.
    """

    series: Series
    quantity: Quantity
    unit: str
    trend: Trend
    marks: tuple[SessionMark, ...]
    sides: Bilateral[SideCourse] | None
    sides_reason: str = ""
    is_midline: bool = False

    @property
    def is_difference(self) -> bool:
        """Whether the trend is one of differences in ``unit``, not of λ."""
        return bool(self.trend.settings.unit)


@dataclass(frozen=True)
class AthleteProgress:
    """One person's history as a page shows it: the main series, the others as small multiples, and entries by hand.

    ``note`` says what was chosen for the reader who did not name exercise, measure and site.
    """

    athlete: str
    main: Progress
    others: tuple[Progress, ...] = ()
    sizes: tuple[SizeMeasurement, ...] = ()
    strength_tests: tuple[StrengthTest, ...] = ()
    note: str = ""


def progress(
    points: Sequence[SetPoint], summaries: Sequence[SessionSummary] = (), settings: TrendSettings | None = None
) -> Progress:
    """The trend of a series, its sessions, and both sides against their own best.

    Parameters
    ----------
    points : sequence of SetPoint
        Of one series, ordered by day, session and set, at least one.
    summaries : sequence of SessionSummary
        The athlete's sessions, for their notes; others than those of the points are passed over.
    settings : TrendSettings, optional
        Without it, what is `assumed` of such a series.

    Raises
    ------
    InputError
        There is no set, the sets are not of one series, or the settings are for another unit than its differences.
    """
    from glutebal.balance.trend import trend

    latest = _kind(points)
    series, quantity, unit = latest.series, latest.quantity, latest.unit
    settings = _settings(latest, points, settings)
    sessions = [[_like(latest, p) for p in sets] for _, sets in groupby(points, key=lambda point: point.session)]
    setups = _setups(sessions)
    found = trend([_answers(sets, setup) for sets, setup in zip(sessions, setups, strict=True)], settings)
    notes = {summary.id: summary.notes for summary in summaries}
    marks = tuple(_mark(sets, notes.get(sets[0].session, SessionNotes())) for sets in sessions)
    why = CROSSES_ZERO if settings.unit else _not_comparable(quantity, unit)
    sides = None if why else side_courses(sessions, setups, settings)
    if sides is not None:
        why = next((side.trend.reason or "too few sessions" for side in sides if side.trend.is_unknown), "")
    return Progress(series, quantity, unit, found, marks, None if why else sides, why, is_midline(latest))


def _kind(points: Sequence[SetPoint]) -> SetPoint:
    """The latest set with an answer of the one series of the points: its quantity, unit and kind are the series'."""
    kinds = {point.series for point in points}
    if len(kinds) != 1:
        told = "; ".join(f"{s.athlete} {s.exercise} {s.measure} {s.site}" for s in kinds) or "no set"
        raise InputError("sets of one series", told, "progress")
    return next((p for p in reversed(points) if answer_of(p).status.has_value), points[-1])


def _settings(latest: SetPoint, points: Sequence[SetPoint], given: TrendSettings | None) -> TrendSettings:
    settings = given or assumed(latest, points)
    unit = "" if latest.difference is None else latest.unit
    if settings.unit != unit:
        needed, found = (f"assumptions for {f'differences in {x}' if x else 'ratios'}" for x in (unit, settings.unit))
        raise InputError(needed, found, latest.series.measure, "none at all, or TrendSettings.of_differences(...)")
    return settings


def _like(latest: SetPoint, point: SetPoint) -> SetPoint:
    """The point with sides in this unit, or without sides: volts of a day without reference are not %ref.

    A difference in another unit is no answer, and neither is a ratio among differences.
    """
    unit, differences = latest.unit, latest.difference is not None
    if (point.unit, point.difference is not None) == (unit, differences):
        return point
    none = Estimate.none(Status.UNCALIBRATED, f"in {point.unit}, not in {unit}")
    if differences:
        none = Estimate.none(Status.REFUSED, f"not a difference in {unit}")
    return replace(point, unit=unit, sides=Bilateral(none, none), difference=none if differences else None)


def _setups(sessions: Sequence[Sequence[SetPoint]]) -> list[str]:
    """What each session was measured with; what a session does not say is as in its neighbours."""
    texts = _as_before([sets[0].setup for sets in sessions])
    devices = Bilateral.per_side(lambda side: _as_before([_device(sets, side) for sets in sessions]))
    return [_told(text, Bilateral(*pair)) for text, *pair in zip(texts, *devices, strict=True)]


def _device(sets: Sequence[SetPoint], side: Side) -> str:
    return " and ".join(dict.fromkeys(point.devices[side] for point in sets if point.devices[side]))


def _as_before(said: list[str]) -> list[str]:
    """Fill what was not said with what was said before, and at the beginning with what is said first."""
    last = next((text for text in said if text), "")
    filled = []
    for text in said:
        last = text or last
        filled.append(last)
    return filled


def _told(text: str, devices: Bilateral[str]) -> str:
    named = ", ".join(f"{side.value} {devices[side]}" for side in Side if devices[side])
    return "; ".join(part for part in (text, named) if part)


def _answers(sets: Sequence[SetPoint], setup: str) -> SessionSets:
    """What the sets say. How the sensors of a difference sit is its placement error, and is not counted twice."""
    valued = [answer_of(point).status.has_value for point in sets]
    return SessionSets(
        sets[0].day,
        tuple(answer_of(p).value if known else math.nan for p, known in zip(sets, valued, strict=True)),
        tuple(p.own_se if known else math.nan for p, known in zip(sets, valued, strict=True)),
        max(point.shared_se if point.difference is None else 0.0 for point in sets),
        setup,
    )


def _mark(sets: Sequence[SetPoint], notes: SessionNotes) -> SessionMark:
    loads = [point.load_kg for point in sets if point.load_kg is not None]
    status, reason = _worth(sets)
    return SessionMark(
        session=sets[0].session,
        day=sets[0].day,
        label=sets[0].label,
        notes=notes,
        load_kg=max(loads, default=None),
        sets=len(sets),
        reps=sum(answer_of(point).n for point in sets),
        status=status,
        reason=reason,
        sides=Bilateral.per_side(lambda side: _side_value(sets, side)),
    )


def _worth(sets: Sequence[SetPoint]) -> tuple[Status, str]:
    """OK when a set has a value, else the commonest status and its reason."""
    ratios = [answer_of(point) for point in sets]
    if any(r.status.has_value and math.isfinite(r.value) for r in ratios):
        return Status.OK, ""
    return Counter((r.status, r.reason) for r in ratios).most_common(1)[0][0]


def _side_value(sets: Sequence[SetPoint], side: Side) -> Estimate:
    """Geometric mean of one side over the sets, of what can cross zero arithmetic, with the interval of the sets."""
    if any(point.difference is not None for point in sets):
        return arithmetic_mean(sets, side)
    logs = side_logs(sets, side)
    mean = nested_estimate([[value] for value in logs])
    if not mean.status.has_value:
        return Estimate.none(*_worth_of_side(sets, side))
    value, low, high = (math.exp(x) for x in (mean.value, mean.low, mean.high))
    reps = sum(point.sides[side].n for point in sets)
    return replace(mean, value=value, low=low, high=high, se=value * mean.se, n=reps)


def _worth_of_side(sets: Sequence[SetPoint], side: Side) -> tuple[Status, str]:
    said = Counter((point.sides[side].status, point.sides[side].reason) for point in sets)
    status, reason = said.most_common(1)[0][0]
    return (Status.REFUSED, reason or "no value above 0") if status.has_value else (status, reason)


def _not_comparable(quantity: Quantity, unit: str) -> str:
    """Why one side's value of a day cannot be held against that of another day; empty if it can."""
    if unit in TIMES:
        return f"times ({unit}) have no best to be held against"
    if quantity in {Quantity.FORCE, Quantity.TORQUE} or unit.startswith("%ref"):
        return ""
    if quantity is Quantity.EMG and "V" in unit:
        return "EMG in volts cannot be compared between sessions: electrodes and skin are in it"
    return f"values in {unit or 'no unit'} have no best to be held against"
