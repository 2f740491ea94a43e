"""C3D files: EMG and other analog channels, force plates, events. Reads with ezc3d (extra ``c3d``).

The session's zero is the first frame of the file; events that a laboratory marked outside the frames that were kept
are left out, and it is said how many.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from glutebal.errors import FileFormatError, MissingExtraError
from glutebal.ingest.assemble import recording_of
from glutebal.ingest.columnmap import ColumnMap
from glutebal.ingest.columns import Column
from glutebal.ingest.formats.c3d_header import require_whole
from glutebal.ingest.formats.plates import Plate, feet_on, plate_doubts
from glutebal.ingest.labels import Place, places
from glutebal.ingest.units import UNITS, spelling
from glutebal.model import Event, Recording, Side

CONTEXTS = {"left": Side.LEFT, "right": Side.RIGHT}


def read_c3d(path: Path, chart: ColumnMap | None = None) -> Recording:
    """Read a C3D file.

    Analog channels that feed a force plate are read as that plate: vertical force, upwards positive, through the
    calibration matrix of the file. In a map a plate is the column ``"plate 1"``.

    Raises
    ------
    FileFormatError
        Truncated or damaged.
    MissingExtraError
        ezc3d is not installed.
    """
    require_whole(path)
    c3d, trouble = _opened(path)
    parameters, names = c3d["parameters"], _marker_names(c3d)
    rate_hz = float(c3d["header"]["analogs"]["frame_rate"])
    if not (rate_hz > 0 and c3d["header"]["points"]["frame_rate"] > 0):
        raise FileFormatError("analog samples at a rate above 0 Hz", f"{rate_hz:g} Hz", path.name)
    n_analog = c3d["data"]["analogs"].shape[1]
    plates = [
        Plate.of(i, p, parameters, c3d["data"]["analogs"][0]) for i, p in enumerate(c3d["data"].get("platform") or [])
    ]
    feet = feet_on(plates, c3d["data"]["points"], names)
    columns = [
        *(
            Column(p.name, p.force_n, rate_hz, "N", n_analog + p.number, device=p.name, place=foot)
            for p, foot in zip(plates, feet, strict=True)
        ),
        *_analogs(c3d, {n for plate in plates for n in plate.channels}, rate_hz),
    ]
    events, left_out = _events(c3d)
    history = [f"{left_out} events outside the recorded frames were left out"] if left_out else []
    history += ["force plates: vertical force, upwards positive"] if plates else []
    doubts = [*trouble, *plate_doubts(plates, feet, chart or ColumnMap())]
    return recording_of(columns, path.name, chart, history, doubts, events=events, started=_started(parameters))


def _opened(path: Path) -> tuple[Mapping[str, Any], list[str]]:
    try:
        import ezc3d
    except ImportError as error:
        raise MissingExtraError.of("c3d", "ezc3d", "read C3D files") from error
    try:
        return ezc3d.c3d(str(path), extract_forceplat_data=True), []
    except Exception as plates:  # ezc3d raises plain C++ exceptions of many kinds
        try:
            opened = ezc3d.c3d(str(path), extract_forceplat_data=False)
        except Exception as error:
            raise FileFormatError("an undamaged C3D file", str(error), path.name, "export it again") from error
        return opened, [f"the force plates were not read: {str(plates).strip()}"]


def _value(parameters: Mapping[str, Any], group: str, name: str, default: Any) -> Any:
    return parameters[group][name]["value"] if group in parameters and name in parameters[group] else default


def _marker_names(c3d: Mapping[str, Any]) -> list[str]:
    labels = [str(x) for key in ("LABELS", "LABELS2", "LABELS3") for x in _value(c3d["parameters"], "POINT", key, [])]
    return labels[: c3d["data"]["points"].shape[1]]


def _analogs(c3d: Mapping[str, Any], on_plates: set[int], rate_hz: float) -> list[Column]:
    """The channels that no plate uses; a description that says more than the label (``L Vaste Ext``) is read too."""
    analog = c3d["data"]["analogs"][0]
    free = [i for i in range(analog.shape[0]) if i + 1 not in on_plates]
    labels, texts, units = (_texts(c3d, name, free) for name in ("LABELS", "DESCRIPTIONS", "UNITS"))
    quantities = [UNITS[u][0] if (u := spelling(unit)) in UNITS else None for unit in units]
    by_label = places(list(zip(labels, quantities, strict=True)))
    by_text = places(list(zip(texts, quantities, strict=True)))
    found = [_better(label, text, said) for label, text, said in zip(by_label, by_text, texts, strict=True)]
    return [
        Column(label, analog[i].astype(np.float64), rate_hz, unit, i + 1, place=place)
        for i, label, unit, place in zip(free, labels, units, found, strict=True)
    ]


def _texts(c3d: Mapping[str, Any], name: str, wanted: Sequence[int]) -> list[str]:
    """One text per channel of ANALOG:``name`` (and of its continuation), empty where there is none."""
    texts = [str(x).strip() for key in (name, f"{name}2") for x in _value(c3d["parameters"], "ANALOG", key, [])]
    return [texts[i] if i < len(texts) else "" for i in wanted]


def _better(label: Place | None, text: Place | None, description: str) -> Place | None:
    """The description's muscle where both agree on the side; the label's where it does not."""
    if label is None or text is None or text.side is not label.side or text.site == label.site:
        return label
    vague = label.site in text.site or label.site in {"vastus", "gastrocnemius", "quadriceps"}
    return (
        Place(text.side, text.site, text.axis, f"{label.origin} and its description {description!r}")
        if vague
        else label
    )


def _events(c3d: Mapping[str, Any]) -> tuple[tuple[Event, ...], int]:
    """Events with their side, from the first frame on; and how many lie outside the frames."""
    parameters, points = c3d["parameters"], c3d["header"]["points"]
    times = np.asarray(_value(parameters, "EVENT", "TIMES", np.empty((2, 0))), dtype=float)
    times = times if times.ndim == 2 else times.reshape(-1, 2).T  # some writers leave minutes and seconds in one row
    labels, contexts = _value(parameters, "EVENT", "LABELS", []), _value(parameters, "EVENT", "CONTEXTS", [])
    first_s = points["first_frame"] / points["frame_rate"]
    last_s = (points["last_frame"] + 1) / points["frame_rate"] - first_s
    seconds = times[0] * 60 + times[1] - first_s
    half_frame = 0.5 / points["frame_rate"]
    found = [
        Event(
            round(float(max(t, 0.0)), 6), "_".join(str(name).lower().split()), CONTEXTS.get(str(side).strip().lower())
        )
        for t, name, side in zip(seconds, labels, [*contexts, *[""] * len(labels)], strict=False)
        if -half_frame <= t <= last_s
    ]
    return tuple(sorted(found, key=lambda e: (e.time_s, e.name))), min(len(labels), seconds.size) - len(found)


def _started(parameters: Mapping[str, Any]) -> datetime | None:
    date, time = _value(parameters, "TRIAL", "DATE", ()), _value(parameters, "TRIAL", "TIME", ())
    try:
        return datetime(*(int(x) for x in [*date, *time]))  # type: ignore[arg-type]  # local time
    except (TypeError, ValueError):
        return None
