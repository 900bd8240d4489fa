"""What changed between two exports, a piece for each cell of its notebook."""

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Final

from settle_core import formats
from settle_core.exports import history
from settle_core.exports.draft.fitting_profile import profile_of
from settle_core.exports.files import memory
from settle_core.exports.history import Change
from settle_core.exports.reading.ledger import Ledger
from settle_core.notebook import texts
from settle_core.report.html import Cell, Column, Html, join, paragraph, pill, sheet, table, tiles

_ROWS_MOST: Final = 1000


@dataclass(frozen=True)
class Comparison:
    """Two exports of one system; `ledger` is the later one, with `previous_entry` of the earlier.

    `changes` are those of weeks that were settled in the earlier export, in a fixed order;
    `agreement` says how well the earlier and the later one agree with their settlements.
    """

    old: str
    new: str
    ledger: Ledger
    changes: tuple[Change, ...]
    agreement: tuple[str, str]

    def __repr__(self) -> str:
        """Count the changes."""
        return f"<comparison: {len(self.changes):,} changes in settled weeks>"


@memory.told()
def of(old: str, new: str, profile: str = "") -> Comparison:
    """Compare two exports; both are read by one profile. Raises Fault as `history.beside` does."""
    texts(old=old, new=new, profile=profile)
    ledger, agreement = history.beside(old, new, profile_of(new, profile))
    ledger.close()
    return Comparison(old, new, ledger, tuple(history.changes(ledger)), agreement)


def headline(found: Comparison) -> Html:
    """Say whether settled weeks are as they were."""
    title = Html("<h1>Are settled weeks as they were exported before?</h1>")
    meta = join(
        paragraph(f"Export {Path(found.new).name}, compared with {Path(found.old).name}."),
        *(
            paragraph(f"The {name} one: {formats.brief(line, 200)}.", kind="note")
            for name, line in zip(("earlier", "later"), found.agreement, strict=True)
        ),
    )
    if not found.changes:
        nothing = paragraph(pill("reconciled"), " Nothing in them changed.", kind="answer")
        return join(sheet(), title, nothing, meta)
    weeks = {(c.account_id, c.currency, c.week_start) for c in found.changes}
    said = (
        f" {formats.count(len(found.changes), 'row')} of "
        f"{formats.count(len(weeks), 'settled week')} "
        "changed in a way that no late entry explains."
    )
    return join(sheet(), title, paragraph(pill("broken"), said, kind="answer"), meta)


def figures(found: Comparison) -> Html:
    """Count the changes of each kind, and what they come to in each currency."""
    kinds = Counter(each.change for each in found.changes)
    items = [([formats.count(count)], _label(kind), "bad") for kind, count in sorted(kinds.items())]
    for currency in sorted({each.currency for each in found.changes}):
        rows = [c for c in found.changes if c.currency == currency and c.entry_id]
        net = sum((c.new_amount - c.old_amount for c in rows), Decimal())
        items.append(([formats.signed(net)], f"net, entries, {formats.brief(currency, 12)}", ""))
    return tiles(items) if items else paragraph("No figures: nothing changed.")


def _label(kind: str) -> str:
    return kind if kind.startswith("settlement") else f"rows {kind}"


def changes(found: Comparison) -> Html:
    """List the changes, amounts then and now."""
    accounts = formats.apart([each.account_id for each in found.changes[:_ROWS_MOST]], 24)
    rows: list[list[Cell]] = [
        [
            accounts[each.account_id],
            each.week_start,
            formats.brief(each.entry_id, 24) or "the settlement",
            each.change,
            each.old_amount,
            each.new_amount,
            each.new_amount - each.old_amount,
            formats.brief(each.currency, 12),
        ]
        for each in found.changes[:_ROWS_MOST]
    ]
    if not rows:
        return paragraph("None.")
    titles = ("account", "week", "entry", "what happened", "then", "now", "difference", "currency")
    hidden = len(found.changes) - len(rows)
    more = f"And {formats.count(hidden)} more, which settle compare lists." if hidden else ""
    return join(table([Column(each) for each in titles], rows), paragraph(more) if more else "")
