"""Packets in, a recording out: every sample once or counted as lost, on its own side, at its own time."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glutebal.errors import InputError, UnknownNameError
from glutebal.ingest import driver as registry
from glutebal.ingest.driver import Block, Clock, Driver, Malformed, Stream, Ticks
from glutebal.ingest.header import Header, Identity, Mark, Worn
from glutebal.ingest.session import Session
from glutebal.model import Quantity, Side

ZERO_NS = 5_000_000_000_000
STARTED = datetime(2026, 3, 1, 12, tzinfo=UTC)
RATE_HZ = 200.0
SIZE = 10  # samples a packet
PERIOD_US = 5000
CHAR = "test"
WAIT_S = (
    0.11  # two connection intervals of 50 ms, which no packet of a short segment may have escaped, and half a sample
)


class CounterDevice(Driver):
    """A counter of 16 bits that counts samples; the value of every sample is its serial number and its side."""

    name, title = "test_counter", "counter"
    streams = (Stream("serial", Quantity.FORCE, "N", RATE_HZ, clock=Clock(Ticks.COUNT, wrap=2**16)),)

    @classmethod
    def match(cls, advert):
        return 0

    def start(self):
        yield from ()

    def decode(self, char, data):
        if len(data) != 2 + 4 * SIZE:
            raise Malformed
        first = int.from_bytes(data[:2], "little")
        values = np.frombuffer(data[2:], "<i4").astype(float)[:, None]
        yield Block("serial", values, (first + np.arange(SIZE)) % 2**16)


class ShortCounterDevice(CounterDevice):
    name = "test_short_counter"
    streams = (Stream("serial", Quantity.FORCE, "N", RATE_HZ, clock=Clock(Ticks.COUNT, wrap=256)),)

    def decode(self, char, data):
        (block,) = super().decode(char, data)
        yield Block("serial", block.values, block.ticks % 256)


class StampDevice(CounterDevice):
    """Microseconds in 32 bits for the first sample of a packet; the device's clock runs with its samples."""

    name, title = "test_stamp", "stamp"
    period_us = PERIOD_US
    streams = (Stream("serial", Quantity.FORCE, "N", RATE_HZ, clock=Clock(Ticks.STAMP, 1e-6, 2**32)),)

    def decode(self, char, data):
        if len(data) != 4 + 4 * SIZE:
            raise Malformed
        first = int.from_bytes(data[:4], "little")
        values = np.frombuffer(data[4:], "<i4").astype(float)[:, None]
        yield Block("serial", values, (first + self.period_us * np.arange(SIZE)) % 2**32)


class SlowStampDevice(StampDevice):
    """Its clock is right, its samples are not at the nominal rate: one in 5.045 ms."""

    name = "test_slow_stamp"
    period_us = 5045


class ClocklessDevice(CounterDevice):
    name, title = "test_clockless", "clockless"
    streams = (Stream("serial", Quantity.FORCE, "N", RATE_HZ),)

    def decode(self, char, data):
        yield Block("serial", np.frombuffer(data, "<i4").astype(float)[:, None])


class TwoSidedDevice(CounterDevice):
    """Both sides on one clock, in numbers of unknown unit."""

    name, title = "test_two_sided", "two-sided"
    streams = (Stream("emg", None, "counts", RATE_HZ, ("1", "2"), Clock(Ticks.COUNT, wrap=2**16)),)

    def decode(self, char, data):
        first = int.from_bytes(data[:2], "little")
        values = np.frombuffer(data[2:], "<i4").astype(float).reshape(-1, 2)
        yield Block("emg", values, (first + np.arange(len(values))) % 2**16)


KINDS = (CounterDevice, ShortCounterDevice, StampDevice, SlowStampDevice, ClocklessDevice, TwoSidedDevice)


@pytest.fixture(autouse=True, scope="module")
def _test_drivers():
    for kind in KINDS:
        registry.driver(kind)
    yield
    for kind in KINDS:
        del registry._REGISTERED[kind.name]


