"""Event lines: strict JSON, one event each, whatever the reader does."""

import asyncio
import dataclasses
import json
import math
import os
import subprocess
import sys
import threading
import typing
from pathlib import Path

import pytest
from scripted_hall import scripted_hall

import glutebal as gb
from glutebal.errors import InputError
from glutebal.live import events
from glutebal.live.events import BalanceSoFar, Ended, Event, Rested, SensorHealth, SetStarted, kind
from glutebal.live.lines import CAPACITY, line_of, lines
from glutebal.live.state import Command, Order
from glutebal.live.subscription import Subscription
from glutebal.model import Bilateral, Side
from glutebal.results import Estimate, Status

REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "live-events.md"
KINDS = [e for e in vars(events).values() if isinstance(e, type) and issubclass(e, Event) and e is not Event]


def strict(text):
    def refuse(word):
        raise AssertionError(f"{word} is no JSON")

    return json.loads(text, parse_constant=refuse)


class ToldHall:
    """A hall of which only the events are needed."""

    def __init__(self, *told):
        self.heard = None
        self.told = told
        self.orders = []

    def subscribe(self, capacity=512):
        self.heard = Subscription(capacity)
        for event in self.told:
            self.heard.put(event)
        return self.heard

    async def order(self, command):
        if self.orders:
            raise InputError("a hall that is open", "one that has ended", "end")
        self.orders.append(command)


def test_a_whole_set_is_one_strict_object_per_line():
    told = []

    async def main():
        hall = scripted_hall(reps=6, shift_at=3, speed=60.0)
        writing = asyncio.ensure_future(lines(hall, told.append))
        await asyncio.sleep(0)
        running = asyncio.ensure_future(hall.run())
        await hall.order(Command(Order.START))
        while hall.state.stage.value != "rest":
            await asyncio.sleep(0.01)
        await hall.order(Command(Order.END))
        await asyncio.gather(writing, running)

    asyncio.run(main())
    assert all("\n" not in line and line.isascii() for line in told)
    found = [strict(line) for line in told]
    assert [e["rep"]["number"] for e in found if e["event"] == "rep_finished"] == [1, 2, 3, 4, 5, 6]
    assert {"sensor_health", "checked", "set_started", "rep_started", "balance_so_far", "cue_given", "set_ended"} <= {
        e["event"] for e in found
    }
    assert [e["at_s"] for e in found] == sorted(e["at_s"] for e in found)
    assert found[-1] == {"event": "ended", "at_s": found[-1]["at_s"], "why": "closed"}


@pytest.mark.slow
def test_every_event_of_a_recording_that_is_played_is_strict_json():
    told = []

    async def main():
        hall = gb.live(gb.read(), exercise="hip_thrust", speed=math.inf)
        await asyncio.gather(lines(hall, told.append), hall.run())

    asyncio.run(main())
    found = [strict(line) for line in told]
    [ended] = [e for e in found if e["event"] == "set_ended"]
    reps = {
        e["rep"]["number"] for e in found if e["event"] in {"rep_finished", "rep_revised"} and not e.get("withdrawn")
    }
    assert ended["result"]["reps"] >= 5
    assert len(reps) >= ended["result"]["reps"]
    assert found[-1]["event"] == "ended"


def test_what_is_not_known_is_null():
    none = Estimate.none(Status.TOO_FEW, "one rep")
    censored = Estimate(math.nan, -math.inf, 0.2, status=Status.CENSORED)
    found = strict(line_of(BalanceSoFar(1.0, "rms", "plate", "N", 1, none, censored, Bilateral(none, none))))
    assert found["log_ratio"]["value"] is None
    assert found["log_ratio"]["status"] == "too_few"
    assert (found["imbalance"]["low"], found["imbalance"]["high"]) == (None, 0.2)


def test_words_and_paths_not_objects():
    found = strict(line_of(SetStarted(1.0, 1, "hip_thrust", Side.LEFT, None, Path("somewhere") / "set1.glutelog")))
    assert found == {
        "event": "set_started",
        "at_s": 1.0,
        "set_index": 1,
        "exercise": "hip_thrust",
        "side": "left",
        "target_reps": None,
        "log": "set1.glutelog",
    }


