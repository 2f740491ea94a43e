import json
import math
from dataclasses import replace

import numpy as np
import pytest

from glutebal.model import Side
from glutebal.report.tables import as_json, balance_table, quality_table, reps_table
from glutebal.results import Rep

REPS = ["set", "rep", "start_s", "stop_s", "side_first", "measure", "site", "left", "right", "unit"]
REPS += ["log_ratio", "imbalance", "status"]
BALANCE = ["measure", "site", "n", "log_ratio", "se", "imbalance", "low", "high", "share_right", "status", "reason"]


def test_the_columns_start_as_promised(any_analysis):
    assert list(reps_table(any_analysis).columns)[: len(REPS)] == REPS
    assert list(balance_table(any_analysis).columns)[: len(BALANCE)] == BALANCE


def test_one_row_per_rep_and_measure(calibrated):
    table = reps_table(calibrated)
    assert len(table) == 12 * len(calibrated.balances)
    first = table.iloc[0]
    assert (first["set"], first["rep"], first["measure"], first["site"]) == (1, 1, "activation", "gluteus_maximus")
    assert first["side"] == "both"
    assert first["start_s"] == 2.0
    np.testing.assert_allclose(table["log_ratio"], np.log(table["right"] / table["left"]), rtol=1e-12)
    total = table["right"] + table["left"]
    np.testing.assert_allclose(table["imbalance"], 100 * (table["right"] - table["left"]) / total, rtol=1e-9)


def test_the_balance_is_in_points_and_shares(calibrated):
    row = balance_table(calibrated).iloc[0]
    ratio = calibrated.balances[0].log_ratio
    assert row["imbalance"] == pytest.approx(100 * math.tanh(ratio.value / 2))
    assert row["low"] == pytest.approx(100 * math.tanh(ratio.low / 2))
    assert row["share_right"] == pytest.approx(50 + row["imbalance"] / 2)
    assert (row["n"], row["status"], row["unit"]) == (12, "ok", "%ref")
    assert row["left_low"] < row["left"] < row["left_high"] < row["right_low"]


@pytest.mark.parametrize("name", ["uncalibrated", "all_refused"])
def test_what_has_no_answer_is_nan_and_null_never_zero(name, request):
    analysis = request.getfixturevalue(name)
    for column in ("log_ratio", "se", "imbalance", "low", "high", "share_right"):
        assert balance_table(analysis)[column].isna().all()
    assert reps_table(analysis)[["log_ratio", "imbalance", "low", "high"]].isna().all(axis=None)
    rows = json.loads(as_json(analysis))["balance"]
    assert all(row["imbalance"] is None and row["log_ratio"] is None and row["reason"] for row in rows)


def test_a_bound_keeps_its_known_end(censored):
    row = balance_table(censored).iloc[0]
    assert row["low"] == pytest.approx(64.0, abs=0.01)
    assert math.isnan(row["high"])
    assert math.isnan(row["imbalance"])


def test_a_one_sided_rep_has_one_value_and_no_ratio(unilateral):
    table = reps_table(unilateral).query("measure == 'activation'")
    assert list(table["side"]) == ["left"] * 8 + ["right"] * 7
    assert set(table["side_first"]) == {"left"}
    assert table["log_ratio"].isna().all()
    assert (table["left"].notna() == (table["side"] == "left")).all()
    assert set(table["status"]) == {"unpaired"}


def test_who_went_first_is_told_per_set_when_a_set_has_both_sides(unilateral):
    def rep(index, side, start, set_index):
        return Rep(index, start, start + 50, 50.0, side, set_index)

    reps = (rep(1, Side.LEFT, 0, 1), rep(1, Side.RIGHT, 100, 1), rep(1, Side.RIGHT, 200, 2), rep(1, Side.LEFT, 300, 2))
    entries = tuple(replace(e, rep=r) for e, r in zip(unilateral.balances[0].reps[:4], reps, strict=True))
    changed = replace(
        unilateral,
        segmentation=replace(unilateral.segmentation, reps=reps),
        balances=(replace(unilateral.balances[0], reps=entries),),
    )
    assert list(reps_table(changed)["side_first"]) == ["left", "left", "right", "right"]


def test_a_two_sided_exercise_has_no_first_side(calibrated):
    assert set(reps_table(calibrated)["side_first"]) == {""}


def test_quality_says_what_to_doubt(calibrated):
    table = quality_table(calibrated)
    assert list(table["grade"]) == ["good", "good", "good", "suspect"]
    assert table["findings"].iloc[3] == "50 Hz hum makes up 12 % of the resting signal"
    assert list(table["side"]) == ["left", "right", "left", "right"]
    assert set(table["unit"]) == {"V"}


def test_json_holds_the_tables_and_is_the_same_twice(any_analysis):
    text = as_json(any_analysis)
    assert text == as_json(any_analysis)
    answer = json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
    assert {"reps", "balance", "quality", "warnings"} <= set(answer)
    assert {"exercise", "source", "settings", "versions", "excluded"} <= set(answer)
    assert len(answer["reps"]) == len(reps_table(any_analysis))
    if answer["balance"]:
        assert list(answer["balance"][0]) == list(balance_table(any_analysis).columns)


def test_plain_python_values(calibrated):
    for row in json.loads(as_json(calibrated))["reps"]:
        assert type(row["log_ratio"]) is float
        assert type(row["rep"]) is int
    assert {type(v) for v in reps_table(calibrated)["side_first"]} == {str}
