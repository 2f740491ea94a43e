"""A packet log decoded again: into a recording at once, or packet by packet at the pace of its arrivals."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncIterator
from pathlib import Path

from glutebal.errors import InputError
from glutebal.ingest.arrivals import Packet
from glutebal.ingest.columnmap import ColumnMap
from glutebal.ingest.openlog import open_log
from glutebal.ingest.packets import SUFFIX
from glutebal.ingest.session import Session
from glutebal.model import Recording


def decoded(path: str | Path) -> Session:
    """The session of a log: every packet pushed through the decode path that a live recording uses.

    Raises
    ------
    FileFormatError
        Not a packet log, damaged, or of a newer version of the library.
    InputError
        No such file.
    UnknownNameError
        A driver of the log is not known.
    """
    with open_log(path) as log:
        session = Session(log.header)
        for p in log.packets():
            session.push(p.device, p.segment, p.char, p.arrival_ns, p.data)
        for mark in log.marks():
            session.mark(mark)
        session.damaged = log.damaged
    return session


def read_log(path: Path, chart: ColumnMap | None = None) -> Recording:
    """The recording in a log; the log knows its channels and takes no map.

    Raises
    ------
    FileFormatError
        Not a packet log, damaged, or of a newer version of the library.
    InputError
        A map was given.
    """
    if chart is not None and chart != ColumnMap(rate_hz=chart.rate_hz):
        raise InputError(f"no map for a {SUFFIX} file", "a map", path.name, "the log says where its devices were worn")
    return decoded(path).recording(path.name)


async def replay(path: str | Path, speed: float = 1.0) -> AsyncIterator[Packet]:
    """The packets of a log as if the sensors were there.

    Parameters
    ----------
    path : str or Path
    speed : float
        1 is the pace of the recording, 10 ten times as fast; infinity: as fast as they are taken.

    Raises
    ------
    InputError
        A speed that is not above 0, or no such file.
    FileFormatError
        See `decoded`.
    """
    if not speed > 0:
        raise InputError("a speed above 0", f"{speed}", "replay")
    with open_log(path) as log:
        began_s, first_ns = time.monotonic(), None
        for packet in log.packets():
            first_ns = packet.arrival_ns if first_ns is None else first_ns
            due_s = began_s + (packet.arrival_ns - first_ns) / 1e9 / speed
            await _until(due_s if math.isfinite(speed) else 0.0)
            yield packet


async def _until(due_s: float) -> None:
    """Sleep until a moment of the monotonic clock; let others run when it has passed."""
    await asyncio.sleep(max(0.0, due_s - time.monotonic()))
