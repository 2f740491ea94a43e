"""What computes an orientation: the compiled filter, or NumPy where that is not installed."""

from __future__ import annotations

from enum import Enum
from typing import Protocol

from glutebal.model import Samples
from glutebal.signal.motion.attitude import Attitude, GyroBias
from glutebal.signal.motion.basic_vqf import BasicVqf, basic_offline
from glutebal.signal.motion.compiled_vqf import CompiledVqf, compiled_offline, installed


class Memory(Protocol):
    """A started causal filter."""

    def update(self, gyr: Samples, acc: Samples) -> Attitude:
        """Rad/s and m/s², shape (n, 3), n ≥ 1, finite."""
        ...


class Engine(Enum):
    """What computes; ``value`` is its name for people."""

    VQF = "VQF"
    NUMPY = "NumPy fallback of VQF"

    @classmethod
    def best(cls) -> Engine:
        """The compiled one, where it is installed."""
        return cls.VQF if installed() else cls.NUMPY

    def start(self, rate_hz: float, bias: GyroBias | None = None) -> Memory:
        """A memory for a live run."""
        return CompiledVqf(rate_hz, bias) if self is Engine.VQF else BasicVqf(rate_hz, bias)

    def offline(self, gyr: Samples, acc: Samples, rate_hz: float, bias: GyroBias | None = None) -> Attitude:
        """A whole piece with the future known."""
        return (compiled_offline if self is Engine.VQF else basic_offline)(gyr, acc, rate_hz, bias)
