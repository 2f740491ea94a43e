"""Excursions that are of one movement: drift joins, strangers do not."""

import numpy as np
import pytest

from glutebal.signal.motion.excursions import Excursion
from glutebal.signal.motion.resemblance import of_the_set, resemblances

COURSE = np.sin(np.linspace(0, np.pi, 40))


def rep(start_s, seconds=3.0, size=1.0, way=(1.0, 0.0, 0.0), course=COURSE):
    a, b = round(50 * start_s), round(50 * (start_s + seconds))
    middle = (a + b) // 2
    return Excursion(a, (middle, middle), b, (a, b), size * np.array(way), 0.0, course, transit_s=seconds)


def test_alike_is_one_and_symmetric():
    found = [rep(0), rep(5, 4.0, 0.8), rep(10, 3.0, 1.0, (0.6, 0.8, 0.0))]
    alike = resemblances(found)
    np.testing.assert_allclose(np.diag(alike), 1.0)
    np.testing.assert_allclose(alike, alike.T)
    assert alike[0, 2] == pytest.approx(0.36)  # the square of the cosine
    assert alike[0, 1] < 1


def test_a_set_that_slows_down_stays_one_set():
    slower = [rep(12 * k, 2.0 * 1.2**k) for k in range(8)]  # the last takes 3.6 times as long as the first
    assert resemblances(slower)[0, -1] < 0.2
    assert of_the_set(slower).all()


def test_strangers_do_not_join_even_if_there_are_as_many():
    long = [rep(10 * k, 7.0) for k in range(3)]
    short = [rep(40 + 5 * k, 1.5, 0.8, (0.9, 0.43, 0.0)) for k in range(2)]
    assert of_the_set([*long, *short]).tolist() == [True] * 3 + [False] * 2


def test_a_failed_repetition_stays_among_its_neighbours():
    assert of_the_set([rep(0), rep(4), rep(8, 2.6, 0.55), rep(12), rep(16)]).all()


def test_nothing_to_compare():
    assert of_the_set([]).shape == (0,)
    assert of_the_set([rep(0)]).tolist() == [True]
