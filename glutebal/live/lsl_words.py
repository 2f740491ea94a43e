"""How a stream of the Lab Streaming Layer describes itself, and what the markers say.

Content types, labels and units follow the recommendations for the metadata of XDF files ("EEG Meta Data", "MoCap Meta
Data" in the wiki of the format), of which EMG in microvolts is one; side, site, axis and quantity are ours besides.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from glutebal.live.events import (
    CueGiven,
    Event,
    LiveRep,
    RepFinished,
    RepRevised,
    RepStarted,
    SetEnded,
    SetStarted,
)
from glutebal.model import Channel, Quantity, Side


class Content(Enum):
    """What a stream carries: the content type of the layer, and the word in its name."""

    EMG = ("EMG", "EMG")
    FORCE = ("Force", "force")
    MOTION = ("MoCap", "motion")

    def __init__(self, content_type: str, title: str) -> None:
        self.content_type, self.title = content_type, title


CONTENT = {
    Quantity.EMG: Content.EMG,
    Quantity.FORCE: Content.FORCE,
    Quantity.TORQUE: Content.FORCE,
    Quantity.PRESSURE: Content.FORCE,
}
#: Types of channels as MoCap writes them, with the axis behind: AccelerationX.
TYPES = {
    Quantity.ACCELERATION: "Acceleration",
    Quantity.ANGULAR_RATE: "AngularRate",
    Quantity.ANGLE: "Angle",
    Quantity.POSITION: "Position",
    Quantity.MAGNETIC_FIELD: "MagneticField",
    Quantity.TORQUE: "Torque",
    Quantity.PRESSURE: "Pressure",
}
#: Unit as it is sent, and what the library's numbers are multiplied by.
UNITS = {
    Quantity.EMG: ("microvolts", 1e6),
    Quantity.TORQUE: ("Nm", 1.0),
    Quantity.ACCELERATION: ("m/s2", 1.0),
}


def content_of(channel: Channel) -> Content:
    """The stream that a channel belongs to."""
    return CONTENT.get(channel.quantity, Content.MOTION)


def unit_of(quantity: Quantity) -> tuple[str, float]:
    """The unit that is sent, and what the library's numbers are multiplied by."""
    return UNITS.get(quantity, (quantity.unit, 1.0))


def described(channel: Channel) -> dict[str, str]:
    """The entries of one ``<channel>``."""
    axis = channel.axis.upper() if channel.axis in {"x", "y", "z"} else ""
    return {
        "label": channel.name,
        "unit": unit_of(channel.quantity)[0],
        "type": TYPES.get(channel.quantity, content_of(channel).content_type) + axis,
        "quantity": channel.quantity.title,
        "side": channel.side.value if channel.side else "midline",
        "site": channel.site,
        "axis": channel.axis,
    }


def stream_name(prefix: str, channels: Sequence[Channel]) -> str:
    """The name of a stream: what it carries and, when that is one, the side: ``glutebal EMG left``."""
    sides = {c.side for c in channels}
    only = next(iter(sides)) if len(sides) == 1 else None
    return " ".join([prefix, content_of(channels[0]).title, *([only.value] if only else [])])


def printable(text: str) -> str:
    """Without what XML cannot hold: a device may be called anything."""
    return "".join(c if c.isprintable() else "\ufffd" for c in text)


@dataclass(frozen=True)
class Marker:
    """A short text with its moment: seconds of the hall, or, where ``set_index`` is given, on the clock of that set.

    ``moves``: it only says that a rep lies elsewhere than was told.
    """

    text: str
    at_s: float
    set_index: int | None = None
    moves: bool = False


def markers(event: Event) -> tuple[Marker, ...]:
    """What the marker stream says of an event; parts are separated by a slash: ``rep_finished/3/left``.

    ``rep_noticed`` stands where a rep was noticed; ``rep_started`` and ``rep_finished`` where it began and ended, and
    are sent when it has ended.
    """
    say = _SAID.get(type(event))
    return say(event) if say else ()


def _set_started(event: SetStarted) -> tuple[Marker, ...]:
    return (Marker(_text("set_started", event.set_index, event.side), event.at_s),)


def _set_ended(event: SetEnded) -> tuple[Marker, ...]:
    return (Marker(_text("set_ended", event.set_index, event.why.replace(" ", "_")), event.at_s),)


def _noticed(event: RepStarted) -> tuple[Marker, ...]:
    return (Marker(_text("rep_noticed", event.number, event.side), event.at_s),)


def _finished(event: RepFinished) -> tuple[Marker, ...]:
    return _both_ends(event.rep, event.set_index, "rep_started", "rep_finished")


def _revised(event: RepRevised) -> tuple[Marker, ...]:
    if event.withdrawn:
        name = _text("rep_withdrawn", event.rep.number, event.rep.rep.side)
        return (Marker(name, event.rep.rep.stop_s, event.set_index),)
    found = _both_ends(event.rep, event.set_index, "rep_started_revised", "rep_finished_revised")
    return tuple(replace(marker, moves=True) for marker in found)


def _both_ends(told: LiveRep, set_index: int, first: str, last: str) -> tuple[Marker, ...]:
    rep = told.rep
    ends = ((first, rep.start_s), (last, rep.stop_s))
    return tuple(Marker(_text(name, told.number, rep.side), at_s, set_index) for name, at_s in ends)


def _cue(event: CueGiven) -> tuple[Marker, ...]:
    return (Marker(_text("cue", event.cue.kind.value, event.cue.side), event.at_s),)


def _text(*parts: str | int | Side | None) -> str:
    return "/".join(p.value if isinstance(p, Side) else str(p) for p in parts if p is not None)


_SAID: Mapping[type[Event], Callable[..., tuple[Marker, ...]]] = {
    SetStarted: _set_started,
    SetEnded: _set_ended,
    RepStarted: _noticed,
    RepFinished: _finished,
    RepRevised: _revised,
    CueGiven: _cue,
}
