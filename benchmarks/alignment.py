"""Error of the left/right alignment of two simulated sensors, and how often its stated bound holds.

Two sensors of 200 Hz, 10 samples a packet, clocks 18 ppm fast and 14 ppm slow, each over a simulated link.
Run ``python benchmarks/alignment.py``; it prints Markdown and, with ``--json FILE``, keeps the rows.
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from glutebal.ingest.alignment import align
from glutebal.ingest.clock import CRYSTALS, WILDEST, Envelope
from glutebal.ingest.taps import Trace, find_tap
from glutebal.model import Bilateral, Samples, Side
from glutebal.testing.radio import Radio, Sensor

Row = dict[str, Any]
PERIOD_S = 0.05
PPM = Bilateral(18.0, -14.0)


@dataclass(frozen=True)
class Link:
    """Connection intervals of both sides, share of lost transmissions, mean host delay."""

    intervals_s: Bilateral[float]
    loss: float
    host_delay_s: float

    @property
    def title(self) -> str:
        left, right = self.intervals_s.map(lambda s: f"{1e3 * s:g}")
        return f"{left} / {right} ms, {100 * self.loss:.0f} % sent again, host {1e3 * self.host_delay_s:g} ms"


LINKS = (
    Link(Bilateral(0.015, 0.015), 0.02, 0.001),
    Link(Bilateral(0.030, 0.030), 0.05, 0.001),
    Link(Bilateral(0.015, 0.050), 0.05, 0.001),
    Link(Bilateral(0.015, 0.030), 0.10, 0.002),
    Link(Bilateral(0.0075, 0.045), 0.10, 0.002),
    Link(Bilateral(0.030, 0.04875), 0.20, 0.003),
)


@dataclass(frozen=True)
class Side200:
    """One side's packets: sensor, true times at which they were ready, arrivals, ticks of their last samples."""

    sensor: Sensor
    ready_s: Samples
    arrivals: Samples
    ticks: Samples


def packets(sensor: Sensor, radio: Radio, duration_s: float, rng: np.random.Generator) -> Side200:
    """Packets of one side over its link."""
    ready = sensor.ready_s(duration_s, float(rng.uniform(0, PERIOD_S)))
    return Side200(sensor, ready, radio.arrivals(ready, rng), np.rint(sensor.ticks(ready)))


def sides(link: Link, away: Bilateral[float], duration_s: float, rng: np.random.Generator) -> Bilateral[Side200]:
    """Both sides' packets; ``away``: how far each packet period is from 50 ms, relative."""

    def one(side: Side) -> Side200:
        interval = link.intervals_s[side]
        sensor = Sensor(PERIOD_S * (1 + away[side]), drift_ppm=PPM[side])
        radio = Radio(interval, float(rng.uniform(0, interval)), link.loss, link.host_delay_s)
        return packets(sensor, radio, duration_s, rng)

    return Bilateral.per_side(one)


def by_envelope(side: Side200, at_s: Samples) -> Samples:
    return envelope(side).map().seconds(side.sensor.ticks(at_s))


def envelope(side: Side200, drift: float = CRYSTALS) -> Envelope:
    found = Envelope(side.sensor.tick_s, drift)
    for tick, arrival in zip(side.ticks.tolist(), side.arrivals.tolist(), strict=True):
        found.observe(int(tick), arrival)
    return found


def by_least_squares(side: Side200, at_s: Samples) -> Samples:
    """One straight line through all arrivals, as pyxdf and, over a forgetting window, LSL draw it."""
    zero, span = side.ticks[0], side.ticks[-1] - side.ticks[0]
    line = np.polyfit((side.ticks - zero) / span, side.arrivals, 1)
    return np.asarray(np.polyval(line, (side.sensor.ticks(at_s) - zero) / span), dtype=np.float64)


def by_first_packet(side: Side200, at_s: Samples) -> Samples:
    return np.asarray(side.arrivals[0] + (side.sensor.ticks(at_s) - side.ticks[0]) * side.sensor.tick_s)


