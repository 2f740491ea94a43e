"""The terminal view with the keys of a person, on a hall that plays a script."""

import asyncio
import sys
import time

import pytest
from scripted_hall import scripted_hall

from glutebal.errors import InputError, MissingExtraError
from glutebal.live.state import Order
from glutebal.live.terminal import watch
from glutebal.model import Bilateral

pytest.importorskip("textual", reason="textual (extra: tui) is not installed")

from textual.widgets import Digits

from glutebal.live import screen as screens
from glutebal.live.screen import Block, Screen

ENOUGH_S = 60.0  # a guard against waiting for ever, not a measurement: the machine may be busy
SIZES = [(80, 24), (120, 40)]


def played(play, size=(80, 24), **script):
    """Let ``play(pilot, screen, hall)`` act on a screen; afterwards the hall has ended."""

    async def main():
        hall = scripted_hall(**{"speed": 20.0, **script})
        running = asyncio.ensure_future(hall.run())
        screen = Screen(hall)
        async with screen.run_test(size=size) as pilot:
            await play(pilot, screen, hall)
            if screen.is_running:
                await pilot.press("ctrl+c")
                await until(lambda: not screen.is_running or hall.state.stage.value == "ended")
        await asyncio.wait_for(running, ENOUGH_S)
        return screen, hall

    return asyncio.run(main())


async def until(done):
    """Wait until something holds; a view takes some frames."""
    end_s = time.monotonic() + ENOUGH_S
    while not done():
        assert time.monotonic() < end_s, "it did not come to hold"
        await asyncio.sleep(0.01)


def shown(screen, name):
    """The text of a block as it stands on the screen."""
    return screen.query_one(f"#{name}", Block).visual.plain if screen.is_running else ""


def number(screen, name):
    return screen.query_one(f"#{name}", Digits).value


def orders(hall):
    return [(c.order, c.value) for c in hall.orders]


@pytest.mark.parametrize("size", SIZES, ids=lambda s: f"{s[0]}x{s[1]}")
def test_a_set_is_shown_from_its_start_to_the_rest(size):
    async def play(pilot, screen, hall):
        await until(lambda: "battery" in shown(screen, "reps"))
        assert number(screen, "imbalance") == "- -"
        await pilot.press("space")
        await until(lambda: "no range: " in shown(screen, "said"))
        await until(lambda: "CUE" in shown(screen, "message"))
        await until(lambda: "reads higher" in shown(screen, "said"))
        assert number(screen, "imbalance").startswith("+")
        await until(lambda: "REST" in shown(screen, "head"))
        await until(lambda: ":" in number(screen, "number"))
        assert "after 12 of 12 reps" in shown(screen, "under")
        assert shown(screen, "reps").splitlines()[-1].split() == [str(k) for k in range(1, 13)]
        assert "set 1 ended: target reached" in shown(screen, "message")

    played(play, size, speed=12.0)


@pytest.mark.parametrize("size", [*SIZES, (60, 20), (200, 60)], ids=lambda s: f"{s[0]}x{s[1]}")
def test_everything_stands_on_the_screen_and_nothing_covers_anything(size):
    async def play(pilot, screen, hall):
        await pilot.press("space")
        await until(lambda: number(screen, "number") not in {"0", "1"})
        width, height = size
        regions = [b.region for b in screen.query("Block, Digits").results() if b.region.area]
        for k, one in enumerate(regions):
            assert one.x >= 0
            assert one.right <= width
            for other in regions[k + 1 :]:
                assert not one.overlaps(other)
        assert max(r.bottom for r in regions) == height

    played(play, size)


def test_the_keys_are_orders():
    async def play(pilot, screen, hall):
        await pilot.press("s", "s", "s", "c", "c", "space")
        await until(lambda: hall.state.stage.value == "set")
        await pilot.press("n")
        await until(lambda: hall.state.set_index == 2)
        await pilot.press("space")
        await until(lambda: hall.state.stage.value == "rest")
        await pilot.press("t")
        await until(lambda: hall.state.stage.value == "step")

    _, hall = played(play, speed=5.0)
    sides = [(Order.SIDE, value) for value in ("left", "right", "both")]
    cues = [(Order.CUES, "off"), (Order.CUES, "on")]
    rest = [(Order.START, ""), (Order.NEXT, ""), (Order.STOP, ""), (Order.STEP, "tare"), (Order.END, "")]
    assert orders(hall) == [*sides, *cues, *rest]


def test_a_guided_step_counts_down_and_says_what_to_do():
    async def play(pilot, screen, hall):
        await pilot.press("r")
        await until(lambda: "GUIDED STEP" in shown(screen, "head"))
        await until(lambda: "Squeeze" in shown(screen, "message"))
        assert shown(screen, "under") == "L left side"
        seen = {number(screen, "number")}
        await until(lambda: seen.add(number(screen, "number")) or shown(screen, "under") == "R right side")
        assert len(seen & {"5", "4", "3", "2", "1"}) >= 2

    played(play, speed=3.0)


