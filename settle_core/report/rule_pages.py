"""Documentation of the rules, made from the rule files: text, and examples that are run."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from settle_core import formats
from settle_core.audit import audit
from settle_core.contract import Finding
from settle_core.report.html import Cell, Column, Html, join, paragraph, sheet, strong, table
from settle_core.rules import rule
from settle_core.rules.rule import Example, Rule

_INTRODUCTION: Final = """\
# The rules

A rule is one SQL file in `settle_core/rules`. It returns the rows that do not hold: no rows means
that it holds for its whole population. This page is made from these files, by
`python -m settle_core.cli.reference notebooks/docs/05_the_rules.ipynb`. Each rule has examples:
small ledgers that go the whole way from an export to the finding. Here they are run; what is found
stands out.
"""
_ABSENT: Final = "-"  # an empty value in an example


def write(path: Path) -> None:
    """Write the notebook of the rules, without outputs."""
    kernel = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    notebook = {
        "cells": [
            _cell(number, kind, source) for number, (kind, source) in enumerate(cells(), start=1)
        ],
        "metadata": {"kernelspec": kernel},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    path.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n", "utf-8")


def _cell(number: int, kind: str, source: str) -> dict[str, Any]:
    cell: dict[str, Any] = {"cell_type": kind, "id": f"rule-{number:02d}", "metadata": {}}
    if kind == "code":
        cell |= {"execution_count": None, "outputs": []}
    return cell | {"source": source.splitlines(keepends=True)}


def cells() -> Iterator[tuple[str, str]]:
    """The cells of the notebook: kind and source, rules by name."""
    yield "markdown", _INTRODUCTION.strip()
    yield "code", "from settle_core.report import rule_pages\n\nrule_pages.catalogue()"
    for each in rule.catalogue():
        yield "markdown", _told(each)
        for number in range(len(each.examples)):
            yield "code", f'rule_pages.example("{each.name}", {number})'


def _told(each: Rule) -> str:
    reads = ", ".join(f"`{name}`" for name in each.reads)
    return (
        f"## `{each.name}`\n\n**{each.title}.** Severity {each.severity}, breaks of the kind "
        f"`{each.breaks}`; examines each row of `{each.population}`, reads {reads}; since "
        f"{each.since}.\n\n{each.text}"
    )


def catalogue() -> Html:
    """All rules in one table."""
    rows: list[list[Cell]] = [
        [each.name, each.severity, each.breaks, each.population, each.title]
        for each in rule.catalogue()
    ]
    titles = [
        Column("rule"),
        Column("severity"),
        Column("breaks"),
        Column("examines"),
        Column("a break is"),
    ]
    return join(sheet(), table(titles, rows))


def example(name: str, number: int) -> Html:
    """Run an example of a rule, and show its ledger and what the rule finds."""
    (chosen,) = [each for each in rule.catalogue() if each.name == name]
    return shown(chosen, chosen.examples[number])


def shown(tested: Rule, given: Example) -> Html:
    """Show an example's rows, those that the rule finds in bold, and say why they are found."""
    found = run(tested, given)
    ids = {each.entry_id for each in found}
    head, *rows = _values(given.entry)
    names, *weeks = _values(given.settlement)
    settled = [dict(zip(names, week, strict=True)) for week in weeks]
    body: list[list[Cell]] = [
        [strong(value) if row[0] in ids else value for value in row] for row in rows
    ]
    return join(
        paragraph(strong(given.name[:1].upper() + given.name[1:])),
        *_earlier(given),
        table([*map(Column, head)], body),
        *(paragraph(_settled(week), kind="note") for week in settled),
        *_log(given),
        *(paragraph(_found(each)) for each in found),
        *([] if found else [paragraph("Nothing is found.")]),
    )


def _log(given: Example) -> list[Html]:
    lines: list[list[Cell]] = [[line] for line in given.log.strip().splitlines()]
    return [table([Column("the database's log")], lines)] if lines else []


def _earlier(given: Example) -> list[Html]:
    if not given.previous:
        return []
    head, *rows = _values(given.previous)
    return [
        paragraph("The earlier export:", kind="note"),
        table([*map(Column, head)], rows),
        paragraph("Now:", kind="note"),
    ]


def _settled(week: dict[str, str]) -> str:
    at = f"{week['settled_amount']} at {week['settled_at']}"
    return f"Account {week['account_id']}, week of {week['week_start']}: settled at {at}."


def _found(each: Finding) -> str:
    what = f"entry {each.entry_id}" if each.entry_id else f"the week of {each.week_start}"
    effect = f" (effect {formats.signed(each.effect)})" if each.effect is not None else ""
    return f"Found: {what}{effect}. {formats.prose(each.explanation)}"


def run(tested: Rule, given: Example) -> list[Finding]:
    """Audit an example's ledger, and run a rule over it, one of the catalogue or not.

    Raises:
        ValueError: the rule does not run.
    """
    with TemporaryDirectory() as folder:
        _export(Path(folder), given.entry, given.settlement)
        previous = Path(folder) / "previous"
        if given.previous:
            _export(previous, given.previous, given.settlement)
        earlier = str(previous) if given.previous else ""
        log = Path(folder) / "database.log"
        log.write_text(given.log.lstrip(), "utf-8")
        named = str(log) if given.log else ""
        ledger = audit.run(folder, "canonical", previous=earlier, log=named).ledger
    ran, breaks = rule.run(ledger, tested)
    if ran.status == "errored":
        raise ValueError(ran.message)
    return breaks


def _export(folder: Path, entries: str, settlements: str) -> None:
    folder.mkdir(exist_ok=True)
    for name, text in (("entries", entries), ("settlements", settlements)):
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(_values(text))


def _values(text: str) -> list[list[str]]:
    """The rows of an example's table, its head first."""
    lines = [line.split() for line in text.strip().splitlines()]
    return [["" if value == _ABSENT else value for value in line] for line in lines]
