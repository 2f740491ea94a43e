"""The catalogue of published indices: worked tables, real data, laws, conversions."""

import csv
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glutebal.balance.indices import INDICES, convert, index, log_ratio
from glutebal.errors import InputError, UnknownNameError

law = settings(derandomize=True, deadline=None, max_examples=40)
positive = st.floats(1e-3, 1e3)
OF_RATIO = [name for name, entry in INDICES.items() if entry.of_log_ratio is not None]
ANTISYMMETRIC = [name for name, entry in INDICES.items() if entry.antisymmetric]
SIGNED = [name for name, entry in INDICES.items() if entry.signed]

VECTOR_NAMES = {
    "bai1": "BAI-1",
    "bai2": "BAI-2",
    "si_robinson": "SI_R",
    "bsa_abs": "BSA",
    "bsa_signed": "BSA-SIGNED",
    "lsi_l_over_r": "LSI-LR",
    "lsi_r_over_l": "LSI-RL",
    "sa": "SA",
    "ga_ln": "GA",
    "right_share": "SHARE",
    "usi_r_minus_l": "USI",
    "medalg": "MA",
}


@pytest.mark.parametrize(("key", "name"), VECTOR_NAMES.items())
def test_worked_values(vectors, key, name):
    assert len(vectors["indices"]) == 8
    for row in vectors["indices"]:
        left, right = float(row["L"]), float(row["R"])
        assert index(name).of_sides(left, right) == pytest.approx(row[key], rel=1e-12, abs=1e-12)
        assert index(name).of_log_ratio(row["lambda_"]) == pytest.approx(row[key], rel=1e-12, abs=1e-12)
        assert log_ratio(left, right) == pytest.approx(row["lambda_"], rel=1e-12, abs=1e-15)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LSI", 80),
        ("LSI-2", 20),
        ("BSA", 20),
        ("PD", 20),
        ("SI_S", 11.111),
        ("SA", 7.0447),
        ("MA", 25),
        ("USI", 15.617),
    ],
)
def test_the_pair_20_and_25(name, value):
    assert index(name).of_sides(20.0, 25.0) == pytest.approx(value, abs=5e-4)


def test_swapped_pair_of_indices_with_a_reference_limb():
    assert index("LSI-LR").of_sides(25.0, 20.0) == pytest.approx(125)
    assert index("LSI-2").of_sides(25.0, 20.0) == pytest.approx(-25)
    assert index("LSI").of_sides(25.0, 20.0) == pytest.approx(80)


LAUZIERE = {
    "ratio": (lambda p, np_: index("LSI-RL").of_sides(p, np_) / 100, 1),
    "over_NP": (index("LSI-2").of_sides, 2),
    "over_max": (index("BSA-SIGNED").of_sides, 3),
    "robinson": (index("SI_R").of_sides, 4),
    "bai1": (index("BAI-1").of_sides, 5),
    "share": (index("SHARE").of_sides, 6),
    "sa": (lambda p, np_: -index("SA").of_sides(p, np_), 7),
}


@pytest.mark.parametrize("key", LAUZIERE)
def test_every_cell_of_lauziere_2014_table_1(vectors, key):
    table = vectors["lauziere2014_table1"]
    of_sides, column = LAUZIERE[key]
    cells = of_sides(np.array(table["P"]), np.array(table["NP"]))
    np.testing.assert_allclose(cells, table["published"][key], atol=0.00501, rtol=0)
    assert cells.mean() == pytest.approx(table["published"]["means"][column], abs=0.00501)


def test_the_differences_of_lauziere_2014(vectors):
    table = vectors["lauziere2014_table1"]
    difference = np.subtract(table["NP"], table["P"])
    np.testing.assert_allclose(difference, table["published"]["diff"], atol=1e-9)
    assert difference.mean() == pytest.approx(table["published"]["means"][0], abs=1e-9)


