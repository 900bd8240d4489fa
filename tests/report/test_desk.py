"""The report at work, in a real browser: from a cell to a decision, legible in light and dark.

The export is a simulated one, with faults of many kinds and another currency than the recorded.
"""

import shlex
import shutil
import subprocess
import sys
from base64 import b64decode
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from contrast import hard_to_read
from lab import Tab, browsed, until

from settle_core import notebook
from settle_core.audit import audit, disposition
from settle_core.audit.audit import Audit
from settle_core.contract import Finding
from settle_core.report import aggregates, settled_weeks, templates
from settle_core.simulation.simulate import simulate

pytestmark = pytest.mark.skipif(not shutil.which("chromium"), reason="no chromium: not looked at")
ROOT = Path(__file__).parents[2]
READY = "document.readyState == 'complete' && !!document.querySelector('.filter') || null"
COUNT = "document.querySelector('.filter output').textContent"
SHOWN = """[...document.querySelectorAll('table.sortable tbody tr[id]')]
    .filter((row) => !row.hidden).map((row) => row.dataset.id)"""
OF: dict[str, Callable[[Finding], str]] = {
    "status": lambda f: f.status,
    "rule": lambda f: f.rule.replace("_", " "),
    "account": lambda f: f.account_id,
    "week": lambda f: str(f.week_start),
}


FAULTS = {"stale_read": 18, "race": 12, "lost_job": 9, "repeated_job": 9, "masked": 6}
FAULTS |= {"misplaced": 4, "orphan": 4, "early": 3, "settled_amount_mismatch": 4}


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Tab, Audit]]:
    folder = tmp_path_factory.mktemp("desk")
    run = folder / "it's a run"
    simulate(folder / "export", seed=41, accounts=30, weeks=12, faults=FAULTS)
    profile = folder / "ours.toml"
    profile.write_text('[money]\ncurrency = "CHF"\n', "utf-8")
    audited = audit.run(folder / "export", str(profile))
    audited.write(run)
    parameters = {"export": str(folder / "export"), "profile": str(profile)}
    with templates.template("settled_weeks") as template:
        notebook.run(template, run / "workpaper.ipynb", parameters, cwd=ROOT)
    settled_weeks.page(run / "workpaper.ipynb", run / "report.html", "Audit of it: broken")
    with browsed(folder) as tab:
        for domain in ("Page", "Log", "Runtime", "Network"):
            tab.send(f"{domain}.enable")
        tab.send("Page.navigate", url=(run / "report.html").as_uri())
        until(lambda: tab.value(READY))
        yield run, tab, audited


def test_worst_cell_leads_to_its_findings_its_walk_and_a_line_that_a_shell_takes(
    opened: tuple[Path, Tab, Audit],
) -> None:
    run, tab, audited = opened
    worst = max(aggregates.cells(audited, "CHF"), key=lambda c: abs(c.residual))
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
    findings = audited.findings
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


@pytest.mark.parametrize("width", [400, 700, 1280])
def test_what_goes_on_beyond_the_edge_says_so(
    width: int, opened: tuple[Path, Tab, Audit], tmp_path: Path
) -> None:
    _, tab, _ = opened
    tab.picture(tmp_path / "page.png", width, 800)
    charts = tab.value(
        """[...document.querySelectorAll('.settle figure')].filter((e) => e.checkVisibility())
        .map((each) => [each, getComputedStyle(each, '::before')]).map(([each, words]) => [
          each.scrollWidth > each.clientWidth,
          words.content != 'none' && words.display != 'none',
        ])"""
    )
    tab.send("Emulation.clearDeviceMetricsOverride")
    assert [each for each in charts if each[0] != each[1]] == [], charts
    assert any(goes_on for goes_on, _ in charts) == (width < 1280)


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (lambda f: str(f.effect), lambda f, said: said in f"{f.amount} {f.effect} {f.explanation}"),
        (lambda f: f"account {f.account_id}", lambda f, said: said == f"account {f.account_id}"),
        (lambda f: f.rule, lambda f, said: f.rule == said),
        (lambda f: f.finding_id, lambda f, said: f.finding_id == said),
    ],
    ids=["amount", "account", "rule", "id"],
)
def test_search_finds_what_one_would_type(
    words: Callable[[Finding], str],
    wanted: Callable[[Finding, str], bool],
    opened: tuple[Path, Tab, Audit],
) -> None:
    _, tab, audited = opened
    typed = words(next(f for f in audited.findings if f.rule == "duplicate_counter"))
    found = tab.value(
        f"""(() => {{
          for (const chip of document.querySelectorAll('.filter [aria-pressed="true"]'))
            chip.click();
          for (const select of document.querySelectorAll('.filter select')) {{
            select.value = '';
            select.dispatchEvent(new Event('change'));
          }}
          const box = document.querySelector('.filter input');
          box.value = '{typed}';
          box.dispatchEvent(new Event('input'));
          return {SHOWN};
        }})()"""
    )
    assert set(found) == {f.finding_id for f in audited.findings if wanted(f, typed)}


