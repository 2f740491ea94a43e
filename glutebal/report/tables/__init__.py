"""The tables of an analysis: one row per rep and measure, per balance, per channel; as data frames or as JSON.

What has no answer is NaN in a table and ``null`` in JSON, never 0.
"""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

from glutebal.balance.difference import answer_of, smallest_claim
from glutebal.model import Bilateral, Side
from glutebal.report import force_emg
from glutebal.report.differences import claim_of
from glutebal.report.reading import as_imbalance, as_share
from glutebal.results import (
    Analysis,
    ChannelQuality,
    Estimate,
    ExcludedRep,
    Laterality,
    Rep,
    RepBalance,
    SetBalance,
    Status,
)

if TYPE_CHECKING:
    from pandas import DataFrame

Row = dict[str, Any]

DIFFERENCE_COLUMNS = ("difference", "difference_low", "difference_high", "difference_status")
REPS_COLUMNS = (
    *("set", "rep", "start_s", "stop_s", "side_first", "measure", "site", "left", "right", "unit"),
    *("log_ratio", "imbalance", "status", "side", "low", "high", "reason", "confidence"),
    *("left_low", "left_high", "right_low", "right_high"),
    *DIFFERENCE_COLUMNS,
)
BALANCE_COLUMNS = (
    *("measure", "site", "n", "log_ratio", "se", "imbalance", "low", "high", "share_right", "status", "reason"),
    *("unit", "quantity", "drift_per_rep", "drift_low", "drift_high"),
    *("left", "right", "left_low", "left_high", "right_low", "right_high", "level", "method"),
    *DIFFERENCE_COLUMNS,
    *("floor", "claim"),
)
QUALITY_COLUMNS = (
    *("channel", "side", "site", "quantity", "rate_hz", "seconds", "gaps", "noise", "unit", "snr_db"),
    *("grade", "findings", "origin"),
)


def reps_table(analysis: Analysis) -> DataFrame:
    """One row per rep and measure.

    Returns
    -------
    pandas.DataFrame
        Columns `REPS_COLUMNS`. ``left`` and ``right`` in ``unit``; ``log_ratio`` is λ = ln(R/L);
        ``imbalance``, ``low`` and ``high`` are points of the imbalance index, −100 to 100, positive when the
        right side is larger; ``side`` is ``both`` when the sides work together; NaN where there is no answer.
        ``difference`` with its interval is right minus left in ``unit``, for what can cross zero and has no ratio.
    """
    return _frame(_reps_rows(analysis), REPS_COLUMNS)


def balance_table(analysis: Analysis) -> DataFrame:
    """One row per measure and site, over all reps.

    Returns
    -------
    pandas.DataFrame
        Columns `BALANCE_COLUMNS`. ``log_ratio``, ``se`` and ``drift_per_rep`` (change per rep) on the scale of
        λ = ln(R/L); ``imbalance``, ``low`` and ``high`` in points of the imbalance index, positive when the
        right side is larger; ``share_right`` in per cent; NaN where there is no answer. ``difference`` with its
        interval is right minus left in ``unit``, for what can cross zero and has no ratio; ``drift_per_rep`` is then
        in ``unit`` per rep, ``floor`` the smallest difference that may be told, and ``claim`` compares the two.
    """
    return _frame(_balance_rows(analysis), BALANCE_COLUMNS)


def quality_table(analysis: Analysis) -> DataFrame:
    """One row per channel: what it is, how quiet its noise floor is, and what to doubt.

    Returns
    -------
    pandas.DataFrame
        Columns `QUALITY_COLUMNS`. ``noise`` is an RMS in ``unit``; ``side`` is ``midline`` for a sensor that
        belongs to neither side.
    """
    return _frame(_quality_rows(analysis), QUALITY_COLUMNS)


def as_json(analysis: Analysis) -> str:
    """The whole answer as one JSON object, the same bytes for the same analysis.

    Returns
    -------
    str
        Keys ``reps``, ``balance``, ``quality`` (lists of rows, named as the columns of the tables), ``force_emg``,
        ``warnings``, ``excluded``, ``exercise``, ``source``, ``settings``, ``versions``. What is refused is
        ``null``.
    """
    answer = {
        "exercise": analysis.exercise,
        "source": analysis.recording.source,
        "reps": _reps_rows(analysis),
        "balance": _balance_rows(analysis),
        "quality": _quality_rows(analysis),
        "force_emg": force_emg.rows(analysis),
        "warnings": list(analysis.warnings),
        "excluded": [_excluded_row(e) for e in analysis.segmentation.excluded],
        "settings": dict(analysis.settings),
        "versions": dict(analysis.versions),
    }
    return json.dumps(without_nan(answer), ensure_ascii=False, allow_nan=False, indent=2)


def _frame(rows: list[Row], columns: tuple[str, ...]) -> DataFrame:
    from pandas import DataFrame

    return DataFrame(rows, columns=list(columns))


def _reps_rows(analysis: Analysis) -> list[Row]:
    rows = [_rep_row(rep, analysis) for balance in analysis.balances for rep in balance.reps]
    return sorted(rows, key=lambda row: (row["set"], row["rep"]))


