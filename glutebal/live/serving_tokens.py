"""Who may look and who may steer: secrets in links, exchanged for cookies that scripts cannot read."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

SESSIONS = 256
"""Cookies that are remembered; the oldest give way, so that the door cannot fill the memory."""


class Right(Enum):
    """What a view may do."""

    VIEW = "view"
    CONTROL = "control"


@dataclass(frozen=True)
class Entry:
    """A cookie's value and what it allows."""

    cookie: str
    right: Right


def new_token() -> str:
    """A secret that cannot be guessed: 192 random bits, safe in an address."""
    return secrets.token_urlsafe(24)


class Doors:
    """The links and the cookies of one server.

    A control link opens once; then the next one is made and ``renewed`` is told. The view link opens for everybody
    who has it: looking takes nothing from anyone.
    """

    def __init__(self, control_token: str, view_token: str, renewed: Callable[[str], None] | None = None) -> None:
        self.control_token, self.view_token = control_token, view_token
        self._renewed = renewed
        self._entries: OrderedDict[str, Right] = OrderedDict()

    def exchange(self, token: str) -> Entry | None:
        """A new cookie for the secret of a link; None when it opens nothing (any more)."""
        given = token.encode(errors="surrogatepass")
        if secrets.compare_digest(given, self.control_token.encode()):
            self.control_token = new_token()
            entry = self._enter(Right.CONTROL)
            if self._renewed is not None:
                self._renewed(self.control_token)
            return entry
        if secrets.compare_digest(given, self.view_token.encode()):
            return self._enter(Right.VIEW)
        return None

    def right(self, cookie: str | None) -> Right | None:
        """What the holder of the cookie may do; None for a stranger."""
        return self._entries.get(cookie) if cookie else None

    def _enter(self, right: Right) -> Entry:
        entry = Entry(new_token(), right)
        self._entries[entry.cookie] = right
        if len(self._entries) > SESSIONS:
            views = (cookie for cookie, held in self._entries.items() if held is Right.VIEW)
            self._entries.pop(next(views, next(iter(self._entries))))
        return entry
