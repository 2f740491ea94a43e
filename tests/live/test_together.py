"""A hall and its views, and what ends it: a view that fails, a sensor that is lost, an analysis that fails."""

import asyncio
import math
from dataclasses import replace

import pytest

import glutebal as gb
from glutebal.live.events import Ended, Link, SensorHealth, SetEnded, Stage
from glutebal.live.hall import Hall
from glutebal.live.plan import Plan
from glutebal.live.sources import RecordingSource
from glutebal.live.together import together
from glutebal.model import Quantity
from glutebal.testing.simulate import ForcePlan, simulate_set


@pytest.fixture(scope="module")
def pressing():
    """Six repetitions on two plates, then half a minute of nothing."""
    recording, _ = simulate_set(3, rate_hz=500.0, reps=6, force=ForcePlan(rate_hz=100.0), lead_out_s=90.0)
    return replace(recording, tracks=tuple(t for t in recording.tracks if t.channel.quantity is Quantity.FORCE))


async def fails_when(hall, stage):
    while hall.state.stage is not stage:
        await asyncio.sleep(0)
    raise OSError("no view")


def ran(hall, *views):
    """Run it with the views; the events, and what was raised."""

    async def work():
        heard = hall.subscribe(10_000)
        try:
            await asyncio.wait_for(together(hall, views), 30)
        except OSError as error:
            return heard.drain(), str(error)
        return heard.drain(), ""

    return asyncio.run(work())


def test_a_view_that_fails_while_nothing_runs_closes_the_hall(pressing):
    hall = Hall(RecordingSource(pressing), Plan(auto_start=False))  # in real time, two minutes of it
    events, error = ran(hall, fails_when(hall, Stage.OPEN))
    assert error == "no view"
    assert events[-1] == Ended(events[-1].at_s, "ended")


async def fails_after(hall, reps):
    while len(hall.state.reps) < reps:
        await asyncio.sleep(0)
    raise OSError("no view")


def test_a_view_that_fails_during_a_set_ends_it_in_order(pressing):
    hall = Hall(RecordingSource(pressing, speed=math.inf), Plan(target_reps=6))
    events, error = ran(hall, fails_after(hall, 3))
    [ended] = [event for event in events if isinstance(event, SetEnded)]
    assert error == "no view"
    assert (ended.why, len(ended.result.analysis.segmentation.reps)) == ("ended", 3)
    assert events[-1] == Ended(events[-1].at_s, "ended")


class OneIsLost(RecordingSource):
    """The right plate is out of reach from the start."""

    def sensors(self):
        return tuple(replace(s, connected=s.side is not gb.Side.RIGHT) for s in super().sensors())


def test_a_set_in_which_nothing_can_be_counted_ends_by_itself(pressing):
    still = replace(pressing, tracks=tuple(t.between(0, 100) for t in pressing.tracks[:1]) + pressing.tracks[1:])
    hall = Hall(OneIsLost(still, speed=math.inf), Plan())
    events, _ = ran(hall)
    ended = next(event for event in events if isinstance(event, SetEnded))
    assert ended.why == "sensors lost"
    recorded_s = max(track.stop / track.channel.rate_hz for track in ended.result.analysis.recording.tracks)
    assert 70.0 < recorded_s < 75.0  # lost after ten seconds, a minute without a rep
    health = [event for event in events if isinstance(event, SensorHealth) and event.side is gb.Side.RIGHT]
    assert list(dict.fromkeys(h.link for h in health)) == [Link.RECONNECTING, Link.LOST]


def test_reps_that_are_counted_keep_a_set_going_whatever_is_lost(pressing):
    hall = Hall(OneIsLost(pressing, speed=math.inf), Plan())
    events, _ = ran(hall)
    ended = next(event for event in events if isinstance(event, SetEnded))
    last_s = pressing.tracks[0].stop / 100.0 - 90.0
    assert ended.why == "sensors lost"
    assert ended.at_s > last_s + 55.0


def test_an_analysis_that_fails_ends_the_set_in_words(pressing, monkeypatch):
    def broken(*_, **__):
        raise ZeroDivisionError("a bug\nsomewhere")

    monkeypatch.setattr("glutebal.live.outcome.analyse", broken)
    hall = Hall(RecordingSource(pressing, speed=math.inf), Plan(target_reps=6, sets=1))
    events, _ = ran(hall)
    [ended] = [event for event in events if isinstance(event, SetEnded)]
    assert (ended.result, ended.trouble) == (None, "ZeroDivisionError: a bug somewhere")
    assert isinstance(events[-1], Ended)
