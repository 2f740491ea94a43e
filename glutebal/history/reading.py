"""Rows of one session as the records that were added: one query per table, put together by their keys."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from glutebal.history.database import Database, Row
from glutebal.history.motion_rows import CURVE, POSTURE, curve_of, posture_of
from glutebal.history.records import RecordingRecord, SetRecord
from glutebal.history.rows import (
    Said,
    chosen,
    estimates,
    optional,
    optional_estimate,
    pair_of,
    remarks,
    rep_of,
    side_of,
    unknown,
)
from glutebal.history.writing import (
    DEVICE,
    EXCLUDED,
    FINDING,
    QUALITY,
    RECORDING,
    REFERENCE,
    REP,
    REP_BALANCE,
    SET,
    SET_BALANCE,
    SHARED,
)
from glutebal.model import Bilateral, Channel, Quantity, TimeAlignment
from glutebal.results import (
    ChannelQuality,
    ExcludedRep,
    Finding,
    Grade,
    Laterality,
    Reference,
    Rep,
    RepBalance,
    SetBalance,
)

Grouped = Mapping[Any, Sequence[Row]]
_OF_RECORDING = "t.recording_id = r.id"
_OF_SET = "t.exercise_set_id = s.id"


def read_recordings(database: Database, session: int) -> tuple[RecordingRecord, ...]:
    """Every recording of a session, in order."""
    columns = ", ".join(f"r.{name}" for name in RECORDING)
    sql = f"SELECT r.id, {columns} FROM recording r WHERE r.session_id = ? ORDER BY r.position"  # noqa: S608 - own names
    rows = database.execute(sql, (session,))
    parts = {
        "device": _by_recording(database, "device", DEVICE, session),
        "quality": _by_recording(database, "quality", QUALITY, session),
        "finding": _by_recording(database, "finding", FINDING, session, "channel, t.position"),
        "reference": _by_recording(database, "reference", REFERENCE, session),
        "excluded": _by_recording(database, "excluded_rep", EXCLUDED, session),
        "curve": _by_recording(database, "angle_curve", CURVE, session),
        "posture": _by_recording(database, "posture", POSTURE, session),
    }
    sets = _read_sets(database, session)
    texts = _wordings(database, rows)
    return tuple(
        _recording(row, {name: part[row[0]] for name, part in parts.items()}, sets[row[0]], texts) for row in rows
    )


def _wordings(database: Database, rows: Iterable[Row]) -> dict[int, dict[str, str]]:
    ids = sorted({key for row in rows for key in row[-2:]})
    found = chosen(database, "SELECT id, content FROM wording WHERE id IN (?)", ids)
    return {key: json.loads(text) for key, text in found}


def _grouped(rows: Iterable[Row], keys: int = 1) -> defaultdict[Any, list[Row]]:
    """Rows without their first ``keys`` cells, by those cells."""
    groups: defaultdict[Any, list[Row]] = defaultdict(list)
    for row in rows:
        groups[row[0] if keys == 1 else row[:keys]].append(row[keys:])
    return groups


def _by_recording(
    database: Database, table: str, columns: Sequence[str], session: int, order: str = "position"
) -> defaultdict[Any, list[Row]]:
    names = ", ".join(f"t.{name}" for name in columns)
    sql = f"SELECT {names} FROM {table} t JOIN recording r ON {_OF_RECORDING} WHERE r.session_id = ? ORDER BY t.{order}"  # noqa: S608
    return _grouped(database.execute(sql, (session,)))


def _by_set(
    database: Database, table: str, columns: Sequence[str], session: int, order: str, keys: int = 1
) -> defaultdict[Any, list[Row]]:
    names = ", ".join(f"t.{name}" for name in columns)
    joined = f"{table} t JOIN exercise_set s ON {_OF_SET} JOIN recording r ON s.recording_id = r.id"
    sql = f"SELECT {names} FROM {joined} WHERE r.session_id = ? ORDER BY {order}"  # noqa: S608
    return _grouped(database.execute(sql, (session,)), keys)


def _recording(
    row: Row, parts: Grouped, sets: Sequence[SetRecord], texts: Mapping[int, dict[str, str]]
) -> RecordingRecord:
    fingerprint, source, started, duration_s, alignment, offset_s, uncertainty_s, warnings, settings, versions = row[3:]
    aligned = None if alignment is None else TimeAlignment(alignment, unknown(offset_s), unknown(uncertainty_s))
    return RecordingRecord(
        fingerprint,
        source,
        datetime.fromisoformat(started),
        unknown(duration_s),
        tuple(sets),
        quality=_qualities(parts["quality"], parts["finding"]),
        references=tuple(_reference(r[1:]) for r in parts["reference"]),
        excluded=tuple(ExcludedRep(unknown(a), unknown(b), why, side_of(s)) for _, a, b, why, s in parts["excluded"]),
        devices={site: Bilateral(left, right) for _, site, left, right in parts["device"]},
        warnings=tuple(json.loads(warnings).values()),
        settings=dict(texts[settings]),
        versions=dict(texts[versions]),
        alignment=aligned,
        curves=tuple(curve_of(r[1:]) for r in parts["curve"]),
        poses=tuple(posture_of(r[1:]) for r in parts["posture"]),
    )


def _qualities(rows: Sequence[Row], findings: Sequence[Row]) -> tuple[ChannelQuality, ...]:
    found = _grouped(findings)
    return tuple(_quality(row, found[row[0]]) for row in rows)


def _quality(row: Row, findings: Sequence[Row]) -> ChannelQuality:
    quantity, side, site, rate_hz, *texts = row[1:9]
    noise, snr_db, seconds, gaps = row[9:]
    channel = Channel(Quantity[quantity], side_of(side), site, rate_hz, *texts)
    listed = tuple(
        Finding(kind, Grade(grade), text, unknown(value), unit) for _, kind, grade, text, value, unit in findings
    )
    return ChannelQuality(channel, listed, unknown(noise), unknown(snr_db), unknown(seconds), gaps)


def _reference(row: Row) -> Reference:
    site, quantity, left, right, left_se, right_se, taken, method = row
    return Reference(site, Quantity[quantity], pair_of(left, right), pair_of(left_se, right_se), taken, method)


def _read_sets(database: Database, session: int) -> defaultdict[int, list[SetRecord]]:
    columns = ", ".join(f"s.{name}" for name in SET)
    rows = database.execute(
        f"SELECT s.id, {columns} FROM exercise_set s JOIN recording r ON s.recording_id = r.id"  # noqa: S608
        " WHERE r.session_id = ? ORDER BY s.recording_id, s.position",
        (session,),
    )
    shared = _by_set(database, "shared_error", SHARED, session, "t.position")
    balances = read_balances(database, session)
    sets: defaultdict[int, list[SetRecord]] = defaultdict(list)
    for key, recording, _, index, exercise, laterality, load_kg, _ in rows:
        errors = {site: unknown(se) for _, site, se in shared[key]}
        made = SetRecord(index, exercise, Laterality(laterality), tuple(balances[key]), optional(load_kg), errors)
        sets[recording].append(made)
    return sets


def read_balances(database: Database, session: int) -> defaultdict[int, list[SetBalance]]:
    """The balances of every set of a session, by the set's number in the database, in their order."""
    heads = _head_rows(database, session)
    reps = {key: [rep_of(r[1:]) for r in rows] for key, rows in _by_set(database, "rep", REP, session, "t.rep").items()}
    order = "t.exercise_set_id, t.balance, t.position"
    parts = _by_set(database, "rep_balance", REP_BALANCE, session, order, keys=2)
    said = _remarks_of(database, [r[6:] for r in heads], [r[2:] for rows in parts.values() for r in rows])
    balances: defaultdict[int, list[SetBalance]] = defaultdict(list)
    for row in heads:
        key, balance, *names = row[:6]
        rows = parts[key, balance]
        balances[key].append(_balance(names, row[6:], rows, reps.get(key, ()), said))
    return balances


