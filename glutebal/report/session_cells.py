"""The rows of a session page's tables, as text ready to be read."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from glutebal.balance.difference import answer_of
from glutebal.history.records import RecordingRecord
from glutebal.history.session_view import SeriesView, SetInSession
from glutebal.model import Bilateral
from glutebal.report.cells import balance_row, difference_row, excluded_row, quality_rows, reference_row, rep_table
from glutebal.report.choice import has_answer
from glutebal.report.differences import decimals_of, difference_told, signed, told
from glutebal.report.reading import capital, counted, fixed, has_interval, name_of, points, span, title
from glutebal.report.season_reading import day_told, number_of, points_of_change
from glutebal.report.session_change import change_points, error_points, error_told, verdict_word
from glutebal.report.session_words import alignment_told, set_name, status_word, usable_sets
from glutebal.results import Estimate, Status


def measure_row(series: SeriesView) -> dict[str, str]:
    """One measure over all sets of the session."""
    found = answer_of(series.whole)
    made = balance_row if series.whole.difference is None else difference_row
    row = made(series.whole, series.laterality)
    sets = f"{number_of(usable_sets(series), 'set')}, {counted(found.n, series.laterality)}"
    status = status_word(found) if found.status is not Status.OK else row["status"]
    return {**row, "status": status, "n": sets if has_answer(found) else "–"}


def matrix_row(series: SeriesView, sets: Sequence[int]) -> dict[str, Any]:
    """One measure, a cell for each of the exercise's sets."""
    found = {one.index: told(one.balance, brief=True) for one in series.sets}
    return {
        "name": capital(name_of(series.whole)),
        "cells": [_split(found.get(index, "–")) for index in sets],
        "session": _split(told(series.whole, brief=True)),
        "drift": _split(_slope(series)),
    }


def _slope(series: SeriesView) -> str:
    """Change per set: points, or the unit of a difference."""
    ratio = series.whole.difference is None
    d = points_of_change(series.whole.drift, series.whole.log_ratio.value) if ratio else series.whole.drift
    return _signed(d, "" if ratio else series.whole.unit) if math.isfinite(d.value) else "–"


def _signed(d: Estimate, unit: str) -> str:
    """With its sign, its unit if it has one, and its range if it has one."""
    shown = signed(d, unit) if unit else f"{'+' if d.value > 0 else ''}{fixed(d.value)}"
    return f"{shown} ({span(d, decimals_of(unit))})" if has_interval(d) else shown


def _split(answer: str) -> tuple[str, str]:
    """The value, and its range for the line below: a cell half as wide."""
    value, _, rest = _brief(answer).partition(" (")
    return value, rest.rstrip(")")


def _brief(answer: str) -> str:
    return "no answer" if answer.startswith("no answer") else answer


def change_row(series: SeriesView) -> dict[str, str]:
    """One measure against the session before."""
    head = {
        "name": capital(name_of(series.whole)),
        "exercise": title(series.series.exercise),
        "unit": series.whole.unit if series.whole.difference is not None else "",
        "now": _brief(told(series.whole, brief=True)),
    }
    change = series.change
    if change is None:
        nothing = dict.fromkeys(("day", "then", "difference", "error"), "–")
        return {**head, **nothing, "reading": series.why_no_change}
    d = change_points(change)
    basis = "learned" if change.error and change.error.learned else "assumed"
    size = error_told(change).removesuffix(" points")
    return {
        **head,
        "day": " ".join(part for part in (day_told(change.day), change.label) if part),
        "then": difference_told(change.before, series.whole) if change.unit else points(change.before, brief=True),
        "difference": _signed(d, change.unit) if has_interval(d) else f"{_signed(d, change.unit)} (no range)",
        "error": f"±{size} ({basis})" if math.isfinite(error_points(change)) else "not known",
        "reading": verdict_word(change),
    }


def set_tables(group: Sequence[SeriesView]) -> list[dict[str, Any]]:
    """Every rep of every set, for the given series: [{name, tables}]."""
    sets = {(one.index, one.load_kg): None for series in group for one in series.sets}
    return [
        {
            "name": set_name(*which),
            "tables": [_rep_table(one) for series in group for one in series.sets if (one.index, one.load_kg) == which],
        }
        for which in sorted(sets, key=lambda pair: pair[0])
    ]


def _rep_table(one: SetInSession) -> dict[str, Any]:
    """The set is numbered as in the session; its own recording may have begun at 1 again."""
    table = rep_table(one.balance)
    return {**table, "rows": [{**row, "set": str(one.index)} for row in table["rows"]]}


def recording_part(recording: RecordingRecord) -> dict[str, Any]:
    """What one recording of the session rests on."""
    return {
        "source": recording.source,
        "quality": quality_rows(recording.quality),
        "excluded": [excluded_row(e) for e in recording.excluded],
        "references": [reference_row(r) for r in recording.references],
        "provenance": _provenance(recording),
    }


def _provenance(recording: RecordingRecord) -> list[tuple[str, str]]:
    devices = (f"{title(site)}: {_sides(both)}" for site, both in recording.devices.items() if any(both))
    rows = [
        ("started", recording.started.isoformat(" ", "minutes")),
        ("length", f"{fixed(recording.duration_s)} s"),
        ("sensors", "; ".join(devices)),
        ("left and right in time", alignment_told(recording.alignment)),
        ("range of the sets", "; ".join(_methods(recording))),
        *((title(key), value) for key, value in recording.settings.items()),
        ("versions", ", ".join(f"{name} {version}" for name, version in recording.versions.items())),
        ("fingerprint", recording.fingerprint),
    ]
    return [(key, value) for key, value in rows if value]


def _sides(both: Bilateral[str]) -> str:
    left, right = both.map(lambda name: name or "not named")
    return f"left {left}, right {right}"


def _methods(recording: RecordingRecord) -> list[str]:
    balances = (balance for one in recording.sets for balance in one.balances)
    return list(dict.fromkeys(answer_of(b).method for b in balances if answer_of(b).method))


def why_not(group: Sequence[SeriesView]) -> list[str]:
    """Why leading series have no left/right answer."""
    silent = [series.whole for series in group if not answer_of(series.whole).status.has_value]
    kept = [whole for whole in silent if answer_of(whole).status is not Status.CENSORED]
    return [f"No left/right answer for {name_of(whole)}: {answer_of(whole).reason}." for whole in kept]
