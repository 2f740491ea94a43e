"""The nouns of a recording: what flows between the rooms.

Time is an integer sample on the session clock, at the channel's own rate: sample ``i`` of a channel was
taken ``i / rate_hz`` seconds after the session's zero. Seconds are properties, for people. Every interval
is ``[start, stop)``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from glutebal.errors import InputError, PairError, RateError

T = TypeVar("T", covariant=True)  # noqa: PLC0105 - the short name reads better
U = TypeVar("U")
V = TypeVar("V")
Samples = NDArray[np.float64]


class Side(Enum):
    """Left or right. A midline sensor has side ``None``; an unknown side is an error, never a default."""

    LEFT = "left"
    RIGHT = "right"

    @property
    def other(self) -> Side:
        """The opposite side."""
        return Side.RIGHT if self is Side.LEFT else Side.LEFT


@dataclass(frozen=True, slots=True)
class Bilateral(Generic[T]):
    """One value per side. What is done to both sides is written once, with `map`."""

    left: T
    right: T

    @classmethod
    def per_side(cls, make: Callable[[Side], V]) -> Bilateral[V]:
        """Build from a function of the side."""
        return Bilateral(make(Side.LEFT), make(Side.RIGHT))

    def map(self, fn: Callable[[T], U]) -> Bilateral[U]:
        """Apply ``fn`` to both sides."""
        return Bilateral(fn(self.left), fn(self.right))

    def zip(self, other: Bilateral[U]) -> Bilateral[tuple[T, U]]:
        """Put two bilateral values together, side by side."""
        return Bilateral((self.left, other.left), (self.right, other.right))

    def swapped(self) -> Bilateral[T]:
        """Left for right and right for left."""
        return Bilateral(self.right, self.left)

    def __getitem__(self, side: Side) -> T:
        return self.left if side is Side.LEFT else self.right

    def __iter__(self) -> Iterator[T]:
        return iter((self.left, self.right))


class Quantity(Enum):
    """What a channel measures; ``unit`` is the one unit it has inside the library."""

    EMG = ("EMG", "V")
    FORCE = ("force", "N")
    TORQUE = ("torque", "N·m")
    ACCELERATION = ("acceleration", "m/s²")
    ANGULAR_RATE = ("angular rate", "rad/s")
    ANGLE = ("angle", "rad")
    POSITION = ("position", "m")
    MAGNETIC_FIELD = ("magnetic field", "T")
    PRESSURE = ("pressure", "Pa")

    def __init__(self, title: str, unit: str) -> None:
        self.title, self.unit = title, unit


@dataclass(frozen=True)
class Channel:
    """What a column of samples means.

    Parameters
    ----------
    quantity : Quantity
        What is measured; fixes the unit.
    side : Side or None
        ``None`` is a midline sensor, never "unknown".
    site : str
        Muscle, segment or device position: ``gluteus_maximus``, ``thigh``, ``pelvis``, ``plate``.
    rate_hz : float
        Samples per second, > 0.
    device : str
        Sensor name or serial, if known.
    axis : str
        ``x``, ``y``, ``z`` or a named part (``heel``) of a multi-axis sensor; empty for a scalar.
    label : str
        The column's name in its source.
    origin : str
        How side and site were found: ``read from the label``, ``given by the map`` ...
    """

    quantity: Quantity
    side: Side | None
    site: str
    rate_hz: float
    device: str = ""
    axis: str = ""
    label: str = ""
    origin: str = ""

    def __post_init__(self) -> None:
        if not (math.isfinite(self.rate_hz) and self.rate_hz > 0):
            raise RateError("a sampling rate above 0 Hz", f"{self.rate_hz} Hz", self.name)

    @property
    def name(self) -> str:
        """For people: ``left gluteus_maximus EMG``."""
        side = self.side.value if self.side else "midline"
        return " ".join(part for part in (side, self.site, self.axis, self.quantity.title) if part)

    def swapped(self) -> Channel:
        """The same channel on the other side; a midline channel is itself."""
        return replace(self, side=self.side.other) if self.side else self


@dataclass(frozen=True, eq=False)
class Chunk:
    """A gap-free run of samples of one channel, ``[start, stop)`` on the session clock; in the channel's unit."""

    channel: Channel
    start: int
    samples: Samples

    def __post_init__(self) -> None:
        samples = np.asarray(self.samples, dtype=np.float64)
        if samples.ndim != 1 or samples.size == 0:
            raise InputError("a one-dimensional run of samples", f"shape {samples.shape}", self.channel.name)
        if not np.isfinite(samples).all():
            at = int(self.start) + int(np.argmin(np.isfinite(samples)))
            found = f"NaN or infinity at {at / self.channel.rate_hz:.3f} s (sample {at})"
            raise InputError("finite samples in a gap-free chunk", found, self.channel.name, "Track.of_samples")
        view = samples.view()
        view.flags.writeable = False
        object.__setattr__(self, "samples", view)
        object.__setattr__(self, "start", int(self.start))

    @property
    def stop(self) -> int:
        """One past the last sample."""
        return self.start + self.samples.size

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Chunk):
            return NotImplemented
        same_place = (self.channel, self.start) == (other.channel, other.start)
        return same_place and np.array_equal(self.samples, other.samples)

    __hash__ = None  # type: ignore[assignment]


