"""Connected sensors, supervised: a connection that drops is opened again, with a fresh client and a new segment."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

from bleak import BleakClient
from bleak.backends.device import BLEDevice

from glutebal.errors import GlutebalError
from glutebal.ingest.advice import LinkError, Trouble
from glutebal.ingest.arrivals import Happening, Inbox, Record
from glutebal.ingest.driver import short_uuid
from glutebal.ingest.link.broadcast import only_advertises, overhear
from glutebal.ingest.link.failures import RADIO_ERRORS, explain
from glutebal.ingest.link.handshake import Handshake, read_or_none
from glutebal.ingest.link.scanning import Backend, Sensor, find
from glutebal.ingest.supervision import Device, pauses_s
from glutebal.model import Side

BATTERY_LEVEL = short_uuid(0x2A19)
_FIRST_ATTEMPTS = 3
_HANDSHAKE_S = 60.0
_FAREWELL_S = 5.0
_SILENCE_S = 5.0
_BATTERY_EVERY_S = 60.0
_LOCKS: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = WeakKeyDictionary()


def radio() -> asyncio.Lock:
    """The lock around scanning and connecting: a radio does one of them at a time, for all links of the program."""
    return _LOCKS.setdefault(asyncio.get_running_loop(), asyncio.Lock())


@dataclass
class _Line:
    """The connection of one device, as it is now."""

    device: Device
    handle: BLEDevice
    client: BleakClient | None = None
    handshake: Handshake | None = None
    dropped: asyncio.Event = field(default_factory=asyncio.Event)
    opened_ns: int = 0
    silent: bool = False


class Link:
    """Connected sensors and what arrives from them; made by `connect`.

    Iterate over it (``async for record in link``) or over `batches`; one reader at a time. What nobody reads in time
    is counted in ``inbox.discarded``.
    """

    def __init__(self, backend: Backend, capacity: int, connect_s: float) -> None:
        self.backend, self._connect_s = backend, connect_s
        self._arrived = asyncio.Event()
        self.inbox = Inbox(capacity, self._arrived.set)
        self._lines: list[_Line] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._failure: BaseException | None = None
        self._closed = False

    @property
    def devices(self) -> tuple[Device, ...]:
        """The devices, by index: names, sides, counts, battery."""
        return tuple(line.device for line in self._lines)

    def drain(self) -> list[Record]:
        """What has arrived and was not read yet, without waiting; also after the link is closed."""
        return self.inbox.drain()

    async def batches(self, period_s: float = 0.05) -> AsyncIterator[list[Record]]:
        """What arrived, handed on every ``period_s`` (an empty list if nothing did), until the link is closed."""
        while not self._closed:
            await asyncio.sleep(period_s)
            self._raise_failure()
            yield self.drain()

    async def __aiter__(self) -> AsyncIterator[Record]:
        while True:
            while self.inbox:
                yield self.inbox.pop()  # one by one: a reader that stops here loses nothing
            self._raise_failure()
            if self._closed:
                return
            await self._arrived.wait()
            self._arrived.clear()

    def _raise_failure(self) -> None:
        if self._failure is not None:
            raise self._failure

    def add(self, sensor: Sensor, side: Side | None) -> _Line:
        """Take a sensor in as the next device, not yet connected."""
        if sensor.driver is None:
            raise LinkError.of(Trouble.OTHER_DEVICE, repr(sensor.name or sensor.address), "no driver recognises it")
        name = sensor.name or sensor.address
        device = Device(len(self._lines), side, name, sensor.address, sensor.driver(), self.inbox, sensor.rssi)
        line = _Line(device, sensor.handle)
        self._lines.append(line)
        return line

    async def open_first(self, line: _Line) -> None:
        """The first connection: a few attempts if it fails fast, then the advice."""
        for attempt, pause_s in zip(range(1, _FIRST_ATTEMPTS + 1), pauses_s(), strict=False):
            try:
                await self._open(line)
            except RADIO_ERRORS as error:
                if attempt == _FIRST_ATTEMPTS or isinstance(error, TimeoutError):
                    raise explain(error, line.device.title) from error
                await asyncio.sleep(pause_s)
            else:
                return

    async def _open(self, line: _Line) -> None:
        """A fresh client, its handshake; the line is up, or as it was before and the error is raised."""
        if only_advertises(line.device.driver):
            self._tune_in(line)
            return
        dropped = asyncio.Event()
        client = BleakClient(
            line.handle,
            lambda _: dropped.set(),
            timeout=self._connect_s,
            backend=self.backend.client,
            **self.backend.client_options,
        )
        try:
            async with asyncio.timeout(self._connect_s):
                await client.connect()
            await self._greet(line, client, dropped)
        except BaseException:
            self._end(line)
            await _hang_up(client)
            raise
        line.client, line.dropped, line.device.connected = client, dropped, True

    def _tune_in(self, line: _Line) -> None:
        """A device that only advertises has no connection: it is listened to until the link is closed."""
        self._start(overhear(line.device, line.device.begin(), self.backend))
        line.opened_ns, line.device.connected = time.monotonic_ns(), True
        line.device.tell(Happening.CONNECTED, line.opened_ns, f"{line.device.title} ({line.device.address})")

    async def _greet(self, line: _Line, client: BleakClient, dropped: asyncio.Event) -> None:
        device = line.device
        generation = device.begin()
        line.opened_ns, line.silent = time.monotonic_ns(), False
        device.tell(Happening.CONNECTED, line.opened_ns, f"{device.title} ({device.address})")
        line.handshake = Handshake(client, device, generation, self.backend.notify_options)
        async with asyncio.timeout(_HANDSHAKE_S):
            await _unless(dropped, line.handshake.run(device.driver.start()))
            await _unless(dropped, _ask_battery(device, client))

    def _end(self, line: _Line) -> None:
        line.device.end()
        line.client = line.handshake = None

    def supervise(self) -> None:
        """From now on, whatever drops is opened again."""
        for work in [*(self._keep(line) for line in self._lines), self._watch()]:
            self._start(work)

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        task.add_done_callback(self._ended)
        self._tasks.append(task)

    def _ended(self, task: asyncio.Task[None]) -> None:
        """A supervisor that fails (a driver with a bug) must not fail silently: its reader is told."""
        if not task.cancelled() and task.exception() is not None:
            self._failure = task.exception()
            self._arrived.set()

    async def _keep(self, line: _Line) -> None:
        """Whenever the connection drops, say so and open it again; the other devices go on."""
        while True:
            await line.dropped.wait()
            line.device.tell(Happening.LOST, time.monotonic_ns(), f"{line.device.title} is out of reach")
            old = line.client
            self._end(line)
            if old is not None:
                await _hang_up(old)
            await self._reopen(line)

    async def _reopen(self, line: _Line) -> None:
        told = ""
        for attempt, pause_s in enumerate(pauses_s()):
            await asyncio.sleep(pause_s)
            try:
                async with radio():
                    if attempt:  # the system may have forgotten the device: it has to be heard again
                        line.handle = await self._heard_again(line.device)
                    await self._open(line)
            except (GlutebalError, *RADIO_ERRORS) as error:
                why = str(explain(error, line.device.title))
                if why != told:  # an hour out of reach is one line, not nine hundred
                    line.device.tell(Happening.RETRY, time.monotonic_ns(), why)
                told = why
            else:
                return

    async def _heard_again(self, device: Device) -> BLEDevice:
        found = await find([device.address], backend=self.backend, kind=type(device.driver), timeout_s=4.0)
        device.rssi = found[0].rssi
        return found[0].handle

    async def _watch(self) -> None:
        """Look once a second whether packets come twice or not at all, and now and then at the battery."""
        asked = time.monotonic()
        while True:
            await asyncio.sleep(1.0)
            for line in self._lines:
                line.device.check_rate()
                _check_silence(line)
            if time.monotonic() - asked > _BATTERY_EVERY_S:
                asked = time.monotonic()
                await asyncio.gather(*(self._ask_again(line) for line in self._lines))

    async def _ask_again(self, line: _Line) -> None:
        if line.client is not None and line.device.connected:
            with suppress(*RADIO_ERRORS):
                async with asyncio.timeout(_FAREWELL_S):
                    await _ask_battery(line.device, line.client)

    async def close(self) -> None:
        """Stop the sensors, hang up, and end the iterations."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(*(self._farewell(line) for line in self._lines), return_exceptions=True)
        self._closed = True
        self._arrived.set()

    async def _farewell(self, line: _Line) -> None:
        """Run the stop script, hang up; errors no longer matter."""
        client, handshake, device = line.client, line.handshake, line.device
        if client is not None and handshake is not None:
            with suppress(*RADIO_ERRORS):
                async with asyncio.timeout(_FAREWELL_S):
                    await _unless(line.dropped, handshake.run(device.driver.stop()))
            await _hang_up(client)
        self._end(line)
        device.tell(Happening.CLOSED, time.monotonic_ns(), device.title)


