"""The walks behind findings: the judged rows of the day or week in which each one stands."""

from importlib.resources import files
from itertools import groupby
from pathlib import Path
from typing import Any

import duckdb

from settle_core.errors import Fault
from settle_core.finding import Finding
from settle_core.step import Step, Walk


def walks(con: duckdb.DuckDBPyConnection, finding: Finding) -> tuple[Walk, ...]:
    """The walks of a finding: of its day, or of every replayed day of its week.

    Args:
        con: a connection with the table `replay`.
        finding: any finding; one with a day gets the walk that its entry stands in.
    """
    query = (files("settle_core") / "sql" / "check" / "walk_step.sql").read_text("utf-8")
    parameters = {
        "account_id": finding.account_id,
        "currency": finding.currency,
        "week_start": finding.week_start,
    }
    rows = con.execute(query, parameters).fetchall()
    told = [
        _walk(list(group))
        for _, group in groupby(rows, key=lambda row: row[3] if row[4] == "day" else None)
    ]
    if finding.entry_id:
        told = [walk for walk in told if finding.entry_id in walk.position]
    return tuple(told)


def open_run(folder: Path) -> duckdb.DuckDBPyConnection:
    """A connection with the table `replay` of a run folder.

    Raises:
        Fault: the folder is not that of a run.
    """
    path = folder / "replay.parquet"
    if not path.is_file():
        raise Fault(
            "not a run folder",
            where=str(folder),
            expected="replay.parquet, as settle audit writes it",
            found="no such file",
            todo="give the path that settle audit printed last",
        )
    con = duckdb.connect()
    con.read_parquet(str(path)).create("replay")
    return con


def _walk(rows: list[tuple[Any, ...]]) -> Walk:
    account_id, currency, week_start, day, level, policy, *_ = rows[0]
    steps = tuple(
        Step(
            entry_id=entry_id,
            kind=kind,
            amount=amount,
            recorded_at=recorded_at,
            job_id=job_id,
            role=role,
            expected=None if role == "uncountered" else expected,
            unseen=tuple(unseen.split(",")) if unseen else (),
        )
        for *_, entry_id, kind, role, amount, expected, _, recorded_at, job_id, unseen in rows
    )
    return Walk(
        account_id=account_id,
        currency=currency,
        level=level,
        effective_date=day if level == "day" else None,
        week_start=week_start,
        steps=steps,
        start=rows[0][11],
        policy=policy,
    )
