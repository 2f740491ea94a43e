import math
from dataclasses import replace
from datetime import UTC, date, datetime
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from glutebal.balance.estimate import set_of_reps
from glutebal.balance.trend import MeasurementError
from glutebal.history.records import RecordingRecord, SessionNotes, SessionRecord, SetRecord
from glutebal.history.series import Series, SetPoint
from glutebal.history.session_view import session_ratio, session_view
from glutebal.model import Bilateral, Quantity, Side
from glutebal.results import Estimate, Laterality, Rep, RepBalance, SetBalance, Status

NO_DEVICES = Bilateral("", "")
MAXIMUS = Series("P07", "hip_thrust", "activation", "gluteus_maximus")
TODAY, BEFORE = date(2026, 10, 11), date(2026, 10, 4)


def exact(value, n=1):
    return Estimate(value, n=n)


def balance(values, left=40.0, measure="activation", site="gluteus_maximus", unit="%ref"):
    """A set of reps with these λ, the left side always the same."""
    reps = [Rep(k + 1, 100 * k, 100 * k + 80, 100.0) for k in range(len(values))]
    sides = [Bilateral(exact(left), exact(left * math.exp(v))) for v in values]
    entries = [RepBalance(r, measure, site, unit, s, exact(v)) for r, s, v in zip(reps, sides, values, strict=True)]
    mean = Bilateral(exact(left, len(values)), exact(left * math.exp(float(np.mean(values))), len(values)))
    ratio = set_of_reps([entry.log_ratio for entry in entries])
    return SetBalance(measure, site, Quantity.EMG, unit, tuple(entries), ratio, exact(0.0), mean)


def record(*sets, number=2, day=TODAY, shared=0.0, setup="", devices=NO_DEVICES, label=""):
    sets = tuple(
        SetRecord(k, "hip_thrust", Laterality.BILATERAL, (one,), 80.0, {"gluteus_maximus": shared})
        for k, one in enumerate(sets, start=1)
    )
    started = datetime(day.year, day.month, day.day, 17, tzinfo=UTC)
    recording = RecordingRecord("f" * 32, "set.csv", started, 60.0, sets, devices={"gluteus_maximus": devices})
    return SessionRecord("P07", day, (recording,), label, SessionNotes(setup=setup), number)


def points(*sets, session=1, day=BEFORE, shared=0.0, setup="", devices=NO_DEVICES):
    return [
        SetPoint(
            MAXIMUS,
            session,
            day,
            "morning",
            setup,
            devices,
            k,
            80.0,
            one.quantity,
            one.unit,
            one.log_ratio,
            one.sides,
            shared,
        )
        for k, one in enumerate(sets, start=1)
    ]


def only(view):
    (series,) = view.series
    return series


