"""The local-level model: worked example, Nile, closed forms, laws."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glutebal.balance.local_level import Prior, filter_levels, smooth
from glutebal.errors import InputError

NILE = [1120, 1160, 963, 1210, 1160, 1160, 813, 1230, 1370, 1140, 995, 935, 1110, 994, 1020, 960, 1180, 799, 958, 1140]
NILE += [1100, 1210, 1150, 1250, 1260, 1220, 1030, 1100, 774, 840, 874, 694, 940, 833, 701, 916, 692, 1020, 1050, 969]
NILE += [831, 726, 456, 824, 702, 1120, 1100, 832, 764, 821, 768, 845, 864, 862, 698, 845, 744, 796, 1040, 759]
NILE += [781, 865, 845, 944, 984, 897, 822, 1010, 771, 676, 649, 846, 812, 742, 801, 1040, 860, 874, 848, 890]
NILE += [744, 749, 838, 1050, 918, 986, 797, 923, 975, 815, 1020, 906, 901, 1170, 912, 746, 919, 718, 714, 740]


def worked(row, **named):
    squares = np.square(row["se"])
    prior = Prior(row["prior"][0], row["prior"][1] ** 2)
    return filter_levels(row["y"], squares, np.full(8, row["q_sd"] ** 2), prior=prior, **named)


def test_worked_example(vectors):
    row = vectors["local_level"]
    found = worked(row)
    mean, sd, innovation, innovation_sd, gain = np.transpose(row["filtered"])
    np.testing.assert_allclose(found.mean[:, 0], mean, rtol=1e-9)
    np.testing.assert_allclose(np.sqrt(found.variance[:, 0]), sd, rtol=1e-9)
    np.testing.assert_allclose(found.innovation[:, 0], innovation, rtol=1e-9)
    np.testing.assert_allclose(np.sqrt(found.innovation_variance[:, 0]), innovation_sd, rtol=1e-9)
    np.testing.assert_allclose(found.gain[:, 0], gain, rtol=1e-9)
    assert found.log_likelihood[0] == pytest.approx(row["loglik"], rel=1e-9)
    np.testing.assert_allclose(smooth(found).mean[:, 0], row["smoothed_mean"], atol=5e-6)
    assert innovation[-1] / innovation_sd[-1] == pytest.approx(-1.331, abs=5e-4)


def test_nile(vectors):
    row = vectors["local_level"]["nile"]
    noise, step = np.full(100, row["sigma2_eps"]), np.full(100, row["sigma2_eta"])
    prior = Prior(row["a0"], row["P0"])
    found = filter_levels(NILE, noise, step, prior=prior)
    assert found.mean[-1, 0] == pytest.approx(row["last_filtered_mean"], rel=1e-9)
    assert found.variance[-1, 0] == pytest.approx(row["last_filtered_var"], rel=1e-9)
    assert found.gain[-1, 0] == pytest.approx(row["steady_K"], rel=1e-9)
    assert found.predicted_variance[-1, 0] == pytest.approx(5501.258, abs=1e-3)
    first = filter_levels(NILE[:1], noise[:1], step[:1], prior=prior).log_likelihood
    assert (found.log_likelihood - first)[0] == pytest.approx(row["loglik_without_first"], rel=1e-9)


@pytest.mark.parametrize(("ratio", "gain"), [(0.05, 0.2), (0.1, 0.2702), (0.25, 0.3904), (0.5, 0.5), (1, 0.6180)])
def test_steady_gain_is_the_weight_of_a_moving_average(ratio, gain):
    found = filter_levels(np.zeros(300), np.ones(300), np.full(300, ratio))
    assert found.gain[-1, 0] == pytest.approx(gain, abs=5e-5)


def test_without_drift_it_is_the_weighted_mean(vectors):
    """Random-effects pool of the worked sessions: DerSimonian and Laird's τ² as placement variance."""
    row = vectors["local_level"]
    y, squares = np.array(row["y"]), np.square(row["se"])
    weights = 1 / squares
    q = float(weights @ (y - weights @ y / weights.sum()) ** 2)
    tau2 = (q - 7) / (weights.sum() - weights @ weights / weights.sum())
    assert [q, 1 - 7 / q, tau2] == pytest.approx([13.139, 0.467, 0.000987], abs=6e-4)
    found = filter_levels(y, squares + tau2, np.zeros(8), prior=Prior(0, 1e6))
    assert found.mean[-1, 0] == pytest.approx(0.15944, abs=5e-6)
    assert math.sqrt(found.variance[-1, 0]) == pytest.approx(0.01642, abs=5e-6)


