"""Which repetitions the motion shows, and what it makes of those that the effort shows."""

from __future__ import annotations

from glutebal.analysis.motion import Motion
from glutebal.coach.exercises import Exercise
from glutebal.results import Laterality, Segmentation
from glutebal.signal.motion.fusion import fused
from glutebal.signal.motion.motion_reps import MotionRepSettings, motion_reps
from glutebal.signal.motion.rep_sides import Working

#: What tells the leg that is counted, where it is not the one whose hip moves more.
WORKING = {
    "single_leg_stance": Working.OTHER_HIP,
    "single_leg_glute_bridge": Working.PLANTED,
    "single_leg_hip_thrust": Working.PLANTED,
    "half_kneeling_hip_flexor_stretch": Working.THIGH,
    "contract_relax_hip_flexor_stretch": Working.THIGH,
    "hip_flexor_lengthening": Working.THIGH,
    "hamstring_lengthening": Working.RAISED,
}


def moved_reps(motion: Motion, exercise: Exercise | None) -> Segmentation:
    """The repetitions of pelvis and thighs behind the calibration, with their phases."""
    working = WORKING.get(exercise.name if exercise else "", Working.HIP)
    settings = MotionRepSettings(working=working)
    sensors = [found for found in motion.after_calibration if found.pieces]
    if exercise is None or exercise.laterality is Laterality.CYCLIC:
        return motion_reps(sensors, settings=settings)
    return motion_reps(sensors, exercise.laterality, phases=exercise.phases, rep_s=exercise.rep_s, settings=settings)


def of_both(effort: Segmentation | None, motion: Segmentation) -> Segmentation:
    """Effort and motion together; motion alone where there is no effort."""
    return motion if effort is None else fused(effort, motion)
