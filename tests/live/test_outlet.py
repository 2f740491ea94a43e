"""The outlet against real inlets of the Lab Streaming Layer, and what our own reader makes of a recording of it."""

import asyncio
import contextlib
import os
import struct
import sys
import time
import uuid

import numpy as np
import pytest

from glutebal.coach.exercises import exercise
from glutebal.errors import GlutebalError, MissingExtraError
from glutebal.ingest.read import read
from glutebal.live import lsl_rows, outlet
from glutebal.live.events import Ended, LiveRep, RepFinished, RepRevised, SetStarted, Stage
from glutebal.live.hall import Hall
from glutebal.live.outlet import Outlet
from glutebal.live.plan import Plan
from glutebal.live.sources import RecordingSource
from glutebal.live.state import Command, Envelopes, Order, State
from glutebal.live.subscription import Subscription
from glutebal.model import Bilateral, Channel, Quantity, Recording, Side, Track
from glutebal.results import Estimate, Rep

pylsl = pytest.importorskip("pylsl", reason="pylsl (extra: lsl) is not installed")
os.environ.setdefault("LSLAPICFG", "told below")  # an outlet then leaves the settings as they are
with contextlib.suppress(NotImplementedError):  # an older library of the layer: the machine's own settings
    pylsl.set_config_content(
        "[ports]\nIPv6=disable\n[multicast]\nResolveScope=machine\nListenAddress=127.0.0.1\n"
        "MachineAddresses={127.0.0.1}\n[lab]\nKnownPeers={127.0.0.1}\n[log]\nlevel=-3\n"
    )

ENOUGH_S = 60.0


class PlayedHall:
    """What an outlet needs of a hall, played by the test."""

    def __init__(self):
        self.opened_s = pylsl.local_clock()
        self.readers, self.callback = [], None
        self.values = np.empty((0, 2))
        self.stage = Stage.SET

    @property
    def state(self):
        return State(self.stage, 1, "hip_thrust", "Hip thrust", None, 12, cues_on=True)

    def subscribe(self, capacity=512):
        self.readers.append(Subscription(capacity))
        return self.readers[-1]

    def on_chunk(self, callback):
        self.callback = callback

    def envelopes(self, start=0):
        return Envelopes(min(start, len(self.values)), self.values[start:], "µV")

    @property
    def now_s(self):
        return pylsl.local_clock() - self.opened_s

    def tell(self, event):
        for reader in self.readers:
            reader.put(event)

    def end(self):
        self.tell(Ended(self.now_s, "ended"))
        for reader in self.readers:
            reader.close()


def channels(quantity=Quantity.EMG, sites=("gluteus_maximus", "gluteus_medius"), side=Side.LEFT, rate_hz=1000.0):
    return [Channel(quantity, side, site, rate_hz, device=f"GB-{side.value[0].upper()} 4F2A") for site in sites]


def play(hall, chosen, values, start=0, piece=50):
    """The columns of ``values`` in pieces, all of a device at once, as a hall gives them."""
    for a in range(0, len(values), piece):
        for column, channel in enumerate(chosen):
            hall.callback(channel, start + a, values[a : a + piece, column])


async def inlet(name, kind=None):
    """An open inlet of the stream of that name, found on the loopback."""
    found = await asyncio.to_thread(pylsl.resolve_byprop, "name", name, 1, ENOUGH_S)
    assert [s.name() for s in found] == [name]
    here = pylsl.StreamInlet(found[0])
    await asyncio.to_thread(here.open_stream, ENOUGH_S)
    return here


async def pulled(here, n):
    """So many samples of an inlet, and their stamps."""
    values, stamps, until = [], [], time.monotonic() + ENOUGH_S
    while len(stamps) < n and time.monotonic() < until:
        some, at = here.pull_chunk(0.0, n - len(stamps))
        values += list(some)
        stamps += list(at)
        await asyncio.sleep(0.005)
    assert len(stamps) == n
    return values, np.asarray(stamps)


