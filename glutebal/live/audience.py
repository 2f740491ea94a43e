"""Whoever listens to a hall; nobody is waited for."""

from __future__ import annotations

from dataclasses import dataclass, field

from glutebal.live.events import Event
from glutebal.live.subscription import Subscription


@dataclass
class Audience:
    """The readers of a hall."""

    _readers: list[Subscription] = field(default_factory=list)
    _over: bool = False

    @property
    def dropped(self) -> int:
        """Events that readers did not take in time."""
        return sum(reader.dropped for reader in self._readers)

    def admit(self, capacity: int) -> Subscription:
        """One more reader, of the events from now on."""
        found = Subscription(capacity)
        if self._over:
            found.close()
        self._readers.append(found)
        return found

    def tell(self, event: Event) -> None:
        """Tell everybody who still listens."""
        for reader in self._readers:
            reader.put(event)
        self._readers = [reader for reader in self._readers if not reader.closed]

    def leave(self) -> None:
        """Nothing more is told."""
        self._over = True
        for reader in self._readers:
            reader.close()
