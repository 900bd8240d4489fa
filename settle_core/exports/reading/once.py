"""An export for an audit of all of it: the pass goes along with the reading.

Entries of plain Parquet are not stored at all: the pass reads them where they lie, and `entry` is a
view over the file. What is not plain is read as ever.
"""

import logging
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Final

import duckdb
from duckdb import ColumnExpression, ConstantExpression, FunctionExpression

from settle_core import sql
from settle_core.errors import Fault
from settle_core.exports.arrays import whole_pass
from settle_core.exports.arrays.passed import NotPlainError, Passed, RepeatedError
from settle_core.exports.arrays.whole_pass import Limits, Rejecting
from settle_core.exports.files import source as sources
from settle_core.exports.files.opened import FILE_ROW, PLAIN, ROW_NUMBER, Opened, open_part
from settle_core.exports.files.source import Source
from settle_core.exports.profiles.profile import Profile
from settle_core.exports.reading import ledger as ledgers
from settle_core.exports.reading import left_out, typed
from settle_core.exports.reading.columns import COLUMNS, Naming, lay_open
from settle_core.exports.reading.ledger import Input, Ledger, Sums
from settle_core.exports.reading.reader import Reader
from settle_core.exports.reading.rejected import Rejects
from settle_core.exports.reading.typed import Typing

_LOG: Final = logging.getLogger(__name__)
TABLES: Final = ("entry", "settlement")
IDS: Final = ("entry_id", "account_id")
ID: Final = ColumnExpression("entry_id")
# What an entry may tell besides, as text, and what is not text.
TOLD: Final = ("attempt", "answers", "run_id", "last_seen")
TOLD_OTHERWISE: Final = frozenset({"observed", "committed_at"})
# A pass over a ledger whose entries lie open so, and whose settlements are of that source.
Passing = Callable[[Ledger, Opened, Source], Passed]
# Of rows that have a job; where more do, they are looked up by id.
JOBS_SHARE_MAX: Final = 0.25
INTEGERS: Final = frozenset({"TINYINT", "SMALLINT", "INTEGER", "BIGINT"})
TEXTS: Final = frozenset({"VARCHAR", "UUID"})


def read(folder: str | Path, profile: Profile) -> Ledger:
    """Read an export, with the pass where there is enough of it. Raises Fault as `Ledger.read`."""
    try:
        return unstored(Path(folder), profile)
    except (
        NotPlainError,
        Fault,
        duckdb.Error,
    ) as error:  # told by the reading that knows all forms
        _LOG.debug("entries are stored: %s", error)
    ledger = Ledger.read(folder, profile)
    if ledger.inputs[0].rows_accepted >= whole_pass.ROWS_MIN:
        ledger.passed = whole_pass.tried(ledger.con, Limits(), ledger.scale)
    return ledger


