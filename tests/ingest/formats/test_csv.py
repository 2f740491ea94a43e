"""Tables of text: one reader for all of them."""

import numpy as np
import pytest

from glutebal.errors import FileFormatError, InputError, LabelError, RateError, UnitError, UnknownNameError
from glutebal.ingest.read import read
from glutebal.model import Quantity, Side

EMG = np.random.default_rng(1).normal(0, 100, (60, 2)).round(3)


def write(path, text, encoding="utf-8"):
    path.write_bytes(text.encode(encoding))
    return path


def table(header, rows, sep=","):
    return "\n".join([sep.join(header), *(sep.join(str(c) for c in row) for row in rows)]) + "\n"


def simple(sep=",", decimal=".", header=("time_s", "left_gluteus_maximus_emg_uV", "right_gluteus_maximus_emg_uV")):
    rows = [[f"{i / 1000:.3f}", f"{a:.3f}", f"{b:.3f}"] for i, (a, b) in enumerate(EMG)]
    return table(header, [[c.replace(".", decimal) for c in row] for row in rows], sep)


@pytest.mark.parametrize("sep", [",", ";", "\t", " "])
@pytest.mark.parametrize("decimal", [".", ","])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "utf-16"])
def test_any_delimiter_decimal_mark_and_encoding_gives_the_same_volts(tmp_path, sep, decimal, encoding):
    if sep == decimal:
        return
    rec = read(write(tmp_path / "a.csv", simple(sep, decimal).replace("uV", "µV"), encoding))
    pair = rec.pair("gluteus_maximus")
    assert pair.left.channel.rate_hz == 1000.0
    np.testing.assert_allclose(pair.left.values(), EMG[:, 0] * 1e-6, rtol=1e-12)
    np.testing.assert_allclose(pair.right.values(), EMG[:, 1] * 1e-6, rtol=1e-12)
    assert rec.source == "a.csv"
    assert any("converted to V" in line for line in rec.history)
    assert pair.left.channel.origin.startswith("read from the label")


def test_a_clean_table_is_never_read_cell_by_cell(tmp_path, monkeypatch):
    """The slow way is for finding the faulty cell: it takes ten times as long."""
    monkeypatch.setattr("glutebal.ingest.formats.csv._cell_by_cell", None)
    for sep, decimal in ((",", "."), (";", ","), ("\t", "."), (" ", ".")):
        assert read(write(tmp_path / "a.csv", simple(sep, decimal))).pair("gluteus_maximus").left.n_samples == 60


def test_noraxon_style_labels_with_a_comma_inside(tmp_path):
    header = ('"time,s"', '"LT GLUT. MAX.,uV"', '"RT GLUT. MAX.,uV"')
    rec = read(write(tmp_path / "a.csv", simple(header=header)))
    assert rec.pair("gluteus_maximus", Quantity.EMG).right.channel.label == "RT GLUT. MAX.,uV"


def test_blanks_and_nan_become_gaps_not_zeros(tmp_path):
    text = simple().replace(f"0.010,{EMG[10, 0]:.3f}", "0.010,").replace(f"{EMG[20, 1]:.3f}", "NaN")
    pair = read(write(tmp_path / "a.csv", text)).pair("gluteus_maximus")
    assert pair.left.gaps == ((10, 11),)
    assert pair.right.gaps == ((20, 21),)


def test_text_in_a_column_of_numbers_names_line_and_column(tmp_path):
    text = simple().replace(f"0.010,{EMG[10, 0]:.3f}", "0.010,oops")
    with pytest.raises(FileFormatError, match=r"a\.csv, line 12, column 2 \(left_gluteus_maximus_emg_uV\).*'oops'"):
        read(write(tmp_path / "a.csv", text))


def test_a_column_of_words_is_left_out_but_never_a_side(tmp_path):
    lines = simple().splitlines()
    for label, fails in (("phase", False), ("left soleus (mV)", True)):
        path = write(tmp_path / "a.csv", "\n".join([f"{lines[0]},{label}", *(line + ",up" for line in lines[1:])]))
        if fails:
            with pytest.raises(FileFormatError, match="left soleus"):
                read(path)
        else:
            assert len(read(path).pairs()) == 1


def test_without_a_time_column_the_rate_must_be_given(tmp_path):
    path = write(tmp_path / "a.txt", table(["L GMax (mV)", "R GMax (mV)"], EMG, "\t"))
    with pytest.raises(RateError, match="rate_hz"):
        read(path)
    assert read(path, rate_hz=2000).pair("gluteus_maximus").left.channel.rate_hz == 2000.0


def test_a_rate_that_contradicts_the_file_is_refused(tmp_path):
    with pytest.raises(RateError, match="1000 Hz in the file"):
        read(write(tmp_path / "a.csv", simple()), rate_hz=2000)


