"""A driver's script, step by step, on a connection: the only place where a driver's words become radio traffic."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from bleak import BleakClient
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.exc import BleakGATTProtocolError

from glutebal.ingest.driver import Notify, Read, Script, Sleep, Step, Wait, Write
from glutebal.ingest.supervision import Device

_REMEMBERED = 64  # frames that may come between a command and the wait for its answer


class Handshake:
    """Runs scripts on one connection of a device.

    Every notification goes to ``device.take`` with the generation of this connection; what the script waits for is
    overheard. A wait sees what came since the last write began, so a quick answer is not missed.

    Parameters
    ----------
    client : BleakClient
        Connected.
    device : Device
        Whose connection it is.
    generation : int
        From ``device.begin()``.
    notify_options : mapping
        Keyword arguments for ``start_notify``.
    """

    def __init__(self, client: BleakClient, device: Device, generation: int, notify_options: Mapping[str, Any]) -> None:
        self._client, self._device, self._generation = client, device, generation
        self._notify_options = notify_options
        self._heard: dict[str, deque[bytes]] = {}
        self._news = asyncio.Event()

    async def run(self, script: Script) -> None:
        """Run a script to its end; what goes wrong on the radio is raised here and closes the script."""
        self._device.listener = self._overhear
        reply: bytes | None = None
        try:
            step = next(script)
            while True:
                reply = await self._do(step)
                step = script.send(reply)
        except StopIteration:
            return
        finally:
            script.close()
            self._device.listener = None

    async def _do(self, step: Step) -> bytes | None:
        match step:
            case Notify(char, required):
                if required or _notifies(self._client, char):
                    await self._client.start_notify(char, self._callback(char), **self._notify_options)
            case Write(char, data, response):
                self._heard.clear()
                await self._client.write_gatt_char(char, data, response=response)
            case Read(char):
                return await read_or_none(self._client, char)
            case Sleep(seconds):
                await asyncio.sleep(seconds)
            case Wait():
                return await self._wait(step)
        return None

    def _callback(self, char: str) -> Callable[[BleakGATTCharacteristic, bytearray], None]:
        """A plain function: a coroutine would be a task per notification, and would stamp it late."""
        take, generation = self._device.take, self._generation

        def arrived(_: BleakGATTCharacteristic, data: bytearray) -> None:
            arrival_ns = time.monotonic_ns()
            take(generation, char, arrival_ns, bytes(data))

        return arrived

    def _overhear(self, char: str, data: bytes) -> None:
        self._heard.setdefault(char, deque(maxlen=_REMEMBERED)).append(data)
        self._news.set()

    async def _wait(self, step: Wait) -> bytes | None:
        """The first notification that the step accepts; None when the time is up."""
        try:
            async with asyncio.timeout(step.timeout_s):
                while True:
                    for data in self._unheard(step.char):
                        if step.accept is None or step.accept(data):
                            return data
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            return None

    def _unheard(self, char: str) -> list[bytes]:
        return [frames.popleft() for frames in [self._heard.get(char, deque())] for _ in range(len(frames))]


def _notifies(client: BleakClient, char: str) -> bool:
    found = client.services.get_characteristic(char)
    return found is not None and not {"notify", "indicate"}.isdisjoint(found.properties)


async def read_or_none(client: BleakClient, char: str) -> bytes | None:
    """The value of a characteristic; None when there is no such one or it may not be read."""
    found = client.services.get_characteristic(char)
    if found is None or "read" not in found.properties:
        return None
    try:
        return bytes(await client.read_gatt_char(found))
    except BleakGATTProtocolError:
        return None