def test_log_ratios_of_a_symmetric_group_average_to_zero(vectors):
    table = vectors["lauziere2014_table1"]
    cells = index("GA").of_sides(table["P"], table["NP"])
    np.testing.assert_allclose(cells, [44.47, 38.87, 23.92, -44.47, -38.87, -23.92], atol=0.005)
    assert cells.mean() == pytest.approx(0, abs=1e-12)


def test_interlimb_table_2(vectors):
    table = vectors["interlimb_pdf_table2"]
    left, right, week = (np.array(table[key]) for key in ("left", "right", "week"))
    means = np.array([[side[week == w].mean() for w in range(1, 6)] for side in (left, right)])
    np.testing.assert_allclose(index("BAI-1").of_sides(*means), table["weekly_bai1_of_means"], atol=0.00501)
    np.testing.assert_allclose(index("PD").of_sides(*means), table["weekly_pctdiff_of_means"], atol=0.00501)
    sessions = [log_ratio(left, right)[week == w].mean() for w in range(1, 6)]
    np.testing.assert_allclose(sessions, [-0.03903, 0.07521, -0.00319, -0.05619, 0.00350], atol=6e-6)


@pytest.mark.parametrize(
    ("key", "name", "sign"),
    [
        ("robinson", "SI_R", 1),
        ("pctdiff", "PD", 1),
        ("bai1", "BAI-1", 1),
        ("sa", "SA", 1),
        ("ln_l_over_r", "GA", -1),
        ("lsi_ndl_over_dl", "LSI-LR", 1),
    ],
)
def test_first_row_of_interlimb_table_2(vectors, key, name, sign):
    row = vectors["interlimb_pdf_table2"]["row1"]
    assert sign * index(name).of_sides(row["L"], row["R"]) == pytest.approx(row[key], abs=0.00501)


def test_step_length_asymmetry_of_90_published_cells(shared_data):
    text = (shared_data / "armswing" / "results.csv").read_text(encoding="utf-8").splitlines()
    rows = list(csv.reader(text))

    def block(name):
        start = next(i for i, row in enumerate(rows) if row[1:2] == [name])
        body = [row[1:7] for row in rows[start + 1 :] if row and row[0]]
        return np.array(body[:15], dtype=float)

    published = block("stepasym_spatial")
    ours = np.abs(index("GA").of_sides(block("left_steplavg"), block("right_steplavg")))
    assert published.shape == (15, 6)
    np.testing.assert_allclose(ours, published, rtol=1e-9)


@pytest.mark.parametrize("case", range(3))
def test_normalised_index_of_values_that_cross_zero(vectors, case):
    row = vectors["waveform"]["nsi"][case]
    assert index("NSI").of_sides(row["L"], row["R"]) == pytest.approx(row["nsi"], rel=1e-12)


@pytest.mark.parametrize(("left", "right", "value"), [(20, 25, 20), (0, 10, 100), (-5, 5, 100)])
def test_normalised_index_of_one_trial(left, right, value):
    assert index("NSI").of_sides(float(left), float(right)) == pytest.approx(value)


def test_normalised_index_refuses_what_it_cannot_know():
    assert math.isnan(index("NSI").of_sides([0.0, 0.0], [0.0, 0.0]))
    assert math.isnan(index("NSI").of_sides([1.0, math.nan], [2.0, 3.0]))
    with pytest.raises(InputError, match="as many left as right"):
        index("NSI").of_sides([1.0, 2.0], [1.0])


def test_weighted_universal_index_fades_near_zero():
    left, right = np.array([0.0, 0.01, 3.0, -3.0]), np.array([0.0, -0.01, 4.0, 2.0])
    sigma = max(left.std(), right.std())
    power = left**2 + right**2
    published = (right - left)[1:] / np.sqrt(power[1:]) * 100
    expected = published * (1 - math.sqrt(2) * sigma / np.sqrt(2 * sigma**2 + power[1:]))
    ours = index("wUSI").of_sides(left, right)
    np.testing.assert_allclose(ours[1:], expected, rtol=1e-12)
    assert ours[0] == 0
    assert abs(ours[1]) < 0.01 < abs(index("USI").of_sides(0.01, -0.01))


