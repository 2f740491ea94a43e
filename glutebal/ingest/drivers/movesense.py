"""Movesense with the GATT SensorData Protocol (GSP): acceleration and angular rate with a stamp in milliseconds.

A packet may be continued in a second notification, and nothing in it says so: the full length is learnt from the
first two packets, which therefore wait for the third. The acceleration is in m/s² by the maker's interface
and in mg by one of its examples: it is passed on without a claim.

Sources: movesense.com, GATT SensorData Protocol; ``GATTSensorDataClient.cpp`` of the firmware samples.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from glutebal.errors import GlutebalError
from glutebal.ingest.driver import (
    Advert,
    Block,
    Clock,
    Driver,
    Malformed,
    Notify,
    Script,
    Stream,
    Ticks,
    Wait,
    Write,
    driver,
    short_uuid,
)
from glutebal.ingest.drivers import sig
from glutebal.ingest.drivers.likeness import likeness
from glutebal.model import Quantity

ADVERTISED = short_uuid(0xFDF3)
COMMAND = "34800001-7185-4d5d-b431-630e7050e8f0"
NOTIFY = "34800002-7185-4d5d-b431-630e7050e8f0"

SUBSCRIBE, UNSUBSCRIBE = 1, 2  # commands
RESPONSE, DATA, CONTINUATION = 1, 2, 3  # kinds of notification
REFERENCE = 99  # ours to choose
HEAD_BYTES = 6
OK = {b"\xc8\x00", b"\x00\xc8"}  # 200; an old sample of the firmware sends it the wrong way round

# At 52 Hz a packet fits one notification of the smallest MTU the protocol allows (161). A split packet of which the
# end is lost, followed by one of which the beginning is lost, could be joined without any sign of it.
RATE_HZ = 52
RATE_LIMIT_DPS = 2000 * 1.1
CLOCK = Clock(Ticks.STAMP, 1e-3, 2**32)


def subscribe(reference: int, path: str) -> bytes:
    """The command that subscribes to a resource under a reference of ours (1 to 255).

    >>> subscribe(99, "/Meas/IMU6/104").hex()
    '01632f4d6561732f494d55362f313034'
    """
    return bytes((SUBSCRIBE, reference)) + path.encode("ascii")


@driver
class Movesense(Driver):
    """Movesense with GSP firmware, six axes at 52 Hz."""

    name = "movesense"
    title = "Movesense (GSP firmware)"
    streams = (
        Stream("acceleration", None, "m/s² or mg, not settled", float(RATE_HZ), ("x", "y", "z"), CLOCK),
        Stream("angular_rate", Quantity.ANGULAR_RATE, "rad/s", float(RATE_HZ), ("x", "y", "z"), CLOCK),
    )

    def __init__(self) -> None:
        super().__init__()
        self.gap()

    @classmethod
    def match(cls, advert: Advert) -> int:
        """By the name ``Movesense ...`` and the service of the protocol."""
        return likeness(advert, ADVERTISED, "Movesense")

    def start(self) -> Script:
        """Subscribe to the characteristic, then to ``/Meas/IMU6``.

        Raises
        ------
        GlutebalError
            The sensor does not accept the subscription.
        """
        self.gap()
        yield Notify(NOTIFY)
        yield from sig.identify(self)
        path = f"/Meas/IMU6/{RATE_HZ}"
        yield Write(COMMAND, subscribe(REFERENCE, path))
        reply = yield Wait(NOTIFY, accept=lambda data: data[:2] == bytes((RESPONSE, REFERENCE)))
        if reply is None or reply[2:4] not in OK:
            found = "no answer" if reply is None else f"status {reply[2:4].hex()}"
            raise GlutebalError(f"the sensor to accept {path}", found, self.title, "install the GSP firmware on it")

    def stop(self) -> Script:
        """End the subscription."""
        yield Write(COMMAND, bytes((UNSUBSCRIBE, REFERENCE)))

    def gap(self) -> None:
        """Forget the packet in the making, and how long a packet is."""
        self._held = b""
        self._example = b""
        self._whole = 0

    def decode(self, char: str, data: bytes) -> Iterator[Block]:
        """Whatever packet this notification completes."""
        if char != NOTIFY or len(data) < 2 or data[1] != REFERENCE:
            raise Malformed
        if data[0] == DATA:
            yield from self._begin(data)
        elif data[0] == CONTINUATION and self._held:
            self._held += data[2:]
        elif data[0] != RESPONSE:
            raise Malformed
        if self._whole and len(self._held) >= self._whole:
            held, self._held = self._held, b""
            yield from self._blocks(held)

    def _begin(self, data: bytes) -> Iterator[Block]:
        held, self._held = self._held, data
        if held and self._whole:
            self.malformed += 1  # its continuation never came
        elif held and len(held) == len(self._example):
            self._whole = len(held)
            yield from self._blocks(self._example)
            yield from self._blocks(held)
        elif held:
            self.malformed += bool(self._example)
            self._example = held

    def _blocks(self, packet: bytes) -> Iterator[Block]:
        count, rest = divmod(len(packet) - HEAD_BYTES, 24)
        if count < 1 or rest or (self._whole and len(packet) != self._whole):
            raise Malformed
        values = np.frombuffer(packet, "<f4", offset=HEAD_BYTES).astype(np.float64).reshape(2, count, 3)
        acceleration, rate_dps = values
        if not (np.isfinite(acceleration).all() and (np.abs(rate_dps) <= RATE_LIMIT_DPS).all()):
            raise Malformed
        ticks = self._ticks(packet, count)
        yield Block("acceleration", acceleration, ticks)
        yield Block("angular_rate", rate_dps * (math.pi / 180), ticks)

    def _ticks(self, packet: bytes, count: int) -> NDArray[np.int64]:
        """The stamp is taken for that of the first sample; the others follow at the nominal rate."""
        (first,) = struct.unpack_from("<I", packet, 2)
        since_ms = np.rint(np.arange(count) * (1000 / RATE_HZ))
        ticks: NDArray[np.int64] = (since_ms.astype(np.int64) + int(first)) % 2**32
        return ticks
