"""The web application: which address answers what, and to whom."""

from __future__ import annotations

from typing import Any

from starlette.applications import Starlette
from starlette.requests import HTTPConnection, Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from glutebal.live.serving_headers import DOWNLOAD_POLICY, Doorman, header, same_origin
from glutebal.live.serving_pages import STRANGER, SessionPages, assets
from glutebal.live.serving_tokens import Doors, Right
from glutebal.live.serving_views import Gallery

FORBIDDEN, NOT_FOUND, SEE_OTHER = 403, 404, 303
ROW_DIGITS = 12


class Site:
    """Addresses of one hall: ``/join`` trades a link for a cookie, everything else asks for the cookie."""

    def __init__(self, doors: Doors, gallery: Gallery, pages: SessionPages, cookie: str, secure: bool) -> None:
        self._doors, self._gallery, self._pages = doors, gallery, pages
        self._cookie, self._secure = cookie, secure

    def application(self) -> Doorman:
        """The whole, behind its doorman."""
        routes = [
            Route("/", self._front, methods=["GET"]),
            Route("/join", self._join, methods=["GET"]),
            Route("/page/{set_index:int}.html", self._page, methods=["GET"]),
            Route("/{name}", self._asset, methods=["GET"]),
            WebSocketRoute("/ws", self._socket),
        ]
        return Doorman(Starlette(routes=routes))

    def _right(self, connection: HTTPConnection) -> Right | None:
        return self._doors.right(connection.cookies.get(self._cookie))

    async def _front(self, request: Request) -> Response:
        if self._right(request) is None:
            return Response(STRANGER, FORBIDDEN, media_type="text/html")
        return _asset(request, "index.html")

    async def _join(self, request: Request) -> Response:
        entry = None if request.method != "GET" else self._doors.exchange(request.query_params.get("token", ""))
        if entry is None:
            return Response(STRANGER, FORBIDDEN, media_type="text/html")
        answer = RedirectResponse("/", SEE_OTHER)
        if entry.right is Right.VIEW and self._right(request) is Right.CONTROL:
            return answer  # who steers may look anyway
        answer.set_cookie(self._cookie, entry.cookie, httponly=True, samesite="strict", secure=self._secure)
        return answer

    async def _asset(self, request: Request) -> Response:
        name = request.path_params["name"]
        if name != "live.css" and self._right(request) is None:  # the page for strangers is dressed too
            return Response("needs the link", FORBIDDEN, media_type="text/plain")
        return _asset(request, name)

    async def _page(self, request: Request) -> Response:
        if self._right(request) is None:
            return Response("needs the link", FORBIDDEN, media_type="text/plain")
        number = request.path_params["set_index"]
        page = await self._pages.of(number)
        if page is None:
            return Response(f"there is no page of set {number}", NOT_FOUND, media_type="text/plain")
        headers = {
            "content-disposition": f'attachment; filename="glutebal-set-{number}.html"',
            "content-security-policy": DOWNLOAD_POLICY,
        }
        return Response(page, headers=headers, media_type="text/html")

    async def _socket(self, socket: WebSocket) -> None:
        right = self._right(socket)
        ours = same_origin(header(socket.scope, "origin"), socket.scope["scheme"], header(socket.scope, "host"))
        if right is None or not ours:
            await socket.send_denial_response(Response("needs the link", FORBIDDEN, media_type="text/plain"))
            return
        await self._gallery.admit(socket, right, _row(socket.query_params.get("from", "0")))


def _row(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= ROW_DIGITS else 0


def _asset(request: Request, name: str) -> Response:
    asset = assets().get(name)
    if asset is None:
        return Response("not here", NOT_FOUND, media_type="text/plain")
    headers: dict[str, Any] = {"content-type": asset.kind, "vary": "accept-encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(asset.packed, headers=headers | {"content-encoding": "gzip"})
    return Response(asset.plain, headers=headers)
