"""A job that read a sum in which nothing seemed owed: what it missed must be in the log."""

from collections.abc import Sequence
from pathlib import Path

import pytest
import recorded_logs as logged

from settle_core import audit
from settle_core.contract import Finding

HEAD = "id,user_id,date,amount,kind,memo,job_id,created_at"
SETTLED = "user_id,week_start,amount,settled_at\n7,2026-01-05,10.00,2026-01-12T03:00:00.000000Z\n"
A, B, C = (letter * 24 for letter in "abc")
Rows = Sequence[tuple[int, str, str, str, str, str]]
AFTER = (  # another day, answered as it should be: the log goes on, and the ledger does not
    (8, "08", "2.00", "entry", C, "10:00:00.000"),
    (9, "08", "-2.00", "counter", C, "10:00:01.000"),
)


def sent(at: str, job: str, text: str) -> str:
    return f"D, [2026-01-13T{at}000 #2] DEBUG -- : [jid-{job}]   (0.1ms)  {text}"


def total(at: str, job: str, day: str = "06") -> str:
    where = f"WHERE user_id = 7 AND date = '2026-01-{day}'"
    return sent(at, job, f"SELECT SUM(amount) FROM ledgers {where}")  # noqa: S608


def insert(row: tuple[int, str, str, str, str, str]) -> str:
    _, day, amount, kind, job, at = row
    values = f"7, '2026-01-{day}', {amount}, '{kind}', '{job}', '2026-01-13 {at}000'"
    columns = "user_id, date, amount, kind, job_id, created_at"
    return sent(at, job, f'INSERT INTO "ledgers" ({columns}) VALUES ({values})')  # noqa: S608


def late(folder: Path, rows: Rows, log: Sequence[str]) -> Finding:
    """The one late entry of which an audit says why nothing answers it."""
    told = ["1,7,2026-01-05,10.00,entry,,,2026-01-05T09:00:00.000000Z"]
    for i, day, amount, kind, job, at in (*rows, *AFTER):
        told.append(f"{i},7,2026-01-{day},{amount},{kind},,{job},2026-01-13T{at}000Z")
    logged.write(folder / "ledgers.csv", [HEAD, *told])
    (folder / "settlements.csv").write_text(SETTLED, "utf-8")
    ends = [insert(AFTER[0]), total("10:00:00.500", C, "08"), insert(AFTER[1])]
    ends.append(sent("11:00:00.000", C, "SELECT 1"))
    path = logged.write(folder / "rails.log", [*log, *ends])
    (found,) = [f for f in audit.run(folder, "rails", log=path).findings if f.entry_id == "4"]
    return found


MISSED = (
    (2, "06", "5.00", "entry", B, "09:00:00.000"),
    (3, "06", "-5.00", "counter", B, "09:00:02.000"),
    (4, "06", "-5.00", "entry", A, "09:00:01.000"),
)


@pytest.mark.parametrize("is_shared", [False, True])
def test_what_it_missed_was_committed_later(tmp_path: Path, *, is_shared: bool) -> None:
    """Where two threads speak under its tag, its read may be the other one's."""
    begun = [sent(f"09:00:02.10{k}", A, "BEGIN") for k in range(2 * is_shared)]
    ended = [sent(f"09:00:02.30{k}", A, "COMMIT") for k in range(2 * is_shared)]
    log = [
        insert(MISSED[0]),
        total("09:00:00.500", B),
        insert(MISSED[2]),
        sent("09:00:01.900", B, "BEGIN"),
        insert(MISSED[1]),
        *begun,
        total("09:00:02.200", A),
        *ended,
        sent("09:00:02.900", B, "COMMIT"),
    ]
    found = late(tmp_path, MISSED, log)
    assert (found.cause, found.evidence) == ("race", "consistent" if is_shared else "proved")
    assert "counter-entry 3 was not yet committed" in found.explanation
    assert ("have no tag of one job" in found.explanation) == is_shared


def test_what_it_missed_is_not_in_the_log(tmp_path: Path) -> None:
    """An entry of before the log began may have been there when it read, or not."""
    rows = (
        (2, "06", "5.00", "entry", "", "08:50:00.000"),
        (3, "06", "-5.00", "counter", B, "09:00:02.000"),
        (4, "06", "5.00", "entry", A, "09:00:30.000"),
    )
    log = [total("09:00:01.000", B), insert(rows[1]), insert(rows[2]), total("09:00:31.000", A)]
    found = late(tmp_path, rows, log)
    assert (found.cause, found.evidence) == ("race", "consistent")
    assert "what it did not see is not in the log" in found.explanation
