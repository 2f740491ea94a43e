"""What can cross zero, as people read it: sides swap words, every number has its unit, nothing becomes a ratio."""

import json
import math
import re
from dataclasses import replace
from datetime import date, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glutebal.balance.difference import NO_SIDES, midline_balance, sides_balance
from glutebal.balance.motion_view import AngleCurve, StickPose
from glutebal.balance.site_waveform import MeanCurve
from glutebal.history.progress import Series, progress
from glutebal.history.records import RecordingRecord, SessionRecord, SetRecord
from glutebal.history.series import SetPoint
from glutebal.history.session_view import session_view
from glutebal.model import Bilateral, Quantity, Side
from glutebal.report.choice import answered, primary, unanswered
from glutebal.report.differences import FORMULA, difference_told, differences, floor_told, signed, told
from glutebal.report.figures import balance_figure, differences_figure, reps_figure
from glutebal.report.figures.session import sets_figure
from glutebal.report.page import card, page
from glutebal.report.session import motion_of, session_card, session_page
from glutebal.report.session_change import change_told
from glutebal.report.session_words import drift_over_sets, session_block, session_headline
from glutebal.report.tables import as_json, balance_table, reps_table
from glutebal.report.tables.season import history_reps_table, sets_table
from glutebal.report.tables.session import session_json, session_table
from glutebal.report.words import block, drift_sentence, headline, sentence
from glutebal.results import Estimate, Laterality, Phase, Rep, Status

HIP = Series("P07", "squat", "hip_flexion_rom", "hip")
REPS = tuple(Rep(k + 1, 100 * k, 100 * k + 80, 50.0) for k in range(8))
WOBBLE = (0.4, -0.3, 0.1, -0.5, 0.6, 0.2, -0.4, -0.1)


def exact(value):
    return Estimate(value, value - 1.0, value + 1.0, 0.5, 1)


def hips(gap, measure="hip_flexion_rom", site="hip", unit="deg", base=90.0):
    pairs = [(rep, Bilateral(exact(base), exact(base + gap + w))) for rep, w in zip(REPS, WOBBLE, strict=True)]
    return sides_balance(measure, site, Quantity.ANGLE, unit, pairs)


def pelvis(value, measure="lateral_shift", unit="cm", steps=WOBBLE):
    values = [(rep, exact(value + w)) for rep, w in zip(REPS, steps, strict=True)]
    return midline_balance(measure, "pelvis", Quantity.ANGLE, unit, values)


def lost():
    values = [(rep, Estimate.none(Status.REFUSED, "the pelvis sensor was silent")) for rep in REPS]
    return midline_balance("pelvic_obliquity", "pelvis", Quantity.ANGLE, "deg", values)


@pytest.fixture
def angles(calibrated):
    """Only what can cross zero."""
    balances = (hips(8.0), hips(2.0, "hip_abduction_peak"), pelvis(-2.4), pelvis(6.0, "pelvic_tilt", "deg"), lost())
    return replace(calibrated, balances=balances, envelopes=(), references=())


@pytest.fixture
def mixed(calibrated, angles):
    """EMG ratios with differences before and after them."""
    return replace(calibrated, balances=(*angles.balances[:2], *calibrated.balances, *angles.balances[2:]))


