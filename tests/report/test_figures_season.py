import math
from dataclasses import replace

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.colors import to_hex

from glutebal.model import Side
from glutebal.report.figures import ewma_figure, multiples_figure, sides_figure, trend_figure
from glutebal.report.figures.ink import BALANCE_COLOUR, LEFT_COLOUR, RIGHT_COLOUR
from glutebal.report.season_reading import answered_levels


def index(log_ratio):
    return 100 * np.tanh(np.asarray(log_ratio) / 2)


def texts(figure):
    figure.draw_without_rendering()
    return [t.get_text() for t in figure.findobj(mpl.text.Text) if t.get_text() and t.get_visible()]


def all_text(figure):
    return " ".join(" ".join(texts(figure)).split())


def overflow(figure):
    """How far, in inches, anything visible sticks out of the figure."""
    figure.draw_without_rendering()
    box, (width, height) = figure.get_tightbbox(), figure.get_size_inches()
    return max(-box.x0, -box.y0, box.x1 - width, box.y1 - height)


def every_figure(season):
    yield trend_figure(season.main)
    yield sides_figure(season.main)
    yield ewma_figure(season.main)
    yield multiples_figure((season.main, *season.others))


def colours(figure):
    lines = [c for line in figure.findobj(mpl.lines.Line2D) for c in (line.get_color(), line.get_markerfacecolor())]
    return {to_hex(c) for c in lines if c != "none"}


def marked(axes, label):
    return next(line for line in axes.lines if line.get_label().startswith(label))


def test_nothing_is_cut_off_and_no_text_is_tiny(any_season):
    for figure in every_figure(any_season):
        assert overflow(figure) <= 0.01  # inch: half a stroke
        sizes = [t.get_fontsize() for t in figure.findobj(mpl.text.Text) if t.get_text() and t.get_visible()]
        assert min(sizes) >= 8.5  # points, on a sheet of 4 inches


def test_texts_of_the_trend_do_not_lie_on_each_other(steady_season, changed_season, early_season):
    for season in (steady_season, changed_season, early_season):
        figure = trend_figure(season.main)
        figure.draw_without_rendering()
        shown = [t for t in figure.findobj(mpl.text.Text) if t.get_text().strip() and t.get_visible()]
        boxes = [t.get_window_extent() for t in shown]
        for i, one in enumerate(boxes):
            for j in range(i):
                assert not one.overlaps(boxes[j]), (shown[i].get_text(), shown[j].get_text())


def test_sessions_stand_where_the_numbers_say(steady_season):
    axes = trend_figure(steady_season.main).axes[0]
    sessions = answered_levels(steady_season.main.trend)
    drawn = marked(axes, "session, 95 % range")
    np.testing.assert_allclose(drawn.get_ydata(), index([s.observed.value for s in sessions]))
    np.testing.assert_allclose(drawn.get_xdata(), [s.day.toordinal() for s in sessions])
    level = marked(axes, "level, 95 % range")
    np.testing.assert_allclose(level.get_ydata(), index([s.smoothed.value for s in sessions]))


def test_the_range_of_chance_stands_around_the_level_at_the_start(steady_season):
    trend = steady_season.main.trend
    axes = trend_figure(steady_season.main).axes[0]
    band = next(c for c in axes.collections if str(c.get_label()).startswith("day-to-day range"))
    assert band.get_label() == "day-to-day range (learned)"
    y = band.get_paths()[0].vertices[:, 1]
    start = trend.sessions[0].smoothed.value
    assert (y.min(), y.max()) == pytest.approx(
        (float(index(start - trend.error.mdc95)), float(index(start + trend.error.mdc95)))
    )


def test_the_axis_says_which_side_in_words_points_and_share(steady_season):
    figure = trend_figure(steady_season.main)
    assert {"right larger ↑", "left larger ↓", "imbalance index, points (+ = right larger)", "right share, %"} <= set(
        texts(figure)
    )
    axes = figure.axes[0]
    figure.draw_without_rendering()
    (share,) = axes.child_axes
    assert share.get_ylim() == pytest.approx(tuple(50 + np.asarray(axes.get_ylim()) / 2))


def test_what_has_no_answer_is_a_mark_at_the_bottom_and_no_value(steady_season):
    axes = trend_figure(steady_season.main).axes[0]
    missing = marked(axes, "no answer (2)")
    bad = [m.day.toordinal() for m in steady_season.main.marks if not m.status.has_value]
    np.testing.assert_array_equal(missing.get_xdata(), bad)
    np.testing.assert_array_equal(missing.get_ydata(), [0, 0])  # of the axes' height
    assert len(marked(axes, "session, 95 % range").get_xdata()) == 22


