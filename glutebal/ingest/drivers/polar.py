"""Polar H10 and Verity Sense: acceleration, turning rate, magnetic field and ECG over Polar Measurement Data.

One unit per side. The devices stamp the last sample of a frame in ns of their own clock, which starts anywhere.
Magnetometer frames as in the maker's published sources: type 0 in gauss, type 1 in milligauss with a status column.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import ClassVar

import numpy as np

from glutebal.ingest.driver import (
    Advert,
    Block,
    Clock,
    Driver,
    Malformed,
    Notify,
    Read,
    Script,
    Stream,
    Ticks,
    Wait,
    Write,
    driver,
)
from glutebal.ingest.drivers import polar_frames as frames
from glutebal.ingest.drivers import sig
from glutebal.ingest.drivers.likeness import likeness
from glutebal.ingest.drivers.sift import sift
from glutebal.ingest.units import STANDARD_GRAVITY
from glutebal.model import Quantity, Samples

SERVICE = "fb005c80-02e7-f387-1cad-8acd2d8df0c8"
CONTROL = "fb005c81-02e7-f387-1cad-8acd2d8df0c8"
DATA = "fb005c82-02e7-f387-1cad-8acd2d8df0c8"

QUERY, START, STOP = 1, 2, 3
REPLY, FEATURES, STOPPED = 0xF0, 0x0F, 0x01
DONE, ALREADY_STREAMING = 0, 6
STATUS = (
    "done",
    "bad operation",
    "bad type",
    "not supported",
    "wrong length",
    "bad parameter",
    "already streaming",
    "bad resolution",
    "bad rate",
    "bad range",
    "the connection's packets are too small (MTU)",
    "bad number of channels",
    "wrong state",
    "not while charging",
    "disk full",
)
STREAM_OF = {
    frames.ECG: "ecg",
    frames.ACCELERATION: "acceleration",
    frames.GYROSCOPE: "angular_rate",
    frames.MAGNETOMETER: "magnetic_field",
}
FEATURE_BIT = {frames.ECG: 1, frames.ACCELERATION: 4, frames.GYROSCOPE: 0x20, frames.MAGNETOMETER: 0x40}
LIMITS = {
    "ecg": 1.0,  # V; no electrode of a body gives more
    "acceleration": 17 * STANDARD_GRAVITY,
    "angular_rate": 2300 * frames.DEGREE,
    "magnetic_field": 50 * 1.05 * frames.GAUSS_T,
}
XYZ = ("x", "y", "z")
NANOSECONDS = Clock(Ticks.STAMP, 1e-9)
REPLY_S = 3.0


class Polar(Driver):
    """What the models have in common; ``kinds`` are the measurements that are started, in this order.

    The scale of compressed samples comes in the reply to the start of a measurement: without it they are refused.
    """

    names: ClassVar[tuple[str, ...]]
    kinds: ClassVar[tuple[int, ...]]

    def __init__(self) -> None:
        super().__init__()
        self._factors: dict[int, float] = {}
        self._stamps: dict[int, tuple[int | None, int]] = {}

    @classmethod
    def match(cls, advert: Advert) -> int:
        """By the model's name; the measurement service is shared by all of them and often not advertised."""
        sure = likeness(advert, SERVICE, *cls.names)
        return sure if advert.name.startswith(cls.names) else 0

    def start(self) -> Script:
        """Subscribe, then for every measurement: ask for its settings and start it at the stream's rate."""
        yield from sig.identify(self)
        yield Notify(CONTROL)
        yield Notify(DATA)
        told = yield Read(CONTROL)
        for kind in self.kinds:
            if told is not None and len(told) > 1 and told[0] == FEATURES and not told[1] & FEATURE_BIT[kind]:
                self.info[STREAM_OF[kind]] = "the device does not have it"
            else:
                yield from self._start(kind)

    def _start(self, kind: int) -> Script:
        yield Write(CONTROL, bytes([QUERY, kind]))
        reply = yield Wait(CONTROL, REPLY_S, answers(QUERY, kind))
        command = self._command(kind, reply)
        if command is None:
            return
        for attempt in (1, 2):
            yield Write(CONTROL, command)
            reply = yield Wait(CONTROL, REPLY_S, answers(START, kind))
            if reply is None or reply[3] != ALREADY_STREAMING or attempt == 2:
                break
            yield Write(CONTROL, bytes([STOP, kind]))  # left over from another connection, at unknown settings
            yield Wait(CONTROL, REPLY_S, answers(STOP, kind))
        self._note(kind, reply)

    def _command(self, kind: int, reply: bytes | None) -> bytes | None:
        """The start command, or None with the reason in ``info``."""
        name, rate = STREAM_OF[kind], int(self.stream(STREAM_OF[kind]).rate_hz)
        try:
            offered = frames.settings(reply[5:]) if reply and reply[3] == DONE else {}
        except Malformed:
            offered = {}
        if rate in offered.get(frames.RATE, ()):
            return start_command(kind, rate, offered)
        rates = ", ".join(f"{r:g}" for r in offered.get(frames.RATE, ())) or "nothing"
        self.info[name] = f"not started: needed {rate} Hz, the device offers {rates}"
        return None

    def _note(self, kind: int, reply: bytes | None) -> None:
        if reply is None:
            self.info[STREAM_OF[kind]] = "started, without a reply"
            return
        status = reply[3]
        word = STATUS[status] if status < len(STATUS) else f"status {status}"
        self.info[STREAM_OF[kind]] = "started" if status == DONE else f"refused: {word}"
        if status == DONE:
            self.feed(CONTROL, reply)  # as a replay does, which has no handshake

    def stop(self) -> Script:
        """End every measurement."""
        for kind in self.kinds:
            yield Write(CONTROL, bytes([STOP, kind]))

    def gap(self) -> None:
        """The time of the previous frame says nothing after a loss; the scale stays."""
        self._stamps.clear()

    def decode(self, char: str, data: bytes) -> Iterator[Block]:
        """Samples of one frame in SI units with ns of the device's clock; replies are learnt from and give nothing."""
        if char == CONTROL:
            self._replied(data)
        elif char == DATA:
            yield from self._samples(frames.frame(data))
        else:
            raise Malformed("unknown characteristic")

    def _replied(self, data: bytes) -> None:
        if len(data) >= 2 and data[0] == STOPPED:
            for kind in data[1:]:
                self.info[STREAM_OF.get(kind & 0x3F, f"measurement {kind}")] = "stopped by the device"
        elif len(data) >= 4 and data[0] == REPLY:
            if data[1] == START and data[3] == DONE:
                self._learn(data[2], data)
        else:
            raise Malformed("reply")

    def _learn(self, kind: int, reply: bytes) -> None:
        """The scale of a measurement, from the reply to its start; 1 when the reply has none."""
        self._factors.pop(kind, None)
        factors = frames.settings(reply[5:]).get(frames.FACTOR, (1.0,))
        if len(factors) != 1 or not 0 < factors[0] < 1e6:
            raise Malformed("factor")
        self._factors[kind] = float(factors[0])

    def _samples(self, frame: frames.Frame) -> Iterator[Block]:
        layout = frames.LAYOUTS.get((frame.kind, frame.coding))
        if layout is None or frame.kind not in self.kinds:
            raise Malformed("unknown measurement or coding")
        stream = self.stream(STREAM_OF[frame.kind])
        values = self._values(frame, layout)
        ticks = frames.sample_times(frame.stamp_ns, len(values), 1e9 / stream.rate_hz, self._previous(frame))
        limit = LIMITS[stream.name]
        yield from sift(self, Block(stream.name, values, ticks), -limit, limit)

    def _values(self, frame: frames.Frame, layout: frames.Layout) -> Samples:
        if not frame.coding & frames.COMPRESSED:
            return frames.raw(frame.content, layout.width, layout.columns).astype(np.float64) * layout.unit
        factor = self._factors.get(frame.kind)
        if factor is None:
            raise Malformed("compressed samples before their scale is known")
        counts = frames.deltas(frame.content, layout.width, layout.columns)[:, : layout.kept]
        plain = frames.as_floats(counts) if layout.floats else counts.astype(np.float64)
        return np.asarray(plain * (factor * layout.unit), dtype=np.float64)

    def _previous(self, frame: frames.Frame) -> int | None:
        """The stamp of the frame before; a frame that is repeated gets the same again, so it gives the same block."""
        before, last = self._stamps.get(frame.kind, (None, None))
        if last != frame.stamp_ns:
            before = last if last is not None and last < frame.stamp_ns else None
            self._stamps[frame.kind] = before, frame.stamp_ns
        return before


