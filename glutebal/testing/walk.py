"""Simulated walking on force insoles, with known contacts, stance times and impulses."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from glutebal.model import Bilateral, Channel, Quantity, Recording, Samples, Side, Track
from glutebal.results import Laterality
from glutebal.testing.waveforms import stream

_OFFSETS_N = Bilateral(6.0, 0.0)


@dataclass(frozen=True)
class WalkPlan:
    """A walk on insoles: vertical force of each foot, an M-shaped curve per stance.

    ``stance_ratio`` and ``force_ratio`` are right over left; the impulse ratio is their product. ``noise_n`` is the
    sensor's noise, ``offset_n`` what an unloaded insole reads, ``stride_sd`` the stride-to-stride standard deviation of
    log time and log force. The person stands on both feet for ``stand_s`` before and after.
    """

    strides: int = 30
    stance_ratio: float = 1.04
    force_ratio: float = 1.06
    body_weight_n: float = 700.0
    stride_s: float = 1.1
    stance: float = 0.62
    stride_sd: float = 0.03
    noise_n: float = 4.0
    offset_n: Bilateral[float] = _OFFSETS_N
    stand_s: float = 2.0
    rate_hz: float = 100.0
    site: str = "insole"


@dataclass(frozen=True)
class TrueContact:
    """One stance of one foot and its impulse in N·s."""

    side: Side
    start_s: float
    stop_s: float
    impulse: float


@dataclass(frozen=True)
class WalkTruth:
    """What is true of a simulated walk; the ratios are right over left."""

    plan: WalkPlan
    contacts: tuple[TrueContact, ...]

    @property
    def log_ratio(self) -> float:
        """True λ of the impulse."""
        return math.log(self.plan.stance_ratio * self.plan.force_ratio)

    @property
    def stance_log_ratio(self) -> float:
        """True λ of the stance time."""
        return math.log(self.plan.stance_ratio)

    @property
    def laterality(self) -> Laterality:
        """Cyclic."""
        return Laterality.CYCLIC


def simulate_walk(seed: int = 0, plan: WalkPlan | None = None, **changes: Any) -> tuple[Recording, WalkTruth]:
    """Simulate a walk on force insoles: ``plan`` (default `WalkPlan`) with ``changes`` to its fields.

    Examples
    --------
    >>> recording, truth = simulate_walk(seed=1, strides=10)
    >>> len(truth.contacts)
    20
    """
    plan = replace(plan or WalkPlan(), **changes)
    contacts = _contacts(plan, stream(seed, 20))
    duration_s = max(contact.stop_s for contact in contacts) + plan.stand_s
    tracks = tuple(_insole(plan, contacts, side, duration_s, stream(seed, 21, k)) for k, side in enumerate(Side))
    source = f"simulated walk, seed {seed}"
    return Recording(tracks, subject="simulated", exercise="gait", source=source), WalkTruth(plan, contacts)


def _contacts(plan: WalkPlan, rng: np.random.Generator) -> tuple[TrueContact, ...]:
    """Left and right stances in turn, half a stride apart; each foot's first follows the standing."""
    contacts = []
    left = plan.stand_s + 0.5
    for _ in range(plan.strides):
        stride = plan.stride_s * math.exp(plan.stride_sd * float(rng.standard_normal()))
        for side, start in ((Side.LEFT, left), (Side.RIGHT, left + stride / 2)):
            time, force = np.exp(plan.stride_sd * rng.standard_normal(2))
            contacts.append(_contact(plan, side, start, float(time), float(force)))
        left += stride
    return tuple(contacts)


def _contact(plan: WalkPlan, side: Side, start_s: float, time: float, force: float) -> TrueContact:
    sign = 0.5 if side is Side.RIGHT else -0.5
    stance_s = plan.stance * plan.stride_s * plan.stance_ratio**sign * time
    mean_n = (
        plan.body_weight_n * plan.force_ratio**sign * force * float(np.mean(_stance_curve(np.linspace(0, 1, 1001))))
    )
    return TrueContact(side, start_s, start_s + stance_s, mean_n * stance_s)


def _stance_curve(phase: Samples) -> Samples:
    """Vertical force over one stance in body weights: two humps with a valley between."""
    return np.asarray(1.25 * np.sin(np.pi * phase) + 0.42 * np.sin(3 * np.pi * phase))


def _mean_curve() -> float:
    """The mean of the stance curve, in body weights: ∫ sin(πu) du = 2/π, ∫ sin(3πu) du = 2/(3π)."""
    return (1.25 + 0.42 / 3) * 2 / math.pi


def _insole(
    plan: WalkPlan, contacts: tuple[TrueContact, ...], side: Side, duration_s: float, rng: np.random.Generator
) -> Track:
    seconds = np.arange(round(duration_s * plan.rate_hz)) / plan.rate_hz
    load = np.zeros_like(seconds)
    own = [contact for contact in contacts if contact.side is side]
    for contact in own:
        a, b = np.searchsorted(seconds, [contact.start_s, contact.stop_s])
        length = contact.stop_s - contact.start_s
        phase = (seconds[a:b] - contact.start_s) / length
        load[a:b] = contact.impulse / length / _mean_curve() * _stance_curve(phase)
    standing = (seconds < own[0].start_s - 0.4) | (seconds > own[-1].stop_s + 0.4)
    load[standing] = plan.body_weight_n / 2
    load += plan.offset_n[side] + plan.noise_n * rng.standard_normal(seconds.size)
    channel = Channel(Quantity.FORCE, side, plan.site, plan.rate_hz, origin="simulated")
    return Track.of_samples(channel, load)