def test_sides_that_nothing_tells_are_an_error_with_a_map(tmp_path):
    path = write(tmp_path / "a.csv", table(["time_s", "FP1", "FP2"], [(i / 100, 300 + i, 400) for i in range(30)]))
    with pytest.raises(LabelError, match=r"'FP1'.*'FP2'.*side = \"left\""):
        read(path)
    rec = read(
        path,
        map={
            "unit": "N",
            "columns": [
                {"column": "FP1", "side": "right", "site": "foot"},
                {"column": 3, "side": "left", "site": "foot"},
            ],
        },
    )
    assert rec.pair("foot").right.values()[0] == 300
    assert rec.pair("foot").right.channel.origin == "given by the map for 'FP1'"


def test_a_missing_side_is_an_error_unless_a_map_wants_it(tmp_path):
    path = write(tmp_path / "a.csv", table(["time_s", "Right GMax (mV)"], [(i / 100, i) for i in range(30)]))
    with pytest.raises(LabelError, match="only the right side"):
        read(path)
    rec = read(path, map={"columns": [{"column": "Right GMax (mV)", "site": "gluteus_maximus"}]})
    assert [c.side for c in rec.channels] == [Side.RIGHT]
    assert "one side only" in rec.warnings[0]


def test_what_is_left_over_beside_a_pair_is_named(tmp_path):
    lines = simple().splitlines()
    text = "\n".join([lines[0] + ",Pin 1 (mV)", *(line + ",1" for line in lines[1:])])
    (warning,) = read(write(tmp_path / "a.csv", text)).warnings
    assert "'Pin 1 (mV)'" in warning
    assert "map" in warning


@pytest.mark.parametrize("unit", ["count", "", "furlong"])
def test_a_side_without_a_known_unit_is_an_error_until_a_map_scales_it(tmp_path, unit):
    header = ["time_s", f"L GMax ({unit})", f"R GMax ({unit})"]
    path = write(tmp_path / "a.csv", table(header, [(i / 100, i, 2 * i) for i in range(30)]))
    with pytest.raises(UnitError, match="scale"):
        read(path)
    columns = [{"column": k, "scale": 0.5, "unit": "uV"} for k in (2, 3)]
    rec = read(path, map={"columns": columns})
    np.testing.assert_allclose(rec.pair("gluteus_maximus").right.values(), np.arange(30) * 1e-6)


def test_volts_that_call_themselves_force_are_a_contradiction(tmp_path):
    path = write(
        tmp_path / "a.csv",
        table(["time_s", "left foot force (V)", "right foot force (V)"], [(i / 100, i, i) for i in range(30)]),
    )
    with pytest.raises(UnitError, match="force"):
        read(path)


def test_a_label_that_comes_twice_is_kept_once_and_said(tmp_path):
    header = ["time_s", "L GMax (mV)", "R GMax (mV)", "L GMax (mV)", "Right gluteus maximus (mV)"]
    rec = read(write(tmp_path / "a.csv", table(header, [(i / 100, 1, 2, 3, 4) for i in range(30)])))
    assert len(rec.tracks) == 2
    assert rec.pair("gluteus_maximus").left.values()[0] == 1e-3
    assert "4: 'L GMax (mV)' (same as 2: 'L GMax (mV)')" in rec.warnings[0]
    assert "5: 'Right gluteus maximus (mV)'" in rec.warnings[0]


def test_two_rates_in_one_file_stay_two_rates_and_do_not_pair(tmp_path):
    rows = [(i / 1000, i, i / 500 if i < 20 else "", i if i < 20 else "") for i in range(40)]
    rec = read(write(tmp_path / "a.csv", table(["time_s", "L GMax (mV)", "time_s", "R GMax (mV)"], rows)))
    assert [c.rate_hz for c in rec.channels] == [1000.0, 500.0]
    with pytest.raises(RateError, match=r"left 1000 Hz and right 500 Hz"):
        rec.pair("gluteus_maximus")


def test_missing_rows_become_gaps(tmp_path):
    lines = simple().splitlines()
    rec = read(write(tmp_path / "a.csv", "\n".join(lines[:20] + lines[30:])))
    assert rec.pair("gluteus_maximus").map(lambda t: t.gaps).left == ((19, 29),)
    assert any("missing rows" in line for line in rec.history)


