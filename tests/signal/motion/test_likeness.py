"""What belongs to a set: repetitions that fade do, failed ones and strangers do not."""

import numpy as np
import pytest

from glutebal.signal.motion.excursions import Excursion
from glutebal.signal.motion.likeness import ANOTHER, NOT_WHOLE, LikenessSettings, judged

ALONG = np.array([1.0, 0, 0])
COURSE = np.sin(np.linspace(0, np.pi, 40))


def rep(start_s, size, seconds=3.0, gap=0.01, others=0.0):
    a, b = round(50 * start_s), round(50 * (start_s + seconds))
    middle = (a + b) // 2
    return Excursion(
        *(a, (middle, middle), b, (a + 20, b - 20), size * ALONG, gap, COURSE),
        way=2 * size,
        transit_s=seconds,
        others=others,
        area=0.6 * size * seconds,
    )


def a_set(sizes, **more):
    return [rep(4 * k, size, **more) for k, size in enumerate(sizes)]


def reasons(found):
    return judged(found, ALONG, LikenessSettings(), [False] * len(found))


def test_the_last_of_a_set_that_fades_is_whole():
    assert reasons(a_set([1.8, 1.5, 1.25, 1.02])) == [""] * 4


@pytest.mark.parametrize("sizes", [[1.8, 1.5, 1.25, 0.7], [1.0, 1.0, 1.0, 0.65], [1.0, 0.45, 0.9, 0.8]])
def test_a_failed_one_is_not(sizes):
    failed = int(np.argmin(sizes))
    assert [k for k, why in enumerate(reasons(a_set(sizes))) if why == NOT_WHOLE] == [failed]


def test_a_failed_one_as_small_as_sway_is_shorter_too():
    held = [rep(5 * k, 0.06 + 0.01 * (k % 2)) for k in range(5)]
    assert reasons(held) == [""] * 5
    assert reasons([*held[:2], rep(10, 0.05, 1.2), *held[3:]])[2] == NOT_WHOLE


def test_one_apart_from_the_set_has_to_come_back_to_where_it_began():
    done = a_set([1.0, 1.0, 1.0, 1.0])
    assert reasons([*done, rep(80, 0.9)]) == [""] * 5
    assert reasons([*done, rep(80, 0.9, gap=0.28)])[4] == ANOTHER


def test_others_keep_still():
    done = a_set([1.0, 1.0, 1.0, 1.0])
    assert "other parts of the body" in reasons([*done[:3], rep(16, 1.0, others=0.4)])[3]


def test_one_alone_is_no_set():
    assert "no set" in reasons([rep(0, 1.9)])[0]
