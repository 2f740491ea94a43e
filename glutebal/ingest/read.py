"""The door: any file that the library knows becomes a recording."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import msgspec

from glutebal.errors import FileFormatError, InputError, RateError, UnknownNameError
from glutebal.ingest.columnmap import ColumnMap, load_map
from glutebal.ingest.formats import FORMATS, Format
from glutebal.model import Recording

SAMPLE = "hip_thrust"
MAX_BYTES = 1 << 30


def read(
    path: str | Path | None = None,
    *,
    map: str | Path | Mapping[str, object] | None = None,  # noqa: A002 - the word a user looks for
    rate_hz: float | None = None,
    subject: str | None = None,
    exercise: str | None = None,
    load_kg: float | None = None,
    max_bytes: int = MAX_BYTES,
) -> Recording:
    """A recording from a file.

    The ending of the name decides the format: ``.glutebal .csv .txt .tsv .c3d .xdf .edf .bdf .mat .xlsx``. Sides and
    muscles are read from the labels, units are converted to those of `Quantity`, what is missing becomes a gap; what
    a reader should doubt stands in ``recording.warnings``. Names of persons in a file are not read.

    Parameters
    ----------
    path : str or Path, optional
        The file; ``"sample:NAME"`` or nothing: a recording that comes with the library.
    map : str, Path or mapping, optional
        What the columns are, where the labels do not say: a ready map's name, a TOML file, or its content (see
        `glutebal.ingest.columnmap`).
    rate_hz : float, optional
        Sampling rate of a file that does not hold one.
    subject, exercise, load_kg : optional
        Set on the recording; the subject is a pseudonym.
    max_bytes : int
        Refuse larger files (default 1 GiB); reading takes several times the file's size in memory.

    Returns
    -------
    Recording

    Raises
    ------
    FileFormatError
        Empty, truncated, damaged, too large, or not what its name says.
    LabelError
        No left/right pair can be told from the labels; lists the columns and shows how to map them.
    UnitError, RateError
        A unit or a sampling rate is missing, unknown or contradictory.
    InputError
        No such file, a directory, an unknown ending, a faulty map.
    MissingExtraError
        The format needs a library that is not installed.
    """
    file = _found(path)
    form = _format(file)
    _require_sound(file, form, max_bytes)
    chart = load_map(map)
    if rate_hz is not None:
        chart = msgspec.structs.replace(chart or ColumnMap(), rate_hz=float(rate_hz))
    recording = form.reader(file, chart)
    _require_rate(recording, rate_hz)
    given = {"subject": subject, "exercise": exercise, "load_kg": load_kg}
    return replace(recording, **{k: v for k, v in given.items() if v is not None})  # type: ignore[arg-type]


def samples() -> dict[str, Path]:
    """Name → file of the recordings that come with the library."""
    package = Path(__file__).parents[1]
    folders = (package / "recordings", package.parent / "datasets" / "recordings")
    folder = next((f for f in folders if f.is_dir()), folders[0])
    return {file.stem: file for file in sorted(folder.glob("*.glutebal"))}


def _found(path: str | Path | None) -> Path:
    if path is None or str(path).startswith("sample:"):
        name = SAMPLE if path is None else str(path).removeprefix("sample:")
        if name not in samples():
            raise UnknownNameError.among("sample recording", name, samples())
        return samples()[name]
    file = Path(path)
    if file.is_dir():
        raise InputError("a file", "a directory", str(path), "one file at a time")
    if not file.is_file():
        raise InputError("a file", "nothing there", str(path), "check the spelling and the folder")
    return file


def _format(file: Path) -> Format:
    form = FORMATS.get(file.suffix.lower())
    if form is None:
        known = ", ".join(FORMATS)
        raise FileFormatError(
            f"a file that ends in one of {known}", repr(file.suffix), file.name, "export as CSV or C3D"
        )
    return form


def _require_sound(file: Path, form: Format, max_bytes: int) -> None:
    """Refuse by size and by the first bytes, before any library sees the file."""
    size = file.stat().st_size
    if size == 0:
        raise FileFormatError(f"a {form.title} file", "an empty file", file.name)
    if size > max_bytes:
        raise FileFormatError(
            f"a file of at most {max_bytes:,} bytes",
            f"{size:,} bytes",
            file.name,
            f"max_bytes={size} if the memory is there",
        )
    with file.open("rb") as opened:
        head = opened.read(512)
    begin = head[form.magic_at :]
    if form.magic and not any(begin.startswith(magic) for magic in form.magic):
        raise FileFormatError(
            f"a {form.title} file", f"a file that begins with {head[:8]!r}", file.name, "check the file's ending"
        )


def _require_rate(recording: Recording, rate_hz: float | None) -> None:
    """A rate given by hand must not contradict one that is in the file."""
    if rate_hz is None:
        return
    other = next((c for c in recording.channels if abs(c.rate_hz - rate_hz) > 0.01 * rate_hz), None)
    if other is not None:
        raise RateError(
            f"the rate that was given, {rate_hz:g} Hz",
            f"{other.rate_hz:g} Hz in the file for {other.name}",
            recording.source,
            "leave rate_hz out",
        )
