"""The hall as a person uses it: orders and their errors, sets one after the other, guided steps, the end."""

import asyncio
import json
import math
import time
from dataclasses import replace

import numpy as np
import pytest

import glutebal as gb
from glutebal.balance.estimate import unpaired_estimate
from glutebal.errors import InputError, UnknownNameError
from glutebal.live import hall as hall_module
from glutebal.live.events import (
    BalanceSoFar,
    Checked,
    Ended,
    RepFinished,
    RepRevised,
    RepStarted,
    Rested,
    SensorHealth,
    SetEnded,
    SetStarted,
    Stage,
    StepDone,
    StepTold,
    as_fields,
)
from glutebal.live.hall import Hall
from glutebal.live.plan import Kept, Plan
from glutebal.live.sources import RecordingSource
from glutebal.live.state import Command, Order
from glutebal.model import Event, Quantity, Side, Track
from glutebal.results import Laterality
from glutebal.testing.plans import ForcePlan
from glutebal.testing.simulate import simulate_set

SHAPE = {"rep_s": 1.2, "rest_s": 0.9, "lead_in_s": 2.0, "lead_out_s": 1.5}
WHOLE = simulate_set(3, reps=9, force=ForcePlan(rate_hz=100.0), **SHAPE)[0]
FORCE = WHOLE.with_(tracks=[t for t in WHOLE.tracks if t.channel.quantity is Quantity.FORCE])
PLAN = Plan(exercise=gb.exercise("hip_thrust"))


class Ordered(RecordingSource):
    """A recording during which somebody gives orders: (seconds, order, value)."""

    def __init__(self, recording, *orders, piece_s=0.05):
        super().__init__(recording, math.inf, piece_s)
        self.orders, self.refused, self.states = list(orders), [], []

    async def batches(self):
        async for batch in super().batches():
            while self.orders and self.orders[0][0] <= batch.at_s:
                _, order, *value = self.orders.pop(0)
                try:
                    await self.hall.order(Command(order, *value))
                except (InputError, UnknownNameError) as error:
                    self.refused.append(str(error))
            yield batch
            await asyncio.sleep(0)
            self.states.append(self.hall.state)


class Waiting(Ordered):
    """The same, at a pace at which what was begun gets done."""

    async def batches(self):
        async for batch in super().batches():
            yield batch
            await asyncio.sleep(0.002)


def run(source: Ordered, plan: Plan = PLAN) -> list:
    async def everything():
        hall = source.hall = Hall(source, plan)
        return [event async for event in hall]

    return asyncio.run(everything())


def of(events: list, *kinds) -> list:
    return [event for event in events if isinstance(event, kinds)]


def test_a_recording_is_one_set_from_beginning_to_end():
    events = run(Ordered(FORCE))
    assert isinstance(events[0], SetStarted)
    assert [type(event) for event in events[-2:]] == [SetEnded, Ended]
    (ended,) = of(events, SetEnded)
    assert (ended.set_index, ended.why, ended.trouble) == (1, "source ended", "")
    assert events[-1].why == "source ended"
    assert len(of(events, RepStarted)) == len(of(events, RepFinished)) == 9
    assert [event.at_s for event in events] == sorted(event.at_s for event in events)
    assert len(of(events, SensorHealth)) >= 2


def test_every_event_can_be_written_down():
    for event in run(Ordered(FORCE)):
        text = json.dumps(as_fields(event), allow_nan=False)
        assert json.loads(text)["event"]


def test_nothing_is_counted_before_start():
    source = Ordered(FORCE, (10.0, Order.START))
    events = run(source, replace(PLAN, auto_start=False))
    (started,) = of(events, SetStarted)
    assert started.at_s >= 9.9
    assert source.states[0].stage is Stage.OPEN
    assert not [e for e in of(events, RepFinished) if e.rep.rep.start_s < 9.9]
    assert len(of(events, Checked)) == 1
    (ended,) = of(events, SetEnded)
    assert min(t.start / t.channel.rate_hz for t in ended.result.analysis.recording.tracks) >= 9.9


