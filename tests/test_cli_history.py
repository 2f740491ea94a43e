"""``glutebal history``, ``trend`` and ``demo --season``, as they are typed."""

import json
import re
from datetime import datetime, timedelta

import pytest
from click.testing import CliRunner

import glutebal as gb
from glutebal.cli import main
from glutebal.cli.place import FILE, VARIABLE, data_folder
from glutebal.model import Bilateral
from glutebal.testing.simulate import ForcePlan, simulate_set

START = datetime(2025, 9, 1, 18)


def run(*arguments, **options):
    return CliRunner().invoke(main, [str(a) for a in arguments], **options)


def done(*arguments, **options):
    """The stdout of a command that must succeed."""
    finished = run(*arguments, **options)
    assert finished.exit_code == 0, finished.output
    return finished.stdout


def failed(code, *arguments):
    """The one line of a command that must fail."""
    finished = run(*arguments)
    assert finished.exit_code == code, finished.output
    assert "Traceback" not in finished.output
    line = finished.stderr.strip()
    assert "\n" not in line
    return line


def recording(seed, subject="A-01", started=START, exercise="hip_thrust"):
    plan = {"sets": 2, "reps": 5, "rep_s": 1.4, "rest_s": 0.8, "set_rest_s": 10.0, "common_sd": 0.02}
    force = ForcePlan(ratio=1.2, rate_hz=100.0, rest_n=Bilateral(0.3, -0.2))
    made, _ = simulate_set(seed, rate_hz=200.0, force=force, **plan)
    tracks = tuple(t for t in made.tracks if t.channel.quantity is gb.Quantity.FORCE)
    return made.with_(tracks=tracks, subject=subject, started=started, exercise=exercise)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("files")
    for k in range(4):
        gb.save(recording(k, started=START + timedelta(weeks=k)), folder / f"week{k}.glutebal")
    gb.save(recording(7, started=START), folder / "same_day.glutebal")
    gb.save(recording(9, subject="B-02"), folder / "other.glutebal")
    gb.save(recording(11, subject=None, started=None, exercise=None), folder / "bare.glutebal")
    return folder


@pytest.fixture
def db(files, tmp_path):
    """A history of four weeks of one person."""
    place = tmp_path / "h.db"
    done("history", "add", *sorted(files.glob("week*")), "--db", place)
    return place


def rows(db, *arguments):
    return json.loads(done("history", "list", *arguments, "--json", "--db", db))


def test_adding_says_what_was_kept(files, tmp_path):
    told = done("history", "add", files / "week0.glutebal", "--to", tmp_path / "h.db")
    assert told == "kept as session 1: A-01, 2025-09-01, 2 sets\n"


def test_files_of_several_days_are_a_session_each(db):
    assert [row["day"] for row in rows(db)] == ["2025-09-01", "2025-09-08", "2025-09-15", "2025-09-22"]


def test_files_of_one_day_are_one_session(files, tmp_path):
    place = tmp_path / "h.db"
    done("history", "add", files / "week0.glutebal", files / "same_day.glutebal", "--db", place)
    assert [(row["recordings"], row["sets"]) for row in rows(place)] == [(2, 4)]


def test_what_is_said_is_kept(files, tmp_path):
    place = tmp_path / "h.db"
    said = ["--pain", 2, "--sleep", 7.5, "--fatigue", 4, "--first-side", "right", "--setup", "tape", "--note", "hot"]
    given = ["--athlete", "C-03", "--exercise", "hip_thrust", "--day", "2025-10-04", "--label", "evening"]
    done("history", "add", files / "bare.glutebal", "--db", place, *given, *said)
    row = rows(place)[0]
    assert [row[name] for name in ("athlete", "day", "label", "exercises")] == [
        "C-03",
        "2025-10-04",
        "evening",
        "hip_thrust",
    ]
    assert [row[name] for name in ("pain", "sleep_h", "fatigue", "first_side", "setup", "text")] == [
        *(2.0, 7.5, 4.0),
        *("right", "tape", "hot"),
    ]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ((), "--athlete"),
        (("--athlete", "C-03"), "--day"),
        (("--athlete", "C-03", "--day", "2025-10-04"), "exercise"),
        (("--athlete", "C-03", "--day", "4 Oct"), "4 Oct"),
    ],
)
def test_what_is_missing_is_asked_for_in_one_line(files, tmp_path, given, words):
    line = failed(1, "history", "add", files / "bare.glutebal", "--db", tmp_path / "h.db", *given)
    assert words in line
    assert not (tmp_path / "h.db").exists()


