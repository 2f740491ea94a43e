"""MATLAB files with a map."""

import sys

import numpy as np
import pytest
from scipy.io import savemat

from glutebal.errors import FileFormatError, InputError, MissingExtraError, RateError, UnitError
from glutebal.ingest.read import read
from glutebal.model import Quantity, Side


def columns(*names, **more):
    return [
        {"column": n, "side": s, "site": "gluteus_maximus", "unit": "mV", **more}
        for n, s in zip(names, ("left", "right"), strict=True)
    ]


def test_structures_columns_rates_and_gaps(tmp_path):
    emg = np.arange(20.0).reshape(10, 2)
    emg[3, 1] = np.nan
    savemat(tmp_path / "a.mat", {"trial": {"emg": emg}, "fs": 500.0, "note": "x"})
    rec = read(tmp_path / "a.mat", map={"rate_from": "fs", "columns": columns("trial.emg[1]", "trial.emg[2]")})
    pair = rec.pair("gluteus_maximus")
    assert pair.left.channel.rate_hz == 500.0
    np.testing.assert_allclose(pair.left.values(), 1e-3 * emg[:, 0])
    assert pair.right.gaps == ((3, 4),)


def test_a_time_variable(tmp_path):
    savemat(tmp_path / "a.mat", {"t": np.arange(50) / 200, "l": np.arange(50.0), "r": np.ones(50)})
    rec = read(tmp_path / "a.mat", map={"time": "t", "columns": columns("l", "r")})
    assert rec.pair("gluteus_maximus").left.channel.rate_hz == 200.0


def test_what_is_missing_is_said(tmp_path):
    path = tmp_path / "a.mat"
    savemat(path, {"left_gmax": np.ones(50), "right_gmax": np.ones(50)})
    with pytest.raises(UnitError, match="left_gmax"):
        read(path)
    with pytest.raises(RateError, match="rate"):
        read(path, map={"unit": "V"})
    with pytest.raises(InputError, match=r"'fs'.*left_gmax"):
        read(path, map={"rate_from": "fs"})
    savemat(path, {"note": "words"})
    with pytest.raises(FileFormatError, match="arrays of numbers"):
        read(path)


def test_every_cut_is_one_line_of_error(tmp_path):
    savemat(tmp_path / "a.mat", {"left_gmax": np.arange(500.0), "right_gmax": np.ones(500)})
    whole = (tmp_path / "a.mat").read_bytes()
    cut = tmp_path / "cut.mat"
    for n in [1, 60, 127, 130, 200, len(whole) - 100]:
        cut.write_bytes(whole[:n])
        with pytest.raises(FileFormatError, match=r"cut\.mat"):
            read(cut, map={"unit": "V", "rate_hz": 100})


def test_version_7_3_says_what_to_install(tmp_path, monkeypatch):
    path = tmp_path / "a.mat"
    path.write_bytes(b"MATLAB 7.3 MAT-file".ljust(124) + b"\x00\x02IM" + b"\x89HDF\r\n\x1a\n".ljust(400))
    monkeypatch.setitem(sys.modules, "pymatreader", None)
    with pytest.raises(MissingExtraError, match=r"glutebal\[mat\]"):
        read(path)


def test_seventeen_sensors_on_one_body(shared_data):
    sites = [
        {"column": f"foot_{s}.acc[{k}]", "side": s, "site": "foot", "axis": a, "unit": "m/s2"}
        for s in ("left", "right")
        for k, a in enumerate("xyz", 1)
    ]
    rec = read(
        shared_data / "qmt" / "full_body_example_data.mat", map={"time": "t", "others": "ignore", "columns": sites}
    )
    assert len(rec.pairs(Quantity.ACCELERATION)) == 3
    assert rec.channels[0].rate_hz == 100.0
    assert np.median(np.abs(rec.pair("foot", axis="z").left.values())) < 20


def test_a_midline_sensor(shared_data):
    chart = {
        "rate_from": "sampling_rate",
        "others": "ignore",
        "columns": [{"column": "imu_gyr[1]", "side": "midline", "site": "pelvis", "axis": "x", "unit": "rad/s"}],
    }
    (track,) = read(shared_data / "broad" / "02_undisturbed_slow_rotation_B.mat", map=chart).midline
    assert track.channel.side is None
    assert track.channel.rate_hz == pytest.approx(285.714, abs=1e-3)
    assert Side.LEFT is not track.channel.side
