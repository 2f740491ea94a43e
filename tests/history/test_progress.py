"""One series of sets becomes sessions, marks, a trend and both sides' courses."""

import math
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glutebal.balance.difference import NO_SIDES
from glutebal.balance.trend import Direction, TrendSettings
from glutebal.errors import InputError
from glutebal.history.progress import Series, SetPoint, default_settings, progress
from glutebal.history.records import SessionNotes, SessionSummary
from glutebal.model import Bilateral, Quantity
from glutebal.results import Estimate, Status

SERIES = Series("A-01", "hip_thrust", "mean_force", "plate")
START = date(2025, 9, 1)


def estimate(value, se=0.01, n=8):
    return Estimate(value, value - 2 * se, value + 2 * se, se, n, "t")


def point(session, ratio=0.1, *, set_index=1, level=6.0, setup="", devices=("", ""), week=None, **changes):
    sides = Bilateral(level - ratio / 2, level + ratio / 2).map(
        lambda log: estimate(math.exp(log), 0.01 * math.exp(log))
    )
    made = SetPoint(
        SERIES,
        session,
        START + timedelta(weeks=session if week is None else week),
        "",
        setup,
        Bilateral(*devices),
        set_index,
        60.0,
        Quantity.FORCE,
        "N",
        estimate(ratio),
        sides,
        0.0,
    )
    return replace(made, **changes)


def sessions(ratios, **changes):
    """Two sets per session, a week apart."""
    return [point(k, r, set_index=i, **changes) for k, r in enumerate(ratios) for i in (1, 2)]


def swapped(p):
    ratio = replace(p.log_ratio, value=-p.log_ratio.value, low=-p.log_ratio.high, high=-p.log_ratio.low)
    return replace(p, log_ratio=ratio, sides=p.sides.swapped(), devices=p.devices.swapped())


def summary(number, notes):
    return SessionSummary(number, "A-01", START, "", notes, 1, 2, 16, ("hip_thrust",))


RATIOS = st.lists(st.floats(-0.5, 0.5), min_size=3, max_size=8)


@given(RATIOS)
@settings(derandomize=True, deadline=None, max_examples=25)
def test_swapping_the_sides_flips_the_sign_and_nothing_else(ratios):
    points = sessions(ratios)
    here, there = progress(points), progress([swapped(p) for p in points])
    assert there.trend.level.value == pytest.approx(-here.trend.level.value, abs=1e-9)
    assert there.trend.p_right == pytest.approx(1 - here.trend.p_right, abs=1e-9)
    assert there.sides.left == here.sides.right


@given(RATIOS, st.floats(0.5, 2.0))
@settings(derandomize=True, deadline=None, max_examples=25)
def test_a_gain_of_both_sides_leaves_the_trend_and_the_share_of_the_best_alone(ratios, gain):
    points = sessions(ratios)
    louder = [replace(p, sides=p.sides.map(lambda e: estimate(gain * e.value, gain * e.se))) for p in points]
    here, there = progress(points), progress(louder)
    assert there.trend == here.trend
    assert there.sides.left.of_best.value == pytest.approx(here.sides.left.of_best.value, rel=1e-3)
    assert there.sides.left.now.value == pytest.approx(gain * here.sides.left.now.value, rel=1e-3)


def test_sets_are_grouped_into_sessions_with_their_notes():
    found = progress(
        sessions([0.1, 0.2, 0.3]), [summary(1, SessionNotes(pain=3.0)), summary(99, SessionNotes(pain=9.0))]
    )
    assert [mark.session for mark in found.marks] == [0, 1, 2]
    assert [mark.sets for mark in found.marks] == [2, 2, 2]
    assert [mark.reps for mark in found.marks] == [16, 16, 16]
    assert [mark.notes.pain for mark in found.marks] == [None, 3.0, None]
    assert [level.day for level in found.trend.sessions] == [mark.day for mark in found.marks]


def test_the_side_of_a_session_is_the_geometric_mean_of_its_sets():
    points = [point(0, 0.0, set_index=i, level=math.log(value)) for i, value in enumerate((100.0, 200.0, 400.0), 1)]
    side = progress(points).marks[0].sides.left
    assert side.value == pytest.approx(200.0)
    assert side.low < 200.0 < side.high


