"""Between the repetitions of a set the body keeps still, or moves in a rhythm."""

import numpy as np
import pytest

from glutebal.signal.motion.between_reps import undisturbed
from glutebal.signal.motion.excursions import Excursion

COURSE = np.sin(np.linspace(0, np.pi, 40))


def reps(starts_s, size=1.0, seconds=2.0):
    spans = [(round(50 * s), round(50 * (s + seconds))) for s in starts_s]
    return [
        Excursion(a, (a + 50, a + 50), b, (a + 20, b - 20), np.array([size, 0, 0]), 0.0, COURSE, transit_s=seconds)
        for a, b in spans
    ]


def tilts(tries, strays, seconds=200):
    """The body is ``strays`` (rad) away for a moment between the tries, and nowhere else; shape (n, 3)."""
    up = np.zeros((50 * seconds, 3))
    for one, stray in zip(tries, strays, strict=False):
        up[one.stop + 10 : one.stop + 20] = stray if np.ndim(stray) else (0.0, stray, 0.0)
    return up


def test_a_set_is_still_between_its_reps():
    tries = reps([0, 4, 9, 13])
    assert undisturbed(tilts(tries, [0.0, 0.02, 0.1]), tries)


def test_one_disturbance_is_allowed_and_more_are_not():
    tries = reps([0, 4, 12, 23])
    assert undisturbed(tilts(tries, [0.0, 0.9, 0.0]), tries)
    assert not undisturbed(tilts(tries, [0.5, 0.9, 0.0]), tries)


def test_of_two_pauses_both_have_to_be_still():
    tries = reps([0, 4, 12])
    assert not undisturbed(tilts(tries, [0.0, 0.5]), tries)


def test_a_try_that_fails_is_no_disturbance():
    tries = reps([0, 4, 12])
    assert undisturbed(tilts(tries, [0.0, (0.45, 0.05, 0.0)]), tries)
    assert not undisturbed(tilts(tries, [0.0, (-0.45, 0.05, 0.0)]), tries)


def test_a_shift_of_weight_is_allowed_in_a_rhythm_only():
    steady, now_and_then = reps([0, 8, 16, 24, 33]), reps([0, 5, 19, 24, 43])
    assert undisturbed(tilts(steady, [0.2] * 4), steady)
    assert not undisturbed(tilts(steady, [0.6] * 4), steady)
    assert not undisturbed(tilts(now_and_then, [0.2] * 4), now_and_then)


@pytest.mark.parametrize("stray", [0.0, 0.07])
def test_movements_as_small_as_sway_have_to_be_many_or_in_a_rhythm(stray):
    three, steady, many = reps([0, 4, 8], 0.08), reps([0, 4, 8, 12], 0.08), reps([0, 4, 10, 13, 19], 0.08)
    assert not undisturbed(tilts(three, [stray] * 2), three)
    assert undisturbed(tilts(steady, [stray] * 3), steady)
    assert undisturbed(tilts(many, [stray] * 4), many)


def test_small_ones_are_believed_when_it_is_known_what_moves():
    three = reps([0, 4, 8], 0.08)
    assert undisturbed(tilts(three, [0.0, 0.07]), three, named=True)
    assert not undisturbed(tilts(three, [0.0, 0.2]), three, named=True)


def test_one_alone_has_no_pause():
    assert undisturbed(np.zeros((2000, 3)), reps([3]))