def header(kind, **fields):
    devices = tuple(Identity(kind.name, {"": Worn(side, "thigh")}, name=side.value) for side in Side)
    return Header(devices, STARTED, ZERO_NS, **fields)


def coded(serial, side):
    return 2 * serial + (side is Side.RIGHT)


def packet(kind, serial, side, clock):
    values = coded(np.arange(serial, serial + SIZE), side).astype("<i4").tobytes()
    if kind is ClocklessDevice:
        return values
    if issubclass(kind, StampDevice):
        return ((clock + serial * kind.period_us) % 2**32).to_bytes(4, "little") + values
    return ((clock + serial) % 2**16).to_bytes(2, "little") + values


@dataclass
class Told:
    """What the script did to one side: the packets as they arrive, and the truth about them."""

    arrivals: list = field(default_factory=list)  # (arrival_s, segment, data)
    delivered: list = field(default_factory=list)  # per segment: serials
    taken_s: dict = field(default_factory=dict)  # serial: when it was truly taken
    repeated: int = 0

    @property
    def serials(self):
        return np.concatenate([np.sort(s) for s in self.delivered])

    @property
    def lost(self):
        return sum(int(s.max() - s.min()) + 1 - s.size for s in self.delivered)


def script(kind, side, rng, *, seconds=8.0, ppm=50.0, drop=None, repeat=None, overtake=None, start_s=None):
    """One side of a random fault script: what happens to its packets on the way."""
    told = Told()
    drop, repeat, overtake = (rng.choice([0, 0.02, 0.15]) if p is None else p for p in (drop, repeat, overtake))
    period_s = (1 + rng.uniform(-ppm, ppm) * 1e-6) * getattr(kind, "period_us", PERIOD_US) * 1e-6
    interval_s = rng.choice([0.0075, 0.015, 0.03, 0.05])
    now_s, serial = rng.uniform(0.5, 1.0) if start_s is None else start_s, 0
    cuts = sorted(rng.uniform(1, seconds - 1, rng.integers(0, 3)))
    for segment, stop_s in enumerate([*cuts, seconds]):
        clock = int(rng.integers(2**32) if rng.random() < 0.5 else 2**32 - 400_000)
        serials, waiting, last_s = [], [], 0.0
        while now_s < stop_s or not serials:
            for k in range(SIZE):
                told.taken_s[serial + k] = now_s + k * period_s
            now_s += SIZE * period_s
            ready_s = now_s - period_s + rng.uniform(0, interval_s) + (rng.random() < 0.1) * interval_s
            last_s = max(last_s, ready_s)
            data = packet(kind, serial, side, clock)
            if rng.random() >= drop or not serials:
                serials += range(serial, serial + SIZE)
                waiting.append([last_s, data])
                if rng.random() < repeat:
                    told.repeated += SIZE
                    waiting.append([last_s + rng.choice([0.001, 0.12]), data])
            serial += SIZE
        for i in range(1, len(waiting)):
            if rng.random() < overtake:
                waiting[i - 1][0] = waiting[i][0] + 0.0005
        told.arrivals += [(at, segment, data) for at, data in sorted(waiting, key=lambda w: w[0])]
        told.delivered.append(np.array(serials))
        now_s += rng.uniform(0.4, 2.0)
        serial += int(rng.integers(0, 50)) * SIZE
    return told


def pushed(kind, both):
    session = Session(header(kind))
    queue = [(at, i, segment, data) for i, told in enumerate(both) for at, segment, data in told.arrivals]
    for at, i, segment, data in sorted(queue, key=lambda q: q[0]):
        session.push(i, segment, CHAR, ZERO_NS + round(at * 1e9), data)
    return session


def check_counts(session, both):
    for delivery, told in zip(session.delivery(), both, strict=True):
        assert delivery.received == told.serials.size
        assert delivery.lost == told.lost
        assert delivery.duplicates == told.repeated
        assert delivery.malformed == 0
        assert delivery.connections == delivery.segments == len(told.delivered)


