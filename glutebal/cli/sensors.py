"""Commands that work on sensors: ``glutebal scan``, ``record``, ``replay``."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from glutebal.cli.exercises import chosen_exercise, own_exercises_option
from glutebal.cli.group import main, one_line_errors
from glutebal.errors import InputError

if TYPE_CHECKING:
    from glutebal.ingest.header import Worn
    from glutebal.ingest.link import Backend, Sensor
    from glutebal.ingest.recorder import About
    from glutebal.model import Recording

SCAN_S = 8.0


@main.command()
@click.option(
    "--seconds", type=click.FloatRange(min=0.1), default=SCAN_S, show_default=True, help="How long to listen."
)
@click.option("--all", "everything", is_flag=True, help="Also devices that no driver knows.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON list at the end.")
@one_line_errors
def scan(seconds: float, everything: bool, as_json: bool) -> None:
    """List the Bluetooth sensors in range as they are found."""
    from glutebal.ingest.link.running import run

    found = run(_scan(seconds, everything, None if as_json else click.echo))
    if as_json:
        click.echo(json.dumps([_as_row(sensor) for sensor in found]))
    elif not found:
        click.echo("no sensor in range; switch it on, and make sure that no phone is connected to it", err=True)


async def _scan(seconds: float, everything: bool, tell: Callable[[str], None] | None) -> list[Sensor]:
    from glutebal.ingest.link import scan as listen

    found: dict[str, Sensor] = {}
    async for sensors in listen(seconds):
        for sensor in sensors:
            if (everything or sensor.driver is not None) and sensor.address not in found:
                found[sensor.address] = sensor
                if tell:
                    tell(_as_line(sensor))
    return list(found.values())


def _as_line(sensor: Sensor) -> str:
    row = _as_row(sensor)
    return f"{row['name'] or '(no name)':<24} {row['address']:<38} {row['driver'] or '-':<14} {row['rssi']} dBm"


def _as_row(sensor: Sensor) -> dict[str, str | int | None]:
    driver = sensor.driver.name if sensor.driver else None
    return {"name": sensor.name, "address": sensor.address, "driver": driver, "rssi": sensor.rssi}


@main.command()
@click.option("--left", help="Name or address of the left sensor.")
@click.option("--right", help="Name or address of the right sensor.")
@click.option("--channels", help="Left and right channel of one device that carries both sides, as 1,2.")
@click.option("--seconds", type=click.FloatRange(min=0.1), help="Stop after this time; without it, stop with Ctrl-C.")
@click.option("--out", "target", type=click.Path(path_type=Path), help="Packet log to write, .glutelog.")
@click.option("--site", default="hip", show_default=True, help="Where the sensors are worn or what they measure.")
@click.option("--exercise", help="A name from `glutebal exercises`.")
@own_exercises_option("--exercises")
@click.option("--subject", help="A pseudonym.")
@click.option("--load", "load_kg", type=float, help="External load in kg.")
@click.option("--driver", help="Driver for both sensors; without it each is recognised.")
@click.option("--simulate", is_flag=True, help="Two simulated load cells instead of real ones.")
@one_line_errors
def record(
    left: str | None,
    right: str | None,
    channels: str | None,
    seconds: float | None,
    target: Path | None,
    site: str,
    exercise: str | None,
    own: Path | None,
    subject: str | None,
    load_kg: float | None,
    driver: str | None,
    simulate: bool,
) -> None:
    """Record from a left and a right sensor into a packet log."""
    from glutebal.ingest.link.running import run
    from glutebal.ingest.recorder import About

    backend, left, right = _air(left, right, simulate)
    path = target or Path(f"glutebal-{datetime.now():%Y%m%d-%H%M%S}.glutelog")
    chosen = chosen_exercise(exercise, own)
    about = About(site, subject, chosen.name if chosen else None, load_kg, worn=worn_on(left, right, channels, site))
    try:
        run(_record(left, right, backend, driver, path, about, seconds))
    except KeyboardInterrupt:
        click.echo("\nstopped", err=True)
    if path.exists():
        _summary(path)


def _air(left: str | None, right: str | None, simulate: bool) -> tuple[Backend | None, str | None, str | None]:
    if not simulate:
        if left is None and right is None:
            raise InputError("a sensor", "neither --left nor --right", "record", "glutebal scan, or --simulate")
        return None, left, right
    from glutebal.testing.air import NAMES, simulated_pair

    return simulated_pair(), NAMES.left, NAMES.right


def worn_on(left: str | None, right: str | None, channels: str | None, site: str) -> dict[str, Worn] | None:
    """Which channel of one device is on which side; None for a device per side."""
    from glutebal.ingest.header import Worn
    from glutebal.model import Side

    if left is None or left != right:
        return None
    given = [part.strip() for part in (channels or "").split(",")]
    if len(given) != 2 or not all(given) or given[0] == given[1]:
        needed = "the left and the right channel of the one device"
        raise InputError(needed, repr(channels), "record --channels", "--channels 1,2")
    return {given[0]: Worn(Side.LEFT, site), given[1]: Worn(Side.RIGHT, site)}


async def _record(
    left: str | None,
    right: str | None,
    backend: Backend | None,
    driver: str | None,
    path: Path,
    about: About,
    seconds: float | None,
) -> Recording:
    from glutebal.ingest.link import connect
    from glutebal.ingest.recorder import record as run

    async with connect(left, right, driver=driver, backend=backend) as link:
        click.echo(f"recording to {path}; Ctrl-C stops", err=True)
        return await run(link, path, about, seconds=seconds, on_status=_show)


def _show(line: str) -> None:
    """The live line, rewritten in place on a terminal, silent elsewhere."""
    if sys.stderr.isatty():
        click.echo(f"\r\x1b[K{line}", err=True, nl=False)


def _summary(path: Path) -> None:
    from glutebal.ingest.read import read

    if sys.stderr.isatty():
        click.echo("", err=True)
    _tell(read(path))
    click.echo(f"\nThe log is at {path.resolve()}; next: glutebal analyse {path}")


def _tell(recording: Recording) -> None:
    from glutebal.report.listing import brief_block

    click.echo(brief_block(recording))
    for line in (*recording.history, *(f"warning: {w}" for w in recording.warnings)):
        click.echo(f"  {line}")


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--out", "target", type=click.Path(path_type=Path), help="Write the decoded recording, .glutebal.")
@click.option("--tap", is_flag=True, help="Align left and right by a tap or jump that both sensors felt.")
@one_line_errors
def replay(file: Path, target: Path | None, tap: bool) -> None:
    """Decode a packet log again, with the code that decoded it live."""
    from glutebal.ingest.formats.native import save
    from glutebal.ingest.replay import decoded

    recording = decoded(file).recording(file.name)
    if tap:
        from glutebal.ingest.tapped import tapped

        recording = tapped(recording)
    _tell(recording)
    if target:
        click.echo(f"The recording is at {save(recording, target).resolve()}")
