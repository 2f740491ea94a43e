"""The whole way from an emulated sensor through the real front end of bleak to packets, without a radio."""

import asyncio
from contextlib import aclosing, asynccontextmanager

import numpy as np
import pytest
from bleak.exc import (
    BleakBluetoothNotAvailableReason,
    BleakCharacteristicNotFoundError,
    BleakDBusError,
    BleakDeviceNotFoundError,
    BleakError,
)

from glutebal.errors import InputError, UnknownNameError
from glutebal.ingest.driver import Block, Clock, Driver, Notify, Read, Stream, Ticks, Wait, Write, short_uuid
from glutebal.ingest.drivers.tindeq import CONTROL, DATA, Tindeq
from glutebal.ingest.link import Happening, LinkError, Packet, Trouble, connect, explain, scan
from glutebal.model import Bilateral, Side
from glutebal.testing.bumble_backend import bumble_radio
from glutebal.testing.emulated import EmulatedNordicUart, EmulatedTindeq, steady
from glutebal.testing.faults import Faults
from glutebal.testing.loopback import loopback
from glutebal.testing.peripheral import Peripheral

LEFT, RIGHT = "Progressor_1", "Progressor_2"


@asynccontextmanager
async def direct(*peripherals):
    yield loopback(*peripherals)


RADIOS = pytest.mark.parametrize("radio", [direct, bumble_radio], ids=["loopback", "bumble"])


def cells(faults=None, **options):
    """Two load cells with 20 kg on the left one and 15 kg on the right one."""
    return Bilateral(cell(1, 20.0, faults, **options), cell(2, 15.0, **options))


def cell(number, kg, faults=None, **options):
    return Peripheral(
        EmulatedTindeq(f"Progressor_{number}", steady(kg)), f"F0:00:00:00:00:0{number}", faults, **options
    )


def run(work, seconds=20):
    return asyncio.run(asyncio.wait_for(work, seconds))


async def gather(link, *peripherals):
    """Everything until the peripherals' streams have paused."""
    await asyncio.gather(*(p.finished.wait() for p in peripherals))
    await asyncio.sleep(0.1)
    return link.drain()


def packets(records, device, segment=None):
    kept = (r for r in records if isinstance(r, Packet) and r.device == device)
    return [r for r in kept if segment in {None, r.segment}]


def forces(records, device, segment=None):
    """Values in N and stamps in µs of one cell."""
    driver = Tindeq()
    blocks = [b for p in packets(records, device, segment) for b in driver.feed(p.char, p.data)]
    return np.concatenate([b.values[:, 0] for b in blocks]), np.concatenate([b.ticks for b in blocks])


def notices(records, kind, device=None):
    return [r for r in records if not isinstance(r, Packet) and r.kind is kind and device in {None, r.device}]


@RADIOS
def test_a_minute_of_two_cells_has_the_true_ratio_and_every_sample_once(radio):
    pair = cells(speed=20, limit=320)

    async def session():
        async with radio(*pair) as backend, connect(LEFT, RIGHT, backend=backend) as link:
            return await gather(link, *pair)

    records = run(session())
    left, right = (forces(records, device) for device in (0, 1))
    assert left[0].mean() / right[0].mean() == pytest.approx(4 / 3, rel=1e-6)
    for _, stamps in (left, right):
        np.testing.assert_array_equal(stamps, np.round(np.arange(320 * 15) / 80 * 1e6).astype(int))
    assert {p.side for p in packets(records, 0)} == {Side.LEFT}
    assert {p.segment for p in packets(records, 0)} == {0}


@RADIOS
def test_a_break_in_the_middle_reconnects_one_side_and_spares_the_other(radio):
    pair = cells(faults=Faults(disconnect_at_s=(3.0,), off_s=1.0), speed=5, limit=60)

    async def session():
        async with radio(*pair) as backend, connect(LEFT, RIGHT, backend=backend) as link:
            return await gather(link, *pair), link.devices[0].counts

    records, counts = run(session())
    assert counts.connections == 2
    assert [r.segment for r in notices(records, Happening.CONNECTED, 0)] == [0, 1]
    assert len(notices(records, Happening.LOST)) == 1
    for device, segment in ((0, 0), (0, 1), (1, 0)):
        values, stamps = forces(records, device, segment)
        assert stamps[0] == 0  # every segment has a clock of its own
        np.testing.assert_array_equal(stamps, np.round(np.arange(len(stamps)) / 80 * 1e6).astype(int))
        assert np.unique(values).size == 1
    assert len(forces(records, 1)[0]) == 60 * 15
    assert len(forces(records, 0)[0]) == 60 * 15


