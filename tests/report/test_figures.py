import warnings
from dataclasses import replace
from io import BytesIO

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.colors import to_hex

from glutebal.model import Bilateral, Channel, Quantity, Side, Track
from glutebal.report.figures import balance_figure, envelope_figure, reps_figure
from glutebal.report.figures.envelope import thinned
from glutebal.report.figures.ink import BALANCE_COLOUR, LEFT_COLOUR, RIGHT_COLOUR


def texts(figure):
    figure.draw_without_rendering()
    found = figure.findobj(mpl.text.Text)
    return [t.get_text() for t in found if t.get_text() and t.get_visible()]


def all_text(figure):
    return " ".join(" ".join(texts(figure)).split())


def lines_of(axes, colour, marker):
    return [line for line in axes.lines if to_hex(line.get_color()) == colour and line.get_marker() == marker]


def points_of(axes, colour, marker):
    xy = [np.column_stack(line.get_data()) for line in lines_of(axes, colour, marker) if len(line.get_xdata())]
    return np.vstack(xy) if xy else np.empty((0, 2))


def overflow(figure):
    """How far, in inches, anything visible sticks out of the figure."""
    figure.draw_without_rendering()
    box, (width, height) = figure.get_tightbbox(), figure.get_size_inches()
    return max(-box.x0, -box.y0, box.x1 - width, box.y1 - height)


def every_figure(analysis):
    yield balance_figure(analysis)
    for balance in {id(b): b for b in (*analysis.balances[:1], *analysis.balances[-1:])}.values():
        yield reps_figure(analysis, balance.measure, balance.site)
        yield envelope_figure(analysis, balance.site)


def test_nothing_is_cut_off(any_analysis):
    for figure in every_figure(any_analysis):
        assert overflow(figure) <= 0.01  # inch: half a stroke


def test_every_scale_states_its_unit_and_the_sign(calibrated, gait, unilateral):
    assert "imbalance index, points (+ = right larger)" in texts(balance_figure(calibrated))
    reps = all_text(reps_figure(calibrated, "activation", "gluteus_maximus"))
    assert "activation, %ref" in reps
    assert "(+ = right larger)" in reps
    assert "mean force, N" in texts(reps_figure(gait, "mean_force", "plate"))
    assert "stride, in the order they were done" in texts(reps_figure(gait, "mean_force", "plate"))
    assert {"activity, % of reference", "time, s"} <= set(texts(envelope_figure(calibrated, "gluteus_maximus")))
    assert "force, N" in texts(envelope_figure(gait, "plate"))


def test_the_balance_stands_where_the_number_says(calibrated):
    axes = balance_figure(calibrated).axes[0]
    headline = points_of(axes, BALANCE_COLOUR, "D")
    assert headline.shape == (1, 2)
    ratio = calibrated.balances[0].log_ratio
    assert headline[0, 0] == pytest.approx(100 * np.tanh(ratio.value / 2))
    low, high = axes.get_xlim()
    assert low == -high


def test_only_the_headline_is_coloured(calibrated):
    axes = balance_figure(calibrated).axes[0]
    marks = [line for line in axes.lines if line.get_marker() == "D"]
    assert len(marks) == len(calibrated.balances)
    assert sum(to_hex(m.get_color()) == BALANCE_COLOUR for m in marks) == 1


def test_what_has_no_answer_is_words_and_no_mark(all_refused, refused):
    figure = balance_figure(all_refused)
    assert figure.axes == []
    assert "No answer for gluteus maximus (all measures): left gluteus_maximus EMG is dead" in all_text(figure)
    partly = balance_figure(refused)
    assert len([line for line in partly.axes[0].lines if line.get_marker() == "D"]) == 1
    assert "EMG is dead" in all_text(partly)
    assert "EMG is dead" not in all_text(balance_figure(refused, with_reasons=False))
    assert "no answer: left gluteus_maximus EMG is dead" in all_text(
        reps_figure(refused, "activation", "gluteus_maximus")
    )


def test_a_bound_is_an_arrow_not_a_point(censored):
    figure = balance_figure(censored)
    assert [line for line in figure.axes[0].lines if line.get_marker() == "D"] == []
    assert "right, at least 64.0" in texts(figure)


def test_each_rep_has_a_mark_per_side_with_a_second_cue(calibrated):
    top = reps_figure(calibrated, "activation", "gluteus_maximus").axes[0]
    entries = calibrated.balances[0].reps
    for colour, marker, side in ((LEFT_COLOUR, "o", Side.LEFT), (RIGHT_COLOUR, "s", Side.RIGHT)):
        drawn = points_of(top, colour, marker)
        np.testing.assert_allclose(drawn[:, 1], [entry.sides[side].value for entry in entries])
        dashes = {line.get_linestyle() for line in top.lines if to_hex(line.get_color()) == colour}
        assert ("-" in dashes) == (side is Side.LEFT)
        assert ("--" in dashes) == (side is Side.RIGHT)


