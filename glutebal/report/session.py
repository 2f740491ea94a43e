"""The page of a session: all sets side by side, all measures, what changed, and what stands behind it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from glutebal.balance.difference import answer_of, is_midline
from glutebal.balance.motion_view import MotionView, mean_phases, pooled_curves, pooled_poses
from glutebal.history.session_view import SeriesView, SessionView
from glutebal.model import Side
from glutebal.report.cells import side_amount
from glutebal.report.choice import has_answer
from glutebal.report.differences import CAPTION as DIFFERENCE_CAPTION
from glutebal.report.differences import formulas_of, told
from glutebal.report.figures.session import sets_figure
from glutebal.report.limits import CAN_SAY_SESSION, CANNOT_SAY, SAFETY
from glutebal.report.motion import motion_section
from glutebal.report.page import FORMULAS, SOURCES, Page, templates
from glutebal.report.reading import SIGN, capital, name_of, title
from glutebal.report.session_cells import change_row, matrix_row, measure_row, recording_part, set_tables, why_not
from glutebal.report.session_change import change_told
from glutebal.report.session_words import (
    by_exercise,
    counts_told,
    drift_over_sets,
    main_series,
    notes_told,
    session_headline,
    session_title,
    set_name,
)
from glutebal.report.svg import inline_svg
from glutebal.results import Rep, SetBalance, Status

if TYPE_CHECKING:
    from markupsafe import Markup

SESSION_FORMULAS = (
    ("Session", "the mean of λ over the sets, which are the replicates: t interval on sets − 1 degrees of freedom"),
    ("Measurement error", "MDC95 = 1.96·√2·SEM: two sessions of the same setup differ by less in 95 of 100 cases"),
)
NO_CURVES = (
    "this session keeps none; its recordings had no calibration, or were added before curves were kept. "
    "The page of a recording draws what it has (glutebal analyse --report)"
)
SESSION_SOURCES = ("Minimal detectable change: Weir (2005) J Strength Cond Res 19:231.",)


def session_page(view: SessionView) -> Page:
    """Make the page of a session: the same bytes for the same session.

    Parameters
    ----------
    view : SessionView

    Returns
    -------
    Page
        Headline, what changed, all sets side by side, all measures, every repetition, what was said, the quality of
        every recording, what was left out, warnings, references, settings, limits, and when to stop and ask.
    """
    return Page(templates().get_template("session.html.j2").render(_content(view)))


def session_card(view: SessionView) -> str:
    """The short form for a notebook: headline, what changed, picture and tables, as an HTML fragment.

    Parameters
    ----------
    view : SessionView

    Returns
    -------
    str
    """
    return templates().get_template("session_card.html.j2").render(_summary(view, "session"))


def _summary(view: SessionView, prefix: str) -> dict[str, Any]:
    main = main_series(view)
    return {
        "title": session_title(view),
        "athlete": view.record.athlete,
        "facts": _facts(view),
        "headline": session_headline(view),
        "change": change_told(main) if main else "",
        "drift": drift_over_sets(main) if main else "",
        "before": main is not None and main.change is not None,
        "main_svg": _svg(main, prefix) if main else None,
        "sign": SIGN,
        "exercises": [
            {"name": capital(title(name or "exercise not named")), **_measure_rows(group)}
            for name, group in by_exercise(view.series).items()
        ],
    }


def _measure_rows(group: Sequence[SeriesView]) -> dict[str, Any]:
    """The rows of the two tables of all measures: those with a ratio, and those with a difference."""
    return {
        "rows": [measure_row(series) for series in group if series.whole.difference is None],
        "difference_rows": [measure_row(series) for series in group if series.whole.difference is not None],
        "difference_caption": f"{capital(DIFFERENCE_CAPTION)} over the sets.",
    }


def _content(view: SessionView) -> dict[str, Any]:
    groups, summary = by_exercise(view.series), _summary(view, "m")
    for place, (exercise, group) in enumerate(zip(summary["exercises"], groups.values(), strict=True)):
        exercise.update(_exercise(group, main_series(view), f"x{place}"))
        exercise["motion"] = motion_section(motion_of(view, group), group[0].laterality, f"x{place}")
    warnings = (warning for recording in view.record.recordings for warning in recording.warnings)
    return {
        **summary,
        "changes": [change_row(series) for series in _leading_of_all(view) if _is_compared(view)],
        "said": notes_told(view.record.notes),
        "notes": view.record.notes.text,
        "warnings": list(dict.fromkeys(warnings)),
        "recordings": [recording_part(recording) for recording in view.record.recordings],
        "formulas": (*SESSION_FORMULAS, *FORMULAS, *formulas_of(series.whole for series in view.series)),
        "sources": (*SESSION_SOURCES, *SOURCES),
        "can_say": CAN_SAY_SESSION,
        "cannot_say": CANNOT_SAY,
        "safety": SAFETY,
    }


def _exercise(group: Sequence[SeriesView], main: SeriesView | None, prefix: str) -> dict[str, Any]:
    first = leading_series(group)
    sets = sorted({(one.index, one.load_kg) for series in group for one in series.sets}, key=lambda pair: pair[0])
    others = [series for series in first if series is not main]
    pictures = [_svg(series, f"{prefix}s{place}") for place, series in enumerate(others)]
    return {
        "pictures": [picture for picture in pictures if picture],
        "why_not": why_not(first),
        "sets": [set_name(*pair) for pair in sets],
        "matrix": [matrix_row(series, [index for index, _ in sets]) for series in group],
        "reps": set_tables(first),
    }


def motion_of(view: SessionView, group: Sequence[SeriesView]) -> MotionView:
    """What was kept of the movement of one exercise, over its recordings of that day."""
    name = group[0].series.exercise
    recordings = [r for r in view.record.recordings if any(one.exercise == name for one in r.sets)]
    reps = {entry.rep: None for series in group for entry in series.whole.reps if _has_its_phases(entry.rep)}
    curves = pooled_curves(recording.curves for recording in recordings)
    return MotionView(
        curves=curves,
        poses=pooled_poses(recording.poses for recording in recordings),
        points=tuple(series.whole for series in group if series.whole.difference is not None),
        phases=mean_phases(list(reps)),
        reason="" if curves else NO_CURVES,
    )


def _has_its_phases(rep: Rep) -> bool:
    """Whether it is a whole repetition: the single-leg part of a stride is measured too, and keeps the stride's."""
    return all(rep.start <= phase.start and phase.stop <= rep.stop for phase in rep.phases)


