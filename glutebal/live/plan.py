"""What a hall is told before it opens."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from glutebal.analysis.settings import Settings
from glutebal.coach.cues import CueSettings
from glutebal.coach.exercises import Exercise
from glutebal.errors import InputError
from glutebal.ingest.packets import SUFFIX
from glutebal.ingest.recorder import About
from glutebal.model import Side
from glutebal.results import Reference

if TYPE_CHECKING:
    from glutebal.analysis.motion import CalibrationLike
    from glutebal.live.events import SetEnded


@dataclass(frozen=True)
class Kept:
    """Where a set was kept: the session page and the number of the session in the history, if there are any."""

    page: Path | None = None
    session: int | None = None


#: Called with every set that was worked out, in a thread of its own; what it raises is told and ends nothing.
Keeper = Callable[["SetEnded"], Kept]


@dataclass(frozen=True)
class Plan:
    """A training session as it is meant.

    Parameters
    ----------
    exercise : Exercise or None
        None: how the sides take part is told from the signals, and no cue is given.
    side : Side or None
        The side that is trained; None: both, or told from the data.
    target_reps : int or None
        Repetitions of a set (of each side, when the sides take turns); the set then ends by itself.
    sets : int or None
        Sets of the session; the hall then ends by itself. None: until it is ended.
    auto_start : bool
        Whether the first set starts at once, without a command.
    settings : Settings
        Of the analysis.
    references : mapping of str to Reference
        Reference contractions of this session, by site; guided steps add to them.
    calibration : Calibration, Recording, path or None
        How inertial sensors sit on the body.
    cues : CueSettings or None
        None: no cues.
    about : About
        Site, subject, load and notes of the recordings.
    folder : Path or None
        Where the logs of the sets go; None: sensors are not recorded.
    keeper : callable or None
        Keeps a set that was worked out: history, page.
    """

    exercise: Exercise | None = None
    side: Side | None = None
    target_reps: int | None = None
    sets: int | None = None
    auto_start: bool = True
    settings: Settings = field(default_factory=Settings)
    references: Mapping[str, Reference] = field(default_factory=dict)
    calibration: CalibrationLike | None = None
    cues: CueSettings | None = field(default_factory=CueSettings)
    about: About = field(default_factory=About)
    folder: Path | None = None
    keeper: Keeper | None = None

    def __post_init__(self) -> None:
        for name, value in (("target_reps", self.target_reps), ("sets", self.sets)):
            if value is not None and value < 1:
                raise InputError(f"{name} of at least 1", f"{value}", "live")
        if self.folder is not None and not self.folder.is_dir():
            raise InputError("a folder for the recordings", f"no folder {self.folder}", "live", "create it first")

    def new_log(self, what: str) -> Path | None:
        """A name for a log that nobody has, by the time of day; None when nothing is recorded."""
        if self.folder is None:
            return None
        stem = f"{datetime.now():%Y%m%d-%H%M%S}-{what}"
        names = (f"{stem}{'' if k == 1 else f'-{k}'}{SUFFIX}" for k in range(1, 1000))
        return next(path for path in map(self.folder.joinpath, names) if not path.exists())
