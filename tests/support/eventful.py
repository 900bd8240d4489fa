"""Ledgers in which much goes right and everything goes wrong somewhere, by a seed.

It shares nothing with the product: rows are drawn, not simulated, and nobody knows their truth.
They are for what two ways of one audit must agree on.
"""

import csv
import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

FIRST_WEEK = date(2026, 1, 5)
DELAYS = (0, 0.00002, 0.02, 0.02, 3, 3600, 25 * 3600)  # seconds from a late entry to its answer
# What comes of a late entry, by weight.
COMES = {
    "answered": 60,
    "together": 9,
    "halved": 3,
    "twice": 5,
    "next_day": 3,
    "elsewhere": 3,
    "other_amount": 3,
    "corrected": 2,
    "early": 2,
    "named_wrongly": 2,
    "lost": 8,
}


class Eventful:
    """One ledger.

    Args:
        seed: of all choices.
        accounts: how many.
        weeks: how many settled weeks each has.
        again: how many weeks are settled again: later, at the same amount or at another one.
    """

    def __init__(self, seed: int, accounts: int = 40, weeks: int = 5, again: int = 0) -> None:
        self.rng = random.Random(seed)  # noqa: S311  no secret
        self.entries: list[dict[str, Any]] = []
        self.settlements: list[Any] = []  # account, week, amount, instant
        self.weeks = [FIRST_WEEK + timedelta(weeks=k) for k in range(weeks)]
        self.first = self.rng.choice([1, -3, 1000, 10**9])
        for account in range(self.first, self.first + accounts):
            for week in self.weeks:
                self._week(account, week)
        for place in range(again):
            name, start, total, at = self.settlements[11 * place]
            at += timedelta(hours=4 + 60 * (place % 2))
            self.settlements.append((name, start, total + 500 * (place % 3), at))
        self.entries.sort(key=lambda row: row["recorded_at"])
        number = self.rng.choice([0, -5, 10**6])
        for row in self.entries:
            number += 1 if self.rng.random() < 0.998 else 2
            row["entry_id"] = number

    def _amount(self) -> int:
        few = [self.rng.randint(-50, 50) * 10, self.rng.randint(-9, 9) * 100, 0, 1000]
        return self.rng.choice(few)

    def _row(self, account: int, day: date, amount: int, kind: str, at: datetime) -> dict[str, Any]:
        row = {"account_id": account, "effective_date": day, "amount": amount, "kind": kind}
        row |= {"recorded_at": at, "job": "", "answered": None}
        self.entries.append(row)
        return row

    def _week(self, account: int, week: date) -> None:
        rng = self.rng
        at = datetime.combine(week, datetime.min.time(), UTC) + timedelta(
            days=7, hours=3, minutes=rng.randint(0, 90)
        )
        total = 0
        for _ in range(rng.randint(0, 3)):
            day = week + timedelta(days=rng.randint(0, 6))
            written = datetime.combine(day, datetime.min.time(), UTC) + timedelta(hours=9)
            if rng.random() < 0.05:
                written = at + timedelta(microseconds=rng.choice([-1_500_000, -1, 0, 1, 900_000]))
            kind = rng.choice(["entry"] * 9 + ["counter"])
            row = self._row(account, day, self._amount(), kind, written)
            total += row["amount"] if written <= at else 0
        total += rng.choice([1, -100, 500]) if rng.random() < 0.04 else 0
        if rng.random() < 0.95:
            self.settlements.append((account, week, total, at))
        for _ in range(rng.choice([0, 0, 0, 1, 1, 2, 3])):
            self._late(account, week, at)

    def _late(self, account: int, week: date, settled_at: datetime) -> None:
        rng = self.rng
        day = week + timedelta(days=rng.randint(0, 6))
        at = settled_at + timedelta(hours=rng.choice([1, 5, 30, 100]), seconds=rng.randint(0, 99))
        entry = self._row(account, day, self._amount(), "entry", at)
        entry["job"] = (
            f"job{len(self.entries)}" if rng.random() < 0.95 else rng.choice(["null", "x"])
        )
        comes = rng.choices(list(COMES), list(COMES.values()))[0]
        after = timedelta(seconds=rng.choice(DELAYS))
        if comes == "together":
            more = self._row(account, day, self._amount(), "entry", at + after / 2)
            more["job"] = entry["job"]
        amount = -entry["amount"] + (100 if comes == "other_amount" else 0)
        kind = "correction" if comes == "corrected" else "counter"
        if comes == "together":
            amount -= more["amount"]
        if comes == "halved":
            self._row(account, day, amount // 2, "counter", at + after)
            amount -= amount // 2
        if comes == "next_day":
            day += timedelta(days=1)
        if comes == "elsewhere":
            day = self.weeks[-1] + timedelta(days=rng.choice([0, 8]))
        if comes == "early":
            after = -timedelta(seconds=rng.choice([0, 1, 60]))
        for number in range({"lost": 0, "twice": 2}.get(comes, 1)):
            answer = self._row(account, day, amount, kind, at + after * (1 + number))
            answer["job"] = entry["job"] if rng.random() < 0.9 else "other"
            answer["answered"] = "zz7" if comes == "named_wrongly" else entry

    def rename(self, entry: Callable[[int], str], account: Callable[[int], str]) -> None:
        """Give ids that are text."""
        for row in self.entries:
            row["entry_id"], row["account_id"] = entry(row["entry_id"]), account(row["account_id"])
        self.settlements = [(account(each), *told) for each, *told in self.settlements]

    def write(self, folder: Path, *, has_answers: bool = False) -> None:
        """Write `entries.csv` and `settlements.csv`."""
        folder.mkdir(parents=True, exist_ok=True)
        columns = ["entry_id", "account_id", "effective_date", "amount", "kind", "recorded_at"]
        columns += ["job_id", *(["answers"] if has_answers else [])]
        with (folder / "entries.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(columns)
            for row in self.entries:
                told = row["answered"]
                answers = told["entry_id"] if isinstance(told, dict) else told or ""
                line = [row["entry_id"], row["account_id"], row["effective_date"]]
                line += [f"{row['amount'] / 100:.2f}", row["kind"], _text(row["recorded_at"])]
                writer.writerow([*line, row["job"], *([answers] if has_answers else [])])
        with (folder / "settlements.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["account_id", "week_start", "settled_amount", "settled_at"])
            for account, week, amount, at in self.settlements:
                writer.writerow([account, week, f"{amount / 100:.2f}", _text(at)])


def as_parquet(folder: Path, out: Path, amount: str = "amount", *texts: str) -> None:
    """Write such an export as Parquet; amounts of entries by some SQL, some columns as text."""
    out.mkdir()
    amounts = {"entries": ("amount", amount), "settlements": ("settled_amount", "settled_amount")}
    with duckdb.connect() as con:
        con.execute("SET TimeZone = 'UTC'")
        for table, (name, value) in amounts.items():
            path = str(folder / f"{table}.csv")
            told = {"job_id", *texts} & {*con.read_csv(path).columns}
            rows = con.read_csv(path, dtype=dict.fromkeys(told, "VARCHAR"))
            money = duckdb.SQLExpression(value).cast("DECIMAL(12, 2)").alias(name)
            others = duckdb.StarExpression(exclude=[name])
            rows.select(others, money).write_parquet(str(out / f"{table}.parquet"))


def _text(instant: datetime) -> str:
    return f"{instant:%Y-%m-%dT%H:%M:%S.%f}Z"
