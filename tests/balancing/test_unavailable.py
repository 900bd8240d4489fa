"""What a database cannot do now: the call says so, nothing is written, the same call does later."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from books import rows
from postgres import transaction

from settle_core.balancing.book import Book
from settle_core.balancing.errors import Busy, Unavailable
from settle_core.balancing.postings import Posting

WEEK = date(2026, 8, 3)
DAY = date(2026, 8, 5)
FULL = """
CREATE FUNCTION public.no_space() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'could not extend file "base/5/16397"' USING ERRCODE = 'disk_full';
END $$;
CREATE TRIGGER aa_no_space BEFORE INSERT ON settle.entry
FOR EACH ROW EXECUTE FUNCTION public.no_space()
"""
FULL_NO_MORE = "DROP FUNCTION public.no_space CASCADE"
# The whole story in a process of its own, whose files may not grow by more than so many bytes.
FILLING = """
import resource, sys
from datetime import date
from pathlib import Path
from settle_core.balancing.book import Book
from settle_core.balancing.errors import Unavailable
from settle_core.balancing.postings import Posting
path = Path(sys.argv[1])
with Book.open(str(path)) as book:
    book.post("a", date(2026, 8, 5), 1, key="first")
    most = max(each.stat().st_size for each in path.parent.iterdir()) + 300_000
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))
    for number in range(1000):
        rows = [
            Posting("a", date(2026, 8, 5), 1, key=f"{number} {n}", memo="m" * 500)
            for n in range(200)
        ]
        try:
            book.post_many(rows)
        except Unavailable as error:
            print(number, str(error).splitlines()[0])
            break
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
"""


def with_setting(url: str, setting: str) -> str:
    """The address of a session with a setting of its own."""
    return f"{url}&options=-c%20{quote(setting)}"


@pytest.fixture
def settled(database: str) -> str:
    """A book with a settled week and an entry in it."""
    with Book.open(database) as book:
        book.post("a", DAY, 1, key="first")
        book.settle(WEEK)
    return database


@contextmanager
def nothing_written(url: str) -> Iterator[None]:
    """The call within is refused, says that nothing was written, and nothing was."""
    before = rows(url), rows(url, "settlement"), rows(url, "account")
    with pytest.raises(Unavailable, match="nothing was written") as refused:
        yield
    assert not refused.value.may_be_written
    assert len(str(refused.value).splitlines()) == 1
    assert (rows(url), rows(url, "settlement"), rows(url, "account")) == before


def test_a_statement_timeout(settled: str) -> None:
    hasty = with_setting(settled, "statement_timeout=200")
    with Book.open(hasty, wait_seconds=60) as book:
        with transaction(settled) as other:
            Book.join(other).post("a", DAY, 9)
            with nothing_written(settled):
                book.post("a", DAY, 5, key="late")
        assert book.post("a", DAY, 5, key="late").counter_id is not None


def test_a_session_that_may_only_read(settled: str) -> None:
    with Book.open(with_setting(settled, "default_transaction_read_only=on")) as book:
        with nothing_written(settled):
            book.post("a", DAY, 5, key="late")
        with nothing_written(settled):
            book.settle(date(2026, 8, 10))
        assert book.balance() == []


def test_a_full_disk(settled: str) -> None:
    with psycopg.connect(settled, autocommit=True) as con:
        con.execute(FULL)
        with Book.open(settled) as book:
            with nothing_written(settled):
                book.post("a", DAY, 5, key="late")
            with nothing_written(settled):
                book.post_many([Posting("a", DAY, 5, key="late"), Posting("new", DAY, 5)])
            con.execute(FULL_NO_MORE)
            assert book.post("a", DAY, 5, key="late").counter_id is not None


def test_a_full_disk_under_a_file(tmp_path: Path) -> None:
    path = tmp_path / "book.duckdb"
    command = [sys.executable, "-c", FILLING, str(path)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    written, _, said = ran.stdout.partition(" ")
    assert "nothing was written" in said
    assert len(rows(str(path))) == 1 + 200 * int(written)
    with Book.open(str(path)) as book:
        book.post("a", DAY, 1, key=f"{written} 0")
    assert len(rows(str(path))) == 2 + 200 * int(written)


def test_a_joined_transaction_has_its_own_lock_timeout_back(settled: str) -> None:
    asked = "SHOW lock_timeout"
    with transaction(settled) as other, psycopg.connect(settled) as con:
        con.execute("SET LOCAL lock_timeout = '4321ms'")
        Book.join(con).post("b", DAY, 5)
        assert con.execute(asked).fetchone() == ("4321ms",)
        Book.join(other).post("a", DAY, 9)
        with pytest.raises(Busy), con.transaction():
            Book.join(con, wait_seconds=0.1).post("a", DAY, 5)
        assert con.execute(asked).fetchone() == ("4321ms",)
        assert Book.join(con).balance() == []
        assert con.execute(asked).fetchone() == ("4321ms",)
        con.rollback()
        assert con.execute(asked).fetchone() == ("0",)
