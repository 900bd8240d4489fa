"""A version of an archive read as an export: its rows are typed already, and held to their hashes.

Where each week has what the pass keeps of it, and all of the archive is asked for, no row is read:
the weeks are joined, and only those that are not plain are looked up later, in their parts.
"""

import logging
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Final

import duckdb
import msgspec
from duckdb import ConstantExpression

from settle_core import sql
from settle_core.errors import Fault
from settle_core.exports.archive import archive
from settle_core.exports.archive.archive import TABLES, Held, Version
from settle_core.exports.arrays import week_passes, whole_pass
from settle_core.exports.arrays.passed import NotPlainError, Passed
from settle_core.exports.arrays.week_passes import Arrays
from settle_core.exports.files import scan
from settle_core.exports.files.opened import PLAIN
from settle_core.exports.files.source import demand_same
from settle_core.exports.profiles.profile import Profile
from settle_core.exports.reading import ledger, once, typed
from settle_core.exports.reading.ledger import Input, Ledger

_LOG: Final = logging.getLogger(__name__)


def read(folder: str | Path, profile: Profile, *, is_all: bool = False) -> Ledger:
    """Read an export, or an archive, which is read by its own profile.

    Args:
        folder: the export.
        profile: how to read it.
        is_all: whether an audit of all of it follows, so that the pass may go along.

    Raises:
        Fault: it cannot be read.
    """
    if archive.is_archive(folder):
        return _read(Path(folder), archive.load(folder), is_all=is_all)
    return once.read(folder, profile) if is_all else Ledger.read(folder, profile)


def read_version(path: Path, version: Version) -> Ledger:
    """Read all rows of a version. Raises Fault as `read` does."""
    return _read(path, version, is_all=False)


def read_weeks(path: Path, version: Version, weeks: set[date]) -> Ledger:
    """Read some weeks of a version. Raises Fault as `read` does."""
    files = tuple(held for held in version.files if held.week in weeks)
    return _read(path, msgspec.structs.replace(version, files=files), is_all=False)


def _read(path: Path, version: Version, *, is_all: bool) -> Ledger:
    _LOG.info("reading %s", path)
    found = Ledger(ledger.connect(version.profile, version.scale), version.profile, version.scale)
    found.scales = dict(version.scales)
    source = archive.source(path, version)
    passed = joined(path, version) if is_all else None
    amounts = {"amounts": version.profile.settlements.amounts}
    query = sql.text("exports/reading", "settlement_source")
    found.con.sql(query, params=amounts).create("settlement_source")
    for table in TABLES:
        _lay_open(found, path, version, table, is_stored=passed is None)
    for table in TABLES:
        typed.view(found.con, table, version.profile.money.currency)
    found.inputs = tuple(_input(path, version, table) for table in TABLES)
    if passed is None:
        demand_same(source)
    else:
        found.passed, found.unstored = passed, source
    return found


def joined(path: Path, version: Version) -> Passed | None:
    """What the pass gives of all weeks; None where it is to be done, or the steps are.

    Raises:
        Fault: a file of it is not what was written.
    """
    currencies = {code for held in version.files for code in held.totals}
    weeks = {held.week for held in version.files if held.table in TABLES}
    passes = version.of(archive.KEPT)
    is_enough = version.rows("entry") >= whole_pass.ROWS_MIN
    if not is_enough or len(currencies) != 1 or set(passes) != weeks:
        return None
    try:
        return week_passes.joined(opened(archive.root(path), passes.values()))
    except NotPlainError as error:
        _LOG.debug("the weeks of the archive are not joined: %s", error)
        return None


def opened(folder: Path, passes: Iterable[Held]) -> list[Arrays]:
    """What the pass keeps of weeks, by their order. Raises Fault if it is not what was written."""
    found = []
    for held in sorted(passes, key=lambda each: each.week):
        archive.demand(folder, held)
        found.append(week_passes.opened((folder / held.file).read_bytes()))
    return found


def links(paths: Iterable[Path], root: Path, scratch: Path) -> list[str]:
    """Paths within a folder as DuckDB takes them: by a plain name that leads to the folder."""
    whole = root.resolve()
    if not PLAIN.fullmatch(str(whole)):
        link = scratch / f"{len(list(scratch.iterdir()))}"
        link.symlink_to(whole)
        return [str(link / path.resolve().relative_to(whole)) for path in paths]
    return [str(path.resolve()) for path in paths]


def _lay_open(found: Ledger, path: Path, version: Version, table: str, *, is_stored: bool) -> None:
    """Create `stored_<table>`, as a table or as a view over the parts."""
    folder = archive.root(path)
    paths = [folder / held.file for held in version.of(table).values()]
    columns = version.columns[table]
    try:
        if not paths:
            none = [ConstantExpression(None).cast(kind).alias(n) for n, kind in columns.items()]
            found.con.table("settlement_source").select(*none).limit(0).create(f"stored_{table}")
            return
        files = links(paths, folder, found.scratch)
        rows = found.con.read_parquet(files, union_by_name=True, hive_partitioning=False)
        chosen = rows.select(*columns)
        if is_stored:
            chosen.create(f"stored_{table}")
        else:
            chosen.create_view(f"stored_{table}")
    except duckdb.Error as error:
        raise scan.unreadable(folder, ValueError(str(error).splitlines()[0])) from error
    rows_there = len(found.con.table(f"stored_{table}"))
    if rows_there != version.rows(table):
        raise Fault(
            "rows of the archive are missing",
            where=str(archive.file(path)),
            expected=f"{version.rows(table)} rows of table {table}",
            found=f"{rows_there}",
            todo="restore the archive from a copy",
        )


def _input(path: Path, version: Version, table: str) -> Input:
    """The control totals of a table, as they were when it was archived."""
    held = sorted(version.of(table).values(), key=lambda each: each.week)
    rows = version.rows(table)
    codes = sorted({code for each in held for code in each.totals})
    return Input(
        table=table,
        name=f"version {version.number} of {archive.root(path).name}, {len(held)} parts",
        path=str(archive.root(path) / archive.VERSIONS / f"{version.number:04d}.json"),
        bytes=sum(each.bytes for each in held),
        sha256=archive.digest([each.sha256 for each in held]),
        rows_read=rows,
        rows_accepted=rows,
        rows_rejected=0,
        rows_set_aside=0,
        set_aside=(),
        first_id=_end(held, version, table, "first_id"),
        last_id=_end(held, version, table, "last_id"),
        totals=tuple((code, _total(held, code)) for code in codes),
    )


def _total(held: list[Held], code: str) -> Decimal:
    return sum((each.totals.get(code, Decimal()) for each in held), Decimal())


def _end(held: list[Held], version: Version, table: str, name: str) -> str:
    """The first or the last id of all weeks, in the order that ids have."""
    is_number = table == "entry" and version.columns["entry"]["entry_id"] == "BIGINT"
    found = [getattr(each, name) for each in held]
    choose = min if name == "first_id" else max
    return choose(found, key=int if is_number else str, default="")
