"""A book of any earlier version of its tables is migrated in place when it is opened.

The stored books in tests/data/books were written by the library of their time: `1a` and `1b` are of
version 1, before and after it had views, and `2` is of version 2. Each has the same rows, its weeks
start on Wednesday, and a late entry in it waits for its counter-entry.
"""

import gzip
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pytest
from books import rows

from settle_core import sql
from settle_core.audit import audit
from settle_core.balancing import duckdb_schema, postgres_schema
from settle_core.balancing.book import Book
from settle_core.balancing.errors import BadBook
from settle_core.balancing.postings import Posting
from settle_core.balancing.store import VERSION

BOOKS = Path(__file__).parents[1] / "data/books"
VERSIONS = ("1a", "1b", "2")
WEDNESDAY = date(2026, 8, 5)
TABLES = ("account", "settlement", "entry")
# Of every object of the schema what it is made of, but for the order of a table's columns.
CATALOGUE = """
SELECT c.conrelid::regclass::text, c.conname, pg_get_constraintdef(c.oid)
FROM pg_constraint AS c WHERE c.connamespace = 'settle'::regnamespace
UNION ALL
SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'settle'
UNION ALL
SELECT p.proname, pg_get_function_identity_arguments(p.oid), md5(pg_get_functiondef(p.oid))
FROM pg_proc AS p WHERE p.pronamespace = 'settle'::regnamespace
UNION ALL
SELECT t.tgrelid::regclass::text, pg_get_triggerdef(t.oid), t.tgenabled::text
FROM pg_trigger AS t INNER JOIN pg_class AS r ON r.oid = t.tgrelid
WHERE r.relnamespace = 'settle'::regnamespace AND NOT t.tgisinternal
UNION ALL
SELECT viewname, '', definition FROM pg_views WHERE schemaname = 'settle'
UNION ALL
SELECT table_name, column_name,
    concat_ws(' ', data_type, domain_name, collation_name, is_nullable, column_default)
FROM information_schema.columns WHERE table_schema = 'settle'
ORDER BY 1, 2, 3
"""


