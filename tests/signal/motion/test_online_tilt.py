"""Tilts on the grid as they come: the same rows as afterwards, whatever the packets."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from glutebal.model import Side
from glutebal.signal.motion.imu import Imu, ImuPiece
from glutebal.signal.motion.online_sensor import OnlineSensor
from glutebal.signal.motion.online_tilt import OnlineTilt, path_of, stood, without_silent
from glutebal.signal.motion.tilt_path import tilt_path

RATE, N = 100.0, 1200


def signals(seed=0, n=N):
    t = np.arange(n)[:, None] / RATE
    phase = np.array([0.0, 1.0, 2.0]) + seed
    moving = np.minimum(np.maximum(t - 2.0, 0.0), 1.0)
    acc = np.array([0.0, 0.0, 9.81]) + 0.8 * moving * np.sin(2 * np.pi * 0.7 * t + phase)
    return 1.2 * moving * np.cos(2 * np.pi * 0.7 * t + phase), acc


def imu(hole=None, site="thigh", side=Side.LEFT, seed=0):
    gyr, acc = signals(seed)
    spans = [(0, N)] if hole is None else [(0, hole[0]), (hole[1], N)]
    return Imu(site, side, RATE, tuple(ImuPiece(a, gyr[a:b], acc[a:b]) for a, b in spans))


def filled(given, sizes):
    """The tilt after all pieces, cut into packets."""
    sensor, tilt, k = OnlineSensor(RATE), OnlineTilt(RATE), 0
    for piece in given.pieces:
        at = 0
        while at < piece.n_samples:
            part = slice(at, at + sizes[k % len(sizes)])
            for oriented in sensor.take(ImuPiece(piece.start + at, piece.gyr[part], piece.acc[part])):
                tilt.take(oriented)
            at, k = part.stop, k + 1
    for oriented in sensor.end():
        tilt.take(oriented)
    tilt.end()
    return tilt


@given(st.lists(st.integers(4, 120), min_size=1, max_size=6), st.sampled_from([None, (400, 430), (500, 800)]))
@settings(derandomize=True, deadline=None, max_examples=12)
def test_any_packets_give_the_rows_of_afterwards(sizes, hole):
    given_imu = imu(hole)
    path, tilt = tilt_path([given_imu]), filled(given_imu, sizes)
    rows = tilt.rows(path.start, path.stop)
    np.testing.assert_allclose(rows[:, :3], path.up, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(rows[:, 3], path.lift[:, 0], rtol=1e-9, atol=1e-9)
    assert tilt.stop == path.stop


def test_what_is_final_does_not_change():
    given_imu, sensor, tilt = imu(), OnlineSensor(RATE), OnlineTilt(RATE)
    seen = []
    for at in range(0, N, 7):
        piece = given_imu.pieces[0]
        for oriented in sensor.take(ImuPiece(at, piece.gyr[at : at + 7], piece.acc[at : at + 7])):
            tilt.take(oriented)
        seen.append((tilt.stop, tilt.rows(0, tilt.stop)))
    for stop, rows in seen:
        np.testing.assert_array_equal(tilt.rows(0, stop), rows)
    assert N / 100 - tilt.stop / 50 < 0.3  # s


def test_what_was_forgotten_is_unknown_and_the_rest_is_kept():
    tilt = filled(imu(), [50])
    before = tilt.rows(0, tilt.stop)
    tilt.forget(500)
    after = tilt.rows(0, tilt.stop)
    assert np.isnan(after[:500]).all()
    np.testing.assert_array_equal(after[500:], before[500:])


def test_a_sensor_that_recorded_little_is_left_out_with_its_columns():
    pelvis, thigh = filled(imu(site="pelvis", side=None, seed=1), [50]), filled(imu(hole=(250, 1150)), [50])
    tilts = {("pelvis", None): pelvis, ("thigh", Side.LEFT): thigh}
    path = path_of(tilts, 0, 600, np.arange(6.0))
    assert without_silent(path_of(tilts, 0, 120)).sensors == tuple(tilts)
    kept = without_silent(path)
    assert kept.sensors == (("pelvis", None),)
    np.testing.assert_array_equal(kept.up, path.up[:, :3])
    np.testing.assert_array_equal(kept.standing, [0.0, 1.0, 2.0])


def test_standing_is_the_first_quiet_second():
    tilts = {("thigh", Side.LEFT): filled(imu(), [50])}
    np.testing.assert_allclose(stood(path_of(tilts, 0, 90)), [0.0, 0.0, 1.0], atol=1e-6)
    assert stood(path_of(tilts, 0, 40)) is None
    assert stood(path_of(tilts, 200, 500)) is None
