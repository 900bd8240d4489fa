"""Whether jobs that load an entry by its id answer that entry, or what a sum tells them is owed.

One that reads a sum answers whatever has come since, which may be an entry just alike, and writes
nothing where another has answered its own: then a second answer is no repeated job, and none at all
is no lost one.
"""

from collections.abc import Iterable, Iterator

from settle_core.logs.joined.view import View
from settle_core.logs.lines.model import Statement
from settle_core.logs.lines.sql_text import asks_server


def sent_for(view: View, load: Statement) -> Iterator[Statement]:
    """What the job sent that loaded an entry, up to its first row of the ledger."""
    for statement in view.after(load):
        is_other = bool(load.job and statement.job and load.job != statement.job)
        if is_other or statement.verb == "ping" or view.loaded(statement) is not None:
            return
        yield statement
        if view.writes[id(statement)]:
            return


def reads_more(view: View, loads: Iterable[Statement]) -> bool:
    """Whether a job read something that may be a sum of the ledger, beside the entry it loaded."""
    return any(
        sent.verb == "select" and _may_add_up(view, sent)
        for load in loads
        for sent in sent_for(view, load)
    )


def _may_add_up(view: View, sent: Statement) -> bool:
    """Whether a statement may have read a sum: by itself, or in a function of the program's own."""
    parsed = sent.parsed
    is_hidden = not parsed.table and not asks_server(sent.text)
    return parsed.is_sum or parsed.table in view.tables or is_hidden


def answers_else(view: View) -> bool:
    """Whether a counter-entry has another amount than the entry that its job loaded."""
    return any(
        written.row.is_counter
        and (written.row.account, written.row.day) == (row.account, row.day)
        and written.row.amount != -row.amount
        for entry_id, loads in view.loads.items()
        if (row := view.rows.get(entry_id)) is not None and not row.is_counter
        for load in loads
        for sent in sent_for(view, load)
        for written in view.writes[id(sent)]
    )
