"""The files of an export: found by name, hashed, and held to what was hashed."""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from settle_core.errors import Fault
from settle_core.exports.files import json_rows, parquet_folder, scan, spreadsheet
from settle_core.exports.files.scan import Scan
from settle_core.exports.files.spreadsheet import Sheet

FORMATS: Final = (".csv", ".csv.gz", ".parquet", *spreadsheet.ENDINGS)
FORMATS_TOLD: Final = ".csv, .csv.gz, .parquet, .xlsx; .json or .jsonl named in full"
ENDING: Final = re.compile(r"\.[^.*?\[\]/]+$")
NAMES_MAX: Final = 20  # in a message


@dataclass(frozen=True)
class Part:
    """One file of a table, or a folder of Parquet files that are read as one.

    Of a workbook `sheet` tells what is read.
    """

    name: str
    paths: tuple[Path, ...]
    is_csv: bool
    scans: tuple[Scan, ...]
    sheet: Sheet | None = None

    @property
    def is_json(self) -> bool:
        """Whether its rows are objects of JSON."""
        return self.sheet is None and json_rows.is_json(self.name)


@dataclass(frozen=True)
class Source:
    """What holds one table of an export."""

    table: str
    path: Path
    parts: tuple[Part, ...]
    bytes: int
    sha256: str

    @property
    def name(self) -> str:
        """The file's name, or those of the first and the last where there are several."""
        names = [part.name for part in self.parts]
        return names[0] if len(names) == 1 else f"{names[0]} ... {names[-1]} ({len(names)} files)"


def demand_folder(folder: Path) -> None:
    """Raise Fault if there is no such folder."""
    if not folder.is_dir():
        raise Fault(
            "no such export",
            expected="a folder that holds the exported files",
            found=repr(str(folder)),
            todo="check the path",
        )


def is_table(path: Path) -> bool:
    """Whether a file is called as a table is, or a folder holds parts of one."""
    if path.is_dir():
        return parquet_folder.is_one(path)
    # One would wait for a pipe for ever, and follow a link in a circle without an end.
    return path.is_file() and path.name.lower().endswith(FORMATS)


def matching(folder: Path, pattern: str) -> list[Path]:
    """The files, and folders of Parquet files, in an export that a profile's `file` names."""
    literal = folder / pattern
    if literal.is_file():
        return [literal]
    is_named = ENDING.search(pattern) is not None
    stem = pattern.removesuffix(".*")
    found = {*folder.glob(pattern), *folder.glob(stem)}
    tables = sorted(p for p in found if is_table(p) or (is_named and p.is_file()))
    if tables or pattern.endswith(".*"):
        return tables
    # Redshift's parts have no ending, or only that of gzip.
    return sorted(p for p in found if p.suffix in {"", ".gz"} and p.is_file())


def _named(path: Path) -> str:
    """The name of what is in a folder, with what it is where it cannot be read."""
    return path.name if path.is_file() or path.is_dir() else f"{path.name} (no file)"


def locate(folder: Path, pattern: str, parts: str = "one", key: str = "file") -> list[Path]:
    """The one file that a pattern names, or with `parts = "append"` every one.

    Raises:
        Fault: no such folder, no match, more than one, or a link that leads out of the export.
    """
    demand_folder(folder)
    found = matching(folder, pattern)
    if not found or (len(found) > 1 and parts == "one"):
        names = [p.name for p in found] or sorted(map(_named, folder.iterdir()))
        more = f" and {len(names) - NAMES_MAX} more" if len(names) > NAMES_MAX else ""
        append = f'move all but one away, or set parts = "append" beside {key}'
        raise Fault(
            "no file matches" if not found else "more than one file matches",
            where=str(folder),
            expected=f"one file {pattern} ({FORMATS_TOLD})",
            found=(", ".join(names[:NAMES_MAX]) or "an empty folder") + more,
            todo="name the file in the profile" if not found else append,
        )
    root = folder.resolve()
    for path in found:
        for each in (path, *(parquet_folder.files(path) if path.is_dir() else ())):
            if not each.resolve().is_relative_to(root):
                raise Fault(
                    "a link leads out of the export",
                    where=str(each.relative_to(folder)),
                    expected="a file in the export's folder",
                    found=str(each.resolve()),
                    todo="copy the file there",
                )
    return found


def source(  # noqa: PLR0913, PLR0917  what a profile says of one table
    folder: Path,
    table: str,
    pattern: str,
    parts: str = "one",
    key: str = "file",
    sheet: Sheet = Sheet(),  # noqa: B008  a value
) -> Source:
    """Find one table's files and hash them. Raises Fault as `locate` does."""
    found = [_part(folder, path, sheet) for path in locate(folder, pattern, parts, key)]
    for part in found:
        if sheet.name and part.sheet is None:
            raise Fault(
                "only a workbook has sheets",
                where=part.name,
                expected=f"an .xlsx, by {key.removesuffix('file')}sheet = {sheet.name!r}",
                found="another kind of file",
                todo="remove that key, or name the workbook",
            )
    scans = [each for part in found for each in part.scans]
    digest = hashlib.sha256()
    for each in scans:
        digest.update(bytes.fromhex(each.sha256))
    sha256 = scans[0].sha256 if len(scans) == 1 else digest.hexdigest()
    path = folder / found[0].name
    return Source(table, path, tuple(found), sum(s.bytes for s in scans), sha256)


def _part(folder: Path, path: Path, sheet: Sheet) -> Part:
    name = str(path.relative_to(folder))
    if path.is_dir():
        parquet_folder.demand_whole(path, folder)
        paths = parquet_folder.files(path)
        return Part(name, paths, is_csv=False, scans=tuple(scan.hashed(p) for p in paths))
    if spreadsheet.is_workbook(path.name):
        return Part(name, (path,), is_csv=False, scans=(scan.hashed(path),), sheet=sheet)
    is_csv = not (path.name.lower().endswith(".parquet") or json_rows.is_json(path.name))
    return Part(name, (path,), is_csv, (scan.scan(path) if is_csv else scan.hashed(path),))


def demand_same(found: Source) -> None:
    """Raise Fault if a file is another one than was hashed, now that it was read."""
    for part in found.parts:
        for path, seen in zip(part.paths, part.scans, strict=True):
            try:
                now = scan.stamp(path)
            except OSError as error:
                raise scan.unreadable(path, error) from error
            if now != seen.stamp:
                raise Fault(
                    "the file changed while it was read",
                    where=part.name,
                    todo="run again when the export is whole",
                )
