import os
import sys
from pathlib import Path

import pytest

from glutebal.disk import write_whole


def test_a_file_is_written_and_replaced(tmp_path):
    target = tmp_path / "a.bin"
    assert write_whole(target, b"one") == target
    write_whole(str(target), b"two")
    assert target.read_bytes() == b"two"
    assert list(tmp_path.iterdir()) == [target]


def test_a_failure_keeps_what_was_there_and_leaves_nothing_behind(tmp_path, monkeypatch):
    target = tmp_path / "a.bin"
    target.write_bytes(b"old")

    def full(_):
        raise OSError("no space left")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space"):
        write_whole(target, b"new")
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_missing_folder_is_an_error(tmp_path):
    with pytest.raises(OSError, match="nowhere"):
        write_whole(tmp_path / "nowhere" / "a.bin", b"")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no umask")
def test_the_file_is_as_readable_as_any_other(tmp_path):
    plain = tmp_path / "plain"
    plain.write_bytes(b"")
    written = write_whole(tmp_path / "written", b"")
    assert Path(written).stat().st_mode == plain.stat().st_mode
