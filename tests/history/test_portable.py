"""A history leaves its database and comes back equal, in every form and across databases."""

import csv
import io
import json
import math
import os
import random
import re
import runpy
import zipfile
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glutebal.balance.motion_view import AngleCurve, StickPose
from glutebal.balance.site_waveform import MeanCurve
from glutebal.errors import DuplicateError, HistoryError, HistoryFormatError, InputError, UnknownNameError
from glutebal.history import csv_form, folders
from glutebal.history.column_notes import TABLES, noted
from glutebal.history.place import open_store
from glutebal.history.portable import Form, Imported, export, import_
from glutebal.history.records import (
    Athlete,
    RecordingRecord,
    SessionNotes,
    SessionRecord,
    SetRecord,
    SizeMeasurement,
    StrengthTest,
)
from glutebal.history.schema import VERSION, estimate_columns
from glutebal.history.tables import layout_for
from glutebal.model import Bilateral, Channel, Quantity, Side, TimeAlignment
from glutebal.results import (
    ChannelQuality,
    Estimate,
    ExcludedRep,
    Finding,
    Grade,
    Laterality,
    Phase,
    Reference,
    Rep,
    RepBalance,
    SetBalance,
    Status,
)

FORMULAS = ('=HYPERLINK("http://x","y")', "+1", "-1+2", "@SUM(A1)", "\t=1", "'quoted'", "\r\n=2", "＝1", "plain")
ENDINGS = ("season.json", "season.zip", "season.csv", "season.parquet")
NAN = math.nan


def balance(rng: random.Random, measure: str, site: str, quantity: Quantity, unit: str) -> SetBalance:
    """A balance of five reps with every kind of estimate in it."""

    def estimate(status: Status = Status.OK) -> Estimate:
        value = rng.gauss(0, 0.1)
        return Estimate(value, value - 0.1, math.inf if rng.random() < 0.2 else value + 0.1, 0.05, 5, "t", status)

    reps = []
    for k in range(1, 6):
        phases = (Phase("concentric", 10 * k, 10 * k + 4),) if k % 2 else ()
        rep = Rep(k, 10 * k, 10 * k + 8, 100.0, Side.LEFT if k == 2 else None, 1, 10 * k + 4, 0.9, phases)
        sides = Bilateral(estimate(), Estimate.none(Status.REFUSED, "a dead channel, −1 mV"))
        reps.append(RepBalance(rep, measure, site, unit, sides, estimate(Status.LOW_SNR)))
    none = Estimate.none(Status.TOO_FEW, "fewer than five", 2)
    return SetBalance(measure, site, quantity, unit, tuple(reps), estimate(), none, Bilateral(estimate(), estimate()))


def recording(seed: int) -> RecordingRecord:
    """A recording with something in every field."""
    rng = random.Random(seed)  # noqa: S311 - not a secret
    emg = balance(rng, "rms", "gluteus_maximus", Quantity.EMG, "% of reference")
    force = balance(rng, "peak", "plate", Quantity.FORCE, "N")
    angle = balance(rng, "hip_flexion_rom", "hip", Quantity.ANGLE, "deg")
    difference = Estimate(-4.25, -7.5, NAN, 1.5, 5, "t on differences", Status.LOW_SNR, "-2° more")
    angle = replace(angle, reps=(replace(angle.reps[0], difference=difference), *angle.reps[1:]), difference=difference)
    channel = Channel(Quantity.EMG, Side.LEFT, "gluteus_maximus", 2000.0, "GB-L", "x", "Glut L", "read from the label")
    finding = Finding("mains", Grade.SUSPECT, "50 Hz, 3 µV", 3e-6, "V")
    pair = Bilateral(1e-4, 1.1e-4)
    return RecordingRecord(
        f"fingerprint-{seed}",
        f"=cmd|set {seed}.csv",
        datetime(2026, 3, 1 + seed % 27, 17, 30, 0, 123456),
        62.5,
        (
            SetRecord(1, "hip_thrust", Laterality.BILATERAL, (emg, force, angle), 80.0, {"gluteus_maximus": 0.03}),
            SetRecord(2, "hip_thrust", Laterality.BILATERAL, (replace(emg, reps=emg.reps[:3]),)),
        ),
        quality=(ChannelQuality(channel, (finding,), 1e-6, 21.0, 60.0, 1), ChannelQuality(channel.swapped())),
        references=(Reference("gluteus_maximus", Quantity.EMG, pair, Bilateral(0.02, NAN), "before", "best 500 ms"),),
        excluded=(ExcludedRep(1.5, 2.5, "a dropout", Side.RIGHT), ExcludedRep(3.0, 3.5, "too small")),
        devices={"gluteus_maximus": Bilateral("GB-L", "GB-R"), "plate": Bilateral("", "")},
        warnings=("first", "-second", "third, with a comma"),
        settings={"bandpass": "20-450 Hz", "=evil": "@x"},
        versions={"glutebal": "0.1.0"},
        alignment=TimeAlignment("earliest arrivals", 0.01, math.inf) if seed % 2 else None,
        curves=(angle_curve(rng),),
        poses=(StickPose("turn", "=deepest", Side.LEFT, {("hip", Side.LEFT): (0.0, 0.086, -0.1)}, 4, ("-6° lower",)),),
    )


