"""The report on where findings stand: which are accepted, by whom and until when."""

from collections.abc import Sequence
from pathlib import Path

from settle_core import style
from settle_core.audit import Audit
from settle_core.disposition import Disposition
from settle_core.table import Cell, Column, Html, join, link, paragraph, pill, table

_LONGEST = 24
# What needs a look comes first.
_ORDER = ("differs", "unmatched", "expired", "accepted")


def accepted(audit: Audit) -> Html:
    """List the acceptances: those that hold no longer first."""
    if audit.accepted is None:
        return paragraph("No file of dispositions was given.", kind="note")
    holds = sum(each.state == "accepted" for each in audit.dispositions)
    lapsed = len(audit.dispositions) - holds
    said = style.count(holds, "acceptance holds", "acceptances hold")
    said += f", {style.count(lapsed)} no longer" if lapsed else ""
    name = style.brief(Path(audit.accepted.path).name, _LONGEST)
    intro = paragraph(f"{name}: {said}, as of {style.instant(audit.as_of)}.", kind="note")
    if not audit.dispositions:
        return intro
    ranked = sorted(audit.dispositions, key=lambda each: _ORDER.index(each.state))
    columns = [Column(title) for title in ("finding", "account", "week", "rule", "state", "effect")]
    columns += [Column("author"), Column("until"), Column("reason", is_wide=True)]
    return join(intro, table(columns, [_row(audit, each) for each in ranked]))


def _row(audit: Audit, each: Disposition) -> Sequence[Cell]:
    given = each.acceptance
    found = next((f for f in audit.findings if f.finding_id == given.finding_id), None)
    note = "" if each.state in {"accepted", "expired"} else f" {each.note}"
    shown = style.brief(given.finding_id, 9)
    return [
        link(shown, f"finding-{given.finding_id}") if found else shown,
        style.brief(found.account_id, _LONGEST) if found else "",
        style.day(found.week_start) if found else "",
        style.words(found.rule) if found else "",
        pill(each.state),
        found.effect if found else None,
        style.brief(given.author, _LONGEST),
        style.day(given.expires),
        f"{given.reason}{note}",
    ]
