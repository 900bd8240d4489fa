"""A run folder read back: its findings, and one finding told in full."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import duckdb
import msgspec

from settle_core import contract, formats, sql
from settle_core.audit import run_folder
from settle_core.audit.finding import at_scale
from settle_core.audit.walk import Walk, open_run, walks_of_finding
from settle_core.contract import Finding
from settle_core.errors import Fault
from settle_core.rules import rule


def findings(run: Path) -> tuple[Finding, ...]:
    """The findings of a run, in their order.

    Raises:
        Fault: the folder is not that of a run.
    """
    path = run_folder.file(run, run_folder.FINDINGS)
    with run_folder.reading(path):
        with duckdb.connect() as con:
            stored = con.read_parquet(str(path), hive_partitioning=False)
            names, rows = stored.columns, stored.fetchall()
        lists = contract.FINDING_LISTS
        values: list[dict[str, Any]] = [
            {n: _ids(v) if n in lists else v for n, v in zip(names, row, strict=True)}
            for row in rows
        ]
        found = msgspec.convert([Finding(**each) for each in values], tuple[Finding, ...])
    # A run that was written before they were kept tells none.
    decimals = run_folder.read(run).get("decimals", {})
    scale = max(map(_decimals, found), default=0)
    return at_scale(found, scale, lambda currency: decimals.get(currency, scale))


def _decimals(of: Finding) -> int:
    amount = of.amount if of.effect is None else of.effect
    return 0 if amount is None else -int(amount.as_tuple().exponent)


def finding(run: Path, finding_id: str) -> Finding:
    """The one finding of a run whose id begins so.

    Raises:
        Fault: not a run folder, or not exactly one finding of that id.
    """
    all_findings = findings(run)
    matching = [f for f in all_findings if finding_id and f.finding_id.startswith(finding_id)]
    if len(matching) != 1:
        raise Fault(
            "no such finding" if not matching else "more than one finding",
            where=str(run / "findings.csv"),
            expected="a finding_id, or enough of its beginning",
            found=", ".join(f.finding_id for f in matching[:5]) or repr(finding_id),
            todo="take one from the first column of findings.csv",
        )
    return matching[0]


LABEL: Final = 16  # columns of what a line of a finding is called
_LABELS: Final = ("condition ", "criteria ", "cause ", "effect ", "recommendation ")


def is_said(line: str) -> bool:
    """Whether a line is prose, which may be wrapped; the others are rows of a table."""
    return line.startswith(_LABELS)


def _ids(text: str) -> tuple[str, ...]:
    return tuple(text.split(",")) if text else ()


@dataclass(frozen=True)
class Explained:
    """A finding with its rule, its walks and what would put it right."""

    finding: Finding
    rule: rule.Rule
    walks: tuple[Walk, ...]
    recommendation: str
    log: tuple[dict[str, Any], ...] = ()

    def lines(self) -> list[str]:
        """The finding for a terminal: condition, criteria, cause, effect, recommendation, walk."""
        f = self.finding
        what = f"entry {f.entry_id}" if f.entry_id else f"the week of {formats.day(f.week_start)}"
        others = " or ".join(map(formats.words, f.other_causes))
        cause = f"{formats.words(f.cause)} ({f.evidence}{others and f', may as well be {others}'})"
        lines = [
            f"finding {f.finding_id}: {f.rule}, {f.severity}, {f.status}",
            f"account {f.account_id}, {what}, {f.currency}",
            "",
            f"condition       {formats.prose(f.explanation)}",
            f"criteria        {self.rule.title}: that must not be.",
            f"cause           {cause}" + (f", job {f.job_id}" if f.job_id else ""),
            f"effect          {formats.signed(f.effect or Decimal())} {f.currency}",
            f"recommendation  {self.recommendation}",
        ]
        for walk in self.walks:
            lines += ["", *_walk_lines(walk, f)]
        if self.log:
            lines += ["", "the lines of the log that tell it, redacted"]
            lines += [text for each in self.log for text in log_line(each)]
        return lines

    def as_dict(self) -> dict[str, Any]:
        """The same as plain data, amounts and instants as text."""
        return {
            "finding": {k: _plain(v) for k, v in self.finding._asdict().items()},
            "rule": {"title": self.rule.title, "text": self.rule.text},
            "recommendation": self.recommendation,
            **({"log": list(self.log)} if self.log else {}),
            "walks": [
                {
                    "effective_date": _plain(walk.effective_date),
                    "level": walk.level,
                    "policy": walk.policy,
                    "steps": [
                        {
                            "entry_id": step.entry_id,
                            "kind": step.kind,
                            "role": step.role,
                            "recorded_at": _plain(step.recorded_at),
                            "amount": _plain(step.amount),
                            "expected": _plain(step.expected),
                            "residual": _plain(residual),
                            "unseen": list(step.unseen),
                            "job_id": step.job_id,
                        }
                        for step, residual in zip(walk.steps, walk.residuals, strict=True)
                    ],
                }
                for walk in self.walks
            ],
        }


def explain(run: Path, finding_id: str) -> Explained:
    """Tell a finding of a run.

    Args:
        run: the run folder.
        finding_id: the id, or enough of its beginning to be the only one.

    Raises:
        Fault: not a run folder, or not exactly one finding of that id.
    """
    told = finding(run, finding_id)
    with run_folder.reading(run):
        with open_run(run) as con:
            walks = walks_of_finding(con, told)
        (found_by,) = [r for r in rule.catalogue() if r.name == told.rule]
        lines = _log_lines(run, told.entry_id)
        return Explained(told, found_by, walks, _recommendation(run, told), lines)


def _log_lines(run: Path, entry_id: str) -> tuple[dict[str, Any], ...]:
    """The lines of logs that were kept for a row of the ledger; none in a run without logs."""
    if not entry_id:
        return ()
    from settle_core.logs import evidence  # noqa: PLC0415  with numpy, which no other command needs

    return tuple(line for line in evidence.kept(run) if line["entry_id"] == entry_id)


def log_line(kept: Mapping[str, Any]) -> list[str]:
    """A kept line of a log: where it stands and what it is in the story, then its text."""
    where = f"{Path(kept['file']).name}:{kept['line']}"
    return [f"  {where}  {kept['label']}", f"    {kept['text']}"]


def _recommendation(run: Path, finding: Finding) -> str:
    if finding.status == "masked":
        return "Post nothing: a later counter-entry took it back. Mend the cause."
    if finding.status == "accepted":
        return "Post nothing: it is accepted, or was put right. Mend the cause."
    if finding.status == "pending":
        return "Wait: it is younger than the grace period."
    with duckdb.connect() as con:
        rows = con.execute(
            sql.text("audit", "correction_of"),
            {"path": str(run / "corrections.csv"), "finding_id": finding.finding_id},
        ).fetchall()
    if not rows:
        return "See the findings of its days: they are what is corrected."
    day, amount, currency = rows[0]
    text = formats.signed(Decimal(amount))
    return f"Post {text} {currency} on {day}, as corrections.csv proposes, and mend the cause."


def _walk_lines(walk: Walk, finding: Finding) -> list[str]:
    day = walk.effective_date or walk.week_start
    heading = f"the {walk.level} of {formats.day(day)}, settled residual 0, instants UTC"
    lines = [
        heading,
        f"  {'recorded at':<26}  {'entry':<12} {'what':<13} {'amount':>14} {'residual':>14}",
    ]
    for step, residual in zip(walk.steps, walk.residuals, strict=True):
        mark = ">" if step.entry_id == finding.entry_id else " "
        at = step.recorded_at.isoformat(sep=" ", timespec="microseconds")
        what = {"late": "late entry", "right": "counter"}.get(step.role, step.role)
        line = (
            f"{mark} {at:<26}  {walk.names[step.entry_id]:<12} {what:<13} "
            f"{formats.amount(step.amount):>14} {formats.amount(residual):>14}"
        )
        if step.kind == "counter" and step.role != "right":
            line += f"   owed {formats.amount(step.expected or Decimal())}"
            if step.unseen:
                line += f", did not see {', '.join(step.unseen)}"
        lines.append(line)
    return lines


def _plain(value: object) -> object:
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value if value is None or isinstance(value, str) else str(value)
