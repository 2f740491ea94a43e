"""Two bumps that touch at the beginning of a set are one rep, as long as nothing shows the rhythm."""

from dataclasses import replace

import pytest

from glutebal.live.two_humps import as_one, touching
from glutebal.model import Side
from glutebal.results import ExcludedRep, Phase, Rep, Segmentation


def found(*spans: tuple[float, float], side: Side | None = None, excluded=()) -> Segmentation:
    reps = tuple(Rep(k, round(100 * a), round(100 * b), 100.0, side) for k, (a, b) in enumerate(spans, start=1))
    return Segmentation(reps, tuple(ExcludedRep(a, b, "not seen whole", side) for a, b in excluded))


def spans(segmentation: Segmentation) -> list[tuple[float, float]]:
    return [(rep.start_s, rep.stop_s) for rep in segmentation.reps]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([(1, 2)], [(1, 2)]),
        ([(1, 2), (2, 3)], [(1, 3)]),
        ([(1, 2), (2.05, 3)], [(1, 3)]),
        ([(1, 2), (2.5, 3)], [(1, 2), (2.5, 3)]),  # a rest between
        ([(1, 2), (2, 3), (5, 6)], [(1, 3), (5, 6)]),
        ([(1, 2), (4, 5), (5, 6)], [(1, 2), (4, 6)]),
        ([(1, 2), (2, 3), (3, 4)], [(1, 2), (2, 3), (3, 4)]),  # without a rest: three
        ([(1, 2), (2, 3), (5, 6), (6, 7)], [(1, 2), (2, 3), (5, 6), (6, 7)]),  # enough for the rep finder
    ],
)
def test_what_is_put_together(before, after):
    assert spans(as_one(found(*before))) == after


def test_numbers_follow_and_phases_stay():
    whole = found((1, 2), (2, 3), (5, 6))
    first, second, third = whole.reps
    phases = Phase("concentric", 100, 200), Phase("eccentric", 200, 300)
    reps = replace(first, phases=phases[:1]), replace(second, phases=phases[1:]), third
    joined = as_one(replace(whole, reps=reps))
    assert [rep.index for rep in joined.reps] == [1, 2]
    assert joined.reps[0].phases == phases


def test_what_needs_no_change_is_the_same_object():
    whole = found((1, 2), (4, 5))
    assert as_one(whole) is whole


def test_a_burst_that_was_not_counted_is_not_put_to_a_rep_but_counts_as_seen():
    assert spans(as_one(found((1, 2), excluded=[(2, 3)]))) == [(1, 2)]
    three = found((1, 2), (2, 3), excluded=[(3, 4)])
    assert spans(as_one(three)) == [(1, 2), (2, 3)]
    assert len(touching(three, None)) == 2


def test_each_side_has_its_own_rhythm():
    left, right = found((1, 2), (2, 3), side=Side.LEFT), found((6, 7), side=Side.RIGHT)
    both = Segmentation((*left.reps, *right.reps))
    assert [(rep.side, rep.stop_s) for rep in as_one(both).reps] == [(Side.LEFT, 3.0), (Side.RIGHT, 7.0)]
    apart = Segmentation((left.reps[0], replace(left.reps[1], side=Side.RIGHT)))
    assert as_one(apart) is apart
