"""What the curves of a site say, in sentences: for a caption, and for a reader who cannot see the picture."""

from __future__ import annotations

import math
from collections.abc import Sequence

from glutebal.balance.site_waveform import SiteWaveform
from glutebal.balance.spm import PairedSpm, SpmCluster
from glutebal.balance.waveform import Deviation
from glutebal.report.reading import fixed, title
from glutebal.results import Laterality, Status

MOST_TOLD = 3
CAPTION = (
    "Lines: mean of the repetitions; bands: ± 1 standard deviation. Black bars: where the sides differ beyond chance, "
    "for this person on this day, each site by itself."
)


def axis_noun(waveform: SiteWaveform) -> str:
    """What the curve runs along: rep or, when walking, stride or ground contact."""
    if waveform.laterality is not Laterality.CYCLIC:
        return "rep"
    return "stride" if waveform.cyclic else "ground contact"


def counted_curves(waveform: SiteWaveform, n: int) -> str:
    """How many curves: "10 reps", "25 ground contacts"."""
    noun = axis_noun(waveform)
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def is_told(waveform: SiteWaveform) -> bool:
    """Whether there are curves of both sides to show."""
    return waveform.symmetry.status not in {Status.REFUSED, Status.TOO_FEW}


def is_pictured(waveform: SiteWaveform) -> bool:
    """Whether a page shows the curves: of one repetition there is no mean, and its track is on the page already."""
    return is_told(waveform) and min(curve.n for curve in waveform.curves) > 1


def waveform_told(waveform: SiteWaveform) -> str:
    """Shape, timing and where the sides differ, or why that cannot be told: two or three sentences.

    Parameters
    ----------
    waveform : SiteWaveform

    Returns
    -------
    str
    """
    if not is_told(waveform):
        return f"No answer along the {axis_noun(waveform)}: {waveform.symmetry.reason}."
    return " ".join(filter(None, [_test(waveform), _lag(waveform), _shape(waveform)]))


def _shape(waveform: SiteWaveform) -> str:
    found = waveform.symmetry
    shape = f"trend symmetry {fixed(found.trend_symmetry, 2)} of 1, correlation {fixed(found.r, 2)}"
    scaled = " Each side is in per cent of its own mean: sizes cannot be compared." if waveform.is_shape_only else ""
    return f"Likeness of the two mean curves, which has no range: {shape}.{scaled}"


def _lag(waveform: SiteWaveform) -> str:
    lag, noun = waveform.symmetry.lag, axis_noun(waveform)
    if waveform.lag_reason:
        return f"Which side is later is not told: {waveform.lag_reason}."
    if not math.isfinite(lag) or waveform.laterality is not Laterality.BILATERAL:
        return ""
    if abs(lag) < 0.5:
        return f"Neither side is later by as much as 0.5 % of the {noun}."
    side = "right" if lag > 0 else "left"
    return f"The {side} side is {fixed(abs(lag))} % of the {noun} ({fixed(abs(waveform.lag_ms), 0)} ms) later."


def _test(waveform: SiteWaveform) -> str:
    spm = waveform.spm
    if spm.status is not Status.OK:
        return f"No test along the {axis_noun(waveform)}: {spm.reason}."
    how = f"paired t curve, {_method(spm)}, {counted_curves(waveform, spm.n)}, {fixed(100 * spm.alpha, 0)} % error"
    if not spm.clusters:
        return f"No stretch differs beyond chance ({how})."
    return f"The sides differ beyond chance at {stretches(spm.clusters)} ({how})."


def _method(spm: PairedSpm) -> str:
    return spm.method.value if spm.method else "no method"


def stretches(clusters: Sequence[SpmCluster], most: int = MOST_TOLD) -> str:
    """The longest stretches in the order of the curve: "27 to 38 % (right higher, p < .001)"."""
    longest = sorted(clusters, key=lambda c: c.start_percent - c.stop_percent)[:most]
    told = [stretch(cluster) for cluster in sorted(longest, key=lambda c: c.start_percent)]
    rest = len(clusters) - len(told)
    return ", ".join(told) + (f" and {rest} shorter" if rest else "")


def stretch(cluster: SpmCluster) -> str:
    """One stretch: where, which side, and its p."""
    where = f"{fixed(cluster.start_percent, 0)} to {fixed(cluster.stop_percent, 0)} %"
    return f"{where} ({cluster.larger.value} higher, {p_value(cluster.p)})"


def deviations_told(deviations: Sequence[Deviation]) -> str:
    """Where a difference leaves its band: "20 to 21 % (+12.0)", in the order of the curve."""
    ordered = sorted(deviations, key=lambda d: d.start_percent)
    return ", ".join(
        f"{fixed(d.start_percent, 0)} to {fixed(d.stop_percent, 0)} % ({'+' * (d.extreme > 0)}{fixed(d.extreme)})"
        for d in ordered
    )


def p_value(p: float) -> str:
    """A probability as it is written: "p = .013", "p < .001"."""
    return "p < .001" if p < 0.001 else f"p = {p:.3f}".replace("0.", ".", 1)


def waveform_described(waveform: SiteWaveform) -> str:
    """For a reader who cannot see the picture: what is drawn and what it shows."""
    peaks = ", ".join(f"{side} highest at {_top(curve)} %" for side, curve in _named(waveform))
    head = f"Mean curves of {title(waveform.site)} from 0 to 100 % of the {axis_noun(waveform)}, left and right"
    return f"{head}; {peaks}. {waveform_told(waveform)}"


def _named(waveform: SiteWaveform) -> list[tuple[str, Sequence[float]]]:
    return list(zip(("left", "right"), (c.mean.tolist() for c in waveform.curves), strict=True))


def _top(curve: Sequence[float]) -> str:
    return fixed(100 * max(range(len(curve)), key=curve.__getitem__) / (len(curve) - 1), 0)
