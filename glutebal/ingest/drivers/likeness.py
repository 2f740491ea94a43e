"""How surely an advertisement is a device's: the usual score of service and name."""

from __future__ import annotations

from glutebal.ingest.driver import Advert


def likeness(advert: Advert, service: str, *names: str) -> int:
    """10 by service and name, 8 by the beginning of the name alone, 5 by service alone, 0 by neither.

    Many devices leave the service out of the advertisement, so a maker's name says more than a service does.

    >>> likeness(Advert(name="Progressor_1234"), "7e4e1701-1ea6-40c9-9dcc-13d34ffead57", "Progressor")
    8
    """
    named, offered = advert.name.startswith(names), service in advert.uuids
    if named:
        return 10 if offered else 8
    return 5 if offered else 0
