r"""Ground contacts and strides: the repetitions of walking and running, foot by foot.

::

    force  ____/¯¯\\__/¯¯\\_______/¯¯\\__/¯¯\\____     contact: stance of one foot, on the force's own clock
               |── stance ──|swing|                 stride: foot strike to the next foot strike of the same foot
               |───── stride ─────|

Every foot is judged by itself; ``index`` counts its contacts or strides from 1 in time order.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from glutebal.errors import InputError
from glutebal.model import Bilateral, Event, Samples, Side, Track
from glutebal.results import ExcludedRep, Laterality, Phase, Rep, Segmentation
from glutebal.signal.bursts import runs
from glutebal.signal.effort import resting_level

STRIKES = frozenset({"foot strike", "heel strike", "initial contact", "foot contact", "foot down", "fs", "hs", "ic"})
OFFS = frozenset({"foot off", "toe off", "final contact", "foot up", "fo", "to", "fc"})


@dataclass(frozen=True)
class ContactSettings:
    """When a foot is on the ground.

    Parameters
    ----------
    on, off : float
        A contact must rise above ``on``; it begins and ends at ``off``. Shares of the foot's own load: the 95th
        percentile of its force above the unloaded level, so that a wrong unit does not matter.
    min_contact_s, min_swing_s : float
        A shorter contact is none; a shorter interruption does not end one.
    longest, shortest : float
        Contacts outside these multiples of the foot's median are standing, turning or shuffling (five or more
        contacts).
    max_gap_s : float
        Contacts on either side of a longer gap in the recording are two, of a shorter one the same.
    """

    on: float = 0.10
    off: float = 0.05
    min_contact_s: float = 0.1
    min_swing_s: float = 0.08
    longest: float = 2.0
    shortest: float = 0.5
    max_gap_s: float = 0.3


def contacts(force: Bilateral[Track | None], *, settings: ContactSettings | None = None) -> Segmentation:
    """Find the ground contacts of each foot in its vertical force.

    Parameters
    ----------
    force : Bilateral of Track or None
        Vertical force of each foot, upwards positive, any unit and rate.
    settings : ContactSettings, optional
        Thresholds.

    Returns
    -------
    Segmentation
        One rep per contact with its ``side``, on the clock of that foot's force. A contact that touches a gap or the
        start or end of the recording is excluded, as is one that is not like the foot's others.
    """
    settings = settings or ContactSettings()
    each = Bilateral.per_side(lambda side: _contacts(force[side], side, settings))
    reps = sorted((rep for found, _ in each for rep in found), key=_in_time)
    excluded = sorted((ex for _, left_out in each for ex in left_out), key=lambda ex: (ex.start_s, ex.stop_s))
    method = f"ground contacts from force: on {settings.on:.0%}, off {settings.off:.0%} of the foot's own load"
    return Segmentation(tuple(reps), tuple(excluded), Laterality.CYCLIC, method)


def _in_time(rep: Rep) -> tuple[float, float]:
    return rep.start_s, rep.stop_s


def _contacts(track: Track | None, side: Side, settings: ContactSettings) -> tuple[list[Rep], list[ExcludedRep]]:
    if track is None or not track.chunks:
        return [], []
    rate = track.channel.rate_hz
    share = _share_of_load(track)
    spans = _spans(share, rate, settings)
    reasons = [_cut(share, span) for span in spans]
    lengths = [b - a for (a, b), reason in zip(spans, reasons, strict=True) if not reason]
    reasons = [r or _unlike(b - a, lengths, settings) for (a, b), r in zip(spans, reasons, strict=True)]
    at = [(a + track.start, b + track.start) for a, b in spans]
    left_out = [ExcludedRep(a / rate, b / rate, r, side) for (a, b), r in zip(at, reasons, strict=True) if r]
    kept = [span for span, reason in zip(at, reasons, strict=True) if not reason]
    typical = float(np.median(lengths)) if lengths else 1.0
    reps = [Rep(i, a, b, rate, side, confidence=_likeness(b - a, typical)) for i, (a, b) in enumerate(kept, 1)]
    return reps, left_out


def _share_of_load(track: Track) -> Samples:
    """Force above the unloaded level in units of the foot's own load, NaN in gaps.

    A resting level that is a good part of the load is somebody standing, not an unloaded sensor: then zero is unloaded.
    """
    high = float(np.quantile(track.values(), 0.95))
    level, _ = resting_level(track)
    level = level if abs(level) < 0.15 * abs(high) else 0.0
    load = high - level
    return (track.filled() - level) / load if load > 0 else np.where(np.isfinite(track.filled()), 0.0, np.nan)


def _spans(share: Samples, rate_hz: float, settings: ContactSettings) -> list[tuple[int, int]]:
    """Runs above ``off`` that rise above ``on``; a short gap belongs to the contact beside it."""
    loaded = np.nan_to_num(share, nan=0.0) > settings.off
    for a, b in runs(np.isnan(share)):
        beside = loaded[max(a - 1, 0)] or loaded[min(b, share.size - 1)]
        loaded[a:b] = beside and (b - a) <= settings.max_gap_s * rate_hz
    loaded = _without_short(~loaded, settings.min_swing_s * rate_hz)
    spans = runs(~loaded)
    return [(a, b) for a, b in spans if _is_contact(share[a:b], settings, rate_hz)]


def _without_short(mask: NDArray[np.bool_], least: float) -> NDArray[np.bool_]:
    """The mask with runs shorter than ``least`` removed, but not those at its ends, which may go on outside."""
    out = mask.copy()
    for a, b in runs(mask):
        if b - a < least and a > 0 and b < mask.size:
            out[a:b] = False
    return out


def _is_contact(share: Samples, settings: ContactSettings, rate_hz: float) -> bool:
    return share.size >= settings.min_contact_s * rate_hz and bool(np.any(share > settings.on))


def _cut(share: Samples, span: tuple[int, int]) -> str:
    """Why the contact was not seen whole; empty if it was."""
    a, b = span
    gaps = len(runs(np.isnan(share[max(a - 1, 0) : b + 1])))
    if gaps:
        return f"it touches {gaps} gaps in the recording" if gaps > 1 else "it touches a gap in the recording"
    if a == 0:
        return "the foot was on the ground when the recording began"
    return "the foot was on the ground when the recording ended" if b == share.size else ""


def _unlike(length: int, lengths: list[int], settings: ContactSettings) -> str:
    if len(lengths) < 5:
        return ""
    relative = length / float(np.median(lengths))
    if relative > settings.longest:
        return "much longer than the foot's other contacts: standing or turning"
    return "much shorter than the foot's other contacts" if relative < settings.shortest else ""


def _likeness(length: float, typical: float) -> float:
    return math.exp(-((math.log(length / typical) / 0.5) ** 2))


def strides(segmentation: Segmentation, *, longest: float = 1.6) -> Segmentation:
    """Strides from contacts: from a foot strike to the next of the same foot, with phases ``stance`` and ``swing``.

    Parameters
    ----------
    segmentation : Segmentation
        Ground contacts, as `contacts` gives them.
    longest : float
        A stride above this multiple of the foot's median hides a pause or a missed contact and is excluded.

    Returns
    -------
    Segmentation
        Strides on the clock of the contacts. There is none across a contact that was excluded.
    """
    reps: list[Rep] = []
    excluded = list(segmentation.excluded)
    for side in Side:
        own = [rep for rep in segmentation.reps if rep.side is side]
        breaks = [ex for ex in segmentation.excluded if ex.side is side]
        found = [_stride(one, two) for one, two in pairwise(own) if not _between(one, two, breaks)]
        kept, left_out = _plausible(found, longest)
        reps += [replace(rep, index=i) for i, rep in enumerate(kept, 1)]
        excluded += left_out
    reps.sort(key=_in_time)
    excluded.sort(key=lambda ex: (ex.start_s, ex.stop_s))
    method = f"strides from foot strike to foot strike; {segmentation.method}"
    return Segmentation(tuple(reps), tuple(excluded), Laterality.CYCLIC, method)


def _stride(one: Rep, two: Rep) -> Rep:
    phases = (Phase("stance", one.start, one.stop), Phase("swing", one.stop, two.start))
    return replace(one, stop=two.start, turn=one.stop, phases=phases)


def _between(one: Rep, two: Rep, breaks: list[ExcludedRep]) -> bool:
    return any(one.start_s < ex.stop_s and ex.start_s < two.start_s for ex in breaks)


def _plausible(found: list[Rep], longest: float) -> tuple[list[Rep], list[ExcludedRep]]:
    if not found:
        return [], []
    typical = float(np.median([rep.duration_s for rep in found]))
    kept = [rep for rep in found if rep.duration_s <= longest * typical or len(found) < 3]
    reason = "much longer than the foot's other strides: a pause, or a contact that was not seen"
    left_out = [ExcludedRep(rep.start_s, rep.stop_s, reason, rep.side) for rep in found if rep not in kept]
    return [replace(rep, confidence=_likeness(rep.duration_s, typical)) for rep in kept], left_out


def event_strides(events: Iterable[Event], *, rate_hz: float = 1000.0) -> Segmentation:
    """Strides from marked events: a foot strike to the next of the same foot, the foot off between them as the turn.

    Parameters
    ----------
    events : iterable of Event
        Named ``Foot Strike`` and ``Foot Off`` (or heel strike, initial contact, toe off ...), with their side; others
        are passed over. A stride without exactly one foot off inside has no phases.
    rate_hz : float
        Clock of the strides.

    Raises
    ------
    InputError
        A foot strike without a side.
    """
    marked = sorted(events, key=lambda event: event.time_s)
    for event in marked:
        if _kind(event) and event.side is None:
            raise InputError(
                "a side for every foot event", f"{event.name} without one", f"event at {event.time_s:.3f} s"
            )
    found: list[Rep] = []
    for side in Side:
        strikes = [e.time_s for e in marked if _kind(e) == "strike" and e.side is side]
        offs = [e.time_s for e in marked if _kind(e) == "off" and e.side is side]
        pairs = enumerate(pairwise(strikes), 1)
        found += [_event_stride(i, a, b, offs, side, rate_hz) for i, (a, b) in pairs]
    found.sort(key=_in_time)
    return Segmentation(tuple(found), laterality=Laterality.CYCLIC, method="strides from the recording's events")


def _kind(event: Event) -> str:
    """Whether an event is a foot strike, a foot off or neither."""
    name = " ".join(event.name.lower().replace("_", " ").replace("-", " ").split())
    if name in STRIKES:
        return "strike"
    return "off" if name in OFFS else ""


def _event_stride(index: int, a_s: float, b_s: float, offs: list[float], side: Side, rate_hz: float) -> Rep:
    start, stop = round(a_s * rate_hz), round(b_s * rate_hz)
    inside = [round(t * rate_hz) for t in offs if a_s < t < b_s]
    rep = Rep(index, start, stop, rate_hz, side)
    if len(inside) != 1:
        return rep
    off = inside[0]
    return replace(rep, turn=off, phases=(Phase("stance", start, off), Phase("swing", off, stop)))