def constant(*means, reps=6):
    """Sets whose mean λ is exactly the given one."""
    return [balance([m - 0.02, m + 0.02] * (reps // 2)) for m in means]


def test_three_sets_of_four_reps_as_in_the_worked_example():
    sets = [[0.10, 0.14, 0.12, 0.16], [0.20, 0.18, 0.22, 0.24], [0.08, 0.06, 0.10, 0.12]]
    series = only(session_view(record(*map(balance, sets))))
    found = series.whole.log_ratio
    assert (found.value, found.se) == pytest.approx((0.143333, 0.0352767), rel=1e-5)
    assert (found.low, found.high) == pytest.approx((-0.00845, 0.29512), abs=1e-5)
    assert (found.n, found.status, found.reason) == (12, Status.OK, "")
    assert len(series.sets) == 3
    assert len(series.whole.reps) == 12


@pytest.mark.parametrize(("n", "told"), [(1, "1 set, an interval needs 3"), (2, "2 sets, an interval needs 3")])
def test_fewer_than_three_sets_have_a_value_and_no_interval(n, told):
    found = only(session_view(record(*constant(0.1, 0.2)[:n]))).whole.log_ratio
    assert found.value == pytest.approx([0.1, 0.15][n - 1])
    assert (found.status, found.reason) == (Status.TOO_FEW, told)
    assert math.isnan(found.low)


def test_what_all_sets_share_is_in_the_interval_of_what_is_told_against_a_reference():
    sets = constant(0.1, 0.2, 0.15)
    plain, shared = (only(session_view(record(*sets, shared=s))).whole.log_ratio for s in (0.0, 0.05))
    assert shared.se == pytest.approx(math.hypot(plain.se, 0.05))
    in_volts = [replace(one, unit="V") for one in sets]
    assert only(session_view(record(*in_volts, shared=0.05))).whole.log_ratio == plain


def test_a_set_without_an_answer_is_left_out_and_said():
    lost = Estimate.none(Status.REFUSED, "left is dead")
    sets = [*constant(0.1, 0.2, 0.15), replace(balance([0.0]), log_ratio=lost)]
    found = only(session_view(record(*sets))).whole.log_ratio
    assert found.value == pytest.approx(0.15)
    assert found.reason == "1 of 4 sets left out: left is dead"


def test_a_bound_is_not_averaged_away():
    silent = Estimate(math.nan, 1.5, math.inf, n=6, status=Status.CENSORED, reason="left is below its floor")
    usable = [exact(0.1, 6), exact(0.2, 6)]
    found = session_ratio([*usable, silent])
    assert (found.status, found.low, found.high) == (Status.CENSORED, pytest.approx(0.6), math.inf)
    assert found.reason == "left is below its floor in 1 of 3 sets"
    rare = session_ratio([exact(0.1, 6)] * 4 + [silent])  # a fifth: left out
    assert (rare.status, rare.value) == (Status.OK, pytest.approx(0.1))


def test_a_faint_set_marks_the_session():
    faint = replace(exact(0.2, 6), status=Status.LOW_SNR, reason="left is faint")
    found = session_ratio([exact(0.1, 6), faint, exact(0.15, 6)])
    assert (found.status, found.reason) == (Status.LOW_SNR, "close to the noise floor in 1 of 3 sets")


def test_no_set_has_an_answer_for_the_commonest_reason():
    reasons = ["no reference", "no reference", "dead"]
    statuses = [Status.UNCALIBRATED, Status.UNCALIBRATED, Status.REFUSED]
    found = session_ratio([Estimate.none(s, r) for s, r in zip(statuses, reasons, strict=True)])
    assert (found.status, found.reason) == (Status.UNCALIBRATED, "no reference")
    assert math.isnan(found.value)
    assert session_ratio([]).status is Status.REFUSED


def test_both_sides_are_told_in_one_unit():
    sets = [balance([0.1] * 6, left=40), balance([0.1] * 6, left=50), balance([0.1] * 6, left=62.5)]
    volts = replace(balance([0.1] * 6, left=4e-5), unit="V")
    whole = only(session_view(record(*sets, volts))).whole
    assert whole.sides.left.value == pytest.approx(50.0)
    assert whole.sides.right.value == pytest.approx(50.0 * math.exp(0.1))
    assert whole.sides.left.low < 50.0 < whole.sides.left.high
    assert whole.unit == "%ref"


def test_the_drift_is_per_set():
    slope = only(session_view(record(*constant(0.1, 0.15, 0.2)))).whole.drift
    assert slope.value == pytest.approx(0.05)
    assert slope.reason == "3 sets, an interval needs 5"
    five = only(session_view(record(*constant(0.1, 0.16, 0.2, 0.24, 0.3)))).whole.drift
    assert five.low < 0.048 < five.high
    assert only(session_view(record(*constant(0.1)))).whole.drift.reason == "a slope needs two sets with a ratio"


def test_exercises_and_sites_are_series_of_their_own_over_recordings():
    first = record(*constant(0.1, 0.2))
    other = replace(constant(0.3)[0], site="gluteus_medius")
    second = replace(first.recordings[0].sets[0], index=3, balances=(constant(0.4)[0], other))
    recording = replace(first.recordings[0], sets=(second,))
    view = session_view(replace(first, recordings=(first.recordings[0], recording)))
    assert [(s.series.site, len(s.sets)) for s in view.series] == [("gluteus_maximus", 3), ("gluteus_medius", 1)]
    assert [(s.index, s.recording) for s in view.series[0].sets] == [(1, 0), (2, 0), (3, 1)]


def compared(now, then, **kw):
    trends = {MAXIMUS: SimpleNamespace(error=kw.pop("error"))} if "error" in kw else None
    return only(session_view(record(*now, **kw), trends, {MAXIMUS: then}))


def test_the_difference_has_the_interval_of_two_independent_samples():
    now, then = [0.31, 0.25, 0.28, 0.35], [0.12, 0.18, 0.10]
    change = compared(constant(*now), points(*constant(*then))).change
    expected = stats.ttest_ind(now, then, equal_var=False).confidence_interval(0.95)
    assert change.difference.value == pytest.approx(np.mean(now) - np.mean(then))
    assert (change.difference.low, change.difference.high) == pytest.approx(tuple(expected), rel=1e-9)
    assert (change.day, change.label, change.difference.n) == (BEFORE, "morning", 42)


def test_both_sessions_references_widen_the_difference():
    now, then = constant(0.3, 0.3, 0.3), constant(0.1, 0.1, 0.1)
    change = compared(now, points(*then, shared=0.03), shared=0.04).change
    assert change.difference.se == pytest.approx(0.05)
    assert change.difference.high == pytest.approx(0.2 + 1.959964 * 0.05, rel=1e-6)


def test_two_sets_have_a_difference_without_interval():
    change = compared(constant(0.3, 0.3), points(*constant(0.1, 0.1, 0.1))).change
    assert change.difference.value == pytest.approx(0.2)
    assert change.difference.reason == "3 sets then and 2 now, an interval needs 3 each"


ERROR = MeasurementError(0.11, 0.02, 0.07, 0.163, 0.194, True, 9)


@pytest.mark.parametrize(("mean", "exceeds"), [(0.29, False), (0.30, True), (-0.09, False), (-0.1, True)])
def test_a_difference_is_held_against_the_measurement_error(mean, exceeds):
    change = compared(constant(mean, mean, mean), points(*constant(0.1, 0.1, 0.1)), error=ERROR).change
    assert change.exceeds is exceeds
    assert change.error.learned


def test_without_a_known_error_there_is_no_verdict():
    then = points(*constant(0.1, 0.1, 0.1))
    assert compared(constant(0.5, 0.5, 0.5), then).change.exceeds is None
    unknown = replace(ERROR, mdc95=math.nan)
    assert compared(constant(0.5, 0.5, 0.5), then, error=unknown).change.exceeds is None


def test_the_session_before_is_the_last_one_before_this():
    sets = constant(0.1, 0.1, 0.1)
    then = [
        *points(*constant(0.9, 0.9, 0.9), session=5, day=date(2026, 10, 12)),
        *points(*constant(0.8, 0.8, 0.8), session=2, day=TODAY),
        *points(*constant(0.2, 0.2, 0.2), session=4, day=BEFORE),
        *points(*constant(0.3, 0.3, 0.3), session=1, day=BEFORE),
    ]
    assert compared(sets, then, number=2).change.before.value == pytest.approx(0.2)
    same_day = points(*constant(0.4, 0.4, 0.4), session=7, day=TODAY)
    assert compared(sets, [*then, *same_day], number=8).change.before.value == pytest.approx(0.4)
    assert compared(sets, [*then, *same_day], number=0).change.before.value == pytest.approx(0.4)


def test_nothing_before_is_said():
    series = compared(constant(0.1, 0.1, 0.1), points(*constant(0.1), session=9, day=date(2026, 10, 12)))
    assert (series.change, series.why_no_change) == (None, "no earlier session")


@pytest.mark.parametrize(
    ("then", "now", "why"),
    [
        ({"setup": "A"}, {"setup": "B"}, 'not comparable: the setup was "A" before and is "B" in this session'),
        ({"setup": "A"}, {"setup": ""}, ""),
        ({"setup": ""}, {"setup": "B"}, ""),
        (
            {"devices": Bilateral("4F2A", "71C0")},
            {"devices": Bilateral("4F2A", "88E1")},
            'not comparable: the right sensor was "71C0" before and is "88E1" in this session',
        ),
        ({"devices": Bilateral("4F2A", "71C0")}, {}, ""),
    ],
)
def test_another_setup_is_not_compared(then, now, why):
    series = compared(constant(0.1, 0.1, 0.1), points(*constant(0.1, 0.1, 0.1), **then), **now)
    assert series.why_no_change == why
    assert (series.change is None) is bool(why)


def test_a_setup_that_was_not_said_is_that_of_the_session_before_it():
    sets = constant(0.1, 0.1, 0.1)
    then = [*points(*sets, session=1, setup="A"), *points(*sets, session=2, day=date(2026, 10, 6))]
    assert compared(sets, then, number=3, setup="A").change.day == date(2026, 10, 6)
    assert "not comparable" in compared(sets, then, number=3, setup="B").why_no_change


def test_no_answer_on_either_day_is_said():
    lost = [replace(one, log_ratio=Estimate.none(Status.REFUSED, "dead")) for one in constant(0.1)]
    assert compared(lost, points(*constant(0.1))).why_no_change == "no answer in this session"
    assert compared(constant(0.1), points(*lost)).why_no_change == "no answer in the session before: dead"


def mirrored(one):
    ratio = replace(one.log_ratio, value=-one.log_ratio.value, low=-one.log_ratio.high, high=-one.log_ratio.low)
    return replace(one, log_ratio=ratio, sides=Bilateral(one.sides.right, one.sides.left))


LAMBDAS = st.lists(st.floats(-1.5, 1.5), min_size=3, max_size=6)


@settings(derandomize=True, deadline=None, max_examples=60)
@given(LAMBDAS, LAMBDAS)
def test_swapping_the_sides_flips_the_sign_and_nothing_else(now, then):
    plain = compared(constant(*now), points(*constant(*then)), error=ERROR)
    swapped = compared(map(mirrored, constant(*now)), points(*map(mirrored, constant(*then))), error=ERROR)
    for a, b in (
        (plain.whole.log_ratio, swapped.whole.log_ratio),
        (plain.change.difference, swapped.change.difference),
        (plain.whole.drift, swapped.whole.drift),
    ):
        assert (b.value, b.se, b.n) == pytest.approx((-a.value, a.se, a.n), abs=1e-12, nan_ok=True)
        assert (b.low, b.high) == pytest.approx((-a.high, -a.low), abs=1e-9, nan_ok=True)
    assert swapped.whole.sides.left == plain.whole.sides.right
    assert swapped.change.exceeds is plain.change.exceeds


def test_side_values_follow_the_ratio():
    whole = only(session_view(record(*constant(0.3, 0.3, 0.3)))).whole
    assert math.log(whole.sides[Side.RIGHT].value / whole.sides[Side.LEFT].value) == pytest.approx(0.3)
