"""The library's own binary frame for sensors of one's own: nothing to configure, every frame stands alone.

Little-endian; `examples/arduino/diy_binary` sends it::

     0        1     2     3  4        6       10         14        18                        end
    ┌─────────┬─────┬─────┬──┬────────┬───────┬──────────┬─────────┬─────────────────────────┬────────┐
    │ version │what │chan │n │ number │ stamp │ period   │ scale   │ samples                 │ crc    │
    │ u8      │u8   │u8   │u8│ u16    │ u32   │ u32      │ f32     │ i16 × n × chan          │ u16    │
    └─────────┴─────┴─────┴──┴────────┴───────┴──────────┴─────────┴─────────────────────────┴────────┘

========  ======================================================================================
version   1
what      0 counts, 1 EMG (V), 2 force (N), 3 acceleration (m/s²), 4 angular rate (rad/s)
chan      1 to 8 channels; 3 (x, y, z) for acceleration and angular rate
n         samples per channel, at least 1
number    counts the frames of this kind, 65535 is followed by 0
stamp     µs of the sensor's clock at the first sample; wraps after 71.6 min
period    µs from sample to sample
scale     the unit above per count
samples   sample by sample, channel by channel
crc       CRC-16/CCITT-FALSE (polynomial 0x1021, start 0xFFFF) of all bytes before it
========  ======================================================================================

A frame is at most 512 bytes; 244 is the most that one radio packet carries.
"""

from __future__ import annotations

import binascii
import math
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from glutebal.errors import InputError
from glutebal.ingest.driver import Advert, Block, Clock, Driver, Malformed, Notify, Script, Stream, Ticks, driver
from glutebal.ingest.drivers import sig
from glutebal.ingest.drivers.likeness import likeness
from glutebal.ingest.drivers.sift import sift
from glutebal.model import Quantity

SERVICE = "5b2f0001-6c3a-4d8e-9b41-7a0c1de2f350"
FRAMES = "5b2f0002-6c3a-4d8e-9b41-7a0c1de2f350"

VERSION = 1
HEADER = struct.Struct("<BBBBHIIf")
CHECK = struct.Struct("<H")
LONGEST = 512
CHANNELS = 8
XYZ = ("x", "y", "z")
MICROSECONDS = Clock(Ticks.STAMP, 1e-6, 2**32)


@dataclass(frozen=True)
class What:
    """One kind of samples: its stream, and the largest value that is believed."""

    name: str
    quantity: Quantity | None
    unit: str
    limit: float
    axes: tuple[str, ...] = ()  # fixed columns of one stream; none: a stream per channel, each on a place of its own

    def streams(self) -> tuple[Stream, ...]:
        """The stream, or one per channel."""
        if self.axes:
            return (Stream(self.name, self.quantity, self.unit, math.nan, self.axes, MICROSECONDS),)
        numbers = range(1, CHANNELS + 1)
        return tuple(
            Stream(f"{self.name}_{n}", self.quantity, self.unit, math.nan, (str(n),), MICROSECONDS) for n in numbers
        )


WHAT = (
    What("counts", None, "counts", math.inf),
    What("emg", Quantity.EMG, "V", 5.0),  # behind an amplifier
    What("force", Quantity.FORCE, "N", 20e3),
    What("acceleration", Quantity.ACCELERATION, "m/s²", 4000.0, XYZ),
    What("angular_rate", Quantity.ANGULAR_RATE, "rad/s", 110.0, XYZ),
)


@dataclass(frozen=True, eq=False)
class Frame:
    """One frame, as it was sent; ``counts`` has shape (n, channels)."""

    what: int
    number: int
    stamp_us: int
    period_us: int
    scale: float
    counts: NDArray[np.int16]


