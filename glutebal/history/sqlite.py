"""A history in one SQLite file.

The file is in write-ahead mode: any number of processes read while one writes. While it is open it has two companions
(``-wal``, ``-shm``) that belong to it. Write-ahead mode needs memory that all processes share, so the file must lie on
a disk of this machine: on a network share (NFS, SMB, a synchronised folder) two machines would damage it; for that
there is PostgreSQL.

A transaction that was committed is on the disk (synchronous=FULL): neither a crash of the program nor of the machine
takes it back. What is deleted is overwritten with zeros (secure_delete).
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from pathlib import Path

from glutebal.errors import HistoryError, HistoryFormatError
from glutebal.history.database import Row
from glutebal.history.sqlite_errors import LOCAL, translated

APPLICATION_ID = int.from_bytes(b"gluh", "big")
NEEDED = (3, 35)  # for RETURNING
BUSY_S = 5.0  # how long a writer waits for another
_HEADER = b"SQLite format 3\x00"
_HEADER_SIZE = 100
_APPLICATION_ID_AT = 68
_SETTINGS = """
PRAGMA foreign_keys=ON;
PRAGMA secure_delete=ON;
PRAGMA synchronous=FULL;
PRAGMA fullfsync=ON;
PRAGMA cache_size=-32000;
"""


class SqliteDatabase:
    """A `Database` in one file; created when it does not exist, its folder must.

    Parameters
    ----------
    path : str or Path
        On a disk of this machine, not on a network share.
    busy_s : float
        How long a statement waits for another writer.

    Raises
    ------
    HistoryFormatError
        The file is damaged, empty, or not a history. It is not touched.
    HistoryError
        No such folder, a folder instead of a file, a read-only disk or file, a full disk.
    """

    serial_key = "INTEGER PRIMARY KEY AUTOINCREMENT"  # the number of a deleted session is not given away again

    def __init__(self, path: str | os.PathLike[str], *, busy_s: float = BUSY_S) -> None:
        self._path = Path(path).absolute()
        self.place = str(path)
        _present(self._path)
        with translated(self.place):
            address = f"{self._path.as_uri()}?mode=rw"
            self._connection: sqlite3.Connection | None = sqlite3.connect(
                address, uri=True, isolation_level=None, timeout=busy_s
            )
            try:
                self._connection.executescript(_SETTINGS)
                _require_wal(self._connection.execute("PRAGMA journal_mode=WAL").fetchone()[0], self.place)
            except BaseException:
                self.close()
                raise

    def execute(self, sql: str, parameters: Sequence[object] = ()) -> list[Row]:
        """Run one statement and fetch whatever it returns."""
        with translated(self.place):
            return self._open.execute(sql, parameters).fetchall()

    def executemany(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        """Run one statement for every row."""
        with translated(self.place):
            self._open.executemany(sql, rows)

    def transaction(self, *, write: bool = True) -> AbstractContextManager[None]:
        """All or nothing; a writing one takes its turn at once, so that it cannot fail half-way for want of it."""
        return self._transaction("BEGIN IMMEDIATE" if write else "BEGIN")

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[None]:
        if self._open.in_transaction:
            yield  # joins the one around it, which keeps or undoes both
            return
        self.execute(begin)
        try:
            yield
            self.execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):  # a full disk has rolled back already
                self._open.rollback()
            raise

    def tables(self) -> frozenset[str]:
        """Names of the tables that are there."""
        names = self.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
        return frozenset(name for (name,) in names)

    def scrub(self) -> None:
        """Rewrite the file without free pages and empty the write-ahead file.

        While another process reads, the write-ahead file stays until the last one closes the history.

        Raises
        ------
        HistoryError
            Inside a transaction, where it cannot be done.
        """
        if self._open.in_transaction:
            raise HistoryError("to take the bytes off the disk after a transaction", "one that is open", self.place)
        self.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        with suppress(HistoryError):  # zeros stand there already: a full disk only keeps the file as large as it was
            self.execute("VACUUM")
        self.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Fold the companions into the file, if nobody else has it open, and close it; twice is harmless."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(sqlite3.Error):
                connection.close()

    @property
    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            raise HistoryError("an open history", "one that was closed", self.place, "open it again")
        return self._connection


def _require_wal(mode: str, place: str) -> None:
    if mode != "wal":
        raise HistoryError("a disk that allows a write-ahead log", f"that it keeps to {mode!r}", place, LOCAL)


def _present(path: Path) -> None:
    """Make sure that a history is at the path, without opening what is none."""
    if sqlite3.sqlite_version_info < NEEDED:
        raise HistoryError(
            "SQLite 3.35 or newer", sqlite3.sqlite_version, str(path), "a newer Python, which brings one"
        )
    if path.is_dir():
        raise HistoryError("a file", "a folder", str(path), f"{path / 'history.db'}")
    if not path.parent.is_dir():
        raise HistoryError("a folder to write in", f"no folder {path.parent}", str(path), "make the folder first")
    if not path.exists():
        _create(path)
    _check_header(path)
    if not (_may_write(path) and _may_write(path.parent)):
        advice = "copy the file to a folder that you may write to"
        raise HistoryError("a file and a folder that may be written to", "read-only", str(path), advice)


def _may_write(path: Path) -> bool:
    return os.access(path, os.W_OK, effective_ids=os.access in os.supports_effective_ids)


def _check_header(path: Path) -> None:
    """Refuse what is no history from its first bytes alone (sqlite.org/fileformat.html, section 1.3)."""
    try:
        with path.open("rb") as file:
            header = file.read(_HEADER_SIZE)
        size = path.stat().st_size
    except OSError as error:
        raise HistoryError("a file that may be read", error.strerror or str(error), str(path)) from error
    if not header:
        raise HistoryFormatError("a history", "an empty file", str(path), "delete it, or put a backup in its place")
    if len(header) < _HEADER_SIZE or not header.startswith(_HEADER):
        advice = "another file name; if it was a history, put a backup in its place"
        raise HistoryFormatError("a history", "a file of another kind", str(path), advice)
    if _number(header, _APPLICATION_ID_AT) != APPLICATION_ID:
        raise HistoryFormatError("a history", "the SQLite file of another program", str(path), "another file name")
    if size < _whole(header) and not _has_journal(path):
        found = f"one cut off after {size} of {_whole(header)} bytes"
        raise HistoryFormatError("a whole history", found, str(path), "put a backup in its place")


def _number(header: bytes, at: int, length: int = 4) -> int:
    return int.from_bytes(header[at : at + length], "big")


def _whole(header: bytes) -> int:
    """How many bytes the file should have; 0 when the header does not say (written by an old SQLite)."""
    page = _number(header, 16, 2)
    is_current = _number(header, 24) == _number(header, 92)
    return _number(header, 28) * (65536 if page == 1 else page) if is_current else 0


def _has_journal(path: Path) -> bool:
    """Whether changes wait in the write-ahead file: after a crash the file itself may be behind."""
    journal = path.with_name(f"{path.name}-wal")
    return journal.exists() and journal.stat().st_size > 0


def _create(path: Path) -> None:
    """An empty history appears under its name whole, and never in the place of one that another process made."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with translated(str(path)):
            temporary.unlink(missing_ok=True)
            with closing(sqlite3.connect(temporary, isolation_level=None)) as db:
                db.execute(f"PRAGMA application_id={APPLICATION_ID}")
                db.execute("PRAGMA journal_mode=WAL").fetchall()
            _put(temporary, path)
    except OSError as error:
        raise HistoryError("a folder that may be written to", error.strerror or str(error), str(path)) from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def _put(temporary: Path, path: Path) -> None:
    try:
        path.hardlink_to(temporary)  # fails when the name is taken, which a renaming would not
    except FileExistsError:
        return
    except (OSError, NotImplementedError):  # a disk without hard links
        if not path.exists():
            temporary.replace(path)
