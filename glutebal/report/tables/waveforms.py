"""The curves of an analysis as tables: one row per site, or one row per site, side and per cent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from glutebal.balance.site_waveform import SiteWaveform
from glutebal.model import Side
from glutebal.report.waveform_words import deviations_told, stretches
from glutebal.results import Status

if TYPE_CHECKING:
    from pandas import DataFrame

Row = dict[str, Any]

WAVEFORM_COLUMNS = (
    *("site", "quantity", "unit", "n_left", "n_right", "reps_left_out"),
    *("trend_symmetry", "variance_ratio", "phase_shift", "shifted_trend_symmetry", "range_ratio", "range_offset"),
    *("symmetry_function", "si_norm_low", "si_norm_high", "r", "peak_r", "lag", "lag_ms"),
    *("cyclogram_area", "cyclogram_orientation", "status", "reason"),
    *("spm_threshold", "spm_largest_t", "spm_stretches", "spm_n", "spm_method", "spm_status", "spm_reason"),
    "deviations",
)
CURVE_COLUMNS = ("site", "side", "percent", "mean", "sd", "n", "unit", "t", "beyond_chance")


def waveforms_table(waveforms: Sequence[SiteWaveform]) -> DataFrame:
    """One row per site: how alike the two mean curves are, and where the sides differ.

    Returns
    -------
    pandas.DataFrame
        Columns `WAVEFORM_COLUMNS`. ``phase_shift`` and ``lag`` in per cent of the rep, positive = right later;
        ``range_offset`` in ``unit``; ``symmetry_function`` and ``si_norm_…`` in per cent; ``deviations`` says where the
        mean difference leaves ±2 of its own SD, with the farthest difference in ``unit``; NaN where there is no
        answer, with the reason.
    """
    from pandas import DataFrame

    return DataFrame([_row(w) for w in waveforms], columns=list(WAVEFORM_COLUMNS))


def curves_table(waveforms: Iterable[SiteWaveform]) -> DataFrame:
    """One row per site, side and node of the curve, ready to plot.

    Returns
    -------
    pandas.DataFrame
        Columns `CURVE_COLUMNS`. ``mean`` and ``sd`` over the reps in ``unit``; ``t`` of right minus left, the same for
        both sides; ``beyond_chance`` whether the node is in a stretch beyond the threshold of the whole curve.
    """
    from pandas import DataFrame, concat

    frames = [DataFrame(_curve(w, side), columns=list(CURVE_COLUMNS)) for w in waveforms for side in Side]
    return concat(frames, ignore_index=True) if frames else DataFrame(columns=list(CURVE_COLUMNS))


def _row(waveform: SiteWaveform) -> Row:
    found, counts = waveform.symmetry, waveform.curves
    return {
        "site": waveform.site,
        "quantity": waveform.quantity.title,
        "unit": waveform.unit,
        "n_left": counts.left.n,
        "n_right": counts.right.n,
        "reps_left_out": max(c.left_out for c in counts),
        **{name: getattr(found, name) for name in WAVEFORM_COLUMNS[6:18]},
        "lag_ms": waveform.lag_ms,
        "cyclogram_area": found.cyclogram.area,
        "cyclogram_orientation": found.cyclogram.orientation_deg,
        "status": found.status.value,
        "reason": found.reason,
        **_spm_row(waveform),
        "deviations": deviations_told(waveform.deviations),
    }


def _spm_row(waveform: SiteWaveform) -> Row:
    spm = waveform.spm
    seen = np.abs(spm.t[np.isfinite(spm.t)])
    return {
        "spm_threshold": spm.threshold,
        "spm_largest_t": float(seen.max()) if seen.size else float("nan"),
        "spm_stretches": stretches(spm.clusters, most=len(spm.clusters)),
        "spm_n": spm.n,
        "spm_method": spm.method.value if spm.method else "",
        "spm_status": spm.status.value,
        "spm_reason": spm.reason,
    }


def _curve(waveform: SiteWaveform, side: Side) -> Row:
    curve, spm = waveform.curves[side], waveform.spm
    nodes = curve.mean.size
    with np.errstate(invalid="ignore"):
        beyond = np.abs(spm.t) > spm.threshold if spm.status is Status.OK else np.zeros(nodes, dtype=np.bool_)
    return {
        "site": waveform.site,
        "side": side.value,
        "percent": np.linspace(0, 100, nodes),
        "mean": curve.mean,
        "sd": curve.sd,
        "n": curve.n,
        "unit": waveform.unit,
        "t": spm.t,
        "beyond_chance": beyond,
    }
