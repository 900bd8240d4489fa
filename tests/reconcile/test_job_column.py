"""A job column with one value everywhere names no job, however short the export."""

from pathlib import Path

import pytest

from settle_core import audit
from settle_core.exports.arrays import whole_pass

# One read that was repeated: by a job, if the column names jobs.
ENTRIES = """entry_id,account_id,effective_date,amount,kind,recorded_at,job_id
1,7,2026-01-06,10.00,entry,2026-01-06T09:00:00Z,{settled}
2,7,2026-01-06,4.00,entry,2026-01-13T09:00:00.1Z,worker
3,7,2026-01-06,-4.00,counter,2026-01-13T09:00:00.2Z,worker
4,7,2026-01-06,6.00,entry,2026-01-13T09:00:00.3Z,worker
5,7,2026-01-06,-4.00,counter,2026-01-13T09:00:00.4Z,worker
6,7,2026-01-06,-2.00,counter,2026-01-13T09:00:09Z,worker
"""
SETTLED = (
    "account_id,week_start,settled_amount,settled_at\n7,2026-01-05,10.00,2026-01-12T03:00:00Z\n"
)


@pytest.mark.parametrize(
    ("settled", "jobs", "rows_min"),
    [
        ("worker", set(), 1),
        ("worker", set(), 100_000),
        ("", {"worker"}, 1),
        ("importer", {"worker"}, 100_000),
    ],
)
def test_one_value_everywhere_is_no_job(
    settled: str,
    jobs: set[str],
    rows_min: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(whole_pass, "ROWS_MIN", rows_min)
    (tmp_path / "entries.csv").write_text(ENTRIES.format(settled=settled), "utf-8")
    (tmp_path / "settlements.csv").write_text(SETTLED, "utf-8")
    result = audit.run(tmp_path)
    found = result.ledger.sql("SELECT job_id FROM walk WHERE kind = 'entry'")["job_id"]
    assert set(found.dropna()) == jobs
    assert bool(result.ledger.counted) == (rows_min == 1)


# Nothing answers the second late entry.
LEFT = """entry_id,account_id,effective_date,amount,kind,recorded_at{column}
1,7,2026-01-06,10.00,entry,2026-01-06T09:00:00Z{blank}
2,7,2026-01-06,4.00,entry,2026-01-13T09:00:00.1Z{one}
3,7,2026-01-06,-4.00,counter,2026-01-13T09:00:00.2Z{one}
4,7,2026-01-07,6.00,entry,2026-01-13T10:00:00Z{other}
5,7,2026-01-19,1.00,entry,2026-01-19T10:00:00Z{blank}
"""


@pytest.mark.parametrize(
    ("jobs", "told"),
    [
        (("", "", "", ""), ("unknown", "undetermined")),
        ((",job_id", ",", ",", ","), ("unknown", "undetermined")),
        ((",job_id", ",", ",j1", ","), ("unknown", "undetermined")),
        ((",job_id", ",", ",j1", ",j2"), ("lost_job", "consistent")),
    ],
)
def test_of_an_entry_without_a_job_no_lost_job_is_said(
    jobs: tuple[str, str, str, str], told: tuple[str, str], tmp_path: Path
) -> None:
    text = LEFT.format(**dict(zip(("column", "blank", "one", "other"), jobs, strict=True)))
    (tmp_path / "entries.csv").write_text(text, "utf-8")
    (tmp_path / "settlements.csv").write_text(SETTLED, "utf-8")
    (left,) = [f for f in audit.run(tmp_path).findings if f.rule == "uncountered_entry"]
    assert (left.entry_id, left.cause, left.evidence) == ("4", *told)
