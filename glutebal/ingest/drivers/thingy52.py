"""Nordic Thingy:52: acceleration, angular rate and magnetic field, without any clock.

A notification is one moment of all nine axes. There is neither stamp nor counter: its time is the arrival at the host,
and a loss shows only as a low rate. The configuration that the unit had is put back at the end.

Source: NordicPlayground/Nordic-Thingy52-Nodejs, ``lib/thingy.js``. (A Python library divides by 256: wrong.)
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator

import numpy as np

from glutebal.errors import GlutebalError
from glutebal.ingest.driver import Advert, Block, Driver, Malformed, Notify, Read, Script, Stream, Write, driver
from glutebal.ingest.drivers import sig
from glutebal.ingest.units import STANDARD_GRAVITY
from glutebal.model import Quantity


def _uuid(number: int) -> str:
    return f"ef68{number:04x}-9b35-4933-9b10-52ffa9740042"


SERVICE = _uuid(0x0100)  # what it advertises
CONFIGURATION = _uuid(0x0401)
RAW = _uuid(0x0406)

CONFIGURATION_LAYOUT = "<HHHHB"  # step, temperature, magnetometer interval (ms), motion rate (Hz), wake on motion
CONFIGURATION_BYTES = struct.calcsize(CONFIGURATION_LAYOUT)
RATE_HZ = 100
RAW_BYTES = 18

ACCELERATION = STANDARD_GRAVITY / 1024  # m/s² per count
ANGULAR_RATE = math.pi / 180 / 32  # rad/s per count
MAGNETIC_FIELD = 1e-6 / 16  # T per count


def at_rate(configuration: bytes, rate_hz: int) -> bytes:
    """The same configuration with another motion rate, 5 to 200 Hz.

    >>> at_rate(bytes.fromhex("6400fa00fa000a0001"), 100).hex()
    '6400fa00fa00640001'
    """
    step_ms, temperature_ms, magnetometer_ms, _, wake = struct.unpack(CONFIGURATION_LAYOUT, configuration)
    return struct.pack(CONFIGURATION_LAYOUT, step_ms, temperature_ms, magnetometer_ms, rate_hz, wake)


@driver
class Thingy52(Driver):
    """Nordic Thingy:52, its raw motion data at 100 Hz."""

    name = "thingy52"
    title = "Nordic Thingy:52"
    streams = (
        Stream("acceleration", Quantity.ACCELERATION, "m/s²", float(RATE_HZ), ("x", "y", "z")),
        Stream("angular_rate", Quantity.ANGULAR_RATE, "rad/s", float(RATE_HZ), ("x", "y", "z")),
        Stream("magnetic_field", Quantity.MAGNETIC_FIELD, "T", float(RATE_HZ), ("x", "y", "z")),
    )

    def __init__(self) -> None:
        super().__init__()
        self._before: bytes | None = None  # its configuration when it was first met

    @classmethod
    def match(cls, advert: Advert) -> int:
        """10 with name and service, 5 with the service: the owner may have renamed it; the name alone has siblings."""
        if SERVICE not in advert.uuids:
            return 0
        return 10 if advert.name.startswith("Thingy") else 5

    def start(self) -> Script:
        """Subscribe, read who it is, choose 100 Hz and leave the rest of the configuration alone.

        Raises
        ------
        GlutebalError
            There is no motion configuration as the maker describes it: the rate would be unknown.
        """
        yield Notify(RAW)
        yield from sig.identify(self)
        found = yield Read(CONFIGURATION)
        if found is None or len(found) != CONFIGURATION_BYTES:
            said = "none" if found is None else f"{len(found)} bytes"
            raise GlutebalError(
                f"a motion configuration of {CONFIGURATION_BYTES} bytes", said, self.title, "update its firmware"
            )
        self._before = self._before or found
        yield Write(CONFIGURATION, at_rate(found, RATE_HZ))

    def stop(self) -> Script:
        """Put the configuration back."""
        if self._before is not None:
            yield Write(CONFIGURATION, self._before)

    def decode(self, char: str, data: bytes) -> Iterator[Block]:
        """One moment of acceleration (m/s²), angular rate (rad/s) and magnetic field (T)."""
        if char != RAW or len(data) != RAW_BYTES:
            raise Malformed("not the raw motion of a Thingy:52")
        counts = np.array([struct.unpack("<9h", data)], dtype=np.float64)
        yield Block("acceleration", counts[:, :3] * ACCELERATION)
        yield Block("angular_rate", counts[:, 3:6] * ANGULAR_RATE)
        yield Block("magnetic_field", counts[:, 6:] * MAGNETIC_FIELD)
