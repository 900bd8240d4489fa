"""Proposed corrections: the fewest entries that put every open break right. Never posted."""

import csv
from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from settle_core.finding import Finding, harmless


class Correction(NamedTuple):
    """A proposed entry: minus the open effects of an account's day, and the findings it answers."""

    correction_id: str
    account_id: str
    effective_date: date
    amount: Decimal
    currency: str
    finding_ids: tuple[str, ...]


def propose(findings: Sequence[Finding]) -> tuple[Correction, ...]:
    """One entry for each account, currency and day whose open findings have an effect in all.

    Masked breaks get none: what they did was taken back already. Pending ones may yet be answered.
    """
    by_day: dict[tuple[str, str, date], list[Finding]] = defaultdict(list)
    for finding in findings:
        if finding.status == "open" and finding.effective_date and finding.effect:
            by_day[finding.account_id, finding.currency, finding.effective_date].append(finding)
    corrections = []
    for (account_id, currency, day), group in by_day.items():
        amount = -sum((f.effect for f in group if f.effect), Decimal())
        if amount:
            ids = tuple(f.finding_id for f in group)
            corrections.append(
                Correction(f"correct-{ids[0]}", account_id, day, amount, currency, ids)
            )
    return tuple(corrections)


def write_csv(path: Path, corrections: Sequence[Correction]) -> None:
    """Write corrections as CSV; amounts in major units, the findings separated by commas."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(Correction._fields)
        for c in corrections:
            row = (*c[:3], f"{c.amount:f}", c.currency, ",".join(c.finding_ids))
            writer.writerow([harmless(str(value)) for value in row])
