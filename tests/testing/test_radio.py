"""The simulated link: in order, on the grid, never early."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glutebal.testing.radio import Radio, Sensor, locked


@settings(derandomize=True, deadline=None, max_examples=25)
@given(st.integers(0, 1000), st.sampled_from([0.0075, 0.03, 0.05]), st.floats(0, 0.5), st.integers(1, 4))
def test_packets_arrive_in_order_and_after_they_were_ready(seed, interval_s, loss, per_event):
    ready = Sensor().ready_s(10.0)
    arrivals = Radio(interval_s, 0.001, loss, 0.002, per_event=per_event).arrivals(ready, np.random.default_rng(seed))
    assert (arrivals >= ready).all()
    assert (np.diff(arrivals) >= 0).all()


def test_without_loss_and_host_delay_packets_arrive_at_the_next_event():
    ready = Sensor(period_s=0.05).ready_s(1.0)
    arrivals = Radio(0.015, 0.001, 0.0, 0.0).arrivals(ready, np.random.default_rng(0))
    np.testing.assert_allclose(arrivals, 0.001 + np.ceil((ready - 0.001) / 0.015) * 0.015)


def test_an_event_takes_a_limited_number_of_packets():
    arrivals = Radio(0.01, 0.0, 0.0, 0.0, per_event=2).arrivals(np.full(5, 0.005), np.random.default_rng(0))
    np.testing.assert_allclose(arrivals, [0.01, 0.01, 0.02, 0.02, 0.03])


def test_losses_are_sent_again_in_the_next_events():
    ready = 1.0 * np.arange(1, 20_001)
    waits = np.rint((Radio(0.01, 0.005, 0.2, 0.0).arrivals(ready, np.random.default_rng(1)) - ready - 0.005) / 0.01)
    assert np.mean(waits == 0) == pytest.approx(0.8, abs=0.01)  # geometric, 3 standard errors
    assert np.mean(waits == 1) == pytest.approx(0.16, abs=0.01)


def test_ticks_of_a_fast_clock():
    assert Sensor(drift_ppm=100).ticks(np.array([10.0]))[0] == pytest.approx(10_001_000)


def test_locked():
    assert [locked(0.05, c) for c in (0.0075, 0.015, 0.03, 0.05)] == [0.0025, 0.005, 0.01, 0.05]
