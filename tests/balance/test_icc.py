"""Intraclass correlation: the table of Shrout and Fleiss, statsmodels, and what shifts and scales may do."""

import math

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from glutebal.balance.icc import Icc, icc, two_way
from glutebal.errors import InputError
from glutebal.results import Status


def test_mean_squares_of_shrout_and_fleiss(vectors):
    found = two_way(vectors["shrout_fleiss"]["X"])
    squares = [found.persons, found.sessions, found.error, found.within]
    assert squares == pytest.approx([11.24167, 32.48611, 1.019444, 6.263889], rel=1e-6)
    assert (found.n, found.k, found.error_df) == (6, 4, 15)


@pytest.mark.parametrize(
    ("kind", "name", "ends"),
    [
        # ends as printed by Revelle's psych package for R (function ICC, its example)
        (Icc.ONE_WAY, "icc11", (-0.133, 0.72)),
        (Icc.AGREEMENT, "icc21", (0.019, 0.76)),
        (Icc.CONSISTENCY, "icc31", (0.342, 0.95)),
        (Icc.MEAN_ONE_WAY, "icc1k", (-0.884, 0.91)),
        (Icc.MEAN_AGREEMENT, "icc2k", (0.071, 0.93)),
        (Icc.MEAN_CONSISTENCY, "icc3k", (0.676, 0.99)),
    ],
)
def test_the_six_correlations_of_shrout_and_fleiss(kind, name, ends, vectors):
    found = icc(two_way(vectors["shrout_fleiss"]["X"]), kind)
    assert found.value == pytest.approx(vectors["shrout_fleiss"][name], rel=1e-9)
    assert found.low == pytest.approx(ends[0], abs=5e-4)
    assert found.high == pytest.approx(ends[1], abs=5e-3)
    assert (found.n, found.status) == (6, Status.OK)


def test_the_interval_of_consistency(vectors):
    row = vectors["shrout_fleiss"]
    found = icc(two_way(row["X"]), Icc.CONSISTENCY)
    assert [found.low, found.high] == pytest.approx(row["icc31_ci95"], rel=1e-6)


def test_mean_squares_are_those_of_statsmodels():
    import pandas as pd
    from statsmodels.formula.api import ols
    from statsmodels.stats.anova import anova_lm

    table = np.random.default_rng(3).normal(0, 1, (7, 3)) + np.arange(7)[:, None]
    rows, columns = np.indices(table.shape)
    long = pd.DataFrame({"y": table.ravel(), "person": rows.ravel(), "session": columns.ravel()})
    theirs = anova_lm(ols("y ~ C(person) + C(session)", long).fit())["mean_sq"]
    within = anova_lm(ols("y ~ C(person)", long).fit())["mean_sq"]["Residual"]
    found = two_way(table)
    assert [found.persons, found.sessions, found.error] == pytest.approx(theirs.tolist(), rel=1e-9)
    assert found.within == pytest.approx(within, rel=1e-9)


def test_one_way_correlation_is_the_variance_ratio_of_the_mixed_model_of_statsmodels(vectors):
    from statsmodels.regression.mixed_linear_model import MixedLM

    table = np.array(vectors["testretest"]["X"])
    groups = np.repeat(np.arange(len(table)), table.shape[1])
    fit = MixedLM(table.ravel(), np.ones((table.size, 1)), groups).fit(reml=True)
    theirs = float(fit.cov_re[0, 0] / (fit.cov_re[0, 0] + fit.scale))
    assert icc(two_way(table), Icc.ONE_WAY).value == pytest.approx(theirs, abs=1e-4)


@pytest.mark.parametrize("kind", Icc)
def test_intervals_cover(kind):
    rng = np.random.default_rng(5)
    shift = 0.0 if "ONE_WAY" in kind.name else 0.7
    n, k, runs = 15, 3, 400
    tables = rng.normal(0, 1, (runs, n, 1)) + rng.normal(0, 0.6, (runs, n, k)) + rng.normal(0, shift, (runs, 1, k))
    counted = 0.36 + (shift**2 if "AGREEMENT" in kind.name else 0)
    truth = 1 / (1 + counted / (k if "MEAN" in kind.name else 1))
    found = [icc(two_way(table), kind) for table in tables]
    assert 0.92 <= np.mean([e.low <= truth <= e.high for e in found]) <= 0.98


