"""Reps: the right number of them, in the right place, whichever side is stronger and however the packets were cut."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glutebal.model import Bilateral, Channel, Chunk, Quantity, Side, Track
from glutebal.results import Laterality
from glutebal.signal.effort import emg_effort, force_effort
from glutebal.signal.envelope import BlockPower
from glutebal.signal.filters import Bandpass
from glutebal.signal.noise import noise_floor
from glutebal.signal.operator import Chain
from glutebal.signal.reps import RepSettings, find_reps
from glutebal.testing.simulate import Dropout, ForcePlan, SetPlan, Shape, simulate_set

POWER = Chain(Bandpass(20, 450), BlockPower())


def effort_of(recording, site="gluteus_maximus"):
    powers = recording.pair(site).map(POWER)
    return emg_effort(powers, powers.map(lambda power: noise_floor(power).power))


def random_plan(seed):
    """A plan from the whole range in which counts must be exact."""
    rng = np.random.default_rng(seed)
    rep_s = float(np.exp(rng.uniform(np.log(0.5), np.log(6))))
    return SetPlan(
        ratio=float(rng.uniform(0.6, 1.6)),
        reps=int(rng.integers(5, 21)),
        snr_db=float(rng.uniform(12, 30)),
        noise_v=Bilateral(float(rng.uniform(2e-6, 8e-6)), float(rng.uniform(2e-6, 8e-6))),
        rep_sd=float(rng.uniform(0.05, 0.15)),
        autocorrelation=float(rng.uniform(0, 0.3)),
        shape=list(Shape)[int(rng.integers(len(Shape)))],
        rep_s=rep_s,
        hold_s=float(rng.uniform(2, 5)) if rng.random() < 0.2 and rep_s < 3 else 0.0,
        rest_s=float(np.exp(rng.uniform(np.log(0.3), np.log(4)))),
        setup_burst=bool(rng.random() < 0.3),
    )


def found_and_true(seed, plan, laterality=None):
    recording, truth = simulate_set(seed, plan)
    return find_reps(effort_of(recording), laterality), truth


@pytest.mark.parametrize("seed", range(10_000, 10_012))
def test_counts_are_exact(seed):
    found, truth = found_and_true(seed, random_plan(seed))
    assert len(found.reps) == len(truth.reps)
    assert found.laterality is Laterality.BILATERAL


@pytest.mark.slow
def test_counts_are_exact_in_98_of_100_sets():
    exact = 0
    for seed in range(20_000, 20_100):
        found, truth = found_and_true(seed, random_plan(seed))
        exact += len(found.reps) == len(truth.reps)
    assert exact >= 98


@pytest.mark.parametrize(
    ("shape", "late"),
    [
        (Shape.SQUARE, 0.0),
        (Shape.PLATEAU, 0.04),
        (Shape.HALF_SINE, 0.03),
        (Shape.RAISED_COSINE, 0.1),
        (Shape.DOUBLE_BUMP, 0.06),
    ],
)
def test_edges_stand_where_a_tenth_of_the_amplitude_is_passed(shape, late):
    plan = SetPlan(shape=shape, rep_s=2.5, reps=8, snr_db=26.0)
    found, truth = found_and_true(4, plan)
    starts = [a.start_s - b.start_s for a, b in zip(found.reps, truth.reps, strict=True)]
    stops = [a.stop_s - b.stop_s for a, b in zip(found.reps, truth.reps, strict=True)]
    expected = late * plan.rep_s  # the course is below a tenth of its top for that long
    assert np.abs(np.array(starts) - expected).max() < 0.15  # s: smoothing and noise
    assert np.abs(np.array(stops) + expected).max() < 0.2  # s: the same and the filter's delay


@pytest.mark.parametrize("rep_s", [0.5, 6.0])
def test_fast_and_slow_reps(rep_s):
    found, truth = found_and_true(1, SetPlan(rep_s=rep_s, rest_s=0.5, reps=10, shape=Shape.HALF_SINE))
    assert len(found.reps) == len(truth.reps)


@pytest.mark.parametrize("shape", [Shape.PLATEAU, Shape.DOUBLE_BUMP])
def test_holds_are_not_split(shape):
    found, truth = found_and_true(2, SetPlan(shape=shape, rep_s=1.5, hold_s=5.0, reps=6, wobble=0.15))
    assert len(found.reps) == len(truth.reps)
    assert all(rep.duration_s > 5.0 for rep in found.reps)


@pytest.mark.parametrize("shape", [Shape.HALF_SINE, Shape.RAISED_COSINE])
def test_reps_without_a_pause_are_told_apart(shape):
    found, truth = found_and_true(3, SetPlan(shape=shape, rep_s=2.0, rest_s=0.0, reps=9))
    assert len(found.reps) == len(truth.reps)


def test_setting_up_is_no_rep():
    found, truth = found_and_true(5, SetPlan(reps=6, setup_burst=True))
    assert len(found.reps) == len(truth.reps)
    assert [ex.start_s < 2.0 for ex in found.excluded] == [True]
    assert "weaker" in found.excluded[0].reason or "shorter" in found.excluded[0].reason


def test_nothing_is_found_in_noise():
    for seed in range(5):
        rng = np.random.default_rng(seed)
        channels = [Channel(Quantity.EMG, side, "gluteus_maximus", 1000.0) for side in Side]
        pair = Bilateral(*(Track.of_samples(c, 5e-6 * rng.standard_normal(30_000)) for c in channels))
        powers = pair.map(POWER)
        assert find_reps(emg_effort(powers, powers.map(lambda p: noise_floor(p).power))).reps == ()


def test_no_usable_side_is_no_rep():
    found = find_reps(Bilateral(None, None))
    assert (found.reps, found.method) == ((), "no usable side")


def test_a_dead_side_leaves_the_reps_of_the_other():
    recording, truth = simulate_set(6, reps=7)
    effort = effort_of(recording)
    alone = find_reps(Bilateral(None, effort.right))
    assert len(alone.reps) == len(truth.reps)
    assert {rep.side for rep in alone.reps} == {None}
    assert "activity on right" in alone.method


@pytest.mark.parametrize("alternating", [False, True])
@pytest.mark.parametrize("first", Side)
def test_unilateral_reps_have_their_side_and_set(first, alternating):
    plan = SetPlan(laterality=Laterality.UNILATERAL, first=first, alternating=alternating, reps=5, set_rest_s=8.0)
    found, truth = found_and_true(7, plan)
    assert found.laterality is Laterality.UNILATERAL
    assert [(r.side, r.set_index, r.index) for r in found.reps] == [(r.side, r.set_index, r.index) for r in truth.reps]


def test_one_idle_side_is_a_unilateral_set():
    plan = SetPlan(laterality=Laterality.UNILATERAL, passive=0.0, reps=5, set_rest_s=8.0)
    recording, truth = simulate_set(8, plan)
    half = round((truth.reps[4].stop_s + 2) * 100)
    found = find_reps(effort_of(recording).map(lambda track: track.between(0, half)))
    assert found.laterality is Laterality.UNILATERAL
    assert [rep.side for rep in found.reps] == [Side.LEFT] * 5


def test_a_long_rest_begins_a_set():
    found, truth = found_and_true(9, SetPlan(reps=4, sets=3, set_rest_s=25.0, rep_s=1.5))
    assert [(r.set_index, r.index) for r in found.reps] == [(r.set_index, r.index) for r in truth.reps]


@pytest.mark.parametrize("side", Side)
def test_a_rep_that_was_not_seen_whole_is_not_counted(side):
    """Two seconds without packets from the middle of rep 3 to the middle of rep 4: both are gone, time is not."""
    plan = SetPlan(reps=8, rep_s=2.0, rest_s=0.8, shape=Shape.PLATEAU)
    _, truth = simulate_set(10, plan)
    middle = [(rep.start_s + rep.stop_s) / 2 for rep in truth.reps]
    found, _ = found_and_true(10, SetPlan(**{**vars(plan), "dropouts": (Dropout(side, middle[2], middle[3]),)}))
    kept = [rep for k, rep in enumerate(truth.reps) if k not in {2, 3}]
    assert [rep.start_s for rep in found.reps] == pytest.approx([rep.start_s for rep in kept], abs=0.2)
    assert {ex.reason for ex in found.excluded} == {"it touches a gap in the recording"}
    assert all(rep.stop_s > middle[3] for rep in found.reps[2:])


def test_a_rep_under_way_at_either_end_is_not_counted():
    recording, truth = simulate_set(11, reps=6, shape=Shape.PLATEAU)
    first, last = truth.reps[0], truth.reps[-1]
    cut = [round(100 * (rep.start_s + rep.stop_s) / 2) for rep in (first, last)]
    found = find_reps(effort_of(recording).map(lambda track: track.between(*cut)))
    assert len(found.reps) == 4
    assert [ex.reason for ex in found.excluded] == [
        "it had begun before the recording of both sides",
        "the recording of both sides ended before it did",
    ]


def test_a_side_that_starts_late_takes_the_reps_before_it_along():
    recording, truth = simulate_set(12, reps=6)
    late = round(100 * (truth.reps[1].stop_s + 0.5))
    effort = effort_of(recording)
    found = find_reps(Bilateral(effort.left, effort.right.between(late, effort.right.stop)))
    assert [rep.start_s for rep in found.reps] == pytest.approx([rep.start_s for rep in truth.reps[2:]], abs=0.4)


def test_a_spike_does_not_set_the_scale():
    recording, truth = simulate_set(13, reps=6)
    effort = effort_of(recording)
    values = effort.left.filled()
    values[[250, 900, 1500]] = 1e4 * values.max()
    spiky = Bilateral(Track.of_samples(effort.left.channel, values, effort.left.start), effort.right)
    assert len(find_reps(spiky).reps) == len(truth.reps)


@pytest.mark.parametrize("rest_n", [Bilateral(3.0, -2.0), Bilateral(360.0, 340.0)], ids=["load cells", "plates"])
def test_reps_from_force(rest_n):
    recording, truth = simulate_set(14, reps=6, force=ForcePlan(rest_n=rest_n))
    found = find_reps(force_effort(recording.pair("plate", Quantity.FORCE)))
    assert [rep.start_s for rep in found.reps] == pytest.approx([rep.start_s for rep in truth.reps], abs=0.4)


def test_a_typical_rep_is_trusted_and_an_odd_one_is_not():
    recording, truth = simulate_set(15, reps=8, shape=Shape.PLATEAU, common_sd=0.0, rep_s=2.0)
    effort = effort_of(recording)
    odd = truth.reps[4]
    a, b = round(100 * odd.start_s), round(100 * (odd.start_s + 0.5 * 2.0))

    def shortened(track):
        values = track.filled()
        values[b - track.start : round(100 * odd.stop_s) + 20 - track.start] = 0.0
        return Track.of_samples(track.channel, values, track.start)

    confidence = [rep.confidence for rep in find_reps(effort.map(shortened)).reps]
    assert b > a
    assert len(confidence) == 8
    assert np.argmin(confidence) == 4
    assert min(np.delete(confidence, 4)) > 0.8


def synthetic(n, rep_s, rest_s, ratio, seed):
    """Effort as such: raised-cosine powers with a little scatter, without the cost of an EMG."""
    rng = np.random.default_rng(seed)
    one = np.concatenate([np.sin(np.linspace(0, np.pi, round(100 * rep_s))) ** 2, np.zeros(round(100 * rest_s))])
    course = np.concatenate([np.zeros(200), np.tile(one, n), np.zeros(150)])
    channels = [Channel(Quantity.EMG, side, "gluteus_maximus", 100.0) for side in Side]
    scale = Bilateral(1e-9, 1e-9 * ratio)
    tracks = [
        Track.of_samples(
            c, scale[c.side] * (course * rng.chisquare(4, course.size) / 4 + 0.01 * rng.standard_normal(course.size))
        )
        for c in channels
    ]
    return Bilateral(*tracks)


EFFORTS = {
    "n": st.integers(5, 12),
    "rep_s": st.floats(0.6, 3.0),
    "rest_s": st.floats(0.3, 2.0),
    "ratio": st.floats(0.2, 5.0),
    "seed": st.integers(0, 99),
}


@given(**EFFORTS)
@settings(derandomize=True, deadline=None, max_examples=25)
def test_swapping_the_sides_changes_nothing(n, rep_s, rest_s, ratio, seed):
    effort = synthetic(n, rep_s, rest_s, ratio, seed)
    assert len(find_reps(effort).reps) == n
    assert find_reps(effort.swapped()).reps == find_reps(effort).reps


@given(**EFFORTS, gain=st.sampled_from([2.0**-40, 2.0**-7, 2.0**30]))
@settings(derandomize=True, deadline=None, max_examples=15)
def test_a_common_gain_changes_nothing(n, rep_s, rest_s, ratio, seed, gain):
    effort = synthetic(n, rep_s, rest_s, ratio, seed)
    louder = find_reps(effort.map(lambda track: track.scaled(gain))).reps
    assert [(r.start, r.stop) for r in louder] == [(r.start, r.stop) for r in find_reps(effort).reps]


@given(**EFFORTS, cuts=st.lists(st.integers(1, 2000), max_size=8))
@settings(derandomize=True, deadline=None, max_examples=15)
def test_any_cutting_gives_the_same_reps(n, rep_s, rest_s, ratio, seed, cuts):
    effort = synthetic(n, rep_s, rest_s, ratio, seed)

    def in_pieces(track):
        edges = sorted({0, track.stop, *(c for c in cuts if c < track.stop)})
        values = track.values()
        return Track.of(track.channel, [Chunk(track.channel, a, values[a:b]) for a, b in pairwise(edges)])

    assert find_reps(effort.map(in_pieces)) == find_reps(effort)


@given(**EFFORTS)
@settings(derandomize=True, deadline=None, max_examples=15)
def test_reps_are_in_order_inside_the_recording_and_plain_numbers(n, rep_s, rest_s, ratio, seed):
    effort = synthetic(n, rep_s, rest_s, ratio, seed)
    before = effort.map(lambda track: track.values().copy())
    reps = find_reps(effort).reps
    assert all(a.stop <= b.start for a, b in pairwise(reps))
    assert all(0 <= rep.confidence <= 1 for rep in reps)
    assert {type(x) for rep in reps for x in (rep.start, rep.stop, rep.index)} == {int}
    assert {type(rep.confidence) for rep in reps} == {float}
    assert all(np.array_equal(a, t.values()) for a, t in zip(before, effort, strict=True))


def test_twice_the_sampling_rate_gives_the_same_reps():
    slow, fast = (found_and_true(16, SetPlan(reps=6, rate_hz=rate))[0] for rate in (1000.0, 2000.0))
    assert [rep.start_s for rep in slow.reps] == pytest.approx([rep.start_s for rep in fast.reps], abs=0.15)


def test_a_threshold_of_the_users_own():
    recording, truth = simulate_set(17, reps=6)
    strict = RepSettings(min_rep_s=60.0)
    found = find_reps(effort_of(recording), settings=strict)
    assert found.reps == ()
    assert len(found.excluded) == len(truth.reps)
    assert all("too short" in ex.reason for ex in found.excluded)


def test_real_gait_alternates(shared_data):
    from glutebal.ingest.read import read

    found = find_reps(effort_of(read(shared_data / "btkdata" / "Gait.c3d")))
    assert found.laterality is Laterality.UNILATERAL
    right = [rep.start_s for rep in found.reps if rep.side is Side.RIGHT]
    assert np.diff(right) == pytest.approx([0.98] * (len(right) - 1), abs=0.06)  # one burst per stride
    assert len(right) >= 4
    assert math.isclose(found.reps[0].rate_hz, 100.0)
