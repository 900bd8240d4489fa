"""A hostile export in a real browser: no dialog, no request, no element that stands in the data.

The report is opened as it is written. Of the workpaper and of every other audit notebook all that
their cells show is opened as it stands, as in a notebook that one trusts: nothing else keeps it in.
"""

import ast
import csv
import html
import logging
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
import pytest
from lab import Tab, browsed, until

from settle_core.audit import audit
from settle_core.cli import running
from settle_core.report import templates
from settle_core.report.html import PIECE

pytestmark = pytest.mark.skipif(not shutil.which("chromium"), reason="no chromium: not looked at")
ROOT = Path(__file__).parents[2]
MARK = "from-the-data"  # an element that nothing but the data has
PAYLOADS = (
    f"<{MARK}>bold</{MARK}><script>alert(1)</script>",
    f"<{MARK}><img src=http://leak.invalid/i onerror=alert(2)>",
    f"'><svg onload=alert(3)><{MARK}>",
    f'" onmouseover=alert(4) onfocus=alert(4) autofocus x="<{MARK}>',
    f"</title></style></textarea></script><script>fetch('http://leak.invalid/')</script><{MARK}>",
    f"[x](javascript:alert(5)) ![y](http://leak.invalid/y) <{MARK}>",
    f"<a href=javascript:alert(6)>q</a><{MARK}>",
    f"<iframe src=//leak.invalid/f srcdoc='<script>alert(7)</script>'></iframe><{MARK}>",
    (
        f"<meta http-equiv=refresh content='0;url=http://leak.invalid/m'>"
        f"<base href=//leak.invalid><{MARK}>"
    ),
    (
        f"<style>@import 'http://leak.invalid/c';</style>"
        f"<link rel=stylesheet href=//leak.invalid><{MARK}>"
    ),
    f"\N{RIGHT-TO-LEFT OVERRIDE}<{MARK}>\x1b[31m{{{{ 7 * 7 }}}}{{% raw %}}]]>&lt;{MARK}&gt;",
    f"$\\href{{javascript:alert(8)}}{{z}}$ <{MARK} <!-- <{MARK}>",
)
BEFORE = """
window.asked = [];
for (const name of ['alert', 'confirm', 'prompt', 'print', 'open'])
  window[name] = (...given) => { window.asked.push(name + ' ' + given); };
"""
SEEN = f"""(() => {{
  const all = [...document.querySelectorAll('*')];
  const attributes =
    all.flatMap((e) => [...e.attributes].map((a) => [e.localName, a.name, a.value]));
  return {{
    asked: window.asked,
    of_data: all.filter((e) => e.localName.startsWith('{MARK}')).length,
    handlers: attributes.filter(([, name]) => name.startsWith('on')),
    addresses: attributes.filter(([, name, value]) =>
      ['src', 'href', 'srcset', 'action', 'data', 'xlink:href', 'poster', 'srcdoc'].includes(name)
      && !value.startsWith('#') && !value.startsWith('data:')),
    elements: all.map((e) => e.localName).filter((name) =>
      ['iframe', 'object', 'embed', 'base', 'form', 'link', 'frame', 'portal'].includes(name)),
    scripts: document.scripts.length,
    refreshing: document.querySelectorAll('meta[http-equiv=refresh]').length,
    text: document.documentElement.textContent,
  }};
}})()"""


