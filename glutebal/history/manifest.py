"""The file ``history.json`` beside exported tables: what they are, of which version, and how many rows each has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from glutebal.history.database import Row
from glutebal.history.json_form import FORMAT
from glutebal.history.tables import Contents, Layout, damaged

MANIFEST = "history.json"


class Manifest(msgspec.Struct, forbid_unknown_fields=True):
    """What a folder of tables says about itself."""

    format: str
    version: int
    form: str
    rows: dict[str, int]

    @classmethod
    def of(cls, contents: Contents, form: str) -> Manifest:
        """The manifest of tables that are written."""
        return cls(FORMAT, contents.version, form, {table: len(rows) for table, rows in contents.rows.items()})

    @classmethod
    def of_files(cls, files: Mapping[str, bytes], form: str, where: str) -> Manifest:
        """The manifest of tables that are read."""
        if MANIFEST not in files:
            raise damaged(where, f"no {MANIFEST}")
        try:
            found = msgspec.json.decode(files[MANIFEST], type=cls)
        except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
            raise damaged(f"{where}: {MANIFEST}", str(error)) from error
        if (found.format, found.form) != (FORMAT, form):
            raise damaged(f"{where}: {MANIFEST}", f"{found.format[:40]!r} as {found.form[:40]!r}")
        return found

    def encoded(self) -> bytes:
        """The file."""
        return msgspec.json.format(msgspec.json.encode(self)) + b"\n"

    def require_files(self, layout: Layout, ending: str, files: Mapping[str, bytes], where: str) -> None:
        """Refuse a folder in which a table's file is missing."""
        missing = [table + ending for table in layout if table + ending not in files]
        if missing:
            raise damaged(where, f"no {', '.join(missing[:5])}")

    def require_rows(self, rows: Mapping[str, Sequence[Row]], where: str) -> None:
        """Refuse tables with another number of rows than were written."""
        for table, found in rows.items():
            if len(found) != self.rows.get(table):
                raise damaged(where, f"{len(found)} rows in table {table} instead of {self.rows.get(table)}")
