"""Evidence: the manifest of a run folder, which says what ran over what and hashes every file."""

import hashlib
import json
import platform
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from settle_core.errors import Fault

MANIFEST: Final = "manifest.json"
LIBRARIES: Final = ("settle-core", "duckdb", "pandas", "papermill", "nbconvert")


def sha256_text(text: str) -> str:
    """SHA-256 of a text, hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def sha256_file(path: Path) -> str:
    """SHA-256 of a file, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def versions() -> dict[str, str]:
    """Versions of Python and of the libraries that a result depends on."""
    return {"python": platform.python_version()} | {name: version(name) for name in LIBRARIES}


def write(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Write the manifest of a folder, with the hashes of all other files in it."""
    outputs = {
        path.name: {"bytes": path.stat().st_size, "sha256": sha256_file(path)}
        for path in sorted(folder.iterdir())
        if path.name != MANIFEST
    }
    text = json.dumps({**manifest, "outputs": outputs}, indent=2, ensure_ascii=False) + "\n"
    (folder / MANIFEST).write_text(text, "utf-8")


def read(folder: Path) -> dict[str, Any]:
    """The manifest of a run folder. Raises Fault if it is none."""
    path = folder / MANIFEST
    if not path.is_file():
        raise Fault(
            "not a run folder",
            where=str(folder),
            expected=f"{MANIFEST}, as settle audit writes it",
            found="no such file",
            todo="give the path that settle audit printed last",
        )
    manifest: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return manifest
