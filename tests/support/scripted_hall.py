"""A hall that plays a script by the clock: views are built and tried with it, without sensors and without analysis.

The values are planned, not measured: both sides alike up to a rep, from there on the right side larger.
"""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace

import numpy as np
from scripted_set import CHECKS, MEASURE, SITE, UNIT, balance_of, cue_of, health_of, planned, rep_of

from glutebal.coach.exercises import exercise
from glutebal.errors import InputError
from glutebal.live.events import (
    Aligned,
    Checked,
    CueGiven,
    Ended,
    Event,
    RepFinished,
    RepStarted,
    Rested,
    SetEnded,
    SetStarted,
    Stage,
    Step,
    StepDone,
    StepTold,
)
from glutebal.live.state import Command, Envelopes, Order, State
from glutebal.live.subscription import Subscription
from glutebal.model import Bilateral, Channel, Samples, Side
from glutebal.results import Rep

RATE_HZ = 50.0
KEPT_ROWS = 1500  # 30 s
NOISE = 4.0  # per cent of the reference, at rest
STEP_S = 5
STEP_WORDS = {
    Step.TARE: "Stand still and unloaded.",
    Step.REFERENCE: "Squeeze as hard as you comfortably can.",
    Step.STATIC_POSE: "Stand upright and still, looking ahead.",
    Step.TAP: "Tap both sensors together, twice.",
}


