"""Guided steps before a set: what to do, for how long, and whether it worked.

::

    script: get ready ▸ do it ▸ relax ▸ the other side ...   ──▶ a recording of its own ──▶ judged

The seconds of each part are fixed and told second by second, so that what is judged is known from the script alone.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from glutebal.analysis.motion import calibrate
from glutebal.errors import GlutebalError
from glutebal.ingest.tapped import tapped
from glutebal.live.events import Step, StepTold
from glutebal.model import Bilateral, Channel, Quantity, Recording, Samples, Side
from glutebal.results import Reference
from glutebal.signal.motion.calibration import Calibration
from glutebal.signal.prepare import EmgSettings, prepare
from glutebal.signal.reference import references

STEADY_N = 5.0  # an unloaded sensor scatters less than this
CLEAR = 3.0  # a squeeze is this many times as strong as rest
LEAST_S = 0.5


@dataclass(frozen=True)
class Part:
    """One instruction; ``does``: it is what the step is judged by."""

    text: str
    seconds: float
    side: Side | None = None
    does: bool = False


SCRIPTS: Mapping[Step, tuple[Part, ...]] = {
    Step.TARE: (
        Part("take all load off both sensors", 3.0),
        Part("leave them unloaded", 3.0, does=True),
    ),
    Step.REFERENCE: (
        Part("relax; the left glute comes first", 5.0),
        Part("squeeze the left glute as hard as you can", 5.0, Side.LEFT, does=True),
        Part("relax; the right glute is next", 5.0),
        Part("squeeze the right glute as hard as you can", 5.0, Side.RIGHT, does=True),
        Part("relax", 3.0),
    ),
    Step.STATIC_POSE: (
        Part("stand still, feet below the hips", 5.0, does=True),
        Part("left leg straight forwards and back, 3 times", 9.0, Side.LEFT, does=True),
        Part("right leg straight forwards and back, 3 times", 9.0, Side.RIGHT, does=True),
        Part("left leg straight to the side and back, 3 times", 9.0, Side.LEFT, does=True),
        Part("right leg straight to the side and back, 3 times", 9.0, Side.RIGHT, does=True),
        Part("bow forwards and come up, 3 times", 9.0, does=True),
        Part("stand still", 2.0),
    ),
    Step.TAP: (
        Part("take both sensors into your hands", 3.0),
        Part("tap both sensors together, firmly, three times", 6.0, does=True),
    ),
}


def steps_for(channels: set[Channel]) -> tuple[Step, ...]:
    """The steps that make sense with these channels."""
    there = {c.quantity for c in channels}
    felt = {Quantity.ACCELERATION, Quantity.FORCE, Quantity.ANGULAR_RATE} & there
    wanted = (
        (Step.TARE, Quantity.FORCE in there),
        (Step.REFERENCE, Quantity.EMG in there),
        (Step.STATIC_POSE, {Quantity.ACCELERATION, Quantity.ANGULAR_RATE} <= there),
        (Step.TAP, bool(felt) and len({c.device for c in channels if c.quantity in felt}) > 1),
    )
    return tuple(step for step, sensible in wanted if sensible)


@dataclass
class Guide:
    """A step that goes on since ``began_s`` of the hall's clock."""

    step: Step
    began_s: float
    _told: tuple[int, int] = (-1, -1)

    @property
    def parts(self) -> tuple[Part, ...]:
        """The script."""
        return SCRIPTS[self.step]

    def over(self, now_s: float) -> bool:
        """Whether the script has come to its end."""
        return now_s - self.began_s >= sum(part.seconds for part in self.parts)

    def tell(self, now_s: float) -> StepTold | None:
        """What to do now, once a second."""
        left_s = now_s - self.began_s
        for k, part in enumerate(self.parts):
            if left_s < part.seconds:
                rest_s = part.seconds - left_s
                now = (k, math.ceil(rest_s))
                if now == self._told:
                    return None
                self._told = now
                return StepTold(now_s, self.step, part.side, part.text, float(math.ceil(rest_s)))
            left_s -= part.seconds
        return None


@dataclass(frozen=True)
class Judged:
    """How a step went; what it gave."""

    ok: bool
    text: str
    references: tuple[Reference, ...] = ()
    calibration: Calibration | None = None


def judge(step: Step, recording: Recording, settings: EmgSettings, began_s: float = 0.0) -> Judged:
    """Whether a step worked, from the recording that was made of it; never raises for what a sensor sent.

    ``began_s`` is when its script began, on the clock of the recording.
    """
    try:
        if step is Step.TARE:
            return _tare(recording, began_s)
        if step is Step.REFERENCE:
            return _reference(recording, settings, began_s)
        if step is Step.STATIC_POSE:
            return _pose(recording)
        return _tap(recording)
    except GlutebalError as error:
        return Judged(False, f"again: {error}")


