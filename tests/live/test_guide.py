"""Guided steps: what they say when, and how what was recorded of them is judged."""

import math

import numpy as np
import pytest

from glutebal.live.events import Step
from glutebal.live.guide import SCRIPTS, Guide, judge, steps_for
from glutebal.model import Bilateral, Channel, Quantity, Recording, Side, Track
from glutebal.signal.prepare import EmgSettings
from glutebal.testing.bodies import simulate_body
from glutebal.testing.body_plan import SensorPlan

EMG = EmgSettings()


def told(step: Step, began_s: float, every_s: float) -> list:
    guide, found, now_s = Guide(step, began_s), [], began_s
    while not guide.over(now_s):
        event = guide.tell(now_s)
        found += [event] if event else []
        now_s += every_s
    assert guide.tell(now_s) is None
    return found


@pytest.mark.parametrize("step", list(Step))
@pytest.mark.parametrize("every_s", [0.05, 0.31])
def test_a_script_counts_down_every_second_of_every_part(step, every_s):
    events = told(step, 100.0, every_s)
    expected = [(p.text, p.side, float(s)) for p in SCRIPTS[step] for s in range(math.ceil(p.seconds), 0, -1)]
    assert [(e.text, e.side, e.left_s) for e in events] == expected
    assert all(e.step is step for e in events)
    assert events[0].at_s == 100.0


def test_a_reader_that_wakes_late_gets_the_present_part():
    guide = Guide(Step.TARE, 10.0)
    assert guide.tell(14.5).text == "leave them unloaded"
    assert guide.tell(14.6) is None
    assert guide.tell(15.1).left_s == 1.0


def channel(quantity: Quantity, side: Side | None, device: str = "", axis: str = "") -> Channel:
    return Channel(quantity, side, "gluteus_maximus", 500.0, device=device, axis=axis)


@pytest.mark.parametrize(
    ("quantities", "steps"),
    [
        ([Quantity.FORCE], [Step.TARE, Step.TAP]),
        ([Quantity.EMG], [Step.REFERENCE]),
        ([Quantity.ACCELERATION, Quantity.ANGULAR_RATE], [Step.STATIC_POSE, Step.TAP]),
        ([Quantity.EMG, Quantity.ACCELERATION], [Step.REFERENCE, Step.TAP]),
        ([], []),
    ],
)
def test_the_steps_that_make_sense(quantities, steps):
    channels = {channel(q, side, side.value) for q in quantities for side in Side}
    assert list(steps_for(channels)) == steps


def test_one_device_cannot_be_tapped_with_itself():
    assert Step.TAP not in steps_for({channel(Quantity.FORCE, side, "both") for side in Side})


# tare ----------------------------------------------------------------------------------------------------------------


def forces(left, right=0.0, seconds: float = 6.0, start_s: float = 0.0, rate_hz: float = 100.0) -> Recording:
    time_s = np.arange(round(seconds * rate_hz)) / rate_hz
    rng = np.random.default_rng(0)
    levels = Bilateral(left, right)
    return Recording(
        tuple(
            Track.of_samples(
                Channel(Quantity.FORCE, side, "plate", rate_hz),
                (levels[side](time_s) if callable(levels[side]) else levels[side]) + rng.normal(0, 0.5, time_s.size),
                round(start_s * rate_hz),
            )
            for side in Side
            if levels[side] is not None
        )
    )


def test_unloaded_sensors_are_told_with_what_they_read():
    found = judge(Step.TARE, forces(3.0, -2.0), EMG)
    assert found.ok
    assert found.text.startswith("unloaded: ")
    assert "3.0 N" in found.text
    assert "-2.0 N" in found.text


def test_a_load_that_moves_is_not_a_tare():
    found = judge(Step.TARE, forces(lambda t: 40 * np.sin(3 * t)), EMG)
    assert not found.ok
    assert found.text.startswith("again, the load must be off")
    assert found.text.count("not steady") == 1


def test_load_before_the_window_does_not_count():
    assert judge(Step.TARE, forces(lambda t: np.where(t < 3.3, 300.0, 0.0)), EMG).ok
    assert not judge(Step.TARE, forces(lambda t: np.where(t < 4.5, 300.0, 0.0)), EMG).ok


def test_a_recording_whose_clock_began_earlier_is_judged_at_the_right_moment():
    late = forces(lambda t: np.where(t < 5.3, 300.0, 0.0), seconds=8.0)
    assert not judge(Step.TARE, late, EMG).ok
    assert judge(Step.TARE, late, EMG, 2.0).ok


@pytest.mark.parametrize("seconds", [3.0, 3.4])
def test_a_sensor_that_fell_silent_is_no_tare(seconds):
    found = judge(Step.TARE, forces(0.0, seconds=seconds), EMG)
    assert not found.ok
    assert "nothing came from" in found.text


