"""An exercise in full: everything the catalogue says is there, in lines that fit a terminal."""

import re

import pytest

from glutebal.coach.exercises import CAUTION, exercise, exercises
from glutebal.report.exercise_listing import WIDTH, exercise_block


def words(text):
    return " ".join(text.split())


@pytest.mark.parametrize("entry", exercises(), ids=lambda e: e.name)
def test_everything_is_told_in_lines_that_fit(entry):
    block = exercise_block(entry)
    assert max(map(len, block.splitlines())) <= WIDTH
    told = words(block)
    for text in (
        entry.title,
        entry.name,
        entry.description,
        entry.tempo,
        entry.aim,
        entry.caution,
        entry.source,
        CAUTION,
    ):
        assert text in told
    assert all(alias in told for alias in entry.aliases)
    assert all(norm.source in told and f"{norm.mean:g} " in told for norm in entry.norms)
    assert not re.search(r"\bNone\b|\bnan\b| $", block)


def test_numbers_have_units_and_what_has_none_says_so():
    told = words(exercise_block(exercise("clamshell")))
    assert "repetitions 12 to 15 aimed at" in told
    assert "hold 2 to 5 s aimed at" in told
    assert "a repetition of 1 to 15 s is looked for" in told
    assert "gluteus medius 40 ± 38 %, 30 degrees of hip flexion: Distefano et al. (2009)" in told
    thrust = words(exercise_block(exercise("hip thrust")))
    assert "gluteus maximus 75.4 ± 18.5 %, means of 49 to 105 %, all variants: Neto et al. (2020)" in thrust
    assert "gluteus maximus lower 86.8 % (no spread given), ten-repetition maximum" in thrust
    assert "repetitions no target in the sources" in thrust


def test_norms_are_called_context():
    assert "Context, not a mark to reach" in words(exercise_block(exercise("squat")))
    assert "nothing in the sources" in exercise_block(exercise("jump"))


def test_only_one_sided_exercises_have_a_counted_leg():
    assert "counted leg  the one whose hip moves less" in exercise_block(exercise("single-leg stance"))
    assert "counted leg" not in exercise_block(exercise("squat"))
    assert "in turn, stride by stride" in exercise_block(exercise("walking"))