def check_track(track, told, side):
    """Every delivered sample once, in order, none of the other side; at the time at which it was taken."""
    assert track.channel.side is side
    decoded = track.values()
    np.testing.assert_array_equal(decoded, coded(told.serials, side))
    index = np.concatenate([np.arange(c.start, c.stop) for c in track.chunks])
    off_s = index / RATE_HZ - np.array([told.taken_s[s] for s in told.serials])
    assert np.max(np.abs(off_s)) < WAIT_S
    for serials in told.delivered:
        mine = np.isin(told.serials, serials)
        np.testing.assert_array_equal(index[mine] - index[mine][0], np.sort(serials) - serials.min())


@pytest.mark.parametrize("kind", [CounterDevice, ShortCounterDevice, StampDevice])
@pytest.mark.parametrize("block", range(7))
def test_every_sample_is_delivered_once_or_counted_as_lost(kind, block):
    """210 scripts in all: loss, repetition, overtaking, reconnection, drift."""
    for seed in range(10):
        rng = np.random.default_rng([seed, block, KINDS.index(kind)])
        both = [script(kind, side, rng) for side in Side]
        session = pushed(kind, both)
        check_counts(session, both)
        recording = session.recording()
        for track, told, side in zip(recording.tracks, both, Side, strict=True):
            check_track(track, told, side)


@pytest.mark.parametrize(("kind", "ppm"), [(CounterDevice, 9000.0), (SlowStampDevice, 50.0)])
@pytest.mark.parametrize("seed", range(5))
def test_a_fast_or_slow_device_is_interpolated_onto_the_grid(kind, ppm, seed):
    rng = np.random.default_rng([seed, 99])
    both = [script(kind, side, rng, seconds=30.0, ppm=ppm, overtake=0.0) for side in Side]
    session = pushed(kind, both)
    check_counts(session, both)
    for track, told, side in zip(session.recording().tracks, both, Side, strict=True):
        at = np.concatenate([np.arange(c.start, c.stop) for c in track.chunks]) / RATE_HZ
        serials = np.array(list(told.taken_s))
        truth = np.interp(at, [told.taken_s[s] for s in serials], serials)
        off = (track.values() - (side is Side.RIGHT)) / 2 - truth
        assert np.max(np.abs(off)) < WAIT_S * RATE_HZ
        assert abs(track.n_samples - told.serials.size) < 0.02 * told.serials.size


def test_left_and_right_are_on_one_grid():
    rng = np.random.default_rng(3)
    both = [script(StampDevice, side, rng) for side in Side]
    pair = pushed(StampDevice, both).recording().pair("thigh")
    assert pair.map(lambda t: t.channel.rate_hz) == pair.map(lambda _: RATE_HZ)


def steady(kind, side=Side.LEFT, packets=100, clock=0, start_s=1.0, serial=0):
    """Packets that arrive 20 ms after their last sample."""
    for k in range(packets):
        taken_s = start_s + ((k + 1) * SIZE - 1) / RATE_HZ
        yield taken_s + 0.02 + 0.001 * (k % 3), packet(kind, serial + k * SIZE, side, clock)


def run(kind, arrivals, segment=0):
    session = Session(header(kind))
    for at, data in arrivals:
        session.push(0, segment, CHAR, ZERO_NS + round(at * 1e9), data)
    return session


def test_a_device_that_begins_again_begins_a_new_segment():
    before = list(steady(StampDevice, packets=100, clock=900_000_000))
    after = list(steady(StampDevice, packets=100, clock=0, start_s=8.0, serial=5000))
    session = run(StampDevice, before + after)
    (delivery,) = session.delivery()
    assert (delivery.received, delivery.lost, delivery.segments, delivery.connections) == (2000, 0, 2, 1)
    track = session.recording().tracks[0]
    np.testing.assert_array_equal(track.values()[1000:], coded(np.arange(5000, 6000), Side.LEFT))
    assert track.gaps == ((track.start + 1000, track.start + 1400),)  # from 6 s to 8 s
    assert any("began again once" in words for words in session.recording().warnings)


