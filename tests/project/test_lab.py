"""In a real JupyterLab, in a real browser: all cells run, nothing fails, the chart is there."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from lab import ROOT, TOKEN, Tab, browsed, served, until

pytestmark = pytest.mark.skipif(
    not shutil.which("chromium"), reason="no chromium: the notebooks not looked at in JupyterLab"
)
NOTEBOOK = "window.jupyterapp?.shell.currentWidget?.content"
OPEN = f"{NOTEBOOK}?.model?.cells.length > 5 && {NOTEBOOK}.activeCellIndex >= 0 || null"
IDLE = "window.jupyterapp.shell.currentWidget.sessionContext.session?.kernel?.status == 'idle'"
RUN = "window.jupyterapp.commands.execute('notebook:run-all-cells').then(() => true)"
OUTPUTS = f"{NOTEBOOK}.model.sharedModel.toJSON().cells"


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Tab]]:
    folder = tmp_path_factory.mktemp("lab")
    with served(folder) as address, browsed(folder) as tab:
        yield address, tab


@pytest.mark.parametrize("name", ["settled_weeks", "account_week"])
def test_all_cells_run_and_the_chart_is_in_the_page(name: str, opened: tuple[str, Tab]) -> None:
    address, tab = opened
    page = f"{address}lab/tree/notebooks/audit/{name}.ipynb?token={TOKEN}&reset"
    tab.send("Page.navigate", url=page)
    until(lambda: tab.value(OPEN))
    until(lambda: tab.value(f"{IDLE} || null"))
    assert tab.value(RUN)
    code = [cell for cell in tab.value(OUTPUTS) if cell["cell_type"] == "code"]
    assert [cell["source"] for cell in code if not cell["execution_count"]] == []
    outputs = [output for cell in code for output in cell["outputs"]]
    assert [o for o in outputs if o["output_type"] == "error"] == []
    assert any("<svg" in "".join(o.get("data", {}).get("text/html", "")) for o in outputs)
    chart = "document.querySelector('.jp-OutputArea-output svg text')?.getBoundingClientRect()"
    assert until(lambda: tab.value(f"{chart}.width || null"))


def test_lab_opens_the_audit() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    target = makefile.split("\nlab:")[1].split("\n\n")[0]
    (path,) = [word for word in target.split() if word.endswith(".ipynb")]
    assert Path(ROOT / path).is_file()
