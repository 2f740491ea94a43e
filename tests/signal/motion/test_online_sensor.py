"""A sensor that records: any packets give what the whole recording gives, holes included."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glutebal.errors import SignalError
from glutebal.model import Channel, Quantity, Side, Track
from glutebal.signal.motion.imu import ImuPiece, imu_of
from glutebal.signal.motion.online_sensor import OnlineSensor
from glutebal.signal.motion.orientation import orientation

RATE, N = 100.0, 900
TRIADS = (Quantity.ANGULAR_RATE, Quantity.ACCELERATION)


def rows(n=N, rate=RATE):
    """Quiet, then a slow movement: angular rate x y z, acceleration x y z."""
    t = np.arange(n)[:, None] / rate
    phase = np.array([0.0, 1.0, 2.0])
    moving = np.minimum(np.maximum(t - 1.0, 0.0), 1.0)
    acc = np.array([0.0, 0.0, 9.81]) + 0.8 * moving * np.sin(2 * np.pi * 0.7 * t + phase)
    return np.concatenate([1.5 * moving * np.cos(2 * np.pi * 0.7 * t + phase), acc], axis=1)


def afterwards(values, rate=RATE):
    """The live filter over the recording, whose holes are NaN: one row per sample, NaN where nothing is trusted."""
    tracks = [
        Track.of_samples(Channel(q, Side.LEFT, "thigh", rate, axis=axis), values[:, 3 * k + i])
        for k, q in enumerate(TRIADS)
        for i, axis in enumerate("xyz")
    ]
    return orientation(imu_of(tracks), offline=False).filled(0, len(values))


def packets(values, sizes):
    """Pieces of what was recorded, cut at holes and after the given sizes in turn."""
    seen, at, k = np.isfinite(values).all(axis=1), 0, 0
    while at < len(values):
        stop = min(at + sizes[k % len(sizes)], len(values))
        edges = np.flatnonzero(np.diff(np.concatenate([[False], seen[at:stop], [False]]).astype(int)))
        for a, b in edges.reshape(-1, 2):
            part = values[at + a : at + b]
            yield ImuPiece(at + int(a), part[:, :3], part[:, 3:])
        at, k = stop, k + 1


def live(pieces, n=N, rate=RATE, at_least=1):
    sensor = OnlineSensor(rate, at_least=at_least)
    parts = [part for piece in pieces for part in sensor.take(piece)] + sensor.end()
    out = np.full((n, 4), np.nan)
    for part in parts:
        if part.run.settled_from is not None:
            late = max(part.run.settled_from - part.start, 0)
            out[part.start + late : part.start + len(part.quats)] = part.quats[late:]
    return out


def with_holes(*holes, n=N, rate=RATE):
    values = rows(n, rate)
    for start, length in holes:
        values[start : start + length] = np.nan
    return values


@given(
    st.lists(st.integers(1, 60), min_size=1, max_size=8),
    st.integers(1, 10),
    st.lists(st.tuples(st.integers(150, 800), st.integers(1, 90)), max_size=3),
)
@settings(derandomize=True, deadline=None, max_examples=60)
def test_any_packets_and_holes_give_what_the_whole_recording_gives(sizes, at_least, holes):
    values = with_holes(*holes)
    np.testing.assert_allclose(live(packets(values, sizes), at_least=at_least), afterwards(values), rtol=1e-9)


@pytest.mark.parametrize("after", [1, 2, 3])
def test_two_holes_close_together_are_bridged_as_in_the_recording(after):
    values = with_holes((400, 10), (410 + after, 6), rate=200.0)
    np.testing.assert_allclose(
        live(packets(values, [10]), rate=200.0), afterwards(values, 200.0), rtol=1e-9, atol=1e-12
    )


def test_a_short_hole_goes_on_and_a_long_one_begins_anew():
    sensor = OnlineSensor(RATE)
    runs = [part.run for piece in packets(with_holes((300, 5), (600, 6)), [20]) for part in sensor.take(piece)]
    assert [run.start for run in dict.fromkeys(runs)] == [0, 606]


def test_old_samples_and_repeated_packets_are_dropped():
    values = rows()
    twice = [piece for piece in packets(values, [30]) for _ in range(2)]
    overlapping = [ImuPiece(at, values[at : at + 40, :3], values[at : at + 40, 3:]) for at in range(0, N, 30)]
    for pieces in (twice, overlapping):
        np.testing.assert_array_equal(live(pieces), live(packets(values, [30])))


def test_late_packets_after_a_long_hole_are_dropped():
    values = rows()
    early, late = list(packets(values, [300]))[:2], ImuPiece(450, values[450:700, :3], values[450:700, 3:])
    sensor = OnlineSensor(RATE)
    told = [part for piece in (early[0], late, early[1]) for part in sensor.take(piece)]
    assert [(part.start, len(part.quats)) for part in told] == [(0, 300), (450, 250)]
    sensor.end()
    assert sensor.take(early[1]) == []


def test_what_is_known_of_the_gyroscope_survives_a_hole():
    values = rows() + np.array([0.02, 0.0, 0.0, 0.0, 0.0, 0.0])
    sensor = OnlineSensor(RATE)
    for piece in packets(values[:400], [50]):
        sensor.take(piece)
    before = sensor.run.bias
    sensor.take(ImuPiece(450, values[450:500, :3], values[450:500, 3:]))
    assert sensor.run.start == 450
    assert abs(sensor.run.bias.rad_s[0] - before.rad_s[0]) < 0.005  # rad/s


def test_a_nan_is_refused_with_its_place_and_time():
    values = rows()
    values[250, 1] = np.nan
    sensor = OnlineSensor(RATE, "left thigh")
    with pytest.raises(SignalError, match=r"left thigh y angular rate.*2\.500 s"):
        sensor.take(ImuPiece(0, values[:, :3], values[:, 3:]))