def dense(y, noise, step, prior):
    """Smoothed mean and covariance by conditioning one big normal distribution."""
    times = np.cumsum(step) - step[0]
    covariance = prior.variance + np.minimum.outer(times, times)
    seen = np.isfinite(y)
    gain = covariance[:, seen] @ np.linalg.inv(covariance[np.ix_(seen, seen)] + np.diag(noise[seen]))
    mean = prior.mean + gain @ (y[seen] - prior.mean)
    return mean, covariance - gain @ covariance[seen]


def test_smoother_and_change_equal_conditioning_a_normal_distribution():
    rng = np.random.default_rng(1)
    y, noise, step = rng.normal(0.1, 0.2, 9), rng.uniform(0.01, 0.04, 9), rng.uniform(0, 0.02, 9)
    y[[3, 4]] = np.nan
    step[6] = 0  # two sessions on one day
    prior = Prior(0.05, 0.09)
    found = smooth(filter_levels(y, noise, step, prior=prior))
    mean, covariance = dense(y, noise, step, prior)
    np.testing.assert_allclose(found.mean[:, 0], mean, rtol=1e-9)
    np.testing.assert_allclose(found.variance[:, 0], np.diag(covariance), rtol=1e-9)
    change, variance = found.change(1, 8)
    assert change[0] == pytest.approx(mean[8] - mean[1], rel=1e-9)
    assert variance[0] == pytest.approx(covariance[8, 8] + covariance[1, 1] - 2 * covariance[8, 1], rel=1e-9)


def test_missing_observations_carry_the_level_on():
    step = np.full(5, 0.01)
    found = filter_levels([0.2, np.nan, np.nan, np.nan, 0.1], np.full(5, 0.04), step)
    np.testing.assert_array_equal(found.mean[1:4, 0], found.mean[0, 0])
    np.testing.assert_allclose(found.variance[1:4, 0], found.variance[0, 0] + 0.01 * np.arange(1, 4), rtol=1e-12)
    assert np.isnan(found.innovation[1:4]).all()
    assert (found.gain[1:4] == 0).all()
    one_step = filter_levels([0.2, 0.1], [0.04, 0.04], [0.01, 0.04])
    assert found.log_likelihood[0] == pytest.approx(one_step.log_likelihood[0], rel=1e-12)


def test_segments_know_nothing_of_each_other():
    rng = np.random.default_rng(3)
    y, noise, step = rng.normal(0, 0.2, 7), np.full(7, 0.02), np.full(7, 0.01)
    both = filter_levels(y, noise, step, starts=np.arange(7) == 4)
    apart = [filter_levels(y[part], noise[part], step[part]) for part in (slice(4), slice(4, None))]
    np.testing.assert_array_equal(both.mean, np.concatenate([p.mean for p in apart]))
    np.testing.assert_array_equal(smooth(both).mean, np.concatenate([smooth(p).mean for p in apart]))
    np.testing.assert_allclose(both.log_likelihood, apart[0].log_likelihood + apart[1].log_likelihood, rtol=1e-12)
    assert smooth(both).gain[3, 0] == 0


