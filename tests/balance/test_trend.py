"""The trend of a series of sessions: laws, limits of what is said, and whether the intervals hold what they say."""

import math
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glutebal.balance.course import course_of
from glutebal.balance.learning import parameter_grid
from glutebal.balance.local_level import Prior, filter_levels, smooth
from glutebal.balance.mixture import Mixture
from glutebal.balance.ratio import imbalance, log_ratio_of
from glutebal.balance.session_value import SET_SD, UNKNOWN_SE, session_values
from glutebal.balance.trend import Direction, SessionSets, TrendSettings, as_points, trend
from glutebal.errors import InputError
from glutebal.results import Estimate, Status

START = date(2026, 3, 2)
KNOWN = TrendSettings(placement_sd=0.0, drift_sd=0.0)


def session(week: float, *values: float, se: float = 0.04, setup: str = "", shared: float = 0.0) -> SessionSets:
    return SessionSets(START + timedelta(days=round(7 * week)), values, (se,) * len(values), shared, setup)


def season(seed: int = 0, weeks: int = 12, slope: float = 0.0, placement: float = 0.08) -> list[SessionSets]:
    rng = np.random.default_rng(seed)
    levels = 0.1 + slope * np.arange(weeks) + rng.normal(0, placement, weeks)
    return [session(w, *rng.normal(level, 0.05, 3)) for w, level in enumerate(levels)]


def mirrored(sessions: list[SessionSets]) -> list[SessionSets]:
    return [replace(s, values=tuple(-v for v in s.values)) for s in sessions]


def numbers(estimate: Estimate) -> list[float]:
    return [estimate.value, estimate.low, estimate.high, estimate.se]


# --- laws ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("slope", [0.0, 0.06])
def test_swapping_the_sides_flips_the_sign_and_nothing_else(slope):
    one, other = trend(season(1, slope=slope)), trend(mirrored(season(1, slope=slope)))
    flipped = {Direction.RIGHTWARDS: Direction.LEFTWARDS}
    assert other.direction is flipped.get(one.direction, one.direction)
    assert one.p_right == pytest.approx(1 - other.p_right, abs=1e-9)
    assert one.p_beyond_band == pytest.approx(other.p_beyond_band, abs=1e-9)
    assert one.error == other.error
    pairs = [(one.level, other.level), (one.change, other.change)]
    pairs += [(a.smoothed, b.smoothed) for a, b in zip(one.sessions, other.sessions, strict=True)]
    pairs += [(a.filtered, b.filtered) for a, b in zip(one.sessions, other.sessions, strict=True)]
    for a, b in pairs:
        np.testing.assert_allclose([a.value, a.low, a.high, a.se], [-b.value, -b.high, -b.low, b.se], atol=1e-7)
    assert (one.signs.right, one.signs.left) == (other.signs.left, other.signs.right)
    assert one.robust.s == -other.robust.s


@given(st.permutations(range(12)))
@settings(derandomize=True, deadline=None, max_examples=10)
def test_the_order_of_input_does_not_matter(order):
    sessions = season(2)
    assert repr(trend([sessions[i] for i in order])) == repr(trend(sessions))


def test_a_constant_far_inside_the_prior_leaves_differences():
    sessions = season(3)
    moved = [replace(s, values=tuple(v + 0.5 for v in s.values)) for s in sessions]
    wide = TrendSettings(prior_sd=100.0)
    one, other = trend(sessions, wide), trend(moved, wide)
    np.testing.assert_allclose(numbers(one.change), numbers(other.change), atol=1e-5)
    assert other.level.value - one.level.value == pytest.approx(0.5, abs=1e-4)


def test_a_missing_session_carries_the_level_on():
    sessions = season(4, weeks=10)
    missing = session(12, math.nan, math.nan)
    before, after = trend(sessions), trend([*sessions, missing])
    last = after.sessions[-1]
    assert last.observed.status is Status.REFUSED
    assert math.isnan(last.observed.value)
    assert (last.sets, last.filtered.n, after.error.sessions) == (0, 10, 10)
    assert after.level.value == pytest.approx(before.level.value, abs=1e-9)
    assert after.level.se > before.level.se
    assert after.error == before.error
    assert after.signs == before.signs


