"""The phase signal: tilts on the grid, strokes, loops, the direction of the movement."""

from functools import cache

import numpy as np
import pytest

from glutebal.model import Side
from glutebal.signal.motion.imu import Imu, ImuPiece, imus
from glutebal.signal.motion.phase_signal import directions, is_step, loops, others_move, phase_signal, speed, strokes
from glutebal.signal.motion.tilt_path import GRID_HZ, TiltPath, on_grid, tilt_path
from glutebal.testing.bodies import SensorPlan, simulate_body

SENSORS = (("pelvis", None), ("thigh", Side.LEFT), ("thigh", Side.RIGHT))


@cache
def squat():
    done = simulate_body(2, reps=5, functional_reps=0, sensors=SensorPlan(sites=("pelvis", "thigh", "shank")))
    return done, tilt_path(imus(done.recording))


def rocking(angle_deg, turn=None):
    """Three sensors that all rock about one axis by an angle (n,); the first may sit in another way."""
    a = np.deg2rad(angle_deg)
    up = np.stack([np.sin(a), np.zeros_like(a), np.cos(a)], axis=1)
    first = up if turn is None else up @ turn
    return TiltPath(0, SENSORS, np.hstack([first, up, up]), np.zeros((len(a), 3)))


def bumps(n=5, degrees=40.0):
    one = degrees * np.sin(np.linspace(0, np.pi, 100)) ** 2
    return np.concatenate([np.zeros(100), *[np.concatenate([one, np.zeros(30)])] * n, np.zeros(100)])


def test_tilts_are_unit_vectors_of_pelvis_and_thighs():
    _, path = squat()
    assert path.sensors == SENSORS
    seen = path.up[path.seen].reshape(-1, 3, 3)
    np.testing.assert_allclose(np.linalg.norm(seen, axis=2), 1, atol=0.02)  # smoothing shortens them a little


def test_the_grid_does_not_depend_on_what_comes_later():
    values = np.random.default_rng(0).normal(size=(500, 2))
    first, whole = on_grid(values, 37, 100.0)
    again, part = on_grid(values[:300], 37, 100.0)
    assert first == again
    np.testing.assert_allclose(part[:-10], whole[: len(part) - 10], rtol=1e-12)


@pytest.mark.parametrize("rate_hz", [48.0, 100.0, 204.8, 1000.0])
def test_a_slow_wave_keeps_its_place_at_any_rate(rate_hz):
    start = 1234
    at_s = (start + np.arange(round(10 * rate_hz))) / rate_hz
    first, smooth = on_grid(np.sin(at_s)[:, None], start, rate_hz)
    grid_s = (first + np.arange(len(smooth))) / GRID_HZ
    np.testing.assert_allclose(smooth[10:-10, 0], np.sin(grid_s)[10:-10], atol=3e-3)


def test_there_and_back_are_two_strokes_and_one_loop():
    path = rocking(bumps(5))
    found = strokes(path, speed(path))
    assert len(found) == 10
    turning = loops(path, found)
    (best,) = directions(turning)
    assert best[2] == len(turning) >= 5
    assert best[1] == pytest.approx(2 * np.sin(np.deg2rad(20)) * np.sqrt(3), rel=0.02)


def test_sway_in_a_hold_does_not_part_there_and_back():
    out, sway = 40 * np.sin(np.linspace(0, np.pi / 2, 50)) ** 2, 3 * np.sin(np.linspace(0, 6 * np.pi, 300))
    held = np.concatenate([np.zeros(100), *[np.concatenate([out, 40 + sway, out[::-1], np.zeros(80)])] * 3])
    path = rocking(held)
    turning = loops(path, strokes(path, speed(path)))
    whole = 2 * np.sin(np.deg2rad(20)) * np.sqrt(3)
    assert sum(np.linalg.norm(loop.change) > 0.9 * whole for loop in turning) == 5  # and from one to the next


def test_a_movement_of_other_segments_is_not_that_of_the_pelvis():
    path = rocking(bumps())
    pelvis = path.of_segments(["pelvis", "plate"])
    assert not pelvis.up[:, 3:].any()
    np.testing.assert_array_equal(pelvis.up[:, :3], path.up[:, :3])
    assert pelvis.share == pytest.approx(1 / 3)
    assert loops(pelvis, strokes(pelvis, speed(pelvis))) == []  # the thighs rock as far
    assert path.of_segments(["foot"]) is path.of_segments(["pelvis", "thigh"]) is path


def test_others_may_sway():
    assert not others_move(0.07, 0.05)
    assert others_move(0.07, 0.15)
    assert not others_move(1.0, 0.25)


def test_the_direction_does_not_know_how_a_sensor_sits():
    turn = np.linalg.qr(np.random.default_rng(3).normal(size=(3, 3)))[0]
    one, two = rocking(bumps()), rocking(bumps(), turn)
    phases = []
    for path in (one, two):
        (best,) = directions(loops(path, strokes(path, speed(path))))
        phases.append(phase_signal(path, best[0], best[1], best[2]).values)
    swings = [np.abs(p - p[0]) for p in phases]
    np.testing.assert_allclose(swings[0], swings[1], atol=1e-9)


def test_strides_are_steps_and_squats_are_not():
    path = rocking(bumps())
    stride = np.concatenate([[0.02, 0, 0], [0.6, 0, 0], [-0.5, 0, 0]])
    shift = np.concatenate([[0.05, 0, 0], [0.2, 0, 0], [0.2, 0, 0]])
    squatting = np.concatenate([[0.3, 0, 0], [0.8, 0, 0], [0.8, 0, 0]])
    assert is_step(path, stride, 1.1)
    assert not is_step(path, stride, 4.0)
    assert is_step(path, shift, 4.0)
    assert not is_step(path, squatting, 1.1)


def test_speed_of_a_turn():
    path = rocking(np.linspace(0, 50, 251))  # 10° a second for 5 s
    assert speed(path)[100] == pytest.approx(np.deg2rad(10) * np.sqrt(3), rel=1e-3)


def test_a_hole_in_one_sensor_is_a_hole():
    done, path = squat()
    holed = []
    for imu in imus(done.recording):
        piece = imu.pieces[0]
        halves = (ImuPiece(0, piece.gyr[:500], piece.acc[:500]), ImuPiece(700, piece.gyr[700:], piece.acc[700:]))
        holed.append(Imu(imu.site, imu.side, 100.0, halves) if imu.site == "pelvis" else imu)
    found = tilt_path(holed)
    assert not found.seen[252:348].any()
    np.testing.assert_array_equal(found.up[10:240], path.up[10:240])


def test_no_sensor():
    empty = tilt_path([])
    assert empty.sensors == ()
    assert directions([]) == []
