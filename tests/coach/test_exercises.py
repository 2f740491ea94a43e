"""The exercise catalogue: complete, checked, findable by name, and worded without judgement."""

import re
from pathlib import Path

import msgspec
import pytest

from glutebal.coach.exercises import CAUTION, Exercise, Group, Norm, exercise, exercises, load
from glutebal.errors import FileFormatError, InputError, UnknownNameError
from glutebal.ingest.sites import MUSCLE_SPELLINGS, SEGMENT_SPELLINGS
from glutebal.results import Laterality, Working

#: The practice articles' words for an exercise or test, the catalogue's name for it, how its sides take part.
NAMED = {
    Laterality.UNILATERAL: {
        "single-leg hip thrust": "single_leg_hip_thrust",
        "single-leg thrust": "single_leg_hip_thrust",
        "single-leg deadlift": "single_leg_deadlift",
        "single-leg Romanian deadlift": "single_leg_romanian_deadlift",
        "rear-foot-elevated (Bulgarian) split squat": "bulgarian_split_squat",
        "rear-foot-elevated split squat": "bulgarian_split_squat",
        "Bulgarian split squat": "bulgarian_split_squat",
        "kneeling glute kickback": "kneeling_glute_kickback",
        "step-up": "step_up",
        "side-lying clamshell": "side_lying_clamshell",
        "clamshell": "side_lying_clamshell",
        "single-leg glute bridge": "single_leg_glute_bridge",
        "hip abduction": "hip_abduction",
        "lunge": "lunge",
        "active leg lower": "active_leg_lower",
        "self contract-relax hip-flexor stretch": "contract_relax_hip_flexor_stretch",
        "band-assisted half-kneeling hip-flexor stretch": "half_kneeling_hip_flexor_stretch",
        "hamstring lengthening": "hamstring_lengthening",
        "hip-flexor lengthening before glute squeezes": "hip_flexor_lengthening",
        "hip-flexor lengthening": "hip_flexor_lengthening",
        "prone hip extension": "prone_hip_extension",
        "single-leg stance": "single_leg_stance",
        "assessment of hip stability": "single_leg_stance",
        "Thomas test": "thomas_test",
        "Thomas test of hip-flexor length": "thomas_test",
    },
    Laterality.BILATERAL: {
        "squat": "squat",
        "goblet squat": "goblet_squat",
        "kettlebell goblet squat": "goblet_squat",
        "deadlift": "deadlift",
        "Romanian deadlift": "romanian_deadlift",
        "barbell hip thrust": "hip_thrust",
        "hip thrust": "hip_thrust",
        "glute bridge": "glute_bridge",
        "glute bridge with wall push": "glute_bridge_wall_push",
        "glute bridge with feet raised": "glute_bridge_feet_raised",
        "glute bridge with raised feet": "glute_bridge_feet_raised",
        "glute squeeze": "glute_squeeze",
        "standing squeeze of both glutes": "glute_squeeze",
        "slow somatic exercises": "somatic_exercise",
        "jump": "jump",
    },
    Laterality.CYCLIC: {"walking": "walking", "running": "running", "sprint": "sprint", "stairs": "stairs"},
}

ONE = """
[[exercise]]
name = "hip_hinge"
title = "Hip hinge"
description = "The trunk is inclined from the hip and raised."
laterality = "bilateral"
group = "bilateral"
joint = "hip"
sites = ["gluteus_maximus"]
phases = ["eccentric", "concentric"]
rep_s = [1, 10.0]
source = "own"
"""


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("words", "name", "laterality"),
    [(words, name, laterality) for laterality, names in NAMED.items() for words, name in names.items()],
)
def test_every_named_exercise_is_there(words, name, laterality):
    found = exercise(words)
    assert (found.name, found.laterality) == (name, laterality)


def test_nothing_is_in_the_catalogue_that_is_not_named():
    assert {e.name for e in exercises()} == {name for names in NAMED.values() for name in names.values()}


@pytest.mark.parametrize("entry", exercises(), ids=lambda e: e.name)
def test_a_title_finds_its_exercise(entry):
    assert exercise(entry.title) is entry
    assert all(exercise(name) is entry for name in entry.names)


@pytest.mark.parametrize("name", ["hip_thrust", "Hip thrust", " HIP-THRUST ", "hip  thrust", "barbell hip thrust"])
def test_names_are_read_generously(name):
    assert exercise(name).name == "hip_thrust"


def test_an_unknown_exercise_lists_what_there_is():
    with pytest.raises(UnknownNameError, match=r"active_leg_lower.*walking.*found 'hip thrusts'; try: hip_thrust"):
        exercise("hip thrusts")


@pytest.mark.parametrize("name", ["", "  ", "_", "💪"])
def test_nothing_is_no_exercise(name):
    with pytest.raises(UnknownNameError):
        exercise(name)


