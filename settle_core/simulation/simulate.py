"""A simulated export with planted faults, and the truth about them.

The background, entries written in time, comes from one SQL query and may be as large as the disk
holds; late rows are written at desks, one after another, as the balancing systems of `act` would.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, NamedTuple

import duckdb
import pandas as pd

from settle_core import sql
from settle_core.errors import Fault
from settle_core.simulation import schedule
from settle_core.simulation.scenario import OF_HISTORY, LateRow, Planted
from settle_core.simulation.schedule import (
    CURRENCY,
    FAULTS,
    FIRST_WEEK,
    Plan,
    Roster,
    WeekFault,
    check,
)

FORMATS: Final = ("csv", "parquet")
TIMESTAMP: Final = "%Y-%m-%dT%H:%M:%S.%fZ"
# An earlier export is this old when the last week ends.
PREVIOUS_AGE: Final = timedelta(days=5)
FOREVER_US: Final = 2**62
US_PER_DAY: Final = 86_400_000_000


class Edit(NamedTuple):
    """What became of an entry written in time."""

    key: int
    amount: int
    effective_date: date
    is_removed: bool


class SettlementEdit(NamedTuple):
    """A settlement that is off by so many minor units, or a second one."""

    account_id: int
    week_start: date
    settled_off: int
    is_second: bool


class Export:
    """A played roster as the tables `row` (ids), `entry` and `settlement`, and its truth."""

    def __init__(self, con: duckdb.DuckDBPyConnection, played: Roster) -> None:
        self.con = con
        self.plan = plan = played.plan
        self.office = played.office
        self.edits: list[Edit] = []
        self.settlement_edits: list[SettlementEdit] = []
        numbers = {"accounts": plan.accounts, "weeks": plan.weeks, "seed": plan.seed}
        self._create("seed", numbers | {"per_week": plan.entries_per_week})
        self._register("late", played.office.rows, LateRow._fields)
        self._create("row", {"gaps": self._gaps(plan.faults.get("id_gap", 0))})
        faults = played.week_faults
        targets = [(k, fault.account, fault.week_start) for k, fault in enumerate(faults)]
        self._register("target", targets, ("number", "account", "week_start"))
        rows = con.sql(sql.text("simulation", "simulate/target")).fetchall()
        for (_, key, day, amount), fault in zip(rows, faults, strict=True):
            self._plant(fault, key, day, amount)
        self._register("edit", self.edits, Edit._fields)
        self._register("settlement_edit", self.settlement_edits, SettlementEdit._fields)
        self._create("entry")
        limits = {"last_week": plan.last_week, "as_of_us": FOREVER_US}
        self._create("settlement", limits)

    def _gaps(self, count: int) -> list[int]:
        """Choose positions in the order of ids after which some are left out, and tell the truth.

        Each is between two rows written in time for settled weeks, the first of a week of its own.
        """
        if not count:
            return []
        whole = self.con.sql(sql.text("simulation", "simulate/row"), params={"gaps": []})
        self.con.register("whole", whole)
        limits = {"in_time": self.plan.entries, "last_week": self.plan.last_week}
        rows = self.con.sql(sql.text("simulation", "simulate/gap_place"), params=limits).fetchall()
        chosen = self.office.rng.sample(rows, count)
        for number, (_, account_id, week_start) in enumerate(chosen):
            self.office.planted.append(
                Planted(
                    fault="id_gap",
                    number=number,
                    rule="id_gap",
                    status="open",
                    cause="unknown",
                    account_id=str(account_id),
                    currency=CURRENCY,
                    week_start=week_start,
                    effective_date=None,
                    key=None,
                    amount=0,
                    expected_amount=0,
                    effect=0,
                )
            )
        return sorted(position for position, *_ in chosen)

    def _create(self, table: str, parameters: dict[str, Any] | None = None) -> None:
        self.con.sql(sql.text("simulation", f"simulate/{table}"), params=parameters).create(table)

    def _register(self, name: str, rows: Sequence[object], columns: Sequence[str]) -> None:
        frame = pd.DataFrame(rows, columns=list(columns))
        for column in ("attempt", "answers"):
            if column in frame:  # empty ones would make it a column of floats
                frame[column] = frame[column].astype("Int64")
        self.con.register(name, frame)

    def _plant(self, fault: WeekFault, key: int, day: date, amount: int) -> None:
        """Plant a fault of a week; `key`, `day` and `amount` are those of an entry of it."""
        off = self.office.draw()
        variant = fault.number % 2
        place = (fault.account, fault.week_start)
        note = Planted(
            fault=fault.fault,
            number=fault.number,
            rule=fault.fault,
            status="open",
            cause="unknown",
            account_id=str(fault.account),
            currency=CURRENCY,
            week_start=fault.week_start,
            effective_date=None,
            key=None,
            amount=off,
            expected_amount=0,
            effect=0,
        )
        if fault.fault == "duplicate_settlement":
            self.settlement_edits.append(SettlementEdit(*place, variant * off, is_second=True))
            self.office.planted.append(note._replace(amount=variant * off))
            return
        if fault.fault == "settled_amount_mismatch":
            self.settlement_edits.append(SettlementEdit(*place, off, is_second=False))
            self.office.planted.append(note._replace(effect=off))
            return
        changed = note._replace(key=key, amount=amount, expected_amount=amount)
        if fault.fault == "missing_history":
            self.edits.append(Edit(key, amount, day, is_removed=True))
            effect = -amount
            changed = changed._replace(amount=0, effect=effect)
        elif variant:
            moved = fault.week_start + timedelta(days=((day - fault.week_start).days + 1) % 7)
            self.edits.append(Edit(key, amount, moved, is_removed=False))
            effect = 0
        else:
            self.edits.append(Edit(key, amount + off, day, is_removed=False))
            effect = off
            changed = changed._replace(amount=amount + off, effect=effect)
        self.office.planted.append(changed)
        if effect:
            mismatch = note._replace(rule="settled_amount_mismatch", effect=effect)
            self.office.planted.append(mismatch)

    def write(self, folder: Path, formats: str) -> dict[str, Any]:
        """Write the files, and those of an earlier export where history was changed.

        Returns:
            The truth, for JSON.
        """
        _write(self.con.table("entry"), folder, "entries", formats)
        _write(self.con.table("settlement"), folder, "settlements", formats)
        if any(self.plan.faults.get(fault) for fault in OF_HISTORY):
            before = folder / "previous"
            before.mkdir()
            end = (self.plan.last_week - date(1970, 1, 1)) + timedelta(days=7) - PREVIOUS_AGE
            as_of = {"as_of_us": end.days * US_PER_DAY}
            _write(
                self.con.sql(sql.text("simulation", "simulate/entry_before"), params=as_of),
                before,
                "entries",
                formats,
            )
            limits = as_of | {"last_week": self.plan.last_week}
            _write(
                self.con.sql(sql.text("simulation", "simulate/settlement"), params=limits),
                before,
                "settlements",
                formats,
            )
        return self.truth()

    def truth(self) -> dict[str, Any]:
        """What the export holds and what was planted in it; amounts in major units, as text."""
        planted = self.office.truth()
        names = [(p.account_id, p.week_start) for p in planted if p.effective_date is None]
        self._register("named", sorted(set(names)), ("account_id", "week_start"))
        totals = {
            row[:2]: row[2:]
            for row in self.con.sql(sql.text("simulation", "simulate/week_total")).fetchall()
        }
        keys = sorted({p.key for p in planted if p.key is not None})
        rows = self.con.execute(sql.text("simulation", "simulate/id_of"), {"keys": keys}).fetchall()
        findings = [_told(p, dict(rows), totals) for p in planted]
        order = ("fault", "number", "account_id", "week_start", "effective_date", "entry_id")
        late = [row for row in self.office.rows if row.kind == "entry"]
        days = Counter((p.account_id, p.effective_date) for p in planted if p.effective_date)
        counts = {
            "entries": self.con.table("entry").count("*").fetchall()[0][0],
            "settlements": self.con.table("settlement").count("*").fetchall()[0][0],
            "late_entries": len(late),
            "late_days": len({(row.account_id, row.effective_date) for row in late}),
            "counters": len(self.office.rows) - len(late),
            "broken_days": len(days),
            "weeks_off": sum(p.rule == "unbalanced_week" for p in planted),
            "findings": dict(sorted(Counter(p.rule for p in planted).items())),
        }
        return {
            "scenario": "simulated",
            "made": "settle simulate",
            "first_week": FIRST_WEEK.isoformat(),
            "parameters": dict(vars(self.plan)),
            "counts": counts,
            "findings": sorted(findings, key=lambda f: [str(f[name] or "") for name in order]),
        }


def _write(table: duckdb.DuckDBPyRelation, folder: Path, name: str, formats: str) -> None:
    path = str(folder / f"{name}.{formats}")
    if formats == "csv":
        table.write_csv(path, timestamp_format=TIMESTAMP)
    else:
        table.write_parquet(path, compression="zstd")


def _told(
    planted: Planted, ids: dict[int, int], totals: dict[tuple[str, date], tuple[int, int]]
) -> dict[str, Any]:
    amount, expected = planted.amount, planted.expected_amount
    is_of_week = planted.effective_date is None
    if is_of_week and planted.rule not in {*OF_HISTORY, "id_gap"}:
        amount, expected = totals[planted.account_id, planted.week_start]
        if planted.rule == "duplicate_settlement":
            amount = expected - planted.amount
    cents = Decimal("0.01")
    return {
        **planted._asdict(),
        "entry_id": "" if planted.key is None else str(ids[planted.key]),
        "week_start": planted.week_start.isoformat(),
        "effective_date": planted.effective_date.isoformat() if planted.effective_date else None,
        "amount": str(amount * cents),
        "expected_amount": str(expected * cents),
        "effect": str((amount - expected if is_of_week else planted.effect) * cents),
    }


def parse_faults(text: str) -> dict[str, int]:
    """Read `stale_read=3,race=2`; a name alone stands for one.

    Raises:
        Fault: an unknown fault, one named twice, or no count.
    """
    faults: dict[str, int] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, equals, count = (piece.strip() for piece in part.partition("="))
        if name not in FAULTS:
            expected = f"one of {', '.join(FAULTS)}"
            raise Fault("unknown fault", where="--faults", expected=expected, found=repr(name))
        if name in faults:
            raise Fault("fault named twice", where="--faults", found=repr(name))
        if equals and not (count.isascii() and count.isdigit()):
            expected = f"{name}=N, a whole number"
            raise Fault("bad count", where="--faults", expected=expected, found=repr(part))
        faults[name] = int(count) if equals else 1
    return faults


def simulate(  # noqa: PLR0913  one parameter for each thing that can be chosen
    out: str | Path,
    *,
    seed: int = 1,
    accounts: int = 60,
    weeks: int = 13,
    entries_per_week: int = 10,
    late_share: float = 0.05,
    faults: Mapping[str, int] | None = None,
    policy: str = "sum",
    level: str = "day",
    formats: str = "csv",
    job_ids: bool = True,
) -> Path:
    """Write an export in canonical form and its truth: `entries.*`, `settlements.*`, `truth.json`.

    The same arguments give the same export. Faults of history also need an earlier export, which
    goes to the folder `previous` in it.

    Args:
        out: the folder to write to; new or empty.
        seed: of all that is random.
        accounts: how many.
        weeks: how many, of which the last is not settled.
        entries_per_week: written in time, by account and week.
        late_share: late entries as a share of those of settled weeks.
        faults: fault -> how many of it, see `FAULTS`.
        policy: sum, delta, or mixed (every other account).
        level: what a counter-entry restores: day, week, or mixed.
        formats: csv or parquet.
        job_ids: whether rows carry the job that wrote them.

    Raises:
        Fault: a parameter out of range, an unknown fault, or no room for what is asked.
    """
    plan = Plan(
        seed=seed,
        accounts=accounts,
        weeks=weeks,
        entries_per_week=entries_per_week,
        late_share=late_share,
        faults=dict(faults or {}),
        policy=policy,
        level=level,
        job_ids=job_ids,
    )
    check(plan)
    if formats not in FORMATS:
        raise Fault("bad value", where="formats", expected="csv or parquet", found=repr(formats))
    folder = Path(out)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        expected, todo = "a new or empty folder", "choose another one"
        raise Fault("not empty", where=str(folder), expected=expected, todo=todo)
    played = schedule.played(plan)
    folder.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as con:
        truth = Export(con, played).write(folder, formats)
    text = json.dumps(truth, indent=1)
    (folder / "truth.json").write_text(text + "\n", "utf-8")
    return folder