def unstored(folder: Path, profile: Profile, passing: Passing | None = None) -> Ledger:
    """An export whose entries stay where they lie.

    Args:
        folder: the export.
        profile: how to read it.
        passing: does the pass elsewhere, and sees that no id is there twice.

    Raises:
        NotPlainError: they cannot.
        Fault: as `Ledger.read`.
    """
    _demand_plain(folder, profile)
    scale = max(profile.own_scale(table) for table in TABLES)
    ledger = Ledger(ledgers.connect(profile, scale), profile, scale)
    con, keys = ledger.con, profile.entries
    source = sources.source(folder, "entry", keys.file, keys.parts, "entries.file")
    opened = open_part(con, source.parts[0], keys.csv, ledger.scratch)
    if passing is None and opened.counted < whole_pass.ROWS_MIN:
        raise NotPlainError("few entries")
    typing = Typing(profile, "settlement", scale)
    (ledger.scratch / "settlement").mkdir()
    unsettled = Rejects(ledger.scratch / "settlement")  # after those of the entries
    reader = Reader(con, profile, typing, ledger.scratch)
    settled = reader.read(folder, unsettled)
    accepted = len(con.table("stored_settlement"))
    # After the settlements, since the view goes on using its macros.
    _view(ledger, opened, is_whole=passing is not None)
    query = sql.text("exports/reading", "settlement_source")
    con.sql(query, params={"amounts": profile.settlements.amounts}).create("settlement_source")
    for table in TABLES:
        typed.view(con, table, ledgers.currency(con, profile))
    found = {*ledgers.codes(con), *reader.codes}
    scales = {profile.other_scale(code, table) for code in found for table in TABLES}
    if scales - {None, scale}:
        raise NotPlainError("a currency has other decimals")
    if passing is None:
        passed = _passed(ledger, opened)
    elif unsettled:
        raise NotPlainError("a row is rejected")
    else:
        passed = passing(ledger, opened, settled.source)
    rejected = len(ledger.rejected)
    ledger.rejected.extend(unsettled)
    ledger.passed, ledger.told = passed, _numbered_told(ledger, opened)
    if passed.rows + rejected != opened.counted or not passed.is_unique:
        raise NotPlainError("ids do not ascend")
    sources.demand_same(source)
    ledger.unstored = source
    code = ledgers.currency(con, profile)
    of_settlements = ledgers.totals(con, "settlement", settled, accepted, profile)
    ends = _ends(ledger, opened, passed)
    sums: Sums = ((code, Decimal(passed.total).scaleb(-scale)),)
    if passed.cells.currencies is not None:
        sums = ledgers.sums(con, "entry", profile)
    of_entries = _input(source, passed, sums, ends)
    of_entries = of_entries._replace(rows_read=opened.counted, rows_rejected=rejected)
    ledger.inputs = (of_entries, of_settlements)
    return ledger


def _passed(ledger: Ledger, opened: Opened) -> Passed:
    """The pass over all entries that can be accepted; the others are told, and left out."""
    con, scale, jobs = ledger.con, ledger.scale, _numbered_jobs(ledger, opened)
    rejecting = Rejecting(ROW_NUMBER in opened.relation.columns)
    try:
        passed = whole_pass.run(con, Limits(), scale, jobs, rejecting)
    except RepeatedError as error:
        if not rejecting.may_reject:
            raise
        rows = left_out.tell(ledger, opened, error.unread, error.keys)
        return whole_pass.run(con, Limits(), scale, jobs, Rejecting(rejected=rows))
    if len(passed.rejected):
        left_out.tell(ledger, opened, passed.rejected)
    return passed


def _demand_plain(folder: Path, profile: Profile) -> None:
    """Raise NotPlainError unless each entry takes one look, and all lie in one table of Parquet."""
    keys, settlements = profile.entries, profile.settlements
    is_filtered = keys.only or keys.skip or profile.is_marked
    is_derived = keys.effective == "of_settlement" or settlements.amounts == "as_recorded"
    if is_filtered or is_derived or settlements.every:
        raise NotPlainError("the profile asks for more than one look")
    paths = sources.locate(folder, keys.file, keys.parts, "entries.file")
    if len(paths) > 1 or not (paths[0].is_dir() or paths[0].name.lower().endswith(".parquet")):
        raise NotPlainError("entries are not one table of Parquet")


def _view(ledger: Ledger, opened: Opened, *, is_whole: bool) -> None:
    """Create the view `stored_entry` over the file, typed; ids may be text unless `is_whole`."""
    rows, stored = lay_open(opened, ledger.profile, "entry")
    accounts = ledger.con.table("stored_settlement").select("account_id")
    kinds = {
        "entry_id": _kind(rows.select("entry_id")),
        "account_id": _kind(rows.select("account_id"), accounts),
    }
    if is_whole and set(kinds.values()) != {"BIGINT"}:
        raise NotPlainError("ids are not whole numbers")
    if str(accounts.types[0]) != kinds["account_id"]:
        name = f"settled_account_{kinds['account_id'].lower()}"
        ledger.con.execute(sql.text("exports/reading", name))
    rows.create_view("raw_entry")
    required, optional = COLUMNS["entry"]
    kept = [*required, *(name for name in optional if name in stored), FILE_ROW]
    chosen = [
        ColumnExpression(name).cast(kinds[name]).alias(name)
        if name in IDS
        else ColumnExpression(name)
        for name in kept
    ]
    typing = Typing(ledger.profile, "entry", ledger.scale)
    typed.rows(ledger.con, typing, stored, kept).select(*chosen).create_view("typed_entry")
    ledger.con.table("typed_entry").create_view("stored_entry")


