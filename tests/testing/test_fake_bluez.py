"""The link through bleak's own BlueZ backend, unchanged, on a private D-Bus: what BlueZ does, without a radio."""

import asyncio
import importlib
import os
import shutil
import sys
from collections import Counter
from contextlib import aclosing

import numpy as np
import pytest

if sys.platform != "linux" or shutil.which("dbus-daemon") is None:
    pytest.skip("needs Linux and the program dbus-daemon", allow_module_level=True)

from bleak import BleakClient, BleakScanner
from bleak.backends.bluezdbus.client import BleakClientBlueZDBus
from bleak.exc import BleakError
from dbus_fast import BusType, Message
from dbus_fast.aio import MessageBus

import glutebal as gb
from glutebal.errors import MissingExtraError
from glutebal.ingest.link import Backend, Happening, LinkError, Packet, Trouble, connect, scan
from glutebal.ingest.recorder import About, header_of, record
from glutebal.ingest.session import Session
from glutebal.model import Quantity, Side
from glutebal.testing.emulated import Attribute, EmulatedSensor, EmulatedTindeq, EmulatedWitMotion, Service, steady
from glutebal.testing.fake_bluez import fake_bluez
from glutebal.testing.faults import Faults
from glutebal.testing.peripheral import Peripheral
from glutebal.testing.private_bus import ADDRESS, private_bus

LEFT, RIGHT = "Progressor_1", "Progressor_2"
QUARTER_PERIOD_NS = 2.5e6  # at 100 frames a second
ACQUIRE = {"bluez": {"use_start_notify": False}}
START, ACQUIRED = "StartNotify", "AcquireNotify"
WAYS = pytest.mark.parametrize(("options", "way"), [({}, START), (ACQUIRE, ACQUIRED)], ids=[START, ACQUIRED])


def run(work, seconds=20):
    return asyncio.run(asyncio.wait_for(work, seconds))


def cell(number, kg, faults=None, **options):
    address = f"F0:00:00:00:00:0{number}"
    return Peripheral(EmulatedTindeq(f"Progressor_{number}", steady(kg)), address, faults, **options)


def cells(faults=None, **options):
    """Two load cells with 20 kg on the left one and 15 kg on the right one."""
    return cell(1, 20.0, faults, **options), cell(2, 15.0, **options)


def inertial(faults=None, **options):
    """A sensor without a clock, whose frames all differ."""
    amplitudes = np.array([9.0, 20, 5, 2, 8, 1, 3, 1.5, 3])

    def signal(seconds):
        return amplitudes * np.sin(2 * np.pi * 0.07 * seconds[:, None] + np.arange(9))

    return Peripheral(EmulatedWitMotion("WT901BLE68", signal), "F0:00:00:00:00:03", faults, **options)


async def gather(link, *peripherals):
    """Everything until the peripherals' streams have paused."""
    await asyncio.gather(*(p.finished.wait() for p in peripherals))
    await asyncio.sleep(0.2)
    return link.drain()


def decoded(link, records):
    """The session that these records make."""
    session = Session(header_of(link, About(site="hip")))
    for each in records:
        if isinstance(each, Packet):
            session.push(each.device, each.segment, each.char, each.arrival_ns, each.data)
    return session


def segments(records, device, kind):
    return [r.segment for r in records if not isinstance(r, Packet) and (r.device, r.kind) == (device, kind)]


def test_bleaks_own_backend_is_what_is_tested():
    async def session():
        async with fake_bluez(cell(1, 20.0)):
            found = await BleakScanner.find_device_by_name(LEFT, timeout=3)
            async with BleakClient(found) as client:
                return client._backend, client.services.characteristics.values()

    backend, characteristics = run(session())
    assert type(backend) is BleakClientBlueZDBus
    assert sorted(c.uuid for c in characteristics) == [
        "7e4e1702-1ea6-40c9-9dcc-13d34ffead57",
        "7e4e1703-1ea6-40c9-9dcc-13d34ffead57",
    ]


