"""Between the repetitions of a set the body keeps still, or moves in a rhythm."""

import numpy as np

from glutebal.signal.motion.between_reps import undisturbed
from glutebal.signal.motion.excursions import Excursion

COURSE = np.sin(np.linspace(0, np.pi, 40))


def reps(starts_s, size=1.0, seconds=2.0):
    spans = [(round(50 * s), round(50 * (s + seconds))) for s in starts_s]
    return [
        Excursion(a, (a + 50, a + 50), b, (a + 20, b - 20), np.array([size, 0, 0]), 0.0, COURSE, transit_s=seconds)
        for a, b in spans
    ]


def ways(tries, strays, seconds=200):
    """The body goes ``strays`` (rad) between the tries, and nowhere else."""
    step = np.zeros(50 * seconds)
    for one, stray in zip(tries, strays, strict=False):
        step[one.stop] = stray
    return np.concatenate([[0.0], np.cumsum(step)])


def test_a_set_is_still_between_its_reps():
    tries = reps([0, 4, 9, 13])
    assert undisturbed(ways(tries, [0.0, 0.02, 0.1]), tries)


def test_one_disturbance_is_allowed_and_more_are_not():
    tries = reps([0, 4, 12, 23])
    assert undisturbed(ways(tries, [0.0, 0.9, 0.0]), tries)
    assert not undisturbed(ways(tries, [0.5, 0.9, 0.0]), tries)


def test_a_shift_of_weight_is_allowed_in_a_rhythm_only():
    steady, now_and_then = reps([0, 8, 16, 24, 33]), reps([0, 5, 19, 24, 43])
    assert undisturbed(ways(steady, [0.2] * 4), steady)
    assert not undisturbed(ways(steady, [0.6] * 4), steady)
    assert not undisturbed(ways(now_and_then, [0.2] * 4), now_and_then)


def test_movements_as_small_as_sway_have_to_be_many_or_in_a_rhythm():
    assert not undisturbed(ways(three := reps([0, 4, 8], 0.08), []), three)
    assert undisturbed(ways(steady := reps([0, 4, 8, 12], 0.08), []), steady)
    assert undisturbed(ways(many := reps([0, 4, 10, 13, 19], 0.08), []), many)


def test_one_alone_has_no_pause():
    assert undisturbed(np.zeros(2000), reps([3]))
