"""Laws of rotations, and the same rotations by scipy."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from glutebal.signal.motion import rotations

law = settings(derandomize=True, deadline=None, max_examples=50)
seeds = st.integers(0, 2**32 - 1)


def some(seed, n=20):
    return Rotation.random(n, rng=np.random.default_rng(seed)).as_quat(scalar_first=True)


def same(a, b, atol=1e-12):
    """A quaternion and its negative are one rotation."""
    np.testing.assert_allclose(np.abs(np.sum(a * b, axis=-1)), 1.0, atol=atol)


@law
@given(seeds)
def test_product_inverse_and_turning_are_those_of_scipy(seed):
    a, b = some(seed), some(seed + 1)
    ours, theirs = (
        rotations.multiply(a, b),
        Rotation.from_quat(a, scalar_first=True) * Rotation.from_quat(b, scalar_first=True),
    )
    same(ours, theirs.as_quat(scalar_first=True))
    same(rotations.multiply(a, rotations.conjugate(a)), rotations.IDENTITY)
    vectors = np.random.default_rng(seed).normal(size=(20, 3))
    np.testing.assert_allclose(rotations.rotate(ours, vectors), theirs.apply(vectors), atol=1e-12)
    np.testing.assert_allclose(rotations.matrices(a), Rotation.from_quat(a, scalar_first=True).as_matrix())
    same(rotations.of_matrices(rotations.matrices(a)), a)


@law
@given(seeds, st.floats(0, 3.1))
def test_rotation_vectors_and_angles(seed, angle):
    axis = rotations.normalised(np.random.default_rng(seed).normal(size=(5, 3)))
    quats = rotations.of_rotation_vectors(axis * angle)
    same(quats, Rotation.from_rotvec(axis * angle).as_quat(scalar_first=True))
    np.testing.assert_allclose(rotations.angle_deg(quats), np.rad2deg(angle), atol=1e-9)


@law
@given(seeds)
def test_between_is_the_shortest_way(seed):
    rng = np.random.default_rng(seed)
    a, b = rng.normal(size=(30, 3)), rng.normal(size=(30, 3))
    quats = rotations.between(a, b)
    np.testing.assert_allclose(rotations.rotate(quats, rotations.normalised(a)), rotations.normalised(b), atol=1e-12)
    apart = np.rad2deg(np.arccos(np.clip(np.sum(rotations.normalised(a) * rotations.normalised(b), axis=1), -1, 1)))
    np.testing.assert_allclose(rotations.angle_deg(quats), apart, atol=1e-5)


@pytest.mark.parametrize("way", [[0, 0, 1], [1, 0, 0], [0, -2, 0], [1, 1, -1]])
def test_opposite_directions_are_half_a_turn_apart(way):
    a = np.array([way, way], dtype=float)
    quats = rotations.between(a, -3 * a)
    np.testing.assert_allclose(rotations.rotate(quats, a), -a, atol=1e-12)
    np.testing.assert_allclose(rotations.angle_deg(quats), 180.0)


@pytest.mark.parametrize("n", [1, 2, 3, 10, 11, 100, 1003])
def test_a_running_product_is_the_loop(n):
    steps = some(n, n)
    expected = [steps[0]]
    for step in steps[1:]:
        expected.append(rotations.multiply(expected[-1], step))
    np.testing.assert_allclose(rotations.running_product(steps), expected, atol=1e-12)


def test_a_running_product_of_nothing_is_nothing():
    assert rotations.running_product(np.empty((0, 4))).shape == (0, 4)


@law
@given(seeds)
def test_up_and_inclination(seed):
    a, b = some(seed), some(seed + 1)
    np.testing.assert_allclose(rotations.up(a), rotations.rotate(rotations.conjugate(a), rotations.UP), atol=1e-12)
    turned = rotations.multiply(rotations.about_z(np.linspace(-3, 3, 20)), a)
    np.testing.assert_allclose(rotations.inclination_deg(turned, a), 0, atol=1e-5)
    assert (
        rotations.inclination_deg(a, b) <= rotations.angle_deg(rotations.multiply(a, rotations.conjugate(b))) + 1e-9
    ).all()


@law
@given(st.floats(-179.9, 179.9), st.floats(-170, 170))
def test_heading_is_what_turns_about_the_vertical(heading, tilt):
    about_x = rotations.of_rotation_vectors(np.array([np.deg2rad(tilt), 0, 0]))
    quats = rotations.multiply(rotations.about_z(np.deg2rad(heading)), about_x)
    np.testing.assert_allclose(rotations.heading_deg(quats), heading, atol=1e-6)


def test_half_a_turn_about_a_horizontal_axis_has_no_heading():
    np.testing.assert_array_equal(rotations.heading_of(np.array([0.0, 0.6, 0.8, 0.0])), rotations.IDENTITY)


@law
@given(seeds)
def test_cardan_angles_are_those_of_scipy_and_go_back(seed):
    quats = some(seed)
    angles = rotations.cardan_deg(quats)
    theirs = Rotation.from_quat(quats, scalar_first=True).as_euler("YXZ", degrees=True)
    np.testing.assert_allclose(angles, theirs, atol=1e-6)
    same(rotations.of_cardan_deg(angles), quats)


@pytest.mark.parametrize("second", [90.0, -90.0])
@pytest.mark.parametrize("first", [0.0, 30.0, -120.0])
def test_a_gimbal_that_is_locked_still_gives_the_rotation(first, second):
    quats = rotations.of_cardan_deg(np.array([[first, second, 20.0]]))
    angles = rotations.cardan_deg(quats)
    assert angles[0, 2] == 0
    same(rotations.of_cardan_deg(angles), quats, atol=1e-9)


def test_a_thigh_lifted_forward_turns_about_minus_y():
    """x forward, y left, z up: lifting the knee brings the thigh's -z forward."""
    lifted = rotations.of_cardan_deg(np.array([[-40.0, 0.0, 0.0]]))
    along = rotations.rotate(lifted, np.array([[0.0, 0.0, -1.0]]))
    assert along[0, 0] > 0
    np.testing.assert_allclose(rotations.cardan_deg(lifted), [[-40.0, 0.0, 0.0]], atol=1e-12)


@law
@given(seeds, st.floats(0, 1))
def test_slerp_goes_the_shortest_way_evenly(seed, share):
    a, b = some(seed), some(seed + 1)
    whole = rotations.angle_deg(rotations.multiply(rotations.conjugate(a), b))
    part = rotations.slerp(a, b, np.full(20, share))
    moved = rotations.angle_deg(rotations.multiply(rotations.conjugate(a), part))
    np.testing.assert_allclose(moved, share * whole, atol=1e-5)
    same(rotations.slerp(a, b, np.ones(20)), b)


def test_no_direction_becomes_nan_not_zero():
    assert np.isnan(rotations.normalised(np.zeros((1, 3)))).all()