def test_with_nothing_to_learn_it_is_the_plain_filter():
    rng = np.random.default_rng(5)
    sessions = [session(w, y) for w, y in enumerate(rng.normal(0.1, 0.06, 9))]
    course = course_of(sessions, KNOWN)
    assert course.grid.placement_sd.shape == (1,)
    plain = filter_levels(course.found.values, course.found.variances, np.zeros(9), prior=Prior(0, 0.04), outlier_z=3)
    found = trend(sessions, KNOWN)
    half = 1.959964 * np.sqrt(plain.variance[:, 0])
    np.testing.assert_allclose([s.filtered.value for s in found.sessions], plain.mean[:, 0], rtol=1e-9)
    np.testing.assert_allclose([s.filtered.high for s in found.sessions], plain.mean[:, 0] + half, rtol=1e-6)
    np.testing.assert_allclose([s.smoothed.value for s in found.sessions], smooth(plain).mean[:, 0], rtol=1e-9)


@given(st.lists(st.lists(st.floats(-1, 1) | st.just(math.nan), min_size=1, max_size=3), min_size=1, max_size=8))
@settings(derandomize=True, deadline=None, max_examples=40)
def test_whatever_comes_intervals_hold_their_values(sets):
    found = trend([session(w, *values) for w, values in enumerate(sets)])
    told = [e for s in found.sessions for e in (s.filtered, s.smoothed)]
    assert all(e.low < e.value < e.high and e.se > 0 for e in told)
    if found.direction is Direction.UNKNOWN:
        assert found.reason
        assert math.isnan(found.p_right)
        assert math.isnan(found.change.value)
    else:
        assert 0 <= found.p_right <= 1
        assert 0 <= found.p_beyond_band <= 1
        assert found.change.low < found.change.value < found.change.high


def test_the_input_is_left_alone():
    sessions = season(6)
    kept = repr(sessions)
    trend(sessions)
    assert repr(sessions) == kept


# --- what is said, and when nothing is ----------------------------------------------------------------------------


@pytest.mark.parametrize(("slope", "direction"), [(0.08, Direction.RIGHTWARDS), (-0.08, Direction.LEFTWARDS)])
def test_a_clear_change_is_called(slope, direction):
    found = trend(season(7, slope=slope))
    assert found.direction is direction
    assert found.change.value == pytest.approx(11 * slope, abs=0.3)
    assert found.since == START
    assert not found.is_unknown
    assert found.ewma is not None
    assert found.ewma.alerts
    assert len(found.ewma.days) == len(found.ewma.values) == 12


def test_noise_is_steady():
    found = trend(season(8))
    assert found.direction is Direction.STEADY
    assert found.change.low < 0 < found.change.high


def test_a_clear_side():
    found = trend([session(w, 0.4, 0.42) for w in range(8)])
    assert found.p_right > 0.99
    assert found.p_beyond_band > 0.99
    assert found.signs.consistent
    assert found.level.value == pytest.approx(0.41, abs=0.05)


@pytest.mark.parametrize(("n", "words"), [(1, "1 session with a value"), (2, "2 sessions with a value")])
def test_fewer_than_three_sessions_are_unknown(n, words):
    found = trend(season(9)[:n])
    assert found.direction is Direction.UNKNOWN
    assert found.is_unknown
    assert words in found.reason
    assert math.isfinite(found.level.value)
    assert found.change.status is Status.TOO_FEW


def test_no_value_at_all():
    found = trend([session(0, math.nan), session(1)])
    assert math.isnan(found.level.value)
    assert found.level.status is Status.TOO_FEW
    assert found.reason == "no session with a value, a course needs 3"
    assert math.isnan(found.error.sem)
    assert (found.signs.right, found.robust.s, found.ewma) == (0, 0, None)
    assert found.since == START


def test_no_session():
    with pytest.raises(InputError, match="at least one session"):
        trend([])


@pytest.mark.parametrize(
    "wrong",
    [
        {"placement_sd": -0.1},
        {"drift_sd": math.nan},
        {"prior_sd": 0.0},
        {"outlier_z": 0.0},
        {"level": 1.0},
        {"band": 100},
    ],
)
def test_settings_out_of_range(wrong):
    with pytest.raises(InputError, match=next(iter(wrong))):
        trend(season(), TrendSettings(**wrong))


def test_an_outlier_is_marked_and_hardly_followed():
    sessions = season(10)
    sessions[6] = session(6, 1.5, 1.5, 1.5)
    found, without = trend(sessions), trend([s for i, s in enumerate(sessions) if i != 6])
    assert [s.outlier for s in found.sessions] == [i == 6 for i in range(12)]
    assert abs(found.level.value - without.level.value) < 0.05


def test_same_day_sessions():
    morning, evening = session(3, 0.1, 0.14), session(3, 0.3, 0.28)
    found = trend([*season(11, weeks=3), morning, evening])
    same = [s.smoothed for s in found.sessions[-2:]]
    np.testing.assert_allclose(numbers(same[0]), numbers(same[1]), rtol=1e-6)


