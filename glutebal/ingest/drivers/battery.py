"""Any device with the battery and device information services of the Bluetooth SIG, and nothing else that is known."""

from __future__ import annotations

from collections.abc import Iterator

from glutebal.ingest.driver import Advert, Block, Driver, Malformed, Notify, Script, driver
from glutebal.ingest.drivers import sig


@driver
class Battery(Driver):
    """The last resort: it says how full the battery is and who made the device."""

    name = "battery"
    title = "Battery level and device information (Bluetooth SIG)"
    streams = (sig.BATTERY,)

    @classmethod
    def match(cls, advert: Advert) -> int:
        """Never surer than 1: every other driver knows its device better."""
        return int(bool({sig.BATTERY_SERVICE, sig.INFORMATION_SERVICE} & advert.uuids))

    def start(self) -> Script:
        """Read who it is, subscribe to the battery level."""
        yield from sig.identify(self)
        yield Notify(sig.BATTERY_LEVEL, required=False)

    def decode(self, char: str, data: bytes) -> Iterator[Block]:
        """Battery level in per cent."""
        if char != sig.BATTERY_LEVEL:
            raise Malformed("unknown characteristic")
        yield from sig.battery(self, data)
