"""The terminal view as a textual application: it looks at the hall some ten times a second and draws what changed.

What the hall tells (a rep, a cue) is drawn at once.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Digits, Static

from glutebal.errors import GlutebalError
from glutebal.live import panel
from glutebal.live.bars import INKS, LETTER, Ink, Row, activity_rows, binned, share_rows
from glutebal.live.events import Stage
from glutebal.live.state import Command, Envelopes, Order, State
from glutebal.model import Side

if TYPE_CHECKING:
    from glutebal.live.hall import Hall

FRAME_S = 1 / 12
SHARE_OF_CORE = 0.1  # drawing may take this much; on a slow machine frames become fewer
SLOWEST_S = 0.5
WINDOW_S = 10.0  # of activity
FADE = 0.997  # per frame: the scale of the activity comes down slowly, so that rest looks like rest
TOLD_S = 6.0  # how long the answer to a key stays
CUE_S = 10.0  # how long a cue stands out
MOST_UNWRITTEN = 4  # screens that a stalled connection may have waiting: more would block the sensors' loop
LOOKS = {
    Ink.PLAIN: "",
    Ink.LEFT: "#56b4e9",
    Ink.RIGHT: "#e69f00",
    Ink.DIM: "#a0a8b0",
    Ink.STRONG: "bold #ffffff",
    Ink.DOUBT: "#f0e442",
    Ink.BAD: "bold #ff8080",
    Ink.KEY: "bold #ffffff on #30405a",
}
NEXT_SIDE = {None: "left", Side.LEFT: "right", Side.RIGHT: "both"}


def content(rows: Iterable[Row]) -> Content:
    """The rows as textual draws them; what would steer the terminal (a device may be called anything) is replaced."""
    lines = (Content.assemble(*((_harmless(text), LOOKS[ink]) for text, ink in row)) for row in rows)
    return Content("\n").join(lines)


def _harmless(text: str) -> str:
    return text if text.isprintable() else "".join(c if c.isprintable() else "\ufffd" for c in text)


class Block(Static):
    """A part of the screen that is drawn again only when what it shows has changed."""

    shown: object = None

    def show(self, rows: tuple[Row, ...]) -> None:
        """Draw the rows unless they are there already."""
        if rows != self.shown:
            self.shown = rows
            self.update(content(rows), layout=False)


class Screen(App[None]):
    """One screen for one hall, at 80 by 24 characters and more."""

    TITLE = "glutebal"
    ENABLE_COMMAND_PALETTE = False
    CSS = """
    Screen { background: #101418; color: #e8ecf0; overflow: hidden; }
    Static { height: 1; width: 1fr; }
    Digits { height: 3; color: #ffffff; text-style: bold; }
    #now { height: 5; }
    #main { width: 20; }
    #balance { width: 1fr; }
    #beside { height: 4; }
    #imbalance { width: 17; }
    #said { height: 4; }
    #share { height: 2; }
    #reps { height: 6; }
    #sensors { height: 3; }
    #message { height: 2; }
    #keys { dock: bottom; background: #1a2028; }
    .-low .space { display: none; }
    .-low #reps { height: 4; }
    .-tall #reps { height: 14; }
    .-tall .activity { height: 4; }
    .-tall #sensors { height: 5; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "start_stop", priority=True),
        Binding("n", "next"),
        Binding("s", "side"),
        *(Binding(key, f"step('{step}')") for key, _, step in panel.STEP_KEYS),
        Binding("c", "cues"),
        Binding("q", "end"),
        Binding("ctrl+c,ctrl+q", "end_now", priority=True),
    ]

    def __init__(self, hall: Hall) -> None:
        super().__init__()
        self.VERTICAL_BREAKPOINTS = [(0, "-low"), (24, "-usual"), (34, "-tall")]
        self.hall = hall
        self.frames = self.skipped = 0
        self._told, self._told_until_s = "", 0.0
        self._cues_seen, self._cue_until_s = 0, 0.0
        self._sure_until_s = 0.0
        self._row, self._top, self._news = 0, 0.0, False

    def compose(self) -> ComposeResult:
        """The blocks from the top."""
        yield Block(id="head")
        yield Static(classes="space")
        with Horizontal(id="now"):
            with Vertical(id="main"):
                yield Block(id="over")
                yield Digits(id="number")
                yield Block(id="under")
            with Vertical(id="balance"):
                yield Static(content([panel.CAPTION]))
                with Horizontal(id="beside"):
                    yield Digits(id="imbalance")
                    yield Block(id="said")
        yield Block(id="share")
        yield Static(classes="space")
        yield Block(id="reps")
        yield from (Block(id=f"activity_{side.value}", classes="activity") for side in Side)
        yield Block(id="sensors")
        yield Block(id="message")
        yield Block(id="keys")

    def on_mount(self) -> None:
        """Begin to draw, when it is known how large everything is."""
        self.call_after_refresh(self._draw)
        self.run_worker(self._listen())

    async def _listen(self) -> None:
        """Draw what is told at once; what is only seen waits for the next frame."""
        heard = self.hall.subscribe()
        try:
            async for _ in heard:
                if not self._news:
                    self._news = True
                    self.call_later(self._draw_news)
        finally:
            heard.close()

    def _draw_news(self) -> None:
        self._news = False
        self._show_if_taken(self.hall.state)

    def _draw(self) -> None:
        began_s, state = time.thread_time(), self.hall.state
        if state.stage is Stage.ENDED:
            self.exit()
            return
        self._show_if_taken(state)
        self.call_after_refresh(self._draw_later, began_s)

    def _show_if_taken(self, state: State) -> None:
        if self._unwritten() > MOST_UNWRITTEN:
            self.skipped += 1
        else:
            self.frames += 1
            self._show(state)

    def _draw_later(self, began_s: float) -> None:
        spent_s = time.thread_time() - began_s
        self.set_timer(min(max(FRAME_S, spent_s / SHARE_OF_CORE), SLOWEST_S), self._draw)

    def _unwritten(self) -> int:
        """Texts that the terminal has not taken yet: textual itself waits, with the whole loop, when they are many."""
        queue = getattr(getattr(self._driver, "_writer_thread", None), "_queue", None)
        return queue.qsize() if queue is not None else 0

    def _show(self, state: State) -> None:
        width = self.size.width
        above, below = panel.main_rows(state)
        self._block("head").show((panel.head(state, width),))
        self._block("over").show((above,))
        self._block("under").show((below,))
        self._digits("number", panel.main_number(state))
        self._digits("imbalance", panel.balance_number(state))
        self._block("said").show(panel.balance_rows(state))
        self._block("share").show(share_rows(state.balance.log_ratio if state.balance else None, width))
        self._show_reps(state)
        self._show_activity(self.hall.envelopes(max(self._row - round(50 * WINDOW_S), 0)))
        sensors = self._block("sensors")
        sensors.show(panel.sensor_rows(state, width, sensors.size.height))
        self._block("message").show(self._message(state))
        self._block("keys").show((panel.key_row(state),))

    def _block(self, name: str) -> Block:
        return self.query_one(f"#{name}", Block)

    def _digits(self, name: str, text: str) -> None:
        digits = self.query_one(f"#{name}", Digits)
        if digits.value != text:
            digits.update(text)

    def _show_reps(self, state: State) -> None:
        block = self._block("reps")
        width, height = block.size
        if state.reps or state.stage is not Stage.OPEN:
            block.show(panel.rep_rows(state.reps, width, height))
        else:
            block.show(panel.check_rows(state.checks, height))

    def _show_activity(self, seen: Envelopes) -> None:
        self._row = seen.start + len(seen.values)
        first = self._block("activity_left")
        width, height = first.size.width - 2, first.size.height
        if width < 1 or height < 1:
            return
        per_column = max(1, math.ceil(seen.rate_hz * WINDOW_S / width))
        bins = binned(seen.values, seen.start, width, per_column)
        highest = float(np.nanmax(bins)) if np.isfinite(bins).any() else 0.0
        self._top = max(highest, FADE * self._top)
        for side, values in zip(Side, bins.T, strict=True):
            self._block(f"activity_{side.value}").show(_activity(side, activity_rows(values, self._top, height)))

    def _message(self, state: State) -> tuple[Row, Row]:
        now_s = time.monotonic()
        if len(state.cues) != self._cues_seen:
            if len(state.cues) > self._cues_seen:
                self._cue_until_s = now_s + CUE_S
                self.bell()
            self._cues_seen = len(state.cues)
        told = self._told if now_s < self._told_until_s else ""
        return panel.message_rows(state, told, fresh=now_s < self._cue_until_s)

    def _tell(self, text: str) -> None:
        self._told, self._told_until_s = text, time.monotonic() + TOLD_S

    def _give(self, order: Order, value: str = "") -> None:
        self.run_worker(self._order(Command(order, value)))

    async def _order(self, command: Command) -> None:
        try:
            await self.hall.order(command)
        except GlutebalError as error:
            self._tell(str(error))

    def action_start_stop(self) -> None:
        """Start a set, or end the one that runs."""
        self._give(Order.STOP if self.hall.state.stage is Stage.SET else Order.START)

    def action_next(self) -> None:
        """End the set if one runs and start the next."""
        self._give(Order.NEXT)

    def action_side(self) -> None:
        """Both, left, right: the side of the next set."""
        self._give(Order.SIDE, NEXT_SIDE[self.hall.state.side])

    def action_step(self, step: str) -> None:
        """Begin a guided step."""
        self._give(Order.STEP, step)

    def action_cues(self) -> None:
        """Cues on or off."""
        self._give(Order.CUES, "off" if self.hall.state.cues_on else "on")

    def action_end(self) -> None:
        """Close the hall; asked twice while a set runs."""
        now_s = time.monotonic()
        if self.hall.state.stage is Stage.SET and now_s > self._sure_until_s:
            self._sure_until_s = now_s + TOLD_S
            self._tell("press q again to end the set and the session; what was recorded is kept")
        else:
            self.action_end_now()

    def action_end_now(self) -> None:
        """Close the hall without being asked."""
        self._give(Order.END)


def _activity(side: Side, texts: list[str]) -> tuple[Row, ...]:
    letters = [LETTER[side] if k == len(texts) - 1 else " " for k in range(len(texts))]
    return tuple(((f"{letter} ", INKS[side]), (text, INKS[side])) for letter, text in zip(letters, texts, strict=True))
