"""Where every sample stands on the grid: moved as a whole, or interpolated, never across a gap."""

import numpy as np
import pytest

from glutebal.ingest.clock import ClockMap
from glutebal.ingest.driver import Clock, Stream, Ticks
from glutebal.ingest.placement import Line, grid_rate_hz, lines_of, on_grid, track_of
from glutebal.ingest.timeline import Placed
from glutebal.model import Channel, Quantity, Side

CHANNEL = Channel(Quantity.FORCE, Side.LEFT, "thigh", 100.0)
COUNTER = Stream("force", Quantity.FORCE, "N", 100.0, clock=Clock(Ticks.COUNT, 0.01, 256))
STAMPS = Stream("force", Quantity.FORCE, "N", 100.0, clock=Clock(Ticks.STAMP, 1e-6))


def line(numbers, start_s=1.0, rate_hz=100.0, values=None, **fields):
    numbers = np.asarray(numbers)
    values = numbers[:, None].astype(float) if values is None else np.asarray(values, dtype=float)[:, None]
    return Line(numbers, start_s + numbers / rate_hz, values, **fields)


def placed(lines, rate_hz=100.0):
    return [(s.start, s.values[:, 0].tolist()) for s in on_grid(lines, rate_hz)]


def test_a_steady_segment_is_moved_as_a_whole_to_the_nearest_grid_point():
    (stretch,) = on_grid([line(range(5), start_s=1.0034)], 100.0)
    assert (stretch.start, stretch.values[:, 0].tolist()) == (100, [0, 1, 2, 3, 4])
    assert stretch.moved_s == pytest.approx(0.0034, abs=1e-12)


def test_what_is_missing_is_missing_on_the_grid():
    assert placed([line([0, 1, 5, 6])]) == [(100, [0, 1]), (105, [5, 6])]


def test_a_device_off_the_nominal_rate_is_interpolated_inside_its_stretches_only():
    numbers = np.r_[0:400, 500:1000]  # at 99 Hz: after 10 s ten samples behind
    found = on_grid([line(numbers, rate_hz=99.0)], 100.0)
    assert len(found) == 2
    for stretch in found:
        at_s = (stretch.start + np.arange(len(stretch.values))) / 100.0
        np.testing.assert_allclose(stretch.values[:, 0], (at_s - 1.0) * 99.0, rtol=1e-9, atol=1e-9)
    assert found[1].start - (found[0].start + len(found[0].values)) == pytest.approx(101 / 0.99, abs=2)


def test_a_drift_below_half_a_period_leaves_the_samples_alone():
    numbers = np.arange(1000)
    assert placed([line(numbers, rate_hz=100.0 * (1 - 0.9e-3))]) == [(100, numbers.tolist())]
    (stretch,) = on_grid([line(numbers, rate_hz=100.0 * (1 - 1.2e-3))], 100.0)
    assert stretch.values[500, 0] != 500


def test_a_drift_that_may_be_an_illusion_is_not_believed():
    numbers = np.arange(300)
    assert placed([line(numbers, rate_hz=99.0, doubt_s=0.04)])[0][1] == numbers.tolist()
    assert len(placed([line(numbers, rate_hz=99.0, doubt_s=0.02)])[0][1]) == 303


@pytest.mark.parametrize(
    ("stream", "seconds", "wander_s", "doubt_s"),
    [(COUNTER, 5, 0.001, 0.1), (COUNTER, 60, 0.001, 0.002), (STAMPS, 5, 0.1, 0.0)],
)
def test_waits_tilt_the_line_of_a_short_segment_of_a_counter(stream, seconds, wander_s, doubt_s):
    tick_s = stream.clock.tick_s
    known = ClockMap(0, 0.0, tick_s, tick_s, 0, round(seconds / tick_s), 50, wander_s=wander_s)
    (found,) = lines_of(stream, [Placed(0, np.arange(3), np.ones((3, 1)))], [known])
    assert found.doubt_s == doubt_s


def test_segments_never_overlap_and_lose_no_sample():
    first, second = line(range(10)), line(range(10), start_s=1.096)
    assert placed([first, second]) == [(100, list(range(10))), (110, list(range(10)))]


def test_what_is_not_finite_is_a_gap_of_its_axis():
    track = track_of(CHANNEL, on_grid([line(range(5), values=[0, 1, np.nan, 3, 4])], 100.0), 0)
    assert [(c.start, c.samples.tolist()) for c in track.chunks] == [(100, [0, 1]), (103, [3, 4])]


def clock(tick_s, nominal_s):
    return ClockMap(0, 2.0, tick_s, nominal_s, 0, 100, 50, uncertainty_s=0.01)


def test_ticks_of_a_counter_are_sample_numbers_in_order():
    parts = [Placed(0, np.arange(10, 15), np.ones((5, 1))), Placed(0, np.arange(5, 10), np.zeros((5, 1)))]
    (found,) = lines_of(COUNTER, parts, [clock(0.01, 0.01)])
    assert found.numbers.tolist() == list(range(10))
    assert found.values[:, 0].tolist() == [0] * 5 + [1] * 5
    assert found.seconds[0] == pytest.approx(2.05)
    assert found.lost == 0


def test_time_stamps_become_numbers_whatever_the_true_rate():
    rng = np.random.default_rng(0)
    kept = np.sort(rng.choice(2000, 1500, replace=False))
    stamps = np.rint(kept * 10_230 + rng.uniform(-2000, 2000, kept.size)).astype(np.int64)  # 97.8 Hz and jitter
    (found,) = lines_of(STAMPS, [Placed(0, stamps, np.ones((kept.size, 1)))], [clock(1e-6, 1e-6)])
    assert found.lost == (kept[-1] - kept[0] + 1) - kept.size
    assert found.rate_hz == pytest.approx(1e6 / 10_230, rel=1e-3)


def test_two_samples_an_hour_apart_are_not_one_stretch():
    stamps = np.array([0, 3_600_000_000])
    lines = lines_of(STAMPS, [Placed(0, stamps, np.ones((2, 1)))], [clock(1e-6, 1e-6)])
    assert lines[0].lost == 359_999
    assert [len(stretch.values) for stretch in on_grid(lines, 100.0)] == [1, 1]


def test_equal_time_stamps_are_two_samples():
    stamps = np.array([0, 10_000, 10_000, 30_000, 40_000])
    (found,) = lines_of(STAMPS, [Placed(0, stamps, np.ones((5, 1)))], [clock(1e-6, 1e-6)])
    assert found.numbers.tolist() == [0, 1, 2, 3, 4]


def test_untrusted_samples_keep_their_place_without_a_value():
    parts = [Placed(0, np.arange(3), np.ones((3, 1))), Placed(0, np.arange(3, 6), np.ones((3, 1)), trusted=False)]
    (found,) = lines_of(COUNTER, parts, [clock(0.01, 0.01)])
    assert np.isnan(found.values[:, 0]).tolist() == [False] * 3 + [True] * 3


@pytest.mark.parametrize(
    ("nominal_hz", "measured_hz", "grid_hz"),
    [(100.0, 99.0, 100.0), (100.0, 108.0, 100.0), (100.0, 50.2, 50.2), (np.nan, 80.041, 80.0), (100.0, np.nan, 100.0)],
)
def test_the_grid_is_nominal_unless_the_device_is_far_beside_it(nominal_hz, measured_hz, grid_hz):
    lines = [line(range(1000), rate_hz=measured_hz)] if measured_hz > 0 else [line([0])]
    assert grid_rate_hz(nominal_hz, lines) == grid_hz
