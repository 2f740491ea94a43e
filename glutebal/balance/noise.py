"""What a noise floor does to a ratio: the correction, when it may be used, and the bound that is left when it may not.

A measured amplitude m holds signal and noise, m² = s² + n². Equal floors pull every ratio towards symmetry, unequal
floors can turn it around, so the noise *power* is subtracted on each side, and a side that does not stand out from its
floor gives a bound instead of a ratio.
"""

from __future__ import annotations

import math

import numpy as np

from glutebal.balance.ratio import OfSides, log_ratio, plain
from glutebal.errors import InputError
from glutebal.model import Bilateral, Samples, Side
from glutebal.results import Estimate, Status

#: Measured over noise from which an amplitude is used without reserve: the signal is then √3 of the noise.
CLEAR = 2.0
#: Below this the signal is smaller than the noise, and only an upper limit of it is known.
AUDIBLE = 1.4
#: Mean absolute value over root mean square of a Gaussian signal, √(2/π).
MAV_OVER_RMS = math.sqrt(2 / math.pi)


def _root_difference_of_squares(measured: Samples, noise: Samples) -> Samples:
    return np.sqrt(np.maximum(measured**2 - noise**2, 0))


#: Amplitude without its noise, √max(m² − n², 0), in the unit of the two; the maximum-likelihood estimate for a
#: Gaussian signal in Gaussian noise (Clancy et al. 2019 IEEE Trans Neural Syst Rehabil Eng 27:2328).
rds: OfSides = plain(_root_difference_of_squares)


def detect(measured: float, noise: float) -> Status:
    """Whether an amplitude stands out from its noise floor.

    Parameters
    ----------
    measured, noise : float
        Root mean squares with the same filters, same unit; ``noise`` 0 where there is none to fear.

    Returns
    -------
    Status
        OK from twice the noise, LOW_SNR from 1.4 times, CENSORED below; REFUSED when either is unknown (NaN).
    """
    if not (math.isfinite(measured) and math.isfinite(noise)):
        return Status.REFUSED
    if measured <= 0 or measured < AUDIBLE * noise:
        return Status.CENSORED
    return Status.OK if measured >= CLEAR * noise else Status.LOW_SNR


def corrected_log_ratio(measured: Bilateral[float], noise: Bilateral[float]) -> Estimate:
    """λ of one repetition with the noise power taken out, or why there is none.

    Parameters
    ----------
    measured, noise : Bilateral of float
        Root mean squares of either side and their floors, one unit.

    Returns
    -------
    Estimate
        OK or LOW_SNR with a value and no interval; CENSORED with one finite end when one side is below its floor;
        REFUSED when both are (a ratio of two silences) or something is unknown.
    """
    pairs = measured.zip(noise)
    statuses = pairs.map(lambda pair: detect(*pair))
    silent = [side for side in Side if statuses[side] is Status.CENSORED]
    if Status.REFUSED in statuses:
        return Estimate.none(Status.REFUSED, "an amplitude or its noise floor is unknown")
    if len(silent) == 2:
        return Estimate.none(Status.REFUSED, "left and right are both below their noise floor: two silences, no ratio")
    signals = pairs.map(lambda pair: rds(*pair))
    if silent:
        return bound(silent[0], signals[silent[0].other], detection_limit(noise[silent[0]]))
    low = Status.LOW_SNR in statuses
    reason = f"activity is less than {CLEAR:g} times the noise floor" if low else ""
    value = log_ratio(signals.left, signals.right)
    return Estimate(
        value, n=1, method="noise power subtracted", status=Status.LOW_SNR if low else Status.OK, reason=reason
    )


def detection_limit(noise: float) -> float:
    """The largest signal that may hide in a side that was not detected, √(1.4² − 1) of its noise."""
    return rds(AUDIBLE * noise, noise)


def bound(silent: Side, audible: float, limit: float) -> Estimate:
    """What is known of λ when one side is below detection: "at least" if the left is silent, "at most" if the right.

    Parameters
    ----------
    silent : Side
        The side below its detection limit.
    audible : float
        Amplitude of the other side, > 0.
    limit : float
        The largest amplitude that the silent side may have, same unit.

    Returns
    -------
    Estimate
        CENSORED; no value, one finite end (none when ``limit`` is 0), the other NaN.
    """
    if not audible > 0:
        raise InputError("an amplitude above 0 on the side that was detected", f"{audible:g}", silent.other.value)
    reason = f"{silent.value} below detection"
    end = log_ratio(limit, audible)
    low, high = (end, math.nan) if silent is Side.LEFT else (math.nan, -end)
    return Estimate(
        math.nan, low, high, n=1, method="bound from the noise floor", status=Status.CENSORED, reason=reason
    )


def noise_gain(measured: float, noise: float) -> float:
    """By how much measurement scatter of ln m grows in ln s: 1 + (n/s)² = m²/s²; infinite at the floor."""
    signal = rds(measured, noise)
    return (measured / signal) ** 2 if signal > 0 else math.inf


def corrected_relative_se(measured: float, noise: float, relative_se: float, noise_relative_se: float = 0.0) -> float:
    """Standard error of ln s after the correction, by the delta method.

    Parameters
    ----------
    measured, noise : float
        Root mean squares, same unit.
    relative_se, noise_relative_se : float
        Relative standard errors of the two.
    """
    gain = noise_gain(measured, noise)
    return math.hypot(gain * relative_se, (gain - 1) * noise_relative_se)


def sampling_cv(bandwidth_hz: float, seconds: float) -> float:
    """Sampling scatter of a root mean square, 1/(2·√(B·T)): 10 % for 125 ms of 200 Hz (Bendat & Piersol)."""
    return 1 / (2 * math.sqrt(bandwidth_hz * seconds))
