"""Mixtures of normal distributions: what remains to be said when the parameters themselves are uncertain."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from glutebal.model import Samples

NEGLIGIBLE = 1e-4  # components that together weigh less are left out
CLOSE = 1e-8  # probability


@dataclass(frozen=True)
class Mixture:
    """Normal distributions, shapes (rows, grid), mixed by the same ``weights`` (grid,) in every row; they sum to 1."""

    means: Samples
    sds: Samples
    weights: Samples

    def trimmed(self) -> Mixture:
        """Without the lightest components."""
        order = np.argsort(self.weights)
        light = order[np.cumsum(self.weights[order]) < NEGLIGIBLE]
        kept = np.setdiff1d(np.arange(self.weights.size), light)
        weights = self.weights[kept]
        return Mixture(self.means[:, kept], self.sds[:, kept], weights / weights.sum())

    @property
    def mean(self) -> Samples:
        """Shape (rows,)."""
        return np.asarray(self.means @ self.weights)

    @property
    def sd(self) -> Samples:
        """Shape (rows,): what the components are uncertain about and what they differ by."""
        spread = self.means - self.mean[:, None]
        return np.asarray(np.sqrt((self.sds**2 + spread**2) @ self.weights))

    def below(self, x: Samples) -> Samples:
        """Probability of a value below ``x``, shape (rows,)."""
        from scipy.special import ndtr

        return np.asarray(ndtr((x[:, None] - self.means) / self._safe_sds) @ self.weights)

    def quantile(self, p: float) -> Samples:
        """The value with probability ``p`` below it, shape (rows,): Newton steps inside a shrinking bracket."""
        from scipy.special import ndtri

        each = self.means + ndtri(p) * self.sds
        low, high = each.min(axis=1), each.max(axis=1)
        x = np.clip(self.mean + ndtri(p) * self.sd, low, high)
        for _ in range(60):
            miss = self.below(x) - p
            if np.all((np.abs(miss) < CLOSE) | (high - low <= 1e-14 * np.abs(x))):
                break
            low, high = np.where(miss < 0, x, low), np.where(miss > 0, x, high)
            step = x - miss / np.maximum(self._density(x), 1e-300)
            x = np.where((step > low) & (step < high), step, (low + high) / 2)
        return np.asarray(x)

    @property
    def _safe_sds(self) -> Samples:
        return np.maximum(self.sds, 1e-150)

    def _density(self, x: Samples) -> Samples:
        z = (x[:, None] - self.means) / self._safe_sds
        return np.asarray((np.exp(-0.5 * z * z) / (self._safe_sds * np.sqrt(2 * np.pi))) @ self.weights)
