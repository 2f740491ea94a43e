"""EMG amplitude over a window: root mean square with the noise power taken out, and its degrees of freedom.

Band-limited noise of bandwidth B, averaged over T seconds, has a mean square with ν = 2·B·T equivalent degrees of
freedom; when its amplitude changes within T, ν = 2·B·(∫p dt)² / ∫p² dt with p the local power (Bendat & Piersol).
Taking out the noise power widens the scatter (Satterthwaite 1946 Biometrics 2:110).
"""

from __future__ import annotations

import math

import numpy as np

from glutebal.model import Samples
from glutebal.results import Status
from glutebal.signal.noise import NoiseFloor
from glutebal.signal.side_value import SideValue

LOCAL_S = 0.125  # the time over which EMG power is taken to be steady
USABLE = 2.0  # measured RMS over noise RMS: at least this on both sides, or the ratio is marked low_snr
DETECTABLE = 1.4  # below this the side is below its floor and the ratio is censored
CLOSE = "activity is less than twice the noise floor"
BELOW = "activity does not stand out from the noise floor"
UNSURE = "no quiet moment to measure the noise floor on, and it may matter"


def amplitude(power: Samples, rate_hz: float, floor: NoiseFloor, bandwidth_hz: float) -> SideValue:
    """Noise-corrected RMS of one window.

    Parameters
    ----------
    power : array, shape (n,)
        Block powers of the window, squared channel units.
    rate_hz : float
        Blocks per second.
    floor : NoiseFloor
        The channel's noise.
    bandwidth_hz : float
        Equivalent bandwidth of the channel's activity.

    Returns
    -------
    SideValue
        sqrt(m² − n²) in the channel's unit; policy: m ≥ 2n is OK, 1.4n ≤ m < 2n LOW_SNR, below CENSORED.
    """
    mean = float(np.mean(power))
    signal = mean - floor.power
    variance = 2 * mean**2 / degrees_of_freedom(power, rate_hz, bandwidth_hz)
    variance += (floor.power * floor.relative_se) ** 2
    status = detect(math.sqrt(mean), floor.rms)
    if status is Status.CENSORED:
        bound = math.sqrt(max(signal, 0.0) + 2 * math.sqrt(variance))
        return SideValue(math.nan, math.nan, status, BELOW, bound)
    reason = CLOSE if status is Status.LOW_SNR else ""
    if status is Status.OK and not floor.found and mean < 16 * floor.power:
        status, reason = Status.LOW_SNR, UNSURE
    return SideValue(math.sqrt(signal), 2 * signal**2 / variance, status, reason)


def detect(measured: float, noise: float) -> Status:
    """Whether an RMS stands out from the noise RMS: OK, LOW_SNR or CENSORED."""
    if measured >= USABLE * noise:
        return Status.OK
    return Status.LOW_SNR if measured >= DETECTABLE * noise else Status.CENSORED


def degrees_of_freedom(power: Samples, rate_hz: float, bandwidth_hz: float) -> float:
    """Equivalent degrees of freedom of the mean of block powers, shape (n,), whose level may change."""
    local = moving_mean(power, max(1, round(LOCAL_S * rate_hz)))
    scatter = 1 + 1 / (bandwidth_hz * LOCAL_S)  # E[p̂²] = p²·(1 + 2/ν) with ν = 2·B·T
    return 2 * bandwidth_hz / rate_hz * float(np.sum(power)) ** 2 / (float(np.sum(local**2)) / scatter)


def moving_mean(values: Samples, width: int) -> Samples:
    """Centred moving mean, shape (n,) to (n,); near the ends over what there is."""
    total = np.concatenate([[0.0], np.cumsum(values)])
    at = np.arange(values.size) - width // 2
    first, last = np.maximum(at, 0), np.minimum(at + width, values.size)
    return np.asarray((total[last] - total[first]) / (last - first))
