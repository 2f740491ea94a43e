import asyncio

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glutebal.testing.emulated import EmulatedTindeq, steady
from glutebal.testing.faults import Faults, FaultyLine
from glutebal.testing.peripheral import Peripheral

RATES = st.floats(0, 0.5)


@settings(derandomize=True, deadline=None)
@given(RATES, RATES, RATES, st.integers(0, 1000))
def test_every_frame_comes_out_or_is_counted(drop, duplicate, reorder, seed):
    line = FaultyLine(Faults(drop=drop, duplicate=duplicate, reorder=reorder, seed=seed))
    frames = [("char", bytes([i])) for i in range(100)]
    out = [f for frame in frames for f in line.through([frame])] + list(line.flush())
    assert set(out) | set(line.dropped) == set(frames)
    assert len(out) == 100 - len(line.dropped) + line.duplicated
    places = [data[0] for _, data in dict.fromkeys(out)]
    assert sum(np.diff(places) < 0) <= line.swapped


def test_without_faults_nothing_changes_and_the_same_seed_is_the_same_fault():
    frames = [("char", bytes([i])) for i in range(50)]
    assert list(FaultyLine(Faults()).through(frames)) == frames
    rough = Faults(drop=0.2, duplicate=0.2, reorder=0.2, seed=5)
    assert list(FaultyLine(rough).through(frames)) == list(FaultyLine(rough).through(frames)) != frames


class Listener:
    """The radio's end: keeps what comes, and when."""

    def __init__(self):
        self.frames, self.gone = [], False

    async def notify(self, char, data):
        self.frames.append((asyncio.get_running_loop().time(), data))

    def hang_up(self):
        self.gone = True


async def listen(peripheral, until):
    outlet = Listener()
    peripheral.attach(outlet)
    await peripheral.write("7e4e1703-1ea6-40c9-9dcc-13d34ffead57", b"\x65")
    await asyncio.wait_for(until(outlet), 10)
    return outlet


def cell(faults=None, **options):
    return Peripheral(EmulatedTindeq("Progressor_1", steady(1.0)), "F0:00:00:00:00:01", faults, **options)


def spacing(drift_ppm):
    peripheral = cell(Faults(drift_ppm=drift_ppm), speed=8.0, limit=30)

    async def run():
        return await listen(peripheral, lambda _: peripheral.finished.wait())

    times = [t for t, _ in asyncio.run(run()).frames]
    return (times[-1] - times[0]) / 29 * 8.0


def test_a_fast_crystal_sends_its_packets_sooner():
    assert spacing(0) == pytest.approx(15 / 80, rel=0.06)
    assert spacing(250_000) == pytest.approx(12 / 80, rel=0.06)


def test_a_break_comes_at_its_time_and_ends():
    peripheral = cell(Faults(disconnect_at_s=(1.0,), off_s=0.5), speed=5.0)

    async def run():
        async def back(_):
            while peripheral.is_advertising:
                await asyncio.sleep(0.001)
            while not peripheral.is_advertising:
                await asyncio.sleep(0.001)

        outlet = await listen(peripheral, back)
        return outlet, peripheral.now_s

    outlet, now_s = asyncio.run(run())
    assert outlet.gone
    assert len(outlet.frames) == 5  # of 15 samples, in the second before the break
    assert 1.4 <= now_s <= 2.0


def test_a_stamp_begins_where_the_fault_says():
    peripheral = cell(Faults(clock_offset_s=10.0), speed=10.0, limit=1)

    async def run():
        return await listen(peripheral, lambda _: peripheral.finished.wait())

    data = asyncio.run(run()).frames[0][1]
    assert int.from_bytes(data[6:10], "little") == 10_000_000
