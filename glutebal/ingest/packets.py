"""The packet log, `.glutelog`: one SQLite file per recording that holds every packet as it came, safe against a crash.

::

    recording        key, value (JSON)      wall-clock and monotonic anchor, subject, exercise, library version
    device           number, described      driver and its version, address, name, which axis is worn where
    fact             at_ns, device, key, value             what a device said of itself: firmware, battery
    characteristic   number, uuid
    packet           arrival_ns, device, segment, characteristic, data, crc
    mark             at_ns, name, side                     events

Bytes are kept, not values: decoding belongs to `glutebal.ingest.session`, and a better decoder improves old recordings.
While a log is written it is in write-ahead mode and has two companions (``-wal``, ``-shm``) that belong to it; closing
the log folds them in. A log that was never closed opens as it is; until then keep its companions beside it.
"""

from __future__ import annotations

import os
import sqlite3
import struct
import threading
import zlib
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec

from glutebal.errors import InputError
from glutebal.ingest.arrivals import Packet
from glutebal.ingest.header import Header, Mark

SUFFIX = ".glutelog"
APPLICATION_ID = int.from_bytes(b"glut", "big")
SCHEMA = 1
COMMIT_S = 0.2  # what a crash can cost; the promise is 0.25 s
BATCH = 4096  # packets that wait for a commit at most
FOLD_S = 5.0  # how often the write-ahead file is folded into the log

_TABLES = """
CREATE TABLE recording (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE device (number INTEGER PRIMARY KEY, described TEXT NOT NULL);
CREATE TABLE fact (id INTEGER PRIMARY KEY, at_ns INTEGER NOT NULL, device INTEGER NOT NULL, key TEXT NOT NULL,
    value TEXT NOT NULL);
CREATE TABLE characteristic (number INTEGER PRIMARY KEY, uuid TEXT NOT NULL);
CREATE TABLE packet (id INTEGER PRIMARY KEY, arrival_ns INTEGER NOT NULL, device INTEGER NOT NULL,
    segment INTEGER NOT NULL, characteristic INTEGER NOT NULL, data BLOB NOT NULL, crc INTEGER NOT NULL);
CREATE TABLE mark (id INTEGER PRIMARY KEY, at_ns INTEGER NOT NULL, name TEXT NOT NULL, side TEXT);
"""
_ADD_PACKET = "INSERT INTO packet (arrival_ns, device, segment, characteristic, data, crc) VALUES (?, ?, ?, ?, ?, ?)"
_ADD_FACT = "INSERT INTO fact (at_ns, device, key, value) VALUES (?, ?, ?, ?)"
_ADD_MARK = "INSERT INTO mark (at_ns, name, side) VALUES (?, ?, ?)"


