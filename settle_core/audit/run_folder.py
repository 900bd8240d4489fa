"""A run folder: its files, read and written whole, and its manifest.

The manifest says what ran over what and hashes every file.
"""

import csv
import hashlib
import json
import platform
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final, Literal

import msgspec

from settle_core import staging
from settle_core.errors import Fault
from settle_core.formats import brief, plain

MANIFEST: Final = "manifest.json"
WORKBOOK: Final = "workbook.xlsx"
WORKPAPER: Final = "workpaper.ipynb"
REPORT: Final = "report.html"
SUMMARY: Final = "summary.json"
FINDINGS: Final = "findings.parquet"
FINDINGS_CSV: Final = "findings.csv"
CORRECTIONS: Final = "corrections.csv"
REJECTED: Final = "rejected.csv"
REPLAY: Final = "replay.parquet"
# Places are of a day or of a week: rows are in one order only with the rest.
REPLAY_ORDER = "account_id, currency, week_start, place, effective_date, entry_id"
FIELD_MAX: Final = 2**31 - 1  # characters; the csv module allows 131,072 by itself
SEAL: Final = "seal.json"
NAME_BYTES_MAX: Final = 255  # of a file
SAID_MAX: Final = 200  # characters of what a library says
_SOURCES: Final = (".py", ".sql", ".toml", ".ipynb", ".css", ".j2", ".js")
LIBRARIES: Final = ("settle-core", "duckdb", "pandas", "papermill", "nbconvert", "xlsxwriter")


class _Output(msgspec.Struct):
    bytes: int
    sha256: str


class _Input(msgspec.Struct):
    name: str
    path: str
    sha256: str
    rows_read: int
    rows_accepted: int
    rows_rejected: int
    last_id: str
    rows_set_aside: int = 0


class _Manifest(msgspec.Struct, frozen=True):
    """What those rely on who read a manifest: it may come from anywhere."""

    verdict: Literal["incomplete", "broken", "masked", "pending", "reconciled"]
    export: str
    as_of: str
    parameters: dict[str, str]
    profile: dict[str, Any]
    versions: dict[str, str]
    rules: dict[str, str]
    inputs: list[_Input]
    counts: dict[str, int]
    outputs: dict[str, _Output]
    off_totals: list[dict[str, str]]
    corrections_withheld: list[str]
    dispositions: dict[str, Any] | None = None
    chain: dict[str, str] | None = None
    age: dict[str, Any] | None = None
    made_at: str = ""


_UNREADABLE: Final = (
    LookupError,
    TypeError,
    ValueError,
    AttributeError,
    ArithmeticError,
    RecursionError,
    OSError,
)
_NAME: Final = re.compile(r"[^\0/]+(/[^\0/]+)*")


def unreadable(*others: type[Exception]) -> tuple[type[Exception], ...]:
    """What is raised where a file of a run holds something else than was written to it."""
    loaded = sys.modules.get("duckdb")  # slow to import, and its errors are raised by it alone
    return (*_UNREADABLE, *others, *([loaded.Error] if loaded else []))


def sha256_text(text: str) -> str:
    """SHA-256 of a text, hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def sha256_file(path: Path) -> str:
    """SHA-256 of a file, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def versions() -> dict[str, str]:
    """Versions of Python and of the libraries that a result depends on."""
    told = {"python": platform.python_version()}
    for name in LIBRARIES:
        with suppress(PackageNotFoundError):  # one of an extra
            told[name] = version(name)
    return told


@cache
def source() -> str:
    """SHA-256 over the files of this package: which build of a version this is."""
    whole, root = hashlib.sha256(), Path(__file__).parents[1]
    for path in sorted(each for each in root.rglob("*") if each.suffix in _SOURCES):
        name = path.relative_to(root).as_posix()
        whole.update(f"{name}\0{path.stat().st_size}\0".encode() + path.read_bytes())
    return whole.hexdigest()


