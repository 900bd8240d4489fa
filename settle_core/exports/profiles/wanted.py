"""What a profile reads of an export or of a database: which columns of which table."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from settle_core import contract
from settle_core.errors import Fault
from settle_core.exports.profiles.keys import WHOLE_ROW, Name
from settle_core.exports.profiles.profile import Profile

QUERY_SUFFIX: Final = ".sql"
IDS: Final = ("entry_id", "account_id", "answers", "settlement_id")


class Wanted(NamedTuple):
    """What of a table is to be exported, to which file, and in which order of rows.

    `required` must be there, `optional` may be; `id` and `amount` are totalled, no `amount` if no
    column is one. `exact` may hold no floats. `query` is read in place of the table, if there is
    one.
    """

    relation: str
    file: str
    required: list[str]
    optional: list[str]
    id: str
    amount: str
    sorted_by: list[str]
    exact: tuple[str, ...] = ()
    query: str = ""


def wanted(profile: Profile, suffix: str) -> tuple[Wanted, ...]:
    """What a profile reads of a database.

    Tables are called as its files without their ending, if `pull_from` does not say otherwise.

    Args:
        profile: whose names these are.
        suffix: of the files to be written, `.parquet` or `.csv`.

    Raises:
        Fault: a file with a query is not there, or a file's name is a pattern that names no table.
    """
    entry = _wanted(profile, "entry", suffix)
    return (
        (entry,) if profile.settlements.every else (entry, _wanted(profile, "settlement", suffix))
    )


def required(profile: Profile, table: str) -> list[str]:
    """The columns that a table must have, by their names in the export."""
    keys = profile.table(table)
    named = [keys.columns.get(ours, ours) for ours in profile.required(table)]
    named += [
        theirs for ours, theirs in keys.columns.items() if ours not in profile.required(table)
    ]
    names = [name for each in named for name in _names(each)]
    return list(dict.fromkeys([*names, *_otherwise(profile, table)]))


def read(profile: Profile, table: str) -> frozenset[str]:
    """The columns that a reading looks at where they are there, by their names in the export."""
    is_entry = table == "entry"
    optional = contract.ENTRY_OPTIONAL if is_entry else contract.SETTLEMENT_OPTIONAL
    return frozenset((*required(profile, table), *optional))


def _otherwise(profile: Profile, table: str) -> Iterator[str]:
    """The columns that keys beside `columns` name."""
    keys = profile.table(table)
    if keys.amount is not None:
        amount = keys.amount
        yield from filter(None, (amount.column, amount.debit, amount.credit, amount.direction))
    yield from (*keys.only, *(name for name in keys.skip if name != WHOLE_ROW))
    if table == "entry":
        kinds = profile.entries.kinds
        yield from filter(None, (kinds.counter_if_filled,))
        if kinds.counter_if_text is not None:
            yield kinds.counter_if_text.column
    elif profile.settlements.period is not None:
        period = profile.settlements.period
        yield from (name for name in (*_names(period.column), period.first_day) if name)


def _wanted(profile: Profile, table: str, suffix: str) -> Wanted:
    is_entry = table == "entry"
    keys = profile.table(table)
    relation = keys.file.split(".")[0]
    names = required(profile, table)
    optional = contract.ENTRY_OPTIONAL if is_entry else contract.SETTLEMENT_OPTIONAL
    ours = "amount" if is_entry else "settled_amount"
    amount = ""
    if keys.amount is not None:
        amount = keys.amount.column or keys.amount.debit
    elif ours in profile.required(table):
        amount = _names(keys.columns.get(ours, ours))[0]
    order = ("entry_id",) if is_entry else ("account_id", "week_start")
    sorted_by = [n for key in order for n in _names(keys.columns.get(key, key)) if n in names]
    exact = [n for key in IDS for n in _names(keys.columns.get(key, key)) if n in names]
    if keys.amount is not None:
        exact += [keys.amount.column, keys.amount.debit, keys.amount.credit]
    return Wanted(
        relation=keys.pull_from or relation,
        file=(relation if _is_plain(relation) else table) + suffix,
        required=names,
        optional=[name for name in optional if name not in names],
        id=(sorted_by or names)[-1],
        amount=amount,
        sorted_by=sorted_by or names,
        exact=tuple(filter(None, exact)),
        query=_query(profile, keys.pull_from),
    )


def _is_plain(relation: str) -> bool:
    return not set("*?[]/") & set(relation)


def _names(name: Name) -> tuple[str, ...]:
    return (name,) if isinstance(name, str) else tuple(name)


def _query(profile: Profile, named: str) -> str:
    """The text of the query that a profile names by a file beside it; empty if it names none."""
    if not named.endswith(QUERY_SUFFIX):
        return ""
    path = Path(profile.name).parent / named
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise Fault(
            "the query cannot be read",
            where=f"profile {profile.name}, pull_from",
            expected="a file beside the profile",
            found=str(path),
            todo="name one, or a table or view",
        ) from error
    return text.strip().rstrip(";")