def test_weighted_universal_index_without_spread_is_the_universal_one():
    ours = index("wUSI").of_sides([20.0, 20.0], [25.0, 25.0])
    np.testing.assert_allclose(ours, index("USI").of_sides(20.0, 25.0), rtol=1e-12)
    assert np.isnan(index("wUSI").of_sides([0.0, 0.0], [0.0, 0.0])).all()


@pytest.mark.parametrize(("left", "right"), [(1, 3), (3, 1), (1, -0.5), (1, -2), (-1, -2), (-2, 1), (-3, -1), (0, 2)])
def test_symmetry_angle_is_the_published_one_in_every_quadrant(left, right):
    angle = 45 - math.degrees(math.atan(left / right))
    published = 100 * (angle if angle <= 90 else angle - 180) / 90
    assert index("SA").of_sides(float(left), float(right)) == pytest.approx(published, rel=1e-12)


@pytest.mark.parametrize("name", OF_RATIO)
@law
@given(left=positive, right=positive)
def test_sides_and_log_ratio_agree(name, left, right):
    entry = INDICES[name]
    value = entry.of_sides(left, right)
    assert entry.of_log_ratio(log_ratio(left, right)) == pytest.approx(value, rel=1e-12, abs=1e-12)
    assert entry.low - 1e-9 <= value <= entry.high + 1e-9