def test_the_second_set_of_a_recording_holds_what_came_after_the_first():
    source = Waiting(FORCE, (9.0, Order.STOP), (12.0, Order.START))
    events = run(source)
    first, second = of(events, SetEnded)
    assert (first.why, second.why) == ("stopped", "source ended")
    parts = [ended.result.analysis.recording.tracks[0] for ended in (first, second)]
    assert 8.9 <= parts[0].stop / 100 <= 9.1
    assert 11.9 <= parts[1].start / 100 <= 12.1
    assert parts[1].stop == FORCE.tracks[0].stop
    for ended in (first, second):
        offline = gb.analyse(ended.result.analysis.recording, "hip_thrust")
        told = {}
        for event in of(events, RepFinished, RepRevised):
            if event.set_index == ended.set_index:
                told[event.rep.number] = event.rep
                if getattr(event, "withdrawn", False):
                    del told[event.rep.number]
        assert sorted(t.rep.start for t in told.values()) == [r.start for r in offline.analysis.segmentation.reps]
        assert len(told) >= 2
    rest = of(events, Rested)
    assert rest
    assert all(0 <= event.rest_s < 3.1 for event in rest)


def test_the_curves_of_a_later_set_stand_where_they_belong():
    """Otherwise the second set would be drawn a set too late."""
    source = Waiting(FORCE, (11.0, Order.STOP), (12.0, Order.START))
    run(source)
    rows = source.hall.envelopes()
    assert (rows.start + len(rows.values)) / rows.rate_hz == pytest.approx(FORCE.duration_s, abs=0.1)


def test_next_ends_the_set_and_starts_another_while_the_former_is_worked_out(monkeypatch):
    slow = hall_module.work_out

    def late(*args):
        time.sleep(0.2)
        return slow(*args)

    monkeypatch.setattr(hall_module, "work_out", late)
    source = Ordered(FORCE, (9.0, Order.NEXT))
    events = run(source)
    assert [e.set_index for e in of(events, SetStarted)] == [1, 2]
    assert [(e.set_index, e.why) for e in of(events, SetEnded)] == [(1, "stopped"), (2, "source ended")]
    second = events.index(of(events, SetStarted)[1])
    assert second < events.index(of(events, SetEnded)[0])
    first_again = [e for e in events[second:] if isinstance(e, BalanceSoFar) and e.set_index == 1]
    assert first_again  # the whole analysis of the first set came while the second ran
    last = of(events, SetEnded)[1].result
    assert source.hall.state.reps[-1].rep == last.analysis.segmentation.reps[-1]
    assert source.hall.state.set_index == 2


@pytest.mark.parametrize(
    ("order", "value", "needed"),
    [
        (Order.START, "", "nothing that runs"),
        (Order.SIDE, "port", "left, right or both"),
        (Order.TARGET, "0", "1 to 1000"),
        (Order.TARGET, "eight", "1 to 1000"),
        (Order.TARGET, "-3", "1 to 1000"),
        (Order.TARGET, "1001", "1 to 1000"),
        (Order.CUES, "loud", "on or off"),
        (Order.EXERCISE, "squat", "a set that has ended"),
        (Order.STEP, "tare", "nothing that runs"),
    ],
)
def test_orders_that_make_no_sense_while_a_set_runs(order, value, needed):
    source = Ordered(FORCE, (1.0, order, value), (2.0, Order.END))
    run(source)
    (refused,) = source.refused
    assert needed in refused


@pytest.mark.parametrize(
    ("order", "value", "needed"),
    [
        (Order.STOP, "", "a set that runs"),
        (Order.EXERCISE, "hip_thurst", "hip_thrust"),
        (Order.STEP, "reference", "tare"),  # no EMG
        (Order.STEP, "dance", "a step of these sensors"),
    ],
)
def test_orders_that_make_no_sense_between_sets(order, value, needed):
    source = Ordered(FORCE, (1.0, order, value), (2.0, Order.END))
    events = run(source, replace(PLAN, auto_start=False))
    (refused,) = source.refused
    assert needed in refused
    assert events[-1] == Ended(events[-1].at_s, "ended")
    assert not of(events, SetStarted)


def test_a_hall_that_has_ended_takes_no_orders_and_is_not_run_again():
    source = Ordered(FORCE, (1.0, Order.END))
    run(source)
    assert source.hall.state.stage is Stage.ENDED

    async def late():
        with pytest.raises(InputError, match="a hall that is open"):
            await source.hall.order(Command(Order.START))
        with pytest.raises(InputError, match="run once"):
            await source.hall.run()
        return [event async for event in source.hall.subscribe()]

    assert asyncio.run(late()) == []


