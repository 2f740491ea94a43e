"""One λ as people read it: points, share, per cent lower; and how its numbers are written.

Stored is λ = ln(R/L), positive when the right side is larger. Every view here is monotone in λ, so an
interval is transformed by its end points.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from glutebal.balance import indices
from glutebal.model import Quantity
from glutebal.results import Estimate, Laterality, SetBalance, Status

SIGN = "positive = right larger"


def view(estimate: Estimate, of_lambda: Callable[[float], float]) -> Estimate:
    """The same estimate through an increasing function of λ; a status without a value stays without one."""
    known = estimate.status.has_value
    low, high = (_finite(x) for x in (estimate.low, estimate.high))
    if not (known or estimate.status is Status.CENSORED):
        low = high = math.nan
    value = of_lambda(estimate.value) if known else math.nan
    return replace(estimate, value=value, low=of_lambda(low), high=of_lambda(high), se=math.nan)


def _finite(value: float) -> float:
    # an end at infinity says nothing, and as "±100 points" it would look as if it did
    return value if math.isfinite(value) else math.nan


def as_imbalance(estimate: Estimate) -> Estimate:
    """Imbalance index in points, −100 to 100 (Kobayashi 2013): 100·(R−L)/(R+L) = 100·tanh(λ/2)."""
    return view(estimate, indices.imbalance)


def as_share(estimate: Estimate) -> Estimate:
    """The right side's part of left plus right, per cent, 0 to 100: 50 + d/2."""
    return view(estimate, indices.share_right)


def percent_lower(log_ratio: float) -> float:
    """How much lower the smaller side is, per cent of the larger (Impellizzeri et al. 2007): 100·(1 − exp(−|λ|))."""
    return -100 * math.expm1(-abs(log_ratio))


def has_interval(estimate: Estimate) -> bool:
    """Whether a value comes with both ends of its interval."""
    return estimate.status.has_value and math.isfinite(estimate.low) and math.isfinite(estimate.high)


def is_clear(estimate: Estimate) -> bool:
    """Whether the interval leaves out 0: a side difference can be told."""
    return has_interval(estimate) and not estimate.low <= 0 <= estimate.high


def title(name: str) -> str:
    """A field name for people: ``gluteus_maximus`` is "gluteus maximus", ``hip_flexion_rom`` "hip flexion ROM"."""
    return re.sub(r"\b(emg|rom)\b", lambda word: word[0].upper(), name.replace("_", " "))


def capital(text: str) -> str:
    """The text with its first letter as a capital and the rest as it is."""
    return text[:1].upper() + text[1:]


def name_of(balance: SetBalance) -> str:
    """What was compared: "gluteus maximus activation", "mean force (plate)"."""
    site, measure = title(balance.site), title(balance.measure)
    return f"{site} {measure}".strip() if balance.quantity is Quantity.EMG or not site else f"{measure} ({site})"


def larger_side(value: float) -> str:
    """Which side a signed number points to: right, left, or even when it rounds to 0.0."""
    if abs(value) < 0.05:
        return "even"
    return "right" if value > 0 else "left"


def fixed(value: float, decimals: int = 1) -> str:
    """A number with a true minus sign and no negative zero; "n/a" when unknown."""
    if not math.isfinite(value):
        return "n/a"
    text = f"{value:.{decimals}f}"
    if float(text) == 0:
        text = text.removeprefix("-")
    return text.replace("-", "−")


def span(estimate: Estimate, decimals: int = 1) -> str:
    """The interval, "6.0 to 9.1"."""
    return f"{fixed(estimate.low, decimals)} to {fixed(estimate.high, decimals)}"


def points(log_ratio: Estimate, *, brief: bool = False) -> str:
    """The imbalance as it stands in a table: "right 7.5 (6.0 to 9.1)", or its bound, or why there is none.

    ``brief`` leaves the reason of a bound out.
    """
    d = as_imbalance(log_ratio)
    if d.status is Status.CENSORED and bound(d):
        return bound(d) if brief else f"{bound(d)} ({reason(d)})"
    if not d.status.has_value or not math.isfinite(d.value):
        return f"no answer: {reason(log_ratio)}"
    shown = f"{larger_side(d.value)} {fixed(d.value)}"
    return f"{shown} ({span(d)})" if has_interval(d) else f"{shown} (no range)"


def bound(d: Estimate) -> str:
    """A censored imbalance, of which one end is known: "right, at least 64.0"; empty when neither is."""
    if math.isfinite(d.low):
        return f"right, at least {fixed(d.low)}" if d.low > 0 else f"at least {fixed(d.low)}"
    if math.isfinite(d.high):
        return f"left, at most {fixed(d.high)}" if d.high < 0 else f"at most {fixed(d.high)}"
    return ""


def reason(estimate: Estimate) -> str:
    """Why there is no plain number; the status in words when no reason was given."""
    return estimate.reason or STATUS_WORDS[estimate.status]


def counted(n: int, laterality: Laterality) -> str:
    """How many: "12 reps", "1 rep", "9 strides"."""
    noun = "stride" if laterality is Laterality.CYCLIC else "rep"
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows of cells as lines, each column as wide as its widest cell."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip() for row in rows]


def display_unit(unit: str, magnitude: float) -> tuple[float, str]:
    """The factor and unit in which a typical magnitude reads best: volts of EMG become µV or mV."""
    if unit not in {"V", "V·s"} or not magnitude > 0:
        return 1.0, unit
    if magnitude < 1e-3:
        return 1e6, f"µ{unit}"
    return (1e3, f"m{unit}") if magnitude < 1 else (1.0, unit)


def amount(value: float, unit: str) -> str:
    """A value with its unit to three significant digits; "n/a" when unknown."""
    if not math.isfinite(value):
        return "n/a"
    factor, shown = display_unit(unit, abs(value))
    return f"{significant(value * factor)} {shown}".strip()


def significant(value: float, digits: int = 3) -> str:
    """A number to so many significant digits, never in exponent form below a million."""
    if not math.isfinite(value):
        return "n/a"
    decimals = digits if value == 0 else max(0, min(6, digits - 1 - math.floor(math.log10(abs(value)))))
    return fixed(value, 0 if value == 0 else decimals)


STATUS_WORDS = {
    Status.OK: "ok",
    Status.LOW_SNR: "near the noise floor",
    Status.TOO_FEW: "too few reps",
    Status.UNPAIRED: "one side only",
    Status.UNCALIBRATED: "uncalibrated",
    Status.CENSORED: "only a bound",
    Status.REFUSED: "refused",
    Status.NOT_A_RATIO: "no ratio, a difference",
}
"""What each status says to a reader."""

ADVICE = {
    Status.LOW_SNR: "a firmer effort or better skin contact gives a narrower range",
    Status.TOO_FEW: "record at least five repetitions on each side",
    Status.UNPAIRED: "record the same exercise on the other side too",
    Status.UNCALIBRATED: (
        "record a reference contraction on each side with the sensors in place and pass it as the reference"
    ),
    Status.CENSORED: "check the sensor on the quiet side, or repeat with a firmer effort",
    Status.REFUSED: "check the sensor that is named, its contact and its plug, and record again",
    Status.NOT_A_RATIO: "read the difference of the sides in degrees or centimetres",
}
"""What a reader can try when a status stands in the way of an answer."""