@dataclass
class ScriptedHall:
    """The surface of a hall, played by a timer; made by `scripted_hall`."""

    reps: int
    shift_at: int
    rep_s: float
    speed: float
    names: Bilateral[str]
    ended: SetEnded | None = None
    orders: list[Command] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rows = 0
        self._values: deque[tuple[float, float]] = deque(maxlen=KEPT_ROWS)
        self._views: list[Subscription] = []
        self._noise = np.random.default_rng(20)
        self._stage_row = self._step_left = 0
        self._step: tuple[Step, Side | None] | None = None
        entry = exercise("hip_thrust")
        health = Bilateral.per_side(lambda side: health_of(side, self.names[side]))
        self._state = State(
            Stage.OPEN,
            0,
            entry.name,
            entry.title,
            None,
            self.reps,
            cues_on=True,
            measure=MEASURE,
            site=SITE,
            unit=UNIT,
            phase="resting",
            sensors=tuple(health),
            aligned=Aligned(0.0, 0.004, "left and right share one time to within 4 ms"),
            checks=CHECKS,
            steps=("tare", "reference", "tap"),
        )

    @property
    def _ended(self) -> bool:
        return self._state.stage is Stage.ENDED

    @property
    def at_s(self) -> float:
        """Seconds since the hall opened."""
        return self.rows / RATE_HZ

    @property
    def state(self) -> State:
        """The hall now."""
        dropped = sum(view.dropped for view in self._views)
        return replace(self._state, since_s=(self.rows - self._stage_row) / RATE_HZ, dropped=dropped)

    def subscribe(self, capacity: int = 512) -> Subscription:
        """Listen from now on."""
        view = Subscription(capacity)
        self._views = [*(known for known in self._views if not known.closed), view]
        return view

    def envelopes(self, start: int = 0) -> Envelopes:
        """Rows from ``start`` on, at most the last 30 s."""
        first = self.rows - len(self._values)
        begin = min(max(start, first), self.rows)
        rows = list(self._values)[begin - first :]
        return Envelopes(begin, np.asarray(rows, dtype=np.float64).reshape(-1, 2), UNIT)

    def on_chunk(self, callback: Callable[[Channel, int, Samples], None]) -> None:
        """Nothing is measured here, so nothing is ever handed on."""

    def say(self, event: Event) -> None:
        """Tell every view."""
        for view in self._views:
            view.put(event)

    async def order(self, command: Command) -> None:
        """Do what is asked, or refuse it with the reason."""
        if command.order in _DO:
            _DO[command.order](self)
        else:
            _TAKE[command.order](self, command.value)
        self.orders.append(command)

    def __aiter__(self) -> AsyncIterator[Event]:
        return self._told()

    async def _told(self) -> AsyncIterator[Event]:
        heard = self.subscribe()
        playing = asyncio.ensure_future(self.run())
        async for event in heard:
            yield event
        await playing

    async def run(self) -> None:
        """Play by the clock until the hall is closed."""
        loop = asyncio.get_running_loop()
        began, before = loop.time(), self.rows
        for sensor in self._state.sensors:
            self.say(sensor)
        self.say(Checked(self.at_s, self._state.checks))
        while not self._ended:
            await asyncio.sleep(0.01)
            due = before + int((loop.time() - began) * self.speed * RATE_HZ)
            while self.rows < due and not self._ended:
                self.advance()
        self.say(Ended(self.at_s, "closed"))
        for view in self._views:
            view.close()

    def advance(self) -> None:
        """Play the next 20 ms."""
        self.rows += 1
        into = self.rows - self._stage_row
        self._values.append(self._row(into))
        _PLAY.get(self._state.stage, _nothing)(self, into)

    def _enter(self, stage: Stage, **changes: object) -> None:
        self._stage_row = self.rows
        self._state = replace(self._state, stage=stage, **changes)  # type: ignore[arg-type]

    def _row(self, into: int) -> tuple[float, float]:
        floor = NOISE * (1 + 0.3 * self._noise.standard_normal(2))
        number, place = self._place(into)
        if self._state.stage is not Stage.SET or number > self.reps or not 0 < place < 0.7:
            return float(floor[0]), float(floor[1])
        height = math.sin(math.pi * place / 0.7) ** 2
        sides = planned(number, self.shift_at).map(lambda peak: peak * height)
        return float(sides.left + floor[0]), float(sides.right + floor[1])

    def _place(self, into: int) -> tuple[int, float]:
        passed = max(into / RATE_HZ / self.rep_s - 0.5, 0.0)  # a moment to get ready
        return 1 + int(passed), passed - int(passed)

    def _count(self, into: int) -> None:
        number, place = self._place(into)
        if number > self.reps:
            return
        done = len(self._state.reps)
        if self._state.phase == "resting" and number == done + 1 and 0 < place < 0.7:
            self._state = replace(self._state, phase="working")
            self.say(RepStarted(self.at_s, number, None, self._state.set_index))
        elif self._state.phase == "working" and place >= 0.7:
            self._finish(number)

    def _finish(self, number: int) -> None:
        stop = self.rows - self._stage_row
        clock = Rep(number, stop - round(0.7 * self.rep_s * RATE_HZ), stop, RATE_HZ, set_index=self._state.set_index)
        rep = rep_of(clock, self.shift_at)
        reps = (*self._state.reps, rep)
        balance = balance_of(self.at_s, reps)
        self._state = replace(self._state, phase="resting", reps=reps, balance=balance)
        self.say(RepFinished(self.at_s, rep, self._state.set_index))
        self.say(balance)
        if number == self.shift_at + 2 and self._state.cues_on:
            cue = cue_of(rep, self._state.set_index)
            self._state = replace(self._state, cues=(*self._state.cues, cue))
            self.say(CueGiven(self.at_s, cue))
        if self._state.target_reps is not None and number >= self._state.target_reps:
            self._end_set("target reached")

    def _start(self) -> None:
        if self._state.stage is Stage.SET:
            raise InputError("no set under way", f"set {self._state.set_index} running", "start", "stop it first")
        index = self._state.set_index + 1
        self._enter(Stage.SET, set_index=index, reps=(), cues=(), balance=None, phase="resting", step=None)
        state = self._state
        self.say(SetStarted(self.at_s, index, state.exercise, state.side, state.target_reps, None))

    def _stop(self) -> None:
        if self._state.stage is not Stage.SET:
            raise InputError("a set under way", "none", "stop", "start one")
        self._end_set("stopped")

    def _next(self) -> None:
        if self._state.stage is Stage.SET:
            self._end_set("stopped")
        self._start()

    def _end_set(self, why: str) -> None:
        ended = SetEnded(self.at_s, self._state.set_index, why, None, trouble="nothing was measured: a script played")
        if self.ended is not None:
            ended = replace(self.ended, at_s=self.at_s, set_index=self._state.set_index, why=why)
        self._enter(Stage.REST, last=ended, phase="resting")
        self.say(ended)

    def _begin_step(self, value: str) -> None:
        try:
            step = Step(value.partition(":")[0])
        except ValueError:
            raise InputError("a step (" + ", ".join(s.value for s in Step) + ")", repr(value), "step") from None
        self._step = (step, Side.LEFT if step is Step.REFERENCE else None)
        self._enter(Stage.STEP)
        self._tell_step(STEP_S)

    def _tell_step(self, left_s: float) -> None:
        if self._step is None:
            return
        step, side = self._step
        told = StepTold(self.at_s, step, side, STEP_WORDS[step], left_s)
        self._state = replace(self._state, step=told)
        self.say(told)

    def _play_step(self, into: int) -> None:
        if into % int(RATE_HZ) or self._step is None:
            return
        left = STEP_S - into // int(RATE_HZ)
        if left > 0:
            self._tell_step(left)
            return
        step, side = self._step
        if step is Step.REFERENCE and side is Side.LEFT:
            self._step = (step, Side.RIGHT)
            self._enter(Stage.STEP)
            self.say(StepDone(self.at_s, step, side, ok=True, text="left reference kept"))
            self._tell_step(STEP_S)
            return
        self._enter(Stage.OPEN, step=None)
        self.say(StepDone(self.at_s, step, side, ok=True, text=f"{step.value.replace('_', ' ')} kept"))

    def _rest(self, into: int) -> None:
        if into % int(RATE_HZ) == 0:
            self.say(Rested(self.at_s, into / RATE_HZ))

    def _take_side(self, value: str) -> None:
        if value not in {"left", "right", "both"}:
            raise InputError("left, right or both", repr(value), "side")
        self._state = replace(self._state, side=None if value == "both" else Side(value))

    def _take_exercise(self, value: str) -> None:
        entry = exercise(value)
        self._state = replace(self._state, exercise=entry.name, title=entry.title)

    def _take_target(self, value: str) -> None:
        if not value.isdigit() or not 1 <= int(value) <= 200:
            raise InputError("a number of reps from 1 to 200", repr(value), "target")
        self._state = replace(self._state, target_reps=int(value))

    def _take_cues(self, value: str) -> None:
        if value not in {"on", "off"}:
            raise InputError("on or off", repr(value), "cues")
        self._state = replace(self._state, cues_on=value == "on")

    def _close(self) -> None:
        if self._state.stage is Stage.SET:
            self._end_set("stopped")
        self._enter(Stage.ENDED)


