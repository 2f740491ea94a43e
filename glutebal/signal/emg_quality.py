"""Is this EMG channel a muscle? The evidence of one channel, and what it finds.

Nothing here depends on volts: files come after amplifiers of unknown gain. Faulty stretches are cut out first; what is
left is judged by its dynamics (a muscle comes and goes), then by its spectrum (an open amplifier input is as loud at
400 Hz as at 100 Hz), then by its hum.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from glutebal.model import Track
from glutebal.results import Finding, Grade
from glutebal.signal.envelope import BlockPower
from glutebal.signal.faults import GUARD_S, Spans, fault_spans, gated_rest, seconds_of, without_faults
from glutebal.signal.filters import Bandpass
from glutebal.signal.noise import NoiseFloor, noise_floor
from glutebal.signal.operator import Chain
from glutebal.signal.spectra import Spectra, mains_power, spectra

LEAST_RATE_HZ = 200.0  # below it, an EMG channel holds at most an envelope
LEAST_S = 0.7  # of clean signal, to judge at all
ACTIVE_DB = 3.0  # contrast beyond chance from which there is activity
CLEARLY_ACTIVE_DB = 8.0  # live channels of the studied recordings lie above, open inputs below
FALLING = 2.2  # 25-45 Hz over 80-150 Hz: between white noise (1) and 1/f noise (3.3)
SLOW_SHARE, SLOW_SHARE_OF_WEAK = 0.9, 0.3  # of power below 20 Hz; live channels have up to 0.25
ARTEFACT_OF_WEAK = 0.1  # of the recording
FAR_QUIETER_DB = 30.0  # than the median EMG channel of the recording
HUM_TOLD, HUM_REFUSED = 0.03, 1.0  # mains power over muscle power; 0.03 moves an RMS by 1.5 %
LOW_SNR_DB = 10 * math.log10(3.0)  # RMS of twice the noise floor
RAIL_S = 0.02  # clipped for longer: an amplifier at its limit; shorter: the tip of a wave, kept for the verdict
CLIPPED_TOLD, CLIPPED_REFUSED = 0.001, 0.1
ARTEFACT_REFUSED, STUCK_REFUSED = 0.5, 0.8
FAR_OFFSET = 5.0  # times the RMS of the loudest moments

BRIEF_S = 0.3  # flat bursts shorter than this are crackle; longer ones may be a rep of a test signal


@dataclass(frozen=True, eq=False)
class EmgEvidence:
    """What one raw EMG channel shows: its faults, and the spectra and noise floor of what they leave."""

    track: Track
    spans: Spans
    clean: Track
    mains_hz: float
    hum: float
    spectra: Spectra
    floor: NoiseFloor

    @cached_property
    def muscle(self) -> float:
        """Mean square of the loudest moments above the quietest, hum taken out; squared channel unit."""
        return max(0.0, self.loud - self.spectra.total(self.spectra.quietest))

    @cached_property
    def loud(self) -> float:
        """Mean square (20-450 Hz) of the loudest twentieth of the clean channel, hum taken out."""
        return self.spectra.total(self.spectra.loudest) if len(self.spectra.power) else math.nan

    @cached_property
    def noise_power(self) -> float:
        """Power of the noise floor; where the converter swallowed it, that of its rounding, step²/12."""
        steps = np.unique(np.diff(np.unique(self.clean.values()))) if self.floor.power == 0 else np.empty(0)
        return float(steps[0]) ** 2 / 12 if steps.size else self.floor.power

    @property
    def snr_db(self) -> float:
        """10·log10 of the activity power of the loudest twentieth over the floor power; NaN without activity."""
        excess = self.loud - self.noise_power
        return 10 * math.log10(excess / self.noise_power) if excess > 0 and self.noise_power > 0 else math.nan

    @cached_property
    def contrast_db(self) -> float:
        """Loudest over quietest frames, beyond what steady noise shows, in dB."""
        return self.spectra.contrast_db

    @property
    def is_weak(self) -> bool:
        """Whether the activity, if any, is of the size that open inputs show too."""
        return self.contrast_db < CLEARLY_ACTIVE_DB

    @cached_property
    def open_input(self) -> tuple[float, float]:
        """Tilt of the whole channel and of its activity alone, each over the limit for muscle: above 1 is noise."""
        whole, activity = (0.33, 0.15) if self.spectra.high_hz >= 400 else (0.65, 0.5)
        s = self.spectra
        return s.tilt(s.mean) / whole, s.tilt(s.loudest - s.quietest) / activity

    @property
    def seconds(self) -> float:
        """Clean signal, in seconds."""
        return self.clean.n_samples / self.track.channel.rate_hz


def emg_evidence(track: Track) -> EmgEvidence:
    """Look at one raw EMG channel of at least 200 Hz."""
    spans = fault_spans(track)
    rail = RAIL_S * track.channel.rate_hz
    clean = without_faults(track, tuple(s for s in spans if s[2] != "clipped" or s[1] - s[0] >= rail))
    mains_hz, hum = mains_power(clean)
    power = Chain(Bandpass(), BlockPower())(clean)
    return EmgEvidence(track, spans, clean, mains_hz, hum, spectra(clean, mains_hz), noise_floor(power))


def emg_findings(evidence: EmgEvidence, quieter_db: float = 0.0) -> tuple[Finding, ...]:
    """Everything the checks find, worst first; ``quieter_db``: how far below the recording's median EMG channel."""
    found = [check(evidence) for check in _FAULT_CHECKS]
    if evidence.seconds < LEAST_S or len(evidence.spectra.power) < 4:
        found.append(_too_short(evidence))
    else:
        verdict = _life(evidence, quieter_db)
        found += [verdict, *(check(evidence) for check in _SIGNAL_CHECKS)] if not _is_bad(verdict) else [verdict]
    return tuple(sorted((f for f in found if f), key=lambda f: f.grade is not Grade.BAD))


