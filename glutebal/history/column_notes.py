"""What every table and column of an exported history means, and its unit: the README that travels with the tables."""

from __future__ import annotations

from glutebal.history.schema import ESTIMATE_PARTS
from glutebal.history.tables import Column, Layout

UNIT_OF_ROW = "the row's unit"

TABLES = {
    "athlete": "One row per person, under a pseudonym.",
    "session": "One row per person, day and label, with what was said about it.",
    "wording": "Settings and versions of recordings, as JSON text, kept once.",
    "remark": "How estimates were made, whether they may be read, and why not; kept once.",
    "recording": "One row per recording.",
    "device": "The sensors of a recording, per site.",
    "quality": "What was found about each channel of a recording.",
    "finding": "The single findings of the quality checks; `channel` is `position` in table quality.",
    "reference": "Reference contractions: the amplitude that counts as 100 %.",
    "excluded_rep": "Stretches that were not counted as repetitions, and why.",
    "angle_curve": "Mean joint angles of a recording, 101 nodes from 0 to 100 % of the repetition.",
    "posture": "Mean postures of a recording, at the start and the turn of the repetitions.",
    "exercise_set": "One row per set.",
    "shared_error": "Per set and site: the standard error of λ that all sets of the recording share.",
    "series": "What is followed over time: athlete, exercise, measure and site.",
    "set_balance": "One row per set and measure: λ = ln(right/left) or right minus left, both sides, and the drift.",
    "rep": "One row per repetition.",
    "rep_balance": "One row per repetition and measure; `rep` is `rep` in table rep of the same set.",
    "size_measurement": "Sizes entered by hand.",
    "strength_test": "Strength tests entered by hand.",
}

#: Of each side of a curve.
_CURVE = {
    "reps": ("", "number of repetitions behind it"),
    "omitted": ("", "repetitions left out because of a gap"),
    "mean": (UNIT_OF_ROW, "JSON text: 101 means"),
    "sd": (UNIT_OF_ROW, "JSON text: 101 standard deviations over the repetitions"),
}

