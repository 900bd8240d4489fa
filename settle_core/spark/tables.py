"""An export's Parquet as tables that both engines type by the same SQL files.

The columns are laid open as they lie, by the names of the profile. Which forms are read here is
little: what is stored as what it is. The ledger's own reading knows all others, and takes over
where a row is not surely read.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import duckdb

from settle_core import sql
from settle_core.errors import Fault
from settle_core.exports.arrays.passed import NotPlainError
from settle_core.exports.files.opened import Opened
from settle_core.exports.profiles.profile import Profile
from settle_core.exports.reading.columns import IDS
from settle_core.spark import portable
from settle_core.spark.session import Spark

INTEGERS: Final = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT")
TEXTS: Final = (*INTEGERS, "VARCHAR")
INSTANTS: Final = ("TIMESTAMP", "TIMESTAMP WITH TIME ZONE")
# Spark's names of the same, where they are others.
SPARK: Final = {
    "INTEGER": "int",
    "VARCHAR": "string",
    "TIMESTAMP": "timestamp_ntz",
    "TIMESTAMP WITH TIME ZONE": "timestamp",
}
# By how much a local instant is ahead of UTC, from one to another: in a year, for a faster join.
Offset = tuple[int, datetime, datetime, timedelta]
ZONE: Final = (
    "year INT, local_from TIMESTAMP_NTZ, local_until TIMESTAMP_NTZ, "
    "utc_offset INTERVAL DAY TO SECOND"
)
# Of DECIMAL(28, 8), by which amounts are carried.
WHOLE_MAX, DECIMALS_MAX = 20, 8
PATTERN: Final = re.compile(r"[*?\[\]{}\\^,]")
COLUMNS: Final = {
    "entry": {
        "entry_id": INTEGERS,
        "account_id": INTEGERS,
        "effective_date": ("DATE",),
        "amount": (),
        "kind": TEXTS,
        "recorded_at": INSTANTS,
        "job_id": TEXTS,
        "answers": TEXTS,
        "currency": ("VARCHAR",),
    },
    "settlement": {
        "account_id": INTEGERS,
        "week_start": ("DATE",),
        "settled_amount": (),
        "settled_at": INSTANTS,
        "currency": ("VARCHAR",),
    },
}
OPTIONAL: Final = ("job_id", "answers", "currency")
MONEY: Final = ("amount", "settled_amount")


@dataclass(frozen=True)
class Laid:
    """A table of an export, laid open.

    Attributes:
        table: entry or settlement.
        opened: its files.
        types: how each of our columns is stored, by DuckDB's name.
        columns: the export's name of each.
        profile: how to read it.
        currency: of rows that tell none.
    """

    table: str
    opened: Opened
    types: dict[str, str]
    columns: dict[str, str]
    profile: Profile
    currency: str

    @property
    def instant(self) -> str:
        """The column of the instant."""
        return "recorded_at" if self.table == "entry" else "settled_at"

    @property
    def takes_empty_kind(self) -> bool:
        """Whether the profile says what an empty kind means."""
        kinds = self.profile.entries.kinds
        return "" in {*kinds.entry, *kinds.counter, *kinds.correction}

    @property
    def given(self) -> dict[str, object]:
        """What the typing takes."""
        kinds = self.profile.entries.kinds
        entry = list(kinds.entry)
        return {
            "unit_factor": self.profile.unit_factor(self.table, self.profile.own_scale(self.table)),
            "currency": self.currency,
            # Spark knows no empty list; what is an entry is asked first.
            "kind_entry": entry,
            "kind_counter": list(kinds.counter) or entry,
            "kind_correction": list(kinds.correction) or entry,
        }


def laid(opened: Opened, profile: Profile, table: str, currency: str) -> Laid:
    """Which column is which.

    Raises:
        NotPlainError: one is stored in a form that is not surely read the same by both engines.
    """
    keys = profile.table(table)
    types: dict[str, str] = {}
    columns: dict[str, str] = {}
    for ours, forms in COLUMNS[table].items():
        theirs = keys.columns.get(ours, ours)
        if not isinstance(theirs, str):
            raise NotPlainError(f"{ours} is of several columns")
        if theirs not in opened.types:
            continue  # an optional one; that no other is missing, the ledger's own reading sees
        kind = opened.types[theirs]
        if not (_is_money(kind) if ours in MONEY else kind in forms):
            raise NotPlainError(f"{ours} is stored as {kind}")
        if ours in MONEY and keys.money.unit == "minor" and kind not in INTEGERS:
            raise NotPlainError(f"{ours} is in minor units, stored as {kind}")
        types[ours], columns[ours] = kind, theirs
    if "currency" in columns:
        currency = profile.money.currency
    return Laid(table, opened, types, columns, profile, currency)


def _is_money(kind: str) -> bool:
    found = re.fullmatch(r"DECIMAL\((\d+),(\d+)\)", kind)
    if found is None:
        return kind in INTEGERS
    precision, scale = int(found[1]), int(found[2])
    return scale <= DECIMALS_MAX and precision - scale <= WHOLE_MAX


def demand_readable(profile: Profile) -> None:
    """Raise Fault for a key of the profile that asks for what is not done on Spark."""
    for path, is_asked, instead in _unreadable(profile):
        if is_asked:
            raise Fault(
                "this key cannot be followed on Spark",
                where=f"profile {profile.name}, {path}",
                expected=instead,
                todo="leave --engine out, or export it so",
            )


def _unreadable(profile: Profile) -> Iterable[tuple[str, object, str]]:
    for path, keys in (("entries", profile.entries), ("settlements", profile.settlements)):
        yield f"{path}.amount", keys.amount, "one signed column of amounts"
        yield f"{path}.only", keys.only, "a file of these rows alone"
        yield f"{path}.skip", keys.skip, "a file without these rows"
        yield f"{path}.parts", keys.parts == "append", "a folder of Parquet"
        yield f"{path}.sheet", keys.sheet, "Parquet"
        yield (
            f"{path}.csv.date_format",
            keys.csv.date_format in {"instant", "excel"},
            "a column of days",
        )
        for ours, theirs in keys.columns.items():
            yield f"{path}.columns.{ours}", not isinstance(theirs, str), "one column"
    entries, settlements = profile.entries, profile.settlements
    yield "entries.kinds.entry", not entries.kinds.entry, "at least one word for entries"
    yield "entries.kinds", profile.is_marked, "a column of kinds"
    yield "entries.effective", entries.effective != "by_date", "effective_date in each row"
    yield "settlements.amounts", settlements.amounts != "told", "a column of settled amounts"
    yield "settlements.period", settlements.period, "week_start in each row"
    yield "settlements.every", settlements.every, "a file of settlements"


def offsets(con: duckdb.DuckDBPyConnection, each: Laid) -> list[Offset]:
    """By how much a table's instants are ahead of UTC, by year; the zone's rules are DuckDB's."""
    profile = each.profile
    is_zoned = each.types[each.instant] == "TIMESTAMP" and profile.clock.zone != "UTC"
    return con.execute(sql.text("spark", "zone"), {"is_zoned": is_zoned}).fetchall()


