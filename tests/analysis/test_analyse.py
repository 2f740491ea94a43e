import dataclasses
import json
import math

import numpy as np
import pytest

import glutebal as gb
from glutebal.analysis.settings import Settings
from glutebal.errors import InputError, PairError, RateError, UnknownNameError
from glutebal.model import Bilateral, Channel, Event, Quantity, Recording, Side, Track
from glutebal.results import Laterality, Reference, Status
from glutebal.signal.prepare import EmgSettings
from glutebal.testing.plans import ForcePlan, Muscle
from glutebal.testing.simulate import simulate_reference, simulate_set, simulate_walk


def balance(result, measure="activation", site="gluteus_maximus"):
    return next(b for b in result.analysis.balances if (b.measure, b.site) == (measure, site))


def reference_of(truth, site="gluteus_maximus"):
    muscle = next(m for m in truth.plan.muscles if m.site == site)
    return Reference(site, Quantity.EMG, truth.reference_v(muscle))


@pytest.fixture(scope="module")
def simulated():
    return simulate_set(5, ratio=1.25, reps=12, gain=Bilateral(1.0, 0.6))


@pytest.fixture(scope="module")
def calibrated(simulated):
    recording, truth = simulated
    return gb.analyse(recording, reference=reference_of(truth))


def test_the_truth_is_in_the_interval_although_the_electrodes_differ(calibrated, simulated):
    estimate = balance(calibrated).log_ratio
    assert estimate.low < simulated[1].log_ratio < estimate.high
    assert estimate.n == 12
    assert balance(calibrated).unit == "%ref"


def test_the_tables_have_the_promised_columns(calibrated):
    reps = [
        "set",
        "rep",
        "start_s",
        "stop_s",
        "side_first",
        "measure",
        "site",
        "left",
        "right",
        "unit",
        "log_ratio",
        "imbalance",
        "status",
    ]
    sets = ["measure", "site", "n", "log_ratio", "se", "imbalance", "low", "high", "share_right", "status", "reason"]
    assert list(calibrated.reps.columns[: len(reps)]) == reps
    assert list(calibrated.balance.columns[: len(sets)]) == sets
    assert len(calibrated.quality) == 2
    row = calibrated.balance.iloc[0]
    assert row.imbalance == pytest.approx(100 * math.tanh(row.log_ratio / 2))
    assert row.share_right == pytest.approx(50 + row.imbalance / 2)
    assert row.low < row.imbalance < row.high


def test_the_json_is_one_object_with_null_for_what_is_refused(simulated):
    told = json.loads(gb.analyse(simulated[0]).to_json())
    assert {"reps", "balance", "quality", "warnings"} <= set(told)
    activation = next(b for b in told["balance"] if b["measure"] == "activation")
    assert activation["status"] == "uncalibrated"
    assert activation["imbalance"] is None
    assert "NaN" not in gb.analyse(simulated[0]).to_json()


def test_without_a_reference_amplitudes_have_no_ratio_but_drift_and_timing(simulated):
    result = gb.analyse(simulated[0])
    for measure in ("activation", "peak_activation", "integrated_emg"):
        found = balance(result, measure)
        assert found.log_ratio.status is Status.UNCALIBRATED
        assert math.isnan(found.log_ratio.value)
        assert all(math.isnan(rep.log_ratio.value) for rep in found.reps)
        assert math.isfinite(found.sides.left.value)
        assert math.isfinite(found.drift.value)
    assert balance(result, "duty").log_ratio.status is Status.OK


def test_a_measured_reference_may_be_a_recording_a_path_or_several(simulated, tmp_path):
    recording, truth = simulated
    trials = simulate_reference(5, truth.plan)
    path = tmp_path / "reference.glutebal"
    gb.save(trials, path)
    given = [trials, path, str(path), [trials], [trials, path], gb.references(trials)]
    values = [balance(gb.analyse(recording, reference=reference)).log_ratio for reference in given]
    assert {round(v.value, 12) for v in values} == {round(values[0].value, 12)}
    assert values[0].low < truth.log_ratio < values[0].high
    assert values[0].se > balance(gb.analyse(recording, reference=reference_of(truth))).log_ratio.se


def test_a_reference_of_one_side_leaves_it_uncalibrated_and_says_so(simulated):
    half = Reference("gluteus_maximus", Quantity.EMG, Bilateral(1e-4, math.nan))
    assert balance(gb.analyse(simulated[0], reference=half)).log_ratio.status is Status.UNCALIBRATED
    other = Reference("gluteus_medius", Quantity.EMG, Bilateral(1e-4, 1e-4))
    result = gb.analyse(simulated[0], reference=other)
    assert any("gluteus_maximus" in w for w in result.warnings)


def test_a_reference_of_another_kind_is_refused(simulated):
    with pytest.raises(InputError, match="found int"):
        gb.analyse(simulated[0], reference=[3])


def test_an_unknown_exercise_lists_what_there_is(simulated):
    with pytest.raises(UnknownNameError, match="hip_thrust"):
        gb.analyse(simulated[0], exercise="hip_trust")


