"""Sets as replicates: the worked example, textbook variance components, coverage."""

import math

import numpy as np
import pytest
from scipy.stats import f_oneway

from glutebal.balance.estimate import INDEPENDENT, as_imbalance, set_estimate
from glutebal.balance.nested import nested_estimate, set_variance
from glutebal.results import Status


def test_worked_session(vectors):
    row = vectors["nested"]
    found = nested_estimate(row["sets"])
    assert found.value == pytest.approx(row["grand"], rel=1e-12)
    assert found.se == pytest.approx(row["se"], rel=1e-9)
    assert [found.low, found.high] == pytest.approx(row["ci"], rel=1e-9)
    assert found.n == 12
    shown = as_imbalance(found)
    assert [shown.value, shown.low, shown.high] == pytest.approx([7.15, -0.42, 14.65], abs=0.006)


def test_worked_variance_components(vectors):
    row = vectors["nested"]
    found = set_variance(row["sets"])
    assert found.between == pytest.approx(row["MSB"], rel=1e-9)
    assert found.within == pytest.approx(row["MSW"], rel=1e-9)
    assert found.set_variance == pytest.approx(row["s2set"], rel=1e-9)
    assert found.icc == pytest.approx(0.8425, abs=5e-5)
    assert row["df"] == len(row["sets"]) - 1


def test_repetitions_taken_as_replicates_are_too_sure(vectors):
    row = vectors["nested"]
    naive = set_estimate(np.ravel(row["sets"]), autocorrelation=INDEPENDENT)
    assert [naive.low, naive.high] == pytest.approx(row["naive_ci"], rel=1e-9)
    assert nested_estimate(row["sets"]).se ** 2 / naive.se**2 == pytest.approx(4.6, abs=0.05)


def test_unequal_sets_agree_with_the_textbook_anova():
    rng = np.random.default_rng(2)
    sets = [rng.normal(mean, 0.1, size) for mean, size in ((0.1, 5), (0.3, 9), (0.0, 7), (0.2, 6))]
    found = set_variance(sets)
    assert found.between / found.within == pytest.approx(f_oneway(*sets).statistic, rel=1e-9)
    assert 0 < found.icc < 1


def test_coverage_when_sets_differ():
    rng = np.random.default_rng(6)
    sessions = rng.normal(0, 0.1, (2000, 4, 1)) + rng.normal(0, 0.1, (2000, 4, 8))
    found = [nested_estimate(sets) for sets in sessions]
    assert 0.935 <= np.mean([e.low <= 0 <= e.high for e in found]) <= 0.965


@pytest.mark.parametrize("k", [1, 2])
def test_under_three_sets_there_is_no_interval(k):
    found = nested_estimate([[0.1, 0.2, 0.3]] * k)
    assert found.status is Status.TOO_FEW
    assert found.value == pytest.approx(0.2)
    assert math.isnan(found.low)
    assert found.reason == f"{k} {'set' if k == 1 else 'sets'}, an interval needs 3"


def test_missing_values_and_empty_sets_are_left_out(vectors):
    sets = vectors["nested"]["sets"]
    with_gaps = [[math.nan, *sets[0]], [math.nan], sets[1], [], sets[2]]
    assert nested_estimate(with_gaps) == nested_estimate(sets)
    assert nested_estimate([[math.nan], []]).status is Status.REFUSED


def test_a_shared_error_widens_the_session(vectors):
    sets = vectors["nested"]["sets"]
    assert nested_estimate(sets, extra_se=0.1).se == pytest.approx(math.hypot(nested_estimate(sets).se, 0.1))


@pytest.mark.parametrize("sets", [[], [[0.1, 0.2]], [[0.1], [0.2]], [[math.nan], [0.1, 0.2]]])
def test_variance_components_need_sets_and_repetitions(sets):
    found = set_variance(sets)
    assert all(math.isnan(v) for v in (found.between, found.within, found.set_variance, found.icc))


def test_no_variance_below_zero():
    found = set_variance([[-1.0, 1.0], [-1.0, 1.0], [-1.0, 1.0]])
    assert (found.set_variance, found.icc) == (0, 0)
    assert math.isnan(set_variance([[1.0, 1.0], [1.0, 1.0]]).icc)
