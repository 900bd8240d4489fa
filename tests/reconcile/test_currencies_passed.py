"""Several currencies, one for each settled account, give with the pass what the steps give."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
from eventful import Eventful, as_parquet
from two_ways import PROFILE, holds

from settle_core.audit import audit
from settle_core.errors import Fault
from settle_core.exports.arrays import whole_pass

CODES = ("EUR", "USD", "CHF")


def of_account(row: dict[str, str], _: int) -> str:
    return CODES[int(row["account_id"]) % 3]


def mostly(row: dict[str, str], number: int) -> str:
    """Now and then a row is in a currency that its account is not settled in."""
    return "SEK" if number % 40 == 7 else of_account(row, number)


def told(path: Path, currency: Callable[[dict[str, str], int], str]) -> None:
    """Write a file anew, with a column of currencies."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [*rows[0], "currency"])
        writer.writeheader()
        writer.writerows(row | {"currency": currency(row, k)} for k, row in enumerate(rows))


def made(
    tmp_path: Path,
    seed: int,
    entries: Callable[[dict[str, str], int], str],
    settlements: Callable[[dict[str, str], int], str] = of_account,
) -> dict[str, Any]:
    ledger = Eventful(seed, accounts=12)
    if seed % 2:  # two weeks were settled again, one of them at another amount
        account, week, amount, at = ledger.settlements[3]
        ledger.settlements += [(account, week, amount + 500, at), ledger.settlements[8]]
    ledger.write(tmp_path / "csv", has_answers=seed % 2 == 0)
    told(tmp_path / "csv" / "entries.csv", entries)
    told(tmp_path / "csv" / "settlements.csv", settlements)
    as_parquet(tmp_path / "csv", tmp_path / "parquet")
    (tmp_path / "profile.toml").write_text(PROFILE, "utf-8")
    return {"profile": str(tmp_path / "profile.toml")}


@pytest.mark.parametrize(
    ("seed", "form", "currency", "scope"),
    [
        (51, "csv", of_account, {}),
        (52, "parquet", of_account, {}),
        (53, "parquet", mostly, {}),
        (54, "parquet", mostly, {"as_of": "2026-01-25T12:00Z"}),
        (55, "csv", mostly, {"weeks": "2026-01-12:2026-01-19"}),
    ],
)
def test_currencies_give_the_same_with_the_pass(  # noqa: PLR0913, PLR0917
    seed: int,
    form: str,
    currency: Callable[[dict[str, str], int], str],
    scope: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given = made(tmp_path, seed, currency) | {"export": str(tmp_path / form)} | scope
    found = holds(monkeypatch, given, is_stored=form == "csv" or bool(scope))
    assert {each.currency for each in found["findings"]} == {*CODES}


def test_an_account_settled_in_two_currencies_is_for_the_steps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def currency(row: dict[str, str], number: int) -> str:
        return "SEK" if number == 20 else of_account(row, number)

    given = made(tmp_path, 56, of_account, currency) | {"export": str(tmp_path / "csv")}
    holds(monkeypatch, given, is_passed=False)


@pytest.mark.parametrize("rows_min", [0, 10**12], ids=["passed", "steps"])
def test_a_currency_that_is_read_wrongly_is_seen_among_a_thousand_weeks_of_another(
    rows_min: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(whole_pass, "ROWS_MIN", rows_min)
    rows = """
        SELECT
            CAST(a AS BIGINT) AS account_id, DATE '2026-01-05' + 7 * CAST(w AS INTEGER) AS day,
            CAST((a * 37 + w * 11) % 900 - 300 AS DECIMAL(18, 2)) AS amount,
            IF(a = 17, 'CHF', 'EUR') AS currency
        FROM RANGE(250) AS of_account (a), RANGE(5) AS of_week (w)
    """
    entries = """
        SELECT
            ROW_NUMBER() OVER (ORDER BY day, account_id) AS entry_id, account_id,
            day AS effective_date, amount, 'entry' AS kind,
            CAST(day AS TIMESTAMP) + INTERVAL 9 HOUR AS recorded_at, currency
        FROM row_of
    """
    settlements = """
        SELECT
            account_id, day AS week_start, currency,
            CAST(IF(currency = 'CHF', 100, 1) * amount AS DECIMAL(18, 2)) AS settled_amount,
            CAST(day AS TIMESTAMP) + INTERVAL 7 DAY AS settled_at
        FROM row_of
    """
    with duckdb.connect() as con:
        con.sql(rows).create_view("row_of")
        con.sql(entries).write_parquet(str(tmp_path / "entries.parquet"))
        con.sql(settlements).write_parquet(str(tmp_path / "settlements.parquet"))
    with pytest.raises(Fault, match="currency CHF"):
        audit.run(tmp_path, "canonical")
