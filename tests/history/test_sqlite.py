"""A history in a file: what happens when a process is killed, a disk is full, a file is damaged, two write at once."""

import contextlib
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from glutebal.errors import HistoryBusyError, HistoryError, HistoryFormatError, InputError
from glutebal.history.place import open_store
from glutebal.history.records import Athlete, SessionNotes, SizeMeasurement
from glutebal.history.sqlite import APPLICATION_ID, SqliteDatabase, _create
from glutebal.history.store import Store
from glutebal.model import Bilateral


@pytest.fixture
def path(tmp_path):
    """Where a history may be."""
    return tmp_path / "history.db"


@pytest.fixture
def filled(path, session):
    """A history of forty sessions in a closed file."""
    with open_store(path) as store:
        store.add_all(session(f"f{k}", day=k, log_ratios=(0.1, 0.2)) for k in range(40))
    return path


def read_all(path):
    """Every session of a history, and what SQLite itself says of the file."""
    with open_store(path) as store:
        sessions = [store.session(s.id) for s in store.sessions()]
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []
    return sessions


class TestFile:
    def test_what_was_committed_is_on_the_disk_and_what_is_deleted_is_overwritten(self, path):
        with closing(SqliteDatabase(path)) as database:
            names = ("journal_mode", "synchronous", "foreign_keys", "secure_delete", "application_id")
            found = [database.execute(f"PRAGMA {name}")[0][0] for name in names]
        assert found == ["wal", 2, 1, 1, APPLICATION_ID]

    def test_an_sqlite_that_is_too_old(self, path, monkeypatch):
        monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 34, 1))
        with pytest.raises(HistoryError, match=r"SQLite 3\.35"):
            open_store(path)
        assert not path.exists()

    def test_after_closing_it_is_one_file(self, filled, tmp_path):
        assert [p.name for p in tmp_path.iterdir()] == ["history.db"]

    def test_a_name_with_any_character(self, tmp_path, session):
        place = tmp_path / "a b?c#d%20é.db" if os.name != "nt" else tmp_path / "a b#d%20é.db"
        with open_store(str(place)) as store:
            store.add(session("a"))
        assert place.is_file()
        assert len(read_all(place)) == 1

    def test_a_relative_path_stays_where_it_was(self, tmp_path, monkeypatch, session):
        monkeypatch.chdir(tmp_path)
        with open_store("here.db") as store:
            monkeypatch.chdir("/")
            store.add(session("a"))
        assert (tmp_path / "here.db").is_file()

    def test_the_rollup_is_asked_by_its_index(self, filled):
        with closing(SqliteDatabase(filled)) as database:
            plan = database.execute(
                "EXPLAIN QUERY PLAN SELECT AVG(log_ratio) FROM set_balance WHERE series_id = 1 GROUP BY week"
            )
        assert "USING COVERING INDEX set_balance_rollup" in str(plan)

    def test_a_deleted_athlete_is_gone_from_the_bytes(self, path, session, recording):
        planted = "XQPLANTED"
        with open_store(path) as store, open_store(path) as reader:
            store.add(session("kept", "A-02", notes=SessionNotes(text="kept text")))
            held = recording("gone", (0.1,), warnings=(f"{planted}4",), settings={"said": f"{planted}5"})
            devices = {"plate": Bilateral(f"{planted}6", f"{planted}7")}
            given = session("gone", f"{planted}1", label=f"{planted}2", notes=SessionNotes(text=f"{planted}3"))
            store.add(replace(given, recordings=(replace(held, devices=devices, source=f"{planted}8.csv"),)))
            store.set_athlete(Athlete(f"{planted}1", f"{planted}9"))
            size = SizeMeasurement(f"{planted}1", given.day, "glute", "mri", "cm³", Bilateral(1.0, 2.0), 0.1, planted)
            store.add_size(size)
            assert len(reader.sessions()) == 2
            assert planted.encode() in _bytes(path)
            store.delete_athlete(f"{planted}1")
            assert planted.encode() not in _bytes(path)
            assert b"kept text" in _bytes(path)
        assert planted.encode() not in _bytes(path)

    def test_an_athlete_is_not_deleted_within_something_larger(self, filled):
        with open_store(filled) as store:
            with pytest.raises(HistoryError, match="transaction"), store.together():
                store.delete_athlete("A-01")
            assert len(store.sessions("A-01")) == 40

    def test_bytes_that_a_reader_holds_are_gone_when_it_ends(self, path, session):
        with closing(SqliteDatabase(path, busy_s=0.05)) as database, closing(SqliteDatabase(path)) as other:
            store = Store(database)
            store.add_all([session("a", "XQPLANTED"), session("b", "A-02")])
            with other.transaction(write=False):
                assert other.execute("SELECT COUNT(*) FROM athlete") == [(2,)]
                assert store.delete_athlete("XQPLANTED") == 1
                assert other.execute("SELECT COUNT(*) FROM athlete") == [(2,)]
        assert b"XQPLANTED" not in _bytes(path)
        assert [s.athlete for s in read_all(path)] == ["A-02"]


