"""Faulty stretches are found where they were put, in any unit, and nowhere else."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glutebal.model import Channel, Chunk, Quantity, Side, Track
from glutebal.signal.faults import fault_spans, gated_rest, seconds_of, without_faults

RATE_HZ = 1000.0


def track_of(samples, quantity=Quantity.EMG, rate_hz=RATE_HZ, start=0):
    return Track.of_samples(Channel(quantity, Side.LEFT, "gluteus_maximus", rate_hz), samples, start)


def noise(seed=0, seconds=4.0, rate_hz=RATE_HZ):
    return np.random.default_rng(seed).standard_normal(round(seconds * rate_hz))


def with_step_and_recovery(x, at, rail=40.0):
    """An amplifier thrown to its rail for 80 ms that recovers exponentially."""
    decay = 0.9 * rail * np.exp(-np.arange(x.size - at - 80) / 60)
    return np.concatenate([x[:at], np.full(80, rail), x[at + 80 :] + decay])


def test_a_healthy_channel_has_no_faults():
    assert all(fault_spans(track_of(noise(seed))) == () for seed in range(50))


def test_a_sine_is_not_clipped():
    t = np.arange(4000) / RATE_HZ
    assert fault_spans(track_of(np.sin(2 * np.pi * 49.7 * t))) == ()


@pytest.mark.parametrize("height", [10, 100, 1e3, 1e4, 1e5])
def test_one_great_excursion_does_not_make_the_rest_clipped(height):
    x = noise()
    x[1000:1250] += height * np.sin(np.pi * np.arange(250) / 250)
    assert {kind for _, _, kind in fault_spans(track_of(x))} <= {"artefact"}


def test_clipped_tips_are_found_exactly():
    x = noise()
    clipped = np.clip(x, -1.5, 1.5)
    spans = fault_spans(track_of(clipped))
    inside = np.zeros(x.size, dtype=bool)
    for start, stop, kind in spans:
        assert kind == "clipped"
        inside[start:stop] = True
    assert not inside[np.abs(x) < 1.4].any()
    runs_of_two = (np.abs(x[:-1]) > 1.5) & (np.abs(x[1:]) > 1.5) & (np.sign(x[:-1]) == np.sign(x[1:]))
    assert inside[:-1][runs_of_two].all()


def test_one_unchanging_value_is_stuck():
    x = noise()
    x[1500:1700] = x[1500]
    assert fault_spans(track_of(x)) == ((1500, 1700, "stuck"),)


def test_zero_padding_at_the_ends_is_stuck_and_spans_stand_on_the_session_clock():
    x = np.concatenate([np.zeros(210), noise(), np.zeros(90)])
    assert fault_spans(track_of(x, start=5000)) == ((5000, 5210, "stuck"), (9210, 9300, "stuck"))


def test_rest_below_one_step_of_the_converter_is_not_stuck():
    bursts = np.tile(np.repeat([0.1, 3.0], 500), 8)
    coarse = track_of(np.round(noise(seconds=8.0) * bursts))
    assert gated_rest(coarse)
    assert [kind for _, _, kind in fault_spans(coarse) if kind == "stuck"] == []
    assert not gated_rest(track_of(noise()))


def test_an_amplifier_thrown_to_its_rail_is_an_artefact_until_it_has_recovered():
    spans = fault_spans(track_of(with_step_and_recovery(noise(), 1000)))
    artefacts = [s for s in spans if s[2] == "artefact"]
    assert (1000, 1080, "clipped") in spans
    assert artefacts[0][0] == 1000
    assert 1120 <= artefacts[-1][1] <= 1250  # the tail falls from 36 to 8 noise RMS after 90 ms


def test_a_loud_burst_of_muscle_in_a_quiet_minute_is_no_artefact():
    rng = np.random.default_rng(3)
    x = rng.standard_normal(60_000)
    slow_emg = np.convolve(rng.standard_normal(2000), np.hanning(10), "same")
    x[20_000:22_000] += 100 * slow_emg / slow_emg.std()
    assert fault_spans(track_of(x)) == ()


def test_a_saturated_load_cell_is_clipped_and_an_unloaded_plate_is_not():
    t = np.arange(4000) / RATE_HZ
    load = np.clip(900 * np.sin(2 * np.pi * 0.5 * t), 0, 800)
    spans = fault_spans(track_of(load, Quantity.FORCE))
    assert {kind for _, _, kind in spans} == {"clipped"}
    assert seconds_of(spans, "clipped", RATE_HZ) == pytest.approx(np.mean(load == 800) * 4)


def test_a_load_that_freezes_is_stuck():
    load = 500 + 200 * np.sin(np.arange(4000) / 300) + noise()
    load[1000:1400] = load[1000]
    assert fault_spans(track_of(load, Quantity.FORCE)) == ((1000, 1400, "stuck"),)


def test_without_faults_leaves_gaps_with_a_guard_and_keeps_the_input():
    track = track_of(noise(), start=100)
    cut = without_faults(track, ((1000, 1100, "stuck"),), guard_s=0.05)
    assert cut.gaps == ((950, 1150),)
    assert (cut.start, cut.stop) == (track.start, track.stop)
    assert track.gaps == ()
    assert cut.chunks[0] == Chunk(track.channel, 100, track.values()[:850])


def test_an_empty_track_has_no_faults():
    assert fault_spans(Track(track_of(noise()).channel, ())) == ()


@settings(derandomize=True, deadline=None, max_examples=25)
@given(seed=st.integers(0, 10_000), gain=st.floats(1e-7, 1e3), turned=st.booleans())
def test_law_the_unit_does_not_matter(seed, gain, turned):
    x = np.clip(with_step_and_recovery(noise(seed), 1000), -2.5, 30)
    x[3000:3150] = x[3000]
    spans = fault_spans(track_of(x))
    assert {kind for _, _, kind in spans} == {"clipped", "stuck", "artefact"}
    assert fault_spans(track_of(x * (-gain if turned else gain))) == spans
