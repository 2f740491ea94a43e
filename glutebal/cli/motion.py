"""``glutebal demo --motion``: a simulated squat with inertial sensors, analysed, drawn, and held against its truth."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from glutebal.analysis.result import Result
    from glutebal.model import Bilateral, Samples
    from glutebal.results import Estimate
    from glutebal.testing.bodies import BodySet, BodyTruth

PAGE = "glutebal-motion.html"


def motion_demo(folder: Path, seed: int) -> None:
    """Simulate squats with more hip flexion on the left and a shift to the right; write the page, print the truth."""
    from glutebal.analysis.analyse import analyse
    from glutebal.model import Bilateral
    from glutebal.report import report
    from glutebal.testing.bodies import simulate_body

    made = simulate_body(seed, exercise="squat", reps=8, rom=Bilateral(1.0, 0.95), shift_m=(0.02, 0.04))
    result = analyse(made.recording)
    page = report(result).save(folder / PAGE)
    click.echo(str(result))
    click.echo()
    click.echo(truth_beside(made, result))
    click.echo(f"\nThe page is at {page.resolve()}")


def truth_beside(made: BodySet, result: Result) -> str:
    """What the simulation put in, line by line beside what was found; right minus left, or the signed midline value."""
    found = {b.measure: b.difference for b in result.analysis.balances}
    lines = [
        "The truth of this simulated set, and what was found:",
        f"  {'repetitions':<34} {len(made.truth.whole_reps):>6}   {len(result.analysis.segmentation.reps)}",
    ]
    for measure, name, true in _truths(made.truth):
        estimate = found.get(measure)
        lines += [_line(name, true, estimate)] if estimate is not None else []
    return "\n".join(lines)


def _line(name: str, true: float, found: Estimate) -> str:
    told = f"{found.value:+.1f} ({found.low:+.1f} to {found.high:+.1f})" if found.status.has_value else found.reason
    return f"  {name:<34} {true:>+6.1f}   {told}"


def _truths(truth: BodyTruth) -> list[tuple[str, str, float]]:
    """Measure, what it is for people, and its true mean over the repetitions."""
    legs, pelvis = truth.angles.legs, truth.angles
    return [
        ("hip_flexion_rom", "hip flexion ROM, right − left, °", _wider(truth, legs.map(lambda leg: leg.hip_flexion))),
        (
            "knee_flexion_rom",
            "knee flexion ROM, right − left, °",
            _wider(truth, legs.map(lambda leg: leg.knee_flexion)),
        ),
        ("pelvic_obliquity", "pelvic obliquity at the turn, °", _at_turns(truth, pelvis.pelvic_obliquity)),
        ("lateral_shift", "lateral shift at the turn, cm", 100 * _at_turns(truth, pelvis.shift_m)),
    ]


def _wider(truth: BodyTruth, angles: Bilateral[Samples]) -> float:
    """How much larger the range is on the right, mean over the repetitions."""
    import numpy as np

    left, right = angles.map(lambda angle: [float(np.ptp(part)) for part in _during(truth, angle)])
    return float(np.mean(right) - np.mean(left))


def _during(truth: BodyTruth, values: Samples) -> list[Samples]:
    import numpy as np

    spans = [np.searchsorted(truth.times_s, [rep.start_s, rep.stop_s]) for rep in truth.whole_reps]
    return [values[start:stop] for start, stop in spans]


def _at_turns(truth: BodyTruth, values: Samples) -> float:
    import numpy as np

    return float(np.interp([rep.turn_s for rep in truth.whole_reps], truth.times_s, values).mean())
