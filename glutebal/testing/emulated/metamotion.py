"""An emulated MbientLab MetaMotion: acceleration and angular rate at 100 Hz, behind accounters that stamp them."""

from __future__ import annotations

import struct
from collections.abc import Iterable

import numpy as np

from glutebal.ingest.driver import short_uuid
from glutebal.model import Samples
from glutebal.testing.emulated.sensor import Attribute, EmulatedSensor, Frame, Service, Signal

SERVICE = "326a9000-85cb-9195-d9dd-464cfbbae75a"
COMMAND = "326a9001-85cb-9195-d9dd-464cfbbae75a"
NOTIFY = "326a9006-85cb-9195-d9dd-464cfbbae75a"
ACCELEROMETER, PROCESSOR, GYRO = 0x03, 0x09, 0x13
TICK_S = 48 / 32768
_COUNTS_PER_G = {0x03: 16384, 0x05: 8192, 0x08: 4096, 0x0C: 2048}  # by range code of the BMI160
_COUNTS_PER_DPS = (16.4, 32.8, 65.6, 131.2, 262.4)
_BMI160 = 1


class EmulatedMetaMotion(EmulatedSensor):
    """The signal: six columns, m/s² (x, y, z) and rad/s (x, y, z)."""

    per_packet = 1
    rate_hz = 100.0

    def __init__(self, name: str, signal: Signal, battery_percent: int = 87) -> None:
        super().__init__(name, signal)
        commands = Attribute(COMMAND, ("write", "write-without-response"))
        battery = Service(short_uuid(0x180F), (Attribute(short_uuid(0x2A19), ("read",), bytes([battery_percent])),))
        own = Service(SERVICE, (commands, Attribute(NOTIFY, ("notify",))))
        self.services = (own, battery)
        self._scale = {ACCELEROMETER: 4096 / 9.80665, GYRO: 32.8 * 180 / np.pi}  # counts per SI unit
        self._accounted: list[int] = []  # modules, in the order of their accounters' ids

    def write(self, char: str, data: bytes) -> Iterable[Frame]:
        """Take a message: module, register, parameters."""
        if char != COMMAND or len(data) < 2:
            return
        module, register, rest = data[0], data[1], data[2:]
        if module == PROCESSOR:
            yield from self._process(register, rest)
        elif register == 0x80:
            yield NOTIFY, bytes([module, register, _BMI160, 0])
        elif register == 0x03 and module == ACCELEROMETER:
            self._scale[module] = _COUNTS_PER_G[rest[1]] / 9.80665
        elif register == 0x03:
            self._scale[module] = _COUNTS_PER_DPS[rest[1]] * 180 / np.pi
        elif register == 0x01:
            self.streaming = rest[:1] == b"\x01"

    def _process(self, register: int, rest: bytes) -> Iterable[Frame]:
        if register == 0x08:
            self._accounted.clear()
        elif register == 0x02:
            self._accounted.append(rest[0])
            yield NOTIFY, bytes([PROCESSOR, register, len(self._accounted) - 1])

    def encode(self, first: int, values: Samples) -> Iterable[Frame]:
        """A message per accounter and sample."""
        for i, row in enumerate(values):
            tick = round(((first + i) / self.rate_hz + self.clock_offset_s) / TICK_S) % 2**32
            for accounter, module in enumerate(self._accounted):
                columns = row[:3] if module == ACCELEROMETER else row[3:]
                counts = np.clip(np.rint(columns * self._scale[module]), -32768, 32767).astype(int)
                yield NOTIFY, struct.pack("<BBBI3h", PROCESSOR, 0x03, accounter, tick, *counts)