#: By column name, or by "table.column" where a name means two things: the unit ("" for none) and the meaning.
COLUMNS = {
    "id": ("", "number of the row, within this export"),
    "athlete_id": ("", "id in table athlete"),
    "session_id": ("", "id in table session"),
    "recording_id": ("", "id in table recording"),
    "exercise_set_id": ("", "id in table exercise_set"),
    "series_id": ("", "id in table series"),
    "settings_wording": ("", "id in table wording"),
    "versions_wording": ("", "id in table wording"),
    "pseudonym": ("", "name under which the person is kept"),
    "notes": ("", "free text"),
    "day": ("", "date, ISO 8601"),
    "week": ("weeks", "since Monday, 1 January of the year 1"),
    "label": ("", "tells sessions of a day apart"),
    "quality.label": ("", "the column's name in its source"),
    "pain": ("0 to 10", "as rated"),
    "fatigue": ("0 to 10", "as rated"),
    "sleep_h": ("h", "in the night before"),
    "first_side": ("", "the side that worked first"),
    "setup": ("", "how the sensors were put on"),
    "digest": ("", "short name of the text"),
    "content": ("", "the text"),
    "method": ("", "how it was found"),
    "status": ("", "ok, or why a number may not be read"),
    "reason": ("", "the sentence that says why"),
    "level": ("1", "nominal coverage of the interval"),
    "position": ("", "order, from 0"),
    "fingerprint": ("", "digest of the samples"),
    "source": ("", "file name"),
    "started": ("", "time, ISO 8601"),
    "duration_s": ("s", "length"),
    "alignment": ("", "how left and right share one time"),
    "alignment_offset_s": ("s", "what was taken out"),
    "alignment_uncertainty_s": ("s", "largest error of a time between the sides"),
    "warnings": ("", "JSON text"),
    "site": ("", "muscle, segment or place of the sensor"),
    "left_device": ("", "sensor"),
    "right_device": ("", "sensor"),
    "quantity": ("", "what is measured"),
    "side": ("", "left or right; empty: both, or midline"),
    "rate_hz": ("Hz", "samples per second"),
    "device": ("", "sensor"),
    "axis": ("", "x, y, z or a part of the sensor"),
    "origin": ("", "how side and site were found"),
    "noise": ("the channel's unit", "noise floor, RMS"),
    "snr_db": ("dB", "activity over noise floor"),
    "seconds": ("s", "length without gaps"),
    "gaps": ("", "number of gaps"),
    "channel": ("", "position in table quality"),
    "kind": ("", "short kind"),
    "grade": ("", "good, suspect or bad"),
    "value": (UNIT_OF_ROW, "the number behind it"),
    "unit": ("", "unit of the values in this row"),
    "reference.left_value": ("V for EMG", "amplitude that counts as 100 %"),
    "reference.right_value": ("V for EMG", "amplitude that counts as 100 %"),
    "left_value": (UNIT_OF_ROW, "the left side"),
    "right_value": (UNIT_OF_ROW, "the right side"),
    "left_relative_se": ("1", "relative standard error of the left value"),
    "right_relative_se": ("1", "relative standard error of the right value"),
    "taken": ("", "when, or from which file"),
    "start_s": ("s", "on the recording's clock"),
    "stop_s": ("s", "on the recording's clock"),
    "number": ("", "counts from 1, as people count"),
    "name": ("", "short name"),
    "title": ("", "name for people"),
    "positive": ("", "what plus means"),
    "midline": ("", "1: an angle of the pelvis, without sides; 0: an angle of each side"),
    "uncertainty": (UNIT_OF_ROW, "the sensors' own error, one standard deviation"),
    **{f"{side}_{column}": note for side in ("left", "right") for column, note in _CURVE.items()},
    "joints": ("m", "JSON text: joint, side, and its place forwards, to the left and upwards of the pelvis"),
    "posture.notes": ("", "JSON text: what to read beside it"),
    "posture.reps": ("", "number of repetitions behind it"),
    "exercise": ("", "name of the exercise"),
    "laterality": ("", "bilateral, unilateral or cyclic"),
    "load_kg": ("kg", "load"),
    "reps": ("", "number of repetitions"),
    "se": ("ln units", "standard error of λ"),
    "shared_se": ("ln units", "standard error of λ shared by the sets; of a difference, in its unit, part of its own"),
    "measure": ("", "name of the measure"),
    "balance": ("", "order within the set, from 0"),
    "rep": ("", "order within the set, from 0"),
    "start_sample": ("samples", "first sample, at rate_hz"),
    "stop_sample": ("samples", "one past the last sample, at rate_hz"),
    "turn_sample": ("samples", "where it turns, at rate_hz"),
    "set_index": ("", "number of the set within its recording, from 1"),
    "confidence": ("0 to 1", "how much it looks like its neighbours"),
    "phases": ("samples", "JSON text: name, start and stop of each phase"),
    "error": (UNIT_OF_ROW, "the instrument's standard error of one side"),
    "instrument": ("", "the instrument"),
    "test": ("", "name of the test"),
    "log_ratio": ("ln units", "λ = ln(right/left), positive: right larger"),
    "left_side": (UNIT_OF_ROW, "the left side"),
    "right_side": (UNIT_OF_ROW, "the right side"),
    "drift": ("ln units per rep", "slope of λ; of the difference, in the row's unit, where there is one"),
    "difference": (UNIT_OF_ROW, "right minus left, or a signed midline value; empty where there is a ratio"),
}
PARTS = {
    "_low": "lower end of its interval",
    "_high": "upper end of its interval",
    "_se": "its standard error",
    "_n": "number of repetitions behind it",
    "_remark": "id in table remark",
}

HEAD = """glutebal history, exported; version {version}

{how}
Times and dates are ISO 8601 text. Positive always means that the right side is larger.
λ = ln(right/left); the imbalance index that people read is 100·tanh(λ/2), in points.
`glutebal history import` reads all of it back, equal; history.json counts the rows, so that a torn copy is noticed.
"""


def readme(layout: Layout, version: int, how: str) -> str:
    """All tables and columns with their units, as plain text."""
    parts = [HEAD.format(version=version, how=how)]
    parts += [_table(name, columns) for name, columns in layout.items()]
    return "\n".join(parts)


def noted(table: str, column: str) -> tuple[str, str]:
    """Unit and meaning of a column; ("", "") when there is no note."""
    found = COLUMNS.get(f"{table}.{column}") or COLUMNS.get(column)
    if found is not None:
        return found
    part = next((p for p in ESTIMATE_PARTS if p and column.endswith(p)), "")
    unit, _ = COLUMNS.get(column.removesuffix(part), ("", ""))
    return ("" if part in {"_n", "_remark"} else unit), PARTS.get(part, "")


def _table(name: str, columns: tuple[Column, ...]) -> str:
    rows = [(c.name, *noted(name, c.name)) for c in columns]
    width = max(len(row[0]) for row in rows)
    lines = [f"  {column:{width}}  {meaning}{f' [{unit}]' if unit else ''}" for column, unit, meaning in rows]
    return "\n".join([f"{name}: {TABLES.get(name, '')}", *lines, ""])
