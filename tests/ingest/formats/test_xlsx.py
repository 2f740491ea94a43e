"""Excel workbooks."""

import numpy as np
import pytest

from glutebal.errors import FileFormatError, LabelError
from glutebal.ingest.read import read
from glutebal.model import Quantity, Side

openpyxl = pytest.importorskip("openpyxl")


def written(path, **sheets):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


ROWS = [
    ("time (s)", "L GMax (mV)", "R GMax (mV)"),
    *((i / 1000, i * 0.01, None if i == 7 else -i * 0.01) for i in range(40)),
]


def test_a_sheet_with_headings_needs_no_map(tmp_path):
    pair = read(written(tmp_path / "a.xlsx", Data=ROWS)).pair("gluteus_maximus")
    assert pair.left.channel.rate_hz == 1000.0
    np.testing.assert_allclose(pair.left.values(), np.arange(40) * 1e-5)
    assert pair.right.gaps == ((7, 8),)


def test_text_among_numbers_names_sheet_and_row(tmp_path):
    rows = [*ROWS[:9], (0.008, "oops", 1), *ROWS[10:]]
    with pytest.raises(FileFormatError, match=r"a\.xlsx, sheet 'Data', row 10, column 'L GMax \(mV\)'"):
        read(written(tmp_path / "a.xlsx", Data=rows))


def test_a_damaged_workbook_is_one_line_of_error(tmp_path):
    path = written(tmp_path / "a.xlsx", Data=ROWS)
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(FileFormatError, match=r"a\.xlsx: needed"):
        read(path)
    with pytest.raises(FileFormatError, match="rows of numbers"):
        read(written(tmp_path / "b.xlsx", Data=[("a", "b")]))


def test_sheets_without_headings_need_a_side(tmp_path):
    rows = [(float(i), 1.0, 2.0, 3.0) for i in range(30)]
    path = written(tmp_path / "a.xlsx", **dict.fromkeys(("DNM", "EMG_VL", "EMG_BF", "EMG_TA", "EMG_LG"), rows))
    with pytest.raises(LabelError, match="'DNM!1', 2: 'DNM!2'"):
        read(path)
    with pytest.raises(LabelError, match="the side of the column 'DNM!1'"):
        read(path, map="hermescb")
    rec = read(path, map={"use": "hermescb", "side": "left"})
    assert {c.side for c in rec.channels} == {Side.LEFT}


@pytest.mark.slow
def test_maximal_contractions_of_one_leg(shared_data):
    rec = read(shared_data / "hermescb" / "ID_1.xlsx", map={"use": "hermescb", "side": "right"})
    assert len(rec.tracks) == 20
    assert rec.duration_s == pytest.approx(20001 / 2000)
    first = next(t for t in rec.tracks if t.channel.quantity is Quantity.EMG)
    assert (first.channel.site, first.channel.axis) == ("vastus_lateralis", "trial_1")
    assert first.values()[0] == pytest.approx(-88.937118437118e-6)
    assert "one side only: every channel is right" in rec.warnings
