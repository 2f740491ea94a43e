"""What the terminal says about a hall, as rows of spans: pure functions of its state."""

from __future__ import annotations

import math
from collections.abc import Sequence

from glutebal.live.bars import INKS, LETTER, Ink, Row, Span, rep_columns
from glutebal.live.events import Check, Link, LiveRep, SensorHealth, Stage
from glutebal.live.state import State
from glutebal.model import Bilateral, Side
from glutebal.results import Estimate, Grade

CAPTION: Row = (("imbalance in points, + = right larger", Ink.DIM),)
STAGES = {
    Stage.OPEN: "READY",
    Stage.STEP: "GUIDED STEP",
    Stage.SET: "SET",
    Stage.WORKING_OUT: "WORKING OUT",
    Stage.REST: "REST",
    Stage.ENDED: "ENDED",
}
GRADE_INKS = {Grade.GOOD: Ink.DIM, Grade.SUSPECT: Ink.DOUBT, Grade.BAD: Ink.BAD}
GRADE_WORDS = {Grade.GOOD: "good", Grade.SUSPECT: "LOOK", Grade.BAD: "BAD"}
PAIR = 6  # columns of one rep: two for each side, two between


def head(state: State, width: int) -> Row:
    """Exercise, set and side; at the right what is going on and since when."""
    told = [state.title or "no exercise", f"set {state.set_index}" if state.set_index else "", f"side: {_side(state)}"]
    left, right = " · ".join(t for t in told if t), f"{STAGES[state.stage]} {clock(state.since_s)}"
    room = width - len(right) - 1
    return ((f"{left[:room]:<{room}} ", Ink.STRONG), (right, Ink.KEY))


def _side(state: State) -> str:
    return state.side.value if state.side else "both"


def clock(seconds: float) -> str:
    """Minutes and seconds: ``1:05``."""
    whole = int(seconds) if math.isfinite(seconds) else 0
    return f"{whole // 60}:{whole % 60:02d}"


def main_number(state: State) -> str:
    """The number at the left: seconds left of a step, the rest timer, or the reps."""
    if state.stage is Stage.STEP and state.step:
        return f"{math.ceil(max(state.step.left_s, 0))}"
    if state.stage is Stage.REST:
        return clock(state.since_s)
    return str(len(state.reps))


def main_rows(state: State) -> tuple[Row, ...]:
    """What stands over the number at the left, and under it."""
    target = f" of {state.target_reps}" if state.target_reps else ""
    if state.stage is Stage.STEP and state.step:
        return ((("seconds left", Ink.DIM),), ((_of_side(state.step.side), Ink.STRONG),))
    if state.stage is Stage.REST:
        return ((("rest", Ink.DIM),), ((f"after {len(state.reps)}{target} reps", Ink.DIM),))
    phase = f"{'▲' if state.phase == 'working' else '·'} {state.phase}" if state.stage is Stage.SET else ""
    return (((f"reps{target}", Ink.DIM),), ((phase, Ink.STRONG if state.phase == "working" else Ink.DIM),))


def _of_side(side: Side | None) -> str:
    return f"{LETTER[side]} {side.value} side" if side else ""


def balance_number(state: State) -> str:
    """The imbalance of the set so far in index points with its sign; dashes when it is not known."""
    value = state.balance.imbalance.value if state.balance else math.nan
    return f"{value:+.1f}" if math.isfinite(value) else "- -"


def balance_rows(state: State) -> tuple[Row, ...]:
    """What stands beside the number: its interval or why there is none, what it says, what it is made of."""
    if state.balance is None:
        waiting = "no rep yet" if state.stage is Stage.SET else "no set yet"
        return (((waiting, Ink.PLAIN),),)
    found = state.balance.imbalance
    made_of = f"{_reps(state.balance.reps)}, {_words(state.balance.measure)}, {_words(state.balance.site)}"
    said = ((verdict(found),),) if _ranged(found) else ()
    return ((interval(found), Ink.STRONG),), *said, ((made_of, Ink.DIM),), _values(state)


def _values(state: State) -> Row:
    """What each side read, in the unit of the measure."""
    if state.balance is None:
        return ()
    sides = ((f"{LETTER[side]} {_value(state.balance.sides[side])}  ", INKS[side]) for side in Side)
    return (*sides, (state.balance.unit, Ink.DIM))


def _value(found: Estimate) -> str:
    return f"{found.value:.3g}" if math.isfinite(found.value) else "not known"


def _ranged(found: Estimate) -> bool:
    return math.isfinite(found.low) and math.isfinite(found.high)


def interval(found: Estimate) -> str:
    """The interval in words, or the reason for having none."""
    if _ranged(found):
        return f"{100 * found.level:.0f} % range {found.low:+.1f} to {found.high:+.1f}"
    what = "no range" if math.isfinite(found.value) else "no number"
    return f"{what}: {found.reason or _words(found.status.value)}"


def verdict(found: Estimate) -> Span:
    """Which side read higher, when the interval leaves out 0; that nothing can be told, when it does not."""
    if found.low <= 0 <= found.high:
        return ("no side difference can be told", Ink.PLAIN)
    side = Side.RIGHT if found.value > 0 else Side.LEFT
    return (f"{LETTER[side]}: the {side.value} side reads higher", INKS[side])


def _reps(n: int) -> str:
    return "1 rep" if n == 1 else f"{n} reps"


def _words(name: str) -> str:
    return name.replace("_", " ")


