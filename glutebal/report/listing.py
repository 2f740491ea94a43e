"""What a recording holds, in one block of text: channels, sides, rates, gaps, quality."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from glutebal.model import Channel, Event, Recording, Track
from glutebal.report.axes import Facts, axes_of, axes_together, labels_together, name_together
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
    rows = [HEAD, *_rows(recording.tracks, by_channel)]
    lines = [_title(recording), "", *_aligned(rows)]
    lines += _section("Left/right pairs", _pairs(recording))
    lines += _section("Events", _events(recording.events))
    lines += _section("Quality", _told_once((q.channel, q.reason) for q in quality))
    lines += _section("How sides and sites were found", _origins(recording.channels))
    lines += _section("History", recording.history)
    lines += _section("Warnings", recording.warnings)
    return "\n".join(lines)


def _title(recording: Recording) -> str:
    facts = [recording.source or "recording", f"{len(recording.tracks)} channels", f"{recording.duration_s:.2f} s"]
    extras = [recording.subject, recording.exercise, recording.started and f"{recording.started:%Y-%m-%d %H:%M}"]
    return ", ".join([*facts, *(str(extra) for extra in extras if extra)])


def brief_block(recording: Recording) -> str:
    """The recording in a few lines: how many channels, how long, and each sensor's quantities with rate and gaps."""
    groups = axes_together((t.channel, (f"{t.channel.rate_hz:g} Hz", f"{len(t.gaps)} gaps")) for t in recording.tracks)
    head = f"{recording.source or 'recording'}: {len(recording.tracks)} channels, {recording.duration_s:.2f} s"
    return "\n".join([head, *(f"  {', '.join((name_together(channels), *facts))}" for channels, facts in groups)])


def _told_once(texts: Iterable[tuple[Channel, str]]) -> list[str]:
    """One line for all axes of a sensor of which the same is said; nothing where there is nothing to say."""
    groups = axes_together((channel, (text,)) for channel, text in texts if text)
    return [f"{name_together(channels)}: {text}" for channels, (text,) in groups]


def _rows(tracks: Iterable[Track], quality: Mapping[Channel, ChannelQuality]) -> list[tuple[str, ...]]:
    groups = axes_together((track.channel, _facts(track, quality.get(track.channel))) for track in tracks)
    return [_row(channels, facts) for channels, facts in groups]


def _row(channels: Sequence[Channel], facts: Facts) -> tuple[str, ...]:
    c = channels[0]
    side = c.side.value if c.side else "midline"
    site = f"{c.site} {axes_of(channels)}".strip()
    return side, site, c.quantity.title, *facts, labels_together(channels)


def _facts(track: Track, quality: ChannelQuality | None) -> Facts:
    c = track.channel
    missing_s = sum(b - a for a, b in track.gaps) / c.rate_hz
    gaps = f"{len(track.gaps)} ({missing_s:.2f} s)" if track.gaps else "none"
    length = f"{track.duration_s:.2f} s"
    return f"{c.rate_hz:g} Hz", length, gaps, _grade(quality)


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
    groups = axes_together((pair.left.channel, ()) for pair in recording.pairs())
    return [name_together(channels).removeprefix("left ") for channels, _ in groups]


def _events(events: Iterable[Event]) -> list[str]:
    counts = Counter((event.side.value if event.side else "", event.name) for event in events)
    return [f"{n} × {' '.join(part for part in key if part)}" for key, n in counts.items()]


def _origins(channels: Iterable[Channel]) -> list[str]:
    return _told_once((channel, channel.origin) for channel in channels)
