"""One system that was changed again and again: each account's weeks come from other exports."""

from collections.abc import Sequence
from datetime import date, timedelta
from random import Random
from typing import NamedTuple, TypeVar

from degrade import mixed
from recorded import Entry, Export, Settlement, Wrong

Of = TypeVar("Of", Entry, Settlement, Wrong)


class Week(NamedTuple):
    """An account's week; the account without the name of its export."""

    account: str
    start: date


def blended(exports: Sequence[Export], seed: int) -> Export:
    """Take each account's week from one of the exports, by lot."""
    lots = Random(seed)  # noqa: S311  lots, not secrets
    chosen: dict[Week, str] = {}

    def taken(rows: Sequence[Of]) -> tuple[Of, ...]:
        kept = []
        for row in rows:
            day = row.week_start if isinstance(row, Settlement) else row.effective_date
            name, _, account = row.account_id.rpartition("-")
            week = Week(account, day - timedelta(days=day.weekday()))
            if chosen.setdefault(week, lots.choice(exports).name) == name:
                kept.append(row._replace(account_id=account))
        return tuple(kept)

    every = mixed(exports)
    return every._replace(
        name=f"blend {seed}",
        entries=taken(every.entries),
        settlements=taken(every.settlements),
        wrong=taken(every.wrong),
    )
