"""The progress page: which side, how sure, does it change; then everything that stands behind those answers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from glutebal.history.progress import AthleteProgress, Progress
from glutebal.model import Side
from glutebal.report.differences import FORMULA
from glutebal.report.figures.ewma import ewma_figure
from glutebal.report.figures.multiples import PICTURED, multiples_figure
from glutebal.report.figures.sides import sides_figure
from glutebal.report.figures.trend import trend_figure
from glutebal.report.limits import CANNOT_SAY, OVER_TIME, SAFETY
from glutebal.report.measured import size_rows, strength_rows
from glutebal.report.page import FORMULAS, SOURCES, Page, templates
from glutebal.report.reading import SIGN, capital, fixed, title
from glutebal.report.season_evidence import error_told, ewma_told, robust_told, side_told, signs_told
from glutebal.report.season_reading import (
    answered_levels,
    counts,
    day_told,
    is_finding,
    leaning,
    number_of,
    present,
    rows_of,
    series_title,
)
from glutebal.report.season_rows import series_row, session_rows
from glutebal.report.season_scale import Scale, scale_of
from glutebal.report.season_tiles import tiles
from glutebal.report.season_words import basis, finding
from glutebal.report.svg import inline_svg
from glutebal.results import Estimate

if TYPE_CHECKING:
    from markupsafe import Markup

SEASON_FORMULAS = (
    ("Session", "mean of its sets' λ; sets, not repetitions, are the replicates"),
    ("Level", "local level: λ(t) = λ(t−1) + w, seen as y(t) = λ(t) + e(t); e holds sets, references and placement"),
    ("Difference that counts", "MDC95 = 1.96·√2·SEM of one session; 90 %: 1.645·√2·SEM"),
    ("Direction", "two-sided exact sign test over sessions, with the exact interval of the share"),
    ("Running average", "z(t) = 0.3·y(t) + 0.7·z(t−1), limits at 3 of its standard deviations"),
    ("Size and strength", "λ = ln(right / left), se² = e²·(1/L² + 1/R²), e the instrument's error of one side"),
)
SEASON_SOURCES = (
    "Local level, filter and smoother: Durbin & Koopman (2012) Time Series Analysis by State Space Methods.",
    "Smallest difference that counts: Weir (2005) J Strength Cond Res 19:231.",
    "Slope and test without outliers: Theil (1950), Sen (1968); Mann (1945), Kendall.",
    "Running average chart: Roberts (1959); NIST/SEMATECH e-Handbook 6.3.2.4.",
)


def progress_page(progress: AthleteProgress) -> Page:
    """Make the progress page of a person: the same bytes for the same history.

    Parameters
    ----------
    progress : AthleteProgress

    Returns
    -------
    Page
        Headline, three short answers and the trend; each side against its own best; direction, measurement error
        and second opinions; the other series; every session with its notes; sizes and strength tests; limits, and
        when to stop and ask. What is not known is said to be unknown, with what is missing.
    """
    return Page(templates().get_template("progress.html.j2").render(_content(progress)))


def progress_card(progress: AthleteProgress) -> str:
    """The short form for a notebook: headline, three short answers and the trend, as an HTML fragment.

    Parameters
    ----------
    progress : AthleteProgress

    Returns
    -------
    str
    """
    return templates().get_template("progress_card.html.j2").render(_summary(progress, "card"))


def _summary(progress: AthleteProgress, prefix: str) -> dict[str, Any]:
    main = progress.main
    return {
        "title": series_title(main),
        "athlete": progress.athlete,
        "facts": _facts(progress),
        "finding": _kept(finding(main)),
        "basis": _kept(basis(main)),
        "tiles": [replace(t, answer=_kept(t.answer), detail=_kept(t.detail)) for t in tiles(main)],
        "is_finding": is_finding(main.trend),
        "sign": scale_of(main).sign,
        "trend_svg": _trend_svg(main, f"{prefix}t") if answered_levels(main.trend) else None,
    }


def _content(progress: AthleteProgress) -> dict[str, Any]:
    main = progress.main
    return {
        **_summary(progress, "p"),
        "note": capital(title(progress.note)),
        "sides_told": [_kept(side_told(main, side)) for side in Side] if main.sides else [],
        "sides_reason": "" if main.is_difference else main.sides_reason,
        "sides_svg": _sides_svg(main) if main.sides else None,
        "evidence": _evidence(main),
        "ewma_svg": _ewma_svg(main) if main.trend.ewma else None,
        **_other_series(progress),
        "sessions": session_rows(main),
        "sessions_caption": f"{capital(scale_of(main).caption)} with 95 % range, newest first; {scale_of(main).sign}.",
        "unit": main.unit,
        "sizes": size_rows(progress.sizes),
        "strength": strength_rows(progress.strength_tests),
        "settings": _settings(main),
        "formulas": (*FORMULAS, *SEASON_FORMULAS, *_difference_formula(progress)),
        "sources": (*SOURCES, *SEASON_SOURCES),
        "can_say": OVER_TIME,
        "cannot_say": CANNOT_SAY,
        "safety": SAFETY,
    }


def _kept(text: str) -> str:
    """Numbers stay on one line with what follows them."""
    return re.sub(r"(?<=\d) (?=%|points|cm)", "\u00a0", text)


def _facts(progress: AthleteProgress) -> list[str]:
    main = progress.main
    if not main.marks:
        return [progress.athlete, "no sessions yet"]
    first, last = main.marks[0].day, main.marks[-1].day
    days = day_told(last) if first == last else f"{day_told(first, last)} to {day_told(last)}"
    answered = sum(level is not None for _, level in rows_of(main))
    missing = len(main.marks) - answered
    facts = [progress.athlete, days, number_of(len(main.marks), "session")]
    return [*facts, f"{missing} without an answer"] if missing else facts


def _evidence(progress: Progress) -> list[tuple[str, str]]:
    trend, scale = progress.trend, scale_of(progress)
    if not present(trend):
        return []
    return [
        ("Always the same side?", _kept(signs_told(trend, scale))),
        ("What counts as a change?", _kept(error_told(trend, scale))),
        ("Second opinion", _kept(robust_told(trend, scale))),
        ("Alerts", ewma_told(trend)),
    ]


def _other_series(progress: AthleteProgress) -> dict[str, Any]:
    every = (progress.main, *progress.others)
    drawn = [series for series in every if answered_levels(series.trend)]
    groups = {unit: [s for s in drawn if s.trend.settings.unit == unit] for unit in _units(drawn)}
    return {
        "tables": [_series_table(every, differences=kind) for kind in (False, True)] if progress.others else [],
        "multiples": [_multiples_svg(group, f"all{k}") for k, group in enumerate(groups.values()) if progress.others],
        "not_drawn": sum(max(0, len(group) - PICTURED) for group in groups.values()),
    }


def _units(series: Sequence[Progress]) -> list[str]:
    """What the series are in, the main one's first."""
    return list(dict.fromkeys(one.trend.settings.unit for one in series))