def test_the_heaviest_load_of_a_session_is_its_load():
    points = [point(0, load_kg=50.0), point(0, set_index=2, load_kg=70.0), point(1, load_kg=None)]
    assert [mark.load_kg for mark in progress(points).marks] == [70.0, None]


def test_no_sets_and_two_series_are_errors():
    with pytest.raises(InputError, match="no set"):
        progress([])
    with pytest.raises(InputError, match="one series"):
        progress([point(0), point(1, series=replace(SERIES, site="strap"))])


def test_a_session_without_an_answer_keeps_its_place_and_its_reason():
    refused = Estimate.none(Status.REFUSED, "left plate force: dead")
    points = sessions([0.1, 0.1, 0.1, 0.1])
    points[2] = replace(points[2], log_ratio=refused)
    points[3] = replace(points[3], log_ratio=refused)
    found = progress(points)
    assert found.marks[1].status is Status.REFUSED
    assert found.marks[1].reason == "left plate force: dead"
    assert math.isnan(found.trend.sessions[1].observed.value)
    assert len(found.trend.sessions) == len(found.marks) == 4


def segments(points):
    return [level.segment for level in progress(points).trend.sessions]


def test_another_setup_breaks_the_series():
    assert segments([point(0, setup="a"), point(1, setup="a"), point(2, setup="b")]) == [1, 1, 2]


def test_another_device_breaks_the_series():
    assert segments([point(0, devices=("L1", "R1")), point(1, devices=("L2", "R1"))]) == [1, 2]


def test_sensors_that_changed_sides_break_the_series():
    assert segments([point(0, devices=("A", "B")), point(1, devices=("B", "A"))]) == [1, 2]


def test_what_a_session_does_not_say_is_no_change():
    devices = [("", ""), ("L1", "R1"), ("", ""), ("L1", "R1"), ("L2", "")]
    assert segments([point(k, devices=d) for k, d in enumerate(devices)]) == [1, 1, 1, 1, 2]
    assert segments([point(k, setup=s) for k, s in enumerate(["", "tape", "", "tape"])]) == [1, 1, 1, 1]


def test_the_sides_know_their_best_and_what_is_left_of_it():
    levels = [6.0, 6.1, 6.2, 6.3, 6.3, 6.3, 6.0, 6.0, 6.0, 6.0]
    points = [point(k, 0.1, set_index=i, level=level) for k, level in enumerate(levels) for i in (1, 2)]
    side = progress(points).sides.right
    assert side.best == pytest.approx(math.exp(6.3 + 0.05), rel=0.05)
    assert START + timedelta(weeks=3) <= side.best_day <= START + timedelta(weeks=5)
    assert side.of_best.value == pytest.approx(100 * math.exp(-0.3), abs=4)
    assert side.of_best.high < 100
    assert side.of_best.value == pytest.approx(100 * side.now.value / side.best)
    assert side.now.low < side.now.value < side.now.high


def test_growing_sides_are_at_their_best_now():
    points = [point(k, 0.1, level=6 + 0.03 * k) for k in range(10)]
    found = progress(points)
    for side in found.sides:
        assert side.of_best.value == 100
        assert 0 < side.change.low < 100 * math.expm1(0.03 * 9) < side.change.high


def test_the_best_of_another_setup_does_not_count():
    early = [point(k, level=8.0, setup="a") for k in range(4)]
    late = [point(k, level=6.0, setup="b") for k in range(4, 8)]
    found = progress(early + late)
    assert found.sides.left.best == pytest.approx(math.exp(6.0 - 0.05), rel=0.05)
    assert found.trend.setup_changes == (START + timedelta(weeks=4),)


@pytest.mark.parametrize(
    ("quantity", "unit", "words"),
    [
        (Quantity.EMG, "V", "electrodes"),
        (Quantity.EMG, "V·s", "electrodes"),
        (Quantity.EMG, "s", "no best"),
        (Quantity.FORCE, "s", "no best"),
        (Quantity.ACCELERATION, "m/s²", "no best"),
    ],
)
def test_what_cannot_be_compared_between_sessions_has_no_sides(quantity, unit, words):
    points = [replace(p, quantity=quantity, unit=unit) for p in sessions([0.1, 0.1, 0.1])]
    found = progress(points)
    assert found.sides is None
    assert words in found.sides_reason
    assert found.trend.direction is Direction.STEADY


