"""The page in a real browser at the size of a phone: a set from start to page, faults, names that are markup.

The hall is a parameter: everything here asks for what a hall promises, whoever plays it.
"""

import asyncio
import os
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import pytest
from browser import browser, chromium
from scripted_hall import scripted_hall
from served import needs_live, run, served

from glutebal.live.events import Link, SetEnded, SetStarted, Trouble
from glutebal.live.server import Serving, lan_address
from glutebal.live.state import Command, Order
from glutebal.model import Bilateral, Side
from glutebal.results import Estimate, Status

pytestmark = [
    needs_live,
    pytest.mark.slow,
    pytest.mark.skipif(chromium() is None, reason="no Chromium on this machine"),
]

PHONE, DESKTOP = (390, 844), (1280, 800)
PAGE_BYTES = 150_000
FRAMES_PER_S = 25
BUTTONS = """[...document.querySelectorAll('footer button')].filter(b => b.offsetParent)
    .map(b => [b.offsetWidth, b.offsetHeight]).flat()"""
STAGE = "document.documentElement.dataset.stage"
SHOTS = os.environ.get("GLUTEBAL_SCREENSHOTS", "")


async def shot(page, name: str) -> None:
    """Keep a picture when somebody wants to look at it."""
    if SHOTS:
        await asyncio.sleep(0.4)
        await page.screenshot(Path(SHOTS) / f"{name}.png")


def a_result():
    """What the analysis says of the sample recording: a real one, so that the summary shows real words."""
    import glutebal as gb

    return gb.analyse(gb.read())


@asynccontextmanager
async def scripted():
    """Twelve reps with a shift at the sixth, played five times as fast as a person lifts."""
    yield scripted_hall(reps=12, shift_at=6, speed=5.0, ended=SetEnded(0.0, 0, "", a_result()))


@asynccontextmanager
async def simulated():
    """Two simulated load cells and a person who lifts twelve times in each set, shifting at the sixth."""
    import glutebal as gb
    from glutebal.testing.air import NAMES
    from glutebal.testing.lifter import Lifter

    lifter = Lifter(reps=12, shift_at=6, rep_s=1.6, rest_s=0.9)
    async with gb.connect(NAMES.left, NAMES.right, backend=lifter.backend()) as link:
        hall = gb.live(link, "squat", auto_start=False, target_reps=12)
        lifting = asyncio.ensure_future(lifts(hall, lifter))
        yield hall
        lifting.cancel()


async def lifts(hall, lifter):
    async for event in hall.subscribe():
        if isinstance(event, SetStarted):
            lifter.lift()
        elif isinstance(event, SetEnded):
            lifter.stop()


def written(ended: SetEnded) -> bytes:
    """A session page."""
    return f"<!doctype html><title>set {ended.set_index}</title>".encode()


HALLS = [pytest.param(scripted, id="scripted"), pytest.param(simulated, id="simulated")]


async def opened(page, here, size=PHONE, dark=False, link=None) -> None:
    await page.size(*size, scale=2.0 if size == PHONE else 1.0, dark=dark, touch=size == PHONE)
    await page.goto(link or here.address.control_url)
    await page.until(f"{STAGE} === 'open' && window.__frames > 2")


@pytest.mark.parametrize("hall", HALLS)
def test_a_set_from_start_to_page_on_a_phone(hall):
    async def visit():
        async with hall() as made, served(made, page=written) as here, browser(chromium()) as chrome:
            page = await chrome.page()
            await opened(page, here)
            assert await page.evaluate("location.pathname + location.search") == "/"
            assert page.transferred <= PAGE_BYTES
            assert await page.evaluate("document.cookie") == ""
            await shot(page, "open-light")
            await page.tap("#main-action")
            await page.until(f"{STAGE} === 'set'")
            await page.until("document.querySelector('#reps').innerText === '5'", 60)
            await shot(page, "set-light")
            assert await page.evaluate("document.querySelector('#cue').hidden")
            await page.until("!document.querySelector('#cue').hidden", 60)
            assert int(await page.text("#reps")) > 6
            assert "higher" in await page.text("#cue-text")
            assert "threshold 10.0" in await page.text("#cue-why")
            assert await page.text("#spoken-cue") != ""
            await shot(page, "cue-light")
            await page.until("document.querySelector('#reps').innerText === '12'", 60)
            await page.until(f"{STAGE} === 'rest'", 60)
            assert "12 reps" in await page.text("#summary-title")
            await shot(page, "rest-light")
            await page.tap("#main-action")
            await page.until(f"{STAGE} === 'set' && document.querySelector('#subtitle').innerText.includes('2')")
            await asyncio.sleep(1)
            await page.tap("#next")
            await page.until("document.querySelector('#subtitle').innerText.includes('3')")
            await asyncio.sleep(1)
            await page.tap("#main-action")
            await page.until(f"{STAGE} === 'rest' && !document.querySelector('#page-link').hidden", 60)
            await page.tap("#page-link")
            await downloaded(chrome)
            assert page.faults == []
            assert {url.split("/")[2] for url in page.requests if "://" in url} == {here.host}

    run(visit(), 120)