def test_two_load_cells_are_recorded_with_the_true_ratio(tmp_path):
    path = tmp_path / "set.glutelog"

    async def session():
        async with fake_bluez(*cells()), connect(LEFT, RIGHT) as link:
            return await record(link, path, About(site="hip"), seconds=2.0)

    live = run(session())
    left, right = live.pair("hip", Quantity.FORCE).map(lambda track: track.values().mean())
    assert left / right == pytest.approx(4 / 3, rel=1e-6)
    assert not [t for t in live.tracks if t.gaps]
    assert sum(", 0 lost, 0 duplicates" in line for line in live.history) == 2
    assert gb.read(path) == live


@WAYS
def test_a_minute_arrives_whole_and_once(options, way):
    pair = cells(speed=30, limit=320)

    async def session():
        backend = Backend(notify_options=options)
        async with fake_bluez(*pair) as system, connect(LEFT, RIGHT, backend=backend) as link:
            records = await gather(link, *pair)
            assert [device.calls[way] for device in system.devices] == [1, 1]
            assert system.overflowed == 0
            return decoded(link, records), records

    heard, records = run(session())
    for one in heard.delivery():
        assert (one.received, one.lost, one.duplicates, one.malformed) == (320 * 15, 0, 0, 0)
    left, right = heard.recording().pair("hip", Quantity.FORCE).map(lambda track: track.values().mean())
    assert left / right == pytest.approx(4 / 3, rel=1e-6)
    assert {(p.device, p.side) for p in records if isinstance(p, Packet)} == {(0, Side.LEFT), (1, Side.RIGHT)}


@WAYS
def test_a_break_in_the_middle_reconnects_one_side_and_spares_the_other(options, way):
    pair = cells(faults=Faults(disconnect_at_s=(5.0,), off_s=2.0), speed=5, limit=60)

    async def session():
        backend = Backend(notify_options=options)
        async with fake_bluez(*pair) as system, connect(LEFT, RIGHT, backend=backend) as link:
            records = await gather(link, *pair)
            assert [device.calls[way] for device in system.devices] == [2, 1]
            return decoded(link, records), records

    heard, records = run(session())
    assert segments(records, 0, Happening.CONNECTED) == [0, 1]
    assert segments(records, 0, Happening.LOST) == [0]
    assert segments(records, 1, Happening.CONNECTED) == [0]
    assert segments(records, 1, Happening.LOST) == []
    left, right = heard.delivery()
    assert (left.received, left.lost, left.duplicates, left.connections) == (60 * 15, 0, 0, 2)
    assert (right.received, right.lost, right.duplicates, right.connections) == (60 * 15, 0, 0, 1)
    assert {t.channel.side: len(t.gaps) > 0 for t in heard.recording().tracks} == {Side.LEFT: True, Side.RIGHT: False}


