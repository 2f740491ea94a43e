"""What the whole says of real recordings: nothing confident from a fault, nothing lost without a reason."""

import math

import pytest

import glutebal as gb
from glutebal.model import Quantity
from glutebal.results import Grade, Laterality, Status

AMPLITUDES = {"activation", "peak_activation", "integrated_emg"}


@pytest.fixture(scope="module")
def analysed(shared_data):
    kept = {}

    def analyse(name, **options):
        key = (name, *options.items())
        if key not in kept:
            kept[key] = gb.analyse(gb.read(shared_data / name), **options).analysis
        return kept[key]

    return analyse


def test_gait_lists_eight_uncalibrated_muscle_pairs_and_force_per_foot(analysed):
    analysis = analysed("btkdata/Gait.c3d")
    sites = {b.site for b in analysis.balances if b.quantity is Quantity.EMG}
    assert len(sites) == 8
    assert "gluteus_maximus" in sites
    glute = [c for c in analysis.recording.channels if c.site == "gluteus_maximus"]
    assert all("read from the label" in c.origin and "GRF" in c.label for c in glute)
    emg = [b for b in analysis.balances if b.measure in AMPLITUDES]
    assert {b.log_ratio.status for b in emg} == {Status.UNCALIBRATED}
    assert all(math.isnan(b.log_ratio.value) for b in emg)
    impulse = next(b for b in analysis.balances if (b.site, b.measure) == ("foot", "impulse"))
    assert [len([r for r in impulse.reps if math.isfinite(r.sides[s].value)]) for s in gb.Side] == [1, 1]
    assert impulse.log_ratio.status is Status.TOO_FEW
    assert any("unit" in w and "plate" in w for w in analysis.warnings)
    assert analysis.segmentation.laterality is Laterality.CYCLIC


ZOO = ["HC002D06", "HC033A22", "HC036A10", "HC040A14"]


@pytest.mark.parametrize("name", ZOO)
def test_no_number_comes_from_an_unplugged_electrode(analysed, name):
    analysis = analysed(f"biomechzoo/{name}.c3d")
    bad = {q.channel for q in analysis.quality if q.grade is Grade.BAD}
    assert bad
    channels = {(c.site, c.side): c for c in analysis.recording.channels if c.quantity is Quantity.EMG}
    for balance in analysis.balances:
        if balance.quantity is not Quantity.EMG:
            continue
        pair = {channels[balance.site, side] for side in gb.Side}
        if pair & bad:
            assert balance.log_ratio.status is Status.REFUSED, balance.measure
            assert any(channel.name in balance.log_ratio.reason for channel in pair & bad)
            assert all(math.isnan(x) for x in (balance.log_ratio.value, balance.log_ratio.low, balance.log_ratio.high))
        else:
            assert balance.log_ratio.status is not Status.REFUSED


def test_what_is_alive_is_kept(analysed):
    """HC036A10: the whole left leg is alive; its right leads are not, the gastrocnemius one hits the rail twice."""
    grades = {q.channel.label: q.grade for q in analysed("biomechzoo/HC036A10.c3d").quality}
    assert all(grades[f"L {muscle}"] is Grade.GOOD for muscle in ("Rect", "Hams", "Gast", "Tib Ant"))
    assert grades["R Gast"] is Grade.BAD
    force = [b for b in analysed("biomechzoo/HC036A10.c3d").balances if b.site == "foot" and b.measure == "impulse"]
    assert force[0].log_ratio.status is Status.TOO_FEW


@pytest.mark.parametrize("exercise", [None, "walking"])
def test_lost_packets_of_an_insole_are_bridged_by_nothing(analysed, exercise):
    analysis = analysed("loadsol/test_pointe_1_05_02.csv", **({"exercise": exercise} if exercise else {}))
    gaps = {t.channel.side: t.gaps for t in analysis.recording.tracks if t.channel.label in {"PGV247-L", "PGV244-R"}}
    assert [len(gaps[side]) for side in gb.Side] == [67, 73]
    assert analysis.segmentation.excluded
    assert all("gap" in ex.reason for ex in analysis.segmentation.excluded)
    for rep in analysis.segmentation.reps:
        for track in analysis.recording.tracks:
            rate = track.channel.rate_hz
            if track.channel.side in {rep.side, None}:
                assert not any(a / rate < rep.stop_s and b / rate > rep.start_s for a, b in track.gaps)


def test_two_minutes_of_walking_have_an_interval(shared_data):
    recording = gb.read(shared_data / "gaitpdb" / "GaCo01_01.txt", map="gaitpdb")
    result = gb.analyse(recording, exercise="walking")
    row = result.balance.query("measure == 'impulse'").iloc[0]
    assert row.n > 150
    assert row.low < row.imbalance < row.high
    assert row.high - row.low < 4  # points: many strides, a narrow interval


@pytest.mark.slow
def test_the_plateau_of_a_maximal_contraction_is_85_to_100_percent_of_its_reference(shared_data):
    recording = gb.read(shared_data / "hermescb" / "ID_1.xlsx", map={"use": "hermescb", "side": "right"})
    references = {r.site: r for r in gb.references(recording)}
    assert set(references) >= {"vastus_lateralis", "biceps_femoris", "tibialis_anterior", "gastrocnemius_lateralis"}
    for site, reference in references.items():
        trials = [t for t in recording.tracks if t.channel.site == site]
        percent = [100 * _best_mean(trial, seconds=3.0) / reference.value.right for trial in trials]
        assert 85 <= max(percent) <= 100
        assert math.isnan(reference.value.left)


def _best_mean(track, seconds):
    power = gb.Chain(gb.Bandpass(20, 450), gb.BlockPower())(track).values()
    width = round(seconds * 100)
    return math.sqrt(max(power[i : i + width].mean() for i in range(0, power.size - width, 10)))
