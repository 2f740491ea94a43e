"""A session's recordings as rows; inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from glutebal.balance.difference import shared_se
from glutebal.errors import InputError
from glutebal.history.database import Database, Row
from glutebal.history.motion_rows import CURVE, POSTURE, curve_rows, posture_rows
from glutebal.history.records import PER_REFERENCE, RecordingRecord, SetRecord
from glutebal.history.rows import (
    Remark,
    chosen,
    digest,
    estimate_row,
    insertion,
    mapping_text,
    number,
    readable,
    remark_of,
    rep_row,
    side_text,
)
from glutebal.history.schema import DIFFERENCE, estimate_columns
from glutebal.history.weeks import week_of
from glutebal.model import Bilateral
from glutebal.results import ChannelQuality, Estimate, Rep, RepBalance, SetBalance

RECORDING = (
    *("session_id", "position", "fingerprint", "source", "started", "duration_s"),
    *("alignment", "alignment_offset_s", "alignment_uncertainty_s", "warnings", "settings_wording", "versions_wording"),
)
DEVICE = ("recording_id", "position", "site", "left_device", "right_device")
QUALITY = (
    *("recording_id", "position", "quantity", "side", "site", "rate_hz", "device", "axis", "label", "origin"),
    *("noise", "snr_db", "seconds", "gaps"),
)
FINDING = ("recording_id", "channel", "position", "kind", "grade", "content", "value", "unit")
REFERENCE = (
    *("recording_id", "position", "site", "quantity", "left_value", "right_value"),
    *("left_relative_se", "right_relative_se", "taken", "method"),
)
EXCLUDED = ("recording_id", "position", "start_s", "stop_s", "reason", "side")
SET = ("recording_id", "position", "number", "exercise", "laterality", "load_kg", "reps")
SHARED = ("exercise_set_id", "position", "site", "se")
SET_BALANCE = (
    *("exercise_set_id", "balance", "series_id", "session_id", "day", "week", "quantity", "unit"),
    *("shared_se", "left_device", "right_device"),
    *estimate_columns("log_ratio", "left_side", "right_side", "drift", DIFFERENCE),
)
REP = (
    *("exercise_set_id", "rep", "number", "start_sample", "stop_sample", "turn_sample", "rate_hz"),
    *("side", "set_index", "confidence", "phases"),
)
REP_BALANCE = (
    *("exercise_set_id", "balance", "position", "rep"),
    *estimate_columns("log_ratio", "left_side", "right_side", DIFFERENCE),
)
NOTHING = Bilateral("", "")


@dataclass(frozen=True)
class Place:
    """Where recordings go: the session they belong to."""

    session: int
    athlete: int
    day: date


def write_recordings(database: Database, place: Place, recordings: Sequence[RecordingRecord], first: int) -> None:
    """Append recordings to a session that holds ``first`` of them."""
    texts = {mapping_text(m) for r in recordings for m in (r.settings, r.versions)}
    wordings = _wordings(database, texts)
    remarks = _remarks(database, recordings)
    series = _series(database, place.athlete, recordings)
    for position, recording in enumerate(recordings, first):
        number_ = _recording(database, place, recording, position, wordings)
        for k, one in enumerate(recording.sets):
            _set(database, place, recording, number_, (k, one), remarks, series)


def _recording(
    database: Database, place: Place, recording: RecordingRecord, position: int, wordings: Mapping[str, int]
) -> int:
    found = recording.alignment
    alignment = (found.method, number(found.offset_s), number(found.uncertainty_s)) if found else (None, None, None)
    head = (place.session, position, recording.fingerprint, readable(recording.source), recording.started.isoformat())
    texts = (wordings[mapping_text(recording.settings)], wordings[mapping_text(recording.versions)])
    warnings = mapping_text({str(k): text for k, text in enumerate(recording.warnings)})
    row = (*head, number(recording.duration_s), *alignment, warnings, *texts)
    key = int(database.execute(insertion("recording", RECORDING) + " RETURNING id", row)[0][0])
    devices = ((key, k, site, pair.left, pair.right) for k, (site, pair) in enumerate(recording.devices.items()))
    excluded = (
        (key, k, number(e.start_s), number(e.stop_s), e.reason, side_text(e.side))
        for k, e in enumerate(recording.excluded)
    )
    _insert(database, "device", DEVICE, devices)
    _insert(database, "quality", QUALITY, (_quality(key, k, q) for k, q in enumerate(recording.quality)))
    _insert(database, "finding", FINDING, _findings(key, recording.quality))
    _insert(database, "reference", REFERENCE, _references(key, recording))
    _insert(database, "excluded_rep", EXCLUDED, excluded)
    _insert(database, "angle_curve", CURVE, curve_rows(key, recording.curves))
    _insert(database, "posture", POSTURE, posture_rows(key, recording.poses))
    return key


def _insert(database: Database, table: str, columns: Sequence[str], rows: Iterable[Row]) -> None:
    listed = list(rows)
    if listed:
        database.executemany(insertion(table, columns), listed)


def _quality(recording: int, position: int, quality: ChannelQuality) -> Row:
    c = quality.channel
    channel = (c.quantity.name, side_text(c.side), c.site, number(c.rate_hz), c.device, c.axis, c.label, c.origin)
    found = (number(quality.noise), number(quality.snr_db), number(quality.seconds), int(quality.gaps))
    return recording, position, *channel, *found


def _findings(recording: int, qualities: Sequence[ChannelQuality]) -> Iterator[Row]:
    for channel, quality in enumerate(qualities):
        for k, f in enumerate(quality.findings):
            yield recording, channel, k, f.kind, f.grade.value, f.text, number(f.value), f.unit


def _references(key: int, recording: RecordingRecord) -> Iterator[Row]:
    for k, r in enumerate(recording.references):
        numbers = map(number, (*r.value, *r.relative_se))
        yield key, k, r.site, r.quantity.name, *numbers, r.taken, r.method


def _set(
    database: Database,
    place: Place,
    recording: RecordingRecord,
    recording_id: int,
    numbered: tuple[int, SetRecord],
    remarks: Mapping[Remark, int],
    series: Mapping[tuple[str, str, str], int],
) -> None:
    position, one = numbered
    reps = max((len(balance.reps) for balance in one.balances), default=0)
    row = (recording_id, position, int(one.index), one.exercise, one.laterality.value, number(one.load_kg), reps)
    key = int(database.execute(insertion("exercise_set", SET) + " RETURNING id", row)[0][0])
    shared = ((key, k, site, number(se)) for k, (site, se) in enumerate(one.shared_se.items()))
    _insert(database, "shared_error", SHARED, shared)
    days = (place.session, place.day.isoformat(), week_of(place.day))
    _insert(
        database,
        "set_balance",
        SET_BALANCE,
        (
            (key, k, series[one.exercise, b.measure, b.site], *days, *_rollup(recording, one, b, remarks))
            for k, b in enumerate(one.balances)
        ),
    )
    places = _rep_places(one)
    _insert(database, "rep", REP, ((key, k, *rep_row(rep)) for rep, k in places.items()))
    _insert(database, "rep_balance", REP_BALANCE, _rep_balances(key, one, places, remarks))


def _rollup(recording: RecordingRecord, one: SetRecord, balance: SetBalance, remarks: Mapping[Remark, int]) -> Row:
    devices = recording.devices.get(balance.site, NOTHING)
    head = (balance.quantity.name, balance.unit, number(_shared(one, balance)), devices.left, devices.right)
    return head + tuple(cell for e in _of_set(balance) for cell in estimate_row(e, remarks))


def _shared(one: SetRecord, balance: SetBalance) -> float:
    """What all sets of the recording are wrong by together: of λ by the references, of a difference by the sensors."""
    if balance.difference is not None:
        return shared_se(balance)
    return one.shared_se.get(balance.site, 0.0) if PER_REFERENCE in balance.unit else 0.0


def _of_set(balance: SetBalance) -> tuple[Estimate | None, ...]:
    return balance.log_ratio, *balance.sides, balance.drift, balance.difference


def _of_rep(entry: RepBalance) -> tuple[Estimate | None, ...]:
    return entry.log_ratio, *entry.sides, entry.difference


def _rep_places(one: SetRecord) -> dict[Rep, int]:
    """Every rep of a set once, though each of its measures refers to it."""
    reps = dict.fromkeys(rb.rep for balance in one.balances for rb in balance.reps)
    return {rep: k for k, rep in enumerate(reps)}


def _rep_balances(key: int, one: SetRecord, places: Mapping[Rep, int], remarks: Mapping[Remark, int]) -> Iterator[Row]:
    for b, balance in enumerate(one.balances):
        for k, rep in enumerate(balance.reps):
            if (rep.measure, rep.site, rep.unit) != (balance.measure, balance.site, balance.unit):
                needed = f"reps of {balance.measure} at {balance.site} in {balance.unit}"
                raise InputError(needed, f"{rep.measure} at {rep.site} in {rep.unit}", f"set {one.index}")
            cells = (cell for e in _of_rep(rep) for cell in estimate_row(e, remarks))
            yield key, b, k, places[rep.rep], *cells


def _wordings(database: Database, texts: Iterable[str]) -> dict[str, int]:
    named = {digest(text): text for text in texts}
    ids = _known(database, "wording", ("digest", "content"), {key: (key, text) for key, text in named.items()})
    return {text: ids[key] for key, text in named.items()}


def _remarks(database: Database, recordings: Sequence[RecordingRecord]) -> dict[Remark, int]:
    balances = [balance for r in recordings for one in r.sets for balance in one.balances]
    estimates = [e for balance in balances for e in _of_set(balance) if e]
    estimates += [e for balance in balances for rb in balance.reps for e in _of_rep(rb) if e]
    named = {digest(*remark): remark for remark in dict.fromkeys(map(remark_of, estimates))}
    rows: dict[str, Row] = {key: (key, *remark) for key, remark in named.items()}
    ids = _known(database, "remark", ("digest", "method", "status", "reason", "level"), rows)
    return {remark: ids[key] for key, remark in named.items()}


def _known(database: Database, table: str, columns: Sequence[str], rows: Mapping[str, Row]) -> dict[str, int]:
    """Numbers of texts by their digest; those not there yet are added."""
    query = f"SELECT digest, id FROM {table} WHERE digest IN (?)"  # noqa: S608 - own names
    there: dict[str, int] = dict(chosen(database, query, list(rows)))
    missing = [row for key, row in rows.items() if key not in there]
    if missing:
        _insert(database, table, columns, missing)
        there |= dict(chosen(database, query, [row[0] for row in missing]))
    return there


def _series(database: Database, athlete: int, recordings: Sequence[RecordingRecord]) -> dict[tuple[str, str, str], int]:
    sets = [one for recording in recordings for one in recording.sets]
    needed = dict.fromkeys((one.exercise, b.measure, b.site) for one in sets for b in one.balances)
    query = "SELECT exercise, measure, site, id FROM series WHERE athlete_id = ?"
    there = _numbered(database, query, athlete)
    missing = [(athlete, *names) for names in needed if names not in there]
    if missing:
        _insert(database, "series", ("athlete_id", "exercise", "measure", "site"), missing)
        there = _numbered(database, query, athlete)
    return there


def _numbered(database: Database, query: str, athlete: int) -> dict[tuple[str, str, str], int]:
    rows = database.execute(query, (athlete,))
    return {(exercise, measure, site): int(key) for exercise, measure, site, key in rows}


def counted_on(recordings: Sequence[RecordingRecord], last: int) -> tuple[RecordingRecord, ...]:
    """The recordings with set numbers that go on from ``last`` where they would repeat one."""
    numbered = []
    for recording in recordings:
        first = min((one.index for one in recording.sets), default=last + 1)
        shift = last + 1 - first if first <= last else 0
        sets = tuple(replace(one, index=one.index + shift) for one in recording.sets) if shift else recording.sets
        last = max((one.index for one in sets), default=last)
        numbered.append(replace(recording, sets=sets) if shift else recording)
    return tuple(numbered)