def _head_rows(database: Database, session: int) -> list[Row]:
    """exercise_set_id, balance, measure, site, quantity, unit, and the cells of the estimates."""
    cells = ", ".join(f"t.{name}" for name in SET_BALANCE[11:])
    return database.execute(
        f"SELECT t.exercise_set_id, t.balance, e.measure, e.site, t.quantity, t.unit, {cells}"  # noqa: S608
        " FROM set_balance t JOIN series e ON t.series_id = e.id JOIN exercise_set s ON t.exercise_set_id = s.id"
        " JOIN recording r ON s.recording_id = r.id WHERE r.session_id = ? ORDER BY t.exercise_set_id, t.balance",
        (session,),
    )


def _remarks_of(database: Database, *tables: Sequence[Row]) -> dict[int, Said]:
    ids = {cell for rows in tables for row in rows for cell in row[5::6]}
    return remarks(database, ids)


def _balance(
    names: Sequence[str], cells: Row, rows: Sequence[Row], reps: Sequence[Rep], said: Mapping[int, Said]
) -> SetBalance:
    measure, site, quantity, unit = names
    log_ratio, left, right, drift = estimates(cells[:-6], said)
    listed = []
    for _, rep, *values in rows:
        ratio, on_left, on_right = estimates(values[:-6], said)
        difference = optional_estimate(values[-6:], said)
        listed.append(RepBalance(reps[rep], measure, site, unit, Bilateral(on_left, on_right), ratio, difference))
    sides, difference = Bilateral(left, right), optional_estimate(cells[-6:], said)
    return SetBalance(measure, site, Quantity[quantity], unit, tuple(listed), log_ratio, drift, sides, difference)
