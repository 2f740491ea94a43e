"""Six faces tell what the sensor adds."""

import numpy as np
import pytest

from glutebal.errors import SignalError
from glutebal.signal.motion.imu import GRAVITY
from glutebal.signal.motion.six_position import six_position

FACES = np.concatenate([np.eye(3), -np.eye(3)])
GAIN, OFFSET, BIAS = np.array([1.02, 0.97, 1.01]), np.array([0.1, -0.2, 0.05]), np.array([0.01, -0.02, 0.005])


def laid(faces):
    faces = faces / np.linalg.norm(faces, axis=1, keepdims=True)
    readings = GRAVITY * faces / GAIN + OFFSET
    return [(np.tile(BIAS, (50, 1)), np.tile(row, (50, 1))) for row in readings]


@pytest.mark.parametrize("tilted", [0.0, 0.2])
def test_gain_offset_and_bias_are_found(tilted):
    faces = FACES + tilted * np.random.default_rng(2).normal(size=FACES.shape)
    found = six_position(laid(faces))
    np.testing.assert_allclose(found.acc_gain, GAIN, rtol=1e-6)
    np.testing.assert_allclose(found.acc_offset_m_s2, OFFSET, atol=1e-6)
    np.testing.assert_allclose(found.gyr_bias_rad_s, BIAS, atol=1e-12)
    gyr, acc = found.corrected(*laid(faces)[0])
    assert np.abs(gyr).max() < 1e-12
    assert np.linalg.norm(acc[0]) == pytest.approx(GRAVITY)
    assert found.residual_m_s2 < 1e-6


def test_what_does_not_show_all_axes_is_refused():
    with pytest.raises(SignalError, match="six quiet positions"):
        six_position(laid(FACES[:5]))
    with pytest.raises(SignalError, match="every face"):
        six_position(laid(np.repeat(FACES[:1], 6, axis=0)))
    with pytest.raises(SignalError, match="gains near 1"):
        six_position([(gyr, acc / GRAVITY) for gyr, acc in laid(FACES)])