@pytest.mark.parametrize(
    ("quantity", "unit"), [(Quantity.EMG, "%ref"), (Quantity.EMG, "%ref·s"), (Quantity.TORQUE, "N·m")]
)
def test_what_can_be_compared_has_sides(quantity, unit):
    points = [replace(p, quantity=quantity, unit=unit) for p in sessions([0.1, 0.1, 0.1])]
    assert progress(points).sides is not None


def test_a_day_without_reference_does_not_mix_volts_with_per_cent():
    uncalibrated = Estimate.none(Status.UNCALIBRATED, "no reference")
    points = [replace(p, quantity=Quantity.EMG, unit="%ref") for p in sessions([0.1, 0.1, 0.1, 0.1])]
    tiny = estimate(5e-5, 1e-6)
    points[0:2] = [replace(p, unit="V", log_ratio=uncalibrated, sides=Bilateral(tiny, tiny)) for p in points[0:2]]
    found = progress(points)
    assert found.unit == "%ref"
    assert math.isnan(found.marks[0].sides.left.value)
    assert found.sides.left.best == pytest.approx(math.exp(6.0 - 0.05), rel=0.02)


def test_two_sessions_are_too_few_and_say_so():
    found = progress(sessions([0.1, 0.1]))
    assert found.trend.is_unknown
    assert found.sides is None
    assert "2 sessions" in found.sides_reason


def test_the_assumptions_follow_the_quantity():
    assert default_settings(Quantity.EMG, "%ref").placement_sd == 0.11
    assert default_settings(Quantity.FORCE, "N").placement_sd == 0.042
    assert default_settings(Quantity.EMG, "s").placement_sd == default_settings(Quantity.ANGLE).placement_sd == 0.06
    emg = [replace(p, quantity=Quantity.EMG, unit="%ref") for p in sessions([0.1, 0.1, 0.1])]
    assert progress(emg).trend.settings.placement_sd == 0.11
    assert progress(emg, (), TrendSettings(placement_sd=0.05)).trend.settings.placement_sd == 0.05


def test_references_that_sets_share_widen_the_level():
    sharp = sessions([0.1, 0.12, 0.09])
    blunt = [replace(p, shared_se=0.2) for p in sharp]
    assert progress(blunt).trend.level.se > 1.5 * progress(sharp).trend.level.se
    assert progress(blunt).sides.left.now.se > 1.5 * progress(sharp).sides.left.now.se


def test_the_course_of_a_side_is_found_within_its_interval():
    rng = np.random.default_rng(3)
    true = 6 + 0.02 * np.arange(20)
    covered = 0
    for _ in range(40):
        seen = true + 0.03 * rng.standard_normal(20)
        side = progress([point(k, 0.0, level=float(level)) for k, level in enumerate(seen)]).sides.left
        covered += side.change.low <= 100 * math.expm1(true[-1] - true[0]) <= side.change.high
    assert covered >= 35  # of 40 at a nominal 38


# --- differences --------------------------------------------------------------------------------------------------

SHARED_DEG = 2.0


def difference(session, gap, *, set_index=1, own_se=0.5, unit="deg", **changes):
    ratio = Estimate.none(Status.NOT_A_RATIO, "it can cross zero", 8)
    sides = Bilateral(90.0 - gap / 2, 90.0 + gap / 2).map(lambda degrees: estimate(degrees, 0.4))
    found = estimate(gap, math.hypot(own_se, SHARED_DEG))
    made = point(session, set_index=set_index, quantity=Quantity.ANGLE, unit=unit, log_ratio=ratio, sides=sides)
    series = Series("A-01", "squat", "hip_flexion_rom", "hip")
    return replace(made, series=series, shared_se=SHARED_DEG, difference=found, **changes)


def angles(gaps, **changes):
    return [difference(k, gap + 0.2 * i, set_index=i, **changes) for k, gap in enumerate(gaps) for i in (1, 2)]


