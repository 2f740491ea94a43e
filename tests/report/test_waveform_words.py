import math
from dataclasses import replace

import numpy as np
import pytest

from glutebal.balance.site_waveform import MeanCurve, SiteWaveform
from glutebal.balance.spm import PairedSpm, SpmCluster, paired_spm
from glutebal.balance.waveform import Deviation, waveform_symmetry
from glutebal.model import Bilateral, Quantity, Side
from glutebal.report.waveform_words import (
    axis_noun,
    counted_curves,
    deviations_told,
    is_told,
    p_value,
    stretches,
    waveform_described,
    waveform_told,
)
from glutebal.results import Laterality, Status

SHAPE = 10 + 60 * np.sin(np.linspace(0, np.pi, 101)) ** 2


def waveform(reps=10, more=8.0, later=0, **kw):
    rng = np.random.default_rng(1)
    wobble = np.sin(np.outer(rng.normal(1, 0.5, 2 * reps), np.linspace(0, 3, 101)) + rng.uniform(0, 6, (2 * reps, 1)))
    right = np.roll(SHAPE, later) + more * np.exp(-((np.arange(101) - 50) ** 2) / 200)
    curves = Bilateral(SHAPE + wobble[:reps], right + wobble[reps:])
    means = curves.map(MeanCurve.of)
    known = {"symmetry": waveform_symmetry(means.map(lambda m: m.mean)), "spm": paired_spm(curves)} | kw
    head = ("gluteus_maximus", Quantity.EMG, "%ref", known.pop("laterality", Laterality.BILATERAL), means)
    return SiteWaveform(*head, duration_s=2.0, **known)


def test_where_the_sides_differ_is_told_with_what_stands_behind_it():
    told = waveform_told(waveform())
    assert told.startswith("The sides differ beyond chance at ")
    assert "right higher, p " in told
    assert "(paired t curve, random field theory, 10 reps, 5 % error)" in told
    assert "trend symmetry 1.00 of 1" in told
    assert "which has no range" in told


def test_no_difference_and_no_test_are_told_apart():
    assert waveform_told(waveform(more=0.0)).startswith("No stretch differs beyond chance (")
    assert "No test along the rep: 3 complete pairs, a test needs 5." in waveform_told(waveform(reps=3))


@pytest.mark.parametrize(("later", "told"), [(4, "The right side is 4."), (-4, "The left side is 4.")])
def test_the_later_side_is_named_with_its_time(later, told):
    text = waveform_told(waveform(more=0.0, later=later))
    assert told in text
    assert "% of the rep (8" in text  # 4 % of 2 s: some 80 ms
    assert "later." in text


def test_a_lag_that_the_clocks_do_not_allow_is_not_told():
    found = waveform(more=0.0, later=4, lag_reason="the two sensors share one time only within 200 ms")
    text = waveform_told(found)
    assert "Which side is later is not told: the two sensors share one time only within 200 ms." in text
    assert "ms) later" not in text
    assert math.isnan(found.lag_ms)


def test_without_calibration_sizes_are_not_compared():
    found = waveform()
    shape = replace(found, symmetry=found.symmetry.shape_only("no reference"))
    assert "sizes cannot be compared" in waveform_told(shape)


def test_a_refusal_is_told_with_its_reason():
    refused = waveform(symmetry=waveform_symmetry(Bilateral(np.ones(101), SHAPE)))
    assert not is_told(refused)
    assert waveform_told(refused) == "No answer along the rep: the left curve is flat."


def test_the_longest_stretches_are_told_in_order_and_the_rest_counted():
    spans = [(0, 5), (10, 30), (40, 42), (50, 60), (70, 71)]
    clusters = [SpmCluster(a, b, 0.0123, Side.LEFT, -4.0) for a, b in spans]
    text = stretches(clusters)
    assert text.startswith("0 to 5 % (left higher, p = .012), 10 to 30 %")
    assert text.endswith("50 to 60 % (left higher, p = .012) and 2 shorter")
    assert stretches([]) == ""


@pytest.mark.parametrize(
    ("p", "text"), [(0.0353, "p = .035"), (0.0009, "p < .001"), (0.0, "p < .001"), (1.0, "p = 1.000")]
)
def test_a_probability_is_written_as_in_papers(p, text):
    assert p_value(p) == text


def test_deviations_have_their_place_and_sign():
    found = [Deviation(70, 74, -12, -9.04, 72), Deviation(20, 30, 33, 5, 25)]
    assert deviations_told(found) == "20 to 30 % (+5.0), 70 to 74 % (−9.0)"


def test_a_walk_has_strides_or_contacts():
    assert axis_noun(waveform(laterality=Laterality.CYCLIC, cyclic=True)) == "stride"
    assert axis_noun(waveform(laterality=Laterality.CYCLIC)) == "ground contact"
    assert counted_curves(waveform(laterality=Laterality.CYCLIC), 25) == "25 ground contacts"
    assert counted_curves(waveform(), 1) == "1 rep"
    walk = waveform(laterality=Laterality.CYCLIC, spm=PairedSpm.none(Status.UNPAIRED, "the sides take turns"))
    assert "No test along the ground contact: the sides take turns." in waveform_told(walk)


def test_the_description_says_what_is_drawn():
    text = waveform_described(waveform())
    assert text.startswith(
        "Mean curves of gluteus maximus from 0 to 100 % of the rep, left and right; left highest at 5"
    )
    assert "The sides differ beyond chance" in text
