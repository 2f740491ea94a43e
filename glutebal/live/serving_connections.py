"""Connections as uvicorn keeps them, for a place where anybody may knock: nobody holds a line without using it."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar
from weakref import WeakKeyDictionary

from uvicorn import Config, Server
from uvicorn.protocols.http.h11_impl import H11Protocol

PATIENCE_S = 5.0
WAITING = 64
"""Lines on which nothing has been asked yet; when one more comes, the one that has waited longest is cut."""


class Line(H11Protocol):
    """A connection that is cut when it asks nothing for five seconds, or when too many wait before it."""

    _waiting: ClassVar[WeakKeyDictionary[Any, OrderedDict[Line, None]]] = WeakKeyDictionary()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A caller has come."""
        super().connection_made(transport)
        self._asked, self._look = 0, self.loop.call_later(PATIENCE_S, self._look_again, 0)
        queue = self._queue
        queue[self] = None
        if len(queue) > WAITING:
            queue.popitem(last=False)[0].transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """The caller is gone."""
        self._look.cancel()
        self._queue.pop(self, None)
        super().connection_lost(exc)

    def handle_events(self) -> None:
        """Bytes have come; they may complete a question."""
        before = self.cycle, self.transport.get_protocol()
        super().handle_events()
        if before != (self.cycle, self.transport.get_protocol()):
            self._asked += 1
            self._queue.pop(self, None)

    @property
    def _queue(self) -> OrderedDict[Line, None]:
        return self._waiting.setdefault(self.server_state, OrderedDict())

    def _look_again(self, asked: int) -> None:
        if self.transport.is_closing() or self.transport.get_protocol() is not self:
            return
        answering = self._asked > 0 and not self.cycle.response_complete
        if answering or self._asked > asked:
            self._look = self.loop.call_later(PATIENCE_S, self._look_again, self._asked)
        else:
            self.transport.abort()


class QuietServer(Server):
    """A uvicorn server inside somebody else's loop: Ctrl-C stays with its owner."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals alone."""
        yield


def quiet_config(app: Any, message_bytes: int, certificate: dict[str, str]) -> Config:
    """Settings without logs, without a server's name, without trust in what a proxy might say."""
    return Config(
        app,
        http=Line,
        ws="websockets-sansio",
        loop="none",
        lifespan="off",
        interface="asgi3",
        log_config=None,
        log_level="critical",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        date_header=False,
        ws_max_size=message_bytes,
        ws_ping_interval=10.0,
        ws_ping_timeout=20.0,
        ws_per_message_deflate=False,
        h11_max_incomplete_event_size=16_384,
        timeout_keep_alive=5,
        timeout_graceful_shutdown=1,
        **certificate,  # type: ignore[arg-type]
    )
