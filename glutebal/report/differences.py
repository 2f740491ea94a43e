"""What cannot be a ratio, as people read it: right minus left in degrees, centimetres or seconds; midline values.

A difference is told towards its own side, "right 4.2° more (1.0 to 7.4)", so that swapping the sides swaps the words
and leaves every number alone. A midline value is told by its direction: "2.1 cm to the right".
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

from glutebal.balance.difference import Claim, answer_of, claim, is_midline, smallest_claim
from glutebal.report.reading import (
    ADVICE,
    STATUS_WORDS,
    aligned,
    as_imbalance,
    capital,
    counted,
    fixed,
    has_interval,
    is_clear,
    name_of,
    points,
    reason,
    span,
)
from glutebal.results import Analysis, Estimate, Laterality, RepBalance, SetBalance

TITLE = "Differences"
CAPTION = "right minus left, or which way the midline is off, in the unit shown, 95 % range"

#: Which way a signed midline value points, by a word in the measure's name: (negative, positive).
DIRECTIONS = {
    "shift": ("to the left", "to the right"),
    "obliquity": ("higher on the left", "higher on the right"),
    "tilt": ("posterior", "anterior"),
}
_DECIMALS = {"s": 2, "m": 3}

FORMULA = (
    "Difference",
    (
        "right minus left, or the signed midline value, per repetition, in its unit; "
        "told from 5°, in the knee's frontal plane from 8°, and from 1.5 cm"
    ),
)


@dataclass(frozen=True)
class InUnit:
    """What the numbers of a difference mean: its unit, what is measured, and whether it is of the midline."""

    unit: str
    measure: str
    midline: bool = False

    @property
    def directions(self) -> tuple[str, str] | None:
        """Which way a midline value points, (negative, positive); None where only its sign says so."""
        return next((pair for word, pair in DIRECTIONS.items() if word in self.measure), None)

    @property
    def is_signed(self) -> bool:
        """Whether a value is told with its sign, because no words say which way it points."""
        return self.midline and self.directions is None

    def way(self, value: float) -> str:
        """Which way a value points: a side, or a direction of the midline."""
        negative, positive = (self.directions or ("down", "up")) if self.midline else ("left", "right")
        return positive if value > 0 else negative

    def toward(self, value: float) -> str:
        """Which way a value moves: " toward the right", " toward anterior"; nothing where its sign says so."""
        way = self.way(value).removeprefix("to ")
        return "" if self.is_signed else f" toward {f'the {way}' if way in {'left', 'right'} else way}"

    def pointed(self, value: float) -> str:
        """The value with its direction, without its range: "right 4.2° more", "2.1 cm to the left"."""
        amount = measured(value if self.is_signed else abs(value), self.unit)
        if self.is_signed:
            return amount
        if is_even(value, self.unit):
            return f"even, {amount}"
        return f"{amount} {self.way(value)}" if self.midline else f"{self.way(value)} {amount} more"

    def ends(self, difference: Estimate) -> str:
        """The range, counted the way the value is told."""
        return span(difference if self.is_signed else facing(difference), decimals_of(self.unit))

    def told(self, difference: Estimate) -> str:
        """One difference: "right 4.2° more (1.0 to 7.4)", "2.1 cm to the left (no range)"."""
        if not has_value(difference):
            return f"no answer: {reason(difference)}"
        return f"{self.pointed(difference.value)} ({self.ends(difference) if has_interval(difference) else 'no range'})"


def in_unit(balance: SetBalance | RepBalance) -> InUnit:
    """What the difference of a balance means."""
    return InUnit(balance.unit, balance.measure, is_midline(balance))


def has_difference(balance: SetBalance | RepBalance) -> bool:
    """Whether it has a difference instead of a ratio."""
    return balance.difference is not None


def has_value(estimate: Estimate) -> bool:
    """Whether there is a number to show."""
    return estimate.status.has_value and math.isfinite(estimate.value)


def differences(analysis: Analysis) -> list[SetBalance]:
    """The balances with a difference to show, in the order of the analysis."""
    return [b for b in analysis.balances if b.difference is not None and has_value(b.difference)]


def formulas_of(balances: Iterable[SetBalance]) -> tuple[tuple[str, str], ...]:
    """The formula that a page needs beside those of ratios; nothing without a difference."""
    return (FORMULA,) if any(has_difference(balance) for balance in balances) else ()


def decimals_of(unit: str) -> int:
    """Decimals of a difference in this unit: those of degrees and centimetres are 1."""
    return _DECIMALS.get(unit, 1)


def unit_sign(unit: str) -> str:
    """The unit as it stands behind a number: "°", " cm"."""
    return "°" if unit == "deg" else f" {unit}"


def axis_unit(unit: str) -> str:
    """The unit on an axis or over a column: "°", "cm"."""
    return unit_sign(unit).strip()


def measured(value: float, unit: str) -> str:
    """A value with its unit: "4.2°", "1.5 cm"; "n/a" when unknown."""
    return f"{fixed(value, decimals_of(unit))}{unit_sign(unit)}" if math.isfinite(value) else "n/a"


def signed(difference: Estimate, unit: str) -> str:
    """The value with its sign and unit, "+3.5°", and without a sign where it rounds to 0."""
    plus = "+" if difference.value > 0 and not is_even(difference.value, unit) else ""
    return f"{plus}{measured(difference.value, unit)}"


def facing(difference: Estimate) -> Estimate:
    """The same counted towards its own side: the value is not negative."""
    if not difference.value < 0:
        return difference
    return replace(difference, value=-difference.value, low=-difference.high, high=-difference.low)


def is_even(value: float, unit: str) -> bool:
    """Whether a difference rounds to 0."""
    return float(f"{abs(value):.{decimals_of(unit)}f}") == 0


def told(balance: SetBalance | RepBalance, *, brief: bool = False) -> str:
    """The answer as it stands in a table: points where there is a ratio, else the difference with its unit."""
    if balance.difference is None:
        return points(balance.log_ratio, brief=brief)
    return difference_told(balance.difference, balance)


def difference_told(difference: Estimate, balance: SetBalance | RepBalance) -> str:
    """One difference of a balance: "right 4.2° more (1.0 to 7.4)", "2.1 cm to the left (no range)"."""
    return in_unit(balance).told(difference)


def floor_told(balance: SetBalance) -> str:
    """That the difference is too small for the sensors, "below what inertial sensors can tell (5°)"; else nothing."""
    floor = smallest_claim(balance.measure, balance.unit)
    below = claim(answer_of(balance), floor) is Claim.BELOW
    return f"below what inertial sensors can tell ({floor:g}{unit_sign(balance.unit)})" if below else ""


def claim_of(balance: SetBalance) -> Claim:
    """What may be said of the balance's difference, with the floor of its measure."""
    return claim(answer_of(balance), smallest_claim(balance.measure, balance.unit))


