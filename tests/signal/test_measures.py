import math

import numpy as np
import pytest

from glutebal.model import Channel, Quantity, Side, Track
from glutebal.results import Rep, Status
from glutebal.signal.measures import EMG_MEASURES, FORCE_MEASURES, EmgSide, ForceSide
from glutebal.signal.noise import NoiseFloor
from glutebal.signal.prepare import PreparedEmg

EMG = {m.name: m for m in EMG_MEASURES}
FORCE = {m.name: m for m in FORCE_MEASURES}
CHANNEL = Channel(Quantity.EMG, Side.LEFT, "gluteus_maximus", 1000.0)
CLOCK = Channel(Quantity.EMG, Side.LEFT, "gluteus_maximus", 100.0)
REP = Rep(1, 0, 400, 100.0)


def emg_side(power, noise=0.0, plateau=1.0):
    track = Track.of_samples(CLOCK, power)
    return EmgSide(PreparedEmg(CHANNEL, track, track, NoiseFloor(noise**2, 0.0, 5.0, True)), 200.0, plateau)


def held(level=1.0, noise=0.1):
    """A rep of 4 s: one second of rest, two at ``level``, one of rest, over a noise floor."""
    return np.concatenate([np.zeros(100), np.full(200, level**2), np.zeros(100)]) + noise**2


def test_activation_is_the_noise_corrected_rms_of_the_whole_rep():
    value = EMG["activation"](emg_side(held(), 0.1), REP)
    assert value.value == pytest.approx(math.sqrt(0.5), rel=1e-9)


def test_peak_is_that_of_the_strongest_quarter_second():
    power = held()
    power[150:175] += 3.0
    assert EMG["peak_activation"](emg_side(power, 0.1), REP).value == pytest.approx(2.0, rel=1e-9)


def test_integrated_emg_is_amplitude_times_time():
    value = EMG["integrated_emg"](emg_side(held(2.0), 0.1), REP)
    assert value.value == pytest.approx(4.0, rel=0.05)  # V·s; the 250 ms smoothing rounds the corners


def test_timing_is_told_against_the_sides_own_plateau():
    side = emg_side(held(5.0), 0.1, plateau=5.0)
    assert EMG["active_time"](side, REP).value == pytest.approx(2.0, abs=0.25)  # s: one smoothing window
    assert EMG["duty"](side, REP).value == pytest.approx(50, abs=6)
    assert EMG["hold_time"](side, REP).value == pytest.approx(2.0, abs=0.25)
    weak = emg_side(held(0.5), 0.01, plateau=0.5)
    assert EMG["active_time"](weak, REP).value == pytest.approx(EMG["active_time"](side, REP).value, abs=0.05)


def test_the_top_of_a_movement_is_not_a_hold():
    power = np.concatenate([np.zeros(150), np.full(60, 1.0), np.zeros(190)]) + 0.01
    value = EMG["hold_time"](emg_side(power, 0.1), REP)
    assert (value.status, math.isnan(value.value)) == (Status.REFUSED, True)
    assert "no hold of 1 s" in value.reason


@pytest.mark.parametrize("measure", EMG_MEASURES, ids=lambda m: m.name)
def test_missing_samples_refuse_every_measure(measure):
    power = held()
    power[200:205] = np.nan
    value = measure(emg_side(power, 0.1), REP)
    assert value.status is Status.REFUSED
    assert "samples are missing" in value.reason
    assert math.isnan(value.value)


@pytest.mark.parametrize("measure", EMG_MEASURES, ids=lambda m: m.name)
def test_silence_gives_no_number(measure):
    value = measure(emg_side(np.full(400, 0.01), 0.1), REP)
    assert math.isnan(value.value)
    assert value.status in {Status.CENSORED, Status.REFUSED}


def test_only_amplitudes_need_a_reference():
    assert [m.name for m in EMG_MEASURES if m.needs_reference] == ["activation", "peak_activation", "integrated_emg"]


def pushed(rate=1000.0):
    """Half a second of nothing, a linear rise to 400 N in 0.4 s, a hold to 3 s, nothing to 4 s."""
    t = np.arange(round(4 * rate)) / rate
    return np.where(t < 3, np.clip((t - 0.5) / 0.4, 0, 1), 0) * 400


def force_side(samples, unloaded=0.0, rate=1000.0):
    channel = Channel(Quantity.FORCE, Side.LEFT, "plate", rate)
    return ForceSide(Track.of_samples(channel, samples), unloaded)


def test_force_measures_of_a_known_push():
    side = force_side(pushed() + 7, unloaded=7)
    impulse = 400 * (2.1 + 0.2)
    assert FORCE["impulse"](side, REP).value == pytest.approx(impulse, rel=1e-3)
    assert FORCE["mean_force"](side, REP).value == pytest.approx(impulse / 4, rel=1e-3)
    assert FORCE["peak_force"](side, REP).value == pytest.approx(400, rel=1e-6)
    assert FORCE["rate_of_force_development"](side, REP).value == pytest.approx(1000, rel=0.05)  # N/s


def test_force_measures_hardly_depend_on_the_rate():
    for measure in FORCE_MEASURES:
        one, other = (measure(force_side(pushed(r), rate=r), REP).value for r in (500.0, 2000.0))
        assert one == pytest.approx(other, rel=0.02)


def test_a_dropout_in_a_push_refuses_it():
    samples = pushed()
    samples[1500:1510] = np.nan
    assert FORCE["impulse"](force_side(samples), REP).status is Status.REFUSED


def test_rate_of_force_development_asks_for_a_fast_channel():
    assert FORCE["rate_of_force_development"].needs_rate_hz == 500