@driver
class DiyBinary(Driver):
    """One sensor that sends the frame above. The checksum leaves one damaged frame in 65,536 unseen."""

    name = "diy_binary"
    title = "Own sensors with the glutebal binary frame"
    streams = tuple(stream for what in WHAT for stream in what.streams())

    @classmethod
    def match(cls, advert: Advert) -> int:
        """By the frame's own service."""
        return likeness(advert, SERVICE, "glutebal")

    def start(self) -> Script:
        """Read who it is, subscribe to the frames."""
        yield from sig.identify(self)
        yield Notify(FRAMES)

    def decode(self, char: str, data: bytes) -> Iterator[Block]:
        """The samples of one frame in SI units with the sensor's microseconds."""
        if char != FRAMES:
            raise Malformed("unknown characteristic")
        frame = decoded(data)
        what = WHAT[frame.what]
        self._learn(what, 1e6 / frame.period_us)
        n = len(frame.counts)
        ticks = (frame.stamp_us + frame.period_us * np.arange(n, dtype=np.int64)) % 2**32
        values = frame.counts.astype(np.float64) * frame.scale
        parts: Sequence[tuple[str, slice]] = [(what.name, slice(None))]
        if not what.axes:
            parts = [(f"{what.name}_{c + 1}", slice(c, c + 1)) for c in range(values.shape[1])]
        for name, columns in parts:
            yield from sift(self, Block(name, values[:, columns], ticks), -what.limit, what.limit)

    def _learn(self, what: What, rate_hz: float) -> None:
        """Only the frames say how fast the sensor is: from now on this one's streams say it too."""
        own = {stream.name for stream in what.streams()}
        if any(s.name in own and s.rate_hz != rate_hz for s in self.streams):
            vars(self)["streams"] = tuple(replace(s, rate_hz=rate_hz) if s.name in own else s for s in self.streams)


def decoded(data: bytes) -> Frame:
    """The frame in these bytes.

    Raises
    ------
    Malformed
        Another version, another length than the header says, a wrong checksum, or a header that means nothing.
    """
    if len(data) < HEADER.size + CHECK.size or data[0] != VERSION:
        raise Malformed("no frame of this version")
    _, what, channels, n, number, stamp, period, scale = HEADER.unpack_from(data)
    if len(data) != HEADER.size + 2 * n * channels + CHECK.size:
        raise Malformed("length")
    if binascii.crc_hqx(data[: -CHECK.size], 0xFFFF) != CHECK.unpack(data[-CHECK.size :])[0]:
        raise Malformed("checksum")
    _require_meaning(what, channels, n, period, scale)
    counts = np.frombuffer(data, dtype="<i2", count=n * channels, offset=HEADER.size).reshape(n, channels)
    return Frame(what, number, stamp, period, scale, counts)


def _require_meaning(what: int, channels: int, n: int, period: int, scale: float) -> None:
    known = what < len(WHAT) and 1 <= channels <= CHANNELS and n >= 1
    if not (known and period > 0 and math.isfinite(scale) and scale != 0):
        raise Malformed("header")
    if WHAT[what].axes and channels != len(WHAT[what].axes):
        raise Malformed("channels")


def encoded(what: int, number: int, stamp_us: int, period_us: int, scale: float, counts: ArrayLike) -> bytes:
    """The bytes of a frame: for emulated sensors, and to compare a sketch with.

    Parameters
    ----------
    what : int
        Position in `WHAT`.
    number : int
        The frame's number; taken modulo 65,536.
    stamp_us, period_us : int
        The sensor's clock at the first sample (modulo 2³²), and from sample to sample; µs.
    scale : float
        SI unit per count.
    counts : array_like, shape (n, channels)
        Whole numbers that fit 16 bits.

    Raises
    ------
    InputError
        More samples than fit a frame, or numbers that do not fit 16 bits.
    """
    samples = np.asarray(counts)
    n, channels = samples.shape
    if not np.array_equal(np.clip(np.rint(samples), -32768, 32767), samples):
        raise InputError("whole counts from -32768 to 32767", f"{samples.min()} to {samples.max()}")
    whole = samples.astype("<i2")
    if n > 255 or HEADER.size + whole.nbytes + CHECK.size > LONGEST:
        raise InputError(f"a frame of at most {LONGEST} bytes and 255 samples", f"{n} samples of {channels} channels")
    head = HEADER.pack(VERSION, what, channels, n, number % 2**16, stamp_us % 2**32, period_us, scale)
    return head + whole.tobytes() + CHECK.pack(binascii.crc_hqx(head + whole.tobytes(), 0xFFFF))
