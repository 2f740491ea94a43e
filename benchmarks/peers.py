"""glutebal beside NeuroKit2 and BioSPPy on the same synthetic signals: ratio, unit, rate, onsets, CPU, intervals.

Needs the group ``bench`` of pyproject.toml in an environment of its own (the peers pin older libraries). Run
``python benchmarks/peers.py``; it prints the tables as Markdown and, with ``--json FILE``, keeps the rows. Every
library sees the same samples and the same bursts; each is used as its documentation shows.
"""

from __future__ import annotations

import argparse
import json
import math
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from onsets import HELD_OUT, Row, glutebal_bursts, markdown, rated, track
from scipy.signal import resample_poly, sosfreqz
from synthetic_emg import CONDITIONS, STEP_S, Array, Condition, Signal, schedule, shwedyk, with_bursts

from glutebal.model import Bilateral, Side
from glutebal.results import Estimate
from glutebal.signal.filters import Bandpass, ZeroPhase
from glutebal.signal.prepare import PreparedEmg, prepare
from glutebal.signal.side_value import SideValue, log_ratio

DURATION_S = 30.0
TRIM_S = 0.05  # of every burst, at both ends: amplitude is judged on the plateau
RATIOS = (0.9, 0.8, 0.5)
UNITS = {"V": 5e-6, "mV": 5e-3, "µV": 5.0, "counts": 100.0}  # of one noise SD; counts are whole numbers
RATES_HZ = (4000, 2000, 1000, 500)

Pair = Bilateral[Signal]
Ratio = Callable[[Pair], float]


def pair(seed: int, ratio: float, snr_db: float, rate_hz: float = 1000.0) -> Pair:
    """Two sides with the same bursts and the same noise floor; the left one has the stated SNR."""
    rng = np.random.default_rng([seed, round(1000 * ratio), round(snr_db)])
    bursts = schedule(DURATION_S, rng)
    levels = Bilateral(snr_db, snr_db + 20 * math.log10(ratio))
    return levels.map(lambda db: with_bursts(Condition("step", db, STEP_S), bursts, rng, rate_hz, DURATION_S))


def plateaus(signal: Signal) -> Iterable[slice]:
    """The samples of every plateau."""
    for start, stop in signal.bursts:
        yield slice(round((start + TRIM_S) * signal.rate_hz), round((stop - TRIM_S) * signal.rate_hz))


def of_envelope(envelope: Callable[[Signal], Array]) -> Ratio:
    """R/L as the geometric mean over bursts of the ratio of mean envelopes."""

    def ratio(sides: Pair) -> float:
        means = sides.map(lambda s: np.array([np.mean(envelope(s)[part]) for part in plateaus(s)]))
        with np.errstate(divide="ignore", invalid="ignore"):
            return float(np.exp(np.mean(np.log(means.right / means.left))))

    return ratio


def plain_rms(signal: Signal) -> Array:
    """100 ms RMS of the band-passed signal, the noise left in."""
    band = ZeroPhase(Bandpass())(track(signal)).values()
    width = round(0.1 * signal.rate_hz)
    return np.sqrt(np.convolve(band**2, np.ones(width) / width, "same"))


def neurokit_envelope(signal: Signal) -> Array:
    """`emg_clean` and `emg_amplitude`."""
    import neurokit2 as nk

    cleaned = nk.emg_clean(signal.samples, sampling_rate=int(signal.rate_hz))
    return np.asarray(nk.emg_amplitude(cleaned), dtype=np.float64)


def biosppy_envelope(signal: Signal) -> Array:
    """The filtered signal of `emg.emg`, rectified and smoothed over 100 ms."""
    from biosppy.signals import tools

    band = tools.filter_signal(signal.samples, "butter", "highpass", 4, 100, sampling_rate=signal.rate_hz)["signal"]
    width = int(0.1 * signal.rate_hz)
    return np.asarray(tools.smoother(np.abs(band), kernel="boxcar", size=width, mirror=True)["signal"])


@dataclass(frozen=True)
class Rep:
    """One burst as the library measures it: both sides and λ, each with its interval."""

    sides: Bilateral[Estimate]
    log_ratio: Estimate