def angle_curve(rng: random.Random) -> AngleCurve:
    """A hip's curve with a side that was not recorded."""
    seen = MeanCurve(np.array([rng.uniform(0, 90) for _ in range(101)]), np.full(101, NAN), 1)
    curves = Bilateral(seen, MeanCurve.of(np.empty((0, 101))))
    return AngleCurve("hip_flexion", "hip flexion", "deg", curves, False, Laterality.BILATERAL, "=up", 2.8)


def session(seed: int, athlete: str = "A-01", **changes: object) -> SessionRecord:
    """A session of one recording, with notes that a spreadsheet would run."""
    said = SessionNotes(3.0, None, 0.0, Side.LEFT, "scheme 1", FORMULAS[seed % len(FORMULAS)])
    made = SessionRecord(athlete, date(2026, 3, 1 + seed % 27), (recording(seed),), "", said)
    return replace(made, **changes)


SIZE = SizeMeasurement(
    "A-01", date(2026, 3, 2), "gluteus_maximus", "ultrasound", "cm", Bilateral(2.9, 3.1), 0.05, "probe", "=1"
)
TEST = StrengthTest("B-02", date(2026, 3, 2), "hip extension", "N", Bilateral(310.0, 325.5), 9.0)


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """A season that every test reads and none changes."""
    with open_store(tmp_path_factory.mktemp("season") / "season.db") as made:
        made.set_athlete(Athlete("A-01", "-15 years of training"))
        made.set_athlete(Athlete("C-03", "nothing yet"))
        for seed in range(9):
            made.add(session(seed))
        made.add(session(20, "B-02", label="evening", notes=SessionNotes()))
        made.add_size(SIZE)
        made.add_size(SIZE)  # measured twice
        made.add_strength(TEST)
        yield made


@pytest.fixture
def empty(tmp_path):
    with open_store(tmp_path / "empty.db") as made:
        yield made


def everything(store) -> list[str]:
    """All that a history says, without its own numbers; NaN compares as text."""
    sessions = sorted((store.session(s.id) for s in store.sessions()), key=lambda s: (s.athlete, s.day, s.label))
    hand = [
        entry for a in store.athletes() for entry in (*store.sizes(a.pseudonym), *store.strength_tests(a.pseudonym))
    ]
    points = [replace(p, session=0) for s in store.series() for p in store.points(s.series)]
    return [repr(store.athletes()), *(repr(replace(r, id=0)) for r in (*sessions, *hand)), *map(repr, points)]


@pytest.mark.parametrize("name", ENDINGS)
def test_a_history_comes_back_equal(store, empty, tmp_path, name):
    path = export(store, tmp_path / name)
    assert import_(empty, path) == Imported(10, 10, 0, 2, 1)
    assert everything(empty) == everything(store)


def test_from_sqlite_to_a_server_and_back(store, tmp_path, postgres_url):
    with open_store(postgres_url) as server, open_store(tmp_path / "back.db") as back:
        import_(server, export(store, tmp_path / "there.json"))
        assert everything(server) == everything(store)
        import_(back, export(server, tmp_path / "back.zip"))
        assert everything(back) == everything(store)
        again = export(server, tmp_path / "again.json")
        assert again.read_bytes() == (tmp_path / "there.json").read_bytes()


