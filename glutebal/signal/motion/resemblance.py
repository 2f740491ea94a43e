"""Which excursions are of one movement, by comparing them in pairs: nobody is compared with a mean of strangers.

::

    every pair ─▶ resemblance 0..1 ─▶ the one that most others resemble ─▶ its neighbours in time, and theirs ...

A set drifts: fatigue makes its last repetition slower and smaller than its first, each like the one before it. So a
repetition has to resemble those near it in time, not the whole set.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from glutebal.model import Samples
from glutebal.signal.motion.excursions import Excursion

#: Differences at which resemblance has fallen to 1/e: of the logarithms of duration and of moving time, and of size.
DURATION = 0.9
MOVING = 0.8
SIZE = 0.9
#: An excursion joins those it resembles by at least so much, so many of them nearest in time.
JOINS = 0.3
NEAREST = 3


def resemblances(found: Sequence[Excursion], slack: float = 1.0) -> Samples:
    """How much excursions are alike, shape (n, n), 0 to 1: way, course, duration, size (a failed one is half alike)."""
    if not found:
        return np.zeros((0, 0))
    changes = np.stack([one.change / one.size for one in found])
    courses = np.stack([one.course - one.course.mean() for one in found])
    courses /= np.maximum(np.linalg.norm(courses, axis=1, keepdims=True), 1e-9)
    alike = np.maximum(changes @ changes.T, 0.0) ** 2 * np.maximum(courses @ courses.T, 0.0)
    for scale, values in (
        (DURATION, [one.seconds for one in found]),
        (MOVING, [one.transit_s for one in found]),
        (SIZE, [one.size for one in found]),
    ):
        logs = np.log(np.maximum(values, 1e-3))
        alike = alike * np.exp(-(((logs[:, None] - logs[None, :]) / (slack * scale)) ** 2))
    return np.asarray(alike)


def of_the_set(found: Sequence[Excursion], slack: float = 1.0) -> NDArray[np.bool_]:
    """Which excursions, in time order, belong to the movement that most of them resemble, shape (n,).

    ``slack`` is how many times larger than usual differences in pace, duration and size may be.
    """
    member = np.zeros(len(found), dtype=bool)
    if not found:
        return member
    alike = resemblances(found, slack)
    member[int(np.argmax((alike**2).sum(axis=1)))] = True
    while True:
        fresh = [k for k in np.flatnonzero(~member) if _joins(alike[k], member, int(k))]
        if not fresh:
            return member
        member[fresh] = True


def _joins(alike: Samples, member: NDArray[np.bool_], k: int) -> bool:
    inside = np.flatnonzero(member)
    nearest = inside[np.argsort(np.abs(inside - k), kind="stable")[:NEAREST]]
    return float(alike[nearest].mean()) >= JOINS
