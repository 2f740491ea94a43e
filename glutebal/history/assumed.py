"""What a trend assumes of a series before the person's own sessions have taught it, by what is measured."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from glutebal.balance.course import TrendSettings
from glutebal.balance.difference import smallest_claim
from glutebal.errors import InputError
from glutebal.history.series import SetPoint
from glutebal.model import Quantity

#: What putting the sensors on again brings to a session's λ, standard deviation, by what is measured: .08 per side for
#: EMG in per cent of a reference and .03 for force, times √2.
PLACEMENT_SD = {Quantity.EMG: 0.11, Quantity.FORCE: 0.042, Quantity.TORQUE: 0.042}
#: The same of anything else, times of one side included: assumed, between the two.
OTHER_PLACEMENT_SD = 0.06
TIMES = frozenset({"s", "ms", "%"})  # units of how long, not how much
#: The smallest change of two sessions that counts, by unit, where `smallest_claim` has none. Of a time it is assumed:
#: a placement error of 0.1 s, which of a repetition of 2.5 s is the share that force has (.042).
SMALLEST_CHANGE = {"s": 0.3}


def default_settings(quantity: Quantity, unit: str = "") -> TrendSettings:
    """The assumptions of a trend of ratios: placement .11 for EMG, .042 for force and torque, else .06.

    A time (``unit`` s, ms or %) is compared with its own side's plateau, so that placement matters less to it.
    """
    return TrendSettings(
        placement_sd=OTHER_PLACEMENT_SD if unit in TIMES else PLACEMENT_SD.get(quantity, OTHER_PLACEMENT_SD)
    )


def smallest_change(measure: str, unit: str) -> float:
    """By how much two sessions of a difference must differ to count, as is assumed; NaN for an unknown unit.

    It is the smallest difference that inertial sensors can tell (`smallest_claim`): 5°, in the knee's frontal plane 8°,
    1.5 cm. For the pelvis in single-leg stance the angle repeats to 5.5° (Youdas et al. 2007, by the usual formula).
    """
    return smallest_claim(measure, unit) or SMALLEST_CHANGE.get(unit, math.nan)


def difference_settings(measure: str, unit: str, sensors_sd: float = 0.0) -> TrendSettings:
    """The assumptions of a trend of differences: the smallest change that counts is the MDC of one session's placement.

    Parameters
    ----------
    measure, unit : str
        As in `SetBalance`.
    sensors_sd : float
        What the sensors' own error, shared by all sets of a session, is told to be; placement is not assumed smaller.

    Raises
    ------
    InputError
        Of this unit nothing is known.
    """
    change = smallest_change(measure, unit)
    if not math.isfinite(change):
        advice = "give settings=TrendSettings.of_differences(unit, smallest_change)"
        raise InputError("a difference in deg, cm or s", f"one in {unit or 'no unit'}", measure, advice)
    found = TrendSettings.of_differences(unit, change)
    return replace(found, placement_sd=max(found.placement_sd, sensors_sd))


def is_followed(points: Sequence[SetPoint]) -> bool:
    """Whether something can be assumed of every set's kind and unit, so that a trend needs no settings."""
    differences = [p for p in points if p.difference is not None]
    return all(math.isfinite(smallest_change(p.series.measure, p.unit)) for p in differences)


def assumed(latest: SetPoint, points: Sequence[SetPoint]) -> TrendSettings:
    """The assumptions for a series, of its latest set's kind; what its sensors are told to be off by is the median."""
    if latest.difference is None:
        return default_settings(latest.quantity, latest.unit)
    told = sorted(p.shared_se for p in points if p.difference is not None and p.unit == latest.unit)
    return difference_settings(latest.series.measure, latest.unit, told[len(told) // 2])
