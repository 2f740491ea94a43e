import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glutebal.balance.estimate import INDEPENDENT
from glutebal.balance.spm import SHRUNK, PairedSpm, SpmMethod, paired_spm, pooled_autocorrelation
from glutebal.errors import InputError
from glutebal.model import Bilateral, Side
from glutebal.results import Status

law = settings(derandomize=True, deadline=None, max_examples=25)
seeds = st.integers(0, 100_000)
counts = st.integers(6, 16)
SHAPE = 60 * np.sin(np.linspace(0, np.pi, 101))


def smooth_noise(rng, reps, fwhm=20, nodes=101, phi=0.0):
    sd = fwhm / math.sqrt(8 * math.log(2))
    at = np.arange(-math.ceil(4 * sd), math.ceil(4 * sd) + 1)
    kernel = np.exp(-(at**2) / (2 * sd**2))
    white = rng.standard_normal((reps, nodes + at.size - 1))
    noise = np.array([np.convolve(row, kernel / np.linalg.norm(kernel), "valid") for row in white])
    for i in range(1, reps):
        noise[i] = phi * noise[i - 1] + math.sqrt(1 - phi**2) * noise[i]
    return noise


def pair(seed, reps=10, bump=0.0, at=70, **kw):
    rng = np.random.default_rng(seed)
    planted = bump * np.exp(-((np.arange(101) - at) ** 2) / (2 * 6**2))
    return Bilateral(SHAPE + smooth_noise(rng, reps, **kw), SHAPE + planted + smooth_noise(rng, reps, **kw))


def of(found: PairedSpm):
    return [(c.start_percent, c.stop_percent, c.p, c.larger) for c in found.clusters]


def test_t_is_the_paired_t_of_each_node():
    from scipy.stats import ttest_rel

    curves = pair(1)
    found = paired_spm(curves, autocorrelation=INDEPENDENT)
    np.testing.assert_allclose(found.t, ttest_rel(curves.right, curves.left).statistic, rtol=1e-9)
    assert (found.n, found.left_out, found.method, found.status) == (10, 0, SpmMethod.RANDOM_FIELD, Status.OK)


@law
@given(seeds, counts, st.sampled_from([None, *SpmMethod]), st.floats(-6, 6))
def test_swapping_the_sides_negates_t_and_keeps_the_stretches(seed, reps, method, bump):
    curves = pair(seed, reps, bump)
    one, other = paired_spm(curves, method=method), paired_spm(curves.swapped(), method=method)
    np.testing.assert_array_equal(one.t, -other.t)
    assert (one.threshold, one.method, one.n) == (other.threshold, other.method, other.n)
    mirrored = [(a, b, p, larger.other) for a, b, p, larger in of(other)]
    assert of(one) == mirrored


@law
@given(seeds, counts, st.floats(-6, 6))
def test_a_gain_common_to_both_sides_changes_nothing(seed, reps, power):
    curves = pair(seed, reps, 4.0)
    louder = curves.map(lambda c: c * 10**power)
    one, other = paired_spm(curves), paired_spm(louder)
    np.testing.assert_allclose(one.t, other.t, rtol=1e-9)
    assert [c.larger for c in one.clusters] == [c.larger for c in other.clusters]
    np.testing.assert_allclose([c[:3] for c in of(one)], [c[:3] for c in of(other)], rtol=1e-6)


@pytest.mark.parametrize("method", list(SpmMethod))
@pytest.mark.parametrize("side", list(Side))
@pytest.mark.parametrize("at", [20, 50, 85])
def test_a_planted_difference_is_found_where_it_was_planted(method, side, at):
    bump = 5.0 if side is Side.RIGHT else -5.0
    found = paired_spm(pair(at, 12, bump, at), method=method)
    hit = [c for c in found.clusters if c.start_percent <= at <= c.stop_percent]
    assert len(hit) == 1
    assert (hit[0].larger, hit[0].sign) == (side, 1 if side is Side.RIGHT else -1)
    assert hit[0].p < 0.01
    assert math.copysign(1, hit[0].peak_t) == hit[0].sign
    assert all(at - 25 < c.start_percent < c.stop_percent < at + 25 for c in found.clusters)


