"""Small random ledgers, and small simulated systems whose faults are known.

Hypothesis strategies `random_ledgers` and `simulated_ledgers` give a `Ledger` in canonical form.
"""

import csv
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import hypothesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from oracle_records import Id, Row, Settings, Settlement

MONDAY = date(2026, 3, 2)
SETTLED = datetime(2026, 4, 1, tzinfo=UTC)
SKEW = timedelta(seconds=2)
TICK = timedelta(microseconds=1)
GAPS = [
    timedelta(0),
    TICK,
    timedelta(milliseconds=10),
    SKEW / 2,
    SKEW - TICK,
    SKEW,
    SKEW + TICK,
    timedelta(minutes=1),
    timedelta(minutes=20),
]
ROUND_AMOUNTS = [1000, 2000, 3000, 5000, 10000, -1000, -2000, -5000]
ID_STYLES = ["in_order", "shuffled", "text"]


class Truth(NamedTuple):
    """What is wrong with one planted row."""

    rule: str
    account_id: Id
    effective_date: date
    amount: int
    expected: int
    cause: str


class Ledger(NamedTuple):
    """Rows with how they are to be read; `truth` and `balancing` only where simulated."""

    rows: list[Row]
    settlements: list[Settlement]
    settings: Settings
    truth: list[Truth]


def write_export(ledger: Ledger, folder: Path, scale: int = 2) -> Path:
    """Write `entries.csv` and `settlements.csv` in canonical form; columns nobody fills go."""
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / "entries.csv", [r._asdict() for r in ledger.rows], Row._fields, scale)
    settlements = [s._asdict() for s in ledger.settlements]
    _write(folder / "settlements.csv", settlements, Settlement._fields, scale)
    return folder


def _write(
    path: Path, records: list[dict[str, object]], names: tuple[str, ...], scale: int
) -> None:
    unfilled = {"job_id": None, "answers": None, "currency": "EUR"}

    def text(name: str, value: object) -> str:
        if "amount" in name:
            return str(Decimal(str(value)).scaleb(-scale))
        if isinstance(value, datetime):
            return value.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        return "" if value is None else str(value)

    kept = [n for n in names if n not in unfilled or any(r[n] != unfilled[n] for r in records)]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(kept)
        writer.writerows([text(n, r[n]) for n in kept] for r in records)


def packed(ledgers: Sequence[Ledger]) -> Ledger:
    """Many ledgers in one, their accounts kept apart: balancing given, accounts are independent."""
    rows: list[Row] = []
    settlements: list[Settlement] = []
    for number, ledger in enumerate(ledgers):
        base = len(rows)

        def named(entry_id: Id | None, base: int = base) -> Id | None:
            return (
                entry_id + base if isinstance(entry_id, int) else entry_id and f"{base}-{entry_id}"
            )

        for row in ledger.rows:
            entry_id = named(row.entry_id)
            assert entry_id is not None
            account = f"{number}-{row.account_id}"
            again = row._replace(account_id=account, entry_id=entry_id, answers=named(row.answers))
            rows.append(again._replace(job_id=row.job_id and f"{number}-{row.job_id}"))
        settlements += [
            s._replace(account_id=f"{number}-{s.account_id}") for s in ledger.settlements
        ]
    return Ledger(rows, settlements, ledgers[0].settings, [])


def settings_for(style: str, policy: str = "auto", level: str = "auto") -> Settings:
    """Give the settings that fit a style of ids."""
    return Settings(skew=SKEW, policy=policy, level=level, ids_are_sequence=style != "text")


def with_ids(rows: list[Row], draw: st.DrawFn, style: str) -> list[Row]:
    """Number the rows, as drawn: in the order given, shuffled within the skew, or by text."""
    order = list(range(len(rows)))
    if style == "shuffled":
        jitter = [draw(st.sampled_from(GAPS[:6])) for _ in rows]
        order.sort(key=lambda i: rows[i].recorded_at + jitter[i])
    names: dict[Id | None, Id] = {}
    for number, i in enumerate(order, start=1):
        names[rows[i].entry_id] = f"row-{number * 7919 % 9973}" if style == "text" else number
    return [
        r._replace(entry_id=names[r.entry_id], answers=names.get(r.answers, r.answers))
        for r in rows
    ]


