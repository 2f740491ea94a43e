"""A D-Bus of one's own, in the place of the system's, while a block runs."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path

from glutebal.errors import MissingExtraError

DAEMON = "dbus-daemon"
ADDRESS = "DBUS_SYSTEM_BUS_ADDRESS"
_START_S = 5.0
_FAREWELL_S = 0.05  # for the clients in this event loop to see that the bus is gone
_CONFIG = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={path}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""


@asynccontextmanager
async def private_bus() -> AsyncIterator[str]:
    """Run a D-Bus daemon that this process takes for the system's.

    D-Bus clients read the address when they connect: those made before keep their bus. The daemon ends with the block.

    Yields
    ------
    str
        Its address.

    Raises
    ------
    MissingExtraError
        There is no dbus-daemon.
    OSError
        It does not start; with what it said.
    """
    program = shutil.which(DAEMON)
    if program is None:
        raise MissingExtraError("the program dbus-daemon", "none on the path", "private bus", "install dbus")
    with tempfile.TemporaryDirectory(prefix="bus") as folder:  # short: the path of a socket has 107 bytes at most
        config = Path(folder, "bus.conf")
        config.write_text(_CONFIG.format(path=Path(folder, "socket")), encoding="utf-8")
        async with _running(program, config) as address:
            with _taken_for_the_systems(address):
                yield address


@asynccontextmanager
async def _running(program: str, config: Path) -> AsyncIterator[str]:
    command = (program, f"--config-file={config}", "--nofork", "--nopidfile", "--print-address")
    pipe = asyncio.subprocess.PIPE
    daemon = await asyncio.create_subprocess_exec(*command, stdout=pipe, stderr=pipe)
    try:
        yield await _address(daemon)
    finally:
        with suppress(ProcessLookupError):
            daemon.terminate()
        await daemon.wait()
        await asyncio.sleep(_FAREWELL_S)


async def _address(daemon: asyncio.subprocess.Process) -> str:
    """What the daemon prints as soon as it listens; when it ends instead, the error that it printed."""
    if daemon.stdout is None or daemon.stderr is None:
        raise OSError("the D-Bus daemon has no output")
    async with asyncio.timeout(_START_S):
        said = await daemon.stdout.readline()
        if not said:
            raise OSError(" ".join((await daemon.stderr.read()).decode().split()))
    return said.decode().strip()


@contextmanager
def _taken_for_the_systems(address: str) -> Iterator[None]:
    before = os.environ.get(ADDRESS)
    os.environ[ADDRESS] = address
    try:
        yield
    finally:
        if before is None:
            os.environ.pop(ADDRESS, None)
        else:
            os.environ[ADDRESS] = before
