"""An address means one thing; whatever else it may be is refused before anything is touched."""

import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import psycopg
import pytest
from books import rows

from settle_core.balancing import address
from settle_core.balancing.book import Book
from settle_core.balancing.errors import BadBook

WEEK = date(2026, 8, 3)
DAY = date(2026, 8, 5)
REFUSED = (
    "",
    " ",
    "md:",
    "md:ledger",
    "s3://bucket/book.duckdb",
    "https://example.com/book.duckdb",
    "ducklake:ledger",
    "postgres:dbname=x",
    "sqlite:x.db",
    "file:book.duckdb",
    "POSTGRESQL://host/x",
    "mysql://user:hunter2@host/x",
    ":memoryx",
    "a\0b",
    None,
    7,
    b"book.duckdb",
    "nowhere/book.duckdb",
    "folder/",
)


@pytest.mark.parametrize("where", REFUSED, ids=repr)
def test_what_means_nothing_is_refused(
    where: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BadBook) as fault:
        Book.open(where)  # type: ignore[arg-type]
    assert "hunter2" not in str(fault.value)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_no_book(tmp_path: Path) -> None:
    with pytest.raises(BadBook, match="a folder"):
        Book.open(tmp_path)


@pytest.mark.parametrize(
    "where", ["host=/run/postgresql dbname=ledger", " dbname = x", "postgresql:///x", "service=l"]
)
def test_connection_strings_are_of_postgresql(where: str) -> None:
    assert address.read(where) == (where, True)


@pytest.mark.parametrize("where", ["book.duckdb", "./md:x", "./dbname=x", "a b.duckdb", "~x"])
def test_the_rest_is_a_file_of_just_that_name(
    where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with Book.open(where) as book:
        book.post("a", DAY, 1)
    assert [p.name for p in tmp_path.iterdir()] == [Path(where).name]
    with Book.open(Path(where)) as book:
        assert book.balance() == []


def test_a_connection_string_opens_the_book_of_the_url(database: str) -> None:
    with psycopg.connect(database) as con:
        dsn = con.info.dsn
    with Book.open(dsn) as book:
        book.post("a", DAY, 1)
    assert len(rows(database)) == 1


def test_memory_of_a_name_is_shared_and_of_none_is_not() -> None:
    with Book.open(":memory:shared") as one, Book.open(":memory:shared") as other:
        one.post("a", DAY, 1, key="k")
        assert other.post("a", DAY, 1, key="k").entry_id == 1
    with Book.open(":memory:") as one, Book.open(":memory:") as other:
        one.post("a", DAY, 1)
        assert other.settle(WEEK) == []


OTHER_PROCESS = """
import sys
from settle_core.balancing.book import Book
from settle_core.balancing.errors import BadBook
try:
    Book.open(sys.argv[1])
except BadBook as fault:
    print(fault)
else:
    print("opened")
"""


def elsewhere(path: Path) -> str:
    run = subprocess.run(
        [sys.executable, "-c", OTHER_PROCESS, str(path)],
        capture_output=True,
        text=True,
        check=True,
    )
    return run.stdout


@pytest.mark.skipif(sys.platform != "linux", reason="handles are listed on Linux")
def test_a_second_database_on_one_file_is_refused(tmp_path: Path) -> None:
    path, link, symbolic = (tmp_path / n for n in ("book.duckdb", "hard.duckdb", "soft.duckdb"))
    with Book.open(path) as book:
        book.post("a", DAY, 1, key="one")
        os.link(path, link)
        symbolic.symlink_to(path)
        with pytest.raises(BadBook, match="the same file under another name"):
            Book.open(link)
        with Book.open(symbolic) as same, Book.open(path) as again:  # one database, one lock
            same.post("a", DAY, 2, key="two")
            again.post("a", DAY, 3, key="three")
        path.read_bytes()  # takes DuckDB's own lock away from this process
        assert "one handle" in elsewhere(path)
        assert "one handle" in elsewhere(link)
        book.post("a", DAY, 4, key="four")
    assert elsewhere(path) == "opened\n"
    assert [row["idempotency_key"] for row in rows(str(path))] == ["one", "two", "three", "four"]


def test_a_book_costs_no_pandas_and_no_notebooks() -> None:
    code = (
        "import sys; from settle_core import Book, Fault, Posting; Book.open(':memory:').close();"
        "print(*sorted({'pandas', 'papermill', 'nbconvert', 'nbformat', 'IPython', 'click',"
        " 'jinja2', 'psycopg', 'pyarrow'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "\n"