@pytest.mark.parametrize("name", OF_RATIO)
@law
@given(value=st.floats(-3, 3))
def test_an_index_gives_back_its_log_ratio(name, value):
    entry = INDICES[name]
    back = entry.log_ratio_of(entry.of_log_ratio(value))
    assert back == pytest.approx(value if entry.signed else abs(value), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("name", ANTISYMMETRIC)
@law
@given(pairs=st.lists(st.tuples(positive, positive), min_size=2, max_size=8))
def test_swapping_the_sides_mirrors_the_index(name, pairs):
    left, right = np.array(pairs).T
    entry = INDICES[name]
    there = entry.of_sides(left, right) - entry.symmetric
    back = entry.of_sides(right, left) - entry.symmetric
    np.testing.assert_allclose(there, -back, atol=1e-12)


@pytest.mark.parametrize("name", [name for name in INDICES if not INDICES[name].signed])
@law
@given(left=positive, right=positive)
def test_an_unsigned_index_does_not_know_the_sides(name, left, right):
    assert INDICES[name].of_sides(left, right) == pytest.approx(INDICES[name].of_sides(right, left), rel=1e-12)


@pytest.mark.parametrize("name", INDICES)
@law
@given(pairs=st.lists(st.tuples(positive, positive), min_size=2, max_size=8), gain=st.floats(1e-6, 1e6))
def test_a_common_gain_changes_no_index(name, pairs, gain):
    left, right = np.array(pairs).T
    of_sides = INDICES[name].of_sides
    np.testing.assert_allclose(of_sides(gain * left, gain * right), of_sides(left, right), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("name", SIGNED)
@law
@given(left=positive, right=positive, more=st.floats(1e-3, 10))
def test_a_signed_index_moves_one_way_with_the_right_side(name, left, right, more):
    first, second = (INDICES[name].of_sides(left, r) for r in (right, right * (1 + more)))
    rises = np.asarray(second) > np.asarray(first)
    assert not rises if name == "LSI-LR" else rises


@pytest.mark.parametrize("name", INDICES)
def test_equal_sides(name):
    np.testing.assert_allclose(INDICES[name].of_sides([3.0, 5.0], [3.0, 5.0]), INDICES[name].symmetric, atol=1e-12)


@pytest.mark.parametrize("name", INDICES)
@pytest.mark.parametrize("pair", [(math.nan, 1.0), (1.0, math.nan), (0.0, 0.0), (math.inf, 1.0)])
def test_no_answer_is_nan(name, pair):
    assert np.isnan(INDICES[name].of_sides(*pair)).all()


@pytest.mark.parametrize("name", [n for n in OF_RATIO if n not in {"SA", "USI"}])
def test_values_that_cross_zero_have_no_ratio_index(name):
    assert math.isnan(INDICES[name].of_sides(-1.0, 2.0))
    assert math.isnan(INDICES[name].of_sides(2.0, -1.0))


@pytest.mark.parametrize(
    ("name", "left_zero", "right_zero"),
    [
        ("BAI-1", 100, -100),
        ("SI_R", 200, -200),
        ("BSA", 100, 100),
        ("SA", 50, -50),
        ("SHARE", 100, 0),
        ("LSI", 0, 0),
        ("GA", math.nan, math.nan),
        ("MA", math.nan, math.nan),
        ("LSI-LR", 0, math.nan),
        ("LSI-RL", math.nan, 0),
    ],
)
def test_one_side_at_zero(name, left_zero, right_zero):
    values = [INDICES[name].of_sides(0.0, 4.0), INDICES[name].of_sides(4.0, 0.0)]
    np.testing.assert_allclose(values, [left_zero, right_zero], atol=1e-12)


@pytest.mark.parametrize("name", [n for n in INDICES if not INDICES[n].of_record])
def test_scalars_give_floats(name):
    assert type(INDICES[name].of_sides(2, np.float64(3))) is float
    assert type(INDICES[name].of_log_ratio(np.float64(0.3))) is float
    assert type(convert(np.float64(INDICES[name].of_log_ratio(0.3)), name, "BAI-1")) is float


BSA_TABLE = [
    (5, 2.564, 5.128, 5.129, 1.632, 51.28, 95),
    (10, 5.263, 10.526, 10.536, 3.348, 52.63, 90),
    (15, 8.108, 16.216, 16.252, 5.151, 54.05, 85),
    (20, 11.111, 22.222, 22.314, 7.045, 55.56, 80),
    (25, 14.286, 28.571, 28.768, 9.033, 57.14, 75),
    (100 / 3, 20, 40, 40.547, 12.567, 60, 66.67),
    (50, 33.333, 66.667, 69.315, 20.483, 66.67, 50),
]


@pytest.mark.parametrize("row", BSA_TABLE)
def test_the_conversion_table(row):
    targets = ("BSA", "BAI-1", "SI_R", "GA", "SA", "SHARE", "LSI")
    said = [convert(float(row[0]), "BSA", target) for target in targets]
    np.testing.assert_allclose(said, row, atol=0.00501)


def test_conversion_of_a_signed_value_keeps_its_side():
    np.testing.assert_allclose(convert([-10.0, 10.0], "BAI-1", "SA"), [-6.345, 6.345], atol=5e-4)
    assert convert(-10.0, "BAI-1", "BSA") == pytest.approx(18.182, abs=5e-4)
    assert convert(100.0, "BAI-1", "SHARE") == 100


@pytest.mark.parametrize(("value", "source"), [(150, "BAI-1"), (-1, "BSA"), (101, "SHARE"), (141, "USI"), (90, "SA")])
def test_a_value_outside_the_range_converts_to_nan(value, source):
    assert math.isnan(convert(float(value), source, "GA"))


@pytest.mark.parametrize(("source", "target"), [("NSI", "BSA"), ("BSA", "wUSI")])
def test_not_every_index_is_a_function_of_the_ratio(source, target):
    with pytest.raises(InputError, match="functions of the ratio"):
        convert(10.0, source, target)


@pytest.mark.parametrize("name", ["BAI-1", "bai1", "bai_1", "Bai 1"])
def test_names_are_read_generously(name):
    assert index(name) is INDICES["BAI-1"]


def test_an_unknown_index_lists_what_there_is():
    with pytest.raises(UnknownNameError, match=r"BAI-1.*wUSI.*found 'BAI-3'.*try: BAI-"):
        index("BAI-3")


def test_the_table_is_complete_and_closed():
    assert len(INDICES) == 18
    assert all(entry.id == name and entry.title and entry.formula and entry.source for name, entry in INDICES.items())
    keys = {name.casefold().replace("-", "").replace("_", "") for name in INDICES}
    assert len(keys) == len(INDICES)
    with pytest.raises(TypeError):
        INDICES["X"] = INDICES["SA"]
