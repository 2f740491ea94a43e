"""The exercises: how the sides take part, which muscles show the repetitions, what is aimed at, what studies measured.

The catalogue is a data file that is checked when it is loaded. Its norms are context ("studies measured"), never a
mark to pass or fail: their spread between people is 30 to 100 % of the mean.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from enum import Enum
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated

import msgspec

from glutebal.errors import FileFormatError, UnknownNameError
from glutebal.results import Laterality

#: When to stop, whatever the numbers say.
CAUTION = (
    "Stop and see a clinician about new or worsening pain, numbness or weakness, a joint that gives way, "
    "or loss of bladder or bowel control; ask one before you start after a recent injury or operation."
)

Name = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$")]
Text = Annotated[str, msgspec.Meta(min_length=1)]
Percent = Annotated[float, msgspec.Meta(ge=0)]
Seconds = Annotated[float, msgspec.Meta(gt=0)]
Reps = Annotated[int, msgspec.Meta(ge=1)]


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
    """

    site: Name
    mean: Percent
    sd: Percent | None = None
    low: Percent | None = None
    high: Percent | None = None
    condition: str = ""
    source: Text


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
        Where motion or force sensors show it.
    phases : tuple of str
        Parts of a repetition in order; ``("hold",)`` for one that is only held.
    rep_s : (float, float)
        Shortest and longest repetition to expect, in seconds.
    target_reps : (int, int) or None
        Repetitions aimed at.
    hold_s : (float, float) or None
        Hold aimed at, in seconds.
    tempo : str
        Tempo aimed at, in words.
    source : str
        Where the targets and limits come from.
    aliases : tuple of str
        Other names.
    norms : tuple of Norm
        What studies measured; context.
    """

    name: Name
    title: Text
    description: Text
    laterality: Laterality
    group: Group
    joint: Name
    sites: Annotated[tuple[Name, ...], msgspec.Meta(min_length=1)]
    segments: tuple[Name, ...] = ()
    phases: Annotated[tuple[Name, ...], msgspec.Meta(min_length=1)]
    rep_s: tuple[Seconds, Seconds]
    target_reps: tuple[Reps, Reps] | None = None
    hold_s: tuple[Seconds, Seconds] | None = None
    tempo: str = ""
    source: Text
    aliases: tuple[Name, ...] = ()
    norms: tuple[Norm, ...] = ()

    def __post_init__(self) -> None:
        for label, span in (("rep_s", self.rep_s), ("target_reps", self.target_reps), ("hold_s", self.hold_s)):
            if span is not None and span[0] > span[1]:
                raise ValueError(f"{label} of {self.name} runs from {span[0]} down to {span[1]}")

    @property
    def is_hold(self) -> bool:
        """Whether a repetition is one held position."""
        return self.phases == ("hold",)


class _Catalogue(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    exercise: Annotated[tuple[Exercise, ...], msgspec.Meta(min_length=1)]


def load(path: Path | Traversable) -> tuple[Exercise, ...]:
    """Read and check a TOML file of ``[[exercise]]`` tables.

    Raises
    ------
    FileFormatError
        The file cannot be read, a field is missing, unknown or out of range, or a name occurs twice.
    """
    try:
        found = msgspec.toml.decode(path.read_bytes(), type=_Catalogue).exercise
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise FileFormatError("a catalogue of [[exercise]] tables", _one_line(error), path.name) from error
    names = Counter(name for entry in found for name in (entry.name, *entry.aliases))
    twice = [name for name, count in names.items() if count > 1]
    if twice:
        raise FileFormatError("one exercise per name", f"{', '.join(twice)} twice", path.name)
    return found


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())


@cache
def exercises() -> tuple[Exercise, ...]:
    """All exercises of the catalogue that comes with the library."""
    return load(files("glutebal.coach") / "exercises.toml")


def exercise(name: str, among: Iterable[Exercise] | None = None) -> Exercise:
    """The exercise of that name or alias; spaces, hyphens and capitals do not matter.

    Parameters
    ----------
    name : str
        ``hip_thrust``, ``"Hip thrust"``, ``"step-up"`` ...
    among : iterable of Exercise, optional
        Where to look: by default `exercises`.

    Raises
    ------
    UnknownNameError
        No such exercise; the message lists what there is.

    Examples
    --------
    >>> exercise("Bulgarian split-squat").laterality
    <Laterality.UNILATERAL: 'unilateral'>
    """
    known = exercises() if among is None else tuple(among)
    wanted = re.sub(r"[\W_]+", "_", name.strip().casefold()).strip("_")
    for entry in known:
        if wanted in {entry.name, *entry.aliases}:
            return entry
    raise UnknownNameError.among("exercise", name, (entry.name for entry in known))
