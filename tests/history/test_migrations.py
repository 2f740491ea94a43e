"""Versions of the tables: an older one is brought up to date with everything in it, a newer one is left alone."""

from dataclasses import replace
from datetime import date

import pytest

from glutebal.errors import HistoryFormatError
from glutebal.history import migrations, schema
from glutebal.history.place import _database, open_store
from glutebal.history.records import SizeMeasurement
from glutebal.history.rows import insertion
from glutebal.history.schema import VERSION, estimate_columns
from glutebal.history.store import Store
from glutebal.model import Bilateral


@pytest.fixture
def database(place):
    """An empty database of each kind."""
    opened = _database(place)
    yield opened
    opened.close()


def take_motion_back(database):
    """What version 4 brought."""
    for table in ("angle_curve", "posture"):
        database.execute(f"DROP TABLE {table}")
    database.execute("UPDATE set_balance SET shared_se = 0 WHERE difference_remark IS NOT NULL")


def take_differences_back(database):
    """What versions 3 and 4 brought."""
    take_motion_back(database)
    for table in ("set_balance", "rep_balance"):
        for column in estimate_columns("difference"):
            database.execute(f"ALTER TABLE {table} DROP COLUMN {column}")


def make_old(store, database):
    """Take back what later versions brought, and say version 1."""
    with database.transaction():
        take_differences_back(database)
        for statement in (
            "DROP INDEX set_balance_rollup",
            "ALTER TABLE set_balance DROP COLUMN week",
            "DROP TABLE size_measurement",
            "DROP TABLE strength_test",
            "UPDATE history_format SET version = 1",
        ):
            database.execute(statement)


@pytest.fixture
def old(place, session, rich_session):
    """A database of version 1 that holds what a version 1 could hold, and what its sessions were."""
    database = _database(place)
    store = Store(database)
    given = [
        session("a", day=date(2025, 12, 28)),
        session("b", day=date(2026, 1, 5), log_ratios=(0.2, 0.4)),
        rich_session,
    ]
    stored = [replace(one, id=n) for one, n in zip(given, store.add_all(given), strict=True)]
    make_old(store, database)
    database.close()
    return stored


def test_a_new_database_has_the_present_version(place, database):
    Store(database)
    assert database.execute("SELECT version FROM history_format") == [(VERSION,)]


def test_version_1_becomes_the_present_one_and_keeps_everything(place, old, same):
    with open_store(place) as store:
        assert all(same(store.session(one.id), one) for one in old)
        weeks = store.weekly("hip_thrust", "peak_force", "plate")
        assert [(w.week, w.sets) for w in weeks] == [(date(2025, 12, 22), 1), (date(2026, 1, 5), 2)]
        size = SizeMeasurement("A-01", date(2026, 1, 5), "gluteus_maximus", "mri", "cm³", Bilateral(800.0, 810.0), 8.0)
        number = store.add_size(size)
        assert store.sizes("A-01") == (replace(size, id=number),)
    database = _database(place)
    assert database.execute("SELECT version FROM history_format") == [(VERSION,)]
    database.close()


def test_version_2_becomes_version_3_and_can_hold_differences(place, session, hip_angles, same):
    database = _database(place)
    old = replace(session("a"), id=Store(database).add(session("a")))
    with database.transaction():
        take_differences_back(database)
        database.execute("UPDATE history_format SET version = 2")
    database.close()
    with open_store(place) as store:
        assert same(store.session(old.id), old)
        assert store.session(old.id).recordings[0].sets[0].balances[0].difference is None
        number = store.add(hip_angles)
        assert same(store.session(number), replace(hip_angles, id=number))


def test_version_3_becomes_version_4_and_learns_what_the_sets_share(place, hip_angles, same):
    database = _database(place)
    store = Store(database)
    number = store.add(hip_angles)
    points = {one.series: store.points(one.series) for one in store.series("A-01")}
    told = {one.measure: p.shared_se for one, kept in points.items() for p in kept}
    assert told["hip_flexion_rom"] == pytest.approx(2.0)
    assert told["pelvic_drop"] == 0
    with database.transaction():
        take_motion_back(database)
        database.execute("UPDATE history_format SET version = 3")
    database.close()
    bare = replace(hip_angles.recordings[0], curves=(), poses=())
    with open_store(place) as store:
        assert same(store.session(number), replace(hip_angles, id=number, recordings=(bare,)))
        assert all(same(store.points(one), kept) for one, kept in points.items())


def test_a_migration_that_fails_changes_nothing(place, old, same, monkeypatch):
    def fail(database):
        raise RuntimeError("the lights went out")

    with monkeypatch.context() as patched:
        patched.setitem(migrations.BACKFILL, 2, fail)
        with pytest.raises(RuntimeError):
            open_store(place)
    database = _database(place)
    assert database.execute("SELECT version FROM history_format") == [(1,)]
    assert "size_measurement" not in database.tables()
    database.close()
    with open_store(place) as store:
        assert all(same(store.session(one.id), one) for one in old)


def test_opening_the_present_version_writes_nothing(place, session):
    with open_store(place) as store:
        store.add(session("a"))
    database = _database(place)
    with database.transaction(write=False):
        Store(database)  # a write would be refused, or would need a transaction of its own
        assert len(Store(database).sessions()) == 1
    database.close()


def test_a_newer_version_is_left_alone(place, session, same):
    with open_store(place) as store:
        number = store.add(session("a"))
    database = _database(place)
    database.execute("UPDATE history_format SET version = ?", (VERSION + 1,))
    database.close()
    with pytest.raises(HistoryFormatError, match="pip install --upgrade glutebal"):
        open_store(place)
    database = _database(place)
    assert database.execute("SELECT version FROM history_format") == [(VERSION + 1,)]
    database.execute("UPDATE history_format SET version = ?", (VERSION,))
    database.close()
    with open_store(place) as store:
        assert same(store.session(number), replace(session("a"), id=number))


def test_the_tables_of_another_program_are_left_alone(database):
    database.execute("CREATE TABLE session (id INTEGER, token TEXT)")
    database.execute(insertion("session", ("id", "token")), (1, "secret"))
    with pytest.raises(HistoryFormatError, match="another program"):
        Store(database)
    assert database.execute("SELECT * FROM session") == [(1, "secret")]
    assert database.tables() == {"session"}


def test_every_version_has_its_step():
    assert len(schema.STEPS) == VERSION
    assert set(migrations.BACKFILL) <= set(range(1, VERSION + 1))
