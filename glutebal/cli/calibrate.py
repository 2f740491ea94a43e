"""How the inertial sensors sit on the body: ``glutebal calibrate``."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from glutebal.cli.group import main, one_line_errors

if TYPE_CHECKING:
    from glutebal.model import Recording, Side
    from glutebal.signal.motion.calibration import Calibration, SegmentCalibration
    from glutebal.signal.motion.calibration_spans import CalibrationSpans
    from glutebal.signal.motion.imu import Imu

ENDING = ".calibration.json"
SEQUENCE = """\
The calibration sequence, with the sensors on, once per session (they may sit as they like, but must not slip after it):
  1. Stand upright and still for 5 s: feet hip-wide and straight ahead, knees straight.
  2. Swing the straight right leg forwards by 30° or more and back to standing, 3 to 5 times; then the left leg.
     Forwards first: a leg that first goes backwards looks like a sensor on the wrong side.
  3. Swing the straight right leg out to the side and back to standing, 3 to 5 times; then the left leg.
  4. Bow with a straight back by 30° or more and come up again, 3 to 5 times.
Either leg may begin. Do it without long pauses (10 s at most); hold on to something if you like.

Record it, alone or at the start of the first set, and hand the file over:
  glutebal calibrate FILE
"""
HEAD = ("sensor", "explained", "axis error", "axes apart")
MARKS = {"good": "✓", "suspect": "?", "bad": "✗"}


def span_option(name: str, text: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """An option of two times in seconds."""
    return click.option(f"--{name}", type=(float, float), metavar="FROM TO", help=f"{text}, in seconds.")


@main.command()
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--map", "map_file", type=click.Path(path_type=Path), help="TOML column map: which column is what.")
@click.option("--out", "target", type=click.Path(path_type=Path), help=f"Where it is kept; FILE{ENDING} by default.")
@span_option("static", "Quiet standing")
@span_option("flexion", "Both legs forwards")
@span_option("abduction", "Both legs sideways")
@span_option("bow", "Bows")
@click.option("--first", type=click.Choice(["left", "right"]), help="The leg that really began: shows swapped sensors.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text.")
@one_line_errors
def calibrate(
    file: Path | None,
    map_file: Path | None,
    target: Path | None,
    first: str | None,
    as_json: bool,
    **spans: tuple[float, float] | None,
) -> None:
    """Find how inertial sensors sit on the body, from a recording of the calibration sequence.

    Without FILE it says what the sequence is.
    """
    from glutebal.model import Side

    if file is None:
        click.echo(SEQUENCE, nl=False)
        return
    _require_three(spans)
    recording = _read(file, map_file)
    found, where = _calibrated(recording, spans, Side(first) if first else None)
    kept = _kept(found, target or file.with_name(file.stem + ENDING))
    click.echo(_as_json(found, where, kept) if as_json else _told(file, found, where))
    if kept is None:
        click.echo(f"glutebal: {file.name}: not kept: no angle should be read from it; see what is marked ✗", err=True)
        raise SystemExit(1)
    click.echo(f"The calibration is at {kept.resolve()}", err=as_json)


def _require_three(spans: dict[str, tuple[float, float] | None]) -> None:
    """Either every movement is given, or all are sought."""
    missing = [f"--{name}" for name in ("static", "flexion", "abduction") if spans[name] is None]
    if any(spans.values()) and missing:
        raise click.UsageError(f"with one span, all are needed: {', '.join(missing)} missing (--bow may be left out)")
    for name, span in spans.items():
        if span is not None and not 0 <= span[0] < span[1]:
            raise click.BadParameter(f"from {span[0]:g} to {span[1]:g} s is no stretch of time", param_hint=f"--{name}")


def _read(file: Path, map_file: Path | None) -> Recording:
    from glutebal.ingest.read import read

    return read(file, map=map_file)


def _calibrated(
    recording: Recording, given: dict[str, tuple[float, float] | None], first: Side | None
) -> tuple[Calibration, dict[str, tuple[float, float]]]:
    """The calibration, and the stretches it comes from, by name."""
    from glutebal.signal.motion.calibration import calibrate as run
    from glutebal.signal.motion.calibration_spans import TimeSpan, find_calibration_spans

    sensors = _sensors(recording)
    taken = recording.started.isoformat() if recording.started else ""
    where = {name: span for name, span in given.items() if span} or _sought(find_calibration_spans(sensors))
    spans = {name: TimeSpan(*span) for name, span in where.items()}
    return run(sensors, **spans, first=first, taken=taken), where


def _sensors(recording: Recording) -> tuple[Imu, ...]:
    """The inertial sensors on trunk and legs; one on a muscle or a bar is no segment of the body."""
    from glutebal.analysis.motion import LEG, TRUNK
    from glutebal.errors import InputError
    from glutebal.signal.motion.imu import imus

    found = imus(recording.with_(tracks=tuple(t for t in recording.tracks if t.channel.site in (*TRUNK, *LEG))))
    if not found:
        needed = "inertial sensors (acceleration and angular rate along x, y, z) at pelvis, thigh, shank or foot"
        raise InputError(needed, "none", "calibrate", "glutebal info shows what was read; map sites, sides and axes")
    return found


def _sought(spans: CalibrationSpans) -> dict[str, tuple[float, float]]:
    named = {"static": spans.static, "flexion": spans.flexion, "abduction": spans.abduction, "bow": spans.bow}
    return {name: (span.start_s, span.stop_s) for name, span in named.items() if span is not None}


def _kept(found: Calibration, target: Path) -> Path | None:
    """Where it was written; a calibration with a bad finding is not kept, no angle should be read from it."""
    from glutebal.results import Grade
    from glutebal.signal.motion.calibration_file import save_calibration

    return None if found.grade is Grade.BAD else save_calibration(found, target)


NAMES = {"static": "standing still", "flexion": "legs forwards", "abduction": "legs sideways", "bow": "bows"}


def _told(file: Path, found: Calibration, where: dict[str, tuple[float, float]]) -> str:
    lines = [f"{file.name}: {found.method}, {len(found.segments)} sensors", ""]
    lines += [f"  {NAMES[name]:<15} {start:6.1f} to {stop:.1f} s" for name, (start, stop) in where.items()]
    rows = [HEAD, *(_row(segment) for segment in found.segments)]
    widths = [max(len(row[k]) for row in rows) for k in range(len(HEAD))]
    lines += ["", *("  " + "  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip() for row in rows)]
    lines += ["", "  explained: share of the turning about one axis; axis error: of its heading, 1 SD;"]
    lines += ["  axes apart: between the leg forwards and sideways, 90° expected (– where not seen)"]
    findings = [f"  {MARKS[f.grade.value]} {f.text}" for f in found.all_findings]
    return "\n".join([*lines, "", *(findings or ["  ✓ nothing doubtful"])])


def _row(segment: SegmentCalibration) -> tuple[str, str, str, str]:
    return (
        segment.name,
        f"{segment.explained_variance:.0%}",
        _degrees(segment.axis_sd_deg, 1),
        _degrees(segment.axis_angle_deg, 0),
    )


def _degrees(value: float, decimals: int) -> str:
    return f"{value:.{decimals}f}°" if math.isfinite(value) else "–"


def _as_json(found: Calibration, where: dict[str, tuple[float, float]], kept: Path | None) -> str:
    whole = {
        "method": found.method,
        "taken": found.taken,
        "grade": found.grade.value,
        "spans_s": {name: list(span) for name, span in where.items()},
        "segments": [asdict(segment) for segment in found.segments],
        "findings": [asdict(finding) for finding in found.findings],
        "kept": str(kept) if kept else None,
    }
    return json.dumps(_plain(whole))


def _plain(value: Any) -> Any:
    """Words for enums, null for what is unknown."""
    from enum import Enum

    if isinstance(value, dict):
        return {key: _plain(v) for key, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    if isinstance(value, Enum):
        return value.value
    return None if isinstance(value, float) and not math.isfinite(value) else value
