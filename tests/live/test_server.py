"""The server as a whole: where it listens, how it ends, and what it needs."""

import asyncio
import signal
import socket
import sys
from urllib.parse import urlsplit

import pytest
from scripted_hall import scripted_hall
from served import needs_live, run, served

from glutebal.errors import InputError, MissingExtraError
from glutebal.live.server import Address, Serving, lan_address, serve
from glutebal.live.state import Command, Order

pytestmark = needs_live


def test_the_server_ends_with_its_hall_and_says_so():
    async def visit():
        hall = scripted_hall()
        opened = asyncio.get_running_loop().create_future()
        before = signal.getsignal(signal.SIGINT)
        showing = asyncio.ensure_future(serve(hall, opened=opened.set_result))
        playing = asyncio.ensure_future(hall.run())
        port = urlsplit((await opened).url).port
        assert signal.getsignal(signal.SIGINT) is before
        await hall.order(Command(Order.END))
        await asyncio.wait_for(asyncio.gather(showing, playing), 10)
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", port)

    run(visit())


def test_it_is_bound_to_this_machine_alone_unless_asked():
    async def visit():
        async with served(scripted_hall()) as here:
            assert here.address.url.startswith("http://127.0.0.1:")
            assert not here.address.lan
        async with served(scripted_hall(), Serving(lan=True)) as here:
            assert here.address.lan
            assert (await here.ask("/", Host=f"127.0.0.1:{here.port}")).status == 403
            for by in {lan_address(), "127.0.0.1"}:
                for host, status in ((by, 403), ("another.example", 421)):
                    asked = await here.say(f"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode(), by)
                    assert asked.status == status
            assert f"://{lan_address()}:" in here.address.control_url
            code = here.address.qr().splitlines()
            assert len(code) > 10
            assert len({len(line) for line in code if line.strip()}) <= 2

    run(visit())


def test_secrets_stay_out_of_representations():
    serving = Serving()
    address = Address(f"http://x/join?token={serving.view_token}", f"http://x/join?token={serving.token}", lan=False)
    for secret in (serving.token, serving.view_token):
        assert secret not in repr(serving) + repr(address)
        assert len(secret) == 32


def test_a_taken_port_is_an_error_with_advice():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(InputError, match=f"127.0.0.1:{port}") as caught:
            run(serve(scripted_hall(), Serving(port=port)))
    assert caught.value.advice == "--port 0"


@pytest.mark.parametrize("port", [-1, 65536])
def test_a_port_that_is_none_is_refused(port):
    with pytest.raises(InputError, match="a port from 0"):
        Serving(port=port)


@pytest.mark.parametrize("library", ["starlette", "uvicorn", "websockets", "segno"])
def test_without_the_extra_it_says_what_to_install(library, monkeypatch):
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(MissingExtraError, match=library) as caught:
        run(serve(scripted_hall()))
    assert caught.value.advice == 'pip install "glutebal[live]"'
