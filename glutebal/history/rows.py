"""Values of the nouns as values of a database, and back: NaN is NULL, a word is its text, a count is a whole number."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from glutebal.errors import HistoryFormatError
from glutebal.history.database import Database, Row
from glutebal.history.records import SessionNotes
from glutebal.history.schema import ESTIMATE_PARTS
from glutebal.model import Bilateral, Side
from glutebal.results import Estimate, Phase, Rep, Status

_MOST = 500  # parameters of one statement
_PARTS = len(ESTIMATE_PARTS)
_NO_ESTIMATE: Row = (None,) * _PARTS


def insertion(table: str, columns: Sequence[str]) -> str:
    """INSERT INTO ... VALUES (?, ...)."""
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"  # noqa: S608 - own names


def number(value: float | None) -> float | None:
    """A float, or NULL for NaN; infinities stay."""
    return None if value is None or math.isnan(value) else float(value)


def unknown(value: float | None) -> float:
    """NaN for NULL."""
    return math.nan if value is None else float(value)


def optional(value: float | None) -> float | None:
    """NULL is None: not said."""
    return None if value is None else float(value)


def side_text(side: Side | None) -> str | None:
    """NULL for neither side."""
    return side.value if side else None


def side_of(text: str | None) -> Side | None:
    """None for NULL."""
    return Side(text) if text else None


def notes_row(notes: SessionNotes) -> Row:
    """pain, sleep_h, fatigue, first_side, setup, notes."""
    numbers = (number(notes.pain), number(notes.sleep_h), number(notes.fatigue))
    return (*numbers, side_text(notes.first_side), notes.setup, notes.text)


def notes_of(row: Sequence[Any]) -> SessionNotes:
    """Back from `notes_row`."""
    pain, sleep_h, fatigue, first_side, setup, text = row
    return SessionNotes(optional(pain), optional(sleep_h), optional(fatigue), side_of(first_side), setup, text)


def mapping_text(mapping: Mapping[str, str]) -> str:
    """A mapping of texts as one text."""
    return json.dumps(dict(mapping), ensure_ascii=False, separators=(",", ":"))


def phases_text(phases: Sequence[Phase]) -> str | None:
    """Phases as a compact text; NULL for none."""
    listed = [[p.name, int(p.start), int(p.stop)] for p in phases]
    return json.dumps(listed, ensure_ascii=False, separators=(",", ":")) if listed else None


def rep_row(rep: Rep) -> Row:
    """The columns of a rep after its keys."""
    turn = None if rep.turn is None else int(rep.turn)
    clock = (int(rep.start), int(rep.stop), turn, number(rep.rate_hz))
    return (
        int(rep.index),
        *clock,
        side_text(rep.side),
        int(rep.set_index),
        number(rep.confidence),
        phases_text(rep.phases),
    )


def rep_of(row: Sequence[Any]) -> Rep:
    """Back from `rep_row`."""
    index, start, stop, turn, rate_hz, side, set_index, confidence, phases = row
    named = tuple(Phase(*phase) for phase in json.loads(phases)) if phases else ()
    return Rep(index, start, stop, unknown(rate_hz), side_of(side), set_index, turn, unknown(confidence), named)


#: What estimates share: how they were made, whether they may be read, why not, and the level. A plain tuple: a session
#: has thousands of them.
Remark = tuple[str, str, str, float]


def remark_of(estimate: Estimate) -> Remark:
    """The remark of an estimate."""
    return estimate.method, estimate.status.value, estimate.reason, float(estimate.level)


def estimate_row(estimate: Estimate | None, remarks: Mapping[Remark, int]) -> Row:
    """value, low, high, se, n, remark; all NULL for none."""
    if estimate is None:
        return _NO_ESTIMATE
    numbers = map(number, (estimate.value, estimate.low, estimate.high, estimate.se))
    return (*numbers, int(estimate.n), remarks[remark_of(estimate)])


#: A remark as the end of an `Estimate`'s arguments.
Said = tuple[str, Status, str, float]


def remarks(database: Database, ids: Iterable[int | None]) -> dict[int, Said]:
    """Remarks by their number; NULL, which is none, is passed over."""
    query = "SELECT id, method, status, reason, level FROM remark WHERE id IN (?)"
    rows = chosen(database, query, sorted(set(ids) - {None}))
    return {key: (method, Status(status), reason, unknown(level)) for key, method, status, reason, level in rows}


def estimates(cells: Sequence[Any], said: Mapping[int, Said]) -> list[Estimate]:
    """Back from `estimate_row`, one after the other."""
    return [
        Estimate(unknown(value), unknown(low), unknown(high), unknown(se), n, *said[remark])
        for value, low, high, se, n, remark in zip(*(cells[k::_PARTS] for k in range(_PARTS)), strict=True)
    ]


def optional_estimate(cells: Sequence[Any], said: Mapping[int, Said]) -> Estimate | None:
    """Back from `estimate_row` of one that may not be there."""
    return None if cells[-1] is None else estimates(cells, said)[0]


def pair_of(left: Any, right: Any) -> Bilateral[float]:
    """Two numbers, NaN for NULL."""
    return Bilateral(unknown(left), unknown(right))


def digest(*parts: object) -> str:
    """A short name for a text."""
    return hashlib.blake2b(
        json.dumps(parts, ensure_ascii=False).encode("utf-8", "surrogatepass"), digest_size=12
    ).hexdigest()


def readable(text: str) -> str:
    """A file name that is not UTF-8, with question marks for what it was."""
    return text.encode("utf-8", "replace").decode()


@contextmanager
def understood(place: str) -> Iterator[None]:
    """Rows that make no record: nothing of this library wrote them."""
    try:
        yield
    except (ValueError, KeyError, IndexError, TypeError) as error:
        advice = "put a backup of the history in its place"
        raise HistoryFormatError("a sound history", f"values that make no sense ({error})", place, advice) from error


def chosen(database: Database, sql: str, keys: Sequence[Any]) -> list[Row]:
    """Rows of ``sql`` whose ``IN (?)`` holds any of the keys."""
    found: list[Row] = []
    for first in range(0, len(keys), _MOST):
        some = keys[first : first + _MOST]
        found += database.execute(sql.replace("(?)", f"({', '.join('?' * len(some))})"), some)
    return found
