"""Quiet standing of a day: how much of it is done on one leg, from force under the feet or from the pelvis."""

from __future__ import annotations

from glutebal.analysis.motion import TRUNK, CalibrationLike, as_calibration, motion_of
from glutebal.analysis.motion_balances import UNDER_FEET
from glutebal.errors import InputError, PairError
from glutebal.model import Quantity, Recording
from glutebal.signal.motion.stance import DailyStance, StanceSettings, stance_of_loads, stance_of_pelvis


def daily_stance(
    recording: Recording,
    calibration: CalibrationLike | None = None,
    *,
    neutral_s: tuple[float, float] | None = None,
    settings: StanceSettings | None = None,
) -> DailyStance:
    """How the quiet standing of a recording was shared between the legs: per cent of it on the left and on the right.

    Force under each foot comes first; without it the obliquity of a calibrated pelvis sensor tells, against the
    person's own neutral standing. Walking, sitting and fidgeting are not counted.

    Parameters
    ----------
    recording : Recording
        A force pair under the feet (scales, plates, insoles), or a sensor on the pelvis.
    calibration : Calibration, Recording, or path, optional
        Of the pelvis sensor. None: looked for in this recording.
    neutral_s : (float, float), optional
        When the person stood on both legs, s. None: the static pose of the calibration in this recording.
    settings : StanceSettings, optional
        Thresholds.

    Returns
    -------
    DailyStance
        ``share`` in per cent of ``standing_s``, ``threshold`` in words; REFUSED shares without quiet standing.

    Raises
    ------
    PairError
        Neither force under both feet nor a sensor on the pelvis.
    InputError
        The pelvis sensor has no calibration, or no neutral standing is known.
    """
    forces = (pair for pair in recording.pairs(Quantity.FORCE) if pair.left.channel.site in UNDER_FEET)
    force = next(forces, None)
    if force is not None:
        return stance_of_loads(force, settings)
    return _of_pelvis(recording, calibration, neutral_s, settings)


def _of_pelvis(
    recording: Recording,
    calibration: CalibrationLike | None,
    neutral_s: tuple[float, float] | None,
    settings: StanceSettings | None,
) -> DailyStance:
    motion = motion_of(recording, None if calibration is None else as_calibration(calibration))
    imu = next((imu for imu in motion.imus if imu.site in TRUNK), None) if motion else None
    if motion is None or imu is None:
        names = ", ".join(channel.name for channel in recording.channels) or "no channels"
        raise PairError("force under both feet, or a sensor on the pelvis", names, recording.source)
    why = motion.missing((imu.site, None))
    if motion.calibration is None or why:
        advice = "glutebal.calibrate(recording) of the calibration sequence"
        raise InputError("a calibration of the pelvis sensor", why or "none", "daily_stance", advice)
    neutral = neutral_s or ((motion.spans.static.start_s, motion.spans.static.stop_s) if motion.spans else None)
    if neutral is None:
        raise InputError("a time of standing on both legs", "none", "daily_stance", "give neutral_s=(from, to)")
    return stance_of_pelvis(imu, motion.calibration.of(imu.site, None).matrix, neutral, settings)
