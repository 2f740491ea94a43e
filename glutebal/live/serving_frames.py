"""What goes over the socket: events as JSON text, envelopes as little-endian binary, orders as small JSON objects."""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass

import numpy as np

from glutebal.coach.exercises import CAUTION, exercises
from glutebal.errors import InputError
from glutebal.live.events import Event, as_fields
from glutebal.live.state import Command, Envelopes, Order, State

FRAME_HEADER = struct.Struct("<II")
"""First row and number of rows; float32 pairs (left, right) follow."""

MESSAGE_BYTES = 4096
VALUE_LENGTH = 80


@dataclass(frozen=True)
class Choice:
    """An exercise to choose."""

    name: str
    title: str
    group: str
    laterality: str


@dataclass(frozen=True)
class Hello(Event):
    """The first message: what does not change while the server runs. ``run`` differs after a restart."""

    run: str
    control: bool
    rate_hz: float
    exercises: tuple[Choice, ...]
    caution: str


@dataclass(frozen=True)
class StateTold(Event):
    """The hall now, to draw from nothing, and the unit of the envelopes."""

    state: State
    envelope_unit: str


@dataclass(frozen=True)
class Accepted(Event):
    """An order was taken."""

    order: str


@dataclass(frozen=True)
class Refused(Event):
    """An order was not taken, and why."""

    order: str
    text: str


def hello(run: str, control: bool, envelopes: Envelopes) -> Hello:
    """What a new view is told first."""
    choices = tuple(Choice(e.name, e.title, e.group.value, e.laterality.value) for e in exercises())
    return Hello(0.0, run, control, envelopes.rate_hz, choices, CAUTION)


def text_of(event: Event) -> str:
    """An event as one JSON object."""
    return json.dumps(as_fields(event), ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def frame_of(envelopes: Envelopes) -> bytes:
    """Envelope rows as one binary message."""
    values = np.ascontiguousarray(envelopes.values, dtype="<f4")
    return FRAME_HEADER.pack(envelopes.start, len(values)) + values.tobytes()


def command_of(text: str) -> Command:
    """The order in a message of a view.

    Raises
    ------
    InputError
        It is no JSON object of ``order`` and ``value``, or there is no such order.
    """
    needed = '{"order": one of ' + ", ".join(order.value for order in Order) + ', "value": text}'
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError):
        raise InputError(needed, "no JSON", "message") from None
    if not isinstance(fields, dict) or not fields.keys() <= {"order", "value"}:
        raise InputError(needed, "another form", "message")
    order, value = fields.get("order"), fields.get("value", "")
    if not isinstance(order, str) or order not in {known.value for known in Order}:
        raise InputError(needed, "another order", "message")
    if not isinstance(value, str | int) or len(str(value)) > VALUE_LENGTH:
        raise InputError(f"a value of at most {VALUE_LENGTH} letters", "another one", "message")
    return Command(Order(order), str(value))
