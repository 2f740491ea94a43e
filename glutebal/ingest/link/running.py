"""The door from ordinary code into the event loop that a link needs."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run to the end in an event loop of its own; an interrupt from the keyboard ends it in order."""
    return asyncio.run(work)
