"""An analyst's own questions: all tables join, ids of one type, amounts exact or to be drawn."""

from decimal import Decimal
from pathlib import Path

import pytest

from settle_core import Book, audit
from settle_core.errors import Fault
from settle_core.report import account_week, compare_exports, incident

DATA = Path(__file__).parents[2] / "data"
TOLD = [
    "entry",
    "settlement",
    "settled_week",
    "week_off",
    "late_entry",
    "late_counter",
    "walk",
    "late_day",
    "late_week",
    "replay",
]
PARENTS = """
    SELECT f.finding_id, f.entry_id, e.amount AS of_entry, f.amount, w.place, c.correction_id
    FROM finding AS f
    JOIN entry AS e USING (account_id, entry_id)
    JOIN walk AS w USING (account_id, entry_id)
    LEFT JOIN correction AS c ON LIST_CONTAINS(STRING_SPLIT(c.finding_ids, ','), f.finding_id)
    WHERE f.rule = $rule
"""


@pytest.fixture(scope="module")
def run() -> audit.Audit:
    return audit.run(DATA / "rails" / "sidekiq_retry", "rails")


def test_findings_corrections_walk_and_entries_join_by_their_ids(run: audit.Audit) -> None:
    wanted = {f.finding_id: f for f in run.findings if f.rule == "duplicate_counter"}
    corrected = {key: c.correction_id for c in run.corrections for key in c.finding_ids}
    found = run.sql(PARENTS, rule="duplicate_counter")
    assert set(found.finding_id) == set(wanted)
    assert len(found) == len(wanted) > 5
    for row in found.itertuples():
        assert row.entry_id == wanted[str(row.finding_id)].entry_id
        assert (row.of_entry, row.amount) == (wanted[str(row.finding_id)].amount,) * 2
        told = row.correction_id if isinstance(row.correction_id, str) else None
        assert told == corrected.get(str(row.finding_id))


@pytest.mark.parametrize("name", [*TOLD, "finding", "correction", "previous_entry"])
def test_every_id_is_text_as_exported(name: str, run: audit.Audit) -> None:
    ids = {"account_id", "entry_id"}
    frame = run.frame(name)
    asked = run.sql(f"FROM {name}")
    assert list(frame.columns) == list(asked.columns)
    for column in ids & set(frame.columns):
        assert [str(frame[column].dtype), str(asked[column].dtype)] == ["str", "str"]
        assert not frame[column].str.startswith("0").any()


def test_the_audits_own_tables_keep_their_whole_numbers(run: audit.Audit) -> None:
    run.frame("entry")
    assert run.ledger.sql("FROM walk WHERE entry_id > 0 LIMIT 1")["account_id"].dtype == "int64"


def test_amounts_add_up_exactly_or_can_be_drawn(run: audit.Audit) -> None:
    query = "SELECT effective_date, amount FROM correction ORDER BY effective_date"
    total = sum((c.amount for c in run.corrections), Decimal())
    exact, drawn = run.sql(query), run.sql(query, approximate=True)
    assert exact["amount"].sum() == total
    assert exact.groupby("effective_date")["amount"].sum().sum() == total
    assert drawn["amount"].dtype == "float64"
    assert round(Decimal(drawn["amount"].cumsum().iloc[-1]), 2) == total


def test_questions_do_not_change_what_is_written(run: audit.Audit, tmp_path: Path) -> None:
    run.sql("FROM finding")
    run.write(tmp_path / "asked")
    audit.run(DATA / "rails" / "sidekiq_retry", "rails").write(tmp_path / "not_asked")
    for name in ("findings.csv", "findings.parquet", "corrections.csv", "replay.parquet"):
        one, other = ((tmp_path / each / name).read_bytes() for each in ("asked", "not_asked"))
        assert one == other, name


def test_the_weeks_off_are_those_of_all_weeks(run: audit.Audit) -> None:
    off = run.sql("FROM week_off ORDER BY ALL")
    assert len(off) == run.weeks_off > 5
    every = run.sql("FROM settled_week WHERE residual <> 0 ORDER BY ALL")
    assert off.equals(every[off.columns])


def test_a_question_that_names_no_table_sees_all_of_them() -> None:
    fresh = audit.run(DATA / "rails" / "sidekiq_retry", "rails")
    shown = set(fresh.sql("SHOW TABLES")["name"])
    assert {*TOLD, "finding", "correction"} <= shown
    assert fresh.sql('SELECT account_id FROM main."WALK" LIMIT 1')["account_id"].dtype == "int64"


def test_no_such_table_names_those_that_are_there(run: audit.Audit) -> None:
    with pytest.raises(Fault, match=r"no such table.*correction.*finding.*found nothing"):
        run.frame("nothing")


def test_whatever_a_cell_ends_in_is_short(run: audit.Audit) -> None:
    walks = run.walks(run.findings)
    things = [run, run.ledger, run.ledger.profile, run.findings, run.findings[0], run.corrections]
    things += [run.corrections[0], walks, walks[0], run.rule_runs, run.inferred, run.rejected]
    things += [account_week.take(run, run.findings[0].account_id, run.findings[0].week_start)]
    things += [incident.take(run, "stale_read"), Book.open(":memory:")]
    things += [compare_exports.of(str(DATA / "sample_before"), str(DATA / "sample"))]
    for each in things:
        assert len(repr(each)) < 160, type(each)
        assert " at 0x" not in repr(each)
    assert (
        repr(run)
        == f"<audit of 'sidekiq_retry': broken, {len(run.findings)} findings in 720 settled weeks>"
    )
    assert repr(run.findings) == f"<{len(run.findings)} findings>"
    assert repr(run.rule_runs).endswith(" rule runs>")