async def downloaded(chrome) -> None:
    for _ in range(200):
        if chrome.downloaded:
            [path] = chrome.downloaded.values()
            assert b"<!doctype html>" in Path(path).read_bytes()
            return
        await asyncio.sleep(0.05)
    raise AssertionError("nothing was downloaded")


async def frames_per_s(page, seconds: float) -> float:
    """Frames that the page drew, by its own count and clock."""
    return await page.evaluate(
        f"""new Promise(done => {{ const from = window.__frames, at = performance.now();
        setTimeout(() => done((window.__frames - from) * 1000 / (performance.now() - at)), {1000 * seconds}); }})"""
    )


@pytest.mark.parametrize("hall", HALLS)
def test_it_draws_on_a_cheap_phone(hall):
    async def visit():
        async with hall() as made, served(made) as here, browser(chromium()) as chrome:
            page = await chrome.page()
            await page.slowed(4)
            await opened(page, here)
            await page.tap("#main-action")
            await page.until(f"{STAGE} === 'set'")
            await asyncio.sleep(1)
            drawn = 0.0
            for _ in range(4):  # other work on this machine may take a window from it
                drawn = max(drawn, await frames_per_s(page, 3.0))
                if drawn >= FRAMES_PER_S:
                    break
            print(f"{drawn:.1f} frames/s drawn, {page.transferred} bytes over the wire")  # noqa: T201
            assert drawn >= FRAMES_PER_S
            assert page.transferred <= PAGE_BYTES

    run(visit(), 120)


def test_a_wet_finger_gives_one_order():
    async def visit():
        hall = scripted_hall(speed=2)
        async with served(hall) as here, browser(chromium()) as chrome:
            page = await chrome.page()
            await opened(page, here)
            for _ in range(3):
                await page.tap("#main-action")
            await page.until(f"{STAGE} === 'set'")
            await page.tap("#main-action")  # where the start was the stop is now
            await asyncio.sleep(0.9)
            assert [command.order for command in hall.orders] == [Order.START]
            await page.tap("#main-action")
            await page.until(f"{STAGE} === 'rest'")
            await page.tap("#sides [data-side=left]")
            await page.until("document.querySelector('[data-side=left][aria-pressed=true]') !== null")
            assert hall.orders[1:] == [Command(Order.STOP), Command(Order.SIDE, "left")]

    run(visit(), 120)


def test_buttons_are_large_and_everything_can_be_reached_by_keyboard():
    async def visit():
        hall = scripted_hall(speed=2)
        async with served(hall) as here, browser(chromium()) as chrome:
            page = await chrome.page()
            await opened(page, here)
            assert min(await page.evaluate(BUTTONS)) >= 64
            wide = await page.evaluate("document.documentElement.scrollWidth")
            assert wide == PHONE[0]
            await page.evaluate("document.querySelector('#main-action').focus()")
            await page.key("Enter", 13)
            await page.until(f"{STAGE} === 'set'")
            await page.evaluate("document.querySelector('#open-menu').focus()")
            await page.key("Enter", 13)
            await page.until("document.querySelector('#menu').open")
            await page.key("Tab", 9)
            assert await page.evaluate("document.querySelector('#menu').contains(document.activeElement)")
            await page.key("Escape", 27)
            await page.until("!document.querySelector('#menu').open")
            assert [command.order for command in hall.orders] == [Order.START]

    run(visit(), 120)


def test_who_wants_little_motion_gets_little():
    async def visit():
        async with served(scripted_hall()) as here, browser(chromium()) as chrome:
            page = await chrome.page()
            await opened(page, here)
            await page.size(*PHONE, calm=True)
            await asyncio.sleep(0.5)
            assert 1 <= await frames_per_s(page, 2.0) <= 5

    run(visit(), 120)


