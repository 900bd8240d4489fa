"""Proposed corrections: the fewest entries that put every open break right. Never posted."""

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import duckdb

from settle_core import contract, formats, sql, staging
from settle_core.audit import run_folder
from settle_core.errors import Fault
from settle_core.exports.arrays import tables
from settle_core.exports.reading.ledger import Ledger
from settle_core.formats import csv_line, harmless

Week = tuple[str, str, date]


class Correction(NamedTuple):
    """A proposed entry: minus the open effects of an account's day, and the findings it answers."""

    correction_id: str
    account_id: str
    effective_date: date
    amount: Decimal
    currency: str
    finding_ids: tuple[str, ...]

    def __repr__(self) -> str:
        """Tell it in one line; `_asdict()` has all of it."""
        which = f"account {self.account_id[:24]!r}, {self.effective_date}"
        count = f"for {len(self.finding_ids)} finding{'' if len(self.finding_ids) == 1 else 's'}"
        return f"<correction of {self.amount:f} {self.currency[:24]}: {which}, {count}>"


def propose(
    ledger: Ledger, first: date = date.min, last: date = date.max
) -> tuple[Correction, ...]:
    """One entry for each account, currency and day whose open findings have an effect in all.

    Masked breaks get none: what they did was taken back already. A week in which an answer is
    pending gets none either, as that may take back what is open, nor one that was settled at two
    amounts, or in which what is open may have been answered elsewhere, nor the week of the other
    half of a pair in such a one. What a week was off by when it
    was settled is put right on its first day. Whatever stands elsewhere is moved, not posted again.
    They are the rows of the table `ruled.proposed`.

    Args:
        ledger: with the findings of all weeks.
        first: week whose breaks are put right.
        last: likewise.
    """
    ledger.con.execute(sql.text("audit", "proposed"), {"first": first, "last": last})
    rows = ledger.con.execute(sql.text("audit", "proposed_row")).fetchall()
    decimals = {currency: ledger.decimals(currency) for currency in {row[-2] for row in rows}}
    return tuple(
        Correction(
            correction_id=key,
            account_id=account_id,
            effective_date=day,
            amount=formats.scaled(amount, decimals[currency]),
            currency=currency,
            finding_ids=tuple(ids.split(",")),
        )
        for key, account_id, day, amount, currency, ids in rows
    )


def store(con: duckdb.DuckDBPyConnection, corrections: Sequence[Correction]) -> None:
    """Make the table `correction`: as corrections.csv has it, amounts DECIMAL."""
    con.execute(sql.text("audit", "correction"))
    rows = [[*c[:3], f"{c.amount:f}", c.currency, ",".join(c.finding_ids)] for c in corrections]
    if rows:
        table = tables.of_rows(rows, **dict.fromkeys(contract.PROPOSED_COLUMNS, tables.TEXT))
        with tables.registered(con, correction_text=table):
            con.table("correction_text").insert_into("correction")


def write_csv(path: Path, corrections: Sequence[Correction]) -> None:
    """Write corrections as CSV; amounts in major units, the findings separated by commas."""
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(csv_line(contract.PROPOSED_COLUMNS))
        for c in corrections:
            row = (*c[:3], f"{c.amount:f}", c.currency, ",".join(c.finding_ids))
            file.write(csv_line(harmless(str(value)) for value in row))


def importable(run: Path, out: Path) -> int:
    """Write a run's proposed corrections as entries in the columns of the contract.

    Their kind is `correction`: the audit takes them for what they are, and a balancing system must
    not answer them with counter-entries. Ids follow the largest of the export where those are
    numbers; `recorded_at` is the instant that the run was made for.

    Args:
        run: a run folder.
        out: the CSV file to write.

    Returns:
        How many there are.

    Raises:
        Fault: not a run folder, an incomplete run, or the file is there already, or cannot be
            written.
    """
    staging.demand_new(out)
    manifest = run_folder.read(run)
    if manifest["verdict"] == "incomplete":
        raise Fault(
            "an incomplete run proposes no corrections",
            where=str(run),
            expected="a run that read and explained everything",
            found="; ".join(manifest["corrections_withheld"]),
            todo="mend what is named there and audit again",
        )
    last_id = manifest["inputs"][0]["last_id"]
    rows = run_folder.rows(run, run_folder.CORRECTIONS)
    with staging.new_file(out) as made, made.open("x", encoding="utf-8", newline="") as file:
        file.write(csv_line(contract.CORRECTION_COLUMNS))
        for number, row in enumerate(rows, 1):
            is_number = re.fullmatch(r"[0-9]+", last_id)
            entry_id = str(int(last_id) + number) if is_number else row["correction_id"]
            day, currency = row["effective_date"], row["currency"]
            memo = f"corrects {row['finding_ids'].replace(',', ' ')}"
            key = (entry_id, row["account_id"], day, row["amount"])
            file.write(csv_line((*key, "correction", manifest["as_of"], currency, memo)))
    return len(rows)
