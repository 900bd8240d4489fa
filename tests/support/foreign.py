"""Exports of other systems: what each must be read as, and what is planted in it."""

import csv
from pathlib import Path

from settle_core.audit import Audit
from settle_core.exports.reading.ledger import Ledger

FORMATS = Path(__file__).parents[2] / "data" / "formats"
SYSTEMS = sorted(path.name for path in FORMATS.iterdir() if path.is_dir())
READ = {
    "entries": "SELECT entry_id, account_id, effective_date, amount, kind,"
    " strftime(recorded_at, '%Y-%m-%dT%H:%M:%SZ') FROM entry",
    "settlements": "SELECT account_id, week_start, settled_amount,"
    " strftime(settled_at, '%Y-%m-%dT%H:%M:%SZ') FROM settlement",
}


def demand_truth(ledger: Ledger, truth: Path) -> None:
    """Every row is read as the truth says."""
    for table, query in READ.items():
        with (truth / f"{table}.csv").open(encoding="utf-8", newline="") as file:
            _, *expected = csv.reader(file)
        rows = ledger.con.execute(query).fetchall()
        assert sorted([str(v) for v in row] for row in rows) == sorted(expected)
    assert len(ledger.rejected) == 0
    for given in ledger.inputs:
        assert given.rows_lost == 0
        assert sum(count for _, count in given.set_aside) == given.rows_set_aside


def demand_planted(found: Audit) -> None:
    """A counter-entry posted twice, and a late entry that was countered by none."""
    told = {(f.rule, str(f.week_start), str(f.effect)) for f in found.findings}
    assert told == {
        ("duplicate_counter", "2026-09-14", "-25.00"),
        ("unbalanced_week", "2026-09-14", "-25.00"),
        ("uncountered_entry", "2026-09-21", "33.30"),
        ("unbalanced_week", "2026-09-21", "33.30"),
    }
    assert (found.verdict, found.weeks_off) == ("broken", 2)
