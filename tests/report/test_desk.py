"""The report at work, in a real browser: from a cell to a decision, legible in light and dark."""

import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from contrast import hard_to_read
from lab import Tab, browsed, until
from pages import recorded

from settle_core import notebook
from settle_core.audit import audit, disposition
from settle_core.report import aggregates, settled_weeks, templates

pytestmark = pytest.mark.skipif(not shutil.which("chromium"), reason="no chromium: not looked at")
ROOT = Path(__file__).parents[2]
READY = "document.readyState == 'complete' && !!document.querySelector('.filter') || null"
COUNT = "document.querySelector('.filter output').textContent"
SHOWN = """[...document.querySelectorAll('table.sortable tbody tr[id]')]
    .filter((row) => !row.hidden).map((row) => row.dataset.id)"""


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Tab]]:
    folder = tmp_path_factory.mktemp("desk")
    run = folder / "it's a run"
    audit.run(ROOT / "data/rails/sidekiq_cached", "rails").write(run)
    parameters = {"export": "data/rails/sidekiq_cached", "profile": "rails"}
    with templates.template("settled_weeks") as template:
        notebook.run(template, run / "workpaper.ipynb", parameters, cwd=ROOT)
    settled_weeks.page(run / "workpaper.ipynb", run / "report.html", "Audit of it: broken")
    with browsed(folder) as tab:
        tab.send("Page.enable")
        tab.send("Page.navigate", url=(run / "report.html").as_uri())
        until(lambda: tab.value(READY))
        yield run, tab


def test_worst_cell_leads_to_its_findings_its_walk_and_a_line_that_a_shell_takes(
    opened: tuple[Path, Tab],
) -> None:
    run, tab = opened
    worst = max(aggregates.cells(recorded("sidekiq_cached"), "EUR"), key=lambda c: abs(c.residual))
    found = tab.value(
        f"""(() => {{
          const said = 'account {worst.account_id}, week of ';
          const cells = [...document.querySelectorAll('svg a')]
            .filter((a) => a.querySelector('title').textContent.startsWith(said));
          const title = cells.map((a) => a.querySelector('title').textContent);
          const one = cells.find((a) => a.textContent.includes('{abs(worst.residual):,}'));
          one.dispatchEvent(new MouseEvent('click', {{ bubbles: true, cancelable: true }}));
          return {SHOWN};
        }})()"""
    )
    findings = recorded("sidekiq_cached").findings
    of_week = {
        f.finding_id
        for f in findings
        if (f.account_id, f.week_start) == (worst.account_id, worst.week_start)
    }
    assert set(found) == of_week
    walk = tab.value(
        """(() => {
          const row = [...document.querySelectorAll('table.sortable tbody tr[id]')]
            .find((each) => !each.hidden && each.querySelector('td a'));
          row.querySelector('button.id').click();
          const place = document.querySelector(row.querySelector('td a').getAttribute('href'));
          return place.textContent;
        })()"""
    )
    assert "Proposed correction" in walk
    lines = tab.value("[...document.querySelectorAll('.lines code')].map((c) => c.textContent)")
    accept = next(line for line in lines if line.startswith("settle accept "))
    printed = subprocess.run(
        ["sh", "-c", accept],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin"},
    )
    assert printed.returncode == 0, printed.stderr
    file = run.parent / "accepted.toml"
    file.write_text(printed.stdout, "utf-8")
    given = disposition.read(str(file))
    assert given is not None
    assert shlex.split(accept)[3] in printed.stdout


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("1911.40", lambda f: "1911.40" in f"{f.amount} {f.effect} {f.explanation}"),
        ("account 9", lambda f: f.account_id == "9"),
        ("duplicate_counter", lambda f: f.rule == "duplicate_counter"),
    ],
)
def test_search_finds_what_one_would_type(
    words: str, wanted: object, opened: tuple[Path, Tab]
) -> None:
    _, tab = opened
    found = tab.value(
        f"""(() => {{
          for (const chip of document.querySelectorAll('.filter [aria-pressed="true"]'))
            chip.click();
          for (const select of document.querySelectorAll('.filter select')) {{
            select.value = '';
            select.dispatchEvent(new Event('change'));
          }}
          const box = document.querySelector('.filter input');
          box.value = '{words}';
          box.dispatchEvent(new Event('input'));
          return {SHOWN};
        }})()"""
    )
    assert callable(wanted)
    assert set(found) == {f.finding_id for f in recorded("sidekiq_cached").findings if wanted(f)}


def test_each_column_sorts_days_as_days_and_amounts_as_amounts(opened: tuple[Path, Tab]) -> None:
    _, tab = opened
    sort = """(async (at) => {
      const box = document.querySelector('.filter input');
      box.value = '';
      box.dispatchEvent(new Event('input'));
      const head = document.querySelectorAll('table.sortable th')[at];
      head.click();
      return [...document.querySelectorAll('table.sortable tbody tr')].map((row) =>
        row.cells[at].dataset.key ?? row.cells[at].textContent);
    })(%d)"""
    titles = tab.value(
        "[...document.querySelectorAll('table.sortable th')].map((h) => h.innerText)"
    )
    for at, title in enumerate(titles):
        values = tab.value(sort % at)
        filled = [value for value in values if value]
        if title == "day":
            assert filled == sorted(filled)
        elif title.startswith("effect") or title in {"is", "should be"}:
            numbers = [float(value) for value in filled]
            assert numbers == sorted(numbers)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_can_be_read(scheme: str, opened: tuple[Path, Tab]) -> None:
    _, tab = opened
    feature = {"name": "prefers-color-scheme", "value": scheme}
    tab.send("Emulation.setEmulatedMedia", features=[feature])
    assert tab.value(hard_to_read("body")) == []
