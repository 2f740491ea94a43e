"""The section "Force and EMG together": its sentences, where it stands, and where it does not."""

import json
import re
from dataclasses import replace

import pytest

from glutebal.balance.force_emg import Reading
from glutebal.model import Quantity
from glutebal.report import words
from glutebal.report.force_emg import CAVEAT, SENTENCES, TITLE, paragraphs, rows, sentence, together
from glutebal.report.page import page
from glutebal.report.tables import as_json
from glutebal.results import Estimate, Laterality, Status

CLAIMS = re.compile(
    r"weak|inhibit|amnesia|\brisk|injur|\bab?normal|dysfunction|diagnos|correct|dominan|patholog|healthier|danger"
    r"|should be|treat|prevent|cure|deficit|fault|stronger",
    re.IGNORECASE,
)
RIGHT = Estimate(0.20, 0.10, 0.30, 0.05, 12)
LEFT = Estimate(-0.20, -0.30, -0.10, 0.05, 12)
EVEN = Estimate(0.01, -0.05, 0.07, 0.03, 12)
WIDE = Estimate(0.01, -0.30, 0.32, 0.15, 12)


def with_force(analysis, force, activation, laterality=Laterality.BILATERAL, measures=("mean_force",)):
    emg = replace(analysis.balances[0], log_ratio=activation)
    forces = [
        replace(emg, measure=m, site="plate", unit="N", quantity=Quantity.FORCE, log_ratio=force) for m in measures
    ]
    found = replace(analysis.segmentation, laterality=laterality)
    return replace(analysis, balances=(emg, *forces), segmentation=found)


@pytest.mark.parametrize(
    ("force", "activation", "laterality", "said"),
    [
        (RIGHT, RIGHT, Laterality.BILATERAL, "the load was shifted to the right"),
        (EVEN, LEFT, Laterality.BILATERAL, "the left muscle worked nearer to its own reference contraction. Either"),
        (LEFT, EVEN, Laterality.BILATERAL, "Either the left side gives more force for the same relative activation"),
        (EVEN, EVEN, Laterality.BILATERAL, "both even: their ranges include 0 and lie within ±5 points"),
        (EVEN, LEFT, Laterality.UNILATERAL, "Either the load is a larger part of what that side can do, or its"),
        (RIGHT, EVEN, Laterality.UNILATERAL, "or other muscles took a larger part"),
        (RIGHT, LEFT, Laterality.BILATERAL, "nothing is concluded from the pair"),
        (WIDE, LEFT, Laterality.BILATERAL, "cannot be told: the range of force neither"),
    ],
)
def test_what_a_pair_says(calibrated, force, activation, laterality, said):
    analysis = with_force(calibrated, force, activation, laterality)
    text, caveat = paragraphs(analysis)
    assert said in text
    assert caveat == CAVEAT
    assert "12 reps" in text
    assert "95 % range" in text


def test_no_sentence_claims_what_it_cannot_know():
    assert set(SENTENCES) == set(Reading)
    for text in (*SENTENCES.values(), CAVEAT, TITLE):
        assert not CLAIMS.search(text), text


@pytest.mark.parametrize("reading", [Reading.HARDER, Reading.MORE_FORCE, Reading.NEARER_CEILING, Reading.MORE_LOAD])
def test_where_there_are_two_explanations_both_are_given(reading):
    assert "Either" in SENTENCES[reading]
    assert "this recording cannot tell which" in SENTENCES[reading]


def test_the_numbers_stand_under_the_sentence(calibrated):
    text = paragraphs(with_force(calibrated, EVEN, LEFT))[0]
    assert text.endswith(
        "Mean force (plate): right 0.5 (−2.5 to 3.5) points, 12 reps; gluteus maximus activation: left −10.0 (−14.9 "
        "to −5.0) points, 12 reps; force per activation, right/left: 1.23 (95 % range 1.10 to 1.39)."
    )


def test_a_pair_without_a_range_shows_that(calibrated):
    few = Estimate(0.1, n=3, status=Status.TOO_FEW, reason="3 reps")
    text = paragraphs(with_force(calibrated, few, RIGHT))[0]
    assert "cannot be told" in text
    assert "right/left: 0.90 (no range)" in text


def test_it_is_in_the_block_the_page_and_the_json(calibrated):
    analysis = with_force(calibrated, RIGHT, RIGHT)
    told = sentence(together(analysis)[0])
    assert told in " ".join(words.block(analysis).split())
    html = page(analysis).html
    assert f'<h2 id="force-emg">{TITLE}</h2>' in html
    assert told in html
    (row,) = json.loads(as_json(analysis))["force_emg"]
    assert (row["reading"], row["side"], row["text"]) == ("shifted", "right", told)
    assert row["efficiency"] == pytest.approx(0)
    assert row["efficiency_high"] == pytest.approx(0.1 * 2**0.5)


@pytest.mark.parametrize("name", ["uncalibrated", "refused", "censored", "gait", "empty", "calibrated"])
def test_without_calibrated_emg_and_force_there_is_no_such_section(name, request):
    analysis = request.getfixturevalue(name)
    assert (paragraphs(analysis), rows(analysis)) == ([], [])
    assert TITLE not in words.block(analysis)
    assert json.loads(as_json(analysis))["force_emg"] == []


def test_walking_has_no_pair(calibrated):
    assert together(with_force(calibrated, RIGHT, RIGHT, Laterality.CYCLIC)) == []


def test_mean_force_comes_before_impulse_and_a_range_before_none(calibrated):
    analysis = with_force(calibrated, RIGHT, RIGHT, measures=("impulse", "peak_force", "mean_force"))
    assert together(analysis)[0].force.measure == "mean_force"
    emg, impulse, peak, mean = analysis.balances
    bare = replace(mean, log_ratio=Estimate(0.1, n=3, status=Status.TOO_FEW))
    assert together(replace(analysis, balances=(emg, impulse, peak, bare)))[0].force.measure == "impulse"
    assert together(replace(analysis, balances=(emg, peak))) == []


def test_every_gluteal_muscle_has_its_own_pair_and_no_other(calibrated):
    analysis = with_force(calibrated, RIGHT, RIGHT)
    emg, force = analysis.balances
    others = [replace(emg, site=site) for site in ("gluteus_medius", "biceps_femoris")]
    peak = replace(emg, measure="peak_activation")
    found = together(replace(analysis, balances=(emg, *others, peak, force)))
    assert [pair.activation.site for pair in found] == ["gluteus_maximus", "gluteus_medius"]