def sentence(balance: SetBalance, laterality: Laterality, where: str, when_told: str = "") -> str:
    """What one difference says, with its range, unit and count, or why it says nothing.

    Parameters
    ----------
    balance : SetBalance
        With a difference.
    laterality : Laterality
        What is counted: reps or strides.
    where : str
        "this set", "3 sets of squat".
    when_told : str
        How a sentence about a difference begins, "In this set"; without it "Over" and ``where``.
    """
    found, name = answer_of(balance), name_of(balance)
    if not has_value(found):
        advice = ADVICE.get(found.status, "")
        text = f"No answer for {name}: {reason(found)}."
        return f"{text} To try: {advice}." if advice else text
    spoken, many = _spoken(found, balance), counted(found.n, laterality)
    shown = (
        f"95 % range {in_unit(balance).ends(found)}{unit_sign(balance.unit)}, {many}" if has_interval(found) else many
    )
    opening = when_told or f"Over {where},"
    said = {
        Claim.BEYOND: f"{opening} {name} was {spoken} ({shown}).{_caveat(balance, when_told)}",
        Claim.BELOW: f"{capital(name)} was {spoken} ({shown}): {floor_told(balance)}.",
    }
    return said.get(claim_of(balance)) or _unclear(balance, spoken, shown, where)