def sorting(title: str) -> Callable[[str], float | str]:
    """What a column is sorted by, as far as the browser's own order of words is not asked."""
    if title.startswith("effect") or title in {"is", "should be", "account", "entry"}:
        return lambda text: float(text.replace("\N{MINUS SIGN}", "-").replace(",", ""))
    return str if title in {"status", "day"} else lambda _: ""


def test_each_column_sorts_up_and_down_days_as_days_and_amounts_as_amounts(
    opened: tuple[Path, Tab, Audit],
) -> None:
    _, tab, _ = opened
    sort = """(async (at) => {
      const box = document.querySelector('.filter input');
      box.value = '';
      box.dispatchEvent(new Event('input'));
      const head = document.querySelectorAll('table.sortable th')[at];
      const read = () => [...document.querySelectorAll('table.sortable tbody tr')].map((row) =>
        row.cells[at].dataset.key ?? row.cells[at].textContent);
      head.click();
      const up = [head.ariaSort, read()];
      head.click();
      return [up, [head.ariaSort, read()]];
    })(%d)"""
    titles = tab.value(
        "[...document.querySelectorAll('table.sortable th')].map((h) => h.innerText)"
    )
    assert len(titles) > 8
    for at, title in enumerate(titles):
        (up, rising), (down, falling) = tab.value(sort % at)
        assert (up, down) == ("ascending", "descending")
        rising, falling = ([value for value in each if value] for each in (rising, falling))
        assert len(rising) == len(falling)
        key = sorting(title)
        assert [key(value) for value in rising] == sorted(map(key, rising)), title
        assert [key(value) for value in falling] == sorted(map(key, falling), reverse=True), title


def test_each_choice_filters_by_its_column(opened: tuple[Path, Tab, Audit]) -> None:
    _, tab, audited = opened
    findings = {f.finding_id: f for f in audited.findings}
    chosen = tab.value(
        f"""(() => {{
          const found = [];
          for (const chip of document.querySelectorAll('.filter .chip')) {{
            chip.click();
            found.push([chip.dataset.of, chip.dataset.value, {SHOWN}]);
            chip.click();
          }}
          for (const select of document.querySelectorAll('.filter select')) {{
            for (const option of [...select.options].slice(1, 4)) {{
              select.value = option.value;
              select.dispatchEvent(new Event('change'));
              found.push([select.dataset.of, option.value, {SHOWN}]);
            }}
            select.value = '';
            select.dispatchEvent(new Event('change'));
          }}
          return found;
        }})()"""
    )
    assert {name for name, *_ in chosen} >= set(OF)
    for name, value, ids in chosen:
        if name in OF:
            assert set(ids) == {each for each, f in findings.items() if OF[name](f) == value}


def test_titles_are_on_every_page_of_paper(opened: tuple[Path, Tab, Audit]) -> None:
    run, tab, audited = opened
    if not shutil.which("pdftotext"):
        pytest.skip("no pdftotext: the printed pages not read")
    printed = tab.send("Page.printToPDF", preferCSSPageSize=True)
    file = run.parent / "report.pdf"
    file.write_bytes(b64decode(printed["data"]))
    text = subprocess.run(
        ["pdftotext", "-layout", file, "-"], capture_output=True, text=True, check=True
    ).stdout
    pages = text.rstrip("\f").split("\f")
    assert all(f"{at} / {len(pages)}" in page for at, page in enumerate(pages, 1))
    assert all("Audit of it: broken" in page for page in pages)
    ids = {f.finding_id[:8] for f in audited.findings}
    first = next(at for at, page in enumerate(pages) if "All findings" in page)
    listed = [page for page in pages[first:] if sum(each in page for each in ids) > 5]
    assert len(listed) > 5
    assert all("explanation" in page and "should be" in page for page in listed)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_can_be_read(scheme: str, opened: tuple[Path, Tab, Audit]) -> None:
    _, tab, _ = opened
    feature = {"name": "prefers-color-scheme", "value": scheme}
    tab.send("Emulation.setEmulatedMedia", features=[feature])
    assert tab.value(hard_to_read("body")) == []


def test_nothing_was_asked_of_anybody_and_nothing_failed(opened: tuple[Path, Tab, Audit]) -> None:
    run, tab, _ = opened
    tab.value("1")
    asked = [e["params"]["request"]["url"] for e in tab.events if e["method"].endswith("BeSent")]
    assert set(asked) <= {(run / "report.html").as_uri(), "about:blank"}
    kinds = {"Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded"}
    assert [e for e in tab.events if e["method"] in kinds] == []
