"""A hall on the Lab Streaming Layer, so that LabRecorder and any other tool of it can take part. Extra ``lsl``.

::

    on_chunk ──▶ rows ──▶ glutebal EMG left, glutebal force right, ...   one stream per device and kind
    envelopes ─────────▶ glutebal envelopes                              left and right, 50 Hz
    events ────────────▶ glutebal markers                                rep_finished/3, cue/balance/right, ...

Times are those of the layer's own clock. The layer announces itself to the local network: whoever is on it can listen.
"""

from __future__ import annotations

import asyncio
import math
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from glutebal.errors import GlutebalError, MissingExtraError
from glutebal.live.events import Event, Stage
from glutebal.live.lsl_rows import Rows, Run, Stretch
from glutebal.live.lsl_words import (
    Content,
    Marker,
    content_of,
    described,
    markers,
    printable,
    stream_name,
    unit_of,
)
from glutebal.model import Channel, Samples

if TYPE_CHECKING:
    from glutebal.live.hall import Hall

ENVELOPES_S = 0.05  # between two looks at the envelopes
BEHIND_ROWS = 25  # a side that stays behind for so many rows is sent as NaN
BUFFERED_S = 30  # kept for a reader that is slow
Key = tuple[str, Content, float]


@dataclass
class _Stream:
    """The channels of one device that are sent together."""

    since: Stretch = field(default_factory=Stretch)  # its own pieces: until it is settled more channels may come
    channels: list[Channel] = field(default_factory=list)
    waiting: list[tuple[Channel, int, Samples]] = field(default_factory=list)
    rows: Rows | None = None
    outlet: Any = None

    def put(self, channel: Channel, start: int, samples: Samples) -> list[Run]:
        if self.rows is None:
            if channel not in self.channels:
                self.channels.append(channel)
            self.waiting.append((channel, start, samples))
            return []
        if channel not in self.channels:
            return []  # a stream cannot grow once it is open
        factor = unit_of(channel.quantity)[1]
        return self.rows.put(self.channels.index(channel), start, samples * factor)

    def begin(self) -> list[Run]:
        """The channels are known: what has waited goes into rows."""
        self.rows = Rows(len(self.channels), self.channels[0].rate_hz)
        waiting, self.waiting = self.waiting, []
        return [run for piece in waiting for run in self.put(*piece)]


