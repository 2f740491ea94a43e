"""What a sensor driver is: a pure translation between bytes and samples, which never sees a radio or an event loop.

::

    link ──Advert──▶ match            which driver is this?
    link ◀──Notify/Write/Read/Wait── start, stop     the handshake, one step at a time
    link ──(characteristic, bytes)──▶ feed ──▶ Block, Block ...     samples in SI units with the device's own ticks

A driver is used by one link (or one replay) at a time. Bytes that make no sense are counted in ``malformed`` and
give no block; they never raise and never become a number.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import pkgutil
import struct
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import ClassVar, TypeVar

import numpy as np
from numpy.typing import NDArray

from glutebal.errors import UnknownNameError
from glutebal.model import Quantity, Samples

ADVERTISING = "advertising"  # the name of the pseudo-characteristic of devices that only advertise
BASE_UUID = "0000{:04x}-0000-1000-8000-00805f9b34fb"


def short_uuid(number: int) -> str:
    """The full form of a 16-bit Bluetooth UUID, in lower case.

    >>> short_uuid(0x2A19)
    '00002a19-0000-1000-8000-00805f9b34fb'
    """
    return BASE_UUID.format(number)


@dataclass(frozen=True)
class Advert:
    """What a device says of itself before a connection. UUIDs in full, lower case; manufacturer data by company id."""

    name: str = ""
    uuids: frozenset[str] = frozenset()
    manufacturer: Mapping[int, bytes] = field(default_factory=dict)
    service_data: Mapping[str, bytes] = field(default_factory=dict)
    rssi: int | None = None


@dataclass(frozen=True)
class Notify:
    """Handshake step: subscribe to a characteristic (notifications or indications).

    With ``required`` false, a device that does not have it, or does not notify it, goes without.
    """

    char: str
    required: bool = True


@dataclass(frozen=True)
class Write:
    """Handshake step: write bytes to a characteristic."""

    char: str
    data: bytes
    response: bool = True


@dataclass(frozen=True)
class Read:
    """Handshake step: read a characteristic; the generator is sent its bytes, or None when it does not exist."""

    char: str


@dataclass(frozen=True)
class Wait:
    """Handshake step: the next notification of ``char`` that ``accept`` takes; None is sent after ``timeout_s``."""

    char: str
    timeout_s: float = 5.0
    accept: Callable[[bytes], bool] | None = None


@dataclass(frozen=True)
class Sleep:
    """Handshake step: let the device settle."""

    seconds: float


Step = Notify | Write | Read | Wait | Sleep
Script = Generator[Step, bytes | None, None]


class Ticks(Enum):
    """What the device's own count means."""

    STAMP = "time stamp"  # ticks of the device's clock
    COUNT = "sample counter"  # one per sample, or per packet times the samples in it
    NONE = "none"  # the device says nothing of time


@dataclass(frozen=True)
class Clock:
    """The clock on the wire: seconds per tick (0 when there is none) and where the count wraps (None: never)."""

    kind: Ticks = Ticks.NONE
    tick_s: float = 0.0
    wrap: int | None = None


@dataclass(frozen=True)
class Stream:
    """One kind of samples of a device.

    ``quantity`` is None for what has no place in `Quantity` (counts without a known scale, percentages); ``unit`` is
    then the only description. ``rate_hz`` is nominal, NaN when the device decides. ``axes`` name a block's columns.
    """

    name: str
    quantity: Quantity | None
    unit: str
    rate_hz: float
    axes: tuple[str, ...] = ("",)
    clock: Clock = Clock()


@dataclass(frozen=True, eq=False)
class Block:
    """Consecutive samples of one stream.

    ``values`` has shape (n, axes), in the stream's unit. ``ticks`` has shape (n,): the device's count of every sample,
    as it came (not unwrapped), or None. Samples with ``trusted`` false follow a loss that the device cannot undo.
    """

    stream: str
    values: Samples
    ticks: NDArray[np.int64] | None = None
    trusted: bool = True


class Malformed(Exception):  # noqa: N818 - raised and caught inside drivers only
    """These bytes are not what the device sends."""


class Driver(ABC):
    """One device's translation; subclass it in a module of its own and decorate it with `driver`.

    Class attributes: ``name`` (unique, lower case), ``title`` (for people), ``streams``. An instance remembers what the
    device needs remembered (predictors, the last command) and ``info`` (firmware, battery ...) as text.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    streams: ClassVar[tuple[Stream, ...]]

    def __init__(self) -> None:
        self.malformed = 0
        self.info: dict[str, str] = {}

    @classmethod
    @abstractmethod
    def match(cls, advert: Advert) -> int:
        """How surely this is the device: 0 no, 1 perhaps (a shared UUID), 5 by service, 10 by service and name."""

    @abstractmethod
    def start(self) -> Script:
        """The steps from a fresh connection to streaming."""

    def stop(self) -> Script:
        """The steps that end streaming; none by default."""
        yield from ()

    @abstractmethod
    def decode(self, char: str, data: bytes) -> Iterator[Block]:
        """The samples in one notification; raises `Malformed` (or struct.error) for bytes that are not the device's."""

    def gap(self) -> None:  # noqa: B027 - most devices have nothing to forget
        """A packet was lost or the connection was new: forget what a loss invalidates."""

    def feed(self, char: str, data: bytes) -> list[Block]:
        """`decode` that never raises: malformed bytes are counted and give nothing, not even in part."""
        try:
            return list(self.decode(char, bytes(data)))
        except (Malformed, struct.error, ValueError, IndexError, OverflowError):
            self.malformed += 1
            self.gap()
            return []

    def stream(self, name: str) -> Stream:
        """The stream of that name."""
        return next(s for s in self.streams if s.name == name)


Kind = TypeVar("Kind", bound=type[Driver])
_REGISTERED: dict[str, type[Driver]] = {}


def driver(kind: Kind) -> Kind:
    """Class decorator: put a driver into the registry."""
    _REGISTERED[kind.name] = kind
    return kind


def drivers() -> Mapping[str, type[Driver]]:
    """All drivers by name: the library's own and those of the entry-point group ``glutebal.drivers``."""
    package = importlib.import_module("glutebal.ingest.drivers")
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"glutebal.ingest.drivers.{module.name}")
    for entry in importlib.metadata.entry_points(group="glutebal.drivers"):
        driver(entry.load())
    return dict(sorted(_REGISTERED.items()))


def driver_named(name: str) -> type[Driver]:
    """The driver of that name.

    Raises
    ------
    UnknownNameError
        It lists the drivers there are.
    """
    known = drivers()
    if name not in known:
        raise UnknownNameError.among("driver", name, known)
    return known[name]


def match(advert: Advert, among: Iterable[type[Driver]] | None = None) -> type[Driver] | None:
    """The driver that is surest of this device; None when no driver knows it."""
    candidates = list(drivers().values() if among is None else among)
    scores = [(kind.match(advert), kind) for kind in candidates]
    best = max((score for score, _ in scores), default=0)
    return next(kind for score, kind in scores if score == best) if best > 0 else None
