"""Whoever writes, and however: a settled week holds, and what is written stays. On PostgreSQL."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import pytest
from around import CASES, LET_IN, Case, table
from books import execute, rows
from psycopg import errors

from settle_core.balancing.book import Book
from settle_core.balancing.errors import BadBook, NotAllowed
from settle_core.balancing.postgres_schema import guards

WEEK = date(2026, 8, 3)
DAY = date(2026, 8, 5)
PAGE = Path(__file__).parents[2] / "notebooks/docs/book.md"
LOGINS = {"owner": "ledger_owner", "superuser": "postgres", "a stranger": "stranger"}
STATES: dict[type[psycopg.Error], str] = {
    errors.InsufficientPrivilege: "no right",
    errors.CheckViolation: "a check of the table",
    errors.UniqueViolation: "a key of the table",
    errors.NumericValueOutOfRange: "no such value",
    errors.ObjectNotInPrerequisiteState: "own_id",  # none was drawn in this session
}


@pytest.fixture(scope="module")
def guarded(server: str) -> Iterator[str]:
    """A book whose owner is no superuser, with the roles of the script."""
    with psycopg.connect(server, autocommit=True) as con:
        con.execute("DROP SCHEMA IF EXISTS settle CASCADE")
        con.execute("CREATE ROLE ledger_owner LOGIN CREATEROLE")
        con.execute("CREATE ROLE stranger LOGIN")
        con.execute("GRANT CREATE ON DATABASE postgres TO ledger_owner")
    owner = server.replace("postgres:@", "ledger_owner:@")
    with Book.open(owner) as book:
        execute(owner, Book.roles())
        book.post("a", DAY, 10, key="in time", memo="a name")
        book.post("b", DAY, 3)
        book.settle(WEEK, ["a"])
        book.post("a", DAY, 5, key="answered")
        book.post("a", DAY, 2, key="owed", balance="later")
    yield owner
    with psycopg.connect(server, autocommit=True) as con:
        con.execute("DROP SCHEMA settle CASCADE")
        for role in (*LOGINS.values(), "poster", "settle_poster", "settle_settler"):
            if (
                role != "postgres"
                and con.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
            ):
                con.execute(f"DROP OWNED BY {role}; DROP ROLE {role}".encode())
        con.execute("DROP OWNED BY settle_reader, settle_repairer")
        con.execute("DROP ROLE settle_reader, settle_repairer")


def outcome(url: str, case: Case) -> str:
    """Run a statement as its role, in a transaction of its own, and tell what becomes of it."""
    where = "refused"
    with psycopg.connect(url, autocommit=True) as con:
        con.execute(f"SET SESSION AUTHORIZATION {LOGINS.get(case.who, case.who)}".encode())
        con.execute(f"BEGIN ISOLATION LEVEL {case.isolation}".encode())
        try:
            con.execute(case.statement.encode())
            where = "refused at commit"
            con.execute("COMMIT")
        except psycopg.Error as error:
            con.execute("ROLLBACK")
            named = error.diag.constraint_name if error.sqlstate == "SB001" else ""
            return f"{where}: {named or STATES[type(error)]}"
    return LET_IN


def held(tables: dict[str, list[dict[str, Any]]]) -> bool:
    """Whether each settled week holds, in plain Python."""
    for settlement in tables["settlement"]:
        where = [settlement[name] for name in ("account_id", "currency", "week_start")]
        week = [
            row
            for row in tables["entry"]
            if [row[name] for name in ("account_id", "currency", "week_start")] == where
        ]
        answered = {row["answers"] for row in week}
        owed = sum(
            row["amount"]
            for row in week
            if row["kind"] == "entry"
            and row["recorded_at"] > settlement["settled_at"]
            and row["entry_id"] not in answered
        )
        if sum(row["amount"] for row in week) - owed != settlement["settled_amount"]:
            return False
    return True


@pytest.mark.usefixtures("guarded")
def test_statements_around_the_library(server: str) -> None:
    """One after the other, as one does: what is let in stays."""
    now = {name: rows(server, name) for name in ("entry", "settlement", "account")}
    assert held(now)
    for case in CASES:
        before = now
        assert (case, case.outcome.split(f"{LET_IN}:")[0] or LET_IN) == (
            case,
            outcome(server, case),
        )
        now = {name: rows(server, name) for name in before}
        assert held(now), case
        if not case.outcome.startswith(LET_IN):
            assert now == before, case
        assert [row | {"memo": None} for row in before["entry"]] == [
            row | {"memo": None} for row in now["entry"][: len(before["entry"])]
        ]
    instants = [row["recorded_at"] for row in now["entry"]]
    assert min(instants[4:]) > max(instants[:4])


def test_there_are_enough_and_the_page_has_them() -> None:
    assert len(CASES) >= 30
    assert table() in PAGE.read_text("utf-8")


@pytest.mark.usefixtures("guarded")
def test_a_repair_leaves_a_trace(server: str) -> None:
    with psycopg.connect(server) as con:
        con.execute("SET ROLE settle_repairer")
        con.execute("SELECT settle.begin_repair('ticket 13')")
        con.execute("UPDATE settle.entry SET job_id = 'x' WHERE idempotency_key = 'in time'")
        (repair,) = con.execute(
            "SELECT r.begun_by, r.reason, d.operation, d.row_before ->> 'job_id',"
            " d.row_after ->> 'job_id' FROM settle.repair AS r"
            " INNER JOIN settle.repaired AS d USING (repair_id) WHERE r.reason = 'ticket 13'"
        ).fetchall()
    assert repair == ("postgres", "ticket 13", "UPDATE", None, "x")
    with psycopg.connect(server) as con, pytest.raises(psycopg.Error, match="append-only"):
        con.execute("DELETE FROM settle.repaired")


def test_a_poster_posts_and_balances_and_nothing_else(server: str, guarded: str) -> None:
    execute(server, "CREATE ROLE poster LOGIN IN ROLE settle_poster")
    with Book.open(server.replace("postgres:@", "poster:@")) as book:
        assert book.post("a", DAY, 1).counter_id is not None
        assert book.post("a", DAY, 1, balance="later").counter_id is None
        assert 1 in {-counter.amount for counter in book.balance()}
        with pytest.raises(NotAllowed, match="nothing was written"):
            book.settle(date(2026, 8, 24))
        with pytest.raises(NotAllowed):
            book.correct([{"account_id": "a", "effective_date": DAY, "amount": 1, "key": "c"}])
    with Book.open(guarded) as book:
        assert book.balance() == []


def test_a_guard_that_is_off_is_named_at_opening(guarded: str) -> None:
    """The owner of a table can switch its guards off, which nothing in it can hinder."""
    for name in sorted(guards() & {"entry_kept", "entry_week"}):
        execute(guarded, f"ALTER TABLE settle.entry ENABLE TRIGGER {name}")
        with pytest.raises(BadBook, match=f"guards that are off: {name}"):
            Book.open(guarded)
        execute(guarded, f"ALTER TABLE settle.entry ENABLE ALWAYS TRIGGER {name}")
    Book.open(guarded).close()