def _unclear(balance: SetBalance, spoken: str, shown: str, where: str) -> str:
    found, name = answer_of(balance), name_of(balance)
    if not has_interval(found):
        return f"{capital(name)} was {spoken} ({shown}); no range is known, so nothing can be told: {reason(found)}."
    what = "No departure from the middle" if is_midline(balance) else "No side difference"
    return f"{what} in {name} can be told from {where}: {spoken} ({shown})."


def _spoken(difference: Estimate, balance: SetBalance) -> str:
    """As in a sentence: "4.2° more on the right", "2.1 cm to the left"."""
    if is_midline(balance):
        return in_unit(balance).pointed(difference.value)
    amount = measured(abs(difference.value), balance.unit)
    even = is_even(difference.value, balance.unit)
    return f"even ({amount})" if even else f"{amount} more on the {in_unit(balance).way(difference.value)}"


def _caveat(balance: SetBalance, when_told: str) -> str:
    """What a reader must know beside a difference, of one recording or of several sets."""
    common = "differences between the sides are common in healthy people."
    if is_midline(balance):
        return " It describes this recording only." if when_told else ""
    return f" It describes this recording only; {common}" if when_told else f" {capital(common)}"


def drift_told(balance: SetBalance, per: str = "rep") -> str:
    """The slope, "0.31° per rep toward the right (95 % range 0.10 to 0.52)"; empty when there is none."""
    slope = balance.drift
    if not has_value(slope):
        return ""
    decimals, turned = decimals_of(balance.unit) + 1, facing(slope)
    toward = in_unit(balance).toward(slope.value)
    turned = turned if toward else slope
    amount = f"{fixed(turned.value, decimals)}{unit_sign(balance.unit)} per {per}{toward}"
    ranged = f"95 % range {span(turned, decimals)}" if has_interval(slope) else f"no range: {slope.reason}"
    return f"{amount} ({ranged})"


def drift_sentence(balance: SetBalance) -> str:
    """How a difference moved from rep to rep, when the range of that slope leaves out 0; else nothing."""
    clear = is_clear(balance.drift)
    return f"From rep to rep {name_of(balance)} moved by {drift_told(balance)}." if clear else ""


def lines(analysis: Analysis) -> list[str]:
    """The part of the block in a terminal, with its own heading; nothing without a difference."""
    rows = [cells(balance, analysis.segmentation.laterality) for balance in differences(analysis)]
    if not rows:
        return []
    apart = [""] if any(balance.difference is None for balance in analysis.balances) else []
    return [*apart, f"{TITLE.lower()}: {CAPTION}", *aligned(rows)]


def cells(balance: SetBalance, laterality: Laterality) -> tuple[str, ...]:
    """One line of the block in a terminal."""
    found = answer_of(balance)
    status = floor_told(balance) or STATUS_WORDS[found.status]
    return balance.site, balance.measure, told(balance), counted(found.n, laterality), status


def shown(balance: SetBalance | RepBalance) -> Estimate:
    """The number that is drawn: points of the imbalance index, or the difference in its unit."""
    return as_imbalance(balance.log_ratio) if balance.difference is None else balance.difference


def axis_label(balance: SetBalance | RepBalance) -> str:
    """What stands beside the axis of `shown`."""
    if balance.difference is None:
        return "imbalance, points\n(+ = right larger)"
    if not is_midline(balance):
        return f"difference, {axis_unit(balance.unit)}\n(+ = right more)"
    directions = in_unit(balance).directions
    plus = f"\n(+ = {directions[1]})" if directions else ""
    return f"{axis_unit(balance.unit)}{plus}"
