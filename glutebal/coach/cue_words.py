"""What a cue says: one line for a phone, the numbers behind it, and the same numbers for the log.

It describes what was read and names the side. It never names a cause, a risk or a condition, and is no command.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from glutebal.balance.ratio import imbalance, share_right
from glutebal.coach.cue_reading import RepSeen
from glutebal.coach.cue_settings import CueKind, CueSettings, Severity
from glutebal.coach.cue_watch import Outside, Topic
from glutebal.model import Side

SHIFTS = frozenset({CueKind.BALANCE, CueKind.LATERAL_SHIFT})
"""What may end a set if it stays; everything else is a note."""

CONSIDER = "consider ending the set or lowering the load"


@dataclass(frozen=True)
class Cue:
    """One line for the person in the set, and why.

    Parameters
    ----------
    kind : CueKind
        What it is about.
    rep : int
        The index of the rep that caused it.
    text : str
        One short line.
    why : str
        The numbers: "EWMA of 6 reps 14.2 points right, threshold 10.0 points".
    side : Side or None
        The side it names: the larger, the slower or the less deep one, where the hips went, or whose reps they were.
    severity : Severity
        How much it asks for.
    data : tuple of (str, float)
        What caused it, by name and unit: level and threshold can be worked out again from it. NaN: does not apply.
    set_index : int
        The set of the rep.
    """

    kind: CueKind
    rep: int
    text: str
    why: str
    side: Side | None
    severity: Severity
    data: tuple[tuple[str, float], ...]
    set_index: int = 1


def cue_of(out: Outside, seen: RepSeen, settings: CueSettings) -> Cue:
    """An average is outside."""
    topic = out.reading.topic
    severity = Severity.SHIFT if topic.kind in SHIFTS else Severity.NOTE
    caused = _data(out, settings)
    return Cue(topic.kind, seen.index, _TEXT[topic](out), _why(out), _side(out), severity, caused, seen.set_index)


def ending_of(out: Outside, seen: RepSeen, settings: CueSettings) -> Cue:
    """The balance, or else the hips, have stayed outside."""
    text = f"{_stayed(out)} for {out.beyond} reps: {CONSIDER}"
    why = f"{_why(out)}, outside for {out.beyond} reps"
    caused, severity = _data(out, settings), Severity.CONSIDER_ENDING
    return Cue(CueKind.END_SET, seen.index, text, why, _side(out), severity, caused, seen.set_index)


def target_of(seen: RepSeen, done: int, aim: tuple[int, int]) -> Cue:
    """So many reps are done, of one side in one-sided exercises."""
    low, high = aim
    target = f"target {low}" if low == high else f"target {low} to {high}"
    reps = f"{done} rep{'s' if done > 1 else ''}"
    text = _starting(f"{seen.side.value}:" if seen.side else "", f"{reps} done, {target}")
    caused = (("reps", float(done)), ("target_low", float(low)), ("target_high", float(high)))
    why = f"{reps} counted, {target}"
    return Cue(CueKind.TARGET_REACHED, seen.index, text, why, seen.side, Severity.NOTE, caused, seen.set_index)


def _side(out: Outside) -> Side | None:
    """The larger side, the one the hips go to, the slower, the less deep; None: no side."""
    if out.reading.topic in {Topic.BALANCE, Topic.LATERAL_SHIFT, Topic.MOVING, Topic.WHOLE}:
        return _toward(out.way)
    return _toward(-out.way) if out.reading.topic is Topic.DEPTH else out.reading.side


def _stayed(out: Outside) -> str:
    if out.reading.topic is Topic.BALANCE:
        return f"{_named(_side(out)).capitalize()} share above {share_right(out.threshold):.0f} %"
    return f"Hips over {out.threshold:.1f} cm to the {_named(_side(out))}"


def _why(out: Outside) -> str:
    """What was averaged, over how many, and the threshold."""
    whose = f"{out.reading.side.value} " if out.reading.side else ""
    noun = "pair" if out.reading.pairs else "rep"
    return f"EWMA of {out.reps} {whose}{noun}{'s' if out.reps > 1 else ''} {_WHY[out.reading.topic](out)}"


def _data(out: Outside, settings: CueSettings) -> tuple[tuple[str, float], ...]:
    reading, unit = out.reading, out.reading.topic.unit
    numbers = (
        (f"value_{unit}", reading.value),
        (f"before_{unit}", out.before),
        ("alpha", settings.alpha),
        (f"level_{unit}", out.level),
        (f"centre_{unit}", out.centre),
        (f"threshold_{unit}", out.threshold),
        (f"floor_{unit}", reading.floor),
        ("share", reading.share),
        (f"size_{unit}", reading.size),
        ("reps", out.reps),
        ("reps_beyond", out.beyond),
    )
    return tuple((name, float(value)) for name, value in (*numbers, *reading.source))


def _toward(way: int) -> Side:
    return Side.RIGHT if way > 0 else Side.LEFT


def _named(side: Side | None) -> str:
    return side.value if side else ""


def _starting(*words: str) -> str:
    """Words with a capital; what is empty is left out."""
    line = " ".join(word for word in words if word)
    return line[:1].upper() + line[1:]


def _balance(out: Outside) -> str:
    side = _named(_side(out))
    if out.reading.pairs:
        other = _named(_toward(-out.way))
        return f"{side.capitalize()} side reads higher: {other} reps are {_less(out):.0f} % lower"
    return f"{side.capitalize()} side reads higher: {side} share {share_right(abs(out.level)):.0f} %"


def _lateral_shift(out: Outside) -> str:
    return f"Hips have moved {_away(out):.1f} cm to the {_named(_side(out))} since the first reps"


def _pelvic_drop(out: Outside) -> str:
    since = "than in the first reps" if out.reading.centre is None else "than your baseline"
    whose = f"in {_named(out.reading.side)} reps" if out.reading.side else ""
    return _starting(whose, f"the pelvis drops {_away(out):.0f}° more {since}")


def _depth(out: Outside) -> str:
    return f"{_named(_side(out)).capitalize()} goes {_away(out):.0f}° less deep than {_named(_toward(out.way))}"


def _hold(out: Outside) -> str:
    low, high = (dict(out.reading.source)[name] for name in ("hold_low_s", "hold_high_s"))
    aim = f"{low:g} s is aimed at" if low == high else f"{low:g} to {high:g} s are aimed at"
    return _starting(_named(out.reading.side), f"holds last {out.level:.1f} s; {aim}")


def _range(out: Outside) -> str:
    return _starting(_named(out.reading.side), f"range is {_away(out):.0f}° smaller than in the first reps")


def _sides_tempo(out: Outside) -> str:
    """Both sides' times: the side named is the slower one."""
    more = 100 * math.expm1(abs(out.level))
    return f"{_named(_side(out)).capitalize()} reps take {more:.0f} % longer than {_named(_toward(-out.way))}"


