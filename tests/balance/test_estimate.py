"""The interval over repetitions: published examples, coverage, laws, and what is said when there is none."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import stdtrit
from scipy.stats import linregress, ttest_1samp, ttest_ind

from glutebal.balance.estimate import (
    INDEPENDENT,
    Autocorrelation,
    as_imbalance,
    as_share,
    drift,
    mean_and_se,
    set_estimate,
    set_of_reps,
    t_quantile,
    unpaired_estimate,
)
from glutebal.balance.indices import imbalance, log_ratio, share_right
from glutebal.errors import InputError
from glutebal.results import Estimate, Status

law = settings(derandomize=True, deadline=None)
lambdas = st.lists(st.floats(-3, 3), min_size=5, max_size=20)
RUNS = 20_000


def autoregressive(n, phi, runs=RUNS, seed=7):
    """Stationary AR(1) sequences of unit variance, shape (runs, n)."""
    noise = np.random.default_rng(seed).standard_normal((n, runs))
    rows = [noise[0]]
    for step in noise[1:]:
        rows.append(phi * rows[-1] + math.sqrt(1 - phi**2) * step)
    return np.array(rows).T


def coverage(error, se, df):
    return np.mean(np.abs(error) <= stdtrit(df, 0.975) * se)


# Section 1.6 of the reference: default interval, 20 000 runs per cell
TABLE = {(5, 0.0): 0.982, (5, 0.3): 0.950, (8, 0.0): 0.982, (8, 0.3): 0.944}
TABLE |= {(12, 0.0): 0.979, (12, 0.3): 0.941, (20, 0.0): 0.975, (20, 0.3): 0.934}


@pytest.mark.parametrize(("n", "phi"), TABLE)
def test_coverage_of_the_default_interval(n, phi):
    covered = coverage(*mean_and_se(autoregressive(n, phi)), n - 1)
    assert covered >= 0.93
    assert covered == pytest.approx(TABLE[n, phi], abs=0.007)  # three standard errors of the difference of two runs


@pytest.mark.parametrize(("n", "phi", "known"), [(8, 0.0, 0.951), (8, 0.3, 0.869), (20, 0.3, 0.853)])
def test_a_plain_t_interval_covers_too_little(n, phi, known):
    assert coverage(*mean_and_se(autoregressive(n, phi), INDEPENDENT), n - 1) == pytest.approx(known, abs=0.01)


@pytest.mark.parametrize("extra", [0.1, 0.3, 1.0, 3.0])
@pytest.mark.parametrize(("n", "phi"), [(5, 0.3), (8, 0.0), (20, 0.3)])
def test_coverage_with_a_shared_error_of_known_size(n, phi, extra):
    shared = extra * np.random.default_rng(3).standard_normal((2000, 1))
    found = [set_estimate(row, extra_se=extra) for row in autoregressive(n, phi, 2000) + shared]
    covered = np.mean([e.low <= 0 <= e.high for e in found])
    assert 0.93 <= covered <= 0.99


@pytest.mark.parametrize(("n_left", "n_right"), [(5, 5), (5, 12), (20, 8)])
def test_coverage_of_the_unpaired_interval(n_left, n_right):
    left, right = autoregressive(n_left, 0.3, 2000), 2 * autoregressive(n_right, 0.3, 2000, seed=8)
    found = [unpaired_estimate(*pair) for pair in zip(left, right, strict=True)]
    assert 0.93 <= np.mean([e.low <= 0 <= e.high for e in found]) <= 0.99


def test_worked_set_of_eight(vectors):
    row = vectors["set_ci"]
    found = set_estimate(log_ratio(row["L"], row["R"]), autocorrelation=INDEPENDENT)
    assert found.value == pytest.approx(row["mean"], rel=1e-12)
    assert found.se == pytest.approx(row["se"], rel=1e-12)
    assert [found.low, found.high] == pytest.approx(row["ci"], rel=1e-9)
    assert t_quantile(0.95, 7) == pytest.approx(row["t"], rel=1e-12)
    assert np.std(log_ratio(row["L"], row["R"]), ddof=1) == pytest.approx(row["sd"], rel=1e-12)
    shown = as_imbalance(found)
    assert shown.value == pytest.approx(row["bai1"], rel=1e-12)
    assert [shown.low, shown.high] == pytest.approx(row["bai1_ci"], rel=1e-9)


def test_worked_set_estimates_no_autocorrelation_of_its_own(vectors):
    row = vectors["set_ci"]
    values = log_ratio(row["L"], row["R"])
    alone = set_estimate(values, autocorrelation=Autocorrelation(prior_reps=0))  # r1 = -0.44, clipped to 0
    assert alone.se == pytest.approx(row["se"], rel=1e-12)


def test_worked_set_by_the_default_algorithm_step_by_step(vectors):
    row = vectors["set_ci"]
    phi = 10 * 0.3 / (8 + 10)  # nothing of its own, all from the prior
    effective = 8 * (1 - phi) / (1 + phi)
    se = math.sqrt(row["sd"] ** 2 * (1 - 1 / 8) / (1 - 1 / effective) / effective)
    found = set_estimate(log_ratio(row["L"], row["R"]))
    assert found.se == pytest.approx(se, rel=1e-12)
    assert found.high - found.value == pytest.approx(row["t"] * se, rel=1e-12)


def test_autocorrelation_of_a_known_sequence():
    values = np.array([1.0, 2.0, 3.0, 4.0, 5.0])  # r1 = 4/10 by hand
    estimated = 0.4 + (1 + 3 * 0.4) / 5
    assert Autocorrelation(prior_reps=0, ceiling=1).of(values) == pytest.approx(estimated, rel=1e-12)
    assert Autocorrelation().of(values) == pytest.approx((5 * 0.8 + 3) / 15, rel=1e-12)
    assert Autocorrelation(prior_reps=0).of(np.ones(6)) == pytest.approx(1 / 6)


@law
@given(lambdas)
def test_independent_repetitions_give_the_textbook_interval(values):
    values = [*values, 4.0]
    ours = set_estimate(values, autocorrelation=INDEPENDENT)
    book = ttest_1samp(values, 0).confidence_interval(0.95)
    assert [ours.low, ours.high] == pytest.approx([book.low, book.high], rel=1e-9, abs=1e-9)


@law
@given(lambdas)
def test_swapping_the_sides_mirrors_the_estimate(values):
    there, back = set_estimate(values), set_estimate([-v for v in values])
    assert (back.value, back.se) == pytest.approx((-there.value, there.se))
    assert (back.low, back.high) == pytest.approx((-there.high, -there.low))


@law
@given(lambdas, st.floats(0, 2))
def test_views_keep_the_order_of_the_interval(values, extra_se):
    found = set_estimate(values, extra_se=extra_se)
    for seen, low, high in ((as_imbalance(found), -100, 100), (as_share(found), 0, 100)):
        assert low <= seen.low <= seen.value <= seen.high <= high


@law
@given(lambdas)
def test_a_set_and_its_mirror_image_balance_to_zero(values):
    both = values + [-v for v in values]
    assert set_estimate(both).value == pytest.approx(0, abs=1e-12)
    assert as_imbalance(set_estimate(both)).value == pytest.approx(0, abs=1e-10)


@law
@given(lambdas, st.floats(0, 1), st.floats(0.01, 1))
def test_a_shared_error_only_widens(values, extra_se, more):
    narrow, wide = (set_estimate(values, extra_se=e) for e in (extra_se, extra_se + more))
    assert wide.se > narrow.se
    assert wide.se >= extra_se + more
    assert wide.value == narrow.value


def test_a_known_error_alone_gives_the_normal_interval():
    found = set_estimate([0.1] * 8, extra_se=0.05)
    assert [found.low, found.high] == pytest.approx([0.1 - 1.959963985 * 0.05, 0.1 + 1.959963985 * 0.05], rel=1e-6)


def test_a_shared_error_costs_degrees_of_freedom_by_welch_and_satterthwaite():
    values = autoregressive(8, 0, 1)[0]
    se = set_estimate(values).se
    found = set_estimate(values, extra_se=se)
    assert found.se == pytest.approx(math.sqrt(2) * se)
    assert found.high - found.value == pytest.approx(stdtrit(28, 0.975) * math.sqrt(2) * se)  # 7·(1 + 1)²


def test_sampling_errors_are_a_floor_under_the_scatter():
    identical = set_estimate([0.2] * 9, ses=[0.3] * 9)
    assert identical.se == pytest.approx(0.3 / 3)
    values = autoregressive(9, 0, 1)[0]
    assert set_estimate(values, ses=[1e-3] * 8 + [math.nan]) == set_estimate(values)
    assert set_estimate(values, ses=[math.nan] * 9) == set_estimate(values)


def test_what_has_no_ratio_is_left_out_and_the_rest_stays_in_order():
    values = autoregressive(8, 0.3, 1)[0]
    gaps = np.insert(values, [0, 3, 8], math.nan)
    ses = np.insert(np.full(8, 5.0), [0, 3, 8], 1e9)
    assert set_estimate(gaps) == set_estimate(values)
    assert set_estimate(gaps, ses=ses).se == pytest.approx(5 / math.sqrt(8))
    assert set_estimate(gaps).n == 8


def test_order_matters():
    values = np.array([0.0, 0.1, 0.2, 0.3, 0.4, 0.5])
    assert set_estimate(values).se > set_estimate(values[[0, 5, 1, 4, 2, 3]]).se


@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_under_five_repetitions_there_is_a_value_and_no_interval(n):
    found = set_estimate([0.2] * n)
    assert found.status is Status.TOO_FEW
    assert found.value == pytest.approx(0.2)
    assert found.n == n
    assert all(math.isnan(v) for v in (found.low, found.high, found.se))
    assert found.reason.startswith(f"{n} repetition")


def test_five_repetitions_have_an_interval():
    found = set_estimate([0.1, 0.2, 0.15, 0.1, 0.2])
    assert found.status is Status.OK
    assert found.low < found.value < found.high


@pytest.mark.parametrize("values", [[], [math.nan] * 6, [math.inf, math.nan]])
def test_without_a_ratio_there_is_no_number(values):
    found = set_estimate(values)
    assert found.status is Status.REFUSED
    assert math.isnan(found.value)
    assert "no repetition" in found.reason


def test_records_hold_plain_floats():
    for found in (set_estimate(np.ones(6)), unpaired_estimate(np.ones(6), np.ones(6)), drift(np.arange(6.0))):
        assert all(type(v) is float for v in (found.value, found.low, found.high, found.se))
        assert type(found.n) is int


@pytest.mark.parametrize("level", [0, 1, 95, -0.5])
def test_a_level_is_a_probability(level):
    with pytest.raises(InputError, match="level between 0 and 1"):
        set_estimate(np.arange(6.0), level=level)


def rep(value, status=Status.OK, reason="", **ends):
    return Estimate(value, n=1, status=status, reason=reason, **ends)


def silent(low=math.nan, high=math.nan, side="left"):
    return rep(math.nan, Status.CENSORED, f"{side} below detection", low=low, high=high)


VALUES = [0.1, 0.2, 0.15, 0.1, 0.25, 0.2]


def test_a_set_of_good_reps_is_the_set_estimate():
    found = set_of_reps([rep(v, se=0.01) for v in VALUES], extra_se=0.02, level=0.9)
    assert found == set_estimate(VALUES, ses=[0.01] * 6, extra_se=0.02, level=0.9)


def test_left_out_reps_are_counted_with_their_reason():
    dropout = Estimate.none(Status.REFUSED, "a dropout on the left")
    found = set_of_reps([dropout, *map(rep, VALUES), dropout])
    assert found.value == set_estimate(VALUES).value
    assert found.n == 6
    assert found.reason == "2 of 8 left out: a dropout on the left"


def test_a_faint_rep_marks_the_set():
    faint = rep(0.2, Status.LOW_SNR, "activity is less than 2 times the noise floor")
    found = set_of_reps([faint, *map(rep, VALUES)])
    assert found.status is Status.LOW_SNR
    assert found.n == 7
    assert "in 1 repetition" in found.reason
    few = set_of_reps([faint] * 3)
    assert few.status is Status.TOO_FEW
    assert "3 repetitions" in few.reason


def test_refused_reps_give_a_refused_set_with_their_reason():
    flat = Estimate.none(Status.REFUSED, "the left channel is flat")
    other = Estimate.none(Status.UNCALIBRATED, "no reference contraction")
    found = set_of_reps([flat, other, flat])
    assert (found.status, found.reason) == (Status.REFUSED, "the left channel is flat")
    assert math.isnan(found.value)
    assert set_of_reps([other]).status is Status.UNCALIBRATED
    assert set_of_reps([]).status is Status.REFUSED


def test_a_set_with_a_silent_side_is_a_bound():
    found = set_of_reps([silent(low=1.5)] * 4 + [rep(1.0)])
    assert found.status is Status.CENSORED
    assert math.isnan(found.value)
    assert found.low == pytest.approx((4 * 1.5 + 1.0) / 5)
    assert math.isnan(found.high)
    assert found.reason == "left below detection in 4 of 5 repetitions"
    assert as_imbalance(found).low == pytest.approx(imbalance(1.4))
    mirrored = set_of_reps([silent(high=-1.5, side="right")] * 4 + [rep(-1.0)])
    assert (mirrored.high, math.isnan(mirrored.low)) == (-found.low, True)


def test_bounds_on_both_sides_bound_nothing():
    found = set_of_reps([silent(low=1.5), silent(high=-1.5)])
    assert found.status is Status.CENSORED
    assert math.isnan(found.low)
    assert math.isnan(found.high)


def test_a_few_silent_reps_are_left_out():
    found = set_of_reps([silent(low=1.5), *map(rep, VALUES)])
    assert found.status is Status.OK
    assert found.reason == "1 of 7 left out: left below detection"


def test_unpaired_is_welch_on_the_logs():
    left, right = autoregressive(7, 0, 1)[0], autoregressive(11, 0, 1, seed=2)[0]
    found = unpaired_estimate(left, right, autocorrelation=INDEPENDENT)
    book = ttest_ind(right, left, equal_var=False).confidence_interval(0.95)
    assert [found.low, found.high] == pytest.approx([book.low, book.high], rel=1e-9)
    assert found.n == 18


@law
@given(lambdas, lambdas)
def test_unpaired_is_antisymmetric(left, right):
    there, back = unpaired_estimate(left, right), unpaired_estimate(right, left)
    assert back.value == -there.value
    assert (back.low, back.high) == pytest.approx((-there.high, -there.low), rel=1e-9, abs=1e-12)


def test_unpaired_without_enough():
    few = unpaired_estimate([0.0] * 4, [0.1] * 9)
    assert few.status is Status.TOO_FEW
    assert few.value == pytest.approx(0.1)
    assert math.isnan(few.se)
    assert "4 left and 9 right" in few.reason
    none = unpaired_estimate([math.nan] * 3, [0.1] * 9)
    assert none.status is Status.REFUSED
    assert none.reason == "no left repetition has a value"
    assert unpaired_estimate([0.1], []).reason == "no right repetition has a value"


def test_drift_is_the_least_squares_slope():
    values = 0.05 * np.arange(10) + 0.1 * autoregressive(10, 0, 1)[0]
    values[[2, 6]] = math.nan
    kept = np.isfinite(values)
    book = linregress(np.arange(10)[kept], values[kept])
    found = drift(values)
    assert found.value == pytest.approx(book.slope, rel=1e-9)
    assert found.se == pytest.approx(book.stderr, rel=1e-9)
    assert found.high - found.value == pytest.approx(stdtrit(6, 0.975) * book.stderr, rel=1e-9)
    assert found.n == 8


def test_drift_knows_its_limits():
    few = drift([0.1, 0.2, math.nan, 0.4])
    assert few.status is Status.TOO_FEW
    assert few.value == pytest.approx(0.1)
    assert math.isnan(few.low)
    assert drift([0.1, math.nan]).status is Status.REFUSED
    assert drift([]).status is Status.REFUSED


@law
@given(lambdas, st.floats(-3, 3))
def test_a_gain_cancels_in_the_drift(values, gain):
    assert drift(np.array(values) + gain).value == pytest.approx(drift(values).value, abs=1e-12)


def test_views_carry_status_reason_and_the_delta_error():
    found = replace(set_estimate(VALUES), status=Status.LOW_SNR, reason="faint")
    shown, share = as_imbalance(found), as_share(found)
    assert (shown.status, shown.reason, shown.n) == (Status.LOW_SNR, "faint", 6)
    step = 1e-6
    slope = (imbalance(found.value + step) - imbalance(found.value - step)) / (2 * step)
    assert shown.se == pytest.approx(slope * found.se, rel=1e-6)
    assert share.se == pytest.approx(shown.se / 2, rel=1e-12)
    assert share.value == share_right(found.value)
    nothing = as_imbalance(Estimate.none(Status.REFUSED, "dead"))
    assert math.isnan(nothing.value)
    assert math.isnan(nothing.low)


def test_inputs_are_left_alone():
    values = np.array([0.1, math.nan, 0.3, 0.2, 0.1, 0.4])
    before = values.copy()
    set_estimate(values), drift(values), unpaired_estimate(values, values)
    np.testing.assert_array_equal(values, before)
