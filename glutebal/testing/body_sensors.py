"""What inertial sensors on the segments measure: turned, displaced, wobbling on soft tissue, biased, noisy, clipped.

specific force = Rᵀ (a + g z)        angular rate = log(Rᵀ(t − h) R(t + h)) / 2h        both averaged over a sample
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from glutebal.model import Channel, Quantity, Samples, Side, Track
from glutebal.testing.body_chain import Segment
from glutebal.testing.body_plan import Hole, SensorPlan
from glutebal.testing.body_pose import OUT
from glutebal.testing.body_rotations import (
    apply,
    from_rotation_vector,
    quaternions,
    random_turns,
    rotation_vector,
    transposed,
)
from glutebal.testing.body_truth import TrueSensor

GRAVITY_M_S2 = 9.81
#: Where the sensor is, from the segment's upper joint, in segment axes (forwards, outwards, up), m.
PLACES_M = {
    "pelvis": (-0.10, 0.0, 0.06),
    "thigh": (0.03, 0.08, -0.22),
    "shank": (0.03, 0.04, -0.16),
    "foot": (0.07, 0.0, -0.02),
}
#: How much of the wobble a place has: thigh most, foot hardly any.
_SOFTNESS = {"pelvis": 0.6, "thigh": 1.0, "shank": 0.5, "foot": 0.1}
_AXES = ("x", "y", "z")


@dataclass(frozen=True)
class Worn:
    """A segment with a sensor on it: the bone over fine time, the flexion that moves its soft tissue, its impacts."""

    site: str
    side: Side | None
    bone: Segment
    flexion_rad: Samples
    jolt_m_s2: Samples


@dataclass(frozen=True)
class FineTime:
    """The time of the motion: ``fold`` steps of ``step_s`` per sensor sample."""

    step_s: float
    fold: int

    def sampled(self, values: Samples) -> Samples:
        """Average over one sensor sample (half weights at its ends) around each sensor instant."""
        if self.fold == 1:
            return values
        half = self.fold // 2
        padded = np.concatenate([values[:1].repeat(half, axis=0), values, values[-1:].repeat(half, axis=0)])
        total = np.concatenate([np.zeros((1, *values.shape[1:])), np.cumsum(padded, axis=0)])
        n = len(values)
        window = (total[self.fold + 1 : self.fold + 1 + n] - total[:n]) - 0.5 * (
            padded[:n] + padded[self.fold : self.fold + n]
        )
        return np.asarray(window[:: self.fold] / self.fold)


def measured(
    worn: Worn, plan: SensorPlan, time: FineTime, rng: np.random.Generator
) -> tuple[Samples, Samples, TrueSensor]:
    """Acceleration (m/s²) and angular rate (rad/s) at the sensor's rate, shape (n, 3) each, and how it sits."""
    mount = random_turns(rng, plan.misalignment_deg)
    place = np.array(PLACES_M[worn.site]) * [1.0, 1.0 if worn.side is None else OUT[worn.side], 1.0]
    wobble = from_rotation_vector(_wobble(worn, plan, time))
    rotation = worn.bone.rotation @ wobble
    position = worn.bone.origin + apply(rotation, place)
    sensor = rotation @ mount
    force = _second(position, time.step_s) + worn.jolt_m_s2 + [0.0, 0.0, GRAVITY_M_S2]
    acc = time.sampled(apply(transposed(sensor), force))
    gyr = time.sampled(_rate(sensor, time.step_s))
    faults = _Faults.drawn(plan, rng)
    truth = TrueSensor(
        worn.site,
        worn.side,
        worn.side,
        mount,
        place,
        faults.gyr_bias,
        faults.acc_bias,
        quaternions(worn.bone.rotation[:: time.fold]),
        quaternions(sensor[:: time.fold]),
    )
    return faults.acc(acc, plan, rng), faults.gyr(gyr, plan, rng), truth


def _rate(rotation: Samples, step_s: float) -> Samples:
    turn = rotation_vector(transposed(rotation[:-2]) @ rotation[2:]) / (2 * step_s)
    return np.concatenate([turn[:1], turn, turn[-1:]])


def _second(position: Samples, step_s: float) -> Samples:
    bend = (position[2:] - 2 * position[1:-1] + position[:-2]) / step_s**2
    return np.concatenate([bend[:1], bend, bend[-1:]])