def _quicker(out: Outside) -> str:
    what = "lowering takes" if out.reading.topic is Topic.LOWERING else "reps take"
    return _starting(_named(out.reading.side), f"{what} {_less(out):.0f} % less time than the first reps")


def _away(out: Outside) -> float:
    return abs(out.level - out.centre)


def _less(out: Outside) -> float:
    """Per cent by which the smaller of two is lower."""
    return -100 * math.expm1(-_away(out))


def _points(out: Outside) -> str:
    side = _named(_side(out))
    return f"{imbalance(abs(out.level)):.1f} points {side}, threshold {imbalance(out.threshold):.1f} points"


def _longer(out: Outside) -> str:
    more, allowed = (100 * math.expm1(x) for x in (abs(out.level), out.threshold))
    return f"{more:.0f} % longer {_named(_side(out))}, threshold {allowed:.0f} %"


def _seconds(out: Outside) -> str:
    level, first, threshold = (math.exp(x) for x in (out.level, out.centre, out.centre - out.threshold))
    return f"{level:.2f} s, first reps {first:.2f} s, threshold {threshold:.2f} s"


def _deeper(out: Outside) -> str:
    return f"{_away(out):.1f}° deeper {_named(_toward(out.way))}, threshold {out.threshold:.1f}°"


def _held(out: Outside) -> str:
    low, high, tolerance = (value for _, value in out.reading.source)
    return f"{out.level:.1f} s, aimed at {low:g} to {high:g} s, tolerance {tolerance:g} s"


def _degrees(out: Outside) -> str:
    against = "first reps" if out.reading.centre is None else "baseline"
    level, centre = (f"{x:.1f}°".replace("-", "−") for x in (out.level, out.centre))
    return f"{level}, {against} {centre}, threshold {out.threshold:.1f}°"


def _where(out: Outside) -> str:
    return f"{_placed(out.level)}, first reps {_placed(out.centre)}, threshold {out.threshold:.1f} cm"


def _placed(cm: float) -> str:
    size = f"{abs(cm):.1f} cm"
    return size if float(size[:-3]) == 0 else f"{size} to the {'right' if cm > 0 else 'left'}"


_TEXT: dict[Topic, Callable[[Outside], str]] = {
    Topic.BALANCE: _balance,
    Topic.LATERAL_SHIFT: _lateral_shift,
    Topic.PELVIC_DROP: _pelvic_drop,
    Topic.DEPTH: _depth,
    Topic.HOLD: _hold,
    Topic.RANGE: _range,
    Topic.MOVING: _sides_tempo,
    Topic.WHOLE: _sides_tempo,
    Topic.LOWERING: _quicker,
    Topic.REP_TIME: _quicker,
}
_WHY: dict[Topic, Callable[[Outside], str]] = {
    Topic.BALANCE: _points,
    Topic.LATERAL_SHIFT: _where,
    Topic.PELVIC_DROP: _degrees,
    Topic.DEPTH: _deeper,
    Topic.HOLD: _held,
    Topic.RANGE: _degrees,
    Topic.MOVING: _longer,
    Topic.WHOLE: _longer,
    Topic.LOWERING: _seconds,
    Topic.REP_TIME: _seconds,
}
