"""The rows of the page's tables, as text ready to be read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from glutebal.balance.difference import answer_of
from glutebal.model import Channel, Side
from glutebal.report.axes import Facts, axes_together, labels_together, name_together
from glutebal.report.choice import by_weight
from glutebal.report.differences import CAPTION, floor_told, measured, told
from glutebal.report.reading import (
    ADVICE,
    STATUS_WORDS,
    amount,
    as_share,
    capital,
    counted,
    fixed,
    name_of,
    points,
    reason,
    title,
)
from glutebal.results import (
    ChannelQuality,
    Estimate,
    ExcludedRep,
    Grade,
    Laterality,
    Reference,
    RepBalance,
    SetBalance,
    Status,
)

MARKS = {Grade.GOOD: "✓", Grade.SUSPECT: "!", Grade.BAD: "✕"}


def balance_row(balance: SetBalance, laterality: Laterality) -> dict[str, str]:
    """One balance over all reps."""
    ratio, share = balance.log_ratio, as_share(balance.log_ratio)
    answer = points(ratio, brief=True)
    return {
        "name": capital(name_of(balance)),
        **{side.value: side_amount(balance.sides[side], balance.unit) for side in Side},
        "imbalance": "no answer" if answer.startswith("no answer") else answer,
        "share": f"{fixed(share.value)} %" if ratio.status.has_value else "–",
        "n": counted(ratio.n, laterality),
        "status": STATUS_WORDS[ratio.status],
        "mark": "✓" if ratio.status is Status.OK else "·",
        "reason": "" if ratio.status is Status.OK and not ratio.reason else reason(ratio),
        "advice": ADVICE.get(ratio.status, ""),
    }


def balance_rows(balances: Iterable[SetBalance], laterality: Laterality) -> dict[str, Any]:
    """The rows of the two tables of all measures: those with a ratio, and those with a difference."""
    ordered = by_weight(balances)
    return {
        "rows": [balance_row(b, laterality) for b in ordered if b.difference is None],
        "difference_rows": [difference_row(b, laterality) for b in ordered if b.difference is not None],
        "difference_caption": capital(CAPTION) + ".",
    }


def difference_row(balance: SetBalance, laterality: Laterality) -> dict[str, str]:
    """One balance that has a difference instead of a ratio, over all reps."""
    found = answer_of(balance)
    answer, floor = told(balance), floor_told(balance)
    plain = found.status is Status.OK
    remarks = [floor] if floor else []
    remarks += [] if plain and not found.reason else [reason(found)]
    return {
        "name": capital(name_of(balance)),
        **{side.value: measured(balance.sides[side].value, balance.unit).replace("n/a", "–") for side in Side},
        "difference": "no answer" if answer.startswith("no answer") else answer,
        "n": counted(found.n, laterality),
        "status": "too small to tell" if plain and floor else STATUS_WORDS[found.status],
        "mark": "✓" if plain and not floor else "·",
        "reason": "; ".join(remarks),
    }


def side_amount(estimate: Estimate, unit: str) -> str:
    """One side's value with its unit; a dash when it was refused or is unknown."""
    return "–" if estimate.status is Status.REFUSED else amount(estimate.value, unit).replace("n/a", "–")


def rep_table(balance: SetBalance) -> dict[str, Any]:
    """Every rep of one balance."""
    heading = "Imbalance" if balance.difference is None else "Difference"
    rows = [rep_row(entry) for entry in balance.reps]
    return {"name": capital(name_of(balance)), "heading": heading, "rows": rows}


def rep_row(entry: RepBalance) -> dict[str, str]:
    """One rep."""
    answer, found = told(entry, brief=True), answer_of(entry)
    return {
        "set": str(entry.rep.set_index),
        "rep": str(entry.rep.index),
        "side": entry.rep.side.value if entry.rep.side else "both",
        "start": f"{fixed(entry.rep.start_s, 2)} s",
        "length": f"{fixed(entry.rep.duration_s, 2)} s",
        **{side.value: rep_amount(entry, side) for side in Side},
        "imbalance": "–" if answer.startswith("no answer") else answer,
        "status": STATUS_WORDS[found.status] if found.status.has_value else reason(found),
    }


def rep_amount(entry: RepBalance, side: Side) -> str:
    """One side's value of a rep with its unit; of what can cross zero with the decimals of its difference."""
    if entry.difference is None:
        return side_amount(entry.sides[side], entry.unit)
    known = entry.sides[side].status is not Status.REFUSED
    return measured(entry.sides[side].value, entry.unit).replace("n/a", "–") if known else "–"


def quality_rows(quality: Iterable[ChannelQuality]) -> list[dict[str, str]]:
    """Whether the channels can be trusted; the axes of one sensor of which the same is told share a row."""
    groups = axes_together((q.channel, _trust(q)) for q in quality)
    return [_quality_row(channels, facts) for channels, facts in groups]


def _quality_row(channels: Sequence[Channel], facts: Facts) -> dict[str, str]:
    labels, origins = labels_together(channels), dict.fromkeys(c.origin for c in channels if c.label and c.origin)
    named = {"name": capital(title(name_together(channels))), "label": labels}
    named |= {"label": f"{labels} ({'; '.join(origins)})"} if origins else {}
    return {**named, **dict(zip(("rate", "gaps", "noise", "snr", "grade", "mark", "findings"), facts, strict=True))}


def _trust(quality: ChannelQuality) -> Facts:
    channel, snr = quality.channel, fixed(quality.snr_db, 0)
    return (
        f"{channel.rate_hz:g} Hz",
        str(quality.gaps),
        amount(quality.noise, channel.quantity.unit).replace("n/a", "–"),
        "–" if snr == "n/a" else f"{snr} dB",
        quality.grade.value,
        MARKS[quality.grade],
        "; ".join(finding.text for finding in quality.findings),
    )


def excluded_row(excluded: ExcludedRep) -> dict[str, str]:
    """A stretch that was not counted."""
    return {
        "when": f"{fixed(excluded.start_s, 2)} to {fixed(excluded.stop_s, 2)} s",
        "side": excluded.side.value if excluded.side else "both sides",
        "reason": excluded.reason,
    }


def reference_row(reference: Reference) -> dict[str, str]:
    """A reference contraction."""
    unit = reference.quantity.unit
    return {
        "site": capital(title(reference.site)),
        **{side.value: amount(reference.value[side], unit) for side in Side},
        "how": ", ".join(part for part in (reference.method, reference.taken) if part),
    }
