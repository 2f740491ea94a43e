from dataclasses import replace
from io import BytesIO
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.colors import to_hex

from glutebal.balance.site_waveform import MeanCurve, SiteWaveform
from glutebal.balance.spm import paired_spm
from glutebal.balance.waveform import waveform_symmetry
from glutebal.model import Bilateral, Quantity
from glutebal.report.figures import waveform_figure
from glutebal.report.figures.ink import INK, LEFT_COLOUR, RIGHT_COLOUR
from glutebal.report.page import page
from glutebal.report.tables.waveforms import CURVE_COLUMNS, WAVEFORM_COLUMNS, curves_table, waveforms_table
from glutebal.results import Laterality

X = np.linspace(0, 100, 101)
SHAPE = 10 + 60 * np.sin(np.pi * X / 100) ** 2


def waveform(reps=10, more=8.0, quantity=Quantity.EMG, unit="%ref", site="gluteus_maximus"):
    rng = np.random.default_rng(2)
    wobble = np.sin(np.outer(rng.normal(1, 0.5, 2 * reps), X / 33) + rng.uniform(0, 6, (2 * reps, 1)))
    planted = more * np.exp(-((X - 50) ** 2) / 200)
    curves = Bilateral(SHAPE + wobble[:reps], SHAPE + planted + wobble[reps:])
    means = curves.map(MeanCurve.of)
    symmetry = waveform_symmetry(means.map(lambda m: m.mean))
    return SiteWaveform(site, quantity, unit, Laterality.BILATERAL, means, symmetry, paired_spm(curves), duration_s=2.0)


def all_text(figure):
    figure.draw_without_rendering()
    found = figure.findobj(mpl.text.Text)
    return " ".join(" ".join(t.get_text() for t in found if t.get_visible()).split())


def line(axes, colour):
    return next(ln for ln in axes.lines if to_hex(ln.get_color()) == colour and len(ln.get_xdata()) == 101)


def test_the_lines_are_the_means_and_each_side_has_a_second_cue():
    found = waveform()
    axes = waveform_figure(found).axes[0]
    left, right = (line(axes, c) for c in (LEFT_COLOUR, RIGHT_COLOUR))
    np.testing.assert_array_equal(left.get_ydata(), found.curves.left.mean)
    np.testing.assert_array_equal(right.get_ydata(), found.curves.right.mean)
    assert left.get_linestyle() != right.get_linestyle()
    assert {ln.get_marker() for ln in axes.lines} >= {"o", "s"}


def test_the_bars_lie_where_the_sides_differ_and_on_the_row_of_the_larger_side():
    found = waveform()
    strip = waveform_figure(found).axes[1]
    bars = [p for p in strip.patches if to_hex(p.get_facecolor()) == INK]
    assert len(bars) == len(found.spm.clusters) > 0
    for bar, cluster in zip(bars, found.spm.clusters, strict=True):
        assert bar.get_x() == pytest.approx(cluster.start_percent)
        assert bar.get_y() + bar.get_height() / 2 == pytest.approx(1.0)  # the row "right higher"
    mirrored = waveform_figure(waveform(more=-8.0)).axes[1]
    rows = [p.get_y() + p.get_height() / 2 for p in mirrored.patches if to_hex(p.get_facecolor()) == INK]
    assert rows == pytest.approx([0.0] * len(rows))
    assert rows


def test_every_axis_says_what_it_is():
    text = all_text(waveform_figure(waveform()))
    for part in ("Gluteus maximus along the rep", "activity, % of reference", "rep, % (0 = start, 100 = end)"):
        assert part in text
    assert "left, 10 reps" in text
    assert {"right", "left", "higher"} <= set(text.split())
    assert "force, N" in all_text(waveform_figure(waveform(quantity=Quantity.FORCE, unit="N", site="plate")))


def test_without_calibration_the_axis_says_so():
    found = waveform()
    shape = replace(found, symmetry=found.symmetry.shape_only("no reference"))
    assert "% of each side's own mean (uncalibrated)" in all_text(waveform_figure(shape))


