"""The history as its users see it: results in, tables, sessions and trends out."""

import json
from datetime import date, datetime, timedelta
from functools import cache

import pandas as pd
import pytest

import glutebal as gb
from glutebal.errors import DuplicateError, InputError, UnknownNameError
from glutebal.model import Bilateral
from glutebal.report.tables.season import (
    ATHLETES_COLUMNS,
    HISTORY_REPS_COLUMNS,
    SESSIONS_COLUMNS,
    SETS_COLUMNS,
    SIZES_COLUMNS,
    STRENGTH_COLUMNS,
    WEEKLY_COLUMNS,
)
from glutebal.report.tables.session import SESSION_COLUMNS
from glutebal.report.tables.trend import PROGRESS_COLUMNS, TREND_COLUMNS
from glutebal.testing.simulate import ForcePlan, simulate_set

START = datetime(2025, 9, 1, 18)


@cache
def result(seed=0, ratio=1.2, exercise="hip_thrust", subject="A-01", started=START):
    """Two short sets of force."""
    plan = {"sets": 2, "reps": 5, "rep_s": 1.4, "rest_s": 0.8, "set_rest_s": 10.0, "common_sd": 0.02}
    force = ForcePlan(ratio=ratio, rate_hz=100.0, rest_n=Bilateral(0.3, -0.2))
    recording, _ = simulate_set(seed, rate_hz=200.0, force=force, **plan)
    tracks = tuple(t for t in recording.tracks if t.channel.quantity is gb.Quantity.FORCE)
    return gb.analyse(recording.with_(tracks=tracks, subject=subject, started=started, exercise=exercise))


def week(k, **changes):
    return result(k, started=START + timedelta(weeks=k), **changes)


@pytest.fixture
def history(tmp_path):
    with gb.History(tmp_path / "h.db") as opened:
        yield opened


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """Five weeks of one person in which the right share falls, and one session of another."""
    with gb.History(tmp_path_factory.mktemp("history") / "h.db") as opened:
        for k, ratio in enumerate((1.30, 1.25, 1.2, 1.1, 1.05)):
            opened.add(week(k, ratio=ratio), notes=gb.SessionNotes(pain=float(k), first_side=gb.Side.LEFT))
        opened.add(week(9, subject="B-02"))
        yield opened


def test_who_when_and_what_come_from_the_recording(history):
    number = history.add(result())
    row = history.sessions().iloc[0]
    assert (row["session"], row["athlete"], row["exercises"]) == (number, "A-01", "hip_thrust")
    assert row["day"] == pd.Timestamp("2025-09-01")
    assert (row["sets"], row["reps"]) == (2, 10)


def test_what_is_given_goes_before_what_the_recording_says(history):
    history.add(result(), athlete="C-03", day="2025-10-04", label="evening")
    row = history.sessions().iloc[0]
    assert (row["athlete"], row["day"], row["label"]) == ("C-03", pd.Timestamp("2025-10-04"), "evening")


@pytest.mark.parametrize("day", ["2025-10-04", date(2025, 10, 4), datetime(2025, 10, 4, 7, 30)])
def test_a_day_may_be_given_in_three_ways(history, day):
    history.add(result(started=None), day=day)
    assert history.sessions()["day"].item() == pd.Timestamp("2025-10-04")


@pytest.mark.parametrize(
    ("made", "given", "words"),
    [
        ({"started": None}, {}, "2025-10-04"),
        ({"subject": None}, {}, "athlete"),
        ({"exercise": None}, {}, "exercise"),
        ({}, {"day": "4 October"}, "4 October"),
    ],
)
def test_what_is_missing_is_asked_for(history, made, given, words):
    with pytest.raises(InputError, match=words):
        history.add(result(**made), **given)
    assert history.sessions().empty


def test_an_exercise_that_was_not_known_may_be_named(history):
    history.add(result(exercise=None), exercise="hip_thrust")
    assert history.sessions()["exercises"].item() == "hip_thrust"


def test_recordings_of_two_days_or_two_people_are_no_session(history):
    with pytest.raises(InputError, match="2025-09-01 and 2025-09-08"):
        history.add(week(0), week(1))
    with pytest.raises(InputError, match=r"'A-01' and 'B-02'"):
        history.add(week(0), result(1, subject="B-02"))
    with pytest.raises(InputError, match="none"):
        history.add()
    with pytest.raises(InputError, match="Recording"):
        history.add(result().analysis.recording)


