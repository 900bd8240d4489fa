"""Evidence: the manifest of a run folder, which says what ran over what and hashes every file."""

import hashlib
import json
import platform
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from settle_core import staging
from settle_core.errors import Fault

MANIFEST: Final = "manifest.json"
WORKPAPER: Final = "workpaper.ipynb"
REPORT: Final = "report.html"
FINDINGS: Final = "findings.parquet"
FINDINGS_CSV: Final = "findings.csv"
CORRECTIONS: Final = "corrections.csv"
REJECTED: Final = "rejected.csv"
REPLAY: Final = "replay.parquet"
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


def write(folder: Path, manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Write the manifest of a folder, with the hashes of all other files in it; it is returned."""
    outputs = {
        path.relative_to(folder).as_posix(): {
            "bytes": path.stat().st_size,
            "sha256": sha256_file(path),
        }
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path != folder / MANIFEST
    }
    whole = {**manifest, "outputs": outputs}
    text = json.dumps(whole, indent=2, ensure_ascii=False) + "\n"
    (folder / MANIFEST).write_text(text, "utf-8")
    return whole


@contextmanager
def written(folder: Path) -> Iterator[Path]:
    """A folder to write a run to, which takes the given place when all went well.

    A folder that is aside already is written to as it is: who made it gives it its name.

    Raises:
        Fault: there is something else than a run in the given place.
    """
    if staging.is_aside(folder):
        folder.mkdir(parents=True, exist_ok=True)
        yield folder
        return
    is_run = (folder / MANIFEST).is_file()
    if folder.exists() and not is_run and (not folder.is_dir() or any(folder.iterdir())):
        todo = "name one that does not exist yet, is empty or holds a run"
        raise Fault("the folder holds something", where=str(folder), todo=todo)
    with staging.aside(folder.parent) as part:
        new = part / "new"
        new.mkdir(mode=0o700)
        yield new
        if is_run:
            folder.rename(part / "old")
        staging.named(new, folder)


def file(run: Path, name: str) -> Path:
    """A file of a run folder.

    Raises:
        Fault: there is none, so that this is no run folder.
    """
    path = run / name
    if not path.is_file():
        raise Fault(
            "not a run folder",
            where=str(run),
            expected=f"{name}, as settle audit writes it",
            found="no such file" if run.is_dir() else "no such folder",
            todo="give the path that settle audit printed last",
        )
    return path


def read(folder: Path) -> dict[str, Any]:
    """The manifest of a run folder. Raises Fault if it is none, or cannot be read as one."""
    path = file(folder, MANIFEST)
    try:
        manifest = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        found = str(error)
        raise Fault("the manifest cannot be read", where=str(path), found=found) from error
    if not isinstance(manifest, dict) or not isinstance(manifest.get("outputs"), dict):
        expected, found = "an object with outputs", type(manifest).__name__
        raise Fault("not a manifest", where=str(path), expected=expected, found=found)
    return manifest
