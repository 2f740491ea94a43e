"""What is not known about a person's measurements, as a grid of possibilities with their weights."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from glutebal.model import Samples


@dataclass(frozen=True)
class ScalePrior:
    """Prior of a standard deviation around the assumed value: normal in its logarithm, with a width for either side.

    ``below`` and ``above`` are standard deviations of ln(actual/assumed) on either side of 0; it is cut at ``lowest``
    and ``highest``, with ``points`` possibilities from one to the other.
    """

    below: float
    above: float
    lowest: float
    highest: float
    points: int

    def axis(self, assumed: float) -> tuple[Samples, Samples]:
        """Possible values and their log weights, shape (points,) each; what is assumed to be 0 stays 0."""
        if assumed <= 0:
            return np.zeros(1), np.zeros(1)
        log_ratio = np.linspace(self.lowest, self.highest, self.points)
        z = log_ratio / np.where(log_ratio < 0, self.below, self.above)
        return assumed * np.exp(log_ratio), -0.5 * z * z


#: Placement: 95 % within a factor of 2 of what is assumed.
PLACEMENT = ScalePrior(below=0.35, above=0.35, lowest=-1.4, highest=1.4, points=15)
#: Weekly drift: hardly less than half of what is assumed, but training may move a level up to 27 times faster.
DRIFT = ScalePrior(below=0.5, above=3.0, lowest=-1.0, highest=3.3, points=9)


@dataclass(frozen=True)
class Grid:
    """Pairs of placement and weekly drift standard deviation, and their log prior weights: shape (grid,) each."""

    placement_sd: Samples
    drift_sd: Samples
    log_prior: Samples

    def weights(self, log_likelihood: Samples) -> Samples:
        """Posterior weights, shape (grid,), sum 1."""
        log_posterior = self.log_prior + log_likelihood
        weights = np.exp(log_posterior - log_posterior.max())
        return np.asarray(weights / weights.sum())


def parameter_grid(
    placement_sd: float, drift_sd: float, placement: ScalePrior = PLACEMENT, drift: ScalePrior = DRIFT
) -> Grid:
    """Every pair of what the two standard deviations may be, around the assumed ones."""
    placements, placement_weight = placement.axis(placement_sd)
    drifts, drift_weight = drift.axis(drift_sd)
    pairs = np.meshgrid(placements, drifts, indexing="ij")
    return Grid(pairs[0].ravel(), pairs[1].ravel(), np.add.outer(placement_weight, drift_weight).ravel())


def typical(values: Samples, weights: Samples) -> float:
    """Geometric mean by weight; 0 where a value of 0 has weight."""
    if not np.all(values > 0):
        return float(values @ weights)
    return math.exp(float(np.log(values) @ weights))
