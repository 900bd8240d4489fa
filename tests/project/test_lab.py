"""In a real JupyterLab, in a real browser: all cells run, nothing fails, the chart is there."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from contrast import hard_to_read
from lab import ROOT, Tab, browsed, served, until

from settle_core.audit import audit
from settle_core.report import templates
from settle_core.report.html import PIECE

RUNS = 'runs: str = "runs"'
needs_chromium = pytest.mark.skipif(
    not shutil.which("chromium"), reason="no chromium: the notebooks not looked at in JupyterLab"
)
NOTEBOOK = "window.jupyterapp?.shell.currentWidget?.content"
OPEN = f"{NOTEBOOK}?.model?.cells.length > 5 && {NOTEBOOK}.activeCellIndex >= 0 || null"
IDLE = "window.jupyterapp.shell.currentWidget.sessionContext.session?.kernel?.status == 'idle'"
RUN = "window.jupyterapp.commands.execute('notebook:run-all-cells').then(() => true)"
# Lab shows an output that it fails to draw as far as it came, and its error below.
DRAWN = ".jp-OutputArea .vega-embed svg.marks"
SHOWN = "[...document.querySelectorAll('.jp-OutputArea svg[role=img]')]"
FAILED = "[...document.querySelectorAll('[data-mime-type$=stderr]')].map((each) => each.innerText)"
OUTPUTS = f"{NOTEBOOK}.model.sharedModel.toJSON().cells"


# Of each notebook how many charts Lab moves itself: heat map, residual over time, a walk alone.
MOVED = {"settled_weeks": 2, "account_week": 1, "incident": 1}
MOVED |= {"trend": 0, "compare_exports": 0, "power": 0}
# Smaller than what they show by themselves: what is drawn is the same.
SMALLER = {"power": ("count: int = 20", "count: int = 1"), "trend": ('runs: str = ""', RUNS)}


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Tab]]:
    folder = tmp_path_factory.mktemp("lab")
    audits = folder / "notebooks" / "audit"
    audits.mkdir(parents=True)
    (audits / "pandas.py").write_text("raise SystemExit", "utf-8")
    for name, (long, short) in SMALLER.items():
        text = (ROOT / f"notebooks/audit/{name}.ipynb").read_text("utf-8")
        changed = text.replace(json.dumps(long)[1:-1], json.dumps(short)[1:-1])
        assert changed != text
        (audits / f"{name}.ipynb").write_text(changed, "utf-8")
    for as_of in ("2026-09-23T14:02:10Z", ""):
        run = audit.run(ROOT / "data/sample", as_of=as_of)
        run.write(folder / "runs" / f"run{as_of[:4]}")
    with served(folder) as (address, token), browsed(folder) as tab:
        yield f"{address}lab/tree/notebooks/audit/%s.ipynb?token={token}&reset", tab


def drawn_in(data: dict[str, str]) -> int:
    """How many charts a piece has; where it has images in their place, a page's form tells."""
    return "".join(data.get(PIECE) or data.get("text/html", "")).count("<svg")


def themed(tab: Tab, theme: str) -> None:
    change = f"commands.execute('apputils:change-theme', {{ theme: 'JupyterLab {theme}' }})"
    tab.value(f"window.jupyterapp.{change}.then(() => true)")
    wanted = "true" if theme == "Light" else "false"
    until(lambda: tab.value(f"document.body.dataset.jpThemeLight == '{wanted}' || null"))


@needs_chromium
@pytest.mark.parametrize("name", MOVED)
def test_all_cells_run_the_charts_are_there_and_every_text_can_be_read_in_both_themes(
    name: str, opened: tuple[str, Tab]
) -> None:
    address, tab = opened
    tab.send("Page.navigate", url=address % name)
    until(lambda: tab.value(OPEN))
    until(lambda: tab.value(f"{IDLE} || null"))
    themed(tab, "Dark")
    assert tab.value(RUN)
    code = [cell for cell in tab.value(OUTPUTS) if cell["cell_type"] == "code"]
    assert [cell["source"] for cell in code if not cell["execution_count"]] == []
    outputs = [output for cell in code for output in cell["outputs"]]
    assert [o for o in outputs if o["output_type"] == "error"] == []
    moved = [o for o in outputs if any("vegalite" in kind for kind in o.get("data", {}))]
    assert all("image/svg+xml" in o["data"] for o in moved)
    assert len(moved) == MOVED[name]
    still = [o for o in outputs if o not in moved]
    charts = sum(drawn_in(o.get("data", {})) for o in still)
    until(lambda: tab.value(f"{SHOWN}.length == {charts} || null"))
    assert tab.value(FAILED) == []
    until(lambda: tab.value(f"document.querySelectorAll('{DRAWN}').length == {len(moved)} || null"))
    assert tab.value(f"{SHOWN}.every((svg) => svg.closest('details') || svg.clientWidth > 300)")
    assert tab.value(hard_to_read(".jp-OutputArea-output")) == []
    # What is there already follows a theme that is changed afterwards.
    themed(tab, "Light")
    assert tab.value(hard_to_read(".jp-OutputArea-output")) == []


def test_lab_leaves_notebooks_that_are_there(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "trend.ipynb").write_text("edited", "utf-8")
    copied, kept = templates.copy(tmp_path / "mine")
    assert kept == ["trend.ipynb"]
    assert "settled_weeks.ipynb" in copied
    assert (tmp_path / "mine" / "trend.ipynb").read_text("utf-8") == "edited"
    assert templates.copy(tmp_path / "mine") == ([], ["trend.ipynb"])


def test_make_lab_opens_the_audit() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    target = makefile.split("\nlab:")[1].split("\n\n")[0]
    assert "settle lab" in target
