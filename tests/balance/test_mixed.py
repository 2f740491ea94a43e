"""Sets of unequal size: statsmodels, the closed form, and what happens at the edges."""

import math
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glutebal.balance.mixed import fit_means, fit_sets
from glutebal.balance.nested import nested_estimate
from glutebal.balance.nested import set_variance as anova
from glutebal.errors import InputError
from glutebal.results import Status

PLANS = [(5, 12, 20), (8, 9, 10, 7), (20, 5, 5), (6, 6, 6, 6, 11), (1, 8, 8, 3)]


def session(seed, sizes, set_sd=0.1, rep_sd=0.1):
    rng = np.random.default_rng(seed)
    return [rng.normal(rng.normal(0.15, set_sd), rep_sd, n) for n in sizes]


def by_statsmodels(sets):
    from statsmodels.regression.mixed_linear_model import MixedLM
    from statsmodels.tools.sm_exceptions import ConvergenceWarning

    groups = np.repeat(np.arange(len(sets)), [len(s) for s in sets])
    values = np.concatenate(sets)
    with warnings.catch_warnings():
        # its optimiser complains whenever it tries the edge of the parameter space on the way
        warnings.simplefilter("ignore", ConvergenceWarning)
        found = MixedLM(values, np.ones((values.size, 1)), groups).fit(reml=True, method=["bfgs", "nm"])
    return float(found.fe_params[0]), float(found.cov_re[0, 0]), float(found.scale)


def deviance(sets, set_variance, rep_variance):
    """−2 log restricted likelihood, written down with matrices as in any textbook."""
    groups, values = np.repeat(np.arange(len(sets)), [len(s) for s in sets]), np.concatenate(sets)
    covariance = rep_variance * np.eye(values.size) + set_variance * np.equal.outer(groups, groups)
    precision = np.linalg.inv(covariance)
    residuals = values - precision.sum(axis=0) @ values / precision.sum()
    dets = np.linalg.slogdet(covariance)[1] + math.log(precision.sum())
    return dets + residuals @ precision @ residuals


@pytest.mark.parametrize("seed", [2, 3, 4])
@pytest.mark.parametrize("sizes", PLANS, ids=str)
def test_the_fit_is_that_of_statsmodels(seed, sizes):
    sets = session(seed, sizes, set_sd=0.2)
    ours = fit_sets(sets)
    mean, set_variance, rep_variance = by_statsmodels(sets)
    assert ours.set_variance > 1e-4  # away from the edge, where both converge
    assert ours.mean == pytest.approx(mean, abs=1e-5)
    assert ours.rep_variance == pytest.approx(rep_variance, rel=1e-4)
    assert ours.set_variance == pytest.approx(set_variance, rel=5e-4)  # its optimiser stops that near to the top
    best = deviance(sets, ours.set_variance, ours.rep_variance)
    assert best <= deviance(sets, set_variance, rep_variance) + 1e-12 * abs(best)
    precision = sum(n / (rep_variance + n * set_variance) for n in sizes)  # generalised least squares
    assert ours.model_se == pytest.approx(1 / math.sqrt(precision), rel=1e-3)


@pytest.mark.parametrize("seed", range(5))
def test_no_other_ratio_is_more_likely(seed):
    sets = session(seed, (5, 12, 20, 7), set_sd=0.06)
    found = fit_sets(sets)
    best = deviance(sets, found.set_variance, found.rep_variance)
    for a in [0, *np.geomspace(1e-3, 3, 25) * 0.06**2]:
        for b in np.geomspace(0.3, 3, 15) * 0.1**2:
            assert best <= deviance(sets, a, b) + 1e-9


def test_equal_sets_are_the_closed_form(vectors):
    row = vectors["nested"]
    found, closed, components = fit_sets(row["sets"]), nested_estimate(row["sets"]), anova(row["sets"])
    assert [found.mean, found.se, found.model_se] == pytest.approx([closed.value, row["se"], row["se"]], rel=1e-9)
    assert found.set_variance == pytest.approx(row["s2set"], rel=1e-9)
    assert found.rep_variance == pytest.approx(components.within, rel=1e-9)
    assert found.df == row["df"]


@pytest.mark.parametrize("set_sd", [0.0, 0.1])
def test_one_repetition_more_changes_little(set_sd):
    """The closed form and the fit meet: also where the sets differ less than their repetitions would explain."""
    for seed in range(10):
        sets = session(seed, (40, 40, 40, 40), set_sd)
        longer = [*sets[:3], np.append(sets[3], sets[3].mean())]
        before, after = nested_estimate(sets), nested_estimate(longer)
        assert (before.method, after.method) == ("t on set means", "t on set means, weighed by REML")
        assert after.value == pytest.approx(before.value, abs=0.05 * before.se)
        assert after.se == pytest.approx(before.se, rel=0.02)


def test_a_session_of_unequal_sets_uses_the_fit():
    sets = session(4, (5, 12, 20))
    found, fit = nested_estimate(sets), fit_sets(sets)
    assert (found.value, found.se) == (fit.mean, pytest.approx(fit.se, rel=1e-12))
    assert (found.high - found.low) / 2 == pytest.approx(4.302653 * fit.se, rel=1e-6)
    assert found.n == 37