@driver
class PolarH10(Polar):
    """Chest strap with electrodes; the acceleration of the pelvis when worn there. The ECG is no muscle channel."""

    name = "polar_h10"
    title = "Polar H10"
    names = ("Polar H10",)
    kinds = (frames.ACCELERATION, frames.ECG)
    streams = (
        Stream("acceleration", Quantity.ACCELERATION, "m/s²", 200.0, XYZ, NANOSECONDS),
        Stream("ecg", None, "V", 130.0, ("",), NANOSECONDS),
    )


@driver
class PolarVeritySense(Polar):
    """Arm or thigh band with a six-axis motion sensor and a magnetometer."""

    name = "polar_verity_sense"
    title = "Polar Verity Sense"
    names = ("Polar Sense",)
    kinds = (frames.ACCELERATION, frames.GYROSCOPE, frames.MAGNETOMETER)
    streams = (
        Stream("acceleration", Quantity.ACCELERATION, "m/s²", 52.0, XYZ, NANOSECONDS),
        Stream("angular_rate", Quantity.ANGULAR_RATE, "rad/s", 52.0, XYZ, NANOSECONDS),
        Stream("magnetic_field", Quantity.MAGNETIC_FIELD, "T", 50.0, XYZ, NANOSECONDS),
    )


def answers(operation: int, kind: int) -> Callable[[bytes], bool]:
    """Whether an indication is the reply to this operation on this measurement."""
    head = bytes([REPLY, operation, kind])
    return lambda data: len(data) >= 4 and data.startswith(head)


def start_command(kind: int, rate_hz: int, offered: dict[int, tuple[float, ...]]) -> bytes:
    """Start a measurement at this rate and the finest resolution, widest range and most channels on offer."""
    command = bytes([START, kind, frames.RATE, 1]) + rate_hz.to_bytes(2, "little")
    for setting, size in ((frames.RESOLUTION, 2), (frames.RANGE, 2), (frames.CHANNELS, 1)):
        if offered.get(setting):
            command += bytes([setting, 1]) + int(max(offered[setting])).to_bytes(size, "little")
    return command
