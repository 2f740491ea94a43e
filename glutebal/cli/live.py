"""``glutebal live``: a set on the screen while it is done."""

from __future__ import annotations

import webbrowser
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from glutebal.cli.exercises import chosen_exercise, own_exercises_option
from glutebal.cli.group import main, one_line_errors
from glutebal.cli.keeping import KeepSets, own_sd
from glutebal.cli.place import database_option
from glutebal.cli.sensors import worn_on
from glutebal.errors import InputError

if TYPE_CHECKING:
    from glutebal.ingest.header import Worn
    from glutebal.ingest.link import Backend
    from glutebal.live.hall import Hall
    from glutebal.live.server import Address
    from glutebal.testing.lifter import Lifter

FOLDER = "glutebal-live"
HISTORY_OF_TRIALS = "history.db"


@dataclass(frozen=True)
class Options:
    """What was asked for on the command line."""

    left: str | None
    right: str | None
    midline: str | None
    channels: str | None
    driver: str | None
    site: str
    midline_site: str
    exercise: str | None
    own: Path | None
    side: str | None
    athlete: str | None
    load_kg: float | None
    target_reps: int | None
    sets: int | None
    reference: tuple[Path, ...]
    calibration: Path | None
    simulate: bool
    replay: Path | None
    speed: float
    lan: bool
    tls: bool
    port: int
    tui: bool
    json_lines: bool
    lsl: bool
    no_cues: bool
    no_browser: bool
    folder: Path
    place: str | None

    @property
    def waits_for_start(self) -> bool:
        """Whether a person starts the sets; a pipe and a replay have nobody to do it."""
        return not (self.json_lines or self.replay)


@main.command("live")
@click.option("--left", help="Name or address of the left sensor.")
@click.option("--right", help="Name or address of the right sensor.")
@click.option("--midline", help="Name or address of a sensor in the middle, such as one on the pelvis.")
@click.option("--channels", help="Left and right channel of one device that carries both sides, as 1,2.")
@click.option("--driver", help="Driver for both sensors; without it each is recognised.")
@click.option("--site", default="hip", show_default=True, help="Where the sensors are worn or what they measure.")
@click.option("--midline-site", default="pelvis", show_default=True, help="Where the sensor in the middle is worn.")
@click.option("--exercise", help="A name from `glutebal exercises`.")
@own_exercises_option("--exercises")
@click.option("--side", type=click.Choice(["left", "right"]), help="The side that is trained; without it both.")
@click.option("--athlete", help="A pseudonym: the sets go into the history under it.")
@click.option("--load", "load_kg", type=float, help="External load in kg.")
@click.option("--target-reps", type=click.IntRange(1, 1000), help="The set ends by itself after so many.")
@click.option("--sets", type=click.IntRange(min=1), help="The session ends by itself after so many.")
@click.option("--reference", multiple=True, type=click.Path(path_type=Path), help="Reference contraction of today.")
@click.option("--calibration", type=click.Path(path_type=Path), help="How inertial sensors sit: .json or a recording.")
@click.option("--simulate", is_flag=True, help="A simulated lifter on two load cells instead of sensors.")
@click.option("--replay", type=click.Path(path_type=Path), help="A packet log or recording, as if it happened now.")
@click.option("--speed", type=float, default=1.0, show_default=True, help="Of --replay; inf is as fast as it goes.")
@click.option("--lan", is_flag=True, help="Show the page to the local network; prints a code to scan.")
@click.option("--tls", is_flag=True, help="Serve https, so that the phone can keep its screen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Of the page; without it any that is free.")
@click.option("--tui", is_flag=True, help="Show it in this terminal instead of a browser.")
@click.option("--json-lines", is_flag=True, help="Print one event per line as JSON; needs no browser.")
@click.option("--lsl", is_flag=True, help="Send samples, envelopes and markers to Lab Streaming Layer as well.")
@click.option("--no-cues", is_flag=True, help="Give no cues.")
@click.option("--no-browser", is_flag=True, help="Print the link, do not open it.")
@click.option("--out", "folder", type=click.Path(path_type=Path), default=Path(FOLDER), show_default=True,
              help="Folder for recordings and pages.")  # fmt: skip
@database_option
@one_line_errors
def live_(**given: Any) -> None:
    """Count the reps of a set and compare left and right while it is done.

    Ctrl-C ends the session in order: a set that runs is worked out and kept, the exit code is 0.
    """
    options = Options(**given)
    from glutebal.ingest.link.running import run

    _require_sensors(options)
    options.folder.mkdir(parents=True, exist_ok=True)
    try:
        run(_session(options))
    except KeyboardInterrupt:
        click.echo("stopped", err=True)


def _require_sensors(options: Options) -> None:
    ways = [bool(options.left or options.right or options.midline), options.simulate, options.replay is not None]
    if sum(ways) != 1:
        found = "none of them" if not any(ways) else "more than one of them"
        raise InputError("--left/--right, --simulate or --replay", found, "live", "glutebal scan lists sensors")
    if options.tui and options.json_lines:
        raise InputError("--tui or --json-lines", "both", "live")


