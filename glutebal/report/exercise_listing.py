"""One exercise of the catalogue in full, as a block of text: how it goes, what is aimed at, what studies measured."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from textwrap import wrap

from glutebal.coach.exercises import CAUTION, Exercise, Norm
from glutebal.report.reading import title
from glutebal.results import Laterality, Working

WIDTH = 100
SIDES = {
    Laterality.BILATERAL: "both in every repetition",
    Laterality.UNILATERAL: "one in each repetition",
    Laterality.CYCLIC: "in turn, stride by stride",
}
COUNTED_LEG = {
    Working.HIP: "the one whose hip moves more",
    Working.OTHER_HIP: "the one whose hip moves less",
    Working.THIGH: "the one whose thigh turns more",
    Working.RAISED: "the one whose thigh is farther from standing",
    Working.PLANTED: "the one whose thigh is nearer to standing at the turn",
}
NO_TARGET = "no target in the sources"
CONTEXT = (
    "Measured in studies: mean ± standard deviation between people, in % of a maximal voluntary contraction. "
    "Context, not a mark to reach: people differ by 30 to 100 % of the mean."
)


def exercise_block(exercise: Exercise) -> str:
    """An exercise with its targets, norms and caution.

    Parameters
    ----------
    exercise : Exercise
        What to describe.
    """
    others = f"; also {', '.join(exercise.aliases)}" if exercise.aliases else ""
    lines = [*wrap(f"{exercise.title} ({exercise.name}{others})", WIDTH, subsequent_indent="  "), ""]
    lines += [*wrap(exercise.description, WIDTH), ""]
    lines += _facts(exercise)
    lines += _norms(exercise.norms)
    lines += ["", *wrap(f"To mind: {exercise.caution} {CAUTION}".replace("  ", " "), WIDTH)]
    return "\n".join(lines)


def _facts(exercise: Exercise) -> list[str]:
    rows = list(_rows(exercise))
    width = max(len(label) for label, _ in rows)
    indent = " " * (width + 4)
    return [
        line
        for label, text in rows
        for line in wrap(text, WIDTH, initial_indent=f"  {label:<{width}}  ", subsequent_indent=indent)
    ]


def _rows(exercise: Exercise) -> Iterator[tuple[str, str]]:
    yield "sides", SIDES[exercise.laterality]
    if exercise.laterality is Laterality.UNILATERAL:
        yield "counted leg", COUNTED_LEG[exercise.working]
    yield "group", exercise.group.value
    yield "movement", f"{title(exercise.joint)}: {', '.join(exercise.phases)}"
    yield "muscles", _listed(exercise.sites)
    yield "sensors", _listed(exercise.segments) or "none named"
    yield "duration", f"a repetition of {_between(exercise.rep_s)} s is looked for"
    yield from _targets(exercise)
    yield "source", exercise.source


def _targets(exercise: Exercise) -> Iterator[tuple[str, str]]:
    yield "repetitions", f"{_between(exercise.target_reps)} aimed at" if exercise.target_reps else NO_TARGET
    if exercise.hold_s or "hold" in exercise.phases:
        yield "hold", f"{_between(exercise.hold_s)} s aimed at" if exercise.hold_s else NO_TARGET
    yield "tempo", exercise.tempo or NO_TARGET
    if exercise.aim:
        yield "aim", exercise.aim


def _listed(names: Sequence[str]) -> str:
    return ", ".join(map(title, names))


def _between(pair: tuple[float, float]) -> str:
    low, high = pair
    return f"{low:g}" if low == high else f"{low:g} to {high:g}"


def _norms(norms: Sequence[Norm]) -> list[str]:
    if not norms:
        return ["", "Measured in studies: nothing in the sources of this catalogue."]
    return ["", *wrap(CONTEXT, WIDTH), *(line for norm in norms for line in _norm(norm))]


def _norm(norm: Norm) -> list[str]:
    spread = f"± {norm.sd:g} %" if norm.sd is not None else "% (no spread given)"
    means = f", means of {norm.low:g} to {norm.high:g} %" if norm.low is not None and norm.high is not None else ""
    condition = f", {norm.condition}" if norm.condition else ""
    text = f"{title(norm.site)} {norm.mean:g} {spread}{means}{condition}: {norm.source}"
    return wrap(text, WIDTH, initial_indent="  ", subsequent_indent="    ")
