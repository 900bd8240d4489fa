"""Rows of totals, of which hardly a field is filled: what sets them aside, and no later row."""

from typing import Final

from settle_core.exports.draft import csv_text, stray_values
from settle_core.exports.draft.choices import Form, Open
from settle_core.exports.draft.inference import Table
from settle_core.exports.profiles.keys import WHOLE_ROW
from settle_core.formats import toml_text

LABEL_MAX: Final = 40
BLANK: Final = f"{toml_text(WHOLE_ROW)} = [{toml_text('')}]"


def below(table: Table, section: str) -> list[Open]:
    """Rows as of totals: set aside by what stands first in them, or left to be rejected."""
    if not table.below:
        return []
    filled = [row for row in table.below if any(row)]
    blank = () if len(filled) == len(table.below) else (BLANK,)
    for place, name in enumerate(table.names if filled else ()):
        labels = {row[place] or "" for row in filled}
        told = ", ".join(map(toml_text, sorted(labels)))
        if len(told) <= LABEL_MAX and _are_labels(labels, {row[place] or "" for row in table.rows}):
            value = f"{{ {', '.join((f'{toml_text(name)} = [{told}]', *blank))} }}"
            skip = Form(f"rows as of totals have {told} there", ((section, "skip", value),))
            return [Open((skip, Form("no row set aside", ())))]
    if not blank:
        return []
    skip = Form("some rows hold nothing", ((section, "skip", f"{{ {BLANK} }}"),))
    return [Open((skip, Form("no row set aside", ())))]


def _are_labels(labels: set[str], values: set[str]) -> bool:
    """Whether words say that rows are totals: not what a later row may have in that column.

    A number or a day may be that of an entry, and so may a word where words stand, but for those
    that mean a total.
    """
    shapes = {stray_values.shape_of(value) for value in values}
    return not labels & values and all(
        any(c.isalpha() for c in label)
        and (csv_text.FOOTER.match(label) or stray_values.shape_of(label) not in shapes)
        for label in labels
    )