@dataclass(frozen=True)
class Track:
    """One channel with all its chunks in time order; between chunks nothing was recorded.

    Build it with `Track.of` (joins touching chunks) or `Track.of_samples` (NaN becomes a gap).
    """

    channel: Channel
    chunks: tuple[Chunk, ...]

    @classmethod
    def of(cls, channel: Channel, chunks: Iterable[Chunk]) -> Track:
        """Sort the chunks, join those that touch, refuse those that overlap."""
        joined: list[Chunk] = []
        for chunk in sorted(chunks, key=lambda c: c.start):
            last = joined[-1] if joined else None
            if last is not None and chunk.start < last.stop:
                raise InputError(
                    f"chunks that do not overlap (one stops at {last.stop})",
                    f"a start at {chunk.start}",
                    channel.name,
                )
            if last is not None and chunk.start == last.stop:
                joined[-1] = Chunk(channel, last.start, np.concatenate([last.samples, chunk.samples]))
            else:
                joined.append(Chunk(channel, chunk.start, chunk.samples))
        return cls(channel, tuple(joined))

    @classmethod
    def of_samples(cls, channel: Channel, samples: ArrayLike, start: int = 0) -> Track:
        """Cut an array, shape (n,), into gap-free chunks: what is not finite is a gap."""
        values = np.asarray(samples, dtype=np.float64)
        good = np.concatenate([[False], np.isfinite(values), [False]])
        edges = np.flatnonzero(good[1:] != good[:-1])
        spans = edges.reshape(-1, 2)
        return cls(channel, tuple(Chunk(channel, start + int(a), values[a:b]) for a, b in spans))

    @property
    def start(self) -> int:
        """First sample on the session clock; 0 for an empty track."""
        return self.chunks[0].start if self.chunks else 0

    @property
    def stop(self) -> int:
        """One past the last sample; 0 for an empty track."""
        return self.chunks[-1].stop if self.chunks else 0

    @property
    def n_samples(self) -> int:
        """Samples that exist, gaps not counted."""
        return sum(chunk.samples.size for chunk in self.chunks)

    @property
    def duration_s(self) -> float:
        """From the first to the last sample, gaps included."""
        return (self.stop - self.start) / self.channel.rate_hz

    @property
    def gaps(self) -> tuple[tuple[int, int], ...]:
        """The ``[start, stop)`` of what is missing between the first and the last sample."""
        return tuple((a.stop, b.start) for a, b in zip(self.chunks, self.chunks[1:], strict=False))

    def filled(self) -> Samples:
        """One array from `start` to `stop` with NaN in the gaps, shape (stop − start,)."""
        out = np.full(self.stop - self.start, np.nan)
        for chunk in self.chunks:
            out[chunk.start - self.start : chunk.stop - self.start] = chunk.samples
        return out

    def values(self) -> Samples:
        """All samples that exist, gaps closed up, shape (n_samples,)."""
        return np.concatenate([chunk.samples for chunk in self.chunks]) if self.chunks else np.empty(0)

    def between(self, start: int, stop: int) -> Track:
        """The part inside ``[start, stop)``."""
        parts = []
        for chunk in self.chunks:
            a, b = max(start, chunk.start), min(stop, chunk.stop)
            if a < b:
                parts.append(Chunk(self.channel, a, chunk.samples[a - chunk.start : b - chunk.start]))
        return Track(self.channel, tuple(parts))

    def covers(self, start: int, stop: int) -> bool:
        """Whether every sample of ``[start, stop)`` was recorded."""
        return any(chunk.start <= start and stop <= chunk.stop for chunk in self.chunks)

    def scaled(self, factor: float) -> Track:
        """The same track with every sample times ``factor``."""
        return Track(self.channel, tuple(Chunk(c.channel, c.start, c.samples * factor) for c in self.chunks))

    def on(self, channel: Channel) -> Track:
        """The same samples under another channel description."""
        return Track(channel, tuple(Chunk(channel, c.start, c.samples) for c in self.chunks))


@dataclass(frozen=True)
class Event:
    """Something that happened at an instant: a heel strike, a marker, a button."""

    time_s: float
    name: str
    side: Side | None = None


