"""A hall and its views in one event loop."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from glutebal.errors import GlutebalError
from glutebal.live.hall import Hall
from glutebal.live.state import Command, Order

FAREWELL_S = 5.0
#: A closed terminal and a polite request to stop end a session like Ctrl-C does: in order. Windows has no hang-up.
ENDINGS = [getattr(signal, name) for name in ("SIGHUP", "SIGTERM") if hasattr(signal, name)]


async def together(hall: Hall, views: Sequence[Coroutine[Any, Any, None]]) -> None:
    """Run a hall with the views that watch it; they get a moment to say goodbye.

    A view that fails ends the session: nobody would see it go on.

    Raises
    ------
    Exception
        Of the hall, else the first of a view; the hall was run to its end before.
    """
    tasks = [asyncio.create_task(_watched(hall, view)) for view in views]
    await asyncio.sleep(0)  # views listen before the first event
    try:
        with _endings(hall):
            await hall.run()
    finally:
        found = await _settled(tasks)
    for error in found:
        raise error


async def _watched(hall: Hall, view: Coroutine[Any, Any, None]) -> None:
    try:
        await view
    except Exception:
        await _end(hall)
        raise


async def _end(hall: Hall) -> None:
    with suppress(GlutebalError):  # it has ended already
        await hall.order(Command(Order.END))


@contextmanager
def _endings(hall: Hall) -> Iterator[None]:
    loop = asyncio.get_running_loop()
    ends: set[asyncio.Task[None]] = set()
    with suppress(NotImplementedError, ValueError, RuntimeError):  # Windows; a loop outside the main thread
        for ending in ENDINGS:
            loop.add_signal_handler(ending, lambda: ends.add(loop.create_task(_end(hall))))
    try:
        yield
    finally:
        with suppress(NotImplementedError, ValueError, RuntimeError):
            for ending in ENDINGS:
                loop.remove_signal_handler(ending)


async def _settled(tasks: Sequence[asyncio.Task[None]]) -> list[Exception]:
    _, late = await asyncio.wait(tasks, timeout=FAREWELL_S) if tasks else (set(), set())
    for task in late:
        task.cancel()
    return [e for e in await asyncio.gather(*tasks, return_exceptions=True) if isinstance(e, Exception)]
