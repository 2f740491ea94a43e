"""What a device of the fake ``org.bluez`` offers: ``GattService1`` and ``GattCharacteristic1``."""

import asyncio  # no deferred annotations here: dbus-fast reads them
import socket
from typing import TYPE_CHECKING, Annotated

from dbus_fast import DBusError, PropertyAccess, Variant
from dbus_fast.annotations import DBusBool, DBusBytes, DBusDict, DBusObjectPath, DBusSignature, DBusStr, DBusUInt16
from dbus_fast.service import ServiceInterface, dbus_method, dbus_property

from glutebal.testing.emulated.sensor import Attribute, Service

if TYPE_CHECKING:
    from glutebal.testing.fake_device import FakeDevice

MTU = 247
_HANDED_OVER_S = 1.0  # by then a descriptor has left in a reply

StringsOut = Annotated[list[str], DBusSignature("as")]
_AcquiredOut = Annotated[tuple[int, int], DBusSignature("hq")]


class FakeService(ServiceInterface):
    """``org.bluez.GattService1``."""

    def __init__(self, device: str, offered: Service) -> None:
        super().__init__("org.bluez.GattService1")
        self._device, self.offered = device, offered

    @dbus_property(PropertyAccess.READ, "UUID")
    def uuid(self) -> DBusStr:
        """Of the service."""
        return self.offered.uuid

    @dbus_property(PropertyAccess.READ, "Primary")
    def is_primary(self) -> DBusBool:
        """Always."""
        return True

    @dbus_property(PropertyAccess.READ, "Device")
    def device(self) -> DBusObjectPath:
        """Whose it is."""
        return self._device


class FakeCharacteristic(ServiceInterface):
    """``org.bluez.GattCharacteristic1`` of one connection; notifies by property or through a socket."""

    def __init__(self, device: "FakeDevice", service: str, attribute: Attribute) -> None:
        super().__init__("org.bluez.GattCharacteristic1")
        self._device, self._service, self.attribute = device, service, attribute
        self.notifying = False
        self._ours: socket.socket | None = None
        self._theirs: socket.socket | None = None  # until the client has a copy

    def deliver(self, data: bytes) -> None:
        """Hand a notification to whoever has asked for it."""
        if self._ours is not None:
            self._send(self._ours, data)
        elif self.notifying:
            for _ in range(self._device.copies(self.attribute.uuid)):
                self.emit_properties_changed({"Value": data})

    def _send(self, ours: socket.socket, data: bytes) -> None:
        try:
            ours.send(data)
        except BlockingIOError:
            self._device.overflowed += 1
        except OSError:  # the client has closed its end
            self.release()

    def release(self) -> None:
        """Nobody listens any more."""
        self.notifying = False
        self._handed_over()
        if self._ours is not None:
            self._ours.close()
            self._ours = None

    def _handed_over(self) -> None:
        if self._theirs is not None:
            self._theirs.close()
            self._theirs = None

    @dbus_method("ReadValue")
    def read_value(self, options: DBusDict) -> DBusBytes:  # noqa: ARG002 - the contract of BlueZ
        """Read; BlueZ tells the value to those that listen, too."""
        self._needs("read", "Read not permitted")
        value = self._device.peripheral.read(self.attribute.uuid)
        self.emit_properties_changed({"Value": value})
        return value

    @dbus_method("WriteValue")
    async def write_value(self, value: DBusBytes, options: DBusDict) -> None:
        """Write, with or without a response."""
        asked = options.get("type", Variant("s", "request")).value
        self._needs("write" if asked == "request" else "write-without-response", "Write not permitted")
        await self._device.peripheral.write(self.attribute.uuid, bytes(value))

    @dbus_method("StartNotify")
    async def start_notify(self) -> None:
        """From now on notifications change the property ``Value``."""
        self._device.calls["StartNotify"] += 1
        self._free()
        self.notifying = True
        self._device.subscriptions[self.attribute.uuid] += 1
        await self._device.peripheral.subscribe(self.attribute.uuid)

    @dbus_method("StopNotify")
    def stop_notify(self) -> None:
        """No more of them."""
        self.release()

    @dbus_method("AcquireNotify")
    async def acquire_notify(self, options: DBusDict) -> _AcquiredOut:  # noqa: ARG002 - the contract of BlueZ
        """From now on notifications come through a socket, one per packet."""
        self._device.calls["AcquireNotify"] += 1
        self._free()
        self._ours, self._theirs = theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._ours.setblocking(False)
        await self._device.peripheral.subscribe(self.attribute.uuid)
        asyncio.get_running_loop().call_later(_HANDED_OVER_S, self._handed_over)
        return theirs[1].fileno(), MTU

    def _needs(self, flag: str, text: str) -> None:
        if flag not in self.attribute.properties:
            raise DBusError("org.bluez.Error.NotPermitted", text)

    def _free(self) -> None:
        if not {"notify", "indicate"} & set(self.attribute.properties):
            raise DBusError("org.bluez.Error.NotSupported", "Operation is not supported")
        if self._ours is not None or self.notifying:
            raise DBusError("org.bluez.Error.NotPermitted", "Notify acquired")

    @dbus_property(PropertyAccess.READ, "UUID")
    def uuid(self) -> DBusStr:
        """Of the characteristic."""
        return self.attribute.uuid

    @dbus_property(PropertyAccess.READ, "Service")
    def service(self) -> DBusObjectPath:
        """Whose it is."""
        return self._service

    @dbus_property(PropertyAccess.READ, "Flags")
    def flags(self) -> StringsOut:
        """What can be done with it."""
        return list(self.attribute.properties)

    @dbus_property(PropertyAccess.READ, "Value")
    def value(self) -> DBusBytes:
        """What it holds before it is read."""
        return self.attribute.value

    @dbus_property(PropertyAccess.READ, "MTU")
    def mtu(self) -> DBusUInt16:
        """Of the connection, in bytes."""
        return MTU

    @dbus_property(PropertyAccess.READ, "NotifyAcquired")
    def is_acquired(self) -> DBusBool:
        """Whether a client has the socket."""
        return self._ours is not None