class TestWords:
    @pytest.mark.parametrize(
        ("difference", "expected"),
        [
            (Estimate(4.2, 1.0, 7.4), "right 4.2° more (1.0 to 7.4)"),
            (Estimate(-4.2, -7.4, -1.0), "left 4.2° more (1.0 to 7.4)"),
            (Estimate(1.2, -2.0, 4.4), "right 1.2° more (−2.0 to 4.4)"),
            (Estimate(0.04, -2.0, 2.0), "even, 0.0° (−2.0 to 2.0)"),
            (Estimate(3.0, status=Status.TOO_FEW), "right 3.0° more (no range)"),
            (Estimate.none(Status.REFUSED, "a dropout"), "no answer: a dropout"),
            (Estimate(math.nan), "no answer: ok"),
        ],
    )
    def test_sides(self, difference, expected):
        assert difference_told(difference, hips(1.0)) == expected

    @pytest.mark.parametrize(
        ("measure", "unit", "value", "expected"),
        [
            ("lateral_shift", "cm", -2.0, "2.0 cm to the left (1.0 to 3.0)"),
            ("lateral_shift", "cm", 2.0, "2.0 cm to the right (1.0 to 3.0)"),
            ("pelvic_obliquity", "deg", 2.0, "2.0° higher on the right (1.0 to 3.0)"),
            ("pelvic_tilt_at_lockout", "deg", -2.0, "2.0° posterior (1.0 to 3.0)"),
            ("trunk_lean", "deg", -2.0, "−2.0° (−3.0 to −1.0)"),
        ],
    )
    def test_midline(self, measure, unit, value, expected):
        found = Estimate(value, value - 1.0, value + 1.0)
        assert difference_told(found, pelvis(value, measure, unit)) == expected

    @settings(derandomize=True, deadline=None)
    @given(st.floats(-30, 30), st.floats(0, 30))
    def test_swapping_swaps_the_words_and_leaves_the_numbers(self, value, half):
        found = Estimate(value, value - half, value + half)
        mirrored = Estimate(-value, -value - half, -value + half)
        swap = {"left": "right", "right": "left"}
        if abs(value) >= 0.05 and value != 0:
            for balance in (hips(1.0), pelvis(1.0)):
                said = re.sub("left|right", lambda m: swap[m[0]], difference_told(found, balance))
                assert difference_told(mirrored, balance) == said

    @pytest.mark.parametrize(
        ("value", "unit", "expected"),
        [(3.5, "deg", "+3.5°"), (-3.5, "cm", "−3.5 cm"), (0.04, "deg", "0.0°"), (-0.04, "deg", "0.0°")],
    )
    def test_signs(self, value, unit, expected):
        assert signed(Estimate(value), unit) == expected

    def test_seconds_have_two_decimals(self):
        balance = hips(0.1, "time_to_bottom", unit="s", base=1.0)
        assert difference_told(Estimate(0.07, 0.02, 0.12), balance) == "right 0.07 s more (0.02 to 0.12)"

    def test_below_the_floor(self):
        assert floor_told(hips(2.0)) == "below what inertial sensors can tell (5°)"
        assert floor_told(hips(6.0)) == ""
        assert floor_told(hips(6.0, "knee_frontal_angle")) == "below what inertial sensors can tell (8°)"
        assert floor_told(pelvis(1.0)) == "below what inertial sensors can tell (1.5 cm)"
        assert floor_told(lost()) == ""

    def test_sentences(self):
        clear = sentence(hips(8.0))
        assert clear.startswith("In this set hip flexion ROM (hip) was 8.0° more on the right (95 % range ")
        assert clear.endswith("differences between the sides are common in healthy people.")
        assert "8 reps" in clear
        small = sentence(hips(2.0))
        assert small.endswith("8 reps): below what inertial sensors can tell (5°).")
        assert small.startswith("Hip flexion ROM (hip) was 2.0° more on the right")
        shift = sentence(pelvis(-2.4))
        assert "lateral shift (pelvis) was 2.4 cm to the left" in shift
        unclear = replace(hips(8.0), difference=Estimate(6.0, -1.0, 13.0, n=8))
        assert sentence(unclear).startswith("No side difference in hip flexion ROM (hip) can be told from this set: ")
        few = replace(hips(8.0), difference=Estimate(6.0, n=3, status=Status.TOO_FEW, reason="3 repetitions"))
        assert sentence(few).endswith("(3 reps); no range is known, so nothing can be told: 3 repetitions.")
        assert sentence(lost()).startswith("No answer for pelvic obliquity (pelvis): the pelvis sensor was silent.")

    def test_a_slope_is_told_in_its_unit(self):
        steps = np.linspace(-2.0, 2.0, 8) + 0.05 * np.array(WOBBLE)
        said = drift_sentence(pelvis(3.0, steps=steps))
        assert said.startswith("From rep to rep lateral shift (pelvis) moved by 0.5")
        assert " cm per rep toward the right (95 % range " in said
        assert drift_sentence(hips(8.0)) == ""