def write(folder: Path, manifest: Mapping[str, Any], beside: Path | None = None) -> dict[str, Any]:
    """Write the manifest of a folder.

    Added are the hashes of all other files in it, the run before it in the folder of runs, when it
    was made, and last the digest of the manifest itself: of its text with an empty digest.

    Args:
        folder: of the run.
        manifest: what ran over what.
        beside: the folder of runs; None: none is looked for.

    Returns:
        The manifest as it was written.
    """
    outputs = {
        path.relative_to(folder).as_posix(): {
            "bytes": path.stat().st_size,
            "sha256": sha256_file(path),
        }
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path != folder / MANIFEST
    }
    made_at = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
    whole = {
        **manifest,
        "made_at": made_at,
        "chain": last(beside) if beside else None,
        "outputs": outputs,
        "digest": "",
    }
    whole["digest"] = sha256_text(text(whole))
    (folder / MANIFEST).write_text(text(whole), "utf-8")
    return whole


def text(manifest: Mapping[str, Any]) -> str:
    """A manifest as it is written."""
    return json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"


def last(runs: Path) -> dict[str, str] | None:
    """The run that was made last in a folder of runs: its name, and the hash of its manifest."""
    found = []
    # A name with a dot is a run that is still being written.
    for path in runs.glob(f"[!.]*/{MANIFEST}"):
        with suppress(OSError, ValueError, AttributeError, RecursionError):
            made_at = json.loads(path.read_text("utf-8")).get("made_at")
            found.append((str(made_at or ""), path.parent.name, path))
    if not found:
        return None
    _, name, path = max(found)
    return {"run": name, "manifest_sha256": sha256_file(path)}


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


def each_row(run: Path, name: str) -> Iterator[dict[str, str]]:
    """The rows of a CSV file of a run, by its columns, as they were before they were harmless.

    Raises:
        Fault: there is no such file, or it cannot be read.
    """
    csv.field_size_limit(FIELD_MAX)
    path = file(run, name)
    try:
        with path.open(encoding="utf-8", newline="") as opened:
            for row in csv.DictReader(opened, strict=True):
                yield {column: plain(value) for column, value in row.items()}
    except unreadable(csv.Error) as error:
        raise _not_as_written(path, error) from error


def rows(run: Path, name: str) -> list[dict[str, str]]:
    """All rows of a CSV file of a run. Raises Fault as `each_row` does."""
    return list(each_row(run, name))


@contextmanager
def reading(run: Path) -> Iterator[None]:
    """What cannot be read in a run folder, or is not what was written, is a fault."""
    try:
        yield
    except unreadable() as error:
        raise _not_as_written(run, error) from error


def read(folder: Path) -> dict[str, Any]:
    """The manifest of a run folder. Raises Fault if it is none, or not as it is written."""
    path = file(folder, MANIFEST)
    with reading(path):
        return checked(json.loads(path.read_text("utf-8")))


def figures(folder: Path) -> dict[str, Any]:
    """What a run's `summary.json` tells; see `summary.told`. Raises Fault if there is none."""
    path = file(folder, SUMMARY)
    with reading(path):
        return dict(json.loads(path.read_text("utf-8")))


def checked(manifest: Any) -> dict[str, Any]:  # noqa: ANN401  whatever the file holds
    """The same, a manifest.

    Raises:
        ValueError: it is not as settle writes one.
    """
    typed = msgspec.convert(manifest, _Manifest)
    for name in typed.outputs:
        parts = name.split("/")
        is_long = any(len(part.encode()) > NAME_BYTES_MAX for part in parts)
        if is_long or not _NAME.fullmatch(name) or ".." in parts:
            raise ValueError(f"no name of a file: {name!r}")
    whole: dict[str, Any] = manifest
    return whole


def _not_as_written(where: Path, error: BaseException) -> Fault:
    found = f"{type(error).__name__}: {brief(' '.join(str(error).split()), SAID_MAX)}"
    todo = "ask settle verify what was changed in the run"
    return Fault("not as it was written", where=str(where), found=found, todo=todo)
