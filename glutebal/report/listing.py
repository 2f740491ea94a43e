"""What a recording holds, in one block of text: channels, sides, rates, gaps, quality."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from glutebal.model import Channel, Event, Recording, Track
from glutebal.results import ChannelQuality

#: What is told of a channel besides its name.
Facts = tuple[str, ...]

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
    groups = _axes_together((t.channel, (f"{t.channel.rate_hz:g} Hz", f"{len(t.gaps)} gaps")) for t in recording.tracks)
    head = f"{recording.source or 'recording'}: {len(recording.tracks)} channels, {recording.duration_s:.2f} s"
    return "\n".join([head, *(f"  {', '.join((_name(channels), *facts))}" for channels, facts in groups)])


def _axes_together(facts: Iterable[tuple[Channel, Facts]]) -> list[tuple[list[Channel], Facts]]:
    """Channels that differ in nothing but their axis, and of which the same is told, as one."""
    groups: list[tuple[list[Channel], Facts]] = []
    for channel, told in facts:
        for channels, same in groups:
            if same == told and _is_another_axis(channel, channels):
                channels.append(channel)
                break
        else:
            groups.append(([channel], told))
    return groups


def _is_another_axis(channel: Channel, channels: Sequence[Channel]) -> bool:
    first = channels[0]
    alike = (first.quantity, first.side, first.site) == (channel.quantity, channel.side, channel.site)
    return alike and "" not in {first.axis, channel.axis} and channel.axis not in {c.axis for c in channels}


def _name(channels: Sequence[Channel]) -> str:
    """The name of channels that differ in their axis: "left thigh x y z acceleration"."""
    return replace(channels[0], axis=_axes(channels)).name


def _axes(channels: Sequence[Channel]) -> str:
    return " ".join(channel.axis for channel in channels if channel.axis)


def _told_once(texts: Iterable[tuple[Channel, str]]) -> list[str]:
    """One line for all axes of a sensor of which the same is said; nothing where there is nothing to say."""
    groups = _axes_together((channel, (text,)) for channel, text in texts if text)
    return [f"{_name(channels)}: {text}" for channels, (text,) in groups]


def _rows(tracks: Iterable[Track], quality: Mapping[Channel, ChannelQuality]) -> list[tuple[str, ...]]:
    groups = _axes_together((track.channel, _facts(track, quality.get(track.channel))) for track in tracks)
    return [_row(channels, facts) for channels, facts in groups]


def _row(channels: Sequence[Channel], facts: Facts) -> tuple[str, ...]:
    c = channels[0]
    side = c.side.value if c.side else "midline"
    site = f"{c.site} {_axes(channels)}".strip()
    labels = dict.fromkeys(channel.label for channel in channels if channel.label)
    return side, site, c.quantity.title, *facts, ", ".join(labels)


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
    groups = _axes_together((pair.left.channel, ()) for pair in recording.pairs())
    return [_name(channels).removeprefix("left ") for channels, _ in groups]


def _events(events: Iterable[Event]) -> list[str]:
    counts = Counter((event.side.value if event.side else "", event.name) for event in events)
    return [f"{n} × {' '.join(part for part in key if part)}" for key, n in counts.items()]


def _origins(channels: Iterable[Channel]) -> list[str]:
    return _told_once((channel, channel.origin) for channel in channels)
