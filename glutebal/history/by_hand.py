"""Size measurements and strength tests, entered by hand: one table each, one way of writing and reading."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from glutebal.errors import InputError
from glutebal.history.database import Database, Row
from glutebal.history.records import SizeMeasurement, StrengthTest
from glutebal.history.rows import insertion
from glutebal.model import Bilateral

Entry = TypeVar("Entry", SizeMeasurement, StrengthTest)


@dataclass(frozen=True)
class _Kind:
    """Where a kind of entry is kept; ``own`` are its columns that are its fields of the same name."""

    table: str
    title: str
    own: tuple[str, ...]


_SIZE = _Kind("size_measurement", "size measurement", ("site", "method"))
_STRENGTH = _Kind("strength_test", "strength test", ("test",))
_SHARED = ("unit", "left_value", "right_value", "error", "instrument", "notes")


def _kind(entry: type[Any]) -> _Kind:
    return _SIZE if entry is SizeMeasurement else _STRENGTH


def enter(database: Database, athlete: int, entry: SizeMeasurement | StrengthTest) -> int:
    """Add one entry; its number."""
    kind = _kind(type(entry))
    head = (athlete, entry.day.isoformat(), *(getattr(entry, name) for name in kind.own), entry.unit)
    row = (*head, *map(float, entry.sides), float(entry.error), entry.instrument, entry.text)
    sql = insertion(kind.table, ("athlete_id", "day", *kind.own, *_SHARED)) + " RETURNING id"
    return int(database.execute(sql, row)[0][0])


def entered(database: Database, entry: type[Entry], athlete: str) -> tuple[Entry, ...]:
    """The entries of an athlete by day."""
    kind: _Kind = _kind(entry)
    columns = ", ".join(f"m.{name}" for name in ("id", "day", *kind.own, *_SHARED))
    rows = database.execute(
        f"SELECT {columns} FROM {kind.table} m JOIN athlete a ON a.id = m.athlete_id"  # noqa: S608 - own names
        " WHERE a.pseudonym = ? ORDER BY m.day, m.id",
        (athlete,),
    )
    return tuple(_entry(entry, kind, athlete, row) for row in rows)


def _entry(entry: type[Entry], kind: _Kind, athlete: str, row: Row) -> Entry:
    key, day, *cells = row
    unit, left, right, error, instrument, text = cells[len(kind.own) :]
    own = dict(zip(kind.own, cells, strict=False))
    sides = Bilateral(left, right)
    return entry(
        athlete=athlete,
        day=date.fromisoformat(day),
        unit=unit,
        sides=sides,
        error=error,
        instrument=instrument,
        text=text,
        id=key,
        **own,
    )


def strike(database: Database, entry: type[Entry], number: int) -> None:
    """Delete one entry."""
    kind: _Kind = _kind(entry)
    if not database.execute(f"DELETE FROM {kind.table} WHERE id = ? RETURNING id", (number,)):  # noqa: S608 - own names
        raise InputError(f"the number of a {kind.title}", str(number), database.place)
