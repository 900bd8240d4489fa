"""Rules: one SQL file each, with its title, severity and examples in a TOML header.

A rule's SELECT returns the rows that break it, those columns of a `Finding` that it knows; no rows
means that it holds for its whole population. Adding a file to `settle_core/rules` adds the rule
everywhere: its header says what its breaks are, and sums, sentences and charts ask that.
"""

import logging
import re
import tomllib
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

import duckdb
import msgspec

from settle_core import contract, sql
from settle_core.contract import Finding

if TYPE_CHECKING:
    from settle_core.exports.reading.ledger import Ledger

_LOG: Final = logging.getLogger(__name__)
# What a rule's query may return; see sql/break_row.sql for what it must.
COLUMNS: Final = tuple(
    name for name in contract.FINDING_COLUMNS if name not in {"finding_id", "rule", "severity"}
)
BLOCK: Final = re.compile(
    r"^-- /// (?P<kind>rule|example)$\n(?P<toml>(?:--.*\n)*?)^-- ///$", re.MULTILINE
)


class _Header(msgspec.Struct, forbid_unknown_fields=True):
    title: str
    severity: str
    breaks: str
    population: str
    reads: tuple[str, ...]
    since: str
    params: dict[str, str | int | float | bool] = {}
    effect: str = "own"
    plain_weeks: str = "may_break"


class _Example(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    finds: tuple[str, ...]
    entry: str
    settlement: str
    previous: str = ""
    log: str = ""


_Block = TypeVar("_Block", _Header, _Example)
CHOICES: Final = {
    "severity": contract.SEVERITIES,
    "breaks": contract.BREAKS,
    "effect": contract.EFFECTS,
    "plain_weeks": ("may_break", "hold"),
}


class Example(NamedTuple):
    """A small ledger and what the rule finds in it: entry ids, or `account/week` for a week.

    `previous` holds the entries of an earlier export, where the rule compares with one; `log` the
    lines of a log, where it does with that.
    """

    name: str
    finds: tuple[str, ...]
    entry: str
    settlement: str
    previous: str = ""
    log: str = ""


class Rule(NamedTuple):
    """A rule as its file describes it. `population` is the table that it examines.

    `breaks` and `effect` say what it finds, see `contract.BREAKS` and `contract.EFFECTS`.
    `plain_weeks`: `hold` if it finds nothing in a week in which every late entry was taken back
    within hours, and so need not read these.
    """

    name: str
    title: str
    severity: str
    breaks: str
    population: str
    reads: tuple[str, ...]
    since: str
    params: dict[str, Any]
    text: str
    examples: tuple[Example, ...]
    query: str
    effect: str = "own"
    plain_weeks: str = "may_break"

    @property
    def is_of_rows(self) -> bool:
        """Whether its effects are parts of a day's residual."""
        of_rows = self.breaks in {"counter", "entry"}
        return of_rows and (self.severity != "info" or self.effect == "opposite")

    @property
    def is_part_of_residual(self) -> bool:
        """Whether its effects are parts of a week's residual: those of rows, and of the week's."""
        return self.is_of_rows or (self.breaks == "week" and self.effect == "own")

    @property
    def is_broken(self) -> bool:
        """Whether what it finds is not as it should be, and no mere note, and no sum of others."""
        return self.severity != "info" and self.effect == "own"


class RuleRun(NamedTuple):
    """How a rule ran: found, passed, not_applicable (nothing to examine) or errored."""

    rule: str
    title: str
    severity: str
    breaks: str
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


@cache
def _by_name() -> dict[str, Rule]:
    return {each.name: each for each in catalogue()}


_UNKNOWN: Final = Rule("", "", "info", "told", "", (), "", {}, "", (), "")


def of(name: str) -> Rule:
    """The rule of a finding. One that is not in the catalogue, of another version, only tells."""
    return _by_name().get(name, _UNKNOWN)


def parse(name: str, text: str) -> Rule:
    """Read a rule from the text of its file.

    Raises:
        ValueError: the header is missing or lacks a key, or a value in it is none that may be.
    """
    header: _Header | None = None
    examples = []
    for block in BLOCK.finditer(text):
        toml = re.sub(r"^-- ?", "", block["toml"], flags=re.MULTILINE)
        if block["kind"] == "rule":
            header = _typed(toml, _Header, name)
        else:
            examples.append(Example(*msgspec.structs.astuple(_typed(toml, _Example, name))))
    if header is None:
        raise ValueError(f"rule {name}: no header")
    for key, known in CHOICES.items():
        value = getattr(header, key)
        if value not in known:
            raise ValueError(f"rule {name}: {key} must be one of {known}, not {value!r}")
    prose = BLOCK.sub("", text)
    comment = [line[2:].strip() for line in prose.splitlines() if line.startswith("--")]
    return Rule(
        name=name,
        title=header.title,
        severity=header.severity,
        breaks=header.breaks,
        effect=header.effect,
        plain_weeks=header.plain_weeks,
        population=header.population,
        reads=header.reads,
        since=header.since,
        params=header.params,
        text="\n".join(comment).strip(),
        examples=tuple(examples),
        query=text,
    )


def _typed(toml: str, kind: type[_Block], name: str) -> _Block:
    try:
        return msgspec.convert(tomllib.loads(toml), kind)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"rule {name}: the header must have its keys: {error}") from error


