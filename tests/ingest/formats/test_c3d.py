"""C3D: labels, plates and the feet on them, events; truncated files are one line of error."""

import numpy as np
import pytest

from glutebal.errors import FileFormatError, GlutebalError
from glutebal.ingest.formats.plates import Plate, feet_on
from glutebal.ingest.read import read
from glutebal.model import Event, Quantity, Side

ezc3d = pytest.importorskip("ezc3d")


def made(path, labels=("L GMax", "R GMax"), units=("V", "V"), rate_hz=1000.0, n=500):
    c3d = ezc3d.c3d()
    c3d["parameters"]["POINT"]["RATE"]["value"] = [100.0]
    c3d["parameters"]["ANALOG"]["RATE"]["value"] = [rate_hz]
    c3d["parameters"]["ANALOG"]["LABELS"]["value"] = list(labels)
    c3d["parameters"]["ANALOG"]["UNITS"]["value"] = list(units)
    c3d["data"]["points"] = np.zeros((4, 0, n // 10))
    c3d["data"]["analogs"] = 1e-4 * np.random.default_rng(2).normal(size=(1, len(labels), n))
    c3d.write(str(path))
    return path


def test_a_made_file_is_read_back(tmp_path):
    rec = read(made(tmp_path / "a.c3d"))
    pair = rec.pair("gluteus_maximus")
    assert (pair.left.channel.rate_hz, pair.left.n_samples) == (1000.0, 500)
    expected = 1e-4 * np.random.default_rng(2).normal(size=(2, 500))
    np.testing.assert_allclose(pair.right.values(), expected[1], atol=1e-10)  # stored as float32


def test_every_cut_of_a_file_is_one_line_of_error(tmp_path):
    whole = made(tmp_path / "a.c3d").read_bytes()
    cut = tmp_path / "cut.c3d"
    for n in [1, 3, 100, 511, 512, 515, 600, 1024, 1500, 2500, len(whole) // 2, len(whole) - 600]:
        cut.write_bytes(whole[:n])
        with pytest.raises(FileFormatError) as caught:
            read(cut)
        assert str(caught.value).startswith("cut.c3d: needed")
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["btkdata/Gait.c3d", "btkdata/1123x01EMG.c3d", "biomechzoo/HC036A10.c3d"])
@pytest.mark.parametrize("part", [0.003, 0.02, 0.1, 0.5, 0.99])
def test_every_cut_of_a_real_file_is_one_line_of_error(shared_data, tmp_path, name, part):
    whole = (shared_data / name).read_bytes()
    cut = tmp_path / "cut.c3d"
    cut.write_bytes(whole[: int(part * len(whole))])
    with pytest.raises(FileFormatError, match=r"^cut\.c3d: needed [^\n]*$"):
        read(cut)


def test_the_gait_of_the_grand_fessier(shared_data):
    rec = read(shared_data / "btkdata" / "Gait.c3d")
    emg = {p.left.channel.site: p for p in rec.pairs(Quantity.EMG)}
    assert list(emg) == [
        "rectus_femoris", "vastus_lateralis", "gluteus_maximus", "hamstrings",
        "biceps_femoris", "tibialis_anterior", "soleus", "gastrocnemius_medialis",
    ]  # fmt: skip
    assert "read from the label 'LGRF'" in emg["gluteus_maximus"].left.channel.origin
    assert "description 'L Vaste Ext'" in emg["vastus_lateralis"].left.channel.origin
    feet = rec.pair("foot", Quantity.FORCE)
    assert feet.map(lambda t: t.channel.device).left == "plate 1"
    assert "LHEE" in feet.left.channel.origin
    assert feet.left.values().max() == pytest.approx(798.7, abs=0.1)  # N, with the calibration matrix of the file
    plates, amplifier = rec.warnings
    assert "plate 1 and plate 2" in plates
    assert "peak at 70, 74" in plates
    assert "amplifier" in amplifier


@pytest.mark.parametrize(
    ("name", "feet"),
    [
        ("btkdata/Gait.c3d", ("plate 1", "plate 2")),
        ("btkdata/PiG_Motion-FlatFoot-Full.c3d", ("plate 2", "plate 1")),
        ("biomechzoo/HC002D06.c3d", ("plate 1", "plate 2")),
        ("biomechzoo/HC033A22.c3d", ("plate 1", "plate 2")),
        ("biomechzoo/HC036A10.c3d", ("plate 2", "plate 1")),
        ("biomechzoo/HC040A14.c3d", ("plate 1", "plate 2")),
    ],
)
def test_the_markers_say_which_foot_is_on_which_plate_and_the_events_agree(shared_data, name, feet):
    rec = read(shared_data / name)
    pair = rec.pair("foot", Quantity.FORCE)
    assert tuple(pair.map(lambda t: t.channel.device)) == feet
    for side in Side:
        strikes = [e.time_s for e in rec.events if e.side is side and e.name == "foot_strike"]
        contact = np.argmax(pair[side].filled() > 20) / 1000
        assert not strikes or min(abs(contact - t) for t in strikes) < 0.05  # s; events were marked by eye


def test_events_have_sides_and_the_clock_of_the_samples(shared_data):
    rec = read(shared_data / "biomechzoo" / "HC002D06.c3d")
    assert rec.events == (
        Event(0.59, "foot_strike", Side.RIGHT),
        Event(1.04, "foot_strike", Side.LEFT),
        Event(1.11, "foot_off", Side.RIGHT),
        Event(1.57, "foot_off", Side.LEFT),
    )
    cut = read(shared_data / "biomechzoo" / "HC040A14.c3d")
    assert all(0 <= e.time_s <= cut.duration_s for e in cut.events)
    assert "14 events outside the recorded frames were left out" in cut.history


def test_twelve_events_in_one_row_are_all_there(shared_data):
    rec = read(shared_data / "btkdata" / "PiG_Motion-FlatFoot-Full.c3d")
    assert len(rec.events) == 12
    assert "'Pin 16'" in rec.warnings[0]


def test_long_labels_and_the_date(shared_data):
    rec = read(shared_data / "btkdata" / "1123x01EMG.c3d")
    assert [p.left.channel.site for p in rec.pairs()] == [
        "rectus_femoris", "biceps_femoris", "tibialis_anterior", "gastrocnemius_lateralis",
    ]  # fmt: skip
    assert str(rec.started) == "2010-03-12 15:14:29"
    assert rec.warnings == ()


def test_a_map_has_the_last_word_on_plates(shared_data):
    chart = {"columns": [{"column": f"plate {n}", "side": s, "site": "foot"} for n, s in ((1, "right"), (2, "left"))]}
    pair = read(shared_data / "btkdata" / "Gait.c3d", map=chart).pair("foot")
    assert pair.right.channel.device == "plate 1"
    assert pair.right.channel.origin == "given by the map for 'plate 1'"


def standing(corners, left_xy, right_xy, force):
    """One plate and four markers that stand still."""
    plate = Plate(1, np.asarray(force, dtype=float), np.asarray(corners, dtype=float).T, (), np.nan, "")
    places = [left_xy, left_xy, right_xy, right_xy]
    points = np.ones((4, 4, plate.force_n.size))
    points[:2] = np.asarray(places, dtype=float).T[:, :, None]
    return feet_on([plate], points, ["LHEE", "LTOE", "RHEE", "RTOE"])[0]


SQUARE = [(0, 0), (500, 0), (500, 500), (0, 500)]


@pytest.mark.parametrize("corners", [SQUARE, SQUARE[::-1]], ids=["anticlockwise", "clockwise"])
def test_a_foot_inside_the_corners_is_on_the_plate(corners):
    assert standing(corners, (250, 250), (900, 250), np.full(50, 600)).side is Side.LEFT
    assert standing(corners, (900, 250), (250, 250), np.full(50, 600)).side is Side.RIGHT


def test_two_feet_no_feet_and_no_load_leave_the_plate_without_a_side():
    for left, right, force in [((1, 1), (2, 2), 600), ((-9, 0), (900, 0), 600), ((1, 1), (900, 0), 0)]:
        place = standing(SQUARE, left, right, np.full(50, force))
        assert (place.side, place.site) == (None, "plate")


@pytest.mark.parametrize("behind_the_name", [1, 2, 3], ids=["link", "type", "dimensions"])
def test_a_parameter_that_leads_astray_is_an_error_of_ours(shared_data, tmp_path, behind_the_name):
    """ezc3d ends the whole process (segmentation fault) on 129 dimensions."""
    data = bytearray((shared_data / "btkdata" / "1123x01EMG.c3d").read_bytes())
    data[data.index(b"USED", 512) + 4 + behind_the_name] ^= 0x80
    (tmp_path / "a.c3d").write_bytes(data)
    with pytest.raises(FileFormatError, match="chain of parameters"):
        read(tmp_path / "a.c3d")


def test_a_header_with_nonsense_is_an_error_of_ours(tmp_path):
    whole = made(tmp_path / "a.c3d").read_bytes()
    broken = tmp_path / "b.c3d"
    for at, value in [(0, 0), (0, 200), (1, 0), (2, 255), (4, 255), (7, 255), (8, 0)]:
        data = bytearray(whole)
        data[at] = value
        broken.write_bytes(data)
        with pytest.raises(GlutebalError):
            read(broken)