def test_the_same_file_twice_is_refused_and_nothing_of_the_command_is_kept(db, files):
    line = failed(1, "history", "add", files / "same_day.glutebal", files / "week2.glutebal", "--db", db)
    assert "session 3 (A-01, 2025-09-15)" in line
    assert [row["recordings"] for row in rows(db)] == [1, 1, 1, 1]


def test_what_is_said_is_of_one_day(files, tmp_path):
    two = sorted(files.glob("week*"))[:2]
    for option in (["--pain", 2], ["--reference", files / "week3.glutebal"]):
        assert "2 days" in failed(1, "history", "add", *two, *option, "--db", tmp_path / "h.db")


def test_an_unreadable_file_or_an_unknown_exercise_keeps_nothing(files, tmp_path):
    (tmp_path / "bad.glutebal").write_bytes(b"no recording")
    failed(1, "history", "add", files / "week0.glutebal", tmp_path / "bad.glutebal", "--db", tmp_path / "h.db")
    failed(2, "history", "add", files / "week0.glutebal", "--exercise", "hip_trust", "--db", tmp_path / "h.db")
    assert not (tmp_path / "h.db").exists()


def test_the_list_is_of_one_or_of_all(db, files):
    done("history", "add", files / "other.glutebal", "--db", db)
    assert [row["athlete"] for row in rows(db)] == ["A-01"] * 4 + ["B-02"]
    assert "2025-09-01" in done("history", "list", "B-02", "--db", db)
    assert "A-01" not in done("history", "list", "B-02", "--db", db)
    assert "A-01, B-02" in failed(2, "history", "list", "C-03", "--db", db)


def test_a_history_that_is_not_there_is_not_made_by_looking(tmp_path):
    for command in (("history", "list"), ("trend",), ("history", "export", "x.json"), ("history", "delete", "1")):
        assert "no such file" in failed(1, *command, "--db", tmp_path / "h.db")
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_history_is_left_alone(tmp_path):
    place = tmp_path / "notes.txt"
    place.write_text("not a database, and long enough to look like one" * 100, encoding="utf-8")
    before = place.read_bytes()
    failed(1, "history", "list", "--db", place)
    assert place.read_bytes() == before


def test_the_place_may_come_from_the_environment(db):
    told = run("history", "list", env={VARIABLE: str(db)})
    assert "2025-09-22" in told.stdout


@pytest.mark.parametrize(
    ("platform", "variable", "folder"),
    [("linux", "XDG_DATA_HOME", "glutebal"), ("win32", "LOCALAPPDATA", "glutebal")],
)
def test_without_a_place_it_is_in_the_data_folder_of_the_user(files, tmp_path, monkeypatch, platform, variable, folder):
    monkeypatch.setattr("sys.platform", platform)
    monkeypatch.setenv(variable, str(tmp_path))
    assert data_folder() == tmp_path / folder
    monkeypatch.undo()
    monkeypatch.setattr("glutebal.cli.place.data_folder", lambda: tmp_path / folder)
    told = run("history", "add", files / "week0.glutebal")
    assert told.exit_code == 0, told.output
    assert str(tmp_path / folder / FILE) in told.stderr
    assert "a new history" not in run("history", "add", files / "week1.glutebal").stderr


