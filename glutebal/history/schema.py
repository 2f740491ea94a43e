"""The tables, in the dialect that every `Database` understands, as the steps in which they came to be.

::

    athlete ─┬─ session ── recording ─┬─ device, quality ── finding, reference, excluded, angle_curve, posture
             │                        └─ exercise_set ─┬─ shared_error
             ├─ series ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─├─ set_balance ── rep_balance      (the rollup of a set)
             ├─ size_measurement                       └─ rep
             └─ strength_test                 remark, wording: texts that repeat, kept once

A database of version N went through the first N steps; a new one goes through all of them. Steps that were released
are never edited. Every line downwards is ON DELETE CASCADE.
"""

from __future__ import annotations

from glutebal.history.database import Database

#: The parts of an `Estimate`, as endings of column names; "remark" is its method, status, reason and level.
ESTIMATE_PARTS = ("", "_low", "_high", "_se", "_n", "_remark")
_TYPES = ("DOUBLE PRECISION",) * 4 + ("INTEGER NOT NULL",) * 2


def estimate_columns(*names: str) -> tuple[str, ...]:
    """Columns that hold the estimates of these names: ``log_ratio`` → ``log_ratio``, ``log_ratio_low`` ..."""
    return tuple(f"{name}{part}" for name in names for part in ESTIMATE_PARTS)


def _estimates(*names: str) -> str:
    types = _TYPES * len(names)
    return ", ".join(f"{column} {kind}" for column, kind in zip(estimate_columns(*names), types, strict=True))


def _table(name: str, *parts: str) -> str:
    return f"CREATE TABLE {name} ({', '.join(parts)})"


def _key(*columns: str) -> str:
    return f"PRIMARY KEY ({', '.join(columns)})"


def _of(parent: str) -> str:
    return f"{parent}_id INTEGER NOT NULL REFERENCES {parent} (id) ON DELETE CASCADE"


_PLACE = "position INTEGER NOT NULL"
_OF_RECORDING = (_of("recording"), _PLACE)
_IN_RECORDING = _key("recording_id", "position")

_SESSIONS = (
    _table("athlete", "id {key}", "pseudonym TEXT NOT NULL UNIQUE", "notes TEXT NOT NULL"),
    _table(
        "session",
        *("id {key}", _of("athlete"), "day TEXT NOT NULL", "label TEXT NOT NULL"),
        *("pain DOUBLE PRECISION", "sleep_h DOUBLE PRECISION", "fatigue DOUBLE PRECISION", "first_side TEXT"),
        *("setup TEXT NOT NULL", "notes TEXT NOT NULL", "UNIQUE (athlete_id, day, label)"),
    ),
    # digests tell texts apart: an index over the texts themselves has a length limit on some servers
    _table("wording", "id {key}", "digest TEXT NOT NULL UNIQUE", "content TEXT NOT NULL"),
    _table(
        "remark",
        *("id {key}", "digest TEXT NOT NULL UNIQUE", "method TEXT NOT NULL", "status TEXT NOT NULL"),
        *("reason TEXT NOT NULL", "level DOUBLE PRECISION"),
    ),
    _table(
        "recording",
        *("id {key}", _of("session"), _PLACE, "fingerprint TEXT NOT NULL UNIQUE", "source TEXT NOT NULL"),
        *("started TEXT NOT NULL", "duration_s DOUBLE PRECISION", "alignment TEXT"),
        *("alignment_offset_s DOUBLE PRECISION", "alignment_uncertainty_s DOUBLE PRECISION", "warnings TEXT NOT NULL"),
        *("settings_wording INTEGER NOT NULL", "versions_wording INTEGER NOT NULL", "UNIQUE (session_id, position)"),
    ),
    _table(
        "device",
        *(*_OF_RECORDING, "site TEXT NOT NULL", "left_device TEXT NOT NULL", "right_device TEXT NOT NULL"),
        _IN_RECORDING,
    ),
    _table(
        "quality",
        *(*_OF_RECORDING, "quantity TEXT NOT NULL", "side TEXT", "site TEXT NOT NULL", "rate_hz DOUBLE PRECISION"),
        *("device TEXT NOT NULL", "axis TEXT NOT NULL", "label TEXT NOT NULL", "origin TEXT NOT NULL"),
        *("noise DOUBLE PRECISION", "snr_db DOUBLE PRECISION", "seconds DOUBLE PRECISION", "gaps INTEGER NOT NULL"),
        _IN_RECORDING,
    ),
    _table(
        "finding",
        *(_of("recording"), "channel INTEGER NOT NULL", _PLACE, "kind TEXT NOT NULL", "grade TEXT NOT NULL"),
        *("content TEXT NOT NULL", "value DOUBLE PRECISION", "unit TEXT NOT NULL"),
        _key("recording_id", "channel", "position"),
    ),
    _table(
        "reference",
        *(*_OF_RECORDING, "site TEXT NOT NULL", "quantity TEXT NOT NULL"),
        *("left_value DOUBLE PRECISION", "right_value DOUBLE PRECISION", "left_relative_se DOUBLE PRECISION"),
        *("right_relative_se DOUBLE PRECISION", "taken TEXT NOT NULL", "method TEXT NOT NULL"),
        _IN_RECORDING,
    ),
    _table(
        "excluded_rep",
        *(*_OF_RECORDING, "start_s DOUBLE PRECISION", "stop_s DOUBLE PRECISION", "reason TEXT NOT NULL", "side TEXT"),
        _IN_RECORDING,
    ),
    _table(
        "exercise_set",
        *("id {key}", *_OF_RECORDING, "number INTEGER NOT NULL", "exercise TEXT NOT NULL", "laterality TEXT NOT NULL"),
        *("load_kg DOUBLE PRECISION", "reps INTEGER NOT NULL", "UNIQUE (recording_id, position)"),
    ),
    _table(
        "shared_error",
        *(_of("exercise_set"), _PLACE, "site TEXT NOT NULL", "se DOUBLE PRECISION"),
        _key("exercise_set_id", "position"),
    ),
    _table(
        "series",
        *("id {key}", _of("athlete"), "exercise TEXT NOT NULL", "measure TEXT NOT NULL", "site TEXT NOT NULL"),
        "UNIQUE (athlete_id, exercise, measure, site)",
    ),
    # series_id, session_id and day repeat what follows from the set; no key is declared on the copies and on remarks,
    # because a deletion would search every row for each of them
    _table(
        "set_balance",
        *(_of("exercise_set"), "balance INTEGER NOT NULL", "series_id INTEGER NOT NULL", "session_id INTEGER NOT NULL"),
        *("day TEXT NOT NULL", "quantity TEXT NOT NULL", "unit TEXT NOT NULL", "shared_se DOUBLE PRECISION"),
        *("left_device TEXT NOT NULL", "right_device TEXT NOT NULL"),
        _estimates("log_ratio", "left_side", "right_side", "drift"),
        _key("exercise_set_id", "balance"),
    ),
    _table(
        "rep",
        *(_of("exercise_set"), "rep INTEGER NOT NULL", "number INTEGER NOT NULL", "start_sample INTEGER NOT NULL"),
        *("stop_sample INTEGER NOT NULL", "turn_sample INTEGER", "rate_hz DOUBLE PRECISION", "side TEXT"),
        *("set_index INTEGER NOT NULL", "confidence DOUBLE PRECISION", "phases TEXT"),
        _key("exercise_set_id", "rep"),
    ),
    _table(
        "rep_balance",
        *("exercise_set_id INTEGER NOT NULL", "balance INTEGER NOT NULL", _PLACE, "rep INTEGER NOT NULL"),
        _estimates("log_ratio", "left_side", "right_side"),
        _key("exercise_set_id", "balance", "position"),
        "FOREIGN KEY (exercise_set_id, balance) REFERENCES set_balance (exercise_set_id, balance) ON DELETE CASCADE",
    ),
)