def test_one_side_missing_says_what_was_found(simulated):
    left = simulated[0].with_(tracks=simulated[0].tracks[:1], source="a.csv")
    with pytest.raises(PairError, match=r"a\.csv: .*left gluteus_maximus EMG"):
        gb.analyse(left)


def test_two_rates_are_refused(simulated):
    left, right = simulated[0].tracks
    slow = Track.of_samples(dataclasses.replace(right.channel, rate_hz=500.0), right.filled()[::2])
    with pytest.raises(RateError, match="left 1000 Hz and right 500 Hz"):
        gb.analyse(simulated[0].with_(tracks=(left, slow)))


def test_a_dead_side_refuses_every_ratio_with_its_reason(simulated):
    recording, truth = simulated
    left, right = recording.tracks
    noise = 1e-6 * np.random.default_rng(0).standard_normal(right.n_samples)
    dead = recording.with_(tracks=(left, Track.of_samples(right.channel, noise)))
    result = gb.analyse(dead, reference=reference_of(truth))
    assert len(result.analysis.segmentation.reps) == 12  # the living side still counts the reps
    for found in result.analysis.balances:
        assert found.log_ratio.status is Status.REFUSED
        assert "right gluteus_maximus EMG" in found.log_ratio.reason
        assert math.isnan(found.log_ratio.low)
    assert math.isfinite(balance(result).sides.left.value)


@pytest.mark.parametrize("first", list(Side))
def test_a_one_sided_exercise_is_judged_unpaired(first):
    recording, truth = simulate_set(
        2, ratio=0.8, reps=8, laterality=Laterality.UNILATERAL, exercise="single_leg_hip_thrust", first=first
    )
    result = gb.analyse(recording, reference=reference_of(truth))
    estimate = balance(result).log_ratio
    assert estimate.low < truth.log_ratio < estimate.high
    assert estimate.n == 16
    assert set(result.reps["side_first"]) == {first.value}
    assert {rep.log_ratio.status for rep in balance(result).reps} == {Status.UNPAIRED}
    assert {"duration", "tempo"} <= set(result.balance["measure"])


def test_the_laterality_is_told_from_the_signals_when_no_exercise_is_named():
    for laterality in (Laterality.BILATERAL, Laterality.UNILATERAL):
        recording, _ = simulate_set(1, reps=8, laterality=laterality)
        result = gb.analyse(recording.with_(exercise=None))
        assert result.analysis.segmentation.laterality is laterality


def test_phases_are_measured_where_a_position_tells_them():
    recording, _ = simulate_set(3, reps=6, position=True)
    measures = set(gb.analyse(recording).balance["measure"])
    assert {"activation_concentric", "activation_eccentric"} <= measures


def test_two_muscles_and_force_are_judged_side_by_side():
    recording, truth = simulate_set(
        4, ratio=1.2, reps=10, more=(Muscle("gluteus_medius", 0.8),), force=ForcePlan(ratio=1.1)
    )
    result = gb.analyse(recording, reference=[reference_of(truth), reference_of(truth, "gluteus_medius")])
    happened = [float(np.mean([rep.log_ratio[k] for rep in truth.reps])) for k in (0, 1)]
    assert balance(result).log_ratio.value == pytest.approx(happened[0], abs=0.05)
    assert balance(result, site="gluteus_medius").log_ratio.value == pytest.approx(happened[1], abs=0.05)
    assert balance(result, "impulse", "plate").log_ratio.value == pytest.approx(math.log(1.1), abs=0.08)


def test_the_tare_of_a_load_cell_is_taken_off():
    plans = [ForcePlan(ratio=1.1, rest_n=Bilateral(0.0, 0.0)), ForcePlan(ratio=1.1, rest_n=Bilateral(20.0, -10.0))]
    zero, tared = (gb.analyse(simulate_set(4, reps=8, force=plan)[0]) for plan in plans)
    one, other = (balance(r, "impulse", "plate").log_ratio.value for r in (zero, tared))
    assert one == pytest.approx(other, abs=0.01)


def test_walking_is_judged_contact_by_contact():
    recording, truth = simulate_walk(0)
    result = gb.analyse(recording, exercise="walking")
    impulse = balance(result, "impulse", "insole").log_ratio
    duration = balance(result, "duration", "insole").log_ratio
    assert result.analysis.segmentation.laterality is Laterality.CYCLIC
    assert impulse.low < truth.log_ratio < impulse.high
    assert duration.low < truth.stance_log_ratio < duration.high
    assert duration.n == impulse.n


def test_walking_is_recognised_and_said():
    recording, _ = simulate_walk(0)
    result = gb.analyse(recording.with_(exercise=None))
    assert any("read as walking" in w for w in result.warnings)


