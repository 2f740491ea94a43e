"""Force and EMG together: every row of the table, both ways round, and what may not be read."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glutebal.balance.estimate import INDEPENDENT, set_estimate
from glutebal.balance.force_emg import Reading, efficiency, read_together
from glutebal.balance.ratio import log_ratio_of
from glutebal.errors import InputError
from glutebal.model import Side
from glutebal.results import Estimate, Laterality, Status

TOGETHER, ALONE = Laterality.BILATERAL, Laterality.UNILATERAL
RIGHT = Estimate(0.20, 0.10, 0.30, 0.05, 8)
LEFT = Estimate(-0.20, -0.30, -0.10, 0.05, 8)
EVEN = Estimate(0.01, -0.05, 0.07, 0.03, 8)
WIDE = Estimate(0.01, -0.30, 0.32, 0.15, 8)
BARE = Estimate(0.01, n=3, status=Status.TOO_FEW, reason="3 reps")


def mirrored(part):
    return Estimate(-part.value, -part.high, -part.low, part.se, part.n, status=part.status, reason=part.reason)


@pytest.mark.parametrize(
    ("laterality", "force", "activation", "reading", "side"),
    [
        (TOGETHER, RIGHT, RIGHT, Reading.SHIFTED, Side.RIGHT),
        (TOGETHER, EVEN, LEFT, Reading.HARDER, Side.LEFT),
        (TOGETHER, RIGHT, EVEN, Reading.MORE_FORCE, Side.RIGHT),
        (TOGETHER, EVEN, EVEN, Reading.BALANCED, None),
        (TOGETHER, RIGHT, LEFT, Reading.OPPOSED, None),
        (ALONE, EVEN, LEFT, Reading.NEARER_CEILING, Side.LEFT),
        (ALONE, RIGHT, EVEN, Reading.MORE_LOAD, Side.RIGHT),
        (ALONE, EVEN, EVEN, Reading.BALANCED, None),
        (ALONE, RIGHT, RIGHT, Reading.OPPOSED, None),
        (ALONE, RIGHT, LEFT, Reading.OPPOSED, None),
    ],
)
def test_the_table_both_ways_round(laterality, force, activation, reading, side):
    found = read_together(force, activation, laterality)
    assert (found.reading, found.side, found.reason) == (reading, side, "")
    turned = read_together(mirrored(force), mirrored(activation), laterality)
    assert (turned.reading, turned.side) == (reading, side.other if side else None)
    assert turned.efficiency.value == -found.efficiency.value


@pytest.mark.parametrize(
    ("force", "activation", "why"),
    [
        (WIDE, RIGHT, "the range of force neither leaves out 0 nor lies within ±5 points"),
        (RIGHT, WIDE, "the range of activation neither"),
        (BARE, WIDE, "the range of force and of activation neither"),
        (EVEN, Estimate.none(Status.UNCALIBRATED, "no reference"), "the range of activation neither"),
    ],
)
def test_a_wide_range_is_no_evidence_of_symmetry(force, activation, why):
    found = read_together(force, activation, TOGETHER)
    assert (found.reading, found.side) == (Reading.UNKNOWN, None)
    assert found.reason.startswith(why)


def test_the_band_decides_what_is_even():
    edge = log_ratio_of(5.0)
    at, beyond = Estimate(0.0, -edge, edge), Estimate(0.0, -edge, edge + 1e-9)
    assert read_together(at, at, TOGETHER).reading is Reading.BALANCED
    assert read_together(at, beyond, TOGETHER).reading is Reading.UNKNOWN
    assert read_together(WIDE, WIDE, TOGETHER, even_points=20).reading is Reading.BALANCED
    for bad in (0, 100, math.nan):
        with pytest.raises(InputError, match="band between 0 and 100"):
            read_together(at, at, TOGETHER, even_points=bad)


def test_walking_has_no_such_reading():
    found = read_together(RIGHT, RIGHT, Laterality.CYCLIC)
    assert found.reading is Reading.UNKNOWN
    assert "not of the same moment" in found.reason


def test_efficiency_is_the_difference_with_both_errors():
    found = efficiency(RIGHT, Estimate(-0.1, -0.4, 0.1, 0.1, 6))
    assert found.value == pytest.approx(0.3)
    assert found.low == pytest.approx(0.3 - math.hypot(0.1, 0.2))
    assert found.high == pytest.approx(0.3 + math.hypot(0.1, 0.3))
    assert found.se == pytest.approx(math.hypot(0.05, 0.1))
    assert (found.n, found.status) == (6, Status.OK)


def test_efficiency_covers():
    import numpy as np

    rng = np.random.default_rng(9)
    sets = rng.normal(0, 1, (1500, 2, 8)) * np.array([[[0.05], [0.15]]]) + np.array([[[0.1], [-0.2]]])
    found = [efficiency(*(set_estimate(part, autocorrelation=INDEPENDENT) for part in pair)) for pair in sets]
    assert 0.935 <= np.mean([e.low <= 0.3 <= e.high for e in found]) <= 0.97


def test_status_travels():
    low = Estimate(0.1, 0.0, 0.2, 0.05, 8, status=Status.LOW_SNR, reason="faint")
    assert efficiency(low, RIGHT).status is Status.LOW_SNR
    assert efficiency(low, RIGHT).reason == "faint"
    assert efficiency(BARE, RIGHT).status is Status.TOO_FEW
    assert efficiency(BARE, RIGHT).value == pytest.approx(-0.19)
    refused = efficiency(RIGHT, Estimate.none(Status.UNCALIBRATED, "no reference"))
    assert (refused.status, refused.reason) == (Status.UNCALIBRATED, "activation: no reference")
    assert math.isnan(refused.value)


def test_two_levels_do_not_mix():
    with pytest.raises(InputError, match=r"level 0\.95"):
        efficiency(RIGHT, Estimate(0.1, 0.0, 0.2, level=0.9))


parts = st.tuples(st.floats(-1, 1), st.floats(1e-3, 1), st.floats(1e-3, 1)).map(
    lambda t: Estimate(t[0], t[0] - t[1], t[0] + t[2], t[1] / 2, 9)
)


@settings(derandomize=True, deadline=None)
@given(parts, parts, st.sampled_from([TOGETHER, ALONE]))
def test_swapping_the_sides_swaps_the_side_and_nothing_else(force, activation, laterality):
    found = read_together(force, activation, laterality)
    turned = read_together(mirrored(force), mirrored(activation), laterality)
    assert turned.reading is found.reading
    assert turned.side is (found.side.other if found.side else None)
    assert [-turned.efficiency.high, -turned.efficiency.low] == pytest.approx(
        [found.efficiency.low, found.efficiency.high]
    )
