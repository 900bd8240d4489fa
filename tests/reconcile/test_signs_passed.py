"""Amounts whose sign stands in another column give with the pass what the steps give."""

import csv
from pathlib import Path

import duckdb
import pytest
from eventful import Eventful
from two_ways import PROFILE, holds

DEBIT_CREDIT = '{ debit = "debit", credit = "credit", positive = "credit" }'
TYPES = {
    "amount": "DECIMAL(18, 2)",
    "debit": "DECIMAL(18, 2)",
    "credit": "DECIMAL(18, 2)",
    "entry_id": "BIGINT",
    "account_id": "BIGINT",
}
DIRECTION = '{ column = "amount", direction = "side", plus = ["H"], minus = ["S"] }'


def signed(path: Path, name: str) -> None:
    """Write a file anew, its amount as debit and credit, and as an amount and its side."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        told = row.pop(name)
        is_minus, amount = told.startswith("-"), told.removeprefix("-")
        row["debit"], row["credit"] = (amount, "") if is_minus else ("", amount)
        row["amount"], row["side"] = amount, "S" if is_minus else "H"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def as_parquet(csv_path: Path, path: Path) -> None:
    """Write a file as Parquet, its numbers as numbers."""
    path.parent.mkdir(exist_ok=True)
    with duckdb.connect() as con:
        rows = con.read_csv(str(csv_path), all_varchar=True)
        kinds = {name: TYPES.get(name, "VARCHAR") for name in rows.columns}
        rows.select(
            *(duckdb.ColumnExpression(name).cast(kind).alias(name) for name, kind in kinds.items())
        ).write_parquet(str(path))


@pytest.mark.parametrize(
    ("entries", "settlements", "form"),
    [(DIRECTION, DEBIT_CREDIT, "csv"), (DEBIT_CREDIT, DEBIT_CREDIT, "parquet")],
)
def test_signs_give_the_same_with_the_pass(
    entries: str, settlements: str, form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A settled amount of debit less credit was read as half of a number twice as wide."""
    Eventful(61, accounts=5).write(tmp_path / "csv", has_answers=True)
    signed(tmp_path / "csv" / "entries.csv", "amount")
    signed(tmp_path / "csv" / "settlements.csv", "settled_amount")
    for name in ("entries", "settlements"):
        as_parquet(tmp_path / "csv" / f"{name}.csv", tmp_path / "parquet" / f"{name}.parquet")
    profile = PROFILE.replace("[settlements]", f"amount = {entries}\n[settlements]")
    (tmp_path / "ours.toml").write_text(f"{profile}amount = {settlements}\n", "utf-8")
    given = {"export": str(tmp_path / form), "profile": str(tmp_path / "ours.toml")}
    found = holds(monkeypatch, given, is_stored=form == "csv")
    assert found["findings"]
