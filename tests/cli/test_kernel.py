"""A command's kernel shows what Jupyter's shows, and a bug in a cell is told with its traceback."""

from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode

from settle_core import notebook
from settle_core.errors import Fault

ROOT = Path(__file__).resolve().parents[2]
BOTH = """class Both:
    def _repr_mimebundle_(self, **_):
        return {'text/plain': 'both', 'text/html': '<i>both</i>'}, {'text/html': {'a': 1}}
Both()"""
CELLS = (
    "import sys\nimport pandas as pd\nfrom IPython.display import HTML, SVG, display",
    "print('one')\nprint('two', end='')",
    "print('out', flush=True)\nprint('err', file=sys.stderr, flush=True)\nprint('out again')",
    "print('before')\ndisplay(HTML('<b>shown</b>'), metadata={'text/html': {'isolated': True}})\n1",
    "pd.DataFrame({f'a rather long name {n}': [n, n / 7] for n in range(30)})",
    "1; 2",
    "3;",
    "None",
    "display(1, 'two')",
    "SVG('<svg xmlns=\"http://www.w3.org/2000/svg\"></svg>')",
    "_, In[2], Out[4]",
    BOTH,
    "%precision 2\n1 / 3",
    "get_ipython().run_line_magic('pwd', '').endswith('/'), __name__",
)


def written(folder: Path, cells: tuple[str, ...]) -> Path:
    path = folder / "template.ipynb"
    code = [nbformat.v4.new_code_cell(source) for source in cells]  # type: ignore[no-untyped-call]
    text = nbformat.v4.new_markdown_cell("# Title")  # type: ignore[no-untyped-call]
    made = nbformat.v4.new_notebook(cells=[text, *code])  # type: ignore[no-untyped-call]
    made.metadata.kernelspec = {"display_name": "", "language": "python", "name": "python3"}
    nbformat.write(made, path)  # type: ignore[no-untyped-call]
    return path


def shown(cell: NotebookNode) -> list[Any]:
    """What a cell has put out, each stream's neighbouring texts in one, no colours."""
    outputs: list[Any] = []
    for each in cell.outputs:
        if each.output_type == "stream" and outputs and outputs[-1].get("name") == each.name:
            outputs[-1].text += each.text
        else:
            outputs.append(each)
    return outputs


def test_shows_what_jupyters_kernel_shows(tmp_path: Path) -> None:
    template = written(tmp_path, CELLS)
    notebook.run(template, tmp_path / "out.ipynb", {}, cwd=tmp_path)
    ours = nbformat.read(tmp_path / "out.ipynb", 4)  # type: ignore[no-untyped-call]
    theirs = nbformat.read(template, 4)  # type: ignore[no-untyped-call]
    NotebookClient(theirs, resources={"metadata": {"path": str(tmp_path)}}).execute()
    for mine, other in zip(ours.cells, theirs.cells, strict=True):
        assert mine.get("execution_count") == other.get("execution_count")
        if mine.cell_type == "code":
            assert shown(mine) == shown(other), mine.source
    assert ours.metadata.language_info == theirs.metadata.language_info


@pytest.mark.parametrize(
    ("cell", "found"),
    [("1 / 0", "ZeroDivisionError"), ("if:", "SyntaxError"), ("assert False, 'why'", "why")],
)
def test_a_bug_in_a_cell_is_told_with_its_cell_and_leaves_nothing(
    cell: str, found: str, tmp_path: Path
) -> None:
    template = written(tmp_path, ("a = 1", cell, "a + 1"))
    with pytest.raises(notebook.FailedError, match=found) as failed:
        notebook.run(template, tmp_path / "out.ipynb", {})
    assert cell in str(failed.value)
    assert [path.name for path in tmp_path.iterdir()] == ["template.ipynb"]


def test_the_users_own_settings_are_neither_run_nor_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    startup = tmp_path / "ipython" / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "first.py").write_text("raise SystemExit", "utf-8")
    (tmp_path / "pandas.py").write_text("raise SystemExit", "utf-8")
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setenv("HOME", str(tmp_path / "pandas.py" / "no folder"))
    template = written(tmp_path, ("import pandas", "pandas.__name__"))
    notebook.run(template, tmp_path / "out.ipynb", {}, cwd=tmp_path)
    assert sorted(p.name for p in tmp_path.rglob("*") if p.is_file()) == [
        "first.py",
        "out.ipynb",
        "pandas.py",
        "template.ipynb",
    ]
    assert capfd.readouterr() == ("", "")


def test_a_folder_that_cannot_be_written_to_is_the_systems_word(tmp_path: Path) -> None:
    template = written(tmp_path, ("1",))
    with pytest.raises(OSError, match="No such file or directory"):
        notebook.run(template, tmp_path / "nowhere" / "out.ipynb", {})


def test_a_fault_in_a_cell_is_its_line(tmp_path: Path) -> None:
    raised = (
        "from settle_core.errors import Fault\nraise Fault('wrong', where='--here', todo='mend')"
    )
    template = written(tmp_path, (raised,))
    with pytest.raises(Fault, match=r"^wrong in --here; mend$"):
        notebook.run(template, tmp_path / "out.ipynb", {})


def test_the_database_draws_no_bar_between_what_the_command_says(tmp_path: Path) -> None:
    asked = "SELECT CURRENT_SETTING('enable_progress_bar')"
    cell = f'import duckdb\nassert not duckdb.connect().execute("{asked}").fetchone()[0]'
    notebook.run(written(tmp_path, (cell,)), tmp_path / "out.ipynb", {})
