"""Dispositions: findings that are accepted, why, by whom and until when, from a file of their own.

An accepted finding stays listed and no longer fails the run. An acceptance that has expired, or no
longer says what was found, is told, and its finding counts again.
"""

import hashlib
import tomllib
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec

from settle_core import sql
from settle_core.audit import finding
from settle_core.audit.finding import Findings
from settle_core.contract import Finding
from settle_core.errors import Fault
from settle_core.formats import clean, toml_text
from settle_core.rules import rule

TABLE: Final = "accept"
REQUIRED: Final = ("finding_id", "reason", "author", "expires")
# Where given, the finding must say the same.
CHECKED: Final = ("effect", "rule", "account_id", "week_start", "entry_id", "currency")
STATES: Final = ("accepted", "expired", "differs", "unmatched")
EXPECTED: Final = f"[[{TABLE}]] with {', '.join(REQUIRED)}, and if wanted {', '.join(CHECKED)}"
DAYS: Final = ("expires", "week_start")


class Acceptance(NamedTuple):
    """One acceptance; it holds through the day `expires`. `told` is what the finding must say."""

    finding_id: str
    reason: str
    author: str
    expires: date
    told: tuple[tuple[str, Any], ...] = ()


class _Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An acceptance as the file has it; ids may be written with or without quotes."""

    finding_id: str | int
    reason: str | int
    author: str | int
    expires: date
    effect: Decimal | None = None
    rule: str | int | None = None
    account_id: str | int | None = None
    week_start: date | None = None
    entry_id: str | int | None = None
    currency: str | int | None = None


class Given(NamedTuple):
    """A file of dispositions, as it was read."""

    path: str
    bytes: int
    sha256: str
    acceptances: tuple[Acceptance, ...]


class Disposition(NamedTuple):
    """An acceptance and what became of it: one of `STATES`, with a sentence that says why."""

    acceptance: Acceptance
    state: str
    note: str


def read(path: str) -> Given | None:
    """Read a file of dispositions; None if the path is empty.

    Raises:
        Fault: the file cannot be read, or an acceptance in it is not whole.
    """
    if not path:
        return None
    try:
        content = Path(path).read_bytes()
        table = tomllib.loads(content.decode("utf-8"), parse_float=Decimal)
    except OSError as error:
        found = error.strerror or "no such file"
        raise Fault("dispositions cannot be read", where=path, found=found) from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        found = str(error)
        raise Fault("not a TOML file", where=path, expected=EXPECTED, found=found) from error
    rows = table.pop(TABLE, [])
    is_list = isinstance(rows, list) and all(isinstance(row, dict) for row in rows)
    if table or not is_list:
        found = ", ".join(table) or f"{TABLE} of another kind"
        raise Fault("unknown key", where=path, expected=EXPECTED, found=found)
    acceptances = tuple(_acceptance(row, f"{path}, number {n}") for n, row in enumerate(rows, 1))
    for finding_id, times in Counter(a.finding_id for a in acceptances).items():
        if times > 1:
            found = f"{finding_id} {times} times"
            raise Fault("accepted more than once", where=path, expected="each once", found=found)
    return Given(path, len(content), hashlib.sha256(content).hexdigest(), acceptances)


def _acceptance(row: Mapping[str, Any], where: str) -> Acceptance:
    unknown = sorted(set(row) - {*REQUIRED, *CHECKED})
    if unknown:
        raise Fault("unknown key", where=where, expected=EXPECTED, found=", ".join(unknown))
    missing = [name for name in REQUIRED if not str(row.get(name, "")).strip()]
    if missing:
        raise Fault(f"no {missing[0]}", where=where, expected=EXPECTED, found="none, or empty")
    try:
        typed = msgspec.convert(dict(row), _Row)
    except msgspec.ValidationError as error:
        raise _bad(row, str(error), where) from error
    values = {name: _plain(getattr(typed, name)) for name in (*REQUIRED, *CHECKED)}
    told = tuple((name, values[name]) for name in CHECKED if name in row)
    finding_id, reason, author, expires = (values[name] for name in REQUIRED)
    return Acceptance(finding_id, reason, author, expires, told)


def _plain(value: object) -> Any:  # noqa: ANN401  by the key
    is_text = isinstance(value, str | int)
    return " ".join(str(value).split()) if is_text else value


def _bad(row: Mapping[str, Any], said: str, where: str) -> Fault:
    """What is wrong with a value, in the words of the file."""
    name = said.rpartition("`$.")[2].rstrip("`")
    forms = {"effect": "an amount as -42.40"} | dict.fromkeys(DAYS, "a day as 2026-12-31")
    expected = forms.get(name, "text")
    return Fault(f"bad {name}", where=where, expected=expected, found=repr(row.get(name)))


def disposed(
    findings: Findings, given: Given | None, as_of: datetime
) -> tuple[Findings, tuple[Disposition, ...]]:
    """The findings of an audit with what was accepted of them; see `apply`."""
    if given is None:
        return findings, ()
    halves = dict(findings.ledger.con.execute(sql.text("audit", "half")).fetchall())
    now, judged = apply(findings, given, as_of.date(), halves)
    return finding.accepted(findings, now), judged


def apply(
    findings: Sequence[Finding],
    given: Given,
    today: date,
    halves: Mapping[str, Sequence[str]],
) -> tuple[tuple[Finding, ...], tuple[Disposition, ...]]:
    """Accept findings.

    Args:
        findings: of an audit.
        given: the file.
        today: the day (UTC) of the instant that is audited; expiry is judged against it.
        halves: of entries that are one break together, by id the others.

    Returns:
        The findings in their order with their new status, and what became of each acceptance.
    """
    by_id = {f.finding_id: f for f in findings}
    judged = tuple(_judge(a, by_id.get(a.finding_id), today) for a in given.acceptances)
    notes = {each.acceptance.finding_id: each for each in judged}
    now = {}
    for f in findings:
        each = notes.get(f.finding_id)
        if each is None or f.status == "accepted":
            now[f.finding_id] = f
        else:
            status = "accepted" if each.state == "accepted" else f.status
            now[f.finding_id] = finding.restated(f, status, each.note)
    _follow(now, {key for key, each in notes.items() if each.state == "accepted"}, halves)
    return tuple(now.values()), judged


def _judge(a: Acceptance, found: Finding | None, today: date) -> Disposition:
    if found is None:
        return Disposition(a, "unmatched", "No finding of this run has this id any more.")
    # Text is compared as text: account 7 may be written with or without quotes.
    off = [(name, value) for name, value in a.told if not _is_same(value, getattr(found, name))]
    if off:
        name, value = off[0]
        is_now = _text(getattr(found, name))
        note = f"Its acceptance by {a.author} was for {name} {_text(value)}, it is now {is_now}."
        return Disposition(a, "differs", note)
    if today > a.expires:
        return Disposition(a, "expired", f"Its acceptance by {a.author} expired on {a.expires}.")
    return Disposition(a, "accepted", f"Accepted by {a.author} until {a.expires}: {a.reason}")


def _is_same(value: object, found: object) -> bool:
    return str(value) == " ".join(found.split()) if isinstance(found, str) else value == found


def _text(value: object) -> str:
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def _follow(
    now: dict[str, Finding],
    accepted: set[str],
    halves: Mapping[str, Sequence[str]],
) -> None:
    """Restate what follows: the other halves of what is accepted, and their weeks."""
    others = {o for key in accepted if key in now for o in halves.get(now[key].entry_id, ())}
    for f in [f for f in now.values() if f.entry_id in others and f.status == "open"]:
        if rule.of(f.rule).is_of_rows:
            now[f.finding_id] = finding.restated(f, "accepted", "Its other half is accepted.")
            accepted = accepted | {f.finding_id}
    weeks = defaultdict(list)
    for f in now.values():
        weeks[f.account_id, f.currency, f.week_start].append(f.finding_id)
    for ids in weeks.values():
        group = [now[key] for key in ids]
        sums = [f for f in group if rule.of(f.rule).effect == "residual"]
        whole = [f for f in sums if f.status != "accepted"]
        parts = {f.status for f in group if rule.of(f.rule).is_part_of_residual}
        if whole and accepted & set(ids) and "open" not in parts:
            status = "pending" if "pending" in parts else "accepted"
            note = "All that is open in it is accepted."
            now[whole[0].finding_id] = finding.restated(whole[0], status, note)


def told(given: Given | None, judged: Sequence[Disposition]) -> dict[str, Any] | None:
    """The file and what became of its acceptances, for the manifest."""
    if given is None:
        return None
    rows = [
        each.acceptance._asdict()
        | {"expires": str(each.acceptance.expires)}
        | {"told": {name: _text(value) for name, value in each.acceptance.told}}
        | {"state": each.state, "note": each.note}
        for each in judged
    ]
    counts = {state: sum(each.state == state for each in judged) for state in STATES}
    return {**given._asdict(), "counts": counts, "acceptances": rows}


def block(f: Finding, *, reason: str, author: str, expires: date) -> str:
    """An acceptance of a finding, as it stands in the file.

    Raises:
        Fault: a reason or an author is missing.
    """
    for name, value in (("reason", reason), ("author", author)):
        if not value.strip():
            raise Fault(f"no {name}", where=f"--{name}", expected="text", found="none")
    lines = [
        f"# {clean(' '.join(f.explanation.split()))}",
        f"[[{TABLE}]]",
        f"finding_id = {toml_text(f.finding_id)}",
        f"rule = {toml_text(f.rule)}",
        f"account_id = {toml_text(f.account_id)}",
        f"week_start = {f.week_start}",
        *([f"entry_id = {toml_text(f.entry_id)}"] if f.entry_id else []),
        *([f"effect = {toml_text(_text(f.effect))}"] if f.effect is not None else []),
        f"reason = {toml_text(reason)}",
        f"author = {toml_text(author)}",
        f"expires = {expires}",
    ]
    return "\n".join(lines) + "\n"
