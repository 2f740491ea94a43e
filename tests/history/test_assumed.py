"""What is assumed of a series: by what is measured, for differences by what inertial sensors can tell."""

import math
from dataclasses import replace
from datetime import date

import pytest

from glutebal.balance.difference import FLOOR_BY_UNIT
from glutebal.errors import InputError
from glutebal.history.assumed import assumed, default_settings, difference_settings, is_followed, smallest_change
from glutebal.history.series import Series, SetPoint
from glutebal.model import Bilateral, Quantity
from glutebal.results import Estimate, Status

NOBODY = Bilateral("", "")
NO_RATIO = Estimate.none(Status.NOT_A_RATIO, "it can cross zero", 8)
SIDES = Bilateral(Estimate(88.0), Estimate(92.0))


def point(measure="hip_flexion_rom", unit="deg", difference=4.0, shared_se=2.0):
    series = Series("A-01", "squat", measure, "hip")
    head = (series, 1, date(2026, 3, 2), "", "", NOBODY, 1, None, Quantity.ANGLE, unit)
    return SetPoint(*head, NO_RATIO, SIDES, shared_se, Estimate(difference, se=math.hypot(0.5, shared_se), n=8))


@pytest.mark.parametrize(
    ("measure", "unit", "change"),
    [
        ("hip_flexion_rom", "deg", 5.0),
        ("knee_frontal_change", "deg", 8.0),
        ("lateral_shift", "cm", 1.5),
        ("rep_duration", "s", 0.3),
    ],
)
def test_the_mdc_of_placement_is_the_smallest_change(measure, unit, change):
    found = difference_settings(measure, unit)
    assert smallest_change(measure, unit) == found.band == change
    assert 1.959964 * math.sqrt(2) * found.placement_sd == pytest.approx(change, rel=1e-6)
    assert found.unit == unit


def test_every_unit_with_a_floor_is_followed():
    assert all(math.isfinite(smallest_change("anything", unit)) for unit in FLOOR_BY_UNIT)


def test_sensors_that_are_worse_are_taken_at_their_word():
    better, worse = (assumed(point(), [point(shared_se=sd)] * 3) for sd in (0.5, 3.5))
    assert better == difference_settings("hip_flexion_rom", "deg")
    assert worse.placement_sd == 3.5


def test_ratios_keep_theirs():
    ratio = replace(point(), difference=None, log_ratio=Estimate(0.1, se=0.02), quantity=Quantity.FORCE, unit="N")
    assert assumed(ratio, [ratio]) == default_settings(Quantity.FORCE, "N")
    assert default_settings(Quantity.FORCE, "N").unit == ""


def test_of_another_unit_nothing_is_known():
    assert is_followed([point(), point("rep_duration", "s")])
    assert not is_followed([point(unit="mm")])
    with pytest.raises(InputError, match="a difference in deg, cm or s"):
        difference_settings("lateral_shift", "mm")
