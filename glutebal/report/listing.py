"""What a recording holds, in one block of text: channels, sides, rates, gaps, quality."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence

from glutebal.model import Channel, Event, Recording, Track
from glutebal.results import ChannelQuality

HEAD = ("side", "site", "quantity", "rate", "length", "gaps", "quality", "label")


def recording_block(recording: Recording, quality: Sequence[ChannelQuality]) -> str:
    """The recording's channels as an aligned table, then what to know about them.

    Parameters
    ----------
    recording : Recording
        What to describe.
    quality : sequence of ChannelQuality
        From `glutebal.assess`; channels without one are listed without a grade.
    """
    by_channel = {q.channel: q for q in quality}
    rows = [HEAD, *(_row(track, by_channel.get(track.channel)) for track in recording.tracks)]
    lines = [_title(recording), "", *_aligned(rows)]
    lines += _section("Left/right pairs", _pairs(recording))
    lines += _section("Events", _events(recording.events))
    lines += _section("Quality", (f"{q.channel.name}: {q.reason}" for q in quality if q.reason))
    lines += _section("How sides and sites were found", _origins(recording.channels))
    lines += _section("History", recording.history)
    lines += _section("Warnings", recording.warnings)
    return "\n".join(lines)


def _title(recording: Recording) -> str:
    facts = [recording.source or "recording", f"{len(recording.tracks)} channels", f"{recording.duration_s:.2f} s"]
    extras = [recording.subject, recording.exercise, recording.started and f"{recording.started:%Y-%m-%d %H:%M}"]
    return ", ".join([*facts, *(str(extra) for extra in extras if extra)])


def _row(track: Track, quality: ChannelQuality | None) -> tuple[str, ...]:
    c = track.channel
    side = c.side.value if c.side else "midline"
    site = f"{c.site} {c.axis}".strip()
    missing_s = sum(b - a for a, b in track.gaps) / c.rate_hz
    gaps = f"{len(track.gaps)} ({missing_s:.2f} s)" if track.gaps else "none"
    length = f"{track.duration_s:.2f} s"
    return side, site, c.quantity.title, f"{c.rate_hz:g} Hz", length, gaps, _grade(quality), c.label


def _grade(quality: ChannelQuality | None) -> str:
    if quality is None:
        return ""
    snr = f", {quality.snr_db:.0f} dB" if math.isfinite(quality.snr_db) else ""
    return quality.grade.value + snr


def _aligned(rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(len(row[k]) for row in rows) for k in range(len(HEAD))]
    return ["  " + "  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip() for row in rows]


def _section(title: str, lines: Iterable[str]) -> list[str]:
    body = [f"  {line}" for line in lines]
    return ["", f"{title}:", *body] if body else []


def _pairs(recording: Recording) -> list[str]:
    channels = [pair.left.channel for pair in recording.pairs()]
    return [" ".join(part for part in (c.site, c.axis, c.quantity.title) if part) for c in channels]


def _events(events: Iterable[Event]) -> list[str]:
    counts = Counter((event.side.value if event.side else "", event.name) for event in events)
    return [f"{n} × {' '.join(part for part in key if part)}" for key, n in counts.items()]


def _origins(channels: Iterable[Channel]) -> list[str]:
    return [f"{c.name}: {c.origin}" for c in channels if c.origin]
