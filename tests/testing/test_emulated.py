"""Every emulated sensor against its driver: what was measured comes out again, whatever the wire does to it."""

import asyncio
from dataclasses import dataclass

import numpy as np
import pytest

from glutebal.ingest.driver import Notify, Read, Wait, Write, driver_named, match
from glutebal.ingest.link import Packet, connect
from glutebal.model import Channel, Quantity, Side, Track
from glutebal.testing.bumble_backend import bumble_radio
from glutebal.testing.emulated import (
    EmulatedCraneScale,
    EmulatedCyclingPower,
    EmulatedGanglion,
    EmulatedMetaMotion,
    EmulatedNordicUart,
    EmulatedNpgLite,
    EmulatedPolar,
    EmulatedTindeq,
    EmulatedWitMotion,
    played,
    steady,
)
from glutebal.testing.emulated.polar import compressed
from glutebal.testing.loopback import loopback
from glutebal.testing.peripheral import Peripheral


def waves(*amplitudes, offset=0.0):
    """One sine per column, each of another frequency and never zero at the start."""
    columns = list(enumerate(amplitudes))
    return lambda seconds: np.stack(
        [offset + a * np.sin(2 * np.pi * (0.7 + 0.3 * i) * seconds + 0.5 + i) for i, a in columns], axis=1
    )


@dataclass(frozen=True)
class Case:
    """A sensor, the driver that reads it, the streams that carry its columns, and the size of its last digit."""

    sensor: object
    driver: str
    streams: tuple[str, ...]
    digit: tuple[float, ...]
    unit: float = 1.0  # of the driver, per unit of the signal


G = 9.80665
CASES = [
    Case(EmulatedTindeq("Progressor_7", waves(20.0, offset=30)), "tindeq", ("force",), (1e-4,), G),
    Case(
        EmulatedNordicUart("glutebal-1", waves(3.0, 5.0)),
        "nordic_uart",
        ("channel_1", "channel_2"),
        (1e-4, 1e-4),
    ),
    Case(EmulatedNpgLite("NPG-1", waves(900, 800, 700, offset=2048)), "npg_lite", ("emg",), (1, 1, 1)),
    Case(EmulatedGanglion("Ganglion-1", waves(1e-3, 2e-3, 1e-4, 3e-3)), "ganglion", ("emg",), (3e-9,) * 4),
    Case(
        EmulatedGanglion("Ganglion-2", waves(1e-3, 2e-3, 1e-4, 3e-3), firmware="3.0.1"),
        "ganglion",
        ("emg",),
        (6.1e-8,) * 4,
    ),
    Case(
        EmulatedPolar("Polar Sense 123", waves(9.0, 20.0, 5.0, 2.0, 8.0, 1.0)),
        "polar_verity_sense",
        ("acceleration", "angular_rate"),
        (0.0025,) * 3 + (0.0011,) * 3,
    ),
    Case(
        EmulatedMetaMotion("MetaWear", waves(9.0, 20.0, 5.0, 2.0, 8.0, 1.0)),
        "metamotion",
        ("acceleration", "angular_rate"),
        (0.0025,) * 3 + (0.0006,) * 3,
    ),
    Case(
        EmulatedWitMotion("WT901BLE68", waves(9.0, 20.0, 5.0, 2.0, 8.0, 1.0, 3.0, 1.5, 3.0)),
        "witmotion",
        ("acceleration", "angular_rate", "angle"),
        (0.005,) * 3 + (0.0011,) * 3 + (0.0001,) * 3,
    ),
]
EVERY = pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c.driver}-{c.sensor.name}")


def greet(driver, sensor):
    """The driver's handshake with a sensor, without a radio: replies are there at once."""
    sensor.forget()
    script, reply, heard = driver.start(), None, []
    try:
        while True:
            step = script.send(reply)
            reply = None
            if isinstance(step, Notify):
                sensor.subscribed(step.char)
            elif isinstance(step, Write):
                heard = list(sensor.write(step.char, step.data))
            elif isinstance(step, Read):
                reply = sensor.read(step.char) or None
            elif isinstance(step, Wait):
                ok = (data for char, data in heard if char == step.char and (step.accept is None or step.accept(data)))
                reply = next(ok, None)
    except StopIteration:
        return


def decoded(driver, frames, streams):
    """All samples of the streams, side by side."""
    blocks = [b for char, data in frames for b in driver.feed(char, data)]
    columns = [np.concatenate([b.values for b in blocks if b.stream == s]) for s in streams]
    return np.hstack([c[: min(map(len, columns))] for c in columns]), blocks


def stream_of(sensor, samples):
    """What the sensor sends of its first samples, and what it measured."""
    first, frames, truth = 0, [], []
    while first < samples:
        n = sensor.count(first)
        values = sensor.signal((first + np.arange(n)) / sensor.rate_hz)
        frames += sensor.encode(first, values)
        truth.append(values)
        first += n
    return frames, np.concatenate(truth)


@EVERY
def test_what_it_measures_is_what_its_driver_decodes(case):
    driver = driver_named(case.driver)()
    greet(driver, case.sensor)
    assert case.sensor.streaming
    frames, truth = stream_of(case.sensor, 900)
    values, blocks = decoded(driver, frames, case.streams)
    assert driver.malformed == 0
    assert len(values) == pytest.approx(len(truth), abs=1)  # text: the last line waits for the next
    assert (np.abs(values - case.unit * truth[: len(values)]) <= np.array(case.digit) * 1.0001 * case.unit).all()
    assert all(b.trusted for b in blocks)


