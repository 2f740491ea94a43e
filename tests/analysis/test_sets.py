import math

import pytest

from glutebal.analysis.sets import Measured, set_balance
from glutebal.balance.estimate import set_estimate
from glutebal.model import Bilateral, Quantity
from glutebal.results import Laterality, Rep, Status
from glutebal.signal.side_value import SideValue

LEFT = (61.2, 58.4, 63.0, 60.1, 57.7, 59.5, 62.3, 58.9)
RIGHT = (70.3, 69.9, 72.8, 66.0, 68.7, 71.2, 69.0, 71.5)
BELOW = SideValue(math.nan, math.nan, Status.CENSORED, "quiet", bound=10.0)
GONE = SideValue.none(Status.REFUSED, "left plate force: dead")


def measured(values, **changes):
    reps = tuple(Rep(k + 1, 100 * k, 100 * k + 80, 100.0) for k in range(len(values)))
    return Measured("mean_force", "plate", Quantity.FORCE, "N", reps, tuple(values), **changes)


def pairs(left=LEFT, right=RIGHT):
    return [Bilateral(SideValue(a), SideValue(b)) for a, b in zip(left, right, strict=True)]


def judged(values, laterality=Laterality.BILATERAL, **changes):
    return set_balance(measured(values, **changes), laterality, 0.95)


def test_a_set_is_the_estimate_of_its_log_ratios(vectors):
    found = judged(pairs()).log_ratio
    logs = [math.log(b / a) for a, b in zip(LEFT, RIGHT, strict=True)]
    assert found.value == pytest.approx(vectors["set_ci"]["mean"], rel=1e-9)
    assert (found.low, found.high) == pytest.approx((set_estimate(logs).low, set_estimate(logs).high))
    assert math.exp(found.value) == pytest.approx(1.162795, abs=1e-6)


def test_sides_are_geometric_means_with_intervals():
    sides = judged(pairs()).sides
    assert sides.left.value == pytest.approx(math.prod(LEFT) ** (1 / 8))
    assert sides.left.low < sides.left.value < sides.left.high


def test_one_dead_side_refuses_the_set_and_keeps_the_reason():
    found = judged([Bilateral(GONE, p.right) for p in pairs()])
    assert found.log_ratio.status is Status.REFUSED
    assert found.log_ratio.reason == "left plate force: dead"
    assert found.sides.left.status is Status.REFUSED
    assert math.isfinite(found.sides.right.value)


def test_a_refused_rep_keeps_its_place_in_the_drift():
    rising = [1.0, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7]
    values = pairs([1.0] * 8, [math.exp(x) for x in rising])
    values[3] = Bilateral(GONE, values[3].right)
    assert judged(values).drift.value == pytest.approx(0.1)


def test_a_side_below_its_floor_bounds_the_set():
    found = judged([Bilateral(BELOW, SideValue(40.0)) for _ in range(8)]).log_ratio
    assert found.status is Status.CENSORED
    assert found.low == pytest.approx(math.log(4))
    assert math.isnan(found.value)


def test_uncalibrated_hides_the_ratio_and_keeps_the_sides():
    found = judged(pairs(), calibrated=False)
    assert found.log_ratio.status is Status.UNCALIBRATED
    assert {rep.log_ratio.status for rep in found.reps} == {Status.UNCALIBRATED}
    assert found.sides.right.value > 60


def test_a_refusal_outranks_missing_calibration():
    found = judged([Bilateral(GONE, p.right) for p in pairs()], calibrated=False)
    assert found.log_ratio.status is Status.REFUSED


def test_the_references_widen_the_interval():
    plain, wide = judged(pairs()).log_ratio, judged(pairs(), extra_se=0.1).log_ratio
    assert wide.se == pytest.approx(math.hypot(plain.se, 0.1))
    assert wide.high - wide.low > plain.high - plain.low


def test_one_sided_reps_are_two_independent_means():
    absent = SideValue.none(Status.UNPAIRED, "the other side works in this rep")
    left = [Bilateral(SideValue(v), absent) for v in LEFT]
    right = [Bilateral(absent, SideValue(v)) for v in RIGHT]
    found = judged(left + right, Laterality.UNILATERAL).log_ratio
    assert found.value == pytest.approx(math.log(math.prod(RIGHT) / math.prod(LEFT)) / 8)
    assert found.n == 16
    few = judged(left[:3] + right, Laterality.UNILATERAL).log_ratio
    assert (few.status, math.isnan(few.low)) == (Status.TOO_FEW, True)
    none = judged(right, Laterality.UNILATERAL).log_ratio
    assert "no left repetition" in none.reason


def test_no_rep_carries_the_reason_that_was_given():
    found = set_balance(measured([]), Laterality.BILATERAL, 0.95, "all touch a gap").log_ratio
    assert (found.status, found.reason) == (Status.TOO_FEW, "all touch a gap")


def test_without_a_rep_a_bad_channel_is_still_the_reason():
    values = measured([], refusal="left x: dead", calibrated=False)
    found = set_balance(values, Laterality.BILATERAL, 0.95, "nothing").log_ratio
    assert (found.status, found.reason) == (Status.REFUSED, "left x: dead")


def test_a_bad_channel_outranks_what_the_other_side_lacks():
    short = SideValue.none(Status.REFUSED, "no hold of 1 s in the rep")
    values = [Bilateral(short, GONE)] * 6
    for laterality in (Laterality.BILATERAL, Laterality.CYCLIC):
        found = judged(values, laterality, refusal="right x: dead").log_ratio
        assert (found.status, found.reason) == (Status.REFUSED, "right x: dead")