@pytest.fixture(params=["duckdb", "postgres"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a stored book may be put."""
    if request.param == "duckdb":
        return str(tmp_path / "book.duckdb")
    address: str = request.getfixturevalue("database")
    return address


def put(version: str, where: str) -> None:
    if where.startswith("postgresql:"):
        with psycopg.connect(where, autocommit=True) as con:
            con.execute(gzip.decompress((BOOKS / f"postgres_{version}.sql.gz").read_bytes()))
    else:
        stored = (BOOKS / f"duckdb_{version}.duckdb.gz").read_bytes()
        Path(where).write_bytes(gzip.decompress(stored))


def opened(where: str) -> Book:
    return Book.open(where, week_start="wednesday")


def kept(where: str) -> dict[str, list[dict[str, Any]]]:
    return {
        table: [
            {name: value for name, value in row.items() if name != "was_late"}
            for row in rows(where, table)
        ]
        for table in TABLES
    }


def catalogue(url: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(url) as con:
        return con.execute(CATALOGUE.encode()).fetchall()


@pytest.mark.parametrize("version", VERSIONS)
def test_a_stored_book_is_migrated_and_goes_on(version: str, where: str, tmp_path: Path) -> None:
    put(version, where)
    before = kept(where)
    with opened(where) as book:
        assert kept(where) == before
        last = before["entry"][-1]["entry_id"]
        assert book.post("a", WEDNESDAY, 3, key="a 0 again").counter_id is not None
        assert book.post("a", date(2026, 8, 6), Decimal("2.25"), "late", job_id="j").entry_id < last
        assert [counter.amount for counter in book.balance()] == [Decimal("2.25")]
        book.correct(
            [
                Posting("a", WEDNESDAY, Decimal(1), key="one way"),
                Posting("a", WEDNESDAY, Decimal(-1), key="and back"),
            ]
        )
        assert min(e["entry_id"] for e in rows(where)[len(before["entry"]) :]) == last + 1
        audited = audit.run(book.export(tmp_path / "export"), calendar(tmp_path))
    assert audited.verdict == "reconciled"
    with opened(where) as again:  # and nothing is left to be migrated
        assert again.balance() == []


def calendar(folder: Path) -> str:
    """A profile of weeks that start as those of the stored books."""
    canonical = Path(sql.__file__).parent / "exports/profiles/canonical.toml"
    profile = folder / "wednesday.toml"
    profile.write_text(canonical.read_text("utf-8") + '\n[calendar]\nweek_start = "wednesday"\n')
    return str(profile)


@pytest.mark.parametrize("version", VERSIONS)
def test_what_was_migrated_is_what_is_made_anew(version: str, database: str) -> None:
    opened(database).close()
    new = catalogue(database)
    with psycopg.connect(database) as con:
        con.execute("DROP SCHEMA settle CASCADE")
    put(version, database)
    opened(database).close()
    assert catalogue(database) == new
    with psycopg.connect(database) as con:
        late = con.execute(
            "SELECT e.was_late = (e.recorded_at > s.settled_at) FROM settle.entry AS e"
            " INNER JOIN settle.settlement AS s USING (account_id, currency, week_start)"
        ).fetchall()
    assert set(late) == {(True,)}


def test_a_migrated_book_on_duckdb_has_all_guards(tmp_path: Path) -> None:
    where = str(tmp_path / "book.duckdb")
    put("1a", where)
    opened(where).close()
    with duckdb.connect(where) as con:
        names = {n for (n,) in con.sql("SELECT trigger_name FROM duckdb_triggers()").fetchall()}
        assert names == duckdb_schema.guards()
        with pytest.raises(duckdb.Error, match=r"append-only|foreign key"):
            con.execute("UPDATE settle.entry SET memo = 'other'")


@pytest.mark.parametrize("version", VERSIONS)
def test_a_migration_that_fails_changes_nothing(version: str, where: str) -> None:
    put(version, where)
    day_off = "'2026-08-06'"  # a Thursday, which no version of the library writes
    row = f"'a', 'EUR', {day_off}, {day_off}, 1, 'entry'"
    names = "account_id, currency, week_start, effective_date, amount, kind"
    statement = f"INSERT INTO settle.entry ({names}) VALUES ({row})"  # noqa: S608
    if where.startswith("postgresql:"):
        with psycopg.connect(where) as con:
            con.execute(statement.encode())
    else:
        with duckdb.connect(where) as embedded:
            embedded.execute(statement)
    before = kept(where)
    with pytest.raises(BadBook, match=r"cannot be migrated: .*; nothing was changed"):
        opened(where)
    assert kept(where) == before


def test_a_book_of_a_newer_version_is_refused(where: str) -> None:
    opened(where).close()
    statements = {
        True: ("ALTER TABLE settle.book DISABLE TRIGGER ALL", "UPDATE settle.book SET version = 9"),
        False: (
            "DROP TRIGGER book_not_updated ON settle.book",
            "UPDATE settle.book SET version = 9",
        ),
    }
    for statement in statements[where.startswith("postgresql:")]:
        if where.startswith("postgresql:"):
            with psycopg.connect(where) as con:
                con.execute(statement.encode())
        else:
            with duckdb.connect(where) as embedded:
                embedded.execute(statement)
    with pytest.raises(
        BadBook,
        match=f"expected version {VERSION} or older.*version 9",
    ):
        opened(where)


def test_functions_are_renewed_with_the_library(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened(database).close()
    text, _ = postgres_schema.functions()
    monkeypatch.setattr(postgres_schema, "functions", lambda: (f"{text}\nSELECT 1", "other"))
    for version in ("0.0.9", "9.9"):  # the older library leaves the newer one's functions alone
        monkeypatch.setattr(postgres_schema, "__version__", version)
        opened(database).close()
    with psycopg.connect(database) as con:
        renewed = con.execute(
            "SELECT library, functions_sha256 FROM settle.renewal ORDER BY renewal_id"
        ).fetchall()
    assert [digest for _, digest in renewed][1:] == ["other"]
    assert renewed[-1][0] == "9.9"


def test_who_does_not_own_a_book_cannot_migrate_it(database: str) -> None:
    put("2", database)
    with psycopg.connect(database, autocommit=True) as con:
        con.execute("CREATE ROLE visitor LOGIN; GRANT USAGE ON SCHEMA settle TO visitor")
        con.execute("GRANT SELECT ON ALL TABLES IN SCHEMA settle TO visitor")
        try:
            with pytest.raises(BadBook, match="which its owner makes by opening it once"):
                opened(database.replace("postgres:@", "visitor:@"))
        finally:
            con.execute("DROP OWNED BY visitor; DROP ROLE visitor")
