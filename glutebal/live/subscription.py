"""One reader of a hall: a bounded queue that drops the oldest when its reader sleeps, and counts what it dropped."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator

from glutebal.errors import InputError
from glutebal.live.events import Event


class Subscription:
    """The events of a hall from now on, in order; ends when the hall does.

    Parameters
    ----------
    capacity : int
        Events that wait at most; when more come the oldest are dropped and counted in ``dropped``.
    """

    def __init__(self, capacity: int = 512) -> None:
        if capacity < 1:
            raise InputError("room for at least one event", f"{capacity}", "subscribe")
        self.capacity, self.dropped = capacity, 0
        self._events: deque[Event] = deque()
        self._arrived = asyncio.Event()
        self._closed = False

    def put(self, event: Event) -> None:
        """Take an event; never waits."""
        if self._closed:
            return
        if len(self._events) >= self.capacity:
            self._events.popleft()
            self.dropped += 1
        self._events.append(event)
        self._arrived.set()

    def close(self) -> None:
        """Nothing more comes; what waits can still be read."""
        self._closed = True
        self._arrived.set()

    @property
    def closed(self) -> bool:
        """Whether nothing more comes."""
        return self._closed

    def drain(self) -> list[Event]:
        """What waits, without waiting."""
        events = list(self._events)
        self._events.clear()
        return events

    async def __aiter__(self) -> AsyncIterator[Event]:
        while True:
            while self._events:
                yield self._events.popleft()
            if self._closed:
                return
            self._arrived.clear()
            await self._arrived.wait()
