"""Write the recordings that ship with the package, and the truth behind them.

    python datasets/generate.py [FOLDER]

Everything is simulated from fixed seeds: running it again gives the same bytes. `truth.json` holds, per recording, the
true ratio of every muscle, the imbalance index, and start and stop of every repetition.
"""

from __future__ import annotations

import json
import math
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from glutebal.ingest.formats.native import save
from glutebal.model import Bilateral, Chunk, Quantity, Recording, Side, Track
from glutebal.results import Laterality
from glutebal.testing.simulate import (
    Muscle,
    SetPlan,
    Shape,
    Truth,
    WalkTruth,
    demo_set,
    simulate_reference,
    simulate_set,
    simulate_walk,
)

FOLDER = Path(__file__).resolve().parent / "recordings"
SEED = 36
#: Resolution of the recording devices: EMG 2⁻²³ V (0.12 µV), force 2⁻³ N, height 2⁻¹³ m. Coarse enough to compress.
STEPS = {Quantity.EMG: 2.0**-23, Quantity.FORCE: 2.0**-3, Quantity.POSITION: 2.0**-13}


def quantised(recording: Recording) -> Recording:
    """The recording at the resolution of its devices."""
    return recording.with_(tracks=tuple(_quantised(track) for track in recording.tracks))


def _quantised(track: Track) -> Track:
    step = STEPS[track.channel.quantity]
    chunks = (Chunk(c.channel, c.start, np.round(c.samples / step) * step) for c in track.chunks)
    return Track(track.channel, tuple(chunks))


def bilateral() -> tuple[Recording, Recording, Truth]:
    """Ten hip thrusts with both legs: two muscle pairs, force under the feet, bar height, and the references."""
    return demo_set(SEED)


def unilateral() -> tuple[Recording, Recording, Truth]:
    """Eight single-leg hip thrusts per side, left first."""
    plan = SetPlan(
        ratio=0.85,
        gain=Bilateral(1.1, 0.9),
        reps=8,
        set_rest_s=12.0,
        exercise="single_leg_hip_thrust",
        laterality=Laterality.UNILATERAL,
        first=Side.LEFT,
        snr_db=22.0,
        shape=Shape.PLATEAU,
        rep_s=1.6,
        hold_s=0.5,
        rest_s=1.0,
    )
    recording, truth = simulate_set(SEED + 1, plan)
    return recording, simulate_reference(SEED + 1, plan), truth


def described(truth: Truth) -> dict[str, Any]:
    """The truth of a set as plain numbers."""
    reps = [
        {
            "set": rep.set_index,
            "rep": rep.index,
            "side": rep.side.value if rep.side else None,
            "start_s": round(rep.start_s, 4),
            "stop_s": round(rep.stop_s, 4),
            "log_ratio": {
                muscle.site: None if math.isnan(value) else round(value, 6)
                for muscle, value in zip(truth.plan.muscles, rep.log_ratio, strict=True)
            },
        }
        for rep in truth.reps
    ]
    muscles = {muscle.site: _muscle(muscle, truth) for muscle in truth.plan.muscles}
    return {"exercise": truth.plan.exercise, "seed": truth.seed, "muscles": muscles, "reps": reps}


def _muscle(muscle: Muscle, truth: Truth) -> dict[str, Any]:
    reference = truth.reference_v(muscle)
    return {
        "ratio": muscle.ratio,
        "log_ratio": round(muscle.log_ratio, 6),
        "imbalance": round(muscle.imbalance, 4),
        "gain": {"left": muscle.gain.left, "right": muscle.gain.right},
        "reference_v": {"left": float(f"{reference.left:.6g}"), "right": float(f"{reference.right:.6g}")},
    }


def described_walk(truth: WalkTruth) -> dict[str, Any]:
    """The truth of a walk as plain numbers."""
    contacts = [
        {
            "side": contact.side.value,
            "start_s": round(contact.start_s, 4),
            "stop_s": round(contact.stop_s, 4),
            "impulse_ns": round(contact.impulse, 3),
        }
        for contact in truth.contacts
    ]
    return {
        "exercise": "gait",
        "impulse_log_ratio": round(truth.log_ratio, 6),
        "stance_log_ratio": round(truth.stance_log_ratio, 6),
        "contacts": contacts,
    }


def write(folder: Path = FOLDER) -> list[Path]:
    """Write all recordings and `truth.json` into ``folder``; returns the files."""
    folder.mkdir(parents=True, exist_ok=True)
    truths: dict[str, Any] = {}
    recordings: dict[str, Recording] = {}
    for name, make in (("hip_thrust", bilateral), ("single_leg_hip_thrust", unilateral)):
        recordings[name], recordings[f"{name}_reference"], truth = make()
        truths[name] = described(truth)
    recordings["walk"], walk = simulate_walk(SEED + 2, strides=25)
    truths["walk"] = described_walk(walk)
    written = [save(_named(recording, name), folder / f"{name}.glutebal") for name, recording in recordings.items()]
    target = folder / "truth.json"
    target.write_text(json.dumps(truths, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return [*written, target]


def _named(recording: Recording, name: str) -> Recording:
    rounded = quantised(recording)
    return replace(rounded, source=f"{name}.glutebal", notes=f"Simulated, not measured: {recording.source}.")


if __name__ == "__main__":
    for path in write(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER):
        print(f"{path.name:40s}{path.stat().st_size / 1000:8.1f} kB")
