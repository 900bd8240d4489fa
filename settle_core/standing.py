"""The report on where findings stand: accepted, by whom and until when; new, or resolved."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from settle_core import style, tally
from settle_core.audit import Audit
from settle_core.disposition import Disposition
from settle_core.table import Cell, Column, Html, join, link, paragraph, pill, table

_LONGEST = 24
_CHANGED_MOST = 20
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


def changed(audit: Audit) -> Html:
    """Tell what is new and what is resolved since the run before, the biggest effects first."""
    since = audit.since
    if since is None:
        return paragraph("There is no earlier run of this export to compare with.", kind="note")
    counts = f"{style.count(len(since.new))} new, {style.count(len(since.persisting))} persisting"
    as_of = style.instant(datetime.fromisoformat(since.as_of).replace(tzinfo=None))
    said = f"Since run {since.run}, as of {as_of}: {counts}, "
    intro = paragraph(f"{said}{style.count(len(since.resolved))} resolved.", kind="note")
    ranked = [
        ("new" if f in since.new else "resolved", f)
        for f in tally.biggest((*since.new, *since.resolved), _CHANGED_MOST)
    ]
    if not ranked:
        return intro
    rows: list[Sequence[Cell]] = [
        [
            state,
            style.brief(f.account_id, _LONGEST),
            style.day(f.effective_date or f.week_start),
            style.brief(f.entry_id, _LONGEST),
            style.words(f.rule),
            pill(f.status),
            f.effect,
            style.brief(f.currency, 12),
        ]
        for state, f in ranked
    ]
    titles = ("since then", "account", "day", "entry", "rule", "status", "effect", "currency")
    left = len(since.new) + len(since.resolved) - len(rows)
    more = [paragraph(f"{style.count(left)} more: see manifest.json.", kind="note")] if left else []
    return join(intro, table([Column(title) for title in titles], rows), *more)


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