def test_after_a_restart_it_asks_for_the_new_link():
    async def visit():
        async with browser(chromium()) as chrome:
            page = await chrome.page()
            async with served(scripted_hall()) as here:
                await opened(page, here)
            async with served(scripted_hall(), Serving(port=here.port)) as anew:
                await page.until("document.querySelector('#offline').innerText.includes('link')", 30)
                await page.goto(anew.address.control_url)
                await page.until("window.__frames > 2 && document.querySelector('#offline').hidden")

    run(visit(), 120)


WORDS = {
    "signed(12.34)": "+12.3",
    "signed(-0.04)": "0.0",
    "signed(-3)": "\u22123.0",
    "signed(null)": "\u2013",
    "compact(0.000123456)": "1.2e-4",
    "compact(61.34)": "61.3",
    "clock(125.9)": "2:05",
    "larger(-0.04)[1]": "both sides alike",
    "larger(-0.06)[1]": "left larger",
    "reps(1)": "1 rep",
    "interval({low: -1, high: 2, level: 0.95})": "95 % interval \u22121.0 to +2.0",
    "interval({low: null, high: null, status: 'too_few', reason: ''})": "no interval: too few reps for an interval",
    "why({reason: '', status: 'something_new'})": "something new",
}

# Rows that come five times a second, 40 ms early or late, for 20 s: where the right edge is at sixty frames a second.
EDGES = """import('/pace.js').then(({ Pace }) => {
    const pace = new Pace(), edges = [], newest = [];
    let heard = 0, due = 0;
    for (let frame = 0; frame < 1200; frame += 1) {
        const now = 1000 + frame / 60;
        while (due <= now) {
            heard = due - 1000;
            pace.take(heard, now);
            due = Math.max(due, 1000) + 0.2 + 0.04 * Math.sin(7 * due);
        }
        edges.push(pace.edge(now)); newest.push(pace.newest);
    }
    return [edges.slice(300), newest.slice(300)];
})"""


def test_numbers_in_words_and_an_even_pace():
    async def visit():
        async with served(scripted_hall()) as here, browser(chromium()) as chrome:
            page = await chrome.page()
            await opened(page, here)
            found = {text: await page.evaluate(f"import('/words.js').then(w => w.{text})") for text in WORDS}
            assert found == WORDS
            edges, newest = np.array(await page.evaluate(EDGES))
            steps = np.diff(edges) * 60
            assert (edges <= newest).all()
            assert (newest - edges).max() < 0.6  # s: a packet late, and a packet's length
            assert steps.min() > 0.5
            assert steps.max() < 1.5

    run(visit(), 120)


def test_a_link_on_another_page_leads_here_after_one_more_press():
    async def visit():
        async with served(scripted_hall()) as here, browser(chromium()) as chrome:
            page = await chrome.page()
            await page.size(*PHONE)
            await page.goto(f"http://localhost:{here.port}/")  # to a browser another site than 127.0.0.1
            await page.until("document.body?.classList.contains('stranger')")
            await shot(page, "stranger-light")
            await page.evaluate(f"void (location.href = '{here.address.control_url}')")
            there = "location.hostname === '127.0.0.1' && document.readyState === 'complete'"
            await page.until(f"{there} && document.querySelector('.button') !== null")  # style and place are final
            await page.tap(".button")
            await page.until("window.__frames > 2")
            assert await page.evaluate("location.search") == ""

    run(visit(), 120)


def test_the_menu_orders_what_it_says():
    async def visit():
        hall = scripted_hall(speed=5)
        async with served(hall) as here, browser(chromium()) as chrome:
            page = await chrome.page()
            await opened(page, here, dark=True)
            await page.tap("#open-menu")
            await page.tap("#more")
            await page.until("document.querySelector('#target-value').innerText === '13'")
            await page.tap("#cues-on")
            await page.until("document.querySelector('#cues-on').ariaChecked === 'false'")
            await page.evaluate(
                "(s => {s.value = 'goblet_squat'; s.dispatchEvent(new Event('change'))})"
                "(document.querySelector('#exercise'))"
            )
            await page.until("document.querySelector('#title').innerText === 'Goblet squat'")
            assert "pain" in await page.text("#caution")
            await shot(page, "menu-dark")
            await page.tap("[data-theme-choice=light]")
            assert await page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(243, 245, 247)"
            given = {(command.order, command.value) for command in hall.orders}
            assert given == {(Order.TARGET, "13"), (Order.CUES, "off"), (Order.EXERCISE, "goblet_squat")}
            await page.tap("#close-menu")
            await page.tap("#steps [data-step=reference]")
            await page.until(f"{STAGE} === 'step'")
            assert "Squeeze" in await page.text("#step-text")
            assert int(await page.text("#step-left")) > 0
            await shot(page, "step-dark")
            await page.until(f"{STAGE} === 'open' && document.querySelector('#step-done').innerText.includes('kept')")

    run(visit(), 120)


