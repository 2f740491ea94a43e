"""Which version a database has, and how it gets to the present one: whole steps, all in one transaction."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from glutebal.balance.difference import shared_se
from glutebal.errors import HistoryFormatError
from glutebal.history.database import Database
from glutebal.history.reading import read_balances
from glutebal.history.schema import VERSION, run_step
from glutebal.history.weeks import week_of


def prepare(database: Database) -> None:
    """Create the tables of a new database, or bring an older one up to date; what is stored stays.

    Nothing is written to a database of the present version, so that opening never waits for a writer.

    Raises
    ------
    HistoryFormatError
        It is of a newer version, or the tables belong to another program.
    """
    if _version(database) == VERSION:
        return
    with database.transaction():
        database.execute("CREATE TABLE IF NOT EXISTS history_format (version INTEGER NOT NULL)")
        found = _stored(database)  # again, now that nobody else writes
        for version in range(found + 1, VERSION + 1):
            run_step(database, version)
            BACKFILL.get(version, _nothing)(database)
        database.execute("DELETE FROM history_format")
        database.execute("INSERT INTO history_format (version) VALUES (?)", (VERSION,))


def _version(database: Database) -> int:
    """The version of the tables that are there; 0 for none."""
    tables = database.tables()
    if "history_format" in tables:
        return _stored(database)
    if "session" in tables or "athlete" in tables:
        found = f"tables of another program ({', '.join(sorted(tables)[:3])} ...)"
        raise HistoryFormatError("a history or an empty database", found, database.place, "another place")
    return 0


def _stored(database: Database) -> int:
    rows = database.execute("SELECT version FROM history_format")
    version = int(rows[0][0]) if rows else 0
    if version > VERSION:
        advice = "pip install --upgrade glutebal"
        raise HistoryFormatError(
            f"a history of version {VERSION} or older", f"version {version}", database.place, advice
        )
    return version


def _weeks(database: Database) -> None:
    """Version 2 brought the week of every set."""
    days = [day for (day,) in database.execute("SELECT DISTINCT day FROM set_balance")]
    rows = [(week_of(date.fromisoformat(day)), day) for day in days]
    database.executemany("UPDATE set_balance SET week = ? WHERE day = ?", rows)


def _shared_errors(database: Database) -> None:
    """Version 4 brought what the sets of a difference share, which version 3 had only within its standard error."""
    with_one = "SELECT DISTINCT session_id FROM set_balance WHERE difference_remark IS NOT NULL"
    for (session,) in database.execute(with_one):
        rows = [
            (shared_se(balance), key, place)
            for key, balances in read_balances(database, session).items()
            for place, balance in enumerate(balances)
            if balance.difference is not None
        ]
        database.executemany("UPDATE set_balance SET shared_se = ? WHERE exercise_set_id = ? AND balance = ?", rows)


def _nothing(database: Database) -> None:
    """The step needs no data to be filled in."""


BACKFILL: dict[int, Callable[[Database], None]] = {2: _weeks, 4: _shared_errors}