def test_an_outlier_has_a_ring(steady_season):
    axes = trend_figure(steady_season.main).axes[0]
    ring = marked(axes, "outlier, counted less")
    day = next(s.day for s in steady_season.main.trend.sessions if s.outlier)
    assert list(ring.get_xdata()) == [day.toordinal()]


def test_a_new_setup_breaks_the_level_and_is_named(changed_season, lost_after_change):
    assert "new setup: new" in texts(trend_figure(lost_after_change.main))
    figure = trend_figure(changed_season.main)
    assert "new setup: new plates" in texts(figure)
    axes = figure.axes[0]
    assert len(marked(axes, "session, 95 % range").get_xdata()) == 10
    assert len(marked(axes, "earlier setup").get_xdata()) == 14
    assert len(marked(axes, "level, 95 % range").get_xdata()) == 10


def test_only_a_finding_is_green_and_filled(steady_season, near_even_season, early_season):
    assert BALANCE_COLOUR in colours(trend_figure(steady_season.main))
    for season in (near_even_season, early_season):
        figure = trend_figure(season.main)
        assert BALANCE_COLOUR not in colours(figure)
        assert to_hex(marked(figure.axes[0], "session").get_markerfacecolor()) == "#ffffff"
    doubtful = replace(steady_season.main, trend=replace(steady_season.main.trend, p_beyond_band=0.89))
    assert BALANCE_COLOUR not in colours(trend_figure(doubtful))


def test_sides_stand_against_their_own_best_with_a_second_cue(falling_season):
    axes = sides_figure(falling_season.main).axes[0]
    for side, colour, marker, dash in ((Side.LEFT, LEFT_COLOUR, "o", "-"), (Side.RIGHT, RIGHT_COLOUR, "s", "--")):
        course = falling_season.main.sides[side]
        own = [line for line in axes.lines if to_hex(line.get_color()) == colour]
        observed = next(line for line in own if line.get_marker() == marker and line.get_linestyle() == "None")
        expected = [100 * math.exp(s.observed.value) / course.best for s in answered_levels(course.trend)]
        np.testing.assert_allclose(observed.get_ydata(), expected)
        assert dash in {line.get_linestyle() for line in own}
    assert any(list(line.get_ydata()) == [100, 100] for line in axes.lines)
    now = falling_season.main.sides.right.of_best
    assert f"right: {now.value:.0f} % ({now.low:.0f} to {now.high:.0f}) of its best" in all_text(axes.figure)


def test_without_comparable_values_the_reason_stands_there(unanswered_season):
    figure = sides_figure(unanswered_season.main)
    assert figure.axes == []
    assert "no answer: EMG in volts cannot be compared between sessions" in all_text(figure)


def test_the_chart_shows_its_limits_and_alerts(steady_season, early_season):
    chart = steady_season.main.trend.ewma
    axes = ewma_figure(steady_season.main).axes[0]
    np.testing.assert_allclose(marked(axes, "running average").get_ydata(), index(chart.values))
    assert len(chart.alerts) > 0
    np.testing.assert_array_equal(marked(axes, "alert").get_xdata(), [chart.days[i].toordinal() for i in chart.alerts])
    assert "needs more sessions" in all_text(ewma_figure(early_season.main))


def test_small_multiples_share_both_scales_and_have_no_colour(steady_season):
    series = (steady_season.main, *steady_season.others)
    figure = multiples_figure(series)
    panels = [axes for axes in figure.axes if axes.get_visible()]
    assert len(panels) == 4
    assert len({axes.get_ylim() for axes in panels}) == len({axes.get_xlim() for axes in panels}) == 1
    assert not colours(figure) & {BALANCE_COLOUR, LEFT_COLOUR, RIGHT_COLOUR}
    assert "Hip abduction: mean force (ankle strap)" in all_text(figure)


def test_small_multiples_break_at_a_new_setup(changed_season):
    axes = multiples_figure([changed_season.main]).axes[0]
    levels = [line for line in axes.lines if line.get_marker() == "None" and len(line.get_xdata()) > 2]
    assert [len(line.get_xdata()) for line in levels] == [14, 10]
    (mark,) = [line for line in axes.lines if list(line.get_ydata()) == [0, 1]]
    assert levels[0].get_xdata()[-1] < mark.get_xdata()[0] < levels[1].get_xdata()[0]


def test_no_more_than_eight_series_are_pictured_and_empty_ones_are_left_out(steady_season, empty_season):
    figure = multiples_figure([steady_season.main, empty_season.main] * 10)
    assert sum(axes.get_visible() for axes in figure.axes) == 8
    assert "no answer" in all_text(multiples_figure([empty_season.main]))


def test_the_readers_style_is_given_back(first_session):
    with mpl.rc_context({"font.size": 17}):
        trend_figure(first_session.main)
        assert mpl.rcParams["font.size"] == 17
