"""Times become a rate and whole sample numbers."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glutebal.errors import RateError
from glutebal.ingest.timebase import time_base


@settings(derandomize=True, deadline=None)
@given(
    st.sampled_from([50.0, 100.0, 148.1481, 200.0, 1000.0, 1259.2593, 2000.0, 2148.1481]),
    st.integers(50, 3000),
    st.floats(0, 100),
)
def test_the_rate_of_even_times_is_found(rate_hz, n, start_s):
    base = time_base(start_s + np.arange(n) / rate_hz, "t")
    assert base.rate_hz == pytest.approx(rate_hz, rel=1e-6)
    assert base.start_s == pytest.approx(start_s)
    assert base.index is None


def test_times_written_with_three_decimals_still_give_the_declared_rate():
    times = np.round(np.arange(5000) / 1259.2593, 3)
    assert time_base(times, "t", 1259.2593).rate_hz == 1259.2593
    assert time_base(times, "t").rate_hz == pytest.approx(1259.2593, rel=5e-4)  # half a millisecond over 4 s


def test_a_declared_rate_that_the_times_contradict_is_not_believed():
    assert time_base(np.arange(100) / 100, "t", 1000.0).rate_hz == 100.0


def test_a_time_written_twice_is_jitter_not_a_gap():
    times = np.arange(1000) * 0.005
    times[500] += 0.005
    base = time_base(times, "t")
    assert (base.rate_hz, base.index) == (200.0, None)


def test_missing_rows_become_gaps_at_their_own_place():
    keep = np.r_[0:300, 420:1000]
    base = time_base(keep / 100, "t")
    placed = base.placed(keep.astype(float))
    assert base.rate_hz == 100.0
    assert placed.size == 1000
    np.testing.assert_array_equal(np.flatnonzero(np.isnan(placed)), np.arange(300, 420))
    np.testing.assert_array_equal(placed[keep], keep)


@pytest.mark.parametrize(
    "times",
    [
        [],
        [1.0],
        [np.nan, np.nan],
        [0.0, 0.0, 0.0],
        [3.0, 2.0, 1.0],
        [0, 1, 2, 1.5, 3, 4, 9],
        list(np.cumsum(np.geomspace(0.001, 1, 50))),
    ],
)
def test_times_that_fit_no_rate_are_an_error(times):
    with pytest.raises(RateError, match="needed"):
        time_base(np.array(times, dtype=float), "t")
