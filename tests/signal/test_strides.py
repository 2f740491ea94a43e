"""Contacts and strides: every foot by itself, nothing that was not seen whole."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glutebal.errors import InputError
from glutebal.model import Bilateral, Channel, Event, Quantity, Side, Track
from glutebal.results import Laterality, Phase
from glutebal.signal.strides import contacts, event_strides, strides
from glutebal.testing.simulate import simulate_walk


def walk(seed=1, **plan):
    recording, truth = simulate_walk(seed, **plan)
    return recording.pair("insole"), truth


def own(segmentation, side):
    return [rep for rep in segmentation.reps if rep.side is side]


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("rate_hz", [100.0, 200.0, 1000.0])
def test_every_contact_is_found_where_it_was(seed, rate_hz):
    pair, truth = walk(seed, rate_hz=rate_hz)
    found = contacts(pair)
    assert found.laterality is Laterality.CYCLIC
    for side in Side:
        true = [c for c in truth.contacts if c.side is side]
        reps = own(found, side)
        assert [rep.index for rep in reps] == list(range(1, len(true) + 1))
        assert [rep.start_s for rep in reps] == pytest.approx([c.start_s for c in true], abs=0.03)
        assert [rep.stop_s for rep in reps] == pytest.approx([c.stop_s for c in true], abs=0.03)
        assert {rep.rate_hz for rep in reps} == {rate_hz}


def test_standing_at_either_end_is_no_step():
    pair, _ = walk()
    assert [ex.reason for ex in contacts(pair).excluded] == [
        "the foot was on the ground when the recording began",
        "the foot was on the ground when the recording began",
        "the foot was on the ground when the recording ended",
        "the foot was on the ground when the recording ended",
    ]


@given(seed=st.integers(0, 30), scale=st.sampled_from([0.1, 1.0, 9.81]))
@settings(derandomize=True, deadline=None, max_examples=12)
def test_unit_and_side_do_not_matter(seed, scale):
    pair, _ = walk(seed, strides=8)
    found = contacts(pair)
    other = contacts(pair.swapped().map(lambda t: t.on(t.channel.swapped()).scaled(scale)))
    assert [(r.start, r.stop) for r in own(found, Side.LEFT)] == [(r.start, r.stop) for r in own(other, Side.RIGHT)]


def test_a_dropout_takes_its_contact_and_no_other():
    pair, truth = walk(2, strides=10)
    hit = [c for c in truth.contacts if c.side is Side.LEFT][4]
    at = round(100 * (hit.start_s + 0.2))
    values = pair.left.filled()
    values[at : at + 5] = np.nan
    cut = Bilateral(Track.of_samples(pair.left.channel, values), pair.right)
    found = contacts(cut)
    assert len(own(found, Side.LEFT)) == 9
    assert len(own(found, Side.RIGHT)) == 10
    gone = [ex for ex in found.excluded if "gap" in ex.reason]
    assert [(ex.side, ex.reason) for ex in gone] == [(Side.LEFT, "it touches a gap in the recording")]
    assert gone[0].start_s == pytest.approx(hit.start_s, abs=0.03)
    assert gone[0].stop_s == pytest.approx(hit.stop_s, abs=0.03)  # one contact, not two
    assert len(own(strides(found), Side.LEFT)) == 7  # neither the stride that begins there nor the one before


def test_a_gap_in_the_air_takes_nothing():
    pair, truth = walk(3, strides=10)
    left = [c for c in truth.contacts if c.side is Side.LEFT]
    at = round(100 * (left[4].stop_s + 0.15))
    values = pair.left.filled()
    values[at : at + 5] = np.nan
    found = contacts(Bilateral(Track.of_samples(pair.left.channel, values), pair.right))
    assert len(own(found, Side.LEFT)) == 10


def test_a_long_gap_divides_two_contacts_and_hides_a_stride():
    pair, truth = walk(4, strides=12)
    left = [c for c in truth.contacts if c.side is Side.LEFT]
    values = pair.left.filled()
    values[round(100 * (left[4].start_s + 0.3)) : round(100 * (left[6].start_s + 0.3))] = np.nan
    found = contacts(Bilateral(Track.of_samples(pair.left.channel, values), pair.right))
    assert len(own(found, Side.LEFT)) == 9
    assert sum("gap" in ex.reason for ex in found.excluded) == 2
    assert max(rep.duration_s for rep in strides(found).reps) < 1.4


def test_a_stop_on_the_way_is_no_step():
    pair, truth = walk(5, strides=12)
    right = [c for c in truth.contacts if c.side is Side.RIGHT]
    values = pair.right.filled()
    values[round(100 * (right[5].start_s + 0.3)) : round(100 * (right[7].start_s + 0.3))] = 350.0
    found = contacts(Bilateral(pair.left, Track.of_samples(pair.right.channel, values)))
    assert len(own(found, Side.RIGHT)) == 9
    assert "standing or turning" in next(ex.reason for ex in found.excluded if "longer" in ex.reason)


def test_strides_have_a_stance_and_a_swing():
    pair, truth = walk(6, strides=10)
    found = strides(contacts(pair))
    left = own(found, Side.LEFT)
    true = [c for c in truth.contacts if c.side is Side.LEFT]
    assert [rep.duration_s for rep in left] == pytest.approx(np.diff([c.start_s for c in true]), abs=0.05)
    for rep in left:
        stance, swing = rep.phases
        assert (stance.name, swing.name) == ("stance", "swing")
        assert (stance.start, stance.stop, swing.stop) == (rep.start, swing.start, rep.stop)
        assert (stance.stop - stance.start) / (rep.stop - rep.start) == pytest.approx(0.62, abs=0.07)


def test_a_silent_foot_has_no_contacts():
    channel = Channel(Quantity.FORCE, Side.LEFT, "insole", 100.0)
    flat = Track.of_samples(channel, np.zeros(1000))
    assert contacts(Bilateral(flat, None)).reps == ()
    assert strides(contacts(Bilateral(None, None))).reps == ()


def test_one_contact_per_foot_is_enough():
    """Two plates on a walkway: one step on each."""
    values = np.zeros(3000)
    values[1000:1600] = 700 * np.sin(np.linspace(0, np.pi, 600))
    channels = [Channel(Quantity.FORCE, side, "plate", 1000.0) for side in Side]
    pair = Bilateral(*(Track.of_samples(c, np.roll(values, k * 500)) for k, c in enumerate(channels)))
    reps = contacts(pair).reps
    assert [(rep.side, rep.index) for rep in reps] == [(Side.LEFT, 1), (Side.RIGHT, 1)]
    assert reps[0].start_s == pytest.approx(1.0, abs=0.02)


EVENTS = (
    Event(0.5, "Foot Strike", Side.LEFT),
    Event(1.0, "Foot Strike", Side.RIGHT),
    Event(1.1, "Foot Off", Side.LEFT),
    Event(1.6, "heel_strike", Side.LEFT),
    Event(1.7, "General", None),
    Event(2.1, "Initial Contact", Side.RIGHT),
)


def test_strides_from_events():
    left, right = event_strides(EVENTS).reps
    assert (left.side, left.start_s, left.stop_s, left.turn) == (Side.LEFT, 0.5, 1.6, 1100)
    assert left.phases == (Phase("stance", 500, 1100), Phase("swing", 1100, 1600))
    assert (right.side, right.start_s, right.stop_s, right.phases) == (Side.RIGHT, 1.0, 2.1, ())


def test_a_foot_event_without_a_side_is_refused():
    with pytest.raises(InputError, match="a side for every foot event"):
        event_strides([Event(1.0, "Foot Strike")])


def test_two_minutes_of_real_walking(shared_data):
    """PhysioNet GaCo01_01: 100 Hz, totals of the left and right insole in columns 18 and 19."""
    table = np.loadtxt(shared_data / "gaitpdb" / "GaCo01_01.txt")
    channels = [Channel(Quantity.FORCE, side, "insole", 100.0) for side in Side]
    pair = Bilateral(*(Track.of_samples(c, table[:, k]) for c, k in zip(channels, (17, 18), strict=True)))
    found = strides(contacts(pair))
    for side in Side:
        times = [rep.duration_s for rep in own(found, side)]
        assert len(times) >= 90
        assert np.median(times) == pytest.approx(1.22, abs=0.02)
        assert (min(times), max(times)) == pytest.approx((1.15, 1.42), abs=0.06)
    assert sum("standing" in ex.reason for ex in found.excluded) == 2  # two turns on the left foot


def test_real_dropouts_are_counted_and_bridged_by_nothing(shared_data):
    from glutebal.ingest.read import read

    recording = read(shared_data / "loadsol" / "test_pointe_1_05_02.csv")
    pair = next(p for p in recording.pairs(Quantity.FORCE) if not p.left.channel.axis)
    found = contacts(pair)
    assert found.reps == ()
    for ex in found.excluded:
        assert ex.reason == f"it touches {len(pair[ex.side].gaps)} gaps in the recording"


def test_real_events_and_real_plates(shared_data):
    from glutebal.ingest.read import read

    recording = read(shared_data / "btkdata" / "PiG_Motion-FlatFoot-Full.c3d")
    marked = event_strides(recording.events)
    assert [(rep.side.value[0], round(rep.duration_s, 2)) for rep in marked.reps] == [
        ("r", 1.01),
        ("l", 1.03),
        ("r", 1.03),
        ("l", 1.0),
        ("r", 1.02),
    ]
    plates = contacts(recording.pairs(Quantity.FORCE)[0])
    for rep in plates.reps:  # the plate agrees with the marked foot strike
        same = [r.start_s for r in marked.reps if r.side is rep.side]
        assert min(abs(rep.start_s - s) for s in same) < 0.02
    assert len(plates.reps) == 2
