"""Where a history is: a file, or a server."""

from __future__ import annotations

import os

from glutebal.errors import InputError
from glutebal.history.database import Database
from glutebal.history.store import Store

SERVERS = ("postgresql://", "postgres://")


def open_store(place: str | os.PathLike[str]) -> Store:
    """The history at a path or URL.

    Parameters
    ----------
    place : str or path
        A path is an SQLite file, created when its folder exists; ``postgresql://user:password@host:port/database`` is
        a server (extra ``server``).

    Raises
    ------
    InputError
        A URL of another kind of server, or no lasting place.
    HistoryError
        It cannot be opened; the message says what to try.
    """
    database = _database(place)
    try:
        return Store(database)
    except BaseException:
        database.close()
        raise


def _database(place: str | os.PathLike[str]) -> Database:
    if isinstance(place, str) and place.startswith(SERVERS):
        from glutebal.history.postgres import PostgresDatabase

        return PostgresDatabase(place)
    if isinstance(place, str) and "://" in place:
        raise InputError(
            f"a path, or a URL that begins with {SERVERS[0]}", repr(place.partition("://")[0] + "://"), "history"
        )
    if str(place) == ":memory:":  # SQLite's name for no file at all: as a path it would be a file of that name
        raise InputError("a path that outlives the program", "':memory:'", "history", "a file in a temporary folder")
    from glutebal.history.sqlite import SqliteDatabase

    return SqliteDatabase(place)
