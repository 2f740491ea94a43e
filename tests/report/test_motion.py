"""The motion section of a page: angle curves, strips of differences, stick figures, and their words."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glutebal.balance.difference import midline_balance, sides_balance
from glutebal.balance.motion_view import AngleCurve, MotionView, StickPose
from glutebal.balance.site_waveform import MeanCurve
from glutebal.model import Bilateral, Quantity, Side
from glutebal.report import motion_words as words
from glutebal.report.figures import angles_figure, stick_figure, strips_figure
from glutebal.report.figures.ink import LEFT_COLOUR, PENS, RIGHT_COLOUR
from glutebal.report.figures.stick import from_behind, from_the_right
from glutebal.report.figures.strips import MIDDLE
from glutebal.report.motion import motion_section
from glutebal.report.page import page
from glutebal.results import Estimate, Laterality, Phase, Rep, Status

BOTH, ONE = Laterality.BILATERAL, Laterality.UNILATERAL
PERCENT = np.linspace(0, 1, 101)


def mean_curve(top=90.0, base=2.0, n=8):
    mean = base + (top - base) * np.sin(np.pi * PERCENT)
    return MeanCurve(mean, np.full(101, 3.0 if n > 1 else math.nan), n)


NOTHING = MeanCurve(np.full(101, math.nan), np.full(101, math.nan), 0)


def angle(name="hip_flexion", left=None, right=None, midline=False, laterality=BOTH, positive="thigh forward"):
    curves = Bilateral(left or mean_curve(92.0), right or mean_curve(84.0))
    return AngleCurve(name, name.replace("_", " "), "deg", curves, midline, laterality, positive, 3.1)


def reps_of(n):
    return [Rep(i + 1, 100 * i, 100 * i + 80, 50.0) for i in range(n)]


def difference(measure, site, left, right, unit="deg"):
    """A balance of reps of both sides, as the analysis makes it."""
    sides = [Bilateral(*(Estimate(float(x), n=1) for x in pair)) for pair in zip(left, right, strict=True)]
    return sides_balance(measure, site, Quantity.ANGLE, unit, list(zip(reps_of(len(sides)), sides, strict=True)))


def midline(measure, values, unit="cm"):
    """A balance of the middle of the body: a sign and no sides."""
    told = [(rep, Estimate(value, n=1)) for rep, value in zip(reps_of(len(values)), values, strict=True)]
    return midline_balance(measure, "pelvis", Quantity.POSITION, unit, told)


ROM = difference("hip_flexion_rom", "hip", [90, 91, 90.5, 89, 92, 90], [80, 82, 81, 79, 83, 80])
SHIFT = midline("lateral_shift", [2.1, 2.6, 3.0, 2.2, 2.9, 3.3])


def pose(title="deepest", side=None, right_hip_up_m=0.0, notes=()):
    joints = {("pelvis", None): (0.0, 0.0, 0.0)}
    for one, y in ((Side.LEFT, 0.09), (Side.RIGHT, -0.09)):
        up = right_hip_up_m if one is Side.RIGHT else 0.0
        joints |= {("hip", one): (0.0, y, up), ("knee", one): (0.35, 1.8 * y, -0.1), ("ankle", one): (0.1, y, -0.5)}
    return StickPose("turn", title, side, joints, 8, notes)


VIEW = MotionView(
    curves=(angle(),),
    poses=(pose("start"), pose(notes=("pelvis 6.2° lower on the left",))),
    points=(ROM, SHIFT),
    phases=(Phase("eccentric", 0, 52), Phase("concentric", 52, 100)),
    method="joint angles from inertial sensors",
)


def lines_of(axes, colour):
    return [line for line in axes.get_lines() if line.get_color() == colour and len(line.get_xdata()) > 0]


def texts_of(figure):
    return [t.get_text() for axes in figure.axes for t in (*axes.texts, axes.title, *axes.get_yticklabels())]


class TestAngles:
    def test_both_sides_are_drawn_as_they_are(self):
        figure = angles_figure(angle())
        for side, top in zip(Side, (92.0, 84.0), strict=True):
            drawn = lines_of(figure.axes[0], PENS[side].colour)[0]
            assert drawn.get_ydata().max() == pytest.approx(top)
            assert drawn.get_xdata()[[0, -1]].tolist() == [0, 100]

    def test_a_side_without_a_curve_is_not_drawn_as_zero(self):
        figure = angles_figure(angle(right=NOTHING))
        assert lines_of(figure.axes[0], RIGHT_COLOUR) == []
        assert lines_of(figure.axes[0], LEFT_COLOUR)

    def test_the_pelvis_in_reps_of_both_legs_is_one_curve(self):
        one = angle("pelvic_obliquity", mean_curve(5, 0), mean_curve(5, 0), midline=True)
        figure = angles_figure(one)
        assert lines_of(figure.axes[0], LEFT_COLOUR) == lines_of(figure.axes[0], RIGHT_COLOUR) == []
        assert lines_of(figure.axes[0], MIDDLE.colour)

    def test_the_pelvis_in_reps_of_one_leg_has_a_curve_per_leg(self):
        two = angle("pelvic_obliquity", midline=True, laterality=ONE)
        figure = angles_figure(two)
        assert lines_of(figure.axes[0], LEFT_COLOUR)
        assert lines_of(figure.axes[0], RIGHT_COLOUR)

    def test_every_rep_is_a_point_and_the_difference_stands_above(self):
        figure = angles_figure(angle(), [ROM])
        strip = figure.axes[1]
        points = next(line for line in lines_of(strip, LEFT_COLOUR) if line.get_marker() == PENS.left.marker)
        assert points.get_xdata().tolist() == [entry.sides.left.value for entry in ROM.reps]
        assert "left 9.6° more" in strip.get_title(loc="left")

    def test_a_phase_is_named_where_it_has_room(self):
        figure = angles_figure(angle(), (), (Phase("eccentric", 0, 45), Phase("hold", 45, 50), Phase("up", 50, 100)))
        assert [text.get_text() for text in figure.axes[0].texts] == ["eccentric", "up"]

    def test_nothing_is_words_and_no_axes(self):
        assert angles_figure(angle(left=NOTHING, right=NOTHING)).axes == []

    def test_one_rep_has_no_band_and_draws(self):
        figure = angles_figure(angle(left=mean_curve(n=1), right=mean_curve(n=1)))
        figure.draw_without_rendering()
        assert "left, 1 rep" in [t.get_text() for t in figure.axes[0].get_legend().get_texts()]


class TestStrips:
    def test_a_midline_value_stands_on_one_line(self):
        figure = strips_figure([SHIFT], "Other")
        axes = figure.axes[0]
        points = next(line for line in lines_of(axes, MIDDLE.colour) if line.get_marker() == MIDDLE.marker)
        assert points.get_xdata().tolist() == [2.1, 2.6, 3.0, 2.2, 2.9, 3.3]
        assert "2.7 cm to the right" in axes.get_title(loc="left")

    def test_without_a_value_there_are_words(self):
        assert strips_figure([], "Other").axes == []

    def test_a_refused_rep_is_no_point(self):
        gone = Estimate(91.0, n=1, status=Status.REFUSED, reason="a gap")
        reps = (replace(ROM.reps[0], sides=Bilateral(gone, ROM.reps[0].sides.right)), *ROM.reps[1:])
        axes = strips_figure([replace(ROM, reps=reps)], "Other").axes[0]
        points = next(line for line in lines_of(axes, LEFT_COLOUR) if line.get_marker() == PENS.left.marker)
        assert len(points.get_xdata()) == len(ROM.reps) - 1


class TestStick:
    def test_from_behind_left_is_left_and_from_the_right_forward_is_right(self):
        left_forward_up = np.array([[2.0, 1.0, 3.0]])
        np.testing.assert_array_equal(from_behind(left_forward_up), [[-1.0, 3.0]])
        np.testing.assert_array_equal(from_the_right(left_forward_up), [[2.0, 3.0]])

    def test_two_views_of_every_pose_in_one_scale(self):
        figure = stick_figure([pose("start"), pose(right_hip_up_m=0.05)])
        assert len(figure.axes) == 4
        behind = figure.axes[:2]
        assert behind[0].get_xlim() == behind[1].get_xlim()
        assert behind[0].get_ylim() == behind[1].get_ylim()

    def test_the_right_hip_is_drawn_higher_when_it_is(self):
        behind = stick_figure([pose(right_hip_up_m=0.05)]).axes[0]
        hips = {
            side: next(line for line in lines_of(behind, PENS[side].colour) if len(line.get_xdata()) == 3).get_xydata()[
                0
            ]
            for side in Side
        }
        assert hips[Side.RIGHT][1] - hips[Side.LEFT][1] == pytest.approx(0.05)
        assert hips[Side.LEFT][0] < 0 < hips[Side.RIGHT][0]

    def test_the_picture_stands_on_the_foot_that_carries(self):
        whole = pose(side=Side.LEFT)
        joints = {**whole.joints_m, ("ankle", Side.RIGHT): (-0.4, -0.09, -0.2)}
        behind = stick_figure([replace(whole, joints_m=joints)]).axes[0]
        leg = next(line for line in lines_of(behind, LEFT_COLOUR) if len(line.get_xdata()) == 3).get_xydata()
        np.testing.assert_allclose(leg[2], [0, 0], atol=1e-12)

    def test_thighs_alone_are_drawn(self):
        joints = {joint: at for joint, at in pose().joints_m.items() if joint[0] != "ankle"}
        figure = stick_figure([replace(pose(), joints_m=joints)])
        assert len(figure.axes) == 2

    def test_a_pelvis_alone_is_words(self):
        joints = {joint: at for joint, at in pose().joints_m.items() if joint[0] in {"pelvis", "hip"}}
        assert stick_figure([replace(pose(), joints_m=joints)]).axes == []


class TestWords:
    def test_the_course_of_both_sides_is_told_with_its_numbers(self):
        told = words.curve_described(angle(), [ROM])
        for expected in (
            "Hip flexion from 0 to 100 % of the rep",
            "Left (8 reps): 2.0° at the start, 2.0° at the end, highest 92.0° at 50 %",
            "right (8 reps): 2.0° at the start, 2.0° at the end, highest 84.0° at 50 %",
            "+ is thigh forward",
            "Hip flexion ROM: left 9.6° more",
            "own error of this angle is about 3.1°",
        ):
            assert expected in told

    def test_a_missing_side_is_said(self):
        assert "No curve on the right." in words.curve_told(angle(right=NOTHING), [])

    def test_what_is_too_small_is_said_once(self):
        small = difference("hip_flexion_rom", "hip", [90, 91, 90, 89, 92], [91, 92, 91.5, 90, 93])
        peak = replace(small, measure="hip_flexion_peak")
        told = words.points_told([small, peak], BOTH)
        assert told.count("inertial sensors can tell") == 1
        assert told.endswith("(5°): all of them.")
        assert words.points_told([small, ROM], BOTH).endswith("(5°): hip flexion ROM.")

    def test_strides_are_called_strides(self):
        told = words.curve_described(angle(laterality=Laterality.CYCLIC), [])
        assert "of the stride" in told
        assert "8 strides" in told

    def test_extension_belongs_to_flexion_and_the_shift_to_none(self):
        extension = replace(ROM, measure="hip_extension_peak")
        view = replace(VIEW, points=(ROM, extension, SHIFT))
        assert words.points_of(view.curves[0], view.points) == [ROM, extension]
        assert words.other_points(view) == [SHIFT]

    def test_a_pose_is_told_with_its_notes_and_heights(self):
        told = words.poses_described([pose(right_hip_up_m=0.04, notes=("pelvis lower on the left",))], BOTH)
        assert "Deepest (8 reps): pelvis lower on the left" in told
        assert "hips 52 cm over the lowest point, right minus left 4.0 cm" in told

    @settings(derandomize=True, deadline=None)
    @given(st.floats(-40, 40), st.floats(-40, 40))
    def test_swapping_the_sides_swaps_the_words_and_no_number(self, left, right):
        noise = np.array([-1.0, 0.5, 0.0, 1.0, -0.5, 0.3])
        told = words.points_told([difference("hip_flexion_rom", "hip", left + noise, right - noise)], BOTH)
        back = words.points_told([difference("hip_flexion_rom", "hip", right - noise, left + noise)], BOTH)
        mirrored = told.replace("left", "\0").replace("right", "left").replace("\0", "right")
        assert back == mirrored


class TestPage:
    def test_the_section_has_pictures_with_descriptions_and_captions(self, empty):
        html = page(empty, (), VIEW).html
        assert '<h2 id="motion">Motion</h2>' in html
        assert html.count('aria-label="Hip flexion from 0 to 100 % of the rep') == 1
        assert 'aria-label="Stick figures' in html
        assert 'aria-label="Other differences. Lateral shift: 2.7 cm to the right' in html
        assert "Method: joint angles from inertial sensors." in html

    def test_a_page_without_motion_has_no_section(self, empty):
        assert 'id="motion"' not in page(empty).html
        assert page(empty, (), MotionView(reason="no inertial sensors on the body")).html == page(empty).html

    def test_the_reason_for_no_curves_is_told_beside_the_points(self):
        section = motion_section(MotionView(points=(ROM,), reason="no calibration of the sensors"), BOTH)
        assert section["reason"] == "no calibration of the sensors"
        assert len(section["figures"]) == 1
        assert 'aria-label="Differences rep by rep. Hip flexion ROM: left' in section["figures"][0]["svg"]
        assert "Lines" not in section["caption"]

    def test_the_same_view_makes_the_same_bytes(self, empty):
        assert page(empty, (), VIEW).html == page(empty, (), VIEW).html


def alternating():
    """Reps of the right and the left leg in turn: the resting side has no value."""
    resting = Estimate.none(Status.UNPAIRED, "the other side rests")

    def sides(rep):
        return Bilateral.per_side(lambda side: Estimate(60.0 + rep.index, n=1) if rep.side is side else resting)

    reps = [Rep(i + 1, 100 * i, 100 * i + 80, 50.0, side) for i, side in enumerate([Side.RIGHT, Side.LEFT] * 5)]
    return sides_balance("hip_flexion_rom", "hip", Quantity.ANGLE, "deg", [(rep, sides(rep)) for rep in reps])


def test_alternating_legs_have_their_points_on_either_side():
    axes = strips_figure([alternating()], "Other").axes[0]
    points = next(line for line in lines_of(axes, RIGHT_COLOUR) if line.get_marker() == PENS.right.marker)
    assert points.get_xdata().tolist() == [61.0, 63.0, 65.0, 67.0, 69.0]


def test_a_page_of_alternating_legs_has_no_empty_section(calibrated):
    balance = alternating()
    found = replace(calibrated.segmentation, reps=tuple(e.rep for e in balance.reps), laterality=ONE)
    html = page(replace(calibrated, segmentation=found, balances=(balance,), envelopes=())).html
    assert "Hip flexion ROM (hip) of each rep" in html
    assert html.count('<div class="pictures">\n</div>') == 0
