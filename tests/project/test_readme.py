"""The README holds only what is so: its picture, its links and its commands."""

import re
from pathlib import Path

from settle_core.audit import audit
from settle_core.cli import main
from settle_core.report.charts import walk

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")


def test_picture_is_the_walk_of_that_day() -> None:
    run = audit.run(ROOT / "data" / "rails" / "sidekiq_cached", "rails")
    finding = next(
        f
        for f in run.findings
        if (f.account_id, str(f.effective_date)) == ("35", "2026-09-06") and f.entry_id
    )
    (told,) = run.walks([finding])
    picture = ROOT / "notebooks" / "docs" / "pictures" / "walk.svg"
    assert walk.figure(told).svg == picture.read_text("utf-8")


def test_links_lead_to_files() -> None:
    targets = re.findall(r"\]\(([^)#]+)\)", README)
    assert targets
    assert [t for t in targets if not (ROOT / t).exists()] == []


def test_each_command_is_there_and_named() -> None:
    named = set(re.findall(r"bin/settle (\w+)", README))
    assert named == set(main.settle.commands)


def test_named_files_are_there() -> None:
    named = set(re.findall(r"`((?:settle_core|notebooks|data|tests|bench)/[\w./]+)`", README))
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_book_example_runs(tmp_path: Path) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    code = example.replace("postgresql:///ledger", str(tmp_path / "book.duckdb"))
    code = code.replace("exports/today", str(tmp_path / "export"))
    exec(code, {})  # noqa: S102  our own README
    assert audit.run(tmp_path / "export").verdict == "reconciled"
