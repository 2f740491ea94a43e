"""What is in the air: a scan, the sensors that it hears, and finding the ones that were asked for."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import Any

from bleak import BleakScanner
from bleak.backends.client import BaseBleakClient
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData, BaseBleakScanner

from glutebal.ingest.advice import LinkError, Trouble
from glutebal.ingest.driver import Advert, Driver, match
from glutebal.ingest.link.failures import RADIO_ERRORS, explain

_TWIN_S = 0.5  # how long a scan goes on to see whether a name belongs to two sensors


@dataclass(frozen=True)
class Backend:
    """Which bleak backend to use, and with what options; the default is the operating system's.

    Parameters
    ----------
    scanner, client : type, optional
        Classes for ``BleakScanner(backend=...)`` and ``BleakClient(backend=...)``.
    scan_options, client_options, notify_options : mapping
        Keyword arguments for BleakScanner, BleakClient and ``start_notify``.
    """

    scanner: type[BaseBleakScanner] | None = None
    client: type[BaseBleakClient] | None = None
    scan_options: Mapping[str, Any] = field(default_factory=dict)
    client_options: Mapping[str, Any] = field(default_factory=dict)
    notify_options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Sensor:
    """A device that a scan has heard, and the driver that knows it (None: no driver does)."""

    name: str
    address: str
    advert: Advert
    driver: type[Driver] | None
    handle: BLEDevice = field(repr=False, compare=False)

    @property
    def rssi(self) -> int | None:
        """Strength of the last advertisement, in dBm."""
        return self.advert.rssi

    def is_called(self, identifier: str) -> bool:
        """Whether ``identifier`` is its name or its address, in any case."""
        return identifier.casefold() in {self.name.casefold(), self.address.casefold()}


class _Heard:
    """What a running scan has heard so far."""

    def __init__(self, among: Iterable[type[Driver]] | None) -> None:
        self.sensors: dict[str, Sensor] = {}
        self._among = None if among is None else tuple(among)
        self._news = asyncio.Event()

    def hear(self, device: BLEDevice, data: AdvertisementData) -> None:
        """Take an advertisement. Scan responses come apart from advertisements: what is known of a device adds up."""
        before = self.sensors.get(device.address)
        known = before.advert if before else Advert()
        advert = Advert(
            data.local_name or device.name or known.name,
            known.uuids | {uuid.lower() for uuid in data.service_uuids},
            {**known.manufacturer, **data.manufacturer_data},
            {**known.service_data, **data.service_data},
            data.rssi,
        )
        same = before is not None and replace(advert, rssi=known.rssi) == known
        kind = before.driver if before and same else match(advert, self._among)
        self.sensors[device.address] = Sensor(advert.name, device.address, advert, kind, device)
        self._news.set()

    async def news(self) -> None:
        """Return when something was heard since the last call."""
        await self._news.wait()
        self._news.clear()

    def called(self, identifier: str) -> list[Sensor]:
        """The sensors of that name or address."""
        return [sensor for sensor in self.sensors.values() if sensor.is_called(identifier)]


@asynccontextmanager
async def scanning(backend: Backend, hear: Callable[[BLEDevice, AdvertisementData], None]) -> AsyncIterator[None]:
    """A running scan that calls ``hear`` for every advertisement."""
    scanner = BleakScanner(hear, backend=backend.scanner, **backend.scan_options)
    try:
        await scanner.start()
    except RADIO_ERRORS as error:
        raise explain(error, "scan") from error
    try:
        yield
    finally:
        with suppress(*RADIO_ERRORS):
            await scanner.stop()


@asynccontextmanager
async def _listening(backend: Backend, among: Iterable[type[Driver]] | None = None) -> AsyncIterator[_Heard]:
    heard = _Heard(among)
    async with scanning(backend, heard.hear):
        yield heard


async def scan(
    seconds: float | None = None,
    *,
    backend: Backend | None = None,
    among: Iterable[type[Driver]] | None = None,
    every_s: float = 0.25,
) -> AsyncIterator[tuple[Sensor, ...]]:
    """Everything that advertises, as a list that grows and is kept up to date, the strongest signal first.

    Parameters
    ----------
    seconds : float, optional
        How long; without it until the caller stops (``contextlib.aclosing`` ends the scan at once).
    backend : Backend, optional
        Another bleak backend than the system's.
    among : iterable of Driver types, optional
        The drivers to recognise sensors with; all that are registered without it.
    every_s : float
        How often the list is handed on, if it changed.

    Yields
    ------
    tuple of Sensor
        The whole list.

    Raises
    ------
    LinkError
        No adapter, or it is off, or its use is not permitted.
    """
    until = None if seconds is None else time.monotonic() + seconds
    async with _listening(backend or Backend(), among) as heard:
        last: tuple[Sensor, ...] = ()
        while until is None or time.monotonic() < until:
            await asyncio.sleep(every_s)
            now = tuple(sorted(heard.sensors.values(), key=lambda s: -(s.rssi or -127)))
            if now != last:
                yield now
            last = now


async def find(
    identifiers: Sequence[str],
    *,
    backend: Backend,
    kind: type[Driver] | None = None,
    timeout_s: float = 15.0,
) -> list[Sensor]:
    """The sensors of those names or addresses, in that order, from one scan.

    Parameters
    ----------
    identifiers : sequence of str
        Names or addresses, in any case.
    backend : Backend
        Which bleak backend.
    kind : type of Driver, optional
        The driver to use for all of them; without it each must be known to a driver.
    timeout_s : float
        How long to wait for the last of them.

    Raises
    ------
    LinkError
        Not seen, seen but known to no driver, or two sensors of that name.
    """
    async with _listening(backend) as heard:
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                while not all(_ready(heard.called(i), kind) for i in identifiers):
                    await heard.news()
                if not all(i.casefold() == s.address.casefold() for i in identifiers for s in heard.called(i)):
                    await asyncio.sleep(_TWIN_S)
    return [_the_one(identifier, heard, kind) for identifier in identifiers]


def _ready(sensors: list[Sensor], kind: type[Driver] | None) -> bool:
    return any(kind is not None or sensor.driver is not None for sensor in sensors)


def _the_one(identifier: str, heard: _Heard, kind: type[Driver] | None) -> Sensor:
    """The only sensor of that name, with its driver."""
    sensors = heard.called(identifier)
    if not sensors:
        others = sorted({s.name or s.address for s in heard.sensors.values()})
        raise LinkError.of(Trouble.NOT_FOUND, repr(identifier), f"others in range: {', '.join(others) or 'none'}")
    if len(sensors) > 1:
        raise LinkError.of(Trouble.AMBIGUOUS, repr(identifier), ", ".join(s.address for s in sensors))
    sensor = sensors[0] if kind is None else replace(sensors[0], driver=kind)
    if sensor.driver is None:
        raise LinkError.of(Trouble.OTHER_DEVICE, repr(identifier), "no driver recognises it")
    return sensor
