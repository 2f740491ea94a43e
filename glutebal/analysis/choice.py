"""Which series a trend is about, when not all of its parts were named: chosen by what it is, never by its size."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from glutebal.coach.exercises import exercise as exercise_named
from glutebal.errors import InputError, UnknownNameError
from glutebal.history.series import Series
from glutebal.history.summaries import SeriesSummary
from glutebal.model import Quantity

#: Among measures of one site; others follow in the order of their names.
MEASURES = ("mean_force", "peak_force", "impulse", "activation", "peak_activation", "integrated_emg")
#: The same among differences, of all sites.
DIFFERENCES = ("hip_flexion_rom", "knee_flexion_rom", "pelvic_drop", "lateral_shift", "thigh_lean_range")
#: How long, not how much.
TIMES = frozenset({"active_time", "duty", "hold_time", "duration", "tempo"})
_TIME_DIFFERENCES = frozenset({"rep_duration"})
_FORCES = (Quantity.FORCE, Quantity.TORQUE)
MANY = 6  # small multiples beside the main series


@dataclass(frozen=True)
class Chosen:
    """The series of a trend, those to show beside it, and what was chosen for the reader."""

    main: Series
    others: tuple[Series, ...]
    note: str


def chosen(
    known: Sequence[SeriesSummary], exercise: str | None, site: str | None, measure: str | None, where: str
) -> Chosen:
    """Choose a series among those of one person.

    The exercise with the most sessions; in it force before EMG before differences (right minus left in degrees or
    centimetres) before times, the gluteus maximus before other sites, the mean before the peak; a series with less than
    half of the sessions comes after the fuller ones.

    Raises
    ------
    UnknownNameError
        A part that was named is not there; the message lists what is.
    InputError
        There is nothing.
    """
    if not known:
        raise InputError("a session with a balance", "none", where, "History.add")
    left: Sequence[SeriesSummary] = known
    for kind, name, part in (
        ("exercise", exercise, lambda s: s.series.exercise),
        ("site", site, lambda s: s.series.site),
        ("measure", measure, lambda s: s.series.measure),
    ):
        left = _named(left, kind, name, part, where)
    fullest = max(left, key=lambda s: (s.valued, s.sessions, s.series.exercise == exercise)).series.exercise
    of_it = [s for s in left if s.series.exercise == fullest]
    main = min(of_it, key=_precedence(of_it)).series
    return Chosen(main, _beside(main, known), _told(main, exercise, site, measure))


def _beside(main: Series, known: Sequence[SeriesSummary]) -> tuple[Series, ...]:
    """One measure of every other exercise and site, those of the same exercise first."""
    groups: dict[tuple[str, str], list[SeriesSummary]] = {}
    for summary in known:
        place = (summary.series.exercise, summary.series.site)
        if summary.valued and place != (main.exercise, main.site):
            groups.setdefault(place, []).append(summary)
    best = [min(group, key=_precedence(group)) for group in groups.values()]
    best.sort(key=lambda s: (s.series.exercise != main.exercise, -s.valued, s.series.exercise, s.series.site))
    return tuple(s.series for s in best)[:MANY]


def _named(
    known: Sequence[SeriesSummary], kind: str, name: str | None, part: Callable[[SeriesSummary], str], where: str
) -> Sequence[SeriesSummary]:
    if name is None:
        return known
    left = [s for s in known if part(s) == name]
    if not left:
        raise UnknownNameError.among(kind, name, {part(s) for s in known}, where)
    return left


Order = tuple[bool, bool, bool, bool, bool, int, str, str]


def _precedence(of_it: Iterable[SeriesSummary]) -> Callable[[SeriesSummary], Order]:
    """How much comes before how long even without an answer: the answer that is missing is then what is told."""
    most = max((s.valued for s in of_it if not _is_time(s)), default=0)

    def order(summary: SeriesSummary) -> Order:
        series = summary.series
        sparse = 2 * summary.valued < most
        difference, emg = summary.differences > 0, summary.quantity not in _FORCES
        elsewhere = not series.site.startswith("gluteus_maximus")
        rank = _rank(series.measure, DIFFERENCES if difference else MEASURES)
        return _is_time(summary), sparse, difference, emg, elsewhere, rank, series.site, series.measure

    return order


def _is_time(summary: SeriesSummary) -> bool:
    return summary.series.measure in (_TIME_DIFFERENCES if summary.differences else TIMES)


def _rank(measure: str, order: Sequence[str]) -> int:
    return order.index(measure) if measure in order else len(order)


def _told(main: Series, exercise: str | None, site: str | None, measure: str | None) -> str:
    parts = (("exercise", exercise, main.exercise), ("site", site, main.site), ("measure", measure, main.measure))
    free = [f"{kind} {found}" for kind, name, found in parts if name is None]
    return f"Chosen by number of sessions and kind, never by size, because not named: {', '.join(free)}" if free else ""


def canonical(exercise: str | None) -> str | None:
    """The catalogue's name for an exercise; a name that is not in it is left as it is."""
    if exercise is None:
        return None
    try:
        return exercise_named(exercise).name
    except UnknownNameError:
        return exercise