def test_what_is_chosen_counts_for_the_next_set():
    source = Ordered(
        FORCE, (0.2, Order.SIDE, "left"), (0.3, Order.TARGET, "7"), (0.4, Order.EXERCISE, "squat"), (0.5, Order.START)
    )
    events = run(source, replace(PLAN, auto_start=False))
    (started,) = of(events, SetStarted)
    assert (started.exercise, started.side, started.target_reps) == ("squat", Side.LEFT, 7)
    assert source.hall.state.title == gb.exercise("squat").title


def test_the_target_ends_the_set_and_the_sets_of_the_plan_end_the_hall():
    events = run(Waiting(FORCE), replace(PLAN, target_reps=4, sets=1))
    (ended,) = of(events, SetEnded)
    assert ended.why == "target reached"
    assert events[-1].why == "all sets done"
    assert len(ended.result.analysis.segmentation.reps) >= 4


def test_a_target_changed_in_the_set_counts():
    events = run(Waiting(FORCE, (3.0, Order.TARGET, "2")), replace(PLAN, sets=1))
    assert of(events, SetEnded)[0].why == "target reached"


def test_cues_can_be_switched_off_and_on():
    source = Ordered(FORCE, (1.0, Order.CUES, "off"), (3.0, Order.CUES, "on"))
    run(source)
    seen = [state.cues_on for state in source.states]
    assert seen[0]
    assert not seen[40]
    assert seen[-1]
    silent = Ordered(FORCE, (1.0, Order.CUES, "on"))
    run(silent, replace(PLAN, cues=None))
    assert not any(state.cues_on for state in silent.states)


def test_a_step_is_told_judged_and_over():
    source = Waiting(FORCE, (0.2, Order.STEP, "tare"), (1.0, Order.START), (8.0, Order.START))
    events = run(source, replace(PLAN, auto_start=False))
    (done,) = of(events, StepDone)
    assert [e.text for e in of(events, StepTold)][::3] == ["take all load off both sensors", "leave them unloaded"]
    assert not done.ok  # the person lifts
    assert len(source.refused) == 1
    assert "a guided step runs" in source.refused[0]
    assert of(events, SetStarted)
    assert any(state.stage is Stage.STEP and state.step is not None for state in source.states)
    assert source.hall.state.step is None


def test_a_step_that_cannot_be_judged_is_done_again_and_holds_nothing_up(monkeypatch):
    def broken(*_):
        raise ValueError("no such luck")

    monkeypatch.setattr(hall_module, "judge", broken)
    source = Waiting(FORCE, (0.2, Order.STEP, "tare"), (8.0, Order.START))
    events = run(source, replace(PLAN, auto_start=False))
    (done,) = of(events, StepDone)
    assert (done.ok, done.text) == (False, "again: ValueError: no such luck")
    assert len(of(events, SetStarted)) == len(of(events, SetEnded)) == 1


def test_a_step_of_a_recording_is_judged_by_what_came_in_its_time():
    rest = 0.5 * np.random.default_rng(0).normal(size=800)
    longer = FORCE.with_(
        tracks=[
            Track.of_samples(track.channel, np.concatenate([track.values(), rest]), track.start)
            for track in FORCE.tracks
        ]
    )
    source = Waiting(longer, (FORCE.duration_s, Order.STEP, "tare"))
    (done,) = of(run(source, replace(PLAN, auto_start=False)), StepDone)
    assert done.ok, done.text
    assert source.hall.state.stage is Stage.ENDED


def test_a_step_can_be_stopped():
    source = Ordered(FORCE, (0.2, Order.STEP, "tare"), (1.0, Order.STOP), (1.1, Order.START))
    events = run(source, replace(PLAN, auto_start=False))
    (done,) = of(events, StepDone)
    assert (done.ok, done.text) == (False, "stopped")
    assert source.refused == []
    assert len(of(events, SetStarted)) == 1


def test_leaving_the_loop_ends_the_hall():
    async def leave():
        hall = Hall(Ordered(FORCE), PLAN)
        hall._source.hall = hall
        events = hall.__aiter__()
        async for event in events:
            if isinstance(event, RepFinished):
                break
        await events.aclose()
        return hall.state.stage

    assert asyncio.run(leave()) is Stage.ENDED


