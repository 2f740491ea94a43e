"""Filled-in packets of insoles become gaps; swing phases do not."""

import numpy as np

from glutebal.ingest.dropouts import dropouts


def insole(load):
    """Three parts and their total, shape (4, n)."""
    load = np.asarray(load, dtype=float)
    return np.stack([0.4 * load, 0.35 * load, 0.25 * load, load])


def test_a_marked_packet_is_lost_whatever_the_load():
    for load in (300.0, 40.0, 0.0):
        parts = insole(np.full(100, load))
        parts[:3, 40:51], parts[3, 40:51] = -1.0, 0.0
        np.testing.assert_array_equal(np.flatnonzero(dropouts(parts, 200.0)), np.arange(40, 51))


def test_an_unmarked_packet_of_zeros_between_loads_is_lost():
    load = np.full(100, 300.0)
    load[40:51] = 0.0
    np.testing.assert_array_equal(np.flatnonzero(dropouts(insole(load), 200.0)), np.arange(40, 51))


def test_a_swing_phase_is_not_lost():
    stance = 700 * np.sin(np.linspace(0, np.pi, 130))
    swing = np.zeros(80)
    assert not dropouts(insole(np.concatenate([stance, swing, stance])), 200.0).any()


def test_a_sudden_swing_phase_is_too_long_to_be_a_packet():
    load = np.concatenate([np.full(100, 500.0), np.zeros(60), np.full(100, 500.0)])
    assert not dropouts(insole(load), 200.0).any()


def test_short_zeros_at_small_loads_are_readings():
    load = np.tile([2.5, 0.0, 0.0, 2.5, 5.0, 0.0], 20)
    assert not dropouts(insole(load), 200.0).any()


def test_zeros_at_the_edges_of_the_file_are_readings():
    load = np.full(100, 300.0)
    load[:5] = load[-5:] = 0.0
    assert not dropouts(insole(load), 200.0).any()