def _wobble(worn: Worn, plan: SensorPlan, time: FineTime) -> Samples:
    """Turn of the sensor against the bone (n, 3) in rad: with flexion, and swinging after accelerations."""
    soft = _SOFTNESS[worn.site]
    out = np.zeros_like(worn.bone.origin)
    share = soft * plan.wobble_share
    out[:, 1] -= share * worn.flexion_rad
    out[:, 2] += 0.5 * share * worn.flexion_rad * (1.0 if worn.side is None else OUT[worn.side])
    if plan.wobble_deg_per_m_s2:
        push = apply(transposed(worn.bone.rotation), _second(worn.bone.origin, time.step_s) + worn.jolt_m_s2)
        out += soft * np.radians(plan.wobble_deg_per_m_s2) * _swinging(push[:, [1, 0, 1]] * [1.0, -1.0, 0.3], time)
    return out


def _swinging(push: Samples, time: FineTime, hertz: float = 7.0, damping: float = 0.3) -> Samples:
    """A damped mass on a spring that follows a push: gain 1 at rest, resonance at ``hertz``."""
    from scipy.signal import bilinear, lfilter

    omega = 2 * np.pi * hertz
    b, a = bilinear([omega**2], [1.0, 2 * damping * omega, omega**2], 1 / time.step_s)
    return np.asarray(lfilter(b, a, push - push[0], axis=0))


@dataclass(frozen=True)
class _Faults:
    """The constant faults of one sensor."""

    gyr_bias: Samples
    acc_bias: Samples
    gyr_gain: Samples
    acc_gain: Samples

    @classmethod
    def drawn(cls, plan: SensorPlan, rng: np.random.Generator) -> _Faults:
        chance = rng.uniform(-1, 1, (2, 3))
        gains = 1 + plan.gain_sd * rng.normal(size=(2, 3))
        return cls(np.radians(plan.gyr_bias_dps) * chance[0], plan.acc_bias_m_s2 * chance[1], gains[0], gains[1])

    def acc(self, values: Samples, plan: SensorPlan, rng: np.random.Generator) -> Samples:
        noise = plan.acc_noise_g_sqrt_hz * GRAVITY_M_S2 * np.sqrt(plan.rate_hz / 2) * rng.normal(size=values.shape)
        return _clipped(values * self.acc_gain + self.acc_bias + noise, plan.acc_range_m_s2)

    def gyr(self, values: Samples, plan: SensorPlan, rng: np.random.Generator) -> Samples:
        noise = plan.gyr_noise_dps_sqrt_hz * np.sqrt(plan.rate_hz / 2) * rng.normal(size=values.shape)
        walk = plan.gyr_walk_dps_sqrt_s / np.sqrt(plan.rate_hz) * np.cumsum(rng.normal(size=values.shape), axis=0)
        largest = None if plan.gyr_range_dps is None else float(np.radians(plan.gyr_range_dps))
        return _clipped(values * self.gyr_gain + self.gyr_bias + np.radians(noise + walk), largest)


def _clipped(values: Samples, largest: float | None) -> Samples:
    return values if largest is None else np.clip(values, -largest, largest)


def tracks(site: str, side: Side | None, plan: SensorPlan, acc: Samples, gyr: Samples) -> list[Track]:
    """The six channels of one sensor, with its holes."""
    holes = [hole for hole in plan.holes if (hole.site, hole.side) == (site, side)]
    out = []
    for quantity, values in ((Quantity.ACCELERATION, acc), (Quantity.ANGULAR_RATE, gyr)):
        for axis, samples in zip(_AXES, values.T, strict=True):
            channel = Channel(quantity, side, site, plan.rate_hz, device=_device(site, side), axis=axis)
            out.append(Track.of_samples(channel, _holed(samples, holes, plan.rate_hz)))
    return out


def _device(site: str, side: Side | None) -> str:
    return f"simulated {side.value + ' ' if side else ''}{site}"


def _holed(samples: Samples, holes: list[Hole], rate_hz: float) -> Samples:
    if not holes:
        return samples
    out = samples.copy()
    for hole in holes:
        out[round(hole.start_s * rate_hz) : round(hole.stop_s * rate_hz)] = np.nan
    return out
