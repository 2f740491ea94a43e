"""The exercise catalogue: complete, checked, findable by name, and worded without judgement."""

from pathlib import Path

import msgspec
import pytest

from glutebal.coach.exercises import CAUTION, Exercise, Group, exercise, exercises, load
from glutebal.errors import FileFormatError, UnknownNameError
from glutebal.ingest.sites import MUSCLE_SPELLINGS, SEGMENT_SPELLINGS
from glutebal.results import Laterality

NAMED = {
    Laterality.UNILATERAL: "single-leg hip thrust|single-leg deadlift|single-leg Romanian deadlift|"
    "Bulgarian split squat|rear-foot-elevated split squat|kneeling glute kickback|step-up|side-lying clamshell|"
    "single-leg glute bridge|hip abduction|lunge|active leg lower|self contract-relax hip-flexor stretch|"
    "band-assisted half-kneeling hip-flexor stretch|hamstring lengthening|hip-flexor lengthening before glute squeezes|"
    "prone hip extension|single-leg stance|Thomas test",
    Laterality.BILATERAL: "squat|goblet squat|deadlift|hip thrust|barbell hip thrust|glute bridge|"
    "glute bridge wall push|glute bridge feet raised|glute squeeze|standing glute squeeze|jump|slow somatic exercises",
    Laterality.CYCLIC: "walking|running|sprint|stairs",
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
    ("laterality", "name"), [(side, name) for side, names in NAMED.items() for name in names.split("|")]
)
def test_every_named_exercise_is_there(laterality, name):
    assert exercise(name).laterality is laterality


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
    text = f"{entry.title} {entry.description} {entry.tempo}".casefold()
    judged = (
        "weak strong inhibit amnesia diagnos injur risk correct fix dysfunction normal abnormal pain treat cure must"
    )
    assert not [word for word in judged.split() if word in text]
    assert entry.description.endswith(".")
    assert entry.description.count(". ") == 0


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
    ("change", "complaint"),
    [
        (("bilateral", "sideways"), "sideways"),
        (('name = "hip_hinge"', 'name = "Hip Hinge"'), "name"),
        (("source", "sauce"), "sauce"),
        (('source = "own"', ""), "source"),
        (("[1, 10.0]", "[10, 1.0]"), "rep_s of hip_hinge runs from 10"),
        (("[1, 10.0]", "[0, 1.0]"), "> 0"),
        (("[1, 10.0]", '"long"'), "rep_s"),
        (('["gluteus_maximus"]', "[]"), "sites"),
        (("[[exercise]]", "[[exercises]]"), "exercises"),
        (('"own"', '"own'), "line"),
        (('source = "own"', 'source = "own"\ntarget_reps = [0, 3]'), "target_reps"),
        (('source = "own"', 'source = "own"\naliases = ["hip_hinge"]'), "hip_hinge twice"),
    ],
)
def test_a_faulty_file_is_told_in_one_line(tmp_path, change, complaint):
    text = ONE.replace(*change)
    assert text != ONE
    with pytest.raises(FileFormatError) as caught:
        load(written(tmp_path, text))
    assert complaint in str(caught.value)
    assert str(caught.value).startswith("mine.toml: needed")
    assert "\n" not in str(caught.value)


def test_a_name_may_stand_only_once(tmp_path):
    with pytest.raises(FileFormatError, match="one exercise per name"):
        load(written(tmp_path, ONE + ONE))


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
