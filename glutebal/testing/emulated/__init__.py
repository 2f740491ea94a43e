"""Emulated sensors: every one the mirror image of its driver, byte by byte from the same description."""

from glutebal.testing.emulated.crane_scale import EmulatedCraneScale
from glutebal.testing.emulated.cycling_power import EmulatedCyclingPower
from glutebal.testing.emulated.ganglion import EmulatedGanglion
from glutebal.testing.emulated.metamotion import EmulatedMetaMotion
from glutebal.testing.emulated.nordic_uart import EmulatedNordicUart
from glutebal.testing.emulated.npg_lite import EmulatedNpgLite
from glutebal.testing.emulated.polar import EmulatedPolar
from glutebal.testing.emulated.sensor import Attribute, EmulatedSensor, Frame, Service, Signal, played, steady
from glutebal.testing.emulated.tindeq import EmulatedTindeq
from glutebal.testing.emulated.witmotion import EmulatedWitMotion

__all__ = [
    "Attribute",
    "EmulatedCraneScale",
    "EmulatedCyclingPower",
    "EmulatedGanglion",
    "EmulatedMetaMotion",
    "EmulatedNordicUart",
    "EmulatedNpgLite",
    "EmulatedPolar",
    "EmulatedSensor",
    "EmulatedTindeq",
    "EmulatedWitMotion",
    "Frame",
    "Service",
    "Signal",
    "played",
    "steady",
]
