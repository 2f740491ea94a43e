"""What goes over the socket: envelopes come back as they went in, and no text but an order is taken for one."""

import json
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from glutebal.errors import InputError
from glutebal.live.events import Trouble
from glutebal.live.serving_frames import command_of, frame_of, hello, text_of
from glutebal.live.state import Command, Envelopes, Order

FLOATS = st.floats(width=32, allow_nan=True)


@given(st.integers(0, 2**32 - 1), hnp.arrays(np.float64, st.tuples(st.integers(0, 50), st.just(2)), elements=FLOATS))
@settings(derandomize=True, deadline=None)
def test_a_frame_carries_every_row(start, values):
    frame = frame_of(Envelopes(start, values, "V"))
    assert struct.unpack_from("<II", frame) == (start, len(values))
    assert len(frame) == 8 + 8 * len(values)
    np.testing.assert_array_equal(np.frombuffer(frame, "<f4", offset=8).reshape(-1, 2), values)


def test_a_frame_byte_for_byte():
    frame = frame_of(Envelopes(258, np.array([[1.0, np.nan]]), "V"))
    assert frame.hex(" ", 4) == "02010000 01000000 0000803f 0000c07f"


@pytest.mark.parametrize("order", list(Order))
def test_an_order_is_understood(order):
    assert command_of(json.dumps({"order": order.value, "value": "left"})) == Command(order, "left")
    assert command_of(json.dumps({"order": order.value})) == Command(order)
    assert command_of(json.dumps({"order": order.value, "value": 12})) == Command(order, "12")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["order", "value", "x"]), inner, max_size=3),
    max_leaves=6,
)


@given(st.text() | JSON.map(json.dumps))
@settings(derandomize=True, deadline=None)
def test_anything_else_is_refused_and_nothing_else_happens(text):
    with pytest.raises(InputError, match=r"needed (.*one of start|a value of at most 80).*\Z") as refused:
        command_of(text)
    assert "\n" not in str(refused.value)


@given(st.sampled_from(list(Order)), JSON)
@settings(derandomize=True, deadline=None)
def test_a_value_is_short_text_or_refused(order, value):
    try:
        command = command_of(json.dumps({"order": order.value, "value": value}))
    except InputError:
        return
    assert command == Command(order, str(value))
    assert len(command.value) <= 80


def test_text_is_strict_json_of_one_line():
    text = text_of(Trouble(float("nan"), 'a "quote",\na line, </script> and \u2028'))
    assert json.loads(text) == {"event": "trouble", "at_s": None, "text": 'a "quote",\na line, </script> and \u2028'}
    assert "\n" not in text


def test_the_first_message_offers_the_catalogue():
    told = json.loads(text_of(hello("run", True, Envelopes(0, np.zeros((0, 2)), "V"))))
    assert {"name": "hip_thrust", "title": "Barbell hip thrust"}.items() <= next(
        choice for choice in told["exercises"] if choice["name"] == "hip_thrust"
    ).items()
    assert "clinician" in told["caution"]
    assert told["control"] is True
