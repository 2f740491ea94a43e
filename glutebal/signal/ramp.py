"""Where the power of a signal begins to rise: maximum likelihood under a ramp model, with its standard error.

::

    power        ______ plateau          every candidate (where the ramp begins, how long it takes, how high
               /                         the plateau is) has a likelihood; a step is preferred unless a ramp
    __ rest __/                          is clearly better; the answer is the median of where it begins.
              ^ the foot

How long the rises of a channel take is learnt from all of them together (`habit`), as a mixture by expectation and
maximisation (Dempster, Laird & Rubin 1977 J R Stat Soc B 39:1).

After Staude & Wolf (1999) Med Eng Phys 21:449 and Staude, Flachenecker, Daumer & Wolf (2001) EURASIP J Appl Signal
Process 2001:67. A threshold is crossed later by a weaker muscle; the foot of a ramp is not, so a difference in
strength between the sides does not pass for a difference in timing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from glutebal.model import Samples

#: How far the foot of the ramp may lie before and after the place where the envelope crosses its threshold, in seconds.
EARLIEST_S, LATEST_S = 0.25, 0.12
#: Rest looked at before the earliest candidate, in seconds.
REST_S = 0.1
#: Candidate durations of the rise of the amplitude, in seconds; up to `STEP_S` it counts as a step. Nothing lies just
#: above a step: the two could not be told apart.
RISES_S = (0.002, 0.01, 0.04, 0.07, 0.11, 0.16, 0.22, 0.3, 0.4)
STEP_S = 0.011
#: Log odds of each step over each ramp before looking: in doubt between a step and a slightly earlier ramp, a step.
STEP_ODDS = 3.0
#: Candidate plateaus, as multiples of the amplitude seen after the crossing.
PLATEAUS = (0.7, 0.85, 1.0, 1.2, 1.45)
#: What is believed of the rises before looking counts as much as this many of them.
BELIEF_WEIGHT = 2.0
IS_STEP = np.array(RISES_S) <= STEP_S


@dataclass(frozen=True)
class Sight:
    """Log likelihood of every foot ``at`` (cells, shape (n,)) and every rise, shape (n, n rises)."""

    at: NDArray[np.int_]
    scores: NDArray[np.float64]


@dataclass(frozen=True)
class Foot:
    """Where a ramp begins and the standard error of that, in cells."""

    at: float
    se: float


@dataclass(frozen=True)
class RampModel:
    """Candidate rises of the power of one channel.

    Parameters
    ----------
    cell_s : float
        Length of one power value in seconds, > 0.
    rest : float
        Power at rest, > 0.
    independent_per_s : float
        Independent samples per second of the activity: twice its equivalent bandwidth.
    """

    cell_s: float
    rest: float
    independent_per_s: float

    def cells(self, seconds: float) -> int:
        """Seconds as a number of cells."""
        return round(seconds / self.cell_s)

    @cached_property
    def _before(self) -> int:
        return self.cells(REST_S) + self.cells(EARLIEST_S)

    @cached_property
    def _size(self) -> int:
        return self._before + self.cells(LATEST_S) + self.cells(max(RISES_S)) + 1

    @cached_property
    def _rises(self) -> Samples:
        """Share of the plateau amplitude after the foot, a raised cosine, shape (n rises, longest rise)."""
        t = (np.arange(self.cells(max(RISES_S))) + 0.5) * self.cell_s
        inside = np.clip(t / np.array(RISES_S)[:, None], 0.0, 1.0)
        return np.asarray(0.5 * (1 - np.cos(np.pi * inside)))

    def sight(self, power: Samples, weight: Samples, crossing: int, allowed: tuple[int, int], gained: float) -> Sight:
        """The likelihood of every foot and rise near a crossing.

        Parameters
        ----------
        power, weight : ndarray, shape (n,)
            Mean square per cell, and 1 where it is to be believed, 0 where it is a spike.
        crossing : int
            The cell in which the envelope crosses its threshold.
        allowed : tuple of int
            The cells ``[first, stop)`` that may be looked at: they hold this rise and no other edge.
        gained : float
            Power gained by the rise, in the unit of ``power``, > 0.
        """
        first, stop = max(allowed[0], crossing - self._before), min(allowed[1], crossing - self._before + self._size)
        shift = self._before - crossing
        seen, p = np.zeros(self._size), np.zeros(self._size)
        seen[first + shift : stop + shift] = weight[first:stop]
        p[first + shift : stop + shift] = weight[first:stop] * power[first:stop] / self.rest
        at = np.arange(self._size - self._before + self.cells(EARLIEST_S) - self._rises.shape[1])
        at += crossing - self.cells(EARLIEST_S)
        outside = (at < allowed[0]) | (at >= allowed[1])
        return Sight(at, np.where(outside[:, None], -np.inf, self._scores(p, seen, gained / self.rest)))

    def _scores(self, p: Samples, seen: Samples, gain: float) -> NDArray[np.float64]:
        """Log likelihood of every foot and rise, over all plateaus, shape (n feet, n rises), up to a constant."""
        height = np.array(PLATEAUS) ** 2 * gain
        variance = 1 + self._rises[:, None, :] ** 2 * height[None, :, None]
        long = variance.shape[2]
        shape = variance.shape[:2]
        variance = variance.reshape(-1, long)
        feet = np.arange(self.cells(REST_S), self._size - long)
        runs = np.lib.stride_tricks.sliding_window_view
        misfit = runs(p, long)[feet] @ (1 / variance).T + runs(seen, long)[feet] @ np.log(variance).T
        total_p, total_seen = (np.concatenate([[0.0], np.cumsum(x)]) for x in (p, seen))
        end = np.tile(1 + height, shape[0])
        misfit += total_p[feet, None]
        misfit += (total_p[-1] - total_p[feet + long])[:, None] / end
        misfit += (total_seen[-1] - total_seen[feet + long])[:, None] * np.log(end)
        scores = (-0.5 * self.independent_per_s * self.cell_s * misfit).reshape(-1, *shape)
        return np.asarray(np.logaddexp.reduce(scores, axis=2))


def habit(sights: Sequence[Sight]) -> Samples:
    """Log probability of every rise in a channel, shape (n rises,): what was believed, and what was seen."""
    belief = np.exp(STEP_ODDS * IS_STEP)
    belief /= belief.sum()
    if not sights:
        return np.asarray(np.log(belief))
    evidence = np.stack([np.logaddexp.reduce(sight.scores, axis=0) for sight in sights])
    share = belief
    for _ in range(30):
        chance = np.exp(evidence + np.log(share) - (evidence + np.log(share)).max(axis=1, keepdims=True))
        chance /= chance.sum(axis=1, keepdims=True)
        share = (BELIEF_WEIGHT * belief + chance.sum(axis=0)) / (BELIEF_WEIGHT + len(sights))
    return np.asarray(np.log(share))


def foot(sight: Sight, habits: Samples) -> Foot:
    """The foot of one rise, among the steps or among the ramps, whichever is likelier.

    Its place is the median, counted from the border before a cell; its standard error the standard deviation.
    """
    scores = sight.scores + habits
    chance = np.exp(scores - scores.max())
    kind = IS_STEP if chance[:, IS_STEP].sum() >= chance[:, ~IS_STEP].sum() else ~IS_STEP
    feet = chance[:, kind].sum(axis=1) / chance[:, kind].sum()
    middle = float(np.interp(0.5, np.cumsum(feet), sight.at + 0.5))
    mean = float(feet @ sight.at)
    return Foot(middle, math.sqrt(float(feet @ (sight.at - mean) ** 2) + 1 / 12))
