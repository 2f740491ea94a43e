"""Faults of force channels, each made by construction; a healthy one has none."""

import numpy as np
import pytest

from glutebal.model import Channel, Quantity, Recording, Side, Track
from glutebal.results import Grade
from glutebal.signal.quality import assess

RATE_HZ = 500.0


def judged(samples, axis="", rate_hz=RATE_HZ):
    channel = Channel(Quantity.FORCE, Side.RIGHT, "plate", rate_hz, axis=axis)
    return assess(Recording((Track.of_samples(channel, samples),)))[0]


def kinds(quality):
    return {finding.kind: finding for finding in quality.findings}


def squats(seed=0, load_n=400.0, reps=6, noise_n=1.0):
    """A plate that is stepped on for 2 s and off for 1 s, ``reps`` times."""
    rng = np.random.default_rng(seed)
    rep = np.concatenate([np.zeros(500), load_n * (1 + 0.2 * np.sin(2 * np.pi * np.arange(1000) / 500)), np.zeros(250)])
    return np.tile(rep, reps) + noise_n * rng.standard_normal(rep.size * reps)


def test_a_tared_plate_is_good():
    assert all(judged(squats(seed)).grade is Grade.GOOD for seed in range(30))


def test_a_plate_that_is_never_left_says_nothing_about_its_zero():
    standing = 400 + 100 * np.sin(np.arange(5000) / 200) + np.random.default_rng(0).standard_normal(5000)
    assert judged(standing).findings == ()


def test_dead():
    finding = kinds(judged(np.zeros(1000)))["dead"]
    assert finding.grade is Grade.BAD
    assert finding.text == "no signal: every sample is 0 N"


@pytest.mark.parametrize(("limit_n", "grade"), [(477.0, Grade.SUSPECT), (380.0, Grade.BAD)])
def test_saturated(limit_n, grade):
    finding = kinds(judged(np.minimum(squats(), limit_n)))["clipped"]
    assert finding.grade is grade
    assert f"limit of {limit_n:g} N" in finding.text


@pytest.mark.parametrize("offset_n", [-20.0, 15.0])
def test_not_tared(offset_n):
    finding = kinds(judged(squats() + offset_n))["offset"]
    assert finding.grade is Grade.SUSPECT
    assert finding.value == pytest.approx(offset_n, abs=0.2)


def test_an_offset_under_one_per_cent_of_the_load_passes():
    assert "offset" not in kinds(judged(squats() + 3.0))


def test_drift():
    x = squats()
    finding = kinds(judged(x + np.linspace(-10, 10, x.size)))["drift"]
    assert finding.grade is Grade.SUSPECT
    assert finding.value == pytest.approx(20 * 2 / 3, abs=4)  # between the middles of the outer thirds


def test_turned_sign():
    assert kinds(judged(-squats()))["sign"].grade is Grade.SUSPECT


def test_shear_points_both_ways_and_is_not_tared():
    assert judged(-squats(), axis="x").findings == ()


def test_stuck_under_load():
    x = squats()
    x[600:850] = x[600]
    assert kinds(judged(x))["stuck"].value == pytest.approx(0.5)


def test_dropouts_are_counted():
    x = squats()
    x[100:127] = x[1000:1027] = np.nan
    quality = judged(x)
    assert quality.gaps == 2
    assert kinds(quality)["dropout"].text == "2 dropouts, 0.11 s in all"
    assert kinds(quality)["dropout"].grade is Grade.SUSPECT


def test_two_plates_that_press_alike_are_not_duplicates_and_a_copy_is():
    def plate(side, x):
        return Track.of_samples(Channel(Quantity.FORCE, side, "plate", RATE_HZ), x)

    alike = assess(Recording((plate(Side.LEFT, squats(1)), plate(Side.RIGHT, squats(2)))))
    copied = assess(Recording((plate(Side.LEFT, squats(1)), plate(Side.RIGHT, 0.5 * squats(1)))))
    assert [q.grade for q in alike] == [Grade.GOOD, Grade.GOOD]
    assert [list(kinds(q)) for q in copied] == [["duplicate"], ["duplicate"]]
    assert [q.grade for q in copied] == [Grade.BAD, Grade.BAD]


def test_other_sensors_are_checked_lightly():
    def sensor(x):
        track = Track.of_samples(Channel(Quantity.ACCELERATION, None, "pelvis", 100.0, axis="x"), x)
        return assess(Recording((track,)))[0]

    x = np.random.default_rng(0).standard_normal(1000)
    frozen = x.copy()
    frozen[200:400] = frozen[200]
    assert sensor(x).findings == ()
    assert kinds(sensor(np.full(1000, 9.81)))["dead"].grade is Grade.BAD
    assert kinds(sensor(frozen))["stuck"].value == pytest.approx(2.0)
    assert Recording(()).tracks == ()
    assert assess(Recording(())) == ()
