"""One session as it is read: every series over its sets, and what changed since the session before."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from glutebal.balance.difference import answer_of, is_midline
from glutebal.balance.estimate import with_interval
from glutebal.balance.nested import MIN_SETS
from glutebal.balance.trend import MeasurementError, Trend
from glutebal.history.records import PER_REFERENCE, SessionRecord
from glutebal.history.series import Series, SetPoint
from glutebal.history.session_estimate import (
    arithmetic_mean,
    drift_over_sets,
    has_number,
    mean_of_side,
    of_differences,
    session_difference,
    session_ratio,
    sets_counted,
)
from glutebal.model import Bilateral, Side
from glutebal.results import Estimate, Laterality, SetBalance, Status


@dataclass(frozen=True)
class SetInSession:
    """One set of a series: which it was that day, in which of the session's recordings, and what it says.

    ``shared_se`` is the standard error of λ that it shares with the other sets (the references').
    """

    index: int
    recording: int
    load_kg: float | None
    balance: SetBalance
    shared_se: float = 0.0


@dataclass(frozen=True)
class SessionChange:
    """From the session before to this one, same series and same setup, on the scale of λ, or in ``unit`` if it has one.

    ``before`` is the earlier session's value, ``difference`` this one's minus it. Its interval covers what sets differ
    by and the references, not putting the sensors on again: that is in ``error``, which is None when nothing is known.
    ``unit`` is that of a series that can cross zero (deg, cm, s), empty for λ.
    """

    day: date
    label: str
    before: Estimate
    difference: Estimate
    error: MeasurementError | None = None
    unit: str = ""

    @property
    def exceeds(self) -> bool | None:
        """Whether the difference is larger than the MDC95; None when either is unknown."""
        if self.error is None or not math.isfinite(self.difference.value) or not math.isfinite(self.error.mdc95):
            return None
        return abs(self.difference.value) > self.error.mdc95


@dataclass(frozen=True)
class SeriesView:
    """One measure of one exercise at one site: its sets side by side and the session's answer over them.

    ``whole`` is the session's: the sets are the replicates, ``drift`` is the slope of λ (of the difference, where there
    is one) per set, ``reps`` are all of them. Without a ``change``, ``why_no_change`` says why.
    """

    series: Series
    laterality: Laterality
    sets: tuple[SetInSession, ...]
    whole: SetBalance
    change: SessionChange | None = None
    why_no_change: str = ""


@dataclass(frozen=True)
class SessionView:
    """A session and everything its page says."""

    record: SessionRecord
    series: tuple[SeriesView, ...]


def session_view(
    record: SessionRecord,
    earlier: Mapping[Series, Trend] | None = None,
    previous: Mapping[Series, Sequence[SetPoint]] | None = None,
) -> SessionView:
    """Put a session together: its sets, its answers, and what changed.

    Parameters
    ----------
    record : SessionRecord
    earlier : mapping of Series to Trend, optional
        What is known of each series' measurement error.
    previous : mapping of Series to sequence of SetPoint, optional
        The sets of each series as the store gives them; those of this session and of later ones are passed over.
    """
    trends, points = earlier or {}, previous or {}
    views = [_series_view(series, laterality, sets) for series, (laterality, sets) in _sets(record).items()]
    views = [_with_change(view, record, trends.get(view.series), points.get(view.series, ())) for view in views]
    return SessionView(record, tuple(views))


def _sets(record: SessionRecord) -> dict[Series, tuple[Laterality, list[SetInSession]]]:
    found: dict[Series, tuple[Laterality, list[SetInSession]]] = {}
    for place, recording in enumerate(record.recordings):
        for one in recording.sets:
            for balance in one.balances:
                series = Series(record.athlete, one.exercise, balance.measure, balance.site)
                shared = one.shared_se.get(balance.site, 0.0) if PER_REFERENCE in balance.unit else 0.0
                made = SetInSession(one.index, place, one.load_kg, balance, shared)
                found.setdefault(series, (one.laterality, []))[1].append(made)
    return found


def _series_view(series: Series, laterality: Laterality, sets: Sequence[SetInSession]) -> SeriesView:
    first = next((s.balance for s in sets if answer_of(s.balance).status.has_value), sets[0].balance)
    same_unit = [s.balance for s in sets if s.balance.unit == first.unit]
    if first.difference is not None:
        return SeriesView(series, laterality, tuple(sets), _whole_difference(first, sets))
    whole = SetBalance(
        first.measure,
        first.site,
        first.quantity,
        first.unit,
        tuple(rep for s in sets for rep in s.balance.reps),
        session_ratio([s.balance.log_ratio for s in sets], [s.shared_se for s in sets]),
        drift_over_sets([s.balance.log_ratio.value for s in sets]),
        Bilateral.per_side(lambda side: mean_of_side(same_unit, side)),
    )
    return SeriesView(series, laterality, tuple(sets), whole)


def _whole_difference(first: SetBalance, sets: Sequence[SetInSession]) -> SetBalance:
    """The session's answer of what can cross zero; a set in another unit is not part of it."""
    alike = [s.balance for s in sets if (s.balance.unit, s.balance.difference is None) == (first.unit, False)]
    found = [answer_of(balance) for balance in alike]
    return replace(
        first,
        reps=tuple(rep for balance in alike for rep in balance.reps),
        drift=of_differences(drift_over_sets([d.value for d in found])),
        sides=first.sides if is_midline(first) else Bilateral.per_side(lambda side: arithmetic_mean(alike, side)),
        difference=session_difference(found),
    )


