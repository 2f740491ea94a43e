"""A peripheral on a virtual Bluetooth link: the GATT server, advertising and loss of power of an emulated sensor."""

from __future__ import annotations

import asyncio
from typing import Any

from bumble import hci
from bumble.controller import Controller
from bumble.core import UUID, AdvertisingData, PhysicalTransport
from bumble.device import Device, DeviceConfiguration
from bumble.gatt import Characteristic, CharacteristicValue, Service
from bumble.host import Host
from bumble.link import LocalLink
from bumble.transport import open_transport

from glutebal.testing.emulated.sensor import Attribute
from glutebal.testing.peripheral import Peripheral

ADVERTISING_MS = 30.0
LARGEST_ADVERTISEMENT = 31  # bytes; a kernel ignores longer ones
LARGEST_PDU = 251  # bytes; the default of 27 cuts a notification into ten
_PROPERTIES = {
    "read": Characteristic.Properties.READ,
    "write": Characteristic.Properties.WRITE,
    "write-without-response": Characteristic.Properties.WRITE_WITHOUT_RESPONSE,
    "notify": Characteristic.Properties.NOTIFY,
    "indicate": Characteristic.Properties.INDICATE,
}


class LosslessLink(LocalLink):
    """The air between controllers; data bears the address that the connection was made with, random or public."""

    def send_acl_data(
        self,
        sender_controller: Controller,
        destination_address: hci.Address,
        transport: PhysicalTransport,
        data: bytes,
    ) -> None:
        """Deliver in the next turn of the event loop; to nobody when the connection is gone."""
        connection = sender_controller.le_connections.get(destination_address)
        receiver = self.find_le_controller(destination_address)
        if connection is not None and receiver is not None:
            asyncio.get_running_loop().call_soon(receiver.on_link_acl_data, connection.self_address, transport, data)


def powered_device(link: LocalLink, name: str, address: str) -> Device:
    """A host on a controller of its own, not yet powered on."""
    controller = _Controller(name, link=link, public_address=address)
    controller.le_acl_data_packet_length = LARGEST_PDU
    controller.suggested_max_tx_octets = LARGEST_PDU
    controller.supported_max_tx_octets = controller.supported_max_rx_octets = LARGEST_PDU
    configuration = DeviceConfiguration(name=name, address=hci.Address(address))
    configuration.advertising_interval_min = configuration.advertising_interval_max = ADVERTISING_MS
    device = Device(config=configuration, host=Host(controller, controller))
    device.l2cap_channel_manager  # noqa: B018 - made with the host
    return device


async def virtual_adapter(link: LocalLink, transport: str = "vhci", address: str = "00:AA:01:00:00:42") -> Controller:
    """A controller that becomes a Bluetooth adapter of this computer's kernel, in the same air as the peripherals.

    Needs root and a kernel with ``/dev/vhci``. The features left out are those that the kernel would wait for in vain:
    20 s at every connection.
    """
    opened = await open_transport(transport)
    controller = _Controller(
        "adapter", host_source=opened.source, host_sink=opened.sink, link=link, public_address=address
    )
    controller.le_acl_data_packet_length = controller.acl_data_packet_length = LARGEST_PDU
    mask = hci.LeFeatureMask
    controller.le_features &= ~(mask.LL_PRIVACY | mask.LE_EXTENDED_ADVERTISING | mask.LE_PERIODIC_ADVERTISING)
    return controller


class _Controller(Controller):
    """A controller whose cancelled connection attempt completes, as the specification has it."""

    def on_hci_le_create_connection_cancel_command(
        self, _command: hci.HCI_LE_Create_Connection_Cancel_Command
    ) -> hci.HCI_StatusReturnParameters:
        pending, self.pending_le_connection = self.pending_le_connection, None
        if pending is None:
            return hci.HCI_StatusReturnParameters(hci.HCI_ErrorCode.COMMAND_DISALLOWED_ERROR)
        event = hci.HCI_LE_Connection_Complete_Event(
            status=hci.HCI_ErrorCode.UNKNOWN_CONNECTION_IDENTIFIER_ERROR,
            connection_handle=0,
            role=hci.Role.CENTRAL,
            peer_address_type=hci.AddressType.PUBLIC_DEVICE,
            peer_address=pending.peer_address,
            connection_interval=0,
            peripheral_latency=0,
            supervision_timeout=0,
            central_clock_accuracy=0,
        )
        asyncio.get_running_loop().call_soon(self.send_hci_packet, event)
        return hci.HCI_StatusReturnParameters(hci.HCI_ErrorCode.SUCCESS)