@pytest.mark.parametrize("name", ENDINGS)
def test_one_athlete_leaves_without_a_word_of_the_others(store, empty, tmp_path, name):
    path = export(store, tmp_path / name, athlete="B-02")
    assert import_(empty, path) == Imported(1, 1, 0, 0, 1)
    assert [a.pseudonym for a in empty.athletes()] == ["B-02"]
    if path.suffix != ".zip":
        files = [path] if path.is_file() else list(path.iterdir())
        assert not any(word in f.read_bytes() for f in files for word in (b"A-01", b"C-03", b"HYPERLINK"))


def test_the_same_history_makes_the_same_file(store, tmp_path):
    first, second = (export(store, tmp_path / name).read_bytes() for name in ("a.zip", "b.zip"))
    assert first == second


def test_the_form_may_be_given(store, tmp_path):
    path = export(store, tmp_path / "season", Form.CSV)
    assert (path / "rep.csv").is_file()
    assert json.loads(export(store, tmp_path / "season.txt", Form.JSON).read_bytes())["version"] == VERSION


def test_an_ending_without_a_form_lists_those_that_have_one(store, tmp_path):
    with pytest.raises(UnknownNameError, match=r"\.json.*\.parquet"):
        export(store, tmp_path / "season.xlsx")


def test_an_unknown_athlete_lists_who_there_is(store, tmp_path):
    with pytest.raises(UnknownNameError, match="A-01, B-02, C-03"):
        export(store, tmp_path / "x.json", athlete="D-04")
    assert not (tmp_path / "x.json").exists()


class TestMerging:
    def test_what_is_there_is_refused_and_nothing_is_added(self, store, empty, tmp_path):
        path = export(store, tmp_path / "season.json")
        empty.add(session(8))
        before = everything(empty)
        with pytest.raises(DuplicateError, match="session 1 "):
            import_(empty, path)
        assert everything(empty) == before

    def test_what_is_there_may_be_skipped(self, store, empty, tmp_path):
        path = export(store, tmp_path / "season.json")
        empty.add(session(8))
        assert import_(empty, path, skip_existing=True) == Imported(9, 9, 1, 2, 1)
        assert everything(empty) == everything(store)
        assert import_(empty, path, skip_existing=True) == Imported(skipped=13)
        assert everything(empty) == everything(store)

    def test_a_session_grows_by_the_recordings_it_lacks(self, empty, tmp_path):
        with open_store(tmp_path / "other.db") as other:
            other.add(replace(session(1), recordings=(recording(1), recording(2))))
            path = export(other, tmp_path / "two.json")
        empty.add(session(1))
        assert import_(empty, path, skip_existing=True) == Imported(1, 1, 1)
        assert [r.fingerprint for r in empty.session(1).recordings] == ["fingerprint-1", "fingerprint-2"]

    def test_what_is_said_stays_and_what_is_not_said_is_taken(self, empty, tmp_path):
        with open_store(tmp_path / "other.db") as other:
            other.add(session(1, notes=SessionNotes(pain=5.0, sleep_h=8.0, text="theirs")))
            other.set_athlete(Athlete("A-01", "theirs"))
            path = export(other, tmp_path / "other.json")
        empty.add(session(1, recordings=(recording(2),), notes=SessionNotes(pain=0.0, text="ours")))
        empty.set_athlete(Athlete("A-01", "ours"))
        import_(empty, path)
        assert empty.session(1).notes == SessionNotes(pain=0.0, sleep_h=8.0, text="ours")
        assert empty.athletes() == (Athlete("A-01", "ours"),)

    def test_a_hand_entry_that_is_there_is_refused(self, empty, tmp_path):
        empty.add_strength(TEST)
        path = export(empty, tmp_path / "hand.json")
        with pytest.raises(DuplicateError, match=r"strength test.*B-02 on 2026-03-02"):
            import_(empty, path)
        empty.add_size(replace(SIZE, athlete="B-02"))
        assert import_(empty, path, skip_existing=True) == Imported(skipped=1)
        assert len(empty.strength_tests("B-02")) == len(empty.sizes("B-02")) == 1