def leading_series(group: Sequence[SeriesView]) -> list[SeriesView]:
    """The first series of every site that says how much, or how long if there is no other: one picture per site."""
    first: dict[str, SeriesView] = {}
    for series in group:
        first.setdefault(series.series.site, series)
    return list(first.values())


def _leading_of_all(view: SessionView) -> list[SeriesView]:
    return [series for group in by_exercise(view.series).values() for series in leading_series(group)]


def _is_compared(view: SessionView) -> bool:
    """Whether any series has a session before it; if none has, a table would say it over and over."""
    return any(series.change is not None for series in view.series)


def _facts(view: SessionView) -> list[str]:
    loads = {one.load_kg for recording in view.record.recordings for one in recording.sets if one.load_kg is not None}
    facts = [view.record.athlete, *counts_told(view).split(", ")]
    exercises = [title(name) for name in by_exercise(view.series) if name]
    facts += [", ".join(exercises)] if exercises else []
    return facts + ([f"{' / '.join(f'{load:g}' for load in sorted(loads))} kg"] if loads else [])


def _svg(series: SeriesView, prefix: str) -> Markup | None:
    if answer_of(series.whole).status is Status.REFUSED:
        return None
    each = [f"{set_name(one.index, one.load_kg)}: {_set_words(one.balance)}" for one in series.sets]
    name = capital(name_of(series.whole))
    whole = f"Session: {told(series.whole) if has_answer(answer_of(series.whole)) else 'no balance'}"
    return inline_svg(sets_figure(series), f"{name} of each set, left and right. {'; '.join(each)}. {whole}.", prefix)


def _set_words(balance: SetBalance) -> str:
    if is_midline(balance):
        return told(balance, brief=True)
    sides = (f"{side.value} {side_amount(balance.sides[side], balance.unit)}" for side in Side)
    return f"{' '.join(sides)}, {told(balance, brief=True)}"