# --- setups -------------------------------------------------------------------------------------------------------


def changed_setup(offset: float) -> list[SessionSets]:
    early = [replace(s, setup="old") for s in season(12, weeks=6)]
    late = [replace(s, day=s.day + timedelta(weeks=6), setup="new") for s in season(13, weeks=5)]
    return early + [replace(s, values=tuple(v + offset for v in s.values)) for s in late]


def test_a_change_of_setup_breaks_the_level():
    found = trend(changed_setup(0.6))
    assert [s.segment for s in found.sessions] == [1] * 6 + [2] * 5
    assert found.setup_changes == (START + timedelta(weeks=6),)
    assert found.since == START + timedelta(weeks=6)
    assert found.direction is Direction.STEADY
    assert found.sessions[5].smoothed.value < 0.3 < found.sessions[6].smoothed.value
    assert (found.signs.right + found.signs.left, found.error.sessions) == (5, 11)
    assert [s.filtered.n for s in found.sessions] == [1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5]
    assert [s.smoothed.n for s in found.sessions] == [6] * 6 + [5] * 5


def test_a_new_setup_is_unknown_until_three_sessions():
    found = trend(changed_setup(0.6)[:8])
    assert found.direction is Direction.UNKNOWN
    assert found.reason == "2 sessions with a value since the setup changed, a course needs 3"
    assert found.since == START + timedelta(weeks=6)


def test_a_new_setup_without_a_value_has_no_level():
    found = trend([*season(14), session(13, math.nan, setup="new")])
    assert math.isnan(found.level.value)
    assert found.is_unknown


# --- the person's own error ---------------------------------------------------------------------------------------


def test_the_error_is_assumed_at_first():
    error = trend(season(15)[:7]).error
    assert (error.placement_sd, error.drift_sd, error.learned, error.sessions) == (0.11, 0.02, False, 7)
    assert error.mdc95 == pytest.approx(2.772 * error.sem, rel=1e-3)
    assert error.mdc90 == pytest.approx(2.326 * error.sem, rel=1e-3)


def test_the_error_is_learned_from_eight_sessions():
    error = trend(season(15)[:8]).error
    assert error.learned
    assert error.placement_sd != 0.11


@pytest.mark.parametrize("placement", [0.04, 0.2])
def test_many_sessions_teach_the_placement_error(placement):
    found = [trend(season(seed, weeks=60, placement=placement)).error.placement_sd for seed in range(5)]
    assert np.mean(found) == pytest.approx(placement, rel=0.2)


def test_scattered_sessions_have_wider_intervals_even_before_the_error_is_told_as_learned():
    calm = [session(w, 0.1 + 0.02 * (-1) ** w) for w in range(7)]
    wild = [session(w, 0.1 + 0.4 * (-1) ** w) for w in range(7)]
    assert trend(wild).level.se > 1.5 * trend(calm).level.se


def test_the_observed_interval_carries_sets_references_and_placement():
    found = trend([session(w, 0.1, 0.1, se=0.04, shared=0.03) for w in range(3)])
    between = SET_SD**2 * 4 / 7 - 3 * 0.04**2 / 7
    expected = math.sqrt((0.04**2 + max(between, 0)) / 2 + 0.03**2 + 0.11**2)
    assert found.sessions[0].observed.se == pytest.approx(expected, rel=1e-9)
    assert found.sessions[0].observed.n == 2


# --- values of a session ------------------------------------------------------------------------------------------


def test_set_differences_are_pooled_over_sessions():
    rng = np.random.default_rng(16)
    values = rng.normal(0, math.hypot(0.1, 0.04), (400, 3)) + rng.normal(0, 0.3, (400, 1))
    found = session_values(values, np.full((400, 3), 0.04), np.zeros(400))
    assert found.set_sd == pytest.approx(0.1, rel=0.05)
    np.testing.assert_allclose(found.variances, (found.set_sd**2 + 0.04**2) / 3, rtol=1e-9)
    np.testing.assert_allclose(found.values, values.mean(axis=1), rtol=1e-9)


def test_a_short_set_is_less_certain_than_its_neighbours():
    known = session_values([[0.1], [0.1]], [[0.04], [math.nan]], [0, 0])
    assert known.variances[1] - known.variances[0] == pytest.approx(0.04**2, rel=1e-9)
    nobody = session_values([[0.1]], [[math.nan]], [0])
    assert nobody.variances[0] == pytest.approx(UNKNOWN_SE**2 + SET_SD**2, rel=1e-9)


