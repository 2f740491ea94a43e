"""Which series a trend is about when not everything was named."""

from datetime import date

import pytest

from glutebal.analysis.choice import MANY, MEASURES, TIMES, chosen
from glutebal.errors import InputError, UnknownNameError
from glutebal.history.series import Series
from glutebal.history.summaries import SeriesSummary
from glutebal.model import Quantity
from glutebal.signal.measures import EMG_MEASURES, FORCE_MEASURES

DAY = date(2025, 9, 1)
QUANTITY = {"mean_force": Quantity.FORCE, "peak_force": Quantity.FORCE, "impulse": Quantity.FORCE}


def known(measure, site="plate", exercise="hip_thrust", valued=10, sessions=None):
    series = Series("A-01", exercise, measure, site)
    return SeriesSummary(series, QUANTITY.get(measure, Quantity.EMG), sessions or valued, valued, DAY, DAY)


def difference(measure, site="hip", exercise="hip_thrust", sessions=20):
    series = Series("A-01", exercise, measure, site)
    return SeriesSummary(series, Quantity.ANGLE, sessions, sessions, DAY, DAY, differences=3 * sessions)


def pick(*summaries, exercise=None, site=None, measure=None):
    found = chosen(summaries, exercise, site, measure, "history of A-01")
    return found.main.exercise, found.main.site, found.main.measure


def test_force_comes_before_emg_and_emg_before_times():
    emg, time, force = (
        known("activation", "gluteus_maximus"),
        known("active_time", "gluteus_maximus"),
        known("mean_force"),
    )
    assert pick(time, emg, force)[2] == "mean_force"
    assert pick(time, emg)[2] == "activation"


def test_a_difference_in_degrees_comes_after_amounts_and_before_times():
    rom, emg = difference("hip_flexion_rom", sessions=12), known("activation", "gluteus_maximus", valued=10)
    time = known("active_time", "gluteus_medius", valued=12)
    found = chosen([time, rom, emg], None, None, None, "history of A-01")
    assert (found.main, set(found.others)) == (emg.series, {rom.series, time.series})
    assert pick(time, rom)[2] == pick(emg, rom, measure="hip_flexion_rom")[2] == "hip_flexion_rom"


def test_a_fuller_series_of_differences_stands_for_the_exercise():
    rom, emg = difference("hip_flexion_rom", sessions=20), known("activation", "gluteus_maximus", valued=2)
    assert pick(rom, emg)[2] == "hip_flexion_rom"


def test_ranges_come_first_among_differences_and_tempo_last():
    names = ("rep_duration", "hip_abduction_peak", "pelvic_drop", "knee_flexion_rom", "hip_flexion_rom")
    order = [difference(name) for name in names]
    found = []
    while order:
        found.append(pick(*order)[2])
        order = [s for s in order if s.series.measure != found[-1]]
    assert found == ["hip_flexion_rom", "knee_flexion_rom", "pelvic_drop", "hip_abduction_peak", "rep_duration"]


def test_the_gluteus_maximus_comes_first():
    assert pick(known("activation", "gluteus_medius"), known("activation", "gluteus_maximus"))[1] == "gluteus_maximus"


def test_the_mean_comes_before_the_peak():
    assert pick(known("impulse"), known("peak_force"), known("mean_force"))[2] == "mean_force"


def test_the_exercise_with_the_most_sessions_is_the_one():
    rare = known("mean_force", exercise="hip_abduction", valued=3)
    assert pick(rare, known("activation", "gluteus_maximus", valued=9))[0] == "hip_thrust"


def test_a_series_of_a_few_sessions_does_not_stand_for_the_exercise():
    force, emg = known("mean_force", valued=4), known("activation", "gluteus_maximus", valued=10)
    assert pick(force, emg)[2] == "activation"
    assert pick(known("mean_force", valued=5), emg)[2] == "mean_force"


def test_the_order_in_which_they_are_known_does_not_matter():
    summaries = [known(m, s) for s in ("plate", "strap") for m in ("mean_force", "impulse")]
    assert pick(*summaries) == pick(*reversed(summaries))


def test_what_is_named_is_taken():
    summaries = known("mean_force"), known("activation", "gluteus_maximus"), known("impulse")
    assert pick(*summaries, measure="impulse")[2] == "impulse"
    assert pick(*summaries, site="gluteus_maximus")[2] == "activation"


def test_the_note_says_what_was_chosen_and_nothing_when_all_was_named():
    summaries = [known("mean_force"), known("impulse")]
    note = chosen(summaries, "hip_thrust", None, None, "h").note
    assert "site plate" in note
    assert "measure mean_force" in note
    assert "exercise" not in note
    assert chosen(summaries, "hip_thrust", "plate", "impulse", "h").note == ""


@pytest.mark.parametrize(("part", "name"), [("exercise", "squat"), ("site", "strap"), ("measure", "peak_force")])
def test_an_unknown_part_lists_what_there_is(part, name):
    with pytest.raises(UnknownNameError, match="history of A-01") as caught:
        pick(known("mean_force"), **{part: name})
    assert {"exercise": "hip_thrust", "site": "plate", "measure": "mean_force"}[part] in str(caught.value)


def test_a_measure_of_another_exercise_is_unknown_in_this_one():
    with pytest.raises(UnknownNameError, match="mean_force"):
        pick(known("mean_force"), known("impulse", exercise="squat"), exercise="hip_thrust", measure="impulse")


def test_an_amount_without_an_answer_is_told_before_a_time_with_one():
    silent = known("activation", "gluteus_maximus", valued=0, sessions=9)
    assert pick(known("active_time", "gluteus_maximus"), silent)[2] == "activation"


def test_the_times_are_those_that_are_measured():
    timed = {measure.name for measure in EMG_MEASURES if measure.unit in {"s", "ms", "%"}}
    assert timed | {"duration", "tempo"} == TIMES
    assert set(MEASURES) <= {measure.name for measure in (*EMG_MEASURES, *FORCE_MEASURES)} - TIMES


def test_nothing_known_is_an_error():
    with pytest.raises(InputError, match="none"):
        pick()


def test_beside_it_stands_one_measure_of_every_other_site_and_exercise():
    main = [known("mean_force"), known("impulse")]
    emg = [known("activation", "gluteus_maximus"), known("active_time", "gluteus_maximus")]
    other = [
        known("mean_force", exercise="hip_abduction", valued=3),
        known("tempo", exercise="hip_abduction", valued=3),
    ]
    found = chosen([*other, *main, *emg], None, None, None, "h").others
    assert [(s.exercise, s.measure) for s in found] == [("hip_thrust", "activation"), ("hip_abduction", "mean_force")]


def test_a_series_that_never_had_a_value_is_not_shown_and_few_are():
    silent = known("activation", "gluteus_maximus", valued=0, sessions=5)
    assert chosen([known("mean_force"), silent], None, None, None, "h").others == ()
    many = [known("mean_force", f"strap_{k}") for k in range(2 * MANY)]
    assert len(chosen([known("mean_force"), *many], None, None, None, "h").others) == MANY
