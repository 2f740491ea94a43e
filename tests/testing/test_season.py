"""A simulated season: what is true of it is in its recordings."""

from dataclasses import replace
from datetime import date

import pytest

import glutebal as gb
from glutebal.analysis.history import History
from glutebal.analysis.season import keep_season
from glutebal.balance.trend import Direction
from glutebal.errors import InputError
from glutebal.testing.season import Course, SeasonPlan, season


def test_a_course_runs_straight_between_its_knots():
    course = Course(((2, 0.2), (4, 0.0)))
    assert [course.at(week) for week in (0, 2, 3, 4, 9)] == pytest.approx([0.2, 0.2, 0.1, 0.0, 0.0])


def test_the_same_seed_is_the_same_season():
    assert season(seed=3) == season(seed=3)
    assert season(seed=3) != season(seed=4)


def test_twelve_weeks_with_a_missed_one_and_two_or_three_sessions_each():
    made = season()
    by_week = [sum(int(s.week) == week for s in made.sessions) for week in range(12)]
    assert by_week[made.plan.missed_week] == 0
    assert {n for week, n in enumerate(by_week) if week != made.plan.missed_week} == {2, 3}


def test_one_session_went_wrong_and_the_electrodes_changed_once():
    made = season()
    assert sum(s.is_outlier for s in made.sessions) == 1
    assert len({s.devices for s in made.sessions}) == 2
    wrong = next(s for s in made.sessions if s.is_outlier)
    assert wrong.measured_force - wrong.force > 0.25


def test_both_sides_grow_while_the_left_catches_up():
    made = season()
    first, last = made.sessions[0].strength_n, made.sessions[-1].strength_n
    assert last.left / first.left > last.right / first.right > 1
    assert made.change == pytest.approx(-0.18)


def test_a_season_without_weeks_is_an_error():
    with pytest.raises(InputError, match="0 weeks"):
        SeasonPlan(weeks=0)
    with pytest.raises(InputError, match="weekdays"):
        SeasonPlan(weekdays=(7,))


def test_the_recordings_say_who_when_what_and_with_which_electrodes():
    session = season().sessions[-1]
    recording, reference = session.recordings()[0]
    assert reference is not None
    assert (recording.subject, recording.exercise, recording.started.date()) == ("simulated", "hip_thrust", session.day)
    devices = {c.side: c.device for c in recording.channels if c.quantity is gb.Quantity.EMG}
    assert devices == {side: session.devices[side] for side in gb.Side}


def test_the_analysis_of_a_session_finds_what_was_put_in():
    session = season(seed=2).sessions[0]
    (recording, reference), (aside, none) = session.recordings()
    assert none is None
    found = gb.analyse(recording, reference=reference).balance.set_index("measure")["log_ratio"]
    assert found["mean_force"] == pytest.approx(session.measured_force, abs=0.03)
    assert found["activation"] == pytest.approx(session.measured_emg, abs=0.08)
    assert gb.analyse(aside).analysis.exercise == "hip_abduction"


@pytest.mark.slow
def test_a_whole_season_is_judged_for_what_it_is(tmp_path):
    made = season(seed=1)
    with History(tmp_path / "season.db") as history:
        keep_season(made, history)
        found = history.trend()
        assert len(history.sessions()) == len(made.sessions) == 30
        assert len(history.sizes()) == 2
    trend = found.trend
    assert trend.direction is Direction.LEFTWARDS
    assert trend.level.low < made.sessions[-1].force < trend.level.high
    assert trend.change.low < made.change < trend.change.high
    assert [s.day for s in trend.sessions if s.outlier] == [s.day for s in made.sessions if s.is_outlier]
    emg = next(p for p in found.progress.others if p.series.measure == "activation")
    new = next(s.day for s in made.sessions if s.devices.left == "EMG-B1")
    assert emg.trend.setup_changes == (new,)
    assert trend.setup_changes == ()
    for side in gb.Side:
        truth = 100 * (made.sessions[-1].strength_n[side] / made.sessions[0].strength_n[side] - 1)
        change = found.progress.main.sides[side].change
        assert change.low < truth < change.high


def test_a_short_season_is_kept_with_what_was_said(tmp_path):
    plan = SeasonPlan(weeks=1, weekdays=(0, 2), sets=1, reps=5, start=date(2026, 1, 5), side_exercise="")
    made = season(replace(plan, athlete="C-03"))
    told = []
    with History(tmp_path / "season.db") as history:
        keep_season(made, history, told.append)
        rows = history.sessions()
    assert [s.day for s in told] == [s.day for s in made.sessions] == [date(2026, 1, 5)]
    assert rows["athlete"].tolist() == ["C-03"]
    assert rows["pain"].tolist() == [made.sessions[0].pain]
    assert rows["first_side"].tolist() == ["left"]
