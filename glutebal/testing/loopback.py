"""Emulated sensors through the real front end of bleak, in one process, without a radio, a kernel or extra packages.

::

    peripherals = Peripheral(EmulatedTindeq("Progressor_1", steady(20)), "F0:00:00:00:00:01"), ...
    async with connect(left="Progressor_1", right="Progressor_2", backend=loopback(*peripherals)) as link:
        ...

Nothing is lost or delayed here but by the peripherals' faults. For real ATT and GATT bytes see
`glutebal.testing.bumble_backend`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, ClassVar

from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData, BaseBleakScanner
from bleak.backends.service import BleakGATTService, BleakGATTServiceCollection
from bleak.exc import BleakBluetoothNotAvailableError, BleakBluetoothNotAvailableReason, BleakError

from glutebal.ingest.link import Backend
from glutebal.testing.peripheral import Peripheral

ADVERTISING_S = 0.02
MTU = 247


def loopback(*peripherals: Peripheral, unavailable: BleakBluetoothNotAvailableReason | None = None) -> Backend:
    """A backend whose air holds these peripherals; ``unavailable`` plays an adapter that is off, missing or denied."""
    common = {"peripherals": peripherals, "unavailable": unavailable}
    return Backend(type("LoopbackScanner", (_Scanner,), common), type("LoopbackClient", (_Client,), common))


def advertisement(peripheral: Peripheral, platform_data: tuple[Any, ...] = ()) -> AdvertisementData:
    """What a scanner hears of a peripheral."""
    advert = peripheral.advert
    return AdvertisementData(
        local_name=advert.name,
        manufacturer_data=dict(advert.manufacturer),
        service_data=dict(advert.service_data),
        service_uuids=sorted(advert.uuids),
        tx_power=None,
        rssi=-60,
        platform_data=platform_data,
    )


class _Scanner(BaseBleakScanner):
    peripherals: ClassVar[tuple[Peripheral, ...]] = ()
    unavailable: ClassVar[BleakBluetoothNotAvailableReason | None] = None

    def __init__(self, detection_callback: Any, service_uuids: list[str] | None, *_: Any, **__: Any) -> None:
        super().__init__(detection_callback, service_uuids)
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        if self.unavailable is not None:
            raise BleakBluetoothNotAvailableError("Bluetooth is not available", self.unavailable)
        self.seen_devices = {}
        self._task = asyncio.create_task(self._hear())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()

    async def _hear(self) -> None:
        while True:
            for peripheral in self.peripherals:
                if peripheral.is_advertising:
                    self._detect(peripheral)
            await asyncio.sleep(ADVERTISING_S)

    def _detect(self, peripheral: Peripheral) -> None:
        data = advertisement(peripheral)
        if self.is_allowed_uuid(data.service_uuids):
            address = peripheral.address
            device = self.create_or_update_device(address, address, data.local_name, peripheral, data)
            self.call_detection_callbacks(device, data)


class _Client(BaseBleakClient):
    def __init__(self, address_or_ble_device: BLEDevice | str, **options: Any) -> None:
        super().__init__(address_or_ble_device, **{k: options[k] for k in ("disconnected_callback", "timeout")})
        found = getattr(address_or_ble_device, "details", None)
        self._peripheral: Peripheral | None = found if isinstance(found, Peripheral) else None
        self._callbacks: dict[str, Callable[[bytearray], None]] = {}
        self._connected = False

    @property
    def name(self) -> str:
        return self._peripheral.sensor.name if self._peripheral else self.address

    @property
    def mtu_size(self) -> int:
        return MTU

    @property
    def is_connected(self) -> bool:
        return self._connected

    @property
    def _sensor(self) -> Peripheral:
        if self._peripheral is None or not self._connected:
            raise BleakError("Not connected")
        return self._peripheral

    async def connect(self, pair: bool, **_: Any) -> None:  # noqa: ARG002 - bleak's signature
        while self._peripheral is None or not self._peripheral.is_advertising:
            await asyncio.sleep(ADVERTISING_S)
        self._connected = True
        self._peripheral.attach(self)
        self.services = _services(self._peripheral)

    async def disconnect(self) -> None:
        if self._connected:
            self._sensor.detach()
            self.hang_up()

    def hang_up(self) -> None:
        """The other end is gone."""
        self._connected = False
        self._callbacks.clear()
        if self._disconnected_callback is not None:
            self._disconnected_callback()

    async def notify(self, char: str, data: bytes) -> None:
        """A notification arrives, in a turn of the event loop of its own."""
        callback = self._callbacks.get(char)
        if callback is not None:
            callback(bytearray(data[: MTU - 3]))
        await asyncio.sleep(0)

    async def pair(self, *_: Any, **__: Any) -> None:
        raise NotImplementedError

    async def unpair(self) -> None:
        raise NotImplementedError

    async def read_gatt_char(self, characteristic: BleakGATTCharacteristic, **_: Any) -> bytearray:
        return bytearray(self._sensor.read(characteristic.uuid))

    async def read_gatt_descriptor(self, descriptor: Any, **_: Any) -> bytearray:
        raise NotImplementedError

    async def write_gatt_char(self, characteristic: BleakGATTCharacteristic, data: Any, response: bool) -> None:  # noqa: ARG002
        await self._sensor.write(characteristic.uuid, bytes(data))

    async def write_gatt_descriptor(self, descriptor: Any, data: Any) -> None:
        raise NotImplementedError

    async def start_notify(
        self, characteristic: BleakGATTCharacteristic, callback: Callable[[bytearray], None], **_: Any
    ) -> None:
        self._callbacks[characteristic.uuid] = callback
        await self._sensor.subscribe(characteristic.uuid)

    async def stop_notify(self, characteristic: BleakGATTCharacteristic) -> None:
        self._callbacks.pop(characteristic.uuid, None)


def _write_size() -> int:
    return MTU - 3


def _services(peripheral: Peripheral) -> BleakGATTServiceCollection:
    """The peripheral's services as bleak sees them."""
    collection, handle = BleakGATTServiceCollection(), 0
    for offered in peripheral.sensor.services:
        handle += 1
        service = BleakGATTService(None, handle, offered.uuid)
        collection.add_service(service)
        for attribute in offered.attributes:
            handle += 1
            properties: Any = list(attribute.properties)
            collection.add_characteristic(
                BleakGATTCharacteristic(None, handle, attribute.uuid, properties, _write_size, service)
            )
    return collection
