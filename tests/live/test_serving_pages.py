"""The view's own files, and the session pages of the sets."""

import asyncio
import gzip
from pathlib import Path

from scripted_hall import scripted_hall
from served import Heard, needs_live, run, served

from glutebal.live.events import SetEnded
from glutebal.live.serving_pages import assets

pytestmark = needs_live


def ended_set(folder: Path, text: bytes = b"<p>kept</p>") -> SetEnded:
    path = folder / "set.html"
    path.write_bytes(text)
    return SetEnded(0.0, 1, "stopped", None, page=path)


def test_the_page_that_was_written_is_handed_out(tmp_path):
    async def visit():
        hall = scripted_hall(speed=40, ended=ended_set(tmp_path))
        async with served(hall) as here, here.socket(await here.cookie()) as line:
            heard = Heard(line)
            view = await here.cookie(here.address.url)
            assert (await here.ask("/page/1.html", Cookie=view)).status == 404
            await heard.order("start")
            await heard.order("stop")
            await heard.until("set_ended")
            answer = await here.ask("/page/1.html", Cookie=view)
            assert (answer.status, answer.body) == (200, b"<p>kept</p>")
            assert answer.headers["content-disposition"] == 'attachment; filename="glutebal-set-1.html"'
            assert answer.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
            assert (await here.ask("/page/2.html", Cookie=view)).status == 404
            assert (await here.ask("/page/1.html")).status == 403

    run(visit())


def test_a_page_is_made_once_however_many_ask():
    made = []

    def page(ended):
        made.append(ended.set_index)
        return f"<p>set {ended.set_index}</p>".encode()

    async def visit():
        ended = SetEnded(0.0, 1, "stopped", object())  # any result: the writer is handed in
        hall = scripted_hall(ended=ended)
        hall._state = hall.state.__class__(**{**vars(hall.state), "last": ended})
        async with served(hall, page=page) as here:
            cookie = await here.cookie()
            answers = await asyncio.gather(*(here.ask("/page/1.html", Cookie=cookie) for _ in range(5)))
            assert {answer.body for answer in answers} == {b"<p>set 1</p>"}
            assert made == [1]

    run(visit())


def test_assets_go_compressed_to_who_can_read_it():
    async def visit():
        async with served(scripted_hall()) as here:
            cookie = await here.cookie()
            packed = await here.ask("/live.js", Cookie=cookie, Accept_Encoding="br, gzip")
            plain = await here.ask("/live.js", Cookie=cookie)
            assert packed.headers["content-encoding"] == "gzip"
            assert "content-encoding" not in plain.headers
            assert gzip.decompress(packed.body) == plain.body
            assert plain.headers["content-type"].startswith("text/javascript")

    run(visit())


def test_the_view_is_small_and_asks_nobody_else():
    found = assets()
    assert {"index.html", "live.js", "live.css", "uPlot.iife.min.js", "uPlot.min.css"} <= found.keys()
    assert sum(len(asset.packed) for asset in found.values()) <= 150_000
    for name, asset in found.items():
        text = asset.plain.decode()
        allowed = ("http://www.w3.org/2000/svg", "https://github.com/leeoniya/uPlot")
        for address in allowed:
            text = text.replace(address, "")
        assert "://" not in text.replace("${scheme}://${location.host}", ""), name
        if not name.startswith("uPlot"):
            assert "innerHTML" not in text
            assert "eval(" not in text