def _series_table(every: Sequence[Progress], *, differences: bool) -> dict[str, Any]:
    """The rows of the series that are ratios, or of those that are differences, with what stands over them."""
    rows = [series_row(series) for series in every if series.is_difference is differences]
    if differences:
        caption = "Level now with its 95 % range: right minus left, or which way the midline is off, in the unit shown."
        return {"rows": rows, "caption": caption, "value": "Difference", "p": "Sure"}
    caption = f"Level now in points of the imbalance index with its 95 % range; {SIGN}."
    return {"rows": rows, "caption": caption, "value": "Imbalance", "p": "Right larger"}


def _difference_formula(progress: AthleteProgress) -> tuple[tuple[str, str], ...]:
    return (FORMULA,) if any(series.is_difference for series in (progress.main, *progress.others)) else ()


def _trend_svg(progress: Progress, prefix: str) -> Markup:
    trend, scale = progress.trend, scale_of(progress)
    each = "; ".join(f"{day_told(s.day)} {_brief(s.observed, scale)}" for s in answered_levels(trend))
    level = f"Level now: {scale.told(trend.level)}."
    among = "" if scale.axis else ", in points"
    description = f"{series_title(progress)} over {counts(progress)}. {level} Each session{among}: {each}."
    return inline_svg(trend_figure(progress), description, prefix)


def _brief(level: Estimate, scale: Scale) -> str:
    return scale.told(level) if scale.axis else leaning(level, "")


def _sides_svg(progress: Progress) -> Markup:
    told = " ".join(side_told(progress, side) for side in Side)
    return inline_svg(sides_figure(progress), f"Each side in per cent of its own best level. {told}", "sides")


def _ewma_svg(progress: Progress) -> Markup:
    chart, last, scale = progress.trend.ewma, "", scale_of(progress)
    if chart is not None:
        last = f" Newest, with its limits: {scale.told(Estimate(chart.values[-1], chart.low[-1], chart.high[-1]))}."
    description = f"Running average of the sessions between its limits. {ewma_told(progress.trend)}{last}"
    return inline_svg(ewma_figure(progress), description, "ewma")


def _multiples_svg(drawn: list[Progress], prefix: str) -> Markup:
    shown = drawn[:PICTURED]
    told = "; ".join(f"{series_title(series)}: {scale_of(series).told(series.trend.level)}" for series in shown)
    return inline_svg(multiples_figure(drawn), f"Every series over the sessions, on one scale. {told}.", prefix)


def _settings(progress: Progress) -> list[tuple[str, str]]:
    trend, scale = progress.trend, scale_of(progress)
    error, settings = trend.error, trend.settings
    how = "learned" if error.learned else "assumed"
    placement, drift = (
        scale.amount(sd, 2) if scale.axis else fixed(sd, 3) for sd in (error.placement_sd, error.drift_sd)
    )
    what, of_it = ("a session", "") if scale.axis else ("λ", " of λ")
    return [
        ("Putting the sensors on", f"adds {placement} to {what}, standard deviation ({how})"),
        ("The level itself", f"moves by {drift}{of_it} in a week, standard deviation ({how})"),
        ("Band", f"{settings.band:g}{scale.unit}{'' if scale.axis else ' of the imbalance index'}"),
        ("Far from the others", f"beyond {settings.outlier_z:g} standard deviations of the prediction"),
        ("Ranges", f"{100 * settings.level:.0f} %"),
    ]
