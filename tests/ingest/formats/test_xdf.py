"""XDF: streams on their own clocks, resets, markers."""

import struct

import numpy as np
import pytest

from glutebal.errors import FileFormatError, LabelError
from glutebal.ingest.read import read
from glutebal.model import Event

pytest.importorskip("pyxdf")


def chunk(tag, content):
    return b"\x04" + struct.pack("<I", len(content) + 2) + struct.pack("<H", tag) + content


def stream(number, name, labels, values, stamps, rate_hz, unit="microvolts"):
    """Header, one chunk of samples, footer of an XDF stream (XDF 1.0 specification)."""
    channels = "".join(f"<channel><label>{x}</label><unit>{unit}</unit></channel>" for x in labels)
    n = struct.pack("<I", number)
    head = (
        f"<?xml version='1.0'?><info><name>{name}</name><type>EMG</type><channel_count>{len(labels)}</channel_count>"
        f"<nominal_srate>{rate_hz}</nominal_srate><channel_format>double64</channel_format>"
        f"<desc><channels>{channels}</channels></desc></info>"
    )
    samples = b"".join(
        b"\x08" + struct.pack("<d", t) + struct.pack(f"<{len(row)}d", *row)
        for t, row in zip(stamps, values, strict=True)
    )
    body = n + b"\x04" + struct.pack("<I", len(stamps)) + samples
    foot = f"<?xml version='1.0'?><info><first_timestamp>{stamps[0]}</first_timestamp></info>"
    return chunk(2, n + head.encode()) + chunk(3, body) + chunk(6, n + foot.encode())


def text_stream(number, name, texts, stamps):
    n = struct.pack("<I", number)
    head = (
        f"<?xml version='1.0'?><info><name>{name}</name><type>Markers</type><channel_count>1</channel_count>"
        f"<nominal_srate>0</nominal_srate><channel_format>string</channel_format><desc/></info>"
    )
    rows = b"".join(
        b"\x08" + struct.pack("<d", t) + b"\x01" + bytes([len(x)]) + x.encode()
        for t, x in zip(stamps, texts, strict=True)
    )
    return chunk(2, n + head.encode()) + chunk(3, n + b"\x04" + struct.pack("<I", len(texts)) + rows)


def written(path, *streams):
    path.write_bytes(
        b"XDF:" + chunk(1, b"<?xml version='1.0'?><info><version>1.0</version></info>") + b"".join(streams)
    )
    return path


def test_two_streams_keep_their_offset_and_markers_become_events(tmp_path):
    values = np.random.default_rng(3).normal(0, 100, (500, 2))
    left = stream(1, "Left", ["GMax", "GMed"], values, 50 + np.arange(500) / 1000, 1000)
    right = stream(2, "Right", ["GMax", "GMed"], 2 * values, 50.1 + np.arange(500) / 1000, 1000)
    rec = read(written(tmp_path / "a.xdf", left, right, text_stream(3, "marks", ["go"], [50.25])))
    pair = rec.pair("gluteus_maximus")
    assert (pair.left.start, pair.right.start) == (0, 100)
    assert pair.left.channel.rate_hz == 1000.0
    np.testing.assert_allclose(pair.right.values(), 2e-6 * values[:, 0], rtol=1e-12)
    assert rec.events == (Event(pytest.approx(0.25), "go"),)


def test_a_break_in_the_stream_is_a_gap(tmp_path):
    stamps = np.arange(1000) / 1000 + np.where(np.arange(1000) < 400, 0, 3.0)
    values = np.random.default_rng(4).normal(0, 100, (1000, 2))
    pair = read(written(tmp_path / "a.xdf", stream(1, "EMG", ["L GMax", "R GMax"], values, stamps, 1000))).pair(
        "gluteus_maximus"
    )
    assert pair.left.gaps == pair.right.gaps == ((400, 3400),)
    np.testing.assert_allclose(pair.left.values(), 1e-6 * values[:, 0], rtol=1e-12)


def test_cuts_are_errors_of_ours_or_leave_whole_samples(tmp_path):
    whole = written(
        tmp_path / "a.xdf", stream(1, "EMG", ["L GMax", "R GMax"], np.ones((50, 2)), np.arange(50) / 100, 100)
    ).read_bytes()
    cut = tmp_path / "cut.xdf"
    for n in [4, 10, 60, 200, 600]:
        cut.write_bytes(whole[:n])
        with pytest.raises(FileFormatError, match=r"cut\.xdf"):
            read(cut)


def test_channels_without_labels_are_listed_with_their_stream(shared_data):
    with pytest.raises(LabelError, match="'SendDataC: 1', 2: 'SendDataC: 2'"):
        read(shared_data / "xdf" / "minimal.xdf")


def test_a_clock_reset_is_a_gap_and_its_uneven_rate_is_said(shared_data):
    columns = [
        {"column": f"BioSemi: {k}", "side": side, "site": "soleus", "unit": "uV"}
        for k, side in ((1, "left"), (2, "right"))
    ]
    rec = read(shared_data / "xdf" / "clock_resets.xdf", map={"columns": columns, "others": "ignore"})
    pair = rec.pair("soleus")
    assert pair.left.n_samples == 27815
    assert len(pair.left.gaps) == 1
    start, stop = pair.left.gaps[0]
    assert (stop - start) / pair.left.channel.rate_hz == pytest.approx(1221.99 - 948.12, abs=1.0)  # s; the rates differ
    assert any("93.24, 92.67 Hz" in w for w in rec.warnings)
    assert len(rec.events) == 175
