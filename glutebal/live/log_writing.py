"""The packet log of a stretch, opened in a thread of its own: making a file can take a tenth of a second, and samples
that arrive meanwhile must not wait for it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from glutebal.errors import GlutebalError
from glutebal.ingest.header import Header
from glutebal.ingest.packets import PacketLog

Work = Callable[[PacketLog], object]
DISK_ERRORS = GlutebalError, OSError, sqlite3.Error


class LogWriting:
    """Work for a log, in order, as soon as the log is open.

    A disk that fails ends the log, not the set: what is on it stays, ``trouble`` gets one line, nothing is raised.

    Parameters
    ----------
    path : Path
        Of the log to be made.
    header : Header
    trouble : callable
        Called with one line when the disk fails; at most once.
    """

    def __init__(self, path: Path, header: Header, trouble: Callable[[str], None]) -> None:
        self._trouble = trouble
        self._waiting: list[Work] = []
        self._log: PacketLog | None = None
        opener = ThreadPoolExecutor(1, thread_name_prefix="open log")
        self._opening: Future[PacketLog] | None = opener.submit(PacketLog, path, header)
        opener.shutdown(wait=False)

    def do(self, work: Work) -> None:
        """Have this done to the log, now or when it is open."""
        if self._opening is not None:
            self._waiting.append(work)
            if self._opening.done():
                self._begin()
        elif self._log is not None:
            self._guarded(work, self._log)

    def close(self) -> None:
        """Finish what waits and close the log; may take a moment."""
        if self._opening is not None:
            self._begin()
        if self._log is not None:
            self._guarded(PacketLog.close, self._log)
        self._log = None

    def _begin(self) -> None:
        """Take over the log once it is open, with what has waited for it."""
        opening, self._opening = self._opening, None
        waiting, self._waiting = self._waiting, []
        try:
            self._log = opening.result() if opening else None
        except DISK_ERRORS as error:
            self._trouble(f"the recording is not written to disk: {error}")
        for work in waiting:
            if self._log is not None:
                self._guarded(work, self._log)

    def _guarded(self, work: Work, log: PacketLog) -> None:
        try:
            work(log)
        except DISK_ERRORS as error:
            self._log = None
            self._trouble(f"the recording is no longer written to disk: {error}")
            _abandon(log)


def _abandon(log: PacketLog) -> None:
    try:
        log.close()
    except DISK_ERRORS:
        return  # the disk has failed already, and it was said