async def _unless(dropped: asyncio.Event, work: Coroutine[Any, Any, None]) -> None:
    """Do the work, but stop when the connection drops: some backends let a call hang then."""
    task, gone = asyncio.create_task(work), asyncio.create_task(dropped.wait())
    try:
        await asyncio.wait({task, gone}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise ConnectionResetError("the connection dropped")
        await task
    finally:
        for each in (task, gone):
            each.cancel()
        await asyncio.gather(task, gone, return_exceptions=True)


async def _hang_up(client: BleakClient) -> None:
    """Close a client for good, connected or not: one that is left open delivers every packet a second time."""
    with suppress(*RADIO_ERRORS):
        async with asyncio.timeout(_FAREWELL_S):
            await client.disconnect()


async def _ask_battery(device: Device, client: BleakClient) -> None:
    level = await read_or_none(client, BATTERY_LEVEL)
    if level:
        device.battery_percent = level[0]
        device.tell(Happening.BATTERY, time.monotonic_ns(), f"{device.title}: battery {level[0]} %")


def _check_silence(line: _Line) -> None:
    device = line.device
    last_ns = device.last_arrival_ns or line.opened_ns
    silent = device.connected and time.monotonic_ns() - last_ns > _SILENCE_S * 1e9
    if silent and not line.silent:
        text = f"{device.title} is connected but sends nothing; wake it, or switch it off and on"
        device.tell(Happening.SILENT, time.monotonic_ns(), text)
    line.silent = silent
