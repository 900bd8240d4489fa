"""Proposed corrections: the fewest entries that put every open break right. Never posted."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import duckdb

from settle_core import contract, sql
from settle_core.audit import run_folder
from settle_core.contract import Finding
from settle_core.errors import Fault
from settle_core.formats import csv_line, harmless
from settle_core.rules import rule


class Correction(NamedTuple):
    """A proposed entry: minus the open effects of an account's day, and the findings it answers."""

    correction_id: str
    account_id: str
    effective_date: date
    amount: Decimal
    currency: str
    finding_ids: tuple[str, ...]


def propose(
    findings: Sequence[Finding], posted: Mapping[tuple[str, str, date], Decimal]
) -> tuple[Correction, ...]:
    """One entry for each account, currency and day whose open findings have an effect in all.

    Masked breaks get none: what they did was taken back already. Pending ones may yet be answered.

    Args:
        findings: of an audit.
        posted: corrections that are there already, by account, currency and day.
    """
    by_day: dict[tuple[str, str, date], list[Finding]] = defaultdict(list)
    for finding in findings:
        if finding.status != "open" or not rule.of(finding.rule).is_of_rows:
            continue
        if finding.effective_date and finding.effect:
            by_day[finding.account_id, finding.currency, finding.effective_date].append(finding)
    corrections = []
    for (account_id, currency, day), group in by_day.items():
        there = posted.get((account_id, currency, day), Decimal())
        amount = -sum((f.effect for f in group if f.effect), there)
        if amount:
            ids = tuple(f.finding_id for f in group)
            corrections.append(
                Correction(f"correct-{ids[0]}", account_id, day, amount, currency, ids)
            )
    return tuple(corrections)


def store(con: duckdb.DuckDBPyConnection, corrections: Sequence[Correction]) -> None:
    """Make the table `correction`: as corrections.csv has it, amounts DECIMAL."""
    con.execute(sql.text("audit", "correction"))
    rows = [[*c[:3], f"{c.amount:f}", c.currency, ",".join(c.finding_ids)] for c in corrections]
    if rows:
        con.executemany("INSERT INTO correction VALUES (?, ?, ?, ?, ?, ?)", rows)


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
        Fault: not a run folder, or the file is there already.
    """
    if out.exists():
        raise Fault("the file is there already", where=str(out), todo="name another, or remove it")
    manifest = run_folder.read(run)
    last_id = manifest["inputs"][0]["last_id"]
    rows = run_folder.rows(run, run_folder.CORRECTIONS)
    with out.open("x", encoding="utf-8", newline="") as file:
        file.write(csv_line(contract.CORRECTION_COLUMNS))
        for number, row in enumerate(rows, 1):
            is_number = re.fullmatch(r"[0-9]+", last_id)
            entry_id = str(int(last_id) + number) if is_number else row["correction_id"]
            day, currency = row["effective_date"], row["currency"]
            memo = f"corrects {row['finding_ids'].replace(',', ' ')}"
            key = (entry_id, row["account_id"], day, row["amount"])
            file.write(csv_line((*key, "correction", manifest["as_of"], currency, memo)))
    return len(rows)