@pytest.fixture
def name():
    """No stream of another test, or of another process, has it."""
    return f"glutebal {uuid.uuid4().hex[:8]}"


@pytest.fixture
def settles(monkeypatch):
    """How long a stretch takes to settle: a moment."""
    monkeypatch.setattr(lsl_rows, "SETTLE_S", 0.25)


def test_raw_samples_arrive_in_order_on_a_regular_grid(name, settles):
    values = np.random.default_rng(7).normal(0, 1e-4, (600, 2))

    async def main():
        hall, chosen = PlayedHall(), channels()
        sender = Outlet(hall, name)
        play(hall, chosen, values[:100])
        await asyncio.sleep(0.3)
        play(hall, chosen, values[100:150], 100)  # opens the stream
        here = await inlet(f"{name} EMG left")
        play(hall, chosen, values[150:], 150)
        before_s = pylsl.local_clock()
        got, stamps = await pulled(here, 450)
        info = here.info()
        here.close_stream()
        sender.close()
        return np.asarray(got), stamps, before_s, info

    got, stamps, before_s, info = asyncio.run(main())
    np.testing.assert_allclose(got, 1e6 * values[150:], rtol=1e-12)
    # the clock of the stretch is settled by pieces that come all at once: each is as late as its own length
    np.testing.assert_allclose(np.diff(stamps).reshape(-1)[:40], 1e-3, atol=1e-6)
    assert stamps[-1] == pytest.approx(before_s, abs=0.1)
    assert (info.type(), info.nominal_srate(), info.channel_count()) == ("EMG", 1000.0, 2)
    assert info.get_channel_labels() == ["left gluteus_maximus EMG", "left gluteus_medius EMG"]
    assert info.get_channel_units() == ["microvolts", "microvolts"]
    assert info.desc().child("acquisition").child_value("model") == "GB-L 4F2A"
    assert info.desc().child("channels").child("channel").child_value("side") == "left"


def test_a_gap_is_a_gap_in_the_stamps_and_a_new_stretch_goes_on_in_time(name, settles):
    async def main():
        hall, [chosen, _] = PlayedHall(), channels()
        sender = Outlet(hall, name)
        play(hall, [chosen], np.zeros((100, 1)))
        await asyncio.sleep(0.3)
        play(hall, [chosen], np.zeros((50, 1)), 100)
        here = await inlet(f"{name} EMG left")
        play(hall, [chosen], np.ones((50, 1)), 450)  # 0.3 s are missing
        first = await pulled(here, 50)
        await asyncio.sleep(0.3)
        play(hall, [chosen], np.full((50, 1), 2.0))  # the clock begins anew
        await asyncio.sleep(0.3)
        play(hall, [chosen], np.full((50, 1), 3.0), 50)
        second = await pulled(here, 100)
        now_s = pylsl.local_clock()
        here.close_stream()
        sender.close()
        return first, second, now_s

    (ones, early), (rest, late), now_s = asyncio.run(main())
    assert np.ravel(ones).tolist() == [1e6] * 50
    assert np.ravel(rest).tolist() == [2e6] * 50 + [3e6] * 50
    assert early[-1] < late[0] < late[-1] <= now_s
    np.testing.assert_allclose(np.diff(late), 1e-3, atol=1e-6)


def test_a_device_that_comes_later_is_sent_with_all_its_channels(name, settles):
    async def main():
        hall, late = PlayedHall(), channels(side=Side.RIGHT)
        sender = Outlet(hall, name)
        await asyncio.sleep(0.3)  # nothing is heard yet
        play(hall, channels(), np.zeros((50, 2)))
        await asyncio.sleep(0.3)
        play(hall, channels(), np.zeros((50, 2)), 50)
        play(hall, late, np.zeros((50, 2)), 50)
        await asyncio.sleep(0.3)
        for chosen in (channels(), late):
            play(hall, chosen, np.zeros((50, 2)), 100)
        inlets = [await inlet(f"{name} EMG {side.value}") for side in Side]
        counts = [here.info().channel_count() for here in inlets]
        for here in inlets:
            here.close_stream()
        sender.close()
        return counts

    assert asyncio.run(main()) == [2, 2]


