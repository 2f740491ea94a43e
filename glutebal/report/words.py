"""What an analysis says in plain words: one headline, one sentence per measure, one block for a terminal.

The text describes a recording; it never names a condition, a cause or a prognosis, and never shows a number
without its range and count, or the reason for having none.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from textwrap import wrap

from glutebal.balance.difference import answer_of
from glutebal.model import Quantity
from glutebal.report import differences, force_emg
from glutebal.report.choice import answered, by_reason, by_weight, primary, unanswered, what
from glutebal.report.reading import (
    ADVICE,
    SIGN,
    STATUS_WORDS,
    aligned,
    as_imbalance,
    as_share,
    bound,
    capital,
    counted,
    fixed,
    has_interval,
    is_clear,
    larger_side,
    name_of,
    percent_lower,
    points,
    reason,
    span,
    title,
)
from glutebal.results import Analysis, ChannelQuality, Grade, Laterality, SetBalance, Status

WIDTH = 100


def headline(analysis: Analysis) -> str:
    """The one statement of an analysis, in words for the person who was measured.

    Parameters
    ----------
    analysis : Analysis

    Returns
    -------
    str
        A sentence or two with number, range and count; or that there is none, why, and what to try.
    """
    balance = primary(analysis)
    if balance is not None:
        return sentence(balance, analysis.segmentation.laterality)
    if not analysis.segmentation.reps:
        return (
            "No repetitions were found, so there is nothing to compare; check that the sensors moved with the exercise."
        )
    return "No left/right pair could be compared; check that both sides were recorded."


def sentence(balance: SetBalance, laterality: Laterality = Laterality.BILATERAL) -> str:
    """What one balance says, with its range and count, or why it says nothing.

    Parameters
    ----------
    balance : SetBalance
    laterality : Laterality
        A bilateral task is told as a share ("54/46"), a one-sided task as "per cent lower".

    Returns
    -------
    str
    """
    if balance.difference is not None:
        noun = _noun(laterality)
        return differences.sentence(balance, laterality, f"this {noun}", f"In this {noun}")
    ratio = balance.log_ratio
    if ratio.status is Status.CENSORED:
        text = bound_told(balance)
    elif not ratio.status.has_value or not math.isfinite(ratio.value):
        text = f"No left/right answer for {name_of(balance)}: {reason(ratio)}."
    elif not has_interval(ratio):
        text = _without_range(balance, laterality)
    elif is_clear(ratio):
        text = _difference(balance, laterality)
    else:
        text = _no_difference(balance, laterality)
    advice = ADVICE.get(ratio.status, "")
    return f"{text} To try: {advice}." if advice else text


def _difference(balance: SetBalance, laterality: Laterality) -> str:
    return f"In this {_noun(laterality)} {difference_told(balance, laterality)}. {caveat(balance)}"


def difference_told(balance: SetBalance, laterality: Laterality) -> str:
    """Which side read higher and how sure that is: as a share for both legs together, else as "per cent lower"."""
    told = _share_told if laterality is Laterality.BILATERAL else _lower_told
    return told(balance, laterality)


def _share_told(balance: SetBalance, laterality: Laterality) -> str:
    share = as_share(balance.log_ratio)
    shown = f"95 % range of the right share {span(share)} %, {counted(share.n, laterality)}"
    return (
        f"{name_of(balance)} split {split(share.value)} (left/right): the {_larger(balance)} side read higher ({shown})"
    )


def _lower_told(balance: SetBalance, laterality: Laterality) -> str:
    ratio = balance.log_ratio
    ends = sorted(percent_lower(x) for x in (ratio.low, ratio.high))
    shown = f"{ends[0]:.0f} to {ends[1]:.0f} %, {counted(ratio.n, laterality)}"
    smaller = "left" if ratio.value > 0 else "right"
    return (
        f"the {smaller} {name_of(balance)} read {percent_lower(ratio.value):.0f} % lower than the {_larger(balance)} "
        f"(95 % range {shown})"
    )


def _no_difference(balance: SetBalance, laterality: Laterality) -> str:
    d = as_imbalance(balance.log_ratio)
    shown = f"{larger_side(d.value)} {fixed(d.value)} ({span(d)}) points, {counted(d.n, laterality)}"
    return f"No side difference in {name_of(balance)} can be told from this {_noun(laterality)}: {shown}."


def _without_range(balance: SetBalance, laterality: Laterality) -> str:
    d = as_imbalance(balance.log_ratio)
    side = larger_side(d.value)
    shown = "even" if side == "even" else f"{fixed(abs(d.value))} points larger on the {side}"
    told = f"{capital(name_of(balance))} read {shown} over {counted(d.n, laterality)}"
    return f"{told}; that is too few for a range, so no side difference can be told."


def bound_told(balance: SetBalance) -> str:
    """What is known when a side was too quiet: one end of the range, or nothing."""
    d = as_imbalance(balance.log_ratio)
    if not bound(d):
        return f"No left/right answer for {name_of(balance)}: {reason(d)}."
    return f"{capital(name_of(balance))}: only a bound is known, {bound(d)} points: {reason(d)}."


def caveat(balance: SetBalance) -> str:
    """What a reader must know beside a difference."""
    if balance.quantity is Quantity.EMG:
        return "Sensor position can cause a difference like this."
    return "It describes this recording only; differences between the sides are common in healthy people."


def split(share_right: float) -> str:
    """Left/right parts of a hundred, "46/54", with a decimal when whole numbers would read 50/50."""
    decimals = 1 if round(share_right) == 50 and round(share_right, 1) != 50 else 0
    right = round(share_right, decimals)
    return f"{100 - right:.{decimals}f}/{right:.{decimals}f}"


def _larger(balance: SetBalance) -> str:
    return "right" if balance.log_ratio.value > 0 else "left"


def _noun(laterality: Laterality) -> str:
    return "recording" if laterality is Laterality.CYCLIC else "set"


def drift_sentence(balance: SetBalance) -> str:
    """How the balance moved from rep to rep, when the range of that slope leaves out 0; else nothing.

    The slope needs no calibration, because what differs between two sensor placements cancels in it.
    """
    drift = balance.drift
    if balance.difference is not None:
        return differences.drift_sentence(balance)
    if not is_clear(drift):
        return ""
    slope, low, high = (100 * math.expm1(x) for x in (drift.value, drift.low, drift.high))
    shown = f"{fixed(slope)} % per rep, 95 % range {fixed(low)} to {fixed(high)} %"
    side = "right" if slope > 0 else "left"
    return f"From rep to rep {name_of(balance)} moved toward the {side} (right/left ratio {shown})."


def drift_told(analysis: Analysis) -> str:
    """The drift of the headline's balance, and of no other: among many slopes one is always clear by chance."""
    balance = primary(analysis)
    return drift_sentence(balance) if balance else ""


