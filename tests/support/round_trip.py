"""The round trip: audit, `settle correct`, the corrections imported, audited again."""

import csv
import shutil
import signal
from collections import defaultdict
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout, suppress
from datetime import date, datetime
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import NamedTuple

import books
import duckdb

from settle_core import Book, Fault
from settle_core.audit import Audit, run
from settle_core.balancing.postings import Posting
from settle_core.cli.main import main

# Rules that tell of what no entry puts right.
TOLD = {
    "changed_history",
    "missing_history",
    "id_gap",
    "duplicate_settlement",
    "settled_amount_mismatch",
}
# Of the canonical contract; `corrections` name them so.
OURS = ("entry_id", "account_id", "effective_date", "amount", "kind", "recorded_at")


class Way(NamedTuple):
    """How an export is audited, and how a correction is written as one of its rows.

    Attributes:
        export: the folder.
        profile: name or file.
        entries: the file of entries in it.
        columns: our name to the export's, where they differ.
        correction: what the export calls the kind.
        delimiter: of the CSV.
        instant: how an instant is written.
        amount: how an amount is written.
        day: how a day is written.
        as_of, previous: of the audit.
    """

    export: Path
    profile: str
    entries: str = "entries.csv"
    columns: tuple[tuple[str, str], ...] = ()
    correction: str = "correction"
    delimiter: str = ","
    instant: Callable[[datetime], str] = lambda at: f"{at:%Y-%m-%dT%H:%M:%S.%f}Z"
    amount: Callable[[Decimal], str] = "{:f}".format
    day: Callable[[date], str] = str
    as_of: str = ""
    previous: str = ""

    def audited(self) -> Audit:
        """Audit it."""
        return run(self.export, self.profile, as_of=self.as_of, previous=self.previous)


def corrections(run_folder: Path, out: Path) -> list[dict[str, str]]:
    """What `settle correct` writes of a run; nothing where it refuses."""
    quiet = StringIO()
    handler = signal.getsignal(signal.SIGTERM)
    with suppress(SystemExit), redirect_stdout(quiet), redirect_stderr(quiet):
        main(["correct", str(run_folder), "--out", str(out)])
    signal.signal(signal.SIGTERM, handler)  # the command's own is not for tests
    if not out.exists():
        return []
    with out.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def imported(way: Way, rows: list[dict[str, str]], folder: Path) -> Way:
    """A copy of an export with corrections among its rows."""
    shutil.copytree(way.export, folder)
    path = folder / way.entries
    if path.suffix == ".parquet":
        _append(path, rows)
        return way._replace(export=folder)
    with path.open(newline="", encoding="utf-8-sig") as file:
        names = next(csv.reader(file, delimiter=way.delimiter))
    theirs = dict(way.columns)
    whole = path.read_text("utf-8").endswith("\n")
    with path.open("a", newline="", encoding="utf-8") as file:
        file.write("" if whole else "\n")
        writer = csv.DictWriter(
            file, names, extrasaction="ignore", lineterminator="\n", delimiter=way.delimiter
        )
        for row in rows:
            values = {
                **row,
                "kind": way.correction,
                "amount": way.amount(Decimal(row["amount"])),
                "recorded_at": way.instant(datetime.fromisoformat(row["recorded_at"])),
                "effective_date": way.day(date.fromisoformat(row["effective_date"])),
            }
            writer.writerow({theirs.get(name, name): value for name, value in values.items()})
    return way._replace(export=folder)


def _append(path: Path, rows: list[dict[str, str]]) -> None:
    """Add rows to a Parquet file."""
    with duckdb.connect() as con:
        con.read_parquet(str(path)).create("entry")
        con.executemany(
            "INSERT INTO entry (entry_id, account_id, effective_date, amount, kind, recorded_at)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            [[row[name] for name in OURS] for row in rows],
        )
        con.table("entry").write_parquet(str(path))


def faults(before: Audit, way: Way, folder: Path) -> list[str]:
    """What is wrong with an audit's corrections; empty where they put everything right.

    Args:
        before: the audit.
        way: how it was done.
        folder: an empty one to work in.
    """
    told = [*_unrestored(before), *_unpaired(before)]
    before.write(folder / "run")
    told += _refused(before, folder) if before.corrections else []
    if before.verdict == "incomplete":
        return told + ["an incomplete run proposes corrections"] * bool(before.corrections)
    rows = corrections(folder / "run", folder / "corrections.csv")
    if len(rows) != len(before.corrections):
        told.append(f"{len(before.corrections)} corrections, {len(rows)} importable")
    after = imported(way, rows, folder / "imported").audited() if rows else before
    known = {(f.rule, f.account_id, f.week_start) for f in before.findings if f.status == "open"}
    contradictory = {
        (f.account_id, f.week_start) for f in before.findings if f.rule == "duplicate_settlement"
    }
    # Where an answer is yet to come nothing is proposed, so the week stays off until then.
    waiting = {
        (f.account_id, f.week_start) for f in before.findings if f.status == "pending" and f.effect
    }
    left = [
        f
        for f in after.findings
        if f.status == "open"
        and (f.account_id, f.week_start) not in waiting
        and f.severity != "info"
        and (f.account_id, f.week_start) not in contradictory
        and not (f.rule in TOLD and (f.rule, f.account_id, f.week_start) in known)
    ]
    told += [f"open after import: {f.rule} {f.account_id} {f.week_start} {f.effect}" for f in left]
    if after.verdict == "incomplete":
        told.append("incomplete after import")
    more = [
        c
        for c in after.corrections
        if (c.account_id, _week(c.effective_date, before.weeks[0])) not in contradictory
    ]
    told += [f"corrects again: {c.account_id} {c.effective_date} {c.amount}" for c in more]
    return told


