"""What was measured by hand, side by side: sizes and strength tests with the instrument's own error."""

from __future__ import annotations

import math
from collections.abc import Iterable

from glutebal.history.records import SizeMeasurement, StrengthTest
from glutebal.model import Bilateral, Side
from glutebal.report.reading import capital, has_interval, is_clear, significant, title
from glutebal.report.season_reading import day_told, leaning
from glutebal.results import Estimate

Z95 = 1.959963984540054  # normal quantile: the instrument's error is taken as known


def compared(sides: Bilateral[float], error: float) -> Estimate:
    """λ = ln(R/L) of two values with the same standard error, by the delta method: se² = e²·(1/L² + 1/R²).

    An error of 0 was not measured: then there is a value and no interval.
    """
    log_ratio = math.log(sides.right / sides.left)
    if not error > 0:
        return Estimate(log_ratio, n=1, reason="no error of the instrument was given")
    se = error * math.hypot(1 / sides.left, 1 / sides.right)
    return Estimate(log_ratio, log_ratio - Z95 * se, log_ratio + Z95 * se, se, 1, "instrument's error")


def verdict(log_ratio: Estimate) -> str:
    """Whether a difference is more than the instrument's error."""
    if not has_interval(log_ratio):
        return "unknown: no error of the instrument was given"
    return "beyond the instrument's error" if is_clear(log_ratio) else "within the instrument's error"


def size_rows(sizes: Iterable[SizeMeasurement]) -> list[dict[str, str]]:
    """Every size measurement, oldest first."""
    by_day = sorted(sizes, key=lambda size: size.day)
    return [_row(size, capital(title(size.site)), size.method) for size in by_day]


def strength_rows(tests: Iterable[StrengthTest]) -> list[dict[str, str]]:
    """Every strength test, oldest first."""
    return [_row(test, capital(title(test.test)), "") for test in sorted(tests, key=lambda test: test.day)]


def _row(entry: SizeMeasurement | StrengthTest, name: str, method: str) -> dict[str, str]:
    log_ratio = compared(entry.sides, entry.error)
    error = f"± {entry.error:g} {entry.unit}" if entry.error > 0 else "not given"
    how = ", ".join(part for part in (method, entry.instrument, entry.text) if part)
    return {
        "day": day_told(entry.day),
        "name": name,
        "how": how,
        **{side.value: f"{significant(entry.sides[side])} {entry.unit}" for side in Side},
        "error": error,
        "imbalance": leaning(log_ratio, ""),
        "log_ratio": f"{log_ratio.value:+.3f}".replace("-", "−"),
        "verdict": verdict(log_ratio),
    }
