"""One module per file format, and the one table that says which is read with what."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import cast

from glutebal.ingest.columnmap import ColumnMap
from glutebal.model import Recording

Reader = Callable[[Path, ColumnMap | None], Recording]


@dataclass(frozen=True)
class Format:
    """A file format: its name for people, the module and function that read it, how its files begin."""

    title: str
    module: str
    function: str
    magic: tuple[bytes, ...] = ()
    magic_at: int = 0

    @property
    def reader(self) -> Reader:
        """The function that reads it; its module, and any optional library, is imported now."""
        return cast(Reader, getattr(import_module(f"glutebal.ingest.formats.{self.module}"), self.function))


_TEXT = Format("table of text", "csv", "read_csv")
_ZIP = (b"PK\x03\x04",)

FORMATS: dict[str, Format] = {
    ".glutebal": Format("glutebal recording", "native", "read_native", _ZIP),
    ".glutelog": Format("packet log", "log", "read_log", (b"SQLite format 3\x00",)),
    ".csv": _TEXT,
    ".txt": _TEXT,
    ".tsv": _TEXT,
    ".c3d": Format("C3D", "c3d", "read_c3d", (b"\x50",), magic_at=1),
    ".xdf": Format("XDF (Lab Streaming Layer)", "xdf", "read_xdf", (b"XDF:",)),
    ".edf": Format("EDF", "edf", "read_edf", (b"0       ",)),
    ".bdf": Format("BDF", "edf", "read_edf", (b"\xffBIOSEMI",)),
    ".mat": Format("MATLAB", "mat", "read_mat"),
    ".xlsx": Format("Excel workbook", "xlsx", "read_xlsx", _ZIP),
}