def reps(sides: Pair) -> list[Rep]:
    """glutebal on the same plateaus: noise-corrected amplitude per burst and side, λ per burst."""
    ready = sides.zip(Bilateral(Side.LEFT, Side.RIGHT)).map(lambda s: prepare(track(*s)))
    spans = [(part.start / sides.left.rate_hz, part.stop / sides.left.rate_hz) for part in plateaus(sides.left)]
    widths = ready.map(lambda emg: emg.bandwidth_hz(spans))
    out = []
    for start_s, stop_s in spans:
        blocks = math.ceil(100 * start_s), math.floor(100 * stop_s)
        values = ready.zip(widths).map(partial(_amplitude, blocks))
        out.append(Rep(values.map(lambda v: v.estimate()), log_ratio(values)))
    return out


def _amplitude(blocks: tuple[int, int], side: tuple[PreparedEmg, float]) -> SideValue:
    emg, bandwidth_hz = side
    return emg.amplitude(*blocks, bandwidth_hz)


def glutebal_ratio(sides: Pair) -> float:
    """The geometric mean of R/L over the reps."""
    return float(np.exp(np.mean([rep.log_ratio.value for rep in reps(sides)])))


RATIO_METHODS: dict[str, Ratio] = {
    "glutebal": glutebal_ratio,
    "plain RMS": of_envelope(plain_rms),
    "NeuroKit2": of_envelope(neurokit_envelope),
    "BioSPPy": of_envelope(biosppy_envelope),
}


def ratio_rows() -> list[Row]:
    """True R/L against what is reported, mean over recordings."""
    out: list[Row] = []
    for true in RATIOS:
        for snr_db in (12.0, 20.0):
            pairs = [pair(seed, true, snr_db) for seed in HELD_OUT]
            shown = {name: _typical(method, pairs) for name, method in RATIO_METHODS.items()}
            out.append({"condition": f"{true:g} at {snr_db:g} dB", **shown})
    return out


def _typical(method: Ratio, pairs: Sequence[Pair]) -> float:
    return float(np.exp(np.mean([math.log(method(sides)) for sides in pairs])))


def in_unit(unit: str, signal: Signal) -> Signal:
    """The same recording in another unit; counts are rounded, as a converter does."""
    samples = UNITS[unit] * signal.samples
    return replace(signal, samples=np.round(samples) if unit == "counts" else samples)


def unit_rows() -> list[Row]:
    """The same pairs in other units: R/L and the number of bursts, 0.8 at 12 dB."""
    pairs = [pair(seed, 0.8, 12.0) for seed in HELD_OUT[:6]]
    out: list[Row] = []
    for unit in UNITS:
        scaled = [p.map(partial(in_unit, unit)) for p in pairs]
        row: Row = {"condition": unit} | {name: _typical(m, scaled) for name, m in RATIO_METHODS.items()}
        row |= {f"{name} bursts": sum(len(d(p.left)) for p in scaled) for name, d in DETECTORS.items()}
        out.append({**row, "true bursts": sum(len(p.left.bursts) for p in pairs)})
    return out


def at_rate(rate_hz: int, signal: Signal) -> Signal:
    """The same physical signal at a lower rate."""
    factor = round(signal.rate_hz / rate_hz)
    samples = resample_poly(signal.samples, 1, factor) if factor > 1 else signal.samples
    return replace(signal, samples=np.asarray(samples), rate_hz=float(rate_hz))


def rate_rows() -> list[Row]:
    """The same physical pairs at four rates: R/L, and each library's left amplitude over its own at 1000 Hz."""
    pairs = [pair(seed, 0.8, 12.0, float(RATES_HZ[0])) for seed in HELD_OUT[:10]]
    out: list[Row] = []
    for rate_hz in RATES_HZ:
        slower = [p.map(partial(at_rate, rate_hz)) for p in pairs]
        row: Row = {"condition": f"{rate_hz} Hz"} | {name: _typical(m, slower) for name, m in RATIO_METHODS.items()}
        row |= {f"{name} level": float(np.mean([level(p) for p in slower])) for name, level in LEVELS.items()}
        out.append(row)
    for name in LEVELS:
        own = next(row[f"{name} level"] for row in out if row["condition"] == "1000 Hz")
        for row in out:
            row[f"{name} level"] /= own
    return out


def _mean_level(envelope: Callable[[Signal], Array]) -> Ratio:
    return lambda sides: float(np.mean([np.mean(envelope(sides.left)[part]) for part in plateaus(sides.left)]))