def _bytes(path):
    """The file and the write-ahead file beside it."""
    files = [path, path.with_name(f"{path.name}-wal")]
    return b"".join(p.read_bytes() for p in files if p.exists())


def zeros_in_front(data):
    return bytes(100) + data[100:]


def zeros_in_the_middle(data):
    return data[:8192] + bytes(len(data) - 8192)


def noise_in_the_middle(data):
    return data[:4096] + random.Random(1).randbytes(len(data) - 4096)  # noqa: S311 - noise, not a secret


def cut_off(data):
    return data[: len(data) // 2]


def cut_off_in_the_header(data):
    return data[:60]


def test_a_url_of_another_server_is_not_taken_for_a_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="postgresql://") as found:
        open_store("mysql://me:secret@host/db")
    assert "secret" not in str(found.value)
    assert list(tmp_path.iterdir()) == []


def test_a_history_in_memory_is_refused_and_makes_no_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="a path that outlives the program"):
        open_store(":memory:")
    assert list(tmp_path.iterdir()) == []


class TestDamage:
    @pytest.mark.parametrize(
        "harm", [zeros_in_front, zeros_in_the_middle, noise_in_the_middle, cut_off, cut_off_in_the_header]
    )
    def test_a_damaged_file_is_named_and_not_touched(self, filled, harm):
        harmed = harm(filled.read_bytes())
        filled.write_bytes(harmed)
        with pytest.raises(HistoryFormatError, match="backup") as found:
            read_all(filled)
        assert str(filled) in str(found.value)
        assert filled.read_bytes() == harmed

    def test_a_file_that_lacks_its_last_page_is_refused_at_once(self, filled):
        cut = filled.read_bytes()[:-4096]
        filled.write_bytes(cut)
        with pytest.raises(HistoryFormatError, match=f"cut off after {len(cut)} of {len(cut) + 4096} bytes"):
            open_store(filled)
        assert filled.read_bytes() == cut

    def test_a_text_that_is_none_any_more(self, filled):
        filled.write_bytes(filled.read_bytes().replace(b"hip_thrust", b"hip_\xff\xferust"))
        with pytest.raises(HistoryFormatError, match="damaged"):
            read_all(filled)

    def test_a_word_that_nobody_wrote(self, filled):
        filled.write_bytes(filled.read_bytes().replace(b"bilateral", b"bilatexal"))
        with pytest.raises(HistoryFormatError, match="bilatexal"):
            read_all(filled)

    @pytest.mark.parametrize(
        ("content", "why"),
        [(b"", "empty"), (b"just a text\n" * 50, "another kind"), (b"SQLite format 3\x00", "another kind")],
        ids=["empty", "text", "only a header"],
    )
    def test_what_is_no_history_is_not_touched(self, path, content, why):
        path.write_bytes(content)
        with pytest.raises(HistoryFormatError, match=why):
            open_store(path)
        assert path.read_bytes() == content

    def test_the_database_of_another_program(self, path):
        with closing(sqlite3.connect(path)) as db:
            db.executescript("CREATE TABLE bookmark (url TEXT); INSERT INTO bookmark VALUES ('x');")
        before = path.read_bytes()
        with pytest.raises(HistoryFormatError, match="another program"):
            open_store(path)
        assert path.read_bytes() == before

    def test_a_folder_and_a_missing_folder(self, tmp_path):
        with pytest.raises(HistoryError, match=r"a folder; try: .*history\.db"):
            open_store(tmp_path)
        with pytest.raises(HistoryError, match="no folder"):
            open_store(tmp_path / "missing" / "history.db")
        assert list(tmp_path.iterdir()) == []


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 2 MB that is full after little, and its remounting as read-only; needs the right to mount."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if not shutil.which("mount") or subprocess.run(_mount(folder), capture_output=True, check=False).returncode != 0:
        pytest.skip("no right to mount a small disk here")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def _mount(folder):
    return ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)]