@pytest.mark.parametrize(
    "name", ["clamshell", "glute bridge", "hip abduction", "kneeling glute kickback", "glute squeeze"]
)
def test_activation_targets(name):
    entry = exercise(name)
    assert entry.group is Group.ACTIVATION
    assert entry.target_reps == (12, 15)
    assert entry.hold_s == (2.0, 5.0)
    assert entry.rep_s[1] >= entry.hold_s[1] + 2


def test_active_leg_lower_targets():
    assert exercise("active leg lower").target_reps == (10, 20)


def test_targets_stand_only_where_the_articles_give_them():
    isolated = {e.name for e in exercises() if e.group is Group.ACTIVATION}
    assert {e.name for e in exercises() if e.target_reps == (12, 15)} == isolated
    assert {e.name for e in exercises() if e.hold_s} == isolated
    assert {e.name for e in exercises() if e.target_reps} == isolated | {"active_leg_lower"}


@pytest.mark.parametrize("group", [Group.UNILATERAL, Group.BILATERAL])
def test_what_is_aimed_at_without_a_number(group):
    words = {"unilateral": "The same repetitions and depth on both sides", "bilateral": "before more load"}
    told = {e.name: words[group.value] in e.aim for e in exercises() if e.group is group and e.name != "jump"}
    assert told
    assert all(told.values())


WORKING = {
    "single_leg_stance": Working.OTHER_HIP,
    "single_leg_glute_bridge": Working.PLANTED,
    "single_leg_hip_thrust": Working.PLANTED,
    "half_kneeling_hip_flexor_stretch": Working.THIGH,
    "contract_relax_hip_flexor_stretch": Working.THIGH,
    "hip_flexor_lengthening": Working.THIGH,
    "hamstring_lengthening": Working.RAISED,
}


def test_what_tells_the_counted_leg():
    assert {e.name: e.working for e in exercises() if e.working is not Working.HIP} == WORKING
    assert all(exercise(name).laterality is Laterality.UNILATERAL for name in WORKING)


@pytest.mark.parametrize("entry", exercises(), ids=lambda e: e.name)
def test_entries_agree_with_the_rest_of_the_library(entry):
    muscles = set(MUSCLE_SPELLINGS.values())
    assert set(entry.sites) <= muscles
    assert {norm.site.removesuffix("_upper").removesuffix("_lower") for norm in entry.norms} <= muscles
    assert set(entry.segments) <= set(SEGMENT_SPELLINGS.values())
    assert set(entry.phases) <= {"concentric", "hold", "eccentric", "flight", "stance", "swing"}
    assert entry.rep_s[0] < entry.rep_s[1]
    assert entry.source


@pytest.mark.parametrize("entry", exercises(), ids=lambda e: e.name)
def test_the_wording_describes_and_does_not_judge(entry):
    text = f"{entry.title} {entry.description} {entry.tempo} {entry.aim}".casefold()
    judged = (
        "weak strong inhibit amnesia diagnos injur risk correct fix dysfunction normal abnormal pain treat cure must"
    )
    assert not [word for word in judged.split() if word in text]
    assert entry.description.endswith(".")
    assert entry.description.count(". ") == 0


@pytest.mark.parametrize("entry", exercises(), ids=lambda e: e.name)
def test_cautions_name_no_condition_and_give_no_order(entry):
    judged = "weak strong inhibit amnesia diagnos risk danger correct fix dysfunction abnormal treat cure must never"
    assert not [word for word in judged.split() if word in entry.caution.casefold()]
    assert not entry.caution or entry.caution.endswith(".")


@pytest.mark.parametrize("name", ["glute squeeze", "prone hip extension", "hip abduction"])
def test_what_serves_as_a_reference_contraction_says_for_whom_it_is_not(name):
    assert "uncontrolled high blood pressure" in exercise(name).caution
    assert "submaximal" in exercise(name).caution


def test_lifts_on_both_feet_end_when_the_hips_shift():
    lifts = {e.name for e in exercises() if "hips keep shifting" in e.caution}
    assert lifts == {"squat", "goblet_squat", "deadlift", "romanian_deadlift", "hip_thrust"}


@pytest.mark.parametrize("entry", exercises(), ids=lambda e: e.name)
def test_numbers_are_in_range(entry):
    assert 0.2 < entry.rep_s[0] < entry.rep_s[1] <= 120
    assert entry.target_reps is None or 1 <= entry.target_reps[0] < entry.target_reps[1] <= 30
    assert entry.hold_s is None or 0 < entry.hold_s[0] < entry.hold_s[1] <= 10
    for norm in entry.norms:
        assert 0 < norm.mean < 130
        assert norm.sd is None or 0 < norm.sd < norm.mean
        assert (norm.low is None) == (norm.high is None)