def by_arrival(side: Side200, at_s: Samples) -> Samples:
    """A sample is given the arrival time of its packet, moved by its place in the packet."""
    packet = np.clip(np.searchsorted(side.ready_s, at_s), 0, side.ready_s.size - 1)
    return np.asarray(side.arrivals[packet] - (side.ready_s[packet] - at_s))


METHODS: dict[str, Callable[[Side200, Samples], Samples]] = {
    "arrival": by_arrival,
    "first packet": by_first_packet,
    "least squares": by_least_squares,
    "envelope": by_envelope,
}


def between(pair: Bilateral[Side200], method: Callable[[Side200, Samples], Samples], at_s: Samples) -> Samples:
    """Error of the time between the sides, right minus left, at true times; shape as ``at_s``."""
    left, right = pair.map(lambda side: method(side, at_s) - at_s)
    return right - left


def accuracy(job: tuple[int, int, bool]) -> Row:
    """All methods on one pair of links of 600 s; ``locked``: the sampling rates are exactly 200 Hz by true time."""
    seed, number, locked = job
    rng = np.random.default_rng([seed, number, 3])
    away = Bilateral.per_side(lambda _: 0.0 if locked else float(rng.uniform(1e-3, 6e-3) * rng.choice([-1, 1])))
    pair = sides(LINKS[number], away, 600.0, rng)
    at_s = np.linspace(1, 599, 600)
    row: Row = {"link": number, "locked": locked}
    for name, method in METHODS.items():
        row[name] = 1e3 * _rms(between(pair, method, at_s))
    row["stated"] = 1e3 * align(pair.map(lambda side: (envelope(side).map(),))).uncertainty_s
    row["held"] = 1e3 * float(np.abs(between(pair, by_envelope, at_s)).max()) <= row["stated"]
    return row


def _rms(errors: Samples) -> float:
    return math.sqrt(float(np.mean(errors**2)))


AWAY = {"locked to 50 ms": (0.0, 0.0), "0.01 to 0.1 % off": (1e-4, 1e-3), "0.1 to 0.6 % off": (1e-3, 6e-3)}
INTERVALS_S = (0.0075, 0.015, 0.030, 0.045, 0.050)
DURATIONS_S = (30, 60, 120, 300, 600)


def bound(seed: int) -> Row:
    """One random case (intervals, duration, loss, host delay, packet period, kind of clock): worst error and bound."""
    rng = np.random.default_rng([seed, 11])
    name = list(AWAY)[seed % len(AWAY)]
    duration, counter = float(rng.choice(DURATIONS_S)), bool(rng.random() < 0.5)
    link = Link(
        Bilateral(float(rng.choice(INTERVALS_S)), float(rng.choice(INTERVALS_S))),
        float(rng.uniform(0.02, 0.2)),
        float(rng.uniform(3e-4, 3e-3)),
    )
    away = Bilateral.per_side(lambda _: float(rng.uniform(*AWAY[name]) * rng.choice([-1, 1])))
    pair = sides(link, away, duration, rng)
    maps = pair.map(lambda side: (envelope(side, WILDEST if counter else CRYSTALS).map(),))
    at_s = np.linspace(0.1, duration - 0.1, 200)
    errors = maps.zip(pair).map(lambda both: both[0][0].seconds(both[1].sensor.ticks(at_s)) - at_s)
    return {
        "period": name,
        "clock": "rate only nominal" if counter else "crystal",
        "worst": 1e3 * float(np.abs(errors.right - errors.left).max()),
        "stated": 1e3 * align(maps).uncertainty_s,
    }


def tap(seed: int, rates_hz: Bilateral[float]) -> Row:
    """Three taps on two noisy accelerometers."""
    rng = np.random.default_rng([seed, 7])
    offset = float(rng.uniform(-0.1, 0.1))
    taps = np.array([2.0, 3.0, 4.0]) + rng.uniform(0, 0.5, 3)
    found = find_tap(Bilateral.per_side(lambda s: _felt(rates_hz[s], taps + (offset if s is Side.RIGHT else 0), rng)))
    return {"error": 1e3 * (found.offset_s - offset), "stated": 1e3 * found.uncertainty_s}