@RADIOS
def test_a_sensor_that_is_away_for_long_is_looked_for_until_it_is_back(radio):
    pair = cells(speed=5)

    async def session():
        async with radio(*pair) as backend, connect(LEFT, RIGHT, backend=backend, timeout_s=0.5) as link:
            await pair.left.vanish(5 * 2.0)
            async for record in link:
                if isinstance(record, Packet) and record.device == 0 and record.segment > 0:
                    return link.devices[0].counts
            return None

    assert run(session()).connections == 2


def test_frames_of_a_dead_client_are_counted_and_ignored():
    left = cell(1, 20.0, speed=5)
    backend = loopback(left)
    callbacks = []
    original = backend.client.start_notify

    async def remember(self, characteristic, callback, **options):
        callbacks.append(callback)
        await original(self, characteristic, callback, **options)

    backend.client.start_notify = remember
    weight = bytes.fromhex("0108000048410000ff00")

    async def session():
        async with connect(LEFT, backend=backend) as link:
            await left.vanish(0.5)
            while len(callbacks) < 2:
                await asyncio.sleep(0.01)
            callbacks[0](bytearray(weight))
            callbacks[1](bytearray(weight))
            await asyncio.sleep(0.1)
            return link.drain(), link.devices[0].counts

    records, counts = run(session())
    assert counts.late == 1
    assert [p.segment for p in packets(records, 0) if p.data == weight] == [1]


@pytest.mark.parametrize(
    ("reason", "trouble", "word"),
    [
        (BleakBluetoothNotAvailableReason.NO_BLUETOOTH, Trouble.NO_ADAPTER, "plug in"),
        (BleakBluetoothNotAvailableReason.POWERED_OFF, Trouble.ADAPTER_OFF, "switch Bluetooth on"),
        (BleakBluetoothNotAvailableReason.DENIED_BY_USER, Trouble.DENIED, "Privacy & Security"),
        (BleakBluetoothNotAvailableReason.NO_BLE_CENTRAL_ROLE, Trouble.NOT_LOW_ENERGY, "4.0"),
    ],
)
def test_without_bluetooth_one_line_says_what_to_do(reason, trouble, word):
    async def session():
        async with connect(LEFT, RIGHT, backend=loopback(unavailable=reason)):
            raise AssertionError

    async def look():
        async with aclosing(scan(0.1, backend=loopback(unavailable=reason))) as lists:
            async for _ in lists:
                raise AssertionError

    for work in (session, look):
        with pytest.raises(LinkError) as caught:
            run(work())
        assert caught.value.trouble is trouble
        assert word in caught.value.advice
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("error", "trouble"),
    [
        (FileNotFoundError(2, "No such file or directory"), Trouble.NO_SERVICE),
        (PermissionError(13, "Permission denied"), Trouble.DENIED),
        (TimeoutError(), Trouble.NO_ANSWER),
        (BleakDeviceNotFoundError("F0:00:00:00:00:01"), Trouble.NOT_FOUND),
        (BleakCharacteristicNotFoundError(short_uuid(0x2A19)), Trouble.OTHER_DEVICE),
        (BleakDBusError("org.freedesktop.DBus.Error.AccessDenied", ["no"]), Trouble.DENIED),
        (BleakDBusError("org.freedesktop.DBus.Error.ServiceUnknown", ["no"]), Trouble.NO_SERVICE),
        (BleakError("failed to discover services, device disconnected"), Trouble.DROPPED),
        (ConnectionResetError("the connection dropped"), Trouble.DROPPED),
    ],
)
def test_every_failure_of_the_radio_has_its_advice(error, trouble):
    told = explain(error, "left sensor")
    assert told.trouble is trouble
    assert str(told).startswith("left sensor: needed ")
    assert explain(told) is told


def test_a_sensor_that_is_not_there_is_told_with_those_that_are():
    async def session():
        async with connect("Progressor_9", backend=loopback(*cells()), timeout_s=0.2):
            raise AssertionError

    with pytest.raises(LinkError, match=r"others in range: Progressor_1, Progressor_2.*wake it") as caught:
        run(session())
    assert caught.value.trouble is Trouble.NOT_FOUND


def test_two_sensors_of_one_name_are_never_guessed_at():
    twins = [
        Peripheral(EmulatedTindeq("Progressor", steady(1.0)), f"F0:00:00:00:00:0{i}", speed=5, limit=2) for i in (1, 2)
    ]

    async def session(*names):
        async with connect(*names, backend=loopback(*twins)) as link:
            return [d.address for d in link.devices]

    with pytest.raises(LinkError, match="address") as caught:
        run(session("Progressor"))
    assert caught.value.trouble is Trouble.AMBIGUOUS
    assert run(session("f0:00:00:00:00:02", "F0:00:00:00:00:01")) == ["F0:00:00:00:00:02", "F0:00:00:00:00:01"]


