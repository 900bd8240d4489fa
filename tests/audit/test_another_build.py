"""A run of another build is not called changed for its order; what it says is held as any other."""

import json
import shutil
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from settle_core.audit import audit, finding, run_folder, verify, workbook
from settle_core.audit.finding import Sized

CURRENCIES = ("EUR", "JPY", "USD")


def bare(of: Iterable[Sized], most: int) -> list[Sized]:
    """As an earlier build ranked: by bare numbers, whatever the currency."""
    return sorted(of, key=lambda each: -abs(each.effect or Decimal()))[:most]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run over several currencies that another build made; its export is not at hand."""
    folder = tmp_path_factory.mktemp("made")
    accounts = [(str(k), CURRENCIES[k % 3], 1 if k % 3 == 1 else 100) for k in range(1, 13)]
    entries = [
        f"{a},{a},2026-01-06,{int(a) * 100_000 // scale},entry,2026-01-20T10:00:00Z,{currency}"
        for a, currency, scale in accounts
    ]
    settled = [f"{a},2026-01-05,0,2026-01-13T00:00:00Z,{currency}" for a, currency, _ in accounts]
    heads = {
        "entries": "entry_id,account_id,effective_date,amount,kind,recorded_at,currency",
        "settlements": "account_id,week_start,settled_amount,settled_at,currency",
    }
    (folder / "export").mkdir()
    for name, rows in (("entries", entries), ("settlements", settled)):
        (folder / "export" / f"{name}.csv").write_text("\n".join([heads[name], *rows, ""]), "utf-8")
    with pytest.MonkeyPatch.context() as then:
        then.setattr(finding, "largest", bare)
        then.setattr(workbook, "largest", bare)
        then.setattr(workbook, "FINDINGS_MAX", 5)
        then.setattr(workbook, "WALKS_MAX", 5)
        then.setattr(run_folder, "source", lambda: "another")
        audit.run(folder / "export", as_of="2026-02-01").write(folder / "run")
    (folder / "export").rename(folder / "gone")
    return folder / "run"


@pytest.fixture
def run(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(workbook, "FINDINGS_MAX", 5)
    monkeypatch.setattr(workbook, "WALKS_MAX", 5)
    return shutil.copytree(made, tmp_path / "run")


def resealed(run: Path, **changes: object) -> verify.Verified:
    """Verify it with hashes made anew, as who knows how they are made would write them."""
    manifest = {**run_folder.read(run), **changes, "digest": ""}
    for name in manifest["outputs"]:
        path = run / name
        manifest["outputs"][name] = {
            "bytes": path.stat().st_size,
            "sha256": run_folder.sha256_file(path),
        }
    manifest["digest"] = run_folder.sha256_text(run_folder.text(manifest))
    (run / run_folder.MANIFEST).write_text(run_folder.text(manifest), "utf-8")
    return verify.run(run)


def test_its_order_and_choice_are_told_and_no_difference(run: Path) -> None:
    found = verify.run(run)
    assert found.differences == ()
    told = " ".join(found.not_proved)
    assert "How workbook.xlsx looks" in told
    assert "(findings, walks)" in told
    assert "the findings that summary.json lists" in told
    assert "source another; this is" in told
    assert "findings, corrections, summary and workbook say the same" in found.held


def test_the_same_from_this_build_is_a_difference(run: Path) -> None:
    found = resealed(run, source=run_folder.source())
    said = {(each.file, each.what.split("[")[0]) for each in found.differences}
    assert said == {
        ("workbook.xlsx", "sheet findings"),
        ("workbook.xlsx", "sheet walks"),
        ("summary.json", "biggest"),
    }
    assert max(len(each.line()) for each in found.differences) < 600


@pytest.mark.parametrize("sheet", ["findings", "walks", "weeks", "control totals", "parameters"])
def test_a_cell_that_was_changed_is_found_whoever_is_said_to_have_made_it(
    run: Path, sheet: str
) -> None:
    book = openpyxl.load_workbook(run / "workbook.xlsx")
    rows = book[sheet].max_row
    changed = book[sheet].cell(
        rows if sheet != "findings" else 2, 3 if sheet != "parameters" else 2
    )
    changed.value = "other"
    book.save(run / "workbook.xlsx")
    (found,) = resealed(run).differences
    assert (found.file, found.what) == ("workbook.xlsx", f"sheet {sheet}, by another build")
    assert "other" in found.found
    assert any("was changed since" in each for each in verify.run(run).not_proved)


def test_a_row_told_twice_in_a_workbook_is_found(run: Path) -> None:
    book = openpyxl.load_workbook(run / "workbook.xlsx")
    for cell in book["findings"][2]:
        book["findings"].cell(3, cell.column).value = cell.value
    book.save(run / "workbook.xlsx")
    (found,) = resealed(run).differences
    assert found.what == "sheet findings, by another build"


@pytest.mark.parametrize("sheet", ["findings", "walks", "weeks"])
def test_a_row_taken_out_of_a_workbook_and_a_file_that_is_none_are_found(
    run: Path, sheet: str
) -> None:
    book = openpyxl.load_workbook(run / "workbook.xlsx")
    book[sheet].delete_rows(3)
    book.save(run / "workbook.xlsx")
    (found,) = resealed(run).differences
    assert found.what == f"sheet {sheet}, by another build"
    (run / "workbook.xlsx").write_bytes(b"PK, and no workbook")
    (found,) = resealed(run).differences
    assert (found.file, found.expected) == ("workbook.xlsx", "a workbook")


def test_a_summary_is_held_to_the_findings_whoever_is_said_to_have_made_it(run: Path) -> None:
    path = run / "summary.json"
    told = json.loads(path.read_text("utf-8"))
    for change, what in (
        ({"exit_code": 0}, "exit_code"),
        ({"biggest": [{**told["biggest"][0], "amount": "1"}]}, "biggest"),
        ({"biggest": [told["biggest"][0]] * 2}, "biggest"),
        ({"weeks": [{**told["weeks"][0], "settled_weeks": 99}]}, "settled_weeks of all weeks"),
    ):
        path.write_text(json.dumps({**told, **change}), "utf-8")
        (found,) = resealed(run).differences
        assert found.file == "summary.json"
        assert found.what.startswith(what)
    path.write_text(json.dumps({**told, "since_when": "told"}), "utf-8")
    assert resealed(run).differences == ()
    ours = resealed(run, source=run_folder.source())
    assert "since_when" in {each.what for each in ours.differences}
