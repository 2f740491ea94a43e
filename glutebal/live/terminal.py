"""The terminal view: a set on one screen of 80 by 24 characters or more, over SSH as well. Needs the extra ``tui``.

::

    Hip thrust · set 2 · side: both                              SET 0:24
    reps of 12       imbalance in points, + = right larger
    ┓ ┏━┓                ┏━┓ ╻ ╻    95 % range +5.1 to +13.7
    ...
    L 45 %  █████████████████████▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒ 55 % R
"""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

from glutebal.errors import GlutebalError, InputError, MissingExtraError

if TYPE_CHECKING:
    from glutebal.live.hall import Hall


async def watch(hall: Hall) -> None:
    """Show the hall in this terminal and take its keys, until it has ended.

    It looks on; somebody else runs the hall: ``asyncio.gather(hall.run(), watch(hall))``. The view is drawn on
    standard error, so that standard output stays free for a pipe.

    Parameters
    ----------
    hall : Hall

    Raises
    ------
    MissingExtraError
        textual is not installed.
    InputError
        There is no terminal.
    GlutebalError
        The view failed; what it said stands on standard error.
    """
    try:
        from glutebal.live.screen import Screen
    except ModuleNotFoundError as error:
        if error.name and error.name.partition(".")[0] == "glutebal":
            raise
        raise MissingExtraError.of("tui", "textual", "show a session in the terminal") from error
    _require_terminal()
    screen = Screen(hall)
    await screen.run_async(mouse=False)
    task = asyncio.current_task()
    if task is not None and task.cancelling():  # textual ends quietly when it is cancelled
        raise asyncio.CancelledError
    if screen.return_code:
        raise GlutebalError("a terminal view that draws", "that it failed, as told above", "the terminal view")


def _require_terminal() -> None:
    for stream, name in ((sys.__stdin__, "input"), (sys.__stderr__, "error output")):
        if stream is None or not stream.isatty():
            raise InputError(
                "a terminal to draw in", f"standard {name} that is none", "the terminal view", "--json-lines"
            )