def test_weights_go_from_repetitions_to_sets():
    means, sizes = [0.0, 0.0, 0.3], [5, 10, 30]
    pooled = fit_means(means, sizes, [100.0])  # repetitions scatter so much that the sets may be one
    alone = fit_means(means, sizes, [1e-9])  # they do not scatter at all
    assert pooled.set_variance == 0
    assert pooled.mean == pytest.approx(np.average(means, weights=sizes))
    assert alone.mean == pytest.approx(np.mean(means), rel=1e-6)


def test_sets_that_do_not_differ_have_no_variance_between_them():
    found = fit_sets([[-1.0, 1.0], [-1.0, 1.0, 0.0], [-1.0, 1.0]])
    assert (found.mean, found.se, found.set_variance) == (0, 0, 0)
    assert found.rep_variance == pytest.approx(1.0)
    assert found.model_se > 0


def test_repetitions_that_do_not_differ_let_every_set_count_once():
    found = nested_estimate([[0.1] * 3, [0.2] * 5, [0.6] * 9])
    assert found.value == pytest.approx(0.3, rel=1e-6)
    assert found.se == pytest.approx(np.std([0.1, 0.2, 0.6], ddof=1) / math.sqrt(3), rel=1e-6)


@pytest.mark.parametrize("value", [0.0, 0.1, -1e6])
def test_nothing_differs(value):
    found = nested_estimate([[value] * 3, [value] * 5, [value] * 4])
    assert found.se == 0
    assert [found.value, found.low, found.high] == pytest.approx([value] * 3, rel=1e-15)


def test_sets_of_one_repetition_are_repetitions():
    values = [0.1, 0.3, 0.2, 0.25]
    found = nested_estimate([[v] for v in values])
    assert found.se == pytest.approx(np.std(values, ddof=1) / 2)
    assert found.method == "t on set means"


def test_two_unequal_sets_have_no_interval():
    found = nested_estimate([[0.1, 0.2], [0.3, 0.4, 0.5]])
    assert found.status is Status.TOO_FEW
    assert found.value == pytest.approx(0.275)


@pytest.mark.parametrize("sets", [[], [[0.1, 0.2]], [[0.1], [0.2], [0.3]], [[0.1, 0.2], []], [[0.1, math.nan], [0.2]]])
def test_what_cannot_be_fitted_is_refused(sets):
    with pytest.raises(InputError, match="mixed model: needed"):
        fit_sets(sets)


def test_many_at_once_are_each_alone():
    sizes = (5, 12, 20)
    sessions = [session(seed, sizes) for seed in range(20)]
    means = [[s.mean() for s in sets] for sets in sessions]
    within = [sum(((s - s.mean()) ** 2).sum() for s in sets) for sets in sessions]
    found, alone = fit_means(means, sizes, within), [fit_sets(sets) for sets in sessions]
    np.testing.assert_allclose(found.mean, [f.mean for f in alone], rtol=1e-9)
    np.testing.assert_allclose(found.se, [f.se for f in alone], rtol=1e-9)
    np.testing.assert_allclose(found.set_variance, [f.set_variance for f in alone], rtol=1e-6, atol=1e-12)


@pytest.mark.parametrize("set_sd", [0.0, 0.1])
def test_the_interval_covers_when_sets_are_unequal(set_sd):
    rng, sizes = np.random.default_rng(8), (5, 8, 12, 20)
    sets = [rng.normal(0, set_sd, (3000, 1)) + rng.normal(0, 0.1, (3000, n)) for n in sizes]
    means = np.stack([s.mean(axis=1) for s in sets], axis=-1)
    found = fit_means(means, sizes, sum(((s - s.mean(axis=1, keepdims=True)) ** 2).sum(axis=1) for s in sets))
    assert 0.93 <= np.mean(np.abs(found.mean) <= 3.182446 * found.se) <= 0.97  # t of 3 degrees of freedom


reps = st.lists(st.floats(-2, 2).map(lambda x: round(x, 3)), min_size=1, max_size=8)


@settings(derandomize=True, deadline=None, max_examples=60)
@given(st.lists(reps, min_size=3, max_size=6), st.floats(0.1, 10))
def test_swapping_mirrors_shifting_shifts_scaling_scales(sets, scale):
    found = nested_estimate(sets)
    mirrored = nested_estimate([[-x for x in s] for s in sets])
    shifted = nested_estimate([[x + 1.0 for x in s] for s in sets])
    scaled = nested_estimate([[x * scale for x in s] for s in sets])
    tight = {"rel": 1e-6, "abs": 1e-8}
    assert -mirrored.value == pytest.approx(found.value, **tight)
    assert shifted.value - 1 == pytest.approx(found.value, **tight)
    assert [scaled.value, scaled.se] == pytest.approx([scale * found.value, scale * found.se], **tight)
    assert [mirrored.se, shifted.se] == pytest.approx([found.se, found.se], **tight)
    assert min(map(min, sets)) - 1e-9 <= found.value <= max(map(max, sets)) + 1e-9
