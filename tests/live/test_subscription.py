"""One reader of a hall: in order, bounded, the oldest dropped and counted."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glutebal.errors import InputError
from glutebal.live.events import Rested
from glutebal.live.subscription import Subscription


def events(count: int) -> list[Rested]:
    return [Rested(float(k), float(k)) for k in range(count)]


async def rest_of(reader: Subscription) -> list[float]:
    return [event.at_s async for event in reader]


@settings(derandomize=True, deadline=None, max_examples=60)
@given(st.integers(1, 12), st.integers(0, 40))
def test_the_newest_are_kept_in_order_and_the_rest_is_counted(capacity, count):
    reader = Subscription(capacity)
    for event in events(count):
        reader.put(event)
    reader.close()
    assert asyncio.run(rest_of(reader)) == [float(k) for k in range(max(0, count - capacity), count)]
    assert reader.dropped == max(0, count - capacity)


def test_a_reader_waits_for_what_comes():
    async def both():
        reader = Subscription()
        reading = asyncio.create_task(rest_of(reader))
        for event in events(5):
            reader.put(event)
            await asyncio.sleep(0)
        reader.close()
        return await reading, reader.dropped

    assert asyncio.run(both()) == ([0.0, 1.0, 2.0, 3.0, 4.0], 0)


def test_nothing_comes_after_the_end():
    reader = Subscription()
    reader.put(events(1)[0])
    reader.close()
    reader.put(events(2)[1])
    assert reader.closed
    assert asyncio.run(rest_of(reader)) == [0.0]


def test_drain_does_not_wait():
    reader = Subscription()
    assert reader.drain() == []
    for event in events(3):
        reader.put(event)
    assert [event.at_s for event in reader.drain()] == [0.0, 1.0, 2.0]
    assert reader.drain() == []
    assert reader.dropped == 0


def test_no_room_is_refused():
    with pytest.raises(InputError, match="room for at least one event"):
        Subscription(0)
