"""What can go wrong between a sensor and a computer, on demand and the same for the same seed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from glutebal.testing.emulated.sensor import Frame


@dataclass(frozen=True)
class Faults:
    """A script of faults; none by default.

    Parameters
    ----------
    drop, duplicate, reorder : float
        Probability, per frame, that it is lost; that it comes twice; that it changes places with the next one.
    late, late_s : float
        Probability, per packet, that it and what follows wait for ``late_s`` seconds.
    disconnect_at_s : tuple of float
        Seconds since the sensor's first sample at which the connection breaks.
    off_s : float
        How long the sensor is away after a break.
    slow_notify_s : float
        How long a subscription takes.
    drift_ppm, clock_offset_s : float
        How fast the sensor's crystal runs, and where its clock begins.
    seed : int
        Of the probabilities.
    """

    drop: float = 0.0
    duplicate: float = 0.0
    reorder: float = 0.0
    late: float = 0.0
    late_s: float = 0.2
    disconnect_at_s: tuple[float, ...] = ()
    off_s: float = 0.3
    slow_notify_s: float = 0.0
    drift_ppm: float = 0.0
    clock_offset_s: float = 0.0
    seed: int = 0


class FaultyLine:
    """A started `Faults`: remembers the frame that is held back, and counts what it did."""

    def __init__(self, faults: Faults) -> None:
        self.faults = faults
        self.dropped: list[Frame] = []
        self.duplicated = self.swapped = 0
        self._held: Frame | None = None
        self._random = np.random.default_rng(faults.seed)

    def is_late(self) -> bool:
        """Whether the next packet has to wait."""
        return self._happens(self.faults.late)

    def through(self, frames: Iterable[Frame]) -> Iterator[Frame]:
        """What comes out at the other end, in that order."""
        for frame in frames:
            if self._happens(self.faults.drop):
                self.dropped.append(frame)
                continue
            held, self._held = self._held, None
            if held is None and self._happens(self.faults.reorder):
                self._held = frame
                continue
            yield from self._once_or_twice(frame)
            if held is not None:
                self.swapped += 1
                yield from self._once_or_twice(held)

    def flush(self) -> Iterator[Frame]:
        """The frame that is still held back, if there is one: the stream is over."""
        held, self._held = self._held, None
        if held is not None:
            yield held

    def cut(self) -> None:
        """The connection broke: the frame that is held back is lost."""
        self.dropped += self.flush()

    def _once_or_twice(self, frame: Frame) -> Iterator[Frame]:
        yield frame
        if self._happens(self.faults.duplicate):
            self.duplicated += 1
            yield frame

    def _happens(self, probability: float) -> bool:
        return probability > 0 and bool(self._random.random() < probability)