def test_a_grid_equals_its_points():
    rng = np.random.default_rng(5)
    y, noise, step = rng.normal(0, 0.3, 6), rng.uniform(0.01, 0.1, (6, 4)), rng.uniform(0, 0.05, (6, 4))
    y[0] = 2.0  # capped in some
    together = filter_levels(y, noise, step, outlier_z=3)
    for g in range(4):
        alone = filter_levels(y, noise[:, g], step[:, g], outlier_z=3)
        np.testing.assert_allclose(together.mean[:, g], alone.mean[:, 0], rtol=1e-12)
        np.testing.assert_allclose(smooth(together).variance[:, g], smooth(alone).variance[:, 0], rtol=1e-12)
        assert together.log_likelihood[g] == pytest.approx(alone.log_likelihood[0], rel=1e-12)


def test_an_outlier_counts_as_one_at_the_cap():
    y = [0.1, 0.12, 0.08, 5.0, 0.11]
    capped = filter_levels(y, np.full(5, 0.01), np.full(5, 1e-4), outlier_z=3)
    assert capped.capped[:, 0].tolist() == [False, False, False, True, False]
    assert capped.innovation[3, 0] / math.sqrt(capped.innovation_variance[3, 0]) == pytest.approx(3, rel=1e-12)
    plain = filter_levels(y, np.full(5, 0.01), np.full(5, 1e-4))
    assert abs(capped.mean[-1, 0] - 0.1) < 0.02 < abs(plain.mean[-1, 0] - 0.1)
    assert capped.log_likelihood[0] > plain.log_likelihood[0]


def test_the_farther_off_the_less_the_level_follows():
    follow = [filter_levels([0.1, 0.1, far], np.full(3, 0.01), np.zeros(3), outlier_z=3).mean[-1, 0] for far in (1, 3)]
    assert 0.1 < follow[1] < follow[0]


def test_likelihood_is_continuous_at_the_cap():
    sd = math.sqrt(0.04 + 0.01)
    at = [filter_levels([z * sd], [0.01], [0.0], outlier_z=3).log_likelihood[0] for z in (3 - 1e-9, 3 + 1e-9)]
    assert at[0] == pytest.approx(at[1], abs=1e-6)


series = st.lists(st.floats(-2, 2) | st.just(math.nan), min_size=1, max_size=8)


@given(series)
@settings(derandomize=True, deadline=None)
def test_the_mirror_image_has_the_mirrored_level(y):
    noise, step = np.full((len(y), 2), [0.01, 0.1]), np.full(len(y), 0.01)
    one, other = (filter_levels(v, noise, step, outlier_z=3) for v in (y, np.negative(y)))
    np.testing.assert_array_equal(one.mean, -other.mean)
    np.testing.assert_array_equal(one.variance, other.variance)
    np.testing.assert_array_equal(one.log_likelihood, other.log_likelihood)


@given(series)
@settings(derandomize=True, deadline=None)
def test_more_sessions_never_make_the_past_less_certain(y):
    found = filter_levels(y, np.full(len(y), 0.02), np.full(len(y), 0.01), outlier_z=3)
    assert (smooth(found).variance <= found.variance * (1 + 1e-12)).all()


def test_what_is_known_exactly_divides_nothing_by_zero():
    found = filter_levels([0.1, 0.1, 0.3], np.zeros(3), np.zeros(3), outlier_z=3)
    assert np.isfinite(found.mean).all()
    assert np.isfinite(smooth(found).variance).all()


def test_the_unusable_is_refused():
    with pytest.raises(InputError, match="as many variances"):
        filter_levels([0.1, 0.2], [0.01], [0.0, 0.0])
    with pytest.raises(InputError, match="0 or more"):
        filter_levels([0.1], [-0.01], [0.0])
    with pytest.raises(InputError, match="0 or more"):
        filter_levels([0.1], [math.nan], [0.0])
    with pytest.raises(InputError, match="one mark"):
        filter_levels([0.1], [0.01], [0.0], starts=[True, False])


def test_the_input_is_left_alone():
    y, noise, step = np.array([0.1, np.nan, 0.3]), np.full((3, 2), 0.1), np.full((3, 2), 0.01)
    kept = y.copy(), noise.copy(), step.copy()
    smooth(filter_levels(y, noise, step, outlier_z=3))
    for now, before in zip((y, noise, step), kept, strict=True):
        np.testing.assert_array_equal(now, before)
