"""Several files that belong together: a folder or a .zip, written whole or not at all, and read by name only."""

from __future__ import annotations

import io
import os
import shutil
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path

from glutebal.disk import write_whole
from glutebal.errors import HistoryError
from glutebal.history.manifest import MANIFEST
from glutebal.history.tables import damaged

LARGEST = 4 * 2**30  # bytes of all files together, unpacked
EPOCH = (1980, 1, 1, 0, 0, 0)  # the same history makes the same file


def write_folder(target: Path, files: Mapping[str, bytes]) -> Path:
    """Write the files beside the target, then put the folder in its place; an earlier export there is replaced.

    Raises
    ------
    HistoryError
        What is there is no earlier export.
    OSError
        The disk does not take it; what was there stays.
    """
    if target.exists() and not (target.is_dir() and (target / MANIFEST).is_file()):
        raise HistoryError("a new name, or an earlier export to replace", "something else", str(target), "another name")
    new = target.with_name(f".{target.name}.{os.getpid()}.part")
    old = target.with_name(f".{target.name}.{os.getpid()}.old")
    try:
        new.mkdir()
        for name, data in files.items():
            write_whole(new / name, data)
        if target.exists():
            target.rename(old)
        new.rename(target)
    except BaseException:
        shutil.rmtree(new, ignore_errors=True)
        if old.exists() and not target.exists():
            old.rename(target)
        raise
    shutil.rmtree(old, ignore_errors=True)
    return target


def write_zip(target: Path, files: Mapping[str, bytes]) -> Path:
    """Write the files as one .zip, whole or not at all."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name, EPOCH), data, zipfile.ZIP_DEFLATED)
    return write_whole(target, packed.getvalue())


def read_folder(source: Path) -> dict[str, bytes]:
    """The files of a folder by name."""
    found = [path for path in sorted(source.iterdir()) if path.is_file()]
    _require_size(sum(path.stat().st_size for path in found), source)
    return {path.name: path.read_bytes() for path in found}


def read_zip(source: Path) -> dict[str, bytes]:
    """The files of a .zip by name; nothing is unpacked to the disk.

    Raises
    ------
    HistoryFormatError
        It is damaged or too large, or holds names that lead elsewhere.
    """
    try:
        with zipfile.ZipFile(source) as archive:
            members = [info for info in archive.infolist() if not info.is_dir()]
            _require_names([info.filename for info in members], source)
            _require_size(sum(info.file_size for info in members), source)
            return {info.filename: archive.read(info) for info in members}
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise damaged(str(source), str(error)) from error


def _require_names(names: list[str], source: Path) -> None:
    for name in names:
        if set(name) & set("/\\:\0") or name in {"", ".", ".."}:
            raise damaged(str(source), f"a file called {name[:60]!r}")
    if len(set(names)) < len(names):
        raise damaged(str(source), "two files of one name")


def _require_size(size: int, source: Path) -> None:
    if size > LARGEST:
        raise damaged(str(source), f"{size / 2**30:.1f} GiB of tables, more than {LARGEST / 2**30:g} GiB")