def test_a_set_without_an_answer_does_not_count():
    found = session_values([[0.1, math.nan, 0.3], []], [[0.04, math.nan, 0.04], []], [math.nan, 0])
    assert found.sets == (2, 0)
    assert found.values[0] == pytest.approx(0.2)
    assert math.isnan(found.values[1])
    with pytest.raises(InputError, match="every set"):
        session_values([[0.1]], [[]], [0])


# --- mixtures -----------------------------------------------------------------------------------------------------


def test_mixture_quantiles_hold_their_probability():
    mixture = Mixture(np.array([[0.0, 1.0, -3.0], [0.0, 0.0, 0.0]]), np.array([[0.1, 2.0, 0.01]] * 2), np.ones(3) / 3)
    for p in (0.025, 0.3, 0.5, 0.975):
        np.testing.assert_allclose(mixture.below(mixture.quantile(p)), p, atol=1e-7)


def test_mixture_moments():
    mixture = Mixture(np.array([[1.0, 3.0]]), np.array([[1.0, 2.0]]), np.array([0.25, 0.75]))
    assert mixture.mean[0] == pytest.approx(2.5)
    assert mixture.sd[0] ** 2 == pytest.approx(0.25 * 1 + 0.75 * 4 + 0.25 * 2.25 + 0.75 * 0.25)


def test_trimming_loses_next_to_nothing():
    rng = np.random.default_rng(17)
    weights = np.exp(-np.arange(40.0))
    mixture = Mixture(rng.normal(0, 1, (3, 40)), rng.uniform(0.5, 1, (3, 40)), weights / weights.sum())
    assert mixture.trimmed().weights.size < 15
    np.testing.assert_allclose(mixture.trimmed().quantile(0.975), mixture.quantile(0.975), atol=1e-3)


def test_the_grid_surrounds_what_is_assumed():
    grid = parameter_grid(0.11, 0.02)
    assert grid.placement_sd.min() < 0.11 / 2 < 2 * 0.11 < grid.placement_sd.max()
    assert grid.drift_sd.min() < 0.02 < 10 * 0.02 < grid.drift_sd.max()
    assert grid.weights(np.zeros(grid.drift_sd.size)).sum() == pytest.approx(1)


# --- points -------------------------------------------------------------------------------------------------------


def test_as_points():
    change = Estimate(0.2, 0.1, 0.4, se=0.05, n=9, method="m")
    shown = as_points(change, around=0.3)
    assert shown.value == pytest.approx(imbalance(0.4) - imbalance(0.2))
    assert shown.low == pytest.approx(imbalance(0.35) - imbalance(0.25))
    assert shown.high == pytest.approx(imbalance(0.5) - imbalance(0.1))
    step = 1e-6
    slope = (as_points(replace(change, value=0.2 + step), 0.3).value - shown.value) / step
    assert shown.se == pytest.approx(0.05 * slope, rel=1e-5)
    assert (shown.n, shown.method) == (9, "m")
    assert math.isnan(as_points(Estimate.none(Status.TOO_FEW, "why"), 0.1).value)


def test_worked_points(vectors):
    """The worked example ends at λ = .11782: d = 5.884."""
    level = vectors["local_level"]["filtered"][-1][0]
    assert as_points(Estimate(level), around=level / 2).value == pytest.approx(5.884, abs=5e-4)


def test_worked_interval_and_probability(vectors):
    """The worked sessions, with nothing to learn: d = 5.884 (3.780 to 7.983), P(|d| > 5) = .7951."""
    row = vectors["local_level"]
    found = filter_levels(row["y"], np.square(row["se"]), np.full(8, row["q_sd"] ** 2), prior=Prior(0, 0.04))
    now = Mixture(found.mean[-1:], np.sqrt(found.variance[-1:]), np.ones(1))
    ends = [imbalance(float(now.quantile(p)[0])) for p in (0.025, 0.975)]
    assert ends == pytest.approx([3.780, 7.983], abs=5e-4)
    band = log_ratio_of(5.0)
    beyond = now.below(np.array([-band]))[0] + 1 - now.below(np.array([band]))[0]
    assert beyond == pytest.approx(0.7951, abs=5e-5)


# --- does it hold -------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_coverage_and_calls():
    """A smaller copy of benchmarks/trend.py: placement and drift are not the assumed ones."""
    held, changed = [], []
    for seed in range(200):
        rng = np.random.default_rng([seed, 9])
        placement, drift = rng.uniform(0.05, 0.2), rng.uniform(0, 0.05)
        levels = rng.normal(0, 0.2) + np.cumsum(rng.normal(0, drift, 14))
        y = levels + rng.normal(0, placement, 14)
        found = trend([session(w, *rng.normal(v, 0.05, 3), se=0.04) for w, v in enumerate(y)])
        held.append(found.level.low <= levels[-1] <= found.level.high)
        flat = trend([session(w, *rng.normal(v, 0.05, 3)) for w, v in enumerate(y - levels)])
        changed.append(flat.direction is not Direction.STEADY)
    assert 0.92 <= np.mean(held) <= 0.98
    assert np.mean(changed) <= 0.05


