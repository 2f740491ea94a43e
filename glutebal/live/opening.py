"""From what a user hands over to a hall."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from glutebal.analysis.analyse import ReferenceLike, complete_references
from glutebal.analysis.settings import Settings
from glutebal.coach.exercises import Exercise
from glutebal.coach.exercises import exercise as exercise_named
from glutebal.errors import InputError
from glutebal.ingest.openlog import open_log
from glutebal.ingest.packets import SUFFIX
from glutebal.ingest.read import read
from glutebal.live.hall import Hall
from glutebal.live.plan import Plan
from glutebal.live.sources import LinkSource, LogSource, RecordingSource, Source
from glutebal.model import Recording

if TYPE_CHECKING:
    from glutebal.ingest.link import Link


def opened(
    sensors: Link | Recording | str | os.PathLike[str],
    exercise: str | Exercise | None,
    reference: ReferenceLike | None,
    speed: float,
    plan: Mapping[str, Any],
) -> Hall:
    """The hall of `glutebal.live`."""
    source, own = _source(sensors, speed)
    name = exercise or own
    settings = plan.get("settings") or Settings()
    references = {r.site: r for r in complete_references(reference, settings)}
    chosen = exercise_named(name) if isinstance(name, str) else name
    given = {"exercise": chosen, "references": references, **plan}
    unknown = set(given) - set(Plan.__dataclass_fields__)
    if unknown:
        known = ", ".join(sorted(Plan.__dataclass_fields__))
        raise InputError(f"fields of a plan ({known})", ", ".join(sorted(unknown)), "live")
    return Hall(source, Plan(**given))


def _source(sensors: Link | Recording | str | os.PathLike[str], speed: float) -> tuple[Source, str | None]:
    """What plays, and the exercise that it says it is of."""
    if isinstance(sensors, Recording):
        return RecordingSource(sensors, speed), sensors.exercise
    if isinstance(sensors, str | os.PathLike):
        path = Path(sensors)
        if path.suffix.lower() == SUFFIX:
            with open_log(path) as log:
                return LogSource(path, speed), log.header.exercise
        recording = read(path)
        return RecordingSource(recording, speed), recording.exercise
    if not hasattr(sensors, "batches"):
        raise InputError("connected sensors, a recording or a path", type(sensors).__name__, "live")
    return LinkSource(sensors), None