def _is_bad(finding: Finding | None) -> bool:
    return finding is not None and finding.grade is Grade.BAD


def _life(e: EmgEvidence, quieter_db: float) -> Finding | None:
    """Whether there is a muscle: dynamics first, then spectrum; undecided is said, never guessed."""
    if e.spectra.total(e.spectra.mean) <= 0:
        return Finding("dead", Grade.BAD, "no signal at all in 20-450 Hz")
    if e.spectra.slow_share > (SLOW_SHARE_OF_WEAK if e.is_weak else SLOW_SHARE):
        return _slow(e)
    verdict = _steady(e, quieter_db) if e.contrast_db < ACTIVE_DB else _changing(e)
    return verdict if _is_bad(verdict) else _leaping(e) or verdict


def _leaping(e: EmgEvidence) -> Finding | None:
    share = seconds_of(e.spans, "artefact", e.track.channel.rate_hz) / e.track.duration_s
    if not e.is_weak or share <= ARTEFACT_OF_WEAK:
        return None
    text = f"its baseline leaps during {100 * share:.0f} % of the recording and the rest shows little activity"
    return Finding("artefact", Grade.BAD, text, 100 * share, "%")


def _slow(e: EmgEvidence) -> Finding:
    share = 100 * e.spectra.slow_share
    return Finding(
        "floating", Grade.BAD, f"{share:.0f} % of the power lies below 20 Hz: a loose lead or no EMG at all", share, "%"
    )


def _steady(e: EmgEvidence, quieter_db: float) -> Finding:
    """A channel whose loudness never changes."""
    times = math.sqrt(e.spectra.contrast)
    start = f"no muscle activity: the loudest 200 ms are only {times:.1f} times the quietest"
    if e.hum > e.spectra.total(e.spectra.mean):
        return Finding("floating", Grade.BAD, f"{start}, and most of it is {e.mains_hz:.0f} Hz mains", times, "times")
    if e.open_input[0] > 1:
        return Finding("dead", Grade.BAD, f"{start}, with the flat spectrum of an open input", times, "times")
    if e.spectra.fall > FALLING:
        return Finding("dead", Grade.BAD, f"{start}, with the falling spectrum of electrode noise", times, "times")
    if quieter_db > FAR_QUIETER_DB:
        beside = f"{start}, and the channel is {quieter_db:.0f} dB quieter than the others"
        return Finding("dead", Grade.BAD, beside, times, "times")
    return Finding("low_snr", Grade.SUSPECT, f"{start}: a steady contraction or noise, cannot tell", times, "times")


def _changing(e: EmgEvidence) -> Finding | None:
    """A channel whose loudness changes: whether what comes and goes is a muscle."""
    whole, activity = e.open_input
    if whole <= 1 or activity <= 1 or math.isnan(whole):
        return None
    if e.is_weak:
        times = math.sqrt(e.spectra.contrast)
        text = f"the loudest 200 ms are {times:.1f} times the quietest, with the flat spectrum of an open input"
        return Finding("dead", Grade.BAD, f"no muscle activity: {text}", times, "times")
    times = e.spectra.tilt(e.spectra.loudest - e.spectra.quietest)
    flat = f"{times:.2f} times as strong at the top of the band as at 100 Hz"
    if e.spectra.typical_burst_s < BRIEF_S:
        return Finding("artefact", Grade.BAD, f"its bursts are brief interference, no muscle: {flat}", times, "times")
    return Finding("artefact", Grade.SUSPECT, f"its activity is unlike a muscle's: {flat}", times, "times")