def _windows(step: Step, began_s: float) -> dict[Side | None, tuple[float, float]]:
    """When each side was asked to do it, without its first and last half second."""
    found: dict[Side | None, tuple[float, float]] = {}
    at_s = began_s
    for part in SCRIPTS[step]:
        if part.does:
            found.setdefault(part.side, (at_s + LEAST_S, at_s + part.seconds - LEAST_S))
        at_s += part.seconds
    return found


def _tare(recording: Recording, began_s: float) -> Judged:
    start_s, stop_s = _windows(Step.TARE, began_s)[None]
    told, ok = [], True
    forces = [track for track in recording.tracks if track.channel.quantity is Quantity.FORCE]
    silent = [side.value for side in Side if side not in {track.channel.side for track in forces}]
    for track in forces:
        rate = track.channel.rate_hz
        values = track.between(round(start_s * rate), round(stop_s * rate)).values()
        if not values.size:
            silent.append(track.channel.name)
            continue
        steady = float(values.std()) <= STEADY_N
        ok = ok and steady
        told.append(f"{track.channel.name} {values.mean():.1f} N" + ("" if steady else ", not steady"))
    if silent:
        return Judged(False, f"again: nothing came from the {' and the '.join(silent)} sensor")
    return Judged(ok, f"{'unloaded' if ok else 'again, the load must be off'}: {'; '.join(told)}")


def _reference(recording: Recording, settings: EmgSettings, began_s: float) -> Judged:
    rest = (began_s + LEAST_S, began_s + SCRIPTS[Step.REFERENCE][0].seconds - LEAST_S)
    windows = {**_windows(Step.REFERENCE, began_s), None: rest}
    found = tuple(r for r in references(recording, settings) if all(math.isfinite(v) and v > 0 for v in r.value))
    if not found:
        return Judged(False, "again: no muscle was recorded on both sides")
    power = _mean_power(recording, settings, windows)
    if _swapped(power):
        return Judged(False, "the sensors seem to be swapped: each answers when the other side is squeezed")
    weak = [f"{c.name}" for c, own in power.items() if not own[c.side] > CLEAR**2 * own[None]]
    if weak:
        return Judged(False, f"again, the squeeze does not stand out from rest: {', '.join(weak)}")
    told = "; ".join(f"{r.site.replace('_', ' ')} {_microvolts(r.value)}" for r in found)
    return Judged(True, f"reference taken: {told}", references=found)


def _microvolts(value: Bilateral[float]) -> str:
    return ", ".join(f"{side.value} {1e6 * value[side]:.0f} µV" for side in Side)


def _mean_power(
    recording: Recording, settings: EmgSettings, windows: Mapping[Side | None, tuple[float, float]]
) -> dict[Channel, dict[Side | None, float]]:
    """Mean power of every EMG channel while the left and the right side squeezed, and at rest (None)."""
    found: dict[Channel, dict[Side | None, float]] = {}
    for track in recording.tracks:
        channel = track.channel
        if channel.quantity is not Quantity.EMG or channel.side is None:
            continue
        ready = prepare(track, settings)
        rate = ready.rate_hz
        found[channel] = {
            side: _power(ready.power.between(round(a * rate), round(b * rate)).values())
            for side, (a, b) in windows.items()
        }
    return found


def _power(blocks: Samples) -> float:
    return float(np.mean(blocks)) if blocks.size else math.nan


def _swapped(power: Mapping[Channel, Mapping[Side | None, float]]) -> bool:
    """Whether every channel is louder while the other side squeezes."""
    across = [own[c.side.other] > own[c.side] for c, own in power.items() if c.side]
    return bool(across) and all(across)


def _pose(recording: Recording) -> Judged:
    found = calibrate(recording, Side.LEFT)
    doubts = [f.text for f in found.all_findings if f.grade.value == "bad"]
    if doubts:
        return Judged(False, f"again: {doubts[0]}")
    return Judged(True, f"{len(found.segments)} sensors calibrated", calibration=found)


def _tap(recording: Recording) -> Judged:
    found = tapped(recording).alignment
    if found is None:
        return Judged(False, "again: no tap was felt")
    offset, doubt = 1e3 * found.offset_s, 1e3 * found.uncertainty_s
    return Judged(True, f"the right sensor reads {offset:+.1f} ms against the left, ±{doubt:.1f} ms")
