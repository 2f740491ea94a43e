"""What every answer carries, and which requests are not answered: foreign hosts and foreign origins."""

from __future__ import annotations

from collections.abc import Iterable, MutableMapping
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
DOWNLOAD_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'"
"""For a session page: a document of its own whose styles stand in it, without scripts."""

SECURITY = {
    "content-security-policy": CONTENT_POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), screen-wake-lock=(self)",
    "cache-control": "no-store",
}
LOOPBACK = {"localhost", "127.0.0.1", "::1"}

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]


def host_of(header: str) -> str | None:
    """The host's name or address in a Host header, without its port; None when it is none."""
    try:
        parts = urlsplit(f"//{header}")
        parts.port  # noqa: B018 - raises when it is no number
    except ValueError:
        return None
    plain = not (parts.path or parts.query or parts.fragment or "@" in parts.netloc)
    return parts.hostname if plain else None


def known_host(header: str, bound: str) -> bool:
    """Whether a request means this server: a loopback name, or the very address that it came in by.

    A name that somebody else's server resolves to this address (DNS rebinding) is neither.
    """
    host = host_of(header)
    return host is not None and (host in LOOPBACK or (host == bound and _is_address(host)))


def same_origin(origin: str, scheme: str, host_header: str) -> bool:
    """Whether the page that opens a socket came from this server."""
    return bool(host_header) and origin == f"{'https' if scheme == 'wss' else 'http'}://{host_header}"


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def header(scope: Scope, name: str) -> str:
    """One header of a request; empty when it is missing or given more than once."""
    pairs: Iterable[tuple[bytes, bytes]] = scope["headers"]
    found = [value for key, value in pairs if key == name.encode()]
    return found[0].decode("latin-1") if len(found) == 1 else ""


class Doorman:
    """An ASGI application before the application: foreign hosts are turned away, answers get their headers."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        """Answer one request."""

        async def sealed(message: Message) -> None:
            if message["type"] in {"http.response.start", "websocket.http.response.start"}:
                message["headers"] = _with_security(message.get("headers", ()))
            await send(message)

        if known_host(header(scope, "host"), (scope.get("server") or ("", 0))[0]):
            await self._app(scope, receive, sealed)
        else:
            await turn_away(scope, receive, sealed, 421, "This address does not lead here.")


def _with_security(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    own = list(headers)
    named = {key.lower() for key, _ in own}
    return own + [(k.encode(), v.encode()) for k, v in SECURITY.items() if k.encode() not in named]


async def turn_away(scope: Scope, receive: Any, send: Any, status: int, text: str) -> None:
    """Answer with a status and one line, before any socket is opened."""
    kind = "websocket.http.response" if scope["type"] == "websocket" else "http.response"
    if scope["type"] == "websocket":
        await receive()
    headers = [(b"content-type", b"text/plain; charset=utf-8")]
    await send({"type": f"{kind}.start", "status": status, "headers": headers})
    await send({"type": f"{kind}.body", "body": text.encode(), "more_body": False})
