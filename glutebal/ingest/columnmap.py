"""The column map: a TOML text in which a person says what a file's columns are.

::

    rate_hz = 1000              # for files without a time column
    unit = "N"                  # for columns that do not name theirs

    [[columns]]
    column = "FP1"              # the label, or the position counted from 1
    side = "left"               # left, right or midline
    site = "foot"

A map adds to what the labels say: columns that it does not name are still read by their labels, unless
``others = "ignore"``. A map may start from a ready one: ``use = "hermescb"`` and then what differs.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal

import msgspec

from glutebal.errors import InputError, UnknownNameError
from glutebal.model import Quantity, Side

READY_MAPS = Path(__file__).with_name("maps")
SIDES: dict[str, Side | None] = {"left": Side.LEFT, "right": Side.RIGHT, "midline": None}


class ColumnEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What one column is. ``column`` finds it; everything that is not given is read from the file.

    ``scale`` multiplies the file's numbers before ``unit`` is applied: converter counts with
    ``scale = 0.0012`` and ``unit = "uV"`` are 0.0012 µV each.
    """

    column: str | int
    side: Literal["left", "right", "midline"] | None = None
    site: str | None = None
    axis: str = ""
    quantity: str | None = None
    unit: str | None = None
    scale: float = 1.0
    rate_hz: float | None = None

    def finds(self, position: int, label: str) -> bool:
        """Whether this entry speaks of the column at ``position`` (from 1) with this label."""
        if isinstance(self.column, int):
            return self.column == position
        return self.column.strip().casefold() == label.strip().casefold()


class ColumnMap(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How to read a file; every field may be left out.

    Parameters
    ----------
    title : str
        What the map is for.
    detect : str
        Regular expression; a text file whose first lines match it is read with this map.
    encoding, delimiter, decimal : str
        Found by themselves when left out.
    header : str
        Regular expression of the line that holds the labels.
    header_lines : tuple of int
        Lines (from 1) whose cells together are the labels; ``[]`` with ``data_line``: a file without labels.
    names_above : str
        The labels' first part is the sensor name in the line above that does not match this expression.
    unit_line, data_line : int
        Line of the units, and first line of numbers, from 1.
    missing : tuple of str
        Cells that mean "nothing was recorded".
    time : str or int
        The time column, if its label does not say so.
    rate_hz, rate_from, unit, site
        For all columns that do not say otherwise; ``rate_from`` names a variable of a MAT file.
    side : str
        For the listed columns that do not say theirs: a recording of one leg.
    started, notes : str
        Regular expressions over the first lines; the first group is a date, or free text.
    channel_line : str
        Regular expression over the first lines with the groups ``label``, ``unit`` and ``rate``: units and rates
        that stand in sentences above the table.
    insole : bool
        The columns are force insoles, whose lost packets are filled in by the device (see `dropouts`).
    others : str
        ``"labels"`` reads unlisted columns by their labels, ``"ignore"`` leaves them out.
    columns : tuple of ColumnEntry
        What single columns are.
    """

    title: str = ""
    detect: str = ""
    encoding: str = ""
    delimiter: str = ""
    decimal: str = ""
    header: str = ""
    header_lines: tuple[int, ...] | None = None
    names_above: str | None = None
    unit_line: int | None = None
    data_line: int | None = None
    missing: tuple[str, ...] = ()
    time: str | int | None = None
    rate_hz: float | None = None
    rate_from: str | None = None
    unit: str = ""
    site: str = ""
    side: Literal["left", "right", "midline"] | None = None
    started: str = ""
    notes: str = ""
    channel_line: str = ""
    insole: bool = False
    others: Literal["labels", "ignore"] = "labels"
    columns: tuple[ColumnEntry, ...] = ()

    def entry(self, position: int, label: str) -> ColumnEntry | None:
        """The entry for a column, if there is one."""
        return next((e for e in self.columns if e.finds(position, label)), None)


def ready_maps() -> dict[str, Path]:
    """Name → file of the maps that come with the library."""
    return {path.stem: path for path in sorted(READY_MAPS.glob("*.toml"))}


def load_map(given: str | Path | Mapping[str, object] | ColumnMap | None) -> ColumnMap | None:
    """A map from the name of a ready one, a TOML file, or a mapping.

    Raises
    ------
    UnknownNameError
        No ready map and no file of that name.
    InputError
        Not TOML, an unknown field, or a value of the wrong kind; the message names the field.
    """
    if given is None or isinstance(given, ColumnMap):
        return given
    if isinstance(given, Mapping):
        return _validated(dict(given), "the map")
    if str(given) in ready_maps():
        return ready_map(str(given))
    if not Path(given).is_file():
        raise UnknownNameError.among("map", str(given), ready_maps(), "or a TOML file")
    return _validated(_fields(Path(given)), Path(given).name)


@cache
def ready_map(name: str) -> ColumnMap:
    """One of the maps that come with the library."""
    return _validated({"use": name}, "the map")


def _fields(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError("a column map in TOML", str(error), path.name) from error


def _started_from(fields: dict[str, object], where: str) -> dict[str, object]:
    use = fields.pop("use", None)
    if use is None:
        return fields
    if use not in ready_maps():
        raise UnknownNameError.among("ready map", str(use), ready_maps(), where)
    return {**_fields(ready_maps()[str(use)]), **fields}


def _validated(fields: dict[str, object], where: str) -> ColumnMap:
    try:
        made = msgspec.convert(_started_from(fields, where), ColumnMap)
    except msgspec.ValidationError as error:
        known = ", ".join(("use", *ColumnMap.__struct_fields__))
        raise InputError(f"a column map with fields out of {known}", str(error), where) from error
    for entry in made.columns:
        if entry.quantity is not None:
            quantity_named(entry.quantity, where)
    for pattern in (made.detect, made.header, made.names_above or "", made.started, made.notes, made.channel_line):
        _compiles(pattern, where)
    return made


def _compiles(pattern: str, where: str) -> None:
    try:
        re.compile(pattern)
    except re.error as error:
        raise InputError("a regular expression in the map", f"{pattern!r} ({error})", where) from error


def quantity_named(name: str, where: str = "") -> Quantity:
    """`Quantity` by its name (``force``, ``EMG``, ``angular_rate``)."""
    try:
        return Quantity[name.strip().upper().replace(" ", "_")]
    except KeyError:
        raise UnknownNameError.among("quantity", name, (q.name.lower() for q in Quantity), where) from None
