"""A series of differences over time: told in its unit, towards its own side or direction, never in points or shares."""

import json
import math
import re

import numpy as np
import pytest

from glutebal.history.progress import AthleteProgress
from glutebal.report.differences import InUnit
from glutebal.report.figures import ewma_figure, multiples_figure, trend_figure
from glutebal.report.progress import progress_card, progress_page
from glutebal.report.season_evidence import error_told, robust_told, signs_told
from glutebal.report.season_rows import series_row, session_rows
from glutebal.report.season_scale import POINTS, Scale, course, scale_of, sureness
from glutebal.report.season_tiles import tiles
from glutebal.report.season_words import basis, finding, progress_block
from glutebal.report.tables.trend import progress_json, progress_table, trend_table
from glutebal.results import Estimate

DEGREES = Scale(InUnit("deg", "hip_flexion_rom"))
SHIFT = Scale(InUnit("cm", "lateral_shift", midline=True))
BARE = Scale(InUnit("deg", "pelvic_list", midline=True))
SWAP = {"left": "right", "right": "left", "Left": "Right", "Right": "Left", "rightwards": "leftwards"}


def estimate(value, half=2.0):
    return Estimate(value, value - half, value + half, half / 1.96, 24)


def texts_of(figure):
    axes = figure.get_axes()
    return [t.get_text() for a in axes for t in (*a.texts, a.yaxis.label, a.title)] + [
        a.get_title("left") for a in axes
    ]


class TestScale:
    @pytest.mark.parametrize(
        ("scale", "value", "told", "larger", "label"),
        [
            (DEGREES, -4.2, "left 4.2° more (2.2 to 6.2)", "more on the left", "difference, ° (+ = right larger)"),
            (SHIFT, 4.2, "4.2 cm to the right (2.2 to 6.2)", "to the right", "cm (+ = to the right)"),
            (BARE, -4.2, "−4.2° (−6.2 to −2.2)", "below 0", "°"),
        ],
    )
    def test_a_difference_is_told_in_its_unit(self, scale, value, told, larger, label):
        assert (scale.told(estimate(value)), scale.cell(estimate(value))) == (told, told)
        assert (scale.larger(value), scale.label) == (larger, label)
        assert scale.of(estimate(value)) == scale.change(estimate(value), 7.0) == estimate(value)

    def test_without_a_unit_it_is_points(self):
        assert POINTS.of(Estimate(0.2)).value == pytest.approx(100 * math.tanh(0.1))
        assert POINTS.change(Estimate(0.2), 0.1).value == pytest.approx(100 * math.tanh(0.1))
        assert (POINTS.amount(5.34), POINTS.larger(-0.1), POINTS.floor_told(Estimate(0.0))) == (
            "5.3 points",
            "left larger",
            "",
        )

    def test_what_the_sensors_cannot_tell_is_said(self):
        assert DEGREES.floor_told(Estimate(-4.9)) == "below what inertial sensors can tell (5°)"
        assert DEGREES.floor_told(Estimate(5.0)) == SHIFT.floor_told(Estimate(-1.5)) == ""
        assert SHIFT.apart(1.5) == "more than 1.5 cm off"
        assert DEGREES.apart(5.0) == "more than 5° apart"


class TestWords:
    def test_a_change_is_told_in_degrees_with_its_range_and_its_start(self, angle_season):
        said = finding(angle_season.main)
        amount = r"\d+\.\d"
        assert re.fullmatch(
            rf"Hip flexion ROM \(hip\) moved {amount}° toward the right since 7 Sep "
            rf"\(95 % range {amount} to {amount}\); now right {amount}° more \({amount} to {amount}\)\.",
            said,
        )
        assert "the day-to-day range of ±" in basis(angle_season.main)
        assert "learned from 11 sessions" in basis(angle_season.main)

    def test_a_level_beyond_the_floor_is_a_finding(self, shift_season, difference_builder):
        said = finding(shift_season.main)
        assert re.match(r"Lateral shift \(pelvis\) is steadily more than 1\.5 cm off: [23]\.\d cm to the left \(", said)
        even = finding(difference_builder(np.zeros(10)))
        assert even.startswith("Within your day-to-day range (±")
        assert even.endswith("; below what inertial sensors can tell (5°).")

    def test_three_answers(self, angle_season, shift_season):
        now, sure, changing = tiles(angle_season.main)
        assert re.match(r"Right 1\d\.\d° more", now.answer)
        assert (sure.answer, changing.answer) == ("Over 99 %: more on the right", "Yes: moving toward the right")
        assert sure.detail.startswith("more than 5° apart: ")
        now, sure, changing = tiles(shift_season.main)
        assert now.answer.endswith(" cm to the left")
        assert (sure.answer, changing.answer) == ("Over 99 %: to the left", "No clear change")

    def test_evidence_is_in_the_unit(self, angle_season, shift_season):
        trend, scale = angle_season.main.trend, scale_of(angle_season.main)
        assert re.search(r"must differ by \d\.\d° to count \(at 90 % certainty by \d\.\d°\)", error_told(trend, scale))
        assert re.search(r"\d\.\d\d° per week toward the right \(95 % range", robust_told(trend, scale))
        assert signs_told(shift_season.main.trend, scale_of(shift_season.main)).startswith("To the left in 10 of 10")

    def test_no_points_and_no_shares(self, angle_season, shift_season):
        alone = AthleteProgress("P07", angle_season.main)
        for season in (alone, shift_season):
            said = " ".join([progress_block(season), *(f"{t.answer} {t.detail}" for t in tiles(season.main))])
            assert not re.search(r"points|share|index", said)

    def test_the_block_keeps_ratios_and_differences_apart(self, angle_season):
        text = progress_block(angle_season)
        assert text.index("imbalance index in points now") < text.index("right minus left, or which way the midline")
        assert "more on the right: over 99 %" in text

    def test_swapping_the_sides_swaps_the_words_and_nothing_else(self, difference_builder):
        one, other = (difference_builder(np.linspace(1, 12, 10), sign=s) for s in (1, -1))
        words = [" ".join([finding(p), *(f"{t.answer} {t.detail}" for t in tiles(p))]) for p in (one, other)]
        assert re.sub(r"\b\w+\b", lambda w: SWAP.get(w[0], w[0]), words[0]) == words[1]

    def test_too_early_has_its_unit(self, difference_builder):
        early = difference_builder([4.0, 4.0])
        assert re.search(r"So far: right \d\.\d° more \(", finding(early))
        assert (course(early.trend), sureness(early.trend, scale_of(early))) == ("unknown", "unknown")


