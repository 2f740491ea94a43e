"""One self-contained HTML page: what was found, how sure it is, what stands behind it, what it cannot say."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from glutebal.balance.difference import answer_of, is_midline
from glutebal.disk import write_whole
from glutebal.model import Side
from glutebal.report import force_emg
from glutebal.report.cells import (
    balance_rows,
    excluded_row,
    quality_rows,
    reference_row,
    rep_amount,
    rep_table,
)
from glutebal.report.choice import answered, by_weight, is_timing, primary, unanswered, what
from glutebal.report.differences import CAPTION as DIFFERENCE_CAPTION
from glutebal.report.differences import differences, formulas_of, told
from glutebal.report.figures import balance_figure, differences_figure, envelope_figure, reps_figure, waveform_figure
from glutebal.report.limits import CAN_SAY, CANNOT_SAY, SAFETY
from glutebal.report.motion import motion_section
from glutebal.report.reading import (
    SIGN,
    capital,
    counted,
    name_of,
    points,
    reason,
    significant,
    title,
)
from glutebal.report.svg import inline_svg
from glutebal.report.waveform_words import CAPTION, is_pictured, waveform_described, waveform_told
from glutebal.report.words import drift_told, headline, sites_read
from glutebal.results import Analysis, Laterality, RepBalance, SetBalance, Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jinja2 import Environment
    from markupsafe import Markup

    from glutebal.balance.motion_view import MotionView
    from glutebal.balance.site_waveform import SiteWaveform

ROWS_PICTURED = 12


FORMULAS = (
    ("Stored and averaged", "λ = ln(right / left), one value per repetition"),
    ("Imbalance index", "d = 100·(R − L)/(R + L) = 100·tanh(λ/2) points; " + SIGN),
    ("Right share", "100·R/(R + L) = 50 + d/2 per cent"),
    ("Per cent lower", "100·(1 − exp(−|λ|)), of the larger side"),
)
SOURCES = (
    (
        "Imbalance index: bilateral asymmetry index 1, Kobayashi et al. (2013); half the symmetry index of Robinson, "
        "Herzog & Nigg (1987) J Manip Physiol Ther 10:172."
    ),
    "Per cent lower: Impellizzeri et al. (2007) Med Sci Sports Exerc 39:2044.",
    "Share for tasks of both legs, per cent lower for one-legged tasks: Bishop et al. (2018) Strength Cond J 40(4):1.",
)


@dataclass(frozen=True)
class Page:
    """A finished page.

    Parameters
    ----------
    html : str
        The whole document; it loads nothing from anywhere.
    """

    html: str

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the page, at once or not at all, and return where it is: HTML, or PDF when the name ends in .pdf.

        Raises
        ------
        MissingExtraError
            PDF was asked for and WeasyPrint (extra ``pdf``) is not installed.
        OSError
            The folder does not exist or cannot be written to.
        """
        if Path(path).suffix.lower() == ".pdf":
            from glutebal.report.pdf import as_pdf

            return write_whole(path, as_pdf(self.html))
        return write_whole(path, self.html.encode("utf-8", "replace"))

    def _repr_html_(self) -> str:
        from markupsafe import escape

        return f'<iframe srcdoc="{escape(self.html)}" style="width:100%;height:80vh;border:0" title="report"></iframe>'


def page(analysis: Analysis, waveforms: Sequence[SiteWaveform] = (), motion: MotionView | None = None) -> Page:
    """Make the page of an analysis: the same bytes for the same analysis.

    Parameters
    ----------
    analysis : Analysis
    waveforms : sequence of SiteWaveform
        Curves over the repetition, drawn at their sites.
    motion : MotionView or None
        Joint angles and postures, drawn in a section of their own.

    Returns
    -------
    Page
        Headline, balance picture, rep by rep, over time, tables, channel quality, what was left out, warnings,
        settings and versions, what the numbers can and cannot say, and when to stop and ask.
    """
    html = templates().get_template("page.html.j2").render(_content(analysis, waveforms, motion))
    return Page(html)


