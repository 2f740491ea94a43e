"""The door: what is no recording is one line of error, at once."""

import sys
import time
from importlib import import_module

import pytest

from glutebal.errors import FileFormatError, GlutebalError, InputError, MissingExtraError, UnknownNameError
from glutebal.ingest.formats import FORMATS
from glutebal.ingest.formats.native import save
from glutebal.ingest.read import read, samples
from glutebal.model import Channel, Quantity, Recording, Side, Track


def refused(path, **options):
    with pytest.raises(GlutebalError) as caught:
        read(path, **options)
    assert "\n" not in str(caught.value)
    assert "needed" in str(caught.value)
    return caught.value


@pytest.mark.parametrize("suffix", FORMATS)
def test_an_empty_file_is_refused_in_every_format(tmp_path, suffix):
    (tmp_path / f"a{suffix}").touch()
    error = refused(tmp_path / f"a{suffix}")
    assert isinstance(error, FileFormatError)
    assert error.found == "an empty file"


@pytest.mark.parametrize("suffix", FORMATS)
def test_two_sparse_gigabytes_are_refused_at_once(tmp_path, suffix):
    path = tmp_path / f"a{suffix}"
    with path.open("wb") as file:
        file.truncate(2 << 30)
    began = time.monotonic()
    assert "2,147,483,648 bytes" in refused(path).found
    if suffix != ".mat":  # scipy decides for itself
        assert isinstance(refused(path, max_bytes=4 << 30), FileFormatError)  # by its first bytes
    assert time.monotonic() - began < 2.0  # s


@pytest.mark.parametrize("suffix", FORMATS)
def test_random_bytes_are_refused_in_every_format(tmp_path, suffix):
    path = tmp_path / f"a{suffix}"
    path.write_bytes(bytes((i * 89 + i // 7) % 251 for i in range(3000)))
    refused(path)


def test_a_directory_nothing_and_an_unknown_ending(tmp_path):
    assert refused(tmp_path).found == "a directory"
    assert refused(tmp_path / "no.csv").found == "nothing there"
    (tmp_path / "a.docx").write_text("x")
    assert ".csv" in refused(tmp_path / "a.docx").needed
    assert isinstance(refused(tmp_path / "no.csv"), InputError)


def test_endings_in_capitals(tmp_path):
    (tmp_path / "A.CSV").write_text("time_s,L GMax (mV),R GMax (mV)\n0,1,2\n0.1,1,2\n0.2,1,2\n")
    assert read(tmp_path / "A.CSV").pair("gluteus_maximus").left.channel.rate_hz == 10.0


@pytest.mark.parametrize(
    ("suffix", "library", "extra", "head"),
    [
        (".xdf", "pyxdf", "lsl", b"XDF:"),
        (".xlsx", "openpyxl", "xlsx", b"PK\x03\x04"),
        (".c3d", "ezc3d", "c3d", None),
        (".edf", "edfio", "edf", None),
    ],
)
def test_a_missing_library_says_what_to_install(tmp_path, monkeypatch, suffix, library, extra, head):
    path = tmp_path / f"a{suffix}"
    path.write_bytes(head or b"x")
    monkeypatch.setitem(sys.modules, library, None)
    if head is None:
        module = FORMATS[suffix].module
        with pytest.raises(MissingExtraError, match=rf"glutebal\[{extra}\]"):
            import_module(f"glutebal.ingest.formats.{module}")._opened(path)
    else:
        assert f"glutebal[{extra}]" in str(refused(path))


def recording():
    channels = [Channel(Quantity.FORCE, side, "foot", 100.0) for side in Side]
    return Recording(tuple(Track.of_samples(c, [1.0, 2.0, 3.0]) for c in channels), source="made", notes="kept")


def test_what_is_given_by_hand_is_set_and_the_rest_is_kept(tmp_path):
    path = save(recording(), tmp_path / "a.glutebal")
    assert read(path) == recording()
    rec = read(path, subject="P01", exercise="squat", load_kg=40)
    assert (rec.subject, rec.exercise, rec.load_kg, rec.notes) == ("P01", "squat", 40, "kept")
    assert "map" in str(refused(path, map={"unit": "N"}))


def test_bundled_recordings_have_names(tmp_path, monkeypatch):
    path = save(recording(), tmp_path / "hip_thrust.glutebal")
    monkeypatch.setattr("glutebal.ingest.read.samples", lambda: {"hip_thrust": path})
    assert read() == read("sample:hip_thrust") == recording()
    assert isinstance(refused("sample:squash"), UnknownNameError)
    assert all(file.suffix == ".glutebal" for file in samples().values())