class TestSpreadsheets:
    def test_no_cell_begins_like_a_formula(self, store, tmp_path):
        cells = []
        for file in export(store, tmp_path / "season.csv").glob("*.csv"):
            with file.open(encoding="utf-8", newline="") as text:
                cells += [cell for row in csv.reader(text) for cell in row]
        dangerous = [c for c in cells if c.startswith(csv_form.DANGEROUS[:-1]) and not _is_number(c)]
        assert dangerous == []
        assert sum(c.startswith("'") for c in cells) >= len(FORMULAS) - 1

    @settings(derandomize=True, deadline=None, max_examples=200)
    @given(text=st.text(st.characters(exclude_categories=["Cs"])), required=st.booleans())
    def test_any_text_comes_back(self, text, required):
        column = csv_form.Column("notes", csv_form.Kind.TEXT, required)
        made = io.StringIO(newline="")
        csv.writer(made).writerow([csv_form._told(text, column), "x"])
        ((cell, _),) = csv.reader(io.StringIO(made.getvalue(), newline=""), strict=True)
        assert csv_form._meant(cell, column) == text

    def test_unknown_is_not_the_empty_text(self):
        column = csv_form.Column("first_side", csv_form.Kind.TEXT, required=False)
        assert csv_form._meant(csv_form._told(None, column), column) is None

    def test_a_table_saved_again_by_a_spreadsheet_is_read(self, store, empty, tmp_path):
        """Byte order mark, other line ends, other order of the columns."""
        path = export(store, tmp_path / "season.csv")
        for file in path.glob("*.csv"):
            with file.open(encoding="utf-8", newline="") as text:
                rows = [row[::-1] for row in csv.reader(text)]
            with file.open("w", encoding="utf-8-sig", newline="") as text:
                csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(rows)
        import_(empty, path)
        assert everything(empty) == everything(store)

    def test_every_column_is_explained(self, store, tmp_path):
        readme = (export(store, tmp_path / "season.csv") / "README.txt").read_text(encoding="utf-8")
        for table, columns in layout_for(VERSION, "").items():
            assert TABLES[table] in readme
            assert [c.name for c in columns if not noted(table, c.name)[1]] == []

    def test_units_are_named(self):
        assert noted("set_balance", "log_ratio_low") == ("ln units", "lower end of its interval")
        assert noted("set_balance", "left_side_n")[0] == noted("session", "notes")[0] == ""
        assert noted("exercise_set", "load_kg")[0] == "kg"


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


@pytest.fixture(scope="module")
def whole(store, tmp_path_factory):
    return export(store, tmp_path_factory.mktemp("whole") / "whole.json").read_bytes()


@pytest.fixture
def as_json(whole):
    return json.loads(whole)


