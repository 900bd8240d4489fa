"""An archive: exports by settled week, as files that are only ever added.

A part holds the rows of one week of one table, as typed by the profile, and is called by its hash.
A version is one JSON file that names the parts of one export, with their control totals and hashes;
`archive.json` is the newest one. What a version names is never changed or removed: a week that
changed has another part, beside the old one. So an archive, or one file of `versions/`, is read as
an export, and what is in it is what was exported.
"""

import hashlib
import os
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Final, NoReturn

import msgspec
from msgspec import Struct

from settle_core.errors import Fault
from settle_core.exports.files import scan
from settle_core.exports.files.scan import Scan
from settle_core.exports.files.source import Part, Source
from settle_core.exports.profiles.profile import Profile

NEWEST: Final = "archive.json"
VERSIONS: Final = "versions"
TABLES: Final = ("entry", "settlement")
KEPT: Final = "pass"  # the table of which a file holds what the pass keeps of a week
FORMAT: Final = 1
DIGITS: Final = 16  # of a hash, in a file's name


class Held(Struct, frozen=True, kw_only=True):
    """A file of an archive: rows of one week, or what the pass keeps of them.

    `totals` are the sums of amounts by currency, `last_at` is the last instant. What the pass keeps
    names in `of` the hashes of its parts.
    """

    table: str
    week: date
    file: str
    bytes: int
    sha256: str
    rows: int = 0
    totals: dict[str, Decimal] = {}
    first_id: str = ""
    last_id: str = ""
    last_at: datetime = datetime.min  # noqa: DTZ901  UTC, as all instants in the tables
    of: tuple[str, ...] = ()


class Read(Struct, frozen=True, kw_only=True):
    """An input that a version was made from."""

    table: str
    name: str
    bytes: int
    sha256: str
    rows_read: int
    rows_accepted: int
    rows_set_aside: int


class Version(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one export holds.

    Attributes:
        format: of this file.
        number: from 1 on, and `before` the hash of the version before; empty of the first.
        made_by: program and version, and `made_at` when.
        weeks: `FROM:TO` if only these were taken from the export, and the others were there.
        inputs: what was read.
        agreement: how well the export agrees with its own settlements.
        profile: how it was read.
        scale: decimals of money, and `scales` of currencies that have others.
        columns: of each table, with their types.
        files: the parts, and what the pass keeps of them.
    """

    format: int
    number: int
    before: str
    made_by: str
    made_at: str
    weeks: str
    inputs: tuple[Read, ...]
    agreement: str
    profile: Profile
    scale: int
    scales: dict[str, int]
    columns: dict[str, dict[str, str]]
    files: tuple[Held, ...]

    def of(self, table: str) -> dict[date, Held]:
        """The files of a table, or of the pass, by their weeks."""
        return {each.week: each for each in self.files if each.table == table}

    def rows(self, table: str) -> int:
        """How many rows a table has."""
        return sum(each.rows for each in self.files if each.table == table)


def is_archive(path: str | Path) -> bool:
    """Whether a path is of an archive, or of one version of one."""
    path = Path(path)
    return (path / NEWEST).is_file() or (path.parent.name == VERSIONS and path.suffix == ".json")


def root(path: Path) -> Path:
    """The folder of an archive that is named by itself or by one of its versions."""
    return path if path.is_dir() else path.parent.parent


def file(path: Path) -> Path:
    """The file that tells the version that a path names."""
    return path / NEWEST if path.is_dir() else path


def load(path: str | Path) -> Version:
    """Read a version: the newest one of an archive, or the one that a file tells.

    Raises:
        Fault: it is none, or of another format.
    """
    return read(file(Path(path)))


def read(path: Path) -> Version:
    """Read the file of a version. Raises Fault as `load` does."""
    try:
        text = path.read_bytes()
        told = msgspec.json.decode(text, type=dict[str, msgspec.Raw])
        found = msgspec.json.decode(told.get("format", b"null"))
        if found != FORMAT:
            _refuse(path, f"format {FORMAT}", f"format {found}")
        version = msgspec.json.decode(text, type=Version)
    except OSError as error:
        raise scan.unreadable(path, error) from error
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        _refuse(path, "what settle archive writes", str(error))
    for each in version.files:
        if each.file != name(each.table, each.week, each.sha256):
            _refuse(path, f"a file called as week {each.week} and its hash", each.file)
    return version


def _refuse(path: Path, expected: str, found: str) -> NoReturn:
    todo = "archive the export into a new folder, or restore the file"
    where = str(path)
    raise Fault("no version of an archive", where=where, expected=expected, found=found, todo=todo)


def name(table: str, week: date, sha256: str) -> str:
    """What a file is called within the archive; other programs read `week` from the folder."""
    ending = "npz" if table == KEPT else "parquet"
    return f"{table}/week={week}/{sha256[:DIGITS]}.{ending}"


def source(path: Path, version: Version) -> Source:
    """The parts of a version, each held to its hash.

    Raises:
        Fault: a file is missing, or is not what was written.
    """
    parts = [_part(root(path), each) for each in version.files if each.table in TABLES]
    scans = [each.scans[0] for each in parts]
    whole = digest([each.sha256 for each in version.files if each.table in TABLES])
    return Source("entry", file(path), tuple(parts), sum(each.bytes for each in scans), whole)


def digest(hashes: list[str]) -> str:
    """One hash of several."""
    return hashlib.sha256("".join(hashes).encode()).hexdigest()


def differing(old: Version, new: Version) -> set[date]:
    """The weeks of which two versions have other parts."""
    parts = [
        {(held.table, held.week, held.sha256) for held in version.files if held.table in TABLES}
        for version in (old, new)
    ]
    return {week for _, week, _ in parts[0] ^ parts[1]}


def demand(folder: Path, held: Held) -> Scan:
    """Raise Fault if a file is missing, or is not what was written."""
    path = folder / held.file
    found = scan.hashed(path) if path.is_file() else None
    if found is None or found.sha256 != held.sha256:
        raise Fault(
            f"a part of the archive is {'not what was written' if found else 'missing'}",
            where=str(path),
            expected=f"sha256 {held.sha256[:DIGITS]}, week {held.week}",
            found=f"sha256 {found.sha256[:DIGITS]}" if found else "no file",
            todo="restore it from a copy, or archive the export again",
        )
    return found


def _part(folder: Path, held: Held) -> Part:
    return Part(held.file, (folder / held.file,), is_csv=False, scans=(demand(folder, held),))


def write(folder: Path, version: Version) -> None:
    """Add a version to an archive, and make it the newest one.

    Raises:
        Fault: another one of this number was added meanwhile.
    """
    text = msgspec.json.format(msgspec.json.encode(version), indent=1) + b"\n"
    target = folder / VERSIONS / f"{version.number:04d}.json"
    target.parent.mkdir(exist_ok=True)
    # Both names are given at once, to a file that is whole.
    for path in (target, folder / NEWEST):
        made = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            with made.open("wb") as opened:
                opened.write(text)
                opened.flush()
                os.fsync(opened.fileno())
            if path == target:
                os.link(made, target)
            else:
                made.replace(path)
        except FileExistsError as error:
            raise Fault(
                "another export was archived meanwhile",
                where=str(folder),
                expected=f"{version.number - 1} versions",
                found=f"{target.name}",
                todo="run again",
            ) from error
        finally:
            made.unlink(missing_ok=True)