class TestChoice:
    def test_amounts_come_first_even_without_an_answer(self, mixed, all_refused, angles):
        assert primary(mixed).site == "gluteus_maximus"
        assert headline(mixed).startswith("In this set gluteus maximus activation split")
        refused = replace(all_refused, balances=(*angles.balances, *all_refused.balances))
        assert primary(refused).site == "gluteus_maximus"

    def test_differences_come_before_times(self, unilateral, angles):
        time = unilateral.balances[1]
        assert primary(replace(angles, balances=(time, *angles.balances))).measure == "hip_flexion_rom"

    def test_each_balance_is_told_once(self, mixed):
        told_ones = [*answered(mixed), *differences(mixed), *(b for _, group in unanswered(mixed) for b in group)]
        assert sorted(map(id, told_ones)) == sorted(map(id, mixed.balances))
        assert unanswered(mixed) == [("the pelvis sensor was silent", [mixed.balances[-1]])]


class TestBlock:
    def test_they_have_their_own_heading(self, angles):
        text = block(angles)
        assert "imbalance index" not in text
        assert "points" not in text
        assert "differences: right minus left" in text
        assert "right 8.0° more" in text
        assert "2.4 cm to the left" in text
        assert "no answer (refused): the pelvis sensor was silent" in text

    def test_with_a_ratio_nothing_else_changes(self, mixed, calibrated):
        lines = block(mixed).splitlines()
        assert [line for line in block(calibrated).splitlines() if line and line not in lines] == []


class TestTables:
    def test_balance(self, mixed):
        found = balance_table(mixed).set_index("measure")
        hip, shift, silent = (found.loc[m] for m in ("hip_flexion_rom", "lateral_shift", "pelvic_obliquity"))
        assert hip["difference"] == pytest.approx(8.0)
        assert hip["difference_low"] < 8.0 < hip["difference_high"]
        assert (hip["status"], hip["difference_status"], hip["unit"], hip["claim"]) == (
            *("not_a_ratio", "ok", "deg"),
            "beyond",
        )
        assert (hip["n"], hip["floor"]) == (8, 5.0)
        assert np.isnan([hip["log_ratio"], hip["imbalance"], hip["share_right"]]).all()
        assert np.isnan([shift["left"], shift["right"]]).all()
        assert shift["difference"] == pytest.approx(-2.4)
        assert (silent["difference_status"], silent["claim"]) == ("refused", "unknown")
        assert silent["reason"] == "the pelvis sensor was silent"
        assert math.isnan(silent["difference"])

    def test_a_ratio_has_no_difference(self, calibrated):
        found = balance_table(calibrated)
        assert found[["difference", "difference_low", "difference_high", "floor"]].isna().all(axis=None)
        assert (found[["difference_status", "claim"]] == "").all(axis=None)
        assert reps_table(calibrated)["difference"].isna().all()

    def test_reps(self, angles):
        found = reps_table(angles)
        hip = found[found["measure"] == "hip_flexion_rom"]
        assert np.allclose(hip["difference"], hip["right"] - hip["left"])
        assert hip["imbalance"].isna().all()
        assert set(found[found["measure"] == "pelvic_obliquity"]["difference_status"]) == {"refused"}

    def test_json_has_null_and_no_nan(self, angles):
        found = json.loads(as_json(angles))["balance"]
        assert found[0]["difference"] == pytest.approx(8.0)
        assert found[-1]["difference"] is None


