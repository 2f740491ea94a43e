"""The live grid against the recording of the same packets: the same samples once, in order, nearly the same place."""

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import pytest

from glutebal.ingest.header import Header, Identity, Worn
from glutebal.ingest.live_grid import LiveGrid
from glutebal.ingest.session import Session
from glutebal.model import Side, Track
from glutebal.testing.emulated import (
    EmulatedNordicUart,
    EmulatedNpgLite,
    EmulatedTindeq,
    EmulatedWitMotion,
)
from glutebal.testing.emulated.sensor import EmulatedSensor

NANO = 1_000_000_000
STARTED_NS = 7 * NANO
STARTED = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECONDS = 6.0


@dataclass(frozen=True)
class Kind:
    """A sensor whose signal is a ramp, so that every value tells when it was taken: ``per_s`` counts a second."""

    make: type[EmulatedSensor]
    columns: int
    per_s: float
    si: float  # value in the recording per value of the signal
    doubt_s: float  # by which rounding hides the time
    worn: dict
    lost_s: float = 0.7  # that it can tell: a short counter turns, and without a clock a short silence is none


KINDS = {
    "tindeq": Kind(EmulatedTindeq, 1, 10.0, 9.80665, 1e-5, {}),
    "npg_lite": Kind(EmulatedNpgLite, 3, 600.0, 1.0, 1e-3, {"measures": "EMG"}, 0.2),
    "witmotion": Kind(EmulatedWitMotion, 9, 10.0, 1.0, 1e-3, {}),
}


def sensor_of(kind: Kind) -> EmulatedSensor:
    sensor = kind.make("sensor", lambda seconds: np.repeat(kind.per_s * seconds[:, None], kind.columns, axis=1))
    sensor.streaming = True
    return sensor


def packets(kind: Kind, seed: int, jitter_s: float, holes=()) -> list[tuple[int, str, int, bytes]]:
    """(connection, characteristic, arrival, bytes); ``holes``: (start_s, stop_s, reconnected)."""
    sensor, rng = sensor_of(kind), np.random.default_rng(seed)
    found, first, newest_s = [], 0, 0.0
    while first / sensor.rate_hz < SECONDS:
        taken_s = (first + np.arange(sensor.count(first))) / sensor.rate_hz
        frames = list(sensor.encode(first, sensor.signal(taken_s)))
        first += taken_s.size
        newest_s = max(newest_s, taken_s[-1] + 0.01 + float(rng.exponential(jitter_s / 4)))
        if any(start <= taken_s[0] < stop for start, stop, _ in holes):
            continue
        segment = sum(1 for _, stop, reconnected in holes if reconnected and taken_s[0] >= stop)
        found += [(segment, char, STARTED_NS + round(NANO * newest_s), bytes(data)) for char, data in frames]
    return found


def session_of(name: str, worn: dict) -> Session:
    return Session(Header((Identity(name, {"": Worn(Side.LEFT, "thigh", **worn)}, "sensor", ""),), STARTED, STARTED_NS))


def run(name: str, stream, every: int) -> tuple[dict, Session]:
    """The chunks per channel, taken after every so many packets."""
    session = session_of(name, KINDS[name].worn)
    grid, found = LiveGrid(session), {}
    for k, packet in enumerate(stream, start=1):
        session.push(0, *packet)
        if k % every == 0:
            for chunk in grid.take():
                found.setdefault(chunk.channel, []).append(chunk)
    for chunk in grid.take():
        found.setdefault(chunk.channel, []).append(chunk)
    assert grid.take() == []
    return found, session


def errors_s(kind: Kind, track: Track) -> list[np.ndarray]:
    """Per gap-free stretch: how much later the grid has every sample than it was taken."""
    rate_hz = track.channel.rate_hz
    return [
        np.arange(c.start, c.stop) / rate_hz - c.samples / (kind.per_s * kind.si)
        for c in track.chunks
        if len(c.samples)
    ]


def holes_of(kind: Kind) -> tuple:
    return ((1.4, 1.4 + kind.lost_s, False), (3.0, 4.2, True))


cases = pytest.mark.parametrize("name", list(KINDS))


