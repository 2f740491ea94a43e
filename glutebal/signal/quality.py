"""Is each channel telling the truth? The verdicts that gate every ratio.

A channel is judged by itself (`glutebal.signal.emg_quality`, `glutebal.signal.force_quality`), then against its
neighbours: the same signal twice, a signal leaking into another, a floor that is high on one side only. Swapped sides
look the same from inside a recording and are not looked for.

======================  =========================================================================================
kind                    means
======================  =========================================================================================
``dead``                no signal, or an amplifier with no muscle on it
``floating``            a loose lead: mains or baseline wander and nothing else
``clipped``             samples at the limit of the range
``mains``               50 or 60 Hz hum beside the muscle (refused when it is the stronger)
``artefact``            leaps of the baseline, or bursts that no muscle makes
``stuck``               one unchanging value for a while
``dropout``             stretches that were not recorded
``duplicate``           the same signal as another channel
``crosstalk``           more than half of the signal is shared with another channel
``low_snr``             activity near the noise floor, or too steady or too short to tell
``one_sided_noise``     a noise floor three times that of the other side, near the signal
``offset``, ``drift``   a constant or a moving zero
``sign``                a force that reads negative under load
``quantised``           at rest the signal is below one step of the converter
``rectified``           never negative: an envelope, not EMG
``rate``                sampled too slowly to tell muscle from noise
======================  =========================================================================================
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from glutebal.model import Quantity, Recording, Samples, Side, Track
from glutebal.results import ChannelQuality, Finding, Grade
from glutebal.signal.emg_quality import LEAST_RATE_HZ, EmgEvidence, emg_evidence, emg_findings
from glutebal.signal.faults import fault_spans, seconds_of
from glutebal.signal.filters import Bandpass
from glutebal.signal.force_quality import force_findings

DROPOUT_REFUSED = 0.5  # of the time between the first and the last sample
DUPLICATE, DUPLICATE_LOAD = 0.995, 0.999999  # correlation; both feet really do press alike
CROSSTALK = 0.7  # half of the power is shared
ONE_SIDED = 3.0  # ratio of the noise floors, RMS
ONE_SIDED_BELOW_DB = 12.0  # a floor further down than this moves a ratio by less than 3 %
LEAST_SHARED_S = 0.5


def assess(recording: Recording) -> tuple[ChannelQuality, ...]:
    """Judge every channel of a recording, in the order of its channels.

    A finding of grade ``BAD`` means: no ratio that involves this channel. ``SUSPECT`` means: usable, say so. A gain
    common to all EMG channels changes no verdict.

    Parameters
    ----------
    recording : Recording
        Raw channels. EMG needs 200 Hz for a verdict on muscle or noise.

    Returns
    -------
    tuple of ChannelQuality
        One per channel. ``noise`` is the RMS of the noise floor in 20-450 Hz (channel unit), ``snr_db`` is
        10·log10 of (power of the loudest twentieth of 200 ms frames − floor power) / floor power, ``seconds`` the
        signal left when faults are cut out, ``gaps`` the number of dropouts. Not EMG: noise and SNR are NaN.
    """
    evidence = {i: emg_evidence(track) for i, track in enumerate(recording.tracks) if _is_judged_as_emg(track)}
    quieter = _quieter_db(evidence)
    alone = tuple(
        _emg_quality(evidence[i], quieter[i]) if i in evidence else _plain_quality(track)
        for i, track in enumerate(recording.tracks)
    )
    together = _between_channels(recording, alone)
    return tuple(_with(quality, together.get(i, ())) for i, quality in enumerate(alone))


def _is_judged_as_emg(track: Track) -> bool:
    channel = track.channel
    return channel.quantity is Quantity.EMG and channel.rate_hz >= LEAST_RATE_HZ and _varies(track)


def _varies(track: Track) -> bool:
    return track.n_samples > 0 and bool(np.ptp(track.values()) > 0)


def _with(quality: ChannelQuality, more: tuple[Finding, ...]) -> ChannelQuality:
    worst_first = sorted((*quality.findings, *more), key=lambda f: f.grade is not Grade.BAD)
    return replace(quality, findings=tuple(worst_first))


def _quieter_db(evidence: Mapping[int, EmgEvidence]) -> dict[int, float]:
    """How far the loudest moments of each channel lie below the median of all EMG channels, in dB."""
    loud = {i: e.loud for i, e in evidence.items()}
    known = [power for power in loud.values() if power > 0]
    median = float(np.median(known)) if known else math.nan
    return {i: 10 * math.log10(median / power) if power > 0 else 0.0 for i, power in loud.items()}


def _emg_quality(evidence: EmgEvidence, quieter_db: float) -> ChannelQuality:
    return ChannelQuality(
        evidence.track.channel,
        (*emg_findings(evidence, quieter_db), *_dropouts(evidence.track)),
        noise=math.sqrt(evidence.noise_power),
        snr_db=evidence.snr_db,
        seconds=evidence.seconds,
        gaps=len(evidence.track.gaps),
    )


def _plain_quality(track: Track) -> ChannelQuality:
    seconds = track.n_samples / track.channel.rate_hz
    findings = (*_plain_findings(track), *_dropouts(track))
    return ChannelQuality(track.channel, findings, seconds=seconds, gaps=len(track.gaps))


def _plain_findings(track: Track) -> tuple[Finding, ...]:
    """Channels that are not EMG, and EMG that is constant, empty or too slow."""
    if track.n_samples == 0:
        return (Finding("dead", Grade.BAD, "no samples at all"),)
    if not _varies(track):
        value, unit = float(track.values()[0]) + 0.0, track.channel.quantity.unit  # no minus zero
        return (Finding("dead", Grade.BAD, f"no signal: every sample is {value:g} {unit}", value, unit),)
    if track.channel.quantity is Quantity.FORCE:
        return force_findings(track)
    if track.channel.quantity is Quantity.EMG:
        rate = track.channel.rate_hz
        text = f"sampled at {rate:g} Hz: too slow to tell muscle from noise, at best an envelope"
        return (Finding("rate", Grade.SUSPECT, text, rate, "Hz"),)
    at_rest = track.channel.quantity in {Quantity.POSITION, Quantity.ANGLE}  # a bar that rests has one height
    return () if at_rest else _stuck_sensor(track)


def _stuck_sensor(track: Track) -> tuple[Finding, ...]:
    total = seconds_of(fault_spans(track), "stuck", track.channel.rate_hz)
    if total == 0:
        return ()
    grade = Grade.BAD if total > DROPOUT_REFUSED * track.duration_s else Grade.SUSPECT
    return (Finding("stuck", grade, f"{total:.2f} s of one unchanging value", total, "s"),)


def _dropouts(track: Track) -> tuple[Finding, ...]:
    lost = sum(stop - start for start, stop in track.gaps) / track.channel.rate_hz
    if not track.gaps:
        return ()
    grade = Grade.BAD if lost > DROPOUT_REFUSED * track.duration_s else Grade.SUSPECT
    count = len(track.gaps)
    text = f"{count} dropout{'s' if count > 1 else ''}, {lost:.2f} s in all"
    return (Finding("dropout", grade, text, lost, "s"),)


def _between_channels(recording: Recording, alone: tuple[ChannelQuality, ...]) -> dict[int, tuple[Finding, ...]]:
    """Findings that need two channels, by channel index; channels already refused take no part."""
    found: dict[int, tuple[Finding, ...]] = {}
    live = [i for i, quality in enumerate(alone) if quality.grade is not Grade.BAD and _is_compared(quality)]
    signals = {i: _Comparable.of(recording.tracks[i]) for i in live}
    for i, j in combinations(live, 2):
        for k, finding in _pair_findings(recording, alone, signals, i, j):
            found[k] = (*found.get(k, ()), finding)
    return found


def _is_compared(quality: ChannelQuality) -> bool:
    channel = quality.channel
    fast = channel.rate_hz >= LEAST_RATE_HZ or channel.quantity is Quantity.FORCE
    return channel.quantity in {Quantity.EMG, Quantity.FORCE} and fast


@dataclass(frozen=True)
class _Comparable:
    """A channel as it is compared with others; ``centred`` is empty when it has gaps."""

    track: Track
    centred: Samples

    @classmethod
    def of(cls, track: Track) -> _Comparable:
        ready = Bandpass()(track) if track.channel.quantity is Quantity.EMG else track
        whole = ready.chunks[0].samples if len(ready.chunks) == 1 else np.empty(0)
        return cls(ready, whole - whole.mean() if whole.size else whole)


def _pair_findings(
    recording: Recording, alone: tuple[ChannelQuality, ...], signals: Mapping[int, _Comparable], i: int, j: int
) -> list[tuple[int, Finding]]:
    a, b = recording.channels[i], recording.channels[j]
    if a.quantity is not b.quantity or a.rate_hz != b.rate_hz:
        return []
    shared = abs(_correlation(signals[i], signals[j]))
    same_limit = DUPLICATE_LOAD if a.quantity is Quantity.FORCE else DUPLICATE
    if shared > same_limit:
        grade = Grade.SUSPECT if (a.side, a.site) == (b.side, b.site) else Grade.BAD
        return [(k, _duplicate(alone[other], grade, shared)) for k, other in ((i, j), (j, i))]
    if a.quantity is Quantity.EMG and shared > CROSSTALK:
        return [(k, _crosstalk(alone[other], shared)) for k, other in ((i, j), (j, i))]
    return _one_sided(alone, i, j)


def _duplicate(other: ChannelQuality, grade: Grade, shared: float) -> Finding:
    text = f"the same signal as {other.channel.name} (correlation {shared:.4f})"
    return Finding("duplicate", grade, text, shared)


def _crosstalk(other: ChannelQuality, shared: float) -> Finding:
    text = f"shares {100 * shared**2:.0f} % of its power with {other.channel.name}: crosstalk or a common disturbance"
    return Finding("crosstalk", Grade.SUSPECT, text, 100 * shared**2, "%")


def _one_sided(alone: tuple[ChannelQuality, ...], i: int, j: int) -> list[tuple[int, Finding]]:
    """A left and a right EMG channel of one site whose floors differ where it matters."""
    a, b = alone[i].channel, alone[j].channel
    mirrored = (a.quantity, a.site, a.axis) == (Quantity.EMG, b.site, b.axis) and {a.side, b.side} == set(Side)
    noisy, calm = (i, j) if alone[i].noise > alone[j].noise else (j, i)
    ratio = alone[noisy].noise / alone[calm].noise if alone[calm].noise > 0 else math.nan
    if not (mirrored and ratio >= ONE_SIDED and alone[noisy].snr_db < ONE_SIDED_BELOW_DB):
        return []
    text = f"its noise floor is {ratio:.1f} times that of {alone[calm].channel.name}"
    return [(noisy, Finding("one_sided_noise", Grade.SUSPECT, text, ratio, "times"))]


def _correlation(one: _Comparable, other: _Comparable) -> float:
    """Correlation over the samples that both have; 0 for less than half a second."""
    a, b = one.track, other.track
    least = LEAST_SHARED_S * a.channel.rate_hz
    if one.centred.size and other.centred.size and (a.start, a.stop) == (b.start, b.stop):
        return _cosine(one.centred, other.centred) if one.centred.size >= least else 0.0
    start, stop = max(a.start, b.start), min(a.stop, b.stop)
    if stop - start < least:
        return 0.0
    x, y = (_window(track, start, stop) for track in (a, b))
    both = np.isfinite(x) & np.isfinite(y)
    return _cosine(x[both] - x[both].mean(), y[both] - y[both].mean()) if both.sum() >= least else 0.0


def _cosine(x: Samples, y: Samples) -> float:
    size = math.sqrt(_inner(x, x) * _inner(y, y))
    return _inner(x, y) / size if size > 0 else 0.0


def _inner(x: Samples, y: Samples) -> float:
    """Their inner product; not by BLAS, whose threads wait for each other longer than this takes."""
    return float(np.einsum("i,i->", x, y))


def _window(track: Track, start: int, stop: int) -> Samples:
    return track.filled()[start - track.start : stop - track.start]