def test_an_order_that_makes_no_sense_is_answered():
    async def refuse(command):
        raise InputError("a set under way", "none", "stop")

    async def play(pilot, screen, hall):
        hall.order, order = refuse, hall.order
        await pilot.press("n")
        await until(lambda: "needed a set under way, found none" in shown(screen, "message"))
        hall.order = order

    played(play)


def test_q_asks_again_while_a_set_runs():
    async def play(pilot, screen, hall):
        await pilot.press("space")
        await until(lambda: hall.state.stage.value == "set")
        await pilot.press("q")
        await until(lambda: "press q again" in shown(screen, "message"))
        assert hall.state.stage.value == "set"
        await pilot.press("q")
        await until(lambda: not screen.is_running)

    screen, hall = played(play, speed=1.0)
    assert orders(hall)[-1] == (Order.END, "")
    assert screen.return_code == 0


def test_q_ends_at_once_when_no_set_runs():
    async def play(pilot, screen, hall):
        await pilot.press("q")
        await until(lambda: not screen.is_running)

    _, hall = played(play)
    assert orders(hall) == [(Order.END, "")]


def test_the_bell_rings_once_for_a_cue(monkeypatch):
    rung = []
    monkeypatch.setattr(Screen, "bell", lambda self: rung.append(len(self.hall.state.cues)))

    async def play(pilot, screen, hall):
        await pilot.press("space")
        await until(lambda: hall.state.stage.value == "rest")

    played(play)
    assert rung == [1]


def test_a_device_cannot_steer_the_terminal():
    async def play(pilot, screen, hall):
        await until(lambda: "GB" in shown(screen, "sensors"))
        assert "\x1b" not in shown(screen, "sensors")
        assert shown(screen, "sensors").startswith("L GB\ufffd[2J\ufffdX [bold]")

    played(play, names=Bilateral("GB\x1b[2J\nX [bold]", "GB R"))


def test_only_what_has_changed_is_drawn(monkeypatch):
    drawn = []
    update = Block.update
    monkeypatch.setattr(Block, "update", lambda self, *a, **k: (drawn.append(self.id), update(self, *a, **k)))

    async def play(pilot, screen, hall):
        await until(lambda: screen.frames > 3)
        seen, still = hall.envelopes(), hall.state
        hall.envelopes = lambda start=0: seen
        monkeypatch.setattr(type(hall), "state", property(lambda self: still))
        await until(lambda f=screen.frames: screen.frames > f + 3)
        drawn.clear()
        await until(lambda f=screen.frames: screen.frames > f + 5)
        assert set(drawn) <= {"activity_left", "activity_right"}  # their scale may still come down
        monkeypatch.undo()

    played(play)


def test_a_terminal_that_takes_nothing_is_not_written_to(monkeypatch):
    async def play(pilot, screen, hall):
        await until(lambda: screen.frames > 2)
        monkeypatch.setattr(Screen, "_unwritten", lambda self: screens.MOST_UNWRITTEN + 1)
        before = screen.frames
        await until(lambda: screen.skipped > 3)
        assert screen.frames <= before + 1
        monkeypatch.undo()
        await until(lambda: screen.frames > before + 3)

    played(play)


def test_slow_drawing_makes_frames_rarer(monkeypatch):
    waits = []
    monkeypatch.setattr(Screen, "set_timer", lambda self, delay, *_, **__: waits.append(delay))
    screen = Screen(scripted_hall())
    now_s = time.thread_time()
    screen._draw_later(now_s)
    screen._draw_later(now_s - 0.03)
    screen._draw_later(now_s - 10.0)
    assert waits[0] == pytest.approx(screens.FRAME_S, abs=0.05)
    assert waits[1] >= 0.03 / screens.SHARE_OF_CORE
    assert waits[2] == screens.SLOWEST_S


def test_without_textual_the_error_says_what_to_install(monkeypatch):
    monkeypatch.delitem(sys.modules, "glutebal.live.screen")
    monkeypatch.setitem(sys.modules, "textual", None)
    monkeypatch.setitem(sys.modules, "textual.app", None)
    with pytest.raises(MissingExtraError, match=r'pip install "glutebal\[tui\]"'):
        asyncio.run(watch(scripted_hall()))


def test_without_a_terminal_the_error_names_the_other_way(monkeypatch):
    monkeypatch.setattr(sys, "__stdin__", None)
    with pytest.raises(InputError, match="--json-lines"):
        asyncio.run(watch(scripted_hall()))
