import math
from dataclasses import replace

import numpy as np
import pytest

import glutebal as gb
from glutebal.analysis.waveforms import OWN_MEAN, waveforms
from glutebal.model import Bilateral, Quantity, Side, TimeAlignment, Track
from glutebal.results import Laterality, Reference, Status
from glutebal.testing.plans import ForcePlan
from glutebal.testing.simulate import demo_set, simulate_set, simulate_walk


@pytest.fixture(scope="module")
def simulated():
    return simulate_set(5, ratio=1.3, reps=10, gain=Bilateral(1.0, 0.6), force=ForcePlan())


@pytest.fixture(scope="module")
def reference(simulated):
    truth = simulated[1]
    (muscle,) = truth.plan.muscles
    return Reference(muscle.site, Quantity.EMG, truth.reference_v(muscle), Bilateral(0.02, 0.02))


@pytest.fixture(scope="module")
def analysis(simulated, reference):
    return gb.analyse(simulated[0], reference=reference).analysis


@pytest.fixture(scope="module")
def uncalibrated(simulated):
    return gb.analyse(simulated[0]).analysis


def site(found, name):
    return next(w for w in found if w.site == name)


def test_emg_comes_first_in_per_cent_of_the_reference_and_force_in_newtons(analysis):
    found = waveforms(analysis)
    assert [(w.site, w.unit) for w in found] == [("gluteus_maximus", "%ref"), ("plate", "N")]
    for w in found:
        assert w.curves.map(lambda c: (c.n, c.left_out, c.mean.shape, c.sd.shape)) == Bilateral(
            (10, 0, (101,), (101,)), (10, 0, (101,), (101,))
        )
        assert w.symmetry.trend_symmetry > 0.98
        assert w.symmetry.status is Status.OK
        assert w.spm.n == 10


def test_the_curve_rises_and_falls_as_the_force_that_was_planned(analysis):
    force = site(waveforms(analysis), "plate").curves
    for curve in force:
        assert curve.mean.max() > 5 * max(curve.mean[0], curve.mean[-1])
        assert (curve.sd >= 0).all()


def test_the_right_side_is_larger_where_it_was_made_larger(analysis):
    emg = site(waveforms(analysis), "gluteus_maximus")
    assert emg.symmetry.range_ratio == pytest.approx(1.3, abs=0.2)  # truth of the set; ten noisy reps
    assert emg.symmetry.range_offset > 0
    assert emg.spm.clusters
    assert {c.larger for c in emg.spm.clusters} == {Side.RIGHT}


def test_swapping_the_sides_flips_the_signs_and_nothing_else(simulated, reference, analysis):
    mirrored = gb.analyse(
        simulated[0].swapped(), reference=replace(reference, value=reference.value.swapped())
    ).analysis
    for one, other in zip(waveforms(analysis), waveforms(mirrored), strict=True):
        np.testing.assert_allclose(one.curves.left.mean, other.curves.right.mean, rtol=1e-9)
        np.testing.assert_allclose(one.spm.t, -other.spm.t, rtol=1e-9)
        assert one.symmetry.range_offset == pytest.approx(-other.symmetry.range_offset)
        np.testing.assert_allclose(one.symmetry.lag, -other.symmetry.lag, atol=1e-9)
        assert [(c.start_percent, c.larger.other) for c in one.spm.clusters] == [
            (pytest.approx(c.start_percent), c.larger) for c in other.spm.clusters
        ]


def test_without_a_reference_only_shapes_are_compared(uncalibrated, simulated):
    emg = site(waveforms(uncalibrated), "gluteus_maximus")
    assert emg.unit == OWN_MEAN
    assert emg.is_shape_only
    assert emg.symmetry.status is Status.UNCALIBRATED
    assert math.isnan(emg.symmetry.range_ratio)
    assert emg.curves.map(lambda c: pytest.approx(c.mean.mean())) == Bilateral(100.0, 100.0)
    assert site(waveforms(uncalibrated), "plate").symmetry.status is Status.OK
    louder = simulated[0].with_(tracks=tuple(_louder(t) for t in simulated[0].tracks))
    same = site(waveforms(gb.analyse(louder).analysis), "gluteus_maximus")
    np.testing.assert_allclose(same.curves.right.mean, emg.curves.right.mean, rtol=1e-6)
    assert same.symmetry.trend_symmetry == pytest.approx(emg.symmetry.trend_symmetry, rel=1e-6)


def _louder(track):
    right_emg = (track.channel.quantity, track.channel.side) == (Quantity.EMG, Side.RIGHT)
    return track.scaled(4.0) if right_emg else track


