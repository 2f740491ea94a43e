import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glutebal.model import Bilateral
from glutebal.results import Status
from glutebal.signal.side_value import SideValue, log_ratio

values = st.floats(1e-6, 1e6)
dofs = st.floats(5, 5000)
law = settings(derandomize=True, deadline=None)


@law
@given(values, values, dofs, dofs)
def test_swapping_the_sides_flips_the_sign_and_nothing_else(a, b, dof_a, dof_b):
    pair = Bilateral(SideValue(a, dof_a), SideValue(b, dof_b))
    one, other = log_ratio(pair), log_ratio(pair.swapped())
    assert other.value == -one.value
    assert (other.low, other.high) == pytest.approx((-one.high, -one.low), rel=1e-9, abs=1e-12)
    assert other.se == one.se


@law
@given(values, values, dofs, st.floats(1e-6, 1e6))
def test_a_common_gain_leaves_the_ratio_alone(a, b, dof, gain):
    pair = Bilateral(SideValue(a, dof), SideValue(b, dof))
    assert log_ratio(pair.map(lambda v: v.scaled(gain))).value == pytest.approx(log_ratio(pair).value, abs=1e-9)


@law
@given(values, dofs)
def test_the_interval_holds_the_value(a, dof):
    estimate = SideValue(a, dof).estimate()
    assert estimate.low < a < estimate.high
    ratio = log_ratio(Bilateral(SideValue(a, dof), SideValue(a, dof)))
    assert ratio.low < 0 < ratio.high


def test_many_degrees_of_freedom_give_the_normal_interval():
    estimate = SideValue(1.0, 20_000.0).estimate()
    assert (estimate.low, estimate.high) == pytest.approx((1 - 1.96 * 0.005, 1 + 1.96 * 0.005), abs=2e-4)


def test_a_force_has_no_sampling_interval_and_says_so():
    estimate = log_ratio(Bilateral(SideValue(100.0), SideValue(110.0)))
    assert estimate.value == pytest.approx(math.log(1.1))
    assert math.isnan(estimate.low)
    assert "not known" in estimate.method


BELOW = SideValue(math.nan, math.nan, Status.CENSORED, "quiet", bound=0.5)
GONE = SideValue.none(Status.REFUSED, "left x: dead")


def test_one_side_below_its_floor_gives_a_bound():
    right_larger = log_ratio(Bilateral(BELOW, SideValue(2.0, 100.0)))
    assert right_larger.status is Status.CENSORED
    assert (right_larger.low, math.isnan(right_larger.high)) == (pytest.approx(math.log(4)), True)
    left_larger = log_ratio(Bilateral(SideValue(2.0, 100.0), BELOW))
    assert left_larger.high == pytest.approx(-math.log(4))
    assert math.isnan(left_larger.value)


def test_two_silences_have_no_ratio():
    estimate = log_ratio(Bilateral(BELOW, BELOW))
    assert estimate.status is Status.CENSORED
    assert all(math.isnan(x) for x in (estimate.value, estimate.low, estimate.high))


@pytest.mark.parametrize("other", [SideValue(1.0, 50.0), BELOW, GONE])
def test_a_refused_side_refuses_the_ratio_with_its_reason(other):
    for pair in (Bilateral(GONE, other), Bilateral(other, GONE)):
        assert log_ratio(pair).status is Status.REFUSED
        assert "left x: dead" in log_ratio(pair).reason


@pytest.mark.parametrize("value", [0.0, -3.0])
def test_a_side_that_is_not_above_zero_has_no_ratio(value):
    assert log_ratio(Bilateral(SideValue(value), SideValue(5.0))).status is Status.REFUSED


def test_low_snr_is_carried_over():
    faint = SideValue(1.0, 50.0, Status.LOW_SNR, "faint")
    assert log_ratio(Bilateral(SideValue(1.0, 50.0), faint)).status is Status.LOW_SNR


def test_a_side_below_its_floor_shows_its_bound_in_its_unit():
    estimate = BELOW.scaled(100).estimate()
    assert (math.isnan(estimate.value), estimate.high, estimate.status) == (True, 50.0, Status.CENSORED)
