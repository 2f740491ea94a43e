"""What the terminal says of a state: in words and letters, with the reason where there is no number."""

import math
from dataclasses import replace
from pathlib import Path

import pytest

from glutebal.coach.cues import Cue, CueKind, Severity
from glutebal.live import panel
from glutebal.live.bars import Ink
from glutebal.live.events import (
    Aligned,
    BalanceSoFar,
    Check,
    Link,
    LiveRep,
    SensorHealth,
    SetEnded,
    Stage,
    Step,
    StepTold,
)
from glutebal.live.state import State
from glutebal.model import Bilateral, Side
from glutebal.results import Estimate, Grade, Rep, Status

READY = State(Stage.OPEN, 0, "hip_thrust", "Barbell hip thrust", None, 12, cues_on=True)
CUE = Cue(CueKind.BALANCE, 8, "Right side reads higher", "EWMA of 8 reps", Side.RIGHT, next(iter(Severity)), ())


def text(rows):
    return "\n".join("".join(span for span, _ in row) for row in rows)


def inks(row):
    return {ink for _, ink in row}


def rep(number, left=50.0, right=60.0):
    none = Estimate(math.nan)
    return LiveRep(
        number, Rep(number, 0, 9, 10.0), "rms", "", "µV", Bilateral(Estimate(left), Estimate(right)), none, none
    )


def balance(imbalance, reps=8):
    sides = Bilateral(Estimate(51.26), Estimate(math.nan))
    return BalanceSoFar(9.0, "mean_force", "gluteus_maximus", "N", reps, Estimate(0.1), imbalance, sides)


def in_set(**changes):
    return replace(READY, stage=Stage.SET, set_index=2, phase="working", **changes)


def sensor(device, side, **changes):
    return replace(SensorHealth(1.0, device, f"GB {device}", side, Link.STREAMING, 80.0, 0, 84.0), **changes)


def test_the_head_says_exercise_set_side_and_what_goes_on():
    row = text([panel.head(in_set(since_s=65.4), 80)])
    assert len(row) == 80
    assert row.startswith("Barbell hip thrust · set 2 · side: both ")
    assert row.endswith("SET 1:05")
    assert len(text([panel.head(replace(READY, title="x" * 200), 60)])) == 60


@pytest.mark.parametrize(
    ("state", "number", "words"),
    [
        (in_set(reps=(rep(1), rep(2))), "2", ["reps of 12", "▲ working"]),
        (replace(in_set(), phase="resting", target_reps=None), "0", ["reps", "· resting"]),
        (replace(READY, stage=Stage.REST, since_s=83.0, reps=(rep(1),)), "1:23", ["rest", "after 1 of 12 reps"]),
        (
            replace(READY, stage=Stage.STEP, step=StepTold(1.0, Step.REFERENCE, Side.LEFT, "Squeeze", 3.2)),
            "4",
            ["seconds left", "L left side"],
        ),
        (READY, "0", ["reps of 12", ""]),
    ],
    ids=["set", "no-target", "rest", "step", "ready"],
)
def test_the_number_at_the_left(state, number, words):
    assert panel.main_number(state) == number
    assert text(panel.main_rows(state)) == "\n".join(words)


def test_a_balance_has_its_interval_and_what_it_says():
    state = in_set(balance=balance(Estimate(9.4, 6.1, 12.6)))
    assert panel.balance_number(state) == "+9.4"
    assert text(panel.balance_rows(state)).splitlines() == [
        "95 % range +6.1 to +12.6",
        "R: the right side reads higher",
        "8 reps, mean force, gluteus maximus",
        "L 51.3  R not known  N",
    ]


def test_a_balance_whose_interval_has_zero_in_it_names_no_side():
    rows = text(panel.balance_rows(in_set(balance=balance(Estimate(-2.0, -5.0, 1.0)))))
    assert "no side difference can be told" in rows
    assert "reads higher" not in rows


@pytest.mark.parametrize(
    ("found", "number", "said"),
    [
        (Estimate(3.0, status=Status.TOO_FEW, reason="an interval needs five reps"), "+3.0", "an interval needs five"),
        (Estimate.none(Status.UNCALIBRATED, "no reference contraction"), "- -", "no number: no reference contraction"),
        (Estimate.none(Status.REFUSED, ""), "- -", "no number: refused"),
    ],
    ids=["few", "uncalibrated", "no-words"],
)
def test_without_an_interval_there_is_the_reason(found, number, said):
    state = in_set(balance=balance(found))
    assert panel.balance_number(state) == number
    assert said in text(panel.balance_rows(state))
    assert "reads higher" not in text(panel.balance_rows(state))


def test_before_the_first_rep_nothing_is_claimed():
    assert text(panel.balance_rows(in_set())) == "no rep yet"
    assert text(panel.balance_rows(READY)) == "no set yet"
    assert panel.balance_number(READY) == "- -"