def test_norms_name_their_study():
    norms = {(e.name, n.site, n.condition): n for e in exercises() for n in e.norms}
    thrust = norms["hip_thrust", "gluteus_maximus", "all variants"]
    assert (thrust.mean, thrust.sd, thrust.low, thrust.high) == (75.4, 18.5, 49.0, 105.0)
    assert norms["hip_abduction", "gluteus_medius", "side-lying, body weight"].mean == 81
    assert all(any(c.isdigit() for c in n.source) for n in norms.values())
    assert len(norms) == sum(len(e.norms) for e in exercises())


def test_holds_are_told_from_movements():
    assert exercise("single-leg stance").is_hold
    assert not exercise("hip thrust").is_hold


def test_the_caution_says_when_to_stop():
    assert "Stop" in CAUTION
    assert "clinician" in CAUTION


def test_the_catalogue_is_read_once_and_frozen():
    assert exercises() is exercises()
    with pytest.raises(AttributeError):
        exercises()[0].name = "x"


def test_a_file_of_ones_own(tmp_path):
    (mine,) = load(written(tmp_path, ONE))
    assert isinstance(mine, Exercise)
    assert (mine.rep_s, mine.target_reps, mine.norms) == ((1.0, 10.0), None, ())
    assert exercise("hip hinge", among=[mine]) is mine
    assert exercise("hip hinge", among=[*exercises(), mine]) is mine
    with pytest.raises(UnknownNameError, match=r"\(hip_hinge\)"):
        exercise("squat", among=[mine])


def test_an_exercise_survives_being_written_and_read():
    for entry in exercises():
        assert msgspec.json.decode(msgspec.json.encode(entry), type=Exercise) == entry


@pytest.mark.parametrize(
    ("change", "place", "needed"),
    [
        (("bilateral", "sideways", 1), "line 6, exercise 1 (hip_hinge), laterality", "one of bilateral, unilateral"),
        (('name = "hip_hinge"', 'name = "Hip Hinge"'), "line 3, exercise 1 (Hip Hinge), name", "a name in small"),
        (("source", "sauce"), "line 12, exercise 1 (hip_hinge), sauce", "a field out of name, title"),
        (('source = "own"', ""), "line 2, exercise 1 (hip_hinge), source", "a text that is not empty, found nothing"),
        (("[1, 10.0]", "[10, 1.0]"), "line 11, exercise 1 (hip_hinge), rep_s", "two numbers, the smaller first"),
        (("[1, 10.0]", "[1, inf]"), "line 11, exercise 1 (hip_hinge), rep_s", "two numbers, the smaller first"),
        (("[1, 10.0]", "[nan, 3]"), "line 11, exercise 1 (hip_hinge), rep_s", "two "),
        (("[1, 10.0]", "[0, 1.0]"), "line 11, exercise 1 (hip_hinge), rep_s", "two durations in s"),
        (("[1, 10.0]", '"long"'), "line 11, exercise 1 (hip_hinge), rep_s", "two durations in s"),
        (("[1, 10.0]", "[1, 2, 3]"), "line 11, exercise 1 (hip_hinge), rep_s", "two durations in s"),
        (('["gluteus_maximus"]', "[]"), "line 9, exercise 1 (hip_hinge), sites", "a list of muscles"),
        (('"concentric"', '"up"'), "line 10, exercise 1 (hip_hinge), phases", "a list out of concentric, hold"),
        (('"own"', '"own"\ntarget_reps = [0, 3]'), "line 13, exercise 1 (hip_hinge), target_reps", "whole numbers of"),
        (('"own"', '"own"\nhold_s = [2, 11]'), "line 13, exercise 1 (hip_hinge), hold_s", "a hold that fits into"),
        (('"own"', '"own"\nworking = "arm"'), "line 13, exercise 1 (hip_hinge), working", "one of hip, other_hip"),
        (('"own"', '"own"\ncaution = 3'), "line 13, exercise 1 (hip_hinge), caution", "a text"),
        (('"own"', '"own"\naliases = ["hip_hinge"]'), "line 2, exercise 1 (hip_hinge)", "one exercise per name"),
        (("[[exercise]]", "[[exercises]]"), "mine.toml", "[[exercise]] tables and nothing else, found exercises"),
        (("[[exercise]]", "[exercise]"), "mine.toml", "[[exercise]] tables and nothing else"),
        (('"own"', '"own'), "mine.toml", "[[exercise]] tables, found"),
    ],
)
def test_a_faulty_file_is_told_in_one_line(tmp_path, change, place, needed):
    text = ONE.replace(*change)
    assert text != ONE
    with pytest.raises(FileFormatError) as caught:
        load(written(tmp_path, text))
    told = str(caught.value)
    assert told.startswith("mine.toml")
    assert f"{place}: needed " in told
    assert needed in told
    assert "\n" not in told


