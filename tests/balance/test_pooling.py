import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glutebal.balance.estimate import drift
from glutebal.balance.pooling import pooled, weighted_slope
from glutebal.balance.reliability import reliable_change
from glutebal.errors import InputError
from glutebal.results import Estimate, Status

VALUES = st.lists(st.tuples(st.floats(-1, 1), st.floats(0.01, 1)), min_size=2, max_size=12)


@pytest.fixture
def sessions(vectors):
    row = vectors["local_level"]
    return np.array(row["y"]), np.array(row["se"])


def test_the_eight_sessions_pooled(sessions):
    """Worked example of science 2.5: DerSimonian and Laird over the eight sessions."""
    found = pooled(*sessions)
    assert found.q == pytest.approx(13.139, abs=5e-4)
    assert found.i_squared == pytest.approx(46.7, abs=0.05)
    assert found.tau_squared == pytest.approx(0.000987, abs=5e-7)
    assert (found.mean.value, found.mean.se) == pytest.approx((0.15944, 0.01642), abs=5e-6)


def test_the_slope_of_the_eight_sessions(sessions):
    """Worked example of science 2.5: known variances, and ordinary least squares beside it."""
    y, se = sessions
    found, ordinary = weighted_slope(np.arange(1, 9), y, se), drift(y)
    assert (found.value, found.se) == pytest.approx((-0.015727, 0.004976), abs=1e-6)  # the last printed digit
    assert (ordinary.value, ordinary.se) == pytest.approx((-0.0158929, 0.0037867), abs=5e-8)


def test_the_last_session_against_the_first(sessions):
    """Worked example of science 2.5: two sessions with known standard errors."""
    y, se = sessions
    change = reliable_change(Estimate(y[0], se=se[0]), Estimate(y[-1], se=se[-1]))
    assert (change.z, change.p) == (pytest.approx(-2.593, abs=5e-4), pytest.approx(0.0095, abs=5e-5))


@given(VALUES)
@settings(derandomize=True, deadline=None)
def test_the_mirror_image_has_the_opposite_mean_and_slope(pairs):
    y, se = np.array(pairs).T
    times = np.arange(len(y))
    assert pooled(-y, se).mean.value == pytest.approx(-pooled(y, se).mean.value, abs=1e-12)
    assert weighted_slope(times, -y, se).value == pytest.approx(-weighted_slope(times, y, se).value, abs=1e-12)


@given(st.floats(-1, 1), st.integers(2, 9))
@settings(derandomize=True, deadline=None)
def test_equal_values_differ_by_nothing(value, n):
    found = pooled([value] * n, [0.1] * n)
    assert (found.tau_squared, found.i_squared) == (0, 0)
    assert found.mean.value == pytest.approx(value)
    assert found.mean.se == pytest.approx(0.1 / math.sqrt(n))


def test_what_is_unknown_is_left_out_not_zero(sessions):
    y, se = sessions
    holed = np.where(np.arange(8) == 3, np.nan, y)
    kept = np.arange(8) != 3
    assert pooled(holed, se) == pooled(y[kept], se[kept])
    assert weighted_slope(np.arange(8), holed, se) == weighted_slope(np.arange(8)[kept], y[kept], se[kept])


def test_too_little_has_a_status():
    assert pooled([], []).mean.status is Status.REFUSED
    assert math.isnan(pooled([0.1], [0.1]).q)
    assert weighted_slope([1, 1], [0.1, 0.2], [0.1, 0.1]).status is Status.TOO_FEW


@pytest.mark.parametrize(("values", "ses"), [([0.1], [0.1, 0.2]), ([0.1], [0.0])])
def test_wrong_input_is_refused(values, ses):
    with pytest.raises(InputError):
        pooled(values, ses)
