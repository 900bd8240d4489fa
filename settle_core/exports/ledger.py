"""An export as typed tables in DuckDB: `entry`, `settlement`, and what was rejected.

Every exported row ends in one of two places: a typed table, or the list of rejected rows with its
line and the reason. Nothing is rounded, guessed or dropped.
"""

import logging
import re
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import duckdb
from duckdb import ColumnExpression, ConstantExpression

from settle_core import contract, sql
from settle_core.errors import Fault
from settle_core.exports import profile as profiles
from settle_core.exports import rejected
from settle_core.exports import source as export
from settle_core.exports.profile import Profile

# Required and optional columns of each table.
COLUMNS: Final = {
    "entry": (contract.ENTRY_REQUIRED, contract.ENTRY_OPTIONAL),
    "settlement": (contract.SETTLEMENT_REQUIRED, contract.SETTLEMENT_OPTIONAL),
}


def names(profile: Profile, table: str) -> dict[str, str]:
    """The export's name of each of our columns."""
    mapping = profile.entries_columns if table == "entry" else profile.settlements_columns
    required, optional = COLUMNS[table]
    return {ours: mapping.get(ours, ours) for ours in required + optional}


def store(
    con: duckdb.DuckDBPyConnection, profile: Profile, table: str, stored: dict[str, str]
) -> None:
    """Create `stored_<table>`: the columns that the export has, typed.

    Args:
        con: connection with the view `raw_<table>` and the type `money`.
        profile: how to read it.
        table: entry or settlement.
        stored: the exported type of each of our columns that is there.
    """
    is_entry = table == "entry"
    con.execute(
        sql.text("exports", _amount(stored["amount" if is_entry else "settled_amount"], profile))
    )
    con.execute(sql.text("exports", _day(stored["effective_date" if is_entry else "week_start"])))
    con.execute(
        sql.text("exports", _instant(stored["recorded_at" if is_entry else "settled_at"], profile))
    )
    typed = con.sql(sql.text("exports", table), params=_parameters(profile, is_entry=is_entry))
    kept = [ColumnExpression(name) for name in typed.columns if name in stored]
    typed.select(*kept).create(f"stored_{table}")


def view(con: duckdb.DuckDBPyConnection, profile: Profile, table: str) -> None:
    """Create the table as a view: what is stored, and what the export does not have."""
    stored = con.table(f"stored_{table}")
    required, optional = COLUMNS[table]
    absent = {
        "currency": ConstantExpression(profile.money_currency),
        "observed": ConstantExpression(None).cast(con.type("money")),
        "committed_at": ConstantExpression(None).cast("TIMESTAMP"),
    }
    nothing = ConstantExpression(None).cast("VARCHAR")
    stored.select(
        *(
            ColumnExpression(name)
            if name in stored.columns
            else absent.get(name, nothing).alias(name)
            for name in required + optional
        )
    ).create_view(table)


def _amount(stored: str, profile: Profile) -> str:
    """The macro that reads an amount stored as that type."""
    unit = "_minor" if profile.money_unit == "minor" else ""
    return f"amount_{'text' if stored == 'VARCHAR' else 'stored'}{unit}"


def _day(stored: str) -> str:
    return "day_text" if stored == "VARCHAR" else "day_stored"


def _instant(stored: str, profile: Profile) -> str:
    if stored == "VARCHAR" and profile.csv_timestamp_format:
        return "instant_form"
    return "instant_utc" if stored == "TIMESTAMP" and profile.clock_zone == "UTC" else "instant_any"


def _parameters(profile: Profile, *, is_entry: bool) -> dict[str, Any]:
    mark = re.escape(profile.csv_decimal)
    decimals_max = profile.money_scale if profile.money_unit == "major" else 0
    shared: dict[str, Any] = {
        "amount_pattern": rf"[+-]?[0-9]+({mark}[0-9]{{0,{decimals_max}}}0*)?",
        "decimal": profile.csv_decimal,
        "unit_factor": profile.unit_factor,
        "date_format": profile.csv_date_format,
        "timestamp_format": profile.csv_timestamp_format,
        "currency": profile.money_currency,
    }
    if is_entry:
        shared["kind_entry"] = list(profile.kinds_entry)
        shared["kind_counter"] = list(profile.kinds_counter)
        shared["kind_correction"] = list(profile.kinds_correction)
    return shared


if TYPE_CHECKING:
    import pandas as pd

_LOG: Final = logging.getLogger(__name__)


class Input(NamedTuple):
    """Control totals of one input table. `totals` are sums of accepted amounts by currency."""

    table: str
    name: str
    path: str
    bytes: int
    sha256: str
    rows_read: int
    rows_accepted: int
    rows_rejected: int
    first_id: str
    last_id: str
    totals: tuple[tuple[str, Decimal], ...]


