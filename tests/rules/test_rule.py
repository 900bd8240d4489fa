"""Each rule against its own examples, which go the whole way from an export to the finding."""

from pathlib import Path

import pytest

from settle_core.audit import audit
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
    result = audit.run(tmp_path, "canonical", previous=previous)
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
