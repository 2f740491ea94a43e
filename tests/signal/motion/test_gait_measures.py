"""One time per stride and side, from the strides alone: of sensors, of force contacts, of events."""

import numpy as np
import pytest

from glutebal.model import Bilateral, Channel, Quantity, Side, Track
from glutebal.results import Laterality, Phase, Rep, Segmentation, Status
from glutebal.signal.measures import ForceSide
from glutebal.signal.motion.gait_measures import FORE_AFT_MEASURES, STRIDE_MEASURES, stride_values
from glutebal.signal.strides import contacts, strides
from glutebal.testing.walk import simulate_walk


def stride(index, side, start, off, stop):
    return Rep(
        index, start, stop, 1000.0, side, turn=off, phases=(Phase("stance", start, off), Phase("swing", off, stop))
    )


def walk(stance=620, late=500, n=6):
    """Left strides of 1 s from 0 s on, right ones ``late`` ms later."""
    reps = [stride(i + 1, Side.LEFT, 1000 * i, 1000 * i + stance, 1000 * (i + 1)) for i in range(n)]
    reps += [
        stride(i + 1, Side.RIGHT, 1000 * i + late, 1000 * i + late + stance, 1000 * (i + 1) + late) for i in range(n)
    ]
    return Segmentation(tuple(sorted(reps, key=lambda r: r.start)), laterality=Laterality.CYCLIC)


def by_name(segmentation):
    return {values.measure.name: values for values in stride_values(segmentation)}


def test_every_time_of_a_walk():
    found = by_name(walk(late=450))
    assert set(found) == {"stance_time", "swing_time", "stride_time", "step_time", "double_support_time"}
    assert found["stance_time"].of(Side.LEFT) == pytest.approx([0.62] * 6)
    assert found["swing_time"].of(Side.RIGHT) == pytest.approx([0.38] * 6)
    assert found["step_time"].of(Side.LEFT)[1:] == pytest.approx([0.55] * 5)  # right strike at 0.45, left at 1 s
    assert found["step_time"].of(Side.RIGHT) == pytest.approx([0.45] * 6)
    assert found["double_support_time"].of(Side.LEFT)[1:] == pytest.approx(
        [0.07] * 5
    )  # left strike 1 s, right off 1.07
    assert found["double_support_time"].of(Side.RIGHT) == pytest.approx([0.17] * 6)


def test_flight_of_a_run():
    found = by_name(walk(stance=400))
    assert "double_support_time" not in found
    assert found["flight_time"].of(Side.LEFT)[1:] == pytest.approx([0.1] * 5)


def test_the_other_side_is_unpaired_and_a_missing_neighbour_is_a_reason():
    found = by_name(walk())
    first = found["step_time"].values[0]
    assert (first.left.status, first.right.status) == (Status.REFUSED, Status.UNPAIRED)
    assert "not counted" in first.left.reason
    assert np.isnan(first.left.value)


def test_swapping_the_sides_swaps_the_values():
    plain = walk(late=430)
    swapped = Segmentation(tuple(Rep(r.index, r.start, r.stop, 1000.0, r.side.other, turn=r.turn) for r in plain.reps))
    one, two = by_name(plain), by_name(swapped)
    for name in one:
        np.testing.assert_array_equal(one[name].of(Side.LEFT), two[name].of(Side.RIGHT))


def test_stance_and_swing_add_up_and_so_do_the_steps():
    found = by_name(walk(late=430))
    total = np.add(found["stance_time"].of(Side.LEFT), found["swing_time"].of(Side.LEFT))
    np.testing.assert_allclose(total, found["stride_time"].of(Side.LEFT))
    steps = np.add(found["step_time"].of(Side.LEFT)[1:], found["step_time"].of(Side.RIGHT)[1:])
    np.testing.assert_allclose(steps, 1.0)


def test_force_contacts_give_the_same_measures():
    recording, truth = simulate_walk(seed=4, stance_ratio=1.08, stride_sd=0.01)
    found = by_name(strides(contacts(Bilateral(*recording.tracks))))
    ratio = np.log(np.mean(found["stance_time"].of(Side.RIGHT)) / np.mean(found["stance_time"].of(Side.LEFT)))
    assert ratio == pytest.approx(truth.stance_log_ratio, abs=0.02)
    assert np.nanmedian(found["double_support_time"].of(Side.LEFT)) == pytest.approx(0.13, abs=0.04)  # s


def test_strides_without_a_side_have_no_balance():
    reps = tuple(Rep(i, 1000 * i, 1000 * (i + 1), 1000.0) for i in range(5))
    assert stride_values(Segmentation(reps, laterality=Laterality.CYCLIC)) == ()


def test_propulsion_and_braking_of_a_fore_aft_force():
    rate = 100.0
    force = np.concatenate([np.full(30, -50.0), np.full(40, 80.0)])
    channel = Channel(Quantity.FORCE, Side.LEFT, "plate", rate, axis="fore_aft")
    side, contact = ForceSide(Track.of_samples(channel, force)), Rep(1, 0, 70, rate, Side.LEFT)
    found = {measure.name: measure(side, contact).value for measure in FORE_AFT_MEASURES}
    assert found == pytest.approx({"propulsive_impulse": 32.0, "braking_impulse": 15.0})  # N·s


def test_measures_are_named_once():
    assert len({m.name for m in STRIDE_MEASURES}) == len(STRIDE_MEASURES)
    assert {m.unit for m in STRIDE_MEASURES} == {"s"}
