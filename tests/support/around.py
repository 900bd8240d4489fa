# ruff: noqa: S608, T201  statements around the library are put together here, and printed
"""Statements that go around the library on PostgreSQL, by whom, and what becomes of each.

The table in the page on the book is made of them, and a test runs them all.

    python tests/support/around.py    prints the table
"""

from typing import Final, NamedTuple

ENTRY: Final = (
    "INSERT INTO settle.entry (account_id, currency, week_start, effective_date, amount, kind"
)
LATE: Final = "VALUES ('a', 'EUR', '2026-08-03', '2026-08-05'"
SETTLEMENT: Final = (
    "INSERT INTO settle.settlement (account_id, currency, week_start, settled_amount, settled_at)"
)
REPAIR: Final = "SET ROLE settle_repairer; SELECT settle.begin_repair('ticket 12'); "
OWED: Final = "SELECT entry_id FROM settle.entry WHERE idempotency_key = 'owed'"
IN_TIME: Final = "SELECT entry_id FROM settle.entry WHERE idempotency_key = 'in time'"
ANSWERED: Final = "SELECT entry_id FROM settle.entry WHERE idempotency_key = 'answered'"


def counter(day: str, amount: str, answers: str, account: str = "a") -> str:
    """A counter-entry, written by hand."""
    return (
        f"{ENTRY}, answers, observed, last_seen) SELECT '{account}', 'EUR', '2026-08-03', '{day}',"
        f" {amount}, 'counter', entry_id, 0, entry_id FROM ({answers}) AS e"
    )


def posted(
    amount: str, day: str = "2026-08-05", week: str = "2026-08-03", account: str = "a"
) -> str:
    """A call of the function that posts, its key after the case's number."""
    return (
        f"SELECT * FROM settle.post_one('by hand {amount} {day}', '{account}', 'EUR', '{week}',"
        f" '{day}', '{amount}', NULL, NULL, NULL, true)"
    )


class Case(NamedTuple):
    """A statement: who runs it, and what becomes of it."""

    who: str
    statement: str
    outcome: str
    isolation: str = "READ COMMITTED"


LET_IN: Final = "let in"
APPEND_ONLY: Final = "refused: append_only"
UNBALANCED: Final = "refused at commit: unbalanced"
NO_ANSWER: Final = "refused: no_answer"
NO_RIGHT: Final = "refused: no right"
CHECK: Final = "refused: a check of the table"
PINNED: Final = "refused: pinned_snapshot"