def card(analysis: Analysis) -> str:
    """The short form for a notebook: headline, balance picture and table, as an HTML fragment.

    Parameters
    ----------
    analysis : Analysis

    Returns
    -------
    str
    """
    return templates().get_template("card.html.j2").render(_summary(analysis, "card"))


@cache
def templates() -> Environment:
    """The templates of every page: all text is escaped, and a name that is missing is an error."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    loader = PackageLoader("glutebal.report", "templates")
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)


def _summary(analysis: Analysis, prefix: str) -> dict[str, Any]:
    return {
        "exercise": capital(title(analysis.exercise or "left/right balance")),
        "source": analysis.recording.source,
        "facts": _facts(analysis),
        "headline": headline(analysis),
        "sign": SIGN,
        "balance_svg": _balance_svg(analysis, prefix) if answered(analysis) else None,
        "differences_svg": _differences_svg(analysis, f"{prefix}d") if differences(analysis) else None,
        "unanswered": [(what(group, analysis), why) for why, group in unanswered(analysis)],
        **balance_rows(analysis.balances, analysis.segmentation.laterality),
    }


def _content(analysis: Analysis, waveforms: Sequence[SiteWaveform], motion: MotionView | None) -> dict[str, Any]:
    return {
        **_summary(analysis, "b"),
        "drift": drift_told(analysis),
        "panels": _panels(analysis, waveforms),
        "motion": motion_section(motion, analysis.segmentation.laterality),
        "force_emg": force_emg.paragraphs(analysis),
        "force_emg_title": force_emg.TITLE,
        "rep_tables": [rep_table(balance) for balance in leading(analysis)],
        "waveform_caption": CAPTION,
        "quality": quality_rows(analysis.quality),
        "sites_read": sites_read(analysis),
        "excluded": [excluded_row(e) for e in analysis.segmentation.excluded],
        "warnings": analysis.warnings,
        "provenance": _provenance(analysis),
        "references": [reference_row(r) for r in analysis.references],
        "history": analysis.recording.history,
        "notes": analysis.recording.notes,
        "formulas": (*FORMULAS, *formulas_of(analysis.balances)),
        "sources": SOURCES,
        "can_say": CAN_SAY,
        "cannot_say": CANNOT_SAY,
        "safety": SAFETY,
    }


def _facts(analysis: Analysis) -> list[str]:
    recording, found = analysis.recording, analysis.segmentation
    facts = [counted(len(found.reps), found.laterality)]
    facts += [f"{len(found.excluded)} not counted"] if found.excluded else []
    facts += [f"{significant(recording.load_kg)} kg"] if recording.load_kg is not None else []
    facts += [recording.subject] if recording.subject else []
    facts += [recording.started.isoformat(" ", "minutes")] if recording.started else []
    return [*facts, recording.source] if recording.source else facts


def _balance_svg(analysis: Analysis, prefix: str) -> Markup:
    shown = _pictured(analysis)
    told = [f"{name_of(b)}: {points(b.log_ratio)}" for b in answered(shown)]
    description = f"Imbalance index in points, {SIGN}. {'; '.join(told)}."
    return inline_svg(balance_figure(shown, with_reasons=False), description, prefix)


def _differences_svg(analysis: Analysis, prefix: str) -> Markup:
    each = "; ".join(f"{name_of(b)}: {told(b)}" for b in differences(analysis))
    return inline_svg(differences_figure(analysis), f"{capital(DIFFERENCE_CAPTION)}. {each}.", prefix)


def _pictured(analysis: Analysis) -> Analysis:
    """The part that fits one picture: when there is much to show, how long things took is left to the table."""
    amounts = tuple(balance for balance in analysis.balances if not is_timing(balance))
    crowded = len(answered(analysis)) > ROWS_PICTURED
    kept = replace(analysis, balances=amounts)
    return kept if crowded and answered(kept) else analysis


def leading(analysis: Analysis) -> list[SetBalance]:
    """The first balance of every site that says how much, or how long if there is no other: one picture per site.

    The headline's site comes first, then the gluteal muscles, then the others as they were recorded.
    """
    first: dict[str, SetBalance] = {}
    for balance in by_weight(analysis.balances):
        first.setdefault(balance.site, balance)
    top = primary(analysis)
    return sorted(first.values(), key=lambda b: (top is None or b.site != top.site, not b.site.startswith("gluteus")))


def _panels(analysis: Analysis, waveforms: Sequence[SiteWaveform]) -> list[dict[str, Any]]:
    balances = {balance.site: balance for balance in leading(analysis)}
    sites = dict.fromkeys([*balances, *(pair.left.channel.site for pair in analysis.envelopes)])
    drawn = {pair.left.channel.site for pair in analysis.envelopes}
    curves = {waveform.site: waveform for waveform in waveforms if is_pictured(waveform)}
    panels = [
        {
            "site": capital(title(site)),
            "reps": _reps_svg(analysis, balances[site], f"r{i}") if site in balances else None,
            "why_not": _why_not(balances[site]) if site in balances else "",
            "envelope": _envelope_svg(analysis, site, f"e{i}") if site in drawn else None,
            "waveform": _waveform_svg(curves[site], f"w{i}") if site in curves else None,
            "waveform_told": waveform_told(curves[site]) if site in curves else "",
        }
        for i, site in enumerate(sites)
    ]
    return [panel for panel in panels if any(panel[part] for part in ("reps", "why_not", "envelope", "waveform"))]


def _why_not(balance: SetBalance) -> str:
    found = answer_of(balance)
    return "" if found.status.has_value else f"No left/right answer for {name_of(balance)}: {reason(found)}."


def _reps_svg(analysis: Analysis, balance: SetBalance, prefix: str) -> Markup | None:
    if answer_of(balance).status is Status.REFUSED or not _has_a_course(balance):
        return None
    each = ", ".join(_rep_words(entry) for entry in balance.reps)
    noun = "stride" if analysis.segmentation.laterality is Laterality.CYCLIC else "rep"
    description = f"{capital(name_of(balance))} of each {noun}, left and right: {each}. {told(balance)}."
    return inline_svg(reps_figure(analysis, balance.measure, balance.site), description, prefix)


def _has_a_course(balance: SetBalance) -> bool:
    if is_midline(balance):
        return any(e.difference is not None and math.isfinite(e.difference.value) for e in balance.reps)
    # without calibration a side is drawn against its own mean, and one value is always its own mean
    needed = 2 if balance.log_ratio.status is Status.UNCALIBRATED else 1
    return any(sum(math.isfinite(e.sides[side].value) for e in balance.reps) >= needed for side in Side)


def _rep_words(entry: RepBalance) -> str:
    if is_midline(entry):
        return f"{entry.rep.index}: {told(entry, brief=True)}"
    values = (f"{side.value} {rep_amount(entry, side)}" for side in Side)
    return f"{entry.rep.index}: {' '.join(values)}"


def _envelope_svg(analysis: Analysis, site: str, prefix: str) -> Markup:
    found = analysis.segmentation
    reps = counted(len(found.reps), found.laterality)
    description = (
        f"{capital(title(site))} over time, left above right, with {reps} shaded, "
        f"{len(found.excluded)} stretches hatched because they were not counted."
    )
    return inline_svg(envelope_figure(analysis, site), description, prefix)


def _waveform_svg(waveform: SiteWaveform, prefix: str) -> Markup:
    return inline_svg(waveform_figure(waveform), waveform_described(waveform), prefix)


def _provenance(analysis: Analysis) -> list[tuple[str, str]]:
    methods = dict.fromkeys(answer_of(b).method for b in analysis.balances if answer_of(b).method)
    rows = [("source", analysis.recording.source), ("repetitions", analysis.segmentation.method)]
    rows += [("range", "; ".join(methods))]
    rows += [(title(key), value) for key, value in analysis.settings.items() if key != "repetitions"]
    rows += [("versions", ", ".join(f"{name} {version}" for name, version in analysis.versions.items()))]
    return [(key, value) for key, value in rows if value]