def _glutebal_level(sides: Pair) -> float:
    return float(np.mean([rep.sides.left.value for rep in reps(sides)]))


LEVELS: dict[str, Ratio] = {
    "glutebal": _glutebal_level,
    "NeuroKit2": _mean_level(neurokit_envelope),
    "BioSPPy": _mean_level(biosppy_envelope),
}


def _bursts(starts: Iterable[float], stops: Iterable[float]) -> Array:
    """Each start with the first stop after it."""
    ends = np.sort(np.asarray(list(stops), dtype=np.float64))
    pairs = [(s, ends[i]) for s in starts if (i := int(np.searchsorted(ends, s, "right"))) < ends.size]
    return np.array(pairs, dtype=np.float64).reshape(-1, 2)


def neurokit_bursts(method: str) -> Callable[[Signal], Array]:
    """`emg_clean` and `emg_activation` with its defaults, without the output loop of `emg_process`."""

    def detect(signal: Signal) -> Array:
        import neurokit2 as nk

        rate = int(signal.rate_hz)
        cleaned = nk.emg_clean(signal.samples, sampling_rate=rate)
        _, info = nk.emg_activation(nk.emg_amplitude(cleaned), sampling_rate=rate, method=method)
        return _bursts(*(np.asarray(info[key]) / rate for key in ("EMG_Onsets", "EMG_Offsets")))

    return detect