def test_a_late_start_is_the_zero_of_the_session(tmp_path):
    rows = [(12.5 + i / 100, 1, 2) for i in range(30)]
    rec = read(write(tmp_path / "a.csv", table(["time_s", "L GMax (mV)", "R GMax (mV)"], rows)))
    assert rec.tracks[0].start == 0
    assert "the file's time starts at 12.5 s; that is the session's zero" in rec.history


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", "an empty file"),
        (b"  \n\n", "an empty file"),
        (b"just words\nand more words\n", "lines of text"),
        (b"time_s,L GMax (mV),R GMax (mV)\n0,1,2\n", "needed at least two rows"),
        (b"time_s,L GMax (mV),R GMax (mV)\n", "lines of text"),
        (b"PK\x03\x04\0\0\0\0", "zero bytes"),
        (b"time_s,L GMax (mV),R GMax (mV)\n0,,\n1,,\n2,,\n", "blanks and NaN"),
        (b"time_s,L GMax (mV),R GMax (mV)\n0,NaN,NaN\n1,NaN,NaN\n", "blanks and NaN"),
    ],
)
def test_a_file_without_a_table_is_one_line_of_error(tmp_path, content, found):
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    with pytest.raises(FileFormatError) as caught:
        read(path)
    assert found in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "a.csv" in str(caught.value)


def discover(sep=",", decimal="."):
    """As Trigno Discover writes it: two sensors, EMG and ACC at their own rates, a marker table on the right."""
    rates = {"EMG 1": (1259.2593, "mV", 120), "ACC X": (148.1481, "G", 14)}
    sensors = [f"{side} Gluteus Maximus (8956{i})" for i, side in enumerate("LR")]
    names, labels, hertz, period, columns = [], [], [], [], []
    for k, sensor in enumerate(sensors):
        for i, (name, (rate, unit, n)) in enumerate(rates.items()):
            names += [sensor if i == 0 else "", ""]
            labels += [f"{name} Time Series (s)", f"{name} ({unit})"]
            hertz += ["", f"{rate} Hz"]
            period += ["", f"{1 / rate:.6f} s"]
            columns += [[f"{j / rate:.6f}" for j in range(n)], [f"{(k + 1) * 0.01 * (j % 7):.4f}" for j in range(n)]]
    rows = [
        [c[j] if j < len(c) else "" for c in columns] + (["General", "go", "1", "0.5"] if j == 3 else [""] * 4)
        for j in range(120)
    ]
    lines = [
        ["Application:", "Trigno Discover (1.7.0)"],
        ["Date/Time:", "2/5/2024 7:00:58 PM"],
        ["Collection Length (seconds):", "0.1"],
    ]
    lines += [names, ["sensor mode: 40", *[""] * 7], labels, hertz, [*period, "Type", "Name", "Label", "Time (s)"]]
    text = [sep.join(line) for line in lines] + [sep.join(c.replace(".", decimal) for c in row) for row in rows]
    return "\n".join(text) + "\n"


@pytest.mark.parametrize(("sep", "decimal"), [(",", "."), (";", ",")])
def test_trigno_discover_keeps_a_clock_per_column(tmp_path, sep, decimal):
    text = discover(sep, decimal)
    rec = read(write(tmp_path / "d.csv", text if decimal == "." else text.replace("1259.2593", "1259,2593")))
    emg, acc = rec.pairs()
    assert emg.left.channel.rate_hz == 1259.2593
    assert acc.right.channel.rate_hz == pytest.approx(148.1481)
    assert (emg.left.n_samples, acc.left.n_samples) == (120, 14)
    assert (acc.left.channel.site, acc.left.channel.axis) == ("gluteus_maximus", "x")
    np.testing.assert_allclose(emg.right.values()[:3], [0, 2e-5, 4e-5])
    assert rec.started is not None
    assert (rec.started.year, rec.started.hour) == (2024, 19)
    assert rec.history[0].startswith("read as: Delsys Trigno Discover")


def test_emgworks_pairs_of_time_and_value(tmp_path):
    head = "".join(
        f"Label: {s} VASTUS LATERALIS ({i}): dEMG.A {i} Sampling frequency: 2000 "
        "Number of points: 50 start: 0 Unit: V Domain Type: Time\n"
        for i, s in enumerate("RL", 1)
    )
    rows = [(i / 2000, i * 1e-6, i / 2000, i * 2e-6) for i in range(50)]
    labels = ["X[s]", "R VASTUS LATERALIS (1): dEMG.A 1", "X[s]", "L VASTUS LATERALIS (2): dEMG.A 2"]
    pair = read(write(tmp_path / "e.csv", head + table(labels, rows))).pair("vastus_lateralis")
    assert pair.map(lambda t: t.channel.rate_hz).left == 2000.0
    np.testing.assert_allclose(pair.left.values(), np.arange(50) * 2e-6)