def test_nothing_found_no_test_and_no_answer_look_different():
    nothing = waveform_figure(waveform(more=0.0))
    assert "no stretch beyond chance" in all_text(nothing)
    assert len(waveform_figure(waveform(reps=3)).axes) == 1
    refused = waveform_figure(replace(waveform(), symmetry=waveform_symmetry(Bilateral(np.ones(101), SHAPE))))
    assert refused.axes == []
    assert "no answer: the left curve is flat" in all_text(refused)


def test_one_rep_has_no_band_and_draws():
    waveform_figure(waveform(reps=1)).savefig(BytesIO(), format="svg")


def test_the_page_shows_the_curves_of_each_site_and_explains_them_once(refused):
    curves = [waveform(), waveform(site="gluteus_medius", more=0.0)]
    html = page(refused, curves).html
    assert html == page(refused, curves).html
    assert html.count('aria-label="Mean curves of ') == 2
    assert html.count("Black bars: where the sides differ beyond chance") == 1
    assert "No stretch differs beyond chance" in html


def test_a_picture_of_curves_is_small_and_a_refused_one_is_none(single):
    plain = page(single).html
    flat = replace(waveform(), symmetry=waveform_symmetry(Bilateral(np.ones(101), SHAPE)))
    assert page(single, [flat]).html == plain
    assert page(single, [waveform(reps=1)]).html == plain  # of one repetition there is no mean
    assert 10_000 < len(page(single, [waveform()]).html) - len(plain) < 80_000  # bytes


def test_the_table_has_one_row_per_site():
    table = waveforms_table([waveform(), waveform(site="plate", quantity=Quantity.FORCE, unit="N", more=0.0)])
    assert tuple(table.columns) == WAVEFORM_COLUMNS
    assert list(table["site"]) == ["gluteus_maximus", "plate"]
    row, plain = table.iloc[0], table.iloc[1]
    assert (row["n_left"], row["n_right"], row["reps_left_out"], row["spm_n"]) == (10, 10, 0, 10)
    assert row["spm_largest_t"] > row["spm_threshold"]
    assert "right higher" in row["spm_stretches"]
    assert plain["spm_stretches"] == ""
    assert row["trend_symmetry"] == 1 - row["variance_ratio"]
    assert row["lag_ms"] == pytest.approx(row["lag"] / 100 * 2000)
    assert (row["status"], row["spm_status"]) == ("ok", "ok")


def test_what_has_no_answer_is_nan_with_a_reason():
    found = waveform(reps=3)
    refused = replace(found, symmetry=waveform_symmetry(Bilateral(np.ones(101), SHAPE)))
    row = waveforms_table([refused]).iloc[0]
    assert row[["trend_symmetry", "range_ratio", "r", "lag", "lag_ms", "spm_threshold"]].isna().all()
    assert (row["status"], row["reason"]) == ("refused", "the left curve is flat")
    assert (row["spm_status"], row["spm_reason"]) == ("too_few", "3 complete pairs, a test needs 5")


def test_the_curves_are_tidy():
    found = waveform()
    table = curves_table([found])
    assert tuple(table.columns) == CURVE_COLUMNS
    assert len(table) == 202
    right = table[table["side"] == "right"]
    np.testing.assert_array_equal(right["mean"], found.curves.right.mean)
    np.testing.assert_array_equal(right["percent"], X)
    assert (right["beyond_chance"] == (right["t"].abs() > found.spm.threshold)).all()
    assert right["beyond_chance"].any()
    assert not curves_table([waveform(reps=3)])["beyond_chance"].any()
    assert list(curves_table([]).columns) == list(CURVE_COLUMNS)
    assert list(waveforms_table([]).columns) == list(WAVEFORM_COLUMNS)


def test_the_reference_page_names_every_column():
    text = (Path(__file__).parents[2] / "docs" / "reference" / "tables.md").read_text(encoding="utf-8")
    assert {column for column in (*WAVEFORM_COLUMNS, *CURVE_COLUMNS) if f"`{column}`" not in text} == set()