def test_stamped_samples_that_bluez_repeats_after_a_reconnect_count_once():
    pair = cells(faults=Faults(disconnect_at_s=(3.0,), off_s=1.0), speed=5, limit=60)

    async def session():
        async with fake_bluez(*pair, repeats=True), connect(LEFT, RIGHT) as link:
            records = await gather(link, *pair)
            return decoded(link, records), records, link.devices[0].counts

    heard, records, counts = run(session())
    again = [p.data for p in records if isinstance(p, Packet) and (p.device, p.segment) == (0, 1) and p.data[0] == 1]
    assert len(again) > 50  # 60 packets, less those before the break, twice
    assert set(Counter(again).values()) == {2}
    assert counts.late == 0  # they come to the live client
    left, right = heard.delivery()
    assert (left.received, left.lost, left.duplicates) == (60 * 15, 0, 15 * len(again) // 2)
    assert (right.received, right.lost, right.duplicates) == (60 * 15, 0, 0)
    means = heard.recording().pair("hip", Quantity.FORCE).map(lambda track: np.nanmean(track.filled()))
    assert means.left / means.right == pytest.approx(4 / 3, rel=1e-6)


def test_frames_without_a_clock_that_bluez_repeats_are_dropped_and_counted():
    sensor = inertial(Faults(disconnect_at_s=(0.5,), off_s=0.2), speed=0.5, limit=150)

    async def session():
        async with fake_bluez(sensor, repeats=True), connect("WT901BLE68") as link:
            records = await gather(link, sensor)
            return decoded(link, records), records, link.devices[0].counts

    heard, records, counts = run(session())
    before, after = (Counter(p.data for p in records if isinstance(p, Packet) and p.segment == n) for n in (0, 1))
    gaps = np.array([gap for data, n in after.items() if n > 1 for gap in between(records, data)])
    assert set(before.values()) == {1}
    assert before.total() + len(after) - 2 == sensor.tally.samples  # none is missing; both tell the battery
    assert counts.echoes + after.total() == 2 * len(after)
    assert (gaps > QUARTER_PERIOD_NS).all()  # a computer that is too busy can hold an echo back for longer
    assert len(gaps) <= 0.1 * len(after)
    assert counts.late == 0
    assert {d.received for d in heard.delivery()} <= {sensor.tally.samples, sensor.tally.samples + len(gaps)}


def between(records, data):
    """Nanoseconds between the packets with these bytes, after the reconnect."""
    return np.diff([p.arrival_ns for p in records if isinstance(p, Packet) and p.segment == 1 and p.data == data])


class EmulatedGauge(EmulatedSensor):
    """One characteristic that can be read and that notifies."""

    CHAR = "0000aaa1-0000-1000-8000-00805f9b34fb"
    services = (Service("0000aaa0-0000-1000-8000-00805f9b34fb", (Attribute(CHAR, ("read", "notify"), b"now"),)),)
    per_packet, rate_hz = 1, 10.0

    def encode(self, first, values):
        yield self.CHAR, b"later"


@pytest.mark.parametrize(("options", "heard"), [({}, [b"now"]), (ACQUIRE, [])], ids=[START, ACQUIRED])
def test_what_is_read_is_told_to_the_listeners_of_the_property_only(options, heard):
    gauge = Peripheral(EmulatedGauge("gauge", steady(1.0)), "F0:00:00:00:00:04")

    async def session():
        said = []
        async with fake_bluez(gauge):
            found = await BleakScanner.find_device_by_name("gauge", timeout=3)
            async with BleakClient(found) as client:
                await client.start_notify(gauge.sensor.CHAR, lambda _, data: said.append(bytes(data)), **options)
                assert await client.read_gatt_char(gauge.sensor.CHAR) == b"now"
                with pytest.raises(BleakError, match=r"(?i)write"):
                    await client.write_gatt_char(gauge.sensor.CHAR, b"no", response=True)
                await asyncio.sleep(0.1)
                await client.stop_notify(gauge.sensor.CHAR)
        return said

    assert run(session()) == heard


async def clients():
    """How many connections the bus has, besides this one."""
    bus = await MessageBus(bus_type=BusType.SYSTEM).connect()
    where = {"destination": "org.freedesktop.DBus", "path": "/org/freedesktop/DBus"}
    reply = await bus.call(Message(**where, interface="org.freedesktop.DBus", member="ListNames"))
    bus.disconnect()
    await bus.wait_for_disconnect()
    return sum(name.startswith(":") for name in reply.body[0]) - 1


def test_a_client_that_was_dropped_leaves_the_bus():
    left = cell(1, 20.0, speed=5)

    async def session():
        async with fake_bluez(left):
            async with connect(LEFT) as link:
                counts = [await clients()]
                await left.vanish(1.0)
                async for each in link:
                    if isinstance(each, Packet) and each.segment == 1:
                        break
                counts.append(await clients())
            return [*counts, await clients()]

    assert run(session()) == [3, 3, 2]  # the service, bleak's manager, and one per connection


def refused(prepare):
    """The errors of connecting and of scanning in a system that was prepared so."""
    troubles = []

    async def session():
        async with fake_bluez(*cells()) as system:
            prepare(system)
            with pytest.raises(LinkError) as connecting:
                async with connect(LEFT, RIGHT, timeout_s=1.0):
                    raise AssertionError
            async with aclosing(scan(0.1)) as lists:
                with pytest.raises(LinkError) as scanning:
                    await anext(lists)
            troubles.extend([connecting.value, scanning.value])

    run(session())
    return troubles


@pytest.mark.parametrize(
    ("prepare", "trouble", "word"),
    [
        (lambda system: system.power(on=False), Trouble.ADAPTER_OFF, "switch Bluetooth on"),
        (lambda system: system.unplug(), Trouble.NO_ADAPTER, "plug in"),
    ],
    ids=["off", "unplugged"],
)
def test_without_an_adapter_one_line_says_what_to_do(prepare, trouble, word):
    for error in refused(prepare):
        assert error.trouble is trouble
        assert word in error.advice
        assert "\n" not in str(error)


def test_a_bus_without_bluez_is_told():
    async def session():
        async with private_bus(), connect(LEFT):
            raise AssertionError

    with pytest.raises(LinkError) as caught:
        run(session())
    assert caught.value.trouble is Trouble.NO_SERVICE
    assert "\n" not in str(caught.value)


def test_an_adapter_that_is_switched_off_and_on_again_costs_a_segment():
    left = cell(1, 20.0)

    async def session():
        async with fake_bluez(left) as system, connect(LEFT) as link:
            await asyncio.sleep(0.5)
            system.power(on=False)
            await asyncio.sleep(0.8)
            system.power(on=True)
            kinds = []
            async for each in link:
                if not isinstance(each, Packet):
                    kinds.append((each.kind, each.text))
                elif each.segment == 1:
                    return kinds
        return []

    kinds = run(session())
    assert [kind for kind, _ in kinds if kind is not Happening.RETRY] == [
        Happening.CONNECTED,
        Happening.LOST,
        Happening.CONNECTED,
    ]
    assert all("switch Bluetooth on" in text for kind, text in kinds if kind is Happening.RETRY)


def test_the_sensors_are_stopped_and_free_afterwards():
    pair = cells()

    async def session():
        async with fake_bluez(*pair):
            async with connect(LEFT, RIGHT):
                assert [p.sensor.streaming for p in pair] == [True, True]
                assert not any(p.is_advertising for p in pair)
            return [p.sensor.streaming for p in pair], [p.is_advertising for p in pair]

    assert run(session()) == ([False, False], [True, True])


def test_the_bus_takes_the_systems_place_only_while_the_block_runs(monkeypatch):
    monkeypatch.setenv(ADDRESS, "unix:path=/somewhere")

    async def session():
        async with private_bus() as address:
            assert os.environ[ADDRESS] == address
            return address

    assert "unix:path=" in run(session())
    assert os.environ[ADDRESS] == "unix:path=/somewhere"


def test_without_the_daemon_it_says_what_is_needed(monkeypatch):
    monkeypatch.setenv("PATH", "")

    async def session():
        async with fake_bluez():
            raise AssertionError

    with pytest.raises(MissingExtraError, match="dbus-daemon"):
        run(session())


def test_where_there_is_no_dbus_the_module_says_so(monkeypatch):
    for name in ("fake_bluez", "fake_device", "fake_gatt"):
        monkeypatch.delitem(sys.modules, f"glutebal.testing.{name}")
    monkeypatch.setitem(sys.modules, "dbus_fast", None)
    with pytest.raises(MissingExtraError, match="loopback"):
        importlib.import_module("glutebal.testing.fake_bluez")
