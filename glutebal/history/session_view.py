"""One session as it is read: every series over its sets, and what changed since the session before."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from glutebal.balance.estimate import MIN_REPS, drift, with_interval
from glutebal.balance.nested import MIN_SETS, nested_estimate
from glutebal.balance.trend import MeasurementError, Trend
from glutebal.history.records import PER_REFERENCE, SessionRecord
from glutebal.history.series import Series, SetPoint
from glutebal.model import Bilateral, Side
from glutebal.results import Estimate, Laterality, SetBalance, Status

MOST_SILENT = 0.2  # of the sets may be left out because a side is below its floor


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
    """From the session before to this one, same series and same setup, on the scale of λ.

    ``before`` is the earlier session's λ, ``difference`` this one's minus it. Its interval covers what sets differ by
    and the references, not putting the sensors on again: that is in ``error``, which is None when nothing is known.
    """

    day: date
    label: str
    before: Estimate
    difference: Estimate
    error: MeasurementError | None = None

    @property
    def exceeds(self) -> bool | None:
        """Whether the difference is larger than the MDC95; None when either is unknown."""
        if self.error is None or not math.isfinite(self.difference.value) or not math.isfinite(self.error.mdc95):
            return None
        return abs(self.difference.value) > self.error.mdc95


@dataclass(frozen=True)
class SeriesView:
    """One measure of one exercise at one site: its sets side by side and the session's answer over them.

    ``whole`` is the session's: the sets are the replicates, ``drift`` is the slope of λ per set, ``reps`` are all of
    them. Without a ``change``, ``why_no_change`` says why.
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
    first = next((s.balance for s in sets if s.balance.log_ratio.status.has_value), sets[0].balance)
    same_unit = [s.balance for s in sets if s.balance.unit == first.unit]
    whole = SetBalance(
        first.measure,
        first.site,
        first.quantity,
        first.unit,
        tuple(rep for s in sets for rep in s.balance.reps),
        session_ratio([s.balance.log_ratio for s in sets], [s.shared_se for s in sets]),
        _drift([s.balance.log_ratio.value for s in sets]),
        Bilateral.per_side(lambda side: _mean_of_side(same_unit, side)),
    )
    return SeriesView(series, laterality, tuple(sets), whole)


def session_ratio(sets: Sequence[Estimate], shared_ses: Sequence[float] = ()) -> Estimate:
    """λ of a session: the mean over its sets with the interval of the sets, which are the replicates.

    Parameters
    ----------
    sets : sequence of Estimate
        λ of each set; those without a value are left out and counted in the reason.
    shared_ses : sequence of float
        Per set, what it shares with the others; the largest is added in quadrature.

    Returns
    -------
    Estimate
        ``n`` counts repetitions. TOO_FEW without interval under three sets; a bound when more than a fifth of the sets
        only have one, because leaving them out would pull the mean towards symmetry; the commonest status and reason
        when no set has a value.
    """
    usable = [s for s in sets if _has_number(s)]
    left_out = [s for s in sets if not _has_number(s)]
    silent = [s for s in left_out if s.status is Status.CENSORED]
    if silent and len(silent) > MOST_SILENT * (len(silent) + len(usable)):
        return _bound(usable, silent)
    if not usable:
        return _refused(left_out)
    found = nested_estimate([[s.value] for s in usable], extra_se=max(shared_ses, default=0.0))
    faint = found.status is Status.OK and any(s.status is Status.LOW_SNR for s in usable)
    status = Status.LOW_SNR if faint else found.status
    return replace(found, n=sum(s.n for s in usable), status=status, reason=_remarks(found, sets, left_out))


def _has_number(estimate: Estimate) -> bool:
    return estimate.status.has_value and math.isfinite(estimate.value)