@pytest.mark.parametrize("silence", [30, 90, 300])
def test_a_short_counter_that_wrapped_unseen_is_resolved_by_arrivals(silence):
    arrivals = list(steady(ShortCounterDevice, packets=500))
    session = run(ShortCounterDevice, arrivals[:100] + arrivals[100 + silence :])
    assert session.delivery()[0].lost == silence * SIZE
    track = session.recording().tracks[0]
    assert [b - a for a, b in track.gaps] == [silence * SIZE]


def test_a_stalled_link_that_loses_nothing_leaves_no_gap():
    arrivals = [(4.0 if 2.0 < at < 4.0 else at, data) for at, data in steady(ShortCounterDevice, packets=400)]
    session = run(ShortCounterDevice, arrivals)
    assert session.delivery()[0].lost == 0
    assert session.recording().tracks[0].gaps == ()


def test_what_a_device_without_a_clock_loses_in_a_silence_is_a_gap():
    arrivals = list(steady(ClocklessDevice, packets=200))
    session = run(ClocklessDevice, arrivals[:80] + arrivals[140:])
    track = session.recording().tracks[0]
    ((a, b),) = track.gaps
    assert b - a == pytest.approx(600, abs=2)  # samples: by arrival times only
    assert track.values()[800] == coded(1400, Side.LEFT)


def test_a_repeated_packet_of_a_device_without_a_clock_is_dropped():
    twice = [(at + late, data) for at, data in steady(ClocklessDevice) for late in (0.0, 0.001)]
    session = run(ClocklessDevice, twice)
    (delivery,) = session.delivery()
    assert (delivery.received, delivery.repeated) == (1000, 100)
    np.testing.assert_array_equal(session.recording().tracks[0].values(), coded(np.arange(1000), Side.LEFT))


def test_a_device_that_delivers_everything_twice_unequally_is_told():
    rng = np.random.default_rng(0)
    arrivals = [
        (at + late, rng.bytes(4 * SIZE)) for at, _ in steady(ClocklessDevice, packets=200) for late in (0, 0.001)
    ]
    assert any("delivered 2 times" in words for words in run(ClocklessDevice, arrivals).recording().warnings)


def test_the_alignment_of_the_sides_is_told():
    rng = np.random.default_rng(1)
    session = pushed(StampDevice, [script(StampDevice, side, rng, seconds=20.0, drop=0) for side in Side])
    alignment = session.alignment()
    assert alignment.uncertainty_s < WAIT_S
    assert alignment.sentence in session.recording().history
    one_sided = run(StampDevice, steady(StampDevice))
    assert one_sided.alignment() is None


def test_malformed_packets_are_counted_and_give_nothing():
    arrivals = list(steady(CounterDevice))
    arrivals[50] = (arrivals[50][0], b"\x01\x02\x03")
    session = run(CounterDevice, arrivals)
    (delivery,) = session.delivery()
    assert (delivery.malformed, delivery.received, delivery.lost) == (1, 990, 10)
    assert "1 of 100 packets made no sense" in " ".join(session.recording().warnings)


def test_a_packet_of_an_old_connection_is_dropped():
    session = run(CounterDevice, steady(CounterDevice))
    session.push(0, 1, CHAR, ZERO_NS + 8 * 10**9, packet(CounterDevice, 7000, Side.LEFT, 0))
    assert session.push(0, 0, CHAR, ZERO_NS + 9 * 10**9, packet(CounterDevice, 8000, Side.LEFT, 0)) == []
    (delivery,) = session.delivery()
    assert (delivery.stale, delivery.connections, delivery.received) == (1, 2, 1010)


def test_asking_for_the_recording_changes_nothing():
    arrivals = list(steady(ShortCounterDevice, packets=200))
    arrivals = arrivals[:50] + arrivals[140:]
    asked, silent = Session(header(ShortCounterDevice)), run(ShortCounterDevice, arrivals)
    for at, data in arrivals:
        asked.push(0, 0, CHAR, ZERO_NS + round(at * 1e9), data)
        asked.delivery()
    assert asked.recording() == silent.recording()