class TestTables:
    def test_a_difference_is_no_imbalance(self, angle_season):
        summary = trend_table(angle_season)
        rom = summary.iloc[0]
        assert math.isnan(rom["imbalance"])
        assert rom["difference"] == angle_season.main.trend.level.value
        assert (rom["mdc95"], rom["band"]) == (angle_season.main.trend.error.mdc95, 5.0)
        assert rom["change_low"] == angle_season.main.trend.change.low
        force = summary.iloc[-1]
        assert math.isnan(force["difference"])
        assert force["imbalance"] == pytest.approx(100 * math.tanh(angle_season.others[-1].trend.level.value / 2))

    def test_every_session_has_its_row(self, angle_season):
        rows = progress_table(AthleteProgress("P07", angle_season.main))
        assert rows["log_ratio"].isna().all()
        assert (rows["status"] == "not_a_ratio").all()
        assert rows["difference_status"].tolist() == ["ok"] * 4 + ["refused"] + ["ok"] * 7
        assert rows["reason"].iloc[4] == "the pelvis sensor was silent"
        assert rows["level"].iloc[-1] == angle_season.main.trend.level.value
        assert np.isfinite(rows["right"].drop(4)).all()

    def test_json_has_no_nan(self, angle_season):
        made = json.loads(progress_json(angle_season, "said"))
        assert made["summary"][0]["imbalance"] is None
        assert made["summary"][0]["difference"] > 5

    def test_cells(self, angle_season, shift_season):
        newest = session_rows(angle_season.main)[0]
        assert re.fullmatch(r"right 1\d\.\d° more \(\d+\.\d to \d+\.\d\)", newest["imbalance"])
        assert newest["left"].endswith("deg")
        assert session_rows(shift_season.main)[0]["left"] == "–"
        assert series_row(shift_season.main)["p_right"] == "to the left: over 99 %"


class TestPage:
    def test_ratios_and_differences_have_tables_of_their_own(self, angle_season):
        html = progress_page(angle_season).html
        assert html.count('aria-label="All series') == 2
        assert "Level now in points of the imbalance index" in html
        assert "Right minus left in ° with 95 % range, newest first" in html
        assert "adds " in html
        assert "° to a session, standard deviation (learned)" in html
        assert "told from 5°" in html
        assert html.count("Every series over the sessions, on one scale") == 3  # degrees, cm, points

    def test_a_page_of_ratios_says_nothing_of_differences(self, steady_season):
        assert "told from 5°" not in progress_page(steady_season).html

    def test_the_card_says_what_plus_means(self, shift_season):
        assert "positive = to the right" in progress_card(shift_season)


class TestFigures:
    def test_the_axis_is_in_the_unit(self, angle_season, shift_season):
        degrees, centimetres = (trend_figure(s.main) for s in (angle_season, shift_season))
        assert "difference, ° (+ = right larger)" in texts_of(degrees)
        assert {"cm (+ = to the right)", "to the right ↑", "to the left ↓"} <= set(texts_of(centimetres))
        assert not any("share" in t for t in texts_of(degrees))
        (axes,) = centimetres.get_axes()
        assert not [line for line in axes.lines if line.get_marker() in {"s", "o"} and len(line.get_xdata()) == 1]

    def test_sessions_stand_where_the_numbers_say(self, angle_season):
        (axes,) = trend_figure(angle_season.main).get_axes()
        drawn = next(line for line in axes.lines if line.get_marker() == "D")
        seen = [s.observed.value for s in angle_season.main.trend.sessions if math.isfinite(s.observed.value)]
        assert drawn.get_ydata() == pytest.approx(seen)

    def test_the_axis_reaches_beyond_the_floor(self, difference_builder):
        (axes,) = trend_figure(difference_builder(np.zeros(6), scatter=0.2)).get_axes()
        low, high = axes.get_ylim()
        assert low <= -6
        assert high >= 6

    def test_the_chart_is_in_the_unit(self, angle_season):
        (axes,) = ewma_figure(angle_season.main).get_axes()
        line = next(line for line in axes.lines if line.get_label() == "running average")
        assert line.get_ydata() == pytest.approx(angle_season.main.trend.ewma.values)

    def test_small_multiples_of_one_unit_say_it(self, angle_season):
        shift, tilt = angle_season.others[:2]
        assert multiples_figure([shift])._supylabel.get_text() == "cm (+ = to the right)"
        both = multiples_figure([angle_season.main, tilt])
        assert both._supylabel.get_text() == "°"
        assert both._suptitle.get_text() == "All series on one scale, in °"
