"""Fieller's interval: Efron and Tibshirani's patch data, the worked set, and when it has no end."""

import math

import numpy as np
import pytest

from glutebal.balance.fieller import fieller
from glutebal.errors import InputError
from glutebal.results import Status


def test_patch_data(vectors):
    row = vectors["fieller_efron_patch"]
    found = fieller(row["z"], row["y"], 0.90)
    assert found.value == pytest.approx(row["theta"], rel=1e-12)
    assert [found.low, found.high] == pytest.approx(row["fieller90_t7"], rel=1e-9)
    assert (found.n, found.level) == (8, 0.90)
    normal = fieller(row["z"], row["y"], 0.90, df=math.inf)
    assert [normal.low, normal.high] == pytest.approx(row["fieller90_z"], rel=1e-9)


def test_worked_set(vectors):
    row = vectors["set_ci"]
    found = fieller(row["L"], row["R"])
    assert found.value == pytest.approx(row["ratio_of_means"], rel=1e-12)
    assert [found.low, found.high] == pytest.approx(row["fieller95_ratio_of_means"], rel=1e-9)


def test_a_common_gain_and_scale_of_one_side(vectors):
    row = vectors["set_ci"]
    left, right = np.array(row["L"]), np.array(row["R"])
    plain, doubled = fieller(left, right), fieller(3 * left, 6 * right)
    assert [doubled.value, doubled.low, doubled.high] == pytest.approx(
        [2 * v for v in (plain.value, plain.low, plain.high)]
    )


def test_coverage_of_a_ratio_of_means():
    rng = np.random.default_rng(4)
    found = [fieller(10 + rng.standard_normal(8), 12 + rng.standard_normal(8)) for _ in range(2000)]
    assert 0.935 <= np.mean([e.low <= 1.2 <= e.high for e in found]) <= 0.965


def test_a_left_mean_like_zero_has_no_bounded_interval():
    found = fieller([-3.0, 2.0, -1.0, 3.0, 0.5, -2.0], [5.0, 6.0, 5.5, 6.5, 5.0, 6.0])
    assert found.status is Status.REFUSED
    assert "unbounded" in found.reason
    assert math.isnan(found.value)


def test_repetitions_with_one_side_are_left_out(vectors):
    row = vectors["set_ci"]
    left, right = [*row["L"], math.nan, 60.0], [*row["R"], 70.0, math.nan]
    assert fieller(left, right) == fieller(row["L"], row["R"])


@pytest.mark.parametrize(("left", "right"), [([], []), ([math.nan], [1.0]), ([0.0] * 6, [1.0] * 6)])
def test_without_a_left_value_there_is_no_ratio(left, right):
    found = fieller(left, right)
    assert found.status is Status.REFUSED
    assert math.isnan(found.value)


def test_too_few():
    found = fieller([1.0, 2.0], [2.0, 4.0])
    assert (found.status, found.value) == (Status.TOO_FEW, 2.0)
    assert math.isnan(found.low)


def test_unequal_lengths_are_an_error():
    with pytest.raises(InputError, match="as many left as right"):
        fieller([1.0, 2.0], [1.0])
