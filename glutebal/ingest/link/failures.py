"""Which trouble an error of bleak or of the operating system stands for."""

from __future__ import annotations

from bleak.exc import (
    BleakBluetoothNotAvailableError,
    BleakCharacteristicNotFoundError,
    BleakDBusError,
    BleakDeviceNotFoundError,
    BleakError,
    BleakGATTProtocolError,
)
from bleak.exc import BleakBluetoothNotAvailableReason as Reason

from glutebal.errors import GlutebalError
from glutebal.ingest.advice import LinkError, Trouble

RADIO_ERRORS = (BleakError, TimeoutError, OSError, EOFError)
_REASONS = {
    Reason.NO_BLUETOOTH: Trouble.NO_ADAPTER,
    Reason.NO_BLE_CENTRAL_ROLE: Trouble.NOT_LOW_ENERGY,
    Reason.POWERED_OFF: Trouble.ADAPTER_OFF,
    Reason.DENIED_BY_USER: Trouble.DENIED,
    Reason.DENIED_BY_SYSTEM: Trouble.DENIED,
    Reason.DENIED_BY_UNKNOWN: Trouble.DENIED,
}

_BLUEZ = {"AccessDenied": Trouble.DENIED, "ServiceUnknown": Trouble.NO_SERVICE, "NotReady": Trouble.ADAPTER_OFF}


def explain(error: BaseException, where: str = "") -> GlutebalError:
    """The library's own error, with advice, for one that bleak or the system raised."""
    return error if isinstance(error, GlutebalError) else LinkError.of(_trouble(error), where, _words(error))


def _words(error: BaseException) -> str:
    """What the error says; bleak's own word for a missing adapter prints as a tuple."""
    return str(error.args[0]) if isinstance(error, BleakBluetoothNotAvailableError) else str(error)


def _trouble(error: BaseException) -> Trouble:
    if isinstance(error, BleakBluetoothNotAvailableError):
        return _REASONS.get(error.reason, Trouble.UNKNOWN)
    if isinstance(error, BleakDBusError):
        for word, trouble in _BLUEZ.items():
            if word in error.dbus_error:
                return trouble
    table: dict[Trouble, tuple[type[BaseException], ...]] = {
        Trouble.OTHER_DEVICE: (BleakCharacteristicNotFoundError,),
        Trouble.NOT_FOUND: (BleakDeviceNotFoundError,),
        Trouble.REFUSED: (BleakGATTProtocolError,),
        Trouble.NO_ANSWER: (TimeoutError,),
        Trouble.NO_SERVICE: (FileNotFoundError, ConnectionRefusedError),
        Trouble.DENIED: (PermissionError,),
        Trouble.DROPPED: (BleakError, ConnectionError, EOFError),
    }
    return next((trouble for trouble, kinds in table.items() if isinstance(error, kinds)), Trouble.UNKNOWN)
