"""Connecting the sensors of a session: who is on which side, found in one scan, opened one after the other."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

from glutebal.errors import InputError
from glutebal.ingest.arrivals import DEFAULT_CAPACITY
from glutebal.ingest.driver import Driver, driver_named
from glutebal.ingest.link.connection import Link, radio
from glutebal.ingest.link.scanning import Backend, Sensor, find
from glutebal.model import Side


@asynccontextmanager
async def connect(
    left: str | Sensor | None = None,
    right: str | Sensor | None = None,
    *,
    both: str | Sensor | None = None,
    midline: str | Sensor | None = None,
    driver: str | type[Driver] | None = None,
    backend: Backend | None = None,
    timeout_s: float = 15.0,
    capacity: int = DEFAULT_CAPACITY,
) -> AsyncIterator[Link]:
    """Connect sensors and keep them connected while the block runs; on the way out they are stopped and released.

    Parameters
    ----------
    left, right : str or Sensor, optional
        The sensor of each side: its name or address, or what a scan found. The same one twice is `both`.
    both, midline : str or Sensor, optional
        One device that carries both sides, in channels of its own; a sensor that belongs to neither.
    driver : str or type of Driver, optional
        The driver for all of them; without it each is recognised by its advertisement.
    backend : Backend, optional
        Another bleak backend than the system's.
    timeout_s : float
        How long to look for the sensors, and again for each of them to answer.
    capacity : int
        Packets that may wait to be read.

    Yields
    ------
    Link
        Device 0 is the left one (or ``both``), in the order of the arguments.

    Raises
    ------
    InputError
        No sensor was named, or no driver has that name.
    LinkError
        A sensor cannot be reached; its ``trouble`` says why, its ``advice`` what to try.
    """
    wanted = list(_places(left, right, both, midline))
    kind = driver_named(driver) if isinstance(driver, str) else driver
    link = Link(backend or Backend(), capacity, timeout_s)
    try:
        async with radio():
            sensors = await _sensors([which for which, _ in wanted], link.backend, kind, timeout_s)
            await _open(link, sensors, [side for _, side in wanted])
        yield link
    finally:
        await link.close()


async def _open(link: Link, sensors: list[Sensor], sides: list[Side | None]) -> None:
    """One after the other; from then on they are supervised."""
    for sensor, side in zip(sensors, sides, strict=True):
        await link.open_first(link.add(sensor, side))
    link.supervise()


def _places(
    left: str | Sensor | None, right: str | Sensor | None, both: str | Sensor | None, midline: str | Sensor | None
) -> Iterator[tuple[str | Sensor, Side | None]]:
    """Which sensor is on which side."""
    if left is not None and left == right:
        left, right, both = None, None, left
    places = [(left, Side.LEFT), (right, Side.RIGHT), (both, None), (midline, None)]
    named = [(which, side) for which, side in places if which is not None]
    if not named:
        raise InputError("at least one sensor", "none", "connect", "connect(left=..., right=...)")
    yield from named


async def _sensors(
    wanted: list[str | Sensor], backend: Backend, kind: type[Driver] | None, timeout_s: float
) -> list[Sensor]:
    """Every wanted sensor, those given by name from one scan."""
    names = [which for which in wanted if isinstance(which, str)]
    found = iter(await find(names, backend=backend, kind=kind, timeout_s=timeout_s) if names else [])
    return [next(found) if isinstance(which, str) else which for which in wanted]