class TestDamage:
    """Whatever is wrong with a file: an error that names it, and a history as it was."""

    @staticmethod
    def refused(store, path, match=None):
        before = everything(store)
        with pytest.raises(HistoryFormatError, match=match) as told:
            import_(store, path)
        assert str(path) in str(told.value)
        assert everything(store) == before

    @pytest.mark.parametrize("keep", [0, 1, 100, 0.3, 0.9, -2])
    def test_a_torn_file(self, store, empty, tmp_path, keep):
        for name in ("season.json", "season.zip"):
            path = export(store, tmp_path / name)
            data = path.read_bytes()
            path.write_bytes(data[: int(keep * len(data)) if isinstance(keep, float) else keep])
            self.refused(empty, path)

    @pytest.mark.parametrize("name", ["season.csv", "season.parquet"])
    @pytest.mark.parametrize("torn", ["rep", "wording", "history.json"])
    def test_a_torn_table(self, store, empty, tmp_path, name, torn):
        path = export(store, tmp_path / name)
        file = path / torn if "." in torn else path / f"{torn}{path.suffix}"
        lines = file.read_bytes().splitlines(keepends=True)
        file.write_bytes(b"".join(lines[:-1]))
        self.refused(empty, path)
        file.unlink()
        self.refused(empty, path, "no ")

    def test_bytes_that_flipped(self, store, empty, tmp_path):
        """Most are noticed; none may harm the history or end in an error of another kind."""
        rng = random.Random(4)  # noqa: S311 - not a secret
        for name in ("season.json", "season.zip"):
            whole = export(store, tmp_path / name).read_bytes()
            for _ in range(12):
                data = bytearray(whole)
                data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
                (tmp_path / name).write_bytes(data)
                with open_store(tmp_path / f"{rng.random()}.db") as fresh:
                    try:
                        import_(fresh, tmp_path / name)
                    except (HistoryError, InputError):
                        assert fresh.athletes() == ()

    def test_another_file(self, empty, tmp_path):
        for name, data in {"a.json": b"\x00\x01", "b.json": b"[]", "c.zip": b"PK", "d.json": b'{"format": 1}'}.items():
            (tmp_path / name).write_bytes(data)
            self.refused(empty, tmp_path / name)
        (tmp_path / "folder").mkdir()
        self.refused(empty, tmp_path / "folder", r"no history\.json")

    def test_a_database_is_not_an_export(self, store, empty):
        self.refused(empty, store.place)

    def test_no_file(self, empty, tmp_path):
        with pytest.raises(InputError, match="No such file"):
            import_(empty, tmp_path / "nothing.json")

    def test_a_newer_version(self, empty, as_json, tmp_path):
        as_json["version"] = VERSION + 1
        path = _written(tmp_path, as_json)
        self.refused(empty, path, rf"version {VERSION + 1}; try: pip install --upgrade")
        for version in (0, -1, 2**70, 1.5, "1", None):
            as_json["version"] = version
            self.refused(empty, _written(tmp_path, as_json))

    def test_an_older_version_is_brought_up_to_date(self, store, empty, as_json, tmp_path):
        as_json["version"] = 1
        for table in ("size_measurement", "strength_test", "angle_curve", "posture"):
            del as_json["tables"][table]
        younger = {"week", *estimate_columns("difference")}
        for table in (as_json["tables"][name] for name in ("set_balance", "rep_balance")):
            for place in reversed([k for k, name in enumerate(table["columns"]) if name in younger]):
                for row in (table["columns"], *table["rows"]):
                    del row[place]
        assert import_(empty, _written(tmp_path, as_json)) == Imported(10, 10)
        before, after = ([s for s in everything(kept) if "SetPoint" in s] for kept in (store, empty))
        assert len(after) == len(before)
        assert [s for s in after if "'hip'" not in s] == [s for s in before if "'hip'" not in s]
        assert all(s.endswith("difference=None)") for s in after)  # version 1 had none

    @pytest.mark.parametrize(
        ("table", "column", "value"),
        [
            ("session", "day", "2026-02-30"),
            ("session", "day", 5),
            ("session", "pain", 11.0),
            ("session", "pain", "much"),
            ("session", "pain", True),
            ("session", "label", None),
            ("session", "first_side", "up"),
            ("session", "athlete_id", 77),
            ("session", "id", 2),
            ("session", "id", 2**63),
            ("session", "id", 1.0),
            ("session", "id", [1]),
            ("recording", "started", "yesterday"),
            ("recording", "warnings", "[" * 100_000),
            ("recording", "warnings", "[1]"),
            ("recording", "settings_wording", 10**6),
            ("recording", "fingerprint", "fingerprint-1"),
            ("quality", "quantity", "SMELL"),
            ("quality", "rate_hz", -1.0),
            ("exercise_set", "laterality", "sideways"),
            ("set_balance", "log_ratio_remark", -5),
            ("set_balance", "series_id", -5),
            ("rep", "start_sample", 10**30),
            ("rep", "phases", '{"a": 1}'),
            ("angle_curve", "left_mean", "[1, 2]"),
            ("angle_curve", "right_sd", "[" + "1e999, " * 100 + "1]"),
            ("angle_curve", "laterality", "sideways"),
            ("posture", "joints", '[["hip", "up", 0, 0, 0]]'),
            ("posture", "joints", '[["hip", "left", 0, 0]]'),
            ("posture", "joints", "[" * 100_000),
            ("posture", "side", "middle"),
            ("rep_balance", "rep", 10**9),
            ("rep_balance", "rep", -1),
            ("remark", "status", "fine"),
            ("athlete", "pseudonym", " "),
            ("size_measurement", "method", "tape"),
            ("size_measurement", "left_value", -1.0),
            ("size_measurement", "left_value", None),
            ("strength_test", "error", "inf"),
        ],
    )
    def test_a_hostile_cell(self, empty, as_json, tmp_path, table, column, value):
        found = as_json["tables"][table]
        found["rows"][0][found["columns"].index(column)] = value
        self.refused(empty, _written(tmp_path, as_json))

    def test_other_tables_and_columns(self, empty, as_json, tmp_path):
        tables = as_json["tables"]
        for change in (
            {**tables, "sqlite_master": {"columns": ["x"], "rows": []}},
            {name: table for name, table in tables.items() if name != "rep"},
            {**tables, "athlete": {"columns": ["id", "pseudonym", "notes); DROP TABLE rep; --"], "rows": []}},
            {**tables, "athlete": {"columns": ["id", "pseudonym", "notes", "notes"], "rows": []}},
            {**tables, "athlete": {"columns": ["id", "pseudonym", "notes"], "rows": [[1, "A-01"]]}},
        ):
            self.refused(empty, _written(tmp_path, as_json | {"tables": change}))

    @pytest.mark.parametrize("name", ["/etc/passwd", "../athlete.csv", "..\\athlete.csv", "C:\\athlete.csv", "a/b.csv"])
    def test_a_zip_that_leads_elsewhere(self, store, empty, tmp_path, name):
        path = export(store, tmp_path / "season.zip")
        with zipfile.ZipFile(path, "a") as archive:
            archive.writestr(zipfile.ZipInfo(name), b"x")
        self.refused(empty, path, "a file called")

    def test_a_zip_that_swells(self, store, empty, tmp_path, monkeypatch):
        path = export(store, tmp_path / "season.zip")
        monkeypatch.setattr(folders, "LARGEST", 1000)
        self.refused(empty, path, "more than")

    def test_a_zip_with_one_name_twice(self, store, empty, tmp_path):
        path = export(store, tmp_path / "season.zip")
        with pytest.warns(UserWarning, match="Duplicate name"), zipfile.ZipFile(path, "a") as archive:
            archive.writestr("rep.csv", b"x")
        self.refused(empty, path, "two files of one name")


