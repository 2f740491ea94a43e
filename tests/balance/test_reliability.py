"""Typical error, detectable change and reliable change: the published tables and what they must obey."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glutebal.balance.icc import Icc
from glutebal.balance.indices import convert
from glutebal.balance.reliability import (
    Verdict,
    cv_percent,
    mdc,
    mdc_ratio,
    reliability,
    reliable_change,
    reliable_change_by_sem,
    sem_of_sides,
    smallest_clear,
    smallest_worthwhile_group,
    smallest_worthwhile_individual,
)
from glutebal.errors import InputError
from glutebal.model import Bilateral
from glutebal.results import Estimate, Status

Z95, Z90 = 1.959963984540054, 1.6448536269514722


def test_retest_of_eight_people(vectors):
    row = vectors["testretest"]
    found = reliability(row["X"])
    assert found.sem.value == pytest.approx(row["sem"], rel=1e-9)
    assert found.sem.value == pytest.approx(row["sd_diff"] / math.sqrt(2), rel=1e-9)
    assert found.icc[Icc.CONSISTENCY].value == pytest.approx(row["icc31"], rel=1e-9)
    assert found.icc[Icc.AGREEMENT].value == pytest.approx(row["icc21"], rel=1e-9)
    # the table rounds the normal quantiles to 1.96 and 1.645
    assert found.mdc95.value * 1.96 / Z95 == pytest.approx(row["mdc95"], rel=1e-9)
    assert found.mdc90.value * 1.645 / Z90 == pytest.approx(row["mdc90"], rel=1e-9)
    assert found.mdc95.value == pytest.approx(row["mdc95"], rel=3e-5)


def test_the_absolute_value_answers_another_question(vectors):
    row = vectors["testretest"]
    found = reliability(np.abs(row["X"]))
    assert found.icc[Icc.CONSISTENCY].value == pytest.approx(row["icc31_abs"], rel=1e-9)


def test_typical_error_covers():
    rng = np.random.default_rng(4)
    tables = rng.normal(0, 2, (1500, 8, 1)) + rng.normal(0, 0.5, (1500, 8, 3)) + rng.normal(0, 1, (1500, 1, 3))
    ends = [(r.sem.low, r.sem.high) for r in map(reliability, tables[:400])]
    assert 0.93 <= np.mean([low <= 0.5 <= high for low, high in ends]) <= 0.97


def test_detectable_changes_are_the_typical_error_times_a_constant(vectors):
    found = reliability(vectors["shrout_fleiss"]["X"])
    for change, factor in ((found.mdc95, 2.772), (found.mdc90, 2.326)):
        assert change.value / found.sem.value == pytest.approx(factor, abs=5e-4)
        assert change.low / found.sem.low == pytest.approx(factor, abs=5e-4)
        assert change.high / found.sem.high == pytest.approx(factor, abs=5e-4)
    assert found.sem.value == math.sqrt(found.anova.error)
    assert found.smallest_worthwhile == pytest.approx(0.2 * found.anova.sd_between)


def test_spread_between_persons_leaves_session_shifts_out():
    table = np.array([[1.0, 101.0], [2.0, 102.0], [4.0, 104.0]])
    found = reliability(table)
    assert found.anova.sd_between == pytest.approx(np.std([1, 2, 4], ddof=1))
    assert found.sem.value == 0


def test_log_scale_views():
    assert cv_percent(0.05) == pytest.approx(5.127, abs=5e-4)
    assert mdc_ratio(0.05) == pytest.approx(1.14866, abs=1e-5)
    assert mdc_ratio(0.05) == pytest.approx(math.exp(mdc(0.05)))


@pytest.mark.parametrize(
    ("cv", "change", "change_bsa", "single_bsa"),
    [(0.03, 0.118, 11.1, 8.0), (0.05, 0.196, 17.8, 12.9), (0.08, 0.314, 26.9, 19.9), (0.10, 0.392, 32.4, 24.2)],
)
def test_from_the_error_of_a_side_to_what_can_be_seen(cv, change, change_bsa, single_bsa):
    def bsa(log_ratio):
        return abs(convert(100 * math.tanh(log_ratio / 2), "bai1", "bsa"))

    sem = sem_of_sides(Bilateral(cv, cv))
    assert sem == pytest.approx(math.sqrt(2) * cv)
    assert mdc(sem) == pytest.approx(change, abs=5e-4)
    assert bsa(mdc(sem)) == pytest.approx(change_bsa, abs=0.05)
    assert bsa(smallest_clear(sem)) == pytest.approx(single_bsa, abs=0.05)


def test_sides_of_unequal_error():
    assert sem_of_sides(Bilateral(0.03, 0.04)) == pytest.approx(0.05)


def test_smallest_worthwhile_changes():
    assert smallest_worthwhile_group(5) == pytest.approx(1.0)
    assert smallest_worthwhile_individual(5) == pytest.approx(1.5)


def test_first_against_last_session():
    found = reliable_change(Estimate(0.200, se=0.03), Estimate(0.090, se=0.03))
    assert found.z == pytest.approx(-2.593, abs=5e-4)
    assert found.p == pytest.approx(0.0095, abs=5e-5)
    assert found.verdict is Verdict.LOWER
    assert found.change.value == pytest.approx(-0.11)
    assert found.change.high == pytest.approx(-0.11 + Z95 * 0.03 * math.sqrt(2))


@pytest.mark.parametrize("confidence", [0.9, 0.95])
def test_a_change_is_reliable_from_the_detectable_change_on(confidence):
    sem = 0.05
    edge = mdc(sem, confidence)
    assert reliable_change_by_sem(0.1, 0.1 + 0.999 * edge, sem, confidence).verdict is Verdict.WITHIN
    assert reliable_change_by_sem(0.1, 0.1 + 1.001 * edge, sem, confidence).verdict is Verdict.HIGHER
    assert reliable_change_by_sem(0.1, 0.1 + edge, sem).p == pytest.approx(1 - confidence)


@pytest.mark.parametrize(
    ("first", "second", "why"),
    [
        (Estimate.none(Status.REFUSED, "dead sensor"), Estimate(0.1, se=0.1), "the first has no value: dead sensor"),
        (Estimate(0.1, se=0.1), Estimate(0.2), "the second has no standard error"),
        (Estimate(0.1, se=0.0), Estimate(0.2, se=0.0), "no error of measurement was given"),
        (Estimate(0.1, se=0.1), Estimate(math.nan, se=0.1), "the second has no value: ok"),
    ],
)
def test_what_is_not_known_is_no_change_and_no_absence_of_one(first, second, why):
    found = reliable_change(first, second)
    assert found.verdict is Verdict.UNKNOWN
    assert found.change.reason == why
    assert all(math.isnan(x) for x in (found.z, found.p, found.change.value))


@pytest.mark.parametrize("call", [mdc, mdc_ratio, cv_percent, smallest_clear, smallest_worthwhile_group])
@pytest.mark.parametrize("bad", [-0.1, math.nan, math.inf])
def test_an_error_is_a_number_of_0_or_more(call, bad):
    with pytest.raises(InputError, match="of 0 or more"):
        call(bad)


values = st.floats(-5, 5)
errors = st.floats(0.01, 2)


@settings(derandomize=True, deadline=None)
@given(values, values, errors, errors)
def test_turning_time_round_turns_the_change_round(a, b, first_se, second_se):
    first, second = Estimate(a, se=first_se), Estimate(b, se=second_se)
    there, back = reliable_change(first, second), reliable_change(second, first)
    turned = {Verdict.HIGHER: Verdict.LOWER, Verdict.LOWER: Verdict.HIGHER, Verdict.WITHIN: Verdict.WITHIN}
    assert back.verdict is turned[there.verdict]
    assert [back.z, back.p] == pytest.approx([-there.z, there.p], abs=1e-12)
    assert 0 <= there.p <= 1
