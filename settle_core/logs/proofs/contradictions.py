"""Where a whole log and the ledger tell different things of a row.

A log that is whole for its time holds the INSERT of each row that was written in it, and the ledger
each row whose INSERT was committed, with the same amount. What was lost of a log looks the same, so
nothing is said where anything else of it is missing.
"""

import re
from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Final, NamedTuple

from settle_core import sql
from settle_core.exports.arrays import tables
from settle_core.exports.arrays.tables import FLAG, TEXT, WHOLE
from settle_core.exports.reading.ledger import Ledger
from settle_core.logs.joined.joining import Inserted, LateRow
from settle_core.logs.joined.view import View
from settle_core.logs.lines.model import LONG_AGO, Gap, Place

# More rows without an INSERT are no contradiction: their writers' log was not given.
MISSING_SHARE_MAX: Final = 0.05
# More INSERTs of rows that the ledger lacks are another system's, where all of their senders wrote
# no row of the ledger.
OTHERS_SHARE_MAX: Final = 0.05
# More rows without an INSERT, where no numbers tell of lost lines, are told as one.
LOST_MOST: Final = 3
SECOND_US: Final = 1_000_000
_SESSION: Final = re.compile(r"\|([0-9a-f]{8})\.[0-9a-f]+$")


class Contradiction(NamedTuple):
    """A row of which log and ledger differ; amounts in minor units, None where there is none.

    `is_other`: it is one of many that are not of the ledger's system; these are told as one.
    """

    entry_id: str
    account_id: str
    effective_date: date
    amount_minor: int | None
    logged_minor: int | None
    told: str
    is_other: bool = False
    place: Place | None = None


def of(view: View, ledger: Ledger) -> list[Contradiction]:
    """The contradictions between a view's log and the ledger."""
    if not view.is_complete or ledger.rejected or not view.written:
        return []
    left, missing = view.unjoined, _missing(view)
    changed = [(row, each) for row in missing for each in left if _is_same(row, each)]
    told = [_changed(view, row, each) for row, each in changed]
    others = [each for each in left if all(each is not other for _, other in changed)]
    inserts = [each for each in others if _is_committed(view, each)]
    told += _not_there(view, _unknown(view, inserts, ledger))
    rows = [row for row in missing if all(row is not other for other, _ in changed)]
    is_lossy = len(rows) > LOST_MOST and not view.is_numbered
    told += _lost(view, rows) if is_lossy else [_not_logged(view, row) for row in rows]
    return told


def create(ledger: Ledger, told: Sequence[Contradiction]) -> None:
    """Create the table `log_contradiction`, empty where there are none or no logs were given."""
    forms = dict.fromkeys(Contradiction._fields[:-1], TEXT)
    forms |= {"amount_minor": WHOLE, "logged_minor": WHOLE, "is_other": FLAG}
    table = tables.of_rows([each[:-1] for each in told], **forms)
    with tables.registered(ledger.con, told=table):
        given = {"minor_per_major": 10**ledger.scale}
        ledger.con.execute(sql.text("logs/proofs", "log_contradiction"), given)


def _missing(view: View) -> list[LateRow]:
    """Rows that the log should hold and does not, unless there are too many of them.

    Where numbers tell that lines are missing, a row that was there before they end may be in them.
    """
    gaps_us = [gap.until_us for each in view.found for gap in each.gaps if gap.order]
    until_us = max(gaps_us, default=LONG_AGO) - view.ahead_us + SECOND_US
    logged = {(e.account, e.day, e.amount) for e in view.logged}
    if len(view.lost) > MISSING_SHARE_MAX * len(view.rows) and len(view.lost) > 1:
        return []
    return [
        row
        for row in view.lost
        if (row.account, row.day.isoformat(), row.amount) not in logged
        and row.recorded_us > until_us
    ]


def _is_committed(view: View, each: Inserted) -> bool:
    """Whether the log shows that an INSERT was committed, and that nothing undid it before."""
    statement = each.statement
    if "on conflict" in statement.text.lower():
        return False
    own = statement.transaction
    if own is None:
        return view.is_server and bool(statement.more)  # only what succeeds has a duration
    if own.end is None or own.end.verb != "commit":
        return False
    between = view.contexts[statement.context][statement.order : own.end.order]
    return not any("rollback" in s.text.lower() for s in between)


def _is_same(row: LateRow, each: Inserted) -> bool:
    """Whether a row and an INSERT of another amount are one: by instant, or job and moment."""
    if (row.account, row.day.isoformat()) != (each.account, each.day) or row.amount == each.amount:
        return False
    if each.recorded_us is not None:
        return row.recorded_us % SECOND_US != 0 and each.recorded_us == row.recorded_us
    is_near = abs(each.statement.from_us - row.recorded_us) < SECOND_US
    return bool(row.job) and row.job == each.job and each.is_counter == row.is_counter and is_near