def biosppy_bursts(signal: Signal) -> Array:
    """`emg.emg` with its defaults: the crossings of its threshold, upwards and downwards in turn."""
    from biosppy.signals import emg

    edges = np.sort(emg.emg(signal.samples, signal.rate_hz, show=False)["onsets"]) / signal.rate_hz
    return np.asarray(edges[: edges.size // 2 * 2].reshape(-1, 2))


class Counted:
    """A peer's detector; where it raises it has found nothing, and the exception is counted and shown."""

    def __init__(self, detect: Callable[[Signal], Array]) -> None:
        self.detect, self.raised = detect, Counter[str]()

    def __call__(self, signal: Signal) -> Array:
        """The bursts, or none when the peer raises."""
        try:
            return self.detect(signal)
        except Exception as error:
            self.raised[f"{type(error).__name__}: {str(error)[:60]}"] += 1
            return np.empty((0, 2))


DETECTORS: dict[str, Callable[[Signal], Array]] = {
    "glutebal": glutebal_bursts,
    "NeuroKit2 threshold": Counted(neurokit_bursts("threshold")),
    "NeuroKit2 mixture": Counted(neurokit_bursts("mixture")),
    "BioSPPy": Counted(biosppy_bursts),
}


def onset_rows() -> list[Row]:
    """Every detector with its defaults on the conditions at 12 and 20 dB."""
    chosen = [c for c in CONDITIONS if c.snr_db in {12.0, 20.0}]
    return [{"detector": name} | rated(d, c, HELD_OUT[:10]) for c in chosen for name, d in DETECTORS.items()]


def in_band_share(condition_rate_hz: float = 1000.0) -> float:
    """Share of the EMG power that passes the library's own causal band-pass, by construction of the spectrum."""
    channel = track(Signal(np.zeros(8), condition_rate_hz, np.empty((0, 2)))).channel
    hz = np.linspace(0, condition_rate_hz / 2, 8193)[1:]
    _, response = sosfreqz(Bandpass().sections(channel), hz, fs=condition_rate_hz)
    power = shwedyk(hz)
    return float(np.sum(power * np.abs(response) ** 2) / np.sum(power))


def coverage_rows(recordings: int = 150) -> list[Row]:
    """How often the nominal 95 % interval of one rep holds the truth: bursts of 0.5 to 3 s, both sides and λ."""
    out: list[Row] = []
    for snr_db in (6.0, 12.0, 20.0):
        held: dict[str, list[bool]] = {"amplitude of a side": [], "log ratio": []}
        for seed in range(recordings):
            rng = np.random.default_rng([seed, 91, round(snr_db)])
            starts = 2.0 + 4.0 * np.arange(10)
            bursts = np.stack([starts, starts + rng.uniform(0.5, 3.0, starts.size) + 2 * TRIM_S], axis=1)
            step = Condition("step", snr_db, STEP_S)
            sides = Bilateral.per_side(lambda _: with_bursts(step, bursts, rng, 1000.0, 43.0))  # noqa: B023 - used at once
            true = 10 ** (snr_db / 20) * math.sqrt(in_band_share())
            for rep in reps(sides):
                held["amplitude of a side"] += [e.low <= true <= e.high for e in rep.sides]
                held["log ratio"].append(rep.log_ratio.low <= 0.0 <= rep.log_ratio.high)
        out += [_coverage(f"{what}, {snr_db:g} dB", hits) for what, hits in held.items()]
    return out


def _coverage(title: str, hits: Sequence[bool]) -> Row:
    share = float(np.mean(hits))
    return {
        "condition": title,
        "coverage": 100 * share,
        "se": 100 * math.sqrt(share * (1 - share) / len(hits)),
        "n": len(hits),
    }


def cpu_rows(repeats: int = 5) -> list[Row]:
    """CPU per second of one 1 kHz channel, amplitude and onsets, and its ratio to glutebal's."""
    signal = pair(1000, 0.8, 20.0).left
    tasks: dict[str, tuple[str, Callable[[Signal], Any]]] = {
        "amplitude, glutebal": ("amplitude", lambda s: prepare(track(s))),
        "amplitude, NeuroKit2": ("amplitude", neurokit_envelope),
        "amplitude, BioSPPy": ("amplitude", biosppy_envelope),
        **{f"onsets, {name}": ("onsets", detector) for name, detector in DETECTORS.items()},
    }
    spent: dict[str, list[float]] = {name: [] for name in tasks}
    for _ in range(repeats):  # interleaved, so that a busy machine is busy for all
        for name, (_, task) in tasks.items():
            began = time.process_time()
            task(signal)
            spent[name].append(time.process_time() - began)
    ms = {name: 1e3 * float(np.median(times)) / DURATION_S for name, times in spent.items()}
    return [
        {"condition": name, "ms": ms[name], "times": ms[name] / ms[f"{kind}, glutebal"]}
        for name, (kind, _) in tasks.items()
    ]


def _columns(first: str, names: Iterable[str], form: str) -> dict[str, str]:
    return {first: "{condition}", **{name: f"{{{name}{form}}}" for name in names}}


TABLES: dict[str, tuple[Callable[[], list[Row]], dict[str, str]]] = {
    "Reported R/L": (ratio_rows, _columns("true R/L", RATIO_METHODS, ":.3f")),
    "Unit (true R/L 0.8 at 12 dB)": (
        unit_rows,
        _columns("unit", RATIO_METHODS, ":.4f")
        | {f"{name} bursts": f"{{{name} bursts}} of {{true bursts}}" for name in DETECTORS},
    ),
    "Rate (true R/L 0.8 at 12 dB; level: over the library's own at 1000 Hz)": (
        rate_rows,
        _columns("rate", [*RATIO_METHODS, *(f"{name} level" for name in LEVELS)], ":.3f"),
    ),
    "Onsets": (
        onset_rows,
        {
            "condition": "{condition}",
            "detector": "{detector}",
            "median error": "{median_ms:.1f} ms",
            "precision / recall, 50 ms": "{precision_50:.2f} / {recall_50:.2f}",
            "F1, 100 ms": "{f1_100:.2f}",
        },
    ),
    "Coverage of the 95 % interval of one rep": (
        coverage_rows,
        {"what": "{condition}", "coverage": "{coverage:.1f} %", "± (1 SE)": "{se:.1f}", "intervals": "{n}"},
    ),
    "CPU per second of signal": (cpu_rows, {"task": "{condition}", "CPU": "{ms:.2f} ms", "× glutebal": "{times:.1f}"}),
}


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, help="file to keep the rows in")
    wanted = parser.parse_args().json
    kept = {}
    for title, (rows, columns) in TABLES.items():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the peers warn about other libraries' future versions
            kept[title] = rows()
        print(f"## {title}\n\n{markdown(kept[title], columns)}\n", flush=True)
    for name, detector in DETECTORS.items():
        if isinstance(detector, Counted) and detector.raised:
            print(f"{name} raised {dict(detector.raised)}")
    if wanted:
        wanted.write_text(json.dumps(kept, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
