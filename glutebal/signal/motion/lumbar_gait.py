r"""Steps from one sensor on the pelvis or the lumbar spine, and which of them are left, when that is clear.

::

    vertical acceleration   __/¯¯¯¯\______/¯¯¯¯\______     one positive lobe per step: the body falls onto the new leg
                              ▲             ▲              initial contact: the middle of the lobe, less a constant

Which foot it was rests on two independent signs. In single support the body accelerates towards the other side, and at
a left contact the left hip is in front: the pelvis is turned to the right. The first needs to know where left is: the
body accelerates forward while its vertical acceleration grows (an inverted pendulum), which gives the direction of
walking in the sensor, and with *up* that of left. The second needs only *up*. Feet take turns, so all steps of a bout
vote together; when the two signs do not agree, the side is unknown, and nothing is said about asymmetry.

After Zijlstra & Hof (2003) Gait Posture 18:1 and McCamley et al. (2012) Gait Posture 36:316, for any mounting.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from glutebal.errors import SignalError
from glutebal.model import Samples, Side
from glutebal.results import ExcludedRep, Laterality, Rep, Segmentation
from glutebal.signal.motion.imu import Imu
from glutebal.signal.motion.leg_motion import GRID_HZ, LegPiece, leg_pieces, lowpass
from glutebal.signal.motion.rotations import normalised

LUMBAR_SITES = ("pelvis", "lumbar", "lower_back", "sacrum")
CLOCK_HZ = 1000.0
STEP_HZ = 4.0  # passes the step (0.8-3.5 Hz), not the shock behind it
STRIDE_HZ = 2.0
DRIFT_S = 2.0  # the posture of the trunk changes more slowly than this
LEAST_LOBE = 0.2  # m/s²: shuffling; quiet standing is below 0.05
OF_NEIGHBOURS = 0.25
STEP_S = (0.25, 1.2)
LEAST_STEPS = 4
TURN_DEG = 20.0
UNEVEN = 0.35  # spread of the step times of a bout (robust, relative): beyond it this is not walking
CLEAR = 0.4  # of the votes, for the side to be known
#: From initial contact to the middle of the lobe, s; median against stereophotogrammetry and instrumented insoles in
#: one older adult (Mobilise-D sample, 60 steps), and how far a single contact scatters there.
LOBE_S = 0.035
CONTACT_SD_S = 0.035
UNKNOWN = "which foot is which is not clear from the trunk: side unknown, nothing is said about asymmetry"


@dataclass(frozen=True, eq=False)
class LumbarGait:
    """Strides from initial contacts. ``contacts_s`` with ``sides`` (None: unknown) holds every contact of a bout."""

    segmentation: Segmentation
    contacts_s: tuple[float, ...]
    sides: tuple[Side | None, ...]
    notes: tuple[str, ...] = ()
    uncertainty_s: float = CONTACT_SD_S


@dataclass(frozen=True, eq=False)
class _Trunk:
    """One piece in the gravity frame, on the grid: vertical acceleration, votes for *left* at a contact, turning."""

    start_s: float
    rise: Samples
    sway: Samples
    twist: Samples
    heading: Samples


def lumbar_gait(imu: Imu) -> LumbarGait:
    """Steps and strides of one midline sensor.

    Parameters
    ----------
    imu : Imu
        On the pelvis or the lumbar spine, any orientation and rate from 40 Hz.

    Returns
    -------
    LumbarGait
        Strides from initial contact to the next of the same foot, without phases: toe-off cannot be seen from here.
        With unknown sides every other contact begins a stride, and ``side`` is None.

    Raises
    ------
    SignalError
        Another site, or a slower rate.
    """
    if imu.site not in LUMBAR_SITES or imu.rate_hz < 40:
        raise SignalError("a lumbar or pelvis sensor of 40 Hz or more", f"{imu.name} at {imu.rate_hz:g} Hz", "gait")
    trunks = [_trunk(piece) for piece in leg_pieces(imu)]
    bouts = [(trunk, bout) for trunk in trunks for bout in _bouts(_contacts(trunk.rise))]
    sided = [_sides(trunk, bout) for trunk, bout in bouts]
    strides = [
        pair
        for n, ((trunk, bout), sides) in enumerate(zip(bouts, sided, strict=True), 1)
        for pair in _strides(trunk, bout, sides, n)
    ]
    reps = _numbered([rep for rep, why in strides if not why])
    excluded = tuple(ExcludedRep(rep.start_s, rep.stop_s, why, rep.side) for rep, why in strides if why)
    method = "strides from initial contacts in the vertical acceleration of the trunk"
    times = tuple(float(t) for trunk, bout in bouts for t in _times(trunk, bout))
    flat = tuple(side for sides in sided for side in sides)
    notes = (UNKNOWN,) if any(side is None for side in flat) else ()
    return LumbarGait(Segmentation(reps, excluded, Laterality.CYCLIC, method), times, flat, notes)


def _trunk(piece: LegPiece) -> _Trunk:
    from scipy.ndimage import uniform_filter1d

    width = min(round(DRIFT_S * GRID_HZ), len(piece.acc))
    up = normalised(uniform_filter1d(piece.acc, width, axis=0))
    rise = np.sum(piece.acc * up, axis=1)
    rise = lowpass(rise - uniform_filter1d(rise, width), STEP_HZ)
    level = piece.acc - np.sum(piece.acc * up, axis=1, keepdims=True) * up
    level = lowpass(level - uniform_filter1d(level, width, axis=0), STEP_HZ)
    forward = np.gradient(rise) @ level
    left = normalised(np.cross(up, forward))
    heading = np.cumsum(np.sum(piece.gyr * up, axis=1)) / GRID_HZ
    twist = lowpass(heading - uniform_filter1d(heading, width), STRIDE_HZ)
    sway = lowpass(np.sum(level * np.nan_to_num(left), axis=1), STRIDE_HZ)
    return _Trunk(piece.start_s, rise, -sway, -twist, np.rad2deg(heading))


def _contacts(rise: Samples) -> Samples:
    """The middles of the positive lobes that are as high as those around them, on the grid."""
    from scipy.ndimage import median_filter

    sign = np.flatnonzero((rise[:-1] < 0) != (rise[1:] < 0))
    cross = sign + rise[sign] / (rise[sign] - rise[sign + 1])
    first = 0 if cross.size and rise[sign[0]] < 0 else 1
    pairs = [(a, b) for a, b in zip(cross[first::2], cross[first + 1 :: 2], strict=False)]
    if not pairs:
        return np.empty(0)
    heights = np.array([rise[int(a) : int(b) + 2].max() for a, b in pairs])
    high = heights >= np.maximum(LEAST_LOBE, OF_NEIGHBOURS * median_filter(heights, size=9, mode="nearest"))
    return np.array([(a + b) / 2 for (a, b), good in zip(pairs, high, strict=True) if good])


def _bouts(contacts: Samples) -> list[Samples]:
    """Runs of contacts a step's time apart, with enough of them."""
    gaps = np.diff(contacts) / GRID_HZ
    breaks = np.flatnonzero((gaps < STEP_S[0]) | (gaps > STEP_S[1])) + 1
    return [bout for bout in np.split(contacts, breaks) if bout.size >= LEAST_STEPS and _even(np.diff(bout))]