@cases
@pytest.mark.parametrize(("seed", "jitter_s", "every"), [(0, 0.01, 1), (1, 0.05, 7), (2, 0.03, 60), (3, 0.05, 3)])
@pytest.mark.parametrize("whole", [True, False], ids=["whole", "lost"])
def test_the_same_samples_once_and_in_time(name, seed, jitter_s, every, whole):
    kind = KINDS[name]
    found, session = run(name, packets(kind, seed, jitter_s, () if whole else holes_of(kind)), every)
    recording = session.recording()
    tracks = {track.channel: track for track in recording.tracks}
    assert found.keys() == tracks.keys()
    channel = next(iter(tracks))
    live, told = Track.of(channel, found[channel]), tracks[channel]  # refuses an overlap
    assert [c.start for c in found[channel]] == sorted(c.start for c in found[channel])
    assert live.start >= 0
    shift_s = (session.header.started - recording.started).total_seconds()
    sample_s = 1 / channel.rate_hz
    expected_s = [float(np.median(e)) - shift_s for e in errors_s(kind, told)]
    for stretch in errors_s(kind, live):
        assert np.ptp(stretch) <= 1.5 * sample_s + 2 * kind.doubt_s + 2e-3
        assert min(abs(np.median(stretch) - e) for e in expected_s) <= 0.05 + jitter_s
    assert live.n_samples >= 0.93 * told.n_samples  # the beginning lies before the session, the newest is not placed


@pytest.mark.parametrize("name", ["npg_lite", "witmotion"])
def test_counted_samples_are_those_of_the_recording_one_for_one(name):
    found, session = run(name, packets(KINDS[name], 3, 0.02), 7)
    for track in session.recording().tracks:
        live = Track.of(track.channel, found[track.channel])
        (chunk,), (whole,) = live.chunks, track.chunks
        (at,) = np.flatnonzero(whole.samples[:60] == chunk.samples[0])[:1]
        np.testing.assert_array_equal(chunk.samples, whole.samples[at : at + chunk.samples.size])


@cases
def test_any_cutting_gives_samples_of_the_same_values(name):
    stream = packets(KINDS[name], 5, 0.02, holes_of(KINDS[name]))
    values = []
    for every in (1, 13, 10_000):
        found, _ = run(name, stream, every)
        values.append([np.concatenate([c.samples for c in chunks]) for chunks in found.values()])
    for one, other in zip(values[0], values[1], strict=True):
        assert abs(one.size - other.size) <= 2
        assert np.isin(one, other).mean() > 0.98
    assert len(values[2]) == len(values[0])


def test_a_reconnection_never_writes_on_what_was_handed_out():
    """A packet that was held up can make the new connection seem to begin before the old one ended."""
    kind = KINDS["witmotion"]
    stream = packets(kind, 1, 0.01)
    half = len(stream) // 2
    late = [(1, char, ns - 200_000_000, data) for _, char, ns, data in stream[half:]]
    found, _ = run("witmotion", [*stream[:half], *late], 5)
    for channel, chunks in found.items():
        Track.of(channel, chunks)  # refuses an overlap


def test_packets_of_an_old_connection_are_not_handed_out():
    kind = KINDS["tindeq"]
    stream = packets(kind, 1, 0.01)
    session = session_of("tindeq", {})
    grid = LiveGrid(session)
    session.push(0, 1, *stream[0][1:])
    first = sum(len(c.samples) for c in grid.take())
    session.push(0, 0, *stream[1][1:])
    assert grid.take() == []
    assert first > 0


def test_a_stream_whose_rate_nobody_knows_is_in_the_recording_alone():
    sensor = EmulatedNordicUart("uart", lambda seconds: seconds[:, None])
    session = session_of("nordic_uart", {"measures": "FORCE"})
    grid = LiveGrid(session)
    for k in range(60):
        taken_s = (5 * k + np.arange(5)) / 100
        for char, data in sensor.encode(5 * k, sensor.signal(taken_s)):
            session.push(0, 0, char, STARTED_NS + round(NANO * (taken_s[-1] + 0.01)), data)
    known = session.driver(0).stream(session.driver(0).streams[0].name).rate_hz > 0
    assert bool(grid.take()) is known
    assert session.recording().tracks


def test_an_axis_that_nobody_placed_is_left_out_and_a_scale_is_applied():
    worn = {"1": Worn(Side.LEFT, "calf", "EMG", 2.0)}
    session = Session(Header((Identity("npg_lite", worn, "sensor", ""),), STARTED, STARTED_NS))
    grid = LiveGrid(session)
    for packet in packets(KINDS["npg_lite"], 2, 0.01)[:40]:
        session.push(0, *packet)
    chunks = grid.take()
    assert {c.channel for c in chunks} == {t.channel for t in session.recording().tracks}
    assert {c.channel.site for c in chunks} == {"calf"}
    (track,) = session.recording().tracks
    assert chunks[0].samples[0] in track.values()
