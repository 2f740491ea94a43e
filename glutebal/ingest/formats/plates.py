"""Force plates of a C3D file: vertical force, and which foot was on which plate, from the markers alone."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glutebal.ingest.columnmap import ColumnMap
from glutebal.ingest.labels import Place
from glutebal.ingest.units import UNITS, spelling
from glutebal.model import Bilateral, Samples, Side

# Plug-in-gait and common relatives: heel, toe and ankle of one foot, after an optional subject prefix ("AB:LHEE").
FOOT_MARKER = re.compile(r"(?:.*:)?([LR])[_. ]?(HEE|HEEL|TOE|ANK|ANKLE|MT1|MT5|D1M|D5M|P5M|FCC|FM1|FM5)", re.IGNORECASE)
LOADED = 0.1  # of the plate's peak, and at least 20 N: the plate carries someone
LOADED_N = 20.0
INSIDE = 0.6  # of the loaded frames a foot must be inside; a swinging foot crosses a plate in under a third of them
RATIO = 2.0  # and at least this often as the other foot


@dataclass(frozen=True)
class Plate:
    """One force plate: ``force_n`` upwards, shape (n,); corners in the points' unit, shape (2, 4)."""

    number: int
    force_n: Samples
    corners: NDArray[np.float64]
    channels: tuple[int, ...]
    raw_peak: float
    raw_unit: str

    @classmethod
    def of(cls, i: int, platform: Mapping[str, Any], parameters: Mapping[str, Any], analog: Samples) -> Plate:
        """From ezc3d's view of plate ``i`` (from 0)."""
        force = np.asarray(platform["force"], dtype=np.float64)[2]
        upward = force if np.nanmax(force, initial=0.0) >= -np.nanmin(force, initial=0.0) else -force
        factor = UNITS.get(spelling(str(platform["unit_force"])), (None, 1.0))[1]
        group = parameters["FORCE_PLATFORM"]
        channels = tuple(int(c) for c in np.atleast_2d(group["CHANNEL"]["value"])[:, i] if c > 0)
        units = [str(u) for u in parameters["ANALOG"]["UNITS"]["value"]]
        vertical = channels[2] - 1 if len(channels) == 6 else -1
        known = 0 <= vertical < analog.shape[0]
        return cls(
            i + 1,
            upward * factor,
            np.asarray(platform["corners"], dtype=np.float64)[:2],
            channels,
            float(np.max(np.abs(analog[vertical]))) if known else np.nan,
            units[vertical] if known and vertical < len(units) else "",
        )

    @property
    def name(self) -> str:
        """As in a map: ``plate 1``."""
        return f"plate {self.number}"

    @property
    def peak_n(self) -> float:
        """The largest force."""
        return float(np.nanmax(self.force_n, initial=0.0))

    def holds(self, xy: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Whether points, shape (2, n), lie inside the corners; a missing point does not."""
        a = self.corners[:, :, None]
        edge = np.roll(self.corners, -1, axis=1)[:, :, None] - a
        to = xy[:, None, :] - a
        turn = edge[0] * to[1] - edge[1] * to[0]
        with np.errstate(invalid="ignore"):
            return np.asarray((turn >= 0).all(axis=0) | (turn <= 0).all(axis=0))


def feet_on(plates: Sequence[Plate], points: NDArray[np.float64], names: Sequence[str]) -> list[Place]:
    """The place of every plate: ``foot`` with its side where the markers show it, else ``plate`` without a side.

    ``points`` has the shape (4, n_markers, n_frames).
    """
    markers = Bilateral.per_side(lambda side: _foot_markers(names, side))
    return [_foot_on(plate, points, names, markers) for plate in plates]


def _foot_markers(names: Sequence[str], side: Side) -> list[int]:
    """Indexes of one foot's markers, the first of each name (Gait.c3d holds some twice)."""
    letter = "L" if side is Side.LEFT else "R"
    found: dict[str, int] = {}
    for i, name in enumerate(names):
        match = FOOT_MARKER.fullmatch(name.strip())
        if match and match[1].upper() == letter:
            found.setdefault(match[2].upper(), i)
    return list(found.values())


def _foot_on(plate: Plate, points: NDArray[np.float64], names: Sequence[str], markers: Bilateral[list[int]]) -> Place:
    unknown = Place(None, "plate", "", f"{plate.name}: the markers do not show which foot it carries")
    n_frames = points.shape[2]
    loaded = _loaded_frames(plate, n_frames)
    if not loaded.any() or not all(markers):
        return unknown
    shares = markers.map(lambda ids: float(np.mean(_inside(plate, points[:2, ids][:, :, loaded]))))
    side = Side.LEFT if shares.left > shares.right else Side.RIGHT
    if shares[side] < INSIDE or shares[side] < RATIO * shares[side.other]:
        return unknown
    seen = ", ".join(names[i] for i in markers[side])
    return Place(
        side,
        "foot",
        "",
        f"{plate.name} carries the {side.value} foot: markers {seen} inside its corners "
        f"in {100 * shares[side]:.0f} % of the loaded frames ({side.other.value}: {100 * shares[side.other]:.0f} %)",
    )


def _loaded_frames(plate: Plate, n_frames: int) -> NDArray[np.bool_]:
    """Frames (the markers' clock) in which the plate carries someone."""
    per_frame = max(plate.force_n.size // n_frames, 1) if n_frames else 1
    force = plate.force_n[: n_frames * per_frame : per_frame][:n_frames]
    loaded = np.zeros(n_frames, dtype=bool)
    loaded[: force.size] = force > max(LOADED * plate.peak_n, LOADED_N)
    return loaded


def _inside(plate: Plate, xy: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Frames in which most of a foot's visible markers, shape (2, n_markers, n), are inside."""
    inside = np.stack([plate.holds(xy[:, k]) for k in range(xy.shape[1])])
    visible = np.isfinite(xy).all(axis=0) & (xy != 0).any(axis=0)
    return np.asarray((inside & visible).sum(axis=0) > 0.5 * visible.sum(axis=0))


def plate_doubts(plates: Sequence[Plate], feet: Sequence[Place], chart: ColumnMap) -> list[str]:
    """Plates without a foot, and readings that call themselves newtons and cannot be."""
    nobody = [p.name for p, foot in zip(plates, feet, strict=True) if not (foot.side or chart.entry(0, p.name))]
    doubts = []
    if nobody:
        doubts.append(
            f"the markers do not tell which foot is on {' and '.join(nobody)}; "
            f"to say it, map the column {nobody[0]!r} to a side"
        )
    odd = [p for p in plates if spelling(p.raw_unit) == "N" and 0 < p.raw_peak < 0.5 * p.peak_n]
    if odd:
        raw, cooked = (", ".join(f"{x:.0f}" for x in xs) for xs in ([p.raw_peak for p in odd], [p.peak_n for p in odd]))
        doubts.append(
            f"the unit of {' and '.join(p.name for p in odd)} looks wrong: the channels say N but peak at {raw}, "
            f"too little for a person; with the file's calibration matrix the peak is {cooked} N, which is used here"
        )
    return doubts