def test_results_of_one_day_are_one_session_and_a_later_one_joins(history):
    first = history.add(result(0), result(1))
    assert history.add(result(2)) == first
    assert history.sessions()["recordings"].tolist() == [3]


def test_the_same_recording_twice_is_refused_and_nothing_is_kept(history):
    history.add(result(0))
    with pytest.raises(DuplicateError):
        history.add(result(1), result(0))
    assert history.sessions()["recordings"].tolist() == [1]


def test_the_tables_have_their_columns_with_and_without_rows(filled, history):
    for h in (filled, history):
        assert tuple(h.athletes()) == ATHLETES_COLUMNS
        assert tuple(h.sessions()) == SESSIONS_COLUMNS
        assert tuple(h.sets()) == SETS_COLUMNS
        assert tuple(h.reps()) == HISTORY_REPS_COLUMNS
        assert tuple(h.sizes()) == SIZES_COLUMNS
        assert tuple(h.strength()) == STRENGTH_COLUMNS
        assert tuple(h.weekly("hip_thrust", "mean_force", "plate")) == WEEKLY_COLUMNS


def test_the_tables_hold_everyone_or_one(filled):
    assert filled.athletes()["sessions"].tolist() == [5, 1]
    assert len(filled.sessions()) == 6
    assert set(filled.sessions("B-02")["athlete"]) == set(filled.sets("B-02")["athlete"]) == {"B-02"}
    with pytest.raises(UnknownNameError, match="A-01, B-02"):
        filled.sessions("C-03")


def test_the_sets_and_reps_are_those_of_the_analysis(filled):
    sets = filled.sets("A-01").query("measure == 'mean_force'")
    assert sets.groupby("session")["set"].agg(list).tolist() == [[1, 2]] * 5
    assert sets["n"].eq(5).all()
    reps = filled.reps("A-01").query("measure == 'mean_force' and session == 1")
    own = week(0, ratio=1.30).reps.query("measure == 'mean_force'")
    assert reps["log_ratio"].tolist() == pytest.approx(own["log_ratio"].tolist())
    assert reps["left"].tolist() == pytest.approx(own["left"].tolist())


def test_positive_is_right_larger_in_every_table(filled):
    assert filled.sets("A-01").query("measure == 'mean_force'")["imbalance"].gt(0).all()
    assert filled.trend(athlete="A-01").summary["imbalance"].iloc[0] > 0


def test_a_trend_finds_the_fall_and_says_what_it_chose(filled):
    found = filled.trend(athlete="A-01")
    assert found.progress.main.series.measure == "mean_force"
    assert "mean_force" in found.progress.note
    assert found.trend.change.value < 0
    assert len(found.trend.sessions) == 5
    assert tuple(found.table) == PROGRESS_COLUMNS
    assert tuple(found.summary) == TREND_COLUMNS
    assert found.table["pain"].tolist()[:5] == [0, 1, 2, 3, 4]


def test_a_trend_may_be_named_by_alias_and_part(filled):
    found = filled.trend("Hip Thrust", "plate", "impulse", athlete="A-01").progress
    assert (found.main.series.measure, found.note) == ("impulse", "")


def test_a_trend_of_nobody_in_particular_asks_who(filled, history):
    with pytest.raises(InputError, match="A-01, B-02"):
        filled.trend()
    with pytest.raises(InputError, match="nobody"):
        history.trend()
    with pytest.raises(UnknownNameError, match="hip_thrust"):
        filled.trend("squat", athlete="A-01")
    with pytest.raises(UnknownNameError, match="A-01"):
        filled.trend(athlete="A-1")


def test_settings_are_those_of_the_main_series(filled):
    found = filled.trend(athlete="A-01", settings=gb.TrendSettings(placement_sd=0.3))
    assert found.trend.settings.placement_sd == 0.3
    assert found.trend.level.se > filled.trend(athlete="A-01").trend.level.se


