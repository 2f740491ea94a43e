"""What is fetched rather than told: the view's own files, and the session page of each set."""

from __future__ import annotations

import asyncio
import gzip
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Protocol

from glutebal.live.events import SetEnded

KINDS = {"html": "text/html; charset=utf-8", "js": "text/javascript; charset=utf-8", "css": "text/css; charset=utf-8"}

STRANGER = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>glutebal</title><link rel="icon" href="data:,">
<link rel="stylesheet" href="/live.css"></head><body class="stranger"><main>
<h1>This view needs its link</h1>
<p>Open the link, or scan the code, that the program prints where it runs. A control link opens once;
the program then prints the next one.</p>
<p><a class="button" href="/">I have just opened it</a></p></main></body></html>
"""


class Page(Protocol):
    """Makes the session page of a set that has ended."""

    def __call__(self, ended: SetEnded) -> bytes:
        """The page as HTML."""


@dataclass(frozen=True)
class Asset:
    """A file of the view, as it is and compressed."""

    kind: str
    plain: bytes
    packed: bytes


@cache
def assets() -> dict[str, Asset]:
    """The view's files by name."""
    folder = files("glutebal.live") / "web"
    found = {}
    for item in folder.iterdir():
        ending = item.name.rpartition(".")[2]
        if ending in KINDS:
            plain = item.read_bytes()
            found[item.name] = Asset(KINDS[ending], plain, gzip.compress(plain, mtime=0))
    return found


class SessionPages:
    """The pages of the sets so far, made when somebody asks, each once."""

    def __init__(self, page: Page | None) -> None:
        self._page, self._making = page, asyncio.Lock()
        self._ended: dict[int, SetEnded] = {}
        self._made: dict[int, bytes] = {}

    def keep(self, ended: SetEnded) -> None:
        """A set has ended; a page that is written needs no result, and a long session holds many sets."""
        self._ended[ended.set_index] = ended if ended.page is None else replace(ended, result=None)
        self._made.pop(ended.set_index, None)

    async def of(self, set_index: int) -> bytes | None:
        """The page of a set; None when there is none: not ended, nothing to analyse, or no writer."""
        ended = self._ended.get(set_index)
        if ended is None:
            return None
        async with self._making:
            if set_index not in self._made:
                made = await asyncio.to_thread(self._make, ended)
                if made is None:
                    return None
                self._made[set_index] = made
        return self._made[set_index]

    def _make(self, ended: SetEnded) -> bytes | None:
        if ended.page is not None and ended.page.is_file():
            return ended.page.read_bytes()
        if self._page is None or ended.result is None:
            return None
        return self._page(ended)