def block(analysis: Analysis) -> str:
    """The whole answer as text for ``print``: headline, one line per measure, channels, warnings.

    Parameters
    ----------
    analysis : Analysis

    Returns
    -------
    str
        Lines of about 100 characters; the numbers are points of the imbalance index, positive = right larger; those
        that can cross zero follow under their own heading, each with its unit.
    """
    parts = [
        [_title_line(analysis)],
        hanging("", f"{headline(analysis)} {drift_told(analysis)}", indent=""),
        [*_measure_lines(analysis), *differences.lines(analysis), *_remark_lines(analysis)],
        _force_emg_lines(analysis),
        _no_answer_lines(analysis),
        _footnotes(analysis),
    ]
    return "\n\n".join("\n".join(lines) for lines in parts if lines)


def _title_line(analysis: Analysis) -> str:
    found = analysis.segmentation
    excluded = f", {len(found.excluded)} not counted" if found.excluded else ""
    parts = (title(analysis.exercise or "recording"), analysis.recording.source)
    return f"{', '.join(p for p in parts if p)}: {counted(len(found.reps), found.laterality)}{excluded}"


def _measure_lines(analysis: Analysis) -> list[str]:
    rows = [_cells(balance, analysis.segmentation.laterality) for balance in by_weight(answered(analysis))]
    if not rows:
        return []
    return [f"imbalance index in points, 95 % range; {SIGN}", *aligned(rows)]


def _cells(balance: SetBalance, laterality: Laterality) -> tuple[str, ...]:
    ratio = balance.log_ratio
    share = as_share(ratio)
    return (
        balance.site,
        balance.measure,
        points(ratio),
        counted(ratio.n, laterality),
        f"right share {fixed(share.value)} %" if math.isfinite(share.value) else "",
        STATUS_WORDS[ratio.status],
    )


def _remark_lines(analysis: Analysis) -> list[str]:
    """What limits the numbers that are shown: once, and with their names unless it is true of them all."""
    shown = [b for b in answered(analysis) if b.log_ratio.status is not Status.CENSORED]
    shown += differences.differences(analysis)
    lines = []
    for why, balances in by_reason(b for b in shown if answer_of(b).reason):
        named = "" if len(balances) == len(shown) else f": {what(balances, analysis)}"
        lines += hanging("note: ", why + named)
    return lines


def _force_emg_lines(analysis: Analysis) -> list[str]:
    told = force_emg.paragraphs(analysis)
    return [f"{force_emg.TITLE}:", *(line for text in told for line in hanging("", text))] if told else []


def _no_answer_lines(analysis: Analysis) -> list[str]:
    lines = []
    for why, balances in unanswered(analysis):
        status = STATUS_WORDS[answer_of(balances[0]).status]
        lines += hanging(f"no answer ({status}): {why}: ", what(balances, analysis))
    return lines


def _footnotes(analysis: Analysis) -> list[str]:
    doubtful = [q for q in analysis.quality if q.grade is not Grade.GOOD]
    lines = hanging("", quality_summary(analysis.quality)) if analysis.quality else []
    read = sites_read(analysis)
    lines += hanging("read from the labels: ", read) if read else []
    for quality in doubtful:
        lines += hanging(f"{quality.grade.value}: {quality.channel.name}: ", quality.reason)
    for warning in analysis.warnings:
        lines += hanging("warning: ", warning)
    return lines


def sites_read(analysis: Analysis) -> str:
    """Which site was read from which labels: the reader's own check of what a file calls its columns."""
    labels: dict[str, list[str]] = {}
    for channel in (q.channel for q in analysis.quality):
        if channel.side and channel.origin.startswith("read from the label"):
            labels.setdefault(title(channel.site), []).append(channel.label)
    return ", ".join(f"{site} ({' and '.join(found)})" for site, found in labels.items())


def quality_summary(channels: Sequence[ChannelQuality]) -> str:
    """How many channels may speak: "channels: 3 good, 1 suspect"."""
    counts = {grade: sum(q.grade is grade for q in channels) for grade in Grade}
    return "channels: " + ", ".join(f"{n} {grade.value}" for grade, n in counts.items() if n)


def hanging(label: str, text: str, indent: str = "    ") -> list[str]:
    """Lines of the common width, all but the first indented."""
    # a no-break space keeps a number and its % on one line; `wrap` breaks at plain spaces only
    lines = wrap((label + text).replace(" %", "\u00a0%"), WIDTH, subsequent_indent=indent)
    return [line.replace("\u00a0", " ") for line in lines]
