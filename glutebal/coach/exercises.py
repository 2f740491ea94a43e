"""The exercises: how the sides take part, which muscles show the repetitions, what is aimed at, what studies measured.

The catalogue is a data file that is checked when it is loaded. Its norms are context ("studies measured"), never a
mark to pass or fail: their spread between people is 30 to 100 % of the mean. People add exercises of their own in
files of the same form.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from enum import Enum
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from threading import Lock
from typing import Annotated

import msgspec

from glutebal.coach.toml_tables import records
from glutebal.errors import FileFormatError, InputError, UnknownNameError
from glutebal.results import Laterality, Working

#: When to stop, whatever the numbers say.
CAUTION = (
    "Stop and see a clinician about new or worsening pain, numbness or weakness, a joint that gives way, "
    "or loss of bladder or bowel control; ask one before you start after a recent injury or operation."
)

NAME = r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$"
Name = Annotated[str, msgspec.Meta(pattern=NAME, description="a name in small letters, digits and _ (hip_thrust)")]
Names = tuple[Name, ...]
Text = Annotated[str, msgspec.Meta(min_length=1, description="a text that is not empty")]
Percent = Annotated[float, msgspec.Meta(ge=0, description="a number of at least 0, in % of a maximal contraction")]
Seconds = Annotated[float, msgspec.Meta(gt=0)]
Reps = Annotated[int, msgspec.Meta(ge=1)]
PhaseName = Annotated[str, msgspec.Meta(pattern=r"^(concentric|hold|eccentric|flight|stance|swing)$")]


class Group(Enum):
    """What an exercise is for, in the order in which training moves on."""

    MOBILITY = "mobility"
    TEST = "test"
    ACTIVATION = "activation"
    UNILATERAL = "unilateral"
    BILATERAL = "bilateral"
    LOCOMOTION = "locomotion"


class Norm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a study measured: mean activity of a muscle in per cent of a maximal voluntary contraction.

    ``sd``, ``low`` and ``high`` (the range of study means) are None where the source gives none.

    Raises
    ------
    InputError
        The mean is not between ``low`` and ``high``.
    """

    site: Name
    mean: Percent
    sd: Percent | None = None
    low: Percent | None = None
    high: Percent | None = None
    condition: str = ""
    source: Text

    def __post_init__(self) -> None:
        ends = (0.0 if self.low is None else self.low, math.inf if self.high is None else self.high)
        if not ends[0] <= self.mean <= ends[1]:
            raise InputError("a mean between low and high", f"{self.mean:g} for {ends[0]:g} to {ends[1]:g}", "mean")
        if not math.isfinite(self.mean):
            raise InputError("a finite mean", f"{self.mean}", "mean")