def _rep_row(entry: RepBalance, analysis: Analysis) -> Row:
    rep, d = entry.rep, as_imbalance(entry.log_ratio)
    return {
        "set": int(rep.set_index),
        "rep": int(rep.index),
        "start_s": float(rep.start_s),
        "stop_s": float(rep.stop_s),
        "side_first": side_first(analysis, rep),
        "measure": entry.measure,
        "site": entry.site,
        **_side_values(entry.sides),
        "unit": entry.unit,
        "log_ratio": _shown(entry.log_ratio),
        "imbalance": float(d.value),
        "status": entry.log_ratio.status.value,
        "side": rep.side.value if rep.side else "both",
        "low": float(d.low),
        "high": float(d.high),
        "reason": answer_of(entry).reason or entry.log_ratio.reason,
        "confidence": float(rep.confidence),
        **_side_ranges(entry.sides),
        **difference_cells(entry.difference),
    }


def side_first(analysis: Analysis, rep: Rep) -> str:
    """Which side went first in a one-sided exercise, in this rep's set or, if that has one side, in the recording."""
    if analysis.segmentation.laterality is not Laterality.UNILATERAL:
        return ""
    reps = sorted((r for r in analysis.segmentation.reps if r.side), key=lambda r: r.start_s)
    own = [r.side for r in reps if r.set_index == rep.set_index]
    order: list[Side | None] = own if len(set(own)) == 2 else [r.side for r in reps]
    return order[0].value if order and order[0] else ""


def _balance_rows(analysis: Analysis) -> list[Row]:
    return [_balance_row(balance) for balance in analysis.balances]


def _balance_row(balance: SetBalance) -> Row:
    ratio, d, found = balance.log_ratio, as_imbalance(balance.log_ratio), answer_of(balance)
    return {
        "measure": balance.measure,
        "site": balance.site,
        "n": int(found.n),
        "log_ratio": _shown(ratio),
        "se": float(found.se) if found.status.has_value else math.nan,
        "imbalance": float(d.value),
        "low": float(d.low),
        "high": float(d.high),
        "share_right": float(as_share(ratio).value),
        "status": ratio.status.value,
        "reason": found.reason or ratio.reason,
        "unit": balance.unit,
        "quantity": balance.quantity.title,
        "drift_per_rep": _shown(balance.drift),
        "drift_low": float(balance.drift.low),
        "drift_high": float(balance.drift.high),
        **_side_values(balance.sides),
        **_side_ranges(balance.sides),
        "level": float(found.level),
        "method": found.method,
        **difference_cells(balance.difference),
        **_claim_cells(balance),
    }


def difference_cells(difference: Estimate | None) -> Row:
    """A difference with its interval and whether it may be read; NaN and an empty text where there is a ratio."""
    if difference is None:
        return {**dict.fromkeys(DIFFERENCE_COLUMNS, math.nan), "difference_status": ""}
    ends = (float(x) if difference.status.has_value else math.nan for x in (difference.low, difference.high))
    values = (_shown(difference), *ends, difference.status.value)
    return dict(zip(DIFFERENCE_COLUMNS, values, strict=True))


def _claim_cells(balance: SetBalance) -> Row:
    if balance.difference is None:
        return {"floor": math.nan, "claim": ""}
    return {"floor": smallest_claim(balance.measure, balance.unit), "claim": claim_of(balance).value}


def _side_values(sides: Bilateral[Estimate]) -> Row:
    return {side.value: _reading(sides[side]) for side in Side}


def _side_ranges(sides: Bilateral[Estimate]) -> Row:
    ends = {side.value: (sides[side].low, sides[side].high) for side in Side}
    return {
        f"{side}_{end}": float(x) for side, pair in ends.items() for end, x in zip(("low", "high"), pair, strict=True)
    }


def _reading(side: Estimate) -> float:
    # one side's own value needs no calibration and no partner: only a refusal hides it
    return math.nan if side.status is Status.REFUSED else float(side.value)


def _shown(estimate: Estimate) -> float:
    return float(estimate.value) if estimate.status.has_value else math.nan


def _quality_rows(analysis: Analysis) -> list[Row]:
    return [_quality_row(quality) for quality in analysis.quality]


def _quality_row(quality: ChannelQuality) -> Row:
    channel = quality.channel
    return {
        "channel": channel.label or channel.name,
        "side": channel.side.value if channel.side else "midline",
        "site": channel.site,
        "quantity": channel.quantity.title,
        "rate_hz": float(channel.rate_hz),
        "seconds": float(quality.seconds),
        "gaps": int(quality.gaps),
        "noise": float(quality.noise),
        "unit": channel.quantity.unit,
        "snr_db": float(quality.snr_db),
        "grade": quality.grade.value,
        "findings": "; ".join(finding.text for finding in quality.findings),
        "origin": channel.origin,
    }


def _excluded_row(excluded: ExcludedRep) -> Row:
    return {
        "start_s": float(excluded.start_s),
        "stop_s": float(excluded.stop_s),
        "side": excluded.side.value if excluded.side else "both",
        "reason": excluded.reason,
    }


def without_nan(value: Any) -> Any:
    """Nested rows with None in the place of every number that is not finite."""
    if isinstance(value, dict):
        return {key: without_nan(item) for key, item in value.items()}
    if isinstance(value, list):
        return [without_nan(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
