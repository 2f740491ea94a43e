"""Wide tables of text (CSV, TXT, TSV): one reader, driven by a column map; the maps that come with it find themselves.

Every column belongs to the nearest time column on its left, so files in which each sensor has its own clock
(Trigno Discover, EMGworks, loadsol) are read the same way as files with one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glutebal.errors import FileFormatError
from glutebal.ingest.assemble import recording_of
from glutebal.ingest.columnmap import ColumnMap, ready_map, ready_maps
from glutebal.ingest.dropouts import without_dropouts
from glutebal.ingest.formats.table import Heading, on_their_clocks
from glutebal.ingest.formats.text import HEAD_LINES, MISSING, Layout, labels_of, layout_of, text_of
from glutebal.ingest.labels import is_time, read_label, split_unit
from glutebal.ingest.units import is_unit
from glutebal.model import Recording

DATES = ("%Y_%m_%d_%H_%M_%S", "%m/%d/%Y %I:%M:%S %p", "%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M:%S", "%d.%m.%Y %H:%M:%S")


def read_csv(path: Path, chart: ColumnMap | None = None) -> Recording:
    """Read a table of text.

    Raises
    ------
    FileFormatError
        Empty, binary, without numbers, or with text in a column of numbers (the message names line and column).
    LabelError, UnitError, RateError
        See `glutebal.ingest.columns.recording_of`.
    """
    text = text_of(path, chart.encoding if chart else "")
    lines = text.splitlines()
    head = "\n".join(lines[:HEAD_LINES])
    chart = chart or detected(head) or ColumnMap()
    layout = layout_of(lines, chart, path.name)
    headings = _headings(lines, layout, chart, path.name)
    table = _numbers(lines, layout, headings, chart, path.name)
    columns, history = on_their_clocks(headings, table, path.name)
    if chart.insole:
        columns, found = without_dropouts(columns)
        history = [*history, *found]
    read_as = [f"read as: {chart.title}"] if chart.title else []
    recording = recording_of(columns, path.name, chart, [*read_as, *history])
    return recording.with_(started=_started(head, chart), notes=_first_group(chart.notes, head).strip())


def detected(head: str) -> ColumnMap | None:
    """The ready map whose signature is in the first lines of a file."""
    charts = (ready_map(name) for name in ready_maps())
    return next((chart for chart in charts if chart.detect and re.search(chart.detect, head)), None)


def _headings(lines: Sequence[str], layout: Layout, chart: ColumnMap, source: str) -> list[Heading]:
    labels = labels_of(lines, layout, chart, source)
    width = max(len(layout.cells(line)) for line in lines[layout.first_data : layout.first_data + 20])
    labels = [*labels, *[""] * (width - len(labels))]
    unit_cells = layout.cells(lines[chart.unit_line - 1]) if chart.unit_line else []
    between = [layout.cells(line) for line in lines[: layout.first_data]]
    told = (
        {m["label"].strip(): m for m in re.finditer(chart.channel_line, "\n".join(lines[:HEAD_LINES]))}
        if chart.channel_line
        else {}
    )
    made = []
    for i, label in enumerate(labels):
        unit_cell = unit_cells[i] if i < len(unit_cells) else ""
        unit = _bare_unit(unit_cell) or (told[label]["unit"] if label in told else "") or split_unit(label)[1]
        rate = _rate_in([row[i] for row in between if i < len(row)]) or (
            _number(told[label]["rate"]) if label in told else None
        )
        made.append(Heading(i + 1, label, unit, rate, _seconds(i + 1, label, unit_cell, chart)))
    return made


def _bare_unit(cell: str) -> str:
    """``Force[N]`` → N, ``[g]`` → g, ``uV`` → uV."""
    return split_unit(cell)[1] or (cell.strip("[]() ") if is_unit(cell) else "")


def _seconds(position: int, label: str, unit_cell: str, chart: ColumnMap) -> float | None:
    if chart.time is not None:
        chosen = chart.time == position if isinstance(chart.time, int) else chart.time.casefold() == label.casefold()
        return (is_time(label) or 1.0) if chosen else None
    return is_time(label.rpartition(": ")[2]) or is_time(unit_cell)


def _rate_in(cells: Sequence[str]) -> float | None:
    return next((_number(m[1]) for cell in cells if (m := re.fullmatch(r"([\d.,]+) ?Hz", cell))), None)


def _number(text: str) -> float | None:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return None


def _numbers(
    lines: Sequence[str], layout: Layout, headings: Sequence[Heading], chart: ColumnMap, source: str
) -> dict[int, NDArray[np.float64]]:
    """Position → numbers, NaN for blanks; columns without a heading are not parsed."""
    rows = [line for line in lines[layout.first_data :] if line.strip()]
    if len(rows) < 2:
        raise FileFormatError("at least two rows of numbers", f"{len(rows)}", source)
    wanted = [
        h for h in headings if (h.label and chart.others != "ignore") or h.seconds or chart.entry(h.position, h.label)
    ]
    try:
        return _parsed(rows, layout, wanted, len(headings))
    except ValueError:
        return _cell_by_cell(lines, layout, wanted, chart, source)


def _parsed(
    rows: Sequence[str], layout: Layout, wanted: Sequence[Heading], width: int
) -> dict[int, NDArray[np.float64]]:
    import pandas as pd

    positions = [h.position for h in wanted]
    options: dict[str, Any] = {
        "sep": r"\s+" if layout.delimiter == " " else layout.delimiter,
        "decimal": layout.decimal,
    }
    frame = pd.read_csv(
        StringIO("\n".join(rows)),
        header=None,
        names=[str(p) for p in range(1, width + 1)],
        usecols=[str(p) for p in positions],
        dtype=np.float64,
        na_values=[*MISSING, *layout.missing],
        skipinitialspace=True,
        index_col=False,
        **options,
    )
    return {p: frame[str(p)].to_numpy(dtype=np.float64) for p in positions}


def _cell_by_cell(
    lines: Sequence[str], layout: Layout, wanted: Sequence[Heading], chart: ColumnMap, source: str
) -> dict[int, NDArray[np.float64]]:
    """The slow way, taken when a cell is no number: columns of words are dropped, a word among numbers is an error."""
    numbered = [(n, layout.cells(line)) for n, line in enumerate(lines, 1) if n > layout.first_data and line.strip()]
    found: dict[int, NDArray[np.float64]] = {}
    for heading in wanted:
        at = heading.position - 1
        cells = [(n, row[at] if at < len(row) else "") for n, row in numbered]
        filled = [(n, c) for n, c in cells if not layout.is_missing(c)]
        bad = [(n, c) for n, c in filled if not layout.is_number(c)]
        if bad and (2 * len(bad) <= len(filled) or _must_be_numbers(heading, chart)):
            raise _no_number(heading, *bad[0], source)
        if not bad:
            found[heading.position] = np.array(
                [np.nan if layout.is_missing(c) else _plain(c, layout) for _, c in cells]
            )
    return found


def _must_be_numbers(heading: Heading, chart: ColumnMap) -> bool:
    """A clock, a column that the map names, or one with a side is never dropped for holding words."""
    entry = chart.entry(heading.position, heading.label)
    return heading.seconds is not None or entry is not None or read_label(heading.label) is not None


def _no_number(heading: Heading, line: int, cell: str, source: str) -> FileFormatError:
    name = f"column {heading.position}" + (f" ({heading.label})" if heading.label else "")
    advice = f'missing = ["{cell}"] in a map if it means a gap'
    return FileFormatError("a number", repr(cell), f"{source}, line {line}, {name}", advice)


def _plain(cell: str, layout: Layout) -> float:
    return float(cell if layout.decimal == "." else cell.replace(",", "."))


def _first_group(pattern: str, head: str) -> str:
    found = re.search(pattern, head) if pattern else None
    return found[1] if found else ""


def _started(head: str, chart: ColumnMap) -> datetime | None:
    text = _first_group(chart.started, head).strip()
    for form in DATES:
        try:
            return datetime.strptime(text, form)  # files carry local time without a zone
        except ValueError:
            continue
    return None
