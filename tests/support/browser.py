"""A headless Chromium, driven over its DevTools protocol: what a test needs of a browser, and no more."""

import asyncio
import base64
import contextlib
import itertools
import json
import os
import shutil
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

NAMES = "chromium", "chromium-browser", "google-chrome", "chrome"
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--ignore-certificate-errors",
    "--remote-debugging-port=0",
)


def chromium() -> str | None:
    """Where a Chromium lies; None when there is none."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


class BrowserError(Exception):
    """The browser or the page in it did not do what was asked."""


@dataclass
class Page:
    """One tab; ``transferred`` counts bytes over the wire, ``faults`` what the page complained about."""

    browser: "Browser"
    session: str
    transferred: int = 0
    requests: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    downloads: dict[str, str] = field(default_factory=dict)

    async def send(self, method: str, **parameters) -> dict:
        """One command to this tab."""
        return await self.browser.send(method, self.session, **parameters)

    async def size(
        self, width: int, height: int, scale: float = 2.0, dark: bool = False, touch: bool = True, calm: bool = False
    ) -> None:
        """The screen of a device, the colours it prefers, and whether its owner wants little motion."""
        await self.send(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=scale, mobile=touch
        )
        await self.send("Emulation.setTouchEmulationEnabled", enabled=touch)
        colours = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        motion = {"name": "prefers-reduced-motion", "value": "reduce" if calm else "no-preference"}
        await self.send("Emulation.setEmulatedMedia", features=[colours, motion])

    async def slowed(self, times: float) -> None:
        """A processor so many times slower."""
        await self.send("Emulation.setCPUThrottlingRate", rate=times)

    async def goto(self, url: str) -> None:
        """Open an address."""
        answer = await self.send("Page.navigate", url=url)
        if "errorText" in answer:
            raise BrowserError(f"{url}: {answer['errorText']}")

    async def evaluate(self, expression: str):
        """The value of an expression, awaited."""
        answer = await self.send(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True, userGesture=True
        )
        if "exceptionDetails" in answer:
            raise BrowserError(f"{expression}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    async def until(self, expression: str, within_s: float = 60.0):
        """Wait for an expression to be true."""
        loop = asyncio.get_running_loop()
        stop = loop.time() + within_s
        while loop.time() < stop:
            with contextlib.suppress(BrowserError):  # the page may still be loading
                if value := await self.evaluate(expression):
                    return value
            await asyncio.sleep(0.03)
        raise BrowserError(f"not within {within_s:g} s: {expression}; faults: {self.faults}")

    async def text(self, selector: str) -> str:
        """What an element says."""
        return await self.evaluate(f"document.querySelector({json.dumps(selector)}).innerText")

    async def tap(self, selector: str) -> None:
        """Press where the middle of an element is, as a finger does; whatever lies there gets it."""
        box = "(e => {const b = e.getBoundingClientRect(); return [b.x + b.width / 2, b.y + b.height / 2]})"
        x, y = await self.evaluate(f"{box}(document.querySelector({json.dumps(selector)}))")
        for kind in ("mousePressed", "mouseReleased"):
            await self.send("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    async def key(self, key: str, code: int) -> None:
        """Press and release a key that writes nothing but perhaps a line's end."""
        text = {"text": "\r"} if key == "Enter" else {}
        await self.send("Input.dispatchKeyEvent", type="keyDown", key=key, code=key, windowsVirtualKeyCode=code, **text)
        await self.send("Input.dispatchKeyEvent", type="keyUp", key=key, code=key, windowsVirtualKeyCode=code)

    async def screenshot(self, path: Path) -> None:
        """The screen as a PNG file."""
        answer = await self.send("Page.captureScreenshot", format="png")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(base64.b64decode(answer["data"]))

    def hear(self, method: str, parameters: dict) -> None:
        """Take in what the tab reports."""
        if method == "Network.loadingFinished":
            self.transferred += int(parameters["encodedDataLength"])
        elif method == "Network.requestWillBeSent":
            self.requests.append(parameters["request"]["url"])
        elif method == "Runtime.exceptionThrown":
            details = parameters["exceptionDetails"]
            self.faults.append(details.get("exception", {}).get("description", details["text"]))
        elif method == "Log.entryAdded" and parameters["entry"]["level"] == "error":
            self.faults.append(parameters["entry"]["text"])


class Browser:
    """A running Chromium; made by `browser`."""

    def __init__(self, socket, folder: Path) -> None:
        self.folder = folder
        self._socket = socket
        self._numbers = itertools.count(1)
        self._answers: dict[int, asyncio.Future] = {}
        self._pages: dict[str, Page] = {}
        self.downloaded: dict[str, str] = {}

    async def send(self, method: str, session: str | None = None, **parameters) -> dict:
        """One command, and its answer."""
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": parameters}
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        await self._socket.send(json.dumps(message | ({"sessionId": session} if session else {})))
        return await asyncio.wait_for(answer, 60)

    async def listen(self) -> None:
        """Sort what comes in."""
        async for text in self._socket:
            message = json.loads(text)
            if "id" in message:
                self._answered(message)
            elif message["method"] == "Browser.downloadProgress" and message["params"]["state"] == "completed":
                self.downloaded[message["params"]["guid"]] = message["params"].get("filePath", "")
            elif (page := self._pages.get(message.get("sessionId", ""))) is not None:
                page.hear(message["method"], message["params"])

    def _answered(self, message: dict) -> None:
        answer = self._answers.pop(message["id"])
        if answer.done():
            return
        if "error" in message:
            answer.set_exception(BrowserError(str(message["error"])))
        else:
            answer.set_result(message["result"])

    async def page(self) -> Page:
        """A new tab in a window of its own, with cookies of its own."""
        context = (await self.send("Target.createBrowserContext"))["browserContextId"]
        target = await self.send("Target.createTarget", url="about:blank", browserContextId=context)
        attached = await self.send("Target.attachToTarget", targetId=target["targetId"], flatten=True)
        page = self._pages[attached["sessionId"]] = Page(self, attached["sessionId"])
        for domain in ("Page", "Runtime", "Network", "Log"):
            await page.send(f"{domain}.enable")
        await self.send(
            "Browser.setDownloadBehavior",
            behavior="allow",
            browserContextId=context,
            downloadPath=str(self.folder),
            eventsEnabled=True,
        )
        return page


@contextlib.asynccontextmanager
async def browser(program: str) -> AsyncIterator[Browser]:
    """Start Chromium in a folder of its own, and end it with the block."""
    from websockets.asyncio.client import connect

    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        process = await asyncio.create_subprocess_exec(
            program,
            *FLAGS,
            f"--user-data-dir={folder}",
            "about:blank",
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=os.name == "posix",
        )
        try:
            port, path = await _listening(folder / "DevToolsActivePort", process)
            async with connect(f"ws://127.0.0.1:{port}{path}", max_size=None, proxy=None, compression=None) as socket:
                opened = Browser(socket, folder)
                listening = asyncio.ensure_future(opened.listen())
                try:
                    yield opened
                finally:
                    listening.cancel()
                    await socket.send(json.dumps({"id": 0, "method": "Browser.close"}))
        finally:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), 5)
            if process.returncode is None:
                process.kill()
                await process.wait()


async def _listening(file: Path, process) -> list[str]:
    for _ in range(400):
        lines = file.read_text(encoding="utf-8").split() if file.exists() else []
        if len(lines) == 2:
            return lines
        if process.returncode is not None:
            raise BrowserError(f"Chromium ended with {process.returncode}")
        await asyncio.sleep(0.05)
    raise BrowserError("Chromium did not listen within 20 s")
