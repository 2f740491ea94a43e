import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glutebal.balance.random_field import cluster_probability, expected_clusters, smoothness, threshold
from glutebal.errors import InputError

law = settings(derandomize=True, deadline=None, max_examples=60)


def smooth_noise(rng, reps, fwhm, nodes=101):
    """White noise under a Gaussian kernel of so many nodes at half height."""
    sd = fwhm / math.sqrt(8 * math.log(2))
    at = np.arange(-math.ceil(4 * sd), math.ceil(4 * sd) + 1)
    kernel = np.exp(-(at**2) / (2 * sd**2))
    white = rng.standard_normal((reps, nodes + at.size - 1))
    return np.array([np.convolve(row, kernel, "valid") for row in white])


def test_the_published_thresholds(vectors):
    assert len(vectors["rft_t"]) == 8
    for row in vectors["rft_t"]:
        found = threshold(row["alpha_per_tail"], row["df"], (row["nodes"] - 1) / row["fwhm"])
        assert found == pytest.approx(row["tstar"], abs=5e-4), row


def test_the_published_cluster_of_the_plantar_arch():
    # 94.5 to 100 % of 101 nodes, p = .0353 one-tailed; the rounded ends are worth ±.0003 in p
    fwhm = 20.371964194066212
    p = cluster_probability(5.5 / fwhm, 3.4059024928230306, 9, 100 / fwhm)
    assert p == pytest.approx(0.0353, abs=3e-4)


@law
@given(st.floats(0.001, 0.2), st.integers(2, 60), st.floats(0, 60))
def test_the_threshold_solves_its_equation(alpha, df, resels):
    u = threshold(alpha, df, resels)
    assert 1 - math.exp(-expected_clusters(u, df, resels)) == pytest.approx(alpha, rel=1e-9)


@law
@given(st.integers(3, 40), st.floats(0.5, 20), st.floats(0.5, 20))
def test_a_rougher_curve_and_fewer_repetitions_ask_for_more(df, resels, more):
    assert threshold(0.025, df, resels + more) > threshold(0.025, df, resels)
    assert threshold(0.025, df, resels) > threshold(0.025, df + 1, resels)


def test_without_length_it_is_the_t_test():
    # 1 − exp(−SF) = .025: the Poisson form of the tail, a hair above the quantile 2.2622 of t with 9 degrees of freedom
    assert threshold(0.025, 9, 0.0) == pytest.approx(2.2622, abs=0.01)


@law
@given(st.floats(0, 3), st.floats(0.01, 3), st.integers(4, 30), st.floats(1, 10))
def test_a_longer_stretch_is_less_likely(extent, more, df, resels):
    u = threshold(0.025, df, resels)
    longer, shorter = (cluster_probability(k, u, df, resels) for k in (extent + more, extent))
    assert 0 <= longer < shorter <= 0.025 + 1e-9


@pytest.mark.parametrize(
    "bad", [(0.0, 9, 5.0), (0.5, 9, 5.0), (0.025, 0.5, 5.0), (0.025, 9, -1.0), (0.025, 9, math.inf)]
)
def test_a_value_out_of_range_is_refused(bad):
    with pytest.raises(InputError, match="resels"):
        threshold(*bad)


@pytest.mark.parametrize("fwhm", [10, 20, 30])
def test_the_smoothness_of_smooth_noise_is_found(fwhm):
    rng = np.random.default_rng(fwhm)
    found = []
    for _ in range(60):
        noise = smooth_noise(rng, 12, fwhm)
        found.append(smoothness(noise - noise.mean(axis=0)))
    assert np.mean(found) == pytest.approx(fwhm, rel=0.06)  # 60 draws of some 5 resels each


def test_the_smoothness_does_not_know_units_or_repetitions_of_different_size():
    noise = smooth_noise(np.random.default_rng(3), 8, 15)
    scale = np.linspace(1, 5, 101)
    assert smoothness(1e-6 * noise * scale) == pytest.approx(smoothness(noise), rel=1e-9)


def test_what_does_not_vary_has_no_smoothness():
    assert math.isnan(smoothness(np.zeros((8, 101))))
    assert smoothness(np.outer(np.arange(8.0), np.ones(101))) == math.inf