def test_every_set_is_handed_to_the_keeper_once(tmp_path):
    kept = []

    def keeper(ended):
        kept.append(ended)
        return Kept(tmp_path / "page.html", 7)

    events = run(Ordered(FORCE, (9.0, Order.NEXT)), replace(PLAN, keeper=keeper))
    assert sorted(ended.set_index for ended in kept) == [1, 2]
    assert all(ended.result is not None for ended in kept)
    assert [(e.page, e.session) for e in of(events, SetEnded)] == [(tmp_path / "page.html", 7)] * 2


def test_a_keeper_that_fails_ends_nothing():
    def keeper(ended):
        raise OSError("no space left on device")

    events = run(Ordered(FORCE), replace(PLAN, keeper=keeper))
    (ended,) = of(events, SetEnded)
    assert "no space left" in ended.trouble
    assert ended.result is not None
    assert isinstance(events[-1], Ended)


def test_a_set_with_nothing_in_it_says_so():
    source = Ordered(FORCE, (0.0, Order.START), (0.0, Order.STOP))
    events = run(source, replace(PLAN, auto_start=False))
    (ended,) = of(events, SetEnded)
    assert ended.result is None
    assert ended.trouble


def test_several_readers_see_the_same_and_the_slow_one_loses_the_oldest():
    source = Ordered(FORCE)

    async def read():
        hall = source.hall = Hall(source, PLAN)
        quick, slow = hall.subscribe(), hall.subscribe(3)
        await hall.run()
        return [e async for e in quick], [e async for e in slow], slow.dropped, hall.state.dropped

    quick, slow, dropped, total = asyncio.run(read())
    assert slow == quick[-3:]
    assert dropped == total == len(quick) - 3


def test_listeners_get_every_sample_once():
    got = {}
    source = Ordered(FORCE)

    async def read():
        hall = source.hall = Hall(source, PLAN)
        hall.on_chunk(lambda channel, start, samples: got.setdefault(channel, []).append((start, samples)))
        await hall.run()

    asyncio.run(read())
    for track in FORCE.tracks:
        assert sum(samples.size for _, samples in got[track.channel]) == track.n_samples
        assert [start for start, _ in got[track.channel]] == sorted(start for start, _ in got[track.channel])


def test_the_events_of_a_recording_stay_with_their_set():
    marked = FORCE.with_(events=(Event(1.0, "early"), Event(15.0, "late")))
    source = Waiting(marked, (11.0, Order.STOP), (12.0, Order.START))
    first, second = of(run(source), SetEnded)
    assert [e.name for e in first.result.analysis.recording.events] == ["early"]
    assert [e.name for e in second.result.analysis.recording.events] == ["late"]


@pytest.mark.parametrize("source", [Waiting, Ordered])
def test_a_left_set_and_a_right_set_are_held_against_each_other_as_they_were_worked_out(source):
    plan = {
        "laterality": Laterality.UNILATERAL,
        "exercise": "single_leg_hip_thrust",
        "force": ForcePlan(rate_hz=100.0),
        "passive": 0.0,
    }
    recording, truth = simulate_set(3, reps=6, **plan, **SHAPE)
    force = recording.with_(tracks=[t for t in recording.tracks if t.channel.quantity is Quantity.FORCE])
    between_s = 0.5 * (truth.reps[5].stop_s + truth.reps[6].start_s)
    events = run(source(force, (between_s, Order.NEXT)), replace(PLAN, exercise=gb.exercise("single_leg_hip_thrust")))
    first, second = sorted(of(events, SetEnded), key=lambda ended: ended.set_index)
    logs = {side: [] for side in Side}
    for ended in (first, second):
        balance = next(b for b in ended.result.analysis.balances if b.measure == "mean_force")
        for row in balance.reps:
            logs[row.rep.side].append(math.log(row.sides[row.rep.side].value))
    assert [len(logs[side]) for side in Side] == [6, 6]
    told = [e for e in of(events, BalanceSoFar) if e.set_index == 2][-1]
    expected = unpaired_estimate(logs[Side.LEFT], logs[Side.RIGHT])
    for name in ("value", "low", "high"):
        assert getattr(told.log_ratio, name) == pytest.approx(getattr(expected, name), rel=1e-9)
    assert "the set before" in told.log_ratio.reason
