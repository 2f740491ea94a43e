"""A history as CSV: a folder, or one .zip, of a table per file, with a README of columns and units.

UTF-8, commas, a heading. An empty cell is unknown; an empty text in a column that may be unknown is a single ``'``.
Text that a spreadsheet would take for a formula has a ``'`` before it, which is taken off again when it is read.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from glutebal.history.column_notes import readme
from glutebal.history.database import Row
from glutebal.history.manifest import MANIFEST, Manifest
from glutebal.history.tables import Cell, Column, Contents, Kind, Layout, checked, damaged, require_layout

README = "README.txt"
ENDING = ".csv"
GUARD = "'"
#: A spreadsheet runs what begins so, full-width forms included (OWASP, CSV Injection).
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", GUARD)
HOW = (
    f"CSV: one table per file, UTF-8. An empty cell is unknown. A {GUARD} before a text is not part of it: it keeps a\n"
    "spreadsheet from running the text as a formula."
)
LONGEST_CELL = 2**31 - 1


def files(contents: Contents) -> dict[str, bytes]:
    """The files by name."""
    made = {
        MANIFEST: Manifest.of(contents, "csv").encoded(),
        README: readme(contents.layout, contents.version, HOW).encode(),
    }
    return made | {table + ENDING: _encoded(contents, table) for table in contents.layout}


def read(files: dict[str, bytes], layout_for: Callable[[int, str], Layout], where: str) -> Contents:
    """The tables of `files`.

    Raises
    ------
    HistoryFormatError
        Files are missing, torn, newer or no export of a history.
    """
    manifest = Manifest.of_files(files, "csv", where)
    layout = layout_for(manifest.version, where)
    manifest.require_files(layout, ENDING, files, where)
    tables = {table: _decoded(files[table + ENDING], f"{where}: {table}{ENDING}") for table in layout}
    require_layout({table: heading for table, (heading, _) in tables.items()}, layout, where)
    rows = {table: _rows(*tables[table], table, columns, where) for table, columns in layout.items()}
    manifest.require_rows(rows, where)
    return Contents(manifest.version, layout, rows)


def guarded(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return GUARD + text if text.startswith(DANGEROUS) else text


def _encoded(contents: Contents, table: str) -> bytes:
    columns = contents.layout[table]
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([c.name for c in columns])
    writer.writerows([_told(cell, columns[k]) for k, cell in enumerate(row)] for row in contents.rows[table])
    return text.getvalue().encode()


def _told(cell: Cell, column: Column) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return guarded(cell) if cell or column.required else GUARD
    return repr(cell)


def _decoded(data: bytes, where: str) -> tuple[list[str], list[list[str]]]:
    try:
        text = data.decode("utf-8-sig")
        with _long_cells():
            heading, *rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error, ValueError) as error:
        raise damaged(where, str(error)) from error
    return heading, rows


@contextmanager
def _long_cells() -> Iterator[None]:
    before = csv.field_size_limit(LONGEST_CELL)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _rows(heading: list[str], rows: list[list[str]], table: str, columns: Sequence[Column], where: str) -> list[Row]:
    order = [heading.index(c.name) for c in columns]
    for number, row in enumerate(rows, 1):
        if len(row) != len(columns):
            raise damaged(where, f"{len(row)} cells instead of {len(columns)} in row {number} of table {table}")
    meant = ([_meant(row[place], c) for place, c in zip(order, columns, strict=True)] for row in rows)
    return checked(list(meant), table, columns, where)


def _meant(text: str, column: Column) -> Any:
    """The value of a cell; a text that is no number is left for `checked` to refuse."""
    if column.kind is Kind.TEXT:
        return None if not text and not column.required else text.removeprefix(GUARD)
    if not text:
        return None
    try:
        return int(text) if column.kind is Kind.WHOLE else float(text)
    except ValueError:
        return text
