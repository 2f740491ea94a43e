"""Excel workbooks: every sheet is a table. Reads with openpyxl (extra ``xlsx``).

A column is called by its heading, or by its number where the sheet has no headings; in a workbook of several sheets
the sheet's name stands before it: ``"EMG_VL!1"``.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeGuard

import numpy as np
from numpy.typing import NDArray

from glutebal.errors import FileFormatError, MissingExtraError
from glutebal.ingest.assemble import recording_of
from glutebal.ingest.columnmap import ColumnMap
from glutebal.ingest.columns import Column
from glutebal.ingest.formats.table import Heading, on_their_clocks
from glutebal.ingest.formats.text import HEAD_LINES
from glutebal.ingest.labels import is_time, split_unit
from glutebal.model import Recording

Row = tuple[Any, ...]


def read_xlsx(path: Path, chart: ColumnMap | None = None) -> Recording:
    """Read an Excel workbook.

    Raises
    ------
    FileFormatError
        Damaged, without numbers, or with text in a column of numbers (the message names sheet and row).
    MissingExtraError
        openpyxl is not installed.
    """
    sheets = {name: rows for name, rows in _sheets(path).items() if rows}
    columns: list[Column] = []
    history: list[str] = []
    for name, rows in sheets.items():
        prefix = f"{name}!" if len(sheets) > 1 else ""
        found, noticed = _columns(prefix, rows, len(columns), f"{path.name}, sheet {name!r}")
        columns += found
        history += noticed
    if not columns:
        raise FileFormatError("a sheet with at least two rows of numbers", f"{len(sheets)} sheets without", path.name)
    return recording_of(columns, path.name, chart, history)


def _sheets(path: Path) -> dict[str, list[Row]]:
    try:
        import openpyxl
    except ImportError as error:
        raise MissingExtraError.of("xlsx", "openpyxl", "read Excel workbooks") from error
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        try:
            return {
                sheet.title: [row for row in sheet.iter_rows(values_only=True) if _filled(row)]
                for sheet in book.worksheets
            }
        finally:
            book.close()
    except Exception as error:
        raise FileFormatError(
            "an undamaged Excel workbook", str(error) or type(error).__name__, path.name, "save it again"
        ) from error


def _filled(row: Row) -> bool:
    return any(cell is not None and cell != "" for cell in row)


def _is_number(cell: Any) -> TypeGuard[float]:
    return isinstance(cell, (int, float)) and not isinstance(cell, bool)


def _columns(prefix: str, rows: Sequence[Row], before: int, where: str) -> tuple[list[Column], list[str]]:
    first = next((i for i, row in enumerate(rows[:HEAD_LINES]) if _is_data(row)), None)
    if first is None or len(rows) - first < 2:
        return [], []
    labels = rows[first - 1] if first else ()
    n = max(len(row) for row in rows[first : first + 20])
    headings = [_heading(prefix, i, labels[i] if i < len(labels) else None, before) for i in range(n)]
    table = {h.position: _numbers(rows[first:], i, first, h, where) for i, h in enumerate(headings)}
    return on_their_clocks(headings, table, where)


def _is_data(row: Row) -> bool:
    filled = [cell for cell in row if cell is not None and cell != ""]
    return 2 * sum(map(_is_number, filled)) > len(filled)


def _heading(prefix: str, i: int, cell: Any, before: int) -> Heading:
    text = str(cell).strip() if cell is not None else ""
    return Heading(
        before + i + 1, f"{prefix}{text or i + 1}", split_unit(text)[1], None, is_time(text) if text else None
    )


def _numbers(rows: Sequence[Row], i: int, first: int, heading: Heading, where: str) -> NDArray[np.float64]:
    cells = [row[i] if i < len(row) else None for row in rows]
    for k, cell in enumerate(cells):
        if not (cell is None or cell == "" or _is_number(cell)):
            raise FileFormatError("a number", repr(cell), f"{where}, row {first + k + 1}, column {heading.label!r}")
    return np.array([float(c) if _is_number(c) else np.nan for c in cells])