def _add_until_refused(store, session):
    """Sessions of 250 reps; how many of them the disk took."""
    for k in range(500):
        try:
            store.add(session(f"f{k}", day=k, log_ratios=(0.1,) * 5, reps=50))
        except HistoryError as error:
            return k, str(error)
    raise AssertionError("the disk never was full")


class TestDisk:
    def test_a_full_disk_keeps_what_was_there(self, small_disk, session):
        path = small_disk / "history.db"
        with open_store(path) as store:
            stored, said = _add_until_refused(store, session)
            assert "full disk; nothing of this was stored" in said
            assert len(store.sessions()) == stored > 3
            last = store.session(store.sessions()[-1].id)
            assert len(last.recordings[0].sets[4].balances[0].reps) == 50
        assert len(read_all(path)) == stored

    def test_a_full_disk_at_the_beginning(self, small_disk):
        (small_disk / "filler").write_bytes(bytes(2 * 2**20))
        with pytest.raises(HistoryError, match=r"full disk|No space"):
            open_store(small_disk / "history.db")
        assert [p.name for p in small_disk.iterdir() if not p.name.startswith("filler")] in ([], ["history.db"])
        (small_disk / "filler").unlink()
        with open_store(small_disk / "history.db") as store:
            assert store.sessions() == ()

    def test_no_page_is_left(self, filled, session):
        with closing(SqliteDatabase(filled)) as database:
            store = Store(database)
            before = store.sessions()
            pages = database.execute("PRAGMA page_count")[0][0]
            database.execute(f"PRAGMA max_page_count={pages}")
            with pytest.raises(HistoryError, match="full disk; nothing of this was stored"):
                store.add(session("big", day=99, log_ratios=(0.1,) * 9, reps=30))
            assert store.sessions() == before
            database.execute("PRAGMA max_page_count=1000000")
            store.add(session("big", day=99, log_ratios=(0.1,) * 9, reps=30))
        assert len(read_all(filled)) == len(before) + 1

    def test_a_read_only_disk(self, small_disk, session):
        path = small_disk / "history.db"
        with open_store(path) as store:
            store.add(session("a"))
        before = path.read_bytes()
        subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
        for name in ("history.db", "new.db"):
            with pytest.raises(HistoryError, match=r"[Rr]ead-only"):
                open_store(small_disk / name)
        assert path.read_bytes() == before

    @pytest.mark.skipif(not hasattr(os, "geteuid"), reason="rights to a file are another matter on Windows")
    @pytest.mark.parametrize("which", ["file", "folder"])
    def test_a_file_or_folder_without_the_right_to_write(self, filled, which):
        before = filled.read_bytes()
        with tempfile.TemporaryDirectory() as folder:  # others may not look into pytest's own
            path = shutil.copy(filled, folder)
            Path(path).chmod(0o444 if which == "file" else 0o666)
            Path(folder).chmod(0o777 if which == "file" else 0o555)
            with _without_rights(), pytest.raises(HistoryError, match="read-only"):
                open_store(path)
            Path(folder).chmod(0o755)
            assert Path(path).read_bytes() == before

    def test_a_history_that_turns_read_only(self, filled, session):
        with closing(SqliteDatabase(filled)) as database:
            store = Store(database)
            database.execute("PRAGMA query_only=ON")
            with pytest.raises(HistoryError, match="read-only"):
                store.add(session("new", day=99))
            assert len(store.sessions()) == 40


