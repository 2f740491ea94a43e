"""Emulated sensors behind real HCI, L2CAP, ATT and GATT bytes: a bumble central as backend of bleak, in one process.

::

    async with bumble_radio(*peripherals) as backend:
        async with connect(left=..., right=..., backend=backend) as link:
            ...

No kernel Bluetooth, no D-Bus, no root. Needs the package bumble. What it does not have is a radio: no losses, no
connection interval. Losses and delays are made by the peripherals' faults.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, ClassVar

from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient
from bleak.backends.descriptor import BleakGATTDescriptor
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData, BaseBleakScanner
from bleak.backends.service import BleakGATTService, BleakGATTServiceCollection
from bleak.exc import BleakError

from glutebal.errors import MissingExtraError
from glutebal.ingest.link import Backend
from glutebal.testing.peripheral import Peripheral

try:
    from bumble.core import UUID, AdvertisingData, BaseBumbleError
    from bumble.core import TimeoutError as BumbleTimeout
    from bumble.device import Advertisement, Device, Peer
    from bumble.gatt_client import CharacteristicProxy

    from glutebal.testing.bumble_peripheral import BumblePeripheral, LosslessLink, powered_device
except ImportError as error:
    # not an extra: one of the libraries that bumble brings is LGPL, so it stays a tool of tests
    needed = "the library bumble to emulate Bluetooth sensors down to their bytes"
    raise MissingExtraError(
        needed, "that it is not installed", "", "pip install bumble, or glutebal.testing.loopback"
    ) from error

CENTRAL_ADDRESS = "F0:00:00:00:00:FF"
MTU = 517
_PROPERTIES = (
    "broadcast",
    "read",
    "write-without-response",
    "write",
    "notify",
    "indicate",
    "authenticated-signed-writes",
    "extended-properties",
)
_SERVICE_LISTS = (
    AdvertisingData.INCOMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS,
    AdvertisingData.COMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS,
    AdvertisingData.INCOMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS,
    AdvertisingData.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS,
)


@asynccontextmanager
async def bumble_radio(*peripherals: Peripheral) -> AsyncIterator[Backend]:
    """Switch on a virtual air with these peripherals and a central; the backend reaches them while the block runs.

    Raises
    ------
    MissingExtraError
        On import of this module: bumble is not installed.
    """
    link = LosslessLink()  # type: ignore[no-untyped-call]
    central = powered_device(link, "central", CENTRAL_ADDRESS)
    await central.power_on()
    sensors = [BumblePeripheral(link, peripheral) for peripheral in peripherals]
    for sensor in sensors:
        await sensor.switch_on()
    common = {"central": central, "connecting": asyncio.Lock()}
    try:
        yield Backend(type("BumbleScanner", (_Scanner,), common), type("BumbleClient", (_Client,), common))
    finally:
        for sensor in sensors:
            sensor.switch_off()
        await central.power_off()


def full_uuid(uuid: UUID) -> str:
    """A UUID as bleak writes it: 128 bits, lower case, with dashes."""
    digits = uuid.to_bytes(force_128=True)[::-1].hex()
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


class _Scanner(BaseBleakScanner):
    central: ClassVar[Device]

    def __init__(self, detection_callback: Any, service_uuids: list[str] | None, *_: Any, **__: Any) -> None:
        super().__init__(detection_callback, service_uuids)

    async def start(self) -> None:
        self.seen_devices = {}
        self.central.on("advertisement", self._hear)
        with _as_bleak_errors():
            await self.central.start_scanning(legacy=True, filter_duplicates=False)

    async def stop(self) -> None:
        await self.central.stop_scanning(legacy=True)
        self.central.remove_listener("advertisement", self._hear)

    def _hear(self, heard: Advertisement) -> None:
        data = _advertisement(heard)
        if self.is_allowed_uuid(data.service_uuids):
            address = heard.address.to_string(False)
            device = self.create_or_update_device(address, address, data.local_name, heard.address, data)
            self.call_detection_callbacks(device, data)


def _advertisement(heard: Advertisement) -> AdvertisementData:
    fields: Any = heard.data
    company = fields.get(AdvertisingData.MANUFACTURER_SPECIFIC_DATA)
    return AdvertisementData(
        local_name=fields.get(AdvertisingData.COMPLETE_LOCAL_NAME),
        manufacturer_data={int(company[0]): bytes(company[1])} if company else {},
        service_data={},
        service_uuids=[full_uuid(uuid) for kind in _SERVICE_LISTS for uuid in fields.get(kind) or []],
        tx_power=None,
        rssi=heard.rssi,
        platform_data=(heard,),
    )


class _Client(BaseBleakClient):
    central: ClassVar[Device]
    connecting: ClassVar[asyncio.Lock]  # HCI allows one pending connection

    def __init__(self, address_or_ble_device: BLEDevice | str, **options: Any) -> None:
        super().__init__(address_or_ble_device, **{k: options[k] for k in ("disconnected_callback", "timeout")})
        self._target = getattr(address_or_ble_device, "details", None) or self.address
        self._connection: Any = None
        self._callbacks: dict[int, Callable[[bytes], None]] = {}

    @property
    def name(self) -> str:
        return self.address

    @property
    def mtu_size(self) -> int:
        return int(self._connection.att_mtu) if self._connection else 23

    @property
    def is_connected(self) -> bool:
        return self._connection is not None

    async def connect(self, pair: bool, **_: Any) -> None:  # noqa: ARG002 - bleak's signature
        async with self.connecting:
            try:
                connection = await self._reach()
            except BumbleTimeout as error:
                raise TimeoutError from error
            except BaseBumbleError as error:
                raise BleakError(str(error)) from error
        self._connection = connection
        connection.on("disconnection", self._gone)
        with _as_bleak_errors():
            await self._discover(Peer(connection))

    async def _reach(self) -> Any:
        """The connection; an attempt that is cancelled is withdrawn, or it would block the next and answer later."""
        attempt = asyncio.ensure_future(self.central.connect(self._target, timeout=self._timeout))
        try:
            return await asyncio.shield(attempt)
        except asyncio.CancelledError:
            with suppress(BaseBumbleError):
                await self.central.cancel_connection()  # type: ignore[no-untyped-call]
            (made,) = await asyncio.gather(attempt, return_exceptions=True)
            if not isinstance(made, BaseException):
                await made.disconnect()
            raise

    async def _discover(self, peer: Peer) -> None:
        await peer.request_mtu(MTU)
        await peer.discover_all()  # type: ignore[no-untyped-call]
        collection = BleakGATTServiceCollection()
        for found in peer.services:
            service = BleakGATTService(found, found.handle, full_uuid(found.uuid))
            collection.add_service(service)
            for characteristic in found.characteristics:
                self._add(collection, service, characteristic)
        self.services = collection

    def _add(
        self, collection: BleakGATTServiceCollection, service: BleakGATTService, found: CharacteristicProxy[Any]
    ) -> None:
        properties: Any = [name for bit, name in enumerate(_PROPERTIES) if found.properties & (1 << bit)]
        characteristic = BleakGATTCharacteristic(
            found, found.handle, full_uuid(found.uuid), properties, lambda: self.mtu_size - 3, service
        )
        collection.add_characteristic(characteristic)
        for descriptor in found.descriptors:
            kind = full_uuid(descriptor.type)
            collection.add_descriptor(BleakGATTDescriptor(descriptor, descriptor.handle, kind, characteristic))

    def _gone(self, _: int) -> None:
        self._connection = None
        self._callbacks.clear()
        if self._disconnected_callback is not None:
            self._disconnected_callback()

    async def disconnect(self) -> None:
        if self._connection is not None:
            with _as_bleak_errors():
                await self._connection.disconnect()

    async def pair(self, *_: Any, **__: Any) -> None:
        raise NotImplementedError

    async def unpair(self) -> None:
        raise NotImplementedError

    async def read_gatt_char(self, characteristic: BleakGATTCharacteristic, **_: Any) -> bytearray:
        with _as_bleak_errors():
            return bytearray(await self._connected(characteristic).read_value())

    async def read_gatt_descriptor(self, descriptor: BleakGATTDescriptor, **_: Any) -> bytearray:
        with _as_bleak_errors():
            return bytearray(await self._connected(descriptor).read_value())

    async def write_gatt_char(self, characteristic: BleakGATTCharacteristic, data: Any, response: bool) -> None:
        with _as_bleak_errors():
            await self._connected(characteristic).write_value(bytes(data), with_response=response)

    async def write_gatt_descriptor(self, descriptor: BleakGATTDescriptor, data: Any) -> None:
        with _as_bleak_errors():
            await self._connected(descriptor).write_value(bytes(data), with_response=True)

    async def start_notify(
        self, characteristic: BleakGATTCharacteristic, callback: Callable[[bytearray], None], **_: Any
    ) -> None:
        def arrived(value: bytes) -> None:
            callback(bytearray(value))

        self._callbacks[characteristic.handle] = arrived
        with _as_bleak_errors():
            await self._connected(characteristic).subscribe(arrived)

    async def stop_notify(self, characteristic: BleakGATTCharacteristic) -> None:
        with _as_bleak_errors():
            await self._connected(characteristic).unsubscribe(self._callbacks.pop(characteristic.handle))

    def _connected(self, attribute: BleakGATTCharacteristic | BleakGATTDescriptor) -> Any:
        if self._connection is None:
            raise BleakError("Not connected")
        return attribute.obj


class _as_bleak_errors:  # noqa: N801 - reads as a word where it stands
    """What bumble raises becomes what bleak's own backends raise."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, BaseBumbleError):
            raise BleakError(str(error)) from error
