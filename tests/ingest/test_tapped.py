import dataclasses

import numpy as np
import pytest

from glutebal.errors import PairError, SignalError
from glutebal.ingest.tapped import tapped
from glutebal.model import Channel, Quantity, Recording, Side, Track

RATE_HZ = 200.0
TAPS_S = (2.0, 3.1, 4.3)


def acceleration(side, axis, late_s, scale, seed=0):
    """Gravity and noise with three smooth knocks."""
    t = np.arange(round(8 * RATE_HZ)) / RATE_HZ
    knocks = np.zeros(t.size)
    for tap_s in TAPS_S:
        since = t - tap_s - late_s
        knocks += np.exp(-((since / 0.02) ** 2)) * np.cos(2 * np.pi * 25 * since)
    noise = 0.05 * np.random.default_rng([seed, len(axis), side is Side.LEFT]).standard_normal(t.size)
    channel = Channel(Quantity.ACCELERATION, side, "thigh", RATE_HZ, axis=axis)
    return Track.of_samples(channel, scale * (30 * knocks) + 5.7 + noise)


def recording(late_s):
    tracks = [acceleration(Side.LEFT, axis, 0.0, 1.0) for axis in "xyz"]
    tracks += [acceleration(Side.RIGHT, axis, late_s, 0.8) for axis in "xyz"]
    return Recording(tuple(tracks))


@pytest.mark.parametrize("late_s", [0.0, 0.043, -0.12])
def test_the_right_side_is_moved_by_what_the_taps_say(late_s):
    moved = tapped(recording(late_s))
    assert moved.alignment.method == "tap"
    assert moved.alignment.offset_s == pytest.approx(late_s, abs=moved.alignment.uncertainty_s)
    left, right = (t.start for t in moved.tracks[::3])
    assert left == 0
    assert right == -round(moved.alignment.offset_s * RATE_HZ)
    assert "aligned by" in moved.history[-1]
    assert moved.alignment.allows_timing(0.1)


def test_swapping_the_sides_turns_the_offset_round():
    one, other = tapped(recording(0.05)), tapped(recording(0.05).swapped())
    assert other.alignment.offset_s == pytest.approx(-one.alignment.offset_s, abs=1e-3)  # s


def test_without_a_tap_nothing_is_claimed():
    calm = Recording(tuple(Track.of_samples(t.channel, np.full(1600, 9.81)) for t in recording(0.0).tracks))
    with pytest.raises(SignalError, match="tap both sensors together"):
        tapped(calm)


def test_a_recording_that_cannot_feel_a_tap_is_refused():
    emg = [dataclasses.replace(t.channel, quantity=Quantity.EMG) for t in recording(0.0).tracks]
    silent = Recording(tuple(t.on(c) for t, c in zip(recording(0.0).tracks, emg, strict=True)))
    with pytest.raises(PairError, match="acceleration, force or angular rate"):
        tapped(silent)
