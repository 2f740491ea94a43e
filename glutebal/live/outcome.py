"""A set that is over: its recording analysed as a whole, and what that says of the reps that were told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from glutebal.analysis.analyse import analyse
from glutebal.analysis.motion import CalibrationLike
from glutebal.analysis.result import Result
from glutebal.analysis.settings import Settings
from glutebal.coach.exercises import Exercise, exercise
from glutebal.errors import GlutebalError
from glutebal.live.events import Event
from glutebal.live.set_watch import SetWatch, told
from glutebal.live.takes import Take
from glutebal.model import Quantity
from glutebal.results import Reference, Rep, SetBalance, Status


@dataclass(frozen=True)
class Outcome:
    """A set that has ended: what was told of it, ``why``, its recording."""

    watch: SetWatch
    why: str
    take: Take
    exercise: Exercise | None

    @property
    def set_index(self) -> int:
        """Of the set."""
        return self.watch.set_index


def work_out(
    outcome: Outcome,
    references: Mapping[str, Reference],
    calibration: CalibrationLike | None,
    settings: Settings,
) -> tuple[Result | None, str]:
    """What `glutebal.analyse` says of the recording of a set; else why it says nothing. The log is closed first."""
    outcome.take.close()
    try:
        recording = outcome.take.recording()
        known = tuple(references.values()) or None
        return analyse(recording, outcome.exercise, known, calibration=calibration, settings=settings), ""
    except Exception as error:  # the log is on the disk: an analysis that fails must not take the session with it
        return None, in_words(error)


def in_words(error: Exception) -> str:
    """An error on one line; one that is not the library's own says of which kind it is."""
    line = " ".join(str(error).split())
    return line if isinstance(error, GlutebalError) else f"{type(error).__name__}: {line}"


def final(result: Result, own: Exercise | None = None) -> tuple[Sequence[Rep], SetBalance | None]:
    """The reps of a result and the balance that a live set is compared by: mean force, else the activation of EMG.

    ``own`` is an exercise that is not in the catalogue, if the set was of one.
    """
    balances = result.analysis.balances
    forces = [b for b in balances if b.measure == "mean_force"]
    muscles = [b for b in balances if b.quantity is Quantity.EMG and b.measure == "activation"]
    name = result.analysis.exercise
    known = own or (exercise(name) if name else None)
    return result.analysis.segmentation.reps, next(iter((*forces, *_best_first(muscles, known))), None)


def _best_first(balances: Sequence[SetBalance], known: Exercise | None) -> list[SetBalance]:
    """The site whose sides are both usable first, in the order in which the exercise trusts them."""
    order = known.sites if known else ()

    def rank(balance: SetBalance) -> tuple[bool, int]:
        bad = balance.log_ratio.status is Status.REFUSED
        return bad, order.index(balance.site) if balance.site in order else len(order)

    return sorted(balances, key=rank)


def last_words(outcome: Outcome, result: Result, now_s: float) -> Iterator[Event]:
    """Every rep as the whole analysis has it: what differs from what was told is told."""
    reps, balance = final(result, outcome.exercise)
    earlier_s = outcome.take.earlier_s(result.analysis.recording)
    change = outcome.watch.ledger.update(reps, balance, exact=True, earlier_s=earlier_s)
    yield from told(now_s, change, outcome.set_index)
    yield from outcome.watch.tell_balance(now_s, balance)