def test_envelopes_and_markers_stand_on_one_clock(name, settles):
    async def main():
        hall, [chosen, _] = PlayedHall(), channels()
        sender = Outlet(hall, name)
        running = asyncio.ensure_future(sender.run())
        marks = await inlet(f"{name} markers")
        hall.tell(SetStarted(hall.now_s, 1, "hip_thrust", None, 12, None))
        hall.values = np.zeros((5, 2))  # opens the stream
        curves = await inlet(f"{name} envelopes")
        hall.values = np.vstack([hall.values, np.column_stack([np.arange(20.0), 2 * np.arange(20.0)])])
        first = await pulled(curves, 20)
        hall.values = np.vstack([hall.values, np.full((10, 2), 5.0)])
        second = await pulled(curves, 10)
        play(hall, [chosen], np.zeros((500, 1)))
        zero_s = sender._stretch.zero_s
        rep = Rep(1, 10, 40, 100.0)
        none = Estimate(0.0)
        hall.tell(RepFinished(hall.now_s, LiveRep(1, rep, "", "", "", Bilateral(none, none), none, none), 1))
        texts, stamps = await pulled(marks, 3)
        marks.close_stream()
        curves.close_stream()
        hall.end()
        await running
        return hall.opened_s, first, second, [t for [t] in texts], stamps, zero_s

    opened_s, (rows, at), (more, later), texts, stamps, zero_s = asyncio.run(main())
    np.testing.assert_array_equal(rows, np.column_stack([np.arange(20.0), 2 * np.arange(20.0)]))
    np.testing.assert_array_equal(more, np.full((10, 2), 5.0))
    np.testing.assert_allclose([*at, *later], opened_s + np.arange(5, 35) / 50, atol=0.05)
    assert texts == ["set_started/1", "rep_started/1", "rep_finished/1"]
    np.testing.assert_allclose(stamps[1:], [zero_s + 0.1, zero_s + 0.4], atol=1e-6)


def test_after_a_set_its_reps_stand_where_they_were_told_and_are_not_moved(name):
    async def main():
        hall = PlayedHall()
        hall.stage = Stage.REST
        sender = Outlet(hall, name)
        running = asyncio.ensure_future(sender.run())
        marks = await inlet(f"{name} markers")
        none = Estimate(0.0)
        told_s = hall.now_s
        rep = LiveRep(1, Rep(1, 1, 9, 1.0), "", "", "", Bilateral(none, none), none, none)
        for event in (
            RepRevised(told_s, rep, set_index=1),
            RepRevised(told_s, rep, True, 1),
            RepFinished(told_s, rep, 1),
        ):
            hall.tell(event)
        texts, stamps = await pulled(marks, 3)
        assert [t for [t] in texts] == ["rep_withdrawn/1", "rep_started/1", "rep_finished/1"]
        marks.close_stream()
        hall.end()
        await running
        return hall.opened_s + told_s, stamps

    told_s, stamps = asyncio.run(main())
    np.testing.assert_allclose(stamps, told_s, atol=0.05)


def test_a_side_that_stays_behind_is_waited_for_and_then_sent_without(name):
    hall = PlayedHall()
    sender = Outlet(hall, name)
    sent = []
    sender._outlet = lambda *_, **__: type("Sink", (), {"push_chunk": lambda _, rows, at: sent.append(len(rows))})()
    sender._hall_zero_s = 0.0
    hall.values = np.column_stack([np.ones(20), np.full(20, np.nan)])
    sender._look()
    assert sent == []
    hall.values = np.column_stack([np.ones(60), np.full(60, np.nan)])
    sender._look()
    assert sent == [60 - outlet.BEHIND_ROWS]
    hall.values = np.ones((60, 2))
    sender._look()
    assert sent == [35, 25]