def test_names_are_text_whatever_is_in_them():
    async def visit():
        bad = "<img src=x onerror='window.__hit=1'><script>window.__hit=1</script>"
        hall = scripted_hall(speed=20, names=Bilateral(bad, bad))
        async with served(hall) as here, browser(chromium()) as chrome:
            page = await chrome.page()
            await opened(page, here)
            changed = {**vars(hall._state), "title": bad, "troubles": (bad,), "unit": bad, "site": bad}
            hall._state = type(hall._state)(**changed)
            await page.until("document.querySelector('#title').innerText.includes('<img')")
            assert await page.evaluate("document.querySelectorAll('img').length") == 0
            assert await page.evaluate("document.querySelectorAll('script').length") == 2
            assert await page.evaluate("window.__hit === undefined")
            hall.say(Trouble(0.0, bad))
            await page.until("document.querySelector('#trouble').innerText.includes('onerror')")
            assert "onerror" in await page.evaluate("document.querySelector('#messages').textContent")
            assert page.faults == []

    run(visit(), 120)


def test_a_viewer_sees_and_has_no_buttons():
    async def visit():
        hall = scripted_hall(speed=20)
        async with served(hall) as here, browser(chromium()) as chrome:
            first, second = await chrome.page(), await chrome.page()
            await opened(first, here)
            await opened(second, here, dark=True, link=here.address.url)
            await first.tap("#main-action")
            await second.until("document.querySelector('#reps').innerText === '4'")
            shown = "[...document.querySelectorAll('footer button')].filter(b => b.offsetParent).length"
            assert await second.evaluate(shown) == 0
            assert "only looks" in await second.text("#looking")
            await shot(second, "viewer-dark")

    run(visit(), 120)


def test_after_sleep_it_comes_back_with_what_it_missed(monkeypatch):
    from glutebal.live.serving_views import Gallery

    views = []
    admit = Gallery.admit

    async def noted(gallery, socket, right, since):
        views.append(socket)
        await admit(gallery, socket, right, since)

    monkeypatch.setattr(Gallery, "admit", noted)

    async def visit():
        hall = scripted_hall(reps=60, speed=3)
        async with served(hall) as here, browser(chromium()) as chrome:
            page = await chrome.page()
            await opened(page, here)
            await page.tap("#main-action")
            await page.until("document.querySelector('#reps').innerText === '2'")
            await page.send(
                "Network.emulateNetworkConditions", offline=True, latency=0, downloadThroughput=0, uploadThroughput=0
            )
            await views[-1].close(1001)
            await page.until("!document.querySelector('#offline').hidden")
            await shot(page, "offline-light")
            missed = len(hall.state.reps)
            while len(hall.state.reps) < missed + 2:
                await asyncio.sleep(0.05)
            assert int(await page.text("#reps")) <= missed
            await page.send(
                "Network.emulateNetworkConditions", offline=False, latency=0, downloadThroughput=-1, uploadThroughput=-1
            )
            await page.until("document.querySelector('#offline').hidden")
            await page.until(f"document.querySelector('#reps').innerText >= {missed + 2}", 30)

    run(visit(), 120)


def no_ratio(hall, status: Status, reason: str) -> None:
    """The set so far has sides and no ratio."""
    balance = hall._state.balance
    fields = vars(balance) | {"imbalance": Estimate.none(status, reason), "log_ratio": Estimate.none(status, reason)}
    changed = type(balance)(**fields)
    hall._state = type(hall._state)(**{**vars(hall._state), "balance": changed})
    hall.say(changed)


def test_without_a_ratio_it_says_why_and_shows_no_share():
    async def visit():
        hall = scripted_hall(speed=10, reps=4)
        async with served(hall) as here, browser(chromium()) as chrome:
            page = await chrome.page()
            await opened(page, here, dark=True)
            await hall.order(Command(Order.TARGET, "9"))
            await hall.order(Command(Order.START))
            await page.until("document.querySelector('#reps').innerText === '4'")
            assert "no interval" in await page.text("#index-note")
            no_ratio(hall, Status.UNCALIBRATED, "no reference contraction of the left side")
            lost = hall._state.sensors[0]
            hall.say(type(lost)(**{**vars(lost), "link": Link.LOST, "side": Side.LEFT}))
            await page.until("document.querySelector('#index-value').innerText === 'no number'")
            assert "no reference contraction" in await page.text("#index-note")
            assert "%" not in await page.text("#share-left")
            assert "% of the reference" in await page.text("#convention")
            assert "lost" in await page.text("#sensors")
            await shot(page, "no-number-dark")

    run(visit(), 120)


