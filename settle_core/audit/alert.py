"""What an alert says of a run: plain text for mails and chats, Markdown for a CI summary."""

import re
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from settle_core import formats
from settle_core.audit import listing, run_folder, summary, terminal_lines
from settle_core.contract import Finding


class Alert(NamedTuple):
    """A run in the figures that somebody acts on."""

    run: Path
    export: str
    figures: dict[str, Any]
    shortfall: str
    biggest: tuple[Finding, ...]
    currencies: int

    def facts(self) -> list[tuple[str, str]]:
        """Name and value of each line, in the order of reading."""
        told = self.figures
        weeks = formats.count(told["settled_weeks"], "settled week")
        facts = [
            ("export", self.export),
            ("as of", told["as_of"]),
            ("weeks off", f"{formats.count(told['weeks_off'])} of {weeks}"),
        ]
        if self.shortfall:
            facts.insert(0, ("incomplete", self.shortfall))
        if told["weeks_masked"]:
            facts.append(("weeks masked", formats.count(told["weeks_masked"])))
        facts += [("the reading", said) for said in _doubts(told["agreement"])]
        since = told["since"]
        if since is None:
            facts.append(("findings", f"{formats.count(told['findings'])}, the first run"))
        else:
            names = ("new", "persisting", "resolved")
            facts.append(("findings", ", ".join(f"{formats.count(since[n])} {n}" for n in names)))
        for currency, sums in told["effects"].items():
            net, gross = (formats.signed(Decimal(sums[name])) for name in ("net", "gross"))
            said = f"{net} {currency} net, {gross.lstrip('+')} {currency} gross"
            facts.append(("open effect", said))
        return [*facts, ("report", str(self.run / "report.html"))]

    def as_dict(self) -> dict[str, Any]:
        """The same as plain data."""
        return {
            "run": str(self.run),
            **{name: value for name, value in self.figures.items() if name != "weeks"},
            "incomplete": self.shortfall,
            "biggest": [listing.as_dict(each) for each in self.biggest],
        }

    def text(self) -> list[str]:
        """Lines of plain text, the verdict first."""
        lines = [f"settle: {self.figures['verdict']}"]
        lines += [f"{name}: {_one_line(value)}" for name, value in self.facts()]
        return [*lines, *(f"- {_one_line(self._told(each))}" for each in self.biggest)]

    def markdown(self) -> list[str]:
        """Lines of Markdown; nothing that stands in the data is markup."""
        lines = [f"## Settled weeks: {self.figures['verdict']}", "", "| | |", "|-|-|"]
        lines += [f"| {name} | {_escaped(value)} |" for name, value in self.facts()]
        if self.biggest:
            lines += ["", *(f"- {_escaped(self._told(each))}" for each in self.biggest)]
        return lines

    def _told(self, f: Finding) -> str:
        day = f.effective_date or f.week_start
        unit = f", in {formats.brief(f.currency, 12)}" if self.currencies > 1 else ""
        return (
            f"{f.finding_id[:8]} {formats.words(f.rule)}, {f.status}: account {f.account_id}, "
            f"{formats.day(day)}, entry {f.entry_id}{unit}. {formats.prose(f.explanation)}"
        )


def of(run: Path) -> Alert:
    """The alert of a run folder.

    Raises:
        Fault: not a run folder.
    """
    manifest = run_folder.read(run)
    with run_folder.reading(run):
        is_short = manifest["verdict"] == "incomplete"
        figures = run_folder.figures(run)
        made = Alert(
            run=run,
            export=manifest["export"],
            figures=figures,
            shortfall=summary.line(run, manifest) if is_short else "",
            biggest=terminal_lines.biggest(figures),
            currencies=len(manifest.get("decimals", ())),  # earlier versions told none
        )
        made.text()  # what its figures lack is told here, and not half-way through
        return made


def _doubts(agreement: dict[str, Any]) -> list[str]:
    """What of the reading takes away from the verdict: rows that nobody looked at, before all."""
    is_first = agreement["is_doubtful"] or agreement["amounts"] == "as_recorded"
    return list(agreement["says"] if is_first else agreement["says"][1:])


def _one_line(text: str) -> str:
    return " ".join(formats.clean(text).split())


def _escaped(text: str) -> str:
    return re.sub(r"([\\`*_{}\[\]<>()#+!|~&@$-])", r"\\\1", _one_line(text))
