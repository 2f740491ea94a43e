"""Where the history is: ``--db``, the environment variable GLUTEBAL_HISTORY, or a file among the user's data."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from glutebal.errors import InputError

if TYPE_CHECKING:
    from glutebal.analysis.history import History

VARIABLE = "GLUTEBAL_HISTORY"
FILE = "glutebal-history.db"

database_option: Callable[[Any], Any] = click.option(
    "--db",
    "place",
    envvar=VARIABLE,
    metavar="PATH_OR_URL",
    help=f"The history: a file, or a postgresql:// URL.  [default: {FILE} in the user's data folder]",
)


def data_folder() -> Path:
    """The folder for a user's data, as the platform has it."""
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "glutebal"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "glutebal"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "glutebal"


def opened(place: str | None, *, new: bool = False) -> History:
    """Open the history; only with ``new`` is a file made where there is none."""
    from glutebal.analysis.history import History
    from glutebal.history.place import SERVERS

    if place and place.startswith(SERVERS):
        return History(place)
    path = Path(place) if place else data_folder() / FILE
    if path.exists():
        return History(path)
    _require(path, new=new)
    if not place:
        path.parent.mkdir(parents=True, exist_ok=True)
    made = History(path)
    click.echo(f"a new history at {path.resolve()}", err=True)
    return made


def _require(path: Path, *, new: bool) -> None:
    if not new:
        advice = f"glutebal history add, --db PATH, or the variable {VARIABLE}"
        raise InputError("a history", "no such file", str(path), advice)