@given(st.lists(st.floats(-20, 20), min_size=3, max_size=8))
@settings(derandomize=True, deadline=None, max_examples=15)
def test_swapping_the_sides_of_differences_flips_the_sign_and_nothing_else(gaps):
    def mirrored(p):
        d = p.difference
        flipped = replace(d, value=-d.value, low=-d.high, high=-d.low)
        return replace(p, difference=flipped, sides=p.sides.swapped())

    here = progress(angles(gaps))
    there = progress([mirrored(p) for p in angles(gaps)])
    assert there.trend.level.value == pytest.approx(-here.trend.level.value, abs=1e-7)
    assert there.trend.p_right == pytest.approx(1 - here.trend.p_right, abs=1e-9)
    assert there.trend.error == here.trend.error


def test_a_series_of_differences_is_followed_in_its_unit():
    found = progress(angles([1.0, 3.0, 6.0, 9.0, 11.0, 14.0, 16.0, 18.0]))
    assert (found.is_difference, found.unit, found.trend.settings.unit) == (True, "deg", "deg")
    assert found.trend.direction is Direction.RIGHTWARDS
    assert found.trend.level.value == pytest.approx(18.0, abs=2.0)
    assert found.trend.error.learned
    assert [mark.status for mark in found.marks] == [Status.OK] * 8
    assert found.marks[0].reps == 16


def test_its_sides_are_means_and_have_no_best():
    found = progress(angles([4.0, 4.0, 4.0]))
    assert found.marks[0].sides.left.value == pytest.approx(90.0 - (4.2 + 4.4) / 4)
    assert found.sides is None
    assert "no best" in found.sides_reason
    assert not found.is_midline


def test_how_the_sensors_sit_is_not_counted_twice():
    """It is the placement error: with it in every set too, a session would be less certain than it is."""
    found = progress(angles([4.0] * 5))
    observed = found.trend.sessions[0].observed
    assert observed.se == pytest.approx(math.hypot(found.trend.error.placement_sd, 0.7), abs=0.35)
    assert found.trend.settings.placement_sd == SHARED_DEG  # told by the sensors, larger than 5/2.77


def test_a_midline_value_has_no_sides():
    none = Estimate.none(Status.UNPAIRED, NO_SIDES)
    found = progress(angles([4.0] * 3, sides=Bilateral(none, none)))
    assert found.is_midline
    assert found.marks[0].sides.left.reason == NO_SIDES


def test_another_unit_or_kind_is_no_answer():
    points = angles([4.0] * 4)
    points[0:2] = [replace(p, unit="rad") for p in points[0:2]]
    points[2:4] = [replace(p, difference=None, log_ratio=estimate(0.1), unit="deg") for p in points[2:4]]
    found = progress(points)
    assert [mark.status for mark in found.marks] == [Status.REFUSED, Status.REFUSED, Status.OK, Status.OK]
    assert found.marks[0].reason == "not a difference in deg"
    ratios = [replace(p, series=points[0].series) for p in sessions([0.1, 0.2, 0.1])]
    assert progress([points[-1], *ratios]).marks[0].status is Status.NOT_A_RATIO


def test_a_lost_session_of_differences_keeps_its_reason():
    points = angles([4.0] * 4)
    lost = Estimate.none(Status.REFUSED, "the pelvis sensor was silent", 8)
    points[2:4] = [replace(p, difference=lost) for p in points[2:4]]
    found = progress(points)
    assert (found.marks[1].status, found.marks[1].reason) == (Status.REFUSED, "the pelvis sensor was silent")
    assert math.isnan(found.trend.sessions[1].observed.value)


def test_assumptions_of_another_scale_are_refused():
    with pytest.raises(InputError, match="differences in deg"):
        progress(angles([4.0] * 3), (), TrendSettings())
    with pytest.raises(InputError, match="ratios"):
        progress(sessions([0.1] * 3), (), TrendSettings.of_differences("deg", 5.0))
    given = TrendSettings.of_differences("deg", 3.0)
    assert progress(angles([4.0] * 3), (), given).trend.settings == given
