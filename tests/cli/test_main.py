"""The command `settle` as its users run it: exit codes, the run folder, one line for a fault."""

import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import papermill
import pytest
from click.testing import CliRunner

from settle_core import contract, notebook
from settle_core.audit import audit, explain, run_folder, terminal_lines
from settle_core.cli import main
from settle_core.errors import Fault
from settle_core.reconcile.walk.step import STEPS
from settle_core.rules import rule

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "data" / "sample"
NOTEBOOK = ROOT / "notebooks" / "audit" / "settled_weeks.ipynb"


def settle(
    capsys: pytest.CaptureFixture[str], *arguments: str | Path
) -> tuple[int, list[str], list[str]]:
    """Exit code, lines of stdout, lines of stderr."""
    with pytest.raises(SystemExit) as left:
        main.main([str(a) for a in arguments])
    out, err = capsys.readouterr()
    assert isinstance(left.value.code, int)
    return left.value.code, out.splitlines(), err.splitlines()


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> subprocess.CompletedProcess[str]:
    """The audit of the sample, without a terminal."""
    runs = tmp_path_factory.mktemp("runs")
    arguments = ["audit", str(SAMPLE), "--runs", str(runs)]
    result = subprocess.run(
        [sys.executable, "-c", f"from settle_core.cli.main import main; main({arguments!r})"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 1, result.stderr
    return result


@pytest.fixture(scope="module")
def run(ran: subprocess.CompletedProcess[str]) -> Path:
    """Its run folder."""
    return Path(ran.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample with a row that is rejected, in a folder whose name is not plain."""
    folder = tmp_path_factory.mktemp("exports") / "a & b"
    shutil.copytree(SAMPLE, folder)
    entries = folder / "entries.csv"
    entries.write_text(entries.read_text("utf-8").replace("25.00", "25.005"), "utf-8")
    return folder


def test_run_folder_is_whole(run: Path) -> None:
    assert sorted(p.name for p in run.iterdir()) == [
        "corrections.csv",
        "findings.csv",
        "findings.parquet",
        "manifest.json",
        "rejected.csv",
        "replay.parquet",
        "report.html",
        "summary.json",
        "workbook.xlsx",
        "workpaper.ipynb",
    ]
    assert [p.name for p in run.parent.iterdir()] == [run.name]


def test_findings_are_those_checked_by_hand(run: Path) -> None:
    golden = SAMPLE / "expected_findings.csv"
    assert (run / "findings.csv").read_bytes() == golden.read_bytes()


def test_findings_parquet_says_the_same_as_csv(run: Path) -> None:
    table = duckdb.read_parquet(str(run / "findings.parquet"))
    assert tuple(table.columns) == contract.FINDING_COLUMNS
    types = dict(zip(table.columns, map(str, table.types), strict=True))
    assert types["amount"] == types["effect"] == "DECIMAL(18,2)"
    assert types["recorded_at"] == "TIMESTAMP"
    assert types["entry_id"] == types["unseen_entry_ids"] == "VARCHAR"
    text = duckdb.read_csv(str(run / "findings.csv"), all_varchar=True)
    shared = "finding_id, rule, entry_id, CAST(effect AS VARCHAR), unseen_entry_ids, explanation"
    empty = "COALESCE(entry_id, ''), effect, COALESCE(unseen_entry_ids, ''), explanation"
    assert table.project(shared).fetchall() == text.project(f"finding_id, rule, {empty}").fetchall()


def test_manifest_holds_what_was_read_and_written(run: Path) -> None:
    manifest = json.loads((run / "manifest.json").read_text("utf-8"))
    assert manifest["verdict"] == "broken"
    assert set(manifest["outputs"]) == {p.name for p in run.iterdir()} - {"manifest.json"}
    for name, output in manifest["outputs"].items():
        assert hashlib.sha256((run / name).read_bytes()).hexdigest() == output["sha256"]
    for given in manifest["inputs"]:
        content = (ROOT / given["path"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == given["sha256"]
        counted = ("rows_accepted", "rows_rejected", "rows_set_aside")
        assert given["rows_read"] == sum(given[name] for name in counted)
    assert manifest["inputs"][0]["totals"] == {"EUR": manifest["inputs"][0]["totals"]["EUR"]}


def test_run_without_a_terminal_logs_each_step(
    ran: subprocess.CompletedProcess[str], run: Path
) -> None:
    logged = [line.partition("Z ")[2] for line in ran.stderr.splitlines()]
    assert logged[0] == f"reading {SAMPLE}"
    for number, step in enumerate(STEPS, start=1):
        assert f"step {number} of {len(STEPS)}: {step}" in logged
    rules = len(rule.catalogue())
    assert [line for line in logged if line.startswith(f"rule {rules} of {rules}: ")]
    assert logged[-1] == "writing the report"
    assert "\r" not in ran.stderr
    cells = json.loads((run / "workpaper.ipynb").read_text("utf-8"))["cells"]
    printed = [o["text"] for c in cells for o in c.get("outputs", []) if "text" in o]
    assert "reading " in "".join(printed[0])
    assert "step 1 of" not in (run / "report.html").read_text("utf-8")


def test_an_audit_without_the_command_writes_the_same(run: Path, tmp_path: Path) -> None:
    again = audit.run(SAMPLE).write(tmp_path / "again")
    names = ("findings.csv", "findings.parquet", "corrections.csv", "workbook.xlsx", "summary.json")
    for name in names:
        assert (again / name).read_bytes() == (run / name).read_bytes()


def test_summary_tells_the_biggest_finding(run: Path) -> None:
    manifest = json.loads((run / "manifest.json").read_text("utf-8"))
    text = "\n".join(terminal_lines.told(manifest, terminal_lines.biggest(run_folder.figures(run))))
    assert "broken: 1 of 6 settled weeks" in text
    assert (
        "did not see counter-entry 12 of \N{MINUS SIGN}42.40, posted by the same job 16 ms earlier"
        in text
    )


def test_clean_export_exits_0(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    export = ROOT / "data" / "rails" / "console"
    code, out, err = settle(capsys, "audit", export, "--runs", tmp_path, "--json")
    assert code == 0, err
    assert json.loads("\n".join(out))["verdict"] == "reconciled"


def test_rejected_row_exits_2_and_never_looks_green(
    run: Path, export: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = settle(capsys, "audit", export, "--runs", tmp_path)
    assert code == 2
    rejecting = Path(out[-1])
    assert out[0].startswith("incomplete")
    assert err[-1].startswith("settle: 1 of 20 rows rejected in ")
    assert "found amount '25.005' has more than 2 decimals" in err[-1]
    assert "entries.csv, line " in err[-1]
    assert len((rejecting / "rejected.csv").read_text("utf-8").splitlines()) == 2
    # No workpaper holds an absolute path.
    for each in (run, rejecting):
        text = (each / "workpaper.ipynb").read_text("utf-8")
        places = (str(ROOT), str(export.parent), str(each.parent), str(Path.home()), ".part-")
        assert [place for place in places if place in text] == []
    assert 'export = \\"a & b\\"' in text


def test_explain_tells_the_walk(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    finding = next(f for f in explain.findings(run) if f.entry_id)
    code, out, _ = settle(capsys, "explain", run, finding.finding_id[:6])
    text = "\n".join(out)
    assert code == 0
    assert "recommendation  Post +42.40 EUR on 2026-09-16" in text
    (marked,) = [line for line in out if line.startswith(">")]
    assert "13" in marked
    assert "did not see 12" in marked
    code, out, _ = settle(capsys, "explain", run, finding.finding_id, "--json")
    told = json.loads("\n".join(out))
    assert [s["residual"] for s in told["walks"][0]["steps"]] == [
        "25.00",
        "42.40",
        "0.00",
        "-42.40",
    ]


def test_explain_of_what_is_not_there(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert settle(capsys, "explain", run, "no-such-id")[0] == 2
    assert settle(capsys, "explain", run.parent, "abc")[0] == 2


def test_rules_lists_each_rule(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = settle(capsys, "rules", "--json")
    names = [r["name"] for r in json.loads("\n".join(out))]
    assert code == 0
    assert names == sorted(p.stem for p in (ROOT / "settle_core" / "rules").glob("*.sql"))


@pytest.mark.parametrize("command", sorted(main.settle.commands))
def test_help_has_an_example(command: str) -> None:
    result = CliRunner().invoke(main.settle, [command, "--help"])
    assert f"settle {command}" in result.output.split("Example:")[1]


@pytest.mark.parametrize(
    "given",
    ["audit", "profile", "balance --out F", "archive --into A", "simulate --power", "compare NEW"],
)
def test_an_empty_name_is_no_export(given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a variable is that was never set: the folder that one stands in was audited."""
    monkeypatch.chdir(SAMPLE)
    command, *rest = given.split()
    result = CliRunner().invoke(main.settle, [command, *rest, ""])
    assert result.exit_code == 2
    assert "it is empty: name the folder of the exported files" in result.output


def test_an_empty_parameter_is_no_export(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(SAMPLE)
    with pytest.raises(Fault, match="the export is not named"):
        audit.run("")


def test_a_help_text_loads_nothing_slow() -> None:
    code = (
        "import sys; from settle_core.cli import main; print(*sorted(set(sys.modules)"
        " & {'duckdb', 'msgspec', 'numpy', 'pandas', 'papermill', 'IPython'}))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "\n"


def test_an_audit_and_its_files_need_no_pandas(tmp_path: Path) -> None:
    code = (
        "import sys; from settle_core.audit import audit\n"
        f"audit.run('data/rails/sidekiq_cached', 'rails').write({str(tmp_path / 'run')!r})\n"
        "print('pandas' in sys.modules)"
    )
    command = [sys.executable, "-c", code]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout == "False\n"
    assert (tmp_path / "run" / "findings.csv").exists()


def test_a_command_that_waits_for_an_audit_loads_nothing_slow(tmp_path: Path) -> None:
    code = (
        "import atexit, sys; from settle_core.cli import main\n"
        "slow = {'duckdb', 'numpy', 'pandas', 'papermill', 'nbformat', 'IPython'}\n"
        "atexit.register(lambda: print(*sorted(set(sys.modules) & slow), '.'))\n"
        f"main.main(['audit', {str(SAMPLE)!r}, '--runs', {str(tmp_path)!r}])"
    )
    command = [sys.executable, "-c", code]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert run.stdout.splitlines()[-1] == "."


def test_parameters_of_the_notebook_are_typed_and_explained() -> None:
    known = papermill.inspect_notebook(str(NOTEBOOK))
    assert list(known) == [
        "export",
        "profile",
        "weeks",
        "as_of",
        "previous",
        "dispositions",
        "run_dir",
        "series",
        "log",
        "max_age",
    ]
    for parameter in known.values():
        assert parameter["inferred_type_name"] == "str"
        assert parameter["help"]


def test_unknown_parameter_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Fault, match=r"unknown parameter in settled_weeks.ipynb: .*found exprot"):
        notebook.run(NOTEBOOK, tmp_path / "out.ipynb", {"exprot": "data/sample"})


@pytest.mark.parametrize(
    ("asked", "line"),
    [
        ({"export": "data/nowhere"}, "no such export"),
        # What the system refuses its user, as a folder without rights, it refuses root by this.
        ({"export": "x" * 300}, "the system refused it"),
        ({"profile": "x" * 300}, "the system refused it"),
        ({"previous": "x" * 300}, "the system refused it"),
        ({"weeks": "2027-01-04:2027-01-04"}, "nothing to audit"),
        ({"as_of": "2020-01-01"}, "that was settled by 2020-01-01, found"),
        ({"weeks": "2026"}, "not a date in --weeks"),
        ({"profile": "nope"}, "no such profile"),
        ({"profile": "rails"}, "no file matches"),
        ({"as_of": "yesterday"}, "not an instant in --as-of"),
        ({"dispositions": "nowhere.toml"}, "dispositions cannot be read"),
    ],
)
def test_wrong_parameter_is_a_fault_of_one_line(asked: dict[str, str], line: str) -> None:
    with pytest.raises(Fault) as refused:
        audit.run(**({"export": str(SAMPLE)} | asked))
    assert line in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("data/nowhere",), "no such export"),
        ((SAMPLE, "--profile", "x" * 300), "the system refused it"),
        ((SAMPLE, "--weeks", "yesterday"), "not a date in --weeks"),
    ],
)
def test_fault_is_one_line_in_the_command_s_terms_and_leaves_nothing(
    arguments: tuple[str | Path, ...],
    line: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    code, out, err = settle(capsys, "audit", *arguments, "--runs", tmp_path)
    told = [each for each in err if each.startswith("settle: ")]
    assert (code, out, len(told)) == (2, [], 1)
    assert line in told[0]
    assert "Traceback" not in "\n".join(err)
    assert list(tmp_path.iterdir()) == []