def test_on_a_desktop_nothing_needs_scrolling():
    async def visit():
        hall = scripted_hall(speed=5)
        async with served(hall) as here, browser(chromium()) as chrome:
            page = await chrome.page()
            await opened(page, here, size=DESKTOP)
            await shot(page, "desktop-open-light")
            await page.tap("#main-action")
            await page.until("document.querySelector('#reps').innerText === '7'", 60)
            await shot(page, "desktop-light")
            fits = "(m => m.scrollHeight <= m.clientHeight && document.body.scrollHeight <= innerHeight)"
            assert await page.evaluate(f"{fits}(document.querySelector('main'))")
            await page.size(*DESKTOP, scale=1.0, dark=True, touch=False)
            await shot(page, "desktop-dark")
            await page.until(f"{STAGE} === 'rest'", 30)
            await shot(page, "desktop-rest-dark")

    run(visit(), 120)


def test_on_a_phone_a_running_set_needs_no_scrolling():
    async def visit():
        hall = scripted_hall(speed=10)
        async with served(hall) as here, browser(chromium()) as chrome:
            page = await chrome.page()
            await opened(page, here, dark=True)
            await page.tap("#main-action")
            await page.until("document.querySelector('#reps').innerText === '6'")
            await shot(page, "set-dark")
            fits = "(m => m.scrollHeight <= m.clientHeight)(document.querySelector('main'))"
            assert await page.evaluate(fits)

    run(visit(), 120)


LANDSCAPE = (844, 390)


def test_lying_on_its_side_nothing_needs_scrolling():
    async def visit():
        async with served(scripted_hall(speed=10)) as here, browser(chromium()) as chrome:
            page = await chrome.page()
            await opened(page, here, size=LANDSCAPE)
            await shot(page, "landscape-open-light")
            await page.tap("#main-action")
            await page.until("document.querySelector('#reps').innerText === '5'")
            await shot(page, "landscape-light")
            fits = "(m => m.scrollHeight <= m.clientHeight && document.body.scrollHeight <= innerHeight)"
            assert await page.evaluate(f"{fits}(document.querySelector('main'))")
            assert min(await page.evaluate(BUTTONS)) >= 64
            await page.until(f"{STAGE} === 'rest'", 30)
            await shot(page, "landscape-rest-light")

    run(visit(), 120)


@pytest.mark.parametrize(("tls", "says"), [(False, "--tls"), (True, "stays on")])
def test_on_the_local_network_it_says_whether_the_screen_stays_on(tls, says):
    if lan_address() == "127.0.0.1":
        pytest.skip("this machine has no address in a local network")

    async def visit():
        async with served(scripted_hall(), Serving(lan=True, tls=tls)) as here, browser(chromium()) as chrome:
            page = await chrome.page()
            await opened(page, here)
            assert await page.evaluate("isSecureContext") is tls
            assert says in await page.evaluate("document.querySelector('#awake').textContent")
            assert page.faults == []

    run(visit(), 120)


def test_at_the_end_the_last_page_stays_with_the_phone():
    async def visit():
        hall = scripted_hall(speed=10, ended=SetEnded(0.0, 0, "", a_result()))
        async with served(hall, page=written) as here, browser(chromium()) as chrome:
            page = await chrome.page()
            await opened(page, here)
            await page.tap("#main-action")
            await page.until("document.querySelector('#reps').innerText === '2'")
            await page.tap("#open-menu")
            await page.evaluate("document.querySelector('#end').scrollIntoView()")
            await page.tap("#end")
            await asyncio.sleep(0.2)
            assert [command.order for command in hall.orders] == [Order.START]
            await page.tap("#end")
            await page.until("!document.querySelector('#over').hidden")
            await page.until("!document.querySelector('#over-page').hidden")
            await asyncio.sleep(0.5)  # the program has gone
            assert await page.evaluate("document.querySelector('#offline').hidden")
            await shot(page, "ended-light")
            await page.tap("#over-page")
            await downloaded(chrome)
            assert page.faults == []

    run(visit(), 120)