class BumblePeripheral:
    """A `Peripheral` as a GATT server on a virtual link."""

    def __init__(self, link: LocalLink, peripheral: Peripheral) -> None:
        self._link, self._peripheral = link, peripheral
        self._device = powered_device(link, peripheral.sensor.name, peripheral.address)
        self._connection: Any = None
        self._characteristics: dict[str, Characteristic[Any]] = {}
        self._tasks: set[asyncio.Future[None]] = set()
        self._on = True
        for service in peripheral.sensor.services:
            made = [self._characteristic(attribute) for attribute in service.attributes]
            self._device.add_service(Service(service.uuid, made))
        self._device.advertising_data = _advertising_data(peripheral)
        self._device.on("connection", self._connected)

    async def switch_on(self) -> None:
        """Power on and advertise."""
        await self._device.power_on()
        await self._advertise()

    def switch_off(self) -> None:
        """Fall silent for good."""
        self._on = False
        self._peripheral.detach()
        for task in self._tasks:
            task.cancel()

    async def notify(self, char: str, data: bytes) -> None:
        """Send a notification or an indication to whoever subscribed, when the controller has room for it."""
        connection, characteristic = self._connection, self._characteristics[char]
        if connection is None:
            return
        server = self._device.gatt_server
        if characteristic.properties & Characteristic.Properties.NOTIFY:
            await server.notify_subscriber(connection, characteristic, data)
        else:
            await server.indicate_subscriber(connection, characteristic, data)
        await asyncio.sleep(0)

    def hang_up(self) -> None:
        """Loss of power: both ends see a supervision timeout."""
        own = self._device.random_address
        for controller in list(self._link.controllers):
            for peer, connection in list(controller.le_connections.items()):
                if own in {peer, connection.self_address}:
                    controller.on_le_disconnected(connection, hci.HCI_ErrorCode.CONNECTION_TIMEOUT_ERROR)

    def _characteristic(self, attribute: Attribute) -> Characteristic[Any]:
        flags = Characteristic.Properties(0)
        for name in attribute.properties:
            flags |= _PROPERTIES[name]
        permissions = Characteristic.READABLE | Characteristic.WRITEABLE
        value = CharacteristicValue(
            read=lambda _: self._peripheral.read(attribute.uuid),
            write=lambda _, data: self._run(self._peripheral.write(attribute.uuid, bytes(data))),
        )
        made: Characteristic[Any] = Characteristic(UUID(attribute.uuid), flags, permissions, value)
        made.on("subscription", lambda _, notify, indicate: self._subscription(attribute.uuid, notify or indicate))
        self._characteristics[attribute.uuid] = made
        return made

    def _subscription(self, char: str, listening: bool) -> None:
        if listening:
            self._run(self._peripheral.subscribe(char))

    def _connected(self, connection: Any) -> None:
        self._connection = connection
        connection.on("disconnection", self._disconnected)
        self._peripheral.attach(self)

    def _disconnected(self, _: int) -> None:
        self._connection = None
        self._peripheral.detach()
        if self._on:
            self._run(self._return())

    async def _return(self) -> None:
        """Advertise again, once back in reach."""
        while not self._peripheral.is_advertising:
            await asyncio.sleep(0.01)
        await self._advertise()

    async def _advertise(self) -> None:
        await self._device.start_advertising(auto_restart=False, own_address_type=hci.OwnAddressType.RANDOM)

    def _run(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _advertising_data(peripheral: Peripheral) -> bytes:
    """Name, maker, service and flags, as many of them as fit: there is no scan response on a virtual link."""
    advert = peripheral.advert
    services = AdvertisingData.INCOMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS
    fields: list[tuple[int, bytes]] = [(AdvertisingData.COMPLETE_LOCAL_NAME, advert.name.encode())]
    for company, payload in advert.manufacturer.items():
        fields.append((AdvertisingData.MANUFACTURER_SPECIFIC_DATA, company.to_bytes(2, "little") + payload))
    fields += [(services, UUID(uuid).to_bytes(force_128=True)) for uuid in sorted(advert.uuids)]
    fields.append((AdvertisingData.FLAGS, bytes([0x06])))
    told = b""
    for kind, data in fields:
        structure = bytes([1 + len(data), kind]) + data
        told += structure if len(told) + len(structure) <= LARGEST_ADVERTISEMENT else b""
    return told