CASES: Final = (
    Case("owner", "UPDATE settle.entry SET amount = amount + 1", APPEND_ONLY),
    Case("owner", "UPDATE settle.entry SET memo = 'other'", APPEND_ONLY),
    Case("owner", "UPDATE settle.entry SET effective_date = '2026-08-06'", APPEND_ONLY),
    Case("owner", "UPDATE settle.entries SET amount = 0", APPEND_ONLY),
    Case("owner", "DELETE FROM settle.entry WHERE kind = 'counter'", APPEND_ONLY),
    Case("owner", "DELETE FROM settle.entry WHERE false", APPEND_ONLY),
    Case("owner", "TRUNCATE settle.entry", APPEND_ONLY),
    Case("owner", "TRUNCATE settle.account CASCADE", APPEND_ONLY),
    Case("owner", "UPDATE settle.settlement SET settled_at = now()", APPEND_ONLY),
    Case("owner", "UPDATE settle.settlement SET settled_amount = 0", APPEND_ONLY),
    Case("owner", "DELETE FROM settle.settlement", APPEND_ONLY),
    Case("owner", "UPDATE settle.book SET week_offset_days = 3", APPEND_ONLY),
    Case("owner", "INSERT INTO settle.book VALUES (9, 2, 'EUR', 3)", "refused: a key of the table"),
    Case("owner", "DELETE FROM settle.account", APPEND_ONLY),
    Case("owner", "DELETE FROM settle.renewal", APPEND_ONLY),
    Case(
        "owner",
        "MERGE INTO settle.entry AS e USING (SELECT 1) AS x ON e.entry_id = 1"
        " WHEN MATCHED THEN UPDATE SET amount = 0",
        APPEND_ONLY,
    ),
    Case(
        "owner",
        f"{ENTRY}, idempotency_key) {LATE}, 1, 'entry', 'owed')"
        " ON CONFLICT (idempotency_key) DO UPDATE SET amount = 1",
        APPEND_ONLY,
    ),
    Case("owner", f"{ENTRY}) VALUES ('b', 'EUR', '2026-08-10', '2026-08-12', 4, 'entry')", LET_IN),
    Case("owner", f"{ENTRY}) {LATE}, 4, 'entry')", f"{LET_IN}: late, owed a counter-entry"),
    Case(
        "owner",
        f"{ENTRY}, recorded_at) {LATE}, 4, 'entry', '2026-08-05 12:00Z')",
        f"{LET_IN}: late, recorded_at is the database's",
    ),
    Case(
        "owner",
        f"{ENTRY}, entry_id) OVERRIDING SYSTEM VALUE {LATE}, 4, 'entry', 77)",
        "refused: own_id",
    ),
    Case("owner", f"{ENTRY}) VALUES ('a', 'EUR', '2026-08-04', '2026-08-05', 4, 'entry')", CHECK),
    Case("owner", f"{ENTRY}) {LATE}, 'NaN', 'entry')", CHECK),
    Case("owner", f"{ENTRY}) {LATE}, 'Infinity', 'entry')", "refused: no such value"),
    Case("owner", f"{ENTRY}) VALUES ('a', 'EUR', 'infinity', 'infinity', 4, 'entry')", CHECK),
    Case("owner", f"{ENTRY}, idempotency_key) {LATE}, 4, 'correction', 'c1')", UNBALANCED),
    Case(
        "owner",
        f"SET CONSTRAINTS ALL DEFERRED; {ENTRY}, idempotency_key) {LATE}, 4, 'correction', 'c2')",
        UNBALANCED,
    ),
    Case(
        "owner",
        f"{ENTRY}, idempotency_key) {LATE}, 4, 'correction', 'c3');"
        f" {ENTRY}, idempotency_key) {LATE}, -4, 'correction', 'c4')",
        f"{LET_IN}: the two sum to nothing",
    ),
    Case(
        "owner",
        f"{ENTRY}, idempotency_key)"
        " VALUES ('b', 'EUR', '2026-08-10', '2026-08-12', 4, 'correction', 'c5')",
        "refused: unsettled",
    ),
    Case("owner", counter("2026-08-05", "-10", IN_TIME), NO_ANSWER),
    Case("owner", counter("2026-08-05", "-1", OWED), NO_ANSWER),
    Case("owner", counter("2026-08-06", "-2", OWED), NO_ANSWER),
    Case("owner", counter("2026-08-05", "-2", OWED, "b"), "refused: unsettled"),
    Case(
        "owner",
        counter("2026-08-05", "5", "SELECT entry_id FROM settle.entry WHERE kind = 'counter'"),
        NO_ANSWER,
    ),
    Case("owner", counter("2026-08-05", "-5", ANSWERED), "refused: a key of the table"),
    Case("owner", counter("2026-08-05", "-2", OWED), f"{LET_IN}: it answers what is owed"),
    Case("owner", f"{SETTLEMENT} VALUES ('b', 'EUR', '2026-08-03', 99, now())", UNBALANCED),
    Case("owner", f"{SETTLEMENT} VALUES ('b', 'EUR', '2026-08-04', 0, now())", CHECK),
    Case(
        "owner",
        f"{SETTLEMENT} VALUES ('b', 'EUR', '2026-08-03', 3, '2026-08-10')",
        f"{LET_IN}: settled_at is the database's",
    ),
    Case("owner", f"{ENTRY}) {LATE}, 4, 'entry')", PINNED, "REPEATABLE READ"),
    Case("owner", f"{ENTRY}) {LATE}, 4, 'entry')", PINNED, "SERIALIZABLE"),
    Case("owner", "INSERT INTO settle.repair (reason) VALUES ('ticket 12')", APPEND_ONLY),
    Case("owner", "SELECT settle.begin_repair('ticket 12')", APPEND_ONLY),
    Case(
        "superuser",
        "SET session_replication_role = replica; UPDATE settle.entry SET amount = 0",
        APPEND_ONLY,
    ),
    Case(
        "superuser",
        "SET session_replication_role = replica; DELETE FROM settle.settlement",
        APPEND_ONLY,
    ),
    Case(
        "superuser",
        "SET session_replication_role = replica;"
        f" {ENTRY}, idempotency_key) {LATE}, 4, 'correction', 'c6')",
        UNBALANCED,
    ),
    Case(
        "superuser",
        "CREATE TEMP TABLE settlement (LIKE settle.settlement); SET search_path = pg_temp;"
        f" {ENTRY}, idempotency_key) {LATE}, 4, 'correction', 'c7')",
        UNBALANCED,
    ),
    Case("superuser", "SET enable_indexscan = off; TRUNCATE settle.settlement", APPEND_ONLY),
    Case(
        "superuser",
        "SET ROLE settle_repairer; UPDATE settle.entry SET memo = 'x'",
        "refused: no_repair",
    ),
    Case("superuser", "SET ROLE settle_repairer; SELECT settle.begin_repair(' ')", CHECK),
    Case("superuser", f"{REPAIR}UPDATE settle.entry SET amount = amount + 1", UNBALANCED),
    Case("superuser", f"{REPAIR}DELETE FROM settle.entry WHERE entry_id = 1", UNBALANCED),
    Case("superuser", f"{REPAIR}UPDATE settle.settlement SET settled_amount = 0", UNBALANCED),
    Case("superuser", f"{REPAIR}TRUNCATE settle.entry", NO_RIGHT),
    Case(
        "superuser",
        f"{REPAIR}UPDATE settle.entry SET memo = 'no name' WHERE memo IS NOT NULL",
        f"{LET_IN}: each row traced, before and after",
    ),
    Case("settle_poster", "SELECT * FROM settle.entry", NO_RIGHT),
    Case("settle_poster", f"{ENTRY}) {LATE}, 4, 'entry')", NO_RIGHT),
    Case("settle_poster", "UPDATE settle.settlement SET settled_at = now()", NO_RIGHT),
    Case("settle_poster", "SELECT * FROM settle.settle('2026-08-10', NULL, 'EUR')", NO_RIGHT),
    Case(
        "settle_poster",
        "SELECT * FROM settle.correct(ARRAY['c8'], ARRAY['a'], ARRAY['EUR'],"
        " ARRAY['2026-08-03']::date[], ARRAY['2026-08-05']::date[], ARRAY['1'], ARRAY['m'],"
        " NULL, NULL)",
        NO_RIGHT,
    ),
    Case("settle_poster", "SET ROLE settle_repairer", NO_RIGHT),
    Case("settle_poster", "ALTER TABLE settle.entry DISABLE TRIGGER ALL", NO_RIGHT),
    Case("settle_poster", posted("1.005"), "refused: inexact"),
    Case("settle_poster", posted("6.00"), f"{LET_IN}: with its counter-entry"),
    Case(
        "settle_poster",
        f"CREATE TEMP TABLE entry (x int); SET search_path = pg_temp; {posted('7.00')}",
        f"{LET_IN}: with its counter-entry",
    ),
    Case("settle_settler", posted("8.00"), NO_RIGHT),
    Case("settle_settler", "UPDATE settle.settlement SET settled_amount = 0", NO_RIGHT),
    Case("settle_settler", "SELECT * FROM settle.settle('2026-08-17', NULL, 'EUR')", LET_IN),
    Case("settle_reader", "DELETE FROM settle.entry", NO_RIGHT),
    Case("settle_reader", "SELECT * FROM settle.settled_week", LET_IN),
    Case("a stranger", "SELECT * FROM settle.book", NO_RIGHT),
)


def table() -> str:
    """The cases as Markdown."""
    lines = [
        f"| {c.who} | `{'' if c.isolation == 'READ COMMITTED' else f'BEGIN {c.isolation}; '}"
        f"{c.statement}` | {c.outcome} |"
        for c in CASES
    ]
    return "\n".join(["| who | statement | outcome |", "|-|-|-|", *lines])


if __name__ == "__main__":
    print(table())
