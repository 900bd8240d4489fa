"""Reading a run folder in a terminal: the table of findings, and what an alert says."""

import csv
import io
import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
from pages import EXPORTS, audited

from settle_core.audit import alert, audit, explain, finding, listing, run_folder, terminal_lines
from settle_core.cli import main, running

RAILS = Path(__file__).parents[2] / "data" / "rails"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return audit.run(RAILS / "sidekiq_cached", "rails").write(tmp_path_factory.mktemp("run"))


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[list[str], int]:
    with pytest.raises(SystemExit) as ended:
        main.main(arguments)
    return capsys.readouterr().out.splitlines(), int(ended.value.code or 0)


def test_table_has_each_finding_that_is_asked_for(
    run: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "90")
    with (run / "findings.csv").open(encoding="utf-8", newline="") as file:
        listed = list(csv.DictReader(file))
    for asked in ({}, {"status": "masked"}, {"account_id": "9", "status": "open"}):
        options = [x for k, v in asked.items() for x in (f"--{k.removesuffix('_id')}", v)]
        lines, code = printed(capsys, "findings", str(run), *options)
        wanted = [row for row in listed if all(row[k] == v for k, v in asked.items())]
        assert wanted
        assert code == 0
        assert lines[-1].startswith(f"{len(wanted)} finding")
        assert [x[:8] for x in lines[1:-2]] == [row["finding_id"][:8] for row in wanted]
        assert max(map(len, lines)) <= 90


def test_the_biggest_of_a_run_are_the_biggest_of_all_its_findings(run: Path) -> None:
    every = explain.findings(run)
    assert len({f.status for f in every}) > 1
    told = terminal_lines.biggest(run_folder.figures(run))
    assert list(told) == finding.biggest(every, terminal_lines.BIGGEST)


def test_a_filter_that_finds_nothing_says_so(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert printed(capsys, "findings", str(run), "--rule", "id_gap") == (["no finding"], 0)
    assert printed(capsys, "findings", str(run), "--account", "900") == (["no finding"], 0)


def test_a_rule_may_be_written_as_the_table_has_it(
    run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    named = printed(capsys, "findings", str(run), "--rule", "duplicate_counter")
    assert printed(capsys, "findings", str(run), "--rule", "duplicate counter") == named
    assert named[0][-1] == "135 findings"


def test_of_a_rule_that_there_is_not_it_is_not_said_that_nothing_was_found(
    run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main.main(["findings", str(run), "--rule", "duplicat_counter"])
    assert ended.value.code == 2
    said = capsys.readouterr()
    assert (said.out, said.err.count("\n")) == ("", 1)
    assert "expected perhaps duplicate_counter, found 'duplicat_counter'" in said.err


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "koi8-r", "utf-8"])
def test_a_terminal_that_lacks_signs_has_them_spelt_out(
    encoding: str, run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, encoding))
    with pytest.raises(SystemExit) as ended:
        main.main(["findings", str(run), "--account", "9"])
    assert ended.value.code in {0, None}
    minus = "\N{MINUS SIGN}" if encoding == "utf-8" else "-"
    assert f" {minus}1,911.40  EUR\n" in written.getvalue().decode(encoding)


