"""OYMotion gForce and gForcePro+: eight channels of EMG at 500 Hz in a band, as counts without a unit.

A packet is a type and 16 samples. Where it does not fit into one notification the band sends it in parts, which are
numbered down to 0::

    08 samples                          one notification: believed
    FF 1 08 samples  FF 0 samples       counts down without a gap: given, but not trusted
    FF 2 08 samples  FF 0 samples       a part is missing: refused

Nothing numbers the packets themselves. When the end of one and the beginning of the next are lost, what is left counts
down as if it were one packet, so that the order of parts is never proven. The only public source is one program: what
it says of volts is not claimed here.

Source: LibEMG, ``_oymotion_windows_streamer.py``.
"""

from __future__ import annotations

import struct
from collections.abc import Generator, Iterator

import numpy as np

from glutebal.errors import GlutebalError
from glutebal.ingest.driver import (
    Advert,
    Block,
    Driver,
    Malformed,
    Notify,
    Script,
    Step,
    Stream,
    Wait,
    Write,
    driver,
    short_uuid,
)
from glutebal.ingest.drivers.likeness import likeness

SERVICE = short_uuid(0xFFD0)
COMMAND = "f000ffe1-0451-4000-b000-000000000000"
DATA = "f000ffe2-0451-4000-b000-000000000000"

BATTERY, CONFIGURE, SUBSCRIBE = 0x08, 0x3F, 0x4F
SUCCESS = 0
EMG_ONLY, NOTHING = 0x80, 0
EMG, PART = 0x08, 0xFF
KINDS = range(0x01, 0x0D)  # of packets; all but EMG are turned off
REPLY_S = 2.0

RATE_HZ = 500
CHANNELS = 8
BITS = 8
PACKET_SAMPLES_BYTES = 128
MID_SCALE = 128


def emg_config(rate_hz: int, channel_mask: int, batch_bytes: int, bits: int) -> bytes:
    """The command that sets up EMG: 500, 650 or 1000 Hz, 8 or 12 bits.

    >>> emg_config(500, 0xFF, 128, 8).hex()
    '3ff401ff008008'
    """
    return struct.pack("<BHHBB", CONFIGURE, rate_hz, channel_mask, batch_bytes, bits)


def subscription(mask: int) -> bytes:
    """The command that chooses what is streamed.

    >>> subscription(0x80).hex()
    '4f80000000'
    """
    return struct.pack("<BI", SUBSCRIBE, mask)


@driver
class GForce(Driver):
    """OYMotion gForce, EMG of 8 bits at 500 Hz."""

    name = "gforce"
    title = "OYMotion gForce, gForcePro+"
    streams = (Stream("emg", None, "counts, 8 bits, -128 to 127", float(RATE_HZ), tuple("12345678")),)

    def __init__(self) -> None:
        super().__init__()
        self.gap()

    @classmethod
    def match(cls, advert: Advert) -> int:
        """By the name ``gForce...``; the service's short number is nobody's in particular."""
        score = likeness(advert, SERVICE, "gForce", "GForce")
        return score if score > 5 else min(1, score)

    def start(self) -> Script:
        """Subscribe, ask for the battery, set up EMG and turn all else off.

        Raises
        ------
        GlutebalError
            The band does not accept the setting: what its packets then mean is unknown.
        """
        self.gap()
        yield Notify(COMMAND)
        yield Notify(DATA)
        charge = yield from _ask(bytes((BATTERY,)))
        if charge and len(charge) == 3 and charge[0] == SUCCESS and charge[2] <= 100:
            self.info["battery_percent"] = str(charge[2])
        for request in (emg_config(RATE_HZ, 0xFF, PACKET_SAMPLES_BYTES, BITS), subscription(EMG_ONLY)):
            reply = yield from _ask(request)
            if reply is None or reply[0] != SUCCESS:
                found = "silence" if reply is None else f"code {reply[0]}"
                raise GlutebalError(f"the band to accept {request.hex()}", found, self.title, "switch it off and on")

    def stop(self) -> Script:
        """Everything off."""
        yield Write(COMMAND, subscription(NOTHING))

    def gap(self) -> None:
        """Forget the parts of a packet whose other parts will not come."""
        self._held, self._left = b"", 0

    def decode(self, char: str, data: bytes) -> Iterator[Block]:
        """The 16 samples of a packet; not trusted when it came in parts."""
        if char not in {COMMAND, DATA} or len(data) < 2:
            raise Malformed("unknown characteristic, or too short")
        if char == COMMAND:
            return  # an answer
        if data[0] == PART:
            yield from self._part(data[1], data[2:])
            return
        self.malformed += bool(self._held)  # its other parts never came
        self.gap()
        yield from packet(data, trusted=True)

    def _part(self, left: int, part: bytes) -> Iterator[Block]:
        if self._held and left == self._left - 1:
            self._held += part
        else:
            self.malformed += bool(self._held)
            if left == 0 or part[:1] != bytes((EMG,)):
                raise Malformed("not the first part of a packet")
            self._held = part
        self._left = left
        if left == 0:
            whole = self._held
            self.gap()
            yield from packet(whole, trusted=False)


def packet(data: bytes, *, trusted: bool) -> Iterator[Block]:
    """The samples of a whole packet.

    Raises
    ------
    Malformed
        No packet of this device, or not as long as it was set up.
    """
    if data[0] not in KINDS or (data[0] == EMG and len(data) != 1 + PACKET_SAMPLES_BYTES):
        raise Malformed("kind or length")
    if data[0] == EMG:
        counts = np.frombuffer(data, np.uint8, offset=1).astype(np.float64) - MID_SCALE
        yield Block("emg", counts.reshape(-1, CHANNELS), trusted=trusted)


def _ask(request: bytes) -> Generator[Step, bytes | None, bytes | None]:
    """Write a command; the answer to it, at least two bytes, or None."""
    yield Write(COMMAND, request)
    return (yield Wait(COMMAND, REPLY_S, lambda data: data[1:2] == request[:1]))