def test_a_layer_that_fails_does_not_disturb_the_hall(name, settles, monkeypatch):
    def fails(*_, **__):
        raise RuntimeError("the layer broke")

    hall, [chosen, _] = PlayedHall(), channels()
    sender = Outlet(hall, name)
    monkeypatch.setattr(pylsl, "StreamOutlet", fails)
    for k in range(3):
        play(hall, [chosen], np.zeros((100, 1)), 100 * k)
        time.sleep(0.15)
    assert sender.trouble == "nothing is sent to the Lab Streaming Layer any more: the layer broke"
    sender.close()


def test_without_pylsl_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "pylsl", None)
    with pytest.raises(MissingExtraError, match=r'pip install "glutebal\[lsl\]"'):
        Outlet(PlayedHall())


def test_without_the_library_of_the_layer_the_error_says_so(monkeypatch):
    class NoLibrary:
        def find_spec(self, wanted, path=None, target=None):
            if wanted == "pylsl":
                raise RuntimeError("LSL binary library file was not found.")

    monkeypatch.delitem(sys.modules, "pylsl")
    monkeypatch.setattr(sys, "meta_path", [NoLibrary(), *sys.meta_path])
    with pytest.raises(GlutebalError, match="liblsl"):
        Outlet(PlayedHall())


@pytest.mark.parametrize("place", ["", "lsl_api.cfg"])
def test_the_layer_is_quiet_unless_a_person_has_configured_it(place, monkeypatch, tmp_path):
    told = []
    monkeypatch.delenv("LSLAPICFG")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(pylsl, "set_config_content", told.append)
    monkeypatch.setattr(outlet.Path, "home", lambda: tmp_path / "nobody")
    if place:
        (tmp_path / place).write_text("[log]\nlevel = 4\n")
    outlet._library()
    assert told == ([] if place else ["[log]\nlevel = -2\n"])


# what our own reader makes of it


def chunk(tag, content):
    return b"\x04" + struct.pack("<I", len(content) + 2) + struct.pack("<H", tag) + content


def xdf(*streams):
    """An XDF file of streams, each its description as the inlet has it, its values and its stamps."""
    out = b"XDF:" + chunk(1, b"<?xml version='1.0'?><info><version>1.0</version></info>")
    for number, (xml, values, stamps) in enumerate(streams, 1):
        n = struct.pack("<I", number)
        body = n + b"\x04" + struct.pack("<I", len(stamps))
        for at, row in zip(stamps, values, strict=True):
            cells = b"".join(
                b"\x01" + bytes([len(c)]) + c.encode() if isinstance(c, str) else struct.pack("<d", c) for c in row
            )
            body += b"\x08" + struct.pack("<d", at) + cells
        foot = f"<?xml version='1.0'?><info><first_timestamp>{stamps[0]}</first_timestamp></info>"
        out += chunk(2, n + xml.encode()) + chunk(3, body) + chunk(6, n + foot.encode())
    return out


SENT = [
    channels(Quantity.EMG, ("gluteus_maximus", "gluteus_medius")),
    channels(Quantity.EMG, ("gluteus_maximus", "gluteus_medius"), Side.RIGHT),
    channels(Quantity.FORCE, ("plate",), Side.LEFT, 100.0),
    channels(Quantity.FORCE, ("plate",), Side.RIGHT, 100.0),
    *(
        [Channel(q, side, "thigh", 100.0, device=f"IMU {side.value}", axis=axis) for q in imu for axis in "xyz"]
        for side in Side
        for imu in [(Quantity.ACCELERATION, Quantity.ANGULAR_RATE)]
    ),
]


