"""Daily stance from what a recording holds: force first, then a calibrated pelvis, else an error with advice."""

import numpy as np
import pytest

import glutebal as gb
from glutebal.errors import InputError, PairError
from glutebal.model import Bilateral, Channel, Quantity, Recording, Side, Track
from glutebal.testing.bodies import SensorPlan, simulate_body

RATE_HZ = 20.0


def scales(right_share: np.ndarray) -> Recording:
    loads = Bilateral(700 * (1 - right_share), 700 * right_share)
    channels = [Channel(Quantity.FORCE, side, "scale", RATE_HZ) for side in Side]
    return Recording(tuple(Track.of_samples(c, loads[c.side]) for c in channels))


def test_a_third_of_the_standing_on_the_right_leg():
    found = gb.daily_stance(scales(np.repeat([0.5, 0.72, 0.5], 600)))
    assert found.share.right.value == pytest.approx(100 / 3, abs=2)  # per cent, a second of smoothing at each end
    assert found.share.left.value == 0
    assert found.method == "load under each foot"
    image = gb.daily_stance(scales(np.repeat([0.5, 0.28, 0.5], 600)))
    assert image.share.left.value == pytest.approx(found.share.right.value)


def test_a_calibrated_pelvis_sees_even_standing_as_even():
    recording = simulate_body(31, reps=0, static_s=8.0, sensors=SensorPlan(sites=("pelvis", "thigh"))).recording
    found = gb.daily_stance(recording)
    assert found.standing_s > 3
    assert found.share.left.value == found.share.right.value == 0
    assert "5°" in found.threshold


def test_what_is_missing_is_said():
    with pytest.raises(PairError, match="force under both feet, or a sensor on the pelvis"):
        gb.daily_stance(Recording(()))
    pelvis = simulate_body(31, reps=0, static_s=6.0, sensors=SensorPlan(sites=("pelvis",))).recording
    with pytest.raises(InputError, match="a calibration of the pelvis sensor"):
        gb.daily_stance(pelvis)