def _nothing(hall: ScriptedHall, into: int) -> None:
    pass


_PLAY: dict[Stage, Callable[[ScriptedHall, int], None]] = {
    Stage.SET: ScriptedHall._count,
    Stage.STEP: ScriptedHall._play_step,
    Stage.REST: ScriptedHall._rest,
}
_DO: dict[Order, Callable[[ScriptedHall], None]] = {
    Order.START: ScriptedHall._start,
    Order.STOP: ScriptedHall._stop,
    Order.NEXT: ScriptedHall._next,
    Order.END: ScriptedHall._close,
}
_TAKE: dict[Order, Callable[[ScriptedHall, str], None]] = {
    Order.STEP: ScriptedHall._begin_step,
    Order.SIDE: ScriptedHall._take_side,
    Order.EXERCISE: ScriptedHall._take_exercise,
    Order.TARGET: ScriptedHall._take_target,
    Order.CUES: ScriptedHall._take_cues,
}


def scripted_hall(
    reps: int = 12,
    shift_at: int = 6,
    rep_s: float = 2.0,
    speed: float = 1.0,
    *,
    names: Bilateral[str] | None = None,
    ended: SetEnded | None = None,
) -> ScriptedHall:
    """A hall whose sets have so many reps, with the right side larger from one of them on.

    Parameters
    ----------
    reps : int
        Reps of a set, also its first target.
    shift_at : int
        Number of the rep from which the right side is larger (about 17 index points).
    rep_s : float
        From one rep to the next, in seconds.
    speed : float
        How many seconds of the script pass in one.
    names : Bilateral of str, optional
        What the sensors are called.
    ended : SetEnded, optional
        What is said at the end of a set, with its result and page; by default that nothing was measured.
    """
    called = names or Bilateral("GB-L 4F2A", "GB-R 91C0")
    return ScriptedHall(reps, shift_at, rep_s, speed, called, ended)
