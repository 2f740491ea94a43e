from dataclasses import replace

from glutebal.report import choice
from glutebal.results import Estimate


def test_the_headline_is_chosen_by_what_it_is_not_by_how_large_it_is(calibrated):
    small, large = calibrated.balances[0], calibrated.balances[4]
    huge = replace(large, log_ratio=Estimate(1.2, 1.1, 1.3, 0.05, 12))
    assert choice.primary(replace(calibrated, balances=(huge, small))) is small


def test_force_is_the_headline_before_emg_and_durations_last(gait, unilateral):
    assert choice.primary(gait).measure == "mean_force"
    assert choice.primary(replace(unilateral, balances=unilateral.balances[::-1])).measure == "activation"


def test_measures_are_told_together_by_what_they_share(refused):
    maximus, peak, medius = refused.balances
    assert choice.what([maximus, peak], refused) == "gluteus maximus (all measures)"
    assert choice.what([maximus, medius], refused) == "gluteus maximus, gluteus medius (activation)"
    assert choice.what([peak, medius], refused) == "gluteus maximus (peak); gluteus medius (activation)"