def test_a_trend_prints_reads_as_html_and_as_json(filled):
    found = filled.trend(athlete="A-01")
    assert found.headline in " ".join(str(found).split())
    assert "<svg" in found._repr_html_()
    told = json.loads(found.to_json())
    assert set(told) == {"athlete", "headline", "note", "summary", "sessions"}
    assert told["sessions"][0]["day"] == "2025-09-01"
    assert told["sessions"][0]["fatigue"] is None
    assert set(told["summary"][0]) <= set(TREND_COLUMNS)
    assert found.to_json() == filled.trend(athlete="A-01").to_json()


def test_the_page_of_a_trend_and_of_a_session(filled):
    assert "A-01" in gb.report(filled.trend(athlete="A-01")).html
    assert "A-01" in gb.report(filled.session(2)).html


def test_a_session_knows_what_changed(filled):
    found = filled.session(athlete="A-01")
    assert found.record.day == START.date() + timedelta(weeks=4)
    assert tuple(found.balance) == SESSION_COLUMNS
    row = found.balance.query("measure == 'mean_force'").iloc[0]
    assert row["before"] == pd.Timestamp("2025-09-22")
    assert row["change"] < 0
    assert row["mdc95"] > 0
    assert row["verdict"]
    assert len(found.reps) == found.balance["n"].sum()
    told = json.loads(found.to_json())
    assert {"session", "athlete", "day", "label", "notes", "balance", "reps", "recordings", "warnings"} == set(told)
    assert "A-01" in str(found)
    assert "A-01" in found._repr_html_()


def test_the_first_session_has_nothing_before_it(filled):
    row = filled.session(1).balance.iloc[0]
    assert pd.isna(row["before"])
    assert pd.isna(row["change"])


def test_the_history_prints_who_is_in_it_and_escapes_them(filled, history):
    text = str(filled)
    assert "2 people, 6 sessions" in text
    assert "A-01: 5 sessions, 2025-09-01 to 2025-09-29" in text
    history.add(result(), athlete="<b>")
    assert "<b>:" in str(history)
    assert "<b>" not in history._repr_html_()
    assert "&lt;b&gt;" in history._repr_html_()


def test_an_empty_history_prints(history):
    assert "0 people, 0 sessions" in str(history)


def test_sizes_and_strength_are_kept_beside_the_trend(history):
    for k in range(3):
        history.add(week(k))
    site, day = "gluteus_maximus", date(2025, 9, 1)
    history.add_size(gb.SizeMeasurement("A-01", day, site, "ultrasound", "mm", Bilateral(30.0, 33.0), 0.5))
    history.add_strength(gb.StrengthTest("A-01", day, "hip_extension", "N", Bilateral(300.0, 270.0), 10.0))
    size, test = history.sizes().iloc[0], history.strength("A-01").iloc[0]
    assert size["low"] < size["imbalance"] < size["high"]
    assert size["imbalance"] == pytest.approx(100 * 3 / 63)
    assert test["imbalance"] == pytest.approx(-100 * 30 / 570)
    found = history.trend().progress
    assert (len(found.sizes), len(found.strength_tests)) == (1, 1)


def test_notes_are_edited_and_sessions_and_people_deleted(history):
    first, second = history.add(week(0)), history.add(week(1))
    history.edit(first, gb.SessionNotes(text="new shoes"))
    assert history.sessions()["text"].tolist() == ["new shoes", ""]
    history.delete_session(second)
    assert history.sessions()["session"].tolist() == [first]
    assert history.delete_athlete("A-01") == 1
    assert history.athletes().empty


def test_an_export_comes_back_equal(filled, tmp_path):
    path = filled.export(tmp_path / "all.json")
    with gb.History(tmp_path / "other.db") as other:
        assert other.import_(path).sessions == 6
        pd.testing.assert_frame_equal(other.reps(), filled.reps())
        with pytest.raises(DuplicateError):
            other.import_(path)
        assert other.import_(path, skip_existing=True).sessions == 0


def test_an_export_of_one_person_holds_nobody_else(filled, tmp_path):
    path = filled.export(tmp_path / "one.json", athlete="B-02")
    assert "A-01" not in path.read_text(encoding="utf-8")


def test_the_weeks_of_everyone(filled):
    weeks = filled.weekly("hip_thrust", "mean_force", "plate")
    assert weeks["athlete"].tolist() == ["A-01"] * 5 + ["B-02"]
    assert weeks["week"].iloc[0] == pd.Timestamp("2025-09-01")
    assert weeks["sets"].eq(2).all()
