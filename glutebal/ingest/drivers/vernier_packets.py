"""The packets of Vernier Go Direct: a length, a rolling counter and a checksum, whole or split over notifications."""

from __future__ import annotations

HEAD_BYTES = 5
MEASUREMENT = 0x20  # first byte of a packet of samples
NORMAL, WIDE, SINGLE_REAL, SINGLE_INT, APERIODIC_REAL, APERIODIC_INT, START_TIME, DROPPED, PERIOD = range(6, 15)


def checksum(packet: bytes) -> int:
    """The sum of all bytes but the checksum itself, modulo 256."""
    return (sum(packet) - packet[3]) & 0xFF


def command(counter: int, number: int, parameters: bytes = b"") -> bytes:
    """A command packet with its rolling counter and checksum."""
    packet = bytes((0x58, HEAD_BYTES + len(parameters), counter, 0, number)) + parameters
    return packet[:3] + bytes((checksum(packet),)) + packet[4:]


def _is_whole(data: bytes) -> bool:
    """Whether these bytes begin with a packet whose checksum holds."""
    if len(data) < HEAD_BYTES or not HEAD_BYTES <= data[1] <= len(data):
        return False
    return checksum(data[: data[1]]) == data[3]


class Assembler:
    """Puts packets together from notifications; what fails its checksum is dropped and counted in ``failures``."""

    def __init__(self) -> None:
        self._rest = b""
        self._starts: list[int] = []  # where later notifications begin in it
        self.failures = 0

    def push(self, data: bytes) -> list[bytes]:
        """The packets that this notification completes."""
        if self._rest:
            self._starts.append(len(self._rest))
        self._rest += data
        packets = []
        while packet := self._next():
            packets.append(packet)
        return packets

    def _next(self) -> bytes:
        while len(self._rest) > 1:
            size = self._rest[1]
            if _is_whole(self._rest):
                packet = self._rest[:size]
                self._drop(size)
                return packet
            restart = self._restart(incomplete=len(self._rest) < size)
            if restart is None:
                break
            self.failures += 1
            self._drop(restart)
        return b""

    def _restart(self, *, incomplete: bool) -> int | None:
        """Where to look on: at the next notification or, while more may come, at one that is surely a packet."""
        if not incomplete:
            return next(iter(self._starts), len(self._rest))
        return next((start for start in self._starts if _is_samples(self._rest[start:])), None)

    def _drop(self, size: int) -> None:
        self._rest = self._rest[size:]
        self._starts = [start - size for start in self._starts if start > size]


def _is_samples(data: bytes) -> bool:
    return _is_whole(data) and data[0] == MEASUREMENT and NORMAL <= data[4] <= PERIOD
