"""Notebooks: each audit runs by papermill, a wrong parameter is one line, no page is stale."""

import ast
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import papermill
import pytest
from nbclient.client import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode
from papermill.exceptions import PapermillExecutionError
from papermill.iorw import load_notebook_node
from papermill.parameterize import parameterize_notebook

from settle_core.report import rule_pages

ROOT = Path(__file__).parents[2]
AUDIT = ROOT / "notebooks" / "audit"
NOTEBOOKS = sorted(AUDIT.glob("*.ipynb"))
PACKED = ROOT / "settle_core" / "report" / "notebooks"
# Of the recorded exports, those that are not the default: one of two in which nothing is wrong.
EXPORTS = ["console", "sidekiq_race", "sidekiq_retry"]
LINES_PER_CELL = 10
# A trend is over runs and not over an export; comparing takes two exports.
OF_ONE_EXPORT = [p for p in NOTEBOOKS if p.stem in {"settled_weeks", "account_week", "incident"}]
WRONG: list[tuple[str, dict[str, Any], str]] = [
    ("settled_weeks", {"export": "data/nowhere"}, "data/nowhere"),
    ("account_week", {"week": "2027-01-04"}, "the week is not settled in account 35"),
    ("incident", {"cause": "gremlins"}, "no such cause in parameter cause"),
    ("trend", {"runs": "data"}, "no run in data"),
    ("compare_exports", {"old": "data/nowhere"}, "data/nowhere"),
    ("power", {"count": "many"}, "parameter count: expected a whole number, found 'many' (str)"),
    ("power", {"count": 0}, "count: expected >= 1, found 0"),
    ("trend", {"runs": "x" * 300}, "the system refused it"),
    ("compare_exports", {"old": "x" * 300}, "the system refused it"),
    ("incident", {"export": "x" * 300}, "the system refused it"),
    ("account_week", {"export": "x" * 300}, "the system refused it"),
    ("power", {"export": "x" * 300}, "the system refused it"),
    ("settled_weeks", {"exprot": "data/rails/console"}, "unknown parameter in this notebook"),
    ("account_week", {"acount": "7", "week": "2026-09-14"}, "found acount"),
]


def run(notebook: Path, folder: Path, **parameters: object) -> NotebookNode:
    executed: NotebookNode = papermill.execute_notebook(
        str(notebook),
        str(folder / notebook.name),
        parameters=parameters,
        kernel_name="python3",
        progress_bar=False,
        cwd=str(ROOT),
        extra_arguments=["--IPKernelApp.log_level=CRITICAL"],
    )
    return executed


@pytest.fixture(scope="module")
def kernel() -> Iterator[NotebookClient]:
    """A kernel for many runs: to start one and import all takes longer than most of them."""
    client = NotebookClient(
        nbformat.v4.new_notebook(),  # type: ignore[no-untyped-call]
        kernel_name="python3",
        resources={"metadata": {"path": str(ROOT)}},
        extra_arguments=["--IPKernelApp.log_level=CRITICAL"],
    )
    with client.setup_kernel():
        yield client


def run_in(kernel: NotebookClient, notebook: Path, **parameters: object) -> list[NotebookNode]:
    """Run a notebook with papermill's cell of parameters, in a kernel that is emptied before."""
    given = parameterize_notebook(load_notebook_node(str(notebook)), parameters)
    kernel.nb = given
    kernel.reset_execution_trackers()
    emptied = nbformat.v4.new_code_cell("%reset -f")  # type: ignore[no-untyped-call]
    kernel.execute_cell(emptied, 0)
    return [kernel.execute_cell(cell, index) for index, cell in enumerate(given.cells)]


def run_cells(kernel: NotebookClient, *sources: str) -> None:
    """Run cells in a kernel that is emptied before."""
    made = [nbformat.v4.new_code_cell(each) for each in ("%reset -f", *sources)]  # type: ignore[no-untyped-call]
    kernel.nb = nbformat.v4.new_notebook(cells=made)  # type: ignore[no-untyped-call]
    kernel.reset_execution_trackers()
    for index, cell in enumerate(made):
        kernel.execute_cell(cell, index)


