"""Each rule against its own examples, which go the whole way from an export to the finding."""

from pathlib import Path

import pytest

from settle_core.audit import audit, summary
from settle_core.report import settled_weeks
from settle_core.rules import rule

EXAMPLES = [(r, e) for r in rule.catalogue() for e in r.examples]


def write_table(path: Path, text: str) -> None:
    lines = [line.split() for line in text.strip().splitlines()]
    rows = [",".join("" if value == "-" else value for value in line) for line in lines]
    path.write_text("\n".join(rows) + "\n", "utf-8")


@pytest.mark.parametrize(("tested", "example"), EXAMPLES, ids=lambda x: getattr(x, "name", ""))
def test_example(tested: rule.Rule, example: rule.Example, tmp_path: Path) -> None:
    write_table(tmp_path / "entries.csv", example.entry)
    write_table(tmp_path / "settlements.csv", example.settlement)
    previous = ""
    if example.previous:
        previous = str(tmp_path / "previous")
        (tmp_path / "previous").mkdir()
        write_table(tmp_path / "previous" / "entries.csv", example.previous)
        write_table(tmp_path / "previous" / "settlements.csv", example.settlement)
    log = tmp_path / "database.log"
    log.write_text(example.log.lstrip(), "utf-8")
    named = str(log) if example.log else ""
    result = audit.run(tmp_path, "canonical", previous=previous, log=named)
    assert result.verdict != "incomplete"
    found = [
        f.entry_id or f"{f.account_id}/{f.week_start}"
        for f in result.findings
        if f.rule == tested.name
    ]
    assert found == list(example.finds)


@pytest.mark.parametrize("tested", rule.catalogue(), ids=lambda r: r.name)
def test_rule_has_an_example_that_finds_and_one_that_does_not(tested: rule.Rule) -> None:
    assert {bool(e.finds) for e in tested.examples} == {True, False}
    assert tested.text


def test_header_without_a_key_is_refused() -> None:
    text = '-- /// rule\n-- title = "no severity"\n-- ///\nSELECT 1'
    with pytest.raises(ValueError, match="severity"):
        rule.parse("broken", text)


def test_failing_rule_is_reported_and_hides_no_other(tmp_path: Path) -> None:
    tested, example = next(e for e in EXAMPLES if e[0].name == "duplicate_counter")
    write_table(tmp_path / "entries.csv", example.entry)
    write_table(tmp_path / "settlements.csv", example.settlement)
    ledger = audit.run(tmp_path, "canonical").ledger
    broken, breaks = rule.run(ledger, tested._replace(query="SELECT no_such_column FROM replay"))
    assert (broken.status, breaks) == ("errored", [])
    assert "no_such_column" in broken.message
    other, _ = rule.run(ledger, tested)
    assert other.status == "found"


def test_rule_with_other_columns_is_errored(tmp_path: Path) -> None:
    tested, example = next(e for e in EXAMPLES if e[0].name == "duplicate_counter")
    write_table(tmp_path / "entries.csv", example.entry)
    write_table(tmp_path / "settlements.csv", example.settlement)
    ledger = audit.run(tmp_path, "canonical").ledger
    run, _ = rule.run(ledger, tested._replace(query="SELECT account_id FROM replay"))
    assert run.status == "errored"


NEWCOMER = """\
-- /// rule
-- title      = "All counter-entries for a look"
-- severity   = "info"
-- breaks     = "counter"
-- population = "late_counter"
-- reads      = ["late_counter"]
-- since      = "0.2.0"
-- ///
--
-- Lists all counter-entries, whatever they are.
SELECT
    CAST(account_id AS VARCHAR) AS account_id,
    currency,
    week_start,
    effective_date,
    CAST(entry_id AS VARCHAR) AS entry_id,
    amount,
    amount AS effect,
    recorded_at,
    'A counter-entry.' AS explanation
FROM late_counter
"""


@pytest.mark.parametrize("name", ["console", "sidekiq_cached"])
def test_a_rule_that_only_tells_changes_no_total_and_no_sentence(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    export = f"data/rails/{name}"
    before = audit.run(export, "rails")
    added = rule.parse("every_counter", NEWCOMER)
    known = (*rule.catalogue(), added)
    monkeypatch.setattr(rule, "catalogue", lambda: known)
    monkeypatch.setattr(rule, "_by_name", lambda: {each.name: each for each in known})
    after = audit.run(export, "rails")
    listed = [f for f in after.findings if f.rule == "every_counter"]
    assert len(listed) == after.counters > 0
    assert tuple(f for f in after.findings if f.rule != "every_counter") == before.findings
    assert (after.verdict, after.corrections) == (before.verdict, before.corrections)
    assert after.open_cents == ()
    for piece in (settled_weeks.headline, settled_weeks.figures, settled_weeks.why):
        assert piece(after).text == piece(before).text
    assert settled_weeks.since(after).text == settled_weeks.since(before).text
    said = settled_weeks.told(after).text
    assert f"All counter-entries for a look: {after.counters} times." in said
    left = said.replace(f" All counter-entries for a look: {after.counters} times.", "")
    assert left == settled_weeks.told(before).text
    totals = ("verdict", "exit_code", "effects", "weeks_off", "weeks_masked")
    weeks = [(week, 1, 0) for week in after.weeks]
    told = [summary.told(each.manifest(), each.findings, weeks) for each in (before, after)]
    assert [told[0][key] for key in totals] == [told[1][key] for key in totals]
    assert "All counter-entries for a look" in settled_weeks.rules(after).text
