"""`analyse`: from a recording to the balance of every measure.

::

    recording ──quality──▶ which channels may speak
        │
        ├──effort of both sides, motion──▶ reps        (or contacts and strides, for walking)
        │
        └──measures per rep and side──▶ λ or difference per rep ──▶ that of the set, with its interval
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from glutebal.analysis.emg import EmgPair, Faults, envelopes, measure_emg, prepared_pairs
from glutebal.analysis.force import measure_durations, measure_force
from glutebal.analysis.found import Found, find
from glutebal.analysis.motion import CalibrationLike, Motion, motion_of
from glutebal.analysis.motion_balances import motion_balances
from glutebal.analysis.result import Result
from glutebal.analysis.sets import Measured, set_balance
from glutebal.analysis.settings import Settings
from glutebal.analysis.walking import walk_balances
from glutebal.coach.exercises import Exercise
from glutebal.coach.exercises import exercise as exercise_named
from glutebal.errors import InputError, PairError
from glutebal.model import Channel, Quantity, Recording
from glutebal.results import Analysis, ChannelQuality, Grade, Reference, Rep
from glutebal.signal.faults import fault_spans
from glutebal.signal.quality import assess
from glutebal.signal.reference import references

ReferenceLike = Reference | Recording | str | Path | Iterable["Reference | Recording | str | Path"]


def analyse(
    recording: Recording,
    exercise: str | Exercise | None = None,
    reference: ReferenceLike | None = None,
    *,
    calibration: CalibrationLike | None = None,
    settings: Settings | None = None,
) -> Result:
    """Left/right balance of a recording, per repetition and for the set.

    Parameters
    ----------
    recording : Recording
        At least one left/right pair of EMG or force channels, or inertial sensors (acceleration and angular rate along
        x, y, z) on pelvis, thighs, shanks or feet.
    exercise : str or Exercise, optional
        A name from `glutebal.exercises`, or an exercise of one's own; decides how the sides take part and which muscle
        finds the reps. Without it the recording's own exercise counts, else it is told from the signals.
    reference : Reference, Recording, path, or several of them, optional
        Reference contractions of both sides from the same session and electrodes. Without them an EMG amplitude is
        ``uncalibrated`` and gets no left/right ratio.
    calibration : Calibration, Recording, or path, optional
        How the inertial sensors sit on the body, from the same session. Without it the recording's own static pose and
        functional movements count; without those a joint angle has a status and a reason.
    settings : Settings, optional
        Pass band, notch, interval level, height and stance width.

    Returns
    -------
    Result
        ``.reps``, ``.balance`` and ``.quality`` tables, ``print()``, ``.to_json()``.

    Raises
    ------
    UnknownNameError
        The exercise is not in the catalogue.
    PairError
        No quantity is there on both sides.
    RateError
        The sides of a pair run at different rates, or too slowly.
    SignalError
        An axis of an inertial sensor is missing, or its acceleration is not near gravity.

    Examples
    --------
    >>> import glutebal as gb
    >>> result = gb.analyse(gb.read(), exercise="hip_thrust")
    >>> int(result.balance["n"].max()) > 4
    True
    """
    settings = settings or Settings()
    chosen = _exercise(exercise or recording.exercise)
    motion = motion_of(recording, calibration)
    _require_pairs(recording, motion)
    faults = {t.channel: fault_spans(t) for t in recording.tracks if t.channel.side is not None}
    emg = prepared_pairs(recording, faults, settings.emg)
    quality = assess(recording)
    gate = _Gate.of(quality, faults)
    found = find(recording, emg, gate.bad, chosen, motion)
    scales = {r.site: r for r in complete_references(reference, settings)}
    laterality, nothing = found.segmentation.laterality, found.why_no_reps
    measured = _measure(found, emg, scales, gate)
    balances = [set_balance(m, laterality, settings.level, nothing) for m in measured]
    balances += walk_balances(found.on_force, settings.level) if found.on_force else ()
    moved = motion_balances(recording, motion, found, chosen, settings) if motion else None
    return Result(
        Analysis(
            recording=recording,
            exercise=chosen.name if chosen else None,
            segmentation=found.segmentation,
            balances=(*balances, *moved.balances) if moved else tuple(balances),
            quality=quality,
            references=tuple(scales.values()),
            envelopes=tuple(envelopes(pair) for pair in emg),
            warnings=_warnings(recording, found, emg, scales, motion),
            settings={**settings.described(), "repetitions": found.segmentation.method},
            versions=_versions(),
            angles=moved.angles if moved else (),
        )
    )


def _exercise(given: str | Exercise | None) -> Exercise | None:
    return given if isinstance(given, Exercise) else exercise_named(given) if given else None


def _require_pairs(recording: Recording, motion: Motion | None) -> None:
    if recording.pairs(Quantity.EMG) or recording.pairs(Quantity.FORCE) or motion is not None:
        return
    names = ", ".join(c.name for c in recording.channels) or "no channels"
    needed = "EMG or force of both sides at one site, or inertial sensors on the body"
    raise PairError(needed, names, recording.source, "name the missing side's column in a map")


@dataclass(frozen=True)
class _Gate:
    """Why a channel, or a channel in one rep, may not stand behind a ratio."""

    bad: Mapping[Channel, str]
    faults: Faults

    @classmethod
    def of(cls, quality: tuple[ChannelQuality, ...], faults: Faults) -> _Gate:
        return cls({q.channel: f"{q.channel.name}: {q.reason}" for q in quality if q.grade is Grade.BAD}, faults)

    def __call__(self, channel: Channel, rep: Rep | None) -> str:
        if channel in self.bad or rep is None:
            return self.bad.get(channel, "")
        start, stop = rep.start_s * channel.rate_hz, rep.stop_s * channel.rate_hz
        hits = [kind for a, b, kind in self.faults.get(channel, ()) if a < stop and b > start]
        return f"{channel.name}: {hits[0]} during the rep" if hits else ""


def _measure(
    found: Found, emg: Iterable[EmgPair], calibration: Mapping[str, Reference], gate: _Gate
) -> Iterable[Measured]:
    for pair in emg:
        yield from measure_emg(pair, found.emg_reps, calibration.get(pair.site), gate)
    for sides in found.force:
        yield from measure_force(sides, found.segmentation.reps, gate)
    if found.timing_site:
        yield from measure_durations(found.timing_site, found.segmentation.reps, found.timing_quantity)


def complete_references(given: ReferenceLike | None, settings: Settings) -> tuple[Reference, ...]:
    """The references of both sides of everything that was handed in, one per site."""
    return tuple(reference for reference in _references(given, settings) if _complete(reference))


def _references(given: ReferenceLike | None, settings: Settings) -> tuple[Reference, ...]:
    """Everything that was handed in, as one `Reference` per site; recordings are measured together."""
    if given is None:
        return ()
    items = [given] if isinstance(given, Reference | Recording | str | Path) else list(given)
    recordings = [_recording(item) for item in items if not isinstance(item, Reference)]
    measured = references(recordings, settings.emg) if recordings else ()
    return tuple(item for item in items if isinstance(item, Reference)) + measured


def _recording(item: Recording | str | Path | Reference) -> Recording:
    from glutebal.ingest.read import read

    if isinstance(item, Recording):
        return item
    if isinstance(item, str | Path):
        return read(item)
    raise InputError("a Reference, a Recording or a path as reference", type(item).__name__, "analyse(reference=...)")


def _complete(reference: Reference) -> bool:
    return all(math.isfinite(v) and v > 0 for v in reference.value)


def _warnings(
    recording: Recording,
    found: Found,
    emg: Iterable[EmgPair],
    scales: Mapping[str, Reference],
    motion: Motion | None,
) -> tuple[str, ...]:
    missing = [pair.site for pair in emg if pair.site not in scales] if scales else []
    unscaled = [f"no complete reference for {site}: its EMG stays uncalibrated" for site in missing]
    moved = motion.warnings if motion is not None else ()
    return tuple(dict.fromkeys([*recording.warnings, *found.notes, *unscaled, *moved]))


def _versions() -> dict[str, str]:
    import platform

    names = ("glutebal", "numpy", "scipy")
    return {"python": platform.python_version(), **{name: version(name) for name in names}}