def test_bad_syntax_has_its_line(tmp_path):
    with pytest.raises(FileFormatError, match="line 12"):
        load(written(tmp_path, ONE.replace('"own"', '"own')))


NORM = """
[[exercise.norms]]
site = "gluteus_maximus"
mean = 40
source = "a study"
"""


@pytest.mark.parametrize(
    ("change", "place", "needed"),
    [
        (('"a study"', '""'), "line 22, exercise 1 (hip_hinge), norms 2, source", "a text that is not empty"),
        (("mean = 40", "mean = -1"), "line 21, exercise 1 (hip_hinge), norms 2, mean", "a number of at least 0, in %"),
        (("mean = 40", "mean = nan"), "line 21, exercise 1 (hip_hinge), norms 2, mean", "a"),
        (
            ("mean = 40", "mean = 40\nlow = 50"),
            "line 21, exercise 1 (hip_hinge), norms 2, mean",
            "between low and high",
        ),
        (("mean = 40", ""), "line 19, exercise 1 (hip_hinge), norms 2, mean", "found nothing"),
    ],
)
def test_a_faulty_norm_is_told_by_its_number(tmp_path, change, place, needed):
    with pytest.raises(FileFormatError) as caught:
        load(written(tmp_path, ONE + NORM + NORM.replace(*change)))
    assert f"{place}: needed " in str(caught.value)
    assert needed in str(caught.value)


def test_an_exercise_of_ones_own_may_have_norms(tmp_path):
    (mine,) = load(written(tmp_path, ONE + NORM))
    assert [(n.site, n.mean, n.sd) for n in mine.norms] == [("gluteus_maximus", 40.0, None)]


def test_ones_own_come_behind_the_catalogue_and_leave_it_alone(tmp_path):
    path, before = written(tmp_path, ONE), exercises()
    for place in (path, str(path), tmp_path):
        known = exercises(place)
        assert known[:-1] == before
        assert exercise("Hip-Hinge", place) is not None
        assert exercise("squat", place) is exercise("squat")
        assert known[-1] == exercise("hip hinge", place)
    assert exercises() is before
    with pytest.raises(UnknownNameError):
        exercise("hip hinge")


def test_a_folder_is_read_in_the_order_of_its_names(tmp_path):
    (tmp_path / "b.toml").write_text(ONE, encoding="utf-8")
    (tmp_path / "a.toml").write_text(ONE.replace("hip_hinge", "good_morning"), encoding="utf-8")
    (tmp_path / "note.txt").write_text("not read", encoding="utf-8")
    assert [e.name for e in load(tmp_path)] == ["good_morning", "hip_hinge"]


def test_the_same_name_in_two_files_of_a_folder(tmp_path):
    for name in ("a.toml", "b.toml"):
        (tmp_path / name).write_text(ONE, encoding="utf-8")
    with pytest.raises(FileFormatError, match=r"^b\.toml, .*found hip_hinge, which is also in a\.toml, line 2"):
        load(tmp_path)


@pytest.mark.parametrize("taken", ['name = "squat"', 'name = "mine"\naliases = ["rdl"]'])
def test_a_name_of_the_catalogue_is_taken(tmp_path, taken):
    path = written(tmp_path, ONE.replace('name = "hip_hinge"', taken))
    assert load(path)
    with pytest.raises(FileFormatError, match=r"mine\.toml, line 2.*found (squat|rdl), which is also in the catalogue"):
        exercises(path)


def test_a_byte_order_mark_and_windows_line_ends_are_read(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_bytes(b"\xef\xbb\xbf" + ONE.replace("\n", "\r\n").encode())
    assert load(path)[0].name == "hip_hinge"


def test_an_exercise_made_in_python_is_checked_too():
    with pytest.raises(InputError, match="rep_s: needed two numbers, the smaller first, found 10 and 1"):
        msgspec.structs.replace(exercise("squat"), rep_s=(10.0, 1.0))


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"[[exercise]]\n"])
def test_unreadable_files(tmp_path, content):
    path = tmp_path / "mine.toml"
    path.write_bytes(content)
    with pytest.raises(FileFormatError, match=r"mine\.toml"):
        load(path)


def test_a_missing_file_and_a_folder(tmp_path):
    for path in (tmp_path / "absent.toml", tmp_path):
        with pytest.raises(FileFormatError, match=path.name):
            load(path)


def test_the_guide_names_every_field():
    guide = (Path(__file__).parents[2] / "docs" / "howto" / "own-exercises.md").read_text(encoding="utf-8")
    told = set(re.findall(r"`([a-z_]+)`", guide)) | set(re.findall(r"^([a-z_]+) =", guide, re.MULTILINE))
    assert {field for kind in (Exercise, Norm) for field in kind.__struct_fields__} <= told | {"norms"}
    assert {word.value for kind in (Laterality, Group, Working) for word in kind} <= told
