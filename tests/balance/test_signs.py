"""The sign test: published probabilities, scipy, laws."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from glutebal.balance.signs import sign_count, sign_probability
from glutebal.errors import InputError
from glutebal.results import Status


@pytest.mark.parametrize(
    ("right", "n", "p", "consistent"),
    [(5, 5, 0.0625, False), (6, 6, 0.031, True), (7, 8, 0.070, False), (9, 10, 0.021, True), (12, 15, 0.035, True)],
)
def test_published(right, n, p, consistent):
    found = sign_count([0.1] * right + [-0.1] * (n - right))
    assert (found.right, found.left) == (right, n - right)
    assert found.p == pytest.approx(p, abs=5e-4)
    assert found.consistent is consistent


@given(st.integers(0, 40), st.integers(0, 40))
@settings(derandomize=True, deadline=None, max_examples=50)
def test_equals_the_exact_binomial_test(right, left):
    if right + left == 0:
        assert sign_probability(0, 0) == 1
        return
    found = sign_count([0.2] * right + [-0.3] * left)
    exact = binomtest(right, right + left)
    interval = exact.proportion_ci(method="exact")
    assert found.p == pytest.approx(exact.pvalue, rel=1e-9)
    assert [found.share_right.low, found.share_right.high] == pytest.approx([interval.low, interval.high], abs=1e-9)
    assert found.share_right.value == right / (right + left)


@given(st.lists(st.floats(-1, 1), max_size=20))
@settings(derandomize=True, deadline=None)
def test_swapping_the_sides(values):
    one, other = sign_count(values), sign_count([-v for v in values])
    assert (one.right, one.left, one.p, one.consistent) == (other.left, other.right, other.p, other.consistent)
    assert one.share_right.low == pytest.approx(1 - other.share_right.high, abs=1e-9, nan_ok=True)


def test_what_points_nowhere_is_left_out():
    found = sign_count([0.1, 0.0, math.nan, -0.2])
    assert (found.right, found.left, found.share_right.n) == (1, 1, 2)


def test_no_session():
    found = sign_count([])
    assert found.share_right.status is Status.TOO_FEW
    assert math.isnan(found.share_right.value)
    assert (found.p, found.consistent) == (1.0, False)


def test_a_strange_level_is_refused():
    with pytest.raises(InputError, match="between 0 and 1"):
        sign_count([0.1], level=95)
