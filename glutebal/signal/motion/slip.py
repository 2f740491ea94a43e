"""Does a stored calibration still hold? Quiet standing shows whether a sensor has slipped, or was put on anew."""

from __future__ import annotations

import math
from collections.abc import Iterable

from glutebal.results import Finding, Grade
from glutebal.signal.motion.calibration import Calibration, Span
from glutebal.signal.motion.imu import Imu
from glutebal.signal.motion.still_pose import still_pose

#: People stand as before to 2 or 3°; beyond the first the reader is told, beyond the second the calibration is void.
LARGEST_SLIP_DEG, VOID_DEG = 5.0, 15.0


def slipped(calibration: Calibration, imus: Iterable[Imu], standing: Span) -> tuple[Finding, ...]:
    """One finding per sensor whose vertical in quiet standing is no longer that of its calibration.

    A turn about the vertical (a strap that went round the leg) cannot be seen in standing.

    Parameters
    ----------
    calibration : Calibration
        Taken before; sensors without one are left out.
    imus : iterable of Imu
        Of the recording that it is to be used for.
    standing : Span
        Quiet standing in that recording, 1 s or more, as in the static pose.

    Raises
    ------
    SignalError
        A sensor did not record the whole of it.
    """
    known = {(segment.site, segment.side): segment for segment in calibration.segments}
    found = []
    for imu in imus:
        segment = known.get((imu.site, imu.side))
        if segment is not None:
            up = still_pose(imu, standing.start_s, standing.stop_s).up
            angle = math.degrees(math.acos(max(-1.0, min(1.0, float(up @ segment.matrix[2])))))
            found += [_finding(imu.name, angle)] if angle > LARGEST_SLIP_DEG else []
    return tuple(found)


def _finding(name: str, angle_deg: float) -> Finding:
    text = f"{name}: in standing it is {angle_deg:.0f}° away from its calibration; has it slipped? calibrate again"
    return Finding("slipped", Grade.BAD if angle_deg > VOID_DEG else Grade.SUSPECT, text, angle_deg, "°")
