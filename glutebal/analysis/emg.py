"""EMG pairs of a recording: prepared, gated, measured rep by rep."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from glutebal.analysis.sets import Measured
from glutebal.model import Bilateral, Channel, Chunk, Quantity, Recording, Side, Track, require_same_rate
from glutebal.results import Reference, Rep, Status
from glutebal.signal.amplitude import moving_mean
from glutebal.signal.faults import without_faults
from glutebal.signal.measures import EMG_MEASURES, PEAK_S, EmgMeasure, EmgSide
from glutebal.signal.prepare import EmgSettings, PreparedEmg, prepare
from glutebal.signal.side_value import SideValue

Faults = Mapping[Channel, tuple[tuple[int, int, str], ...]]  # [start, stop) on the channel's clock, and what it is
Refusal = Callable[[Channel, Rep | None], str]  # why a channel may not stand behind a ratio; empty: it may


@dataclass(frozen=True)
class EmgPair:
    """Both sides of one muscle, prepared."""

    site: str
    emg: Bilateral[PreparedEmg]


def prepared_pairs(recording: Recording, faults: Faults, settings: EmgSettings) -> tuple[EmgPair, ...]:
    """Every EMG pair of the recording, its faults cut out, filtered and brought to the common clock.

    Raises
    ------
    RateError
        The sides of a pair run at different rates, or too slowly for the band.
    """
    pairs = (require_same_rate(p, recording.source) for p in recording.pairs(Quantity.EMG))

    def ready(track: Track) -> PreparedEmg:
        return prepare(without_faults(track, faults.get(track.channel, ())), settings)

    return tuple(EmgPair(p.left.channel.site, p.map(ready)) for p in pairs)


def envelopes(pair: EmgPair) -> Bilateral[Track]:
    """Both sides' noise-corrected 250 ms amplitude on the common clock, in V."""
    return pair.emg.map(_envelope)


def _envelope(emg: PreparedEmg) -> Track:
    width = round(PEAK_S * emg.rate_hz)
    channel = emg.power.channel
    pieces = []
    for chunk in emg.power.chunks:
        smooth = moving_mean(chunk.samples, width)
        pieces.append(Chunk(channel, chunk.start, np.sqrt(np.maximum(smooth - emg.floor.power, 0.0))))
    return Track(channel, tuple(pieces))


def measure_emg(
    pair: EmgPair, reps: Sequence[Rep], reference: Reference | None, refusal: Refusal
) -> tuple[Measured, ...]:
    """Every EMG measure of one pair over the reps, and the activation of each phase where phases are known."""
    sides = _sides(pair, reps)
    whole = [_measured(m, m.name, pair, sides, reps, reference, refusal) for m in EMG_MEASURES]
    activation = EMG_MEASURES[0]
    for name in phase_names(reps):
        parts = [phase_of(rep, name) for rep in reps]
        whole.append(_measured(activation, f"activation_{name}", pair, sides, parts, reference, refusal))
    return tuple(whole)


def measure_activation(pair: EmgPair, reps: Sequence[Rep], reference: Reference | None, refusal: Refusal) -> Measured:
    """The first of `measure_emg` alone: what a set is compared by while it runs."""
    first = EMG_MEASURES[0]
    return _measured(first, first.name, pair, _sides(pair, reps), reps, reference, refusal)


def _sides(pair: EmgPair, reps: Sequence[Rep]) -> Bilateral[EmgSide]:
    return Bilateral.per_side(lambda side: _side(pair.emg[side], [r for r in reps if r.side in {None, side}]))


def phase_names(reps: Sequence[Rep]) -> tuple[str, ...]:
    """The phases that every rep has, in the order of the first."""
    if not reps:
        return ()
    common = set.intersection(*({p.name for p in rep.phases} for rep in reps))
    return tuple(dict.fromkeys(p.name for p in reps[0].phases if p.name in common))


def phase_of(rep: Rep, name: str) -> Rep:
    """The rep cut down to one of its phases (the longest of that name)."""
    phase = max((p for p in rep.phases if p.name == name), key=lambda p: p.stop - p.start)
    return replace(rep, start=phase.start, stop=phase.stop)


def _side(emg: PreparedEmg, reps: Sequence[Rep]) -> EmgSide:
    bandwidth = emg.bandwidth_hz((r.start_s, r.stop_s) for r in reps)
    side = EmgSide(emg, bandwidth, math.nan)
    powers = [p for p in (side.power(rep) for rep in reps) if p is not None and p.size]
    peaks = [float(np.max(side.envelope(p))) for p in powers]
    return replace(side, plateau=float(np.median(peaks)) if peaks else math.nan)


def _measured(
    measure: EmgMeasure,
    name: str,
    pair: EmgPair,
    sides: Bilateral[EmgSide],
    reps: Sequence[Rep],
    reference: Reference | None,
    refusal: Refusal,
) -> Measured:
    scale = reference if measure.needs_reference else None
    factor = scale.value.map(lambda v: 100 / v) if scale else Bilateral(1.0, 1.0)

    def value(rep: Rep, side: Side) -> SideValue:
        channel = pair.emg[side].channel
        if rep.side not in {None, side}:
            return SideValue.none(Status.UNPAIRED, f"the {side.other.value} side works in this rep")
        why = refusal(channel, rep)
        found = SideValue.none(Status.REFUSED, why) if why else measure(sides[side], rep)
        return found.scaled(factor[side])

    values = tuple(Bilateral.per_side(partial(value, rep)) for rep in reps)
    amplitude_unit = "%ref" if scale else pair.emg.left.channel.quantity.unit
    extra = math.hypot(*scale.relative_se) if scale else 0.0
    calibrated = scale is not None or not measure.needs_reference
    unit = measure.unit.format(amplitude_unit)
    why = refused_channels(pair.emg.map(lambda e: e.channel), refusal)
    return Measured(name, pair.site, Quantity.EMG, unit, tuple(reps), values, calibrated, extra, why)


def refused_channels(channels: Bilateral[Channel], refusal: Refusal) -> str:
    """Why the channels of a pair may not stand behind a ratio; empty if they may."""
    return "; ".join(why for why in channels.map(lambda c: refusal(c, None)) if why)
