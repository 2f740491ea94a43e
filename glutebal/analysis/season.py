"""A simulated season into a history: every recording analysed for real, every session kept with its notes."""

from __future__ import annotations

from collections.abc import Callable

from glutebal.analysis.analyse import analyse
from glutebal.analysis.history import History
from glutebal.history.records import SessionNotes, SizeMeasurement
from glutebal.testing.season import Season, SimulatedSession


def keep_season(season: Season, history: History, tell: Callable[[SimulatedSession], None] | None = None) -> None:
    """Simulate, analyse and keep every session of a season; ``tell`` hears of each when it is kept."""
    for session in season.sessions:
        results = [analyse(recording, reference=reference) for recording, reference in session.recordings()]
        history.add(*results, notes=said_of(session))
        if tell is not None:
            tell(session)
    for day, sides in season.thickness_mm:
        site, method = "gluteus_maximus", "ultrasound"
        history.add_size(SizeMeasurement(season.plan.athlete, day, site, method, "mm", sides, 0.8, "simulated"))


def said_of(session: SimulatedSession) -> SessionNotes:
    """What the simulated person says of a day."""
    return SessionNotes(session.pain, session.sleep_h, session.fatigue, session.first_side, text=session.text)
