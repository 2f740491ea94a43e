"""OpenBCI Ganglion: four channels of EMG at 200 Hz on one clock, two samples in a packet of 20 bytes.

Firmware 2 sends differences: a packet that is lost leaves every later value on an unknown baseline, until the next
packet with id 0 seeds the predictor again (about once a second). Firmware 3 sends absolute values.
The scale, sign and axis order of the accelerometer are not settled between the maker's documentation and brainflow:
its bytes are passed on as they came, never as an acceleration.

Sources: docs.openbci.com, Ganglion data format; OpenBCI_NodeJS_Ganglion tests; brainflow, ``ganglion_native.cpp``.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from glutebal.ingest.driver import (
    Advert,
    Block,
    Clock,
    Driver,
    Malformed,
    Notify,
    Read,
    Script,
    Sleep,
    Stream,
    Ticks,
    Write,
    driver,
    short_uuid,
)
from glutebal.ingest.drivers import sig
from glutebal.ingest.drivers.likeness import likeness
from glutebal.model import Quantity, Samples

SERVICE = short_uuid(0xFE84)
RECEIVE = "2d30c082-f39f-4ce6-923f-3484ea480596"
SEND = "2d30c083-f39f-4ce6-923f-3484ea480596"
SOFTWARE_REVISION = sig.INFORMATION["software"]

PACKET_BYTES = 20
RATE_HZ = 200.0
VOLTS_PER_COUNT = 1.2 / (8388607 * 1.5 * 51)
COUNT_LIMIT = 2**23
DELTA_PACKETS = 100  # in one lap; firmware 2 adds the seed, id 0
MESSAGE_LIMIT = 4096
IMPEDANCES = {201: "1", 202: "2", 203: "3", 204: "4", 205: "reference"}

Counts = NDArray[np.int64]


def volts(counts: Counts) -> Samples:
    """What the counts are at the electrodes, in V: 1.87 nV each."""
    return counts.astype(np.float64) * VOLTS_PER_COUNT


def fields(data: bytes, width: int) -> list[int]:
    """The eight unsigned numbers of ``width`` bits, first bit first, that follow the id."""
    payload = data[1 : 1 + width]  # 8 numbers of `width` bits are `width` bytes
    bits = int.from_bytes(payload, "big")
    return [bits >> (width * place) & ((1 << width) - 1) for place in range(7, -1, -1)]


def deltas(data: bytes, width: int) -> Counts:
    """The differences of a packet of firmware 2, shape (2, 4), in counts; their sign is in the *last* bit."""
    signed = [number - (1 << width) if number & 1 else number for number in fields(data, width)]
    return np.array(signed, dtype=np.int64).reshape(2, 4)


def absolutes(data: bytes, width: int) -> Counts:
    """The values of a packet of firmware 3, shape (2, 4), in counts: the upper bits of 24-bit numbers."""
    half = 1 << (width - 1)
    signed = [(number ^ half) - half << 24 - width for number in fields(data, width)]
    return np.array(signed, dtype=np.int64).reshape(2, 4)


def seed(data: bytes) -> Counts:
    """The uncompressed sample of a packet with id 0 (firmware 2), shape (1, 4), in counts."""
    numbers = [int.from_bytes(data[at : at + 3], "big", signed=True) for at in range(1, 13, 3)]
    return np.array([numbers], dtype=np.int64)


def _streams(lap: int) -> tuple[Stream, ...]:
    clock = Clock(Ticks.COUNT, 1 / RATE_HZ, lap)
    return (
        Stream("emg", Quantity.EMG, "V", RATE_HZ, ("1", "2", "3", "4"), clock),
        Stream("accelerometer", None, "raw byte, scale and axis not settled", RATE_HZ / 2, ("id modulo 10", "count")),
    )


FIRMWARE_2 = _streams(2 * DELTA_PACKETS + 1)
FIRMWARE_3 = _streams(2 * DELTA_PACKETS)


@driver
class Ganglion(Driver):
    """OpenBCI Ganglion, firmware 2 and 3; ``info["firmware"]``, from the handshake, decides which.

    Without it packets are read as those of firmware 2, and trusted only once their ids prove it.
    """

    name = "ganglion"
    title = "OpenBCI Ganglion"
    streams = FIRMWARE_2

    def __init__(self) -> None:
        super().__init__()
        self._message = b""
        self._proved = False  # that this is firmware 2
        self.gap()

    @classmethod
    def match(cls, advert: Advert) -> int:
        """By the name ``Ganglion-...``; the service, or the name ``Simblee``, alone is any Simblee module's."""
        if advert.name.startswith("Ganglion"):
            return likeness(advert, SERVICE, "Ganglion")
        return min(1, likeness(advert, SERVICE, "Simblee"))

    def start(self) -> Script:
        """Subscribe, ask for the firmware, begin streaming (``b``)."""
        self.gap()
        yield Notify(RECEIVE)
        revision = yield Read(SOFTWARE_REVISION)
        self.info["firmware"] = sig.text(revision) or "2 (it does not say)"
        yield Sleep(0.5)  # the board resets when a connection opens
        yield Write(SEND, b"b", response=False)

    def stop(self) -> Script:
        """End streaming (``s``)."""
        yield Write(SEND, b"s", response=False)

    def gap(self) -> None:
        """Distrust the predictor until the next seed."""
        self._packet = b""
        self._previous = self._expected = -1
        self._trusted = False
        self._counts: Counts = np.zeros((1, 4), dtype=np.int64)

    def decode(self, char: str, data: bytes) -> Iterator[Block]:
        """One notification: EMG in volts, the accelerometer's byte, or a text message."""
        if char != RECEIVE or not data:
            raise Malformed
        if data[0] > 2 * DELTA_PACKETS:
            self._read_text(data)
        elif len(data) != PACKET_BYTES:
            raise Malformed
        elif self._is_third():
            yield from self._third(data)
        else:
            yield from self._second(data)

    def _is_third(self) -> bool:
        firmware = self.info.get("firmware", "")
        third = firmware.startswith("3")
        self._proved |= bool(firmware) and not third
        if third and self.streams is not FIRMWARE_3:
            vars(self)["streams"] = FIRMWARE_3  # this unit's own: its counter wraps elsewhere
        return third

    def _third(self, data: bytes) -> Iterator[Block]:
        lap, number = divmod(data[0], DELTA_PACKETS)
        if lap > 1:
            raise Malformed
        ticks = np.array([2 * number, 2 * number + 1], dtype=np.int64)
        yield Block("emg", volts(absolutes(data, 18 + lap)), ticks)
        if lap == 0:
            yield self._accelerometer(data)

    def _second(self, data: bytes) -> Iterator[Block]:
        number = data[0] if data[0] <= DELTA_PACKETS else data[0] - DELTA_PACKETS
        repeated = data == self._packet  # the predictor must not take the same step twice
        if not repeated:
            self._predict(number, data)
        ticks = np.arange(max(2 * number - 1, 0), 2 * number + 1, dtype=np.int64)
        yield Block("emg", volts(self._counts), ticks, self._trusted and self._proved)
        if 0 < data[0] <= DELTA_PACKETS and not repeated:
            yield self._accelerometer(data)

    def _predict(self, number: int, data: bytes) -> None:
        trusted = number == 0 or (self._trusted and number == self._expected)
        if number == 0:
            counts = seed(data)
        else:
            counts = self._counts[-1] - np.cumsum(deltas(data, 18 if data[0] <= DELTA_PACKETS else 19), axis=0)
        if trusted and not (counts.min() >= -COUNT_LIMIT and counts.max() < COUNT_LIMIT):
            raise Malformed  # the converter has 24 bits: these differences are not the device's
        self._counts, self._trusted, self._packet = counts, trusted, data
        self._expected = (number + 1) % (DELTA_PACKETS + 1)
        self._proved |= data[0] == 200 or (self._previous, data[0]) in {(0, 101), (100, 0)}  # never so in firmware 3
        self._previous = data[0]

    def _accelerometer(self, data: bytes) -> Block:
        count = int.from_bytes(data[19:20], "big", signed=True)
        return Block("accelerometer", np.array([[data[0] % 10, count]], dtype=np.float64))

    def _read_text(self, data: bytes) -> None:
        if data[0] in IMPEDANCES:
            digits, end, _ = data[1:].partition(b"Z")
            if not (end and digits.isdigit()):
                raise Malformed
            self.info[f"impedance_{IMPEDANCES[data[0]]}"] = digits.decode("ascii")
        elif data[0] in {206, 207} and len(self._message) + len(data) <= MESSAGE_LIMIT:
            self._message += data[1:]
            if data[0] == 207:
                self.info["message"], self._message = self._message.decode("ascii", "replace").strip("\0\r\n "), b""
        else:
            self._message = b""
            raise Malformed
