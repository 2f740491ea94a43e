"""Left/right glute balance from EMG, force and motion sensors: signed, per repetition, with an honest interval.

Every name is loaded when it is first used, so that ``import glutebal`` stays light.

>>> import glutebal as gb
>>> result = gb.analyse(gb.read(), exercise="hip_thrust")
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from glutebal.analysis.analyse import analyse
    from glutebal.analysis.history import History
    from glutebal.analysis.motion import calibrate
    from glutebal.analysis.progress import ProgressResult
    from glutebal.analysis.result import Result
    from glutebal.analysis.session import SessionResult
    from glutebal.analysis.settings import Settings
    from glutebal.analysis.standing import daily_stance
    from glutebal.balance.agreement import bland_altman, cohen_kappa, exceeds_cv, fleiss_kappa
    from glutebal.balance.catalogue import Index
    from glutebal.balance.coordination import phase_coordination
    from glutebal.balance.estimate import set_estimate, unpaired_estimate
    from glutebal.balance.icc import Icc
    from glutebal.balance.indices import INDICES, convert, index
    from glutebal.balance.motion_view import MotionView
    from glutebal.balance.nested import nested_estimate
    from glutebal.balance.ratio import imbalance, log_ratio, share_right
    from glutebal.balance.reliability import Reliability, mdc, reliability, reliable_change
    from glutebal.balance.spm import PairedSpm, paired_spm
    from glutebal.balance.trend import Direction, SessionSets, Trend, TrendSettings, trend
    from glutebal.balance.waveform import WaveformSymmetry, waveform_symmetry
    from glutebal.coach.cue_settings import CueKind, CueSettings
    from glutebal.coach.exercises import Exercise, exercise, exercises
    from glutebal.errors import GlutebalError
    from glutebal.history.records import SessionNotes, SizeMeasurement, StrengthTest
    from glutebal.ingest.formats.native import save
    from glutebal.ingest.link import connect, scan
    from glutebal.ingest.read import read
    from glutebal.ingest.recorder import About, record
    from glutebal.live import live
    from glutebal.model import Bilateral, Channel, Chunk, Event, Quantity, Recording, Side, Track
    from glutebal.report import report
    from glutebal.results import Analysis, Estimate, Grade, Laterality, Reference, Rep, Status
    from glutebal.signal.envelope import BlockPower, Rectify, Rms, Tkeo
    from glutebal.signal.filters import Bandpass, Highpass, Lowpass, Notch, ZeroPhase
    from glutebal.signal.motion.calibration import Calibration
    from glutebal.signal.motion.calibration_file import load_calibration, save_calibration
    from glutebal.signal.motion.imu import imus
    from glutebal.signal.motion.orientation import orientation
    from glutebal.signal.noise import NoiseFloor, noise_floor
    from glutebal.signal.onset import Burst, onsets
    from glutebal.signal.operator import Chain, Operator
    from glutebal.signal.prepare import EmgSettings
    from glutebal.signal.quality import assess
    from glutebal.signal.reference import references

_HOME = {
    "analysis.analyse": ["analyse"],
    "analysis.history": ["History"],
    "analysis.motion": ["calibrate"],
    "analysis.progress": ["ProgressResult"],
    "analysis.result": ["Result"],
    "analysis.session": ["SessionResult"],
    "analysis.settings": ["Settings"],
    "analysis.standing": ["daily_stance"],
    "balance.agreement": ["bland_altman", "cohen_kappa", "exceeds_cv", "fleiss_kappa"],
    "balance.catalogue": ["Index"],
    "balance.coordination": ["phase_coordination"],
    "balance.estimate": ["set_estimate", "unpaired_estimate"],
    "balance.icc": ["Icc"],
    "balance.indices": ["INDICES", "convert", "index"],
    "balance.motion_view": ["MotionView"],
    "balance.nested": ["nested_estimate"],
    "balance.ratio": ["imbalance", "log_ratio", "share_right"],
    "balance.reliability": ["Reliability", "mdc", "reliability", "reliable_change"],
    "balance.spm": ["PairedSpm", "paired_spm"],
    "balance.trend": ["Direction", "SessionSets", "Trend", "TrendSettings", "trend"],
    "balance.waveform": ["WaveformSymmetry", "waveform_symmetry"],
    "coach.cue_settings": ["CueKind", "CueSettings"],
    "coach.exercises": ["Exercise", "exercise", "exercises"],
    "errors": ["GlutebalError"],
    "history.records": ["SessionNotes", "SizeMeasurement", "StrengthTest"],
    "ingest.formats.native": ["save"],
    "ingest.link": ["connect", "scan"],
    "ingest.read": ["read"],
    "ingest.recorder": ["About", "record"],
    "model": ["Bilateral", "Channel", "Chunk", "Event", "Quantity", "Recording", "Side", "Track"],
    "results": ["Analysis", "Estimate", "Grade", "Laterality", "Reference", "Rep", "Status"],
    "signal.envelope": ["BlockPower", "Rectify", "Rms", "Tkeo"],
    "signal.filters": ["Bandpass", "Highpass", "Lowpass", "Notch", "ZeroPhase"],
    "signal.motion.calibration": ["Calibration"],
    "signal.motion.calibration_file": ["load_calibration", "save_calibration"],
    "signal.motion.imu": ["imus"],
    "signal.motion.orientation": ["orientation"],
    "signal.noise": ["NoiseFloor", "noise_floor"],
    "signal.onset": ["Burst", "onsets"],
    "signal.operator": ["Chain", "Operator"],
    "signal.prepare": ["EmgSettings"],
    "signal.quality": ["assess"],
    "signal.reference": ["references"],
}
_MODULE_OF = {name: module for module, names in _HOME.items() for name in names}

__all__ = [
    "INDICES",
    "About",
    "Analysis",
    "Bandpass",
    "Bilateral",
    "BlockPower",
    "Burst",
    "Calibration",
    "Chain",
    "Channel",
    "Chunk",
    "CueKind",
    "CueSettings",
    "Direction",
    "EmgSettings",
    "Estimate",
    "Event",
    "Exercise",
    "GlutebalError",
    "Grade",
    "Highpass",
    "History",
    "Icc",
    "Index",
    "Laterality",
    "Lowpass",
    "MotionView",
    "NoiseFloor",
    "Notch",
    "Operator",
    "PairedSpm",
    "ProgressResult",
    "Quantity",
    "Recording",
    "Rectify",
    "Reference",
    "Reliability",
    "Rep",
    "Result",
    "Rms",
    "SessionNotes",
    "SessionResult",
    "SessionSets",
    "Settings",
    "Side",
    "SizeMeasurement",
    "Status",
    "StrengthTest",
    "Tkeo",
    "Track",
    "Trend",
    "TrendSettings",
    "WaveformSymmetry",
    "ZeroPhase",
    "__version__",
    "analyse",
    "assess",
    "bland_altman",
    "calibrate",
    "cohen_kappa",
    "connect",
    "convert",
    "daily_stance",
    "exceeds_cv",
    "exercise",
    "exercises",
    "fleiss_kappa",
    "imbalance",
    "imus",
    "index",
    "live",
    "load_calibration",
    "log_ratio",
    "mdc",
    "nested_estimate",
    "noise_floor",
    "onsets",
    "orientation",
    "paired_spm",
    "phase_coordination",
    "read",
    "record",
    "references",
    "reliability",
    "reliable_change",
    "report",
    "save",
    "save_calibration",
    "scan",
    "set_estimate",
    "share_right",
    "trend",
    "unpaired_estimate",
    "waveform_symmetry",
]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("glutebal")
    if name in {"live", "report"}:
        return import_module(f"glutebal.{name}")  # the room itself is callable
    if name not in _MODULE_OF:
        raise AttributeError(f"module 'glutebal' has no attribute {name!r}")
    value = getattr(import_module(f"glutebal.{_MODULE_OF[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
