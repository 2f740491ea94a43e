"""The radio: scan, connect left and right, keep them connected, and hand on every packet as it arrives.

::

    scan ──▶ Sensor, Sensor ...
    connect(left, right) ──▶ Link ──▶ Packet | Notice, in order of arrival
               │ one lock      │ per device: its driver's handshake; on a drop a new client and a new segment
               ▼               ▼
             bleak           callback: stamp, number, queue; nothing else

The only room that imports bleak. Another backend (a proxy, an emulator) is handed over as `Backend`.
"""

from glutebal.ingest.advice import LinkError, Trouble
from glutebal.ingest.arrivals import Happening, Inbox, Notice, Packet, Record
from glutebal.ingest.link.connection import Link
from glutebal.ingest.link.failures import explain
from glutebal.ingest.link.opening import connect
from glutebal.ingest.link.scanning import Backend, Sensor, scan
from glutebal.ingest.supervision import Counts, Device

__all__ = [
    "Backend",
    "Counts",
    "Device",
    "Happening",
    "Inbox",
    "Link",
    "LinkError",
    "Notice",
    "Packet",
    "Record",
    "Sensor",
    "Trouble",
    "connect",
    "explain",
    "scan",
]