def _written(folder, content):
    path = folder / "changed.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


class TestWholeOrNot:
    def test_a_history_is_not_overwritten_by_its_own_export(self, store):
        with pytest.raises(HistoryError, match="the history itself"):
            export(store, store.place, Form.JSON)
        assert store.athletes()

    def test_a_folder_that_is_no_export_is_not_replaced(self, store, tmp_path):
        (tmp_path / "work.csv").mkdir()
        (tmp_path / "work.csv" / "thesis.txt").write_text("years")
        with pytest.raises(HistoryError, match="something else"):
            export(store, tmp_path / "work.csv")
        assert (tmp_path / "work.csv" / "thesis.txt").read_text() == "years"

    def test_an_earlier_export_is_replaced_whole(self, store, tmp_path):
        path = export(store, tmp_path / "season.csv")
        (path / "old.txt").write_text("x")
        export(store, path, athlete="B-02")
        assert not (path / "old.txt").exists()
        assert [p.name for p in tmp_path.iterdir()] == ["season.csv"]

    @pytest.mark.parametrize("name", ["season.csv", "season.json"])
    def test_a_failure_leaves_what_was_there(self, store, tmp_path, monkeypatch, name):
        path = export(store, tmp_path / name)
        inside = (lambda: sorted(p.read_bytes() for p in path.iterdir())) if path.is_dir() else path.read_bytes
        before = inside()

        def full(_):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(HistoryError, match="No space left"):
            export(store, path)
        monkeypatch.undo()
        assert inside() == before
        assert [p.name for p in tmp_path.iterdir()] == [name]

    def test_no_such_folder(self, store, tmp_path):
        for name in ("none/season.json", "none/season.csv"):
            with pytest.raises(HistoryError, match="a place that may be written to"):
                export(store, tmp_path / name)

    def test_a_crash_half_way_through_an_import_leaves_nothing(self, store, empty, tmp_path, monkeypatch):
        path = export(store, tmp_path / "season.json")
        monkeypatch.setattr(type(empty), "add_strength", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            import_(empty, path)
        assert (empty.athletes(), empty.sessions()) == ((), ())


def test_the_recipe_of_the_guide(store, tmp_path, monkeypatch, capsys):
    page = Path(__file__).parents[2] / "docs" / "howto" / "share-a-history.md"
    recipe = re.search(r"```py\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    (tmp_path / "recipe.py").write_text(recipe[1], encoding="utf-8")
    export(store, tmp_path / "season.parquet")
    monkeypatch.chdir(tmp_path)
    runpy.run_path("recipe.py")
    assert "A-01" in capsys.readouterr().out
