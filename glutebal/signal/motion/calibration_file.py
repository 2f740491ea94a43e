"""A calibration as a JSON file, one per session; what is read is checked: places, numbers, rotations."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from glutebal.disk import write_whole
from glutebal.errors import FileFormatError
from glutebal.signal.motion.calibration import Calibration

FORMAT, VERSION = "glutebal calibration", 1
#: A rotation survives being written down to this.
TOLERANCE = 1e-6


class File(msgspec.Struct, forbid_unknown_fields=True):
    """The whole file."""

    format: str
    version: int
    calibration: Calibration


def save_calibration(calibration: Calibration, path: str | os.PathLike[str]) -> Path:
    """Write it, whole or not at all; a number that is unknown is null."""
    data = msgspec.json.encode(File(FORMAT, VERSION, calibration))
    return write_whole(path, msgspec.json.format(data, indent=1) + b"\n")


def load_calibration(path: str | os.PathLike[str]) -> Calibration:
    """Read what `save_calibration` wrote.

    Raises
    ------
    FileFormatError
        It is damaged, newer, or no calibration.
    OSError
        It cannot be read.
    """
    where = str(path)
    try:
        whole = msgspec.json.decode(Path(path).read_bytes())
        file = msgspec.convert(_known(whole), type=File)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise FileFormatError("a stored calibration", str(error), where, "calibrate again") from error
    if file.format != FORMAT or file.version != VERSION:
        found = f"{file.format[:40]!r} version {file.version}"
        raise FileFormatError(f"{FORMAT!r} version {VERSION}", found, where, "update glutebal, or calibrate again")
    _require_rotations(file.calibration, where)
    return file.calibration


def _known(value: Any) -> Any:
    """Null is NaN where a number stands; a side of null stays what it is."""
    if isinstance(value, dict):
        return {key: math.nan if v is None and key != "side" else _known(v) for key, v in value.items()}
    return [_known(v) for v in value] if isinstance(value, list) else value


def _require_rotations(calibration: Calibration, where: str) -> None:
    for segment in calibration.segments:
        mount = segment.matrix
        off = float(np.abs(mount @ mount.T - np.eye(3)).max())
        if not (off < TOLERANCE and np.linalg.det(mount) > 0):
            raise FileFormatError(
                "a rotation as the mount of every sensor",
                "another matrix",
                f"{where}: {segment.name}",
                "calibrate again",
            )