def test_loadsol_dropouts_are_gaps_and_nothing_else_is(shared_data):
    """The device marks a lost packet with -1 in every part and "-" in the motion columns; 11 or 12 samples each."""
    for name, gaps in (("test_pointe_1_05_02.csv", (67, 73)), ("poids_par_zone.csv", (42, 17))):
        rec = read(shared_data / "loadsol" / name)
        feet = rec.pair("foot", Quantity.FORCE)
        assert tuple(feet.map(lambda t: len(t.gaps))) == gaps
        assert all({b - a for a, b in t.gaps} <= {11, 12} for t in feet)
        rows = [r.split(",") for r in (shared_data / "loadsol" / name).read_text().splitlines()[4:] if r]
        for track, part, total in ((feet.left, 1, 4), (feet.right, 13, 16)):
            marked = np.array([r[part] == "-1.000" for r in rows])
            np.testing.assert_array_equal(np.isnan(track.filled()), marked)
            np.testing.assert_array_equal(track.values(), np.array([float(r[total]) for r in rows])[~marked])


def test_loadsol_tells_sides_parts_and_the_start(shared_data):
    rec = read(shared_data / "loadsol" / "test_pointe_1_05_02.csv")
    assert {(p.left.channel.quantity, p.left.channel.axis) for p in rec.pairs()} == {
        *((Quantity.FORCE, a) for a in ("", "heel", "medial", "lateral")),
        *((q, a) for q in (Quantity.ACCELERATION, Quantity.ANGULAR_RATE) for a in "xyz"),
    }
    assert rec.pair("foot", Quantity.FORCE).right.channel.device == "PGV244-R"
    assert str(rec.started) == "2024-02-05 16:51:47"
    assert rec.notes == "BW, imu talon"
    assert "67 lost packets of the insole PGV247-L (742 samples) became gaps" in rec.history


def test_dual_plates_are_read_as_the_user_says(shared_data):
    path = shared_data / "vertical_jumps" / "Dual-CMJ-Fz.txt"
    with pytest.raises(LabelError, match="'FP1'"):
        read(path)
    first_left, first_right = (read(path, map=f"dual_plate_1_{side}") for side in ("left", "right"))
    assert first_left.swapped().pair("foot").left.values()[0] == first_right.pair("foot").left.values()[0] == 359.844
    assert first_left.pair("foot").left.values()[0] == 301.312


def test_gait_in_parkinsons_insoles(shared_data):
    rec = read(shared_data / "gaitpdb" / "GaCo01_01.txt", map="gaitpdb")
    assert rec.pair("foot").map(lambda t: (t.values()[0], t.n_samples)).left == (662.2, 12119)
    assert rec.pair("foot").left.channel.rate_hz == pytest.approx(100.0, rel=1e-4)


def test_feet_with_sensors_and_two_header_lines(shared_data):
    columns = [
        {"column": f"{s}_sensor gyr_{a}", "unit": "deg/s", "site": "foot"} for s in ("left", "right") for a in "xyz"
    ]
    chart = {"header_lines": [1, 2], "data_line": 3, "rate_hz": 204.8, "others": "ignore", "columns": columns}
    rec = read(shared_data / "gaitmap" / "imu_sample.csv", map=chart)
    assert [p.left.channel.axis for p in rec.pairs(Quantity.ANGULAR_RATE)] == ["x", "y", "z"]
    assert rec.pair("foot", axis="x").left.values()[0] == pytest.approx(np.radians(-0.11240170597252427), rel=1e-12)


@pytest.mark.parametrize(
    ("chart", "said"),
    [
        ({"colums": []}, "colums"),
        ({"columns": [{"column": "FP1", "side": "port"}]}, "port"),
        ({"columns": [{"column": "FP9", "side": "left"}]}, "FP9"),
        ({"header": "("}, "regular expression"),
        ({"columns": [{"column": 2, "side": "left", "quantity": "torc"}]}, "torque"),
        ({"use": "loadsole"}, "loadsol"),
    ],
)
def test_a_faulty_map_is_an_error_that_names_the_fault(tmp_path, chart, said):
    with pytest.raises(InputError, match=said):
        read(write(tmp_path / "a.csv", simple()), map=chart)


def test_a_map_is_a_name_a_file_or_a_mapping(tmp_path):
    path = write(tmp_path / "a.csv", simple(header=("t", "a", "b")))
    toml = write(
        tmp_path / "m.toml",
        'unit = "uV"\nothers = "ignore"\n'
        '[[columns]]\ncolumn = "a"\nside = "left"\nsite = "soleus"\n'
        '[[columns]]\ncolumn = "b"\nside = "right"\nsite = "soleus"\n',
    )
    assert read(path, map=toml).pair("soleus").left.n_samples == 60
    assert read(path, map=str(toml)) == read(path, map=toml)
    with pytest.raises(UnknownNameError, match="loadsol"):
        read(path, map="loadsoll")
    with pytest.raises(InputError, match="TOML"):
        read(path, map=write(tmp_path / "n.toml", "= 3"))