def _even(gaps: Samples) -> bool:
    middle = float(np.median(gaps))
    return 1.48 * float(np.median(np.abs(gaps - middle))) <= UNEVEN * middle


def _times(trunk: _Trunk, bout: Samples) -> Samples:
    return np.asarray(trunk.start_s + bout / GRID_HZ - LOBE_S)


def _sides(trunk: _Trunk, bout: Samples) -> tuple[Side | None, ...]:
    """The side of every contact of a bout, all None if it is not clear.

    The vote is taken half a step behind the contact, in single support.
    """
    at = np.clip(np.round(bout + np.median(np.diff(bout)) / 2), 0, trunk.rise.size - 1).astype(np.int64)
    turns: NDArray[np.float64] = np.where(np.arange(bout.size) % 2 == 0, 1.0, -1.0)
    clear = [_vote(signal[at], turns) for signal in (trunk.sway, trunk.twist)]
    if clear[0] * clear[1] <= 0 or max(map(abs, clear)) < CLEAR:
        return (None,) * bout.size
    return tuple(Side.LEFT if turn * clear[0] > 0 else Side.RIGHT for turn in turns)


def _vote(values: Samples, turns: Samples) -> float:
    """How far values alternate as the feet do: 1 always, starting above their mean; −1 starting below; 0 not at all."""
    apart = values - values.mean()
    total = float(np.abs(apart).sum())
    return float(apart @ turns) / total if total > 0 else 0.0


def _strides(trunk: _Trunk, bout: Samples, sides: Sequence[Side | None], n: int) -> list[tuple[Rep, str]]:
    times = _times(trunk, bout)
    places = range(bout.size - 2) if sides[0] is not None else range(0, bout.size - 2, 2)
    return [(_stride(times, k, sides[k], n), _turning(trunk, bout, k)) for k in places]


def _stride(times: Samples, k: int, side: Side | None, n: int) -> Rep:
    start, stop = (round(float(t) * CLOCK_HZ) for t in (times[k], times[k + 2]))
    return Rep(k + 1, start, stop, CLOCK_HZ, side, set_index=n)


def _turning(trunk: _Trunk, bout: Samples, k: int) -> str:
    turned = trunk.heading[int(bout[k + 2])] - trunk.heading[int(bout[k])]
    return "a turn" if abs(turned) > TURN_DEG else ""


def _numbered(reps: Sequence[Rep]) -> tuple[Rep, ...]:
    count: dict[Side | None, int] = {}
    out = []
    for rep in reps:
        count[rep.side] = count.get(rep.side, 0) + 1
        out.append(replace(rep, index=count[rep.side]))
    return tuple(out)


def step_times_s(found: LumbarGait) -> list[tuple[Side | None, float]]:
    """Time from each contact to the next, named by the side that lands; only within a bout."""
    pairs = pairwise(zip(found.contacts_s, found.sides, strict=True))
    return [(two[1], two[0] - one[0]) for one, two in pairs if two[0] - one[0] <= STEP_S[1]]
