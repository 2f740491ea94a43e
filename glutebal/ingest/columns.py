"""What every file comes down to: columns. And the recording that is made of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from glutebal.errors import FileFormatError, InputError, LabelError, RateError, UnitError
from glutebal.ingest.columnmap import SIDES, ColumnEntry, ColumnMap, quantity_named
from glutebal.ingest.labels import Place, places, quantity_in, split_unit
from glutebal.ingest.units import conversion, is_unit, spelling, suspicions
from glutebal.model import Channel, Quantity, Recording, Samples, Side, Track


@dataclass(frozen=True)
class Column:
    """One column as a file gives it: numbers in the file's unit, NaN where nothing was recorded.

    ``place`` is set by a format that knows side and site by other evidence than the label; ``start`` counts
    samples from the session's zero; ``position`` counts from 1.
    """

    label: str
    samples: Samples
    rate_hz: float | None
    unit: str = ""
    position: int = 0
    start: int = 0
    device: str = ""
    place: Place | None = None
    quantity: Quantity | None = None


@dataclass(frozen=True)
class Meaning:
    """A column with its quantity, its factor to the library's unit, its place, and whether a map said so."""

    column: Column
    quantity: Quantity | None
    factor: float
    place: Place | None
    mapped: bool
    unit: str = ""
    trouble: UnitError | None = None


def recording_of(
    columns: Sequence[Column],
    source: str,
    chart: ColumnMap | None = None,
    history: Iterable[str] = (),
    warnings: Iterable[str] = (),
    **fields: Any,
) -> Recording:
    """A recording of what the labels and the map make of the columns.

    Raises
    ------
    LabelError
        No left/right pair can be made and no map names a channel; lists the columns and shows a map.
    UnitError
        A column with a side has an unknown unit, or none.
    InputError
        The map names a column that is not there.
    RateError
        A column has no sampling rate.
    """
    chart = chart or ColumnMap()
    _require_all_found(chart, columns, source)
    meant = _unlike(_meanings(columns, chart, source), notes := [])
    kept = [m for m in meant if m.place is not None]
    for m in kept:
        if m.trouble:
            raise m.trouble
    _require_pairs(kept, columns, chart, source)
    tracks = tuple(_track(m, chart, source) for m in kept)
    if not any(track.chunks for track in tracks):
        raise FileFormatError("at least one finite sample", "only blanks and NaN", source)
    left_out = _left_out([m for m in meant if m.place is None], chart)
    doubts = (*warnings, *notes, *left_out, *_lonely(kept), *_empty(tracks), *suspicions(tracks))
    return Recording(tracks, source=source, history=(*history, *_conversions(kept)), warnings=doubts, **fields)


def _require_all_found(chart: ColumnMap, columns: Sequence[Column], source: str) -> None:
    lost = [e.column for e in chart.columns if not any(e.finds(c.position, c.label) for c in columns)]
    if lost:
        raise InputError(
            f"the columns {', '.join(map(repr, lost))} that the map names",
            f"the columns {listed(columns)}",
            source,
            "a label exactly as it is in the file, or its position counted from 1",
        )


def _meanings(columns: Sequence[Column], chart: ColumnMap, source: str) -> list[Meaning]:
    """Every column with what the map says, or else what its unit and label say."""
    pairs = [(c, chart.entry(c.position, c.label)) for c in columns]
    if chart.others == "ignore":
        pairs = [(c, e) for c, e in pairs if e]
    measured = [_measured(c, e, chart, source) for c, e in pairs]
    read = places([(m.column.label, m.quantity) for m in measured])
    return [_placed(m, e, chart, by_label) for m, (_, e), by_label in zip(measured, pairs, read, strict=True)]


def _measured(column: Column, entry: ColumnEntry | None, chart: ColumnMap, source: str) -> Meaning:
    wanted = quantity_named(entry.quantity) if entry and entry.quantity else column.quantity
    unit = (entry.unit if entry and entry.unit else "") or column.unit or split_unit(column.label)[1] or chart.unit
    scale = entry.scale if entry else 1.0
    where = f"{source}, column {column.label!r}"
    if wanted and not unit and entry:
        return Meaning(column, wanted, scale, None, True, wanted.unit)  # the map's scale leads to the library's unit
    trouble: UnitError | None = None
    quantity, factor = wanted, 1.0
    try:
        quantity, factor = conversion(unit, where)
        trouble = _contradiction(column.label, quantity, wanted, unit, where)
    except UnitError as error:
        trouble = error
    return Meaning(column, quantity, factor * scale, None, entry is not None, unit, trouble)


def _contradiction(label: str, quantity: Quantity, wanted: Quantity | None, unit: str, where: str) -> UnitError | None:
    """Volts in a column that calls itself a force are an amplifier's output: only its user knows the scale."""
    said = wanted or quantity_in(label)
    if said is None or said is quantity or (wanted is None and {said, quantity} == {Quantity.FORCE, Quantity.PRESSURE}):
        return None
    return UnitError(f"a unit of {said.title}, such as {said.unit}", repr(unit), where, f'in a map, scale = ... and unit = "{said.unit}"')


