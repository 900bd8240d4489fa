"""Rules: one SQL file each, with its title, severity and examples in a TOML header.

A rule's SELECT returns the rows that break it, in the columns of `COLUMNS`; no rows means that it
holds for its whole population. Adding a file to `settle_core/rules` adds the rule everywhere.
"""

import logging
import re
import tomllib
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any, Final, NamedTuple

import duckdb

from settle_core import contract
from settle_core.exports.ledger import Ledger

_LOG: Final = logging.getLogger(__name__)
COLUMNS: Final = (
    "account_id",
    "currency",
    "week_start",
    "effective_date",
    "entry_id",
    "amount",
    "expected_amount",
    "effect",
    "status",
    "cause",
    "evidence",
    "unseen_entry_ids",
    "job_id",
    "recorded_at",
    "explanation",
)
BLOCK: Final = re.compile(
    r"^-- /// (?P<kind>rule|example)$\n(?P<toml>(?:--.*\n)*?)^-- ///$", re.MULTILINE
)


class Example(NamedTuple):
    """A small ledger and what the rule finds in it: entry ids, or `account/week` for a week.

    `previous` holds the entries of an earlier export, where the rule compares with one.
    """

    name: str
    finds: tuple[str, ...]
    entry: str
    settlement: str
    previous: str = ""


class Rule(NamedTuple):
    """A rule as its file describes it. `population` is the table that it examines."""

    name: str
    title: str
    severity: str
    population: str
    reads: tuple[str, ...]
    since: str
    params: dict[str, Any]
    text: str
    examples: tuple[Example, ...]
    query: str


class Break(NamedTuple):
    """A row that a rule returned; the columns of `COLUMNS` after the rule's name."""

    rule: str
    account_id: str
    currency: str
    week_start: date
    effective_date: date | None
    entry_id: str
    amount: Decimal | None
    expected_amount: Decimal | None
    effect: Decimal | None
    status: str
    cause: str
    evidence: str
    unseen_entry_ids: str
    job_id: str | None
    recorded_at: datetime | None
    explanation: str


class RuleRun(NamedTuple):
    """How a rule ran: found, passed, not_applicable (nothing to examine) or errored."""

    rule: str
    title: str
    status: str
    population: str
    examined: int
    found: int
    message: str = ""


@cache
def catalogue() -> tuple[Rule, ...]:
    """All rules, by name."""
    folder = files("settle_core.rules")
    names = sorted(f.name for f in folder.iterdir() if f.name.endswith(".sql"))
    return tuple(
        parse(name.removesuffix(".sql"), (folder / name).read_text("utf-8")) for name in names
    )


def parse(name: str, text: str) -> Rule:
    """Read a rule from the text of its file.

    Raises:
        ValueError: the header is missing or lacks a key, or its severity is none.
    """
    header: dict[str, Any] = {}
    examples = []
    for block in BLOCK.finditer(text):
        table = tomllib.loads(re.sub(r"^-- ?", "", block["toml"], flags=re.MULTILINE))
        if block["kind"] == "rule":
            header = table
        else:
            table["finds"] = tuple(table["finds"])
            examples.append(Example(**table))
    wanted = {"title", "severity", "population", "reads", "since"}
    if set(header) - {"params"} != wanted or header["severity"] not in contract.SEVERITIES:
        keys = ", ".join(sorted(wanted))
        message = f"rule {name}: the header must have {keys}, and one of {contract.SEVERITIES}"
        raise ValueError(message)
    prose = BLOCK.sub("", text)
    comment = [line[2:].strip() for line in prose.splitlines() if line.startswith("--")]
    return Rule(
        name=name,
        title=header["title"],
        severity=header["severity"],
        population=header["population"],
        reads=tuple(header["reads"]),
        since=header["since"],
        params=header.get("params", {}),
        text="\n".join(comment).strip(),
        examples=tuple(examples),
        query=text,
    )


def run(ledger: Ledger, rule: Rule) -> tuple[RuleRun, list[Break]]:
    """Run a rule over a ledger that went through the pipeline and the replay.

    A rule that fails is reported as errored and hides no other.
    """
    try:
        ((examined,),) = ledger.con.table(rule.population).count("*").fetchall()
        result = ledger.con.execute(rule.query, rule.params or None)
        names = tuple(column[0] for column in result.description or ())
        rows = result.fetchall()
    except duckdb.Error as error:
        message = str(error).splitlines()[0]
        return RuleRun(rule.name, rule.title, "errored", rule.population, 0, 0, message), []
    if names != COLUMNS:
        message = f"returns the columns {', '.join(names)}"
        return RuleRun(rule.name, rule.title, "errored", rule.population, 0, 0, message), []
    breaks = [Break(rule.name, *row) for row in rows]
    status = "found" if breaks else "passed" if examined else "not_applicable"
    found = len(breaks)
    return RuleRun(rule.name, rule.title, status, rule.population, examined, found), breaks


def run_all(ledger: Ledger, rules: Sequence[Rule]) -> list[tuple[RuleRun, list[Break]]]:
    """Run rules one after the other; see `run`."""
    ran = []
    for number, each in enumerate(rules, start=1):
        _LOG.info("rule %d of %d: %s", number, len(rules), each.name)
        ran.append(run(ledger, each))
    return ran
