"""A packet log being read: what was committed, checked, and nothing else."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec

from glutebal.errors import FileFormatError, InputError
from glutebal.ingest.arrivals import Packet
from glutebal.ingest.header import Header, Identity, Mark
from glutebal.ingest.packets import APPLICATION_ID, SCHEMA, SUFFIX, checksum
from glutebal.model import Side

_PACKETS = """SELECT arrival_ns, device, segment, uuid, data, crc FROM packet
    JOIN characteristic ON characteristic.number = packet.characteristic ORDER BY packet.id"""


@dataclass
class OpenLog:
    """A log being read: its header, and its packets and marks in the order in which they were taken.

    ``damaged`` counts the packets whose checksum did not fit, so far.
    """

    header: Header
    path: Path
    _db: sqlite3.Connection
    damaged: int = 0

    def packets(self) -> Iterator[Packet]:
        """Every packet; one whose checksum does not fit is left out and counted."""
        sides = [device.side for device in self.header.devices]
        self.damaged = 0
        for row in self._rows(_PACKETS):
            packet = _packet(row, sides, self.path.name)
            if checksum(packet) == row[5]:
                yield packet
            else:
                self.damaged += 1

    def marks(self) -> tuple[Mark, ...]:
        """The events."""
        rows = self._rows("SELECT at_ns, name, side FROM mark ORDER BY id")
        with _said_in_one_line(self.path.name):
            return tuple(Mark(int(at), str(name), Side(side) if side else None) for at, name, side in rows)

    def _rows(self, query: str) -> Iterator[tuple[Any, ...]]:
        with _said_in_one_line(self.path.name):
            for row in self._db.execute(query):  # noqa: UP028 - `yield from` would close the cursor after its database
                yield row


def _packet(row: tuple[Any, ...], sides: list[Side | None], where: str) -> Packet:
    arrival_ns, device, segment, char, data, _ = row
    with _said_in_one_line(where):
        return Packet(int(device), sides[int(device)], int(segment), str(char), int(arrival_ns), bytes(data))


@contextmanager
def open_log(path: str | Path) -> Iterator[OpenLog]:
    """Open a log for reading, also one that is being written or was never closed; nothing in it is changed.

    Raises
    ------
    FileFormatError
        Not a packet log, damaged, or of a newer version of the library.
    InputError
        No such file.
    """
    file = Path(path)
    if not file.is_file():
        raise InputError("a file", "nothing there", str(path), "check the spelling and the folder")
    uri = f"{file.resolve().as_uri()}?mode=ro"
    with _said_in_one_line(file.name):
        db = sqlite3.connect(uri, uri=True)
    with closing(db):
        yield OpenLog(_checked(db, file.name), file, db)


def _checked(db: sqlite3.Connection, where: str) -> Header:
    with _said_in_one_line(where):
        _require_ours(db, where)
        return _header(db)


def _require_ours(db: sqlite3.Connection, where: str) -> None:
    (owner,), (schema,) = (db.execute(f"PRAGMA {name}").fetchone() for name in ("application_id", "user_version"))
    if owner != APPLICATION_ID:
        raise FileFormatError(f"a packet log ({SUFFIX})", "an SQLite file of another program", where)
    if schema > SCHEMA:
        raise FileFormatError(
            f"a packet log of version {SCHEMA} or older", f"version {schema}", where, "pip install --upgrade glutebal"
        )


def _header(db: sqlite3.Connection) -> Header:
    fields = {key: msgspec.json.decode(value) for key, value in db.execute("SELECT key, value FROM recording")}
    rows = db.execute("SELECT number, described FROM device ORDER BY number")
    devices = tuple(_device(text, _facts(db, number)) for number, text in rows)
    return replace(msgspec.convert({**fields, "devices": ()}, Header), devices=devices)


def _device(text: str, told: dict[str, str]) -> Identity:
    known = msgspec.json.decode(text, type=Identity)
    return replace(known, facts={**known.facts, **told})


def _facts(db: sqlite3.Connection, device: int) -> dict[str, str]:
    return dict(db.execute("SELECT key, value FROM fact WHERE device = ? ORDER BY id", (device,)))


@contextmanager
def _said_in_one_line(where: str) -> Iterator[None]:
    """Whatever a damaged file makes SQLite or a decoder say becomes one error."""
    try:
        yield
    except (sqlite3.Error, msgspec.MsgspecError, ValueError, TypeError, IndexError, OverflowError) as error:
        found = " ".join(str(error).split()) or type(error).__name__
        raise FileFormatError("an undamaged packet log", found, where, "another copy") from error