def test_json_is_what_the_csv_has(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines, _ = printed(capsys, "findings", str(run), "--status", "masked", "--json")
    found = json.loads("\n".join(lines))
    with (run / "findings.csv").open(encoding="utf-8", newline="") as file:
        listed = [row for row in csv.DictReader(file) if row["status"] == "masked"]
    for name in ("finding_id", "account_id", "effect", "recorded_at", "effective_date"):
        assert [row[name] for row in found] == [row[name] for row in listed]


def test_columns_give_way_to_a_narrow_terminal(run: Path) -> None:
    lines = listing.table(explain.findings(run), 70)
    assert len({line.index("status") for line in lines[:1]}) == 1
    assert max(map(len, lines)) <= 100


def test_alert_of_a_first_an_unchanged_and_a_worse_run(tmp_path: Path) -> None:
    export = tmp_path / "export"
    said = []
    for number, name in enumerate(("sidekiq_retry", "sidekiq_retry", "sidekiq_cached")):
        shutil.rmtree(export, ignore_errors=True)
        shutil.copytree(RAILS / name, export)
        folder = tmp_path / "runs" / str(number)
        audit.run(export, "rails", as_of="2026-12-01", run_dir=str(folder)).write(folder)
        said.append(alert.of(folder).text())
    assert all(lines[0] == "settle: broken" for lines in said)
    found = [next(x for x in lines if x.startswith("findings: ")) for lines in said]
    assert found[0].endswith("the first run")
    assert found[1].startswith("findings: 0 new, ")
    assert found[1].endswith(" 0 resolved")
    assert not found[2].startswith("findings: 0 new")
    assert said[0][-1].startswith("- ")


def test_alert_of_an_incomplete_run_says_why(tmp_path: Path) -> None:
    folder = audited(tmp_path, EXPORTS["incomplete"]).write(tmp_path / "run")
    lines = alert.of(folder).text()
    assert lines[0] == "settle: incomplete"
    assert lines[1].startswith("incomplete: 1 of ")


def test_alert_names_rows_that_nobody_looked_at(tmp_path: Path) -> None:
    """A verdict is not told to somebody who reads nothing else without what it leaves out."""
    export = tmp_path / "export"
    shutil.copytree(RAILS.parent / "sample", export)
    lines = (export / "settlements.csv").read_text("utf-8").splitlines(keepends=True)
    kept = [line for line in lines if not line.startswith("1002,2026-09-14")]
    (export / "settlements.csv").write_text("".join(kept), "utf-8")
    said = alert.of(audit.run(export).write(tmp_path / "run")).text()
    reading = [line for line in said if line.startswith("the reading: ")]
    assert len(reading) == 1
    assert "not looked at" in reading[0]
    assert "1002" in reading[0]


def test_nothing_in_the_data_is_markup_or_a_second_line(tmp_path: Path) -> None:
    entries = (
        "entry_id,account_id,effective_date,amount,kind,recorded_at\n"
        '1,"[x](http://y) <b>|*\nsecond\x1b[31m",2026-01-06,4.00,entry,2026-01-20T00:00:00Z\n'
    )
    (tmp_path / "entries.csv").write_text(entries, "utf-8")
    (tmp_path / "settlements.csv").write_text(
        "account_id,week_start,settled_amount,settled_at\n"
        '"[x](http://y) <b>|*\nsecond\x1b[31m",2026-01-05,0.00,2026-01-13T00:00:00Z\n',
        "utf-8",
    )
    made = audit.run(tmp_path, "canonical", as_of="2026-02-01").write(tmp_path / "run")
    told = alert.of(made)
    (line,) = [x for x in told.markdown() if "account" in x and "second" in x]
    assert r"\[x\]\(http://y\) \<b\>\|\*" in line
    for each in (*told.markdown(), *told.text(), *listing.table(told.biggest, 100)):
        assert "\x1b" not in each
        assert "\n" not in each


def test_fail_on_new_is_quiet_about_what_was_known(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    row = "{},7,2026-01-06,4.00,entry,{}\n"
    rows = "entry_id,account_id,effective_date,amount,kind,recorded_at\n"

    def export(number: int, late: str = "") -> Path:
        """Another folder each time; the series says that they are one."""
        nonlocal rows
        rows += row.format(number, late) if late else ""
        folder = tmp_path / f"export-{number}"
        folder.mkdir()
        (folder / "entries.csv").write_text(rows, "utf-8")
        (folder / "settlements.csv").write_text(
            "account_id,week_start,settled_amount,settled_at\n"
            "7,2026-01-05,0.00,2026-01-13T00:00:00Z\n",
            "utf-8",
        )
        return folder

    def in_process(
        export: str, runs: str, parameters: dict[str, str], **_: object
    ) -> tuple[Path, dict[str, Any]]:
        """An audit without its notebook."""
        folder = Path(runs) / Path(export).name
        asked = {name: parameters[name] for name in ("series", "as_of")}
        made = audit.run(export, run_dir=str(folder), **asked).write(folder)
        return made, run_folder.read(made)

    def code(export: Path, fail_on: str) -> int:
        as_of = f"2026-02-0{int(export.name[-1]) + 1}"
        asked = ["--runs", str(tmp_path / "runs"), "--series", "shop", "--as-of", as_of]
        return printed(capsys, "audit", str(export), *asked, "--fail-on", fail_on)[1]

    with monkeypatch.context() as patch:
        patch.setattr(running, "audit", in_process)
        assert code(export(0, "2026-01-20T00:00:00Z"), "new") == 1
    assert code(export(1), "new") == 0
    monkeypatch.setattr(running, "audit", in_process)
    assert code(export(2), "any") == 1
    assert code(export(3, "2026-01-23T00:00:00Z"), "new") == 1
    # What is new is still within its grace period, what is not is open.
    assert code(export(4, "2026-02-04T23:55:00Z"), "new") == 0