def test_a_sensor_that_sent_nothing_at_all_is_no_tare():
    found = judge(Step.TARE, forces(0.0, None), EMG)
    assert not found.ok
    assert found.text == "again: nothing came from the right sensor"
    assert not judge(Step.TARE, Recording(()), EMG).ok


# reference -----------------------------------------------------------------------------------------------------------


def squeezes(
    left_v: float = 1e-4, right_v: float = 2e-4, *, swapped: bool = False, start_s: float = 0.0, seed: int = 0
) -> Recording:
    """EMG of a person who does what the script says; both sides answer a little to either squeeze."""
    rng, rate_hz = np.random.default_rng(seed), 1000.0
    level = {Side.LEFT: left_v, Side.RIGHT: right_v}
    tracks = []
    for side in Side:
        parts = []
        for part in SCRIPTS[Step.REFERENCE]:
            volts = level[side] if part.does and part.side is side else 0.1 * level[side] if part.does else 0.0
            parts.append(np.full(round(part.seconds * rate_hz), math.hypot(volts, 4e-6)))
        envelope = np.concatenate(parts)
        named = side.other if swapped else side
        samples = envelope * rng.normal(size=envelope.size)
        tracks.append(Track.of_samples(channel_at(named), samples, round(start_s * rate_hz)))
    return Recording(tuple(sorted(tracks, key=lambda track: track.channel.side.value)))


def channel_at(side: Side) -> Channel:
    return Channel(Quantity.EMG, side, "gluteus_maximus", 1000.0)


def test_a_reference_gives_what_each_side_can_do():
    found = judge(Step.REFERENCE, squeezes(), EMG)
    assert found.ok
    (reference,) = found.references
    assert reference.site == "gluteus_maximus"
    assert reference.value.left == pytest.approx(1e-4, rel=0.1)
    assert reference.value.right == pytest.approx(2e-4, rel=0.1)
    assert "µV" in found.text


def test_swapped_sensors_are_noticed():
    found = judge(Step.REFERENCE, squeezes(swapped=True), EMG)
    assert not found.ok
    assert "swapped" in found.text
    assert found.references == ()


def test_a_squeeze_that_does_not_stand_out_is_done_again():
    found = judge(Step.REFERENCE, squeezes(right_v=8e-6), EMG)
    assert not found.ok
    assert found.text.startswith("again, the squeeze does not stand out from rest: right")
    assert "left" not in found.text


def test_a_reference_on_a_clock_that_began_earlier():
    assert not judge(Step.REFERENCE, squeezes(start_s=5.0), EMG).ok
    assert judge(Step.REFERENCE, squeezes(start_s=5.0), EMG, 5.0).ok


def test_one_side_alone_gives_no_reference():
    one = squeezes()
    found = judge(Step.REFERENCE, one.with_(tracks=one.tracks[:1]), EMG)
    assert not found.ok
    assert found.text.startswith("again: ")


# pose and tap --------------------------------------------------------------------------------------------------------


def test_a_pose_without_sensors_is_done_again_and_never_raises():
    for step in (Step.STATIC_POSE, Step.TAP):
        for recording in (Recording(()), squeezes(), forces(0.0)):
            found = judge(step, recording, EMG)
            assert not found.ok
            assert found.text.startswith("again")


def test_a_person_who_follows_the_script_calibrates_the_sensors():
    body = simulate_body(3, exercise="squat", reps=0, sensors=SensorPlan(sites=("pelvis", "thigh")))
    found = judge(Step.STATIC_POSE, body.recording, EMG)
    assert found.ok, found.text
    assert found.text == "3 sensors calibrated"
    assert found.calibration is not None


def tapped(offset_s: float) -> Recording:
    rate_hz = 200.0
    time_s = np.arange(round(9 * rate_hz)) / rate_hz
    rng, tracks = np.random.default_rng(1), []
    for side, late_s in ((Side.LEFT, 0.0), (Side.RIGHT, offset_s)):
        for axis in "xyz":
            pulse = sum(60 * np.exp(-(((time_s - at - late_s) / 0.012) ** 2)) for at in (4.0, 5.1, 6.3))
            gravity = 9.81 if axis == "z" else 0.0
            samples = gravity + (pulse if axis == "x" else 0.0) + rng.normal(0, 0.05, time_s.size)
            made = Channel(Quantity.ACCELERATION, side, "thigh", rate_hz, device=side.value, axis=axis)
            tracks.append(Track.of_samples(made, samples))
    return Recording(tuple(tracks))


def test_taps_tell_how_far_apart_the_clocks_are():
    found = judge(Step.TAP, tapped(0.030), EMG)
    assert found.ok
    assert "+30" in found.text or "+29" in found.text
    assert "±" in found.text
