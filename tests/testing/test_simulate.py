"""The simulator's truth is exact, or every test that stands on it is worthless."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glutebal.errors import InputError
from glutebal.model import Bilateral, Quantity, Side
from glutebal.results import Laterality
from glutebal.testing.simulate import (
    Dropout,
    ForcePlan,
    Muscle,
    SetPlan,
    Shape,
    demo_set,
    simulate_reference,
    simulate_set,
    simulate_walk,
)
from glutebal.testing.waveforms import emg_noise, stream, white_noise


def rms(track, start_s, stop_s):
    rate = track.channel.rate_hz
    return float(np.sqrt(np.mean(track.between(round(start_s * rate), round(stop_s * rate)).values() ** 2)))


def test_the_same_seed_is_the_same_set_and_another_is_not():
    assert simulate_set(3, reps=3) == simulate_set(3, reps=3)
    assert simulate_set(3, reps=3)[0] != simulate_set(4, reps=3)[0]


@pytest.mark.parametrize("ratio", [0.6, 1.0, 1.6])
def test_the_ratio_is_in_the_samples(ratio):
    plan = SetPlan(ratio=ratio, rep_sd=0.0, common_sd=0.0, reps=20, rep_s=4.0, snr_db=40.0, shape=Shape.SQUARE)
    recording, truth = simulate_set(5, plan)
    pair = recording.pair("gluteus_maximus")
    powers = [pair.map(lambda t, r=r: rms(t, r.start_s, r.stop_s) ** 2) for r in truth.reps]
    found = 0.5 * math.log(sum(p.right for p in powers) / sum(p.left for p in powers))
    assert found == pytest.approx(math.log(ratio), abs=0.02)  # 80 s of EMG: 2 x 0.4 % sampling scatter
    assert truth.imbalance == pytest.approx(100 * (ratio - 1) / (ratio + 1))


def test_snr_and_noise_are_those_of_the_worse_side():
    plan = SetPlan(ratio=1.0, rep_sd=0.0, common_sd=0.0, wobble=0.0, snr_db=12.0, shape=Shape.SQUARE, lead_in_s=60.0)
    recording, truth = simulate_set(2, plan)
    pair = recording.pair("gluteus_maximus")
    band = math.sqrt(500 / 430)  # white noise up to 500 Hz, stated for 20-450 Hz
    for side in Side:
        assert rms(pair[side], 0, 60) == pytest.approx(truth.noise_v[side] * band, rel=0.02)
    assert truth.plan.peak_v == pytest.approx(6e-6 * 10 ** (12 / 20))
    assert [rep.peak_v[0].left for rep in truth.reps] == pytest.approx([truth.plan.peak_v] * 12)


def test_reps_vary_as_planned():
    sets = [simulate_set(seed, reps=20, rate_hz=100.0, rep_sd=0.1, autocorrelation=0.3)[1] for seed in range(150)]
    courses = np.array([[rep.log_ratio[0] - truth.log_ratio for rep in truth.reps] for truth in sets])
    assert courses.std() == pytest.approx(0.1, rel=0.06)
    assert courses.mean() == pytest.approx(0.0, abs=0.01)
    assert np.mean(courses[:, 1:] * courses[:, :-1]) / courses.var() == pytest.approx(0.3, abs=0.06)


def test_drift_leaves_the_mean_of_the_set():
    still, moving = (simulate_set(1, reps=9, drift=d)[1] for d in (0.0, 0.02))
    differences = [b.log_ratio[0] - a.log_ratio[0] for a, b in zip(still.reps, moving.reps, strict=True)]
    assert differences == pytest.approx(0.02 * np.arange(-4, 5))


def test_another_rate_is_the_same_set_recorded_again():
    slow, fast = (simulate_set(7, reps=4, rate_hz=rate) for rate in (500.0, 2000.0))
    assert slow[1].reps == fast[1].reps
    assert slow[0].duration_s == pytest.approx(fast[0].duration_s, abs=0.002)


def test_a_gain_is_in_the_set_and_in_its_reference_but_not_in_the_truth():
    even = {"rep_sd": 0.0, "common_sd": 0.0, "snr_db": 40.0, "shape": Shape.SQUARE, "reps": 20}
    plan = SetPlan(ratio=1.2, gain=Bilateral(1.0, 0.5), **even)
    recording, truth = simulate_set(3, plan)
    reference = simulate_reference(3, plan)
    pair, trial = recording.pair("gluteus_maximus"), reference.pair("gluteus_maximus")
    in_set = pair.map(lambda t: math.sqrt(np.mean([rms(t, r.start_s, r.stop_s) ** 2 for r in truth.reps])))
    trials = trial.map(lambda t: math.sqrt(np.mean([rms(t, 3.3 + 7.6 * k, 7.3 + 7.6 * k) ** 2 for k in range(3)])))
    share = in_set.zip(trials).map(lambda pair: pair[0] / pair[1])
    assert math.log(in_set.right / in_set.left) == pytest.approx(math.log(0.6), abs=0.03)  # raw volts mislead
    assert math.log(share.right / share.left) == pytest.approx(math.log(1.2), abs=0.05)
    efforts = math.sqrt(np.mean([0.9**2, 0.95**2, 1.0]))
    assert trials.left == pytest.approx(efforts * truth.reference_v(plan.muscles[0]).left, rel=0.04)


def test_unilateral_sets_go_side_by_side_or_alternate():
    plan = SetPlan(laterality=Laterality.UNILATERAL, first=Side.RIGHT, reps=3, rate_hz=100.0)
    blocks, turns = (simulate_set(1, plan, alternating=alternating)[1].reps for alternating in (False, True))
    assert [rep.side.value[0] for rep in blocks] == list("rrrlll")
    assert [rep.set_index for rep in blocks] == [1, 1, 1, 2, 2, 2]
    assert [rep.side.value[0] for rep in turns] == list("rlrlrl")
    assert math.isnan(blocks[0].log_ratio[0])
    assert blocks[0].peak_v[0].left < 0.1 * blocks[0].peak_v[0].right


def test_more_channels_leave_the_first_as_it_was():
    one, _ = simulate_set(1, reps=3)
    more, truth = simulate_set(1, reps=3, more=(Muscle("gluteus_medius", 0.9),), force=ForcePlan(), position=True)
    assert more.tracks[:2] == one.tracks
    assert [c.quantity for c in more.channels[4:]] == [Quantity.FORCE, Quantity.FORCE, Quantity.POSITION]
    assert len(truth.reps[0].log_ratio) == 2


def test_a_dropout_is_a_gap_on_its_side_only():
    recording, _ = simulate_set(1, reps=3, dropouts=(Dropout(Side.LEFT, 4.0, 4.5),))
    pair = recording.pair("gluteus_maximus")
    assert (pair.left.gaps, pair.right.gaps) == (((4000, 4500),), ())


def test_force_rests_at_its_tare():
    recording, truth = simulate_set(1, reps=3, force=ForcePlan(rest_n=Bilateral(350.0, 340.0), peak_n=200.0))
    left = recording.pair("plate", Quantity.FORCE).left
    assert left.between(0, 1000).values().mean() == pytest.approx(350.0, abs=0.5)
    assert left.values().max() > 350 + 120
    assert truth.reps[0].start_s == 3.0


@pytest.mark.parametrize("shape", Shape)
def test_every_shape_stays_between_rest_and_one(shape):
    course = shape.at(np.linspace(0, 1, 1001))
    assert course.min() >= 0.0
    assert course.max() == pytest.approx(1.0)
    if shape is not Shape.SQUARE:
        assert course[[0, -1]] == pytest.approx([0.0, 0.0], abs=1e-12)


@given(rate=st.sampled_from([1000.0, 2000.0, 4000.0]), seed=st.integers(0, 50))
@settings(derandomize=True, deadline=None, max_examples=12)
def test_noise_density_does_not_depend_on_the_rate(rate, seed):
    n = int(30 * rate)
    emg, white = emg_noise(stream(seed, 1), n, rate), white_noise(stream(seed, 2), n, rate)
    assert emg.std() == pytest.approx(1.01, abs=0.03)  # 1 in band, and a little outside of it
    assert white.std() == pytest.approx(math.sqrt(rate / 2 / 430), rel=0.03)


def test_walk_keeps_its_ratios():
    recording, truth = simulate_walk(1, strides=40, stride_sd=0.0, noise_n=0.0, offset_n=Bilateral(0.0, 0.0))
    rate = truth.plan.rate_hz
    pair = recording.pair("insole")
    for contact in truth.contacts:
        samples = pair[contact.side].between(round(contact.start_s * rate), round(contact.stop_s * rate) + 1).values()
        assert samples.sum() / rate == pytest.approx(contact.impulse, rel=0.01)
    impulse = {s: np.mean([c.impulse for c in truth.contacts if c.side is s]) for s in Side}
    assert math.log(impulse[Side.RIGHT] / impulse[Side.LEFT]) == pytest.approx(truth.log_ratio)
    assert truth.laterality is Laterality.CYCLIC


def test_the_demo_has_everything_that_a_page_shows():
    recording, reference, truth = demo_set()
    assert [pair.left.channel.site for pair in recording.pairs(Quantity.EMG)] == ["gluteus_maximus", "gluteus_medius"]
    assert [pair.left.channel.site for pair in reference.pairs()] == ["gluteus_maximus", "gluteus_medius"]
    assert truth.realised == pytest.approx(truth.log_ratio, abs=0.01)


def test_impossible_plans_are_refused():
    with pytest.raises(InputError, match="simulate_walk"):
        SetPlan(laterality=Laterality.CYCLIC)
    with pytest.raises(InputError, match="ratio -1"):
        SetPlan(ratio=-1.0)
