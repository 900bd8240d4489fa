"""An audit with the pass and one by the steps alone, held to each other in all that they give."""

from collections.abc import Callable
from typing import Any

import duckdb
import pytest

from settle_core.audit import audit
from settle_core.exports.arrays import unique_ids, whole_pass
from settle_core.exports.profiles.profile import Profile
from settle_core.exports.reading import ledger as ledgers
from settle_core.reconcile.walk.step import STEPS

# Of ledgers whose weeks nobody settled rightly.
PROFILE = """
[entries]
file = "entries.*"
[settlements]
file = "settlements.*"
agreement = "any"
"""
LATER = ("vote", "suspect_row", "replay")


def told(monkeypatch: pytest.MonkeyPatch, rows_min: int, given: dict[str, str]) -> dict[str, Any]:
    """All that an audit gives, with the pass only on exports of so many rows."""
    for each in (whole_pass, unique_ids):
        monkeypatch.setattr(each, "ROWS_MIN", rows_min)
    run = audit.run(**given)
    con = run.ledger.con
    tables = {name: con.execute(f"FROM {name}").fetchall() for name in (*STEPS, *LATER)}
    return {
        "findings": run.findings,
        "corrections": run.corrections,
        "rejected": list(run.rejected),
        "manifest": run.manifest(),
        "violations": run.violations,
        "is_passed": bool(run.ledger.counted),
        "is_stored": run.ledger.unstored is None,
        **{name: sorted(rows, key=repr) for name, rows in tables.items()},
    }


def holds(
    monkeypatch: pytest.MonkeyPatch,
    given: dict[str, str],
    *,
    is_passed: bool = True,
    is_stored: bool = True,
) -> dict[str, Any]:
    """Hold both ways of an audit to each other; all that it gives."""
    alone = told(monkeypatch, 10**12, given)
    passed = told(monkeypatch, 0, given)
    assert (alone.pop("is_passed"), alone.pop("is_stored")) == (False, True)
    assert (passed.pop("is_passed"), passed.pop("is_stored")) == (is_passed, is_stored)
    assert [name for name in alone if passed[name] != alone[name]] == []
    assert passed == alone
    return passed


def with_threads(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """What sets how many threads the audits that follow have; all of them have the pass."""
    connect, asked = ledgers.connect, dict[str, int]()

    def connected(profile: Profile, scale: int) -> duckdb.DuckDBPyConnection:
        con = connect(profile, scale)
        con.execute("SET threads = $threads", asked)
        return con

    monkeypatch.setattr(ledgers, "connect", connected)
    monkeypatch.setattr(whole_pass, "ROWS_MIN", 0)
    return lambda threads: asked.update(threads=threads)
