"""The rows of a session page's tables, as text ready to be read."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from glutebal.history.records import RecordingRecord
from glutebal.history.session_view import SeriesView, SetInSession
from glutebal.model import Bilateral
from glutebal.report.cells import balance_row, excluded_row, quality_row, reference_row, rep_table
from glutebal.report.choice import has_answer
from glutebal.report.reading import capital, counted, fixed, has_interval, name_of, points, span, title
from glutebal.report.season_reading import day_told, number_of, points_of_change
from glutebal.report.session_words import (
    alignment_told,
    change_points,
    error_points,
    set_name,
    status_word,
    usable_sets,
    verdict_word,
)
from glutebal.results import Status


def measure_row(series: SeriesView) -> dict[str, str]:
    """One measure over all sets of the session."""
    ratio = series.whole.log_ratio
    row = balance_row(series.whole, series.laterality)
    sets = f"{number_of(usable_sets(series), 'set')}, {counted(ratio.n, series.laterality)}"
    return {**row, "status": status_word(ratio), "n": sets if has_answer(ratio) else "–"}


def matrix_row(series: SeriesView, sets: Sequence[int]) -> dict[str, Any]:
    """One measure, a cell for each of the exercise's sets."""
    found = {one.index: points(one.balance.log_ratio, brief=True) for one in series.sets}
    slope = series.whole.drift
    d = points_of_change(slope, series.whole.log_ratio.value)
    signed = f"{'+' if d.value > 0 else ''}{fixed(d.value)}"
    return {
        "name": capital(name_of(series.whole)),
        "cells": [_split(found.get(index, "–")) for index in sets],
        "session": _split(points(series.whole.log_ratio, brief=True)),
        "drift": _split((f"{signed} ({span(d)})" if has_interval(d) else signed) if math.isfinite(d.value) else "–"),
    }


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
        "now": _brief(points(series.whole.log_ratio, brief=True)),
    }
    change = series.change
    if change is None:
        nothing = dict.fromkeys(("day", "then", "difference", "error"), "–")
        return {**head, **nothing, "reading": series.why_no_change}
    d = change_points(change)
    signed = f"{'+' if d.value > 0 else ''}{fixed(d.value)}"
    basis = "learned" if change.error and change.error.learned else "assumed"
    size = error_points(change)
    return {
        **head,
        "day": " ".join(part for part in (day_told(change.day), change.label) if part),
        "then": points(change.before, brief=True),
        "difference": f"{signed} ({span(d)})" if has_interval(d) else f"{signed} (no range)",
        "error": f"±{fixed(size)} ({basis})" if math.isfinite(size) else "not known",
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
        "quality": [quality_row(q) for q in recording.quality],
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
    return list(dict.fromkeys(b.log_ratio.method for b in balances if b.log_ratio.method))


def why_not(group: Sequence[SeriesView]) -> list[str]:
    """Why leading series have no left/right answer."""
    silent = [series.whole for series in group if not series.whole.log_ratio.status.has_value]
    kept = [whole for whole in silent if whole.log_ratio.status is not Status.CENSORED]
    return [f"No left/right answer for {name_of(whole)}: {whole.log_ratio.reason}." for whole in kept]
