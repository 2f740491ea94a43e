"""The fields of a packet, taken one after another: a short packet and a long one are both malformed."""

from __future__ import annotations

import struct
from typing import Any

from glutebal.ingest.driver import Malformed


class Fields:
    """A packet read from its beginning; little-endian.

    >>> fields = Fields(bytes.fromhex("2c0164"))
    >>> fields.take("H"), fields.take("B")
    ((300,), (100,))
    >>> fields.end()
    """

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def take(self, layout: str) -> tuple[Any, ...]:
        """The next fields, as `struct` spells them.

        Raises
        ------
        Malformed
            The packet is too short.
        """
        size = struct.calcsize(f"<{layout}")
        if size > self.left:
            raise Malformed(f"{size} more bytes needed, {self.left} left")
        values = struct.unpack_from(f"<{layout}", self._data, self._at)
        self._at += size
        return values

    def one(self, layout: str) -> int:
        """The next field, a whole number."""
        return int(self.take(layout)[0])

    @property
    def left(self) -> int:
        """Bytes that have not been taken."""
        return len(self._data) - self._at

    def end(self) -> None:
        """Say that the packet ends here; raises `Malformed` when it does not."""
        if self.left:
            raise Malformed(f"{self.left} bytes left over")
