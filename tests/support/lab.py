"""`settle lab` in a folder of its own, and a headless browser that looks at it."""

import json
import os
import subprocess
import sys
import time
from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from inspect import getsource
from pathlib import Path
from typing import Any, TypeVar
from urllib.request import urlopen

import websocket

ROOT = Path(__file__).parents[2]
LAB = "from settle_core.cli.main import main; main(['lab', '--no-browser'])"
# A bound for what never comes; a busy machine needs minutes for what does.
SECONDS_MAX = 600
# All cells are in the page, also those above and below what the window shows; no news is asked for.
SETTINGS = {
    "notebook-extension/tracker": {"windowingMode": "none"},
    "apputils-extension/notification": {"checkForUpdates": False, "fetchNews": "false"},
}
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync"]
FLAGS += ["--disable-background-networking", "--disable-component-update"]
FLAGS += ["--remote-debugging-port=0", "--remote-allow-origins=*"]

Found = TypeVar("Found")


def until(found: Callable[[], Found | None]) -> Found:
    """Wait for something to be there; what it said in vain is in the failure."""
    end = time.monotonic() + SECONDS_MAX
    while (it := found()) is None:
        if time.monotonic() > end:
            raise TimeoutError(f"not there after {SECONDS_MAX} s: {getsource(found).strip()}")
        time.sleep(0.1)
    return it


@contextmanager
def process(*command: str, log: Path, **environment: str) -> Iterator[None]:
    """A process that ends with the block."""
    with log.open("wb") as file:
        started = subprocess.Popen(
            command, stdout=file, stderr=file, env=os.environ | environment, cwd=log.parent
        )
        try:
            yield
        finally:
            started.terminate()
            try:
                started.wait(20)
            except subprocess.TimeoutExpired:
                started.kill()


def _read(file: Path) -> dict[str, str] | None:
    try:
        told: dict[str, str] = json.loads(file.read_text("utf-8"))
    except ValueError:  # not yet written whole
        return None
    return told


@contextmanager
def served(folder: Path) -> Iterator[tuple[str, str]]:
    """The address and the token of the JupyterLab that `settle lab` starts in a folder."""
    (folder / "data").symlink_to(ROOT / "data")
    own = {f"JUPYTER_{kind}_DIR": str(folder / kind) for kind in ("CONFIG", "DATA", "RUNTIME")}
    (folder / "CONFIG").mkdir()
    exposed = json.dumps({"LabApp": {"expose_app_in_browser": True}})
    (folder / "CONFIG" / "jupyter_lab_config.json").write_text(exposed, "utf-8")
    for name, values in SETTINGS.items():
        file = folder / "CONFIG/lab/user-settings/@jupyterlab" / f"{name}.jupyterlab-settings"
        file.parent.mkdir(parents=True)
        file.write_text(json.dumps(values), "utf-8")
    # One that listens there already must not be in the way.
    port = json.dumps({"ServerApp": {"port": 0}})
    (folder / "CONFIG" / "jupyter_server_config.json").write_text(port, "utf-8")
    with process(sys.executable, "-c", LAB, log=folder / "server.log", **own):
        about = until(lambda: next((folder / "RUNTIME").glob("jpserver-*.json"), None))
        said = until(lambda: _read(about))
        yield said["url"], said["token"]


class Tab:
    """A page in a browser, spoken to by the browser's own protocol."""

    def __init__(self, folder: Path) -> None:
        port_file = folder / "user" / "DevToolsActivePort"
        port = until(lambda: port_file.read_text("utf-8") if port_file.exists() else None)
        listed = f"http://127.0.0.1:{port.split()[0]}/json/list"
        with urlopen(listed, timeout=SECONDS_MAX) as answer:
            pages = [each for each in json.load(answer) if each["type"] == "page"]
        address = pages[0]["webSocketDebuggerUrl"]
        self.socket = websocket.create_connection(address, timeout=SECONDS_MAX)
        self.sent = 0
        self.events: list[dict[str, Any]] = []  # what the browser told by itself
        self.send("Emulation.setFocusEmulationEnabled", enabled=True)

    def send(self, method: str, **parameters: object) -> dict[str, Any]:
        """Call a method of the protocol."""
        self.sent += 1
        self.socket.send(json.dumps({"id": self.sent, "method": method, "params": parameters}))
        while (answer := json.loads(self.socket.recv())).get("id") != self.sent:
            self.events.append(answer)
        assert "error" not in answer, answer
        result: dict[str, Any] = answer["result"]
        return result

    def value(self, script: str) -> Any:  # noqa: ANN401  whatever the script gives
        """What a script gives, in the end where that is a promise."""
        given = self.send(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True
        )
        assert "exceptionDetails" not in given, given
        return given["result"].get("value")

    def picture(self, file: Path, width: int, height: int) -> None:
        """The page as it looks at a size in px."""
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.send("Emulation.setDeviceMetricsOverride", **size)
        time.sleep(1)
        file.write_bytes(b64decode(self.send("Page.captureScreenshot")["data"]))


@contextmanager
def browsed(folder: Path) -> Iterator[Tab]:
    """A tab of a headless browser that keeps its files in a folder."""
    flags = [*FLAGS, f"--user-data-dir={folder / 'user'}", "--window-size=1280,1000", "about:blank"]
    with process("chromium", *flags, log=folder / "browser.log"):
        tab = Tab(folder)
        try:
            yield tab
        finally:
            tab.socket.close()