def test_modulated_white_noise_is_told_to_be_unlike_a_muscle_and_still_judged():
    """Two amplitude-modulated noise channels, 12 reps, true R/L = 1.25, floors of 8 and 12 µV: d = 11.1."""
    rng = np.random.default_rng(1)
    rate, reps = 1000.0, 12
    t = np.arange(round(rate * (4 * reps + 4))) / rate
    envelope = np.where((t > 3) & (t < 4 * reps + 2), np.clip(np.sin(2 * np.pi * (t - 3) / 4), 0, None), 0)
    tracks = []
    for side, top, floor in ((Side.LEFT, 200e-6, 8e-6), (Side.RIGHT, 250e-6, 12e-6)):
        samples = top * envelope * rng.standard_normal(t.size) + floor * rng.standard_normal(t.size)
        tracks.append(Track.of_samples(Channel(Quantity.EMG, side, "gluteus_maximus", rate), samples))
    even = Reference("gluteus_maximus", Quantity.EMG, Bilateral(1e-4, 1e-4))
    result = gb.analyse(Recording(tuple(tracks)), exercise="hip_thrust", reference=even)
    row = result.balance.iloc[0]
    assert row.n == reps
    assert row.imbalance == pytest.approx(11.1, abs=1.5)
    assert set(result.quality["grade"]) == {"suspect"}


def test_emg_of_walking_is_judged_stride_by_stride_from_events():
    rng = np.random.default_rng(0)
    rate, strides = 1000.0, 8
    t = np.arange(round(rate * (strides + 2))) / rate
    tracks, events = [], []
    for side, shift in ((Side.LEFT, 0.0), (Side.RIGHT, 0.5)):
        burst = ((t - shift) % 1 < 0.3) * 1e-4
        channel = Channel(Quantity.EMG, side, "gluteus_maximus", rate)
        tracks.append(
            Track.of_samples(channel, burst * rng.standard_normal(t.size) + 1e-6 * rng.standard_normal(t.size))
        )
        events += [Event(k + shift, "Foot Strike", side) for k in range(1, strides + 1)]
    recording = Recording(tuple(tracks), events=tuple(sorted(events, key=lambda e: e.time_s)))
    even = Reference("gluteus_maximus", Quantity.EMG, Bilateral(1e-4, 1e-4))
    found = balance(gb.analyse(recording, reference=even))
    assert found.log_ratio.n == 2 * (strides - 1)
    assert found.log_ratio.low < 0 < found.log_ratio.high
    assert {rep.rep.side for rep in found.reps} == set(Side)


def test_settings_are_used_and_written_down(simulated):
    settings = Settings(emg=EmgSettings(low_hz=30, notch_hz=50), level=0.9)
    result = gb.analyse(simulated[0], reference=reference_of(simulated[1]), settings=settings)
    assert result.analysis.settings["EMG band"].startswith("30-450 Hz")
    assert "50 Hz" in result.analysis.settings["mains notch"]
    assert balance(result).log_ratio.level == 0.9
    assert set(result.analysis.versions) >= {"glutebal", "numpy", "scipy", "python"}


def test_no_repetition_is_said_and_not_a_number(simulated):
    rest = simulated[0].with_(tracks=tuple(t.between(0, 2500) for t in simulated[0].tracks))
    result = gb.analyse(rest)
    assert not result.analysis.segmentation.reps
    assert result.balance["imbalance"].isna().all()


def test_a_result_reads_well(calibrated):
    assert "gluteus_maximus" in str(calibrated) or "gluteus maximus" in str(calibrated)
    assert "<table" in calibrated._repr_html_()
    assert calibrated.warnings == calibrated.analysis.warnings


@pytest.mark.parametrize(
    ("spoil", "status"),
    [
        (lambda left, right: (left, Track(right.channel, ())), Status.REFUSED),
        (lambda left, right: (left, right.scaled(0)), Status.REFUSED),
        (lambda left, right: (left, left.on(right.channel)), Status.REFUSED),
        (lambda left, right: (left.scaled(0), right.scaled(0)), Status.REFUSED),
        (lambda left, right: (left.between(0, 100), right.between(0, 100)), Status.TOO_FEW),
        (lambda left, right: (left.between(0, 1), right.between(0, 1)), Status.TOO_FEW),
    ],
)
def test_what_cannot_be_judged_is_a_status_in_every_output(simulated, spoil, status):
    recording, truth = simulated
    result = gb.analyse(recording.with_(tracks=spoil(*recording.tracks)), reference=reference_of(truth))
    assert {b.log_ratio.status for b in result.analysis.balances if b.measure == "activation"} <= {
        status,
        Status.REFUSED,
    }
    assert result.balance["imbalance"].isna().all()
    assert "NaN" not in result.to_json()
    assert str(result)
    assert gb.report(result).html


def test_force_finds_the_reps_when_no_emg_is_alive():
    recording, _ = simulate_set(0, reps=6, force=ForcePlan())
    rng = np.random.default_rng(0)
    tracks = tuple(
        t
        if t.channel.quantity is Quantity.FORCE
        else Track.of_samples(t.channel, 1e-6 * rng.standard_normal(t.n_samples))
        for t in recording.tracks
    )
    result = gb.analyse(recording.with_(tracks=tracks))
    assert balance(result, "impulse", "plate").log_ratio.n == 6
    assert balance(result).log_ratio.status is Status.REFUSED


def test_walking_without_feet_in_the_recording_is_said(simulated):
    assert any("foot contacts" in w for w in gb.analyse(simulated[0], exercise="walking").warnings)
