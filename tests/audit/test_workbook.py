"""The workbook and the summary say what the other files of a run say."""

import csv
import json
from collections import Counter
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from recorded import RAILS

from settle_core import contract
from settle_core.audit import audit, workbook
from settle_core.report import aggregates

SHEETS = ["summary", "weeks", "findings", "walks", "corrections"]
SHEETS += ["control totals", "rejected rows", "parameters"]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return audit.run(RAILS / "sidekiq_race", "rails").write(tmp_path_factory.mktemp("run"))


def text(value: object) -> str:
    """A cell as the CSV has it: openpyxl reads numbers as floats, these have two decimals."""
    if isinstance(value, datetime):
        is_day = (value.hour, value.minute, value.second, value.microsecond) == (0, 0, 0, 0)
        return value.strftime("%Y-%m-%d" if is_day else "%Y-%m-%dT%H:%M:%S")
    if isinstance(value, float | int):
        return f"{value:.2f}"
    return "" if value is None else str(value)


def test_findings_are_those_of_the_csv(run: Path) -> None:
    book = openpyxl.load_workbook(run / workbook.FILE)
    assert book.sheetnames == SHEETS
    rows = list(book["findings"].iter_rows(values_only=True))
    with (run / "findings.csv").open(encoding="utf-8", newline="") as file:
        listed = list(csv.reader(file))
    assert list(map(str, rows[0])) == listed[0] == list(contract.FINDING_COLUMNS)
    instant = contract.FINDING_COLUMNS.index("recorded_at")
    assert len(rows) == len(listed) > 100
    for row, line in zip(rows[1:], listed[1:], strict=True):
        said = [text(value) for value in row]
        # Seconds: a spreadsheet shows milliseconds. A mark stands before risky text in the CSV.
        assert said[instant][:18] == line[instant][:18]
        del said[instant], line[instant]
        assert said == [cell.removeprefix("'") for cell in line]


def test_cells_have_their_types(run: Path) -> None:
    book = openpyxl.load_workbook(run / workbook.FILE)
    findings = book["findings"]
    first = dict(zip(contract.FINDING_COLUMNS, next(findings.iter_rows(min_row=2)), strict=True))
    assert isinstance(first["week_start"].value, datetime)
    assert isinstance(first["amount"].value, float | int)
    assert first["amount"].number_format == "#,##0.00;-#,##0.00"
    assert isinstance(first["account_id"].value, str)
    for name in SHEETS:
        assert book[name].freeze_panes == "A2"
        assert book[name].auto_filter.ref
        kinds = {cell.data_type for row in book[name].iter_rows() for cell in row}
        assert kinds <= {"s", "n", "d", "inlineStr"}, "a formula or a link"


def test_weeks_are_the_residuals_and_walks_the_replayed_steps(run: Path) -> None:
    book = openpyxl.load_workbook(run / workbook.FILE)
    titles, *rows = book["weeks"].iter_rows(values_only=True)
    found = {
        (str(row[1]), str(title)): text(value)
        for row in rows
        for title, value in zip(titles[2:], row[2:], strict=True)
        if value is not None
    }
    with (run / "findings.csv").open(encoding="utf-8", newline="") as file:
        listed = list(csv.DictReader(file))
    off = [row for row in listed if row["rule"] == "unbalanced_week"]
    assert found == {(row["account_id"], row["week_start"]): row["effect"] for row in off}
    assert book["weeks"].conditional_formatting
    names, *steps = book["walks"].iter_rows(values_only=True)
    there = {str(step[names.index("entry_id")]) for step in steps}
    wrong = {row["entry_id"] for row in listed if row["rule"] == "duplicate_counter"}
    assert wrong <= there
    for sheet in book:
        assert sheet.print_title_rows == "$1:$1"
        assert sheet.page_setup.orientation == "landscape"


def test_text_that_looks_like_a_formula_stays_text(tmp_path: Path) -> None:
    export = tmp_path / "export"
    export.mkdir()
    header = "entry_id,account_id,effective_date,amount,kind,recorded_at\n"
    (export / "entries.csv").write_text(
        header
        + "=1+1,=HYPERLINK(1),2026-01-06,10.00,entry,2026-01-06T10:00:00Z\n"
        + "http://x,=HYPERLINK(1),2026-01-06,1234567890123456.78,entry,2026-01-20T10:00:00Z\n"
        + "@bad,=HYPERLINK(1),2026-01-06,0.1234,entry,2026-01-20T10:00:00Z\n",
        "utf-8",
    )
    (export / "settlements.csv").write_text(
        "account_id,week_start,settled_amount,settled_at\n"
        "=HYPERLINK(1),2026-01-05,10.00,2026-01-13T00:00:00Z\n",
        "utf-8",
    )
    folder = audit.run(export, "canonical", as_of="2026-02-01").write(tmp_path / "run")
    book = openpyxl.load_workbook(folder / workbook.FILE)
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n", "d"}
    assert not any(cell.hyperlink for cell in cells)
    values = {cell.value for cell in cells}
    assert {"=HYPERLINK(1)", "http://x", "1234567890123456.78"} <= values
    assert any("0.1234" in str(value) for value in values)


