"""How far an envelope of arrivals can be trusted: what all packets may have waited, unseen.

The envelope takes the packets that waited least for packets that did not wait at all. Whether that is so can be told:
a packet waits for the next connection event, and if packets become ready at every phase of the interval, some hardly
wait. If packet period and interval have a common divisor, they are ready at a few phases only, for ever, and the
shortest wait may be as long as the widest part of the interval in which no packet becomes ready::

    events   |               |               |
    ready      ·    ·    ·     ·    ·    ·      the widest empty part may hide in all of them

Host delays blur the arrivals and hide this; the phases of the device's own ticks are sharp.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from glutebal.ingest.rhythm import Rhythm
from glutebal.model import Samples

HOST_JITTER_S = 2.5e-3  # what an operating system may add to every arrival without leaving a trace in the residuals
LOCKED_S = 2e-3  # residuals that span less than this never swept the connection interval


@dataclass(frozen=True)
class Trust:
    """What the residuals of an envelope say of it; the fields are those of `ClockMap`."""

    uncertainty_s: float = math.inf
    wander_s: float = math.inf
    spread_s: float = math.inf


def trust_of(ready_s: Samples, arrivals: Samples, packet_s: float, rhythm: Rhythm | None) -> Trust:
    """How far to trust an envelope that says packets were ready at ``ready_s`` and arrived at ``arrivals``; both (n,).

    The largest of: the empty gap in the residuals, the part of the connection interval in which no packet became ready,
    the wander of the line; and what the host may add to every arrival.
    """
    late = arrivals - ready_s
    wander = wander_of(late)
    unseen = max(unseen_wait(late, packet_s), unseen_phase(ready_s, rhythm), wander)
    return Trust(unseen + HOST_JITTER_S, wander, float(np.quantile(late, 0.9)))


def unseen_wait(residuals: Samples, packet_s: float) -> float:
    """How large the smallest wait may be that no packet escaped, from the residuals alone, in seconds.

    The largest empty gap below the 90th percentile; residuals that hardly spread never swept the connection interval,
    so that any wait up to a packet period may hide in all of them.
    """
    low = np.sort(residuals[residuals <= np.quantile(residuals, 0.9)])
    if low.size < 2 or low[-1] - low[0] < LOCKED_S:
        return packet_s if math.isfinite(packet_s) else math.inf
    return float(np.max(np.diff(low)))


def wander_of(residuals: Samples) -> float:
    """The largest of the smallest residuals of each quarter, in seconds: a line that fits touches all four."""
    if residuals.size < 4:
        return math.inf
    return max(float(part.min()) for part in np.array_split(residuals, 4))


def unseen_phase(ready_s: Samples, rhythm: Rhythm | None) -> float:
    """The widest part of the connection interval in which no packet became ready, in seconds; 0 without a rhythm."""
    if rhythm is None or not rhythm.steady:
        return 0.0
    phases = np.sort(rhythm.after(ready_s))
    around = phases[0] + rhythm.interval_s - phases[-1]
    return float(max(np.max(np.diff(phases)), around))