async def _session(options: Options) -> None:
    """Open the sensors, the hall and the views; close them in the reverse order whatever happens."""
    from glutebal.live.together import together

    async with AsyncExitStack() as stack:
        lifter = _lifter(options)
        hall = await stack.enter_async_context(_hall(options, lifter))
        works: list[Coroutine[Any, Any, None]] = [_view(hall, options)]
        works += [_lifts(hall, lifter)] if lifter else []
        works += [_outlet(hall)] if options.lsl else []
        try:
            await together(hall, works)
        finally:
            _say_where(hall, options)


def _lifter(options: Options) -> Lifter | None:
    if not options.simulate:
        return None
    from glutebal.testing.lifter import Lifter

    return Lifter(reps=options.target_reps or 12)


@asynccontextmanager
async def _hall(options: Options, lifter: Lifter | None) -> AsyncIterator[Hall]:
    from glutebal.coach.cues import CueSettings
    from glutebal.ingest.recorder import About
    from glutebal.live import live
    from glutebal.live.state import SIDES

    left, right, backend = _air(options, lifter)
    exercise = chosen_exercise(options.exercise or ("squat" if options.simulate else None), options.own)
    name = exercise.name if exercise else None
    about = About(
        "plate" if options.simulate else options.site,
        options.athlete,
        name,
        options.load_kg,
        worn=worn_on(left, right, options.channels, options.site) or _in_the_middle(options),
    )
    plan: dict[str, Any] = {
        "side": SIDES[options.side or "both"],
        "target_reps": options.target_reps,
        "sets": options.sets or (1 if options.json_lines and options.target_reps else None),
        "auto_start": not options.waits_for_start,
        "calibration": options.calibration,
        "cues": None if options.no_cues else CueSettings(personal_sd=own_sd(options.place, options.athlete, name)),
        "about": about,
        "folder": None if options.replay else options.folder,
        "keeper": KeepSets(_athlete(options), _place(options), options.folder),
    }
    reference = list(options.reference) or None
    if options.replay is not None:
        yield live(options.replay, exercise, reference=reference, speed=options.speed, **plan)
        return
    from glutebal.ingest.link import connect

    async with connect(left, right, midline=options.midline, driver=options.driver, backend=backend) as link:
        yield live(link, exercise, reference=reference, **plan)


def _in_the_middle(options: Options) -> dict[str, Worn] | None:
    """Where the sensor that belongs to neither side is worn."""
    from glutebal.ingest.header import Worn

    return {"": Worn(None, options.midline_site)} if options.midline else None


def _air(options: Options, lifter: Lifter | None) -> tuple[str | None, str | None, Backend | None]:
    if lifter is None:
        return options.left, options.right, None
    from glutebal.testing.air import NAMES

    return NAMES.left, NAMES.right, lifter.backend()


def _athlete(options: Options) -> str | None:
    """A trial has a person of its own, so that it is seen how a session is kept."""
    return options.athlete or ("simulated" if options.simulate else None)


def _place(options: Options) -> str | None:
    """A trial does not write into a person's history."""
    return options.place or (str(options.folder / HISTORY_OF_TRIALS) if options.simulate else None)


async def _lifts(hall: Hall, lifter: Lifter) -> None:
    """The simulated person lifts when a set starts and puts the load down when it ends."""
    from glutebal.live.events import SetEnded, SetStarted

    async for event in hall.subscribe():
        if isinstance(event, SetStarted):
            lifter.lift()
        elif isinstance(event, SetEnded):
            lifter.stop()


async def _outlet(hall: Hall) -> None:
    from glutebal.live.outlet import Outlet

    await Outlet(hall).run()


async def _view(hall: Hall, options: Options) -> None:
    if options.json_lines:
        from glutebal.live.lines import lines, to_stdout

        await lines(hall, to_stdout)
    elif options.tui:
        from glutebal.live.terminal import watch

        await watch(hall)
    else:
        await _page(hall, options)


async def _page(hall: Hall, options: Options) -> None:
    from glutebal.live.server import Serving, serve

    serving = Serving(port=options.port, lan=options.lan, tls=options.tls)
    await serve(hall, serving, opened=lambda address: _tell(address, options), renewed=_tell_next)


def _tell(address: Address, options: Options) -> None:
    click.echo(f"control: {address.control_url}\nlook on: {address.url}\nCtrl-C ends the session.")
    if address.lan:
        click.echo(address.qr())
    elif not options.no_browser:
        webbrowser.open(address.control_url)


def _tell_next(address: Address) -> None:
    click.echo(f"control for one more device: {address.control_url}")
    if address.lan:
        click.echo(address.qr())


def _say_where(hall: Hall, options: Options) -> None:
    last = hall.state.last
    if last is None or options.json_lines:
        return
    for title, path in (("recording", last.log), ("page", last.page)):
        if path is not None:
            click.echo(f"{title}: {path.resolve()}")
