"""Curves and postures of several recordings as one: as if all repetitions had been recorded together."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glutebal.balance.motion_view import AngleCurve, StickPose, mean_phases, pooled_curves, pooled_poses
from glutebal.balance.site_waveform import MeanCurve
from glutebal.model import Bilateral, Side
from glutebal.results import Laterality, Phase, Rep

NODES = 101


def reps_of(counts, seed):
    rng = np.random.default_rng(seed)
    return [rng.normal(rng.normal(0, 5), 1.0, (n, NODES)) for n in counts]


def angle(left, right, name="hip_flexion", midline=False, laterality=Laterality.BILATERAL, uncertainty=1.0):
    curves = Bilateral(MeanCurve.of(left), MeanCurve.of(right))
    return AngleCurve(name, name, "deg", curves, midline, laterality, "", uncertainty)


def same(one, other):
    assert (one.n, one.left_out) == (other.n, other.left_out)
    np.testing.assert_allclose(one.mean, other.mean, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(one.sd, other.sd, rtol=1e-9, atol=1e-9)


class TestCurves:
    @given(st.lists(st.integers(0, 6), min_size=1, max_size=4), st.integers(0, 99))
    @settings(derandomize=True, deadline=None)
    def test_pooled_is_as_if_recorded_together(self, counts, seed):
        parts = reps_of(counts, seed)
        same(MeanCurve.pooled([MeanCurve.of(part) for part in parts]), MeanCurve.of(np.concatenate(parts)))

    def test_what_touches_a_gap_is_counted_as_left_out(self):
        first, second = reps_of((4, 3), 1)
        first[0, 5] = math.nan
        same(
            MeanCurve.pooled([MeanCurve.of(first), MeanCurve.of(second)]), MeanCurve.of(np.concatenate([first, second]))
        )

    def test_angles_are_pooled_by_name_and_the_larger_error_is_told(self):
        a, b, c, d = reps_of((4, 5, 3, 6), 2)
        hip, knee = angle(a, b, uncertainty=1.5), angle(a, b, "knee_flexion", uncertainty=math.nan)
        found = pooled_curves([(hip, knee), (angle(c, d, uncertainty=2.5),), ()])
        assert [curve.name for curve in found] == ["hip_flexion", "knee_flexion"]
        same(found[0].curves.left, MeanCurve.of(np.concatenate([a, c])))
        same(found[0].curves.right, MeanCurve.of(np.concatenate([b, d])))
        assert found[0].uncertainty == 2.5
        assert math.isnan(found[1].uncertainty)

    def test_ways_of_doing_it_are_kept_apart(self):
        a, b = reps_of((4, 5), 3)
        turns = angle(a, b, laterality=Laterality.UNILATERAL)
        assert len(pooled_curves([(angle(a, b),), (turns,)])) == 2

    def test_nothing_gives_nothing(self):
        assert pooled_curves([]) == pooled_curves([(), ()]) == pooled_poses([()]) == ()


class TestPoses:
    def test_joints_are_weighed_by_their_repetitions(self):
        one = StickPose("turn", "deepest", None, {("hip", Side.LEFT): (0.0, 0.1, 0.0)}, 2, ("pelvis 6° lower",))
        two = StickPose(
            "turn", "deepest", None, {("hip", Side.LEFT): (0.0, 0.1, 0.3), ("knee", Side.LEFT): (1, 2, 3)}, 4
        )
        (found,) = pooled_poses([(one,), (two,)])
        assert found.joints_m["hip", Side.LEFT] == pytest.approx((0.0, 0.1, 0.2))
        assert found.joints_m["knee", Side.LEFT] == (1.0, 2.0, 3.0)
        assert (found.n, found.notes) == (6, ())

    def test_one_alone_stays_as_it_is(self):
        pose = StickPose("turn", "deepest", Side.LEFT, {("pelvis", None): (0.0, 0.0, 0.0)}, 2, ("pelvis 6° lower",))
        other = StickPose("turn", "deepest", Side.RIGHT, {("pelvis", None): (0.0, 0.0, 0.0)}, 2)
        assert pooled_poses([(pose,), (other,)]) == (pose, other)


class TestPhases:
    def test_they_are_told_in_per_cent_of_the_rep(self):
        reps = [
            Rep(k, 100 * k, 100 * k + length, 50.0, phases=(Phase("down", 100 * k, 100 * k + length // 2),))
            for k, length in enumerate((80, 60, 40))
        ]
        assert mean_phases(reps) == (Phase("down", 0, 50),)

    def test_without_phases_or_reps_there_are_none(self):
        assert mean_phases([]) == mean_phases([Rep(1, 0, 80, 50.0)]) == ()
