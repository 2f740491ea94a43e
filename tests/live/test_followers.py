"""A side that only goes along while the other one works has no repetitions of its own."""

import numpy as np
import pytest

from glutebal.live.followers import FAR, without_followers
from glutebal.model import Bilateral, Channel, Quantity, Side, Track
from glutebal.results import Laterality, Rep, Segmentation

L, R = Side.LEFT, Side.RIGHT


def effort(**spans) -> Bilateral:
    """Power of both sides over 20 s at 100 Hz: side=[(start_s, stop_s, power)]."""

    def track(side: Side) -> Track:
        power = np.full(2000, 1e-6)
        for start_s, stop_s, level in spans.get(side.value, ()):
            power[round(100 * start_s) : round(100 * stop_s)] = level
        return Track.of_samples(Channel(Quantity.EMG, side, "gluteus_maximus", 100.0), power)

    return Bilateral.per_side(track)


def found(*reps: tuple[float, float, Side | None], laterality=Laterality.UNILATERAL) -> Segmentation:
    rows = tuple(Rep(1, round(100 * a), round(100 * b), 100.0, side) for a, b, side in reps)
    return Segmentation(rows, laterality=laterality)


def sides(segmentation: Segmentation) -> list[tuple[float, Side]]:
    return [(rep.start_s, rep.side) for rep in segmentation.reps]


def test_going_along_is_left_out_with_its_reason():
    both = effort(right=[(2, 4, 1.0)], left=[(2.2, 3.8, 0.01)])
    kept = without_followers(found((2, 4, R), (2.2, 3.8, L)), both)
    assert sides(kept) == [(2.0, R)]
    assert [(ex.start_s, ex.side) for ex in kept.excluded] == [(2.2, L)]
    assert "other side" in kept.excluded[0].reason


def test_noise_between_the_repetitions_of_the_other_side_is_left_out():
    both = effort(right=[(2, 4, 1.0)], left=[(6, 7, 1e-4)])
    assert sides(without_followers(found((2, 4, R), (6, 7, L)), both)) == [(2.0, R)]


def test_a_burst_of_the_other_side_that_is_not_over_counts():
    both = effort(right=[(2, 4, 1.0)], left=[(2, 4, 0.01)])
    assert sides(without_followers(found((2, 4, L)), both)) == []


@pytest.mark.parametrize(("weaker", "stays"), [(1.05 / FAR, True), (0.95 / FAR, False)])
def test_a_weak_side_keeps_its_repetitions(weaker, stays):
    both = effort(right=[(2, 4, 1.0)], left=[(6, 8, weaker)])
    kept = without_followers(found((2, 4, R), (6, 8, L)), both)
    assert ((6.0, L) in sides(kept)) is stays


def test_swapping_the_sides_swaps_the_answer():
    both, reps = effort(right=[(2, 4, 1.0)], left=[(2, 4, 0.01)]), [(2, 4, R), (2.1, 3.9, L)]
    plain = sides(without_followers(found(*reps), both))
    swapped = sides(without_followers(found(*((a, b, side.other) for a, b, side in reps)), both.swapped()))
    assert [(at, side.other) for at, side in plain] == swapped


def test_repetitions_of_both_sides_are_not_looked_at():
    both = effort(right=[(2, 4, 1.0)])
    whole = found((2, 4, None), laterality=Laterality.BILATERAL)
    assert without_followers(whole, both) is whole
    turns = found((2, 4, R))
    assert without_followers(turns, both) is turns
    assert without_followers(turns, Bilateral(None, None)) is turns
