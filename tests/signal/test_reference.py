import dataclasses
import math

import numpy as np
import pytest

from glutebal.errors import SignalError
from glutebal.model import Channel, Quantity, Recording, Side, Track
from glutebal.signal.prepare import prepare
from glutebal.signal.reference import best_window, references

RATE = 1000.0


def contraction(side=Side.LEFT, rms=(1.0, 3.0, 2.0), noise=0.05, seed=0, site="gluteus_maximus"):
    """Trials of 2 s with 2 s of rest before each, as one raw EMG track."""
    rng = np.random.default_rng(seed)
    envelope = np.concatenate([np.concatenate([np.zeros(2000), np.full(2000, r)]) for r in rms])
    spectrum = np.fft.rfft(rng.standard_normal(envelope.size))
    hz = np.fft.rfftfreq(envelope.size, 1 / RATE)
    muscle = np.fft.irfft(spectrum * ((hz > 40) & (hz < 240)), envelope.size)
    samples = envelope * muscle / muscle.std() + noise * rng.standard_normal(envelope.size)
    return Track.of_samples(Channel(Quantity.EMG, side, site, RATE), samples)


def test_the_best_half_second_of_the_best_trial_counts():
    best = best_window(contraction())
    assert 6.0 <= best.start_s <= 7.5
    assert best.value == pytest.approx(3.0, rel=0.12)  # the best of many windows lies a little above the level
    assert best.value >= 3.0
    assert 0.5 < best.relative_se * 2 * math.sqrt(200 * 0.5) < 0.9  # of one window: it is the best of several


def test_the_best_over_several_recordings_counts_per_side():
    first = Recording((contraction(Side.LEFT, (1.0,)), contraction(Side.RIGHT, (2.0,), seed=1)))
    second = Recording((contraction(Side.LEFT, (4.0,), seed=2), contraction(Side.RIGHT, (0.5,), seed=3)))
    (reference,) = references([first, second])
    assert reference.value.left == pytest.approx(4, rel=0.12)
    assert reference.value.right == pytest.approx(2, rel=0.12)
    assert references([second, first])[0].value == reference.value


def test_a_side_that_was_not_recorded_is_nan():
    (reference,) = references(Recording((contraction(),)))
    assert math.isnan(reference.value.right)


def test_a_reference_without_rest_is_taken_as_it_is():
    held = contraction(rms=(2.0,)).between(2000, 4000)
    assert best_window(held).value == pytest.approx(2.0, rel=0.15)


def test_too_short_a_reference_is_refused_with_its_length():
    with pytest.raises(SignalError, match=r"0\.40 s"):
        best_window(contraction().between(2000, 2400))


def test_a_recording_without_emg_is_refused():
    force = dataclasses.replace(contraction().channel, quantity=Quantity.FORCE)
    with pytest.raises(SignalError, match="at least one EMG channel"):
        references(Recording((contraction().on(force),)))


@pytest.mark.parametrize("muscle", ["VL", "BF", "TA", "LG"])
def test_maximal_contractions_of_an_older_adult(shared_data, muscle):
    """Best 500 ms over the trials; the plateau (best 3 s of that trial) lies at 85-100 % of it."""
    pandas = pytest.importorskip("pandas")
    table = pandas.read_excel(shared_data / "hermescb" / "ID_1.xlsx", sheet_name=f"EMG_{muscle}", header=None)
    channel = Channel(Quantity.EMG, Side.RIGHT, muscle, 2000.0)
    trials = [Track.of_samples(channel, column * 1e-6) for column in table.to_numpy(float).T]
    (reference,) = references([Recording((trial,)) for trial in trials])
    best = max(trials, key=lambda trial: best_window(trial).value)
    power = prepare(best).power.values()
    plateau = math.sqrt(np.convolve(power, np.ones(300) / 300, "valid").max())
    assert 1e-5 < reference.value.right < 3e-4  # V
    assert 85 <= 100 * plateau / reference.value.right <= 100
