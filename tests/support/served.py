"""A hall behind a really bound server, and plain questions to it."""

import asyncio
import contextlib
import json
import struct
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from importlib.util import find_spec
from urllib.parse import urlsplit

import numpy as np
import pytest

from glutebal.live.server import Address, Serving, serve

LIBRARIES = "starlette", "uvicorn", "websockets", "segno", "cryptography"
needs_live = pytest.mark.skipif(
    any(find_spec(library) is None for library in LIBRARIES), reason="the extra live is not installed"
)


def run(coroutine, within_s: float = 60.0):
    """Run a test's coroutine; what hangs fails."""
    return asyncio.run(asyncio.wait_for(coroutine, within_s))


async def refused(opening) -> int:
    """The status with which a socket was refused."""
    from websockets.exceptions import InvalidStatus

    with pytest.raises(InvalidStatus) as caught:
        async with opening:
            pass
    return caught.value.response.status_code


@dataclass
class Answer:
    """What a server said to one question."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass
class Served:
    """A server that runs, and the hall behind it."""

    hall: object
    address: Address
    renewed: list[Address] = field(default_factory=list)

    @property
    def host(self) -> str:
        """Host and port, as a browser sends them."""
        return urlsplit(self.address.url).netloc

    @property
    def port(self) -> int:
        """The port it is bound to."""
        return urlsplit(self.address.url).port

    async def ask(self, target: str, *, method: str = "GET", body: bytes = b"", **headers: str) -> Answer:
        """One request over a connection of its own; header names with underscores for hyphens."""
        given = {"Host": self.host, "Connection": "close"} | {k.replace("_", "-"): v for k, v in headers.items()}
        lines = [f"{method} {target} HTTP/1.1", *(f"{k}: {v}" for k, v in given.items()), "", ""]
        return await self.say("\r\n".join(lines).encode("latin-1") + body)

    async def say(self, request: bytes, by: str = "127.0.0.1") -> Answer:
        """The bytes of a request as they are, to this address of the machine."""
        reader, writer = await asyncio.open_connection(by, self.port)
        try:
            writer.write(request)
            raw = await asyncio.wait_for(reader.read(), 10)
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()
        head, _, found = raw.partition(b"\r\n\r\n")
        first, *rest = head.decode("latin-1").split("\r\n")
        pairs = (line.partition(": ")[::2] for line in rest)
        return Answer(int(first.split()[1]), {k.lower(): v for k, v in pairs}, found)

    async def cookie(self, link: str | None = None) -> str:
        """The cookie that a link is traded for; by default the control link."""
        parts = urlsplit(link or self.address.control_url)
        answer = await self.ask(f"{parts.path}?{parts.query}")
        assert answer.status == 303, answer
        return answer.headers["set-cookie"].partition(";")[0]

    def socket(self, cookie: str | None, *, start: int = 0, origin: str | None = "own", host: str | None = None):
        """A websocket with this cookie and origin."""
        from websockets.asyncio.client import connect

        headers = {"Cookie": cookie} if cookie else {}
        own = f"http://{self.host}" if origin == "own" else origin
        return connect(
            f"ws://{host or self.host}/ws?from={start}",
            host="127.0.0.1",
            port=self.port,
            origin=own,
            additional_headers=headers,
            proxy=None,
            compression=None,
        )


@contextlib.asynccontextmanager
async def served(hall, serving: Serving | None = None, *, page=None, running: bool = True) -> AsyncIterator[Served]:
    """Serve a hall and, unless told otherwise, run it; both are ended with the block."""
    opened = asyncio.get_running_loop().create_future()
    renewed: list[Address] = []
    showing = asyncio.ensure_future(
        serve(hall, serving, page=page, opened=opened.set_result, renewed=renewed.append),
    )
    playing = asyncio.ensure_future(hall.run()) if running else None
    await asyncio.wait((showing, opened), return_when=asyncio.FIRST_COMPLETED)
    if showing.done():
        showing.result()
    tasks = [task for task in (showing, playing) if task is not None]
    try:
        yield Served(hall, opened.result(), renewed)
    finally:
        for task in tasks:
            task.cancel()
        ends = await asyncio.gather(*tasks, return_exceptions=True)
    for end in ends:
        if isinstance(end, Exception):
            raise end


@dataclass
class Heard:
    """What a socket has told."""

    socket: object
    events: list[dict] = field(default_factory=list)
    frames: list[tuple[int, np.ndarray]] = field(default_factory=list)

    async def until(self, kind: str, within_s: float = 10.0) -> dict:
        """The next event of a kind; what comes before is kept too."""
        async with asyncio.timeout(within_s):
            while True:
                event = self.take(await self.socket.recv())
                if event is not None and event["event"] == kind:
                    return event

    async def rows(self, count: int, within_s: float = 10.0) -> None:
        """Wait for so many envelope rows."""
        async with asyncio.timeout(within_s):
            while sum(len(values) for _, values in self.frames) < count:
                self.take(await self.socket.recv())

    def take(self, message: str | bytes) -> dict | None:
        """Keep one message; an event is handed back."""
        if isinstance(message, str):
            self.events.append(json.loads(message))
            return self.events[-1]
        start, rows = struct.unpack_from("<II", message)
        values = np.frombuffer(message, "<f4", offset=8).reshape(-1, 2)
        assert len(values) == rows
        if rows:
            self.frames.append((start, values))
        return None

    async def closed(self, within_s: float = 10.0) -> int | None:
        """Take what still comes; the code with which the line was closed, None when it was cut."""
        from websockets.exceptions import ConnectionClosed

        with pytest.raises(ConnectionClosed) as ended:
            await self.until("never", within_s)
        return ended.value.rcvd.code if ended.value.rcvd else None

    async def order(self, order: str, value: object = "") -> None:
        """Send an order."""
        await self.socket.send(json.dumps({"order": order, "value": value}))
