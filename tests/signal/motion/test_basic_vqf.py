"""The fallback in NumPy: its parts against the plain loop, and the whole against the compiled filter."""

import numpy as np
import pytest
from scipy.signal import lfilter

from glutebal.signal.motion import rotations
from glutebal.signal.motion.attitude import GyroBias
from glutebal.signal.motion.basic_vqf import BasicVqf, RestBias, Smoothing, basic_offline, lowpass

RATE = 100.0


def movement(n=4000, seed=3, still=slice(0, 0)):
    """Smooth random turning with gravity seen from it; still in between."""
    rng = np.random.default_rng(seed)
    b, a = lowpass(0.1, RATE)
    gyr = 20 * lfilter(b, a, rng.normal(size=(n, 3)), axis=0)
    gyr[still] = 0
    truth = rotations.running_product(rotations.of_rotation_vectors(gyr / RATE))
    pushes = 3 * lfilter(b, a, rng.normal(size=(n, 3)), axis=0)
    pushes[still] = 0
    return gyr, rotations.rotate(rotations.conjugate(truth), pushes + np.array([0, 0, 9.81])), truth


def test_the_running_products_are_the_step_by_step_filter():
    """The correction of Laidig & Seel, sample by sample: turn the filtered acceleration back to the vertical."""
    gyr, acc, _ = movement(500)
    inertial, level, smooth = rotations.IDENTITY, rotations.IDENTITY, Smoothing(3.0, RATE)
    expected = []
    for rate, force in zip(gyr, acc, strict=True):
        inertial = rotations.multiply(inertial, rotations.of_rotation_vectors(rate / RATE))
        seen = smooth.update(rotations.rotate(inertial, force)[None])[0]
        correction = rotations.between(rotations.rotate(level, seen), rotations.UP)
        level = rotations.multiply(correction, level)
        expected.append(rotations.multiply(level, inertial))
    np.testing.assert_allclose(BasicVqf(RATE).update(gyr, acc).quats, expected, atol=1e-10)


def test_it_is_basic_vqf_when_nothing_rests():
    vqf = pytest.importorskip("vqf")
    gyr, acc, _ = movement()
    theirs = vqf.BasicVQF(1 / RATE).updateBatch(gyr, acc)["quat6D"]
    ours = BasicVqf(RATE).update(gyr, acc).quats
    np.testing.assert_allclose(rotations.angle_deg(rotations.multiply(ours, rotations.conjugate(theirs))), 0, atol=0.02)


def test_the_vertical_is_found_from_any_start():
    gyr, acc, truth = movement()
    turn = np.array([0.5, -0.5, 0.1, 0.7])
    turn = turn / np.linalg.norm(turn)
    seen = [rotations.rotate(turn, v) for v in (gyr, acc)]
    for found in (BasicVqf(RATE).update(*seen), basic_offline(*seen, RATE)):
        back = rotations.multiply(found.quats, np.broadcast_to(turn, truth.shape))
        error = rotations.inclination_deg(back, truth)[1000:]
        assert np.sqrt(np.mean(error**2)) < 1.5  # degrees; pushes of 0.7 m/s² are 4° each


def test_the_opening_of_a_low_pass_is_the_mean_so_far_and_a_constant_stays():
    values = np.random.default_rng(0).normal(size=(50, 2))
    np.testing.assert_allclose(Smoothing(3.0, RATE).update(values), np.cumsum(values, 0) / np.arange(1, 51)[:, None])
    np.testing.assert_allclose(Smoothing(0.5, RATE).update(np.full((400, 1), 9.81)), 9.81)


def test_the_corner_of_the_low_pass_is_where_the_paper_has_it():
    from scipy.signal import freqz

    _, gain = freqz(*lowpass(3.0, RATE), worN=[np.sqrt(2) / (2 * np.pi * 3.0)], fs=RATE)
    assert 20 * np.log10(abs(gain[0])) == pytest.approx(-3.01, abs=0.01)


def test_a_rest_tells_the_bias_and_its_uncertainty_grows_afterwards():
    gyr, acc, _ = movement(2000, still=slice(500, 900))
    bias = np.deg2rad([0.5, -0.3, 0.2])
    found, sigma, rest = RestBias(RATE).update(gyr + bias, acc)
    assert rest[890:899].all()
    assert not rest[:600].any()
    assert not rest[905:].any()
    np.testing.assert_array_equal(found[600], 0)
    np.testing.assert_allclose(found[899:], np.broadcast_to(bias, (1101, 3)), atol=1e-3)
    assert sigma[899] < sigma[1000] < sigma[1999] < sigma[100]


def test_the_next_rest_replaces_the_first():
    gyr, acc, _ = movement(3000, still=slice(0, 2999))
    gyr[1000:1400] = 1.0
    gyr[:1000] += 0.01
    gyr[1400:] += 0.02
    found, _, _ = RestBias(RATE).update(gyr, acc)
    np.testing.assert_allclose(found[999], 0.01, atol=1e-9)
    np.testing.assert_allclose(found[1399], 0.01, atol=1e-9)
    np.testing.assert_allclose(found[-1], 0.02, atol=1e-9)


def test_offline_the_bias_is_drawn_between_two_rests():
    gyr, acc, _ = movement(3000, still=slice(0, 500))
    gyr[2500:] = 0
    gyr, acc = gyr.copy(), acc.copy()
    acc[2500:] = acc[2499]
    drift = np.linspace(0, 0.01, 3000)[:, None]
    found = basic_offline(gyr + drift, acc, RATE)
    np.testing.assert_allclose(found.bias[1500], drift[1500].repeat(3), atol=0.002)


def test_what_is_known_beforehand_is_kept_until_a_rest():
    gyr, acc, _ = movement(600)
    known = GyroBias((0.05, -0.02, 0.01), 0.001)
    for found in (BasicVqf(RATE, known).update(gyr, acc), basic_offline(gyr, acc, RATE, known)):
        np.testing.assert_array_equal(found.bias, np.broadcast_to(known.rad_s, (600, 3)))
        assert found.last_bias().sigma_rad_s > 0.001


def test_a_bias_becomes_less_certain_in_a_hole_but_never_less_than_unknown():
    known = GyroBias((0.01, 0.0, 0.0), 0.001)
    assert known.later(0.0) == known
    assert known.later(10).sigma_rad_s < known.later(1000).sigma_rad_s <= GyroBias().sigma_rad_s
    assert known.later(1e12).sigma_rad_s == GyroBias().sigma_rad_s
