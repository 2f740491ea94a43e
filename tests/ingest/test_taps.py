"""A shared tap: found to a fraction of a sample, refused where there is none."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glutebal.errors import RateError, SignalError
from glutebal.ingest.taps import Trace, find_tap
from glutebal.model import Bilateral


def felt(rate_hz, taps, seed, start_s=0.0, gain=40.0, noise=0.1):
    """A resting accelerometer that rings at 25 Hz at each tap."""
    rng = np.random.default_rng(seed)
    since = (start_s + np.arange(round(6 * rate_hz)) / rate_hz)[:, None] - np.atleast_1d(taps)
    ring = np.where(since >= 0, np.exp(-np.clip(since, 0, None) / 0.03) * np.sin(50 * np.pi * since), 0).sum(axis=1)
    return Trace(start_s, rate_hz, 9.81 + gain * ring + rng.normal(0, noise, ring.size))


TAPS = np.array([2.0, 3.1, 4.3])


@settings(derandomize=True, deadline=None, max_examples=25)
@given(st.floats(-0.2, 0.2), st.integers(0, 999), st.floats(0.3, 3.0))
def test_the_offset_is_found_within_the_stated_uncertainty(offset, seed, gain):
    pair = Bilateral(felt(200, TAPS, seed), felt(200, TAPS + offset, seed + 1, 0.0013, 40 * gain))
    found = find_tap(pair)
    assert found.offset_s == pytest.approx(offset, abs=1.5e-3)  # s, a third of a sample
    assert abs(found.offset_s - offset) <= found.uncertainty_s
    assert found.events == 3
    assert found.at_s == pytest.approx(3.1 + offset / 2, abs=0.05)


@settings(derandomize=True, deadline=None, max_examples=15)
@given(st.floats(-0.2, 0.2), st.integers(0, 999))
def test_swapping_the_sides_flips_the_sign_and_nothing_else(offset, seed):
    pair = Bilateral(felt(200, TAPS, seed), felt(104, TAPS + offset, seed + 1))
    there, back = find_tap(pair), find_tap(pair.swapped())
    assert back.offset_s == pytest.approx(-there.offset_s, abs=1e-12)
    assert back.at_s == pytest.approx(there.at_s, abs=1e-9)
    assert (back.uncertainty_s, back.events) == pytest.approx((there.uncertainty_s, there.events))


def test_one_tap_is_enough_and_worth_half_a_sample():
    found = find_tap(Bilateral(felt(200, 3.0, 1), felt(104, 3.05, 2)))
    assert found.offset_s == pytest.approx(0.05, abs=0.5 / 104)
    assert found.uncertainty_s >= 0.5 / 104
    assert found.events == 1


def test_the_inputs_are_left_alone():
    pair = Bilateral(felt(200, TAPS, 1), felt(200, TAPS, 2))
    before = pair.map(lambda t: t.samples.copy())
    find_tap(pair)
    assert all(np.array_equal(trace.samples, kept) for trace, kept in zip(pair, before, strict=True))


@pytest.mark.parametrize(
    "pair",
    [
        Bilateral(felt(200, TAPS, 1, gain=0.0), felt(200, TAPS, 2, gain=0.0)),
        Bilateral(felt(200, TAPS, 1), felt(200, TAPS, 2, gain=0.0)),
        Bilateral(felt(200, 2.0, 1), felt(200, 4.0, 2)),
        Bilateral(felt(200, TAPS, 1), Trace(0.0, 200.0, np.zeros(1200))),
    ],
    ids=["nobody tapped", "one side", "at other times", "a dead side"],
)
def test_no_shared_tap_is_refused(pair):
    with pytest.raises(SignalError, match=r"tap or jump that both sides felt.*try: tap both"):
        find_tap(pair)


@pytest.mark.parametrize("trace", [felt(10, TAPS, 1), Trace(0.0, 200.0, np.zeros(150))])
def test_too_slow_or_too_short_is_refused(trace):
    with pytest.raises(RateError, match="at least a second of signal at 20 Hz"):
        find_tap(Bilateral(trace, felt(200, TAPS, 2)))
