"""What becomes of a set that was done live: the history, and the page of the session."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from glutebal.cli.place import opened
from glutebal.errors import DuplicateError, GlutebalError

if TYPE_CHECKING:
    from glutebal.live.events import SetEnded
    from glutebal.live.plan import Kept


@dataclass(frozen=True)
class KeepSets:
    """Keeps every set as it is worked out; sets of one day and person become one session.

    Parameters
    ----------
    athlete : str or None
        A pseudonym; None: nothing goes into a history.
    place : str or None
        The history; None: the one among the user's data.
    folder : Path
        Where pages go.
    """

    athlete: str | None
    place: str | None
    folder: Path

    def __call__(self, ended: SetEnded) -> Kept:
        """Store the set, write the page: that of the session, or of the set alone without a history."""
        from glutebal.live.plan import Kept

        result = ended.result
        if result is None:
            return Kept()
        number = self._number(ended) if self.athlete and result.analysis.exercise else None
        return Kept(self._write(ended, number), number)

    def _number(self, ended: SetEnded) -> int | None:
        if ended.result is None:
            return None
        with opened(self.place, new=True) as history:
            try:
                return history.add(ended.result, athlete=self.athlete)
            except DuplicateError:  # a log that is replayed again
                return None

    def _write(self, ended: SetEnded, number: int | None) -> Path:
        from glutebal.report import report

        name = ended.log.stem if ended.log else f"set-{ended.set_index}"
        target = self.folder / f"{name}.html"
        if number is None:
            report(ended.result).save(target)  # type: ignore[arg-type]
            return target
        try:
            with opened(self.place) as history:
                report(history.session(number)).save(target)
        except GlutebalError:
            report(ended.result).save(target)  # type: ignore[arg-type]
        return target


def own_sd(place: str | None, athlete: str | None, exercise: str | None) -> float | None:
    """Rep-to-rep scatter of λ of a person in an exercise, from the history; None until there is enough of it.

    Of the measures that a live set is compared by: mean force, else the activation of EMG.
    """
    from glutebal.coach.cues import personal_sd

    if athlete is None or exercise is None:
        return None
    try:
        with opened(place) as history:
            reps = history.reps(athlete)
    except GlutebalError:  # no history yet, or nobody of that name in it
        return None
    for measure in ("mean_force", "activation"):
        mine = reps[(reps["exercise"] == exercise) & (reps["measure"] == measure) & (reps["status"] == "ok")]
        sets = [part["log_ratio"].to_numpy() for _, part in mine.groupby(["session", "recording", "set", "site"])]
        found = personal_sd(sets)
        if found is not None:
            return found
    return None
