"""A history of 10,000 sessions in SQLite: how long its questions take, beside a scan of the same rows with pandas.

Run ``python benchmarks/history.py``; needs pyarrow. 50 athletes, 200 sessions each, 5 sets of 10 reps:
500,000 reps. Times are of warm files; the processor's own time does not depend on what else the machine does.
``--sessions`` makes a smaller one.
"""

from __future__ import annotations

import argparse
import math
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from glutebal.balance.estimate import drift, set_estimate
from glutebal.balance.trend import SessionSets, trend
from glutebal.history.place import open_store
from glutebal.history.records import RecordingRecord, SessionRecord, SetRecord
from glutebal.history.series import Series, SetPoint
from glutebal.history.store import Store
from glutebal.model import Bilateral, Quantity
from glutebal.results import Estimate, Laterality, Phase, Rep, RepBalance, SetBalance

ATHLETES, SETS, REPS = 50, 5, 10
FIRST = date(2022, 1, 3)
EXERCISE, MEASURE, SITE = "hip_thrust", "activation", "gluteus_maximus"
HEAD = "| question | fastest, ms | median | 95th percentile | processor, median | target |\n|---|---|---|---|---|---|"
DEVICES = Bilateral("EMG 4F2A", "EMG 4F31")
SETTINGS = {"EMG band": "20-450 Hz, causal Butterworth, order 4 per edge", "set interval": "95 % t interval on ln(R/L)"}


def athlete(number: int) -> str:
    """A pseudonym."""
    return f"A-{number:02d}"


def estimate(value: float, se: float, n: int = 1) -> Estimate:
    """As the analysis makes them: every number of it is stored."""
    half = 2.2 * se
    return Estimate(value, value - half, value + half, se, n, "chi-square, equivalent degrees of freedom")


def rep(k: int, level: float, draw: np.random.Generator) -> RepBalance:
    """One rep of both sides with phases, as a hip thrust has them."""
    start = 300 + 350 * k + int(draw.integers(40))
    turn, stop = start + 100, start + 200
    phases = (Phase("concentric", start, turn), Phase("eccentric", turn, stop))
    found = Rep(k + 1, start, stop, 100.0, None, 1, turn, float(draw.uniform(0.9, 1)), phases)
    left, ratio = float(draw.normal(40, 3)), level + float(draw.normal(0, 0.08))
    sides = Bilateral(estimate(left, 0.03 * left), estimate(left * math.exp(ratio), 0.03 * left))
    return RepBalance(found, MEASURE, SITE, "%ref", sides, estimate(ratio, 0.04))


def one_set(number: int, level: float, draw: np.random.Generator) -> SetRecord:
    """Ten reps and what is concluded from them."""
    reps = tuple(rep(k, level, draw) for k in range(REPS))
    ratios = [r.log_ratio.value for r in reps]
    means = Bilateral(*(estimate(float(np.mean(v)), 1.2, REPS) for v in zip(*(_values(r) for r in reps), strict=True)))
    balance = SetBalance(MEASURE, SITE, Quantity.EMG, "%ref", reps, set_estimate(ratios), drift(ratios), means)
    return SetRecord(number, EXERCISE, Laterality.BILATERAL, (balance,), 80.0, {SITE: 0.04})


def _values(rep: RepBalance) -> list[float]:
    return [side.value for side in rep.sides]


