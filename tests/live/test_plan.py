"""A plan that cannot be meant is refused when it is made."""

import pytest

import glutebal as gb
from glutebal.errors import GlutebalError, InputError, UnknownNameError
from glutebal.live.plan import Plan
from glutebal.live.sources import LogSource, RecordingSource


@pytest.mark.parametrize("field", ["target_reps", "sets"])
def test_counts_are_at_least_one(field):
    with pytest.raises(InputError, match=f"{field} of at least 1"):
        Plan(**{field: 0})
    assert getattr(Plan(**{field: 1}), field) == 1


def test_the_folder_must_be_there(tmp_path):
    with pytest.raises(InputError, match="no folder"):
        Plan(folder=tmp_path / "nowhere")
    assert Plan(folder=tmp_path).folder == tmp_path


def test_live_refuses_what_it_does_not_know(tmp_path):
    recording = gb.read()
    with pytest.raises(UnknownNameError):
        gb.live(recording, exercise="hip_thurst")
    with pytest.raises(InputError, match="fields of a plan"):
        gb.live(recording, exercise="hip_thrust", target=8)
    with pytest.raises(InputError, match="connected sensors, a recording or a path"):
        gb.live(42)
    with pytest.raises(InputError, match="target_reps of at least 1"):
        gb.live(recording, target_reps=0)
    with pytest.raises(GlutebalError, match="nowhere"):
        gb.live(tmp_path / "nowhere.glutelog")
    with pytest.raises(GlutebalError, match="nowhere"):
        gb.live(tmp_path / "nowhere.csv")


@pytest.mark.parametrize("speed", [0.0, -1.0, float("nan")])
def test_a_speed_is_above_zero(speed):
    with pytest.raises(InputError, match="above 0"):
        RecordingSource(gb.read(), speed)
    with pytest.raises(InputError, match="above 0"):
        LogSource("no matter.glutelog", speed)


def test_pieces_have_a_length():
    with pytest.raises(InputError, match="above 0"):
        RecordingSource(gb.read(), 1.0, 0.0)


def test_the_exercise_of_a_recording_counts_unless_another_is_named():
    recording = gb.read()
    assert gb.live(recording).plan.exercise.name == recording.exercise
    assert gb.live(recording, "squat").plan.exercise.name == "squat"
    own = gb.exercise("lunge")
    assert gb.live(recording, own).plan.exercise is own