def type_in(engine: Spark, each: Laid, zone: list[Offset]) -> None:
    """Create the typed table, over the files where they lie.

    Raises:
        NotPlainError: Spark takes a column, or a path, for something else.
    """
    read = engine.session.read.option("recursiveFileLookup", "true")  # no value is a folder's name
    frame = read.parquet(*map(_path, each.opened.part.paths))
    frame.select(*_columns(frame, each)).createOrReplaceTempView(f"raw_{each.table}")
    rows = engine.session.createDataFrame(zone, ZONE)
    rows.createOrReplaceTempView(f"{each.table}_zone")
    engine.view(each.table, portable.text(f"typed_{each.table}"), each.given)


def _path(path: Path) -> str:
    whole = path.resolve()
    if PATTERN.search(str(whole)) or whole.name.startswith(("_", ".")):
        raise NotPlainError(f"Spark would take the path {whole.name} for something else")
    return f"file://{whole}"  # as it is written: Spark takes no %20 for a space


def _columns(frame: Any, each: Laid) -> Iterator[Any]:  # noqa: ANN401  an extra's own
    """Our columns as they lie; text that is no value is NULL, as the ledger's reading has it."""
    from pyspark.sql import functions as f  # noqa: PLC0415  an extra

    stored = {field.name: field.dataType.simpleString() for field in frame.schema.fields}
    nulls = list(each.profile.table(each.table).csv.nulls)
    for ours in COLUMNS[each.table]:
        if ours not in each.columns:
            yield f.lit(None).cast("string").alias(ours)
            continue
        theirs, kind = each.columns[ours], each.types[ours]
        if stored.get(theirs) != SPARK.get(kind, kind.lower()):
            raise NotPlainError(f"Spark takes {ours} for {stored.get(theirs)}, DuckDB for {kind}")
        value = f.col("`" + theirs.replace("`", "``") + "`")
        if ours in MONEY:
            value = value.cast("decimal(28, 8)")
        elif ours == each.instant:
            value = value.cast("timestamp_ntz")
        elif ours in IDS and ours not in OPTIONAL:
            value = value.cast("bigint")
        elif kind != "DATE":
            value = value.cast("string")
            value = f.when(value != "", value) if kind == "VARCHAR" else value
            is_empty_told = ours == "kind" and each.takes_empty_kind
            if nulls and (is_empty_told or (ours in OPTIONAL and kind == "VARCHAR")):
                value = f.when(~value.isin(nulls), value)
            value = f.coalesce(value, f.lit("")) if is_empty_told else value
        yield value.alias(ours)
