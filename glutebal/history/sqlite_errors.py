"""What SQLite's errors mean to a person: needed, found, where, and what to try."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from glutebal.errors import HistoryBusyError, HistoryError, HistoryFormatError

_BACKUP = "put a backup of the file in its place; `sqlite3 FILE .recover` may save a part of it"
LOCAL = "a folder on a disk of this machine that you may write to, not a network share"
_DAMAGED = ("a sound history", "a damaged file", _BACKUP)
_Meaning = tuple[type[HistoryError], str, str, str]
#: By primary code (sqlite.org/rescode.html): the error, what was needed, what was found, what to try.
_MEANINGS: dict[int, _Meaning] = {
    sqlite3.SQLITE_BUSY: (
        HistoryBusyError,
        "the history to be free for writing",
        "that another process is writing",
        "again when it has finished",
    ),
    sqlite3.SQLITE_LOCKED: (
        HistoryBusyError,
        "the history to be free for writing",
        "that it is in use",
        "again when the other has finished",
    ),
    sqlite3.SQLITE_READONLY: (
        HistoryError,
        "a file and a folder that may be written to",
        "read-only",
        "copy the file to a folder that you may write to",
    ),
    sqlite3.SQLITE_FULL: (
        HistoryError,
        "room on the disk",
        "a full disk; nothing of this was stored",
        "free some space and do it again",
    ),
    sqlite3.SQLITE_IOERR: (HistoryError, "a disk that reads and writes", "an error of the disk", LOCAL),
    sqlite3.SQLITE_CANTOPEN: (HistoryError, "a file that can be opened", "that it cannot", LOCAL),
    sqlite3.SQLITE_PERM: (HistoryError, "a file that can be opened", "that it may not", LOCAL),
    sqlite3.SQLITE_PROTOCOL: (HistoryError, "locks that work", "that they do not", LOCAL),
    sqlite3.SQLITE_CORRUPT: (HistoryFormatError, *_DAMAGED),
    sqlite3.SQLITE_NOTADB: (HistoryFormatError, *_DAMAGED),
    sqlite3.SQLITE_FORMAT: (HistoryFormatError, *_DAMAGED),
}


@contextmanager
def translated(place: str) -> Iterator[None]:
    """Raise what SQLite says inside as a `HistoryError`; what is a mistake of this library stays as it is."""
    try:
        yield
    except sqlite3.Error as error:
        meaning = _meaning(error)
        if meaning is None:
            raise
        kind, needed, found, advice = meaning
        raise kind(needed, f"{found} ({error})", place, advice) from error


def _meaning(error: sqlite3.Error) -> _Meaning | None:
    code = getattr(error, "sqlite_errorcode", None)
    if code is not None:
        return _MEANINGS.get(code & 0xFF)
    return (HistoryFormatError, *_DAMAGED) if "decode" in str(error) else None  # a text that is none any more
