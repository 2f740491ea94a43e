"""What every file comes down to: columns, and what they mean."""

from __future__ import annotations

from dataclasses import dataclass

from glutebal.errors import UnitError
from glutebal.ingest.labels import Place
from glutebal.model import Quantity, Samples


@dataclass(frozen=True, eq=False)
class Column:
    """One column as a file gives it: numbers in the file's unit, NaN where nothing was recorded.

    ``place`` is set by a format that knows side and site by other evidence than the label; ``start`` counts
    samples from the session's zero; ``position`` counts from 1.
    """

    label: str
    samples: Samples
    rate_hz: float | None
    unit: str = ""
    position: int = 0
    start: int = 0
    device: str = ""
    place: Place | None = None
    quantity: Quantity | None = None


@dataclass(frozen=True, eq=False)
class Meaning:
    """A column with its quantity, its factor to the library's unit, its place, and whether a map said so."""

    column: Column
    quantity: Quantity | None
    factor: float
    place: Place | None
    mapped: bool
    unit: str = ""
    trouble: UnitError | None = None