def test_another_kind_of_device_is_told():
    uart = Peripheral(EmulatedNordicUart("thing", steady(1.0)), "F0:00:00:00:00:03")

    async def session():
        async with connect("thing", driver="tindeq", backend=loopback(uart)):
            raise AssertionError

    with pytest.raises(LinkError) as caught:
        run(session())
    assert caught.value.trouble is Trouble.OTHER_DEVICE


def test_a_session_needs_a_sensor_and_a_known_driver():
    async def session(*names, **options):
        async with connect(*names, backend=loopback(), **options):
            raise AssertionError

    with pytest.raises(InputError, match="at least one sensor"):
        run(session())
    with pytest.raises(UnknownNameError, match="tindeq"):
        run(session(LEFT, driver="tindek"))


@RADIOS
def test_a_scan_lists_what_advertises_and_the_driver_that_knows_it(radio):
    pair = cells()

    async def look():
        async with radio(*pair) as backend, aclosing(scan(2.0, backend=backend, every_s=0.1)) as lists:
            async for sensors in lists:
                if len(sensors) == 2:
                    return sensors
        return ()

    found = run(look())
    assert {s.name: s.driver for s in found} == {LEFT: Tindeq, RIGHT: Tindeq}
    assert all(s.rssi is not None and s.rssi < 0 for s in found)


def test_a_scanned_sensor_can_be_connected_as_it_is():
    pair = cells(speed=20, limit=2)

    async def session():
        backend = loopback(*pair)
        async with aclosing(scan(backend=backend, every_s=0.05)) as lists:
            sensors = await anext(lists)
        by_name = {s.name: s for s in sensors}
        async with connect(by_name[RIGHT], by_name[LEFT], backend=backend) as link:
            return await gather(link, *pair)

    records = run(session())
    assert forces(records, 0)[0].mean() < forces(records, 1)[0].mean()


def test_one_device_for_both_sides_has_no_side():
    left = cell(1, 20.0)

    async def session(*names, **options):
        async with connect(*names, backend=loopback(left), **options) as link:
            return [(d.index, d.side) for d in link.devices]

    assert run(session(LEFT, LEFT)) == [(0, None)]
    assert run(session(both=LEFT)) == [(0, None)]
    assert run(session(midline=LEFT)) == [(0, None)]
    assert run(session(None, LEFT)) == [(0, Side.RIGHT)]


def test_what_nobody_reads_in_time_is_counted():
    left = cell(1, 20.0, speed=50, limit=40)

    async def session():
        async with connect(LEFT, backend=loopback(left), capacity=10) as link:
            kept = await gather(link, left)
            return kept, link.inbox.discarded, link.devices[0].counts

    records, discarded, counts = run(session())
    assert len(packets(records, 0)) + discarded[0] == counts.packets == 42  # two replies of the handshake
    assert discarded[0] > 0


@RADIOS
def test_lost_and_late_packets_are_what_the_faults_say(radio):
    left = cell(1, 20.0, Faults(drop=0.2, late=0.1, seed=3), speed=20, limit=60)

    async def session():
        async with radio(left) as backend, connect(LEFT, backend=backend) as link:
            return await gather(link, left)

    records = run(session())
    _, stamps = forces(records, 0)
    assert len(left.line.dropped) > 0
    assert len(stamps) == (60 - len(left.line.dropped)) * 15
    assert (np.diff(stamps) > 0).all()


class Clockless(Driver):
    """The text sensor, read as if it had neither counter nor stamp."""

    name = "clockless"
    title = "a sensor that says nothing of time"
    streams = (Stream("raw", None, "adc", 100.0),)
    DATA = "6e400003-b5a3-f393-e0a9-e50e24dcca9e"

    @classmethod
    def match(cls, advert):
        return 0

    def start(self):
        yield Notify(self.DATA)

    def decode(self, char, data):
        yield Block("raw", np.full((1, 1), len(data)))


class Stamped(Clockless):
    """The same sensor with a counter: its repeats are recognised where they are decoded."""

    name = "stamped"
    streams = (Stream("raw", None, "adc", 100.0, clock=Clock(Ticks.COUNT, 0.01)),)


@pytest.mark.parametrize(("driver", "echoes"), [(Clockless, 50), (Stamped, 0)])
def test_frames_that_come_twice_are_dropped_only_where_nothing_else_can_tell(driver, echoes):
    sensor = EmulatedNordicUart("thing", steady(1.0), chunk=200)
    sensor.per_packet = 1
    uart = Peripheral(sensor, "F0:00:00:00:00:03", Faults(duplicate=1.0), limit=50)

    async def session():
        async with connect("thing", driver=driver, backend=loopback(uart)) as link:
            records = await gather(link, uart)
            return records, link.devices[0].counts

    records, counts = run(session())
    assert counts.echoes == echoes
    assert len(packets(records, 0)) == 100 - echoes


