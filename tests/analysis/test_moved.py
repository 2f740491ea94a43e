"""What the exercise says of the counted leg reaches the repetitions, one's own like the catalogue's."""

import msgspec
import pytest

import glutebal as gb
from glutebal.coach.exercises import exercise
from glutebal.results import Working
from glutebal.testing.bodies import BodySet, SensorPlan, simulate_body


@pytest.fixture(scope="module")
def stance() -> BodySet:
    sensors = SensorPlan(sites=("pelvis", "thigh"), rate_hz=100.0)
    return simulate_body(21, exercise="single_leg_stance", reps=3, functional_reps=0, sensors=sensors)


def sides(result):
    return [rep.side for rep in result.analysis.segmentation.reps]


def test_the_catalogue_tells_the_counted_leg(stance):
    true = [rep.side for rep in stance.truth.whole_reps]
    assert len(true) == 6
    assert sides(gb.analyse(stance.recording)) == true
    other = msgspec.structs.replace(exercise(stance.recording.exercise), working=Working.HIP)
    assert sides(gb.analyse(stance.recording, other)) == [side.other for side in true]


def test_an_exercise_of_ones_own_counts_like_one_of_the_catalogue(stance):
    known = exercise(stance.recording.exercise)
    own = msgspec.structs.replace(known, name="mine", aliases=())
    named, mine = gb.analyse(stance.recording, known.name), gb.analyse(stance.recording, own)
    assert mine.analysis.exercise == "mine"
    assert mine.analysis.segmentation == named.analysis.segmentation
    assert sides(gb.analyse(stance.recording, known)) == sides(named)