def test_each_rep_balance_is_in_points(calibrated):
    bottom = reps_figure(calibrated, "activation", "gluteus_maximus").axes[1]
    expected = [100 * np.tanh(entry.log_ratio.value / 2) for entry in calibrated.balances[0].reps]
    np.testing.assert_allclose(points_of(bottom, BALANCE_COLOUR, "D")[:, 1], expected)


def test_uncalibrated_sides_cannot_be_compared_in_height(uncalibrated):
    figure = reps_figure(uncalibrated, "activation", "gluteus_maximus")
    assert len(figure.axes) == 1
    for colour, marker in ((LEFT_COLOUR, "o"), (RIGHT_COLOUR, "s")):
        assert points_of(figure.axes[0], colour, marker)[:, 1].mean() == pytest.approx(100)
    assert "(uncalibrated)" in all_text(figure)
    left, right = envelope_figure(uncalibrated, "gluteus_maximus").axes
    assert left.get_ylim() != right.get_ylim()
    assert "own scale per side" in all_text(left.figure)


def test_calibrated_sides_share_one_scale(calibrated):
    left, right = envelope_figure(calibrated, "gluteus_maximus").axes
    assert left.get_ylim() == right.get_ylim()


def test_one_sided_reps_are_not_joined(unilateral):
    figure = reps_figure(unilateral, "activation", "gluteus_maximus")
    assert len(figure.axes) == 1
    assert len(points_of(figure.axes[0], LEFT_COLOUR, "o")) == 8
    assert len(points_of(figure.axes[0], RIGHT_COLOUR, "s")) == 7


def test_a_gap_is_not_drawn_over(calibrated):
    track = calibrated.envelopes[1].left
    (gap,) = track.gaps
    t, y = thinned(track)
    inside = (t > gap[0] / 50 + 0.1) & (t < gap[1] / 50 - 0.1)
    assert inside.any()
    assert np.isnan(y[inside]).all()
    assert "gap" in texts(envelope_figure(calibrated, "gluteus_medius"))


def test_thinning_keeps_the_mean_and_the_time():
    channel = Channel(Quantity.EMG, Side.LEFT, "gluteus_maximus", 1000.0)
    y = np.random.default_rng(3).random(48_000)
    t, thin = thinned(Track.of_samples(channel, y, start=5000))
    assert thin.size <= 480
    assert thin.mean() == pytest.approx(y.mean(), rel=1e-9)
    assert t[0] == pytest.approx(5.05, abs=0.001)  # s, the middle of the first hundred samples


def test_a_channel_that_is_not_trusted_says_so_on_its_picture(refused):
    assert "not used: dead: the signal never leaves" in all_text(envelope_figure(refused, "gluteus_maximus"))
    assert "not used" not in all_text(envelope_figure(refused, "gluteus_medius"))


def test_counted_and_uncounted_stretches_look_different(calibrated):
    axes = envelope_figure(calibrated, "gluteus_maximus").axes[0]
    hatched = [p for p in axes.patches if p.get_hatch()]
    assert len(hatched) == 1
    assert len(axes.patches) == 12 + 1


def test_an_unknown_measure_or_site_is_words(calibrated):
    assert "no answer" in all_text(reps_figure(calibrated, "swagger", "gluteus_maximus"))
    assert "no answer" in all_text(envelope_figure(calibrated, "elbow"))


def test_a_side_without_a_sample_is_words(calibrated):
    pair = calibrated.envelopes[0]
    silent = replace(calibrated, envelopes=(Bilateral(Track(pair.left.channel, ()), pair.right),))
    assert "nothing was recorded" in all_text(envelope_figure(silent, "gluteus_maximus"))


def test_dollars_and_foreign_scripts_are_plain_text(calibrated):
    balance = replace(calibrated.balances[0], site="right$_{x}$ 臀大肌")
    figure = balance_figure(replace(calibrated, balances=(balance,)))
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph")
        figure.savefig(BytesIO(), format="png")


def test_the_readers_style_is_given_back(calibrated):
    with mpl.rc_context({"font.size": 17, "svg.hashsalt": "mine"}):
        balance_figure(calibrated)
        assert mpl.rcParams["font.size"] == 17
        assert mpl.rcParams["svg.hashsalt"] == "mine"


def test_no_figure_stays_open(calibrated):
    import matplotlib.pyplot as plt

    before = plt.get_fignums()
    balance_figure(calibrated)
    assert plt.get_fignums() == before