class Talkative(Driver):
    """Asks for what there is and what there is not."""

    name = "talkative"
    title = "a driver that asks"
    streams = ()

    @classmethod
    def match(cls, advert):
        return 0

    def start(self):
        self.heard = [(yield Read(short_uuid(0x2A28)))]
        yield Notify(DATA)
        yield Write(CONTROL, b"\x6f")
        self.heard.append((yield Wait(DATA, 1.0)))
        yield Write(CONTROL, b"\x6b")
        self.heard.append((yield Wait(DATA, 0.05, lambda reply: reply == b"never")))

    def decode(self, char, data):
        yield from ()


@RADIOS
def test_a_handshake_gets_its_answers_and_none_where_there_is_none(radio):
    left = cell(1, 20.0, Faults(slow_notify_s=0.1))

    async def session():
        async with radio(left) as backend, connect(LEFT, driver=Talkative, backend=backend) as link:
            return link.devices[0].driver.heard

    assert run(session()) == [None, bytes.fromhex("0004930f0000"), None]


class Faulty(Tindeq):
    """A driver whose second handshake has a bug."""

    def start(self):
        if self.info:
            raise ZeroDivisionError("a bug")
        yield from super().start()


def test_a_bug_in_a_driver_reaches_the_reader():
    left = cell(1, 20.0, speed=5)

    async def session():
        async with connect(LEFT, driver=Faulty, backend=loopback(left)) as link:
            await left.vanish(0.5)
            async for _ in link:
                pass

    with pytest.raises(ZeroDivisionError, match="a bug"):
        run(session())


def test_the_sensors_are_stopped_and_free_afterwards():
    pair = cells()

    async def session():
        async with connect(LEFT, RIGHT, backend=loopback(*pair)) as link:
            assert [p.sensor.streaming for p in pair] == [True, True]
            assert not any(p.is_advertising for p in pair)
            assert all(d.connected for d in link.devices)
        async for record in link:
            last = record
        assert last.kind is Happening.CLOSED
        return [p.sensor.streaming for p in pair], [p.is_advertising for p in pair]

    assert run(session()) == ([False, False], [True, True])


def test_a_failed_start_frees_what_was_connected():
    left = cell(1, 20.0)
    uart = Peripheral(EmulatedNordicUart("thing", steady(1.0)), "F0:00:00:00:00:03")

    async def session():
        async with connect(LEFT, "thing", driver=Tindeq, backend=loopback(left, uart)):
            raise AssertionError

    with pytest.raises(LinkError):
        run(session())
    assert left.is_advertising


def test_batches_come_at_their_pace_also_when_nothing_arrives():
    left = cell(1, 20.0, limit=0)

    async def session():
        async with connect(LEFT, backend=loopback(left)) as link:
            await asyncio.sleep(0.05)
            link.drain()
            return [batch async for _, batch in azip(3, link.batches(0.01))]

    assert run(session()) == [[], [], []]


async def azip(n, batches):
    async with aclosing(batches):
        for i in range(n):
            yield i, await anext(batches)


def test_a_silent_sensor_is_told(monkeypatch):
    monkeypatch.setattr("glutebal.ingest.link.connection._SILENCE_S", 0.5)
    left = cell(1, 20.0, limit=0)

    async def session():
        async with connect(LEFT, backend=loopback(left)) as link:
            async for record in link:
                if not isinstance(record, Packet) and record.kind is Happening.SILENT:
                    return record.text
        return ""

    assert "sends nothing" in run(session())


def test_an_hour_out_of_reach_is_one_notice():
    left = cell(1, 20.0, speed=1.0)

    async def session():
        async with connect(LEFT, backend=loopback(left), timeout_s=0.1) as link:
            await left.vanish(1.5)
            async for record in link:
                if not isinstance(record, Packet) and record.kind is Happening.CONNECTED and record.segment > 0:
                    return
                kinds.append(record.kind if not isinstance(record, Packet) else None)

    kinds = []
    run(session())
    assert kinds.count(Happening.LOST) == 1
    assert kinds.count(Happening.RETRY) == 1


def test_a_reader_that_stops_and_goes_on_misses_nothing():
    left = cell(1, 20.0, speed=50.0, limit=20)

    async def session():
        async with connect(LEFT, backend=loopback(left)) as link:
            await left.finished.wait()
            taken = []
            for _ in range(10):
                async for record in link:
                    taken.append(record)
                    break
            return taken + link.drain()

    assert len(packets(run(session()), 0)) == 22