class Ledger:
    """A DuckDB connection with the typed tables of one export.

    Attributes:
        con: the connection; the tables `entry` and `settlement` are in it.
        profile: how the export was read.
        inputs: control totals, entries first.
        rejected: rows not accepted, in the order of file and line.
    """

    def __init__(self, con: duckdb.DuckDBPyConnection, profile: Profile) -> None:
        """Wrap a connection; `read` makes a whole ledger."""
        self.con = con
        self.profile = profile
        self.inputs: tuple[Input, ...] = ()
        self.rejected: tuple[rejected.Rejected, ...] = ()

    @classmethod
    def read(cls, folder: str | Path, profile: Profile) -> "Ledger":
        """Read an export.

        Raises:
            Fault: files or columns are missing or ambiguous, or money is stored as a float.
        """
        _LOG.info("reading %s", folder)
        ledger = cls(connect(profile), profile)
        read = [_table(ledger, Path(folder), table) for table in ("entry", "settlement")]
        _unify_ids(ledger.con)
        for table in ("entry", "settlement"):
            view(ledger.con, profile, table)
        ledger.rejected = tuple(row for _, rows in read for row in rows)
        ledger.inputs = tuple(_totals(ledger.con, source, rows) for source, rows in read)
        return ledger

    def sql(self, query: str, /, **parameters: object) -> "pd.DataFrame":
        """Run a query over the named tables; `$name` in it is bound to the argument `name`.

        Amounts come back as exact `Decimal`, instants as UTC without a zone.

        Example:
            `ledger.sql("SELECT * FROM entry WHERE account_id = $account", account=35)`
        """
        import pandas as pd  # noqa: PLC0415  only a notebook needs it, and it is slow to import

        result = self.con.cursor().execute(query, parameters or None)
        columns = {column[0]: str(column[1]) for column in result.description or ()}
        frame = pd.DataFrame(result.fetchall(), columns=list(columns))
        for name, kind in columns.items():
            if kind.startswith("TIMESTAMP"):
                frame[name] = pd.to_datetime(frame[name])
        return frame


def connect(profile: Profile) -> duckdb.DuckDBPyConnection:
    """An empty in-memory database set up for a profile: its time zone and its type of money."""
    con = duckdb.connect()
    con.execute("SET TimeZone = $zone", {"zone": profile.clock_zone})
    # The scale of money is a type's parameter, the one thing that cannot be bound.
    con.execute(f"CREATE TYPE money AS DECIMAL(18, {profile.money_scale:d})")
    con.execute(sql.text("exports", "week_of"))
    return con


def _table(
    ledger: Ledger, folder: Path, table: str
) -> tuple[export.Source, list[rejected.Rejected]]:
    profile, con = ledger.profile, ledger.con
    given_names = names(profile, table)
    required, optional = COLUMNS[table]
    delimiter = profile.csv_delimiter
    pattern = profile.entries_file if table == "entry" else profile.settlements_file
    source = export.source(folder, table, pattern, delimiter)
    stored = export.open_raw(con, source, given_names, optional, delimiter)
    try:
        store(con, profile, table, stored)
    except duckdb.Error as error:
        found = str(error).splitlines()[0]
        todo = "export it again"
        raise Fault(
            "file cannot be read", where=source.path.name, found=found, todo=todo
        ) from error
    rows = (
        rejected.unread(con, source, profile, sql.text("exports", f"unread_{table}"))
        if source.is_csv
        else []
    )
    given: dict[str, object] = {"week_offset_days": profile.week_offset_days}
    if table == "entry":
        given = {"is_ascending": con.execute(sql.text("exports", "is_ascending")).fetchall()[0][0]}
    bad = con.execute(sql.text("exports", f"rejected_{table}"), given).fetchall()
    if bad:
        rows += rejected.explain(
            con, source, profile, required, bad, sql.text("exports", f"raw_{table}")
        )
        con.execute(
            sql.text("exports", f"drop_{table}"), {"row_numbers": [number for number, *_ in bad]}
        )
    return source, sorted(rows, key=lambda row: row.line)


def _unify_ids(con: duckdb.DuckDBPyConnection) -> None:
    """Make ids whole numbers where all of them are, text otherwise; both tables alike."""
    ids = con.table("stored_entry").select("entry_id", "account_id").types
    ids += con.table("stored_settlement").select("account_id").types
    if set(map(str, ids)) == {"BIGINT"}:
        return
    ((entry_ids, account_ids),) = con.execute(sql.text("exports", "whole_number_ids")).fetchall()
    con.execute(sql.text("exports", "entry_id_bigint" if entry_ids else "entry_id_varchar"))
    con.execute(sql.text("exports", "account_id_bigint" if account_ids else "account_id_varchar"))


def _totals(
    con: duckdb.DuckDBPyConnection, source: export.Source, rows: list[rejected.Rejected]
) -> Input:
    totals = con.execute(sql.text("exports", f"totals_{source.table}")).fetchall()
    accepted = sum(count for _, count, *_ in totals)
    return Input(
        table=source.table,
        name=source.path.name,
        path=str(source.path),
        bytes=source.bytes,
        sha256=source.sha256,
        rows_read=accepted + len(rows),
        rows_accepted=accepted,
        rows_rejected=len(rows),
        first_id=min((first for *_, first, _ in totals), default=""),
        last_id=max((last for *_, last in totals), default=""),
        totals=tuple((currency, total) for currency, _, total, *_ in totals),
    )


def profile_of(folder: str | Path, name: str) -> Profile:
    """The profile of that name or path; without one, the built-in one that fits the export."""
    return profiles.load(name or _fitting(Path(folder)))


def _fitting(folder: Path) -> str:
    """The built-in profile whose entries file is in the folder."""
    export.demand_folder(folder)
    fitting = []
    for name in profiles.built_in():
        try:
            export.locate(folder, profiles.load(name).entries_file)
        except Fault:
            continue
        fitting.append(name)
    if len(fitting) != 1:
        raise Fault(
            "cannot tell which profile fits",
            where=str(folder),
            expected="the files of exactly one built-in profile",
            found=", ".join(fitting) or "the files of none",
            todo=f"give --profile: {', '.join(profiles.built_in())}, or a TOML file",
        )
    return fitting[0]