def _unknown(view: View, inserts: Sequence[Inserted], ledger: Ledger) -> list[Inserted]:
    """INSERTs that are more than the ledger has rows of their account, day and amount."""
    if not inserts:
        return []
    keys = {(each.account, each.day) for each in inserts}
    table = tables.of_rows(sorted(keys), account_id=TEXT, day=TEXT)
    parameters: dict[str, object] = {"minor_per_major": 10**ledger.scale}
    with tables.registered(ledger.con, told=table):
        found = ledger.con.execute(sql.text("logs/proofs", "known_row"), parameters).fetchall()
    last_us = next((latest for *_, latest in found), 0)
    left = Counter((account, str(day), amount) for account, day, amount, _ in found if account)
    accounts = {account for account, _, _ in left}
    unique: dict[tuple[object, ...], Inserted] = {}
    for each in view.logged:
        s = each.statement
        unique.setdefault((s.context, s.from_us, s.text, each.account, each.day), each)
    wanted = {id(each) for each in inserts}
    unknown = []
    for each in sorted(unique.values(), key=lambda e: id(e) in wanted):
        key = each.account, each.day, each.amount
        if left[key] > 0:
            left[key] -= 1
        elif id(each) in wanted and each.account in accounts:
            unknown.append(each)
    # What was committed after the export's last row may not be in it, by clocks that may be off.
    end_us = last_us - ledger.profile.skew_us + view.ahead_us
    return [each for each in unknown if each.statement.to_us < end_us]


def _lost(view: View, rows: Sequence[LateRow]) -> list[Contradiction]:
    told = (
        f"The log of {view.name}, whose lines have no numbers, has no INSERT of {len(rows)} rows "
        "that the ledger holds, as of this one: it is not whole, or another program wrote them."
    )
    return [
        Contradiction(r.entry_id, r.account, r.day, r.amount, None, told, is_other=True)
        for r in rows
    ]


def _not_logged(view: View, row: LateRow) -> Contradiction:
    at_us = row.recorded_us + view.ahead_us
    heads = {
        gap.context
        for each in view.found
        for gap in each.gaps
        if not gap.order and _begun_us(gap) <= at_us <= gap.until_us + SECOND_US
    }
    lost = ", or a line of the log was lost"
    if view.is_numbered:
        lost = ", or the log lost the end of a session or a whole one, which no number shows"
    sessions = "a session" if len(heads) == 1 else f"{len(heads)} sessions"
    whole = f"lacks the first lines of {sessions}" if heads else "shows no gap"
    among = "it is among those, " if heads else ""
    told = (
        f"The ledger holds it, and the log of {view.name}, which {whole}, has no INSERT of "
        f"it: {among}another program wrote it, or it was added or changed by hand{lost}."
    )
    return Contradiction(row.entry_id, row.account, row.day, row.amount, None, told)


def _begun_us(gap: Gap) -> int:
    """No earlier than this its session began, which PostgreSQL's name for it tells."""
    found = _SESSION.search(gap.context)
    return int(found[1], 16) * SECOND_US if found else LONG_AGO


def _not_there(view: View, unknown: Sequence[Inserted]) -> list[Contradiction]:
    """INSERTs of rows that the ledger has not: each, or as one what another system sent."""
    senders = {each.statement.context for each in view.written.values()}
    senders |= {load.context for loads in view.loads.values() for load in loads}
    jobs = {each.job for each in view.written.values()} - {""}
    others = [
        each
        for each in unknown
        if each.job not in jobs
        and not (each.statement.context in senders and view.is_whole(each.statement.context))
    ]
    if len(others) <= max(OTHERS_SHARE_MAX * len(view.logged), 1):
        others = []
    told = (
        f"the log of {view.name} holds a committed INSERT of it, and the ledger has no such row: "
        "it was removed or changed since, or is missing in the export"
    )
    as_one = (
        f"the log of {view.name} holds {len(others)} committed INSERTs of rows that the ledger has "
        "not, as this one, and no row of the ledger is of the jobs and sessions that sent them: "
        "they are of another system or database, or all of their rows are missing in the export"
    )
    left = {id(each) for each in others}
    first = id(others[0]) if others else None
    return [
        Contradiction(
            entry_id="",
            account_id=each.account,
            effective_date=date.fromisoformat(each.day),
            amount_minor=None,
            logged_minor=each.amount,
            told=as_one if id(each) in left else told,
            is_other=id(each) in left,
            place=each.statement.place if id(each) not in left or id(each) == first else None,
        )
        for each in unknown
    ]


def _changed(view: View, row: LateRow, each: Inserted) -> Contradiction:
    told = f"By the log of {view.name} it was written with another amount, and changed since."
    return Contradiction(
        row.entry_id,
        row.account,
        row.day,
        row.amount,
        each.amount,
        told,
        place=each.statement.place,
    )
