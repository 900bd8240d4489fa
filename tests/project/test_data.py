"""The data folder is what its README says, and the sample adds up."""

import csv
import gzip
import hashlib
import json
import re
from collections import Counter
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

DATA = Path(__file__).parents[2] / "data"
README = (DATA / "README.md").read_text(encoding="utf-8")
SAMPLE = DATA / "sample"
FILE_ROW = re.compile(r"^\| `([\w./]+)` \| (\d+) \| \w+ \| `([0-9a-f]{64})` \|$", re.MULTILINE)
RUN_ROW = re.compile(r"^\| `(\w+)`((?: \| \d+){7}) \|$", re.MULTILINE)
LISTED = {name: (int(rows), sha256) for name, rows, sha256 in FILE_ROW.findall(README)}


def records(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def row_count(path: Path) -> int:
    if path.suffix in {".gz", ".log"}:
        text = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        return text.count(b"\n") - (".csv" in path.suffixes)
    if path.suffix == ".csv":
        return len(records(path))
    if path.suffix == ".parquet":
        return len(duckdb.read_parquet(str(path)).project("1").fetchall())
    truth = json.loads(path.read_text(encoding="utf-8"))
    return len(truth["wrong_counters"]) + len(truth["compensating_counters"])


def monday_of(day: str) -> str:
    parsed = date.fromisoformat(day)
    return (parsed - timedelta(days=parsed.weekday())).isoformat()


# What systems export: invented, small, and compared with its truth by the tests of the reading.
FORMATS = DATA / "formats"


def test_every_data_file_is_listed_and_every_listed_file_is_there() -> None:
    files = {p for p in DATA.rglob("*") if p.is_file() and FORMATS not in p.parents}
    assert set(LISTED) == {str(p.relative_to(DATA)) for p in files} - {"README.md"}


@pytest.mark.parametrize("name", LISTED)
def test_file_has_the_listed_rows_and_hash(name: str) -> None:
    path = DATA / name
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    assert (row_count(path), sha256) == LISTED[name]


def test_an_export_folder_has_one_file_for_a_name() -> None:
    stems = Counter((p.parent, p.name.split(".")[0]) for p in map(DATA.joinpath, LISTED))
    assert [key for key, files in stems.items() if files > 1] == []


def run_sizes(folder: Path) -> list[int]:
    """Late entries, of these in an unsettled week, counters; and what the truth counts."""
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))["counts"]
    rows = records(folder / "ledgers.csv")
    settled = {(r["user_id"], r["week_start"]) for r in records(folder / "settlements.csv")}
    late = [r for r in rows if r["memo"] == "late"]
    unsettled = [r for r in late if (r["user_id"], monday_of(r["date"])) not in settled]
    counters = sum(r["kind"] == "counter" for r in rows)
    told = [truth[k] for k in ("wrong_counters", "compensating", "days_off", "weeks_off")]
    return [len(late), len(unsettled), counters, *told]


def test_the_table_of_recorded_runs_holds() -> None:
    stated = {
        name: [int(n) for n in cells.split(" | ")[1:]] for name, cells in RUN_ROW.findall(README)
    }
    assert stated == {f.name: run_sizes(f) for f in (DATA / "rails").iterdir()}


def test_equal_counters_in_the_console_run_are_as_many_as_stated() -> None:
    rows = records(DATA / "rails/console/ledgers.csv")
    same = Counter((r["user_id"], r["date"], r["amount"]) for r in rows if r["kind"] == "counter")
    assert f"{sum(n == 2 for n in same.values())} such pairs in `console`" in README
    assert max(same.values()) == 2


@pytest.mark.parametrize("run", ["sidekiq_cached", "sidekiq_race"])
def test_days_that_look_healed_are_as_many_as_stated(run: str) -> None:
    truth = json.loads((DATA / "rails" / run / "truth.json").read_text(encoding="utf-8"))
    off = {(r["user_id"], r["date"]) for r in truth["day_residuals"]}
    healed = {(w["user_id"], w["date"]) for w in truth["wrong_counters"]} - off
    assert re.search(rf"\b{len(healed)} (?:days )?in `{run}`", README)


def as_csv(value: object) -> str:
    if value is None:
        return ""
    return f"{value:%Y-%m-%dT%H:%M:%S.%fZ}" if isinstance(value, datetime) else str(value)


def parquet_records(path: Path) -> list[dict[str, str]]:
    """Rows with each value as the CSV file writes it."""
    with duckdb.connect() as con:
        con.execute("SET TimeZone = 'UTC'")
        # Without the cast an instant needs pytz to become a datetime.
        rows = con.execute(
            "SELECT COLUMNS(lambda c: c NOT LIKE '%_at'),"
            " CAST(COLUMNS(lambda c: c LIKE '%_at') AS TIMESTAMP) FROM read_parquet($path)",
            {"path": str(path)},
        )
        names = [name for name, *_ in rows.description]
        return [dict(zip(names, map(as_csv, row), strict=True)) for row in rows.fetchall()]


@pytest.mark.parametrize("table", ["entries", "settlements"])
def test_sample_is_the_same_in_csv_and_parquet(table: str) -> None:
    parquet = parquet_records(DATA / "sample_parquet" / f"{table}.parquet")
    assert parquet == records(SAMPLE / f"{table}.csv")


def test_sample_parquet_is_typed() -> None:
    def types(table: str) -> dict[str, str]:
        relation = duckdb.read_parquet(str(DATA / "sample_parquet" / f"{table}.parquet"))
        return dict(zip(relation.columns, map(str, relation.types), strict=True))

    entries, settlements = types("entries"), types("settlements")
    assert entries["amount"] == settlements["settled_amount"] == "DECIMAL(18,2)"
    assert entries["effective_date"] == settlements["week_start"] == "DATE"
    assert entries["recorded_at"] == settlements["settled_at"] == "TIMESTAMP WITH TIME ZONE"


def week_sum(settlement: dict[str, str], *, at_settlement: bool) -> Decimal:
    """Sum of the settled week's rows, now or as recorded until it was settled."""
    return sum(
        (
            Decimal(e["amount"])
            for e in records(SAMPLE / "entries.csv")
            if e["account_id"] == settlement["account_id"]
            and monday_of(e["effective_date"]) == settlement["week_start"]
            and (not at_settlement or e["recorded_at"] <= settlement["settled_at"])
        ),
        Decimal(0),
    )


def test_sample_was_settled_at_the_sum_of_what_was_recorded() -> None:
    for s in records(SAMPLE / "settlements.csv"):
        assert week_sum(s, at_settlement=True) == Decimal(s["settled_amount"])


def test_sample_has_one_broken_week_and_the_readme_tells_its_sums() -> None:
    broken = [
        (s["settled_amount"], str(week_sum(s, at_settlement=False)))
        for s in records(SAMPLE / "settlements.csv")
        if week_sum(s, at_settlement=False) != Decimal(s["settled_amount"])
    ]
    assert len(broken) == 1
    assert "The week was settled at {} and now sums to {}.".format(*broken[0]) in README