@st.composite
def random_ledgers(draw: st.DrawFn, max_late: int = 6) -> Ledger:
    """Draw rows with no system behind them, full of coincidences and of instants near the skew."""
    style = draw(st.sampled_from(ID_STYLES))
    amounts = st.sampled_from(ROUND_AMOUNTS) | st.integers(-99999, 99999).filter(bool)
    jobs = st.sampled_from(["a", "b", None] if draw(st.booleans()) else [None])
    uses_answers = draw(st.integers(0, 4)) == 0
    rows: list[Row] = []
    settlements = []
    places = st.tuples(st.integers(1, 2), st.sampled_from(["EUR", "EUR", "USD"]), st.integers(0, 1))
    for account, currency, week in sorted(draw(st.sets(places, min_size=1, max_size=3))):
        start = MONDAY + timedelta(weeks=week)
        days = [start + timedelta(days=d) for d in draw(st.sampled_from([[0], [0, 6], [1, 2, 5]]))]
        seeds = [draw(amounts) for _ in range(draw(st.integers(0, 2)))]
        for seed in seeds:
            day = draw(st.sampled_from(days))
            at = SETTLED - draw(_gap())
            rows.append(Row(len(rows), account, day, seed, "entry", at, None, None, currency))
        off = draw(st.sampled_from([0, 0, 0, 1000, -1]))
        settlements.append(Settlement(account, start, sum(seeds) - off, SETTLED, currency))
        at = SETTLED
        late: list[Row] = []
        for _ in range(draw(st.integers(0, max_late))):
            at += draw(_gap().filter(bool)) if not late else draw(_gap())
            kind = draw(st.sampled_from(["entry", "counter"]))
            amount = draw(amounts)
            answers = None
            if kind == "counter" and late and draw(st.integers(0, 5)):
                seen = draw(st.sets(st.sampled_from(late), min_size=1, max_size=4))
                amount = -sum(r.amount for r in seen) or amount
            if kind == "counter" and off and not draw(st.integers(0, 5)):
                amount = off if draw(st.booleans()) else -off  # what history left
            if kind == "counter" and late and uses_answers:
                answers = draw(st.sampled_from(late)).entry_id
            day = draw(st.sampled_from(days))
            row = Row(len(rows), account, day, amount, kind, at, draw(jobs), answers, currency)
            parts = [row]
            if kind == "counter" and abs(amount) > 1 and not draw(st.integers(0, 5)):
                part = amount // 3 or 1
                other = row._replace(entry_id=len(rows) + 1, amount=amount - part)
                parts = [row._replace(amount=part), other]
            late += parts
            rows += parts
    # By the clock: ids that run against it are no sequence, and the audit takes them for none.
    rows.sort(key=lambda row: row.recorded_at)
    rows = [row._replace(job_id=_of_the_half_hour(row)) for row in rows]
    if len({row.job_id for row in rows}) == 1:  # one value everywhere names no job
        rows = [row._replace(job_id=None) for row in rows]
    return Ledger(with_ids(rows, draw, style), settlements, settings_for(style), [])


def _of_the_half_hour(row: Row) -> str | None:
    """No job lasts for hours: what comes back for longer is taken for the name of a class."""
    return row.job_id and f"{row.job_id}{(row.recorded_at - SETTLED) // timedelta(minutes=30)}"


def _gap() -> st.SearchStrategy[timedelta]:
    return st.sampled_from(GAPS)


def drawn(
    strategy: st.SearchStrategy[Ledger], count: int, from_seed: int | None = None
) -> list[Ledger]:
    """Ledgers that are not empty: the same in each run with the same modules and seed."""
    ledgers: list[Ledger] = []

    @given(strategy)
    @settings(
        deadline=None,
        max_examples=count,
        database=None,
        derandomize=from_seed is None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def collect(ledger: Ledger) -> None:
        ledgers.append(ledger)

    (collect if from_seed is None else hypothesis.seed(from_seed)(collect))()
    return [ledger for ledger in ledgers if ledger.rows]
