"""What a reader is told about the columns of a file: in errors, in warnings, and in the history."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from glutebal.ingest.columnmap import ColumnMap
from glutebal.ingest.columns import Column, Meaning
from glutebal.ingest.units import spelling
from glutebal.model import Track


def listed(columns: Sequence[Column], most: int = 40) -> str:
    """The labels for an error message, with their positions."""
    text = ", ".join(f"{c.position}: {c.label!r}" for c in columns[:most])
    return text + (f" and {len(columns) - most} more" if len(columns) > most else "") or "no columns"


def snippet(columns: Sequence[Column]) -> str:
    """A map for the first two columns, as one would write it."""
    named = [c for c in columns if c.label] or list(columns)
    rows = [
        f'{{column = {quoted(c)}, side = "{side}", {_guess(c)}}}'
        for c, side in zip(named, ("left", "right"), strict=False)
    ]
    return f"map=FILE.toml with: columns = [{', '.join(rows)}]"


def quoted(column: Column) -> str:
    """How a map names the column."""
    return f'"{column.label}"' if column.label else str(column.position)


def _guess(column: Column) -> str:
    """Site and unit for the example in an error message: a plate's if it looks like one, else a muscle's."""
    force = spelling(column.unit) in {"N", "kN", "kgf"} or re.match(r"f|plate", column.label, re.IGNORECASE)
    return (
        f'site = "foot", unit = "{column.unit or "N"}"'
        if force
        else f'site = "gluteus_maximus", unit = "{column.unit or "uV"}"'
    )


def left_out(unplaced: Sequence[Meaning], chart: ColumnMap) -> list[str]:
    """Columns that nothing says enough about; columns without a label beside a map are left out on purpose."""
    unnamed = chart.columns and all(not m.column.label for m in unplaced)
    if not unplaced or unnamed:
        return []
    names = ", ".join(repr(m.column.label) for m in unplaced[:20])
    more = f" and {len(unplaced) - 20} more" if len(unplaced) > 20 else ""
    why = "the label does not say the side or the unit"
    return [f"left out, because {why}: {names}{more}; to use one, give its side, site and unit in a map"]


def lonely(kept: Sequence[Meaning]) -> list[str]:
    """Channels whose other side is not in the file."""
    there = {(m.quantity, m.place.site, m.place.axis, m.place.side) for m in kept if m.place}
    alone = [
        m.place
        for m in kept
        if m.place and m.place.side and (m.quantity, m.place.site, m.place.axis, m.place.side.other) not in there
    ]
    names = [" ".join(x for x in (p.side.value if p.side else "", p.site, p.axis) if x) for p in alone]
    if not names:
        return []
    if len(names) == len(kept) and len({p.side for p in alone}) == 1:
        return [f"one side only: every channel is {names[0].split()[0]}"]
    return [f"no partner on the other side for: {', '.join(names)}"]


def empty(tracks: Sequence[Track]) -> list[str]:
    """Channels in which nothing was recorded."""
    return [f"{t.channel.name} ({t.channel.label!r}) holds no finite sample" for t in tracks if not t.chunks]


def conversions(kept: Sequence[Meaning]) -> list[str]:
    """What was multiplied by what, one line per kind of conversion."""
    kinds = Counter((m.unit, m.factor, m.quantity.unit) for m in kept if m.quantity and m.factor != 1.0)
    return [
        f"{unit.replace('uV', 'µV') or 'numbers'} converted to {to} (times {factor:.9g}, columns: {n})"
        for (unit, factor, to), n in kinds.items()
    ]
