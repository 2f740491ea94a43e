"""Reference contractions: the amplitude of each side that counts as 100 %.

The reference is the best 500 ms moving RMS over all positions and trials of a session, per side and site, never the
peak of one trial (Besomi et al. 2020 J Electromyogr Kinesiol 53:102438). Gluteus maximus reaches its best in
different positions in different people (Contreras et al. 2015 PeerJ 3:e1261), so several positions may be given;
values above 100 % are common and are never clipped. A trial that is held from beginning to end shows no rest: its
noise cannot be told and is then not subtracted.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from glutebal.errors import SignalError
from glutebal.model import Bilateral, Quantity, Recording, Samples, Side, Track
from glutebal.results import Reference, Status
from glutebal.signal.amplitude import amplitude
from glutebal.signal.noise import NoiseFloor
from glutebal.signal.prepare import EmgSettings, PreparedEmg, prepare
from glutebal.signal.side_value import SideValue

WINDOW_S = 0.5
METHOD = "best 500 ms RMS over positions and trials, noise power subtracted"


@dataclass(frozen=True)
class BestWindow:
    """The strongest window of a channel: noise-corrected RMS in the channel's unit, relative SE, start in seconds."""

    value: float
    relative_se: float
    start_s: float


def best_window(track: Track, settings: EmgSettings | None = None, window_s: float = WINDOW_S) -> BestWindow:
    """The best moving RMS of one raw EMG track.

    Raises
    ------
    SignalError
        No gap-free stretch is as long as the window.
    """
    ready = prepare(track, settings)
    width = round(window_s * ready.rate_hz)
    means = [(c.start, _moving_sum(c.samples, width)) for c in ready.power.chunks if c.samples.size >= width]
    if not means:
        found = f"{track.n_samples / track.channel.rate_hz:.2f} s in {len(track.chunks)} pieces"
        raise SignalError(f"at least {window_s:g} s of gap-free EMG for a reference", found, track.channel.name)
    start = max(((float(m.max()), s + int(m.argmax())) for s, m in means), key=lambda pair: pair[0])[1]
    best = _measure(ready, start, width)
    one = 1 / math.sqrt(2 * best.dof)
    rivals = _rivals(ready, start, width, one)
    return BestWindow(best.value, one / math.sqrt(1 + 0.8 * math.log(rivals)), start / ready.rate_hz)


def _rivals(ready: PreparedEmg, start: int, width: int, one: float) -> int:
    """How many separate windows could have been the best: the largest of k scatters less than any one of them.

    The standard deviation of the largest of k normal values is 1/√(1 + 0.8·ln k) of one value's, to 3 % for k ≤ 64.
    """
    means = np.concatenate([_window_means(c.start, c.samples, start % width, width) for c in ready.power.chunks])
    best = float(np.mean(ready.power.between(start, start + width).values()))
    return int(np.count_nonzero(means >= best * (1 - 8 * one)))  # four standard deviations of a power


def _window_means(first: int, power: Samples, phase: int, width: int) -> Samples:
    """Means of the whole windows of ``width`` blocks that start at ``phase`` modulo ``width`` on the clock."""
    power = power[(phase - first) % width :]
    return np.asarray(power[: power.size // width * width].reshape(-1, width).mean(axis=1))


def _measure(ready: PreparedEmg, start: int, width: int) -> SideValue:
    """Amplitude of the best window; a trial without any rest has no floor to subtract and is taken as it is."""
    bandwidth = _bandwidth(ready, start, width)
    best = ready.amplitude(start, start + width, bandwidth)
    if best.status is Status.OK:
        return best
    nothing = NoiseFloor(0.0, 0.0, 0.0, found=True)
    return amplitude(ready.power.between(start, start + width).values(), ready.rate_hz, nothing, bandwidth)


def _bandwidth(ready: PreparedEmg, start: int, width: int) -> float:
    around = ((start - width) / ready.rate_hz, (start + 2 * width) / ready.rate_hz)
    return ready.bandwidth_hz([around])


def _moving_sum(values: Samples, width: int) -> Samples:
    total = np.concatenate([[0.0], np.cumsum(values)])
    return np.asarray(total[width:] - total[:-width])


def references(
    recordings: Recording | Iterable[Recording], settings: EmgSettings | None = None
) -> tuple[Reference, ...]:
    """Reference value per site and side from one or more recordings of reference contractions.

    Parameters
    ----------
    recordings : Recording or iterable of Recording
        Trials and positions; each may hold one side or both.

    Returns
    -------
    tuple of Reference
        One per site, in volts; a side that no recording holds is NaN.
    """
    given = [recordings] if isinstance(recordings, Recording) else list(recordings)
    best: dict[str, dict[Side, BestWindow]] = {}
    for recording in given:
        for track in recording.tracks:
            c = track.channel
            if c.quantity is Quantity.EMG and c.side is not None:
                window = best_window(track, settings)
                sides = best.setdefault(c.site, {})
                sides[c.side] = max(sides.get(c.side, window), window, key=lambda w: w.value)
    if not best:
        raise SignalError("at least one EMG channel with a side in a reference recording", "none")
    taken = next((str(r.started) for r in given if r.started), "")
    return tuple(_reference(site, sides, taken) for site, sides in best.items())


def _reference(site: str, sides: dict[Side, BestWindow], taken: str) -> Reference:
    nothing = BestWindow(math.nan, math.nan, math.nan)
    both = Bilateral.per_side(lambda side: sides.get(side, nothing))
    value, se = both.map(lambda w: w.value), both.map(lambda w: w.relative_se)
    return Reference(site, Quantity.EMG, value, se, taken, METHOD)
