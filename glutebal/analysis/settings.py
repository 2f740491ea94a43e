"""What an analysis may be told to do differently; everything else follows from the recording."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from glutebal.signal.prepare import EmgSettings


@dataclass(frozen=True)
class Settings:
    """Settings of an analysis.

    Parameters
    ----------
    emg : EmgSettings
        Pass band and notch, the same on both sides.
    level : float
        Nominal coverage of every interval, in (0, 1).
    """

    emg: EmgSettings = field(default_factory=EmgSettings)
    level: float = 0.95

    def described(self) -> Mapping[str, str]:
        """Every setting in words, for the provenance of a page."""
        notch = "off" if self.emg.notch_hz is None else f"{self.emg.notch_hz:g} Hz on both sides"
        return {
            "EMG band": f"{self.emg.low_hz:g}-{self.emg.high_hz:g} Hz, causal Butterworth, order 4 per edge",
            "mains notch": notch,
            "EMG amplitude": "RMS over the rep, noise power subtracted",
            "set interval": f"{100 * self.level:g} % t interval on ln(R/L), autocorrelation-shrunk",
            "sign": "positive = right larger",
        }