class Exercise(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One exercise.

    Parameters
    ----------
    name, title, description : str
        Its name in the catalogue, its name for people, and one neutral sentence.
    laterality : Laterality
        How the two sides take part.
    group : Group
        What it is for.
    joint : str
        The joint whose movement makes the repetition.
    sites : tuple of str
        Muscles in the order in which they are trusted to show the repetitions.
    segments : tuple of str
        Where motion or force sensors show it, the most telling first.
    working : Working
        In one-sided exercises: what tells the leg that a repetition is counted for.
    phases : tuple of str
        Parts of a repetition in order; ``("hold",)`` for one that is only held.
    rep_s : (float, float)
        Shortest and longest repetition to expect, in s, above 0.
    target_reps : (int, int) or None
        Repetitions aimed at, at least 1; None where the sources give no number.
    hold_s : (float, float) or None
        Hold aimed at, in s, above 0 and within ``rep_s``.
    tempo : str
        Tempo aimed at, in words.
    aim : str
        What else is aimed at, in words.
    caution : str
        What to mind in this exercise, besides `CAUTION`.
    source : str
        Where the targets and limits come from.
    aliases : tuple of str
        Other names.
    norms : tuple of Norm
        What studies measured; context.

    Raises
    ------
    InputError
        A pair of numbers runs downwards, or the hold is longer than the repetition.
    """

    name: Name
    title: Text
    description: Text
    laterality: Laterality
    group: Group
    joint: Name
    sites: Annotated[
        Names, msgspec.Meta(min_length=1, description="a list of muscles, the most trusted first (gluteus_maximus)")
    ]
    segments: Annotated[Names, msgspec.Meta(description="a list of places of sensors (pelvis, thigh)")] = ()
    working: Working = Working.HIP
    phases: Annotated[
        tuple[PhaseName, ...],
        msgspec.Meta(min_length=1, description="a list out of concentric, hold, eccentric, flight, stance, swing"),
    ]
    rep_s: Annotated[tuple[Seconds, Seconds], msgspec.Meta(description="two durations in s, the shorter first")]
    target_reps: Annotated[
        tuple[Reps, Reps] | None, msgspec.Meta(description="two whole numbers of at least 1, the smaller first")
    ] = None
    hold_s: Annotated[
        tuple[Seconds, Seconds] | None, msgspec.Meta(description="two durations in s, the shorter first")
    ] = None
    tempo: str = ""
    aim: str = ""
    caution: str = ""
    source: Text
    aliases: Annotated[Names, msgspec.Meta(description="a list of names in small letters, digits and _")] = ()
    norms: Annotated[tuple[Norm, ...], msgspec.Meta(description="tables [[exercise.norms]]")] = ()

    def __post_init__(self) -> None:
        for label, span in (("rep_s", self.rep_s), ("target_reps", self.target_reps), ("hold_s", self.hold_s)):
            if span is not None and not span[0] <= span[1] < math.inf:
                raise InputError("two numbers, the smaller first", f"{span[0]:g} and {span[1]:g}", label)
        if self.hold_s is not None and self.hold_s[1] > self.rep_s[1]:
            found = f"{self.hold_s[1]:g} s in at most {self.rep_s[1]:g} s"
            raise InputError("a hold that fits into a repetition", found, "hold_s")

    @property
    def is_hold(self) -> bool:
        """Whether a repetition is one held position."""
        return self.phases == ("hold",)

    @property
    def names(self) -> tuple[str, ...]:
        """Its name and its other names."""
        return (self.name, *self.aliases)


def load(path: str | Path | Traversable, beside: Iterable[Exercise] = ()) -> tuple[Exercise, ...]:
    """Read and check a TOML file of ``[[exercise]]`` tables, or every such file in a folder.

    Parameters
    ----------
    path : path
        A file, or a folder whose ``.toml`` files are read in the order of their names.
    beside : iterable of Exercise
        Exercises whose names are taken.

    Raises
    ------
    FileFormatError
        The file cannot be read, a field is missing, unknown or out of range, or a name is taken; the message says in
        which line, table and field, and what was needed.
    """
    taken = dict.fromkeys((name for entry in beside for name in entry.names), "the catalogue")
    found = [placed for file in _files(path) for placed in records(file, "exercise", Exercise)]
    for where, entry in found:
        _take(entry, where, taken)
    return tuple(entry for _, entry in found)


def _files(path: str | Path | Traversable) -> list[Path] | list[Traversable]:
    if not isinstance(path, str | Path):
        return [path]
    given = Path(path).expanduser()
    if not given.is_dir():
        return [given]
    found = sorted(given.glob("*.toml"))
    if not found:
        raise FileFormatError("a folder with .toml files of [[exercise]] tables", "none", given.name)
    return found


def _take(entry: Exercise, where: str, taken: dict[str, str]) -> None:
    for name in entry.names:
        if name in taken:
            found = f"{name} twice" if taken[name] == where else f"{name}, which is also in {taken[name]}"
            raise FileFormatError("one exercise per name or alias", found, where, "another name")
        taken[name] = where


def exercises(own: str | Path | None = None) -> tuple[Exercise, ...]:
    """All exercises of the catalogue that comes with the library, and one's own behind them.

    Parameters
    ----------
    own : path, optional
        A TOML file of ``[[exercise]]`` tables, or a folder of such files. They add to the catalogue: a name or alias
        that is in it is an error, so that one name means the same everywhere.

    Raises
    ------
    FileFormatError
        As for `load`.

    Examples
    --------
    >>> len({e.name for e in exercises()}) == len(exercises())
    True
    """
    with _LOADING:
        catalogue = _catalogue()
    return catalogue if own is None else (*catalogue, *load(own, beside=catalogue))


#: msgspec crashes the process when two threads convert to a new type for the first time.
_LOADING = Lock()


@cache
def _catalogue() -> tuple[Exercise, ...]:
    return load(files("glutebal.coach") / "exercises.toml")


def exercise(name: str, among: str | Path | Iterable[Exercise] | None = None) -> Exercise:
    """The exercise of that name or alias; spaces, hyphens and capitals do not matter.

    Parameters
    ----------
    name : str
        ``hip_thrust``, ``"Hip thrust"``, ``"step-up"`` ...
    among : path, or iterable of Exercise, optional
        Where to look: a file or folder of one's own, which adds to the catalogue, or just these exercises. By default
        the catalogue.

    Raises
    ------
    UnknownNameError
        No such exercise; the message lists what there is.
    FileFormatError
        The file is not as it has to be.

    Examples
    --------
    >>> exercise("Bulgarian split-squat").laterality
    <Laterality.UNILATERAL: 'unilateral'>
    """
    known = exercises(among) if among is None or isinstance(among, str | Path) else tuple(among)
    wanted = re.sub(r"[\W_]+", "_", name.strip().casefold()).strip("_")
    for entry in known:
        if wanted in entry.names:
            return entry
    raise UnknownNameError.among("exercise", name, (entry.name for entry in known))
