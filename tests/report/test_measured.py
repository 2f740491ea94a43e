import math
from dataclasses import replace
from datetime import date

import pytest

from glutebal.history.records import SizeMeasurement, StrengthTest
from glutebal.model import Bilateral
from glutebal.report.measured import compared, size_rows, strength_rows, verdict


def test_the_instruments_error_becomes_the_range_of_the_log_ratio():
    found = compared(Bilateral(20.0, 25.0), 1.0)
    assert found.value == pytest.approx(math.log(1.25))
    assert found.se == pytest.approx(math.sqrt(1 / 400 + 1 / 625))
    assert (found.low, found.high) == pytest.approx(
        (found.value - 1.96 * found.se, found.value + 1.96 * found.se), rel=1e-4
    )


def test_the_range_covers_what_the_error_does():
    import numpy as np

    rng = np.random.default_rng(11)
    left, right = 31.0 + rng.normal(0, 0.8, 4000), 32.5 + rng.normal(0, 0.8, 4000)
    true = math.log(32.5 / 31.0)
    hits = [(e := compared(Bilateral(a, b), 0.8)).low <= true <= e.high for a, b in zip(left, right, strict=True)]
    assert np.mean(hits) == pytest.approx(0.95, abs=0.012)  # 3.5 standard errors of 4000 draws


def test_swapping_the_sides_flips_the_sign_and_nothing_else():
    one, other = compared(Bilateral(182.0, 221.0), 6.0), compared(Bilateral(221.0, 182.0), 6.0)
    assert (one.value, one.low, one.high) == pytest.approx((-other.value, -other.high, -other.low))
    assert verdict(one) == verdict(other) == "beyond the instrument's error"


def test_an_error_of_zero_is_no_range():
    found = compared(Bilateral(210.0, 224.0), 0.0)
    assert math.isnan(found.low)
    assert verdict(found) == "unknown: no error of the instrument was given"


def test_rows_hold_method_error_and_verdict():
    size = SizeMeasurement(
        "P07", date(2026, 9, 7), "gluteus_maximus", "ultrasound", "mm", Bilateral(31.2, 32.0), 0.8, "probe 7"
    )
    later, earlier = size_rows([replace(size, day=date(2026, 11, 2)), size])[::-1]
    assert (earlier["day"], later["day"]) == ("7 Sep 2026", "2 Nov 2026")
    assert earlier["how"] == "ultrasound, probe 7"
    assert (earlier["left"], earlier["right"], earlier["error"]) == ("31.2 mm", "32.0 mm", "± 0.8 mm")
    assert earlier["imbalance"] == "right 1.3 (left 2.2 to right 4.8)"
    assert earlier["verdict"] == "within the instrument's error"
    (test,) = strength_rows([StrengthTest("P07", size.day, "hip_abduction", "N", Bilateral(210.0, 224.0), 0.0)])
    assert (test["name"], test["error"], test["imbalance"]) == ("Hip abduction", "not given", "right 3.2 (no range)")
