"""`kill -9` while `glutebal history add` is at work: the session is there whole, or not at all."""

import json
import os
import subprocess
import sys
from datetime import datetime

import pytest

import glutebal as gb
from glutebal.model import Bilateral
from glutebal.testing.simulate import ForcePlan, simulate_set

KILLS = 50

#: Imports once, then forks a process per command; every second one finds a history with a session in it.
PARENT = """
import contextlib, io, json, os, random, shutil, signal, sys, time
from pathlib import Path

from glutebal.cli import main

folder, kills = Path(sys.argv[1]), int(sys.argv[2])
files = [str(path) for path in sorted(folder.glob("set*.glutebal"))]


def started(place):
    pid = os.fork()
    if pid == 0:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os.dup2(1, 2)
        try:
            main(["history", "add", *files, "--db", str(place)], standalone_mode=False)
        except BaseException:
            os._exit(1)
        os._exit(0)
    return pid


def whole(place):
    begun = time.perf_counter()
    os.waitpid(started(place), 0)
    return time.perf_counter() - begun


with contextlib.redirect_stdout(io.StringIO()):  # here, so that everything is imported before the first fork
    main(["history", "add", *files, "--db", str(folder / "warm.db")], standalone_mode=False)
duration = whole(folder / "timed.db")
rng = random.Random(4)
tried = killed = 0
while killed < kills and tried < 6 * kills:
    place = folder / f"{tried}.db"
    if tried % 2:
        shutil.copy(folder / "base.db", place)
    pid = started(place)
    time.sleep(duration * (rng.uniform(0.0, 0.6) if tried % 4 == 0 else rng.uniform(0.6, 1.0)))
    os.kill(pid, signal.SIGKILL)
    met = os.WIFSIGNALED(os.waitpid(pid, 0)[1])
    duration *= 1.02 if met else 0.9  # how long a command takes changes with what else the machine does
    tried, killed = tried + 1, killed + met
print(json.dumps([tried, killed]))
"""


def recording(seed, athlete):
    plan = {"sets": 2, "reps": 5, "rep_s": 1.4, "rest_s": 0.8, "set_rest_s": 10.0}
    force = ForcePlan(ratio=1.2, rate_hz=100.0, rest_n=Bilateral(0.3, -0.2))
    made, _ = simulate_set(seed, rate_hz=200.0, force=force, **plan)
    tracks = tuple(t for t in made.tracks if t.channel.quantity is gb.Quantity.FORCE)
    return made.with_(tracks=tracks, subject=athlete, started=datetime(2025, 9, 1, 18))


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="the commands are forked, so that each does not import for seconds")
def test_fifty_kills_leave_whole_sessions_or_none(tmp_path):
    for k in range(2):
        gb.save(recording(k, "A-01"), tmp_path / f"set{k}.glutebal")
    with gb.History(tmp_path / "base.db") as base:
        base.add(gb.analyse(recording(9, "B-02")))

    command = [sys.executable, "-c", PARENT, str(tmp_path), str(KILLS)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300)
    tried, killed = json.loads(done.stdout)
    assert killed == KILLS

    whole, none = ("A-01", 2, 4), []
    for k in range(tried):
        place = tmp_path / f"{k}.db"
        if not place.exists():
            continue
        with gb.History(place) as history:
            rows = history.sessions()
            found = rows[rows["athlete"] == "A-01"][["athlete", "recordings", "sets"]].itertuples(
                index=False, name=None
            )
            assert list(found) in ([whole], none), k
            assert (rows["athlete"] == "B-02").sum() == k % 2
            assert history.store.series() or k % 2 == 0
            history.reps()
            history.add(gb.analyse(recording(5, "C-03")))  # and it can be written to
