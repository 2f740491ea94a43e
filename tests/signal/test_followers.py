"""A side that only goes along while the other one works has no repetitions of its own."""

import numpy as np
import pytest

from glutebal.model import Bilateral, Channel, Quantity, Side, Track
from glutebal.results import Laterality, Rep, Segmentation
from glutebal.signal.effort import force_effort
from glutebal.signal.followers import FAR, FAR_FROM_USUAL, HARDLY, goes_along, without_idle_side
from glutebal.signal.reps import find_reps
from glutebal.testing.plans import ForcePlan, SetPlan
from glutebal.testing.simulate import simulate_set

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


@pytest.mark.parametrize(("share", "along"), [(1.05 / FAR, False), (0.95 / FAR, True)])
def test_going_along_is_far_less_at_the_same_time(share, along):
    both = effort(right=[(2, 4, 1.0)], left=[(2, 4, share)])
    assert goes_along(200, 400, L, both) is along
    assert goes_along(200, 400, R, both) is False
    assert goes_along(200, 400, None, both) is False
    assert goes_along(200, 400, R, both.swapped()) is along


def test_a_very_weak_side_that_works_alone_does_not_go_along():
    both = effort(right=[(2, 4, 1.0)], left=[(6, 8, 1e-4)])
    assert not goes_along(600, 800, L, both)
    assert not goes_along(600, 800, L, Bilateral(both.left, None))


@pytest.mark.parametrize(("weaker", "stays"), [(1.05 / FAR_FROM_USUAL, True), (0.95 / FAR_FROM_USUAL, False)])
def test_while_a_set_runs_a_weak_side_stays_and_noise_does_not(weaker, stays):
    both = effort(right=[(2, 4, 1.0)], left=[(6, 8, weaker)])
    kept = without_idle_side(found((2, 4, R), (6, 8, L)), both)
    assert ((6.0, L) in sides(kept)) is stays
    assert [ex.reason for ex in kept.excluded] == ([] if stays else [HARDLY])


def test_swapping_the_sides_swaps_the_answer():
    both, reps = effort(right=[(2, 4, 1.0)], left=[(6, 8, 1e-4)]), [(2, 4, R), (6, 8, L)]
    plain = sides(without_idle_side(found(*reps), both))
    swapped = sides(without_idle_side(found(*((a, b, side.other) for a, b, side in reps)), both.swapped()))
    assert [(at, side.other) for at, side in plain] == swapped == [(2.0, L)]


def test_repetitions_of_both_sides_are_not_looked_at():
    both = effort(right=[(2, 4, 1.0)])
    whole = found((2, 4, None), laterality=Laterality.BILATERAL)
    assert without_idle_side(whole, both) is whole
    turns = found((2, 4, R))
    assert without_idle_side(turns, both) is turns
    assert without_idle_side(turns, Bilateral(None, None)) is turns


def test_a_one_sided_set_has_no_repetitions_of_the_side_that_goes_along():
    plan = SetPlan(exercise="hip_abduction", laterality=Laterality.UNILATERAL, sets=1, reps=6, passive=0.05)
    recording, _ = simulate_set(3, plan, force=ForcePlan())
    halves = recording.pairs(Quantity.FORCE)[0].map(lambda track: track.between(0, track.stop // 2))
    left_only = find_reps(force_effort(halves), Laterality.UNILATERAL)
    assert [rep.index for rep in left_only.reps] == list(range(1, len(left_only.reps) + 1))
    assert {rep.side for rep in left_only.reps} == {plan.first}
