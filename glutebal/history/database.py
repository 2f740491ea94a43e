"""What the store needs of a database, whichever it is: one dialect of SQL, transactions, and named errors.

SQL is written once, with ``?`` for parameters, in what SQLite 3.35 and PostgreSQL 12 both understand: TEXT, INTEGER
(64 bit) and DOUBLE PRECISION columns, ``INSERT ... RETURNING``, ``ON CONFLICT``. Unknown numbers are NULL. Dates
and times are ISO 8601 text.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

Row = tuple[Any, ...]


class Database(Protocol):
    """An open connection; not for use by two threads at once."""

    #: The type of a primary key that numbers itself: what stands after the column name in CREATE TABLE.
    serial_key: str

    @property
    def place(self) -> str:
        """Where the database is, for people: a path, or a URL without its password."""

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """Run one statement and fetch whatever it returns."""

    def executemany(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Run one statement for every row."""

    def transaction(self, *, write: bool = True) -> AbstractContextManager[None]:
        """All or nothing. A writing transaction waits for another writer for some seconds, then says so.

        Inside another transaction it joins that one, which keeps or undoes both.
        """

    def tables(self) -> frozenset[str]:
        """Names of the tables that are there (of the schema that statements without a schema name mean)."""

    def scrub(self) -> None:
        """After deletions: take what was deleted off the disk, as far as the database allows; outside a transaction."""

    def close(self) -> None:
        """Give the connection back; twice is harmless."""
