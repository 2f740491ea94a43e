"""Limits of agreement, kappa and the CV rule: published examples, tables, statsmodels, coverage."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glutebal.balance.agreement import (
    Agreement,
    CvRule,
    bland_altman,
    cohen_kappa,
    direction_table,
    exceeds_cv,
    fleiss_kappa,
    landis_koch,
)
from glutebal.errors import InputError
from glutebal.results import Status

# Bland & Altman 1986, table 1: peak expiratory flow in l/min by a large and a mini meter, first readings
LARGE = [494, 395, 516, 434, 476, 557, 413, 442, 650, 433, 417, 656, 267, 478, 178, 423, 427]
MINI = [512, 430, 520, 428, 500, 600, 364, 380, 658, 445, 432, 626, 260, 477, 259, 350, 451]

# ten subjects, fourteen raters, five categories: the worked example that everybody computes
RATERS = [
    *([0, 0, 0, 0, 14], [0, 2, 6, 4, 2], [0, 0, 3, 5, 6], [0, 3, 9, 2, 0], [2, 2, 8, 1, 1]),
    *([7, 7, 0, 0, 0], [3, 2, 6, 3, 0], [2, 5, 3, 2, 2], [6, 5, 2, 1, 0], [0, 2, 2, 3, 7]),
]


def test_peak_flow_of_bland_and_altman():
    found = bland_altman(MINI, LARGE)
    assert found.bias.value == pytest.approx(-2.1, abs=0.05)
    assert found.sd == pytest.approx(38.8, abs=0.05)
    assert [found.bias.low, found.bias.high] == pytest.approx([-22.0, 17.8], abs=0.1)
    z = 1.959964
    assert [found.low.value, found.high.value] == pytest.approx([-2.1 - z * 38.8, -2.1 + z * 38.8], abs=0.2)
    # their approximate intervals are 35 either way; the exact ones reach further out than in
    approximate = 2.12 * math.sqrt(3 / 17) * 38.8
    assert found.low.value - found.low.low > approximate > found.low.high - found.low.value
    assert found.high.high - found.high.value == pytest.approx(found.low.value - found.low.low)


@pytest.mark.parametrize(("n", "factor"), [(10, 2.911), (20, 2.396), (30, 2.220), (50, 2.065)])
def test_outer_ends_are_the_one_sided_tolerance_factors_of_the_tables(n, factor):
    """ISO 16269-6, one-sided, 95 % of the population with 95 % confidence."""
    differences = np.linspace(-1, 1, n)
    found = bland_altman(np.zeros(n), differences, coverage=0.9, level=0.9)
    assert (found.high.high - found.bias.value) / found.sd == pytest.approx(factor, abs=5e-4)


def test_retest_limits(vectors):
    row = vectors["testretest"]
    first, second = np.transpose(row["X"])
    found = bland_altman(first, second)
    assert found.bias.value == pytest.approx(row["mean_diff"], rel=1e-9)
    assert found.sd == pytest.approx(row["sd_diff"], rel=1e-9)
    assert [found.low.value, found.high.value] == pytest.approx(row["loa"], rel=3e-5)  # the table's z is 1.96
    half = (found.high.value - found.low.value) / 2
    assert half * 1.96 / 1.9599639845400545 == pytest.approx((row["loa"][1] - row["loa"][0]) / 2, rel=1e-9)


def test_limits_cover():
    rng = np.random.default_rng(3)
    hits = []
    for _ in range(400):
        found = bland_altman(np.zeros(8), rng.normal(0, 1, 8))
        hits.append((found.low.low <= -1.959964 <= found.low.high, found.high.low <= 1.959964 <= found.high.high))
    assert np.all((np.mean(hits, axis=0) >= 0.925) & (np.mean(hits, axis=0) <= 0.975))


def test_limits_need_pairs():
    with pytest.raises(InputError, match="three pairs"):
        bland_altman([1, 2, math.nan], [1, 2, 3])
    with pytest.raises(InputError, match="one length"):
        bland_altman([1, 2, 3], [1, 2])
    assert bland_altman([1, 2, 3, math.nan], [2, 4, 3, 1]).bias.n == 3


def test_kappa_of_the_worked_table(vectors):
    row = vectors["kappa"]["cohen"]
    assert cohen_kappa([[row["a"], row["b"]], [row["c"], row["d"]]]).value == pytest.approx(row["kappa"], rel=1e-9)


def test_kappa_of_directions(vectors):
    row = vectors["testretest"]
    first, second = np.transpose(row["X"])
    table = direction_table(first, second)
    assert table.ravel().tolist() == row["dir_table"]
    assert np.trace(table) / table.sum() == row["po"]
    found = cohen_kappa(table)
    assert found.value == pytest.approx(row["kappa"], rel=1e-9)
    assert found.low < 0 < found.high  # eight people say little
    assert landis_koch(found.value) is Agreement.MODERATE


def test_what_points_nowhere_is_left_out_of_directions():
    assert direction_table([1, 0, -1, math.nan], [1, 1, -2, 1]).tolist() == [[1, 0], [0, 1]]
    with pytest.raises(InputError, match="one length"):
        direction_table([1], [1, 2])


@pytest.mark.parametrize("table", [[[20, 5], [10, 15]], [[8, 3, 1], [4, 12, 2], [0, 5, 9]], [[1, 9], [2, 30]]])
def test_kappa_and_its_error_are_those_of_statsmodels(table):
    from statsmodels.stats.inter_rater import cohens_kappa

    theirs, ours = cohens_kappa(np.array(table)), cohen_kappa(table)
    assert ours.value == pytest.approx(theirs.kappa, rel=1e-9)
    assert ours.se == pytest.approx(theirs.std_kappa, rel=1e-9)
    assert [ours.low, ours.high] == pytest.approx([theirs.kappa_low, theirs.kappa_upp], rel=1e-9)


@pytest.mark.parametrize("table", [[[0, 0], [0, 0]], [[5, 0], [0, 0]]])
def test_one_category_is_nothing_to_agree_about(table):
    found = cohen_kappa(table)
    assert found.status is Status.REFUSED
    assert math.isnan(found.value)


@pytest.mark.parametrize("table", [[[1, 2]], [[1.5, 2], [3, 4]], [[-1, 2], [3, 4]], [1, 2]])
def test_a_table_of_counts_is_needed(table):
    with pytest.raises(InputError, match="kappa: needed"):
        cohen_kappa(table)


def test_fleiss_kappa_of_the_worked_table(vectors):
    found = fleiss_kappa(RATERS)
    assert found.value == pytest.approx(vectors["kappa"]["fleiss_wikipedia"], rel=1e-9)
    assert found.low < found.value < found.high
    assert landis_koch(found.value) is Agreement.FAIR


def test_fleiss_kappa_is_that_of_statsmodels():
    from statsmodels.stats.inter_rater import fleiss_kappa as theirs

    table = np.random.default_rng(1).multinomial(6, [0.5, 0.3, 0.2], 25)
    assert fleiss_kappa(table).value == pytest.approx(theirs(table), rel=1e-9)


def test_fleiss_error_is_that_of_leaving_subjects_out():
    """The jackknife is another road to the same large-sample variance."""
    rng = np.random.default_rng(2)
    table = np.array([rng.multinomial(8, p) for p in rng.dirichlet([4, 1, 0.3], 600)])
    left_out = [fleiss_kappa(np.delete(table, i, axis=0)).value for i in range(600)]
    jackknife = math.sqrt(599 / 600 * np.sum((left_out - np.mean(left_out)) ** 2))
    assert fleiss_kappa(table).se == pytest.approx(jackknife, rel=0.01)


def test_fleiss_edges():
    assert fleiss_kappa([[3, 0], [3, 0]]).status is Status.REFUSED
    assert fleiss_kappa([[3, 1]]).status is Status.TOO_FEW
    assert fleiss_kappa([[3, 0], [0, 3]]).value == 1
    for table in ([[3, 0], [1, 1]], [[1, 0], [0, 1]], np.empty((0, 2))):
        with pytest.raises(InputError, match="same number of ratings"):
            fleiss_kappa(table)


@pytest.mark.parametrize(
    ("kappa", "word"),
    [
        *(
            (-0.01, "poor"),
            (0.0, "slight"),
            (0.2, "slight"),
            (0.21, "fair"),
            (0.1 + 0.2 + 0.3, "moderate"),
            (0.5, "moderate"),
        ),
        *((0.61, "substantial"), (0.8, "substantial"), (0.81, "almost perfect"), (1.0, "almost perfect")),
        (math.nan, "unknown"),
    ],
)
def test_words_for_kappa(kappa, word):
    assert landis_koch(kappa) is Agreement(word)


@settings(derandomize=True, deadline=None, max_examples=60)
@given(st.lists(st.lists(st.integers(0, 30), min_size=3, max_size=3), min_size=3, max_size=3))
def test_kappa_does_not_care_who_is_first(table):
    ours, turned = cohen_kappa(table), cohen_kappa(np.transpose(table))
    if ours.status is Status.REFUSED:
        assert turned.status is Status.REFUSED
    else:
        assert -1 <= ours.low <= ours.value + 1e-12
        assert ours.value <= ours.high + 1e-12
        assert [turned.value, turned.se] == pytest.approx([ours.value, ours.se], abs=1e-9)


def test_the_cv_rule_on_a_few_trials():
    found = exceeds_cv([90, 100, 110], [108, 120, 132])
    assert found.asymmetry == pytest.approx(100 / 6)
    assert list(found.cv) == pytest.approx([10, 10])
    assert found.exceeds is True
    assert exceeds_cv([90, 100, 110], [96, 120, 144], CvRule.LARGER).exceeds is False
    assert exceeds_cv([90, 100, 110], [96, 120, 144], CvRule.MEAN).exceeds is True


@pytest.mark.parametrize(
    ("trials", "rule", "rate"),
    [
        *((3, CvRule.MEAN, 0.30), (3, CvRule.LARGER, 0.20), (5, CvRule.MEAN, 0.16), (5, CvRule.LARGER, 0.10)),
        *((10, CvRule.MEAN, 0.04), (10, CvRule.LARGER, 0.02)),
    ],
)
def test_how_often_the_cv_rule_flags_a_symmetric_person(trials, rule, rate):
    rng = np.random.default_rng(12)
    sessions = rng.normal(1, 0.05, (2, 100_000, trials))
    assert np.mean(exceeds_cv(*sessions, rule).exceeds) == pytest.approx(rate, abs=0.01)


def test_the_best_of_three_is_flagged_more_often():
    sessions = np.random.default_rng(12).normal(1, 0.05, (2, 100_000, 3))
    best = sessions.max(axis=-1)
    asymmetry = 100 * (1 - best.min(axis=0) / best.max(axis=0))
    mean_cv = np.mean(list(exceeds_cv(*sessions).cv), axis=0)
    assert np.mean(asymmetry > mean_cv) == pytest.approx(0.40, abs=0.01)


@pytest.mark.parametrize("left", [[1.0], [1.0, math.nan], [1.0, 0.0], 3.0])
def test_the_cv_rule_needs_trials(left):
    with pytest.raises(InputError, match="CV rule: needed"):
        exceeds_cv(left, [1.0, 2.0])
