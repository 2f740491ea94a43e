"""From an analysis to what the history keeps of it: sets with their own estimates, and the recording's fingerprint."""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from glutebal.balance.difference import of_reps
from glutebal.balance.estimate import drift, set_estimate, set_of_reps, unpaired_estimate
from glutebal.errors import InputError
from glutebal.history.records import PER_REFERENCE, RecordingRecord, SetRecord
from glutebal.model import Bilateral, Channel, Quantity, Recording, Side, Track
from glutebal.results import Analysis, Estimate, Laterality, RepBalance, SetBalance, Status

_MEASURED = (Quantity.EMG, Quantity.FORCE)


def fingerprint(recording: Recording) -> str:
    """A digest of the samples and of what their channels mean.

    File name, notes, subject and device labels do not count, nor the order of the channels: a recording read from
    two formats has one fingerprint when both hold the same numbers.

    Returns
    -------
    str
        32 hexadecimal digits (BLAKE2b).
    """
    whole = hashlib.blake2b(digest_size=16)
    for track in sorted(_digest(track) for track in recording.tracks):
        whole.update(track)
    return whole.hexdigest()


def _digest(track: Track) -> bytes:
    c = track.channel
    made = hashlib.blake2b(digest_size=16)
    side = c.side.value if c.side else ""
    made.update("\x1f".join((c.quantity.name, side, c.site, c.axis, c.rate_hz.hex())).encode())
    for chunk in track.chunks:
        made.update(f"\x1e{chunk.start}:{chunk.samples.size}:".encode())
        made.update(np.ascontiguousarray(chunk.samples, dtype="<f8").tobytes())
    return made.digest()


def taken(analysis: Analysis) -> RecordingRecord:
    """What the history keeps of an analysis: its sets, each judged on its own.

    Reps of both sides together are split by their set, and λ, drift and the sides' means are estimated anew for
    each; what the references add to the standard error is common to all of them and is kept apart, in ``shared_se``.
    Where the sides take turns, the recording is one set: the left reps against the right ones.

    Raises
    ------
    InputError
        The recording does not say when it started, or the analysis was of no named exercise.
    """
    recording = analysis.recording
    if recording.started is None:
        advice = "recording.with_(started=datetime(...)) before analyse(), or day=... where it is added"
        raise InputError("the time at which the recording started", "none", recording.source, advice)
    if analysis.exercise is None:
        advice = 'analyse(recording, exercise="hip_thrust"), with the name of what was done'
        raise InputError("an exercise", "none was named", recording.source, advice)
    return RecordingRecord(
        fingerprint(recording),
        recording.source,
        recording.started,
        recording.duration_s,
        _sets(analysis, analysis.exercise),
        quality=analysis.quality,
        references=analysis.references,
        excluded=analysis.segmentation.excluded,
        devices=_devices(recording.channels),
        warnings=analysis.warnings,
        settings=dict(analysis.settings),
        versions=dict(analysis.versions),
        alignment=recording.alignment,
    )


def _devices(channels: Sequence[Channel]) -> dict[str, Bilateral[str]]:
    """The sensors of each site by the site's name in a balance."""
    sided = [c for c in channels if c.side is not None and c.quantity in _MEASURED]
    sites = dict.fromkeys(map(_site, sided))

    def named(site: str, side: Side) -> str:
        return " + ".join(dict.fromkeys(c.device for c in sided if (_site(c), c.side) == (site, side) and c.device))

    return {site: Bilateral(named(site, Side.LEFT), named(site, Side.RIGHT)) for site in sites}


def _site(channel: Channel) -> str:
    has_axis = channel.axis and channel.quantity is Quantity.FORCE
    return f"{channel.site}_{channel.axis}" if has_axis else channel.site


