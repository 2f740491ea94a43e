"""Tables of a TOML file as records, checked field by field: an error says file, line, table, field and what was needed.

What a field needs is said once, where it is declared: ``Annotated[..., msgspec.Meta(description="...")]``.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import Enum
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, TypeVar, get_args

import msgspec
from msgspec.structs import FieldInfo, fields

from glutebal.errors import FileFormatError, InputError

T = TypeVar("T", bound=msgspec.Struct)
#: Number of a table, then a field in it, or an array in it with the number of a table there and a field in that.
Spot = tuple[str | int, ...]

_HEADER = re.compile(r"\s*\[\[\s*([\w-]+)\s*(?:\.\s*([\w-]+)\s*)?\]\]")
_KEY = re.compile(r"""\s*["']?([\w-]+)["']?\s*=""")
_AT_MOST = 4  # further problems that an error lists by their place
_LONGEST = 80  # characters of a faulty value that an error repeats


def records(path: Path | Traversable, array: str, kind: type[T]) -> list[tuple[str, T]]:
    """Every ``[[array]]`` table of a file as a record, each behind the words for where it stands.

    Parameters
    ----------
    path : Path
        The file, in UTF-8.
    array : str
        Name of the array of tables; nothing else may stand in the file, and at least one must.
    kind : type
        A ``msgspec.Struct`` that forbids unknown fields; its fields say what they need.

    Raises
    ------
    FileFormatError
        The file cannot be read, or a field is missing, unknown or out of range. The first problem is told in full,
        the others by their place.
    """
    text, tables = _read(path, array)
    places = _Places(path.name, array, tables, _lines(text, len(tables)))
    problems = [p for k, table in enumerate(tables) if not _fits(table, kind) for p in _problems(table, kind, (k,))]
    if problems:
        first, *others = problems
        also = f" (and look at {places.brief([p.spot for p in others])})" if others else ""
        raise FileFormatError(first.needed, first.found + also, places.of(first.spot), first.advice)
    return [(places.of((k,)), msgspec.convert(table, kind)) for k, table in enumerate(tables)]


def _read(path: Path | Traversable, array: str) -> tuple[str, list[Mapping[str, Any]]]:
    needed = f"a TOML file of [[{array}]] tables"
    try:
        text = path.read_text(encoding="utf-8-sig")  # editors on Windows write a byte order mark
        found = tomllib.loads(text)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise FileFormatError(needed, " ".join(str(error).split()), path.name) from error
    tables = found.get(array)
    if list(found) != [array] or not isinstance(tables, list) or not all(isinstance(t, dict) for t in tables):
        names = ", ".join(found) or "nothing"
        raise FileFormatError(f"{needed} and nothing else", names, path.name, f"[[{array}]] above each one's fields")
    if not tables:
        raise FileFormatError(f"at least one [[{array}]] table", "none", path.name)
    return text, tables


@dataclass(frozen=True)
class _Problem:
    """A field that is not as it has to be."""

    spot: Spot
    needed: str
    found: str
    advice: str = ""


def _fits(table: Mapping[str, Any], kind: type[msgspec.Struct]) -> bool:
    """Whether nothing is wrong; only otherwise is every field asked by itself."""
    try:
        msgspec.convert(table, kind)
    except (msgspec.ValidationError, InputError):
        return False
    return True


def _problems(table: Mapping[str, Any], kind: type[msgspec.Struct], spot: Spot) -> list[_Problem]:
    """Field by field; what concerns several fields of a table only when each of them is in order."""
    known = {field.name: field for field in fields(kind)}
    found = [_unknown(name, known, spot) for name in table if name not in known]
    for name, field in known.items():
        if name in table:
            found += _field_problems(field, table[name], (*spot, name))
        elif field.required:
            found.append(_Problem((*spot, name), _needed(field), "nothing"))
    return found or list(_together(table, kind, spot))


def _unknown(name: str, known: Iterable[str], spot: Spot) -> _Problem:
    close = get_close_matches(name, known, n=1)
    return _Problem((*spot, name), f"a field out of {', '.join(known)}", repr(name), close[0] if close else "")


def _field_problems(field: FieldInfo, value: object, spot: Spot) -> Iterator[_Problem]:
    inner = _table_type(field.type)
    if inner is not None and isinstance(value, list) and all(isinstance(v, dict) for v in value):
        for k, table in enumerate(value):
            yield from _problems(table, inner, (*spot, k))
        return
    try:
        msgspec.convert(value, field.type)
    except msgspec.ValidationError:
        yield _Problem(spot, _needed(field), _short(value))


def _together(table: Mapping[str, Any], kind: type[msgspec.Struct], spot: Spot) -> Iterator[_Problem]:
    try:
        msgspec.convert(table, kind)
    except InputError as error:
        yield _Problem((*spot, error.where), error.needed, error.found, error.advice)


def _table_type(declared: object) -> type[msgspec.Struct] | None:
    """The record of a field that is a list of tables."""
    for part in (declared, *get_args(declared)):
        if isinstance(part, type) and issubclass(part, msgspec.Struct):
            return part
        if part is not declared and (inner := _table_type(part)):
            return inner
    return None


def _needed(field: FieldInfo) -> str:
    """What the field says of itself."""
    if isinstance(field.type, type) and issubclass(field.type, Enum):
        return f"one of {', '.join(word.value for word in field.type)}"
    told = [part.description for part in get_args(field.type) if isinstance(part, msgspec.Meta) and part.description]
    return told[-1] if told else "a text"


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"


def _lines(text: str, tables: int) -> dict[Spot, int]:
    """On which line a table or a field begins; nothing if the lines do not add up (tables written inline)."""
    lines: dict[Spot, int] = {}
    counts: Counter[Spot] = Counter()
    at: Spot = ()
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(line):
            at = _entered(header[2], counts)
            lines[at] = number
        elif key := _KEY.match(line):
            lines.setdefault((*at, key[1]), number)
    return lines if counts[()] == tables else {}


def _entered(inner: str | None, counts: Counter[Spot]) -> Spot:
    outer: Spot = () if inner is None else (counts[()] - 1, inner)
    counts[outer] += 1
    return (*outer, counts[outer] - 1)


@dataclass(frozen=True)
class _Places:
    """Where something stands, in words."""

    file: str
    array: str
    tables: Sequence[Mapping[str, Any]]
    lines: Mapping[Spot, int]

    def of(self, spot: Spot) -> str:
        return f"{self.file}, {self._told(spot)}"

    def brief(self, spots: Sequence[Spot]) -> str:
        more = [f"{len(spots) - _AT_MOST} more"] if len(spots) > _AT_MOST else []
        return "; ".join([*(self._told(spot) for spot in spots[:_AT_MOST]), *more])

    def _told(self, spot: Spot) -> str:
        number = next((self.lines[s] for s in (spot, spot[:-1], spot[:1]) if s in self.lines), None)
        line = f"line {number}, " if number else ""
        return line + ", ".join([self._table(int(spot[0])), *self._inside(spot[1:])])

    def _table(self, k: int) -> str:
        name = self.tables[k].get("name")
        return f"{self.array} {k + 1} ({name})" if isinstance(name, str) else f"{self.array} {k + 1}"

    @staticmethod
    def _inside(rest: Spot) -> list[str]:
        names = [f"{rest[0]} {int(rest[1]) + 1}", *map(str, rest[2:])] if len(rest) > 1 else list(map(str, rest))
        return [name for name in names if name]