def test_plain_numbers_come_out():
    found = trend(season(18))
    told = [found.level, found.change, found.sessions[3].smoothed, found.sessions[3].observed, found.signs.share_right]
    assert {type(v) for e in told for v in (e.value, e.low, e.high, e.se)} == {float}
    assert {type(e.n) for e in told} == {int}
    assert type(found.p_right) is type(found.error.sem) is type(found.error.placement_sd) is float
    assert type(found.sessions[0].segment) is type(found.sessions[0].sets) is int


# --- differences in a unit ----------------------------------------------------------------------------------------


def in_degrees(sessions: list[SessionSets], factor: float) -> list[SessionSets]:
    return [
        replace(
            s,
            values=tuple(factor * v for v in s.values),
            ses=tuple(factor * se for se in s.ses),
            shared_se=factor * s.shared_se,
        )
        for s in sessions
    ]


@given(st.floats(0.5, 60.0))
@settings(derandomize=True, deadline=None, max_examples=20)
def test_every_number_of_a_trend_carries_the_unit(factor):
    """Values and assumptions in a unit so many times smaller give the same answer, so many times larger."""
    assumed = TrendSettings(placement_sd=0.06, band=100 * math.tanh(0.05))
    scaled = {name: factor * getattr(assumed, name) for name in ("placement_sd", "drift_sd", "prior_sd", "set_sd")}
    made = season(3, slope=0.02)
    made[4] = replace(made[4], values=(*made[4].values, 0.2), ses=(*made[4].ses, math.nan))
    ratios = trend(made, assumed)
    degrees = trend(in_degrees(made, factor), replace(assumed, unit="deg", band=0.1 * factor, **scaled))
    for one, other in ((ratios.level, degrees.level), (ratios.change, degrees.change)):
        assert numbers(other) == pytest.approx([factor * x for x in numbers(one)], rel=1e-6, abs=1e-7 * factor)
    assert degrees.error.mdc95 == pytest.approx(factor * ratios.error.mdc95, rel=1e-9)
    assert degrees.p_beyond_band == pytest.approx(ratios.p_beyond_band, abs=1e-7)
    assert (degrees.direction, degrees.ewma.alerts) == (ratios.direction, ratios.ewma.alerts)


def test_the_assumptions_of_differences_follow_from_the_smallest_change():
    found = TrendSettings.of_differences("deg", 5.0)
    assert 1.959964 * math.sqrt(2) * found.placement_sd == pytest.approx(5.0, rel=1e-6)
    assert (found.drift_sd, found.prior_sd, found.set_sd, found.band, found.unit) == (0.5, 10.0, 1.0, 5.0, "deg")
    assert found.band_of_values == 5.0
    assert TrendSettings().band_of_values == pytest.approx(log_ratio_of(5.0))


@pytest.mark.parametrize(("unit", "change"), [("", 5.0), ("deg", 0.0), ("deg", math.nan), ("cm", math.inf)])
def test_differences_need_a_unit_and_a_smallest_change(unit, change):
    with pytest.raises(InputError, match="a unit, and a change above 0"):
        TrendSettings.of_differences(unit, change)


def test_a_band_in_a_unit_may_be_any_size():
    with pytest.raises(InputError, match="band"):
        trend(season(1), TrendSettings(band=120.0))
    wide = replace(TrendSettings.of_differences("deg", 5.0), band=120.0)
    assert trend(in_degrees(season(1), 40.0), wide).p_beyond_band < 0.01


def test_unchanged_differences_are_hardly_ever_called_changed():
    """Placement within what sensors are known for, not the assumed one: 100 seasons of 14 weeks without a change."""
    assumed = TrendSettings.of_differences("deg", 5.0)
    held, changed = [], []
    for seed in range(100):
        rng = np.random.default_rng([seed, 12])
        true, placement = rng.normal(0, 5), rng.uniform(0.9, 3.6)
        y = true + rng.normal(0, placement, 14)
        found = trend([session(w, *rng.normal(v, 0.8, 3), se=0.6) for w, v in enumerate(y)], assumed)
        held.append(found.level.low <= true <= found.level.high)
        changed.append(found.direction is not Direction.STEADY)
    assert np.mean(held) >= 0.92
    assert np.mean(changed) <= 0.05