@contextlib.contextmanager
def _without_rights():
    """Root may write everywhere: be nobody for a while."""
    is_root = os.geteuid() == 0
    if is_root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if is_root:
            os.seteuid(0)


class TestTwoAtOnce:
    def test_a_writer_waits_no_longer_than_told_and_nothing_is_lost(self, filled, session):
        with closing(SqliteDatabase(filled)) as first, closing(SqliteDatabase(filled, busy_s=0.05)) as second:
            other = Store(second)
            with first.transaction():
                first.execute("INSERT INTO athlete (pseudonym, notes) VALUES ('held', '')")
                with pytest.raises(HistoryBusyError, match="another process is writing"):
                    other.add(session("new", day=99))
                assert len(other.sessions()) == 40
            other.add(session("new", day=99))
            assert [a.pseudonym for a in other.athletes()] == ["A-01", "held"]
            assert len(other.sessions()) == 41

    def test_scrubbing_does_without_what_another_holds(self, filled):
        with closing(SqliteDatabase(filled, busy_s=0.05)) as first, closing(SqliteDatabase(filled)) as second:
            Store(first).delete_session(1)
            with second.transaction():
                first.scrub()
            first.scrub()
        assert len(read_all(filled)) == 39

    def test_opening_and_reading_do_not_wait_for_a_writer(self, filled):
        with closing(SqliteDatabase(filled)) as writer, writer.transaction():
            writer.execute("DELETE FROM session")
            for _ in range(2):
                with closing(SqliteDatabase(filled, busy_s=0.0)) as reader:
                    store = Store(reader)
                    assert len(store.sessions()) == 40
                    assert len(store.session(store.sessions()[0].id).recordings) == 1
        assert read_all(filled) == []

    def test_two_processes_write_and_none_waits_in_vain(self, path):
        with open_store(path):
            pass
        writers = [_started(ADD_MANY, path, name) for name in ("w1", "w2")]
        seen = []
        with open_store(path) as reader:
            while any(w.poll() is None for w in writers):
                seen.append(len(reader.sessions()))
        assert [(w.wait(), w.stderr.read()) for w in writers] == [(0, ""), (0, "")]
        for writer in writers:
            writer.stderr.close()
        found = read_all(path)
        assert seen == sorted(seen)
        assert {s.athlete for s in found} == {"w1", "w2"}
        assert len(found) == 2 * 25

    def test_two_processes_make_the_same_new_history(self, path):
        writers = [_started(ADD_MANY, path, name) for name in ("w1", "w2", "w3")]
        assert [(w.wait(), w.stderr.read()) for w in writers] == [(0, "")] * 3
        for writer in writers:
            writer.stderr.close()
        assert len(read_all(path)) == 3 * 25

    def test_a_new_history_never_takes_the_place_of_one_that_came_before(self, filled):
        before = filled.read_bytes()
        _create(filled)
        assert filled.read_bytes() == before
        assert [p.name for p in filled.parent.iterdir()] == [filled.name]

    def test_one_transaction_within_another_is_part_of_it(self, path):
        with closing(SqliteDatabase(path)) as database:
            database.execute("CREATE TABLE t (x INTEGER)")
            with contextlib.suppress(ZeroDivisionError), database.transaction():
                with database.transaction():
                    database.execute("INSERT INTO t VALUES (1)")
                raise ZeroDivisionError
            assert database.execute("SELECT * FROM t") == []


