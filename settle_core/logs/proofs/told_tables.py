"""The tables of what logs told, for an analyst's questions: statements, rows and runs of jobs.

Of a large log `log_statement` holds what touches the ledger and what is around it, see `thinning`;
`log_run` the jobs of its classes, see `event_thinning`.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import duckdb

from settle_core import sql
from settle_core.exports.arrays import tables
from settle_core.exports.arrays.tables import FLAG, TEXT, WHOLE
from settle_core.logs.joined.view import View
from settle_core.logs.lines.model import Statement
from settle_core.logs.lines.runs import Run

_STATEMENT_COLUMNS: Final = {
    "file": TEXT,
    "line": WHOLE,
    "context": TEXT,
    "job_id": TEXT,
    "verb": TEXT,
    "table_name": TEXT,
    "text": TEXT,
    "is_cached": FLAG,
    "from_us": WHOLE,
    "to_us": WHOLE,
    "seen_from_us": WHOLE,
    "seen_to_us": WHOLE,
}
_ROW_COLUMNS: Final = {
    "entry_id": TEXT,
    "file": TEXT,
    "line": WHOLE,
    "job_id": TEXT,
    "visible_from_us": WHOLE,
    "visible_to_us": WHOLE,
}
_RUN_COLUMNS: Final = {
    "job_id": TEXT,
    "run": WHOLE,
    "worker": TEXT,
    "from_us": WHOLE,
    "to_us": WHOLE,
    "ended": TEXT,
}


def create(
    con: duckdb.DuckDBPyConnection,
    views: Sequence[View],
    runs: Mapping[str, Sequence[Run]],
    paths: Sequence[str],
) -> None:
    """Make `log_statement`, `log_row` and `log_run`."""
    statements = [_statement(s, paths) for view in views for s in view.statements]
    rows = [
        (
            w.row.entry_id,
            paths[w.statement.place.file],
            w.statement.place.line,
            w.job,
            w.visible_from_us,
            w.visible_to_us,
        )
        for view in views
        for w in view.written.values()
    ]
    told_runs = [
        (r.job, r.number, r.worker, r.from_us, r.to_us, r.end)
        for each in runs.values()
        for r in each
    ]
    for name, told, columns in (
        ("log_statement", statements, _STATEMENT_COLUMNS),
        ("log_row", rows, _ROW_COLUMNS),
        ("log_run", told_runs, _RUN_COLUMNS),
    ):
        with tables.registered(con, told=tables.of_rows(told, **columns)):
            con.execute(sql.text("logs/proofs", name))


def _statement(s: Statement, paths: Sequence[str]) -> tuple[object, ...]:
    return (
        paths[s.place.file],
        s.place.line,
        s.context,
        s.job,
        s.verb,
        s.parsed.table,
        s.text,
        s.is_cached,
        s.from_us,
        s.to_us,
        s.seen_from_us,
        s.seen_to_us,
    )