@settings(derandomize=True, deadline=None, max_examples=15)
@given(seed=st.integers(0, 10**6))
def test_swapping_the_sides_swaps_the_recording(seed):
    rng = np.random.default_rng(seed)
    both = [script(CounterDevice, Side.LEFT, rng, seconds=3.0) for _ in Side]
    there, back = (pushed(CounterDevice, sides).recording() for sides in (both, both[::-1]))
    for side in Side:
        mine, theirs = (
            next(t for t in r.tracks if t.channel.side is s) for r, s in ((there, side), (back, side.other))
        )
        assert [(c.start, c.samples.tolist()) for c in mine.chunks] == [
            (c.start, c.samples.tolist()) for c in theirs.chunks
        ]


def two_sided(**worn):
    session = Session(Header((Identity("test_two_sided", worn, name="box"),), STARTED, ZERO_NS))
    for k in range(50):
        values = np.stack([np.arange(k * 5, k * 5 + 5), -np.arange(k * 5, k * 5 + 5)], axis=1).astype("<i4")
        session.push(
            0, 0, CHAR, ZERO_NS + round(1e9 * (1 + k * 5 / RATE_HZ)), (k * 5).to_bytes(2, "little") + values.tobytes()
        )
    return session.recording("box")


def test_one_device_carries_both_sides():
    scale = 2e-6
    recording = two_sided(
        **{
            "1": Worn(Side.LEFT, "gluteus_maximus", "EMG", scale),
            "emg.2": Worn(Side.RIGHT, "gluteus_maximus", "EMG", scale),
        }
    )
    pair = recording.pair("gluteus_maximus", Quantity.EMG)
    np.testing.assert_allclose(pair.left.values(), scale * np.arange(250), rtol=1e-12)
    np.testing.assert_array_equal(pair.right.values(), -pair.left.values())
    assert pair.left.start == pair.right.start
    assert any("one clock" in words for words in recording.history)


def test_numbers_of_unknown_unit_are_left_out_aloud():
    recording = two_sided(**{"": Worn(Side.LEFT, "gluteus_maximus")})
    assert recording.tracks == ()
    assert any("250 samples (counts) stay in the log" in words for words in recording.warnings)


def test_what_was_taken_before_the_session_moves_its_zero():
    session = run(CounterDevice, steady(CounterDevice, start_s=-2.5))
    session.mark(Mark(ZERO_NS + 10**9, "go", Side.LEFT))
    recording = session.recording()
    assert recording.tracks[0].start >= 0
    assert (STARTED - recording.started).total_seconds() == 3.0
    assert recording.events[0].time_s == pytest.approx(4.0, abs=1e-9)


def test_the_header_is_told():
    session = Session(header(CounterDevice, subject="P7", exercise="hip_abduction", load_kg=12.5, notes="n"))
    recording = session.recording("name")
    told = (recording.subject, recording.exercise, recording.load_kg, recording.notes, recording.source)
    assert told == ("P7", "hip_abduction", 12.5, "n", "name")
    assert recording.started == STARTED
    assert [words for words in recording.warnings if "no samples" in words]


def test_unknown_devices_and_drivers_are_errors():
    with pytest.raises(InputError, match="a device from 0 to 1"):
        Session(header(CounterDevice)).push(2, 0, CHAR, ZERO_NS, b"")
    with pytest.raises(UnknownNameError, match="driver"):
        Session(Header((Identity("nonesuch", {}),), STARTED, ZERO_NS))


def test_what_a_handshake_told_reaches_the_driver_of_a_replay():
    """A Ganglion's firmware decides how its packets are read, and no packet says it."""
    who = Identity("ganglion", {"": Worn(Side.LEFT, "gluteus_maximus")}, facts={"firmware": "3.0.1"})
    session = Session(Header((who,), STARTED, ZERO_NS))
    assert session.driver(0).info["firmware"] == "3.0.1"
