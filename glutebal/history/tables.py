"""A history as plain tables, between a database and a file: every column has a kind, every cell is checked.

::

    Store ── copied ──> Store in a temporary file ── tables_of ──> Contents ── a form ──> JSON, CSV or Parquet
    Store <── copied ── Store in a temporary file <── fill ─────── Contents <── a form ──
"""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from tempfile import TemporaryDirectory

from glutebal.errors import GlutebalError, HistoryFormatError
from glutebal.history.database import Database, Row
from glutebal.history.rows import insertion
from glutebal.history.schema import VERSION, run_step
from glutebal.history.sqlite import SqliteDatabase

Cell = str | int | float | None
WHOLE_LIMIT = 2**63  # of a whole number, in any database


class Kind(Enum):
    """What a column holds."""

    TEXT = "TEXT"
    WHOLE = "INTEGER"
    NUMBER = "DOUBLE PRECISION"


@dataclass(frozen=True)
class Column:
    """A column of a table; one that is not ``required`` may be empty (unknown, not said)."""

    name: str
    kind: Kind
    required: bool


#: What the keys of the schema leave open, and a join would pass over in silence.
LOOSE_ENDS = {
    "balances of a series that is not there": (
        "SELECT COUNT(*) FROM set_balance t WHERE NOT EXISTS (SELECT 1 FROM series s WHERE s.id = t.series_id)"
    ),
    "balances of a repetition that is not there": (
        "SELECT COUNT(*) FROM rep_balance t WHERE NOT EXISTS"
        " (SELECT 1 FROM rep r WHERE r.exercise_set_id = t.exercise_set_id AND r.rep = t.rep)"
    ),
    "findings of a channel that is not there": (
        "SELECT COUNT(*) FROM finding t WHERE NOT EXISTS"
        " (SELECT 1 FROM quality q WHERE q.recording_id = t.recording_id AND q.position = t.channel)"
    ),
    "repetitions that are not counted from 0": (
        "SELECT COUNT(*) FROM (SELECT 1 FROM rep GROUP BY exercise_set_id"
        " HAVING MIN(rep) <> 0 OR MAX(rep) + 1 <> COUNT(*))"
    ),
}

Layout = Mapping[str, tuple[Column, ...]]


@dataclass(frozen=True)
class Contents:
    """All tables of a history: ``rows`` by table, their cells in the order of ``layout``."""

    version: int
    layout: Layout
    rows: Mapping[str, Sequence[Row]]


@contextmanager
def empty_database(version: int = VERSION) -> Iterator[SqliteDatabase]:
    """A database of some version that is gone afterwards."""
    with (
        TemporaryDirectory(prefix="glutebal-", ignore_cleanup_errors=True) as folder,
        closing(SqliteDatabase(Path(folder) / "tables.db")) as database,
    ):
        database.execute("PRAGMA synchronous=OFF")  # it is never opened again
        with database.transaction():
            database.execute("CREATE TABLE history_format (version INTEGER NOT NULL)")
            database.execute("INSERT INTO history_format (version) VALUES (?)", (version,))
            for step in range(1, version + 1):
                run_step(database, step)
        yield database


def layout_of(database: SqliteDatabase) -> Layout:
    """Tables in an order in which each refers only to those before it, and their columns."""
    names = database.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY rowid")
    tables = [name for (name,) in names if name != "history_format" and not name.startswith("sqlite_")]
    return {table: _columns(database, table) for table in tables}


def layout_for(version: int, where: str) -> Layout:
    """The tables of a version.

    Raises
    ------
    HistoryFormatError
        It is newer than this library.
    """
    if not 1 <= version <= VERSION:
        advice = "pip install --upgrade glutebal"
        raise HistoryFormatError(f"an export of version 1 to {VERSION}", f"version {version}", where, advice)
    with empty_database(version) as database:
        return layout_of(database)


