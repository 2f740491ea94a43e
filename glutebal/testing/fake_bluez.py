"""Emulated sensors behind bleak's own BlueZ backend: a fake ``org.bluez`` on a D-Bus of its own (Linux only).

::

    Peripheral ──▶ FakeDevice, FakeCharacteristic ──▶ dbus-daemon ──▶ bleak's BlueZ backend ──▶ connect(left=...)
                   (fake_device)  (fake_gatt)         private

    async with fake_bluez(*peripherals), connect(left=..., right=...) as link:
        ...

No kernel Bluetooth, no root: bleak and D-Bus are the real ones, what BlueZ does is imitated from its documentation.
Not imitated: pairing, descriptors, bluetoothd's 2 s before a disconnect. Needs the program dbus-daemon.
"""

import asyncio  # no deferred annotations here: dbus-fast reads them
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from glutebal.errors import MissingExtraError
from glutebal.testing.peripheral import Peripheral
from glutebal.testing.private_bus import private_bus

try:
    from dbus_fast import BusType, DBusError, PropertyAccess
    from dbus_fast.aio import MessageBus
    from dbus_fast.annotations import DBusBool, DBusDict, DBusObjectPath, DBusStr
    from dbus_fast.service import ServiceInterface, dbus_method, dbus_property

    from glutebal.testing.fake_device import FAILED, NOT_READY, FakeDevice
    from glutebal.testing.fake_gatt import StringsOut
except ImportError as error:  # bleak brings dbus-fast on Linux, and only there
    raise MissingExtraError("D-Bus, which Linux has", "no dbus-fast", "", "use glutebal.testing.loopback") from error

ADAPTER = "/org/bluez/hci0"
ADVERTISING_S = 0.05


class FakeBluez:
    """The service: one adapter, and the devices that it has heard."""

    def __init__(self, bus: MessageBus, peripherals: tuple[Peripheral, ...], *, repeats: bool) -> None:
        self._bus = bus
        self.adapter = _Adapter(self)
        self.devices = [FakeDevice(bus, ADAPTER, each, repeats=repeats) for each in peripherals]
        self._discovery: asyncio.Task[None] | None = None
        bus.export(ADAPTER, self.adapter)

    @property
    def overflowed(self) -> int:
        """Notifications that found the socket of an AcquireNotify full, and were lost."""
        return sum(device.overflowed for device in self.devices)

    def power(self, *, on: bool) -> None:
        """Switch the adapter on or off; off breaks its connections and ends a discovery."""
        for device in self.devices:
            device.powered = on
            if not on:
                device.break_off()
        if not on and self._discovery is not None:
            self.discover(on=False)
        self.adapter.change(Powered=on)

    def unplug(self) -> None:
        """Pull the adapter out."""
        self.power(on=False)
        self._bus.unexport(ADAPTER)

    def discover(self, *, on: bool) -> None:
        """Begin or end to listen to advertisements."""
        if on and not self.adapter.powered:
            raise DBusError(NOT_READY, "Resource Not Ready")
        if on == (self._discovery is not None):
            raise (
                DBusError("org.bluez.Error.InProgress", "In Progress")
                if on
                else DBusError(FAILED, "No discovery started")
            )
        if self._discovery is not None:
            self._discovery.cancel()
        self._discovery = asyncio.create_task(self._hear()) if on else None
        self.adapter.change(Discovering=on)

    async def _hear(self) -> None:
        while True:
            for device in self.devices:
                device.advertise()
            await asyncio.sleep(ADVERTISING_S)


class _Adapter(ServiceInterface):
    """``org.bluez.Adapter1``."""

    def __init__(self, system: "FakeBluez") -> None:
        super().__init__("org.bluez.Adapter1")
        self._system = system
        self.powered, self.discovering = True, False

    def change(self, **properties: bool) -> None:
        """Change ``Powered`` or ``Discovering``, and tell the clients."""
        self.powered = properties.get("Powered", self.powered)
        self.discovering = properties.get("Discovering", self.discovering)
        self.emit_properties_changed(properties)

    @dbus_method("SetDiscoveryFilter")
    def set_discovery_filter(self, properties: DBusDict) -> None:
        """Every client hears everything."""

    @dbus_method("StartDiscovery")
    def start_discovery(self) -> None:
        """Listen."""
        self._system.discover(on=True)

    @dbus_method("StopDiscovery")
    def stop_discovery(self) -> None:
        """Stop listening."""
        self._system.discover(on=False)

    @dbus_method("RemoveDevice")
    def remove_device(self, device: DBusObjectPath) -> None:
        """Forget a device until it is heard again."""
        for each in self._system.devices:
            if each.path == device:
                each.forget()

    @dbus_property(PropertyAccess.READ, "Address")
    def address(self) -> DBusStr:
        """Of the adapter."""
        return "00:AA:01:00:00:42"

    @dbus_property(PropertyAccess.READ, "Powered")
    def is_powered(self) -> DBusBool:
        """Whether it is on."""
        return self.powered

    @dbus_property(PropertyAccess.READ, "Discovering")
    def is_discovering(self) -> DBusBool:
        """Whether it listens to advertisements."""
        return self.discovering

    @dbus_property(PropertyAccess.READ, "Roles")
    def roles(self) -> StringsOut:
        """It may connect to sensors."""
        return ["central"]


@asynccontextmanager
async def fake_bluez(*peripherals: Peripheral, repeats: bool = False) -> AsyncIterator[FakeBluez]:
    """A system whose Bluetooth hears these peripherals; for `glutebal.connect` without a backend.

    Parameters
    ----------
    *peripherals : Peripheral
        What is in the air.
    repeats : bool
        Play the fault of BlueZ that remembers subscriptions over a reconnect: from then on every notification comes
        once for each time that a client has ever subscribed (hbldh/bleak issue 2002).

    Yields
    ------
    FakeBluez
        To switch the adapter off, or pull it out.

    Raises
    ------
    MissingExtraError
        There is no dbus-daemon.
    """
    async with private_bus():
        bus = await MessageBus(bus_type=BusType.SYSTEM, negotiate_unix_fd=True).connect()
        system = FakeBluez(bus, peripherals, repeats=repeats)
        await bus.request_name("org.bluez")
        try:
            yield system
        finally:
            system.power(on=False)
            bus.disconnect()
            await bus.wait_for_disconnect()  # type: ignore[no-untyped-call]
