"""Units convert once, at the border; what no body produces is named."""

import math

import numpy as np
import pytest

from glutebal.errors import UnitError
from glutebal.ingest.units import UNITS, conversion, is_unit, peak, spelling, suspicions
from glutebal.model import Channel, Quantity, Side, Track


@pytest.mark.parametrize(
    ("unit", "quantity", "factor"),
    [
        ("uV", Quantity.EMG, 1e-6),
        ("µV", Quantity.EMG, 1e-6),
        ("μV", Quantity.EMG, 1e-6),
        ("[mV]", Quantity.EMG, 1e-3),
        ("MICROVOLTS", Quantity.EMG, 1e-6),
        ("V", Quantity.EMG, 1.0),
        ("N", Quantity.FORCE, 1.0),
        ("kN", Quantity.FORCE, 1000.0),
        ("kgf", Quantity.FORCE, 9.80665),
        ("kg", Quantity.FORCE, 9.80665),
        ("lbf", Quantity.FORCE, 4.4482216152605),
        ("N·m", Quantity.TORQUE, 1.0),
        ("Nmm", Quantity.TORQUE, 1e-3),
        ("g", Quantity.ACCELERATION, 9.80665),
        ("G", Quantity.ACCELERATION, 9.80665),
        ("m/s²", Quantity.ACCELERATION, 1.0),
        ("m/s^2", Quantity.ACCELERATION, 1.0),
        ("m/sec2", Quantity.ACCELERATION, 1.0),
        ("m s^-2", Quantity.ACCELERATION, 1.0),
        ("deg/s", Quantity.ANGULAR_RATE, math.pi / 180),
        ("°/s", Quantity.ANGULAR_RATE, math.pi / 180),
        ("deg/sec", Quantity.ANGULAR_RATE, math.pi / 180),
        ("rad/s", Quantity.ANGULAR_RATE, 1.0),
        ("°", Quantity.ANGLE, math.pi / 180),
        ("cm", Quantity.POSITION, 0.01),
    ],
)
def test_a_unit_is_a_quantity_and_a_factor(unit, quantity, factor):
    assert conversion(unit) == (quantity, pytest.approx(factor, rel=1e-12))


@pytest.mark.parametrize("unit", ["", "count", "counts", "adc", "LSB", "furlong", "%"])
def test_counts_and_unknown_units_are_errors_that_say_how_to_map(unit):
    with pytest.raises(UnitError, match="scale"):
        conversion(unit, "a.csv")
    assert not is_unit(unit)


def test_every_unit_of_the_table_is_spelt_as_itself():
    assert {spelling(name) for name in UNITS} == set(UNITS)


def track(quantity, values, site="gluteus_maximus", axis=""):
    return Track.of_samples(Channel(quantity, Side.LEFT, site, 1000.0, axis=axis), values)


def test_an_amplified_emg_is_suspected_and_an_offset_is_not():
    burst = 1e-4 * np.sin(np.arange(1000))
    assert suspicions([track(Quantity.EMG, burst + 1.5)]) == ()
    (sentence,) = suspicions([track(Quantity.EMG, 1e4 * burst), track(Quantity.EMG, burst)])
    assert sentence.startswith("left gluteus_maximus EMG peaks at 1 V")
    assert "amplifier" in sentence


def test_a_plate_that_nobody_stands_on_is_suspected():
    (sentence,) = suspicions([track(Quantity.FORCE, np.linspace(0, 75, 100), site="foot")])
    assert "peaks at 75 N" in sentence
    assert "unit may be wrong" in sentence
    assert suspicions([track(Quantity.FORCE, np.linspace(0, 75, 100), site="handle")]) == ()
    assert suspicions([track(Quantity.FORCE, np.linspace(0, 75, 100), site="foot", axis="heel")]) == ()
    assert suspicions([track(Quantity.FORCE, np.linspace(0, 800, 100), site="foot")]) == ()


def test_degrees_that_call_themselves_radians_are_suspected():
    (sentence,) = suspicions([track(Quantity.ANGULAR_RATE, np.linspace(0, 400, 100), site="thigh", axis="x")])
    assert "deg/s" in sentence


def test_an_empty_track_has_no_peak():
    assert peak(track(Quantity.EMG, [np.nan])) == 0.0