class PacketLog:
    """A log being written; a context manager.

    `append` only puts a packet into memory; a thread commits what waits at least every 250 ms, and at once when many
    wait, so that neither a slow disk nor a silent sensor holds anything up. An error of the disk is raised by the next
    call. The file appears under its name only when its header is in it.

    Parameters
    ----------
    path : str or Path
        Ends in ``.glutelog``; must not exist.
    header : Header
    commit_s : float, optional
        Seconds between commits; infinity: only when `flush` is called.

    Raises
    ------
    InputError
        The file exists, its name ends differently, or its folder does not exist.
    """

    def __init__(self, path: str | Path, header: Header, *, commit_s: float = COMMIT_S) -> None:
        self.path = _new_file(Path(path))
        _begin(self.path, header)
        self._db = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False)
        self._db.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA wal_autocheckpoint=0;")
        self._waiting: list[tuple[str, tuple[Any, ...]]] = []
        self._characteristics: dict[str, int] = {}
        self._writing, self._wake, self._closed = threading.Lock(), threading.Event(), False
        self._error: sqlite3.Error | None = None
        self._pace_s = commit_s if commit_s < threading.TIMEOUT_MAX else None
        self._thread = threading.Thread(target=self._commit_repeatedly, name=f"log {self.path.name}", daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def append(self, packet: Packet) -> None:
        """Take one packet; its bytes are kept as they are."""
        number = self._characteristic(packet.char)
        row = (packet.arrival_ns, packet.device, packet.segment, number, bytes(packet.data), checksum(packet))
        self._put(_ADD_PACKET, row)

    def mark(self, mark: Mark) -> None:
        """Take an event."""
        self._put(_ADD_MARK, (mark.at_ns, mark.name, mark.side.value if mark.side else None))

    def fact(self, device: int, key: str, value: str, at_ns: int) -> None:
        """Take what a device said of itself; the latest of a key counts."""
        self._put(_ADD_FACT, (at_ns, device, key, value))

    def flush(self) -> None:
        """Commit everything that was taken so far."""
        self._commit()
        self._raise_error()

    def close(self) -> None:
        """Commit, fold the companions into the one file, and end; a second call does nothing."""
        if self._closed:
            return
        self._closed = True
        self._wake.set()
        self._thread.join()
        self._commit()
        with closing(self._db), suppress(sqlite3.OperationalError):  # somebody reads it: it stays in write-ahead mode
            self._db.execute("PRAGMA journal_mode=DELETE").fetchall()
        self._raise_error()

    def _characteristic(self, uuid: str) -> int:
        number = self._characteristics.get(uuid)
        if number is None:
            number = self._characteristics[uuid] = len(self._characteristics) + 1
            self._put("INSERT INTO characteristic VALUES (?, ?)", (number, uuid))
        return number

    def _put(self, statement: str, row: tuple[Any, ...]) -> None:
        if self._closed:
            raise InputError("an open packet log", "one that was closed", str(self.path))
        self._raise_error()
        self._waiting.append((statement, row))
        if len(self._waiting) >= BATCH:
            self._wake.set()

    def _commit_repeatedly(self) -> None:
        rounds, fold_every = 0, max(1, round(FOLD_S / (self._pace_s or FOLD_S)))
        while not self._closed:
            self._wake.wait(self._pace_s)
            self._wake.clear()
            self._commit()
            rounds += 1
            if rounds % fold_every == 0:
                self._fold()

    def _commit(self) -> None:
        with self._writing:
            count = len(self._waiting)  # taken once: packets that come during the commit belong to the next
            if not count or self._error:
                return
            try:
                self._db.execute("BEGIN")
                for statement, row in self._waiting[:count]:
                    self._db.execute(statement, row)
                self._db.execute("COMMIT")
                del self._waiting[:count]
            except sqlite3.Error as error:
                self._error = error

    def _fold(self) -> None:
        with self._writing, suppress(sqlite3.OperationalError):  # a reader may hold it up; the next round will do
            self._db.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()

    def _raise_error(self) -> None:
        if self._error is not None:
            raise InputError(
                "a disk that takes the packets", str(self._error), str(self.path), "free some space, record elsewhere"
            ) from self._error


def checksum(packet: Packet) -> int:
    """CRC-32 of the packet's bytes and of when and whence they came."""
    head = struct.pack("<qqq", packet.arrival_ns, packet.device, packet.segment)
    return zlib.crc32(packet.data, zlib.crc32(packet.char.encode(), zlib.crc32(head)))


def _new_file(target: Path) -> Path:
    if target.suffix.lower() != SUFFIX:
        raise InputError(f"a file name that ends in {SUFFIX}", repr(target.name), "record", f"{target.stem}{SUFFIX}")
    if not target.parent.is_dir():
        raise InputError("a folder to write in", f"no folder {target.parent}", "record")
    if target.exists():
        raise InputError("a new file", "one that exists", str(target), "another name")
    return target


def _begin(target: Path, header: Header) -> None:
    """Write the header under another name first: a log is there with its header, or not at all."""
    temporary = target.with_name(f".{target.name}.{os.getpid()}.part")
    temporary.unlink(missing_ok=True)
    described = msgspec.to_builtins(replace(header, devices=()))
    try:
        with closing(sqlite3.connect(temporary)) as db:
            db.executescript(_TABLES)
            db.execute(f"PRAGMA application_id={APPLICATION_ID}")
            db.execute(f"PRAGMA user_version={SCHEMA}")
            rows = ((key, _json(value)) for key, value in described.items() if key != "devices")
            db.executemany("INSERT INTO recording VALUES (?, ?)", rows)
            db.executemany("INSERT INTO device VALUES (?, ?)", enumerate(map(_json, header.devices)))
            db.commit()
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
