"""From an analysis to the curves of its sites: how alike left and right are along the repetition, and where not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from glutebal.analysis.found import unloaded
from glutebal.balance.site_waveform import MeanCurve, SiteWaveform
from glutebal.balance.spm import PairedSpm, paired_spm
from glutebal.balance.waveform import Deviation, WaveformSymmetry, regions_of_deviation, waveform_symmetry
from glutebal.model import Bilateral, Channel, Chunk, Quantity, Samples, Side, Track, require_same_rate
from glutebal.results import Analysis, Grade, Laterality, Reference, Rep, Status
from glutebal.signal.curves import mean_turn_percent, rep_curves
from glutebal.signal.faults import fault_spans, without_faults
from glutebal.signal.strides import event_strides, strides

OWN_MEAN = "% of own mean"
SHAPE_ONLY = "no reference contraction on each side: shapes can be compared, sizes cannot"
TAKE_TURNS = "the sides take turns, so their repetitions are no pairs"


def waveforms(analysis: Analysis, *, lined_up: bool = False, alpha: float = 0.05) -> tuple[SiteWaveform, ...]:
    """Both sides' curves over the repetition, site by site: EMG envelopes, then forces.

    EMG with a reference contraction is in % of it, force in N above its unloaded level. EMG without a reference is
    scaled to each side's own mean: shape and timing are compared, sizes are not.

    Parameters
    ----------
    analysis : Analysis
    lined_up : bool
        Stretch the reps so that their turns coincide (piecewise-linear registration); reps without a turn are then
        left out. By default only start and stop coincide.
    alpha : float
        Of the test along each curve, two-sided.

    Returns
    -------
    tuple of SiteWaveform
        Empty without repetitions.
    """
    if not analysis.segmentation.reps:
        return ()
    return tuple(_site(analysis, pair, lined_up, alpha) for pair in _pairs(analysis))


def _pairs(analysis: Analysis) -> Iterable[Bilateral[Track]]:
    yield from analysis.envelopes
    drawn = {(p.left.channel.quantity, p.left.channel.site) for p in analysis.envelopes}
    for pair in analysis.recording.pairs(Quantity.FORCE):
        channel = pair.left.channel
        if not channel.axis and (channel.quantity, channel.site) not in drawn:
            yield require_same_rate(pair, analysis.recording.source).map(_force)


def _force(track: Track) -> Track:
    found = unloaded(without_faults(track, fault_spans(track)))
    lowered = (Chunk(c.channel, c.start, c.samples - found.unloaded) for c in found.track.chunks)
    return Track(track.channel, tuple(lowered))


def _site(analysis: Analysis, pair: Bilateral[Track], lined_up: bool, alpha: float) -> SiteWaveform:
    channel, laterality = pair.left.channel, analysis.segmentation.laterality
    reps = _windows(analysis, channel.quantity)
    own = Bilateral.per_side(lambda side: [r for r in reps if r.side in {None, side}])
    turn = mean_turn_percent(reps) if lined_up else None
    raw = pair.zip(own).map(lambda both: rep_curves(both[0], both[1], turn_percent=turn).values)
    curves, unit = _scaled(analysis, channel, _whole_pairs(raw) if laterality is Laterality.BILATERAL else raw)
    means = curves.map(MeanCurve.of)
    refusal = _refusal(analysis, pair)
    cyclic = laterality is Laterality.CYCLIC and channel.quantity is Quantity.EMG
    symmetry = _symmetry(means, refusal, cyclic=cyclic)
    duration_s = float(np.mean([rep.duration_s for rep in reps]))
    return SiteWaveform(
        site=channel.site,
        quantity=channel.quantity,
        unit=unit,
        laterality=laterality,
        curves=means,
        symmetry=symmetry.shape_only(SHAPE_ONLY) if unit == OWN_MEAN else symmetry,
        spm=_spm(curves, laterality, refusal, alpha, _shared_se(analysis, channel, means)),
        deviations=_deviations(curves, laterality, refusal),
        cyclic=cyclic,
        duration_s=duration_s,
        lag_reason=_lag_reason(analysis, symmetry.lag / 100 * duration_s),
    )


def _windows(analysis: Analysis, quantity: Quantity) -> Sequence[Rep]:
    """The reps; for the EMG of a walk whole strides, where the reps are ground contacts."""
    found = analysis.segmentation
    if found.laterality is not Laterality.CYCLIC or quantity is not Quantity.EMG:
        return found.reps
    return event_strides(analysis.recording.events).reps or strides(found).reps or found.reps


def _whole_pairs(raw: Bilateral[Samples]) -> Bilateral[Samples]:
    whole = np.isfinite(raw.left + raw.right).all(axis=1, keepdims=True)
    return raw.map(lambda curves: np.where(whole, curves, np.nan))


def _scaled(analysis: Analysis, channel: Channel, raw: Bilateral[Samples]) -> tuple[Bilateral[Samples], str]:
    if channel.quantity is not Quantity.EMG:
        return raw, channel.quantity.unit
    reference = _reference(analysis, channel)
    if reference is not None:
        return raw.zip(reference.value).map(lambda both: both[0] * (100 / both[1])), "%ref"
    return raw.map(_to_own_mean), OWN_MEAN


def _reference(analysis: Analysis, channel: Channel) -> Reference | None:
    same = (r for r in analysis.references if (r.site, r.quantity) == (channel.site, channel.quantity))
    return next(same, None)


def _to_own_mean(curves: Samples) -> Samples:
    known = curves[np.isfinite(curves).all(axis=1)]
    mean = float(known.mean()) if known.size else 0.0
    return curves * (100 / mean) if mean > 0 else np.full_like(curves, np.nan)


def _refusal(analysis: Analysis, pair: Bilateral[Track]) -> str:
    """Why a channel of the pair may not be compared; empty if both may."""
    bad = {_meaning(q.channel): f"{q.channel.name}: {q.reason}" for q in analysis.quality if q.grade is Grade.BAD}
    found = pair.map(lambda track: bad.get(_meaning(track.channel), ""))
    return "; ".join(why for why in found if why)


def _meaning(channel: Channel) -> tuple[Quantity, Side | None, str, str]:
    return channel.quantity, channel.side, channel.site, channel.axis


def _symmetry(means: Bilateral[MeanCurve], refusal: str, *, cyclic: bool) -> WaveformSymmetry:
    if refusal:
        return WaveformSymmetry(status=Status.REFUSED, reason=refusal)
    for side in Side:
        if not means[side].n:
            return WaveformSymmetry(status=Status.TOO_FEW, reason=f"no complete {side.value} repetition")
    return waveform_symmetry(means.map(lambda m: m.mean), cyclic=cyclic)


def _shared_se(analysis: Analysis, channel: Channel, means: Bilateral[MeanCurve]) -> Samples:
    """What an error of the reference contractions does to the mean difference, at each node; 0 without references."""
    reference = _reference(analysis, channel)
    relative = reference.relative_se if reference else Bilateral(0.0, 0.0)
    parts = means.zip(relative).map(lambda both: both[0].mean * both[1])
    return np.asarray(np.hypot(*parts))


def _spm(
    curves: Bilateral[Samples], laterality: Laterality, refusal: str, alpha: float, shared_se: Samples
) -> PairedSpm:
    if refusal:
        return PairedSpm.none(Status.REFUSED, refusal)
    if laterality is not Laterality.BILATERAL:
        return PairedSpm.none(Status.UNPAIRED, TAKE_TURNS)
    return paired_spm(curves, alpha=alpha, extra_se=shared_se)


def _deviations(curves: Bilateral[Samples], laterality: Laterality, refusal: str) -> tuple[Deviation, ...]:
    if refusal or laterality is not Laterality.BILATERAL:
        return ()
    difference = MeanCurve.of(curves.right - curves.left)
    return regions_of_deviation(difference.mean, difference.sd)


def _lag_reason(analysis: Analysis, lag_s: float) -> str:
    alignment = analysis.recording.alignment
    if alignment is None or alignment.allows_timing(lag_s):
        return ""
    return f"the two sensors share one time only within {1000 * alignment.uncertainty_s:.0f} ms ({alignment.method})"
