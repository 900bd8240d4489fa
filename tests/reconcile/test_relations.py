"""What does not matter to an audit changes nothing, and what does changes just that.

No truth is needed for it: an export is audited as it is and changed in one way.
"""

import csv
import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any, Final

import pytest
from simulator.files import build
from simulator.kinds import BY_NAME

from settle_core.audit import Audit, run
from settle_core.contract import Finding

Table = list[dict[str, str]]
AMOUNTS: Final = ("amount", "expected_amount", "effect")
LATER: Final = timedelta(weeks=10)
KINDS: Final = ("two_systems", "cached_week")


def shuffled(table: Table) -> Table:
    return Random(3).sample(table, len(table))  # noqa: S311  lots, not secrets


def negated(table: Table) -> Table:
    return _amounts(table, lambda amount: -amount)


def hundredfold(table: Table) -> Table:
    return _amounts(table, lambda amount: 100 * amount)


def weeks_later(table: Table) -> Table:
    def later(match: re.Match[str]) -> str:
        return str(date.fromisoformat(match[0]) + LATER)

    return [
        {name: re.sub(r"^\d{4}-\d\d-\d\d", later, value) for name, value in row.items()}
        for row in table
    ]


def other_accounts(table: Table) -> Table:
    return [{**row, "account_id": f"A-{row['account_id'].zfill(6)}"} for row in table]


def with_a_healthy_account(table: Table) -> Table:
    """One more account, whose only row was there when its week was settled."""
    row = table[0] | {"account_id": "999999"}
    if "settled_amount" in row:
        return [*table, row | {"settled_amount": "12.34"}]
    first = min(table, key=lambda each: each["recorded_at"])
    new = {"entry_id": "99999999", "kind": "entry", "amount": "12.34", "job_id": ""}
    new |= {"recorded_at": first["recorded_at"], "effective_date": _first_week(table)}
    return [*table, {name: new.get(name, value) for name, value in row.items()}]


def _first_week(table: Table) -> str:
    first = date.fromisoformat(min(row["effective_date"] for row in table))
    return str(first - timedelta(days=first.weekday()))


def _amounts(table: Table, change: Callable[[Decimal], Decimal]) -> Table:
    return [
        {n: str(change(Decimal(v))) if n.endswith("amount") else v for n, v in row.items()}
        for row in table
    ]


def told(result: Audit) -> Iterator[dict[str, Any]]:
    """The findings without their sentences and hashes, of which amounts and accounts are part.

    How much a finding weighs goes with its amount.
    """
    for finding in result.findings:
        row = dict(zip(Finding._fields, finding, strict=True))
        yield {n: v for n, v in row.items() if n not in {"explanation", "finding_id", "severity"}}


def _changed(row: dict[str, Any], change: Callable[[Table], Table]) -> dict[str, Any]:
    """What a finding should be of the changed export."""
    new = dict(row)
    factor = -1 if change is negated else 100 if change is hundredfold else 1
    for name in AMOUNTS:
        new[name] = row[name] if row[name] is None else factor * row[name] + 0  # no -0
    if change is weeks_later:
        for name in ("week_start", "effective_date", "recorded_at"):
            new[name] = row[name] and row[name] + LATER
    if change is other_accounts:
        new["account_id"] = f"A-{row['account_id'].zfill(6)}"
    return new


@pytest.fixture(scope="module", params=KINDS)
def plain(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Audit]:
    export, _ = build(BY_NAME[request.param], 5).write(tmp_path_factory.mktemp("plain"))
    return export, run(export, "canonical")


@pytest.mark.parametrize(
    "change",
    [shuffled, negated, hundredfold, weeks_later, other_accounts, with_a_healthy_account],
)
def test_a_change_of_the_export_changes_just_that(
    plain: tuple[Path, Audit], change: Callable[[Table], Table], tmp_path: Path
) -> None:
    export, before = plain
    for path in export.iterdir():
        with path.open(newline="", encoding="utf-8") as file:
            table = change(list(csv.DictReader(file)))
        with (tmp_path / path.name).open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, table[0])
            writer.writeheader()
            writer.writerows(table)
    after = run(tmp_path, "canonical")
    expected = [_changed(row, change) for row in told(before)]
    assert len(expected) > 20
    assert sorted(map(str, told(after))) == sorted(map(str, expected))
    assert after.verdict == before.verdict
    assert len(after.corrections) == len(before.corrections)