class TestPage:
    def test_both_tables(self, mixed):
        html = page(mixed).html
        assert "<h3>Differences</h3>" in html
        assert "right 8.0° more" in html
        assert "below what inertial sensors can tell (5°)" in html
        assert "too small to tell" in html
        assert FORMULA[1] in html.replace("&#39;", "'")
        assert '<th scope="col" class="number">Difference</th>' in html

    def test_no_ratio_is_drawn_for_them(self, angles):
        html = page(angles).html
        assert "Right share</th>" not in html
        assert "Points of the imbalance index" not in html
        assert "Imbalance</th>" not in html
        assert "Hip flexion ROM (hip)" in card(angles)

    def test_a_page_without_them_does_not_mention_them(self, calibrated):
        assert "<h3>Differences" not in page(calibrated).html
        assert FORMULA[0] not in page(calibrated).html.split("Where the numbers come from")[1]

    def test_every_amount_has_its_unit(self, angles):
        for balance in angles.balances[:4]:
            unit = "°" if balance.unit == "deg" else " cm"
            assert unit in told(balance)
            assert all(unit in told(rep) for rep in balance.reps)


def texts_of(figure):
    axes = figure.get_axes()
    return [*(t.get_text() for a in axes for t in a.texts), *(a.get_ylabel() for a in axes), *_titles(figure)]


def _titles(figure):
    return [a.get_title(loc="left") for a in figure.get_axes()] + [t.get_text() for t in figure.texts]


class TestFigures:
    def test_reps_of_sides(self, angles):
        figure = reps_figure(angles, "hip_flexion_rom", "hip")
        assert [a.get_ylabel() for a in figure.get_axes()] == ["hip flexion ROM, °", "difference, °\n(+ = right more)"]
        diamonds = [line.get_ydata() for line in figure.get_axes()[1].lines if line.get_marker() == "D"]
        assert np.allclose(diamonds[0], 8.0 + np.array(WOBBLE))

    def test_reps_of_the_midline(self, angles):
        figure = reps_figure(angles, "lateral_shift", "pelvis")
        assert [a.get_ylabel() for a in figure.get_axes()] == ["cm\n(+ = to the right)"]

    def test_without_a_value_there_are_words(self, angles):
        figure = reps_figure(angles, "pelvic_obliquity", "pelvis")
        assert any("the pelvis sensor was silent" in t for t in texts_of(figure))

    def test_the_balance_figure_leaves_them_out(self, mixed, calibrated):
        rows = [len(balance_figure(a, with_reasons=False).get_axes()[0].texts) for a in (mixed, calibrated)]
        assert rows[0] == rows[1]

    def test_each_unit_has_its_own_axis(self, angles):
        figure = differences_figure(angles)
        degrees, centimetres = figure.get_axes()
        assert [a.get_xlabel()[:2] for a in figure.get_axes()] == ["° ", "cm"]
        assert [len(a.texts) for a in figure.get_axes()] == [6, 2]  # a name and an answer for each row
        dots = [line.get_xdata()[0] for line in centimetres.lines if line.get_marker() == "D"]
        assert dots == pytest.approx([-2.4])
        floors = [line.get_xdata()[1] for line in degrees.lines if line.get_linewidth() == 9]
        assert floors == [5.0, 5.0, 5.0]

    def test_at_most_the_headline_is_coloured(self, angles, mixed):
        def filled(analysis):
            dots = [x for a in differences_figure(analysis).get_axes() for x in a.lines if x.get_marker() == "D"]
            return sum(dot.get_markerfacecolor() == dot.get_color() for dot in dots)

        assert (filled(angles), filled(mixed)) == (1, 0)

    def test_without_differences_there_are_words(self, calibrated):
        assert any("no difference was measured" in t for t in texts_of(differences_figure(calibrated)))


def session_of(gaps, day=date(2026, 3, 2), number=1):
    sets = tuple(
        SetRecord(k, "squat", Laterality.BILATERAL, (hips(gap), pelvis(-gap / 4), lost()), 60.0)
        for k, gap in enumerate(gaps, 1)
    )
    started = datetime(day.year, day.month, day.day, 17)
    return SessionRecord("P07", day, (RecordingRecord(f"f{number}", "set.csv", started, 60.0, sets),), id=number)


