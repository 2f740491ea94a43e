"""EMG made ready for measuring: band-passed, on the common clock, with its noise floor."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from glutebal.model import Channel, Track
from glutebal.signal.amplitude import amplitude
from glutebal.signal.envelope import BlockPower
from glutebal.signal.filters import Bandpass, Notch
from glutebal.signal.noise import NoiseFloor, equivalent_bandwidth_hz, noise_floor
from glutebal.signal.operator import Chain, Operator
from glutebal.signal.side_value import SideValue


@dataclass(frozen=True)
class EmgSettings:
    """How EMG is brought from volts to power; the same for both sides by construction.

    Parameters
    ----------
    low_hz, high_hz : float
        Corners of the pass band in Hz; the upper one is lowered to 0.45 of a slow channel's rate.
    notch_hz : float or None
        Mains notch, off by default: it takes signal power too.
    """

    low_hz: float = 20.0
    high_hz: float = 450.0
    notch_hz: float | None = None

    def band(self) -> Operator:
        """The causal operator from raw EMG to the pass band."""
        stages: list[Operator] = [Bandpass(self.low_hz, self.high_hz)]
        if self.notch_hz is not None:
            stages.append(Notch(self.notch_hz))
        return Chain(*stages)


@dataclass(frozen=True)
class PreparedEmg:
    """One EMG channel in the pass band: its samples, their block power, the noise floor."""

    channel: Channel
    band: Track
    power: Track
    floor: NoiseFloor

    @property
    def rate_hz(self) -> float:
        """Blocks per second of `power`."""
        return self.power.channel.rate_hz

    def bandwidth_hz(self, spans_s: Iterable[tuple[float, float]]) -> float:
        """Equivalent bandwidth of the activity inside the given seconds; NaN when there is too little."""
        rate = self.channel.rate_hz
        parts = (self.band.between(round(a * rate), round(b * rate)) for a, b in spans_s)
        return equivalent_bandwidth_hz([c.samples for part in parts for c in part.chunks], rate)

    def amplitude(self, start: int, stop: int, bandwidth_hz: float) -> SideValue:
        """Noise-corrected amplitude over the blocks ``[start, stop)``, which must have been recorded."""
        return amplitude(self.power.between(start, stop).values(), self.rate_hz, self.floor, bandwidth_hz)


def prepare(track: Track, settings: EmgSettings | None = None) -> PreparedEmg:
    """Band-pass a raw EMG track and find its floor.

    Raises
    ------
    RateError
        The channel is too slow for the band or for the 100 Hz clock.
    """
    band = (settings or EmgSettings()).band()(track)
    power = BlockPower()(band)
    return PreparedEmg(track.channel, band, power, noise_floor(power))
