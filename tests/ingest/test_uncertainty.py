"""What an envelope's residuals say: gaps, locked packets, a line that does not fit, and that the bound holds."""

import math

import numpy as np
import pytest

from glutebal.ingest.clock import Envelope
from glutebal.ingest.rhythm import rhythm_of
from glutebal.ingest.uncertainty import HOST_JITTER_S, trust_of, unseen_phase, unseen_wait, wander_of
from glutebal.testing.radio import Radio, Sensor


def test_the_largest_gap_below_the_ninetieth_percentile_counts():
    residuals = np.concatenate([np.linspace(0, 0.004, 50), np.linspace(0.009, 0.012, 45), [0.06] * 5])
    assert unseen_wait(residuals, 0.05) == pytest.approx(0.005)


def test_residuals_that_hardly_spread_may_hide_a_packet_period():
    assert unseen_wait(np.linspace(0, 0.0019, 100), 0.05) == 0.05
    assert unseen_wait(np.linspace(0, 0.0019, 100), math.nan) == math.inf


def test_a_line_that_fits_touches_every_quarter():
    fits = np.tile([0.0, 0.01], 40)
    assert wander_of(fits) == 0.0
    assert wander_of(fits + np.repeat([0.0, 0.001, 0.002, 0.003], 20)) == pytest.approx(0.003)
    assert wander_of(np.zeros(3)) == math.inf


@pytest.mark.parametrize(("interval_s", "hidden_s"), [(0.0075, 0.0025), (0.015, 0.005), (0.03, 0.01), (0.05, 0.05)])
def test_packets_that_keep_their_phase_hide_a_common_divisor(interval_s, hidden_s):
    ready = Sensor(period_s=0.05).ready_s(120.0, 0.013)
    arrivals = Radio(interval_s, 0.002).arrivals(ready, np.random.default_rng(6))
    assert unseen_phase(ready, rhythm_of(arrivals)) == pytest.approx(hidden_s, abs=1e-4)


def test_packets_at_every_phase_hide_nothing():
    ready = Sensor(period_s=0.0502).ready_s(300.0, 0.013)
    arrivals = Radio(0.015, 0.002).arrivals(ready, np.random.default_rng(6))
    assert unseen_phase(ready, rhythm_of(arrivals)) < 2e-4
    trust = trust_of(ready, arrivals, 0.05, rhythm_of(arrivals))
    assert HOST_JITTER_S < trust.uncertainty_s < HOST_JITTER_S + 5e-4


def test_no_rhythm_hides_nothing_that_can_be_told():
    assert unseen_phase(np.arange(100.0), None) == 0.0


def error_and_bound(seed):
    rng = np.random.default_rng([seed, 17])
    away = float(rng.choice([0.0, 1e-4, 1e-3, 6e-3]))
    found = []
    duration = float(rng.choice([30.0, 60.0]))
    at_s = np.linspace(0, duration, 50)
    for drift in (18, -14):
        sensor = Sensor(0.05 * (1 + away), drift_ppm=drift)
        interval = float(rng.choice([0.0075, 0.015, 0.03, 0.045, 0.05]))
        radio = Radio(interval, float(rng.uniform(0, interval)), float(rng.uniform(0.02, 0.2)))
        ready = sensor.ready_s(duration, float(rng.uniform(0, 0.05)))
        envelope = Envelope(1e-6)
        for tick, arrival in zip(sensor.ticks(ready), radio.arrivals(ready, rng), strict=True):
            envelope.observe(round(tick), float(arrival))
        found.append((envelope.map().seconds(sensor.ticks(at_s)) - at_s, envelope.map().uncertainty_s))
    (left, left_s), (right, right_s) = found
    return np.abs(right - left).max(), max(left_s, right_s)


def test_the_stated_bound_holds():
    cases = [error_and_bound(seed) for seed in range(60)]
    assert sum(error > bound for error, bound in cases) <= 1  # 2 % of 60
    assert sum(error > 0.002 for error, _ in cases) >= 10  # and there was something to bound
    assert sum(bound < 0.005 for _, bound in cases) >= 20  # and it is not bought by doubting everything