def points_of(record):
    nobody = Bilateral("", "")
    return {
        Series("P07", "squat", b.measure, b.site): [
            SetPoint(
                *(Series("P07", "squat", b.measure, b.site), record.id, record.day, "", "", nobody, one.index, 60.0),
                *(b.quantity, b.unit, b.log_ratio, b.sides, 0.0, b.difference),
            )
            for one in record.recordings[0].sets
            for b in one.balances
            if b.measure == measure
        ]
        for b, measure in ((b, b.measure) for b in record.recordings[0].sets[0].balances)
    }


@pytest.fixture
def view():
    before = session_of((5.0, 5.5, 6.0), date(2026, 2, 23))
    return session_view(session_of((8.0, 9.0, 10.0), number=2), previous=points_of(before))


class TestSession:
    def test_the_sets_are_the_replicates(self, view):
        hip = view.series[0].whole
        assert hip.difference.value == pytest.approx(9.0)
        assert hip.difference.n == 24
        assert hip.drift.value == pytest.approx(1.0)
        assert (hip.log_ratio.status, hip.sides.left.value) == (Status.NOT_A_RATIO, pytest.approx(90.0))
        shift = view.series[1].whole
        assert shift.sides.left.reason == NO_SIDES
        assert shift.difference.value == pytest.approx(-2.25)
        assert view.series[2].whole.difference.reason == "the pelvis sensor was silent"

    def test_headline_and_change(self, view):
        assert session_headline(view).startswith(
            "Over 3 sets of squat, hip flexion ROM (hip) was 9.0° more on the right"
        )
        assert session_headline(view).endswith("24 reps). Differences between the sides are common in healthy people.")
        change = view.series[0].change
        assert (change.before.value, change.difference.value) == (pytest.approx(5.5), pytest.approx(3.5))
        assert (change.unit, change.error, change.exceeds) == ("deg", None, None)
        said = change_told(view.series[0])
        assert "moved by +3.5° (95 % range " in said
        assert "not known yet" in said
        assert "points" not in said
        assert drift_over_sets(view.series[0]).startswith("1.00° per set toward the right (")

    def test_block(self, view):
        text = session_block(view)
        assert "squat, differences: right minus left" in text
        assert "sets: +8.0°, +9.0°, +10.0°" in text
        assert "no answer: the pelvis sensor was silent: pelvic obliquity (pelvis)" in text

    def test_page_and_card(self, view):
        html = session_page(view).html
        assert "right 9.0° more" in html
        assert "+3.5°" in html
        assert "Right share</th>" not in html
        assert "right 9.0° more" in session_card(view)

    def test_figure(self, view):
        hip, shift, silent = (sets_figure(series) for series in view.series)
        assert [a.get_ylabel() for a in hip.get_axes()] == ["hip flexion ROM, °", "difference, °\n(+ = right more)"]
        assert [a.get_ylabel() for a in shift.get_axes()] == ["cm\n(+ = to the right)"]
        assert any("the pelvis sensor was silent" in t for t in texts_of(silent))

    def test_tables(self, view):
        found = session_table(view).iloc[0]
        assert found["difference"] == pytest.approx(9.0)
        assert found["change"] == pytest.approx(3.5)
        assert (found["status"], found["difference_status"], found["verdict"]) == ("not_a_ratio", "ok", "not known")
        assert json.loads(session_json(view))["balance"][0]["difference"] == pytest.approx(9.0)
        reps = history_reps_table([view.record])
        assert np.allclose(reps["difference"][:8], 8.0 + np.array(WOBBLE))
        sets = sets_table(point for points in points_of(view.record).values() for point in points)
        assert sets["difference"][:3].tolist() == pytest.approx([8.0, 9.0, 10.0])
        assert sets["reason"].iloc[-1] == "the pelvis sensor was silent"


