"""The jolt of a foot strike on its way up the body: a short push that leaves neither speed nor displacement behind."""

from __future__ import annotations

import numpy as np

from glutebal.model import Samples, Side
from glutebal.testing.body_plan import SITES
from glutebal.testing.body_scene import Notes

#: Share of the jolt at the foot, and its time constant in s: it weakens and widens on its way up.
_ARRIVING = {"foot": (1.0, 0.010), "shank": (0.7, 0.013), "thigh": (0.35, 0.018), "pelvis": (0.18, 0.024)}
_SECONDS = 0.4


def jolts(notes: Notes, times_s: Samples) -> dict[tuple[str, Side | None], Samples]:
    """Acceleration (n, 3) in world axes, m/s², of every site that a strike reaches."""
    out: dict[tuple[str, Side | None], Samples] = {}
    for side in Side:
        for site in SITES:
            where = (site, None if site == "pelvis" else side)
            strikes = notes.feet[side].impacts
            if strikes:
                out[where] = out.get(where, np.zeros((times_s.size, 3))) + _at_site(site, strikes, times_s)
    return out


def _at_site(site: str, strikes: list[tuple[float, float]], times_s: Samples) -> Samples:
    share, tau_s = _ARRIVING[site]
    push = np.zeros_like(times_s)
    for strike_s, size in strikes:
        now = slice(*np.searchsorted(times_s, [strike_s, strike_s + _SECONDS]))
        push[now] += share * size * _pulse((times_s[now] - strike_s) / tau_s)
    return np.column_stack([np.zeros_like(push), np.zeros_like(push), push])


def _pulse(x: Samples) -> Samples:
    """Second derivative of x³ exp(−x): starts at 0, peaks near 1, and its two integrals come back to 0."""
    return np.asarray((6 * x - 6 * x**2 + x**3) * np.exp(-x))