class Outlet:
    """Sends what a hall hears and says: raw samples per device, envelopes, markers.

    Parameters
    ----------
    hall : Hall
        In real time: a replay at another speed has no time on the layer's clock.
    name : str
        Stands before the name of every stream.

    Raises
    ------
    MissingExtraError
        pylsl is not installed.
    GlutebalError
        pylsl has no library of the layer for this machine.

    Examples
    --------
    >>> async def send(hall):
    ...     await asyncio.gather(hall.run(), Outlet(hall).run())
    """

    def __init__(self, hall: Hall, name: str = "glutebal") -> None:
        self._lsl = _library()
        self._hall, self._name = hall, printable(name)
        self.trouble = ""  # why nothing is sent any more
        self._open = True
        self._streams: dict[Key, _Stream] = {}
        self._stops: dict[Channel, int] = {}
        self._stretch = Stretch()
        self._hall_zero_s = math.inf
        self._row, self._unit = 0, ""
        self._envelopes: Any = None
        self._markers = self._outlet(f"{self._name} markers", "Markers", 0.0, [{"label": "marker"}], "markers")
        hall.on_chunk(self._take)

    async def run(self) -> None:
        """Send until the hall has ended; somebody else runs the hall."""
        heard = self._hall.subscribe(4096)
        looking = asyncio.create_task(self._send_envelopes())
        try:
            async for event in heard:
                self._guarded(self._hear, event)
        finally:
            heard.close()
            looking.cancel()
            await asyncio.wait([looking])
            self.close()

    def close(self) -> None:
        """Send what was kept back, and end every stream."""
        if not self._open:
            return
        self._guarded(self._flush)
        self._open = False
        self._streams.clear()
        self._envelopes = self._markers = None

    def _guarded(self, work: Any, *of: Any) -> None:
        """Do it; a layer that fails must not end the set."""
        if not self._open or self.trouble:
            return
        try:
            work(*of)
        except Exception as error:
            self.trouble = f"nothing is sent to the Lab Streaming Layer any more: {str(error) or type(error).__name__}"

    # raw samples

    def _take(self, channel: Channel, start: int, samples: Samples) -> None:
        self._guarded(self._took, channel, start, np.asarray(samples, dtype=np.float64))

    def _took(self, channel: Channel, start: int, samples: Samples) -> None:
        now_s = self._lsl.local_clock()
        if start < self._stops.get(channel, 0):
            self._begin_stretch()
        stop = self._stops[channel] = start + samples.size
        stream = self._streams.setdefault(_key(channel), _Stream())
        for stretch in (self._stretch, stream.since):
            stretch.heard(stop / channel.rate_hz, now_s)
        self._push(stream, stream.put(channel, start, samples))
        if self._stretch.settled(now_s) and stream.since.settled(now_s):
            self._send(stream)

    def _begin_stretch(self) -> None:
        self._flush()
        self._stretch, self._stops = Stretch(), {}

    def _flush(self) -> None:
        for stream in self._streams.values():
            if stream.rows is None:
                self._announce(stream)
            if stream.rows is not None:
                self._push(stream, stream.rows.rest())
                stream.rows.begin()

    def _send(self, stream: _Stream) -> None:
        if stream.rows is None:
            self._announce(stream)
        if stream.rows is not None:
            self._push(stream, stream.rows.take())

    def _announce(self, stream: _Stream) -> None:
        """Open the stream: its channels are those that were heard until now."""
        first = stream.channels[0]
        waiting = stream.begin()
        name = stream_name(self._name, stream.channels)
        source = f"{first.device}:{content_of(first).title}:{first.rate_hz:g}"
        entries = [described(c) for c in stream.channels]
        stream.outlet = self._outlet(
            name, content_of(first).content_type, first.rate_hz, entries, source, device=first.device
        )
        self._push(stream, waiting)

    def _push(self, stream: _Stream, runs: Sequence[Run]) -> None:
        for first, rows in runs:
            last_s = (first + len(rows) - 1) / stream.channels[0].rate_hz
            stream.outlet.push_chunk(np.ascontiguousarray(rows), self._stretch.zero_s + last_s)

    # envelopes

    async def _send_envelopes(self) -> None:
        while self._open:
            self._guarded(self._look)
            await asyncio.sleep(ENVELOPES_S)

    def _look(self) -> None:
        if not math.isfinite(self._hall_zero_s):
            return
        seen = self._hall.envelopes(self._row)
        known = np.flatnonzero(np.isfinite(seen.values).all(axis=1))
        ready = max(int(known[-1]) + 1 if known.size else 0, len(seen.values) - BEHIND_ROWS)
        if ready <= 0 or not np.isfinite(seen.values[:ready]).any():
            return
        if self._envelopes is None or seen.unit != self._unit:
            self._unit = seen.unit
            sides = [{"label": side, "unit": seen.unit, "type": "Envelope", "side": side} for side in ("left", "right")]
            self._envelopes = self._outlet(f"{self._name} envelopes", "Envelope", seen.rate_hz, sides, "envelopes")
        self._row = seen.start + ready
        last_s = self._hall_zero_s + (self._row - 1) / seen.rate_hz
        self._envelopes.push_chunk(np.ascontiguousarray(seen.values[:ready]), last_s)

    # markers

    def _hear(self, event: Event) -> None:
        self._hall_zero_s = min(self._hall_zero_s, self._lsl.local_clock() - event.at_s)
        for marker in markers(event):
            moment_s = self._moment(marker, event.at_s)
            if moment_s is not None:
                self._markers.push_sample([marker.text], moment_s)

    def _moment(self, marker: Marker, told_s: float) -> float | None:
        """On the layer's clock; None: not to be sent.

        A set that was worked out has its own clock again. What is told of a rep then stands where it was told, and
        where else it lies by some samples is not told.
        """
        if marker.set_index is None:
            return self._hall_zero_s + marker.at_s
        state = self._hall.state
        running = marker.set_index == state.set_index and state.stage is Stage.SET
        if running and math.isfinite(self._stretch.zero_s):
            return self._stretch.zero_s + marker.at_s
        return None if marker.moves else self._hall_zero_s + told_s

    # the layer

    def _outlet(
        self,
        name: str,
        content: str,
        rate_hz: float,
        channels: Sequence[Mapping[str, str]],
        source: str,
        device: str = "",
    ) -> Any:
        lsl = self._lsl
        kind = lsl.cf_string if content == "Markers" else lsl.cf_double64
        info = lsl.StreamInfo(name, content, len(channels), rate_hz, kind, printable(f"{self._name}:{source}"))
        about = info.desc().append_child("acquisition")
        about.append_child_value("manufacturer", "glutebal")
        about.append_child_value("model", printable(device))
        described_here = info.desc().append_child("channels")
        for entries in channels:
            one = described_here.append_child("channel")
            for key, value in entries.items():
                one.append_child_value(key, printable(value))
        return lsl.StreamOutlet(info, max_buffered=BUFFERED_S)


def _key(channel: Channel) -> Key:
    return channel.device, content_of(channel), channel.rate_hz


def _library() -> Any:
    try:
        import pylsl
    except ImportError as error:
        raise MissingExtraError.of("lsl", "pylsl", "send to the Lab Streaming Layer") from error
    except RuntimeError as error:
        needed = "the library of the Lab Streaming Layer (liblsl)"
        advice = "install liblsl, and name it in the environment variable PYLSL_LIB"
        raise GlutebalError(needed, "a pylsl without it", "outlet", advice) from error
    if not _configured():
        with suppress(AttributeError, NotImplementedError):  # older libraries can only be told by a file
            pylsl.set_config_content("[log]\nlevel = -2\n")
    return pylsl


def _configured() -> bool:
    """Whether a person has a configuration of the layer; without one it reports on itself amid the terminal view."""
    places = (Path(), Path.home() / "lsl_api", Path("/etc/lsl_api"))
    return "LSLAPICFG" in os.environ or any((folder / "lsl_api.cfg").is_file() for folder in places)
