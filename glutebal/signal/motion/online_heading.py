"""The relative headings of segments while they move: what `relative_heading` says of the last minutes, asked again.

::

    segments, ten a second ─▶ the last ten minutes ─┐
    known postures so far ──────────────────────────┴─ relative_heading ─▶ the last offset, held until asked again

Asked at known postures (quiet standing, the start of a repetition), after a hole, and every ten seconds.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from glutebal.model import Samples
from glutebal.signal.bursts import runs
from glutebal.signal.motion.heading import NEUTRAL, Reset, neutral_moments, relative_heading
from glutebal.signal.motion.orientation import TILT_SD_DEG
from glutebal.signal.motion.segments import Body, Segment, SegmentPiece, common

#: So many samples per second are kept, for so long.
KEPT_HZ = 10.0
KEPT_S = 600.0
#: Of the known postures these are looked at: the last of standing, the first and the last of the others.
STANDING, FIRST, LAST = 8, 6, 12
#: They are looked at no more often than this.
APART_S = 4.0
#: A new piece is looked at after so long, an old one again after so long.
FIRST_S = 0.5
AGAIN_S = 10.0


class OnlineHeading:
    """Offsets of the distal against the proximal segment's heading, one per pair.

    Parameters
    ----------
    pairs : sequence of (int, int)
        Proximal and distal, as rows of the segments.
    rate_hz : float
        Of the samples that come in.

    Attributes
    ----------
    offset_deg, sd_deg : ndarray, shape (pairs,)
        To be taken out of the distal heading; NaN: not known yet.
    """

    def __init__(self, pairs: Sequence[tuple[int, int]], rate_hz: float) -> None:
        self.pairs, self.offset_deg, self.sd_deg = pairs, np.full(len(pairs), np.nan), np.full(len(pairs), np.nan)
        self._step = max(1, round(rate_hz / KEPT_HZ))
        self.rate_hz = rate_hz / self._step
        self._kept: list[Samples] = []
        self._first = self._stop = 0
        self._known: list[Reset] = []
        self._due: float = np.inf
        self._asked, self._fresh = -np.inf, False
        self._waits = np.zeros(len(pairs), dtype=bool)

    def know(self, known: Sequence[Reset]) -> None:
        """Postures that are known now."""
        if known:
            self._known, self._fresh = _thinned([*self._known, *known]), True
            self._due = min(self._due, max(self._stop, self._asked + APART_S * self.rate_hz))

    def stood(self, start_s: float, stop_s: float) -> None:
        """Between these times the person stood upright again and again, as in the calibration."""
        if self._kept:
            tracks = self._tracks(np.concatenate(self._kept, axis=1), np.zeros(len(self._kept[0])))
            segments = [Segment(str(k), None, self.rate_hz, tuple(track)) for k, track in enumerate(tracks)]
            self.know(neutral_moments(Body({(each.site, None): each for each in segments}), start_s, stop_s))

    def take(self, start: int, segments: Samples, bias_sd_deg_s: Samples) -> None:
        """Segment to world of the samples from ``start`` on, shape (segments, n, 4), NaN: nothing recorded."""
        first = -(-start // self._step)
        rows = segments[:, first * self._step - start :: self._step]
        if not rows.shape[1]:
            return
        if not self._kept:
            self._first = self._stop = first
        self._lost(rows)
        self._kept.append(rows)
        self._stop += rows.shape[1]
        if self._stop - self._first > 2 * KEPT_S * self.rate_hz:
            self._last_minutes()
        if self._stop >= self._due:
            self._ask(bias_sd_deg_s)
            self._due = self._stop + AGAIN_S * self.rate_hz

    def _lost(self, rows: Samples) -> None:
        """A segment that was not recorded comes back with another heading."""
        seen = [bool(np.isfinite(row).all()) for row in rows[:, :, 0]]
        for k, pair in enumerate(self.pairs):
            if not (seen[pair[0]] and seen[pair[1]]):
                self.offset_deg[k], self.sd_deg[k], self._waits[k] = np.nan, np.nan, False
            elif np.isnan(self.offset_deg[k]) and not self._waits[k]:
                self._waits[k] = True
                self._due = min(self._due, self._stop + FIRST_S * self.rate_hz)

    def _ask(self, bias_sd_deg_s: Samples) -> None:
        self._asked, self._fresh = self._stop if self._fresh else self._asked, False
        rows = self._last_minutes()
        tracks = self._tracks(rows, bias_sd_deg_s)
        known = [reset for reset in self._known if reset.stop_s * self.rate_hz >= self._first]
        for k, (a, b) in enumerate(self.pairs):
            both = [(row[0], row[1]) for row in common([tracks[a], tracks[b]])]
            if both and both[-1][0].stop == self._stop:
                found = relative_heading(both, self.rate_hz, known)[-1]
                self.offset_deg[k], self.sd_deg[k] = found.offset_deg[-1], found.sd_deg[-1]

    def _last_minutes(self) -> Samples:
        rows = np.concatenate(self._kept, axis=1)[:, -round(KEPT_S * self.rate_hz) :]
        self._kept, self._first = [rows], self._stop - rows.shape[1]
        return rows

    def _tracks(self, rows: Samples, bias_sd_deg_s: Samples) -> list[list[SegmentPiece]]:
        return [self._pieces(row, float(sd)) for row, sd in zip(rows, bias_sd_deg_s, strict=True)]

    def _pieces(self, row: Samples, sd_deg_s: float) -> list[SegmentPiece]:
        sd = (sd_deg_s, sd_deg_s, sd_deg_s)
        seen = np.isfinite(row[:, 0])
        return [SegmentPiece(self._first + a, row[a:b], TILT_SD_DEG, sd) for a, b in runs(seen)]


def _thinned(known: Sequence[Reset]) -> list[Reset]:
    """What holds the heading: standing, and the first postures after it; and what is near to now."""
    standing = [reset for reset in known if reset.posture == NEUTRAL]
    others = [reset for reset in known if reset.posture != NEUTRAL]
    return [*standing[-STANDING:], *others[:FIRST], *others[FIRST:][-LAST:]]
