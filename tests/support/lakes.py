"""Exports in Parquet, plain and hostile ones, as lakes hold them."""

import shutil
from pathlib import Path
from typing import NamedTuple

import duckdb
from eventful import Eventful, as_parquet


class Lake(NamedTuple):
    """How an export is changed.

    Attributes:
        entries: columns of its entries, in SQL.
        settlements: likewise.
        profile: keys of its profile.
        kept: which entries are kept.
        settled: which settlements.
    """

    entries: str = "*"
    settlements: str = "*"
    profile: str = ""
    kept: str = "TRUE"
    settled: str = "TRUE"


NIGHT = (
    (
        "* REPLACE (effective_date + 280 AS effective_date,"
        " CASE WHEN entry_id % 3 = 0"
        " THEN TIMESTAMP '{night}' + INTERVAL (entry_id) MINUTE"
        " ELSE CAST(recorded_at AS TIMESTAMP) + INTERVAL 280 DAY END AS recorded_at)"
    ),
    (
        "* REPLACE (week_start + 280 AS week_start,"
        " CASE WHEN account_id % 2 = 0 THEN TIMESTAMP '{night}' + INTERVAL (60 + account_id) MINUTE"
        " ELSE CAST(settled_at AS TIMESTAMP) + INTERVAL 280 DAY END AS settled_at)"
    ),
)
BERLIN = '[clock]\nzone = "Europe/Berlin"\n'
AUTUMN, SPRING = "2026-10-25 01:00", "2027-03-28 01:00"


def night(at: str, zone: str = BERLIN) -> Lake:
    """Rows around the night on which the clocks change, without a zone."""
    entries, settlements = (columns.format(night=at) for columns in NIGHT)
    return Lake(entries, settlements, zone)


# What the pass takes.
PLAIN = {
    "plain": Lake(),
    "changed, with gaps": Lake(
        "* REPLACE (CASE WHEN entry_id % 17 = 0 THEN amount + 1 ELSE amount END AS amount)",
        kept="entry_id % 13 <> 0",
    ),
    "some accounts are not settled": Lake(settled="account_id % 4 <> 0"),
    "some weeks are not settled": Lake(settled="account_id > 3 OR week_start = '2026-01-05'"),
    "ids far apart, in no order": Lake(
        "* REPLACE (entry_id * 7919 - 900000 AS entry_id) ORDER BY hash(entry_id)"
    ),
    "a night in autumn": night(AUTUMN),
    "a night in spring": night(SPRING),
    "a night of half an hour": night("2027-04-04 01:00", '[clock]\nzone = "Australia/Lord_Howe"\n'),
    "instants with a zone": Lake(profile=BERLIN),
    "cents": Lake(
        "* REPLACE (CAST(amount * 100 AS INTEGER) AS amount)",
        "* REPLACE (CAST(settled_amount * 100 AS BIGINT) AS settled_amount)",
        '[money]\nunit = "minor"\n',
    ),
    "three decimals, all zero": Lake("* REPLACE (CAST(amount AS DECIMAL(20, 3)) AS amount)"),
    "small whole numbers": Lake(
        "* REPLACE (CAST(entry_id AS INTEGER) AS entry_id, CAST(account_id AS SMALLINT) AS"
        " account_id)",
    ),
    "other words for kinds": Lake(
        "* REPLACE (CASE kind WHEN 'entry' THEN 'it''s \\ one' ELSE '' END AS kind)",
        profile='[entries.kinds]\nentry = ["it\'s \\\\ one", "x"]\n'
        'counter = [""]\ncorrection = []\n',
    ),
    "no jobs, or words for none": Lake(
        "* REPLACE (CASE entry_id % 4 WHEN 0 THEN NULL WHEN 1 THEN '' WHEN 2 THEN 'NULL' ELSE"
        " job_id END AS job_id)",
    ),
    "a currency in one table": Lake("*, 'USD' AS currency"),
    "answers": Lake("*, CASE WHEN entry_id % 3 = 0 THEN '007' ELSE entry_id END AS answers"),
    "instants on the settlement": Lake(
        "* REPLACE (TIMESTAMPTZ '2026-01-19 03:00+00' AS recorded_at)",
        "* REPLACE (TIMESTAMPTZ '2026-01-19 03:00+00' AS settled_at)",
    ),
}
# What it cannot take, so that the steps do it.
OTHER = {
    "ids as text": Lake("* REPLACE (CAST(entry_id AS VARCHAR) AS entry_id)"),
    "accounts as text": Lake(
        "* REPLACE ('a' || account_id AS account_id)", "* REPLACE ('a' || account_id AS account_id)"
    ),
    "an id is missing": Lake("* REPLACE (NULLIF(entry_id, 20) AS entry_id)"),
    "an account is missing": Lake("* REPLACE (NULLIF(account_id, 3) AS account_id)"),
    "an id is there twice": Lake(
        "* REPLACE (CASE entry_id WHEN 21 THEN 20 ELSE entry_id END AS entry_id)"
    ),
    "an amount of three decimals": Lake(
        "* REPLACE (CASE WHEN entry_id = 9 THEN 1.005 ELSE CAST(amount AS DECIMAL(20, 3)) END AS"
        " amount)"
    ),
    "an amount too large": Lake(
        "* REPLACE (CASE WHEN entry_id = 9 THEN 12345678901234567.00 ELSE CAST(amount AS"
        " DECIMAL(28, 2)) END AS amount)"
    ),
    "instants as text": Lake(
        "* REPLACE (strftime(recorded_at, '%Y-%m-%dT%H:%M:%S.%fZ') AS recorded_at)"
    ),
    "two currencies": Lake("*, CASE WHEN account_id < 5 THEN 'USD' ELSE 'EUR' END AS currency"),
    "a kind that is none": Lake(
        "* REPLACE (CASE entry_id WHEN 9 THEN 'Entry' ELSE kind END AS kind)"
    ),
    "a day before 1900": Lake(
        "* REPLACE (CASE entry_id WHEN 9 THEN DATE '1582-10-10' ELSE effective_date END AS"
        " effective_date)"
    ),
    "accounts at the end of whole numbers": Lake(
        "* REPLACE (account_id - 9223372036854775805 AS account_id)",
        "* REPLACE (account_id - 9223372036854775805 AS account_id)",
    ),
    "instants of nanoseconds": Lake("* REPLACE (CAST(recorded_at AS TIMESTAMP_NS) AS recorded_at)"),
}


