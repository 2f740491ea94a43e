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
    height_m : float or None
        Body height, for the length of the legs in a lateral shift; None: 1.72 m is assumed.
    stance_width_m : float or None
        Between the middles of the feet: with it a force split becomes a lateral shift.
    """

    emg: EmgSettings = field(default_factory=EmgSettings)
    level: float = 0.95
    height_m: float | None = None
    stance_width_m: float | None = None

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