def rep_rows(reps: Sequence[LiveRep], width: int, height: int) -> tuple[Row, ...]:
    """The last reps as paired columns with the letters of the sides and the count of the reps under them.

    ``height`` counts all rows; two of them are the letters and the counts.
    """
    shown = reps[-((width - 2) // PAIR) :]
    if not shown:
        return ((("the last reps will stand here, left beside right", Ink.DIM),),)
    values = [rep.sides.map(lambda estimate: estimate.value) for rep in shown]
    top = max((v for pair in values for v in pair if math.isfinite(v)), default=math.nan)
    columns = rep_columns(values, height - 2, top if top > 0 else 1.0)
    letters = tuple(span for _ in shown for span in _pair(LETTER.map(lambda letter: f"{letter:<2}")))
    first = len(reps) - len(shown) + 1  # as they are counted: a rep that was withdrawn leaves no hole
    numbers = "".join(f"{first + k:^4}  " for k in range(len(shown)))
    bars = (tuple(span for pair in row for span in _pair(pair.map(lambda cell: cell * 2))) for row in columns)
    return (*bars, letters, ((numbers, Ink.DIM),))


def _pair(texts: Bilateral[str]) -> tuple[Span, ...]:
    return (texts.left, Ink.LEFT), (texts.right, Ink.RIGHT), ("  ", Ink.PLAIN)


def check_rows(checks: Sequence[Check], height: int) -> tuple[Row, ...]:
    """The check of the sensors before the first rep, most serious first."""
    if not checks:
        return ((("the sensors are being looked at", Ink.DIM),),)
    rows: list[Row] = [_check(check) for check in checks]
    left_over = len(rows) - height
    return tuple(rows) if left_over <= 0 else (*rows[: height - 1], ((f"and {left_over + 1} more", Ink.DIM),))


def _check(check: Check) -> Row:
    ink = GRADE_INKS[check.grade]
    side = LETTER[check.side] if check.side else " "
    return ((f"{GRADE_WORDS[check.grade]:<5}", ink), (f"{side} {check.text}", ink))


def sensor_rows(state: State, width: int, height: int) -> tuple[Row, ...]:
    """One row per sensor, those in trouble first when there are too many; then how well the sides share one time."""
    ordered = list(state.sensors)
    if len(ordered) > height:
        ordered.sort(key=lambda s: (s.link is Link.STREAMING, not s.doubts))
    rows = [_sensor(s, width) for s in ordered]
    if len(rows) > height:
        return (*rows[: height - 1], ((f"and {len(rows) - height + 1} more sensors", Ink.DIM),))
    if state.aligned and len(rows) < height:
        rows.append(((state.aligned.text[:width], Ink.DIM),))
    return tuple(rows)


def _sensor(sensor: SensorHealth, width: int) -> Row:
    letter: Span = (f"{LETTER[sensor.side]} ", INKS[sensor.side]) if sensor.side else ("· ", Ink.PLAIN)
    known = sensor.battery_percent
    battery = f"battery {known:.0f} %" if math.isfinite(known) else ""
    rate = f"{sensor.rate_hz:.0f} Hz" if sensor.rate_hz > 0 else ""
    lost = f"{sensor.lost} lost" if sensor.lost else ""
    parts = (sensor.name, _words(sensor.link.value), rate, lost, battery, *sensor.doubts)
    ink = Ink.BAD if sensor.link is not Link.STREAMING else Ink.DOUBT if sensor.doubts else Ink.DIM
    return letter, (", ".join(p for p in parts if p)[: width - 2], ink)


def message_rows(state: State, told: str = "", *, fresh: bool = False) -> tuple[Row, Row]:
    """What a person should read now, and the reason for it: an answer to a key, a step, a cue, how the set ended.

    ``told`` is the answer to a key; a cue that is not ``fresh`` steps back.
    """
    trouble: Row = (("trouble: ", Ink.BAD), (state.troubles[-1], Ink.BAD)) if state.troubles else ()
    if told:
        return (((" ! ", Ink.KEY), (f" {told}", Ink.DOUBT)), trouble)
    if state.stage is Stage.STEP and state.step:
        return (((f" {_words(state.step.step.value)} ", Ink.KEY), (f" {state.step.text}", Ink.STRONG)), trouble)
    if state.cues and state.stage is Stage.SET:
        return _cue_rows(state, trouble, fresh=fresh)
    return (_ended_row(state), trouble)


def _cue_rows(state: State, trouble: Row, *, fresh: bool) -> tuple[Row, Row]:
    cue = state.cues[-1]
    if fresh:
        return ((" CUE ", Ink.KEY), (f" {cue.text}", Ink.STRONG)), trouble or ((cue.why, Ink.DIM),)
    return ((f"last cue: {cue.text}", Ink.DIM),), trouble


def _ended_row(state: State) -> Row:
    if state.stage is Stage.WORKING_OUT:
        return (("the set is being worked out; this takes some seconds", Ink.STRONG),)
    if state.last is None or state.stage is Stage.SET:
        return ()
    page = f"; page {state.last.page.name}" if state.last.page else ""
    trouble = f"; {state.last.trouble}" if state.last.trouble else ""
    return ((f"set {state.last.set_index} ended: {state.last.why}{page}{trouble}", Ink.PLAIN),)


def key_row(state: State) -> Row:
    """The keys and what they do now."""
    running = state.stage is Stage.SET
    keys = [("space", "stop" if running else "start"), ("n", "next"), ("s", "side")]
    keys += [(key, word) for key, word, step in STEP_KEYS if step in state.steps and not running]
    keys += [("c", f"cues {'on' if state.cues_on else 'off'}"), ("q", "end")]
    return tuple(span for key, word in keys for span in ((key, Ink.KEY), (f" {word} ", Ink.DIM)))


#: Key, word and guided step.
STEP_KEYS = (
    ("r", "reference", "reference"),
    ("t", "tare", "tare"),
    ("p", "pose", "static_pose"),
    ("a", "tap", "tap"),
)