@pytest.mark.parametrize("method", list(SpmMethod))
def test_a_stretch_begins_and_ends_where_the_curve_crosses(method):
    found = paired_spm(pair(4, 12, 6.0, 50), method=method)
    (cluster,) = found.clusters
    for end in (cluster.start_percent, cluster.stop_percent):
        assert np.interp(end, np.arange(101), found.t) == pytest.approx(found.threshold, rel=1e-9)


def false_alarms(method, reps, sets, autocorrelation=INDEPENDENT, phi=0.0, fwhm=20):
    rng = np.random.default_rng(reps + int(10 * phi))
    zeros = np.zeros((reps, 101))
    hits = 0
    for _ in range(sets):
        noise = Bilateral(zeros, smooth_noise(rng, reps, fwhm, phi=phi))
        hits += bool(paired_spm(noise, method=method, autocorrelation=autocorrelation).clusters)
    return hits / sets


@pytest.mark.slow
@pytest.mark.parametrize(("method", "reps"), [(SpmMethod.RANDOM_FIELD, 10), (SpmMethod.PERMUTATION, 10), (None, 8)])
def test_as_many_false_alarms_as_stated(method, reps):
    # 5 % of 1500 sets: standard error 0.6 points
    assert false_alarms(method, reps, 1500) == pytest.approx(0.05, abs=0.018)


@pytest.mark.slow
@pytest.mark.parametrize("reps", [6, 10])
def test_repetitions_that_resemble_their_neighbours_raise_no_more_alarms_than_stated(reps):
    assert false_alarms(SpmMethod.RANDOM_FIELD, reps, 1000, INDEPENDENT, phi=0.3) > 0.1

    assert false_alarms(None, reps, 1000, SHRUNK, phi=0.3) <= 0.075
    assert false_alarms(None, reps, 1000, SHRUNK) <= 0.05


def test_six_repetitions_have_every_pattern_of_signs():
    found = paired_spm(pair(2, 6, 30.0))
    assert found.method is SpmMethod.PERMUTATION
    assert min(c.p for c in found.clusters) == 2 / 64  # no p can be smaller


def test_the_permutation_is_the_one_that_lists_every_pattern():
    from itertools import product

    curves = pair(7, 7, 3.0, fwhm=8)
    differences = curves.right - curves.left
    highest = []
    for signs in product((-1, 1), repeat=7):
        d = differences * np.array(signs)[:, None]
        highest.append(np.abs(d.mean(axis=0) / (d.std(axis=0, ddof=1) / math.sqrt(7))).max())
    found = paired_spm(curves, autocorrelation=INDEPENDENT)
    assert found.threshold == pytest.approx(sorted(highest)[-1 - math.floor(0.05 * 128)], rel=1e-6)
    assert np.mean(np.array(highest) > found.threshold) <= 0.05


def test_drawn_patterns_are_the_same_every_time_and_the_seed_matters_little():
    curves = pair(3, 15, 3.0)
    one, again, other = (paired_spm(curves, method=SpmMethod.PERMUTATION, seed=s) for s in (0, 0, 1))
    assert of(one) == of(again)
    assert one.threshold == pytest.approx(other.threshold, rel=0.05)


def test_under_five_pairs_and_with_too_few_patterns_there_is_no_claim():
    four = paired_spm(pair(1, 4, 50.0))
    assert (four.status, four.clusters, four.n) == (Status.TOO_FEW, (), 4)
    assert math.isnan(four.threshold)
    assert np.isnan(four.t).all()
    five = paired_spm(pair(1, 5, 50.0))
    assert (five.status, five.clusters) == (Status.TOO_FEW, ())
    assert "too few patterns" in five.reason
    assert np.isfinite(five.t).all()


