"""Faults in the middle of a set, through the real front end of bleak: it goes on or ends cleanly, nothing is made up.

Two emulated load cells, a person who lifts when the set starts; the truth of every repetition is known. The scenes
run side by side, in real time.
"""

import asyncio
import math
import shutil
import subprocess
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest

import glutebal as gb
from glutebal.ingest.link import connect
from glutebal.live.events import Event, Link, RepFinished, SensorHealth, SetEnded, SetStarted, Stage, Trouble
from glutebal.live.hall import Hall
from glutebal.live.plan import Kept
from glutebal.live.state import Command, Order
from glutebal.model import Bilateral, Side
from glutebal.testing.air import ADDRESSES, NAMES
from glutebal.testing.emulated import EmulatedTindeq
from glutebal.testing.emulated.tindeq import DATA
from glutebal.testing.lifter import Lifter
from glutebal.testing.loopback import loopback
from glutebal.testing.peripheral import Peripheral

pytestmark = pytest.mark.slow

REPS, REP_S, REST_S = 7, 1.0, 0.8
PERIOD_S = REP_S + REST_S
POINTS = 1.5  # of the index: noise of the cells and 12 ms of packets
LOW_POWER = DATA, bytes([4, 0])


@dataclass
class Scene:
    """A set, and what is done to it."""

    folder: Path
    act: Callable[["Scene"], Awaitable[None]]
    plan: dict = field(default_factory=dict)
    reps: int = REPS
    events: list[Event] = field(default_factory=list)
    hall: Hall = None
    right: Peripheral = None
    extra: dict = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.lifter = Lifter(reps=self.reps, rep_s=REP_S, rest_s=REST_S, shift_at=None)

    async def play(self) -> "Scene":
        """Connect, train one set, fail as the scene wants it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        sensors = Bilateral.per_side(lambda side: EmulatedTindeq(NAMES[side], self.lifter.signal(side)))
        cells = sensors.zip(ADDRESSES).map(lambda placed: Peripheral(*placed))
        self.right = cells.right
        async with connect(NAMES.left, NAMES.right, backend=loopback(*cells)) as link:
            plan = {"folder": self.folder, "target_reps": self.reps, "sets": 1} | self.plan
            self.hall = gb.live(link, "squat", **plan)
            acting = asyncio.ensure_future(self.act(self))
            async for event in self.hall:
                self.events.append(event)
                if isinstance(event, SetStarted):
                    self.lifter.lift()
            acting.cancel()
        await asyncio.gather(acting, return_exceptions=True)
        return self

    async def reached(self, reps: float) -> None:
        """Wait for the person to have done so many repetitions, and a part of the next."""
        while not self.lifter.starts_s or self._at_s() < reps * PERIOD_S:
            await asyncio.sleep(0.01)

    def _at_s(self) -> float:
        return self.lifter._heard_s[Side.LEFT] - self.lifter.starts_s[-1].left

    def of(self, kind: type) -> list:
        """The events of a kind."""
        return [event for event in self.events if isinstance(event, kind)]

    @property
    def ended(self) -> SetEnded:
        """The end of the first set."""
        return self.of(SetEnded)[0]

    def values(self, result=None) -> list[float]:
        """The index of every rep that the analysis kept."""
        table = (result or self.ended.result).reps
        answers = table[(table["measure"] == "mean_force") & (table["status"] == "ok")]
        return [100 * math.tanh(ratio / 2) for ratio in answers["log_ratio"]]

    @property
    def told(self) -> list[float]:
        """The index of every rep as it was told while the set ran."""
        return [event.rep.imbalance.value for event in self.of(RepFinished)]

    def truth(self, *numbers: int) -> list[float]:
        """The index of repetitions, counted from 1."""
        return [100 * math.tanh(self.lifter.log_ratios[n - 1] / 2) for n in numbers]

    def links(self) -> list[Link]:
        """How the right sensor was reached, as it was told."""
        return [event.link for event in self.of(SensorHealth) if event.side is Side.RIGHT]

    @property
    def troubles(self) -> str:
        """All that went wrong, in words."""
        return "\n".join(event.text for event in self.of(Trouble))


async def stop(scene: Scene, reps: float) -> None:
    await scene.reached(reps)
    await scene.hall.order(Command(Order.STOP))


def out_of_reach(seconds: float, until: float = REPS + 1.5):
    """The right sensor goes out of reach in the middle of the third repetition."""

    async def act(scene: Scene) -> None:
        await scene.reached(2 + 0.4 * REP_S / PERIOD_S)
        away = asyncio.ensure_future(scene.right.vanish(seconds))
        await stop(scene, until)
        away.cancel()

    return act


async def battery_dies(scene: Scene) -> None:
    await scene.reached(1.9)
    await scene.right._send([LOW_POWER])
    await scene.reached(4 - REST_S / 2 / PERIOD_S)
    scene.extra["before"] = scene.hall.state
    await asyncio.gather(scene.right.vanish(1000.0), stop(scene, REPS))


async def falls_silent(scene: Scene) -> None:
    """Connected, and nothing comes."""
    await scene.reached(2.9)
    scene.right._stream.cancel()
    await stop(scene, REPS + 1.5)


async def disk_fills(scene: Scene) -> None:
    await scene.reached(3)
    fill(scene.folder)


async def two_phones_and_one_asleep(scene: Scene) -> None:
    scene.extra |= {name: scene.hall.subscribe(room) for name, room in (("first", 512), ("second", 512), ("asleep", 4))}
    await scene.reached(REPS - 0.5)
    scene.extra["state"] = scene.hall.state


async def nothing(scene: Scene) -> None:
    """A set as it should be."""


def fill(folder: Path) -> None:
    """Write until the disk is full."""
    with (folder / "filler").open("wb", buffering=0) as filler:
        for size in (65536, 4096, 512, 1):
            with pytest.raises(OSError, match="No space"):  # noqa: PT012 - it fails somewhere
                while True:
                    filler.write(bytes(size))


def keeper_that_fails(ended: SetEnded) -> Kept:
    raise ValueError("a bug in what the keeper\ncalls")


SCENES = {
    "0.3 s": out_of_reach(0.3),
    "3 s": out_of_reach(3.0),
    "for good": out_of_reach(1000.0),
    "battery": battery_dies,
    "silent": falls_silent,
    "views": two_phones_and_one_asleep,
}


@pytest.fixture(scope="module")
def scenes(tmp_path_factory):
    """All scenes that need nothing but sensors, played side by side."""
    folder = tmp_path_factory.mktemp("faults")

    found = {name: Scene(folder / f"{k}", act) for k, (name, act) in enumerate(SCENES.items())}
    found["keeper"] = Scene(folder / "keeper", nothing, {"keeper": keeper_that_fails}, reps=4)
    gb.exercises()  # loaded once, before threads
    with ThreadPoolExecutor(len(found)) as threads:  # a loop for each: on one the radio is shared
        played = threads.map(lambda scene: asyncio.run(asyncio.wait_for(scene.play(), 120)), found.values())
        return dict(zip(found, played, strict=True))


def assert_kept(scene: Scene) -> None:
    """The log opens and says what the set said."""
    assert scene.values(gb.analyse(gb.read(scene.ended.log))) == scene.values()
    assert scene.hall.state.stage is Stage.ENDED


def test_a_short_loss_costs_the_reps_in_it_and_is_told(scenes):
    scene = scenes["0.3 s"]
    assert scene.values() == pytest.approx(scene.truth(1, 2, 4, 5, 6, 7), abs=POINTS)
    assert scene.told == pytest.approx(scene.truth(1, 2, 4, 5, 6, 7), abs=POINTS)
    assert Link.RECONNECTING in scene.links()
    assert scene.links()[-1] is Link.STREAMING
    assert "right sensor Progressor_right is out of reach" in scene.troubles
    assert "is back; a repetition that was not seen whole is not counted" in scene.troubles
    assert any("the connection was lost once" in text for text in scene.ended.result.analysis.warnings)
    assert_kept(scene)


def test_three_seconds_cost_the_reps_in_them(scenes):
    scene = scenes["3 s"]
    assert scene.values() == pytest.approx(scene.truth(1, 2, 5, 6, 7), abs=POINTS)
    assert scene.told == pytest.approx(scene.truth(1, 2, 5, 6, 7), abs=POINTS)
    assert scene.links()[-1] is Link.STREAMING
    assert_kept(scene)


def test_a_sensor_lost_for_good_ends_the_counting_not_the_set(scenes):
    scene = scenes["for good"]
    assert scene.values() == pytest.approx(scene.truth(1, 2), abs=POINTS)
    assert scene.told == pytest.approx(scene.truth(1, 2), abs=POINTS)
    assert scene.links()[-1] in {Link.RECONNECTING, Link.LOST}
    assert scene.ended.why == "stopped"
    assert any("nothing came in the last" in text for text in scene.ended.result.analysis.warnings)
    assert_kept(scene)


def test_a_battery_that_dies_was_told_to_be_low(scenes):
    scene = scenes["battery"]
    assert "battery low" in scene.extra["before"].sensors[1].doubts
    assert "battery low" not in scene.extra["before"].sensors[0].doubts
    assert scene.values() == pytest.approx(scene.truth(1, 2, 3, 4), abs=POINTS)
    assert "out of reach" in scene.troubles
    assert_kept(scene)


def test_a_sensor_that_sends_nothing_is_told(scenes):
    scene = scenes["silent"]
    assert scene.values() == pytest.approx(scene.truth(1, 2, 3), abs=POINTS)
    assert Link.SILENT in scene.links()
    assert "connected but sends nothing" in scene.troubles
    assert_kept(scene)


def test_two_phones_hear_the_same_and_a_sleeping_one_loses_the_oldest(scenes):
    scene = scenes["views"]
    first, second, asleep = (scene.extra[name].drain() for name in ("first", "second", "asleep"))
    assert first == second == scene.events[-len(first) :]
    assert asleep == scene.events[-4:]
    assert scene.extra["asleep"].dropped == len(first) - 4
    assert len(scene.extra["state"].reps) >= REPS - 2  # what a phone that wakes up is shown
    assert scene.extra["state"].dropped > 0
    assert scene.told == pytest.approx(scene.truth(*range(1, REPS + 1)), abs=POINTS)


def test_a_keeper_that_fails_is_told_and_the_log_stays(scenes):
    scene = scenes["keeper"]
    assert scene.ended.trouble == "ValueError: a bug in what the keeper calls"
    assert "set 1 was not kept: ValueError" in scene.troubles
    assert scene.ended.page is None
    assert_kept(scene)


@pytest.fixture
def small_disk(tmp_path):
    """A folder on a disk of 1 MB."""
    folder = tmp_path / "small"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    if not shutil.which("mount") or subprocess.run(command, capture_output=True, check=False).returncode != 0:
        pytest.skip("no right to mount a small disk here")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def test_a_full_disk_ends_the_log_not_the_set(small_disk):
    scene = asyncio.run(asyncio.wait_for(Scene(small_disk, disk_fills).play(), 60))
    assert scene.told == pytest.approx(scene.truth(*range(1, REPS + 1)), abs=POINTS)
    assert len(scene.ended.result.reps[scene.ended.result.reps["measure"] == "mean_force"]) == REPS
    assert scene.troubles.count("no longer written to disk") == 1
    assert "no longer written to disk" in "".join(scene.hall.state.troubles)
    (small_disk / "filler").unlink()
    kept = scene.values(gb.analyse(gb.read(scene.ended.log)))
    assert 2 <= len(kept) < REPS
    assert kept == pytest.approx(scene.truth(*range(1, len(kept) + 1)), abs=POINTS)


def test_a_disk_that_is_full_from_the_beginning_costs_the_log(small_disk):
    fill(small_disk)
    scene = asyncio.run(asyncio.wait_for(Scene(small_disk, nothing, reps=3).play(), 60))
    assert scene.told == pytest.approx(scene.truth(1, 2, 3), abs=POINTS)
    assert scene.values() == pytest.approx(scene.truth(1, 2, 3), abs=POINTS)
    assert scene.troubles.count("the recording is not written to disk") == 1
    assert scene.ended.log is None
