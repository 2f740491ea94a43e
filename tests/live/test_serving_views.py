"""A view's conversation: what it is told, what it may say, and that it holds up nobody."""

import asyncio
import json
from contextlib import AsyncExitStack

import numpy as np
from scripted_hall import scripted_hall
from served import Heard, needs_live, run, served

from glutebal.live.state import Command, Order
from glutebal.model import Bilateral

pytestmark = needs_live


def test_a_viewer_looks_and_cannot_steer():
    async def visit():
        hall = scripted_hall()
        async with served(hall) as here:
            cookies = [await here.cookie(here.address.url) for _ in range(3)]
            assert len(set(cookies)) == 3
            async with here.socket(cookies[0]) as line:
                heard = Heard(line)
                hello = await heard.until("hello")
                assert hello["control"] is False
                for order in Order:
                    await heard.order(order.value, "left")
                    said = await heard.until("refused")
                    assert said["order"] == order.value
                    assert "looks only" in said["text"]
                await heard.rows(5)
            assert hall.orders == []

    run(visit())


def test_who_steers_starts_and_everybody_sees_it():
    async def visit():
        hall = scripted_hall(speed=20)
        async with served(hall) as here, AsyncExitStack() as stack:
            cookie = await here.cookie()
            lines = [await stack.enter_async_context(here.socket(cookie)) for _ in range(2)]
            steering, other = (Heard(line) for line in lines)
            assert (await steering.until("hello"))["control"] is True
            await other.until("state_told")
            await steering.order("target", 3)
            assert (await steering.until("accepted"))["order"] == "target"
            assert (await other.until("state_told"))["state"]["target_reps"] == 3
            await steering.order("start")
            assert (await other.until("set_started"))["target_reps"] == 3
            ended = await other.until("set_ended")
            assert ended["why"] == "target reached"
            numbers = [e["rep"]["number"] for e in other.events if e["event"] == "rep_finished"]
            assert numbers == [1, 2, 3]
            await steering.order("stop")
            assert "a set under way" in (await steering.until("refused"))["text"]

    run(visit())


SENSELESS = ["", "{", "[]", "null", '"start"', '{"order":1}', '{"order":"boom"}', '{"order":[]}', "[" * 4000]
SENSELESS += [
    '{"order":"start","extra":1}',
    '{"order":"side","value":{}}',
    json.dumps({"order": "side", "value": "x" * 81}),
]


def test_senseless_messages_are_answered_and_then_cut():
    async def visit():
        hall = scripted_hall()
        async with served(hall) as here:
            cookie, messages = await here.cookie(), [*SENSELESS, b"\x00\x01", "[" * 4096]
            for few in (messages[:5], messages[5:10], messages[-5:]):
                async with here.socket(cookie) as line:
                    heard = Heard(line)
                    for message in few:
                        await line.send(message)
                        assert (await heard.until("refused"))["order"] == "", message
                    assert await heard.closed() == 1008
            assert hall.orders == []

    run(visit())


def test_a_full_gallery_lets_nobody_in_but_who_steers(monkeypatch):
    monkeypatch.setattr("glutebal.live.serving_views.VIEWERS", 2)

    async def visit():
        async with served(scripted_hall()) as here, AsyncExitStack() as stack:
            view = await here.cookie(here.address.url)
            for _ in range(2):
                await Heard(await stack.enter_async_context(here.socket(view))).until("hello")
            third = await stack.enter_async_context(here.socket(view))
            assert await Heard(third).closed() == 1013
            steering = await stack.enter_async_context(here.socket(await here.cookie()))
            assert (await Heard(steering).until("hello"))["control"] is True

    run(visit())


def test_a_view_comes_back_to_what_it_missed():
    async def visit():
        async with served(scripted_hall(speed=5)) as here:
            cookie = await here.cookie()
            async with here.socket(cookie) as line:
                before = Heard(line)
                await before.rows(60)
            start, values = before.frames[-1]
            await asyncio.sleep(0.3)
            async with here.socket(cookie, start=start + len(values)) as line:
                after = Heard(line)
                assert (await after.until("state_told"))["state"]["stage"] == "open"
                await after.rows(80)
            frames = before.frames + after.frames
            ends = [first + len(rows) for first, rows in frames]
            assert [first for first, _ in frames[1:]] == ends[:-1]
            kept = here.hall.envelopes(frames[0][0])
            found = np.concatenate([rows for _, rows in frames])
            np.testing.assert_array_equal(found, kept.values[: len(found)].astype(np.float32))

    run(visit())


def test_a_view_of_another_run_begins_anew():
    async def visit():
        async with served(scripted_hall(speed=5)) as here:
            cookie = await here.cookie()
            for start in ["999999999", "-3", "x", "1e5", "9" * 40, "%D9%A3"]:
                async with here.socket(cookie, start=start) as line:
                    heard = Heard(line)
                    await heard.rows(10)
                    assert heard.frames[0][0] == 0, start

    run(visit())


def test_a_sleeping_view_holds_up_nobody():
    async def visit():
        hall = scripted_hall(speed=40)
        async with served(hall) as here, AsyncExitStack() as stack:
            cookie = await here.cookie()
            asleep = await stack.enter_async_context(here.socket(cookie))
            await Heard(asleep).until("state_told")
            asleep.transport.pause_reading()
            awake = Heard(await stack.enter_async_context(here.socket(cookie)))
            await hall.order(Command(Order.START))
            await awake.until("set_ended")
            finished = [event["rep"]["number"] for event in awake.events if event["event"] == "rep_finished"]
            assert finished == list(range(1, 13))
            asleep.transport.abort()

    run(visit())


def test_lost_events_are_made_up_for_with_the_state():
    async def visit():
        hall = scripted_hall()
        async with served(hall) as here, here.socket(await here.cookie()) as line:
            heard = Heard(line)
            await heard.until("state_told")
            for _ in range(300):  # at once, so that no reader can keep up
                hall.say(hall.state.sensors[0])
            await heard.until("sensor_health")
            assert (await heard.until("state_told"))["state"]["dropped"] == 44

    run(visit())


def test_a_resting_hall_still_shows_that_the_line_lives():
    async def visit():
        async with served(scripted_hall(), running=False) as here, here.socket(await here.cookie()) as line:
            await Heard(line).until("state_told")
            frame = await asyncio.wait_for(line.recv(), 5)
            assert frame == bytes(8)

    run(visit())


def test_names_are_told_as_they_are_and_never_as_markup():

    async def visit():
        names = Bilateral("<img src=x onerror=alert(1)>", '"><script>alert(1)</script>')
        async with served(scripted_hall(names=names)) as here, here.socket(await here.cookie()) as line:
            state = (await Heard(line).until("state_told"))["state"]
            assert [sensor["name"] for sensor in state["sensors"]] == list(names)
            page = (await here.ask("/", Cookie=await here.cookie(here.renewed[-1].control_url))).body
            assert b"onerror" not in page

    run(visit())


def test_a_view_is_told_the_end():
    async def visit():
        hall = scripted_hall()
        async with served(hall) as here, here.socket(await here.cookie()) as line:
            heard = Heard(line)
            await heard.until("state_told")
            await heard.order("end")
            assert (await heard.until("ended"))["why"] == "closed"
            assert await heard.closed() == 1000

    run(visit())
