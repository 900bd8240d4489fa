"""Recorded exports with their truth as plain records, and how they are written as files again."""

import csv
import gzip
import json
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import duckdb

RAILS = Path(__file__).parents[2] / "data" / "rails"
EXPORTS = tuple(sorted(p.name for p in RAILS.iterdir()))
CAUSES = {
    "query_cache_stale": "stale_read",
    "race_read_before_commit": "race",
    "job_retried_after_insert": "repeated_job",
}


class Entry(NamedTuple):
    """A row of the ledger; the fields are our column names. Amounts are in major units."""

    entry_id: str
    account_id: str
    effective_date: date
    amount: Decimal
    kind: str
    recorded_at: datetime
    job_id: str
    memo: str
    currency: str
    answers: str


class Settlement(NamedTuple):
    """A settled week."""

    account_id: str
    week_start: date
    settled_amount: Decimal
    settled_at: datetime
    currency: str


class Wrong(NamedTuple):
    """A counter-entry that the truth calls wrong; `is_masked` if its day was healed later."""

    account_id: str
    currency: str
    effective_date: date
    amount: Decimal
    expected: Decimal
    cause: str
    is_masked: bool


class Look(NamedTuple):
    """How an export is written: names, formats, marks. `columns` and `kinds` rename."""

    columns: tuple[tuple[str, str], ...] = ()
    kinds: tuple[str, str] = ("entry", "counter")
    files: tuple[str, str] = ("entries", "settlements")
    suffix: str = ".csv"
    delimiter: str = ","
    decimal: str = "."
    date_format: str = "%Y-%m-%d"
    timestamp_format: str = "%Y-%m-%dT%H:%M:%S.%fZ"
    is_iso: bool = True
    zone: str = "UTC"
    scale: int = 2
    unit: str = "major"
    currency: str = "EUR"
    week_start: str = "monday"
    left_out: tuple[str, ...] = ("answers", "currency")


class Export(NamedTuple):
    """A ledger with its settlements, what is wrong in it, and how it is written."""

    name: str
    entries: tuple[Entry, ...]
    settlements: tuple[Settlement, ...]
    wrong: tuple[Wrong, ...]
    compensating: int
    look: Look = Look()


def read(name: str) -> Export:
    """Read one of the recorded exports."""
    truth = json.loads((RAILS / name / "truth.json").read_text("utf-8"))
    entries = [
        Entry(
            r["id"],
            r["user_id"],
            date.fromisoformat(r["date"]),
            Decimal(r["amount"]),
            r["kind"],
            datetime.fromisoformat(r["created_at"]),
            r["job_id"],
            r["memo"],
            "EUR",
            "",
        )
        for r in _records(RAILS / name / "ledgers.csv")
    ]
    settlements = [
        Settlement(
            r["user_id"],
            date.fromisoformat(r["week_start"]),
            Decimal(r["amount"]),
            datetime.fromisoformat(r["settled_at"]),
            "EUR",
        )
        for r in _records(RAILS / name / "settlements.csv")
    ]
    wrong = tuple(_wrong(r) for r in truth["wrong_counters"])
    compensating = len(truth["compensating_counters"])
    return Export(name, tuple(entries), tuple(settlements), wrong, compensating)


