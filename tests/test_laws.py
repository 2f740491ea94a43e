"""The laws of the whole: what must stay true of an analysis whatever is changed about how it came in.

The same arithmetic in another order may differ in the last digits; a resampled signal is another signal, and its
tolerance says by how much.
"""

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from glutebal.analysis.analyse import analyse
from glutebal.ingest.formats.native import save
from glutebal.ingest.read import read
from glutebal.model import Bilateral, Chunk, Quantity, Side, Track
from glutebal.results import Laterality, Reference
from glutebal.testing.plans import Dropout
from glutebal.testing.simulate import simulate_set

law = settings(derandomize=True, deadline=None, max_examples=8, suppress_health_check=[HealthCheck.too_slow])
ratios = st.floats(0.6, 1.6)
seeds = st.integers(0, 10_000)
EVEN = Reference("gluteus_maximus", Quantity.EMG, Bilateral(1e-4, 1e-4))


def small_set(seed, ratio=1.2, **changes):
    return simulate_set(seed, ratio=ratio, reps=6, rep_s=1.5, rest_s=1.0, **changes)


def activation(result):
    return next(b for b in result.analysis.balances if b.measure == "activation")


def spans(result):
    return [(r.start, r.stop, r.side) for r in result.analysis.segmentation.reps]


@law
@given(seeds, ratios)
def test_swapping_the_sides_flips_the_sign_and_nothing_else(seed, ratio):
    recording, _ = small_set(seed, ratio)
    one, other = analyse(recording, reference=EVEN), analyse(recording.swapped(), reference=EVEN)
    assert spans(one) == spans(other)
    for a, b in zip(one.analysis.balances, other.analysis.balances, strict=True):
        assert (a.measure, a.log_ratio.status, a.log_ratio.n) == (b.measure, b.log_ratio.status, b.log_ratio.n)
        np.testing.assert_allclose(a.log_ratio.value, -b.log_ratio.value, rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(a.log_ratio.low, -b.log_ratio.high, rtol=1e-9, atol=1e-12)


@law
@given(seeds, st.sampled_from([Side.LEFT, Side.RIGHT]))
def test_swapping_the_sides_of_a_one_sided_exercise_flips_the_sign(seed, first):
    recording, _ = small_set(seed, laterality=Laterality.UNILATERAL, exercise="single_leg_hip_thrust", first=first)
    one, other = analyse(recording, reference=EVEN), analyse(recording.swapped(), reference=EVEN)
    assert [(a, b, s.other) for a, b, s in spans(one)] == spans(other)
    assert activation(one).log_ratio.value == pytest.approx(-activation(other).log_ratio.value, rel=1e-9)


@law
@given(seeds, st.floats(-9, 6))
def test_a_gain_common_to_both_sides_leaves_every_ratio_alone(seed, power_of_ten):
    recording, _ = small_set(seed)
    gain = 10**power_of_ten
    louder = recording.with_(tracks=tuple(t.scaled(gain) for t in recording.tracks))
    scaled = dataclasses.replace(EVEN, value=EVEN.value.map(lambda v: v * gain))
    one, other = analyse(recording, reference=EVEN), analyse(louder, reference=scaled)
    assert spans(one) == spans(other)
    for a, b in zip(one.analysis.balances, other.analysis.balances, strict=True):
        np.testing.assert_allclose(a.log_ratio.value, b.log_ratio.value, rtol=1e-9, atol=1e-10)


@law
@given(seeds, st.lists(st.integers(1, 14_000), max_size=6))
def test_any_cutting_of_the_recording_gives_the_same_answer(seed, cuts):
    recording, _ = small_set(seed)
    pieces = recording.with_(tracks=tuple(_rejoined(track, sorted(cuts)) for track in recording.tracks))
    assert pieces == recording
    assert analyse(pieces, reference=EVEN).to_json() == analyse(recording, reference=EVEN).to_json()


def _rejoined(track, cuts):
    parts = [p for p in np.split(track.filled(), [c for c in cuts if c < track.n_samples]) if p.size]
    starts = np.cumsum([track.start, *(p.size for p in parts[:-1])])
    return Track.of(track.channel, [Chunk(track.channel, int(s), p) for s, p in zip(starts, parts, strict=True)])


@law
@given(seeds, ratios, st.sampled_from([500.0, 2000.0, 4000.0]))
def test_another_sampling_rate_gives_the_same_answer(seed, ratio, rate_hz):
    recording, _ = small_set(seed, ratio)
    again, _ = small_set(seed, ratio, rate_hz=rate_hz)
    one, other = (activation(analyse(r, reference=EVEN)).log_ratio for r in (recording, again))
    assert other.n == one.n
    # The muscle noise of another rate is another draw: the two means may differ by what their rows say, no more.
    assert abs(one.value - other.value) < 4 * math.hypot(one.se, other.se)


@law
@given(seeds, ratios)
def test_the_same_signal_resampled_gives_the_same_ratio(seed, ratio):
    from scipy.signal import resample

    recording, _ = small_set(seed, ratio)

    def doubled(track):
        values = resample(track.filled(), 2 * track.n_samples)
        return Track.of_samples(dataclasses.replace(track.channel, rate_hz=2 * track.channel.rate_hz), values)

    twice = recording.with_(tracks=tuple(doubled(t) for t in recording.tracks))
    one, other = (activation(analyse(r, reference=EVEN)).log_ratio for r in (recording, twice))
    assert other.value == pytest.approx(one.value, abs=0.01)  # λ: half a point of the imbalance index


@law
@given(seeds, ratios)
def test_a_recording_and_its_mirror_image_balance_out(seed, ratio):
    recording, _ = small_set(seed, ratio)
    values = [activation(analyse(r, reference=EVEN)).log_ratio.value for r in (recording, recording.swapped())]
    assert sum(values) == pytest.approx(0, abs=1e-12)


@law
@given(seeds, ratios)
def test_nothing_leaves_its_range_and_inputs_are_not_mutated(seed, ratio):
    recording, _ = small_set(seed, ratio)
    copies = [track.filled() for track in recording.tracks]
    result = analyse(recording, reference=EVEN)
    d = result.balance[["imbalance", "low", "high"]].to_numpy(float)
    assert np.nanmax(np.abs(d)) <= 100
    for track, copy in zip(recording.tracks, copies, strict=True):
        np.testing.assert_array_equal(track.filled(), copy)


@law
@given(seeds)
def test_saved_and_loaded_is_equal_and_so_is_its_analysis(tmp_path_factory, seed):
    recording, _ = small_set(seed)
    path = tmp_path_factory.mktemp("law") / "set.glutebal"
    save(recording, path)
    assert read(path) == recording
    assert analyse(read(path), reference=EVEN).to_json() == analyse(recording, reference=EVEN).to_json()


@pytest.mark.parametrize("side", list(Side))
@pytest.mark.parametrize(("start_s", "stop_s"), [(6.0, 6.36), (6.0, 8.0), (5.2, 7.6)])
def test_a_dropout_costs_the_reps_it_touches_and_moves_no_other(side, start_s, stop_s):
    """Reps on either side of a dropout keep their times; the one that was not seen whole is not counted."""
    whole, truth = small_set(3)
    holed, _ = small_set(3, dropouts=(Dropout(side, start_s, stop_s),))
    full, left = analyse(whole, reference=EVEN), analyse(holed, reference=EVEN)
    settle = 0.2  # s: filter settling and the rep finder's own margin
    untouched = [r for r in truth.reps if r.stop_s < start_s - settle or r.start_s > stop_s + settle]
    kept = [(r.start_s, r.stop_s) for r in left.analysis.segmentation.reps]
    before = [(r.start_s, r.stop_s) for r in full.analysis.segmentation.reps]
    assert len(untouched) <= len(kept) < len(before)
    for a, b in kept:
        assert min(abs(a - c) + abs(b - d) for c, d in before) < 0.1  # s
        assert b < start_s or a > stop_s
    assert left.analysis.segmentation.excluded


def test_public_records_hold_plain_floats():
    recording, _ = small_set(0)
    for balance in analyse(recording, reference=EVEN).analysis.balances:
        reps = [e for r in balance.reps for e in (r.log_ratio, *r.sides)]
        for estimate in (balance.log_ratio, balance.drift, *balance.sides, *reps):
            assert {type(x) for x in (estimate.value, estimate.low, estimate.high, estimate.se)} == {float}
            assert type(estimate.n) is int


def test_a_recording_of_nothing_but_silence_gives_no_number():
    recording, _ = small_set(0)
    rng = np.random.default_rng(0)
    silent = recording.with_(
        tracks=tuple(Track.of_samples(t.channel, 1e-6 * rng.standard_normal(t.n_samples)) for t in recording.tracks)
    )
    result = analyse(silent, reference=EVEN)
    assert result.balance["imbalance"].isna().all()
