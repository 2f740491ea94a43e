"""The axes of one sensor told together: three lines that say the same are one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from glutebal.model import Channel

#: What is told of a channel besides its name.
Facts = tuple[str, ...]


def axes_together(told: Iterable[tuple[Channel, Facts]]) -> list[tuple[list[Channel], Facts]]:
    """Channels that differ in nothing but their axis, and of which the same is told, as one; in the order they came.

    Parameters
    ----------
    told : iterable of (Channel, tuple of str)
        What is told of every channel.
    """
    groups: list[tuple[list[Channel], Facts]] = []
    for channel, facts in told:
        joined = (group for group, same in groups if same == facts and _is_another_axis(channel, group))
        group = next(joined, None)
        if group is None:
            groups.append(([channel], facts))
        else:
            group.append(channel)
    return groups


def _is_another_axis(channel: Channel, group: Sequence[Channel]) -> bool:
    first = group[0]
    alike = (first.quantity, first.side, first.site) == (channel.quantity, channel.side, channel.site)
    return alike and "" not in {first.axis, channel.axis} and channel.axis not in {c.axis for c in group}


def axes_of(group: Sequence[Channel]) -> str:
    """The axes of channels: "x y z"."""
    return " ".join(channel.axis for channel in group if channel.axis)


def name_together(group: Sequence[Channel]) -> str:
    """The name of channels that differ in their axis: "left thigh x y z acceleration"."""
    return replace(group[0], axis=axes_of(group)).name


def labels_together(group: Sequence[Channel]) -> str:
    """Their labels in the file, each once."""
    return ", ".join(dict.fromkeys(channel.label for channel in group if channel.label))
