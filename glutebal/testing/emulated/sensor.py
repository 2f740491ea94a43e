"""What an emulated sensor is: the mirror image of a driver, values in and bytes out, without a radio or a clock.

::

    Signal(seconds) ──values──▶ encode ──(characteristic, bytes)──▶ Peripheral ──▶ loopback or bumble ──▶ BleakClient
                                write, read ◀── the driver's handshake
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from glutebal.ingest.driver import Advert
from glutebal.model import Samples, Track

Signal = Callable[[Samples], Samples]  # seconds, shape (n,) -> values, shape (n, columns)
Frame = tuple[str, bytes]  # characteristic, value


@dataclass(frozen=True)
class Attribute:
    """A characteristic: its UUID in full, its properties as bleak spells them, and what a read gives."""

    uuid: str
    properties: tuple[str, ...]
    value: bytes = b""


@dataclass(frozen=True)
class Service:
    """A service and its characteristics."""

    uuid: str
    attributes: tuple[Attribute, ...]


def steady(values: ArrayLike) -> Signal:
    """A signal that does not change; ``values``: a number, or one per column."""
    row = np.atleast_1d(np.asarray(values, dtype=np.float64))
    return lambda seconds: np.tile(row, (len(seconds), 1))


def played(*tracks: Track, scale: float = 1.0) -> Signal:
    """A signal that plays tracks of a simulated set, one per column, over and over.

    The tracks are interpolated linearly at the sensor's own sampling times and multiplied by ``scale``; a gap in a
    track is played as NaN.
    """
    clocks = [np.arange(track.start, track.stop) / track.channel.rate_hz for track in tracks]
    values = [scale * track.filled() for track in tracks]
    period_s = max(track.stop / track.channel.rate_hz for track in tracks)

    def signal(seconds: Samples) -> Samples:
        within = np.mod(seconds, period_s)
        columns = [np.interp(within, clock, column) for clock, column in zip(clocks, values, strict=True)]
        return np.stack(columns, axis=1)

    return signal


class EmulatedSensor(ABC):
    """One sensor as it looks from the radio.

    Attributes: ``services`` (what it offers), ``per_packet`` samples, ``rate_hz``. An instance remembers what the
    device remembers; ``streaming`` says whether packets are to be sent.

    Parameters
    ----------
    name : str
        What it advertises.
    signal : Signal
        What it measures, in the units that its class says.
    """

    services: tuple[Service, ...]
    per_packet: int
    rate_hz: float

    def __init__(self, name: str, signal: Signal) -> None:
        self.name, self.signal = name, signal
        self.streaming = False
        self.clock_offset_s = 0.0

    def advert_at(self, seconds: float) -> Advert:  # noqa: ARG002 - most devices always say the same
        """What it advertises at that moment: its name and its first service."""
        return Advert(self.name, frozenset({self.services[0].uuid}))

    def count(self, first: int) -> int:  # noqa: ARG002 - most devices send equal packets
        """How many samples the packet has that begins with sample ``first``."""
        return self.per_packet

    def forget(self) -> None:
        """A new connection: what the device does not remember from the last one."""
        self.streaming = False

    def write(self, char: str, data: bytes) -> Iterable[Frame]:  # noqa: ARG002 - the contract of devices that listen
        """Take a command; the notifications it is answered with."""
        return ()

    def read(self, char: str) -> bytes:
        """The value of a characteristic."""
        return next((a.value for service in self.services for a in service.attributes if a.uuid == char), b"")

    def subscribed(self, char: str) -> None:  # noqa: B027 - most devices wait for a command
        """Somebody listens to a characteristic now."""

    @abstractmethod
    def encode(self, first: int, values: Samples) -> Iterable[Frame]:
        """The packet of samples ``first``, ``first + 1`` ... of the stream; ``values`` has shape (n, columns)."""