def test_yen_are_shown_without_decimals(tmp_path: Path) -> None:
    head = "entry_id,account_id,effective_date,amount,kind,recorded_at,currency\n"
    (tmp_path / "entries.csv").write_text(
        f"{head}1,7,2026-01-06,2000,entry,2026-01-20T10:00:00Z,JPY\n", "utf-8"
    )
    head = "account_id,week_start,settled_amount,settled_at,currency\n"
    (tmp_path / "settlements.csv").write_text(
        f"{head}7,2026-01-05,0,2026-01-13T00:00:00Z,JPY\n", "utf-8"
    )
    folder = audit.run(tmp_path, "canonical", as_of="2026-02-01").write(tmp_path / "run")
    book = openpyxl.load_workbook(folder / workbook.FILE)
    cells = [cell for name in SHEETS for row in book[name].iter_rows() for cell in row]
    forms = [cell.number_format for cell in cells if cell.value in {2000, -2000}]
    assert set(forms) == {"#,##0;-#,##0"}
    assert len(forms) > 3


def test_fifteen_digits_are_a_number_and_sixteen_are_text(tmp_path: Path) -> None:
    amounts = ("1234567890123.45", "12345678901234.56")
    rows = "".join(
        f"{number},7,2026-01-06,{amount},entry,2026-01-20T10:00:00Z\n"
        for number, amount in enumerate(amounts, start=1)
    )
    header = "entry_id,account_id,effective_date,amount,kind,recorded_at\n"
    (tmp_path / "entries.csv").write_text(header + rows, "utf-8")
    (tmp_path / "settlements.csv").write_text(
        "account_id,week_start,settled_amount,settled_at\n7,2026-01-05,0.00,2026-01-13T00:00:00Z\n",
        "utf-8",
    )
    folder = audit.run(tmp_path, "canonical", as_of="2026-02-01").write(tmp_path / "run")
    sheet = openpyxl.load_workbook(folder / workbook.FILE)["findings"]
    column = contract.FINDING_COLUMNS.index("amount") + 1
    found = {str(row[column - 1].value): row[column - 1].data_type for row in sheet.iter_rows()}
    assert found[amounts[0]] == "n"
    assert found[amounts[1]] == "s"


def test_of_many_findings_the_biggest_are_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = audit.run(RAILS / "sidekiq_race", "rails")
    monkeypatch.setattr(workbook, "ROWS_MAX", 5)
    monkeypatch.setattr(workbook, "FINDINGS_MAX", 5)
    folder = done.write(tmp_path)
    book = openpyxl.load_workbook(folder / workbook.FILE)
    *listed, empty, note = book["findings"].iter_rows(min_row=2, values_only=True)
    effects = [abs(Decimal(str(row[12]))) for row in listed]
    assert effects == sorted((abs(f.effect or Decimal()) for f in done.findings), reverse=True)[:5]
    total = len(done.findings)
    assert not any(empty)
    assert str(note[0]).startswith(f"findings in the sheet 5 of {total}, those of biggest effect")
    assert book["findings"].auto_filter.ref == "A1:S6"
    told = {str(row[0].value): str(row[1].value) for row in book["summary"]}
    assert told["findings in the sheet"].endswith("findings.parquet has all")
    assert told["corrections in the sheet"].endswith("corrections.csv has all")
    assert told["rejected rows in the sheet"] == "all"
    assert book["corrections"].max_row == 1 + 5


def test_without_the_library_there_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "find_spec", lambda _: None)
    folder = audit.run(RAILS / "console", "rails").write(tmp_path)
    assert not (folder / workbook.FILE).exists()
    assert (folder / "findings.csv").exists()


def test_summary_counts_what_is_listed(run: Path) -> None:
    told = json.loads((run / "summary.json").read_text("utf-8"))
    with (run / "findings.csv").open(encoding="utf-8", newline="") as file:
        listed = list(csv.DictReader(file))
    assert (told["verdict"], told["exit_code"]) == ("broken", 1)
    assert told["by_rule"] == Counter(row["rule"] for row in listed)
    assert told["by_status"] == Counter(row["status"] for row in listed)
    breaks = [row for row in listed if row["effective_date"] and row["severity"] != "info"]
    net = sum(Decimal(row["effect"]) for row in breaks if row["status"] == "open")
    gross = sum(abs(Decimal(row["effect"])) for row in breaks)
    assert told["effects"] == {"EUR": {"net": str(net), "gross": str(gross)}}
    report = audit.run(RAILS / "sidekiq_race", "rails")
    assert (net, gross) == (aggregates.net(report, "EUR"), aggregates.gross(report, "EUR"))
    of_weeks = told["weeks"]
    assert sum(week["findings"] for week in of_weeks) == len(listed)
    assert sum(week["weeks_off"] for week in of_weeks) == told["weeks_off"]


def test_each_week_has_the_verdict_of_its_own_audit(run: Path) -> None:
    told = json.loads((run / "summary.json").read_text("utf-8"))
    for week in told["weeks"][::4]:
        start = date.fromisoformat(week["week_start"])
        alone = audit.run(RAILS / "sidekiq_race", "rails", weeks=f"{start}:{start}")
        assert week["verdict"] == alone.verdict
        assert (week["settled_weeks"], week["weeks_off"]) == (alone.settled_weeks, alone.weeks_off)
