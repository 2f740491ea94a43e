"""A history, or one athlete's, as a file that any database and any other program can read; and back, equal.

The files hold the tables of `schema`. Between a history and them stands a temporary database: records are copied into
it and its tables written, or its tables filled, brought up to date and its records copied out. So an export carries
nothing but what the records say, is the same from any database, and an older one is read like an older history.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from pathlib import Path

from glutebal.errors import HistoryError, InputError, UnknownNameError
from glutebal.history import csv_form, folders, json_form, parquet_form
from glutebal.history.copying import Imported, copy
from glutebal.history.store import Store
from glutebal.history.tables import Contents, damage_in, damaged, empty_database, fill, layout_for, tables_of

__all__ = ["Form", "Imported", "export", "import_"]


class Form(Enum):
    """How a history is written outside its database; the value is the ending that means it."""

    JSON = ".json"
    CSV = ".csv"  # a folder, or one file when its name ends with .zip
    PARQUET = ".parquet"  # a folder

    @classmethod
    def of(cls, target: Path) -> Form:
        """The form that an ending means.

        Raises
        ------
        UnknownNameError
            It means none.
        """
        ending = target.suffix.lower()
        if ending == ".zip":
            return cls.CSV
        for form in cls:
            if form.value == ending:
                return form
        endings = [form.value for form in cls]
        raise UnknownNameError.among("ending", ending, [*endings, ".zip"], str(target))


def export(store: Store, target: str | os.PathLike[str], form: Form | None = None, athlete: str | None = None) -> Path:
    """Write a history, or one athlete's, to a file or folder.

    Parameters
    ----------
    store : Store
        The history; it is read as it is at one moment.
    target : str or path
        ``.json`` is one file, ``.zip`` one file of CSV tables, ``.csv`` a folder of them, ``.parquet`` a folder of
        Parquet tables. What is there is replaced: a file always, a folder when it is an earlier export.
    form : Form, optional
        Instead of what the ending says.
    athlete : str, optional
        Everyone when left out.

    Returns
    -------
    Path
        Where it is.

    Raises
    ------
    UnknownNameError
        No such athlete, or an ending without a form.
    HistoryError
        It cannot be written there; what was there stays.
    MissingExtraError
        Parquet without pyarrow.
    """
    path = Path(target)
    chosen = form or Form.of(path)
    if path.absolute() == Path(store.place).absolute():
        raise HistoryError("another file than the history itself", "the same", str(path), "another name")
    with empty_database() as database:
        staged = Store(database)
        with store.together(write=False), staged.together():
            copy(store, staged, athlete)
        contents = tables_of(database)
    try:
        return _write(contents, path, chosen)
    except OSError as error:
        found = error.strerror or str(error)
        raise HistoryError("a place that may be written to", found, str(path), "another folder") from error


def import_(store: Store, source: str | os.PathLike[str], skip_existing: bool = False) -> Imported:
    """Add everything of an export to a history: all of it or, after an error, nothing.

    Parameters
    ----------
    store : Store
        The history that grows. What is said in it stays; what it does not say is taken from the export.
    source : str or path
        What `export` wrote; what it is, is told by looking at it.
    skip_existing : bool
        Leave out recordings and hand entries that are in the history already, instead of refusing.

    Returns
    -------
    Imported
        What came in.

    Raises
    ------
    DuplicateError
        Something is there already.
    HistoryFormatError
        The export is damaged, newer, or none.
    """
    path = Path(source)
    try:
        contents = _read(path)
    except OSError as error:
        raise InputError("an exported history", error.strerror or str(error), str(path)) from error
    with _staged(contents, str(path)) as staged, store.together():
        try:
            return copy(staged, store, skip_existing=skip_existing, reading=lambda: damage_in(str(path)))
        except InputError as error:  # the history takes no such record
            raise damaged(str(path), error.found) from error


def _write(contents: Contents, path: Path, form: Form) -> Path:
    if form is Form.JSON:
        return json_form.write(contents, path)
    files = csv_form.files(contents) if form is Form.CSV else parquet_form.files(contents)
    write = folders.write_zip if path.suffix.lower() == ".zip" else folders.write_folder
    return write(path, files)


def _read(path: Path) -> Contents:
    where = str(path)
    if path.is_dir():
        files = folders.read_folder(path)
    elif path.suffix.lower() == ".zip":
        files = folders.read_zip(path)
    else:
        return json_form.read(path, layout_for)
    if any(name.endswith(parquet_form.ENDING) for name in files):
        return parquet_form.read(files, layout_for, where)
    return csv_form.read(files, layout_for, where)


@contextmanager
def _staged(contents: Contents, where: str) -> Iterator[Store]:
    with empty_database(contents.version) as database:
        fill(database, contents, where)
        with damage_in(where):
            staged = Store(database)  # brings an older version up to date
        yield staged