def _felt(rate_hz: float, taps: Samples, rng: np.random.Generator) -> Trace:
    start = float(rng.uniform(0, 0.01))
    since = (start + np.arange(round(6 * rate_hz)) / rate_hz)[:, None] - taps
    ring = np.where(since >= 0, np.exp(-np.clip(since, 0, None) / 0.03) * np.sin(50 * np.pi * since), 0.0).sum(axis=1)
    size = 9.81 + float(rng.uniform(20, 60)) * ring + rng.normal(0, 0.1, ring.size)
    return Trace(start, rate_hz, size)


def accuracy_table(rows: Sequence[Row], locked: bool) -> str:
    heads = ["connection intervals left / right", *METHODS, "stated ±", "bound held"]
    lines = [_line(heads), "|---" * len(heads) + "|"]
    for number, link in enumerate(LINKS):
        these = [r for r in rows if r["link"] == number and r["locked"] is locked]
        cells = [f"{_rms(np.array([r[name] for r in these])):.2f}" for name in METHODS]
        held = sum(r["held"] for r in these)
        lines.append(
            _line([link.title, *cells, f"{np.median([r['stated'] for r in these]):.1f}", f"{held}/{len(these)}"])
        )
    return "\n".join(lines)


def bound_table(rows: Sequence[Row]) -> str:
    heads = ["packet period", "clock", "cases", "worst error, median", "stated ±, median", "bound held"]
    lines = [_line(heads), "|---" * len(heads) + "|"]
    groups = [(name, clock) for name in AWAY for clock in ("crystal", "rate only nominal")]
    for name, clock in [*groups, ("all", "all")]:
        these = [r for r in rows if name == "all" or (r["period"], r["clock"]) == (name, clock)]
        worst, stated = (f"{np.median([r[k] for r in these]):.2f}" for k in ("worst", "stated"))
        held = 100 * float(np.mean([r["worst"] <= r["stated"] for r in these]))
        lines.append(_line([name, clock, str(len(these)), worst, stated, f"{held:.1f} %"]))
    return "\n".join(lines)


def tap_table(seeds: Sequence[int]) -> str:
    heads = ["rates left / right", "cases", "RMS error", "stated ±, median", "bound held"]
    lines = [_line(heads), "|---" * len(heads) + "|"]
    for rates in (Bilateral(200.0, 200.0), Bilateral(200.0, 104.0), Bilateral(100.0, 100.0)):
        rows = [tap(seed, rates) for seed in seeds]
        error = _rms(np.array([r["error"] for r in rows]))
        held = np.mean([abs(r["error"]) <= r["stated"] for r in rows])
        stated = np.median([r["stated"] for r in rows])
        name = f"{rates.left:g} / {rates.right:g} Hz"
        lines.append(_line([name, str(len(rows)), f"{error:.2f}", f"{stated:.1f}", f"{100 * held:.0f} %"]))
    return "\n".join(lines)


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=12, help="pairs of links per row of the first tables")
    parser.add_argument("--cases", type=int, default=600, help="random cases of the stated bound")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    jobs = [(seed, n, k) for k in (False, True) for n in range(len(LINKS)) for seed in range(options.repeats)]
    with ProcessPoolExecutor(2) as pool:
        rows = list(pool.map(accuracy, jobs, chunksize=4))
        cases = list(pool.map(bound, range(options.cases), chunksize=8))
    print("RMS error of the time between the sides over 600 s, in ms; sampling rates 0.1 to 0.6 % off nominal:\n")
    print(accuracy_table(rows, locked=False))
    print("\nThe same with packets of exactly 50 ms, so that they keep their place in the connection interval:\n")
    print(accuracy_table(rows, locked=True))
    print(f"\nThe stated bound against the worst error anywhere in the recording, {options.cases} cases, in ms:\n")
    print(bound_table(cases))
    print("\nThree taps on two accelerometers, in ms:\n")
    print(tap_table(range(100)))
    if options.json:
        options.json.write_text(json.dumps({"accuracy": rows, "bound": cases}, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
