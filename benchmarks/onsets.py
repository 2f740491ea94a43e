"""Onset detection on synthetic EMG with known edges, on seeds that nothing was tuned on.

Run ``python benchmarks/onsets.py``; it prints the tables as Markdown and, with ``--json FILE``, keeps the rows.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from synthetic_emg import CONDITIONS, RAMP_S, Array, Condition, Signal, generator, record, schedule, with_bursts

from glutebal.errors import SignalError
from glutebal.model import Channel, Quantity, Side, Track
from glutebal.signal.onset import onsets

Row = dict[str, Any]
Detector = Callable[[Signal], Array]

#: The detector was tuned on seeds below 2000; the tables use these.
HELD_OUT = range(2000, 2020)
MANY_HELD_OUT = range(2000, 2080)
DURATION_S = 30.0


def track(signal: Signal, side: Side = Side.LEFT) -> Track:
    """The signal as a raw EMG track."""
    return Track.of_samples(Channel(Quantity.EMG, side, "gluteus_maximus", signal.rate_hz), signal.samples)


def glutebal_bursts(signal: Signal) -> Array:
    """Starts and stops in seconds, shape (n, 2); none when the channel is refused."""
    try:
        return np.array([(b.start_s, b.stop_s) for b in onsets(track(signal))]).reshape(-1, 2)
    except SignalError:
        return np.empty((0, 2))


def matched(found: Array, true: Array, within_s: float) -> Array:
    """Pairs (found, true) no further apart than ``within_s``, nearest first, each used once, shape (n, 2)."""
    if found.size == 0 or true.size == 0:
        return np.empty((0, 2))
    gap = np.abs(found[:, None] - true[None, :])
    pairs = []
    for flat in np.argsort(gap, axis=None):
        i, j = np.unravel_index(flat, gap.shape)
        if gap[i, j] > within_s:
            break
        pairs.append((found[i], true[j]))
        gap[i, :], gap[:, j] = np.inf, np.inf
        if np.isinf(gap).all():
            break
    return np.array(pairs).reshape(-1, 2)


def score(found: Sequence[Array], true: Sequence[Array]) -> Row:
    """Median error (ms) of the edges that match within 300 ms, and precision and recall within 50 and 100 ms."""
    near = np.concatenate([matched(f, t, 0.3) for f, t in zip(found, true, strict=True)])
    error = 1e3 * (near[:, 0] - near[:, 1])
    row: Row = {"median_ms": _median(np.abs(error)), "bias_ms": _median(error)}
    n_found, n_true = sum(map(len, found)), sum(map(len, true))
    for ms in (50, 100):
        hits = sum(len(matched(f, t, ms / 1e3)) for f, t in zip(found, true, strict=True))
        row[f"precision_{ms}"] = hits / n_found if n_found else None
        row[f"recall_{ms}"] = hits / n_true
        row[f"f1_{ms}"] = 2 * hits / (n_found + n_true)
    return row


def _median(values: Array) -> float | None:
    return float(np.median(values)) if values.size else None


def rated(detector: Detector, condition: Condition, seeds: Sequence[int] = HELD_OUT) -> Row:
    """One row: a detector on every recording of a condition, onsets and offsets, and its CPU time."""
    signals = [record(condition, seed, duration_s=DURATION_S) for seed in seeds]
    began = time.process_time()
    found = [detector(signal) for signal in signals]
    cpu = time.process_time() - began
    row = score([f[:, 0] for f in found], [s.bursts[:, 0] for s in signals])
    offsets = score([f[:, 1] for f in found], [s.bursts[:, 1] for s in signals])
    row |= {f"offset_{key}": offsets[key] for key in ("median_ms", "bias_ms", "f1_50")}
    return {"condition": condition.title, **row, "cpu_ms_per_s": 1e3 * cpu / (len(signals) * DURATION_S)}


def false_lag(detector: Detector, strong_db: float, linear: bool = False, weaker_db: float = 8.0) -> Row:
    """How much later the weaker of two sides is reported when both begin a 200 ms ramp at the same instant."""
    lags, missed = [], 0
    for seed in MANY_HELD_OUT:
        sides = [Condition("ramp", db, RAMP_S, linear=linear) for db in (strong_db, strong_db - weaker_db)]
        bursts = schedule(DURATION_S, generator(sides[0], seed))
        found = []
        for k, condition in enumerate(sides):
            signal = with_bursts(condition, bursts, np.random.default_rng([seed, k, 5]), 1000.0, DURATION_S)
            near = matched(detector(signal)[:, 0], bursts[:, 0], 0.3)
            found.append({true: at for at, true in near})
        both = found[0].keys() & found[1].keys()
        missed += len(bursts) - len(both)
        lags += [1e3 * (found[1][t] - found[0][t]) for t in sorted(both)]
    n = len(lags)
    title = f"{'straight' if linear else 'raised-cosine'} ramp, {strong_db:g} and {strong_db - weaker_db:g} dB"
    se = 1.25 * float(np.std(lags)) / n**0.5
    return {"condition": title, "lag_ms": float(np.median(lags)), "se_ms": se, "n": n, "missed": missed}


def markdown(rows: Sequence[Row], columns: dict[str, str]) -> str:
    """A table: ``columns`` maps a title to a format of the row."""
    lines = ["| " + " | ".join(columns) + " |", "|" + "---|" * len(columns)]
    for row in rows:
        shown = {key: float("nan") if value is None else value for key, value in row.items()}
        lines.append("| " + " | ".join(form.format(**shown) for form in columns.values()) + " |")
    return "\n".join(lines)


COLUMNS = {
    "condition": "{condition}",
    "onset: median error": "{median_ms:.1f} ms",
    "bias": "{bias_ms:+.1f} ms",
    "precision / recall, 50 ms": "{precision_50:.3f} / {recall_50:.3f}",
    "100 ms": "{precision_100:.3f} / {recall_100:.3f}",
    "offset: median error": "{offset_median_ms:.1f} ms",
    "CPU per s": "{cpu_ms_per_s:.1f} ms",
}
LAG_COLUMNS = {
    "condition": "{condition}",
    "weaker side later by": "{lag_ms:+.1f} ms",
    "± (1 SE)": "{se_ms:.1f} ms",
    "onsets": "{n}",
    "missed": "{missed}",
}


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, help="file to keep the rows in")
    wanted = parser.parse_args().json
    rows = [rated(glutebal_bursts, condition) for condition in CONDITIONS]
    print(markdown(rows, COLUMNS), end="\n\n")
    lags = [false_lag(glutebal_bursts, db, linear) for linear in (False, True) for db in (20.0, 16.0)]
    print(markdown(lags, LAG_COLUMNS))
    if wanted:
        wanted.write_text(json.dumps({"onsets": rows, "false_lag": lags}, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