def run(ledger: "Ledger", rule: Rule) -> tuple[RuleRun, list[Finding]]:
    """Run one rule over a ledger that went through the pipeline and the replay.

    Returns:
        How it ran, and its breaks, which have no `finding_id` yet.
    """
    (ran,) = run_all(ledger, [rule])
    result = ledger.con.execute(sql.text("rules", "break"))
    names = [column[0] for column in result.description or ()]
    breaks = [_break(rule, dict(zip(names, row, strict=True))) for row in result.fetchall()]
    return ran, breaks


def _break(rule: Rule, row: dict[str, Any]) -> Finding:
    given = {name: value for name, value in row.items() if value is not None}
    for name in contract.FINDING_LISTS:
        text = given.pop(name, "")
        given[name] = tuple(text.split(",")) if text else ()
    return Finding("", rule.name, rule.severity, **given)


def run_all(ledger: "Ledger", rules: Sequence[Rule]) -> list[RuleRun]:
    """Run rules one after the other; what they find is kept in the table `ruled.break_row`.

    A rule that fails is reported as errored and hides no other.

    Returns:
        How they ran.
    """
    ledger.con.execute(sql.text("rules", "break_row"))
    given = {
        "rules": [each.name for each in rules],
        "severities": [each.severity for each in rules],
        "of_rows": [each.is_of_rows for each in rules],
        "parts": [each.is_part_of_residual for each in rules],
        "sums": [each.effect == "residual" for each in rules],
    }
    ledger.con.execute(sql.text("rules", "kind"), given)
    counted = dict(ledger.counted)
    ran = []
    for number, each in enumerate(rules, start=1):
        _LOG.info("rule %d of %d: %s", number, len(rules), each.name)
        ran.append(keep(ledger, each, counted))
    return ran


def keep(ledger: "Ledger", rule: Rule, counted: dict[str, int]) -> RuleRun:
    """Run a rule and keep what it finds.

    Args:
        ledger: that went through the pipeline and the replay.
        rule: to run.
        counted: rows of populations, as far as they were counted; others are added.
    """
    head = (rule.name, rule.title, rule.severity, rule.breaks)
    con = ledger.con
    try:
        if rule.population not in counted:
            ((rows,),) = con.table(rule.population).count("*").fetchall()
            counted[rule.population] = rows
        with _weeks_read(ledger, rule):
            found = _kept(con, rule)
    except duckdb.Error as error:
        message = str(error).splitlines()[0]
        return RuleRun(*head, "errored", rule.population, 0, 0, message)
    examined = counted[rule.population]
    return RuleRun(*head, _status(examined, found), rule.population, examined, found)


def recounted(run: RuleRun, examined: Mapping[str, int], found: int) -> RuleRun:
    """How a rule ran, of a part of what it examined: so many rows of populations, and findings."""
    if run.status == "errored":
        return run
    rows = min(run.examined, examined.get(run.population, run.examined))
    return run._replace(status=_status(rows, found), examined=rows, found=found)


def _kept(con: duckdb.DuckDBPyConnection, rule: Rule) -> int:
    used = {name: rule.params[name] for name in sql.parameters(rule.query) if name in rule.params}
    if not used:
        given = {"rule": rule.name, "query": rule.query}
        return int(con.execute(sql.text("rules", "keep"), given).fetchall()[0][0])
    con.sql(rule.query, params=used).create_view("bound_rule", replace=True)
    try:
        rows = con.execute(sql.text("rules", "keep_bound"), {"rule": rule.name}).fetchall()
    finally:
        con.execute(sql.text("rules", "unbound"))
    return int(rows[0][0])


def _status(examined: int, found: int) -> str:
    return "found" if found else "passed" if examined else "not_applicable"


def _weeks_read(ledger: "Ledger", rule: Rule) -> AbstractContextManager[None]:
    from settle_core.reconcile.walk import suspects  # noqa: PLC0415  numpy is not for the catalogue

    return suspects.only(ledger) if rule.plain_weeks == "hold" else nullcontext()