def _kind(*columns: duckdb.DuckDBPyRelation) -> str:
    """What ids are, in columns that hold the same ones: whole numbers, or text.

    Raises:
        NotPlainError: text that may be whole numbers.
    """
    kinds = {str(each.types[0]) for each in columns}
    if kinds <= INTEGERS:
        return "BIGINT"
    if not kinds <= {*INTEGERS, *TEXTS}:
        raise NotPlainError(f"ids are {', '.join(sorted(kinds))}")
    if any(map(typed.is_told, columns)):
        return "VARCHAR"
    raise NotPlainError("ids may be whole numbers")


def _numbered_jobs(ledger: Ledger, opened: Opened) -> duckdb.DuckDBPyRelation | None:
    """The jobs by the numbers of their rows, where the file says that few rows have one."""
    naming = Naming(opened, ledger.profile, "entry")
    theirs = naming.keys.columns.get("job_id", "job_id")
    found = naming.chosen("job_id")
    path = str(opened.part.paths[0].resolve())
    is_one = ROW_NUMBER in opened.relation.columns and PLAIN.fullmatch(path)
    if found is None or not isinstance(theirs, str) or not is_one:
        return None
    query = sql.text("exports/reading", "parquet_filled")
    given = {"part": path, "name": theirs}
    ((filled,),) = ledger.con.execute(query, given).fetchall()
    if filled is None or filled > JOBS_SHARE_MAX * opened.counted:
        return None
    job = found[0].cast("VARCHAR").alias("job_id")
    numbered = opened.relation.select(ColumnExpression(ROW_NUMBER), job)
    return numbered.filter(ColumnExpression("job_id").isnotnull())


def _numbered_told(ledger: Ledger, opened: Opened) -> duckdb.DuckDBPyRelation | None:
    """What entries tell besides, by the numbers of their rows; None where it is to be read."""
    naming = Naming(opened, ledger.profile, "entry")
    stored = set(ledger.con.table("stored_entry").columns)
    if ROW_NUMBER not in opened.relation.columns or stored & TOLD_OTHERWISE:
        return None
    found = {name: naming.chosen(name) if name in stored else None for name in TOLD}
    told = {name: each[0] if each else ConstantExpression(None) for name, each in found.items()}
    values = [value.cast("VARCHAR").alias(name) for name, value in told.items()]
    return opened.relation.select(ColumnExpression(ROW_NUMBER), *values)


def _ends(ledger: Ledger, opened: Opened, passed: Passed) -> tuple[str, str]:
    """The first and the last id."""
    if str(ledger.con.table("entry").select("entry_id").types[0]) == "BIGINT":
        return str(passed.first_id), str(passed.last_id)
    theirs = ledger.profile.entries.columns.get("entry_id", "entry_id")
    ids = ledger.con.table("entry").select("entry_id")
    # As exported, of which files of Parquet tell the ends; none is ''.
    if isinstance(theirs, str) and not passed.rejected.size:
        column = ColumnExpression(f"c{opened.columns.index(theirs)}")
        ids = opened.relation.select(column.alias("entry_id"))
    ends = FunctionExpression("min", ID), FunctionExpression("max", ID)
    ((first, last),) = ids.aggregate(list(ends)).fetchall()
    return str(first), str(last)


def _input(source: Source, passed: Passed, sums: Sums, ends: tuple[str, str]) -> Input:
    return Input(
        table="entry",
        name=source.name,
        path=str(source.path),
        bytes=source.bytes,
        sha256=source.sha256,
        rows_read=passed.rows,
        rows_accepted=passed.rows,
        rows_rejected=0,
        rows_set_aside=0,
        set_aside=(),
        first_id=ends[0],
        last_id=ends[1],
        totals=sums,
    )
