"""A history as one JSON file: format, version, and tables, each ``{"columns": [...], "rows": [[...]]}``.

Unknown is null. JSON has no infinity: it is the text "inf" or "-inf" in a column of numbers.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from glutebal.disk import write_whole
from glutebal.history.database import Row
from glutebal.history.tables import Column, Contents, Kind, Layout, checked, damaged, require_layout

FORMAT = "glutebal history"
INFINITIES = {"inf": math.inf, "-inf": -math.inf}


class Table(msgspec.Struct):
    """One table as it stands in the file."""

    columns: list[str]
    rows: list[list[Any]]


class File(msgspec.Struct, forbid_unknown_fields=True):
    """The whole file."""

    format: str
    version: int
    tables: dict[str, Table]


def write(contents: Contents, target: Path) -> Path:
    """Write the file, whole or not at all."""
    tables = {
        name: Table([c.name for c in columns], [_told(row) for row in contents.rows[name]])
        for name, columns in contents.layout.items()
    }
    return write_whole(target, msgspec.json.encode(File(FORMAT, contents.version, tables)) + b"\n")


def read(source: Path, layout_for: Callable[[int, str], Layout]) -> Contents:
    """Read the file.

    Raises
    ------
    HistoryFormatError
        It is damaged, newer, or no export of a history.
    """
    where = str(source)
    try:
        file = msgspec.json.decode(source.read_bytes(), type=File)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise damaged(where, str(error)) from error
    if file.format != FORMAT:
        raise damaged(where, f"the format {file.format[:40]!r}")
    layout = layout_for(file.version, where)
    require_layout({name: table.columns for name, table in file.tables.items()}, layout, where)
    rows = {name: _rows(file.tables[name], name, columns, where) for name, columns in layout.items()}
    return Contents(file.version, layout, rows)


def _told(row: Row) -> list[Any]:
    return [repr(cell) if isinstance(cell, float) and math.isinf(cell) else cell for cell in row]


def _rows(table: Table, name: str, columns: Sequence[Column], where: str) -> list[Row]:
    if any(len(row) != len(columns) for row in table.rows):
        raise damaged(where, f"rows of another length than {len(columns)} in table {name}")
    order = [table.columns.index(c.name) for c in columns]
    rows = [[_meant(row[place], c) for place, c in zip(order, columns, strict=True)] for row in table.rows]
    return checked(rows, name, columns, where)


def _meant(cell: Any, column: Column) -> Any:
    return INFINITIES.get(cell, cell) if isinstance(cell, str) and column.kind is Kind.NUMBER else cell