def _bound(usable: Sequence[Estimate], silent: Sequence[Estimate]) -> Estimate:
    """The mean with a bound in the place of each unknown set."""
    values = [s.value for s in usable]
    count = len(usable) + len(silent)
    low, high = ((sum(ends) + sum(values)) / count for ends in ([s.low for s in silent], [s.high for s in silent]))
    reason = f"{_commonest(silent)} in {len(silent)} of {_counted(count)}"
    n = sum(s.n for s in [*usable, *silent])
    return Estimate(math.nan, low, high, n=n, method="mean of bounds", status=Status.CENSORED, reason=reason)


def _refused(sets: Sequence[Estimate]) -> Estimate:
    status = Counter(s.status for s in sets).most_common(1)[0][0] if sets else Status.REFUSED
    reason = _commonest([s for s in sets if s.status is status]) if sets else "no set was recorded"
    return Estimate.none(status, reason, sum(s.n for s in sets))


def _commonest(sets: Sequence[Estimate]) -> str:
    return Counter(s.reason for s in sets).most_common(1)[0][0]


def _remarks(found: Estimate, sets: Sequence[Estimate], left_out: Sequence[Estimate]) -> str:
    said = [found.reason] if found.reason else []
    faint = [s for s in sets if s.status is Status.LOW_SNR]
    said += [f"close to the noise floor in {len(faint)} of {_counted(len(sets))}"] if faint else []
    said += [f"{len(left_out)} of {_counted(len(sets))} left out: {_commonest(left_out)}"] if left_out else []
    return "; ".join(said)


def _counted(n: int) -> str:
    return f"{n} set" if n == 1 else f"{n} sets"


def _drift(values: Sequence[float]) -> Estimate:
    """Slope of λ per set."""
    slope = replace(drift(values), method="least squares per set")
    if slope.status is Status.TOO_FEW:
        return replace(slope, reason=f"{_counted(slope.n)}, an interval needs {MIN_REPS}")
    return slope if slope.status.has_value else replace(slope, reason="a slope needs two sets with a ratio")


def _mean_of_side(balances: Sequence[SetBalance], side: Side) -> Estimate:
    """Geometric mean of one side over the sets, with the interval of the sets."""
    sides = [balance.sides[side] for balance in balances]
    usable = [s for s in sides if _has_number(s) and s.value > 0]
    if not usable:
        return _refused(sides)
    mean = nested_estimate([[math.log(s.value)] for s in usable])
    value, low, high = (math.exp(x) for x in (mean.value, mean.low, mean.high))
    return replace(mean, value=value, low=low, high=high, se=value * mean.se, n=sum(s.n for s in usable))


def _with_change(
    view: SeriesView, record: SessionRecord, trend: Trend | None, points: Sequence[SetPoint]
) -> SeriesView:
    older = _older(record, points)
    why = _not_comparable(view, record, older)
    if why:
        return replace(view, why_no_change=why)
    before = [p for p in older if p.session == older[-1].session]
    now = _Compared.of([s.balance.log_ratio for s in view.sets], [s.shared_se for s in view.sets])
    then = _Compared.of([p.log_ratio for p in before], [p.shared_se for p in before])
    if not _has_number(then.ratio):
        return replace(view, why_no_change=f"no answer in the session before: {then.ratio.reason}")
    error = trend.error if trend else None
    change = SessionChange(before[0].day, before[0].label, then.ratio, _difference(now, then), error)
    return replace(view, change=change)


@dataclass(frozen=True)
class _Compared:
    """What is compared: a session's λ, how many sets stand behind it, and what they share."""

    ratio: Estimate
    sets: int
    shared_se: float

    @classmethod
    def of(cls, sets: Sequence[Estimate], shared_ses: Sequence[float]) -> _Compared:
        usable = sum(_has_number(s) for s in sets)
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
        reason = f"{_counted(then.sets)} then and {now.sets} now, an interval needs {MIN_SETS} each"
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
    return "" if _has_number(view.whole.log_ratio) else "no answer in this session"