def _placed(m: Meaning, entry: ColumnEntry | None, chart: ColumnMap, by_label: Place | None) -> Meaning:
    known = m.column.place or by_label
    if known and chart.site and not (entry and entry.site):
        known = replace(known, site=chart.site)
    side = (entry.side or (chart.side if not known else None)) if entry else None
    if entry is None or (side is None and entry.site is None):
        return replace(m, place=known)
    if side is None and known is None:
        return m
    place = Place(
        SIDES[side] if side else known.side if known else None,
        entry.site or (known.site if known else "") or chart.site or "unnamed",
        entry.axis or (known.axis if known else ""),
        f"given by the map for {m.column.label!r}",
    )
    return replace(m, place=place)


def _unlike(meant: list[Meaning], notes: list[str]) -> list[Meaning]:
    """One column per channel: of several that claim the same place the first is kept, and it is said."""
    seen: dict[tuple[object, ...], str] = {}
    kept = []
    for m in meant:
        key = (m.quantity, m.place.side, m.place.site, m.place.axis, m.column.device if m.place.side is None else "") if m.place else None
        if key is not None and key in seen:
            notes.append(f"{m.column.label!r} (column {m.column.position}) is left out: {seen[key]!r} came first as the same channel")
        else:
            kept.append(m)
            if key is not None:
                seen[key] = m.column.label
    return kept


def _require_pairs(kept: Sequence[Meaning], columns: Sequence[Column], chart: ColumnMap, source: str) -> None:
    sides: dict[tuple[object, ...], set[Side | None]] = {}
    for m in kept:
        if m.place:
            sides.setdefault((m.quantity, m.place.site, m.place.axis), set()).add(m.place.side)
    paired = any({Side.LEFT, Side.RIGHT} <= found for found in sides.values())
    if not paired and not any(m.mapped for m in kept):
        one = [m.place.side for m in kept if m.place and m.place.side]
        only = f"only the {one[0].value} side in " if len(set(one)) == 1 and one[0] else ""
        raise LabelError("a left and a right column of the same muscle", f"{only}{listed(columns)}", source, snippet(columns))


def listed(columns: Sequence[Column], most: int = 40) -> str:
    """The labels for an error message, with their positions."""
    text = ", ".join(f"{c.position}: {c.label!r}" for c in columns[:most])
    return text + (f" and {len(columns) - most} more" if len(columns) > most else "") or "no columns"


def snippet(columns: Sequence[Column]) -> str:
    """A map for the first two columns, as one would write it."""
    named = [c for c in columns if c.label] or list(columns)
    rows = [
        f'{{column = "{c.label or c.position}", side = "{side}", site = "gluteus_maximus", unit = "{c.unit or "uV"}"}}'
        for c, side in zip(named, ("left", "right"), strict=False)
    ]
    return f"map=FILE.toml with: columns = [{', '.join(rows)}]"


def _track(m: Meaning, chart: ColumnMap, source: str) -> Track:
    entry = chart.entry(m.column.position, m.column.label)
    rate_hz = (entry.rate_hz if entry else None) or m.column.rate_hz or chart.rate_hz
    if rate_hz is None or m.quantity is None or m.place is None:
        raise RateError("a sampling rate", "no time column and no rate", f"{source}, column {m.column.label!r}", "rate_hz=1000, or rate_hz in the map")
    channel = Channel(m.quantity, m.place.side, m.place.site, float(rate_hz), m.column.device, m.place.axis, m.column.label, m.place.origin)
    return Track.of_samples(channel, m.column.samples if m.factor == 1.0 else m.column.samples * m.factor, m.column.start)


def _left_out(unplaced: Sequence[Meaning], chart: ColumnMap) -> list[str]:
    unnamed = chart.columns and all(not m.column.label for m in unplaced)
    if not unplaced or unnamed:
        return []
    names = ", ".join(repr(m.column.label) for m in unplaced[:20])
    more = f" and {len(unplaced) - 20} more" if len(unplaced) > 20 else ""
    plural = "these columns have" if len(unplaced) > 1 else "this column has"
    return [f"{plural} no side in the label and were left out: {names}{more}; to use one, give column, side, site and unit in a map"]


def _lonely(kept: Sequence[Meaning]) -> list[str]:
    """Channels whose other side is not in the file."""
    there = {(m.quantity, m.place.site, m.place.axis, m.place.side) for m in kept if m.place}
    alone = [m.place for m in kept if m.place and m.place.side and (m.quantity, m.place.site, m.place.axis, m.place.side.other) not in there]
    names = [" ".join(x for x in (p.side.value if p.side else "", p.site, p.axis) if x) for p in alone]
    return [f"no partner on the other side for: {', '.join(names)}"] if names else []


def _empty(tracks: Sequence[Track]) -> list[str]:
    return [f"{t.channel.name} ({t.channel.label!r}) holds no finite sample" for t in tracks if not t.chunks]


def _conversions(kept: Sequence[Meaning]) -> list[str]:
    """What was multiplied by what, one line per kind of conversion."""
    kinds = Counter((m.unit, m.factor, m.quantity.unit) for m in kept if m.quantity and m.factor != 1.0)
    return [
        f"{spelling(unit).replace('u', 'µ', 1) if spelling(unit) in {'uV', 'uT'} else unit or 'numbers'} converted to {to} "
        f"(times {factor:.9g}, {n} column{'s' if n > 1 else ''})"
        for (unit, factor, to), n in kinds.items()
    ]


def has_unit(text: str) -> bool:
    """Whether a cell of a unit line is a unit."""
    return is_unit(text) or is_unit(split_unit(text)[1])
