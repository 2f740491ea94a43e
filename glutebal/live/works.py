"""What a hall does beside taking samples: analyses and judgements, each in a task of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Works:
    """Tasks that are awaited before the hall closes; what one of them raises is raised then."""

    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Begin a task; those that are done without an error are forgotten."""
        self._tasks = {task for task in self._tasks if not task.done() or task.exception() is not None}
        self._tasks.add(asyncio.get_running_loop().create_task(work))

    async def finish(self) -> None:
        """Wait for all of them, and for those that they start."""
        while self._tasks:
            done, _ = await asyncio.wait(self._tasks)
            self._tasks -= done
            for task in done:
                task.result()
