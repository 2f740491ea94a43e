"""The log ratio and its views: laws, and manners (floats, NaN, extremes)."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glutebal.balance.indices import imbalance, log_ratio, log_ratio_of, share_right

law = settings(derandomize=True, deadline=None)
positive = st.floats(1e-9, 1e9)
lambdas = st.floats(-30, 30)


@law
@given(positive, positive)
def test_swapping_the_sides_flips_the_sign_exactly(left, right):
    assert log_ratio(left, right) == -log_ratio(right, left)
    assert imbalance(log_ratio(left, right)) == -imbalance(log_ratio(right, left))


@law
@given(positive, positive, st.floats(1e-6, 1e6))
def test_a_common_gain_leaves_the_ratio_alone(left, right, gain):
    assert log_ratio(gain * left, gain * right) == pytest.approx(log_ratio(left, right), rel=1e-12, abs=1e-14)


@law
@given(positive, positive, st.floats(1e-3, 10))
def test_more_on_the_right_is_a_larger_ratio(left, right, more):
    assert log_ratio(left, right * (1 + more)) > log_ratio(left, right)


@law
@given(positive, positive)
def test_imbalance_is_the_normalised_difference(left, right):
    d = imbalance(log_ratio(left, right))
    assert d == pytest.approx(100 * (right - left) / (right + left), rel=1e-12, abs=1e-12)
    assert abs(d) <= 100
    assert share_right(log_ratio(left, right)) == pytest.approx(50 + d / 2, abs=1e-12)


@law
@given(lambdas)
def test_log_ratio_of_inverts_imbalance(value):
    # tanh saturates: one ulp of d near 100 is worth exp(|λ|)/2 ulp of λ
    tolerance = 1e-15 * math.exp(abs(value)) + 1e-12
    assert log_ratio_of(imbalance(value)) == pytest.approx(value, abs=tolerance) or abs(imbalance(value)) == 100


@law
@given(st.lists(st.tuples(positive, positive), min_size=1, max_size=20))
def test_a_data_set_and_its_mirror_image_balance_to_zero(pairs):
    left, right = np.array(pairs + [pair[::-1] for pair in pairs]).T
    assert log_ratio(left, right).mean() == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize(
    ("left", "right"), [(0, 1), (1, 0), (0, 0), (-1, 1), (1, -1), (-2, -3), (math.nan, 1), (1, math.nan), (math.inf, 1)]
)
def test_what_has_no_logarithm_has_no_ratio(left, right):
    assert math.isnan(log_ratio(left, right))


def test_nan_stays_nan_in_its_place():
    out = log_ratio([1.0, math.nan, 2.0], np.array([1.0, 1.0, math.nan]))
    np.testing.assert_array_equal(out, [0, math.nan, math.nan])
    for view in (imbalance, share_right, log_ratio_of):
        assert math.isnan(view(math.nan))


def test_scalars_give_floats_and_arrays_arrays():
    for value in (log_ratio(2, 3), log_ratio(np.float64(2), 3), imbalance(0.1), share_right(0.1), log_ratio_of(5)):
        assert type(value) is float
    assert log_ratio([1, 2], [3, 4]).shape == (2,)
    assert imbalance(np.zeros((2, 3))).shape == (2, 3)


def test_extremes_do_not_overflow():
    assert imbalance(math.inf) == 100
    assert imbalance(-math.inf) == -100
    assert share_right(800.0) == 100
    assert log_ratio(1e300, 1e-5) == pytest.approx(-305 * math.log(10))
    assert log_ratio_of(100.0) == math.inf
    assert math.isnan(log_ratio_of(101.0))


def test_sides_may_be_named():
    assert log_ratio(left=20.0, right=25.0) == pytest.approx(0.22314355131420976, rel=1e-12)


def test_inputs_are_left_alone():
    left, right = np.array([1.0, 2.0]), np.array([3.0, -1.0])
    log_ratio(left, right)
    np.testing.assert_array_equal([left, right], [[1, 2], [3, -1]])