def test_a_mac_has_its_own_folder(monkeypatch, tmp_path):
    monkeypatch.setattr("sys.platform", "darwin")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert data_folder() == tmp_path / "Library" / "Application Support" / "glutebal"


def test_showing_a_session_prints_it_and_writes_its_page(db, tmp_path):
    page = tmp_path / "session.html"
    told = run("history", "show", 2, "--db", db, "--report", page)
    assert told.exit_code == 0, told.output
    assert "8 Sep 2025" in told.stdout
    assert str(page) in told.stderr.replace("\n", "")
    assert "<svg" in page.read_text(encoding="utf-8")


def test_without_a_number_the_latest_is_shown(db, files):
    assert "22 Sep 2025" in done("history", "show", "--db", db)
    done("history", "add", files / "other.glutebal", "--db", db)
    assert "A-01, B-02" in failed(1, "history", "show", "--db", db)
    assert "1 Sep 2025" in done("history", "show", "--athlete", "B-02", "--db", db)


def test_a_session_as_json_has_stable_keys(db):
    told = json.loads(done("history", "show", 2, "--json", "--db", db))
    assert {"session", "athlete", "day", "label", "notes", "recordings", "balance", "reps", "warnings"} == set(told)
    row = next(b for b in told["balance"] if b["measure"] == "mean_force")
    assert row["before"] == "2025-09-01"
    assert row["imbalance"] > 0


def test_an_unknown_session_lists_the_latest(db):
    assert "4 (A-01, 2025-09-22)" in failed(1, "history", "show", 99, "--db", db)


def test_editing_changes_what_is_named_and_nothing_else(db):
    done("history", "edit", 1, "--pain", 3, "--setup", "tape", "--first-side", "left", "--db", db)
    told = done("history", "edit", 1, "--note", "new shoes", "--clear", "pain", "--db", db)
    assert told == "session 1: left side first; setup: tape; new shoes\n"
    assert rows(db)[0]["pain"] is None
    assert rows(db)[0]["setup"] == "tape"
    assert "99" in failed(1, "history", "edit", 99, "--pain", 3, "--db", db)
    assert "nothing" in done(
        *("history", "edit", 1, "--db", db),
        *("--clear", "note", "--clear", "setup", "--clear", "first-side"),
    )


def test_deleting_asks_and_takes_no_for_an_answer(db):
    assert run("history", "delete", 1, "--db", db, input="n\n").exit_code == 1
    assert len(rows(db)) == 4
    assert "session 1 of A-01" in done("history", "delete", 1, "--db", db, input="y\n")
    assert [row["session"] for row in rows(db)] == [2, 3, 4]


def test_deleting_a_person_takes_everything(db):
    assert "4 sessions" in done("history", "delete", "--athlete", "A-01", "--yes", "--db", db)
    assert rows(db) == []
    assert "A-01" in failed(2, "history", "delete", "--athlete", "A-01", "--yes", "--db", db)


def test_one_thing_is_deleted_at_a_time(db):
    assert run("history", "delete", "--yes", "--db", db).exit_code == 2
    assert run("history", "delete", 1, "--athlete", "A-01", "--yes", "--db", db).exit_code == 2
    assert len(rows(db)) == 4


SIZE = ("history", "add-size", "--athlete", "A-01", "--site", "gluteus_maximus", "--unit", "mm", "--error", 0.5)
STRENGTH = ("history", "add-strength", "--athlete", "A-01", "--test", "hip_extension", "--unit", "N", "--error", 5)
SIDES = ("--left", 30, "--right", 33, "--day", "2025-09-03")


def test_sizes_and_strength_tests_are_entered_listed_and_deleted(db):
    assert "size measurement 1" in done(*SIZE, *SIDES, "--method", "ultrasound", "--db", db)
    assert "strength test 1" in done(*STRENGTH, *SIDES, "--instrument", "dynamometer", "--db", db)
    size, test = rows(db, "--sizes")[0], rows(db, "--strength")[0]
    assert (size["day"], size["method"], size["left"]) == ("2025-09-03", "ultrasound", 30.0)
    assert (test["test"], test["instrument"]) == ("hip_extension", "dynamometer")
    assert "ultrasound" in done("history", "list", "--sizes", "--db", db)
    done("history", "delete", "--size", 1, "--yes", "--db", db)
    done("history", "delete", "--strength", 1, "--yes", "--db", db)
    assert rows(db, "--sizes") == rows(db, "--strength") == []


