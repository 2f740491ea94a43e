"""Operators: a frozen description that can be started, and the memory that it starts.

::

    Bandpass(20, 450) ──start(channel, at)──▶ Run ──push(samples)──▶ samples
       frozen, shared by both sides            remembers, one per side and per gap-free chunk

Offline is one long chunk: calling an operator on a `Track` starts a fresh run for every chunk, pushes it whole
and drops the first ``settle_s`` seconds, which the run has not earned yet.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

from glutebal.errors import SignalError
from glutebal.model import Channel, Chunk, Samples, Track


class Run(ABC):
    """A started operator: what it remembers between pushes.

    ``channel`` describes what comes out; ``position`` is where, on the session clock of ``channel``, the next
    output sample will be.
    """

    channel: Channel
    position: int

    @abstractmethod
    def _next(self, samples: Samples) -> Samples:
        """Consume input, return what it completes."""

    def push(self, samples: Samples) -> Samples:
        """Consume samples, shape (n,), and return the output they complete, shape (m,) with m ≥ 0."""
        out = self._next(samples)
        self.position += out.size
        return out


class Operator(ABC):
    """A frozen description of what to do to one channel; `start` gives it a memory."""

    @property
    def causal(self) -> bool:
        """Whether it can run live; a zero-phase operator cannot."""
        return True

    @property
    @abstractmethod
    def settle_s(self) -> float:
        """Seconds after a start during which the output is not to be trusted."""

    @abstractmethod
    def start(self, channel: Channel, at: int = 0) -> Run:
        """Begin on ``channel`` with the sample at position ``at`` of the session clock."""

    def __call__(self, track: Track) -> Track:
        """Run over a whole track, chunk by chunk; the first `settle_s` of every chunk is dropped."""
        channel = self.start(track.channel).channel
        settle = round(self.settle_s * channel.rate_hz)
        pieces = []
        for chunk in track.chunks:
            run = self.start(track.channel, chunk.start)
            first = run.position
            out = run.push(chunk.samples)
            if out.size > settle:
                pieces.append(Chunk(channel, first + settle, out[settle:]))
        return Track(channel, tuple(pieces))


@dataclass(frozen=True, init=False)
class Chain(Operator):
    """Operators one after another.

    >>> from glutebal import Bandpass, Chain, Rms
    >>> Chain(Bandpass(20, 450), Rms(0.125)).settle_s > 0.125
    True
    """

    stages: tuple[Operator, ...]

    def __init__(self, *stages: Operator) -> None:
        if not stages:
            raise SignalError("at least one operator in a chain", "none")
        object.__setattr__(self, "stages", stages)

    @property
    def causal(self) -> bool:
        """Whether every stage is."""
        return all(stage.causal for stage in self.stages)

    @property
    def settle_s(self) -> float:
        """The sum over the stages."""
        return sum(stage.settle_s for stage in self.stages)

    def start(self, channel: Channel, at: int = 0) -> Run:
        """Start every stage on the output of the one before."""
        runs: list[Run] = []
        for stage in self.stages:
            runs.append(stage.start(channel, at))
            channel, at = runs[-1].channel, runs[-1].position
        return _ChainRun(runs)

    def __call__(self, track: Track) -> Track:
        """Run over a whole track as it would run live; with a zero-phase stage in it, stage by stage."""
        if self.causal:
            return super().__call__(track)
        for stage in self.stages:
            track = stage(track)
        return track


class _ChainRun(Run):
    def __init__(self, runs: list[Run]) -> None:
        self._runs = runs
        self.channel, self.position = runs[-1].channel, runs[-1].position

    def _next(self, samples: Samples) -> Samples:
        for run in self._runs:
            samples = run.push(samples)
        return samples