def _records(path: Path) -> Iterable[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _wrong(r: dict[str, Any]) -> Wrong:
    return Wrong(
        str(r["user_id"]),
        "EUR",
        date.fromisoformat(r["date"]),
        Decimal(r["amount"]),
        Decimal(r["correct_amount"]),
        CAUSES[r["cause"]],
        r["day_later_compensated"],
    )


def write(export: Export, folder: Path) -> Path:
    """Write an export into `folder/export`, and `folder/profile.toml`, whose path it returns."""
    look = export.look
    files = folder / "export"
    files.mkdir(parents=True)
    _write(files / look.files[0], export.entries, look)
    _write(files / look.files[1], export.settlements, look)
    (folder / "profile.toml").write_text(profile(look), "utf-8")
    return folder / "profile.toml"


def profile(look: Look) -> str:
    """The profile that reads what is written so."""
    columns = {ours: theirs for ours, theirs in look.columns if ours not in look.left_out}
    of_entries = {n: t for n, t in columns.items() if n in Entry._fields}
    of_settlements = {n: t for n, t in columns.items() if n in Settlement._fields}
    lines = [
        "[entries]",
        f'file = "{look.files[0]}.*"',
        "[entries.columns]",
        *(f'{ours} = "{theirs}"' for ours, theirs in of_entries.items()),
        "[entries.kinds]",
        f'entry = ["{look.kinds[0]}"]',
        f'counter = ["{look.kinds[1]}"]',
        "[settlements]",
        f'file = "{look.files[1]}.*"',
        "[settlements.columns]",
        *(f'{ours} = "{theirs}"' for ours, theirs in of_settlements.items()),
        "[csv]",
        f'delimiter = "{look.delimiter}"'.replace("\t", "\\t"),
        f'decimal = "{look.decimal}"',
        f'date_format = "{look.date_format}"',
        f'timestamp_format = "{"" if look.is_iso else look.timestamp_format}"',
        "[money]",
        f"scale = {look.scale}",
        f'unit = "{look.unit}"',
        f'currency = "{look.currency}"',
        "[calendar]",
        f'week_start = "{look.week_start}"',
        "[clock]",
        f'zone = "{look.zone}"',
    ]
    return "\n".join(lines) + "\n"


def _write(path: Path, rows: tuple[Entry, ...] | tuple[Settlement, ...], look: Look) -> None:
    names = [n for n in rows[0]._fields if n not in look.left_out]
    theirs = dict(look.columns)
    header = [theirs.get(n, n) for n in names]
    texts = ([_text(n, v, look) for n, v in zip(r._fields, r, strict=True)] for r in rows)
    kept = [rows[0]._fields.index(n) for n in names]
    is_parquet = look.suffix.endswith("parquet")
    target = path.with_name(path.name + (".csv" if is_parquet else look.suffix))
    opened = gzip.open if target.name.endswith(".gz") else Path.open
    with opened(target, "wt", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=look.delimiter, lineterminator="\n")
        writer.writerow(header)
        writer.writerows([text[i] for i in kept] for text in texts)
    if is_parquet:
        _to_parquet(target, path, dict(zip(names, header, strict=True)), look)
        target.unlink()


def _to_parquet(source: Path, path: Path, header: dict[str, str], look: Look) -> None:
    money = f"DECIMAL(18, {look.scale})" if look.unit == "major" else "BIGINT"
    kinds = {"effective_date": "DATE", "week_start": "DATE", "amount": money}
    kinds |= {"settled_amount": money, "recorded_at": "TIMESTAMPTZ", "settled_at": "TIMESTAMPTZ"}
    types = {theirs: kinds.get(ours, "VARCHAR") for ours, theirs in header.items()}
    with duckdb.connect() as con:
        rows = con.read_csv(str(source), columns=types, auto_detect=False, header=True)
        if look.suffix == ".parquet":
            rows.write_parquet(str(path) + ".parquet")
            return
        path.mkdir()  # a folder of parts
        (count,) = rows.count("*").fetchall()[0]
        half = count // 2
        rows.limit(half).write_parquet(str(path / "part-0.parquet"))
        rows.limit(count - half, half).write_parquet(str(path / "part-1.parquet"))


def _text(name: str, value: object, look: Look) -> str:
    if isinstance(value, datetime):
        local = value.astimezone(ZoneInfo(look.zone))
        is_iso = look.timestamp_format == "ISO 8601"
        return local.isoformat() if is_iso else local.strftime(look.timestamp_format)
    if isinstance(value, date):
        return value.strftime(look.date_format)
    if isinstance(value, Decimal):
        if look.unit == "minor":
            return str(int(value.scaleb(look.scale)))
        return f"{value:.{look.scale}f}".replace(".", look.decimal)
    if name == "kind":
        return look.kinds[value == "counter"]
    return str(value)
