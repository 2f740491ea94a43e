"""Butterworth filters and the notch: causal, as second-order sections, and their zero-phase variant.

The order is that of one pass of each edge: order 4 falls by 24 dB per octave. The zero-phase variant passes twice,
which doubles the order and the attenuation at the cutoff (−6 dB instead of −3 dB).
Butterworth (1930) Wireless Engineer 7:536; corner of 20 Hz for surface EMG: De Luca, Gilmore, Kuznetsov & Roy (2010)
J Biomech 43:1573.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from dataclasses import dataclass
from functools import cache
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from glutebal.errors import NotLiveError, RateError
from glutebal.model import Channel, Chunk, Samples, Track
from glutebal.signal.operator import Operator, Run

#: An upper corner above this share of the rate is lowered to it: the device's own anti-alias filter rules there.
USABLE_BAND = 0.45


class SosFilter(Operator):
    """A filter given by second-order sections; subclasses design them for a rate."""

    @abstractmethod
    def sections(self, channel: Channel) -> NDArray[np.float64]:
        """Second-order sections for this channel's rate, shape (n, 6)."""

    def start(self, channel: Channel, at: int = 0) -> Run:
        """Begin as if the first sample had been there for ever, so that an offset does not ring."""
        return _SosRun(channel, at, self.sections(channel))


class _SosRun(Run):
    def __init__(self, channel: Channel, at: int, sections: NDArray[np.float64]) -> None:
        self.channel, self.position = channel, at
        self._sections = sections
        self._state: NDArray[np.float64] | None = None

    def _next(self, samples: Samples) -> Samples:
        from scipy.signal import sosfilt, sosfilt_zi

        if samples.size == 0:
            return samples
        if self._state is None:
            self._state = sosfilt_zi(self._sections) * samples[0]
        out, self._state = sosfilt(self._sections, samples, zi=self._state)
        return np.asarray(out)


def _ring_s(cutoff_hz: float, order: int) -> float:
    """Time for the slowest pole of a Butterworth edge to fall by 60 dB, in seconds."""
    return math.log(1e3) / (2 * math.pi * cutoff_hz * math.sin(math.pi / (2 * order)))


def _need_rate(channel: Channel, cutoff_hz: float, kind: str) -> None:
    if cutoff_hz <= 0 or channel.rate_hz <= 2 * cutoff_hz:
        raise RateError(
            f"a rate above {2 * cutoff_hz:g} Hz for a {cutoff_hz:g} Hz {kind}",
            f"{channel.rate_hz:g} Hz",
            channel.name,
        )


def _butter(order: int, cutoff_hz: float, kind: str, rate_hz: float) -> NDArray[np.float64]:
    return _designed(order, cutoff_hz, kind, rate_hz).copy()


@cache
def _designed(order: int, cutoff_hz: float, kind: str, rate_hz: float) -> NDArray[np.float64]:
    """Designed once per rate: sixteen channels of one device share a filter."""
    from scipy.signal import butter

    return np.asarray(butter(order, cutoff_hz, kind, fs=rate_hz, output="sos"))


@dataclass(frozen=True)
class _Edge(SosFilter):
    """One Butterworth edge."""

    cutoff_hz: float
    order: int = 4
    kind: ClassVar[str]

    @property
    def settle_s(self) -> float:
        """Ring-down to −60 dB."""
        return _ring_s(self.cutoff_hz, self.order)

    def sections(self, channel: Channel) -> NDArray[np.float64]:
        """Second-order sections for this channel's rate, shape (n, 6)."""
        _need_rate(channel, self.cutoff_hz, self.kind)
        return _butter(self.order, self.cutoff_hz, self.kind, channel.rate_hz)


@dataclass(frozen=True)
class Highpass(_Edge):
    """Butterworth high-pass; removes offset and slow movement artefact. Needs a rate above twice the cutoff."""

    kind = "highpass"


@dataclass(frozen=True)
class Lowpass(_Edge):
    """Butterworth low-pass. Needs a rate above twice the cutoff."""

    kind = "lowpass"


@dataclass(frozen=True)
class Bandpass(SosFilter):
    """Butterworth band-pass: a high-pass and a low-pass edge, each of ``order``.

    The upper corner is lowered to 0.45 of the sampling rate when the channel is too slow for it (`effective_high_hz`).
    The default band for surface EMG is 20-450 Hz (Hermens et al. 2000 J Electromyogr Kinesiol 10:361).
    """

    low_hz: float = 20.0
    high_hz: float = 450.0
    order: int = 4

    @property
    def settle_s(self) -> float:
        """Ring-down of the lower edge to −60 dB."""
        return _ring_s(self.low_hz, self.order)

    def effective_high_hz(self, rate_hz: float) -> float:
        """The upper corner in use at ``rate_hz``."""
        return min(self.high_hz, USABLE_BAND * rate_hz)

    def sections(self, channel: Channel) -> NDArray[np.float64]:
        """Second-order sections for this channel's rate, shape (n, 6)."""
        _need_rate(channel, self.low_hz, "band-pass")
        high = self.effective_high_hz(channel.rate_hz)
        if high <= self.low_hz:
            needed = f"a rate above {self.low_hz / USABLE_BAND:g} Hz for a band-pass from {self.low_hz:g} Hz"
            raise RateError(needed, f"{channel.rate_hz:g} Hz", channel.name)
        edges = [(self.low_hz, "highpass"), (high, "lowpass")]
        return np.vstack([_butter(self.order, hz, kind, channel.rate_hz) for hz, kind in edges])


@dataclass(frozen=True)
class Notch(SosFilter):
    """Second-order notch at ``frequency_hz``, width frequency/quality; apply it to both sides or to neither."""

    frequency_hz: float
    quality: float = 30.0

    @property
    def settle_s(self) -> float:
        """Ring-down to −60 dB."""
        return math.log(1e3) * self.quality / (math.pi * self.frequency_hz)

    def sections(self, channel: Channel) -> NDArray[np.float64]:
        """Second-order sections for this channel's rate, shape (1, 6)."""
        from scipy.signal import iirnotch, tf2sos

        _need_rate(channel, self.frequency_hz, "notch")
        return np.asarray(tf2sos(*iirnotch(self.frequency_hz, self.quality, fs=channel.rate_hz)))


@dataclass(frozen=True)
class ZeroPhase(Operator):
    """A filter run forwards and backwards: no delay, twice the order; it needs the future and refuses to start live."""

    filter: SosFilter

    @property
    def causal(self) -> bool:
        """False: it needs the future."""
        return False

    @property
    def settle_s(self) -> float:
        """The filter's own ring-down."""
        return self.filter.settle_s

    def start(self, channel: Channel, at: int = 0) -> Run:
        """Raise NotLiveError: the backward pass needs samples that do not exist yet."""
        raise NotLiveError("a causal operator to run live", f"{self!r} at sample {at}", channel.name, repr(self.filter))

    def __call__(self, track: Track) -> Track:
        """Filter every chunk both ways; chunks shorter than three settling times are dropped."""
        from scipy.signal import sosfiltfilt

        sections = self.filter.sections(track.channel)
        settle = round(self.settle_s * track.channel.rate_hz)
        pieces = []
        for chunk in track.chunks:
            if chunk.samples.size > max(3 * settle, 6 * len(sections) + 3):
                out = np.asarray(sosfiltfilt(sections, chunk.samples))
                pieces.append(Chunk(track.channel, chunk.start, out))
        return Track(track.channel, tuple(pieces))