@dataclass(frozen=True)
class TimeAlignment:
    """How well the left and the right sensor of a live recording share one time.

    ``method`` says what it rests on (one clock, a tap, the earliest arrivals ...), ``offset_s`` what was taken out,
    ``uncertainty_s`` the largest error of a time between the sides; infinite: not established.
    """

    method: str
    offset_s: float = 0.0
    uncertainty_s: float = math.inf

    def allows_timing(self, difference_s: float) -> bool:
        """Whether a difference in time between the sides may be claimed: at least three times the uncertainty."""
        return 3 * self.uncertainty_s <= abs(difference_s)


@dataclass(frozen=True)
class Recording:
    """What was recorded, by whom, when; immutable, and it knows its gaps.

    Parameters
    ----------
    tracks : tuple of Track
        One per channel; no two with the same channel.
    started : datetime or None
        Wall-clock time of the session's zero.
    subject : str or None
        A pseudonym.
    exercise : str or None
        A name from `glutebal.exercises`.
    load_kg : float or None
        External load.
    notes : str
        Free text.
    events : tuple of Event
        In time order.
    source : str
        File name or device.
    history : tuple of str
        What was done to the samples since the source, oldest first.
    warnings : tuple of str
        What a reader should doubt, in words.
    alignment : TimeAlignment or None
        Of two sensors with a clock each; None for a file, whose channels share its clock.
    """

    tracks: tuple[Track, ...]
    started: datetime | None = None
    subject: str | None = None
    exercise: str | None = None
    load_kg: float | None = None
    notes: str = ""
    events: tuple[Event, ...] = ()
    source: str = ""
    history: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    alignment: TimeAlignment | None = None

    @property
    def channels(self) -> tuple[Channel, ...]:
        """All channels, in order."""
        return tuple(track.channel for track in self.tracks)

    @property
    def duration_s(self) -> float:
        """From the session's zero to the last sample of any channel."""
        return max((t.stop / t.channel.rate_hz for t in self.tracks), default=0.0)

    @property
    def midline(self) -> tuple[Track, ...]:
        """Tracks of sensors that belong to neither side."""
        return tuple(t for t in self.tracks if t.channel.side is None)

    def pairs(self, quantity: Quantity | None = None) -> tuple[Bilateral[Track], ...]:
        """Every left/right pair of the same quantity, site and axis, in the order of the channels."""
        found: dict[tuple[Quantity, str, str], dict[Side, Track]] = {}
        for track in self.tracks:
            c = track.channel
            if c.side is not None and quantity in {None, c.quantity}:
                found.setdefault((c.quantity, c.site, c.axis), {}).setdefault(c.side, track)
        both = (sides for sides in found.values() if len(sides) == 2)
        return tuple(Bilateral(sides[Side.LEFT], sides[Side.RIGHT]) for sides in both)

    def pair(self, site: str, quantity: Quantity | None = None, axis: str = "") -> Bilateral[Track]:
        """The left/right pair at ``site``.

        Raises
        ------
        PairError
            No such site, only one side of it, or two sampling rates.
        """
        for pair in self.pairs(quantity):
            c = pair.left.channel
            if (c.site, c.axis) == (site, axis):
                return require_same_rate(pair, self.source)
        one_sided = [c.name for c in self.channels if c.site == site and quantity in {None, c.quantity}]
        sites = sorted({p.left.channel.site for p in self.pairs(quantity)})
        found = f"only {', '.join(one_sided)}" if one_sided else f"pairs at: {', '.join(sites) or 'no site'}"
        raise PairError(f"a left and a right channel at {site!r}", found, self.source)

    def swapped(self) -> Recording:
        """The mirror image: every left channel and event is right and the other way round."""
        tracks = tuple(t.on(t.channel.swapped()) for t in self.tracks)
        events = tuple(replace(e, side=e.side.other if e.side else None) for e in self.events)
        alignment = replace(self.alignment, offset_s=-self.alignment.offset_s) if self.alignment else None
        return replace(self, tracks=tracks, events=events, alignment=alignment)

    def with_(self, **changes: Any) -> Recording:
        """A copy with some fields changed."""
        return replace(self, **changes)

    def __str__(self) -> str:
        head = f"{self.source or 'recording'}: {len(self.tracks)} channels, {self.duration_s:.2f} s"
        lines = [f"  {t.channel.name}, {t.channel.rate_hz:g} Hz, {len(t.gaps)} gaps" for t in self.tracks]
        return "\n".join([head, *lines])


def require_same_rate(pair: Bilateral[Track], where: str = "") -> Bilateral[Track]:
    """Return the pair unchanged if both sides have one sampling rate (within 0.01 %), else raise RateError."""
    left, right = pair.map(lambda t: t.channel.rate_hz)
    if abs(left - right) > 1e-4 * max(left, right):
        site = pair.left.channel.site
        raise RateError(
            f"one sampling rate for both sides of {site}",
            f"left {left:g} Hz and right {right:g} Hz",
            where,
            "export both sides at one rate, or map only one of the pairs",
        )
    return pair
