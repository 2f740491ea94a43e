"""Which repetitions the motion shows, and what it makes of those that the effort shows."""

from __future__ import annotations

from glutebal.analysis.motion import Motion
from glutebal.coach.exercises import Exercise
from glutebal.results import Laterality, Segmentation
from glutebal.signal.motion.fusion import fused
from glutebal.signal.motion.motion_reps import MotionRepSettings, described, motion_reps


def rep_settings(exercise: Exercise | None) -> MotionRepSettings:
    """How the repetitions of an exercise are looked for in motion."""
    if exercise is None:
        return MotionRepSettings()
    return described(
        MotionRepSettings(working=exercise.working, segments=exercise.segments), exercise.phases, exercise.rep_s
    )


def moved_reps(motion: Motion, exercise: Exercise | None) -> Segmentation:
    """The repetitions of pelvis and thighs behind the calibration, with their phases."""
    sensors = [found for found in motion.after_calibration if found.pieces]
    if exercise is None or exercise.laterality is Laterality.CYCLIC:
        working = exercise.working if exercise else MotionRepSettings().working
        return motion_reps(sensors, settings=MotionRepSettings(working=working))
    return motion_reps(sensors, exercise.laterality, settings=rep_settings(exercise))


def of_both(effort: Segmentation | None, motion: Segmentation) -> Segmentation:
    """Effort and motion together; motion alone where there is no effort."""
    return motion if effort is None else fused(effort, motion)
