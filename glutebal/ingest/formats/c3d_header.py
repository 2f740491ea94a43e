"""Is a C3D file whole? Its header against its size, before a library that trusts the header allocates for it.

Layout after the C3D User Guide (Motion Lab Systems, 2008): blocks of 512 bytes; word 2 is the number of points, word 3
the analog values per frame, words 4 and 5 the first and last frame, words 7-8 the scale (negative: floats), word 9 the
first data block, words 11-12 the frame rate.
"""

from __future__ import annotations

import math
import struct
from pathlib import Path

from glutebal.errors import FileFormatError

BLOCK = 512
ORDERS = {84: "<", 85: "<", 86: ">"}  # Intel, DEC, MIPS; DEC integers are little-endian
SIGN_BYTE = {84: 3, 85: 1, 86: 0}


def require_whole(path: Path) -> None:
    """Raise FileFormatError unless the header is a C3D header and the file holds what it announces."""
    size = path.stat().st_size
    with path.open("rb") as file:
        header = file.read(BLOCK)
        if len(header) < BLOCK or header[1] != 0x50:
            raise FileFormatError(
                "a C3D header of 512 bytes", f"{len(header)} bytes", path.name, "another copy of the file"
            )
        at = (header[0] - 1) * BLOCK
        file.seek(max(at, 0))
        start = file.read(4)
        section = file.read(max(_data_start(header, start) - at - 4, 0))
    if header[0] < 2 or len(start) < 4 or start[3] not in ORDERS:
        raise FileFormatError(
            "a C3D parameter section", "none where the header points", path.name, "another copy of the file"
        )
    needed = max(at + start[2] * BLOCK, _data_end(header, start[3], path.name))
    if size < needed:
        raise FileFormatError(
            f"the {needed:,} bytes that the header announces",
            f"a file cut off at {size:,} bytes",
            path.name,
            "copy or export it again",
        )
    if not _chained(section, ORDERS[start[3]]):
        raise FileFormatError("an unbroken chain of parameters", "a link that leads astray", path.name, "another copy")


def _data_start(header: bytes, start: bytes) -> int:
    """The first byte of the data, which is where the parameters must have ended."""
    order = ORDERS.get(start[3], "<") if len(start) == 4 else "<"
    return (int(struct.unpack_from(order + "H", header, 16)[0]) - 1) * BLOCK


def _chained(section: bytes, order: str) -> bool:
    """Whether every group and parameter lies inside the section and leads on to the next one.

    A record is: length of the name (negative: locked), group number (negative: a group), name, offset of the next
    record from here (0: the last one); a parameter goes on with its type, number of dimensions, and dimensions.
    """
    at = 0
    while at + 2 <= len(section):
        length, group = struct.unpack_from("2b", section, at)
        link = at + 2 + abs(length)
        if length == 0 or link + 4 > len(section):
            return bool(length == 0)
        offset = int(struct.unpack_from(order + "h", section, link)[0])
        if offset < 0 or (group > 0 and not _holds_values(section, link + 2)):
            return False
        if offset == 0:
            return True
        at = link + offset
    return True


def _holds_values(section: bytes, at: int) -> bool:
    """Whether the parameter whose type stands at ``at`` has a known type, at most 7 dimensions, and room for them."""
    kind, n_dims = struct.unpack_from("bB", section, at)
    values = math.prod(section[at + 2 : at + 2 + n_dims])
    return kind in {-1, 1, 2, 4} and n_dims <= 7 and at + 2 + n_dims + abs(kind) * values <= len(section)


def _data_end(header: bytes, processor: int, where: str) -> int:
    """The first byte after the last frame that the header announces."""
    n_points, n_analog, first, last = struct.unpack_from(ORDERS[processor] + "4H", header, 2)
    data_start = struct.unpack_from(ORDERS[processor] + "H", header, 16)[0]
    floats = bool(header[12 + SIGN_BYTE[processor]] & 0x80)
    if last < first or (n_points == 0 and n_analog == 0) or data_start == 0:
        raise FileFormatError(
            "frames of data", f"frames {first} to {last} of {n_points} points and {n_analog} analog values", where
        )
    frame = (4 * n_points + n_analog) * (4 if floats else 2)
    return int((data_start - 1) * BLOCK + (last - first + 1) * frame)