def test_a_recording_of_the_streams_is_read_with_the_names_it_was_sent_with(name, settles, tmp_path):
    async def main():
        pytest.importorskip("pyxdf")
        hall, sent, files = PlayedHall(), {}, []
        sender = Outlet(hall, name)
        running = asyncio.ensure_future(sender.run())
        marks = await inlet(f"{name} markers")
        noise = np.random.default_rng(8)
        for chosen in SENT:
            rate = int(chosen[0].rate_hz)
            values = noise.normal(0, 1e-4, (rate, len(chosen)))
            for c, column in zip(chosen, values.T, strict=True):
                sent[c.quantity, c.side, c.site, c.axis] = column
            play(hall, chosen, values[: rate // 5], 0)
        await asyncio.sleep(0.3)
        for chosen in SENT:  # opens the streams; nobody listens yet
            play(hall, chosen, np.full((1, len(chosen)), 0.0), int(chosen[0].rate_hz) // 5)
        names = [f"{name} {kind} {side}" for kind in ("EMG", "force", "motion") for side in ("left", "right")]
        inlets = await asyncio.gather(*(inlet(n) for n in names))
        for chosen in SENT:
            rate = int(chosen[0].rate_hz)
            rows = np.column_stack([sent[c.quantity, c.side, c.site, c.axis] for c in chosen])
            play(hall, chosen, rows, rate // 5 + 1, piece=rate)
        hall.tell(SetStarted(hall.now_s, 1, "hip_thrust", None, 12, None))
        hall.values = np.ones((5, 2))
        curves = await inlet(f"{name} envelopes")
        hall.values = np.ones((45, 2))
        for here, n in [*zip(inlets, (1000, 1000, 100, 100, 100, 100), strict=True), (curves, 40), (marks, 1)]:
            values, stamps = await pulled(here, n)
            files.append((here.info().as_xml(), values, stamps))
            here.close_stream()
        hall.end()
        await running
        (tmp_path / "lab.xdf").write_bytes(xdf(*files))
        return sent

    sent = asyncio.run(main())
    recording = read(tmp_path / "lab.xdf")
    got = {(t.channel.quantity, t.channel.side, t.channel.site, t.channel.axis): t for t in recording.tracks}
    assert got.keys() == sent.keys()
    for key, values in sent.items():
        np.testing.assert_allclose(got[key].values(), values, rtol=1e-9, atol=1e-18)
    assert [e.name for e in recording.events] == ["set_started/1"]


def test_with_a_hall_the_newest_samples_are_young(name, settles):
    """Generous bounds: the layer, the loop and the batches of 50 ms; what fails is a clock that is not the layer's."""
    rate_hz, n = 200.0, 20_000
    curve = np.arange(n, dtype=float)
    tracks = tuple(
        Track.of_samples(Channel(Quantity.FORCE, side, "plate", rate_hz, device="cell"), curve) for side in Side
    )

    async def main():
        hall = Hall(RecordingSource(Recording(tracks)), Plan(exercise=exercise("hip_thrust")))
        sender = Outlet(hall, name)
        sending = asyncio.ensure_future(sender.run())
        running = asyncio.ensure_future(hall.run())
        here = await inlet(f"{name} force")
        values, stamps = await pulled(here, 200)
        age_s = pylsl.local_clock() - stamps[-1]
        here.close_stream()
        await hall.order(Command(Order.END))
        await running
        await sending
        return np.asarray(values), stamps, age_s, sender

    values, stamps, age_s, sender = asyncio.run(main())
    np.testing.assert_array_equal(values[:, 0], values[0, 0] + np.arange(200))
    np.testing.assert_array_equal(values[:, 0], values[:, 1])
    np.testing.assert_allclose(stamps - stamps[0], np.arange(200) / rate_hz, atol=0.1)
    assert -0.01 < age_s < 5.0
    assert sender.trouble == ""
