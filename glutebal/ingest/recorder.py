"""From a link to a recording: every packet goes to the log first, then through the decode path.

::

    Link ──batches──▶ PacketLog (disk)      the truth
                 └──▶ Session ──▶ status line, Recording      a pure function of it
"""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from glutebal.ingest.arrivals import Happening, Notice, Packet, Record
from glutebal.ingest.header import Header, Identity, Mark, Worn, side_word
from glutebal.ingest.link import Device, Link
from glutebal.ingest.packets import PacketLog
from glutebal.ingest.session import Session
from glutebal.model import Recording

STATUS_S = 0.5
ALIGNMENT_S = 5.0
RATE_S = 5.0  # packets hold up to 0.2 s of samples: a shorter stretch shows their beat, not the rate
SITE = "sensor"  # where a sensor is worn when nobody said


@dataclass(frozen=True)
class About:
    """What is known of a recording besides its sensors; ``worn`` says where each axis of a two-sided device is."""

    site: str = SITE
    subject: str | None = None
    exercise: str | None = None
    load_kg: float | None = None
    notes: str = ""
    worn: Mapping[str, Worn] | None = None


def header_of(link: Link, about: About) -> Header:
    """The header of a recording that begins now with the link's devices."""
    devices = tuple(_identity(device, about) for device in link.devices)
    started = datetime.now().astimezone()
    who = (about.subject, about.exercise, about.load_kg, about.notes)
    return Header(devices, started, time.monotonic_ns(), *who, software=f"glutebal {version('glutebal')}")


def _identity(device: Device, about: About) -> Identity:
    places = dict(about.worn) if about.worn and device.side is None else {"": Worn(device.side, about.site)}
    facts = dict(device.driver.info)
    return Identity(device.driver.name, places, device.name, device.address, version("glutebal"), facts)


async def record(
    link: Link,
    path: str | Path,
    about: About | None = None,
    *,
    seconds: float | None = None,
    on_status: Callable[[str], None] | None = None,
) -> Recording:
    """Record what a link delivers until ``seconds`` have passed or the link is closed.

    Parameters
    ----------
    link : Link
        From `glutebal.connect`.
    path : str or Path
        The packet log, ``.glutelog``; must not exist. It holds everything committed so far, whatever happens.
    about : About, optional
        Site, subject, exercise, load, notes.
    seconds : float, optional
        None: until the link closes.
    on_status : callable, optional
        Called twice a second with one line of text: rate, losses and battery per side.

    Returns
    -------
    Recording
        The same as reading the log afterwards.
    """
    header = header_of(link, about or About())
    session = Session(header)
    status = Status(link, session)
    with PacketLog(path, header) as log:
        until_ns = header.started_ns + round(1e9 * seconds) if seconds is not None else None
        async for batch in link.batches():
            for item in batch:
                _keep(item, log, session)
            status.tell(on_status)
            if until_ns is not None and time.monotonic_ns() >= until_ns:
                break
        for device in link.devices:
            for key, value in session.driver(device.index).info.items():
                log.fact(device.index, key, value, time.monotonic_ns())
    return session.recording(Path(path).name)


def _keep(item: Record, log: PacketLog, session: Session) -> None:
    if isinstance(item, Packet):
        log.append(item)
        session.push(item.device, item.segment, item.char, item.arrival_ns, item.data)
    elif item.kind is not Happening.BATTERY:
        mark = Mark(item.arrival_ns, _words(item), item.side)
        log.mark(mark)
        session.mark(mark)


def _words(notice: Notice) -> str:
    return f"{notice.kind.value}: {notice.text}" if notice.text else notice.kind.value


def _alignment(session: Session) -> str:
    found = session.alignment()
    if found is None:
        return ""
    known = math.isfinite(found.uncertainty_s)
    return f"L/R alignment ±{1e3 * found.uncertainty_s:.1f} ms" if known else "L/R alignment not established"


class Status:
    """The live line: one part per sensor, twice a second."""

    def __init__(self, link: Link, session: Session) -> None:
        self._link, self._session = link, session
        self._told_s = time.monotonic()
        self._kept: dict[int, deque[tuple[float, int]]] = {}
        self._aligned, self._aligned_s = "", time.monotonic()

    def tell(self, on_status: Callable[[str], None] | None) -> None:
        """Call ``on_status`` if it is time."""
        now_s = time.monotonic()
        if on_status is None or now_s - self._told_s < STATUS_S:
            return
        self._told_s = now_s
        if now_s - self._aligned_s >= ALIGNMENT_S:
            self._aligned, self._aligned_s = _alignment(self._session), now_s
        on_status("   ".join(self._parts(now_s)))

    def _parts(self, now_s: float) -> Iterator[str]:
        counts = self._session.counts()
        for device in self._link.devices:
            own = [c for (index, _), c in counts.items() if index == device.index]
            rate_hz = self._rate_hz(device.index, now_s, max((c.kept for c in own), default=0))
            state = f"{rate_hz:.0f} Hz" if device.connected else "reconnecting"
            lost = f", {sum(c.lost for c in own)} lost"
            battery = _battery(device, self._session)
            yield f"{side_word(device.side)} {device.name}: {state}{lost}{battery}"
        if self._aligned:
            yield self._aligned

    def _rate_hz(self, device: int, now_s: float, kept: int) -> float:
        """Samples per second over the last few seconds; 0 until there is a stretch to measure."""
        seen = self._kept.setdefault(device, deque())
        seen.append((now_s, kept))
        while now_s - seen[0][0] > RATE_S:
            seen.popleft()
        passed_s = now_s - seen[0][0]
        return (kept - seen[0][1]) / passed_s if passed_s > 0 else 0.0


def _battery(device: Device, session: Session) -> str:
    """The battery as the sensor tells it, in per cent or in volts; empty when it does not."""
    if device.battery_percent is not None:
        return f", battery {device.battery_percent} %"
    volts = {**device.driver.info, **session.driver(device.index).info}.get("battery_v")
    return f", battery {volts} V" if volts else ""
