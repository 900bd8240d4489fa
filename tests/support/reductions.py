"""DuckDB as an engine of the reduction, the reference that Spark is held to."""

from collections.abc import Iterator

import duckdb
import numpy as np
from duckdb import CaseExpression, ColumnExpression, ConstantExpression, Expression

from settle_core.exports.arrays import arrow
from settle_core.exports.arrays.arrow import Batch
from settle_core.exports.arrays.passed import Passed
from settle_core.exports.arrays.whole_pass import Limits
from settle_core.exports.files.opened import Opened, open_part
from settle_core.exports.files.source import Source
from settle_core.exports.reading import ledger
from settle_core.exports.reading.ledger import Ledger
from settle_core.spark import portable, tables
from settle_core.spark.engine import Given, used
from settle_core.spark.reduction import Reduction
from settle_core.spark.tables import COLUMNS, MONEY, OPTIONAL, Laid


class DuckDb:
    """The statements on a connection of DuckDB, in a schema of their own."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self.con = con
        con.execute("SET arrow_output_version = '1.5'")
        con.execute("CREATE OR REPLACE SCHEMA reduction")
        con.execute("SET search_path = 'reduction,main'")

    def view(self, name: str, statement: str, given: Given, *, is_kept: bool = False) -> None:
        rows = self.con.sql(statement, params=used(statement, given) or None)
        if is_kept:
            rows.create(name)
        else:
            rows.create_view(name, replace=True)

    def batches(self, statement: str, given: Given) -> Iterator[Batch]:
        return arrow.batches(self.con.sql(statement, params=used(statement, given) or None))


def type_in(engine: DuckDb, each: Laid) -> None:
    """As tables.type_in, on DuckDB."""
    con = engine.con
    zone = tables.offsets(con, each)
    con.execute(
        f"CREATE OR REPLACE TABLE {each.table}_zone (year INTEGER, local_from TIMESTAMP,"
        " local_until TIMESTAMP, utc_offset INTERVAL)"
    )
    con.executemany(f"INSERT INTO {each.table}_zone VALUES ($1, $2, $3, $4)", zone)  # noqa: S608
    values = [_value(each, ours).alias(ours) for ours in COLUMNS[each.table]]
    each.opened.relation.select(*values).create_view(f"raw_{each.table}", replace=True)
    given = {**each.given, "currency": each.currency}
    engine.view(each.table, portable.text(f"typed_{each.table}"), given)


def _value(each: Laid, ours: str) -> Expression:
    if ours not in each.columns:
        return ConstantExpression(None).cast("VARCHAR")
    kind = each.types[ours]
    value: Expression = ColumnExpression(f"c{each.opened.columns.index(each.columns[ours])}")
    if ours in MONEY:
        return value.cast("DECIMAL(28, 8)")
    if ours == each.instant:
        # The session's zone is the profile's; an instant with a zone of its own is told in UTC.
        return value.cast("TIMESTAMP") if kind == "TIMESTAMP" else _utc(value)
    if kind in {"DATE", *tables.INTEGERS} and ours not in {"kind", *OPTIONAL}:
        return value.cast("DATE" if kind == "DATE" else "BIGINT")
    value = value.cast("VARCHAR")
    is_optional = kind == "VARCHAR" and (ours in OPTIONAL or each.takes_empty_kind)
    nothing = ["", *(each.profile.table(each.table).csv.nulls if is_optional else ())]
    value = CaseExpression(value.isnotin(*map(ConstantExpression, nothing)), value)
    if ours == "kind" and each.takes_empty_kind:
        return duckdb.CoalesceOperator(value, ConstantExpression(""))
    return value


def _utc(value: Expression) -> Expression:
    micros = duckdb.FunctionExpression("epoch_us", value)
    return duckdb.FunctionExpression("make_timestamp", micros)


def reduced(
    found: Ledger, entries: Opened, settlements: Source, limits: Limits
) -> tuple[DuckDb, Passed]:
    """The reduction of an export whose entries lie open, on DuckDB."""
    profile, con = found.profile, found.con
    currency = ledger.currency(con, profile)
    engine = DuckDb(con)
    try:
        opened = open_part(con, settlements.parts[0], profile.settlements.csv, found.scratch)
        for table, part in (("entry", entries), ("settlement", opened)):
            type_in(engine, tables.laid(part, profile, table, currency))
        return engine, Reduction(engine, limits, found.scale, profile.week_offset_days).run()
    finally:
        con.execute("SET search_path = 'main'")


def told(passed: Passed) -> dict[str, object]:
    """All that a pass tells, in an order of its own."""
    late = passed.late
    order = np.argsort(late.entry_id)
    jobs = arrow.texts(late.job_length, late.job_bytes, order)
    gaps, timely = passed.gaps, passed.timely_ids
    names = (
        *("rows", "total", "in_settled", "counters", "zeros", "negatives", "first_id", "last_id"),
        *("last_recorded", "settlements", "settled_total", "settled_zeros", "last_settled"),
        *("elsewhere", "largest_id"),
    )
    every = np.ones(passed.cells.weeks, np.bool_)
    accounts, rows = passed.unsettled(every)
    return {
        **{name: int(getattr(passed, name)) for name in names},
        "cells": passed.cells.__repr__().partition("left")[0],
        "accounts": passed.accounts(every),
        "is_settled": np.flatnonzero(passed.is_settled).tolist(),
        "off": [(int(k), int(passed.cells.left[k])) for k in passed.off],
        "late": [tuple(int(column[k]) for column in late[:-2]) for k in order],
        "jobs": jobs,
        "unsettled": list(zip(accounts.tolist(), rows.tolist(), strict=True)),
        "timely": None if timely is None else sorted(timely.tolist()),
        "gaps": None if gaps is None else {name: ids.tolist() for name, ids in gaps.items()},
    }
