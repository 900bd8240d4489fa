"""A hostile export in JupyterLab itself: each audit notebook is run there, and looked at.

    PYTHONPATH=.:tests/support python tests/hostile/in_lab.py

It takes minutes, so it is no part of the suite; there `test_browser.py` opens what the cells show.
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
from lab import browsed, served, until

from settle_core.audit import audit
from settle_core.report import templates
from tests.hostile.test_browser import BEFORE, MARK, ROOT, hostile
from tests.project.test_lab import IDLE, OPEN, OUTPUTS, RUN

# What Lab itself has is not told from what an output brings: so only outputs are looked at.
SEEN = f"""(() => {{
  const outputs = [...document.querySelectorAll('.jp-OutputArea-output')];
  const all = outputs.flatMap((each) => [...each.querySelectorAll('*')]);
  const handlers = all.flatMap((e) => [...e.attributes]).filter((a) => a.name.startsWith('on'));
  const names = ['iframe', 'object', 'embed', 'base', 'form', 'link', 'script', 'frame'];
  return {{
    asked: window.asked,
    of_data: document.querySelectorAll('{MARK}').length,
    handlers: handlers.map((a) => a.name + '=' + a.value),
    // Vega puts its own empty form below each chart.
    elements: all.filter((e) => !e.matches('.vega-bindings')).map((e) => e.localName)
      .filter((name) => names.includes(name)),
    is_there: outputs.some((e) => e.textContent.includes('<{MARK}>')),
    title: document.title,
  }};
}})()"""


def notebooks(folder: Path, export: Path, before: Path, runs: Path) -> list[str]:
    """Write the audit notebooks, each with the hostile export for its parameters."""
    found = next(f for f in audit.run(export).findings if f.entry_id)
    here: dict[str, object] = {"export": str(export), "profile": ""}
    given: dict[str, dict[str, object]] = {
        "settled_weeks": here,
        "account_week": {**here, "account": found.account_id, "week": str(found.week_start)},
        "incident": here,
        "compare_exports": {"old": str(before), "new": str(export)},
        "trend": {"runs": str(runs)},
        "power": {**here, "count": 1},
    }
    folder.mkdir(parents=True)
    for name, parameters in given.items():
        with templates.template(name) as template:
            book = nbformat.read(template, 4)  # type: ignore[no-untyped-call]
        place = next(
            k for k, c in enumerate(book.cells) if "parameters" in c.metadata.get("tags", ())
        )
        source = "\n".join(f"{key} = {value!r}" for key, value in parameters.items())
        book.cells.insert(place + 1, nbformat.v4.new_code_cell(source))  # type: ignore[no-untyped-call]
        nbformat.write(book, folder / f"{name}.ipynb")  # type: ignore[no-untyped-call]
    return list(given)


def main() -> int:
    """Print what was seen of each notebook; exit with 1 if anything of the data was markup."""
    is_well = True
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        export = hostile(ROOT / "data" / "sample", folder)
        before = hostile(ROOT / "data" / "sample_before", folder / "before")
        for name in ("1", "2"):
            audit.run(export, run_dir=str(folder / "runs" / name)).write(folder / "runs" / name)
        names = notebooks(folder / "notebooks" / "audit", export, before, folder / "runs")
        with served(folder) as (address, token), browsed(folder) as tab:
            tab.send("Page.enable")
            tab.send("Network.enable")
            tab.send("Page.addScriptToEvaluateOnNewDocument", source=BEFORE)
            for name in names:
                url = f"{address}lab/tree/notebooks/audit/{name}.ipynb?token={token}&reset"
                tab.send("Page.navigate", url=url)
                until(lambda: tab.value(OPEN))
                until(lambda: tab.value(f"{IDLE} || null"))
                tab.events.clear()
                tab.value(RUN)
                tab.value("new Promise((done) => setTimeout(done, 1500))")
                seen = tab.value(SEEN)
                requests = [e["params"] for e in tab.events if "request" in e.get("params", {})]
                seen["away"] = [
                    each["request"]["url"]
                    for each in requests
                    if not each["request"]["url"].startswith((address, "data:", "blob:"))
                ]
                outputs = [o for c in tab.value(OUTPUTS) for o in c.get("outputs", [])]
                seen["failed"] = [o["evalue"] for o in outputs if o["output_type"] == "error"]
                bad = [seen[key] for key in ("asked", "handlers", "elements", "away", "failed")]
                is_well &= not any(bad) and not seen["of_data"]
                print(name, seen)  # noqa: T201
    return 0 if is_well else 1


if __name__ == "__main__":
    sys.exit(main())
