"""MbientLab MetaMotion R, RL, S: acceleration and angular rate, each sample with the tick of an accounter.

A MetaMotion sends no time of its own accord. The handshake puts an *accounter* behind each sensor: a data processor
on the board that puts a tick of 48/32768 s before every sample. Processors outlive a connection, so the handshake
removes all of them first.

Sources: mbientlab/MetaWear-SDK-Cpp, tests of accelerometer, gyro, data processor and board.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

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
)
from glutebal.ingest.drivers import sig
from glutebal.ingest.drivers.likeness import likeness
from glutebal.ingest.units import STANDARD_GRAVITY
from glutebal.model import Quantity, Samples

SERVICE = "326a9000-85cb-9195-d9dd-464cfbbae75a"
COMMAND = "326a9001-85cb-9195-d9dd-464cfbbae75a"
NOTIFY = "326a9006-85cb-9195-d9dd-464cfbbae75a"

ACCELEROMETER, PROCESSOR, GYRO = 0x03, 0x09, 0x13  # modules
ADD, DATA, ENABLE, REMOVE_ALL = 0x02, 0x03, 0x07, 0x08  # registers of the processor module
READ = 0x80  # added to a register
RATE_HZ = 100.0
CLOCK = Clock(Ticks.STAMP, 48 / 32768, 2**32)

COUNTS_PER_G = {2: 16384, 4: 8192, 8: 4096, 16: 2048}  # by range, g
COUNTS_PER_DPS = {2000: 16.4, 1000: 32.8, 500: 65.6, 250: 131.2, 125: 262.4}  # by range, deg/s


@dataclass(frozen=True)
class Chip:
    """What differs between the inertial chips that MetaMotions carry."""

    name: str
    rate_100_hz: int  # the accelerometer's code
    range_codes: dict[int, int]  # of the accelerometer, by range in g
    rotation: int  # register of single angular rates


CHIPS = {
    1: Chip("BMI160", 0x28, {2: 0x03, 4: 0x05, 8: 0x08, 16: 0x0C}, 0x05),
    4: Chip("BMI270", 0xA8, {2: 0x00, 4: 0x01, 8: 0x02, 16: 0x03}, 0x04),
}
GYRO_100_HZ = 0x28  # of both chips
SINGLE_ACCELERATION = 0x04
DATA_REGISTERS = {ACCELEROMETER: {0x04, 0x05, 0x1C}, GYRO: {0x04, 0x05, 0x07}}  # single and packed, by length
START, ENABLE_DATA = 0x01, 0x02


def accounter(module: int, register: int) -> bytes:
    """The command that puts an accounter of time behind a signal of 6 bytes.

    >>> accounter(0x03, 0x04).hex()
    '09020304ffa0113103'
    """
    return bytes((PROCESSOR, ADD, module, register, 0xFF, 0xA0, 0x11, 0x31, 0x03))


def _command(*numbers: int) -> Write:
    return Write(COMMAND, bytes(numbers), response=False)


def _is_reply(*head: int) -> Callable[[bytes], bool]:
    return lambda data: data.startswith(bytes(head))


@driver
class MetaMotion(Driver):
    """MbientLab MetaMotion at 100 Hz.

    Parameters
    ----------
    range_g : int
        Range of the accelerometer: 2, 4, 8 or 16 g.
    range_dps : int
        Range of the gyroscope: 125, 250, 500, 1000 or 2000 deg/s.
    """

    name = "metamotion"
    title = "MbientLab MetaMotion"
    streams = (
        Stream("acceleration", Quantity.ACCELERATION, "m/s²", RATE_HZ, ("x", "y", "z"), CLOCK),
        Stream("angular_rate", Quantity.ANGULAR_RATE, "rad/s", RATE_HZ, ("x", "y", "z"), CLOCK),
        # of a board that somebody else set up, without accounters
        Stream("acceleration_untimed", Quantity.ACCELERATION, "m/s²", math.nan, ("x", "y", "z")),
        Stream("angular_rate_untimed", Quantity.ANGULAR_RATE, "rad/s", math.nan, ("x", "y", "z")),
    )

    def __init__(self, range_g: int = 8, range_dps: int = 1000) -> None:
        super().__init__()
        self.range_g, self.range_dps = range_g, range_dps
        self._scales = {
            ACCELEROMETER: STANDARD_GRAVITY / COUNTS_PER_G[range_g],
            GYRO: math.pi / 180 / COUNTS_PER_DPS[range_dps],
        }
        self._accounters: list[int] = []  # their ids: the accelerometer's, the gyroscope's

    @classmethod
    def match(cls, advert: Advert) -> int:
        """By the maker's service and the name ``MetaWear`` that units come with."""
        return likeness(advert, SERVICE, "MetaWear")

    def start(self) -> Script:
        """Find out the chip, remove old processors, set ranges, put accounters in place, start.

        Raises
        ------
        GlutebalError
            The board does not answer, or its chip is not known.
        """
        self._accounters.clear()
        yield Notify(NOTIFY)
        yield from sig.identify(self)
        yield _command(ACCELEROMETER, READ)
        chip = self._chip((yield Wait(NOTIFY, accept=_is_reply(ACCELEROMETER, READ))))
        yield _command(PROCESSOR, REMOVE_ALL)
        yield _command(ACCELEROMETER, 0x03, chip.rate_100_hz, chip.range_codes[self.range_g])
        yield _command(GYRO, 0x03, GYRO_100_HZ, list(COUNTS_PER_DPS).index(self.range_dps))
        for module, register in ((ACCELEROMETER, SINGLE_ACCELERATION), (GYRO, chip.rotation)):
            yield from self._account(module, register)
        yield _command(PROCESSOR, DATA, 1)
        for module in (ACCELEROMETER, GYRO):
            yield _command(module, ENABLE_DATA, 1, 0)
            yield _command(module, START, 1)

    def stop(self) -> Script:
        """Stop both sensors and remove the accounters."""
        for module in (ACCELEROMETER, GYRO):
            yield _command(module, START, 0)
            yield _command(module, ENABLE_DATA, 0, 1)
        yield _command(PROCESSOR, REMOVE_ALL)

    def _chip(self, reply: bytes | None) -> Chip:
        if reply is None:
            raise GlutebalError("an answer of the board", "silence", self.title, "switch it off and on")
        code = reply[2] if len(reply) > 2 else -1
        if code not in CHIPS:
            known = " or ".join(chip.name for chip in CHIPS.values())
            raise GlutebalError(f"a board with a {known}", f"chip {code}", self.title)
        self.info["chip"] = CHIPS[code].name
        return CHIPS[code]

    def _account(self, module: int, register: int) -> Script:
        yield Write(COMMAND, accounter(module, register), response=False)
        reply = yield Wait(NOTIFY, accept=_is_reply(PROCESSOR, ADD))
        if reply is None or len(reply) != 3:
            raise GlutebalError("an accounter on the board", "no answer to the request", self.title, "reset the board")
        self._learn(reply[2])
        yield _command(PROCESSOR, ENABLE, reply[2], 1)

    def _learn(self, accounter_id: int) -> None:
        if accounter_id not in self._accounters and len(self._accounters) < 2:
            self._accounters.append(accounter_id)

    def decode(self, char: str, data: bytes) -> Iterator[Block]:
        """One notification: a sample with its tick; or, of other set-ups, one or three samples without."""
        if char != NOTIFY or len(data) < 3:
            raise Malformed
        module, register = data[0], data[1]
        if module == PROCESSOR and register == DATA:
            yield self._accounted(data)
        elif register in DATA_REGISTERS.get(module, ()):
            yield self._block(module, data[2:], None)
        elif module == PROCESSOR and register == ADD and len(data) == 3:
            self._learn(data[2])
        elif not register & READ:
            raise Malformed

    def _accounted(self, data: bytes) -> Block:
        if len(data) != 13 or data[2] not in self._accounters:
            raise Malformed
        module = (ACCELEROMETER, GYRO)[self._accounters.index(data[2])]
        return self._block(module, data[7:], np.frombuffer(data[3:7], "<u4").astype(np.int64))

    def _block(self, module: int, payload: bytes, ticks: NDArray[np.int64] | None) -> Block:
        if len(payload) not in {6, 18}:
            raise Malformed
        values: Samples = np.frombuffer(payload, "<i2").reshape(-1, 3) * self._scales[module]
        stream = "acceleration" if module == ACCELEROMETER else "angular_rate"
        return Block(stream if ticks is not None else f"{stream}_untimed", values, ticks)
