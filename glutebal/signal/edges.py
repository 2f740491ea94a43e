"""The edges of bursts that a threshold has found, placed where the activity begins and ends.

The pass band is looked at through a few lenses (a low-pass for weak activity, a high-pass that evens out the spectrum
of strong activity); the one in which activity looks least like rest places the edges of the whole channel. Offsets
are onsets of the mirrored signal.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from glutebal.model import Chunk, Samples, Track
from glutebal.signal.filters import USABLE_BAND, Highpass, Lowpass, SosFilter, ZeroPhase
from glutebal.signal.noise import equivalent_bandwidth_hz
from glutebal.signal.ramp import Foot, RampModel, Sight, foot, habit

#: Length of one power value, in seconds; slower channels have one sample per value.
CELL_S = 0.001
#: Ways of looking at the pass band; ``None`` is the band as it is.
LENSES: tuple[SosFilter | None, ...] = (Lowpass(300.0, 2), None, Highpass(80.0, 1))
#: Distance from an edge at which a sample surely belongs to rest or to activity, in seconds.
CLEAR_S = 0.06
#: The plateau is measured from this long after the crossing, or in the second half of a short burst.
PLATEAU_S = 0.15
#: An edge is placed by likelihood when the power after it is this many times the rest, and kept when it is this sure.
REFINE_ABOVE = 2.0
SURE_S = 0.04
#: Rest is taken to be at most this far below the activity (30 dB): lower down the filter's own ringing is heard.
FAINTEST = 1e-3
#: Independent samples per second of surface EMG, for bursts too short to measure it: twice a bandwidth of 200 Hz.
INDEPENDENT_PER_S = 400.0

Spans = NDArray[np.int_]


@dataclass(frozen=True)
class Edge:
    """One edge of a burst.

    Parameters
    ----------
    at : int
        Sample on the session clock of the channel.
    refined : bool
        Placed by likelihood; else where the envelope crosses its threshold, good to about 50 ms.
    se_s : float
        Standard error in seconds from the likelihood; NaN when not refined.
    """

    at: int
    refined: bool
    se_s: float


@dataclass(frozen=True)
class Sighting:
    """A band-passed chunk, its bursts as samples of the chunk, shape (n, 2), and which samples to believe."""

    chunk: Chunk
    spans: Spans
    believed: NDArray[np.bool_]

    @property
    def rate_hz(self) -> float:
        """Samples per second."""
        return self.chunk.channel.rate_hz

    def within(self, margin_s: float) -> NDArray[np.bool_]:
        """Samples inside the bursts, each narrowed by ``margin_s`` on both sides; a negative margin widens."""
        size, margin = self.chunk.samples.size, round(margin_s * self.rate_hz)
        steps = np.zeros(size + 1, dtype=int)
        first = np.clip(self.spans[:, 0] + margin, 0, size)
        np.add.at(steps, first, 1)
        np.add.at(steps, np.clip(self.spans[:, 1] - margin, first, size), -1)
        return np.asarray(np.cumsum(steps)[:-1] > 0)

    def through(self, lens: SosFilter | None) -> Samples:
        """The samples seen through a lens, zero phase."""
        if lens is None:
            return self.chunk.samples
        return ZeroPhase(lens)(Track(self.chunk.channel, (self.chunk,))).values()

    def mirrored(self) -> Sighting:
        """The same chunk with time running backwards: its falls are rises."""
        size = self.chunk.samples.size
        chunk = Chunk(self.chunk.channel, 0, self.chunk.samples[::-1])
        return Sighting(chunk, size - self.spans[::-1, ::-1], self.believed[::-1])


@dataclass(frozen=True)
class View:
    """What one lens shows: power at rest, power of the activity, independent samples of activity per second."""

    lens: SosFilter | None
    rest: float
    active: float
    independent_per_s: float

    @property
    def information(self) -> float:
        """How unlike rest a second of activity is (Kullback & Leibler 1951 Ann Math Stat 22:79), in nats."""
        ratio = self.rest / self.active
        return self.independent_per_s * (ratio - 1 - math.log(ratio)) / 2


def placed(sightings: Sequence[Sighting]) -> list[list[tuple[Edge, Edge]]]:
    """Onset and offset of every burst of every chunk of one channel.

    Parameters
    ----------
    sightings : sequence of Sighting
        The gap-free chunks of one channel; at least one of them has a burst and at least one some rest.
    """
    rate = sightings[0].rate_hz
    usable = (lens for lens in LENSES if not isinstance(lens, Lowpass) or lens.cutoff_hz < USABLE_BAND * rate)
    views = [view for lens in usable if (view := _view(lens, sightings)) is not None]
    if not views:
        return [_unplaced(sighting) for sighting in sightings]
    best = max(views, key=lambda view: view.information)
    ups = _feet(sightings, best)
    downs = _feet([sighting.mirrored() for sighting in sightings], best)
    return [_placed(*each) for each in zip(sightings, ups, downs, strict=True)]


def _view(lens: SosFilter | None, sightings: Sequence[Sighting]) -> View | None:
    """What the lens shows; None when there is no clear rest or no clear activity to compare."""
    quiet, busy, runs = [], [], []
    for sighting in sightings:
        samples = sighting.through(lens)
        quiet.append(samples[~sighting.within(-CLEAR_S) & sighting.believed])
        busy.append(samples[sighting.within(CLEAR_S) & sighting.believed])
        runs += [samples[a:b] for a, b in sighting.spans]
    rest, active = (_power(np.concatenate(parts)) for parts in (quiet, busy))
    if not rest < active:
        return None
    independent = 2 * equivalent_bandwidth_hz(runs, sightings[0].rate_hz)
    return View(lens, max(rest, FAINTEST * active), active, independent if independent > 0 else INDEPENDENT_PER_S)


def _power(samples: Samples) -> float:
    return float(np.mean(samples**2)) if samples.size else math.nan


def _unplaced(sighting: Sighting) -> list[tuple[Edge, Edge]]:
    start = sighting.chunk.start
    return [(_rough(start + int(a)), _rough(start + int(b))) for a, b in sighting.spans]


def _rough(at: int) -> Edge:
    return Edge(at, refined=False, se_s=math.nan)


def _feet(sightings: Sequence[Sighting], view: View) -> list[list[Foot | None]]:
    """The foot of every rise, in samples of its chunk; None where it cannot be told."""
    rises = [_Rises.of(sighting, view) for sighting in sightings]
    sights = [each.sights() for each in rises]
    habits = habit([sight for chunk in sights for sight in chunk if sight is not None])
    return [
        [each.foot(sight, habits) if sight else None for sight in chunk]
        for each, chunk in zip(rises, sights, strict=True)
    ]


def _placed(sighting: Sighting, ups: list[Foot | None], downs: list[Foot | None]) -> list[tuple[Edge, Edge]]:
    size = sighting.chunk.samples.size
    turned = [down and replace(down, at=size - down.at) for down in downs[::-1]]
    rough = _unplaced(sighting)
    return [
        (_edge(up, a, sighting), _edge(down, b, sighting)) for up, down, (a, b) in zip(ups, turned, rough, strict=True)
    ]


def _edge(found: Foot | None, rough: Edge, sighting: Sighting) -> Edge:
    """The edge at a foot (in samples of the chunk, from the border before the first) or, without one, as it was."""
    if found is None:
        return rough
    at = min(max(0, round(found.at - 0.5)), sighting.chunk.samples.size)
    return Edge(sighting.chunk.start + at, refined=True, se_s=found.se / sighting.rate_hz)


@dataclass(frozen=True)
class _Rises:
    """One chunk as it is searched for rises."""

    sighting: Sighting
    samples: Samples
    cell: int  # samples per power value
    model: RampModel

    @classmethod
    def of(cls, sighting: Sighting, view: View) -> _Rises:
        cell = max(1, round(CELL_S * sighting.rate_hz))
        model = RampModel(cell / sighting.rate_hz, view.rest, view.independent_per_s)
        return cls(sighting, sighting.through(view.lens), cell, model)

    def sights(self) -> list[Sight | None]:
        """Every burst's rise; None where it is cut off or too weak."""
        spans = self.sighting.spans
        whole = self.samples.size // self.cell * self.cell
        power = np.mean(self.samples[:whole].reshape(-1, self.cell) ** 2, axis=1)
        seen = self.sighting.believed[: whole : self.cell].astype(np.float64)
        middles = spans.sum(axis=1) // 2
        pauses = (spans[1:, 0] + spans[:-1, 1]) // 2
        firsts = np.concatenate([[0], pauses])[: len(spans)]
        places = np.stack([spans[:, 0], firsts, middles], axis=1) // self.cell
        return [self._sight(power, seen, int(at), (int(first), int(stop))) for at, first, stop in places]

    def _sight(self, power: Samples, seen: Samples, crossing: int, allowed: tuple[int, int]) -> Sight | None:
        if crossing == 0:
            return None
        plateau = slice(min((crossing + allowed[1]) // 2, crossing + self.model.cells(PLATEAU_S)), allowed[1])
        gained = _mean(power[plateau], seen[plateau]) - self.model.rest
        if not gained > (REFINE_ABOVE - 1) * self.model.rest:
            return None
        return self.model.sight(power, seen, crossing, allowed, gained)

    def foot(self, sight: Sight, habits: Samples) -> Foot | None:
        """The foot in samples; None when it is not sure enough."""
        found = foot(sight, habits)
        sure = found.se * self.model.cell_s <= SURE_S
        return Foot(found.at * self.cell, found.se * self.cell) if sure else None


def _mean(values: Samples, weights: Samples) -> float:
    total = float(np.sum(weights))
    return float(values @ weights) / total if total > 0 else math.nan
