"""A text file's bytes to a table of cells: encoding, delimiter, decimal mark, where the numbers begin."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from glutebal.errors import FileFormatError
from glutebal.ingest.columnmap import ColumnMap

HEAD_LINES = 60
DIALECTS = ((",", "."), (";", "."), (";", ","), ("\t", "."), ("\t", ","), (" ", "."), (" ", ","))
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|[+-]?(nan|inf|infinity)", re.IGNORECASE)
MISSING = ("", "nan", "na", "n/a", "null", "none")


@dataclass(frozen=True)
class Layout:
    """How the lines of one text file are cut into cells, and which line is what (from 0)."""

    delimiter: str
    decimal: str
    missing: tuple[str, ...]
    first_data: int

    def cells(self, line: str) -> list[str]:
        """The cells of one line, stripped."""
        if self.delimiter == " ":
            return line.split()
        return [cell.strip() for cell in next(csv.reader([line], delimiter=self.delimiter), [])]

    def is_number(self, cell: str) -> bool:
        """Whether a cell is a number in this decimal notation."""
        return NUMBER.fullmatch(cell if self.decimal == "." else cell.replace(",", ".")) is not None

    def is_missing(self, cell: str) -> bool:
        """Whether a cell says that nothing was recorded."""
        return cell.casefold() in MISSING or cell in self.missing

    def is_data(self, line: str) -> bool:
        """Whether a line holds mostly numbers, the first cell that is not blank among them."""
        filled = [c for c in self.cells(line) if not self.is_missing(c)]
        numbers = [c for c in filled if self.is_number(c)]
        return bool(numbers) and filled[0] in numbers and 2 * len(numbers) >= len(filled)


def text_of(path: Path, encoding: str = "") -> str:
    """The text of a file: UTF-8 (with or without mark), UTF-16 with its mark, else Latin-1.

    Raises
    ------
    FileFormatError
        Empty, or bytes that are no text; found out from the first 4 kB.
    """
    with path.open("rb") as file:
        head = file.read(4096)
        if not head.strip():
            raise FileFormatError("a table of numbers", "an empty file", path.name)
        utf16 = head[:2] in {b"\xff\xfe", b"\xfe\xff"}
        if b"\0" in head and not utf16:
            raise FileFormatError("text", "binary data (zero bytes)", path.name, "check the file's ending")
        data = head + file.read()
    for name in (encoding,) if encoding else ("utf-16",) if utf16 else ("utf-8-sig", "latin-1"):
        try:
            return data.decode(name)
        except (UnicodeDecodeError, LookupError):
            continue
    raise FileFormatError(
        "text", f"bytes that are not {encoding or 'UTF-16'}", path.name, 'encoding = "latin-1" in a map'
    )


def layout_of(lines: Sequence[str], chart: ColumnMap, source: str) -> Layout:
    """The layout that makes most cells of the first lines numbers; what the map says is taken as it is.

    Raises
    ------
    FileFormatError
        No line of numbers among the first 60.
    """
    head = [line for line in lines[:HEAD_LINES] if line.strip()]
    choices = [
        Layout(delimiter, decimal, chart.missing, 0)
        for delimiter, decimal in DIALECTS
        if chart.delimiter in {"", delimiter} and chart.decimal in {"", decimal}
    ] or [Layout(chart.delimiter, chart.decimal or ".", chart.missing, 0)]
    best = max(choices, key=lambda layout: _score(layout, head[-30:]))
    first = chart.data_line - 1 if chart.data_line else _first_data(best, lines, _header_index(lines, chart, source))
    if first is None or first >= len(lines) or not any(best.is_data(line) for line in lines[first : HEAD_LINES * 2]):
        raise FileFormatError("lines of numbers", f"{len(head)} lines of text" if head else "nothing", source)
    return Layout(best.delimiter, best.decimal, best.missing, first)


def _score(layout: Layout, lines: Iterable[str]) -> int:
    cells = [c for line in lines for c in layout.cells(line) if not layout.is_missing(c)]
    numbers = sum(layout.is_number(c) for c in cells)
    return 3 * numbers - 2 * len(cells)


def _header_index(lines: Sequence[str], chart: ColumnMap, source: str) -> int:
    """The line (from 0) that the map's ``header`` expression finds; −1 without one."""
    if not chart.header:
        return -1
    found = next((i for i, line in enumerate(lines[:HEAD_LINES]) if re.search(chart.header, line)), None)
    if found is None:
        raise FileFormatError(f"a header line that matches {chart.header!r}", "none in the first 60 lines", source)
    return found


def _first_data(layout: Layout, lines: Sequence[str], after: int) -> int | None:
    return next((i for i in range(after + 1, min(len(lines), HEAD_LINES)) if layout.is_data(lines[i])), None)


def labels_of(lines: Sequence[str], layout: Layout, chart: ColumnMap, source: str) -> list[str]:
    """The label of every column; empty strings where there is none."""
    if chart.header_lines is not None:
        rows = [lines[n - 1] for n in chart.header_lines if n <= len(lines)]
    elif chart.header:
        rows = [lines[_header_index(lines, chart, source)]]
    else:
        rows = [line for line in lines[: layout.first_data] if line.strip()][-1:]
    cells = [layout.cells(row) for row in rows]
    n = max((len(row) for row in cells), default=0)
    joined = [" ".join(row[i] for row in cells if i < len(row) and row[i]) for i in range(n)]
    names = _names_above(lines, layout, chart, source, n) if chart.names_above is not None else [""] * n
    return [f"{name}: {label}" if name and label else label for name, label in zip(names, joined, strict=True)]


def _names_above(lines: Sequence[str], layout: Layout, chart: ColumnMap, source: str, n: int) -> list[str]:
    """Sensor names from the nearest line above the header that the map does not rule out, carried to the right."""
    header = _header_index(lines, chart, source)
    above = next((line for line in reversed(lines[:header]) if not re.search(chart.names_above or "$^", line)), "")
    cells, names, last = layout.cells(above), [], ""
    for i in range(n):
        last = cells[i] if i < len(cells) and cells[i] else last
        names.append(last)
    return names
