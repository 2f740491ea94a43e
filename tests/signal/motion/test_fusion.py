"""Fusion of reps from effort and from motion: who wins, and why the other is left out."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glutebal.model import Side
from glutebal.results import ExcludedRep, Laterality, Rep, Segmentation
from glutebal.signal.motion.fusion import fused

STARTS = (10.0, 14.0, 18.0, 22.0, 26.0)


def segmentation(starts, rate_hz, *, length_s=2.0, early_s=0.0, sides=None, confidence=0.8, name="motion"):
    sides = sides or [None] * len(starts)
    reps = [
        Rep(
            k,
            round((s - early_s) * rate_hz),
            round((s + length_s + early_s) * rate_hz),
            rate_hz,
            side,
            1,
            None,
            confidence,
        )
        for k, (s, side) in enumerate(zip(starts, sides, strict=True), start=1)
    ]
    return Segmentation(tuple(reps), laterality=Laterality.BILATERAL, method=name)


def motion(starts=STARTS, **changes):
    return segmentation(starts, 50.0, **changes)


def effort(starts=STARTS, **changes):
    return segmentation(starts, 1000.0, **({"early_s": 0.2, "confidence": 0.6, "name": "effort"} | changes))


def test_agreement_keeps_the_boundaries_of_motion_and_raises_confidence():
    found = fused(effort(), motion())
    assert [(rep.start, rep.stop, rep.rate_hz) for rep in found.reps] == [
        (500 + 200 * k, 600 + 200 * k, 50.0) for k in range(5)
    ]
    assert [rep.confidence for rep in found.reps] == pytest.approx([1 - 0.2 * 0.4] * 5)
    assert found.excluded == ()


def test_effort_without_movement_is_left_out():
    found = fused(effort((*STARTS, 31.0)), motion())
    assert len(found.reps) == 5
    (out,) = found.excluded
    assert out.reason == "effort without the movement of the other repetitions"
    assert out.start_s == pytest.approx(30.8)


def test_movement_without_effort_is_left_out_where_effort_was_found_everywhere_else():
    found = fused(effort(STARTS[:-1]), motion())
    assert len(found.reps) == 4
    assert [out.reason for out in found.excluded] == ["movement without the effort of the other repetitions"]


def test_movement_is_believed_where_effort_is_patchy():
    found = fused(effort(STARTS[:2]), motion())
    assert [rep.confidence for rep in found.reps] == pytest.approx([0.92, 0.92, 0.4, 0.4, 0.4])


@pytest.mark.parametrize(("one", "other", "name"), [(effort, motion, "effort"), (motion, effort, "motion")])
def test_one_alone_stands_as_it_was(one, other, name):
    nothing = other(())
    pair = (one(), nothing) if one is effort else (nothing, one())
    found = fused(*pair)
    assert found.reps == one().reps
    assert found.method.startswith(f"{name} alone")


def test_one_effort_is_not_the_partner_of_the_other_side():
    sides = [Side.LEFT] * 5
    found = fused(effort(sides=[Side.RIGHT] * 5), motion(sides=sides))
    assert {out.reason for out in found.excluded} == {"effort without the movement of the other repetitions"}
    assert [rep.side for rep in found.reps] == sides


def test_what_was_excluded_stays_excluded_unless_it_counts():
    inside, outside = ExcludedRep(10.1, 11.9, "too weak"), ExcludedRep(2.0, 3.0, "unrack")
    found = fused(replace(effort(), excluded=(inside, outside)), motion())
    assert found.excluded == (outside,)


def test_indices_count_from_one_in_each_set():
    reps = tuple(replace(rep, set_index=2 if k > 2 else 1) for k, rep in enumerate(motion().reps))
    found = fused(effort(), replace(motion(), reps=reps))
    assert [(rep.set_index, rep.index) for rep in found.reps] == [(1, 1), (1, 2), (1, 3), (2, 1), (2, 2)]


@given(st.sets(st.integers(0, 12)), st.sets(st.integers(0, 12)))
@settings(derandomize=True, deadline=None)
def test_nothing_is_lost_and_nothing_counted_twice(with_effort, with_motion):
    one, two = effort(sorted(4.0 * k for k in with_effort)), motion(sorted(4.0 * k for k in with_motion))
    found = fused(one, two)
    assert len(found.reps) + len(found.excluded) == len(with_effort | with_motion)
    assert all(a.stop_s <= b.start_s for a, b in zip(found.reps, found.reps[1:], strict=False))
