"""Which built-in profile an export is of: by its files, and by the columns in them."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import duckdb

from settle_core.errors import Fault
from settle_core.exports.archive import archive
from settle_core.exports.files import json_rows, parquet_folder, split, spreadsheet
from settle_core.exports.files import source as sources
from settle_core.exports.files.spreadsheet import Sheet
from settle_core.exports.profiles import profile as profiles
from settle_core.exports.profiles import wanted
from settle_core.exports.profiles.profile import Profile


def profile_of(folder: str | Path, name: str) -> Profile:
    """The profile of that name or path; without one, the built-in one that fits the export.

    An archive is read by its own, as its export was.

    Raises:
        Fault: no export, no such profile, or not exactly one that fits.
    """
    if not str(folder):
        raise Fault("the export is not named", expected="the folder of the exported files")
    if not archive.is_archive(folder):
        return profiles.load(name or fitting(Path(folder)))
    if name:
        raise Fault(
            "an archive is read by its own profile",
            where=str(folder),
            expected="no --profile",
            found=name,
            todo="archive the export again by that profile",
        )
    return archive.load(folder).profile


def about(name: str) -> dict[str, str]:
    """What a built-in profile says of itself: its system, source, precondition and notes."""
    told: dict[str, str] = {}
    key = ""
    for line in profiles.text(name).splitlines():
        if not line.startswith("#"):
            break
        word, colon, rest = line.removeprefix("# ").partition(": ")
        if colon and word.isalpha() and not line.startswith("#  "):
            key, told[word] = word, rest
        else:
            told[key] = f"{told[key]} {line.removeprefix('#').strip()}"
    return told


def listed() -> dict[str, dict[str, str]]:
    """The built-in profiles with what they say of themselves."""
    return {
        name: {key.lower(): said for key, said in about(name).items()}
        for name in profiles.built_in()
    }


def listing() -> Iterator[str]:
    """The same, as lines."""
    for name, told in listed().items():
        yield name
        yield from (f"  {key}: {said}" for key, said in told.items())


def fitting(folder: Path) -> str:
    """The name of the one built-in profile whose files are in the folder, by their columns too."""
    sources.demand_folder(folder)
    by_file = [name for name in profiles.built_in() if _has_files(folder, profiles.load(name))]
    by_columns = [name for name in by_file if not _lacking(folder, profiles.load(name))]
    if len(by_columns) == 1:
        return by_columns[0]
    if len(by_file) == 1:
        # Reading by it tells which column is not there.
        return by_file[0]
    named = by_columns or by_file
    raise Fault(
        "cannot tell which profile fits",
        where=str(folder),
        expected="the files and columns of exactly one built-in profile",
        found=", ".join(_reasons(folder, named, bool(by_columns))) or "the files of none",
        todo="give --profile: a name that settle profile --list shows, or a TOML file, which "
        "settle profile writes",
    )


def by_columns(folder: Path) -> str | None:
    """The one built-in profile whose files and columns are there; None if it is not one."""
    sources.demand_folder(folder)
    names = [name for name in profiles.built_in() if _has_files(folder, profiles.load(name))]
    found = [name for name in names if not _lacking(folder, profiles.load(name))]
    return found[0] if len(found) == 1 else None


def _reasons(folder: Path, names: Iterable[str], is_whole: bool) -> list[str]:  # noqa: FBT001
    if is_whole:
        return list(names)
    return [f"{name} without {_lacking(folder, profiles.load(name))[0]!r}" for name in names]


def _tables(profile: Profile) -> tuple[str, ...]:
    return ("entry",) if profile.settlements.every else ("entry", "settlement")


def _has_files(folder: Path, profile: Profile) -> bool:
    return all(sources.matching(folder, profile.table(table).file) for table in _tables(profile))


def _lacking(folder: Path, profile: Profile) -> list[str]:
    """The columns that the profile needs and the export has not."""
    return [
        name
        for table in _tables(profile)
        for name in wanted.required(profile, table)
        if name not in _columns(folder, profile, table)
    ]


def _columns(folder: Path, profile: Profile, table: str) -> tuple[str, ...]:
    """The names of a table's columns, as far as they can be read."""
    path = sources.matching(folder, profile.table(table).file)[0]
    try:
        if path.is_dir() or path.name.lower().endswith(".parquet"):
            first = parquet_folder.files(path)[0] if path.is_dir() else path
            with duckdb.connect() as con:
                return tuple(con.read_parquet(str(first), hive_partitioning=False).columns)
        keys = profile.table(table)
        if spreadsheet.is_workbook(path.name):
            return spreadsheet.header(path, Sheet(keys.sheet), keys.csv)
        if json_rows.is_json(path.name):
            return json_rows.header(path, keys.csv)
        return split.header(path, keys.csv)
    except (Fault, OSError, duckdb.Error):
        return ()