def session(who: int, k: int, draw: np.random.Generator) -> SessionRecord:
    """The k-th session of an athlete: every third or fourth day."""
    day = FIRST + timedelta(days=k * 7 // 2)
    level = 0.1 * math.sin(who) + 0.0005 * k + float(draw.normal(0, 0.08))
    sets = tuple(one_set(n, level, draw) for n in range(1, SETS + 1))
    started = datetime(day.year, day.month, day.day, 17)
    held = RecordingRecord(
        f"{who:04d}{k:028d}", "hip_thrust.csv", started, 900.0, sets, devices={SITE: DEVICES}, settings=SETTINGS
    )
    return SessionRecord(athlete(who), day, (held,))


def sessions(per_athlete: int) -> Iterator[SessionRecord]:
    """Everybody's sessions as they come in: day by day."""
    draw = np.random.default_rng(11)
    for k in range(per_athlete):
        for who in range(ATHLETES):
            yield session(who, k, draw)


def judged(points: Sequence[SetPoint]) -> float:
    """The trend of a series; λ now."""
    made = []
    for (day, _), sets in groupby(points, key=lambda p: (p.day, p.session)):
        listed = list(sets)
        values, ses = tuple(p.log_ratio.value for p in listed), tuple(p.log_ratio.se for p in listed)
        made.append(SessionSets(day, values, ses, listed[0].shared_se))
    return trend(made).level.value


def flat(store: Store, ids: Sequence[int]) -> pd.DataFrame:
    """The table that one would keep without a database: a row per rep."""
    rows = [one for held in map(store.session, ids) for one in _rep_rows(held)]
    names = ["athlete", "day", "session", "set", "exercise", "log_ratio", "se", "left", "right", "start", "stop"]
    table = pd.DataFrame(rows, columns=names)
    table["day"] = pd.to_datetime(table["day"])
    return table.assign(measure=MEASURE, site=SITE)


def _rep_rows(held: SessionRecord) -> Iterator[tuple[Any, ...]]:
    head = (held.athlete, held.day, held.id)
    for one in held.recordings[0].sets:
        for r in one.balances[0].reps:
            yield (
                *head,
                one.index,
                one.exercise,
                r.log_ratio.value,
                r.log_ratio.se,
                *_values(r),
                r.rep.start,
                r.rep.stop,
            )


@dataclass(frozen=True)
class Times:
    """Milliseconds of each repeat, by the clock and of the processor."""

    clock: list[float]
    processor: list[float]


def timed(ask: Callable[[], Any], repeats: int) -> Times:
    """The times of the repeats, after one that warms up."""
    ask()
    found = Times([], [])
    for _ in range(repeats):
        began, spent = time.perf_counter(), time.process_time()
        ask()
        found.clock.append(1e3 * (time.perf_counter() - began))
        found.processor.append(1e3 * (time.process_time() - spent))
    return found


def row(what: str, times: Times, target: str = "") -> str:
    """One line of the table."""
    p95 = np.percentile(times.clock, 95)
    clock = f"{min(times.clock):.1f} | {statistics.median(times.clock):.1f} | {p95:.1f}"
    return f"| {what} | {clock} | {statistics.median(times.processor):.1f} | {target} |"


def with_measures(held: SessionRecord, count: int) -> SessionRecord:
    """The same session as if so many measures had been taken of every rep."""

    def more(one: SetRecord) -> SetRecord:
        (b,) = one.balances
        named = [(name, tuple(replace(r, measure=name) for r in b.reps)) for name in (f"m{k}" for k in range(count))]
        return replace(one, balances=tuple(replace(b, measure=name, reps=reps) for name, reps in named))

    (recording,) = held.recordings
    return replace(held, recordings=(replace(recording, sets=tuple(map(more, recording.sets))),))


def asked(store: Store, per_athlete: int) -> list[str]:
    """The history's own questions, and adding to it."""
    series = Series(athlete(7), EXERCISE, MEASURE, SITE)
    points = store.points(series)
    lines = [
        row(
            "one athlete's trend: sets from the rollup and filter",
            timed(lambda: judged(store.points(series)), 15),
            "50",
        ),
        row("… of which the sets", timed(lambda: store.points(series), 25)),
        row("… of which the filter", timed(lambda: judged(points), 15)),
        row(
            "weekly trend of all athletes, from the rollup",
            timed(lambda: store.weekly(EXERCISE, MEASURE, SITE), 15),
            "150",
        ),
        row("list of one athlete's sessions", timed(lambda: store.sessions(athlete(7)), 15)),
        row("one session with all its reps", timed(lambda: store.session(per_athlete * 20), 50)),
    ]
    draw = np.random.default_rng(12)
    made = [session(who, per_athlete + 2 * k, draw) for k in range(3) for who in range(ATHLETES)]
    new, wide = iter(made[:100]), iter([with_measures(one, 20) for one in made[100:140]])
    safe = "until it is safe on the disk"
    lines.append(row(f"add one session, {safe}", timed(lambda: store.add(next(new)), 99), "20"))
    lines.append(
        row(f"add one session with 20 measures of every rep, {safe}", timed(lambda: store.add(next(wide)), 39))
    )
    return lines


def scanned(store: Store, folder: Path, repeats: int) -> list[str]:
    """The same two questions of a table of all reps in a Parquet file."""
    table = flat(store, [s.id for s in store.sessions()])
    path = folder / "reps.parquet"
    table.to_parquet(path)

    def of_athlete() -> None:
        held = pd.read_parquet(path)
        held = held[(held["athlete"] == athlete(7)) & (held["exercise"] == EXERCISE) & (held["measure"] == MEASURE)]
        grouped = held.groupby(["day", "session", "set"])["log_ratio"]
        pd.DataFrame({"mean": grouped.mean(), "se": grouped.sem()})

    def weekly() -> None:
        held = pd.read_parquet(path)
        sets = held.groupby(["athlete", "session", "day", "set"], as_index=False)["log_ratio"].mean()
        sets.groupby(["athlete", pd.Grouper(key="day", freq="W")])["log_ratio"].agg(["mean", "size"])

    return [
        row("pandas: one athlete's set means and standard errors, no filter", timed(of_athlete, repeats)),
        row("pandas: weekly means of all athletes", timed(weekly, repeats)),
        "",
        f"Parquet file of {len(table):,} rows with 13 columns: {path.stat().st_size / 1e6:.0f} MB.",
    ]


def fill(path: Path, per_athlete: int) -> None:
    """Make the history and say what it took."""
    made = list(sessions(per_athlete))
    with open_store(path) as store:
        began = time.perf_counter()
        ids = store.add_all(made)
        filled_s = time.perf_counter() - began
    size, reps = path.stat().st_size, len(ids) * SETS * REPS
    print(f"Filled with {len(ids):,} sessions, {reps:,} reps, in {filled_s:.0f} s in one transaction;", end=" ")
    print(f"the file has {size / 1e6:.0f} MB, {size / reps:.0f} bytes a rep.")


def main() -> None:
    """Fill a history in a process of its own, ask it, print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, default=10_000, help="in all, of 50 athletes")
    parser.add_argument("--fill", type=Path, help="only make the history, here")
    options = parser.parse_args()
    per_athlete = max(1, options.sessions // ATHLETES)
    if options.fill:
        fill(options.fill, per_athlete)
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "history.db"
        command = [sys.executable, __file__, "--fill", str(path), "--sessions", str(options.sessions)]
        filled = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        with open_store(path) as store:
            print(HEAD, *asked(store, per_athlete), sep="\n")
            print(*scanned(store, Path(folder), 7), "", filled, sep="\n")


if __name__ == "__main__":
    main()
