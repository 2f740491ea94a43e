"""The curves for the eye: against a plain computation, for any cutting, and what they say of work and rest."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glutebal.live.look import SetSoFar
from glutebal.live.pulse import LATEST, RATE_HZ, ROWS, SMOOTH, Pulse, Turn
from glutebal.model import Channel, Chunk, Quantity, Recording, Side
from glutebal.signal.prepare import prepare
from glutebal.testing.simulate import simulate_set

FORCES = {side: Channel(Quantity.FORCE, side, "plate", 100.0) for side in Side}


def fed(pulse: Pulse, recording: Recording, piece_s: float) -> list[tuple[float, Turn]]:
    so_far, turns = SetSoFar(None, {}), []
    for k in range(math.ceil(recording.duration_s / piece_s)):
        for track in recording.tracks:
            rate_hz = track.channel.rate_hz
            a, b = (math.ceil(x * piece_s * rate_hz - 1e-9) for x in (k, k + 1))
            for chunk in track.between(a, b).chunks:
                so_far.add(chunk)
        turn = pulse.update(so_far)
        if turn is not Turn.NONE:
            turns.append(((k + 1) * piece_s, turn))
    return turns


EMG = simulate_set(5, reps=3, rep_s=1.2, rest_s=1.2, lead_in_s=2.0, lead_out_s=1.0)[0]


@settings(derandomize=True, deadline=None, max_examples=12)
@given(st.floats(0.013, 0.9))
def test_emg_curves_are_the_amplitude_of_the_last_blocks_for_any_cutting(piece_s):
    pulse = Pulse()
    fed(pulse, EMG, piece_s)
    found = pulse.envelopes()
    assert (found.start, found.unit, found.rate_hz) == (0, "µV", RATE_HZ)
    for column, side in enumerate(Side):
        (power,) = prepare(next(t for t in EMG.tracks if t.channel.side is side)).power.chunks
        for row in range(ROWS)[: len(found.values)][20:]:
            stop = 2 * (row + 1) - power.start
            if stop - SMOOTH < 0 or stop > power.samples.size:
                continue
            expected = 1e6 * math.sqrt(power.samples[stop - SMOOTH : stop].mean())
            assert found.values[row, column] == pytest.approx(expected, rel=1e-9)
    assert np.isfinite(found.values[20:-2]).all()


@settings(derandomize=True, deadline=None, max_examples=20)
@given(st.sampled_from([20.0, 50.0, 80.0, 100.0, 333.0, 1000.0]), st.floats(0.05, 1.0), st.integers(0, 2000))
def test_force_curves_are_means_at_any_rate(rate_hz, piece_s, start):
    rng, piece = np.random.default_rng(3), math.ceil(piece_s * rate_hz)
    pulse, so_far = Pulse(), SetSoFar(None, {})
    values = {side: rng.normal(50, 10, round(4 * rate_hz)) for side in Side}
    for at in range(0, round(4 * rate_hz), piece):
        for side in Side:
            channel = Channel(Quantity.FORCE, side, "plate", rate_hz)
            so_far.add(Chunk(channel, start + at, values[side][at : at + piece]))
        pulse.update(so_far)
    found, per_row = pulse.envelopes(), rate_hz / RATE_HZ
    width = math.ceil(per_row)
    checked = 0
    for row in range(found.start, found.start + len(found.values)):
        stop = math.ceil((row + 1) * per_row - 1e-9) - start
        if width <= stop <= values[Side.LEFT].size and math.isfinite(found.values[row - found.start, 0]):
            for column, side in enumerate(Side):
                expected = values[side][stop - width : stop].mean()
                assert found.values[row - found.start, column] == pytest.approx(expected, rel=1e-9)
            checked += 1
    assert checked >= 3.9 * RATE_HZ


def force(so_far: SetSoFar, start: int, left: float, right: float, count: int = 50) -> None:
    for side, level in zip(Side, (left, right), strict=True):
        so_far.add(Chunk(FORCES[side], start, np.full(count, level) + np.arange(count) * 1e-6))


def test_a_gap_is_nan_in_the_curves_and_a_side_that_is_silent_does_not_stop_the_other():
    pulse, so_far = Pulse(), SetSoFar(None, {})
    force(so_far, 0, 5.0, 6.0, 100)
    pulse.update(so_far)
    force(so_far, 150, 7.0, 8.0, 50)
    so_far.add(Chunk(FORCES[Side.RIGHT], 200, np.full(50, 9.0)))
    pulse.update(so_far)
    rows = pulse.envelopes().values
    assert rows.shape == (125, 2)
    np.testing.assert_allclose(rows[:50, 0], 5.0, atol=1e-3)
    assert np.isnan(rows[50:75]).all()
    assert np.isnan(rows[100:, 0]).all()
    np.testing.assert_allclose(rows[100:, 1], 9.0, atol=1e-3)


def test_only_the_last_half_minute_is_kept():
    pulse, so_far = Pulse(), SetSoFar(None, {})
    for k in range(90):
        force(so_far, 50 * k, float(k), 0.0)
        pulse.update(so_far)
    found = pulse.envelopes()
    assert (found.start, found.values.shape) == (45 * 50 - ROWS, (ROWS, 2))
    np.testing.assert_allclose(found.values[::25, 0], np.arange(30, 90), atol=1e-3)
    late = pulse.envelopes(2240)
    assert (late.start, len(late.values)) == (2240, 10)
    assert len(pulse.envelopes(99_999).values) == 0


def test_a_new_stretch_goes_on_in_the_same_curves():
    pulse, so_far = Pulse(), SetSoFar(None, {})
    force(so_far, 0, 1.0, 1.0, 200)
    pulse.update(so_far)
    pulse.begin(5.0)
    fresh = SetSoFar(None, {})
    force(fresh, 0, 2.0, 2.0, 100)
    pulse.update(fresh)
    rows = pulse.envelopes().values
    assert rows.shape == (300, 2)
    np.testing.assert_allclose(rows[:100], 1.0, atol=1e-3)
    assert np.isnan(rows[100:250]).all()
    np.testing.assert_allclose(rows[250:], 2.0, atol=1e-3)


def test_one_curve_has_one_unit():
    pulse, so_far = Pulse(), SetSoFar(None, {})
    rng = np.random.default_rng(0)
    for side in Side:
        so_far.add(Chunk(Channel(Quantity.EMG, side, "gluteus_maximus", 1000.0), 0, 1e-4 * rng.normal(size=2000)))
    pulse.update(so_far)
    assert pulse.envelopes().unit == "µV"
    force(so_far, 0, 3.0, 4.0, 200)
    pulse.update(so_far)
    found = pulse.envelopes()
    assert found.unit == "N"
    known = np.isfinite(found.values[:, 0])
    np.testing.assert_allclose(found.values[known, 0], 3.0, atol=1e-3)


def test_turns_follow_the_repetitions():
    recording, truth = simulate_set(5, reps=5, rep_s=1.6, rest_s=1.4, lead_in_s=3.0, lead_out_s=2.0)
    turns = fed(Pulse(), recording, 0.05)
    first_s = truth.reps[0].start_s
    after = [(at_s, turn) for at_s, turn in turns if at_s > first_s]
    assert [turn for _, turn in after] == [Turn.TO_WORK, Turn.TO_REST] * 5
    for rep, (up, down) in zip(truth.reps, zip(after[::2], after[1::2], strict=True), strict=True):
        assert rep.start_s < up[0] < rep.start_s + 0.8
        assert rep.stop_s - 0.5 < down[0] < rep.stop_s + 0.5


@pytest.mark.parametrize("seed", range(6))
def test_rest_alone_is_no_work(seed):
    rng = np.random.default_rng(seed)
    pulse, so_far, turns = Pulse(), SetSoFar(None, {}), []
    for k in range(200):
        for side in Side:
            channel = Channel(Quantity.EMG, side, "gluteus_maximus", 1000.0)
            so_far.add(Chunk(channel, 50 * k, 5e-6 * rng.normal(size=50)))
        turns.append(pulse.update(so_far))
    assert set(turns) == {Turn.NONE}
    assert not pulse.working


def test_an_unloaded_force_sensor_does_not_work():
    rng = np.random.default_rng(4)
    pulse, so_far = Pulse(), SetSoFar(None, {})
    for k in range(100):
        for side in Side:
            so_far.add(Chunk(FORCES[side], 10 * k, rng.normal(0.0, 1.0, 10)))
        assert pulse.update(so_far) is Turn.NONE


def test_falling_is_well_below_the_latest_peak():
    pulse, so_far = Pulse(), SetSoFar(None, {})
    for k in range(4):
        force(so_far, 50 * k, 0.0, 0.0)
    force(so_far, 200, 100.0, 100.0)
    pulse.update(so_far)
    assert pulse.working
    assert not pulse.falling
    force(so_far, 250, 30.0, 30.0)
    pulse.update(so_far)
    assert pulse.working
    assert pulse.falling
    force(so_far, 300, 0.0, 0.0)
    assert pulse.update(so_far) is Turn.TO_REST


def test_nothing_to_draw():
    pulse = Pulse()
    assert pulse.update(SetSoFar(None, {})) is Turn.NONE
    assert pulse.envelopes().values.shape == (0, 2)
    assert LATEST < ROWS