_BY_HAND = (
    *("unit TEXT NOT NULL", "left_value DOUBLE PRECISION NOT NULL", "right_value DOUBLE PRECISION NOT NULL"),
    *("error DOUBLE PRECISION NOT NULL", "instrument TEXT NOT NULL", "notes TEXT NOT NULL"),
)

#: Weeks count from Monday, 1 January of the year 1; `weeks.week_of`.
_WEEKS_AND_HAND_ENTERED = (
    "ALTER TABLE set_balance ADD COLUMN week INTEGER NOT NULL DEFAULT 0",
    "CREATE INDEX set_balance_rollup ON set_balance (series_id, week, session_id, log_ratio)",
    _table(
        "size_measurement",
        *("id {key}", _of("athlete"), "day TEXT NOT NULL", "site TEXT NOT NULL", "method TEXT NOT NULL", *_BY_HAND),
    ),
    _table("strength_test", "id {key}", _of("athlete"), "day TEXT NOT NULL", "test TEXT NOT NULL", *_BY_HAND),
    "CREATE INDEX size_measurement_of ON size_measurement (athlete_id, day)",
    "CREATE INDEX strength_test_of ON strength_test (athlete_id, day)",
)

#: Of what can cross zero; NULL in every part where there is a ratio instead.
DIFFERENCE = "difference"
_DIFFERENCES = tuple(
    f"ALTER TABLE {table} ADD COLUMN {column} {kind.removesuffix(' NOT NULL')}"
    for table in ("set_balance", "rep_balance")
    for column, kind in zip(estimate_columns(DIFFERENCE), _TYPES, strict=True)
)

_CURVE_OF_SIDE = ("reps INTEGER NOT NULL", "omitted INTEGER NOT NULL", "mean TEXT NOT NULL", "sd TEXT NOT NULL")
#: What pictures of a movement are drawn from; lists of numbers are JSON.
_MOTION = (
    _table(
        "angle_curve",
        *(*_OF_RECORDING, "name TEXT NOT NULL", "title TEXT NOT NULL", "unit TEXT NOT NULL", "positive TEXT NOT NULL"),
        *("midline INTEGER NOT NULL", "laterality TEXT NOT NULL", "uncertainty DOUBLE PRECISION"),
        *(f"{side}_{column}" for side in ("left", "right") for column in _CURVE_OF_SIDE),
        _IN_RECORDING,
    ),
    _table(
        "posture",
        *(*_OF_RECORDING, "name TEXT NOT NULL", "title TEXT NOT NULL", "side TEXT", "reps INTEGER NOT NULL"),
        *("joints TEXT NOT NULL", "notes TEXT NOT NULL"),
        _IN_RECORDING,
    ),
)

STEPS: tuple[tuple[str, ...], ...] = (_SESSIONS, _WEEKS_AND_HAND_ENTERED, _DIFFERENCES, _MOTION)
VERSION = len(STEPS)


def run_step(database: Database, version: int) -> None:
    """Bring a database of the version before to ``version``, inside the caller's transaction."""
    for statement in STEPS[version - 1]:
        database.execute(statement.format(key=database.serial_key))
