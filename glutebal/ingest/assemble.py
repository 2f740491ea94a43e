"""A recording out of columns: what the labels, the units and the map make of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from glutebal.errors import FileFormatError, InputError, LabelError, RateError, UnitError
from glutebal.ingest.columnmap import SIDES, ColumnEntry, ColumnMap, quantity_named
from glutebal.ingest.columns import Column, Meaning
from glutebal.ingest.doubts import conversions, empty, left_out, listed, lonely, snippet
from glutebal.ingest.labels import Place, places, quantity_in, split_unit
from glutebal.ingest.units import conversion, suspicions
from glutebal.model import Channel, Quantity, Recording, Side, Track


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
    notes: list[str] = []
    meant = _unlike(_meanings(columns, chart, source), notes)
    _require_units(meant, chart)
    kept = [m for m in meant if m.place is not None and not m.trouble]
    _require_pairs(kept, columns, source)
    tracks = tuple(_track(m, chart, source) for m in kept)
    if not any(track.chunks for track in tracks):
        raise FileFormatError("at least one finite sample", "only blanks and NaN", source)
    unread = left_out([m for m in meant if m not in kept], chart)
    doubts = (*warnings, *notes, *unread, *lonely(kept), *empty(tracks), *suspicions(tracks))
    return Recording(tracks, source=source, history=(*history, *conversions(kept)), warnings=doubts, **fields)


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
    return [_placed(m, e, chart, by_label, source) for m, (_, e), by_label in zip(measured, pairs, read, strict=True)]


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
    return UnitError(
        f"a unit of {said.title}, such as {said.unit}",
        repr(unit),
        where,
        f'in a map, scale = ... and unit = "{said.unit}"',
    )


def _placed(m: Meaning, entry: ColumnEntry | None, chart: ColumnMap, by_label: Place | None, source: str) -> Meaning:
    known = m.column.place or by_label
    if known and chart.site and not (entry and entry.site):
        known = replace(known, site=chart.site)
    side = (entry.side or (chart.side if not known else None)) if entry else None
    if entry is None or (side is None and entry.site is None):
        return replace(m, place=known)
    if side is None and known is None:
        raise LabelError(
            f"the side of the column {m.column.label!r} that the map lists",
            "none in the map and none in the label",
            source,
            'side = "left", "right" or "midline" for the column or for the whole map',
        )
    place = Place(
        SIDES[side] if side else known.side if known else None,
        entry.site or (known.site if known else "") or chart.site or "unnamed",
        entry.axis or (known.axis if known else ""),
        f"given by the map for {m.column.label!r}",
    )
    return replace(m, place=place)


def _unlike(meant: list[Meaning], notes: list[str]) -> list[Meaning]:
    """One column per channel: of several that claim the same place the first is kept, and it is said."""
    first: dict[tuple[object, ...], str] = {}
    kept, doubles = [], []
    for m in meant:
        key = _channel_key(m)
        if (
            key is None
            or first.setdefault(key, f"{m.column.position}: {m.column.label!r}")
            == f"{m.column.position}: {m.column.label!r}"
        ):
            kept.append(m)
        else:
            doubles.append(f"{m.column.position}: {m.column.label!r} (same as {first[key]})")
    if doubles:
        notes.append(f"left out, because an earlier column is the same channel: {', '.join(doubles)}")
    return kept


def _channel_key(m: Meaning) -> tuple[object, ...] | None:
    """What makes two columns the same channel; midline sensors are told apart by their device."""
    if m.place is None or m.trouble:
        return None
    return m.quantity, m.place.side, m.place.site, m.place.axis, m.column.device if m.place.side is None else ""


def _require_units(meant: Sequence[Meaning], chart: ColumnMap) -> None:
    """A side must not get lost over a unit; only a map that lists columns says that the others may."""
    for m in meant:
        if m.trouble and m.place and (m.mapped or not chart.columns):
            raise m.trouble


def _require_pairs(kept: Sequence[Meaning], columns: Sequence[Column], source: str) -> None:
    sides: dict[tuple[object, ...], set[Side | None]] = {}
    for m in kept:
        if m.place:
            sides.setdefault((m.quantity, m.place.site, m.place.axis), set()).add(m.place.side)
    paired = any({Side.LEFT, Side.RIGHT} <= found for found in sides.values())
    if not paired and not any(m.mapped for m in kept):
        found = {m.place.side.value for m in kept if m.place and m.place.side}
        only = f"only the {found.pop()} side in " if len(found) == 1 else ""
        raise LabelError(
            "a left and a right column of the same muscle", f"{only}{listed(columns)}", source, snippet(columns)
        )


def _track(m: Meaning, chart: ColumnMap, source: str) -> Track:
    entry = chart.entry(m.column.position, m.column.label)
    rate_hz = (entry.rate_hz if entry else None) or m.column.rate_hz or chart.rate_hz
    if rate_hz is None or m.quantity is None or m.place is None:
        raise RateError(
            "a sampling rate",
            "no time column and no rate",
            f"{source}, column {m.column.label!r}",
            "rate_hz=1000, or rate_hz in the map",
        )
    channel = Channel(
        m.quantity,
        m.place.side,
        m.place.site,
        float(rate_hz),
        m.column.device,
        m.place.axis,
        m.column.label,
        m.place.origin,
    )
    return Track.of_samples(
        channel, m.column.samples if m.factor == 1.0 else m.column.samples * m.factor, m.column.start
    )
