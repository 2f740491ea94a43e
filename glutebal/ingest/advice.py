"""What to do when a radio link fails: one line per trouble, in words for the person who holds the sensor."""

from __future__ import annotations

from enum import Enum

from glutebal.errors import GlutebalError


class Trouble(Enum):
    """Why a sensor could not be reached."""

    NO_ADAPTER = "no adapter"
    NO_SERVICE = "no Bluetooth service"
    NOT_LOW_ENERGY = "adapter without low energy"
    ADAPTER_OFF = "adapter off"
    DENIED = "permission denied"
    NOT_FOUND = "not found"
    NO_ANSWER = "no answer"
    DROPPED = "dropped while connecting"
    REFUSED = "refused by the sensor"
    OTHER_DEVICE = "not that kind of device"
    AMBIGUOUS = "more than one of that name"
    UNKNOWN = "unknown"


#: trouble: (what was needed, what was found, what to try)
ADVICE: dict[Trouble, tuple[str, str, str]] = {
    Trouble.NO_ADAPTER: (
        "a Bluetooth adapter",
        "none",
        "plug in a Bluetooth 4.0 (or later) adapter, or use another computer",
    ),
    Trouble.NO_SERVICE: (
        "the system's Bluetooth service",
        "that it is not running",
        "plug in a Bluetooth adapter and start the service (Linux: sudo systemctl start bluetooth)",
    ),
    Trouble.NOT_LOW_ENERGY: (
        "an adapter with Bluetooth Low Energy",
        "a classic-only one",
        "plug in a Bluetooth 4.0 (or later) adapter",
    ),
    Trouble.ADAPTER_OFF: (
        "Bluetooth to be on",
        "that it is off",
        "switch Bluetooth on in the system settings (Linux also: rfkill unblock bluetooth)",
    ),
    Trouble.DENIED: (
        "permission to use Bluetooth",
        "that it is denied",
        "allow the terminal in System Settings > Privacy & Security > Bluetooth (Linux: join the group bluetooth)",
    ),
    Trouble.NOT_FOUND: (
        "the sensor to be seen in a scan",
        "no sign of it",
        "wake it (press its button or load it), come within 5 m, and close the phone app that may hold its connection",
    ),
    Trouble.NO_ANSWER: (
        "the sensor to answer",
        "that it does not",
        "come closer, wake it again, and close the phone app that may hold its connection",
    ),
    Trouble.DROPPED: (
        "the connection to last",
        "that the sensor hung up",
        "close the phone app that may hold its connection, charge the sensor, and come closer",
    ),
    Trouble.REFUSED: (
        "the sensor's permission",
        "that it refuses",
        "pair it once in the system settings, or reset it as its manual says",
    ),
    Trouble.OTHER_DEVICE: (
        "a sensor with the characteristics of its driver",
        "another kind of device, or other firmware",
        "name the driver, or update the sensor's firmware",
    ),
    Trouble.AMBIGUOUS: (
        "one sensor of that name",
        "several",
        "give the address instead (glutebal scan lists it)",
    ),
    Trouble.UNKNOWN: (
        "a working Bluetooth link",
        "an error of the Bluetooth system",
        "switch Bluetooth and the sensor off and on again",
    ),
}


class LinkError(GlutebalError):
    """A sensor cannot be reached; ``trouble`` says why, for programs."""

    def __init__(
        self, needed: str, found: str, where: str = "", advice: str = "", trouble: Trouble = Trouble.UNKNOWN
    ) -> None:
        super().__init__(needed, found, where, advice)
        self.trouble = trouble

    def __reduce__(self) -> tuple[type[LinkError], tuple[str, str, str, str, Trouble]]:  # type: ignore[override]
        return type(self), (self.needed, self.found, self.where, self.advice, self.trouble)

    @classmethod
    def of(cls, trouble: Trouble, where: str = "", detail: str = "") -> LinkError:
        """Build the error from the table of advice; ``detail`` is what the system said, made one line."""
        needed, found, advice = ADVICE[trouble]
        said = " ".join(detail.split())
        return cls(needed, f"{found} ({said})" if said else found, where, advice, trouble)