def test_the_last_reps_that_fit_stand_with_letters_and_numbers():
    rows = text(panel.rep_rows([rep(k) for k in range(1, 31)], 80, 6)).splitlines()
    assert len(rows) == 6
    assert max(map(len, rows)) <= 80
    assert rows[-1].split() == [str(k) for k in range(18, 31)]
    assert rows[-2].split() == ["L", "R"] * 13
    assert rows[0].count("█") == 26  # the right columns: the largest value fills its column


def test_reps_are_numbered_as_they_are_counted():
    rows = text(panel.rep_rows([rep(2), rep(5)], 80, 6)).splitlines()
    assert rows[-1].split() == ["1", "2"]


@pytest.mark.parametrize("values", [(math.nan, math.nan), (0.0, 0.0)])
def test_reps_without_values_are_still_counted(values):
    rows = text(panel.rep_rows([rep(1, *values)], 80, 6)).splitlines()
    assert rows[-1].split() == ["1"]
    assert "█" not in "".join(rows)


def test_the_check_says_its_grade_in_a_word():
    checks = (
        Check("contact", Grade.BAD, "no contact", Side.LEFT),
        Check("battery", Grade.SUSPECT, "18 %", Side.RIGHT),
        Check("rate", Grade.GOOD, "80 Hz"),
    )
    rows = panel.check_rows(checks, 6)
    assert text(rows).splitlines() == ["BAD  L no contact", "LOOK R 18 %", "good   80 Hz"]
    assert [inks(row) for row in rows] == [{Ink.BAD}, {Ink.DOUBT}, {Ink.DIM}]
    assert text(panel.check_rows(checks * 3, 4)).splitlines()[-1] == "and 6 more"
    assert text(panel.check_rows((), 6)) == "the sensors are being looked at"


def test_sensors_say_how_they_are():
    sensors = (
        sensor(0, Side.LEFT),
        sensor(1, Side.RIGHT, link=Link.RECONNECTING, lost=40, battery_percent=math.nan, rate_hz=math.nan),
    )
    state = replace(READY, sensors=sensors, aligned=Aligned(1.0, 0.004, "within 4 ms"))
    rows = panel.sensor_rows(state, 80, 3)
    assert text(rows).splitlines() == [
        "L GB 0, streaming, 80 Hz, battery 84 %",
        "R GB 1, reconnecting, 40 lost",
        "within 4 ms",
    ]
    assert Ink.BAD in inks(rows[1])


def test_of_many_sensors_those_in_trouble_come_first():
    many = [sensor(k, None) for k in range(6)]
    many[4] = replace(many[4], link=Link.LOST)
    many[5] = replace(many[5], doubts=("noisy",))
    rows = text(panel.sensor_rows(replace(READY, sensors=tuple(many)), 80, 3)).splitlines()
    assert rows == [
        "· GB 4, lost, 80 Hz, battery 84 %",
        "· GB 5, streaming, 80 Hz, battery 84 %, noisy",
        "and 4 more sensors",
    ]


def test_the_message_is_the_answer_to_a_key_before_all_else():
    state = in_set(cues=(CUE,), troubles=("disk full",))
    assert text(panel.message_rows(state, "not now")) == " !  not now\ntrouble: disk full"


def test_a_fresh_cue_says_why_and_then_steps_back():
    assert text(panel.message_rows(in_set(cues=(CUE,)), fresh=True)) == " CUE  Right side reads higher\nEWMA of 8 reps"
    assert text(panel.message_rows(in_set(cues=(CUE,)))) == "last cue: Right side reads higher\n"


def test_a_step_says_what_to_do():
    told = StepTold(1.0, Step.STATIC_POSE, None, "Stand still", 3.0)
    assert text(panel.message_rows(replace(READY, stage=Stage.STEP, step=told))) == " static pose  Stand still\n"


def test_a_set_that_ended_says_why_and_where_the_page_is():
    last = SetEnded(60.0, 2, "target reached", None, page=Path("a") / "set2.html", trouble="history busy")
    state = replace(READY, stage=Stage.REST, last=last)
    assert text(panel.message_rows(state)) == "set 2 ended: target reached; page set2.html; history busy\n"
    assert "worked out" in text(panel.message_rows(replace(state, stage=Stage.WORKING_OUT)))
    assert text(panel.message_rows(in_set(last=last))) == "\n"


def test_the_keys_are_those_that_make_sense():
    ready = replace(READY, steps=("reference", "tare"))
    assert text([panel.key_row(ready)]).split() == [
        *("space", "start", "n", "next", "s", "side"),
        *("r", "reference", "t", "tare", "c", "cues", "on", "q", "end"),
    ]
    running = text([panel.key_row(in_set(steps=("reference",)))])
    assert "reference" not in running
    assert "stop" in running
    everything = replace(READY, steps=tuple(s.value for s in Step), cues_on=False)
    assert len(text([panel.key_row(everything)])) <= 80


@pytest.mark.parametrize(("seconds", "shown"), [(0, "0:00"), (59.9, "0:59"), (3600, "60:00"), (math.nan, "0:00")])
def test_the_clock(seconds, shown):
    assert panel.clock(seconds) == shown
