"""Audits of small exports, and the report page of a notebook's cells."""

import ast
import csv
import json
from collections.abc import Sequence
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from settle_core import contract
from settle_core.audit import audit
from settle_core.audit.audit import Audit
from settle_core.report import aggregates, settled_weeks

ROOT = Path(__file__).parents[2]
NOTEBOOK = json.loads((ROOT / "notebooks/audit/settled_weeks.ipynb").read_text("utf-8"))
COLUMNS = ("entry_id", "account_id", "effective_date", "amount", "kind", "recorded_at", "job_id")
LATE, LATER = "2026-01-13T10:00:00Z", "2026-01-13T10:00:01Z"
WEEK = ("7", "2026-01-05", "100.00", "2026-01-12T03:00:00Z")
FIRST = ("1", "7", "2026-01-06", "100.00", "entry", "2026-01-06T10:00:00Z", "")
ENTRY = ("2", "7", "2026-01-06", "20.00", "entry", LATE, "j1")
COUNTER = ("3", "7", "2026-01-06", "-20.00", "counter", LATER, "j1")
REPEAT = ("4", "7", "2026-01-06", "-20.00", "counter", "2026-01-13T10:00:02Z", "j1")
SECOND = ("5", "7", "2026-01-06", "5.00", "entry", "2026-01-13T10:01:00Z", "j2")
BACK = ("6", "7", "2026-01-06", "15.00", "counter", "2026-01-13T10:01:09Z", "j2")
UNREAD = ("7", "7", "2026-01-06", "1.001", "entry", LATE, "j3")
EXPORTS = {
    "reconciled": [FIRST, ENTRY, COUNTER],
    "pending": [FIRST, ENTRY],
    "masked": [FIRST, ENTRY, COUNTER, REPEAT, SECOND, BACK],
    "broken": [FIRST, ENTRY, COUNTER, REPEAT],
    "incomplete": [FIRST, ENTRY, COUNTER, UNREAD],
}


def audited(folder: Path, rows: Sequence[Sequence[str]], week: Sequence[str] = WEEK) -> Audit:
    """The audit of an export of these rows."""
    for name, head, body in (
        ("entries", COLUMNS, rows),
        ("settlements", contract.SETTLEMENT_REQUIRED, [week]),
    ):
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([head, *body])
    return audit.run(folder, "canonical")


@cache
def recorded(name: str) -> Audit:
    """The audit of a recorded export."""
    return audit.run(ROOT / "data/rails" / name, "rails")


class Elements(HTMLParser):
    """The elements of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, name: str) -> list[str]:
        """The values of an attribute, wherever it stands."""
        return [attributes[name] for _, attributes in self.elements if name in attributes]


Cell = dict[str, Any]


def code_cell(source: str, *outputs: Cell, tags: Sequence[str] = ()) -> Cell:
    """A code cell with outputs, as a notebook stores it."""
    plain = {"cell_type": "code", "execution_count": None, "source": source}
    return plain | {"metadata": {"tags": list(tags)}, "outputs": list(outputs)}


def display(**data: str) -> Cell:
    """An output, `text_html` standing for text/html."""
    bundle = {name.replace("_", "/"): value for name, value in data.items()}
    return {"output_type": "display_data", "metadata": {}, "data": bundle}


def cells(run: Audit) -> list[Cell]:
    """The audit notebook as if a kernel had run it: each cell's last value is its output."""
    names: dict[str, Any] = {"run": run, "settled_weeks": settled_weeks, "aggregates": aggregates}
    made: list[Cell] = []
    for cell in NOTEBOOK["cells"]:
        source, tags = "".join(cell["source"]), cell["metadata"].get("tags", [])
        if cell["cell_type"] == "markdown":
            made.append({"cell_type": "markdown", "source": source, "metadata": {"tags": tags}})
            continue
        if {"notebook-only", "parameters"} & set(tags):
            made.append(code_cell(source, tags=tags))
            continue
        *body, last = ast.parse(source).body
        exec(compile(ast.Module(body, []), "cell", "exec"), names)  # noqa: S102 our own notebook
        assert isinstance(last, ast.Expr)
        value = eval(compile(ast.Expression(last.value), "cell", "eval"), names)  # noqa: S307
        shown = (
            {"output_type": "display_data", "metadata": {}, "data": value._repr_mimebundle_()}
            if hasattr(value, "_repr_mimebundle_")
            else display(text_html=value._repr_html_(), text_plain=repr(value))
        )
        made.append(code_cell(source, shown, tags=tags))
    return made


def page(folder: Path, made: Sequence[Cell], title: str = "Audit") -> str:
    """The page of a notebook with these cells."""
    book = {"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
    (folder / "workpaper.ipynb").write_text(json.dumps(book), "utf-8")
    settled_weeks.page(folder / "workpaper.ipynb", folder / "report.html", title)
    return (folder / "report.html").read_text("utf-8")
