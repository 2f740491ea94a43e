"""Relative headings so far: found in known postures, held, lost with a hole."""

import numpy as np
import pytest

from glutebal.signal.motion import rotations
from glutebal.signal.motion.heading import Reset
from glutebal.signal.motion.online_heading import KEPT_S, OnlineHeading

RATE = 100.0
SURE = np.full(2, 0.05)


def segments(offset_deg, n, lean_deg=0.0):
    """Two segments that lean forwards alike; the heading of the second is off."""
    lean = rotations.of_cardan_deg(np.tile([lean_deg, 0.0, 0.0], (n, 1)))
    turned = rotations.multiply(rotations.about_z(np.full(n, np.deg2rad(offset_deg))), lean)
    return np.stack([lean, turned])


def fed(heading, rows, start=0):
    for at in range(0, rows.shape[1], 5):
        heading.take(start + at, rows[:, at : at + 5], SURE)
    return heading


def test_at_first_the_mean_is_taken_for_parallel_with_a_large_uncertainty():
    heading = fed(OnlineHeading([(0, 1)], RATE), segments(25.0, 200))
    assert heading.offset_deg[0] == pytest.approx(25.0, abs=0.1)
    assert heading.sd_deg[0] >= 15.0


def test_standing_tells_it():
    heading = fed(OnlineHeading([(0, 1)], RATE), segments(-40.0, 400))
    heading.stood(0.5, 3.5)
    fed(heading, segments(-40.0, 50), 400)
    assert heading.offset_deg[0] == pytest.approx(-40.0, abs=0.1)
    assert heading.sd_deg[0] < 2.5


def test_a_posture_carries_it_over_a_hole():
    heading = fed(OnlineHeading([(0, 1)], RATE), segments(10.0, 400))
    heading.stood(0.5, 2.0)
    heading.know([Reset(3.0, 3.5, "start")])
    rows = segments(10.0, 50)
    rows[1] = np.nan
    fed(heading, rows, 400)
    assert np.isnan(heading.offset_deg[0])
    fed(heading, segments(70.0, 200), 450)
    heading.know([Reset(5.5, 6.0, "start")])
    fed(heading, segments(70.0, 300), 650)
    assert heading.offset_deg[0] == pytest.approx(70.0, abs=1.0)
    assert heading.sd_deg[0] < 5.0


def test_leaning_is_no_standing():
    heading = fed(OnlineHeading([(0, 1)], RATE), segments(20.0, 400, lean_deg=30.0))
    heading.stood(0.0, 4.0)
    fed(heading, segments(20.0, 50), 400)
    assert heading.sd_deg[0] >= 15.0


def test_memory_is_bounded():
    heading = OnlineHeading([], RATE)
    rows = np.tile(rotations.IDENTITY, (2, 1000, 1))
    for k in range(round(3 * KEPT_S / 10)):
        heading.take(1000 * k, rows, SURE)
    assert sum(part.shape[1] for part in heading._kept) <= 2 * KEPT_S * heading.rate_hz + 100
