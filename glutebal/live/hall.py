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
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

from glutebal.coach.exercises import exercise as exercise_named
from glutebal.errors import InputError
from glutebal.live.audience import Audience
from glutebal.live.care import Care
from glutebal.live.choices import Choices
from glutebal.live.events import (
    CueGiven,
    Ended,
    Event,
    Rested,
    SetEnded,
    SetStarted,
    Stage,
    StepDone,
    StepTold,
    Trouble,
)
from glutebal.live.guide import Guide, Judged, judge, steps_for
from glutebal.live.health import news_of
from glutebal.live.ledger import Ledger
from glutebal.live.look import SetSoFar
from glutebal.live.outcome import Outcome, in_words, last_words, work_out
from glutebal.live.plan import Plan
from glutebal.live.pulse import Pulse, Turn
from glutebal.live.set_watch import SetWatch
from glutebal.live.sources import Source
from glutebal.live.state import Command, Envelopes, Order, State
from glutebal.live.subscription import Subscription
from glutebal.live.takes import Batch, Take
from glutebal.live.warm import warm_up
from glutebal.live.works import Works
from glutebal.model import Channel, Samples

RENEW_S = 30.0  # a stretch in which nothing is counted is forgotten after so long

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
        self._audience, self._care = Audience(), Care()
        self._listeners: list[OnChunk] = []
        self._chosen = Choices.of(self.plan)
        self._references, self._calibration = dict(self.plan.references), self.plan.calibration
        self._stage, self._now_s, self._since_s = Stage.OPEN, 0.0, 0.0
        self._take: Take | None = None
        self._take_s = 0.0
        self._so_far, self._pulse = SetSoFar(None, {}), Pulse()
        self._channels: set[Channel] = set()
        self._set = SetWatch(0, self.plan.exercise, self.plan.side, self.plan.target_reps, None)
        self._sets_done = 0
        self._guide: Guide | None = None
        self._step_told: StepTold | None = None
        self._last: SetEnded | None = None
        self._troubles: list[str] = []
        self._works = Works()
        self._why_ended, self._running = "", False

    def subscribe(self, capacity: int = 512) -> Subscription:
        """The events from now on; see `Subscription`."""
        return self._audience.admit(capacity)

    def on_chunk(self, callback: OnChunk) -> None:
        """Have every gap-free piece of every channel: channel, first sample on the clock of its stretch, samples."""
        self._listeners.append(callback)

    def envelopes(self, start: int = 0) -> Envelopes:
        """Both sides' activity for drawing, from row ``start`` on, at most the last 30 s."""
        return self._pulse.envelopes(start)

    @property
    def state(self) -> State:
        """The hall now."""
        exercise, balance = self._chosen.exercise, self._set.balance
        return State(
            stage=self._stage,
            set_index=self._set.set_index,
            exercise=exercise.name if exercise else None,
            title=exercise.title if exercise else "",
            side=self._chosen.side,
            target_reps=self._chosen.target,
            cues_on=self._chosen.cues_on,
            measure=balance.measure if balance else "",
            site=balance.site if balance else "",
            unit=balance.unit if balance else "",
            phase=("working" if self._pulse.working else "resting") if self._stage is Stage.SET else "",
            since_s=max(0.0, self._now_s - self._since_s),
            reps=tuple(self._set.ledger.told),
            balance=balance,
            cues=tuple(self._set.said),
            sensors=self._care.sensors,
            aligned=self._care.aligned,
            checks=self._care.found,
            step=self._step_told,
            steps=tuple(step.value for step in steps_for(self._channels)),
            last=self._last,
            troubles=tuple(self._troubles),
            dropped=self._audience.dropped,
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
            await self._works.finish()
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
            self._care.hurry(self._now_s)
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
        news = self._care.look(self._now_s, self._source, take, self._take_s) if take is not None else None
        if news is None:
            return
        for event in news:
            self._tell(event)
        if self._stage is Stage.REST:
            self._tell(Rested(self._now_s, self._now_s - self._since_s))
        if self._stage in {Stage.OPEN, Stage.REST} and self._now_s - self._take_s > RENEW_S:
            self._open_stretch(None)
        if self._care.gave_up(self._now_s, self._set.counted_s if self._stage is Stage.SET else None):
            self._stop_set("sensors lost")

    def _open_stretch(self, path: Path | None) -> None:
        """What comes from now on belongs to a new recording."""
        if self._take is not None:
            self._take.close()
        exercise = self._chosen.exercise.name if self._chosen.exercise else self.plan.about.exercise
        self._take = self._source.take(replace(self.plan.about, exercise=exercise), self._now_s, path)
        self._take_s = self._now_s
        self._hear_of(self._take)
        self._so_far = SetSoFar(self._chosen.exercise, self._references, self.plan.settings, self._calibration)
        self._pulse.begin(self._take.zero_s)
        self._care.fresh()

    def _hear_of(self, take: Take) -> None:
        for text in take.troubles:
            self._trouble(text)
        take.troubles.clear()

    def _start_set(self) -> None:
        if self._stage in {Stage.SET, Stage.STEP}:
            found = "a guided step" if self._stage is Stage.STEP else f"set {self._set.set_index}"
            raise InputError("nothing that runs", f"{found} runs", "start", "stop it first")
        check = self._care.check(self._now_s, self._so_far, self._references)
        if check is not None:
            self._tell(check)
        index, exercise = self._set.set_index + 1, self._chosen.exercise
        goes_on = exercise is self._set.exercise and self._set.cues is not None
        cues, before = (self._set.cues, self._set.seen()) if goes_on else (self._chosen.fresh_cues(), ())
        other = self._set.ledger if exercise is self._set.exercise else Ledger()
        self._set = SetWatch(index, exercise, self._chosen.side, self._chosen.target, cues, before, other)
        self._open_stretch(self.plan.new_log(f"{exercise.name if exercise else 'set'}-set{index}"))
        self._enter(Stage.SET)
        take = self._take
        if take is not None and self._chosen.side is not None:
            take.mark(self._now_s, f"side: {self._chosen.side.value}", self._chosen.side)
        name, log = exercise.name if exercise else None, take.path if take else None
        self._tell(SetStarted(self._now_s, index, name, self._chosen.side, self._chosen.target, log))

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
        outcome = Outcome(self._set, why, take, self._chosen.exercise)
        self._open_stretch(None)
        self._enter(Stage.WORKING_OUT)
        self._works.start(self._work_out(outcome))

    def _next_set(self) -> None:
        if self._stage is Stage.SET:
            self._stop_set("stopped")
        self._start_set()

    def _choose_side(self, value: str) -> None:
        self._chosen.choose_side(value)
        self._set.side = self._chosen.side
        if self._take is not None and self._stage is Stage.SET:
            self._take.mark(self._now_s, f"side: {value}", self._chosen.side)

    def _choose_exercise(self, value: str) -> None:
        if self._stage in {Stage.SET, Stage.STEP}:
            raise InputError("a set that has ended", "one that runs", "exercise", "choose it in the rest")
        self._chosen.exercise = exercise_named(value)
        self._open_stretch(None)

    def _choose_target(self, value: str) -> None:
        self._chosen.choose_target(value)
        self._set.target = self._chosen.target
        self._set.listen(self._chosen.fresh_cues())

    def _switch_cues(self, value: str) -> None:
        self._chosen.switch_cues(value)
        self._set.listen(self._chosen.fresh_cues())

    def _end(self, why: str) -> None:
        self._why_ended = self._why_ended or why

    def _start_step(self, value: str) -> None:
        sensible = {step.value: step for step in steps_for(self._channels)}
        if self._stage in {Stage.SET, Stage.STEP}:
            raise InputError("nothing that runs", self._stage.value, "step", "stop it first")
        if value not in sensible:
            raise InputError(f"a step of these sensors ({', '.join(sensible) or 'none'})", repr(value), "step")
        self._open_stretch(self.plan.new_log(value))
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
            self._works.start(self._judge(guide, take))

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
            for event in last_words(outcome, result, self._now_s):
                self._tell(event)
        ended = SetEnded(self._now_s, outcome.set_index, outcome.why, result, outcome.take.path, trouble=trouble)
        ended = await self._kept(ended)
        self._last = ended
        self._sets_done += 1
        if self._stage is Stage.WORKING_OUT:
            self._enter(Stage.REST)
        self._tell(ended)
        if self.plan.sets is not None and self._sets_done >= self.plan.sets and self._stage is not Stage.SET:
            self._end("all sets done")

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

    def _enter(self, stage: Stage) -> None:
        self._stage, self._since_s = stage, self._now_s

    def _trouble(self, text: str) -> None:
        self._troubles = [*self._troubles[-4:], text]
        self._tell(Trouble(self._now_s, text))

    def _tell(self, event: Event) -> None:
        self._audience.tell(event)

    def _close(self) -> None:
        self._enter(Stage.ENDED)
        self._tell(Ended(self._now_s, self._why_ended or "source ended"))
        self._audience.leave()


def _judged(guide: Guide, take: Take, plan: Plan) -> Judged:
    take.close()
    try:
        recording = take.recording()
        began_s = guide.began_s - take.zero_s + take.earlier_s(recording)
        return judge(guide.step, recording, plan.settings.emg, began_s)
    except Exception as error:  # a step that cannot be judged is done again; it must not hold up the session
        return Judged(False, f"again: {in_words(error)}")
