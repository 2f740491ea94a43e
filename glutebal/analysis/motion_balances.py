"""Every balance that the motion of a recording has to tell, and the joint angles behind them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from glutebal.analysis.found import FEET, Found
from glutebal.analysis.motion import Motion
from glutebal.analysis.motion_angles import Angles, angle_tracks
from glutebal.analysis.motion_measures import Counted, leg_balances
from glutebal.analysis.pelvis_measures import Lifter, pelvis_balances
from glutebal.analysis.settings import Settings
from glutebal.analysis.walking import walk_balances
from glutebal.coach.exercises import Exercise
from glutebal.model import Quantity, Recording, Track
from glutebal.results import SetBalance

#: Where the force under each foot is measured.
UNDER_FEET = FEET | {"plate", "scale"}


@dataclass(frozen=True, eq=False)
class Moved:
    """What the motion adds to an analysis."""

    balances: tuple[SetBalance, ...]
    angles: tuple[Track, ...]


def motion_balances(
    recording: Recording, motion: Motion, found: Found, exercise: Exercise | None, settings: Settings
) -> Moved:
    """Strides, then legs, then the pelvis; what cannot be told carries its reason."""
    counted = Counted(found.segmentation, settings.level, found.why_no_reps)
    angles = angle_tracks(motion, found.segmentation.reps)
    lifter = Lifter(
        exercise.name if exercise else "",
        settings.height_m,
        settings.stance_width_m,
        next((p for p in recording.pairs(Quantity.FORCE) if p.left.channel.site in UNDER_FEET), None),
    )
    balances = _balances(motion, angles, counted, lifter, found, settings.level)
    return Moved(tuple(balances), tuple(track.track for track in angles.values()))


def _balances(
    motion: Motion, angles: Angles, counted: Counted, lifter: Lifter, found: Found, level: float
) -> Iterable[SetBalance]:
    if found.walk is not None:
        yield from walk_balances(found.walk, level)
    yield from leg_balances(motion, angles, counted)
    yield from pelvis_balances(motion, angles, counted, lifter)