def test_an_error_of_the_references_weakens_the_claim(simulated, reference, analysis):
    unsure = replace(reference, relative_se=Bilateral(0.3, 0.3))
    found = site(waveforms(gb.analyse(simulated[0], reference=unsure).analysis), "gluteus_maximus")
    known = site(waveforms(analysis), "gluteus_maximus")
    assert np.nanmax(np.abs(found.spm.t)) < np.nanmax(np.abs(known.spm.t)) / 2
    assert found.spm.clusters == ()


def test_one_sided_repetitions_are_no_pairs():
    recording, _ = simulate_set(3, laterality=Laterality.UNILATERAL, exercise="single_leg_hip_thrust", reps=6)
    (found,) = waveforms(gb.analyse(recording).analysis)
    assert found.spm.status is Status.UNPAIRED
    assert "no pairs" in found.spm.reason
    assert np.isnan(found.spm.t).all()
    assert found.deviations == ()
    assert math.isfinite(found.symmetry.trend_symmetry)
    assert min(c.n for c in found.curves) == 6


def test_the_stance_of_a_walk_is_one_curve_per_contact():
    recording, _ = simulate_walk(2)
    found = waveforms(gb.analyse(recording, exercise="gait").analysis)
    force = next(w for w in found if w.quantity is Quantity.FORCE)
    assert (force.laterality, force.spm.status, force.cyclic) == (Laterality.CYCLIC, Status.UNPAIRED, False)
    assert min(c.n for c in force.curves) > 5
    assert all(w.cyclic for w in found if w.quantity is Quantity.EMG)


def test_a_rep_that_touches_a_gap_on_one_side_is_left_out_on_both(analysis):
    pair = analysis.envelopes[0]
    rep = analysis.segmentation.reps[2]
    middle = round((rep.start_s + rep.stop_s) / 2 * pair.left.channel.rate_hz) - pair.left.start
    values = pair.left.filled()
    values[middle] = np.nan
    holed = Bilateral(Track.of_samples(pair.left.channel, values, pair.left.start), pair.right)
    found = waveforms(replace(analysis, envelopes=(holed,)))[0]
    assert found.curves.map(lambda c: (c.n, c.left_out)) == Bilateral((9, 1), (9, 1))
    assert (found.spm.n, found.spm.left_out) == (9, 1)


def test_a_dead_channel_gets_no_curve_statement():
    recording, _ = simulate_set(5, reps=6)
    dead = recording.with_(tracks=tuple(_unplugged(t) if t.channel.side is Side.LEFT else t for t in recording.tracks))
    (found,) = waveforms(gb.analyse(dead).analysis)
    assert found.symmetry.status is Status.REFUSED
    assert found.spm.status is Status.REFUSED
    assert "left" in found.symmetry.reason


def _unplugged(track):
    noise = np.random.default_rng(1).normal(0, 1e-6, track.n_samples)
    return Track.of_samples(track.channel, noise, track.start)


def test_few_reps_have_curves_and_no_test():
    recording, _ = simulate_set(5, reps=3)
    (found,) = waveforms(gb.analyse(recording, exercise="hip_thrust").analysis)
    assert found.spm.status is Status.TOO_FEW
    assert math.isfinite(found.symmetry.r)


def test_no_reps_no_curves(analysis):
    assert waveforms(replace(analysis, segmentation=replace(analysis.segmentation, reps=()))) == ()


def test_a_lag_between_two_sensors_is_told_only_as_well_as_they_share_a_clock(analysis):
    unknown = replace(analysis, recording=replace(analysis.recording, alignment=TimeAlignment("earliest arrivals")))
    assert all(math.isfinite(w.lag_ms) and not w.lag_reason for w in waveforms(analysis))
    for w in waveforms(unknown):
        assert math.isnan(w.lag_ms)
        assert "earliest arrivals" in w.lag_reason


def test_turns_can_be_lined_up():
    recording, references, _ = demo_set()
    found = gb.analyse(recording, reference=references).analysis
    plain, lined = (site(waveforms(found, lined_up=x), "plate") for x in (False, True))
    turned = sum(rep.turn is not None for rep in found.segmentation.reps)
    assert lined.curves.left.n == turned > 5
    assert np.abs(plain.curves.left.mean - lined.curves.left.mean).max() > 1.0  # N


def test_the_result_has_tables_of_them(simulated, reference):
    result = gb.analyse(simulated[0], reference=reference)
    assert list(result.waveforms["site"]) == ["gluteus_maximus", "plate"]
    assert len(result.curves) == 2 * 2 * 101
    assert result.site_waveforms is result.site_waveforms
