"""Which value of a column marks counter-entries, where no word says it: they come late.

A counter-entry is written after its week was settled, nearly every other row before.
"""

import tomllib
from pathlib import Path
from typing import Final

from settle_core import sql
from settle_core.errors import Fault
from settle_core.exports import profile as profiles
from settle_core.exports import trial
from settle_core.exports.ledger import Ledger
from settle_core.exports.trial import Choice, Sections, listing

LATE_SHARE_MIN: Final = 0.9
ROWS_MIN: Final = 4  # fewer prove nothing


def decided(folder: Path, sections: Sections) -> Sections:
    """The sections with the guess of what marks counter-entries held against when rows came."""
    kinds = sections["entries.kinds"]
    counter, entry = kinds.get("counter"), kinds.get("entry")
    if counter is None or entry is None or counter.is_sure:
        return sections
    (guessed,), others = _values(counter), _values(entry)
    every = [*others, guessed]
    rows = _rows(folder, sections)
    late = [v for v in every if v in rows and rows[v][1] >= LATE_SHARE_MIN * rows[v][0]]
    told = ", ".join(f"{v or 'empty'} {rows[v][1]} of {rows[v][0]}" for v in every if v in rows)
    why = f"rows that came after their weeks were settled: {told}"
    if len(late) == 1:
        most = max((rows[v][1] / rows[v][0] for v in rows if v not in late), default=0.0)
        is_sure = rows[late[0]][0] >= ROWS_MIN and most < 1 - LATE_SHARE_MIN
        left = [v for v in every if v not in late]
        made = {
            "entry": Choice(listing(left), "the others", is_sure),
            "counter": Choice(listing(late), why, is_sure),
        }
    elif not late and rows.get(guessed, (0, 0))[0] >= ROWS_MIN:
        none = f"{why}; none looks like counter-entries, name them in entries.kinds.counter"
        made = {"entry": Choice(listing(every), none, is_sure=False)}
    else:
        return sections
    return sections | {"entries.kinds": made}


def _values(choice: Choice) -> list[str]:
    found: list[str] = tomllib.loads(f"values = {choice.value}")["values"]
    return found


def _rows(folder: Path, sections: Sections) -> dict[str, tuple[int, int]]:
    """How many rows in settled weeks each value has, and how many of them are late."""
    columns = dict(sections["entries.columns"])
    columns["memo"] = columns.get("kind", Choice('"kind"', "", is_sure=True))
    lent = sections | {"entries.columns": columns}
    try:
        text = "\n".join(trial.lines(lent))
        ledger = Ledger.read(folder, profiles.parse(text, "candidate"))
    except Fault:
        return {}
    found = ledger.con.execute(sql.text("exports", "late_by_memo")).fetchall()
    return {value: (rows, late) for value, rows, late in found}
