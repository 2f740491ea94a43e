"""A sensor that is switched on: it advertises, is connected, streams in time, and fails as its faults say."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from glutebal.ingest.driver import Advert
from glutebal.testing.emulated.sensor import EmulatedSensor, Frame
from glutebal.testing.faults import Faults, FaultyLine


class Outlet(Protocol):
    """The radio's end of a connection, as the sensor sees it."""

    async def notify(self, char: str, data: bytes) -> None:
        """Send a notification; returns when it is on its way."""

    def hang_up(self) -> None:
        """Break the connection, as a sensor out of reach does."""


@dataclass
class Tally:
    """The truth of what a peripheral did, for comparison with what arrived."""

    samples: int = 0  # encoded, whatever became of their frames
    packets: int = 0
    streams: int = 0  # how often streaming began


class Peripheral:
    """An emulated sensor in time. A radio (`glutebal.testing.loopback`, `glutebal.testing.bumble_backend`) connects it.

    Parameters
    ----------
    sensor : EmulatedSensor
    address : str
        Bluetooth address, ``F0:00:00:00:00:01``.
    faults : Faults, optional
    speed : float, optional
        Seconds of the sensor per second of the host: 10 plays a minute in 6 s.
    limit : int, optional
        Packets after which a stream pauses, for tests that count.
    """

    def __init__(
        self,
        sensor: EmulatedSensor,
        address: str,
        faults: Faults | None = None,
        *,
        speed: float = 1.0,
        limit: int | None = None,
    ) -> None:
        self.sensor, self.address, self.speed, self.limit = sensor, address, speed, limit
        self.faults = faults or Faults()
        self.line = FaultyLine(self.faults)
        self.tally = Tally()
        sensor.clock_offset_s += self.faults.clock_offset_s
        self._outlet: Outlet | None = None
        self._stream: asyncio.Task[None] | None = None
        self._on_at: float | None = None
        self._first_s: float | None = None  # when streaming first began
        self._leaving: asyncio.Future[None] | None = None
        self._away = False
        self._breaks = list(self.faults.disconnect_at_s)
        self.finished = asyncio.Event()

    @property
    def is_advertising(self) -> bool:
        """Switched on, in reach, and not connected: a connected sensor keeps quiet."""
        return self._outlet is None and not self._away

    @property
    def now_s(self) -> float:
        """Seconds since the sensor was first asked, in its own (perhaps faster) time."""
        now = asyncio.get_running_loop().time()
        if self._on_at is None:
            self._on_at = now
        return (now - self._on_at) * self.speed

    @property
    def advert(self) -> Advert:
        """What it says of itself now."""
        return self.sensor.advert_at(self.now_s)

    def attach(self, outlet: Outlet) -> None:
        """A connection is up."""
        self._outlet = outlet
        self.sensor.forget()
        self.now_s  # noqa: B018 - the sensor's time begins at the latest here

    def detach(self) -> None:
        """The connection is gone; a stream that ran ends."""
        self._outlet = None
        self.line.cut()
        if self._stream is not None:
            self._stream.cancel()
            self._stream = None

    async def subscribe(self, char: str) -> None:
        """Somebody listens to a characteristic."""
        await asyncio.sleep(self.faults.slow_notify_s)
        self.sensor.subscribed(char)
        self._follow()

    async def write(self, char: str, data: bytes) -> None:
        """A command arrives; its answers are sent before the stream that it may start."""
        answers = list(self.sensor.write(char, data))
        asyncio.get_running_loop().call_soon(self._answer, answers)

    def read(self, char: str) -> bytes:
        """The value of a characteristic."""
        return self.sensor.read(char)

    async def vanish(self, seconds: float) -> None:
        """Go out of reach for a while: the connection breaks and nothing is advertised."""
        self._away = True
        outlet = self._outlet
        self.detach()
        if outlet is not None:
            outlet.hang_up()
        await asyncio.sleep(seconds / self.speed)
        self._away = False

    def _answer(self, answers: list[Frame]) -> None:
        if self._outlet is not None:
            task = asyncio.ensure_future(self._send(answers))
            task.add_done_callback(lambda _: self._follow())

    def _follow(self) -> None:
        """Start or stop the stream as the sensor was told."""
        wanted = self.sensor.streaming and self._outlet is not None
        if wanted and self._stream is None:
            self._stream = asyncio.ensure_future(self._play())
        elif not wanted and self._stream is not None:
            self._stream.cancel()
            self._stream = None

    async def _send(self, frames: Iterable[Frame]) -> None:
        for char, data in frames:
            if self._outlet is not None:
                await self._outlet.notify(char, data)

    async def _play(self) -> None:
        """Stream until told otherwise; samples are taken at the pace of the sensor's own crystal."""
        rate_hz = self.sensor.rate_hz * (1 + 1e-6 * self.faults.drift_ppm)
        begun_s, first = self.now_s, 0
        self._first_s = begun_s if self._first_s is None else self._first_s
        self.tally.streams += 1
        while self.limit is None or self.tally.packets < self.limit:
            n = self.sensor.count(first)
            await self._until(begun_s + (first + n) / rate_hz)
            seconds = begun_s + (first + np.arange(n)) / rate_hz
            await self._packet(n, list(self.sensor.encode(first, self.sensor.signal(seconds))))
            first += n
        await self._send(self.line.flush())
        self.finished.set()

    async def _packet(self, n: int, frames: list[Frame]) -> None:
        if self.line.is_late():
            await asyncio.sleep(self.faults.late_s / self.speed)
        self.tally.samples += n
        self.tally.packets += 1
        await self._send(self.line.through(frames))

    async def _until(self, due_s: float) -> None:
        """Wait for an instant of the sensor's time, or for the break that comes before it."""
        if self._breaks and self._first_s is not None and due_s - self._first_s >= self._breaks[0]:
            self._breaks.pop(0)
            self._leave()
            await asyncio.Event().wait()  # vanishing cancels this stream
        await asyncio.sleep(max(0.0, (due_s - self.now_s) / self.speed))

    def _leave(self) -> None:
        self._leaving = asyncio.ensure_future(self.vanish(self.faults.off_s))
