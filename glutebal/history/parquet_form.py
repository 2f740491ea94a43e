"""A history as a folder of Parquet files, a table each, for DuckDB, pandas, R; unknown is null (extra ``parquet``)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from glutebal.errors import MissingExtraError
from glutebal.history.column_notes import noted, readme
from glutebal.history.csv_form import README
from glutebal.history.database import Row
from glutebal.history.manifest import MANIFEST, Manifest
from glutebal.history.tables import Column, Contents, Kind, Layout, checked, damaged, require_layout

ENDING = ".parquet"
HOW = "Parquet: one table per file. Null is unknown."


def files(contents: Contents) -> dict[str, bytes]:
    """The files by name.

    Raises
    ------
    MissingExtraError
        pyarrow is not installed.
    """
    made = {
        MANIFEST: Manifest.of(contents, "parquet").encoded(),
        README: readme(contents.layout, contents.version, HOW).encode(),
    }
    return made | {table + ENDING: _encoded(contents, table) for table in contents.layout}


def read(files: dict[str, bytes], layout_for: Callable[[int, str], Layout], where: str) -> Contents:
    """The tables of `files`.

    Raises
    ------
    HistoryFormatError
        Files are missing, torn, newer or no export of a history.
    MissingExtraError
        pyarrow is not installed.
    """
    manifest = Manifest.of_files(files, "parquet", where)
    layout = layout_for(manifest.version, where)
    manifest.require_files(layout, ENDING, files, where)
    tables = {table: _decoded(files[table + ENDING], f"{where}: {table}{ENDING}") for table in layout}
    require_layout({table: found.column_names for table, found in tables.items()}, layout, where)
    rows = {table: _rows(tables[table], table, columns, where) for table, columns in layout.items()}
    manifest.require_rows(rows, where)
    return Contents(manifest.version, layout, rows)


def _arrow() -> Any:
    try:
        import pyarrow as pa
        import pyarrow.parquet
    except ImportError:
        raise MissingExtraError.of("parquet", "pyarrow", "write and read Parquet") from None
    return pa


def _encoded(contents: Contents, table: str) -> bytes:
    pa = _arrow()
    columns, rows = contents.layout[table], contents.rows[table]
    fields = [_field(pa, table, column) for column in columns]
    cells = [[row[k] for row in rows] for k in range(len(columns))]
    made = [pa.array(column, field.type) for column, field in zip(cells, fields, strict=True)]
    sink = pa.BufferOutputStream()
    pa.parquet.write_table(pa.Table.from_arrays(made, schema=pa.schema(fields)), sink, compression="zstd")
    return bytes(sink.getvalue())


def _field(pa: Any, table: str, column: Column) -> Any:
    types = {Kind.TEXT: pa.string(), Kind.WHOLE: pa.int64(), Kind.NUMBER: pa.float64()}
    unit, meaning = noted(table, column.name)
    notes = {"unit": unit, "meaning": meaning}
    return pa.field(column.name, types[column.kind], not column.required, notes)


def _decoded(data: bytes, where: str) -> Any:
    pa = _arrow()
    try:
        return pa.parquet.ParquetFile(pa.BufferReader(data)).read()
    except (pa.ArrowException, OSError, ValueError, MemoryError) as error:
        raise damaged(where, str(error)) from error


def _rows(table: Any, name: str, columns: Sequence[Column], where: str) -> list[Row]:
    cells = [table.column(c.name).to_pylist() for c in columns]
    return checked(list(zip(*cells, strict=True)), name, columns, where)
