"""Lines that nobody uses, questions that never end, bytes that mean nothing."""

import asyncio
import sys
from contextlib import AsyncExitStack

import pytest
from scripted_hall import scripted_hall
from served import Heard, needs_live, run, served

pytestmark = needs_live


def test_a_message_that_is_too_long_ends_the_line():
    async def visit():
        async with served(scripted_hall()) as here, here.socket(await here.cookie()) as line:
            await line.send("x" * 4097)
            assert await Heard(line).closed() == 1009

    run(visit())


def test_bytes_that_are_no_frame_harm_nobody_else():
    async def visit():
        async with served(scripted_hall()) as here:
            cookie = await here.cookie()
            async with here.socket(cookie) as good, here.socket(cookie) as bad:
                await Heard(bad).until("state_told")
                bad.transport.write(b"\xff\xff\xff\xff" * 50)
                await Heard(bad).closed()
                await Heard(good).rows(20)
            assert (await here.say(b"\x16\x03\x01 what is this\r\n\r\n")).status == 400

    run(visit())


@pytest.mark.skipif(sys.platform != "linux", reason="opens more sockets than other systems allow by default")
def test_five_hundred_idle_lines_do_not_keep_a_viewer_out(monkeypatch):
    monkeypatch.setattr("glutebal.live.serving_connections.PATIENCE_S", 1.0)

    async def visit():
        async with served(scripted_hall()) as here, AsyncExitStack() as stack:
            lines = []
            for k in range(500):
                reader, writer = await asyncio.open_connection("127.0.0.1", here.port)
                stack.callback(writer.close)
                if k % 2:
                    writer.write(b"GET / HTTP/1.1\r\nHost: ")  # half a question is none
                lines.append(reader)
            async with here.socket(await here.cookie()) as line:
                await Heard(line).rows(5)
                ends = await asyncio.wait_for(asyncio.gather(*map(_end_of, lines)), 10)
                assert ends == [b""] * 500
                await Heard(line).rows(100)

    run(visit())


def test_when_too_many_wait_the_longest_waiting_is_cut(monkeypatch):
    monkeypatch.setattr("glutebal.live.serving_connections.WAITING", 3)

    async def visit():
        async with served(scripted_hall()) as here, AsyncExitStack() as stack:
            readers = []
            for _ in range(5):
                reader, writer = await asyncio.open_connection("127.0.0.1", here.port)
                stack.callback(writer.close)
                readers.append(reader)
            await asyncio.wait_for(asyncio.gather(*map(_end_of, readers[:2])), 3)
            assert not any([await _ended_within(reader, 0.1) for reader in readers[2:]])

    run(visit())


async def _end_of(reader) -> bytes:
    try:
        return await reader.read()
    except ConnectionResetError:
        return b""


def test_a_question_that_never_ends_is_cut(monkeypatch):
    monkeypatch.setattr("glutebal.live.serving_connections.PATIENCE_S", 0.4)

    async def visit():
        async with served(scripted_hall()) as here:
            reader, writer = await asyncio.open_connection("127.0.0.1", here.port)
            drips = 0
            try:
                while drips < 100:
                    writer.write(b"GET / HTTP/1.1\r\n" if not drips else b"X: y\r\n")
                    await writer.drain()
                    drips += 1
                    if reader.at_eof() or await _ended_within(reader, 0.1):
                        break
            except (BrokenPipeError, ConnectionResetError):
                pass
            finally:
                writer.close()
            assert drips < 30

    run(visit())


async def _ended_within(reader, seconds) -> bool:
    try:
        return await asyncio.wait_for(reader.read(1), seconds) == b""
    except TimeoutError:
        return False
