"""The web view of a hall: a server in the same event loop as the sensors, for the phone against the wall."""

from __future__ import annotations

import asyncio
import io
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from glutebal.errors import InputError, MissingExtraError
from glutebal.live.events import SetEnded
from glutebal.live.serving_certificate import self_signed
from glutebal.live.serving_pages import Page, SessionPages
from glutebal.live.serving_tokens import Doors, new_token

if TYPE_CHECKING:
    from glutebal.live.serving_connections import QuietServer
    from glutebal.live.serving_views import Gallery, Shown

__all__ = ["Address", "Page", "Serving", "serve"]

ANYWHERE, LOOPBACK = "0.0.0.0", "127.0.0.1"  # noqa: S104 - only when the user asks for the local network
DOCUMENTATION_NET = "192.0.2.1", 9


@dataclass(frozen=True)
class Serving:
    """Where and how a hall is shown.

    Parameters
    ----------
    host : str
        The address to bind: the machine itself unless another is named.
    port : int
        0 to 65535; 0 takes any free one.
    lan : bool
        Show it to the local network: binds every address of the machine.
    tls : bool
        Serve https with a certificate of its own, which browsers warn of once; phones keep their screen on only then.
    token, view_token : str
        The secrets of the first control link (opens once) and of the view link; made anew unless given.
    """

    host: str = LOOPBACK
    port: int = 0
    lan: bool = False
    tls: bool = False
    token: str = field(default_factory=new_token, repr=False)
    view_token: str = field(default_factory=new_token, repr=False)

    def __post_init__(self) -> None:
        if not 0 <= self.port <= 65535:
            raise InputError("a port from 0 (any that is free) to 65535", str(self.port), "port")

    @property
    def bound(self) -> str:
        """The address that is listened at."""
        return ANYWHERE if self.lan else self.host


@dataclass(frozen=True)
class Address:
    """Where a hall can be seen: links with their secrets, not for log files.

    ``url`` lets people look, ``control_url`` lets one phone or browser steer and opens once.
    ``fingerprint`` is the SHA-256 of the certificate, to compare with what the browser shows.
    """

    url: str = field(repr=False)
    control_url: str = field(repr=False)
    lan: bool
    fingerprint: str = ""

    def qr(self) -> str:
        """The control link as a code to scan, drawn with block characters."""
        import segno

        drawn = io.StringIO()
        segno.make(self.control_url, error="l", micro=False).terminal(drawn, compact=True)
        return drawn.getvalue()


async def serve(
    hall: Shown,
    serving: Serving | None = None,
    *,
    page: Page | None = None,
    opened: Callable[[Address], None] | None = None,
    renewed: Callable[[Address], None] | None = None,
) -> None:
    """Show a hall until it ends. It is not run here: whoever made it runs it, in the same event loop.

    Parameters
    ----------
    hall : Hall
        What is shown and steered.
    serving : Serving, optional
        Where and how; on this machine alone by default.
    page : callable, optional
        Makes the session page (HTML, bytes) of a `SetEnded` that has a result; called in a thread, once per set.
    opened : callable, optional
        Called with the `Address` when the server listens.
    renewed : callable, optional
        Called with the next `Address` when a control link was used.

    Raises
    ------
    MissingExtraError
        The libraries of the extra ``live`` are not installed.
    InputError
        The address or the port cannot be listened at.
    """
    _need_libraries()
    from glutebal.live.serving_views import Gallery

    chosen = serving or Serving()
    listener = _listener(chosen.bound, chosen.port)
    pages, gallery = SessionPages(page), Gallery(hall)
    with listener, _certificate(chosen) as (certificate, fingerprint):
        reached = _Reached(chosen, listener.getsockname()[1], fingerprint)
        doors = Doors(chosen.token, chosen.view_token, lambda token: _call(renewed, reached.address(token)))
        server = _server(doors, gallery, pages, reached, certificate)
        _call(opened, reached.address(chosen.token))  # who comes now waits in the queue of the listener
        await _until_the_end(server, listener, gallery, pages)


@dataclass(frozen=True)
class _Reached:
    """A server that listens: what its links look like."""

    serving: Serving
    port: int
    fingerprint: str

    def address(self, token: str) -> Address:
        host = lan_address() if self.serving.lan else self.serving.host
        shown = f"[{host}]" if ":" in host else host
        join = f"{'https' if self.serving.tls else 'http'}://{shown}:{self.port}/join?token="
        return Address(join + self.serving.view_token, join + token, self.serving.lan, self.fingerprint)


def _server(
    doors: Doors, gallery: Gallery, pages: SessionPages, reached: _Reached, certificate: dict[str, str]
) -> QuietServer:
    from glutebal.live.serving_app import Site
    from glutebal.live.serving_connections import QuietServer, quiet_config
    from glutebal.live.serving_frames import MESSAGE_BYTES

    cookie = f"glutebal_{reached.port}"  # cookies do not know ports: two halls on one machine keep theirs apart
    site = Site(doors, gallery, pages, cookie, secure=reached.serving.tls)
    return QuietServer(quiet_config(site.application(), MESSAGE_BYTES, certificate))


async def _until_the_end(server: QuietServer, listener: socket.socket, gallery: Gallery, pages: SessionPages) -> None:
    serving = asyncio.ensure_future(server.serve(sockets=[listener]))
    keeping = asyncio.ensure_future(_keep(gallery.hall, pages))
    noticing = asyncio.ensure_future(gallery.notice())
    try:
        await asyncio.wait((serving, keeping), return_when=asyncio.FIRST_COMPLETED)
        await gallery.emptied()
    finally:
        for task in (keeping, noticing):
            task.cancel()
        server.should_exit = True
        await asyncio.gather(serving, keeping, noticing, return_exceptions=True)
    for done in (serving, keeping, noticing):
        if not done.cancelled():
            done.result()


async def _keep(hall: Shown, pages: SessionPages) -> None:
    """Remember the sets that have ended, until the hall has."""
    told = hall.subscribe()
    if hall.state.last is not None:
        pages.keep(hall.state.last)
    async for event in told:
        if isinstance(event, SetEnded):
            pages.keep(event)


def _call(told: Callable[[Address], None] | None, address: Address) -> None:
    if told is not None:
        told(address)


def _need_libraries() -> None:
    try:
        import segno  # noqa: F401
        import starlette  # noqa: F401
        import uvicorn  # noqa: F401
        import websockets  # noqa: F401
    except ImportError as error:
        raise MissingExtraError.of("live", error.name or "starlette", "show a live page") from error


def _listener(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=512)
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError("an address of this machine with a free port", reason, f"{host}:{port}", "--port 0") from error


@contextmanager
def _certificate(serving: Serving) -> Iterator[tuple[dict[str, str], str]]:
    if not serving.tls:
        yield {}, ""
        return
    with self_signed((LOOPBACK, "::1", lan_address())) as made:
        yield {"ssl_certfile": str(made.certificate), "ssl_keyfile": str(made.key)}, made.fingerprint


def lan_address() -> str:
    """The address of this machine in its local network, else the loopback address. Nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(DOCUMENTATION_NET)
            return str(probe.getsockname()[0])
        except OSError:
            return LOOPBACK
