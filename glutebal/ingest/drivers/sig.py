"""Battery level and device information of the Bluetooth SIG, which many sensors offer beside their own service."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from glutebal.ingest.driver import Block, Driver, Malformed, Read, Script, Stream, short_uuid

BATTERY_SERVICE = short_uuid(0x180F)
BATTERY_LEVEL = short_uuid(0x2A19)
INFORMATION_SERVICE = short_uuid(0x180A)
INFORMATION = {
    "maker": short_uuid(0x2A29),
    "model": short_uuid(0x2A24),
    "serial": short_uuid(0x2A25),
    "hardware": short_uuid(0x2A27),
    "firmware": short_uuid(0x2A26),
    "software": short_uuid(0x2A28),
}
BATTERY = Stream("battery", None, "%", math.nan)


def identify(driver: Driver) -> Script:
    """Handshake steps that fill ``driver.info`` with who the device is and how full its battery, where it says."""
    for key, char in INFORMATION.items():
        said = text((yield Read(char)))
        if said:
            driver.info[key] = said
    level = yield Read(BATTERY_LEVEL)
    if level is not None and len(level) == 1 and level[0] <= 100:
        driver.info["battery_percent"] = str(level[0])


def battery(driver: Driver, data: bytes) -> Iterator[Block]:
    """The battery level in per cent, also put into ``driver.info``; a packet that is not 0 to 100 is malformed."""
    if len(data) != 1 or data[0] > 100:
        raise Malformed("battery level")
    driver.info["battery_percent"] = str(data[0])
    yield Block(BATTERY.name, np.array([[float(data[0])]]))


def text(data: bytes | None) -> str:
    """What a device calls something: UTF-8 without the filling; empty for nothing."""
    said = (data or b"").split(b"\0")[0].decode("utf-8", "replace")
    return "".join(c for c in said if c.isprintable()).strip()
