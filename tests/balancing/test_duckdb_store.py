"""The embedded store: its lock, and what collides around it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from pathlib import Path
from threading import Event

import duckdb
import pytest
from books import rows

from settle_core.balancing.book import Book
from settle_core.balancing.duckdb_store import DuckStore
from settle_core.balancing.errors import Busy, EntriesInFlight
from settle_core.balancing.store import Row, repeated

WEEK = date(2026, 8, 3)
DAY = date(2026, 8, 5)


def test_duckdb_writer_waits_no_longer_than_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, run = str(tmp_path / "book.duckdb"), DuckStore.run
    is_in, may_go_on = Event(), Event()

    def dawdle(store: DuckStore, name: str, **given: object) -> list[Row]:
        if name == "enter":
            is_in.set()
            may_go_on.wait()
        return run(store, name, **given)

    with Book.open(path) as slow, Book.open(path, wait_seconds=0.05) as other:
        monkeypatch.setattr(DuckStore, "run", dawdle)
        with ThreadPoolExecutor() as pool:
            posted = pool.submit(slow.post, "a", DAY, Decimal(1))
            is_in.wait()
            with pytest.raises(Busy, match=r"another writer for 0\.05 s"):
                other.post("a", DAY, 1)
            with pytest.raises(EntriesInFlight):
                other.settle(WEEK, ["a"])
            may_go_on.set()
            assert posted.result().counter_id is None
        assert other.settle(WEEK)[0].settled_amount == Decimal(1)


def test_duckdb_writer_around_the_lock_is_met_by_a_repeat(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, run = str(tmp_path / "book.duckdb"), DuckStore.run

    def collide(store: DuckStore, name: str, **given: object) -> list[Row]:
        if name == "enter" and not caplog.records:
            around.execute("INSERT INTO settle.account VALUES ('a', 'EUR')")
        return run(store, name, **given)

    with Book.open(path) as book, duckdb.connect(path) as around:
        monkeypatch.setattr(DuckStore, "run", collide)
        assert book.post("a", DAY, 1).counter_id is None
    assert "try 1 of 8 failed: TransactionContext Error" in caplog.text
    assert len(rows(path)) == 1


def test_repeats_are_bounded_and_each_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    def fail() -> None:
        raise TimeoutError("again")

    with pytest.raises(Busy, match="found again, 8 times"):
        repeated(fail, (TimeoutError,))
    assert [r.message for r in caplog.records] == [
        f"try {n} of 8 failed: again" for n in range(1, 9)
    ]
    with pytest.raises(TimeoutError):
        repeated(fail, ())
