"""The detectors that people use today next to the audit, on the recorded exports.

Counted are counter-entries by account, day and amount, because equal ones of a day are
interchangeable; the sum of a week can only tell weeks. Each cell is found / missed / false.

    python bench/detectors.py
"""

import json
from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

import duckdb

from settle_core.audit import audit
from settle_core.audit.finding import Finding

ROOT: Final = Path(__file__).parent.parent
RAILS: Final = ROOT / "data" / "rails"
SQL: Final = Path(__file__).parent / "detectors_sql"
WRONG: Final = {"duplicate_counter", "wrong_counter", "orphan_counter", "misplaced_counter"}
HEADER: Final = (
    "| export | wrong counter-entries | same amount twice | unique combination | settle audit "
    "| broken weeks | week sum | settle audit |"
)


def flagged(con: duckdb.DuckDBPyConnection, detector: str) -> Counter[tuple[str, ...]]:
    """What a detector points at, counted."""
    rows = con.sql((SQL / f"{detector}.sql").read_text("utf-8")).fetchall()
    return Counter(tuple(map(str, row)) for row in rows)


def cell(found: Counter[tuple[str, ...]], true: Counter[tuple[str, ...]]) -> str:
    """Found, missed and false."""
    return f"{(found & true).total()} / {(true - found).total()} / {(found - true).total()}"


def weeks(days: Iterable[tuple[str, date]]) -> Counter[tuple[str, ...]]:
    """The weeks that some days of accounts are in, each once."""
    starts = {(account, day - timedelta(days=day.weekday())) for account, day in days}
    return Counter((account, str(start)) for account, start in starts)


def counters(findings: Iterable[Finding]) -> Counter[tuple[str, ...]]:
    """The counter-entries that the audit calls wrong."""
    return Counter((f.account_id, str(f.effective_date), f"{f.amount}") for f in findings)


def line(folder: Path) -> str:
    """The table's row for one export."""
    truth: dict[str, Any] = json.loads((folder / "truth.json").read_text("utf-8"))
    wrong = truth["wrong_counters"]
    true: Counter[tuple[str, ...]] = Counter()
    true.update((str(w["user_id"]), w["date"], w["amount"]) for w in wrong)
    true_weeks = weeks((str(w["user_id"]), date.fromisoformat(w["date"])) for w in wrong)
    with duckdb.connect() as con:
        for name in ("ledgers", "settlements"):
            types = {"amount": "DECIMAL(18, 2)"}
            con.read_csv(str(folder / f"{name}.csv"), dtype=types).create(name)
        twice, unique, sums = (
            flagged(con, name) for name in ("same_amount_twice", "unique_combination", "week_sum")
        )
    ours = [f for f in audit.run(folder, "rails").findings if f.rule in WRONG]
    our_weeks = weeks((f.account_id, f.effective_date) for f in ours if f.effective_date)
    cells = (
        folder.name,
        str(true.total()),
        cell(twice, true),
        cell(unique, true),
        cell(counters(ours), true),
        str(true_weeks.total()),
        cell(sums, true_weeks),
        cell(our_weeks, true_weeks),
    )
    return f"| {' | '.join(cells)} |"


def table() -> str:
    """The Markdown table over the five recorded exports."""
    folders = sorted(p for p in RAILS.iterdir() if p.is_dir())
    rule = "|" + "---|" * (HEADER.count("|") - 1)
    return "\n".join((HEADER, rule, *map(line, folders)))


if __name__ == "__main__":
    print(table())
