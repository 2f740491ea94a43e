"""Sensors that only advertise: every advertisement is a packet, and there is no connection to lose."""

from __future__ import annotations

import asyncio
import time

from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData

from glutebal.ingest.driver import ADVERTISING, Driver, Notify
from glutebal.ingest.link.scanning import Backend, scanning
from glutebal.ingest.supervision import Device


def only_advertises(driver: Driver) -> bool:
    """Whether the driver's script asks for advertisements and nothing else."""
    script = type(driver)().start()
    try:
        return next(script, None) == Notify(ADVERTISING)
    finally:
        script.close()


async def overhear(device: Device, generation: int, backend: Backend) -> None:
    """Hand on the maker's data of each of the device's advertisements, without the company's number, for ever."""

    def heard(found: BLEDevice, data: AdvertisementData) -> None:
        arrival_ns = time.monotonic_ns()
        if found.address == device.address:
            device.rssi = data.rssi
            for payload in data.manufacturer_data.values():
                device.take(generation, ADVERTISING, arrival_ns, bytes(payload))

    async with scanning(backend, heard):
        await asyncio.Event().wait()
