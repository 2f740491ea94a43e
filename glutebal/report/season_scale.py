"""How the numbers of a series over time are shown: ratios in points of the index, differences in their unit."""

from __future__ import annotations

import math
from dataclasses import dataclass

from glutebal.balance.difference import smallest_claim
from glutebal.balance.trend import Trend
from glutebal.history.progress import Progress
from glutebal.report.differences import InUnit, axis_unit, decimals_of, facing, unit_sign
from glutebal.report.reading import SIGN, as_imbalance, fixed, has_interval, points, span
from glutebal.report.season_reading import (
    chance,
    change_told,
    is_moving,
    leaning,
    level_told,
    points_of_change,
    side_of,
)
from glutebal.results import Estimate


@dataclass(frozen=True)
class Scale:
    """What a series' numbers are shown in; without ``axis`` they are λ, shown in points of the imbalance index."""

    axis: InUnit | None = None

    @property
    def is_midline(self) -> bool:
        """Whether there are no sides behind the numbers."""
        return self.axis is not None and self.axis.midline

    @property
    def unit(self) -> str:
        """As it stands behind a number: " points", "°", " cm"."""
        return unit_sign(self.axis.unit) if self.axis else " points"

    @property
    def decimals(self) -> int:
        """Of a level."""
        return decimals_of(self.axis.unit) if self.axis else 1

    @property
    def sign(self) -> str:
        """What plus means, for captions."""
        return f"positive = {self.larger(1.0)}" if self.is_midline else SIGN

    @property
    def label(self) -> str:
        """What stands beside an axis: "difference, ° (+ = right larger)"."""
        if self.axis is None:
            return "imbalance index, points (+ = right larger)"
        if not self.axis.midline:
            return f"difference, {axis_unit(self.axis.unit)} (+ = right larger)"
        plus = "" if self.axis.is_signed else f" (+ = {self.axis.way(1.0)})"
        return f"{axis_unit(self.axis.unit)}{plus}"

    @property
    def caption(self) -> str:
        """What the numbers of a table are."""
        if self.axis is None:
            return "points of the imbalance index"
        return f"{'the signed value' if self.axis.midline else 'right minus left'} in {axis_unit(self.axis.unit)}"

    def of(self, level: Estimate) -> Estimate:
        """A level as it is drawn."""
        return level if self.axis else as_imbalance(level)

    def change(self, change: Estimate, around: float) -> Estimate:
        """A difference of two levels as it is drawn; ``around`` is the level in its middle."""
        return change if self.axis else points_of_change(change, around)

    def amount(self, value: float, decimals: int | None = None) -> str:
        """A number with its unit: "5.3 points", "5.3°"."""
        return f"{fixed(value, self.decimals if decimals is None else decimals)}{self.unit}"

    def cell(self, level: Estimate) -> str:
        """A level in a table: "right 7.5 (6.0 to 9.1)", "right 4.2° more (1.0 to 7.4)"."""
        return self.axis.told(level) if self.axis else points(level, brief=True)

    def told(self, level: Estimate) -> str:
        """A level in a sentence."""
        return self.cell(level) if self.axis and level.status.has_value else leaning(level)

    def larger(self, value: float) -> str:
        """What a signed number says: "right larger", "more on the right", "to the left", "anterior"."""
        if self.axis is None:
            return f"{side_of(value).value} larger"
        if self.axis.is_signed:
            return "above 0" if value > 0 else "below 0"
        return self.axis.way(value) if self.axis.midline else f"more on the {self.axis.way(value)}"

    def apart(self, band: float) -> str:
        """How a level beyond a band is called: "more than 5 points apart", "more than 1.5 cm off"."""
        return f"more than {band:g}{self.unit} {'off' if self.axis and self.axis.midline else 'apart'}"

    def pointing(self, value: float) -> str:
        """Where sessions on one side of 0 point: "right", "to the left", "anterior"."""
        if self.axis is None:
            return side_of(value).value
        return self.larger(value) if self.axis.is_signed else self.axis.way(value)

    def floor_told(self, level: Estimate) -> str:
        """That a difference is smaller than the sensors can tell; empty where it is not, and for ratios."""
        floor = smallest_claim(self.axis.measure, self.axis.unit) if self.axis else 0.0
        return f"below what inertial sensors can tell ({floor:g}{self.unit})" if abs(level.value) < floor else ""


POINTS = Scale()


def scale_of(progress: Progress) -> Scale:
    """What the numbers of this series are shown in."""
    if not progress.is_difference:
        return POINTS
    return Scale(InUnit(progress.unit, progress.series.measure, progress.is_midline))


def moved_told(trend: Trend, scale: Scale) -> tuple[str, str]:
    """How far and which way a difference moved since the start: ("3.1° toward the right", "95 % range 1.2 to 5.0")."""
    signed = scale.axis is None or scale.axis.is_signed
    change = trend.change if signed else facing(trend.change)
    plus = "+" if signed and change.value > 0 else ""
    toward = scale.axis.toward(trend.change.value) if scale.axis else ""
    ends = f"{level_told(change)} {span(change, scale.decimals)}" if has_interval(change) else "no range"
    return f"{plus}{scale.amount(change.value)}{toward}", ends


def course(trend: Trend, scale: Scale = POINTS) -> str:
    """The direction of a series in a word or two: "right share rising", "no clear change", "unknown"."""
    if trend.is_unknown:
        return "unknown"
    if not is_moving(trend):
        return "no clear change"
    if scale.axis is None:
        return f"{change_told(trend)[0].value} share rising"
    rising = "rising" if trend.change.value > 0 else "falling"
    return f"moving{scale.axis.toward(trend.change.value)}" if not scale.axis.is_signed else rising


def sureness(trend: Trend, scale: Scale = POINTS) -> str:
    """How probable a side is: of ratios the right one, of differences the one that is named."""
    if scale.axis is None or not math.isfinite(trend.p_right):
        return chance(trend.p_right)
    p = trend.p_right
    return f"{scale.larger(1.0 if p >= 0.5 else -1.0)}: {chance(max(p, 1 - p))}"
