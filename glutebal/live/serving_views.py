"""A view's conversation: it is told events and envelopes, it may give orders; none of it holds up the hall."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from typing import Any, Protocol

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from glutebal.errors import GlutebalError, InputError
from glutebal.live.events import Event, SetEnded, SetStarted, StepDone
from glutebal.live.serving_frames import Accepted, Refused, StateTold, command_of, frame_of, hello, text_of
from glutebal.live.serving_tokens import Right, new_token
from glutebal.live.state import Command, Envelopes, State

VIEWERS, CONTROLS = 32, 8
"""Views at a time: so many that look, and so many more that steer, whom the lookers cannot keep out."""

FRAME_S = 1 / 30
PULSE_S = 1.0  # an empty frame so often, so that a page can tell a dead line from a resting hall
ORDER_S = 0.05
NOTICE_S = 0.25
FAREWELL_S = 2.0
PATIENCE = 5
"""Messages that make no sense before the line is cut."""

OVER, UNFIT, FULL = 1000, 1008, 1013
REDRAWN = SetStarted, SetEnded, StepDone


class Told(Protocol):
    """The events of a hall, for one listener."""

    dropped: int

    def __aiter__(self) -> AsyncIterator[Event]: ...
    def close(self) -> None:
        """No more."""


class Shown(Protocol):
    """What is needed of a hall to show it."""

    @property
    def state(self) -> State:
        """The hall now."""

    def subscribe(self, capacity: int = 512) -> Told:
        """Listen from now on."""

    def envelopes(self, start: int = 0) -> Envelopes:
        """Rows from one on, at most the last 30 s."""

    async def order(self, command: Command) -> None:
        """Give an order."""


class Gallery:
    """The views of one hall. What one of them changes is told to all."""

    def __init__(self, hall: Shown) -> None:
        self.hall, self.run = hall, new_token()
        self.views: set[View] = set()

    async def admit(self, socket: WebSocket, right: Right, since: int) -> None:
        """Talk with a view until it leaves or the hall ends."""
        await socket.accept()
        room = VIEWERS if right is Right.VIEW else CONTROLS
        if sum(view.right is right for view in self.views) >= room:
            await socket.close(FULL, f"there are {room} views already")
            return
        view = View(self, socket, right, since)
        self.views.add(view)
        try:
            await view.converse()
        finally:
            self.views.discard(view)

    def redraw(self) -> None:
        """Tell every view the state anew."""
        for view in self.views:
            view.stale.set()

    async def notice(self) -> None:
        """See what changed without an event, a few times a second."""
        before = self._fingerprint()
        while True:
            await asyncio.sleep(NOTICE_S)
            now = self._fingerprint()
            if now != before:
                self.redraw()
            before = now

    def _fingerprint(self) -> tuple[object, ...]:
        state = self.hall.state
        settings = state.exercise, state.side, state.target_reps, state.cues_on, state.steps
        return state.stage, state.set_index, settings, state.checks, state.troubles, state.aligned

    async def emptied(self) -> None:
        """Wait until every view has left, but not for long."""
        loop = asyncio.get_running_loop()
        until = loop.time() + FAREWELL_S + 1
        while self.views and loop.time() < until:
            await asyncio.sleep(0.02)


class View:
    """One socket."""

    def __init__(self, gallery: Gallery, socket: WebSocket, right: Right, since: int) -> None:
        self.right, self.stale = right, asyncio.Event()
        self._gallery, self._hall, self._socket = gallery, gallery.hall, socket
        self._row, self._senseless, self._unit = since, 0, ""

    async def converse(self) -> None:
        """Tell, draw and listen until one of them ends."""
        told = self._hall.subscribe(256)
        try:
            recent = self._hall.envelopes(0)
            if self._row > recent.start + len(recent.values):
                self._row = 0  # it speaks of another run
            self._unit = recent.unit
            await self._say(hello(self._gallery.run, self.right is Right.CONTROL, recent))
            await self._say(StateTold(0.0, self._hall.state, recent.unit))
            await _first_to_end(self._tell(told), self._retell(), self._draw(), self._listen())
        finally:
            told.close()

    async def _say(self, event: Event) -> None:
        await self._socket.send_text(text_of(event))

    async def _tell(self, told: Told) -> None:
        missed = 0
        async for event in told:
            if told.dropped > missed:
                missed = told.dropped
                self.stale.set()
            await self._say(event)
            if isinstance(event, REDRAWN):
                self.stale.set()
        await asyncio.sleep(FAREWELL_S)  # a page fetches what it wants to keep, and leaves by itself
        await self._close(OVER, "the session has ended")

    async def _retell(self) -> None:
        while True:
            await self.stale.wait()
            self.stale.clear()
            await self._say(StateTold(0.0, self._hall.state, self._unit))

    async def _draw(self) -> None:
        loop = asyncio.get_running_loop()
        due = said = loop.time()
        while True:
            rows = self._hall.envelopes(self._row)
            if len(rows.values) or due - said > PULSE_S:
                await self._socket.send_bytes(frame_of(rows))
                self._row, said = max(self._row, rows.start + len(rows.values)), due
            if rows.unit != self._unit:
                self._unit = rows.unit
                self.stale.set()
            due = max(due + FRAME_S, loop.time())
            await asyncio.sleep(due - loop.time())

    async def _listen(self) -> None:
        while self._senseless < PATIENCE:
            message = await self._socket.receive()
            if message["type"] == "websocket.disconnect":
                return
            await self._hear(message.get("text"))
            await asyncio.sleep(ORDER_S)
        await self._close(UNFIT, "messages that make no sense")

    async def _hear(self, text: str | None) -> None:
        try:
            command = command_of(text if text is not None else "")
        except InputError as error:
            self._senseless += 1
            await self._say(Refused(0.0, "", str(error)))
            return
        await self._say(await self._obey(command))

    async def _obey(self, command: Command) -> Event:
        name = command.order.value
        if self.right is not Right.CONTROL:
            return Refused(0.0, name, "this view looks only; open the control link to start and stop")
        try:
            await self._hall.order(command)
        except GlutebalError as error:
            return Refused(0.0, name, str(error))
        self._gallery.redraw()
        return Accepted(0.0, name)

    async def _close(self, code: int, why: str) -> None:
        if self._socket.application_state is WebSocketState.CONNECTED:
            await self._socket.close(code, why)


async def _first_to_end(*parts: Coroutine[Any, Any, None]) -> None:
    """Run until one ends; the others are ended with it. A view that has gone is no error."""
    tasks = [asyncio.ensure_future(part) for part in parts]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        ends = await asyncio.gather(*tasks, return_exceptions=True)
    for end in ends:
        if isinstance(end, Exception) and not isinstance(end, WebSocketDisconnect | OSError):
            raise end
