"""A stored calibration is the calibration."""

import json
import math

import pytest

from glutebal.errors import FileFormatError
from glutebal.model import Side
from glutebal.results import Finding, Grade
from glutebal.signal.motion.calibration import Calibration, SegmentCalibration
from glutebal.signal.motion.calibration_file import load_calibration, save_calibration

EYE = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
TURNED = ((0.6, 0.8, 0.0), (-0.8, 0.6, 0.0), (0.0, 0.0, 1.0))
WHOLE = Calibration(
    (
        SegmentCalibration(
            "thigh", Side.LEFT, TURNED, 0.97, 88.0, 1.5, 1.2, (Finding("x", Grade.SUSPECT, "é", 3.0, "°"),)
        ),
        SegmentCalibration("pelvis", None, EYE, 0.99, 0.0, 0.5, 0.3),
    ),
    "2026-03-01",
    "static pose",
    (Finding("swapped", Grade.BAD, "swapped", 1.0),),
)


def test_saved_and_loaded_is_equal(tmp_path):
    assert load_calibration(save_calibration(WHOLE, tmp_path / "c.json")) == WHOLE


def test_an_unknown_number_is_null_and_comes_back_unknown(tmp_path):
    path = save_calibration(Calibration((SegmentCalibration("pelvis", None, EYE, 0.9),)), tmp_path / "c.json")
    assert json.loads(path.read_text())["calibration"]["segments"][0]["axis_angle_deg"] is None
    loaded = load_calibration(path).segments[0]
    assert math.isnan(loaded.axis_angle_deg)
    assert loaded.side is None


@pytest.mark.parametrize(
    ("old", "new", "match"),
    [
        ('"left"', '"middle"', "middle"),
        ("0.6", "0.9", "left thigh.*rotation"),
        ('"version": 1', '"version": 2', "version 2"),
        ('"format"', '"shape"', "shape|format"),
        ("{", "", "malformed|trailing|JSON"),
    ],
)
def test_what_is_damaged_is_refused(tmp_path, old, new, match):
    path = save_calibration(WHOLE, tmp_path / "c.json")
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(FileFormatError, match=match):
        load_calibration(path)


def test_a_mirror_is_no_rotation(tmp_path):
    mirror = ((1.0, 0.0, 0.0), (0.0, -1.0, 0.0), (0.0, 0.0, 1.0))
    path = save_calibration(Calibration((SegmentCalibration("pelvis", None, mirror, 0.9),)), tmp_path / "c.json")
    with pytest.raises(FileFormatError, match="pelvis"):
        load_calibration(path)
