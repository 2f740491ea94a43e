import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glutebal.errors import InputError
from glutebal.model import Channel, Quantity, Side, Track
from glutebal.results import Rep
from glutebal.signal.curves import mean_turn_percent, rep_curves

law = settings(derandomize=True, deadline=None, max_examples=40)


def track_of(values, rate_hz=100.0, start=0):
    return Track.of_samples(Channel(Quantity.FORCE, Side.LEFT, "plate", rate_hz), values, start)


def hump(rate_hz, seconds=10.0):
    t = np.arange(round(seconds * rate_hz)) / rate_hz
    return np.sin(np.pi * (t % 2) / 2) ** 2


def rep(index, start_s, stop_s, rate_hz=100.0, turn_s=None):
    turn = None if turn_s is None else round(turn_s * rate_hz)
    return Rep(index, round(start_s * rate_hz), round(stop_s * rate_hz), rate_hz, turn=turn)


REPS = [rep(1, 0, 2), rep(2, 2, 4), rep(3, 6, 8)]


def test_every_rep_is_one_curve_from_start_to_stop():
    found = rep_curves(track_of(hump(100)), REPS)
    assert found.values.shape == (3, 101)
    assert found.left_out == 0
    expected = np.sin(np.pi * np.linspace(0, 1, 101)) ** 2
    for row in found.values:
        np.testing.assert_allclose(row, expected, atol=1e-12)  # 200 samples a rep: every node is a sample


def test_a_ramp_is_read_between_the_samples():
    found = rep_curves(track_of(np.arange(500.0)), [rep(1, 1.0, 1.5)])
    np.testing.assert_allclose(found.values[0], np.linspace(100, 150, 101), atol=1e-9)


@law
@given(st.sampled_from([50.0, 200.0, 1000.0]), st.sampled_from([25.0, 100.0, 1000.0]))
def test_neither_the_rate_of_the_track_nor_that_of_the_reps_matters(rate_hz, clock_hz):
    reps = [rep(i, r.start_s, r.stop_s, clock_hz) for i, r in enumerate(REPS)]
    one = rep_curves(track_of(hump(rate_hz), rate_hz), reps).values
    np.testing.assert_allclose(one, rep_curves(track_of(hump(100)), REPS).values, atol=1.5e-3)  # linear between samples


@law
@given(st.integers(0, 5000), st.integers(1, 100))
def test_where_the_track_begins_does_not_matter(start, lead):
    later = [Rep(r.index, r.start + start + lead, r.stop + start + lead, r.rate_hz) for r in REPS]
    values = np.concatenate([np.zeros(lead), hump(100)])
    found = rep_curves(track_of(values, start=start), later).values
    np.testing.assert_allclose(found, rep_curves(track_of(hump(100)), REPS).values, rtol=1e-9, atol=1e-12)


def test_a_rep_that_touches_a_gap_is_nan_and_counted():
    values = hump(100)
    values[390:410] = np.nan
    found = rep_curves(track_of(values), REPS)
    assert found.left_out == 1
    assert np.isnan(found.values[1]).all()
    assert np.isfinite(found.values[[0, 2]]).all()


def test_a_rep_outside_the_track_is_nan_and_no_reps_are_no_rows():
    track = track_of(hump(100), start=50)
    found = rep_curves(track, [rep(1, 0, 2), rep(2, 9, 10.4), rep(3, 10, 12)])
    assert found.left_out == 2
    assert np.isfinite(found.values[1]).all()
    assert rep_curves(track, []).values.shape == (0, 101)
    assert rep_curves(track_of([]), REPS).left_out == 3


def test_a_rep_that_ends_with_the_recording_is_whole():
    assert rep_curves(track_of(hump(100)), [rep(1, 8, 10)]).left_out == 0


def test_turns_are_lined_up():
    peaks_s = (0.5, 2.9)
    t = np.arange(600) / 100
    values = sum(np.maximum(0, 1 - np.abs(t - p) / 0.3) for p in peaks_s)
    reps = [rep(1, 0, 2, turn_s=0.5), rep(2, 2, 4, turn_s=2.9)]
    plain, lined = (rep_curves(track_of(values), reps, turn_percent=p).values for p in (None, 35.0))
    assert plain.argmax(axis=1).tolist() == [25, 45]
    assert lined.argmax(axis=1).tolist() == [35, 35]
    np.testing.assert_allclose(lined[:, [0, -1]], plain[:, [0, -1]])
    assert mean_turn_percent(reps) == pytest.approx(35)


def test_without_a_turn_nothing_can_be_lined_up():
    found = rep_curves(track_of(hump(100)), [rep(1, 0, 2, turn_s=1), *REPS[1:]], turn_percent=50)
    assert found.left_out == 2
    assert mean_turn_percent(REPS) is None


@pytest.mark.parametrize("kw", [{"nodes": 1}, {"turn_percent": 0.0}, {"turn_percent": 100.0}])
def test_a_setting_out_of_range_is_refused(kw):
    with pytest.raises(InputError, match="rep_curves"):
        rep_curves(track_of(hump(100)), REPS, **kw)