def test_a_repetition_with_a_hole_is_left_out_and_counted():
    curves = pair(5, 10, 4.0)
    holed = curves.left.copy()
    holed[3, 40:60] = np.nan
    found = paired_spm(Bilateral(holed, curves.right))
    whole = paired_spm(curves.map(lambda c: np.delete(c, 3, axis=0)))
    assert (found.n, found.left_out) == (9, 1)
    np.testing.assert_array_equal(found.t, whole.t)


def test_what_does_not_vary_is_refused_never_zero():
    same = np.tile(SHAPE, (8, 1))
    found = paired_spm(Bilateral(same, same))
    assert found.status is Status.REFUSED
    assert np.isnan(found.t).all()
    constant = paired_spm(Bilateral(same, same + 3))
    assert constant.status is Status.REFUSED


def test_nodes_without_variation_have_no_t_and_the_others_keep_theirs():
    curves = pair(6, 10, 5.0)
    silent = curves.map(lambda c: np.where(np.arange(101) < 10, 0.0, c))
    found = paired_spm(silent, autocorrelation=INDEPENDENT)
    assert np.isnan(found.t[:10]).all()
    np.testing.assert_array_equal(found.t[10:], paired_spm(curves, autocorrelation=INDEPENDENT).t[10:])
    assert found.clusters


def test_an_error_that_all_repetitions_share_can_only_take_a_finding_away():
    curves = pair(8, 12, 5.0)
    plain, shared = paired_spm(curves), paired_spm(curves, extra_se=2.0)
    assert (np.abs(shared.t) < np.abs(plain.t)).all()
    assert shared.threshold == plain.threshold
    assert plain.clusters
    assert not paired_spm(curves, extra_se=50.0).clusters


def test_with_a_shared_error_the_height_of_a_stretch_decides_not_its_length():
    rng = np.random.default_rng(5)
    shifted = Bilateral(np.zeros((12, 101)), 30 + smooth_noise(rng, 12))
    found = paired_spm(shifted, extra_se=6.0, method=SpmMethod.RANDOM_FIELD)  # t near 5 all along
    (cluster,) = found.clusters
    assert cluster.stop_percent - cluster.start_percent > 90
    assert 0.0005 < cluster.p < 0.05


def test_the_likeness_of_neighbours_is_seen_and_allowed_for():
    rng = np.random.default_rng(9)
    alike = [pooled_autocorrelation(smooth_noise(rng, 20, phi=0.6)) for _ in range(40)]
    unlike = [pooled_autocorrelation(smooth_noise(rng, 20)) for _ in range(40)]
    assert np.mean(alike) == pytest.approx(0.55, abs=0.1)
    assert np.mean(unlike) == pytest.approx(0.0, abs=0.06)
    drifting = Bilateral(np.zeros((12, 101)), smooth_noise(rng, 12) + np.arange(12)[:, None])
    found = paired_spm(drifting)
    assert found.method is SpmMethod.PERMUTATION
    assert found.autocorrelation > 0.4
    assert np.abs(found.t).max() < np.abs(paired_spm(drifting, autocorrelation=INDEPENDENT).t).max()


@pytest.mark.parametrize(
    ("left", "right", "alpha"),
    [((8, 101), (8, 100), 0.05), ((8, 101), (7, 101), 0.05), ((101,), (101,), 0.05), ((8, 101), (8, 101), 1.0)],
)
def test_shapes_that_do_not_match_are_refused(left, right, alpha):
    with pytest.raises(InputError, match="reps, nodes"):
        paired_spm(Bilateral(np.ones(left), np.ones(right)), alpha=alpha)


def test_the_curves_are_not_changed():
    curves = pair(1)
    before = curves.map(np.copy)
    paired_spm(curves)
    np.testing.assert_array_equal(curves.left, before.left)
    np.testing.assert_array_equal(curves.right, before.right)