def _sets(analysis: Analysis, exercise: str) -> tuple[SetRecord, ...]:
    shared = {r.site: math.hypot(*r.relative_se) for r in analysis.references}
    laterality = analysis.segmentation.laterality
    load_kg = analysis.recording.load_kg
    numbers = sorted({rep.rep.set_index for balance in analysis.balances for rep in balance.reps})
    if laterality is not Laterality.BILATERAL or len(numbers) < 2:
        index = numbers[0] if numbers and laterality is Laterality.BILATERAL else 1
        balances = tuple(_alone(balance, laterality, shared) for balance in analysis.balances)
        return (SetRecord(index, exercise, laterality, balances, load_kg, shared),)
    return tuple(
        SetRecord(n, exercise, laterality, tuple(_part(b, n) for b in analysis.balances), load_kg, shared)
        for n in numbers
    )


def _alone(balance: SetBalance, laterality: Laterality, shared: Mapping[str, float]) -> SetBalance:
    """The only set of a recording: as it was judged, without the error that the references share."""
    extra_se = shared.get(balance.site, 0.0) if PER_REFERENCE in balance.unit else 0.0
    found = balance.log_ratio
    if not (extra_se > 0 and math.isfinite(found.se)):
        return balance
    own = _paired(balance.reps) if laterality is Laterality.BILATERAL else _unpaired(balance)
    return replace(balance, log_ratio=replace(found, low=own.low, high=own.high, se=own.se))


def _paired(reps: Sequence[RepBalance]) -> Estimate:
    return set_of_reps([rep.log_ratio for rep in reps], level=_level(reps))


def _unpaired(balance: SetBalance) -> Estimate:
    logs = Bilateral.per_side(lambda side: _logs(balance.reps, side))
    return unpaired_estimate(logs.left, logs.right, level=_level(balance.reps))


def _part(balance: SetBalance, number: int) -> SetBalance:
    """One set of several in a recording."""
    reps = tuple(rep for rep in balance.reps if rep.rep.set_index == number)
    if balance.difference is not None:
        return of_reps(balance, reps, balance.difference.level)
    ratios = [_ratio(rep) for rep in reps]
    sides = Bilateral.per_side(lambda side: _mean_of_side(reps, side))
    slope = drift(ratios, _level(reps))
    return replace(balance, reps=reps, log_ratio=_of_set(reps, ratios), drift=slope, sides=sides)


def _of_set(reps: Sequence[RepBalance], ratios: Sequence[float]) -> Estimate:
    found = _paired(reps)
    if found.status is Status.UNCALIBRATED:
        return replace(found, n=sum(map(math.isfinite, ratios)))
    return found


def _ratio(rep: RepBalance) -> float:
    """λ of a rep for the drift, which needs no calibration: the gains of the sides do not change within a set."""
    if rep.log_ratio.status is not Status.UNCALIBRATED:
        return rep.log_ratio.value
    left, right = rep.sides
    usable = all(side.status.has_value and side.value > 0 for side in rep.sides)
    return math.log(right.value) - math.log(left.value) if usable else math.nan


def _logs(reps: Sequence[RepBalance], side: Side) -> list[float]:
    values = (rep.sides[side] for rep in reps)
    return [math.log(v.value) for v in values if v.status.has_value and v.value > 0]


def _mean_of_side(reps: Sequence[RepBalance], side: Side) -> Estimate:
    """Geometric mean of one side over the reps, with its interval."""
    logs = _logs(reps, side)
    if not logs:
        return _without_value([rep.sides[side] for rep in reps], side)
    mean = set_estimate(logs, level=_level(reps))
    value, low, high = (math.exp(x) for x in (mean.value, mean.low, mean.high))
    return replace(mean, value=value, low=low, high=high, se=value * mean.se)


def _without_value(values: Sequence[Estimate], side: Side) -> Estimate:
    if not values:
        return Estimate.none(Status.TOO_FEW, f"no {side.value} repetition was found")
    reasons = Counter(v.reason for v in values if v.reason)
    return Estimate.none(values[0].status, reasons.most_common(1)[0][0] if reasons else f"{side.value} has no value")


def _level(reps: Sequence[RepBalance]) -> float:
    return reps[0].sides.left.level if reps else 0.95