def write(lake: Lake, folder: Path, seed: int = 1) -> tuple[Path, Path]:
    """Write an export and its profile; their paths."""
    Eventful(seed, accounts=15).write(folder / "csv")
    as_parquet(folder / "csv", folder / "plain")
    export, profile = folder / "export", folder / "profile.toml"
    export.mkdir()
    with duckdb.connect() as con:
        con.execute("SET TimeZone = 'UTC'")
        for name, columns, kept in (
            ("entries", lake.entries, lake.kept),
            ("settlements", lake.settlements, lake.settled),
        ):
            con.read_parquet(str(folder / f"plain/{name}.parquet")).create_view(name)
            what, order, by = columns.partition(" ORDER BY ")
            query = f"SELECT {what} FROM {name} WHERE {kept}{order}{by}"  # noqa: S608
            con.sql(query).write_parquet(str(export / f"{name}.parquet"))
    told = (
        '[entries]\nfile = "entries.*"\n[settlements]\nfile = "settlements.*"\nagreement = "any"\n'
    )
    profile.write_text(told + lake.profile, "utf-8")
    return export, profile


def from_csv(folder: Path, out: Path) -> None:
    """Write an export's CSV as Parquet, typed."""
    out.mkdir()
    with duckdb.connect() as con:
        con.execute("SET TimeZone = 'UTC'")
        for path in sorted(folder.glob("*.csv")):
            texts = {"job_id": "VARCHAR", "kind": "VARCHAR", "memo": "VARCHAR"}
            has = [name for name in con.read_csv(str(path)).columns if name in texts]
            rows = con.read_csv(str(path), dtype={name: texts[name] for name in has})
            if "amount" in rows.columns:
                rows = rows.select(
                    duckdb.StarExpression(exclude=["amount"]),
                    duckdb.ColumnExpression("amount").cast("DECIMAL(12, 2)").alias("amount"),
                )
                rows.write_parquet(str(out / f"{path.stem}.parquet"))


def partitioned(export: Path, by: str, out: Path, *, is_kept: bool = True) -> Path:
    """The same export, its entries in folders by a column."""
    out.mkdir()
    shutil.copy(export / "settlements.parquet", out)
    with duckdb.connect() as con:
        con.execute("SET TimeZone = 'UTC'")
        con.read_parquet(str(export / "entries.parquet")).write_parquet(
            str(out / "entries"), partition_by=by.split(), write_partition_columns=is_kept
        )
    return out
