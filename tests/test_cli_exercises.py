"""`glutebal exercises`, and exercises of one's own on the command line."""

import json

import pytest
from click.testing import CliRunner

import glutebal as gb
from glutebal.cli import main
from glutebal.testing.simulate import simulate_set

OWN = """
[[exercise]]
name = "banded_hip_thrust"
title = "Hip thrust with a band"
description = "A hip thrust against a band across the hips."
laterality = "bilateral"
group = "activation"
joint = "hip"
sites = ["gluteus_maximus"]
phases = ["concentric", "hold", "eccentric"]
rep_s = [0.8, 12]
source = "own practice"
"""


def run(*arguments, **options):
    return CliRunner().invoke(main, [str(a) for a in arguments], **options)


@pytest.fixture
def own(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(OWN, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def recording(tmp_path_factory):
    path = tmp_path_factory.mktemp("set") / "set.glutebal"
    gb.save(simulate_set(3, reps=6)[0], path)
    return path


def test_one_exercise_is_shown_in_full():
    done = run("exercises", "Bulgarian split-squat")
    assert done.exit_code == 0, done.output
    for expected in ("bulgarian_split_squat", "one in each repetition", "70 ± 15 %", "Stop and see a clinician"):
        assert expected in done.output


def test_one_exercise_as_json():
    found = json.loads(run("exercises", "single-leg stance", "--json").stdout)
    assert (found["name"], found["working"], found["phases"]) == ("single_leg_stance", "other_hip", ["hold"])


def test_an_unknown_exercise_lists_what_there_is():
    done = run("exercises", "hip_trust")
    assert done.exit_code == 2
    assert "try: hip_thrust" in done.stderr


def test_ones_own_are_listed_and_shown(own):
    names = [line.split()[0] for line in run("exercises", "--file", own).output.splitlines()]
    assert names == [*(e.name for e in gb.exercises()), "banded_hip_thrust"]
    assert "Hip thrust with a band" in run("exercises", "banded hip thrust", "--file", own.parent).output


def test_a_set_is_analysed_as_an_exercise_of_ones_own(own, recording):
    done = run("analyse", recording, "--exercises", own, "--exercise", "banded hip thrust", "--json")
    assert done.exit_code == 0, done.stderr
    assert json.loads(done.stdout)["exercise"] == "banded_hip_thrust"


def test_the_file_may_be_named_by_the_environment(own, recording):
    told = {"GLUTEBAL_EXERCISES": str(own)}
    done = run("analyse", recording, "--exercise", "banded hip thrust", env=told)
    assert done.exit_code == 0, done.stderr
    assert "banded_hip_thrust" in run("exercises", env=told).output


def test_without_the_file_the_name_is_unknown(recording):
    assert run("analyse", recording, "--exercise", "banded hip thrust").exit_code == 2


def test_a_faulty_file_is_told_with_its_own_name(own, recording):
    own.write_text(OWN.replace("[0.8, 12]", "[12, 0.8]"), encoding="utf-8")
    done = run("analyse", recording, "--exercises", own, "--exercise", "banded hip thrust")
    assert done.exit_code == 1
    assert done.stderr.startswith("glutebal: mine.toml, line 11, exercise 1 (banded_hip_thrust), rep_s: needed")
    assert run("exercises", "--file", own).exit_code == 1
