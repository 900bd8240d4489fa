"""A book on each of the two databases, and its rows as they are read around it."""

import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pytest

from settle_core import sql
from settle_core.balancing.book import Book

TABLES = {
    "account": "SELECT * FROM settle.account ORDER BY account_id, currency",
    "entry": "SELECT * FROM settle.entry ORDER BY entry_id",
    "settlement": "SELECT * FROM settle.settlement ORDER BY account_id, currency, week_start",
}
TRIGGER = re.compile(r"CREATE TRIGGER (\w+) AFTER \w+ ON ([\w.]+)")


@pytest.fixture(params=["duckdb", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "duckdb":
        return str(tmp_path / "book.duckdb")
    address: str = request.getfixturevalue("database")
    return address


@pytest.fixture
def book(url: str) -> Iterator[Book]:
    with Book.open(url) as opened:
        yield opened


def rows(url: str, table: str = "entry") -> list[dict[str, Any]]:
    """All rows of a table, read around the book."""
    if url.startswith("postgresql:"):
        with psycopg.connect(url) as con:
            got = con.execute(TABLES[table].encode())
            names = [column.name for column in got.description or ()]
            return [dict(zip(names, row, strict=True)) for row in got.fetchall()]
    with duckdb.connect(url) as embedded:
        relation = embedded.sql(TABLES[table])
        return [dict(zip(relation.columns, row, strict=True)) for row in relation.fetchall()]


def execute(url: str, *statements: str) -> None:
    """Write around the book, each statement by itself."""
    if url.startswith("postgresql:"):
        with psycopg.connect(url, autocommit=True) as con:
            for statement in statements:
                con.execute(statement.encode())
    else:
        with duckdb.connect(url) as embedded:
            for statement in statements:
                embedded.execute(statement)


def harm(url: str, *statements: str) -> None:
    """Write past the guards, as who owns the tables can: switch them off, and on again."""
    if url.startswith("postgresql:"):
        on = re.findall(
            r"^ALTER TABLE.*?;", sql.text("balancing", "postgres_guards"), re.MULTILINE | re.DOTALL
        )
        off = [text.replace("ENABLE ALWAYS", "DISABLE") for text in on]
    else:
        guards = sql.text("balancing", "duckdb_guards")
        on = re.findall(r"^CREATE TRIGGER.*?;", guards, re.MULTILINE | re.DOTALL)
        off = [f"DROP TRIGGER {' ON '.join(TRIGGER.findall(text)[0])}" for text in on]
    execute(url, *off, *statements, *on)


def total(url: str, account: str) -> Decimal:
    return sum((r["amount"] for r in rows(url) if r["account_id"] == account), Decimal(0))
