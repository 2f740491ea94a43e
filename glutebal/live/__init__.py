"""The hall: asyncio meets sensors, signal, balance and coach; the views of a set while it is done.

The room itself is callable, so that ``async for event in gb.live(sensors, exercise="hip_abduction")`` reads as it is
meant::

    Link, packet log, Recording ──▶ Hall ─┬─ events      notebook, JSON lines
                                          ├─ server      the page on the phone
                                          ├─ terminal    the same over SSH
                                          └─ outlet      Lab Streaming Layer
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from os import PathLike

    from glutebal.analysis.analyse import ReferenceLike
    from glutebal.coach.exercises import Exercise
    from glutebal.ingest.link import Link
    from glutebal.live.hall import Hall
    from glutebal.model import Recording


def live(
    sensors: Link | Recording | str | PathLike[str],
    exercise: str | Exercise | None = None,
    *,
    reference: ReferenceLike | None = None,
    speed: float = 1.0,
    **plan: Any,
) -> Hall:
    """A training session, live: iterate over it for its events.

    Parameters
    ----------
    sensors : Link, Recording, or path
        What `glutebal.connect` gives; or a packet log (``.glutelog``), a recording or any file that `glutebal.read`
        reads, played as if the sensors were there.
    exercise : str or Exercise, optional
        A name from `glutebal.exercises`, or one of one's own; without it a recording's own counts.
    reference : Reference, Recording, path, or several of them, optional
        Reference contractions, as in `glutebal.analyse`.
    speed : float
        Of what is played: 1 is real time, infinity as fast as it is taken.
    **plan
        The other fields of `glutebal.live.plan.Plan`: ``side``, ``target_reps``, ``sets``, ``auto_start``,
        ``settings``, ``calibration``, ``cues``, ``about``, ``folder``, ``keeper``.

    Returns
    -------
    Hall
        ``async for event in hall`` runs it; `Hall.subscribe`, `Hall.order` and `Hall.state` are for views.

    Raises
    ------
    InputError, FileFormatError
        The file is not there, or cannot be read; a field of the plan is out of range.
    UnknownNameError
        The exercise is not in the catalogue.
    """
    from glutebal.live.opening import opened

    return opened(sensors, exercise, reference, speed, plan)


class _Room(ModuleType):
    """The package itself, made callable: ``glutebal.live`` is both the room and what it does."""

    __call__ = staticmethod(live)


sys.modules[__name__].__class__ = _Room