def _refused(result: Audit, folder: Path) -> list[str]:
    """Why a book that stands as the export does refuses the corrections; empty if it takes them."""
    off = {
        (f.account_id, f.currency, f.week_start): f.effect or Decimal()
        for f in result.findings
        if f.rule == "unbalanced_week"
    }
    file = str(folder / "book.duckdb")
    first = result.weeks[0]
    weeks = sorted(
        {(c.account_id, c.currency, _week(c.effective_date, first)) for c in result.corrections}
    )
    weekday = first.strftime("%A").lower()
    scale = max(-int(c.amount.as_tuple().exponent) for c in result.corrections)
    with Book.open(file, scale=scale, currency="EUR", week_start=weekday) as book:
        book.post_many(Posting(a, week, Decimal(1), currency=c) for a, c, week in weeks)
        for week in sorted({w[2] for w in weeks} & set(result.weeks)):
            book.settle(week)
    damage = "; ".join(_damage(*week, off.get(week, Decimal())) for week in weeks)
    books.harm(file, damage)
    with Book.open(file, scale=scale, currency="EUR", week_start=weekday) as book:
        try:
            posted = book.correct(folder / "run")
        except Fault as fault:
            return [f"the book refuses: {fault}"]
    if len(posted) != len(result.corrections):
        return [f"the book takes {len(posted)} of {len(result.corrections)} corrections"]
    return []


def _damage(account: str, currency: str, week: date, off: Decimal) -> str:
    """The statement that puts a week of a book off."""
    named = (account.replace("'", "''"), currency.replace("'", "''"))
    return (
        f"UPDATE settle.entry SET amount = amount + CAST('{off:f}' AS DECIMAL(38, 8))"  # noqa: S608
        f" WHERE account_id = '{named[0]}' AND currency = '{named[1]}' AND week_start = '{week}'"
    )


def _week(day: date, first: date) -> date:
    """The first day of a day's week, where weeks begin on the weekday of another day."""
    return date.fromordinal(day.toordinal() - (day.weekday() - first.weekday()) % 7)


def _unrestored(result: Audit) -> list[str]:
    """Weeks that the proposed corrections do not bring to their settled amount."""
    off = {
        (f.account_id, f.currency, f.week_start): f.effect or Decimal()
        for f in result.findings
        if f.rule == "unbalanced_week"
    }
    proposed: dict[tuple[str, str, date], Decimal] = defaultdict(Decimal)
    for c in result.corrections:
        week = _week(c.effective_date, result.weeks[0])
        proposed[c.account_id, c.currency, week] += c.amount
    settled = set(result.weeks)
    return [
        f"week {where[0]} {where[2]} is off by {off.get(where, 0)}, corrected by {amount}"
        for where, amount in proposed.items()
        if amount + off.get(where, Decimal()) and where[2] in settled
    ]


def _unpaired(result: Audit) -> list[str]:
    """Weeks whose open and pending effects are not their residual, or whose masked ones stay."""
    open_by: dict[tuple[str, str, date], Decimal] = defaultdict(Decimal)
    masked: dict[tuple[str, str, date], Decimal] = defaultdict(Decimal)
    off: dict[tuple[str, str, date], Decimal] = defaultdict(Decimal)
    for f in result.findings:
        where = f.account_id, f.currency, f.week_start
        if f.rule == "unbalanced_week":
            off[where] += f.effect or Decimal()
        elif f.effective_date or f.rule == "settled_amount_mismatch":
            into = masked if f.status == "masked" else open_by
            into[where] += (f.effect or Decimal()) if f.status != "accepted" else Decimal()
    told = [
        f"week {w[0]} {w[2]} is off by {off[w]}, its open findings tell {open_by[w]}"
        for w in {*off, *open_by}
        if off[w] != open_by[w]
    ]
    return told + [f"week {w[0]} {w[2]}: masked effects {m}" for w, m in masked.items() if m]
