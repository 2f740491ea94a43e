"""Guided recordings: where the pose and the movements were."""

import pytest

from glutebal.errors import SignalError
from glutebal.model import Side
from glutebal.signal.motion.calibration_spans import find_calibration_spans
from glutebal.signal.motion.imu import imus
from glutebal.testing.bodies import BodyPlan, Functional, simulate_body


@pytest.mark.parametrize(("exercise", "first"), [("squat", Side.RIGHT), ("hip_abduction", Side.LEFT)])
def test_the_spans_hold_the_movements(exercise, first):
    body = simulate_body(2, exercise=exercise, first=first, reps=2)
    found, truth = find_calibration_spans(imus(body.recording)), body.truth
    assert found.first is first
    assert found.static.start_s == pytest.approx(0, abs=0.3)
    assert found.static.stop_s == pytest.approx(truth.static.stop_s, abs=0.8)
    spans = {
        Functional.HIP_FLEXION: found.flexion,
        Functional.HIP_ABDUCTION: found.abduction,
        Functional.BOW: found.bow,
    }
    for movement, span in spans.items():
        true = truth.functional_span(movement)
        assert span.start_s == pytest.approx(true.start_s, abs=0.7)
        assert span.stop_s == pytest.approx(true.stop_s, abs=0.7)
    assert found.stop_s == found.bow.stop_s


def test_without_the_movements_it_says_what_it_saw():
    body = simulate_body(1, BodyPlan(exercise="squat", reps=2, functional_reps=0))
    with pytest.raises(SignalError, match=r"quiet standing at .* stand still for 3 s"):
        find_calibration_spans(imus(body.recording))


def test_a_bow_is_optional_and_both_legs_are_not():
    sensors = imus(simulate_body(1, reps=1).recording)
    legs = [imu for imu in sensors if imu.site == "thigh"]
    assert find_calibration_spans(legs).bow is None
    with pytest.raises(SignalError, match="a sensor on either leg"):
        find_calibration_spans(legs[:1])
