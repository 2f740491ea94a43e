"""From the settled streams of a session to a recording: channels, tracks on one grid, and what there is to say."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from glutebal.ingest.alignment import Alignment, align, one_clock
from glutebal.ingest.delivery import Delivery, device_doubts, doubts
from glutebal.ingest.driver import Stream
from glutebal.ingest.header import Header, Identity, Mark, Worn
from glutebal.ingest.placement import Line, Stretch, grid_rate_hz, is_pushed, on_grid, track_of
from glutebal.ingest.streamline import Settled
from glutebal.model import Bilateral, Channel, Chunk, Quantity, Recording, Side, TimeAlignment, Track

SILENT_S = 2.0  # a device that ends so much before the others is said to have fallen silent


@dataclass(frozen=True, eq=False)
class Sent:
    """One stream of one device, settled: its samples in order, and what became of them."""

    who: Identity
    settled: Settled
    delivery: Delivery

    @property
    def stream(self) -> Stream:
        """What the driver says of it, with the rate it turned out to have."""
        return self.settled.stream

    @property
    def lines(self) -> list[Line]:
        """Its samples in order, one line per segment."""
        return self.settled.lines

    @property
    def name(self) -> str:
        """For people: ``left thigh tindeq Progressor_12, force``."""
        return f"{self.who.title}, {self.stream.name}"


@dataclass(frozen=True, eq=False)
class Axis:
    """A column of a stream that becomes a track: its channel without the rate, and the factor to the unit."""

    column: int
    channel: Channel
    scale: float


def recording_of(header: Header, sent: Sequence[Sent], marks: Iterable[Mark], source: str = "") -> Recording:
    """The recording of what was sent.

    Streams of the same kind from the same kind of device share one grid, so that left and right do.
    """
    warnings = list(_doubts(header, sent))
    history = [_began(header), *(f"{s.who.title}, {_about(s.who)}{s.delivery}" for s in sent)]
    tracks: list[Track] = []
    ends_s: dict[str, float] = {}
    for stream in sent:
        axes = list(axes_of(stream.who, stream.stream))
        if not axes:
            warnings.append(_left_out(stream))
            continue
        rate_hz = grid_rate_hz(stream.stream.rate_hz, [line for s in sent if _alike(s, stream) for line in s.lines])
        stretches = on_grid(stream.lines, rate_hz)
        made = list(_tracks(axes, stretches, rate_hz))
        ends_s[stream.who.title] = max([ends_s.get(stream.who.title, 0.0), *(t.stop / rate_hz for t in made)])
        tracks += made
        history.append(_on_what_grid(stream, stretches, rate_hz))
        warnings += _strange_rate(stream, rate_hz)
    warnings += _fell_silent(ends_s)
    alignment = alignment_of(sent)
    if alignment is not None:
        (history if math.isfinite(alignment.uncertainty_s) else warnings).append(alignment.sentence)
    events = sorted((mark.event(header.started_ns) for mark in marks), key=lambda event: event.time_s)
    recording = Recording(
        tuple(tracks),
        started=header.started,
        subject=header.subject,
        exercise=header.exercise,
        load_kg=header.load_kg,
        notes=header.notes,
        events=tuple(events),
        source=source,
        history=tuple(history),
        warnings=tuple(warnings),
        alignment=_stored(alignment) if alignment else None,
    )
    return _from_zero(recording)


def _fell_silent(ends_s: Mapping[str, float]) -> Iterator[str]:
    """Devices that sent nothing more while others went on."""
    end_s = max(ends_s.values(), default=0.0)
    for title, own_s in ends_s.items():
        if end_s - own_s > SILENT_S:
            yield f"{title}: nothing came in the last {end_s - own_s:.1f} s"


def _stored(alignment: Alignment) -> TimeAlignment:
    return TimeAlignment(alignment.method.value, float(alignment.offset_s), float(alignment.uncertainty_s))


def alignment_of(sent: Sequence[Sent]) -> Alignment | None:
    """How well left and right share one time, by the first stream that both sides sent; None without two sides."""
    if any(len(_sides(s)) == 2 for s in sent):
        return one_clock()
    by_side = {side: [s for s in sent if _sides(s) == {side}] for side in Side}
    pairs = [(a, b) for a in by_side[Side.LEFT] for b in by_side[Side.RIGHT] if a.stream.quantity == b.stream.quantity]
    if not pairs:
        return None
    left, right = next((pair for pair in pairs if _alike(*pair)), pairs[0])
    return align(Bilateral(left.settled.maps, right.settled.maps), same_model=left.who.driver == right.who.driver)


def _sides(sent: Sent) -> set[Side]:
    return {axis.channel.side for axis in axes_of(sent.who, sent.stream) if axis.channel.side}


def _alike(a: Sent, b: Sent) -> bool:
    return (a.who.driver, a.stream.name, a.stream.rate_hz) == (b.who.driver, b.stream.name, b.stream.rate_hz)


def axes_of(who: Identity, stream: Stream) -> Iterator[Axis]:
    """The columns of a stream that become tracks; those that nobody can name or place are left out."""
    for column, axis in enumerate(stream.axes):
        worn = who.place(stream.name, axis)
        quantity = _quantity(stream, worn)
        if worn is None or quantity is None:
            continue
        alone = who.own_place(stream.name, axis) is not None
        channel = Channel(
            quantity,
            worn.side,
            worn.site,
            1.0,
            device=who.name or who.address,
            axis="" if alone else axis,
            label=" ".join(part for part in (stream.name, axis) if part),
            origin="given for the recording",
        )
        yield Axis(column, channel, worn.scale)


def _quantity(stream: Stream, worn: Worn | None) -> Quantity | None:
    return Quantity[worn.measures] if worn and worn.measures else stream.quantity


def _tracks(axes: Iterable[Axis], stretches: Sequence[Stretch], rate_hz: float) -> Iterator[Track]:
    for axis in axes:
        track = _track(replace(axis.channel, rate_hz=rate_hz), stretches, axis)
        if track.chunks:
            yield track


def _track(channel: Channel, stretches: Iterable[Stretch], axis: Axis) -> Track:
    track = track_of(channel, stretches, axis.column)
    return track if axis.scale == 1.0 else track.scaled(axis.scale)


def _from_zero(recording: Recording) -> Recording:
    """Devices may send what they took before the session began: its zero is then some whole seconds earlier."""
    starts = [track.start / track.channel.rate_hz for track in recording.tracks]
    seconds = -math.floor(min(starts, default=0.0))
    if seconds <= 0:
        return recording
    return replace(
        recording,
        tracks=tuple(_later(track, round(seconds * track.channel.rate_hz)) for track in recording.tracks),
        events=tuple(replace(event, time_s=event.time_s + seconds) for event in recording.events),
        started=recording.started and recording.started - timedelta(seconds=seconds),
    )


def _later(track: Track, samples: int) -> Track:
    return Track(track.channel, tuple(Chunk(c.channel, c.start + samples, c.samples) for c in track.chunks))


def _began(header: Header) -> str:
    by = f" by {header.software}" if header.software else ""
    return f"recorded{by} from {len(header.devices)} devices, {header.started.isoformat(timespec='seconds')}"


def _about(who: Identity) -> str:
    facts = ", ".join(f"{key} {value}" for key, value in sorted(who.facts.items()))
    about = ", ".join(part for part in (f"driver {who.driver_version}" if who.driver_version else "", facts) if part)
    return f"{about}, " if about else ""


def _on_what_grid(sent: Sent, stretches: Iterable[Stretch], rate_hz: float) -> str:
    pushed = sum(is_pushed(line, rate_hz) for line in sent.lines)
    moved_s = max(stretch.moved_s for stretch in stretches)
    how = f"{pushed} of {len(sent.lines)} segments interpolated" if pushed else "samples as sent"
    how += f", moved by up to {1e3 * moved_s:.1f} ms"
    measured = f"measured {sent.delivery.rate_hz:.6g} Hz"
    return f"{sent.name}: on the grid of {rate_hz:g} Hz, {how}; {measured}"


def _strange_rate(sent: Sent, rate_hz: float) -> Iterator[str]:
    if sent.settled.oddity:
        yield f"{sent.name}: {sent.settled.oddity}"
    nominal, measured = sent.stream.rate_hz, sent.delivery.rate_hz
    if nominal > 0 and rate_hz != nominal:
        yield f"{sent.name}: ran at {measured:.4g} Hz where {nominal:g} Hz is nominal"


def _left_out(sent: Sent) -> str:
    unit = sent.stream.unit or "unknown unit"
    return (
        f"{sent.name}: {sent.delivery.received} samples ({unit}) stay in the log, what they "
        "measure or where is not known"
    )


def _doubts(header: Header, sent: Sequence[Sent]) -> Iterator[str]:
    for index, who in enumerate(header.devices):
        deliveries = [s.delivery for s in sent if s.delivery.device == index]
        yield from device_doubts(deliveries, who)
        for delivery in deliveries:
            yield from doubts(delivery, who)