def test_a_tape_is_no_size_method(db):
    assert "tape" in failed(1, *SIZE, *SIDES, "--method", "tape", "--db", db)
    assert run(*SIZE, "--left", 1, "--right", 2, "--method", "mri", "--day", "today", "--db", db).exit_code == 2


def test_a_history_goes_out_and_comes_back(db, tmp_path):
    target, other = tmp_path / "all.json", tmp_path / "other.db"
    assert str(target) in done("history", "export", target, "--db", db).replace("\n", "")
    assert "sessions 4, recordings 4" in done("history", "import", target, "--db", other)
    assert rows(other) == rows(db)
    assert "session 1" in failed(1, "history", "import", target, "--db", other)
    assert "here already: 4" in done("history", "import", target, "--db", other, "--skip-existing")


def test_an_export_may_be_of_one_person(db, files, tmp_path):
    done("history", "add", files / "other.glutebal", "--db", db)
    target = tmp_path / "one.zip"
    done("history", "export", target, "--athlete", "B-02", "--db", db)
    done("history", "import", target, "--db", tmp_path / "other.db")
    assert [row["athlete"] for row in rows(tmp_path / "other.db")] == ["B-02"]


def test_a_trend_is_printed_and_its_page_written(db, tmp_path):
    page = tmp_path / "progress.html"
    told = run("trend", "A-01", "--db", db, "--report", page)
    assert told.exit_code == 0, told.output
    assert "4 sessions" in told.stdout
    assert "<svg" in page.read_text(encoding="utf-8")


def test_a_trend_as_json_has_stable_keys(db):
    told = json.loads(done("trend", "--json", "--measure", "impulse", "--site", "plate", "--db", db))
    assert set(told) == {"athlete", "headline", "note", "summary", "sessions"}
    assert told["summary"][0]["measure"] == "impulse"
    assert len(told["sessions"]) == 4


def test_an_unknown_part_of_a_trend_lists_what_there_is(db):
    assert "mean_force" in failed(2, "trend", "A-01", "--measure", "activation", "--db", db)
    assert "hip_thrust" in failed(2, "trend", "A-01", "--exercise", "squat", "--db", db)
    assert "A-01" in failed(2, "trend", "B-02", "--db", db)


@pytest.mark.parametrize("command", ["add", "list", "show", "edit", "delete", "export", "import", "add-size"])
def test_every_command_explains_itself(command):
    assert "--db" in done("history", command, "--help")


@pytest.mark.slow
def test_the_season_is_kept_judged_and_held_against_its_truth(tmp_path):
    told = done("demo", "--season", "--seed", 1, "--out", tmp_path)
    truth = told.partition("The truth of this simulated season")[2]
    lines = re.findall(r"^  (.+?) +([+-][\d.]+)   ([+-][\d.]+) \(([+-][\d.]+) to ([+-][\d.]+)\)$", truth, re.MULTILINE)
    assert len(lines) == 4
    for name, *numbers in lines:
        true, value, low, high = map(float, numbers)
        assert low <= value <= high, name
        assert low <= true <= high, name
    assert (tmp_path / "glutebal-season.db").is_file()
    assert "<svg" in (tmp_path / "glutebal-season.html").read_text(encoding="utf-8")
    assert "--out" in failed(1, "demo", "--season", "--out", tmp_path)


def test_a_place_that_cannot_be_written_is_one_line(files, tmp_path):
    line = failed(1, "history", "add", files / "week0.glutebal", "--db", tmp_path / "no" / "folder" / "h.db")
    assert "folder" in line
