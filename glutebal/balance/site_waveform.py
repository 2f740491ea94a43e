"""What the curves of one site say: both sides' mean over the repetition, how alike they are, where they differ."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from glutebal.balance.spm import PairedSpm
from glutebal.balance.waveform import Deviation, WaveformSymmetry
from glutebal.model import Bilateral, Quantity, Samples
from glutebal.results import Laterality, Status


@dataclass(frozen=True, eq=False)
class MeanCurve:
    """The mean over the repetitions of one side and their standard deviation, shape (nodes,); NaN without any.

    ``n`` repetitions stand behind it, ``left_out`` touch a gap or a fault.
    """

    mean: Samples
    sd: Samples
    n: int
    left_out: int = 0

    @classmethod
    def of(cls, curves: Samples) -> MeanCurve:
        """From one row per repetition; rows with NaN are left out, and one row alone has no SD."""
        kept = curves[np.isfinite(curves).all(axis=1)]
        nothing = np.full(curves.shape[1], math.nan)
        mean = kept.mean(axis=0) if len(kept) else nothing
        sd = kept.std(axis=0, ddof=1) if len(kept) > 1 else nothing
        return cls(mean, sd, len(kept), len(curves) - len(kept))

    @classmethod
    def pooled(cls, curves: Sequence[MeanCurve]) -> MeanCurve:
        """All the repetitions behind several curves of as many nodes as one; at least one curve."""
        kept, left_out = [c for c in curves if c.n], sum(c.left_out for c in curves)
        if not kept:
            return cls(curves[0].mean, curves[0].sd, 0, left_out)
        counts, means = np.array([[float(c.n)] for c in kept]), np.stack([c.mean for c in kept])
        n, mean = int(counts.sum()), (counts * means).sum(axis=0) / counts.sum()
        within = np.stack([(c.n - 1) * np.nan_to_num(c.sd) ** 2 for c in kept])
        squares = (within + counts * (means - mean) ** 2).sum(axis=0)
        sd = np.sqrt(squares / (n - 1)) if n > 1 else np.full(mean.size, math.nan)
        return cls(mean, sd, n, left_out)


@dataclass(frozen=True, eq=False)
class SiteWaveform:
    """The time-normalised curves of one site, left against right.

    Parameters
    ----------
    site : str
    quantity : Quantity
    unit : str
        Of the curves: ``%ref``, ``N``, or ``% of own mean`` for EMG without a reference.
    curves : Bilateral of MeanCurve
    symmetry : WaveformSymmetry
        Of the two mean curves; lags in per cent of the rep.
    spm : PairedSpm
        Right minus left along the rep, paired by repetition.
    deviations : tuple of Deviation
        Where the mean difference leaves ±2 of its own SD over the repetitions.
    cyclic : bool
        Whether the curves end where they begin, as strides do.
    duration_s : float
        Mean length of the repetitions: what a per cent of the curve stands for.
    lag_reason : str
        Why the lag may not be read as a time between the sides; empty: it may.
    """

    site: str
    quantity: Quantity
    unit: str
    laterality: Laterality
    curves: Bilateral[MeanCurve]
    symmetry: WaveformSymmetry
    spm: PairedSpm
    deviations: tuple[Deviation, ...] = ()
    cyclic: bool = False
    duration_s: float = math.nan
    lag_reason: str = ""

    @property
    def is_shape_only(self) -> bool:
        """Whether each side was scaled to its own mean, so that sizes cannot be compared."""
        return self.symmetry.status is Status.UNCALIBRATED

    @property
    def lag_ms(self) -> float:
        """The lag as a time, ms, positive = right later; NaN where the sides' clocks do not allow it."""
        return math.nan if self.lag_reason else 10 * self.symmetry.lag * self.duration_s
