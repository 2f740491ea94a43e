"""Plain event lines: every event of a hall as one JSON object per line, for pipes and files.

The reader may be slow: the hall does not wait, and what was lost is counted in a line of its own,
``{"event": "dropped", "count": 12}``. A reader that goes away ends the session quietly; what was recorded is kept.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from glutebal.errors import InputError
from glutebal.live.events import Event, as_fields
from glutebal.live.state import Command, Order

if TYPE_CHECKING:
    from glutebal.live.hall import Hall
    from glutebal.live.subscription import Subscription

CAPACITY = 4096  # events that wait for a slow reader: minutes of training


async def lines(hall: Hall, write: Callable[[str], None]) -> None:
    """Write every event from now on as one line, until the hall has ended.

    It listens; somebody else runs the hall, which never waits for ``write``: that is called in a thread. When nobody
    reads any more the hall is closed, as in ``glutebal live --json-lines | head``.

    Parameters
    ----------
    hall : Hall
    write : callable
        Takes one line without its end and does not keep it back, as `to_stdout`; a `BrokenPipeError` says that
        nobody reads any more.
    """
    heard = hall.subscribe(CAPACITY)
    try:
        async for text in _texts(heard):
            await asyncio.to_thread(write, text)
    except BrokenPipeError:
        with suppress(InputError):  # it has ended by itself
            await hall.order(Command(Order.END))
    finally:
        heard.close()


async def _texts(heard: Subscription) -> AsyncIterator[str]:
    told = 0
    async for event in heard:
        if heard.dropped > told:
            told = heard.dropped
            yield _json({"event": "dropped", "count": told})
        yield line_of(event)


def line_of(event: Event) -> str:
    """The event as one line of strict JSON in ASCII: an unknown number is null, never NaN.

    >>> from glutebal.live.events import Rested
    >>> line_of(Rested(12.5, rest_s=3.0))
    '{"event": "rested", "at_s": 12.5, "rest_s": 3.0}'
    """
    return _json(as_fields(event))


def _json(fields: dict[str, object]) -> str:
    return json.dumps(fields, allow_nan=False)


def to_stdout(text: str) -> None:
    """Write one line to standard output at once.

    Raises
    ------
    BrokenPipeError
        Nobody reads any more; standard output leads nowhere from then on, so that the exit is quiet too.
    """
    try:
        sys.stdout.write(text + "\n")
        sys.stdout.flush()
    except OSError as error:
        # Windows says "invalid argument" of a pipe that was closed
        if not isinstance(error, BrokenPipeError) and os.name != "nt":
            raise
        _silence()
        raise BrokenPipeError from error


def _silence() -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
