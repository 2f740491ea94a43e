"""The hall: sensors, signal, balance and coach joined in one event loop, for whoever wants to watch.

::

    source ──batch──▶ take (log, decode) ──chunks──▶ set so far ──look──▶ set watch ──▶ events ──▶ subscribers
                                            └─▶ pulse: curves, and when a look is worth its time
    set ends ──▶ the whole analysis in a thread ──▶ what it changes is told ──▶ set ended ──▶ history, page

The hall never waits for a reader, and a reader that sleeps loses the oldest events, not the newest. What is told while
a set runs is provisional; before `SetEnded` every rep is told again as `glutebal.analyse` has it.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from glutebal.analysis.result import Result
from glutebal.coach.cues import Cues
from glutebal.coach.exercises import exercise as exercise_named
from glutebal.errors import InputError
from glutebal.live.events import (
    Aligned,
    Check,
    Checked,
    CueGiven,
    Ended,
    Event,
    Link,
    Rested,
    SetEnded,
    SetStarted,
    Stage,
    StepDone,
    StepTold,
    Trouble,
)
from glutebal.live.guide import Guide, Judged, judge, steps_for
from glutebal.live.health import Watch, checks, news_of, quality_doubts
from glutebal.live.ledger import Ledger
from glutebal.live.look import SetSoFar
from glutebal.live.outcome import Outcome, final, in_words, work_out
from glutebal.live.plan import Plan
from glutebal.live.pulse import Pulse, Turn
from glutebal.live.set_watch import SetWatch, told
from glutebal.live.sources import Batch, Source, Take
from glutebal.live.state import SIDES, Command, Envelopes, Order, State
from glutebal.live.subscription import Subscription
from glutebal.live.warm import warm_up
from glutebal.model import Channel, Recording, Samples, Side

RENEW_S = 30.0  # a stretch in which nothing is counted is forgotten after so long
HEALTH_S = 1.0
ALIGN_S, ALIGN_AGAIN_S = 5.0, 20.0  # until it is established, and then: asking costs more as a set grows
GIVE_UP_S = 60.0  # a sensor lost and nothing counted for so long: the set ends

OnChunk = Callable[[Channel, int, Samples], None]


class Hall:
    """One training session, live.

    Parameters
    ----------
    source : Source
        Sensors, a packet log, a recording.
    plan : Plan
        What is trained, where it is kept.

    Examples
    --------
    >>> import asyncio, math, glutebal as gb
    >>> async def kinds():
    ...     return [type(e).__name__ async for e in gb.live(gb.read(), exercise="hip_thrust", speed=math.inf)]
    >>> asyncio.run(kinds()).count("RepFinished") > 4
    True
    """

    def __init__(self, source: Source, plan: Plan | None = None) -> None:
        self._source, self.plan = source, plan or Plan()
        self._readers: list[Subscription] = []
        self._listeners: list[OnChunk] = []
        self._exercise, self._side, self._target = self.plan.exercise, self.plan.side, self.plan.target_reps
        self._cues_on = self.plan.cues is not None
        self._references, self._calibration = dict(self.plan.references), self.plan.calibration
        self._stage, self._now_s, self._since_s = Stage.OPEN, 0.0, 0.0
        self._take: Take | None = None
        self._take_s, self._next_health_s, self._next_align_s = 0.0, 0.0, ALIGN_S
        self._so_far, self._pulse, self._watch = SetSoFar(None, {}), Pulse(), Watch()
        self._channels: set[Channel] = set()
        self._set = SetWatch(0, self._exercise, self._side, self._target, None)
        self._sets_done = 0
        self._guide: Guide | None = None
        self._step_told: StepTold | None = None
        self._aligned: Aligned | None = None
        self._doubts: dict[Side | None, tuple[str, ...]] = {}
        self._checks: tuple[Check, ...] = ()
        self._last: SetEnded | None = None
        self._troubles: list[str] = []
        self._gone_since_s = math.nan
        self._works: set[asyncio.Task[None]] = set()
        self._why_ended, self._running = "", False

    def subscribe(self, capacity: int = 512) -> Subscription:
        """The events from now on; see `Subscription`."""
        found = Subscription(capacity)
        if self._stage is Stage.ENDED:
            found.close()
        self._readers.append(found)
        return found

    def on_chunk(self, callback: OnChunk) -> None:
        """Have every gap-free piece of every channel: channel, first sample on the clock of its stretch, samples."""
        self._listeners.append(callback)

    def envelopes(self, start: int = 0) -> Envelopes:
        """Both sides' activity for drawing, from row ``start`` on, at most the last 30 s."""
        return self._pulse.envelopes(start)

    @property
    def state(self) -> State:
        """The hall now."""
        exercise, balance = self._exercise, self._set.balance
        return State(
            stage=self._stage,
            set_index=self._set.set_index,
            exercise=exercise.name if exercise else None,
            title=exercise.title if exercise else "",
            side=self._side,
            target_reps=self._target,
            cues_on=self._cues_on,
            measure=balance.measure if balance else "",
            site=balance.site if balance else "",
            unit=balance.unit if balance else "",
            phase=("working" if self._pulse.working else "resting") if self._stage is Stage.SET else "",
            since_s=max(0.0, self._now_s - self._since_s),
            reps=tuple(self._set.ledger.told),
            balance=balance,
            cues=tuple(self._set.said),
            sensors=self._watch.now,
            aligned=self._aligned,
            checks=self._checks,
            step=self._step_told,
            steps=tuple(step.value for step in steps_for(self._channels)),
            last=self._last,
            troubles=tuple(self._troubles),
            dropped=sum(reader.dropped for reader in self._readers),
        )

    async def order(self, command: Command) -> None:
        """Do what a person asks.

        Raises
        ------
        InputError
            It makes no sense now, or its value does not fit; says what would.
        UnknownNameError
            An exercise that is not in the catalogue.
        """
        if self._stage is Stage.ENDED:
            raise InputError("a hall that is open", "one that has ended", command.order.value)
        self._orders[command.order](command.value)

    @property
    def _orders(self) -> dict[Order, Callable[[str], None]]:
        return {
            Order.START: lambda _: self._start_set(),
            Order.STOP: lambda _: self._stop(),
            Order.NEXT: lambda _: self._next_set(),
            Order.STEP: self._start_step,
            Order.SIDE: self._choose_side,
            Order.EXERCISE: self._choose_exercise,
            Order.TARGET: self._choose_target,
            Order.CUES: self._switch_cues,
            Order.END: lambda _: self._end("ended"),
        }

    async def __aiter__(self) -> AsyncIterator[Event]:
        reader = self.subscribe(100_000)
        pump = asyncio.create_task(self.run())
        try:
            async for event in reader:
                yield event
        finally:
            reader.close()
            self._end("left")
            await pump

    async def run(self) -> None:
        """Take what the source gives until it ends, END is ordered, or the sets of the plan are done.

        Raises
        ------
        LinkError
            A supervisor of the sensors failed; the set that ran was kept first.
        InputError
            The hall was run before.
        """
        if self._running:
            raise InputError("a hall that is run once", "a second run", "live")
        self._running = True
        await asyncio.to_thread(warm_up)
        try:
            await self._pump()
        except asyncio.CancelledError:
            self._end("interrupted")
            raise
        except Exception:
            self._end("failed")
            raise
        finally:
            await self._shut()

    async def _shut(self) -> None:
        """Work out what runs, then tell everybody that it is over, whatever happens on the way."""
        try:
            if self._stage is Stage.SET:
                self._stop_set(self._why_ended or "source ended")
            await self._finish_works()
        finally:
            if self._take is not None:
                self._take.close()
            self._close()

    async def _pump(self) -> None:
        self._open_stretch(None)
        if self.plan.auto_start:
            self._start_set()
        async for batch in self._source.batches():
            self._now_s = batch.at_s
            self._feed(batch)
            self._housekeep()
            if self._why_ended:
                return
            await asyncio.sleep(0)

    def _feed(self, batch: Batch) -> None:
        take = self._take
        if take is None:
            return
        chunks = take.put(batch)
        self._hear_of(take)
        self._heed(batch)
        for chunk in chunks:
            self._channels.add(chunk.channel)
            self._so_far.add(chunk)
            for listener in self._listeners:
                listener(chunk.channel, chunk.start, chunk.samples)
        turn = self._pulse.update(self._so_far)
        if self._stage is Stage.SET:
            self._so_far.moving.push()
            self._follow(take, turn)
        elif self._guide is not None:
            self._lead(self._guide)

    def _heed(self, batch: Batch) -> None:
        """What the link says of its sensors is told at once, not with the next look at them."""
        for text in filter(None, map(news_of, batch.records)):
            self._next_health_s = self._now_s
            self._trouble(text)

    def _follow(self, take: Take, turn: Turn) -> None:
        for event in self._set.follow(self._now_s, self._so_far, self._pulse, turn):
            self._tell(event)
            if isinstance(event, CueGiven):
                take.mark(self._now_s, f"cue: {event.cue.text} ({event.cue.why})", event.cue.side)
        if self._set.at_target(self._now_s, working=self._pulse.working):
            self._stop_set("target reached")

    def _housekeep(self) -> None:
        take = self._take
        if self._now_s < self._next_health_s or take is None:
            return
        self._next_health_s = self._now_s + HEALTH_S
        for health in self._watch.look(self._now_s, self._source.sensors(), take.losses(), self._doubts):
            self._tell(health)
        if self._now_s >= self._next_align_s:
            self._tell_alignment(take)
            known = self._aligned is not None and math.isfinite(self._aligned.uncertainty_s)
            self._next_align_s = self._now_s + (ALIGN_AGAIN_S if known else ALIGN_S)
        if self._stage is Stage.REST:
            self._tell(Rested(self._now_s, self._now_s - self._since_s))
        if self._stage in {Stage.OPEN, Stage.REST} and self._now_s - self._take_s > RENEW_S:
            self._open_stretch(None)
        self._give_up_if_gone()

    def _tell_alignment(self, take: Take) -> None:
        found = take.alignment() if self._now_s - self._take_s >= ALIGN_S else None
        if found is None:
            return
        before, self._aligned = self._aligned, Aligned(self._now_s, *found)
        if before is None or not math.isclose(before.uncertainty_s, found[0], rel_tol=0.25):
            self._tell(self._aligned)

    def _give_up_if_gone(self) -> None:
        """A set in which nothing is counted any more because a sensor is lost ends by itself."""
        if self._stage is not Stage.SET or all(sensor.link is not Link.LOST for sensor in self._watch.now):
            self._gone_since_s = math.nan
            return
        since_s = self._now_s if math.isnan(self._gone_since_s) else self._gone_since_s
        self._gone_since_s = max(since_s, self._set.counted_s)
        if self._now_s - self._gone_since_s > GIVE_UP_S:
            self._stop_set("sensors lost")

    def _open_stretch(self, path: Path | None) -> None:
        """What comes from now on belongs to a new recording."""
        if self._take is not None:
            self._take.close()
        exercise = self._exercise.name if self._exercise else self.plan.about.exercise
        self._take = self._source.take(replace(self.plan.about, exercise=exercise), self._now_s, path)
        self._take_s = self._now_s
        self._hear_of(self._take)
        self._so_far = SetSoFar(self._exercise, self._references, self.plan.settings, self._calibration)
        self._pulse.begin(self._take.zero_s)
        self._watch.fresh()

    def _hear_of(self, take: Take) -> None:
        for text in take.troubles:
            self._trouble(text)
        take.troubles.clear()

    def _path(self, what: str) -> Path | None:
        if self.plan.folder is None:
            return None
        stem = f"{datetime.now():%Y%m%d-%H%M%S}-{what}"
        names = (f"{stem}{'' if k == 1 else f'-{k}'}.glutelog" for k in range(1, 1000))
        return next(path for path in map(self.plan.folder.joinpath, names) if not path.exists())

    def _start_set(self) -> None:
        if self._stage in {Stage.SET, Stage.STEP}:
            found = "a guided step" if self._stage is Stage.STEP else f"set {self._set.set_index}"
            raise InputError("nothing that runs", f"{found} runs", "start", "stop it first")
        self._check()
        index, exercise = self._set.set_index + 1, self._exercise
        goes_on = exercise is self._set.exercise and self._set.cues is not None
        cues, before = (self._set.cues, self._set.seen()) if goes_on else (self._fresh_cues(), ())
        other = self._set.ledger if exercise is self._set.exercise else Ledger()
        self._set = SetWatch(index, exercise, self._side, self._target, cues, before, other)
        self._open_stretch(self._path(f"{exercise.name if exercise else 'set'}-set{index}"))
        self._enter(Stage.SET)
        take = self._take
        if take is not None and self._side is not None:
            take.mark(self._now_s, f"side: {self._side.value}", self._side)
        name, log = exercise.name if exercise else None, take.path if take else None
        self._tell(SetStarted(self._now_s, index, name, self._side, self._target, log))

    def _fresh_cues(self) -> Cues | None:
        settings = self.plan.cues
        return Cues(settings, self._exercise, self._target) if settings is not None and self._cues_on else None

    def _check(self) -> None:
        """Look at the sensors as they are before the first rep."""
        tracks = tuple(track for track in self._so_far.followed if track.duration_s > 1.0)
        if tracks:
            self._doubts = quality_doubts(Recording(tracks))
        channels = [track.channel for track in tracks]
        self._checks = checks(self._watch.now, self._doubts, self._aligned, channels, self._references)
        if self._checks:
            self._tell(Checked(self._now_s, self._checks))

    def _stop(self) -> None:
        """End what runs: a guided step that was begun by mistake, or the set."""
        if self._guide is None:
            self._stop_set("stopped")
            return
        step, self._guide, self._step_told = self._guide.step, None, None
        self._open_stretch(None)
        self._enter(Stage.OPEN)
        self._tell(StepDone(self._now_s, step, None, False, "stopped"))

    def _stop_set(self, why: str) -> None:
        take = self._take
        if self._stage is not Stage.SET or take is None:
            raise InputError("a set that runs", f"the hall is at: {self._stage.value}", "stop")
        self._take = None
        outcome = Outcome(self._set, why, take, self._exercise)
        self._open_stretch(None)
        self._enter(Stage.WORKING_OUT)
        self._work(self._work_out(outcome))

    def _next_set(self) -> None:
        if self._stage is Stage.SET:
            self._stop_set("stopped")
        self._start_set()

    def _choose_side(self, value: str) -> None:
        if value not in SIDES:
            raise InputError("left, right or both", repr(value), "side")
        self._side = self._set.side = SIDES[value]
        if self._take is not None and self._stage is Stage.SET:
            self._take.mark(self._now_s, f"side: {value}", self._side)

    def _choose_exercise(self, value: str) -> None:
        if self._stage in {Stage.SET, Stage.STEP}:
            raise InputError("a set that has ended", "one that runs", "exercise", "choose it in the rest")
        self._exercise = exercise_named(value)
        self._open_stretch(None)

    def _choose_target(self, value: str) -> None:
        if not value.isdecimal() or not 0 < int(value) <= 1000:
            raise InputError("a number of reps from 1 to 1000", repr(value), "target")
        self._target = self._set.target = int(value)
        self._set.listen(self._fresh_cues())

    def _switch_cues(self, value: str) -> None:
        if value not in {"on", "off"}:
            raise InputError("on or off", repr(value), "cues")
        self._cues_on = value == "on" and self.plan.cues is not None
        self._set.listen(self._fresh_cues())

    def _end(self, why: str) -> None:
        self._why_ended = self._why_ended or why

    def _start_step(self, value: str) -> None:
        sensible = {step.value: step for step in steps_for(self._channels)}
        if self._stage in {Stage.SET, Stage.STEP}:
            raise InputError("nothing that runs", self._stage.value, "step", "stop it first")
        if value not in sensible:
            raise InputError(f"a step of these sensors ({', '.join(sensible) or 'none'})", repr(value), "step")
        self._open_stretch(self._path(value))
        self._guide = Guide(sensible[value], self._now_s)
        self._enter(Stage.STEP)
        self._lead(self._guide)

    def _lead(self, guide: Guide) -> None:
        now = guide.tell(self._now_s)
        if now is not None:
            self._step_told = now
            self._tell(now)
        take = self._take
        if guide.over(self._now_s) and take is not None:
            self._take, self._guide = None, None
            self._open_stretch(None)
            self._work(self._judge(guide, take))

    async def _judge(self, guide: Guide, take: Take) -> None:
        found = await asyncio.to_thread(_judged, guide, take, self.plan)
        self._references.update({reference.site: reference for reference in found.references})
        self._so_far.references.update(self._references)
        self._calibration = found.calibration or self._calibration
        self._step_told = None
        self._enter(Stage.OPEN)
        self._tell(StepDone(self._now_s, guide.step, None, found.ok, found.text))

    async def _work_out(self, outcome: Outcome) -> None:
        """The whole analysis, what it changes, the history, the page; the next set may run meanwhile."""
        references, calibration = dict(self._references), self._calibration
        result, trouble = await asyncio.to_thread(work_out, outcome, references, calibration, self.plan.settings)
        if result is not None:
            self._tell_final(outcome, result)
        ended = SetEnded(self._now_s, outcome.set_index, outcome.why, result, outcome.take.path, trouble=trouble)
        ended = await self._kept(ended)
        self._last = ended
        self._sets_done += 1
        if self._stage is Stage.WORKING_OUT:
            self._enter(Stage.REST)
        self._tell(ended)
        if self.plan.sets is not None and self._sets_done >= self.plan.sets and self._stage is not Stage.SET:
            self._end("all sets done")

    def _tell_final(self, outcome: Outcome, result: Result) -> None:
        """Every rep as the whole analysis has it: what differs from what was told is told."""
        reps, balance = final(result)
        earlier_s = outcome.take.earlier_s(result.analysis.recording)
        change = outcome.watch.ledger.update(reps, balance, exact=True, earlier_s=earlier_s)
        for event in told(self._now_s, change, outcome.set_index):
            self._tell(event)
        for event in outcome.watch.tell_balance(self._now_s, balance):
            self._tell(event)

    async def _kept(self, ended: SetEnded) -> SetEnded:
        keeper = self.plan.keeper
        if keeper is None or ended.result is None:
            return ended
        try:
            kept = await asyncio.to_thread(keeper, ended)
        except Exception as error:  # a keeper is handed in: whatever it does, the set has ended and is told
            text = in_words(error)
            self._trouble(f"set {ended.set_index} was not kept: {text}")
            return replace(ended, trouble=text)
        return replace(ended, at_s=self._now_s, page=kept.page, session=kept.session)

    def _work(self, work: Coroutine[Any, Any, None]) -> None:
        self._works = {task for task in self._works if not task.done() or task.exception() is not None}
        self._works.add(asyncio.get_running_loop().create_task(work))

    async def _finish_works(self) -> None:
        while self._works:
            done, _ = await asyncio.wait(self._works)
            self._works -= done
            for task in done:
                task.result()

    def _enter(self, stage: Stage) -> None:
        self._stage, self._since_s = stage, self._now_s

    def _trouble(self, text: str) -> None:
        self._troubles = [*self._troubles[-4:], text]
        self._tell(Trouble(self._now_s, text))

    def _tell(self, event: Event) -> None:
        for reader in self._readers:
            reader.put(event)
        self._readers = [reader for reader in self._readers if not reader.closed]

    def _close(self) -> None:
        self._enter(Stage.ENDED)
        self._tell(Ended(self._now_s, self._why_ended or "source ended"))
        for reader in self._readers:
            reader.close()


def _judged(guide: Guide, take: Take, plan: Plan) -> Judged:
    take.close()
    recording = take.recording()
    began_s = guide.began_s - take.zero_s + take.earlier_s(recording)
    return judge(guide.step, recording, plan.settings.emg, began_s)
