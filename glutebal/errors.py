"""Every error the library raises on purpose.

::

    GlutebalError
    ├── InputError            what was handed in cannot be used
    │   ├── FileFormatError       a file is truncated, empty, or not what its name says
    │   ├── LabelError            a column's side or muscle cannot be told from its label
    │   ├── UnitError             a unit is unknown or contradicts the quantity
    │   └── UnknownNameError      a name (exercise, site, index) is not in its table
    ├── SignalError           the samples do not allow the operation
    │   ├── RateError             a sampling rate is too low, or two rates do not match
    │   ├── PairError             a left/right pair is missing one or both sides
    │   └── NotLiveError          a zero-phase operator was asked to run live
    ├── HistoryError          the history cannot be read or written
    │   ├── DuplicateError        the same recording is already there
    │   ├── HistoryBusyError      another process has been writing for too long
    │   └── HistoryFormatError    damaged, no history, or of a newer version
    └── MissingExtraError     an optional library is not installed

Each says what was needed, what was found and where; ``advice`` says what to try.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class GlutebalError(Exception):
    """An error with its parts: needed, found, where, and what to try.

    Parameters
    ----------
    needed : str
        What the operation needs.
    found : str
        What it got instead.
    where : str, optional
        The file, channel or argument it was found in.
    advice : str, optional
        What the reader can do about it.
    """

    def __init__(self, needed: str, found: str, where: str = "", advice: str = "") -> None:
        self.needed, self.found, self.where, self.advice = needed, found, where, advice
        place = f"{where}: " if where else ""
        remedy = f"; try: {advice}" if advice else ""
        super().__init__(f"{place}needed {needed}, found {found}{remedy}")

    def __reduce__(self) -> tuple[type[GlutebalError], tuple[str, str, str, str]]:
        return type(self), (self.needed, self.found, self.where, self.advice)


class InputError(GlutebalError):
    """What was handed in cannot be used."""


class FileFormatError(InputError):
    """A file is truncated, empty, or not what its name says."""


class LabelError(InputError):
    """A column's side or muscle cannot be told from its label."""


class UnitError(InputError):
    """A unit is unknown or contradicts the quantity."""


class UnknownNameError(InputError):
    """A name is not in its table; the message lists what there is."""

    @classmethod
    def among(cls, kind: str, name: str, known: Iterable[str], where: str = "") -> UnknownNameError:
        """Build the error for ``name``, with the closest known names first."""
        names = sorted(known)
        close = get_close_matches(name, names, n=3, cutoff=0.5)
        advice = f"{' or '.join(close)}" if close else ""
        return cls(f"one of the known {kind} names ({', '.join(names)})", repr(name), where, advice)


class SignalError(GlutebalError):
    """The samples do not allow the operation."""


class RateError(SignalError):
    """A sampling rate is too low, or two rates do not match."""


class PairError(SignalError):
    """A left/right pair is missing one or both sides."""


class NotLiveError(SignalError):
    """A zero-phase operator was asked to run live: it needs the future."""


class MissingExtraError(GlutebalError):
    """An optional library is not installed."""

    @classmethod
    def of(cls, extra: str, library: str, purpose: str) -> MissingExtraError:
        """Build the error for reading or writing ``purpose`` with ``library``."""
        return cls(
            f"the library {library} to {purpose}",
            "that it is not installed",
            "",
            f'pip install "glutebal[{extra}]"',
        )


class HistoryError(GlutebalError):
    """The history cannot be read or written."""


class DuplicateError(HistoryError):
    """The same recording is already in the history."""


class HistoryBusyError(HistoryError):
    """Another process has been writing to the history for too long."""


class HistoryFormatError(HistoryError):
    """The file is damaged, is no history, or was written by a newer version."""