def hostile(source: Path, folder: Path) -> Path:
    """An export in which ids, accounts, jobs, memos and its own name are payloads."""
    places: dict[str, int] = {}

    def other(value: str) -> str:
        place = places.setdefault(value, len(places))
        return f"{PAYLOADS[place % len(PAYLOADS)]} {place}" if value else value

    export = folder / f"<{MARK}><img src=x onerror=alert(9)>"
    export.mkdir(parents=True)
    for name in ("entries.csv", "settlements.csv"):
        with (source / name).open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        for row in rows:
            for column in {"entry_id", "account_id", "job_id", "memo"} & set(row):
                row[column] = other(f"{column}-{row[column]}" if row[column] else "")
        with (export / name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    return export


@contextmanager
def logged_as_before() -> Iterator[None]:
    """What a notebook says while it runs goes nowhere afterwards."""
    logger = logging.getLogger("settle_core")
    handlers, level = logger.handlers[:], logger.level
    try:
        yield
    finally:
        logger.handlers[:] = handlers
        logger.setLevel(level)


def shown(name: str, **parameters: object) -> str:
    """All that the cells of an audit notebook show, as it stands."""
    from IPython.core.formatters import DisplayFormatter  # noqa: PLC0415  slow to import

    formatter = DisplayFormatter()
    names: dict[str, Any] = {}
    made = []
    with templates.template(name) as template:
        cells = nbformat.read(template, 4).cells  # type: ignore[no-untyped-call]
    for cell in cells:
        if cell.cell_type != "code":
            continue
        *body, last = ast.parse(cell.source).body
        is_shown = isinstance(last, ast.Expr)
        steps = body if is_shown else [*body, last]
        exec(compile(ast.Module(steps, []), name, "exec"), names)  # noqa: S102  our own notebook
        if "parameters" in cell.metadata.get("tags", ()):
            names |= parameters
        if isinstance(last, ast.Expr):
            value = eval(compile(ast.Expression(last.value), name, "eval"), names)  # noqa: S307
            data, _ = formatter.format(value)  # type: ignore[no-untyped-call]
            plain = f"<pre>{html.escape(data['text/plain'])}</pre>"
            made.append(
                data.get(PIECE) or data.get("text/html") or data.get("image/svg+xml") or plain
            )
    return "\n".join(made)


def of_workpaper(path: Path) -> str:
    """All that the cells of an executed notebook show, as it stands."""
    cells = nbformat.read(path, 4).cells  # type: ignore[no-untyped-call]
    data = [o.get("data", {}) for c in cells if c.cell_type == "code" for o in c.outputs]
    kinds = (PIECE, "text/html", "image/svg+xml")
    return "\n".join(next((each[k] for k in kinds if k in each), "") for each in data)


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The pages by name."""
    folder = tmp_path_factory.mktemp("hostile")
    export = hostile(ROOT / "data" / "sample", folder)
    before = hostile(ROOT / "data" / "sample_before", folder / "before")
    runs = folder / "runs"
    given = {"export": str(export), "profile": ""}
    run, _ = running.audit(str(export), str(runs), given, is_shown=False)
    audit.run(export, run_dir=str(runs / "2")).write(runs / "2")
    found = next(f for f in audit.run(export).findings if f.entry_id)
    here, week = str(export), str(found.week_start)
    with logged_as_before():
        texts = {
            "workpaper": of_workpaper(run / "workpaper.ipynb"),
            "account_week": shown(
                "account_week", export=here, profile="", account=found.account_id, week=week
            ),
            "incident": shown("incident", export=here, profile=""),
            "compare_exports": shown("compare_exports", old=str(before), new=here),
            "trend": shown("trend", runs=str(runs)),
            "power": shown("power", export=here, profile="", count=1),
        }
    made = {"report": run / "report.html"}
    for name, text in texts.items():
        made[name] = folder / f"{name}.html"
        made[name].write_text(f'<!doctype html><meta charset="utf-8"><body>\n{text}', "utf-8")
    return made


def test_every_audit_notebook_is_looked_at(pages: dict[str, Path]) -> None:
    names = {path.stem for path in (ROOT / "notebooks" / "audit").glob("*.ipynb")}
    assert names - {"settled_weeks"} == {*pages} - {"report", "workpaper"}


def test_nothing_of_the_data_is_markup_and_nothing_is_asked_for(
    pages: dict[str, Path], tmp_path: Path
) -> None:
    beside = {path.name for path in pages["report"].parent.iterdir()}
    with browsed(tmp_path) as tab:
        tab.send("Page.enable")
        tab.send("Network.enable")
        tab.send("Page.addScriptToEvaluateOnNewDocument", source=BEFORE)
        for name, page in pages.items():
            seen = opened(tab, page)
            assert seen["asked"] == [], name
            assert seen["of_data"] == 0, name
            assert seen["handlers"] == [], name
            # A report leads to the files beside it, and nothing leads anywhere else.
            assert {value for *_, value in seen["addresses"]} <= beside, name
            assert seen["elements"] == [], name
            assert seen["refreshing"] == 0, name
            assert seen["scripts"] == (1 if name == "report" else 0), name
            # It is there, as text: else nothing would be shown by this.
            assert f"<{MARK}>" in seen["text"] or name == "power", name


def opened(tab: Tab, page: Path) -> Any:  # noqa: ANN401  what the script gives
    """What is seen of a page, from which nothing but itself was asked for."""
    tab.events.clear()
    tab.send("Page.navigate", url=page.as_uri())
    there = f"location.href == '{page.as_uri()}' && document.readyState == 'complete' || null"
    until(lambda: tab.value(there))
    tab.value("new Promise((done) => setTimeout(done, 300))")
    seen = tab.value(SEEN)
    asked = asked_for(tab.events)
    assert [url for url in asked if not url.startswith("data:")] == [page.as_uri()]
    return seen


def asked_for(events: Sequence[dict[str, Any]]) -> list[str]:
    requests = [e["params"] for e in events if e["method"] == "Network.requestWillBeSent"]
    return [each["request"]["url"] for each in requests]