@EVERY
def test_its_ticks_are_its_own_time(case):
    driver = driver_named(case.driver)()
    greet(driver, case.sensor)
    frames, _ = stream_of(case.sensor, 900)
    _, blocks = decoded(driver, frames, case.streams)
    clock = driver.stream(case.streams[0]).clock
    ticks = [b.ticks for b in blocks if b.stream == case.streams[0]]
    if ticks[0] is None:
        assert case.driver == "witmotion"
        return
    steps = np.diff(np.concatenate(ticks))
    steps = steps % clock.wrap if clock.wrap else steps
    np.testing.assert_allclose(steps * clock.tick_s, 1 / case.sensor.rate_hz, atol=1.01 * clock.tick_s, rtol=1e-6)
    assert steps.mean() * clock.tick_s == pytest.approx(1 / case.sensor.rate_hz, rel=2e-3)


@EVERY
def test_its_driver_recognises_it(case):
    assert match(case.sensor.advert_at(0.0)) is driver_named(case.driver)


@EVERY
def test_it_stops_when_it_is_told(case):
    driver = driver_named(case.driver)()
    greet(driver, case.sensor)
    steps = list(driver.stop())
    for step in steps:
        list(case.sensor.write(step.char, step.data))
    assert case.sensor.streaming == (not steps)  # two of them cannot be stopped but by hanging up


async def through(radio, sensor, packets=12):
    peripheral = Peripheral(sensor, "F0:00:00:00:00:07", speed=4.0, limit=packets)
    async with radio(peripheral) as backend, connect(sensor.name, backend=backend) as link:
        await peripheral.finished.wait()
        await asyncio.sleep(0.1)
        return [r for r in link.drain() if isinstance(r, Packet)], link.devices[0], peripheral.tally


@EVERY
def test_it_streams_through_bleak_and_bumble(case):
    records, device, tally = asyncio.run(asyncio.wait_for(through(bumble_radio, case.sensor), 15))
    driver = device.driver
    frames = [(p.char, p.data) for p in records]
    values, _ = decoded(driver, frames, case.streams)
    assert device.driver.name == case.driver
    assert driver.malformed == 0
    assert len(values) == pytest.approx(tally.samples, abs=1)


def test_the_battery_is_read_where_it_is_offered():
    sensor = EmulatedMetaMotion("MetaWear", steady([0.0] * 6), battery_percent=12)

    async def session():
        peripheral = Peripheral(sensor, "F0:00:00:00:00:07")
        async with connect("MetaWear", backend=loopback(peripheral)) as link:
            return link.devices[0].battery_percent

    assert asyncio.run(session()) == 12


@pytest.mark.parametrize("knows", [True, False])
def test_pedals_say_whose_share_it_is_only_if_they_know(knows):
    sensor = EmulatedCyclingPower("pedals", steady([150.0, 100.0]), knows_side=knows)
    driver = driver_named("cycling_power")()
    greet(driver, sensor)
    frames, _ = stream_of(sensor, 5)
    blocks = [b for char, data in frames for b in driver.feed(char, data)]
    assert driver.malformed == 0
    assert {float(b.values[0, 0]) for b in blocks if b.stream == "power"} == {250.0}
    assert {float(b.values[0, 0]) for b in blocks if b.stream == "balance_left"} == ({60.0} if knows else set())


def test_a_scale_that_only_advertises_is_listened_to():
    sensor = EmulatedCraneScale("IF_B7", lambda seconds: 25.0 + 0.01 * np.floor(8 * seconds)[:, None])
    peripheral = Peripheral(sensor, "F0:00:00:00:00:08")

    async def session():
        async with connect(both="F0:00:00:00:00:08", backend=loopback(peripheral)) as link:
            await asyncio.sleep(1.0)
            return link.drain(), link.devices[0]

    records, device = asyncio.run(session())
    packets = [r for r in records if isinstance(r, Packet)]
    forces = [b.values[0, 0] for p in packets for b in device.driver.feed(p.char, p.data)]
    assert 7 <= len(np.unique(forces)) <= 10
    assert device.driver.malformed == 0
    assert forces[0] == pytest.approx(25.0 * G, abs=0.2 * G)


def test_a_track_of_a_set_can_be_played_over_and_over():
    channel = Channel(Quantity.FORCE, Side.LEFT, "plate", 10.0)
    signal = played(Track.of_samples(channel, np.arange(20.0)), scale=2.0)
    np.testing.assert_allclose(signal(np.array([0.0, 0.15, 1.9, 2.05]))[:, 0], [0.0, 3.0, 38.0, 1.0])


def test_a_low_battery_is_said():
    sensor = EmulatedTindeq("Progressor_1", steady(1.0), battery_mv=2900)
    driver = driver_named("tindeq")()
    greet(driver, sensor)
    assert driver.info["battery_v"] == "2.900"
    for char, data in sensor.write("7e4e1703-1ea6-40c9-9dcc-13d34ffead57", b"\x65"):
        driver.feed(char, data)
    assert driver.info["battery"] == "low"


def test_the_published_frame_of_differences():
    """The values of the maker's own test (AccDataTest): its block of 6 bits decodes to what ours of 4 bits does."""
    assert compressed(np.array([[-15, 20, 1008], [-20, 17, 1008]])) == bytes.fromhex("f1ff1400f0030401db00")
