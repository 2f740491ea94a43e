"""A hall and its views in one event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any

from glutebal.live.hall import Hall

FAREWELL_S = 5.0


async def together(hall: Hall, views: Sequence[Coroutine[Any, Any, None]]) -> None:
    """Run a hall with the views that watch it; they get a moment to say goodbye.

    Raises
    ------
    Exception
        Of the hall, else the first of a view; the hall was run to its end before.
    """
    tasks = [asyncio.create_task(view) for view in views]
    await asyncio.sleep(0)  # views listen before the first event
    try:
        await hall.run()
    finally:
        found = await _settled(tasks)
    for error in found:
        raise error


async def _settled(tasks: Sequence[asyncio.Task[None]]) -> list[Exception]:
    _, late = await asyncio.wait(tasks, timeout=FAREWELL_S) if tasks else (set(), set())
    for task in late:
        task.cancel()
    return [e for e in await asyncio.gather(*tasks, return_exceptions=True) if isinstance(e, Exception)]
