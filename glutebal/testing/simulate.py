"""Simulated sets, reference contractions and walks whose true balance is known exactly.

::

    SetPlan ──schedule──▶ reps with a true λ ──envelope × EMG-like noise + instrument noise──▶ Recording, Truth

A signal here is Gaussian noise with the spectrum of surface EMG, multiplied by an envelope, plus white noise. Timing
and true ratios do not depend on the sampling rate: the same seed at another rate is the same set, recorded again.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np

from glutebal.model import Bilateral, Channel, Quantity, Recording, Samples, Side, Track
from glutebal.results import Laterality
from glutebal.testing.plans import Dropout, ForcePlan, Muscle, SetPlan, TrueRep, Truth, shares
from glutebal.testing.walk import TrueContact, WalkPlan, WalkTruth, simulate_walk
from glutebal.testing.waveforms import Shape, emg_noise, stream, white_noise

__all__ = [
    "Dropout",
    "ForcePlan",
    "Muscle",
    "SetPlan",
    "Shape",
    "TrueContact",
    "TrueRep",
    "Truth",
    "WalkPlan",
    "WalkTruth",
    "demo_set",
    "simulate_reference",
    "simulate_set",
    "simulate_walk",
]


def simulate_set(seed: int = 0, plan: SetPlan | None = None, **changes: Any) -> tuple[Recording, Truth]:
    """Simulate one recording of a strength exercise: ``plan`` (default `SetPlan`) with ``changes`` to its fields.

    Returns
    -------
    recording : Recording
        EMG in V per muscle and side; force in N and bar height in m if planned. The same for the same seed.
    truth : Truth
        What is true of it.

    Examples
    --------
    >>> recording, truth = simulate_set(seed=1, ratio=0.8, reps=5)
    >>> len(truth.reps), round(truth.imbalance, 2)
    (5, -11.11)
    """
    plan = replace(plan or SetPlan(), **changes)
    slots = _slots(plan, stream(seed, 0))
    truth = Truth(seed, plan, _with_ratios(plan, slots, seed))
    duration_s = slots[-1].stop_s + plan.lead_out_s
    tracks = _emg_tracks(plan, truth.reps, duration_s, seed)
    if plan.force is not None:
        tracks += _force_tracks(plan, plan.force, truth.reps, duration_s, seed)
    if plan.position:
        tracks.append(_position_track(plan, truth.reps, duration_s))
    tracks = [_without(track, plan.dropouts) for track in tracks]
    source = f"simulated set, seed {seed}"
    return Recording(tuple(tracks), subject="simulated", exercise=plan.exercise, source=source), truth


def simulate_reference(seed: int = 0, plan: SetPlan | None = None, **changes: Any) -> Recording:
    """Simulate the reference contractions that belong to a plan: three trials of 4 s, both sides, 3 s of rest between.

    The best trial of each side reaches `Truth.reference_v`, the others 0.9 and 0.95 of it in an order of their own.
    """
    plan = replace(plan or SetPlan(), **changes)
    trials = replace(
        plan, rep_s=0.6, hold_s=4.0, shape=Shape.RAISED_COSINE, wobble=0.0, setup_burst=False, lead_in_s=3.0
    )
    rng = stream(seed, 90)
    efforts = Bilateral.per_side(lambda _: rng.permutation([0.9, 0.95, 1.0]))
    reps = tuple(_trial(plan, k, efforts.map(lambda effort: float(effort[k]))) for k in range(3))  # noqa: B023
    tracks = _emg_tracks(trials, reps, reps[-1].stop_s + 3.0, seed + 1_000_003)
    source = f"simulated reference contractions, seed {seed}"
    return Recording(tuple(tracks), subject="simulated", exercise="reference", source=source)


def demo_set(seed: int = 36) -> tuple[Recording, Recording, Truth]:
    """The set of the demonstration, its reference contractions and its truth.

    Two muscle pairs with different true ratios, electrode gains that make raw volts misleading, force under both feet
    and the height of the bar. The ten reps of the default seed happen to average close to the truth, which is that of
    all the reps there could have been.
    """
    plan = SetPlan(
        ratio=1.18,
        gain=Bilateral(1.0, 0.8),
        more=(Muscle("gluteus_medius", 0.93, Bilateral(0.9, 1.1), level=0.6),),
        reps=10,
        rep_s=2.3,
        rest_s=1.3,
        lead_out_s=2.0,
        snr_db=24.0,
        noise_v=Bilateral(3e-6, 4e-6),
        shape=Shape.DOUBLE_BUMP,
        setup_burst=True,
        force=ForcePlan(ratio=1.08, rest_n=Bilateral(0.8, -0.5)),
        position=True,
    )
    recording, truth = simulate_set(seed, plan)
    return recording, simulate_reference(seed, plan), truth


def _trial(plan: SetPlan, k: int, effort: Bilateral[float]) -> TrueRep:
    start_s = 3.0 + 7.6 * k
    reference = Truth(0, plan, ()).reference_v
    peaks = tuple(reference(m).zip(effort).map(lambda pair: pair[0] * pair[1]) for m in plan.muscles)
    return TrueRep(k + 1, 1, None, start_s, start_s + 4.6, (), peaks)


def _slots(plan: SetPlan, rng: np.random.Generator) -> list[TrueRep]:
    """When each rep takes place, and on which side."""
    slots: list[TrueRep] = []
    now = plan.lead_in_s + (2.5 if plan.setup_burst else 0.0)
    for set_index, block in enumerate(_blocks(plan), start=1):
        now += plan.set_rest_s if set_index > 1 else 0.0
        for index, side in enumerate(block, start=1):
            stretch = np.exp(plan.tempo_sd * rng.standard_normal(2))
            stop = now + float(plan.rep_s * stretch[0]) + plan.hold_s
            slots.append(TrueRep(index, set_index, side, now, stop, (), ()))
            now = stop + (float(plan.rest_s * stretch[1]) if index < len(block) else 0.0)
    return slots


def _blocks(plan: SetPlan) -> list[list[Side | None]]:
    """The side of every rep, set by set."""
    if plan.laterality is Laterality.BILATERAL:
        return [[None] * plan.reps] * plan.sets
    order: list[Side | None] = [plan.first, plan.first.other]
    if plan.alternating:
        return [order * plan.reps] * plan.sets
    blocks: list[list[Side | None]] = [[side] * plan.reps for side in order]
    return blocks * plan.sets


def _with_ratios(plan: SetPlan, slots: list[TrueRep], seed: int) -> tuple[TrueRep, ...]:
    """Give every rep its true ratio and its amplitudes: an AR(1) course of λ per muscle, one loudness for all."""
    loudness = np.exp(plan.common_sd * stream(seed, 1).standard_normal(len(slots)))
    courses = [_lambdas(plan, m, slots, stream(seed, 2, k)) for k, m in enumerate(plan.muscles)]
    reps = []
    for i, slot in enumerate(slots):
        peaks = tuple(
            _peaks(plan, m, slot.side, float(course[i]), float(loudness[i]))
            for m, course in zip(plan.muscles, courses, strict=True)
        )
        log_ratio = tuple(float(course[i]) if slot.side is None else math.nan for course in courses)
        reps.append(replace(slot, log_ratio=log_ratio, peak_v=peaks))
    return tuple(reps)


def _lambdas(plan: SetPlan, muscle: Muscle, slots: list[TrueRep], rng: np.random.Generator) -> Samples:
    """λ of every rep; a one-sided rep has the λ that its side would give with an average other side."""
    n = len(slots)
    fresh = rng.standard_normal(n) * np.sqrt(1 - plan.autocorrelation**2)
    course = np.empty(n)
    last = float(rng.standard_normal())
    for i in range(n):
        last = plan.autocorrelation * last + float(fresh[i])
        course[i] = last
    within = np.array([slot.index for slot in slots], dtype=np.float64)
    unpaired = np.sqrt(2.0) if plan.laterality is Laterality.UNILATERAL else 1.0
    return np.asarray(muscle.log_ratio + plan.rep_sd * unpaired * course + plan.drift * (within - within.mean()))


def _peaks(plan: SetPlan, muscle: Muscle, side: Side | None, log_ratio: float, loudness: float) -> Bilateral[float]:
    """Envelope at the top per side, in V; the idle side of a one-sided rep is only co-active."""
    scale = plan.peak_v * muscle.level * loudness
    active = Bilateral.per_side(lambda s: 1.0 if side in {None, s} else plan.passive)
    parts = shares(math.exp(log_ratio)).zip(muscle.gain).zip(active)
    return parts.map(lambda part: scale * part[0][0] * part[0][1] * part[1])


def _course(plan: SetPlan, rep: TrueRep, seconds: Samples) -> tuple[slice, Samples]:
    """Activation of one rep in [0, 1] on a clock: which samples, and their values."""
    a, b = (int(i) for i in np.searchsorted(seconds, [rep.start_s, rep.stop_s]))
    moving = rep.stop_s - rep.start_s - plan.hold_s
    since = seconds[a:b] - rep.start_s
    before = np.minimum(since, plan.shape.top * moving)
    after = np.maximum(since - plan.shape.top * moving - plan.hold_s, 0.0)
    return slice(a, b), plan.shape.at((before + after) / moving)


def _emg_tracks(plan: SetPlan, reps: tuple[TrueRep, ...], duration_s: float, seed: int) -> list[Track]:
    """One EMG track per muscle and side."""
    seconds = np.arange(round(duration_s * plan.rate_hz)) / plan.rate_hz
    knots = np.arange(0.0, duration_s + 1.0, 0.5)
    wobble = np.exp(plan.wobble * np.interp(seconds, knots, stream(seed, 3).standard_normal(knots.size)))
    tracks = []
    for k, muscle in enumerate(plan.muscles):
        for s, side in enumerate(Side):
            carrier = emg_noise(stream(seed, 4, k, s), seconds.size, plan.rate_hz)
            floor = plan.noise_v[side] * white_noise(stream(seed, 5, k, s), seconds.size, plan.rate_hz)
            envelope = _envelope(plan, reps, k, side, seconds)
            channel = Channel(Quantity.EMG, side, muscle.site, plan.rate_hz, origin="simulated")
            tracks.append(Track.of_samples(channel, envelope * wobble * carrier + floor))
    return tracks


def _envelope(plan: SetPlan, reps: tuple[TrueRep, ...], k: int, side: Side, seconds: Samples) -> Samples:
    """Standard deviation of the EMG of muscle ``k`` at every instant, in V."""
    envelope = np.zeros_like(seconds)
    for rep in reps:
        where, course = _course(plan, rep, seconds)
        envelope[where] = np.maximum(envelope[where], rep.peak_v[k][side] * course)
    if plan.setup_burst:
        u = np.clip((seconds - 1.0) / 0.8, 0.0, 1.0)
        envelope += 0.5 * reps[0].peak_v[k][side] * np.sin(np.pi * u) ** 2
    return envelope


def _force_tracks(
    plan: SetPlan, force: ForcePlan, reps: tuple[TrueRep, ...], duration_s: float, seed: int
) -> list[Track]:
    """Two load cells; λ of the force varies half as much from rep to rep as that of the first muscle."""
    seconds = np.arange(round(duration_s * force.rate_hz)) / force.rate_hz
    tracks = []
    for s, side in enumerate(Side):
        samples = force.rest_n[side] + force.drift_n_per_min * seconds / 60
        samples += force.noise_n * stream(seed, 6, s).standard_normal(seconds.size)
        for rep in reps:
            where, course = _course(plan, rep, seconds)
            samples[where] += _force_peak(plan, force, rep)[side] * course
        channel = Channel(Quantity.FORCE, side, force.site, force.rate_hz, origin="simulated")
        tracks.append(Track.of_samples(channel, samples))
    return tracks


def _force_peak(plan: SetPlan, force: ForcePlan, rep: TrueRep) -> Bilateral[float]:
    """Force above rest at the top, per side, in N."""
    own = 0.0 if rep.side is not None else 0.5 * (rep.log_ratio[0] - plan.muscles[0].log_ratio)
    active = Bilateral.per_side(lambda s: 1.0 if rep.side in {None, s} else plan.passive)
    return shares(force.ratio * math.exp(own)).zip(active).map(lambda pair: force.peak_n * pair[0] * pair[1])


def _position_track(plan: SetPlan, reps: tuple[TrueRep, ...], duration_s: float) -> Track:
    """Height of the bar: up, hold at the top, down; 0.35 m."""
    seconds = np.arange(round(duration_s * 100.0)) / 100.0
    height = np.zeros_like(seconds)
    for rep in reps:
        where, course = _course(replace(plan, shape=Shape.RAISED_COSINE), rep, seconds)
        height[where] = 0.35 * course
    return Track.of_samples(Channel(Quantity.POSITION, None, "barbell", 100.0, origin="simulated"), height)


def _without(track: Track, dropouts: tuple[Dropout, ...]) -> Track:
    """The track with the dropouts of its side cut out."""
    rate = track.channel.rate_hz
    samples = track.filled()
    for dropout in dropouts:
        if dropout.side is track.channel.side:
            samples[round(dropout.start_s * rate) : round(dropout.stop_s * rate)] = np.nan
    return Track.of_samples(track.channel, samples, track.start)