def test_perfect_agreement():
    found = two_way([[0.1, 0.1, 0.1], [0.2, 0.2, 0.2], [0.7, 0.7, 0.7]])
    assert (found.error, found.within, found.sessions) == (0, 0, 0)
    for kind in Icc:
        assert icc(found, kind).value == icc(found, kind).low == 1


def test_perfect_consistency_is_no_agreement():
    found = two_way([[1.0, 3.0], [2.0, 4.0], [4.0, 6.0]])
    assert icc(found, Icc.CONSISTENCY).value == 1
    agreement = icc(found, Icc.AGREEMENT)
    assert agreement.low < agreement.value < agreement.high < 1


def test_persons_who_hardly_differ_have_a_negative_correlation():
    found = two_way([[1.0, -1.0], [-1.0, 1.0], [1.0, -1.0], [-1.0, 1.1]])
    assert -1 < icc(found, Icc.ONE_WAY).value < -0.9
    assert icc(found, Icc.MEAN_ONE_WAY).value < -100


@pytest.mark.parametrize("kind", Icc)
@pytest.mark.parametrize(
    "table", [[[0.0, 1.0], [1.0, 0.0]], [[0.0, 1.0], [0.0, 1.0]], [[0.0, 1, 2], [2.0, 0, 1]]], ids=str
)
def test_persons_whose_means_are_equal_have_no_correlation(kind, table):
    found = icc(two_way(table), kind)
    assert found.status is Status.REFUSED
    assert found.reason == "the means of the persons do not differ"


def test_errors_that_leave_nothing_to_the_mean():
    found = icc(two_way([[0.0, 9.0], [9.0, 1.0]]), Icc.MEAN_AGREEMENT)
    assert (found.status, found.reason) == (Status.REFUSED, "the errors are larger than what persons differ by")


@pytest.mark.parametrize("kind", Icc)
@pytest.mark.parametrize("value", [0.0, 0.1, -3e7])
def test_equal_values_have_no_correlation(kind, value):
    assert icc(two_way(np.full((3, 4), value)), kind).status is Status.REFUSED


@pytest.mark.parametrize("table", [[1.0, 2.0], [[1.0, 2.0]], [[1.0], [2.0]], np.ones((2, 2, 2))])
def test_a_table_is_needed(table):
    with pytest.raises(InputError, match="two or more persons by two or more sessions"):
        two_way(table)


def test_a_missing_cell_is_named():
    with pytest.raises(InputError, match=r"2 without one: row 1 column 2, row 3 column 1; try: leave those rows out"):
        two_way([[1.0, math.nan], [2.0, 3.0], [math.inf, 4.0]])


tables = arrays(float, st.tuples(st.integers(2, 6), st.integers(2, 4)), elements=st.integers(-9, 9).map(float))


def test_an_agreement_without_degrees_of_freedom_has_no_interval_and_says_so():
    found = icc(two_way([[-4.0, 9.0], [-3.0, 8.0], [2.0, 2.0]]), Icc.AGREEMENT)
    assert found.value < 0
    assert math.isnan(found.low)
    assert math.isnan(found.high)
    assert "degrees of freedom" in found.reason


@settings(derandomize=True, deadline=None)
@given(tables, st.floats(0.5, 4), st.floats(-9, 9))
@example(np.array([[0.0, 0, 0], [0, -5, 7]]), 2.0, 0.0)  # next to no degrees of freedom, here and below
@example(np.array([[-4.0, 9], [-3, 8], [2, 2]]), 1.0, 0.0)
@example(np.array([[-2.0, 6], [-5, 9], [3, 0]]), 1.0, 0.0)
def test_units_do_not_matter(table, scale, shift):
    anova, other = two_way(table), two_way(round(shift) - 2.0 ** round(scale) * table)
    for kind in Icc:
        ours, theirs = icc(anova, kind), icc(other, kind)
        if math.isfinite(ours.value):
            assert [theirs.value, theirs.low, theirs.high] == pytest.approx(
                [ours.value, ours.low, ours.high], rel=1e-6, abs=1e-6, nan_ok=True
            )
            assert ours.value <= 1 + 1e-12


@settings(derandomize=True, deadline=None)
@given(tables)
def test_the_mean_of_sessions_is_more_reliable_than_one(table):
    anova = two_way(table)
    for single, mean in zip(list(Icc)[:3], list(Icc)[3:], strict=True):
        one, many = icc(anova, single), icc(anova, mean)
        if one.status is Status.OK and one.value >= 0:
            assert many.value >= one.value - 1e-12
