"""EDF and BDF, written with edfio."""

from datetime import date, time

import numpy as np
import pytest

from glutebal.errors import FileFormatError
from glutebal.ingest.read import read
from glutebal.model import Event

edfio = pytest.importorskip("edfio")
VALUES = np.random.default_rng(5).normal(0, 200, (2, 2000))


def written(path, suffix="edf"):
    make, file = (edfio.EdfSignal, edfio.Edf) if suffix == "edf" else (edfio.BdfSignal, edfio.Bdf)
    signals = [
        make(v, 1000, label=label, physical_dimension="uV", physical_range=(-2000, 2000))
        for v, label in zip(VALUES, ("EMG L GMax", "EMG R GMax"), strict=True)
    ]
    notes = [edfio.EdfAnnotation(0.5, None, "go")]
    file(
        signals, recording=edfio.Recording(startdate=date(2024, 3, 1)), starttime=time(10, 30), annotations=notes
    ).write(path)
    return path


@pytest.mark.parametrize(("suffix", "step"), [("edf", 4000 / 2**16), ("bdf", 4000 / 2**24)])
def test_signals_annotations_and_the_start(tmp_path, suffix, step):
    rec = read(written(tmp_path / f"a.{suffix}", suffix))
    pair = rec.pair("gluteus_maximus")
    np.testing.assert_allclose(pair.left.values(), 1e-6 * VALUES[0], atol=1e-6 * step)  # V; one step of the converter
    assert pair.right.channel.rate_hz == 1000.0
    assert rec.events == (Event(0.5, "go"),)
    assert str(rec.started) == "2024-03-01 10:30:00"


def test_every_cut_is_one_line_of_error(tmp_path):
    whole = written(tmp_path / "a.edf").read_bytes()
    cut = tmp_path / "cut.edf"
    for n in [8, 100, 255, 256, 400, len(whole) // 2, len(whole) - 1]:
        cut.write_bytes(whole[:n])
        with pytest.raises(FileFormatError, match=r"^cut\.edf: needed [^\n]*$"):
            read(cut)


def test_a_file_with_breaks_is_refused(tmp_path):
    path = written(tmp_path / "a.edf")
    path.write_bytes(path.read_bytes().replace(b"EDF+C", b"EDF+D", 1))
    with pytest.raises(FileFormatError, match="discontinuous"):
        read(path)
