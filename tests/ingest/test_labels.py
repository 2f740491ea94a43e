"""The one table of labels: sides are read, never guessed."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glutebal.ingest.labels import is_time, places, quantity_in, read_label, split_unit, words
from glutebal.ingest.sites import MUSCLE_SPELLINGS
from glutebal.model import Quantity, Side

L, R = Side.LEFT, Side.RIGHT
EMG, FORCE, ACC, GYR = Quantity.EMG, Quantity.FORCE, Quantity.ACCELERATION, Quantity.ANGULAR_RATE

READ = [
    ("L GRF", EMG, L, "gluteus_maximus", ""),
    ("LGRF", EMG, L, "gluteus_maximus", ""),
    ("LGRF", FORCE, L, "foot", ""),
    ("R GRF", FORCE, R, "foot", ""),
    ("Right rectus femoris", EMG, R, "rectus_femoris", ""),
    ("Right Biceps Femoris Caput Longu", EMG, R, "biceps_femoris", ""),
    ("R_RF", EMG, R, "rectus_femoris", ""),
    ("LRF", EMG, L, "rectus_femoris", ""),
    ("LT GLUT. MAX.,uV", EMG, L, "gluteus_maximus", ""),
    ("RT GLUT. MED.,uV", EMG, R, "gluteus_medius", ""),
    ("L_Gluteus Medius", EMG, L, "gluteus_medius", ""),
    ("GMax_R", EMG, R, "gluteus_maximus", ""),
    ("GmaxR", EMG, R, "gluteus_maximus", ""),
    ("left_glute_max", EMG, L, "gluteus_maximus", ""),
    ("LeftGluteusMaximus", EMG, L, "gluteus_maximus", ""),
    ("RGluteMax", EMG, R, "gluteus_maximus", ""),
    ("left upper gmax", EMG, L, "gluteus_maximus_upper", ""),
    ("Right gluteus maximus lower", EMG, R, "gluteus_maximus_lower", ""),
    ("R VL", EMG, R, "vastus_lateralis", ""),
    ("LJUM", EMG, L, "gastrocnemius", ""),
    ("L Tib Ant", EMG, L, "tibialis_anterior", ""),
    ("R_GL", EMG, R, "gastrocnemius_lateralis", ""),
    ("L Gluteus Maximus (89563): ACC X (G)", ACC, L, "gluteus_maximus", "x"),
    ("right_shank_accX", ACC, R, "shank", "x"),
    ("left thigh gyr_z", GYR, L, "thigh", "z"),
    ("Fz_L", FORCE, L, "foot", ""),
    ("left force plate (N)", FORCE, L, "plate", ""),
    ("left insole heel", FORCE, L, "foot", "heel"),
]


@pytest.mark.parametrize(("label", "quantity", "side", "site", "axis"), READ)
def test_a_label_says_its_side_and_site(label, quantity, side, site, axis):
    found = read_label(label, quantity)
    assert found is not None
    assert (found.side, found.site, found.axis, found.certain) == (side, site, axis, True)


@pytest.mark.parametrize(
    "label",
    [
        "FP1",
        "FP2",
        "L1",
        "R2",
        "LAT",
        "RMS",
        "LG",
        "RF",
        "RATE",
        "L 5",
        "R-R interval",
        "L-R",
        "left right",
        "EMG 1",
        "",
        "Avanti Sensor 3 (89563): EMG 1 (mV)",
        "Load",
        "Reference",
        "Left minus Right",
        "T7",
        "LES",
        "Pin 1",
    ],
)
def test_a_side_is_never_guessed(label):
    assert places([(label, EMG)]) == [None]


@pytest.mark.parametrize("label", ["L_PE", "PGV247-L", "L Spare", "LFilter"])
def test_an_unknown_name_needs_its_mirror_image(label):
    mirrored = label.replace("L", "R") if label != "LFilter" else "RFilter"
    assert places([(label, EMG)]) == [None]
    left, right = places([(label, EMG), (mirrored, EMG)])
    assert (left.side, right.side) == (L, R)
    assert left.site == right.site


def test_a_mirror_image_of_another_quantity_is_no_evidence():
    assert places([("L_PE", EMG), ("R_PE", FORCE)]) == [None, None]


def test_serial_numbers_are_no_sites():
    left, right = places([("PGV247-L::heel", FORCE), ("PGV244-R::heel", FORCE)])
    assert (left.site, left.axis) == (right.site, right.axis) == ("force", "heel")


def test_the_origin_says_where_it_was_read_and_which_grf_it_is():
    assert places([("R_RF", EMG)])[0].origin == "read from the label 'R_RF'"
    assert "grand fessier" in places([("L GRF", EMG)])[0].origin
    assert "grand fessier" not in places([("L GRF", FORCE)])[0].origin


@settings(derandomize=True, deadline=None)
@given(
    st.sampled_from(sorted(MUSCLE_SPELLINGS)),
    st.sampled_from(["{s} {m}", "{s}_{m}", "{m} {s}", "{m}-{s}", "EMG {s} {m}", "{m},{s}", "Sensor 4 {s} {m} (uV)"]),
    st.sampled_from([("L", "R"), ("left", "right"), ("Left", "Right"), ("LT", "RT"), ("LEFT", "RIGHT"), ("l", "r")]),
    st.sampled_from([str.lower, str.upper, str.title]),
)
def test_mirrored_labels_mirror_the_side_and_nothing_else(muscle, form, sides, case):
    left, right = (read_label(form.format(s=side, m=case(muscle)), EMG) for side in sides)
    assert (left.side, right.side) == (L, R)
    assert left.site == right.site == MUSCLE_SPELLINGS[muscle]


@settings(derandomize=True, deadline=None)
@given(st.text(max_size=30))
def test_any_text_is_read_or_not_but_never_fails(text):
    found = places([(text, EMG), (text, FORCE)])
    assert all(place is None or place.side in {L, R} for place in found)


@pytest.mark.parametrize(
    ("label", "name", "unit"),
    [
        ("LT GLUT. MAX.,uV", "LT GLUT. MAX.", "uV"),
        ("EMG 1 (mV)", "EMG 1", "mV"),
        ("Force[N]", "Force", "N"),
        ("left_gluteus_maximus_emg_V", "left_gluteus_maximus_emg", "V"),
        ("left_thigh_acc_x_m_s2", "left_thigh_acc_x", "m/s2"),
        ("Moment (Nm)", "Moment", "Nm"),
        ("R_VL", "R_VL", ""),
        ("l_mg", "l_mg", ""),
        ("1 (FDS)", "1 (FDS)", ""),
    ],
)
def test_the_unit_is_split_from_the_label(label, name, unit):
    assert split_unit(label) == (name, unit)


@pytest.mark.parametrize(
    ("label", "seconds"),
    [
        ("time_s", 1.0),
        ("Time[secs]", 1.0),
        ("X[s]", 1.0),
        ("time", 1.0),
        ("time,s", 1.0),
        ("Time (ms)", 0.001),
        ("EMG 1 Time Series (s)", 1.0),
        ("Time_ms", 0.001),
        ("x", None),
        ("X (m)", None),
        ("L5 s", None),
        ("Runtime", None),
    ],
)
def test_time_columns_say_so(label, seconds):
    assert is_time(label) == seconds


def test_words_and_quantities():
    assert words("leftKnee_x::Acc") == ["left", "Knee", "x", "Acc"]
    assert quantity_in("left thigh accX") is ACC
    assert quantity_in("force of emg") is None