class TestBesideTheError:
    """With the trend of the sessions so far, a change is read beside the measurement error, in degrees."""

    @pytest.fixture
    def judged(self):
        records = [session_of((5.0 + k % 2, 5.5, 6.0), date(2026, 2, 2 + 7 * k), k + 1) for k in range(3)]
        points = [p for record in records for p in points_of(record)[HIP]]
        now = session_of((18.0, 19.0, 20.0), number=4)
        return session_view(now, {HIP: progress(points).trend}, {HIP: points})

    def test_a_change_beyond_it_is_told(self, judged):
        change = judged.series[0].change
        assert (change.unit, change.exceeds, change.error.learned) == ("deg", True, False)
        assert 5.0 < change.error.mdc95 < 7.0
        said = change_told(judged.series[0])
        assert re.search(r"more than the measurement error of two sessions, ±[56]\.\d° \(assumed\)\.", said)
        assert "points" not in said

    def test_the_tables_hold_it(self, judged):
        found = session_table(judged).iloc[0]
        assert found["verdict"] == "more than the error"
        assert found["mdc95"] == pytest.approx(judged.series[0].change.error.mdc95)
        assert re.search(r"±[56]\.\d° \(assumed\)", session_page(judged).html)


def curve(n, seed):
    rng, node = np.random.default_rng(seed), np.linspace(0, np.pi, 101)
    made = Bilateral.per_side(lambda side: MeanCurve.of(90 * np.sin(node) + rng.normal(0, 2, (n, 1))))
    return AngleCurve("hip_flexion", "hip flexion", "deg", made, False, Laterality.BILATERAL, "thigh forward", 2.8)


class TestMotionOfASession:
    """What was kept of the movement is drawn over all recordings of an exercise; what was not is said."""

    @pytest.fixture
    def kept(self):
        one = session_of((8.0, 9.0, 10.0))
        pose = StickPose("turn", "deepest", None, {("hip", Side.LEFT): (0.0, 0.1, 0.0)}, 4, ("pelvis 3° lower",))
        first = replace(one.recordings[0], curves=(curve(4, 1),), poses=(pose,))
        second = replace(one.recordings[0], fingerprint="g", curves=(curve(5, 2),), poses=(replace(pose, n=5),))
        return session_view(replace(one, recordings=(first, second)))

    def test_the_curves_of_all_recordings_are_one(self, kept):
        motion = motion_of(kept, kept.series)
        assert [(c.name, c.curves.left.n) for c in motion.curves] == [("hip_flexion", 9)]
        assert [(pose.n, pose.notes) for pose in motion.poses] == [(9, ())]
        assert motion.reason == ""
        html = session_page(kept).html
        assert html.count('aria-label="Hip flexion from 0 to 100 % of the rep') == 1
        assert html.count('aria-label="Stick figures') == 1
        assert "Left (9 reps)" in html

    def test_ids_are_met_once(self, kept):
        ids = re.findall(r'id="([^"]+)"', session_page(kept).html)
        assert len(ids) == len(set(ids))

    def test_a_session_without_curves_says_where_they_are(self, view):
        html = session_page(view).html
        assert "No curves: this session keeps none" in html
        assert "glutebal analyse --report" in html

    def test_a_session_without_motion_has_no_section(self, calibrated):
        sets = (SetRecord(1, "hip_thrust", Laterality.BILATERAL, calibrated.balances, 60.0),)
        record = RecordingRecord("f", "set.csv", datetime(2026, 3, 2, 17), 60.0, sets)
        html = session_page(session_view(SessionRecord("P07", date(2026, 3, 2), (record,)))).html
        assert "<h3>Motion</h3>" not in html

    def test_the_phases_of_a_part_of_a_stride_are_left_out(self, kept):
        phases = (Phase("stance", 0, 60), Phase("swing", 60, 100))
        whole, part = Rep(1, 0, 100, 50.0, phases=phases), Rep(1, 60, 100, 50.0, phases=phases)
        hip = kept.series[0].whole
        reps = tuple(replace(entry, rep=rep) for entry, rep in zip(hip.reps[:2], (whole, part), strict=True))
        series = replace(kept.series[0], whole=replace(hip, reps=reps))
        assert [(p.name, p.start, p.stop) for p in motion_of(kept, [series]).phases] == [
            ("stance", 0, 60),
            ("swing", 60, 100),
        ]