def _too_short(e: EmgEvidence) -> Finding:
    lost = 1 - e.seconds / max(e.track.duration_s, 1e-9)
    grade = Grade.BAD if lost > 0.5 else Grade.SUSPECT
    return Finding("low_snr", grade, f"only {e.seconds:.2f} s of clean signal: too little to judge", e.seconds, "s")


def _hum(e: EmgEvidence) -> Finding | None:
    ratio = e.hum / e.muscle if e.muscle > 0 else math.inf
    if e.hum == 0 or ratio < HUM_TOLD:
        return None
    grade = Grade.BAD if ratio >= HUM_REFUSED else Grade.SUSPECT
    text = f"{e.mains_hz:.0f} Hz mains hum has {100 * ratio:.0f} % of the power of the muscle's loudest moments"
    return Finding("mains", grade, text, 100 * ratio, "%")


def _low_snr(e: EmgEvidence) -> Finding | None:
    if not e.snr_db < LOW_SNR_DB or e.contrast_db < ACTIVE_DB:
        return None
    text = f"weak: its loudest moments are only {e.snr_db:.1f} dB above the noise floor"
    return Finding("low_snr", Grade.SUSPECT, text, e.snr_db, "dB")


def _offset(e: EmgEvidence) -> Finding | None:
    times = abs(float(np.median(e.clean.values()))) / math.sqrt(e.loud) if e.loud > 0 else 0.0
    if times < FAR_OFFSET:
        return None
    text = f"constant offset of {times:.0f} times the loudest moments: the amplifier may be near its limit"
    return Finding("offset", Grade.SUSPECT, text, times, "times")


def _rectified(e: EmgEvidence) -> Finding | None:
    values = e.clean.values()
    if values.size == 0 or values.min() < 0 or values.min() == values.max():
        return None
    centred = values.min() > 0.2 * float(np.median(values))  # far from zero: an offset, not a rectifier
    text = "never negative: already rectified or an envelope, so its noise and bandwidth cannot be judged"
    return None if centred else Finding("rectified", Grade.SUSPECT, text)


def _clipping(e: EmgEvidence) -> Finding | None:
    n = sum(stop - start for start, stop, kind in e.spans if kind == "clipped")
    share = n / e.track.n_samples
    if share < CLIPPED_TOLD:
        return None
    grade = Grade.BAD if share > CLIPPED_REFUSED else Grade.SUSPECT
    text = f"{100 * share:.1f} % of the samples stand at the limit of the range"
    return Finding("clipped", grade, text, 100 * share, "%")


def _bursts(e: EmgEvidence) -> Finding | None:
    total = seconds_of(e.spans, "artefact", e.track.channel.rate_hz)
    if total == 0:
        return None
    grade = Grade.BAD if total > ARTEFACT_REFUSED * e.track.duration_s else Grade.SUSPECT
    starts, stops = np.array([s[:2] for s in e.spans if s[2] == "artefact"]).T
    apart = starts[1:] - stops[:-1] > GUARD_S * e.track.channel.rate_hz
    count = 1 + np.count_nonzero(apart)
    text = f"{count} artefact{'s' if count > 1 else ''}, {total:.2f} s in all: the baseline leaps far beyond the signal"
    return Finding("artefact", grade, text, total, "s")


def _stuck(e: EmgEvidence) -> Finding | None:
    edges = {c.start for c in e.track.chunks} | {c.stop for c in e.track.chunks}
    inner = [s for s in e.spans if s[2] == "stuck" and not edges & {s[0], s[1]}]
    total = sum(stop - start for start, stop, _ in inner) / e.track.channel.rate_hz
    if not inner:
        return None
    grade = Grade.BAD if total > STUCK_REFUSED * e.track.duration_s else Grade.SUSPECT
    return Finding("stuck", grade, f"{total:.2f} s of one unchanging value: no signal arrived then", total, "s")


def _coarse(e: EmgEvidence) -> Finding | None:
    text = "at rest the signal disappears below one step of the converter: the noise floor is only that step"
    return Finding("quantised", Grade.SUSPECT, text) if gated_rest(e.track) else None


_FAULT_CHECKS: tuple[Callable[[EmgEvidence], Finding | None], ...] = (_clipping, _bursts, _stuck, _coarse)
_SIGNAL_CHECKS: tuple[Callable[[EmgEvidence], Finding | None], ...] = (_hum, _low_snr, _offset, _rectified)
