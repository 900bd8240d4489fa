"""A connection that is lost while a commit is under way, and the recipe for it."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import get_args

import psycopg
import pytest
from books import rows, total
from cutting import Cutting, Way
from postgres import transaction

from settle_core.balancing.book import Book
from settle_core.balancing.errors import LostConnection, SettledBefore, Unavailable

WEEK = date(2026, 8, 3)
DAY = date(2026, 8, 5)


@contextmanager
def cut(database: str, folder: Path, way: Way, mark: bytes) -> Iterator[str]:
    """The address of a way on which the next message with that mark is cut."""
    host = psycopg.conninfo.conninfo_to_dict(database)["host"]
    with Cutting(f"{host}/.s.PGSQL.5432", folder, (mark,), ways=(way,)) as proxy:
        yield database.replace(f"host={host}", f"host={folder}")
        assert proxy.cuts[way] >= 1


@pytest.mark.parametrize("way", get_args(Way))
def test_the_recipe_open_again_and_make_the_same_call(
    database: str, tmp_path: Path, way: Way
) -> None:
    calls = itertools.count()
    with Book.open(database) as book:
        book.post("a", DAY, 1, key="first")
    for mark, written in ((b"settle.settle", 0), (b"settle.post_one", 2), (b"settle.answer", 1)):
        folder = tmp_path / str(next(calls))
        folder.mkdir()
        with cut(database, folder, way, mark) as address:
            book = Book.open(address)
            with Book.open(database) as other:
                if mark == b"settle.answer":
                    other.post("a", DAY, 7, key="left", balance="later")
            with pytest.raises(LostConnection) as lost:
                call(book, mark)
            assert lost.value.may_be_written
            with pytest.raises(Unavailable, match="nothing was written"):
                book.post("a", DAY, 1)
            book.close()
        with Book.open(database) as again:
            call(again, mark)
            call(again, mark)
        assert len([r for r in rows(database) if r["kind"] == "counter"]) >= written - 1
    assert total(database, "a") == 1
    assert [r["amount"] for r in rows(database)] == [1, 5, -5, 7, -7]


def call(book: Book, mark: bytes) -> None:
    """The same call again, which finds what is there."""
    if mark == b"settle.post_one":
        assert book.post("a", DAY, 5, key="late").counter_id is not None
    elif mark == b"settle.answer":
        assert len(book.balance()) <= 1
    else:
        try:
            book.settle(WEEK)
        except SettledBefore:
            assert len(book.balance()) == 0


@pytest.mark.parametrize("way", get_args(Way))
def test_a_joined_commit_that_is_lost_is_begun_again(
    database: str, tmp_path: Path, way: Way
) -> None:
    with Book.open(database) as book:
        book.post("a", DAY, 1, key="first")
        book.settle(WEEK)
    with cut(database, tmp_path, way, b"COMMIT\0") as address:
        con = psycopg.connect(address)
        Book.join(con).post("a", DAY, 5, key="late")
        with pytest.raises(psycopg.OperationalError):
            con.commit()
        con.close()
    for _ in range(2):
        with psycopg.connect(database) as con:
            assert Book.join(con).post("a", DAY, 5, key="late").counter_id is not None
    assert [r["amount"] for r in rows(database)] == [1, 5, -5]


def test_a_lost_connection_before_the_commit_of_a_joined_one_wrote_nothing(database: str) -> None:
    Book.open(database).close()
    with psycopg.connect(database) as con, transaction(database) as other:
        joined = Book.join(con)
        joined.post("a", DAY, 5)
        other.execute("SELECT pg_terminate_backend(%s)", [con.info.backend_pid])
        with pytest.raises(Unavailable, match="nothing was written"):
            joined.post("a", DAY, 5)
    assert rows(database) == []