def _with_change(
    view: SeriesView, record: SessionRecord, trend: Trend | None, points: Sequence[SetPoint]
) -> SeriesView:
    older = _older(record, points)
    why = _not_comparable(view, record, older)
    if why:
        return replace(view, why_no_change=why)
    before = [p for p in older if p.session == older[-1].session]
    if view.whole.difference is not None:
        return _with_change_of_difference(view, before, trend)
    now = _Compared.of([s.balance.log_ratio for s in view.sets], [s.shared_se for s in view.sets])
    then = _Compared.of([p.log_ratio for p in before], [p.shared_se for p in before])
    if not has_number(then.ratio):
        return replace(view, why_no_change=f"no answer in the session before: {then.ratio.reason}")
    error = trend.error if trend else None
    change = SessionChange(before[0].day, before[0].label, then.ratio, _difference(now, then), error)
    return replace(view, change=change)


def _with_change_of_difference(view: SeriesView, before: Sequence[SetPoint], trend: Trend | None) -> SeriesView:
    unit = view.whole.unit
    found = [p.difference for p in before if p.difference is not None and p.unit == unit]
    now = _Compared.of([answer_of(s.balance) for s in view.sets if s.balance.unit == unit], ())
    then = _Compared.of(found, ())
    if not has_number(then.ratio):
        return replace(view, why_no_change=f"no answer in the session before: {then.ratio.reason}")
    error = trend.error if trend and trend.settings.unit == unit else None
    change = SessionChange(before[0].day, before[0].label, then.ratio, _difference(now, then), error, unit)
    return replace(view, change=change)


@dataclass(frozen=True)
class _Compared:
    """What is compared: a session's λ (or difference), how many sets stand behind it, and what they share."""

    ratio: Estimate
    sets: int
    shared_se: float

    @classmethod
    def of(cls, sets: Sequence[Estimate], shared_ses: Sequence[float]) -> _Compared:
        usable = sum(has_number(s) for s in sets)
        return cls(session_ratio(sets, shared_ses), usable, max(shared_ses, default=0.0))

    @property
    def part(self) -> tuple[float, float]:
        """Variance from the sets alone, and its degrees of freedom."""
        return max(self.ratio.se**2 - self.shared_se**2, 0.0), self.sets - 1


def _difference(now: _Compared, then: _Compared) -> Estimate:
    """λ now minus λ then; the two sessions' errors are independent (Welch and Satterthwaite)."""
    n = now.ratio.n + then.ratio.n
    made = Estimate(now.ratio.value - then.ratio.value, n=n, method="Welch t on set means")
    if min(now.sets, then.sets) < MIN_SETS:
        reason = f"{sets_counted(then.sets)} then and {now.sets} now, an interval needs {MIN_SETS} each"
        return replace(made, status=Status.TOO_FEW, reason=reason, method="difference of means")
    return with_interval(made, [now.part, then.part], math.hypot(now.shared_se, then.shared_se), now.ratio.level)


def _older(record: SessionRecord, points: Sequence[SetPoint]) -> list[SetPoint]:
    """The sets of the sessions before this one, the latest session last."""
    stored = record.id or math.inf
    older = (p for p in points if p.session != record.id and (p.day, p.session) < (record.day, stored))
    return sorted(older, key=lambda p: (p.day, p.session))


def _not_comparable(view: SeriesView, record: SessionRecord, older: Sequence[SetPoint]) -> str:
    """Why there is no difference to tell; empty if there is one. What was not said is as it was before."""
    if not older:
        return "no earlier session"
    devices = record.recordings[view.sets[0].recording].devices.get(view.series.site, Bilateral("", ""))
    said = {
        "the setup": ([p.setup for p in older], record.notes.setup),
        **{f"the {side.value} sensor": ([p.devices[side] for p in older], devices[side]) for side in Side},
    }
    for what, (earlier, now) in said.items():
        then = next((text for text in reversed(earlier) if text), now)
        if now and now != then:
            return f'not comparable: {what} was "{then}" before and is "{now}" in this session'
    return "" if has_number(answer_of(view.whole)) else "no answer in this session"