def cells(path: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(path.read_text("utf-8"))["cells"]
    return [cell | {"source": "".join(cell["source"])} for cell in found]


def are_all_run(executed: list[NotebookNode]) -> bool:
    return all(cell.execution_count for cell in executed if cell.cell_type == "code")


def test_papermill_runs_the_audit_with_its_defaults(tmp_path: Path) -> None:
    executed = run(AUDIT / "settled_weeks.ipynb", tmp_path)
    code = [cell for cell in executed.cells if cell.cell_type == "code"]
    assert {cell.metadata.papermill.status for cell in code} == {"completed"}
    assert "broken: 236 findings in 720 settled weeks" in str(code)


@pytest.mark.parametrize(
    "notebook", [p for p in NOTEBOOKS if p.stem != "settled_weeks"], ids=lambda p: p.stem
)
def test_runs_with_its_defaults(notebook: Path, kernel: NotebookClient) -> None:
    assert are_all_run(run_in(kernel, notebook))


@pytest.mark.parametrize("export", EXPORTS)
def test_runs_with_each_other_recorded_export(export: str, kernel: NotebookClient) -> None:
    for notebook in OF_ONE_EXPORT:
        assert are_all_run(run_in(kernel, notebook, export=f"data/rails/{export}"))


def test_power_is_told_of_an_export_that_is_broken_already(kernel: NotebookClient) -> None:
    # One simulation and not twenty: its run with defaults has them, of an export without a fault.
    ran = run_in(kernel, AUDIT / "power.ipynb", export="data/rails/sidekiq_retry", count=1)
    assert are_all_run(ran)


@pytest.mark.parametrize(("name", "parameters", "line"), WRONG)
def test_wrong_parameter_is_a_failing_cell_with_one_line(
    name: str, parameters: dict[str, Any], line: str, kernel: NotebookClient
) -> None:
    with pytest.raises(CellExecutionError) as failed:
        run_in(kernel, AUDIT / f"{name}.ipynb", **parameters)
    assert failed.value.ename == "Fault"
    assert line in failed.value.evalue
    assert "\n" not in failed.value.evalue


def test_fault_in_a_notebook_is_one_line_in_its_own_terms(tmp_path: Path) -> None:
    with pytest.raises(PapermillExecutionError):
        run(AUDIT / "settled_weeks.ipynb", tmp_path, weeks="yesterday")
    text = (tmp_path / "settled_weeks.ipynb").read_text("utf-8")
    outputs = [o for cell in json.loads(text)["cells"] for o in cell.get("outputs", ())]
    (shown,) = [o for o in outputs if o["output_type"] == "error"]
    (line,) = shown["traceback"]
    assert line == shown["evalue"]
    assert line.startswith("not a date in weeks: expected ")
    assert str(ROOT) not in str(outputs)


def test_notebooks_that_are_packed_are_those_that_are_seen() -> None:
    seen, packed = ({p.name: p.read_bytes() for p in d.iterdir()} for d in (AUDIT, PACKED))
    assert seen == packed, f"cp {AUDIT.relative_to(ROOT)}/*.ipynb {PACKED.relative_to(ROOT)}"


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda p: p.stem)
def test_begins_with_its_purpose_and_typed_explained_parameters(notebook: Path) -> None:
    first, second, *_ = cells(notebook)
    assert first["cell_type"] == "markdown"
    assert first["source"].startswith("# ")
    assert "parameters" in second["metadata"]["tags"]
    known = papermill.inspect_notebook(str(notebook))
    assert known
    for parameter in known.values():
        assert parameter["inferred_type_name"] != "None"
        assert parameter["help"]


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda p: p.stem)
def test_cells_are_thin(notebook: Path) -> None:
    for source in [cell["source"] for cell in cells(notebook) if cell["cell_type"] == "code"]:
        tree = ast.parse(source)
        assert not any(isinstance(n, ast.FunctionDef | ast.ClassDef) for n in ast.walk(tree))
        assert len(source.splitlines()) <= LINES_PER_CELL


def test_page_of_the_rules_is_that_of_the_rule_files() -> None:
    page = ROOT / "notebooks" / "docs" / "05_the_rules.ipynb"
    there = [(cell["cell_type"], cell["source"]) for cell in cells(page)]
    assert there == list(rule_pages.cells()), (
        f"stale: python -m settle_core.cli.reference {page.relative_to(ROOT)}"
    )
    assert all(cell["outputs"] for cell in cells(page) if cell["cell_type"] == "code")


@pytest.mark.parametrize("notebook", sorted(ROOT.glob("notebooks/*/*.ipynb")), ids=lambda p: p.stem)
def test_is_valid_for_other_tools(notebook: Path) -> None:
    found = json.loads(notebook.read_text("utf-8"))
    nbformat.validate(found)
    # nbconvert refuses a notebook whose kernel has no name to show.
    assert found["metadata"]["kernelspec"]["display_name"]


def test_parameters_need_no_type_and_of_a_cell_run_again_the_last_run_counts(
    kernel: NotebookClient,
) -> None:
    wrong, right = "# Parameters\nexprot = 'b'\n", "# Parameters\nexport = 'b'\n"
    own = "export = 'a'\nweeks: str = ''"
    begin = "from settle_core import notebook\nnotebook.from_root()"
    run_cells(kernel, own, wrong, right, begin)
    with pytest.raises(CellExecutionError, match="found exprot"):
        run_cells(kernel, own, wrong, begin)
