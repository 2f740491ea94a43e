"""What the library says of real recordings, beside what is known of them.

Run ``python benchmarks/real_recordings.py --data FOLDER``; FOLDER holds the recordings that the tests use too.
"""

from __future__ import annotations

import argparse
import csv
import math
from collections import Counter
from pathlib import Path

from glutebal.analysis.analyse import analyse
from glutebal.analysis.result import Result
from glutebal.balance.indices import index
from glutebal.ingest.read import read
from glutebal.model import Quantity
from glutebal.results import Grade, Status

FILES = (
    "btkdata/Gait.c3d",
    "btkdata/1123x01EMG.c3d",
    "btkdata/PiG_Motion-FlatFoot-Full.c3d",
    "biomechzoo/HC002D06.c3d",
    "biomechzoo/HC033A22.c3d",
    "biomechzoo/HC036A10.c3d",
    "biomechzoo/HC040A14.c3d",
    "loadsol/test_pointe_1_05_02.csv",
    "loadsol/poids_par_zone.csv",
)
HEADS = ("recording", "EMG pairs", "channels refused", "EMG amplitude ratios", "reps or contacts", "left out", "gaps")


def row(name: str, result: Result) -> tuple[str, ...]:
    """One line of the table."""
    analysis = result.analysis
    emg = [b for b in analysis.balances if b.quantity is Quantity.EMG and b.measure == "activation"]
    verdicts = Counter(b.log_ratio.status.value for b in emg)
    bad = sum(q.grade is Grade.BAD for q in analysis.quality)
    gaps = [str(len(t.gaps)) for t in analysis.recording.tracks if not t.channel.axis and t.channel.side]
    return (
        f"`{name}`",
        str(len(emg)),
        f"{bad} of {len(analysis.quality)}",
        ", ".join(f"{n} {status}" for status, n in sorted(verdicts.items())) or "–",
        str(len(analysis.segmentation.reps)),
        str(len(analysis.segmentation.excluded)),
        " / ".join(gaps) if set(gaps) != {"0"} else "none",
    )


def arm_swing(data: Path) -> str:
    """How many published step-length asymmetries, 100·|ln(L/R)|, are reproduced from the step lengths."""
    gait_asymmetry = index("GA").of_sides
    with (data / "armswing" / "results.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.reader(file))

    def block(name: str) -> list[float]:
        start = next(i for i, line in enumerate(lines) if line[1:2] == [name])
        people = [line[1:7] for line in lines[start + 1 :] if line and line[0]][:15]
        return [float(cell) for person in people for cell in person]

    cells = zip(*(block(name) for name in ("left_steplavg", "right_steplavg", "stepasym_spatial")), strict=True)
    same = [math.isclose(abs(gait_asymmetry(left, right)), told, rel_tol=1e-9) for left, right, told in cells]
    return f"{sum(same)} of {len(same)} published step-length asymmetries reproduced."


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    data = parser.parse_args().data
    print("| " + " | ".join(HEADS) + " |\n" + "|---" * len(HEADS) + "|")
    confident = 0
    for name in FILES:
        result = analyse(read(data / name))
        confident += sum(b.log_ratio.status is Status.OK and b.unit in {"V", "%ref"} for b in result.analysis.balances)
        print("| " + " | ".join(row(name, result)) + " |")
    print(f"\nConfident EMG amplitude ratios without a reference: {confident}. {arm_swing(data)}")


if __name__ == "__main__":
    main()