@pytest.mark.parametrize("ended", [False, True])
def test_a_reader_that_goes_away_ends_the_session_quietly(ended):
    hall, got = ToldHall(Rested(1.0, 1.0), Rested(2.0, 2.0), Rested(3.0, 3.0)), []

    def write(text):
        if got:
            raise BrokenPipeError
        got.append(text)

    hall.orders += [Command(Order.END)] * ended
    asyncio.run(lines(hall, write))
    assert hall.orders == [Command(Order.END)]
    assert len(got) == 1
    assert hall.heard.closed


def test_what_a_slow_reader_missed_is_counted():
    extra = 7
    hall, got = ToldHall(*(Rested(float(k), 0.0) for k in range(CAPACITY + extra)), Ended(1.0, "ended")), []

    async def main():
        hall_heard = hall.subscribe
        hall.subscribe = lambda capacity: (heard := hall_heard(capacity), heard.close())[0]
        await lines(hall, got.append)

    asyncio.run(main())
    assert strict(got[0]) == {"event": "dropped", "count": extra + 1}
    assert strict(got[1])["at_s"] == float(extra + 1)
    assert strict(got[-1])["event"] == "ended"


def test_a_slow_reader_does_not_stop_the_loop():
    reads, takes, waited = threading.Event(), threading.Event(), []

    def write(text):
        reads.set()
        waited.append(takes.wait(20.0))  # False: the loop could not come to let it go on

    async def main():
        hall = ToldHall(Rested(1.0, 1.0))
        writing = asyncio.ensure_future(lines(hall, write))
        while not reads.is_set():
            await asyncio.sleep(0.001)
        takes.set()
        hall.heard.close()
        await writing

    asyncio.run(main())
    assert waited == [True]


CHILD = """
import asyncio
from glutebal.live.lines import lines, to_stdout
from glutebal.live.state import Command, Order
from scripted_hall import scripted_hall

async def main():
    hall = scripted_hall(speed=50.0)
    await hall.order(Command(Order.START))
    running = asyncio.ensure_future(hall.run())
    await lines(hall, to_stdout)
    await running

asyncio.run(main())
"""
RUN = [sys.executable, "-c", CHILD]
SUPPORT = Path(__file__).parents[1] / "support"
HERE = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, (str(SUPPORT), os.environ.get("PYTHONPATH"))))}


def test_head_ends_it_without_a_word():
    """As in ``glutebal live --json-lines | head -1``."""
    child = subprocess.Popen(RUN, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=HERE)
    first = child.stdout.readline()
    child.stdout.close()
    assert strict(first)["event"] in {"sensor_health", "set_started"}
    assert child.wait(timeout=60) == 0
    assert child.stderr.read() == ""
    child.stderr.close()


@pytest.mark.skipif(os.name != "posix", reason="a disk that is always full is a Linux device")
def test_a_full_disk_is_an_error_and_not_a_closed_pipe():
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    with Path("/dev/full").open("w") as full:
        child = subprocess.run(RUN, stdout=full, stderr=subprocess.PIPE, timeout=60, check=False, env=HERE)
    assert child.returncode != 0
    assert b"No space left" in child.stderr


def test_the_reference_names_every_event_and_field():
    page = REFERENCE.read_text(encoding="utf-8")
    records = [*KINDS, *_inside()]
    assert len(KINDS) >= 15
    assert {kind(object.__new__(e)) for e in KINDS if f"`{kind(object.__new__(e))}`" not in page} == set()
    fields = {f.name for record in records for f in dataclasses.fields(record)}
    assert {name for name in fields if f"`{name}`" not in page} == set()
    words = {w.value for e in (events.Link, events.Step, Status) for w in e}
    assert {word for word in words if f"`{word}`" not in page} == set()


def _inside():
    """The records that stand inside events."""
    rep = typing.get_type_hints(events.LiveRep)["rep"]
    return [events.LiveRep, events.Check, Estimate, rep, events.Cue]


def test_every_event_is_a_line():
    assert strict(line_of(SensorHealth(1.0, 0, "GB", None, events.Link.LOST, math.nan, 3, math.nan)))["rate_hz"] is None