def tables_of(database: SqliteDatabase) -> Contents:
    """Every row, ordered by its key."""
    layout = layout_of(database)
    return Contents(VERSION, layout, {table: _rows(database, table, layout[table]) for table in layout})


def fill(database: SqliteDatabase, contents: Contents, where: str) -> None:
    """Put the rows into an empty database of the contents' version.

    Raises
    ------
    HistoryFormatError
        Rows repeat a key, or refer to a row that is not there.
    """
    with database.transaction():
        for table, columns in contents.layout.items():
            try:
                database.executemany(insertion(table, [c.name for c in columns]), contents.rows[table])
            except sqlite3.IntegrityError as error:
                raise damaged(where, f"table {table}: {error}") from error
        for found, query in LOOSE_ENDS.items():
            if database.execute(query)[0][0]:
                raise damaged(where, found)


def checked(rows: Sequence[Sequence[object]], table: str, columns: Sequence[Column], where: str) -> list[Row]:
    """The rows, when every cell is of its column's kind; NaN is unknown."""
    made: list[Row] = []
    for number, row in enumerate(rows, 1):
        if len(row) != len(columns):
            raise damaged(where, f"{len(row)} cells instead of {len(columns)} in row {number} of table {table}")
        made.append(tuple(_cell(value, columns[k], table, number, where) for k, value in enumerate(row)))
    return made


def require_layout(found: Mapping[str, Sequence[str]], layout: Layout, where: str) -> None:
    """Refuse another set of tables, or of columns in one of them (in any order)."""
    if set(found) != set(layout):
        raise damaged(where, _difference("tables", set(layout), set(found)))
    for table, columns in layout.items():
        wanted = {c.name for c in columns}
        if set(found[table]) != wanted or len(found[table]) != len(wanted):
            raise damaged(where, _difference(f"columns of {table}", wanted, set(found[table])))


def damaged(where: str, found: str) -> HistoryFormatError:
    """The error for a file that is no whole export."""
    return HistoryFormatError("a whole export of a history", found, where, "export it again")


@contextmanager
def damage_in(where: str) -> Iterator[None]:
    """Whatever goes wrong while rows are read as records is told as damage of the file they came from."""
    try:
        yield
    except GlutebalError as error:
        raise damaged(where, error.found) from error
    except (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError) as error:
        raise damaged(where, f"a record that cannot be ({str(error)[:200]})") from error


def _columns(database: Database, table: str) -> tuple[Column, ...]:
    rows = database.execute(f"PRAGMA table_info({table})")
    return tuple(Column(name, Kind(kind), bool(required or key)) for _, name, kind, required, _, key in rows)


def _rows(database: Database, table: str, columns: Sequence[Column]) -> list[Row]:
    names = ", ".join(c.name for c in columns)
    return database.execute(f"SELECT {names} FROM {table} ORDER BY rowid")  # noqa: S608 - names of the schema


def _cell(value: object, column: Column, table: str, row: int, where: str) -> Cell:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        if not column.required:
            return None
        raise damaged(where, f"nothing in column {column.name}, row {row} of table {table}")
    if column.kind is Kind.TEXT and isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool) and -WHOLE_LIMIT <= value < WHOLE_LIMIT:
        if column.kind is Kind.WHOLE:
            return value
        if column.kind is Kind.NUMBER:
            return float(value)
    if column.kind is Kind.NUMBER and isinstance(value, float):
        return value
    shown = repr(value) if len(repr(value)) <= 40 else repr(value)[:40] + "..."
    raise damaged(where, f"{shown} in column {column.name} ({column.kind.value}), row {row} of table {table}")


def _difference(what: str, wanted: set[str], found: set[str]) -> str:
    parts = {"missing": wanted - found, "unknown": found - wanted}
    listed = "; ".join(f"{word}: {', '.join(sorted(names)[:5])}" for word, names in parts.items() if names)
    return f"other {what} ({listed or 'one twice'})"
