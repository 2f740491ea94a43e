"""Force and EMG together, in words: what was read on either side, and what the pair may mean.

The sentences describe; where a pair has two explanations both are given, because a recording cannot tell them apart.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from glutebal.balance.force_emg import ForceEmg, Reading, read_together
from glutebal.model import Quantity
from glutebal.report.reading import capital, counted, fixed, has_interval, name_of, points, title
from glutebal.results import Analysis, Laterality, SetBalance

FORCE_MEASURES = ("mean_force", "impulse")

TITLE = "Force and EMG together"

CAVEAT = (
    "Sensor position and the reference contractions can cause differences like these, and the ranges do not cover "
    "putting the sensors on again: look at three sessions or more before reading anything into one pair."
)
"""Said once under the pairs."""

_EITHER = "; this recording cannot tell which."

SENTENCES = {
    Reading.SHIFTED: (
        "Force and {muscle} activation both read higher on the {side}: in this set the load was shifted to the {side}."
    ),
    Reading.HARDER: (
        "Force was even while {muscle} activation read higher on the {side}: for equal force, the {side} muscle worked "
        "nearer to its own reference contraction. Either that side gives less force for the same activation, or its "
        "reference contraction was taken low" + _EITHER
    ),
    Reading.MORE_FORCE: (
        "Force read higher on the {side} at even {muscle} activation. Either the {side} side gives more force for the "
        "same relative activation, or the two sides share the work between hip and knee differently" + _EITHER
    ),
    Reading.BALANCED: "Force and {muscle} activation were both even: their ranges include 0 and lie within ±{band}.",
    Reading.NEARER_CEILING: (
        "At the same load, {muscle} activation read higher on the {side}: there the muscle worked nearer to its own "
        "reference contraction. Either the load is a larger part of what that side can do, or its reference "
        "contraction was taken low" + _EITHER
    ),
    Reading.MORE_LOAD: (
        "Force read higher on the {side} at even {muscle} activation. Either the {side} side gives more force for the "
        "same relative activation, or other muscles took a larger part" + _EITHER
    ),
    Reading.OPPOSED: (
        "Force and {muscle} activation each differ between the sides, but not in a combination that has a plain "
        "reading: both are shown, and nothing is concluded from the pair."
    ),
    Reading.UNKNOWN: "What force and {muscle} activation say together cannot be told: {reason}.",
}


@dataclass(frozen=True)
class Together:
    """One gluteal muscle beside the force of the same recording."""

    force: SetBalance
    activation: SetBalance
    found: ForceEmg


def together(analysis: Analysis) -> list[Together]:
    """Every gluteal site with calibrated activation, beside the recording's force; empty where there is no such pair.

    Force is the mean force, else the impulse; a measure with a range before one without. In walking, force and EMG are
    of different moments: no pair.
    """
    forces = sorted((b for b in analysis.balances if _is_force(b)), key=_force_precedence)
    laterality = analysis.segmentation.laterality
    if not forces or laterality is Laterality.CYCLIC:
        return []
    return [
        Together(forces[0], balance, read_together(forces[0].log_ratio, balance.log_ratio, laterality))
        for balance in analysis.balances
        if _is_activation(balance)
    ]


def _is_force(balance: SetBalance) -> bool:
    return balance.quantity is Quantity.FORCE and balance.measure in FORCE_MEASURES and _has_value(balance)


def _force_precedence(balance: SetBalance) -> tuple[bool, int]:
    return not has_interval(balance.log_ratio), FORCE_MEASURES.index(balance.measure)


def _is_activation(balance: SetBalance) -> bool:
    gluteal = balance.quantity is Quantity.EMG and balance.site.startswith("gluteus")
    return gluteal and balance.measure == "activation" and _has_value(balance)


def _has_value(balance: SetBalance) -> bool:
    return balance.log_ratio.status.has_value and math.isfinite(balance.log_ratio.value)


def sentence(pair: Together) -> str:
    """What the pair may mean, with both explanations where there are two; or that it cannot be told, and why."""
    found = pair.found
    side = found.side.value if found.side else ""
    text = SENTENCES[found.reading]
    band = f"{found.even_points:g} points"
    return text.format(muscle=title(pair.activation.site), side=side, band=band, reason=found.reason)


def numbers(pair: Together, laterality: Laterality) -> str:
    """The values behind the sentence: points of the imbalance index, and force per activation, with ranges."""
    told = [
        f"{name_of(b)}: {points(b.log_ratio)} points, {counted(b.log_ratio.n, laterality)}"
        for b in (pair.force, pair.activation)
    ]
    return f"{capital('; '.join(told))}; force per activation, right/left: {_ratio(pair.found)}."


def _ratio(found: ForceEmg) -> str:
    log_ratio = found.efficiency
    value = fixed(math.exp(log_ratio.value), 2)
    if not has_interval(log_ratio):
        return f"{value} (no range)"
    return f"{value} (95 % range {fixed(math.exp(log_ratio.low), 2)} to {fixed(math.exp(log_ratio.high), 2)})"


def paragraphs(analysis: Analysis) -> list[str]:
    """The whole section as paragraphs, the caveat last; empty when there is no pair."""
    laterality = analysis.segmentation.laterality
    told = [f"{sentence(pair)} {numbers(pair, laterality)}" for pair in together(analysis)]
    return [*told, CAVEAT] if told else []


def rows(analysis: Analysis) -> list[dict[str, Any]]:
    """One row per pair, for JSON: ``efficiency`` with its ends is λ_F − λ_E, a difference of λ = ln(R/L)."""
    return [_row(pair) for pair in together(analysis)]


def _row(pair: Together) -> dict[str, Any]:
    found = pair.found
    return {
        "site": pair.activation.site,
        "force_measure": pair.force.measure,
        "force_site": pair.force.site,
        "efficiency": float(found.efficiency.value),
        "efficiency_low": float(found.efficiency.low),
        "efficiency_high": float(found.efficiency.high),
        "n": int(found.efficiency.n),
        "level": float(found.efficiency.level),
        "reading": found.reading.value,
        "side": found.side.value if found.side else "",
        "even_points": float(found.even_points),
        "text": sentence(pair),
    }
