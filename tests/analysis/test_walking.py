"""A walk that is known by force alone, through `analyse`: swing, step and double support of each foot."""

from itertools import pairwise

import numpy as np
import pytest

import glutebal as gb
from glutebal.model import Channel, Quantity, Side, Track
from glutebal.results import Status
from glutebal.testing.simulate import simulate_walk

BESIDE = ["swing_time", "step_time", "double_support_time"]


def of(result, measure):
    (found,) = [b for b in result.analysis.balances if b.measure == measure]
    return found


@pytest.fixture(scope="module")
def walk():
    recording, truth = simulate_walk(3, strides=60, stance_ratio=1.1)
    return recording, truth, gb.analyse(recording, exercise="walking")


def swing_log_ratio(truth):
    """λ of the true swings: a foot's contact to its next."""
    means = []
    for side in Side:
        own = [c for c in truth.contacts if c.side is side]
        means.append(np.mean([b.start_s - a.stop_s for a, b in pairwise(own)]))
    return float(np.log(means[1] / means[0]))


def test_the_times_of_a_walk_on_insoles(walk):
    _, truth, result = walk
    swing = of(result, "swing_time")
    assert (swing.site, swing.quantity, swing.unit) == ("insole", Quantity.FORCE, "s")
    assert swing.log_ratio.low < swing_log_ratio(truth) < swing.log_ratio.high
    assert swing.log_ratio.value == pytest.approx(swing_log_ratio(truth), abs=0.03)  # 10 ms a sample, 420 ms a swing
    assert swing.log_ratio.n > 50
    assert "smallest change between two such walks" in swing.log_ratio.method
    assert swing.sides.left.value == pytest.approx(0.46, abs=0.03)  # s
    measures = [b.measure for b in result.analysis.balances]
    assert all(measures.count(name) == 1 for name in [*BESIDE, "duration", "tempo"])
    assert not {"flight_time", "stance_time", "stride_time"} & set(measures)


def test_the_table_has_them_stride_by_stride(walk):
    rows = walk[2].reps.query("measure == 'swing_time'")
    assert len(rows) > 100
    assert set(rows.unit) == {"s"}


def test_swapping_the_insoles_flips_the_sign_and_nothing_else(walk):
    recording, _, result = walk
    swapped = gb.analyse(recording.swapped(), exercise="walking")
    for name in BESIDE:
        one, two = of(result, name).log_ratio, of(swapped, name).log_ratio
        assert (two.value, two.low, two.high, two.n) == pytest.approx((-one.value, -one.high, -one.low, one.n))


def test_a_run_on_insoles_flies():
    recording, _ = simulate_walk(5, strides=40, stance=0.38, stride_s=0.72)
    result = gb.analyse(recording, exercise="running")
    flight = of(result, "flight_time")
    assert flight.sides.left.value == pytest.approx(0.12 * 0.72, abs=0.03)  # s
    assert "double_support_time" not in {b.measure for b in result.analysis.balances}


def test_without_a_stride_there_is_a_reason():
    rate = 100.0
    load = np.concatenate([np.zeros(100), np.full(80, 700.0), np.zeros(100)])
    tracks = [
        Track.of_samples(Channel(Quantity.FORCE, s, "insole", rate), np.roll(load, k)) for k, s in enumerate(Side)
    ]
    recording = gb.Recording(tuple(tracks), exercise="walking")
    swing = of(gb.analyse(recording), "swing_time").log_ratio
    assert swing.status is Status.TOO_FEW
    assert "no stride" in swing.reason


def test_two_minutes_on_insoles_tell_a_step_of_one_per_cent(shared_data):
    recording = gb.read(shared_data / "gaitpdb" / "GaCo01_01.txt", map="gaitpdb")
    result = gb.analyse(recording, exercise="walking")
    step = of(result, "step_time").log_ratio
    assert step.n > 80
    assert 0 < step.high - step.low < 0.05
    left, right = of(result, "double_support_time").sides
    assert 0.08 < right.value < left.value < 0.2  # s
