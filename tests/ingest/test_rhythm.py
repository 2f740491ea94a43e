"""The connection interval is found, its events are found, and no rhythm is seen where there is none."""

import math

import numpy as np
import pytest

from glutebal.ingest.rhythm import interval_of, rhythm_of
from glutebal.testing.radio import Radio, Sensor


def arrivals(interval_s, seed=1, period_s=0.0502, loss=0.1, host_delay_s=0.001, crystal_ppm=0.0, phase_s=0.003):
    radio = Radio(interval_s, phase_s, loss, host_delay_s, crystal_ppm=crystal_ppm)
    ready = Sensor(period_s=period_s).ready_s(120.0)
    return radio.arrivals(ready, np.random.default_rng(seed))


@pytest.mark.parametrize("interval_s", [0.0075, 0.015, 0.03, 0.04, 0.045, 0.04875, 0.05])
@pytest.mark.parametrize("host_delay_s", [0.0005, 0.003])
def test_the_interval_is_found(interval_s, host_delay_s):
    assert interval_of(arrivals(interval_s, host_delay_s=host_delay_s)) == pytest.approx(interval_s)


@pytest.mark.parametrize("interval_s", [0.015, 0.025, 0.03, 0.05])
def test_packets_that_keep_their_phase_show_the_interval_too(interval_s):
    assert interval_of(arrivals(interval_s, period_s=0.05)) == pytest.approx(interval_s)


def test_where_nothing_is_sent_again_a_multiple_cannot_be_told_from_the_interval():
    assert interval_of(arrivals(0.025, period_s=0.05, loss=0.0)) == pytest.approx(0.05)


def test_the_crystal_of_the_radio_is_followed():
    found = rhythm_of(arrivals(0.015, crystal_ppm=40))
    assert found is not None
    assert found.steady
    assert found.rate == pytest.approx(40e-6, rel=0.05)


def test_events_are_found_to_a_tenth_of_a_millisecond():
    times = arrivals(0.015, host_delay_s=0.001)
    events = rhythm_of(times).events(times)
    off = np.mod(events - 0.003 + 0.0075, 0.015) - 0.0075
    assert np.abs(off).max() < 1e-4


def test_evenly_spread_arrivals_have_no_rhythm():
    times = np.sort(np.random.default_rng(3).uniform(0, 100, 2000))
    assert math.isnan(interval_of(times))
    assert rhythm_of(times) is None


def test_too_few_arrivals_have_no_rhythm():
    assert rhythm_of(arrivals(0.015)[:31]) is None


def test_a_changed_interval_is_not_steady():
    first = arrivals(0.015)[:1000]
    second = arrivals(0.015, phase_s=0.0107)
    found = rhythm_of(np.concatenate([first, second[second > first[-1]]]))
    assert found is not None
    assert not found.steady