MADE = """
import os, sys
from datetime import date, datetime, timedelta
from glutebal.history.place import open_store
from glutebal.history.records import RecordingRecord, SessionRecord, SetRecord
from glutebal.model import Bilateral, Quantity
from glutebal.results import Estimate, Laterality, Rep, RepBalance, SetBalance

one = Estimate(0.125, 0.0, 0.25, 0.0625, 1, "made up")

def made(name, k, measures=1):
    pair = Bilateral(one, one)
    reps = [Rep(i, 10 * i, 10 * i + 8, 100.0) for i in range(1, 11)]
    def balance(m):
        own = tuple(RepBalance(rep, f"m{m}", "plate", "N", pair, one) for rep in reps)
        return SetBalance(f"m{m}", "plate", Quantity.FORCE, "N", own, one, one, pair)
    balances = tuple(map(balance, range(measures)))
    sets = tuple(SetRecord(i, "hip_thrust", Laterality.BILATERAL, balances) for i in range(1, 6))
    held = RecordingRecord(f"{name}-{k}", "x.csv", datetime(2026, 1, 1), 60.0, sets)
    return SessionRecord(name, date(2000, 1, 1) + timedelta(days=k), (held,))
"""
ADD_MANY = f"""{MADE}
with open_store(sys.argv[1]) as store:
    for k in range(25):
        store.add(made(sys.argv[2], k))
"""
#: Forks a child for every line it is given; the child adds sessions until it is killed, and notes what it is at.
ADD_UNTIL_KILLED = f"""{MADE}
import scipy.special
for k, line in enumerate(sys.stdin):
    child = os.fork()
    if child == 0:
        log = os.open(sys.argv[2], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        store = open_store(sys.argv[1])
        for i in range(100):
            whole = made("A", 100 * k + i, 20)
            os.write(log, b"(")
            store.add(whole)
            os.write(log, b")")
        os._exit(0)
    print(child, flush=True)
    os.waitpid(child, 0)
    print("ended", flush=True)
"""


def _started(script, *arguments):
    words = [sys.executable, "-c", script, *map(str, arguments)]
    return subprocess.Popen(words, stderr=subprocess.PIPE, text=True)


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork, to kill fifty processes in a short time")
def test_killed_fifty_times_while_adding(tmp_path):
    path, log = tmp_path / "history.db", tmp_path / "log"
    words = [sys.executable, "-c", ADD_UNTIL_KILLED, str(path), str(log)]
    delays = random.Random(4)  # noqa: S311 - moments, not a secret
    counts, within = [0], 0
    with open_store(path), subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as zygote:
        for _ in range(50):
            log.write_bytes(b"")
            zygote.stdin.write("go\n")
            zygote.stdin.flush()
            child = int(zygote.stdout.readline())
            _await(lambda: log.stat().st_size)
            time.sleep(delays.uniform(0, 0.12))
            os.kill(child, signal.SIGKILL)
            assert zygote.stdout.readline() == "ended\n"
            told = log.read_bytes()
            within += told.endswith(b"(")
            counts.append(_check_whole(path))
            assert counts[-1] - counts[-2] in {told.count(b")"), told.count(b"(")}
        zygote.stdin.close()
    assert within > 25
    assert len(read_all(path)) == counts[-1] > 0


def _await(condition, limit_s=30.0):
    deadline = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.001)


def _check_whole(path):
    """The number of sessions, each of which has all its rows."""
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        tables = ("session", "exercise_set", "set_balance", "rep_balance")
        counts = [db.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0] for table in tables]  # noqa: S608
    assert counts[1:] == [counts[0] * n for n in (5, 100, 1000)]
    return counts[0]
