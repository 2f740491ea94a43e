"""A device of the fake ``org.bluez``: ``Device1`` of one peripheral, and the radio's end of its connection."""

import asyncio  # no deferred annotations here: dbus-fast reads them
from collections import Counter
from collections.abc import Iterator
from typing import Annotated

from dbus_fast import DBusError, PropertyAccess, Variant
from dbus_fast.aio import MessageBus
from dbus_fast.annotations import DBusBool, DBusDict, DBusInt16, DBusObjectPath, DBusSignature, DBusStr
from dbus_fast.service import ServiceInterface, dbus_method, dbus_property

from glutebal.testing.fake_gatt import MTU, FakeCharacteristic, FakeService, StringsOut
from glutebal.testing.peripheral import Peripheral

NOT_READY, FAILED = "org.bluez.Error.NotReady", "org.bluez.Error.Failed"
_RESOLVE_S = 0.01  # from connected to services resolved
_POLL_S = 0.02

_CompaniesOut = Annotated[dict[int, Variant], DBusSignature("a{qv}")]


class FakeDevice(ServiceInterface):
    """``org.bluez.Device1`` of a peripheral, and the radio's end of its connection.

    Parameters
    ----------
    bus : MessageBus
        Of the service.
    adapter : str
        Object path of the adapter.
    peripheral : Peripheral
    repeats : bool
        Deliver every notification once for each subscription ever made: twice after one reconnect.

    Attributes: ``calls`` counts what clients asked for, by method; ``overflowed`` the notifications that a full socket
    did not take.
    """

    def __init__(self, bus: MessageBus, adapter: str, peripheral: Peripheral, *, repeats: bool) -> None:
        super().__init__("org.bluez.Device1")
        self._bus, self._adapter, self.peripheral, self._repeats = bus, adapter, peripheral, repeats
        self.path = f"{adapter}/dev_{peripheral.address.replace(':', '_')}"
        self.powered, self.known, self.connected, self.resolved = True, False, False, False
        self.overflowed = 0
        self.calls: Counter[str] = Counter()
        self.subscriptions: Counter[str] = Counter()
        self._wanted = False
        self._services: dict[str, FakeService] = {}
        self._characteristics: dict[str, FakeCharacteristic] = {}

    def advertise(self) -> None:
        """Be heard, if it is switched on and free: the first time as a new object, later by its signal strength."""
        if not self.peripheral.is_advertising:
            return
        if self.known:
            self.emit_properties_changed({"RSSI": self.rssi, "ManufacturerData": self.manufacturer_data})
        else:
            self.known = True
            self._bus.export(self.path, self)

    def forget(self) -> None:
        """Be no object any more until it is heard again."""
        self.break_off()
        if self.known:
            self.known = False
            self._bus.unexport(self.path)

    def break_off(self) -> None:
        """End the connection, or the attempt, from this side."""
        self._wanted = False
        if self.connected:
            self.peripheral.detach()
            self.hang_up()

    def hang_up(self) -> None:
        """The connection is gone: the characteristics go, then the property changes."""
        for characteristic in self._characteristics.values():
            characteristic.release()
        for path in (*self._characteristics, *self._services):
            self._bus.unexport(path)
        self._characteristics, self._services = {}, {}
        self.connected = self.resolved = False
        self.emit_properties_changed({"ServicesResolved": False})
        self.emit_properties_changed({"Connected": False})

    async def notify(self, char: str, data: bytes) -> None:
        """A notification of the peripheral arrives, in a turn of the event loop of its own."""
        for characteristic in self._characteristics.values():
            if characteristic.attribute.uuid == char:
                characteristic.deliver(data[: MTU - 3])
        await asyncio.sleep(0)

    def copies(self, char: str) -> int:
        """How often a notification is delivered."""
        return self.subscriptions[char] if self._repeats else 1

    @dbus_method("Connect")
    async def connect(self) -> None:
        """Wait until it advertises, connect, and find out its services a moment later."""
        self.calls["Connect"] += 1
        self._wanted = True
        while self._wanted and not self.peripheral.is_advertising:
            await asyncio.sleep(_POLL_S)
        if not self.powered:
            raise DBusError(NOT_READY, "Resource Not Ready")
        if not self._wanted:
            raise DBusError(FAILED, "Operation canceled")
        self.connected = True
        self.peripheral.attach(self)
        self.emit_properties_changed({"Connected": True})
        asyncio.get_running_loop().call_later(_RESOLVE_S, self._resolve)

    @dbus_method("Disconnect")
    async def disconnect(self) -> None:
        """End the connection, or cancel the attempt to make one."""
        self.calls["Disconnect"] += 1
        if not (self.connected or self._wanted):
            raise DBusError("org.bluez.Error.NotConnected", "Not Connected")
        self.break_off()

    def _resolve(self) -> None:
        if not self.connected or self.resolved:
            return
        self._services = dict(self._offered())
        for path, service in self._services.items():
            self._bus.export(path, service)
            for number, attribute in enumerate(service.offered.attributes, 1):
                characteristic = FakeCharacteristic(self, path, attribute)
                char_path = f"{path}/char{int(path[-4:], 16) + number:04x}"  # bleak reads the handle from the name
                self._characteristics[char_path] = characteristic
                self._bus.export(char_path, characteristic)
        self.resolved = True
        self.emit_properties_changed({"ServicesResolved": True})

    def _offered(self) -> Iterator[tuple[str, FakeService]]:
        handle = 1
        for offered in self.peripheral.sensor.services:
            yield f"{self.path}/service{handle:04x}", FakeService(self.path, offered)
            handle += 1 + len(offered.attributes)

    @dbus_property(PropertyAccess.READ, "Address")
    def address(self) -> DBusStr:
        """Of the peripheral."""
        return self.peripheral.address

    @dbus_property(PropertyAccess.READ, "Name")
    def advertised_name(self) -> DBusStr:
        """What it calls itself."""
        return self.peripheral.advert.name

    @dbus_property(PropertyAccess.READ, "Alias")
    def alias(self) -> DBusStr:
        """What the system calls it."""
        return self.peripheral.advert.name or self.peripheral.address.replace(":", "-")

    @dbus_property(PropertyAccess.READ, "Adapter")
    def adapter(self) -> DBusObjectPath:
        """Who has heard it."""
        return self._adapter

    @dbus_property(PropertyAccess.READ, "UUIDs")
    def uuids(self) -> StringsOut:
        """The services that it advertises."""
        return sorted(self.peripheral.advert.uuids)

    @dbus_property(PropertyAccess.READ, "RSSI")
    def rssi(self) -> DBusInt16:
        """Signal strength in dBm."""
        return -60

    @dbus_property(PropertyAccess.READ, "ManufacturerData")
    def manufacturer_data(self) -> _CompaniesOut:
        """By company."""
        return {company: Variant("ay", data) for company, data in self.peripheral.advert.manufacturer.items()}

    @dbus_property(PropertyAccess.READ, "ServiceData")
    def service_data(self) -> DBusDict:
        """By service."""
        return {uuid: Variant("ay", data) for uuid, data in self.peripheral.advert.service_data.items()}

    @dbus_property(PropertyAccess.READ, "Connected")
    def is_connected(self) -> DBusBool:
        """Whether there is a connection."""
        return self.connected

    @dbus_property(PropertyAccess.READ, "ServicesResolved")
    def is_resolved(self) -> DBusBool:
        """Whether its characteristics are known."""
        return self.resolved

    @dbus_property(PropertyAccess.READ, "Paired")
    def is_paired(self) -> DBusBool:
        """Never."""
        return False
