"""Vernier Go Direct: force (GDX-FOR, GDX-HD), acceleration (GDX-ACC), EMG (GDX-EKG) and other sensors of that family.

The device says itself which sensors it has and in which units. Packets carry a length, a rolling counter and a
checksum, and may be split over notifications. A packet that is missing from the rolling counter is counted as one
that carried as many samples as the next; the device's own report of dropped samples does not say how many, so the
samples that follow it are not trusted until the stream starts anew. Packets of single sensors (photogates, radiation
counters) are refused: the counter does not tell which sensor's packet is missing.

Sources: VernierST/godirect-py, ``device.py``; VernierST/GDXLib.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace

import numpy as np

from glutebal.errors import GlutebalError
from glutebal.ingest.driver import (
    Advert,
    Block,
    Clock,
    Driver,
    Malformed,
    Notify,
    Script,
    Step,
    Stream,
    Ticks,
    Wait,
    Write,
    driver,
)
from glutebal.ingest.drivers.likeness import likeness
from glutebal.ingest.drivers.vernier_packets import (
    APERIODIC_INT,
    DROPPED,
    HEAD_BYTES,
    MEASUREMENT,
    NORMAL,
    PERIOD,
    SINGLE_REAL,
    START_TIME,
    WIDE,
    Assembler,
    command,
)
from glutebal.ingest.units import UNITS, spelling
from glutebal.model import Quantity, Samples

SERVICE = "d91714ef-28b9-4f91-ba16-f0d9a604f112"
COMMAND = "f4bf14a6-c7d5-4b6d-8aa8-df1a7c83adcb"
RESPONSE = "b41e6675-a329-40e0-aa01-44d2f444babe"

INIT, SENSOR_INFO, DEFAULT_SENSORS, SET_PERIOD = 0x1A, 0x50, 0x56, 0x1B
START, STOP, DISCONNECT = 0x18, 0x19, 0x54
INIT_PARAMETERS = bytes.fromhex("a54a0649 07480847 09460a45 0b440c43 0d420e41")
WRITE_BYTES = 20
BODY = 6  # where the contents of a reply begin

SENSORS = 32
SHORTEST_PERIOD_US = 10_000
INFO = struct.Struct("<bBIBB60s32sdddIQIII")


@dataclass(frozen=True)
class Sensor:
    """One channel of a device, as the device describes it."""

    number: int
    description: str
    unit: str
    min_period_us: int

    @classmethod
    def parse(cls, packet: bytes) -> Sensor:
        """The sensor in a reply to the information command."""
        values = INFO.unpack_from(packet, BODY)
        description, unit = (text.partition(b"\0")[0].decode("utf-8", "replace").strip() for text in values[5:7])
        if not 0 <= values[0] < SENSORS:
            raise Malformed
        return cls(values[0], description, unit, values[10])

    def conversion(self) -> tuple[Quantity | None, float]:
        """Quantity and factor to its unit; none where the unit has no place in the library.

        Volts are an EMG only where the description says so: the same device also sends an ECG.
        """
        quantity, factor = UNITS.get(spelling(self.unit), (None, 1.0))
        if quantity is Quantity.EMG and "EMG" not in self.description.upper():
            return None, 1.0
        return quantity, factor


def _unknown(number: int) -> Stream:
    return Stream(f"sensor_{number}", None, "as the device says", math.nan, clock=Clock(Ticks.COUNT))


@driver
class Vernier(Driver):
    """Vernier Go Direct, its default sensors at 100 Hz or the fastest they can."""

    name = "vernier"
    title = "Vernier Go Direct"
    streams = tuple(_unknown(number) for number in range(SENSORS))

    def __init__(self) -> None:
        super().__init__()
        self._sensors: dict[int, Sensor] = {}
        self._command_counter = 0xFF
        self._assembler = Assembler()
        self._restart()

    def _restart(self) -> None:
        self._counter: int | None = None  # the rolling counter of the newest packet of samples
        self._packet, self._first, self._next = b"", 0, 0
        self._upward = 0  # how much more often the rolling counter rose by one than it fell
        self._doubtful = False

    @classmethod
    def match(cls, advert: Advert) -> int:
        """By the name ``GDX-...`` and the maker's service."""
        return likeness(advert, SERVICE, "GDX-")

    def start(self) -> Script:
        """Initialise, ask for the default sensors and what they are, set the period, start.

        Raises
        ------
        GlutebalError
            The device does not answer.
        """
        self._command_counter = 0xFF
        yield Notify(RESPONSE)
        yield from self._ask(INIT, INIT_PARAMETERS)
        (mask,) = struct.unpack_from("<I", (yield from self._ask(DEFAULT_SENSORS, least=BODY + 4)), BODY)
        for number in _numbers(mask):
            self._learn((yield from self._ask(SENSOR_INFO, bytes((number,)), BODY + INFO.size, bytes((number,)))))
        yield from self._ask(SET_PERIOD, struct.pack("<BBQ", 0xFF, 0, self._period_us()))
        yield from self._ask(START, struct.pack("<BBIq", 0xFF, 1, mask, 0))

    def stop(self) -> Script:
        """Stop measuring and say goodbye."""
        yield from self._say(STOP, b"\xff\0\xff\xff\xff\xff")
        yield from self._say(DISCONNECT)

    def _say(self, number: int, parameters: bytes = b"") -> Script:
        self._command_counter = (self._command_counter - 1) % 256
        packet = command(self._command_counter, number, parameters)
        for begin in range(0, len(packet), WRITE_BYTES):
            yield Write(COMMAND, packet[begin : begin + WRITE_BYTES])

    def _ask(
        self, number: int, parameters: bytes = b"", least: int = HEAD_BYTES, body: bytes = b""
    ) -> Generator[Step, bytes | None, bytes]:
        """Say a command; the reply to it, of ``least`` bytes at least, whose contents begin with ``body``."""
        yield from self._say(number, parameters)
        assembler = Assembler()
        while (data := (yield Wait(RESPONSE))) is not None:
            for packet in assembler.push(data):
                fits = packet[0] != MEASUREMENT and packet[4] == number and len(packet) >= least
                if fits and packet[BODY:].startswith(body):
                    return packet
        raise GlutebalError(f"an answer to command {number:02X}", "silence", self.title, "switch the sensor off and on")

    def _period_us(self) -> int:
        return max([SHORTEST_PERIOD_US, *(sensor.min_period_us for sensor in self._sensors.values())])

    def _learn(self, packet: bytes) -> None:
        sensor = Sensor.parse(packet)
        self._sensors[sensor.number] = sensor
        self.info[f"sensor_{sensor.number}"] = f"{sensor.description}, {sensor.unit}"
        vars(self)["streams"] = tuple(self._describe(number) for number in range(SENSORS))  # this unit's own

    def _describe(self, number: int) -> Stream:
        stream, sensor = _unknown(number), self._sensors.get(number)
        if sensor is None:
            return stream
        quantity, _ = sensor.conversion()
        period_s = self._period_us() / 1e6
        unit = quantity.unit if quantity else sensor.unit
        return replace(stream, quantity=quantity, unit=unit, rate_hz=1 / period_s, clock=Clock(Ticks.COUNT, period_s))

    def gap(self) -> None:
        """Forget the half of a packet; the rolling counter still tells what was lost."""
        self._assembler = Assembler()

    def decode(self, char: str, data: bytes) -> Iterator[Block]:
        """The samples of the packets that this notification completes."""
        if char != RESPONSE or not data:
            raise Malformed
        failures = self._assembler.failures
        packets = self._assembler.push(data)
        self.malformed += self._assembler.failures - failures
        for packet in packets:
            if packet[0] == MEASUREMENT:
                yield from self._measured(packet)
            elif packet[4] == INIT:
                self._restart()
            elif packet[4] == SENSOR_INFO:
                self._learn(packet)

    def _measured(self, packet: bytes) -> Iterator[Block]:
        kind = packet[4]
        if kind == NORMAL:
            yield from self._sampled(packet, _numbers(*struct.unpack_from("<H", packet, 5)), packet[7], 9)
        elif kind == WIDE:
            yield from self._sampled(packet, _numbers(*struct.unpack_from("<I", packet, 5)), packet[9], 11)
        elif SINGLE_REAL <= kind <= APERIODIC_INT:
            self.info["refused"] = "packets of single sensors: nothing in them tells which samples are missing"
        elif kind == DROPPED:
            self._doubtful = True
            self.info["dropped_reports"] = str(int(self.info.get("dropped_reports", "0")) + 1)
        elif kind not in {START_TIME, PERIOD}:
            raise Malformed

    def _sampled(self, packet: bytes, numbers: list[int], count: int, begin: int) -> Iterator[Block]:
        values = _values(packet[begin:], count, len(numbers))
        ticks = self._place(packet, count) + np.arange(count, dtype=np.int64)
        for column, number in enumerate(numbers):
            sensor = self._sensors.get(number)
            factor = sensor.conversion()[1] if sensor else 1.0
            yield Block(f"sensor_{number}", values[:, column : column + 1] * factor, ticks, not self._doubtful)

    def _place(self, packet: bytes, count: int) -> int:
        """Number of the packet's first sample; a packet that is missing is taken to have held as many."""
        if packet == self._packet:
            return self._first
        steps = self._packets_since(packet[2])
        first = self._next + (steps - 1) * count
        if steps > 0:
            self._counter, self._packet, self._first, self._next = packet[2], packet, first, first + count
        return first

    def _packets_since(self, counter: int) -> int:
        """Packets from the newest to this one, negative for a late one; the counter's direction is learnt."""
        if self._counter is None:
            return 1
        step = (counter - self._counter) % 256
        if step in {1, 255} and abs(self._upward) < 4:
            self._upward += 1 if step == 1 else -1
        upward = self._upward > 0 or (self._upward == 0 and step < 128)
        signed = (step if upward else -step) % 256
        return signed - 256 if signed > 128 else signed or 256


def _numbers(mask: int) -> list[int]:
    return [number for number in range(SENSORS) if mask >> number & 1]


def _values(data: bytes, count: int, sensors: int) -> Samples:
    """Values of shape (count, sensors), in the device's unit."""
    if not data or len(data) != 4 * count * sensors:
        raise Malformed
    values = np.frombuffer(data, "<f4").astype(np.float64).reshape(count, sensors)
    if not np.isfinite(values).all():
        raise Malformed
    return values
