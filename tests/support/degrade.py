"""What happens to an export on its way to an analyst: each recorded one degraded in many ways.

A degradation turns an export with its truth into another one. As a script it prints how well the
audit does on each of them: `python tests/support/degrade.py`.
"""

import re
import sys
from collections.abc import Callable, Iterable
from datetime import timedelta
from decimal import Decimal
from functools import reduce
from itertools import accumulate
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from uuid import UUID

from recorded import EXPORTS, Export, Look, Wrong, read
from score import Score, score

Degradation = Callable[[Export], Export]
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
# What amounts are multiplied by, so that they fill the decimals of a scale.
FACTORS = {0: "100", 1: "10", 3: "1.7", 4: "0.12", 6: "3.1416", 8: "12.345679"}


def as_recorded(export: Export) -> Export:
    return export


def random_ids(export: Export) -> Export:
    """Ids become random UUIDs, and the rows come in any order."""
    random = Random(export.name)  # noqa: S311  lots, not secrets
    names = {e.entry_id: str(UUID(int=random.getrandbits(128), version=4)) for e in export.entries}
    entries = [
        e._replace(entry_id=names[e.entry_id], answers=names.get(e.answers, ""), memo="")
        for e in export.entries
    ]
    random.shuffle(entries)
    settlements = random.sample(export.settlements, len(export.settlements))
    return export._replace(entries=tuple(entries), settlements=tuple(settlements))


def shuffled(export: Export) -> Export:
    """The rows come in any order."""
    lots = Random(export.name)  # noqa: S311  lots, not secrets
    entries = lots.sample(export.entries, len(export.entries))
    return export._replace(entries=tuple(entries))


def no_jobs(export: Export) -> Export:
    return _without(export, "job_id")


def no_memo(export: Export) -> Export:
    return _without(export, "memo")


def with_answers(export: Export) -> Export:
    """Where a memo names the late entry that a counter-entry answers, so does `answers`."""
    named = [re.fullmatch(r"counter of ledger (\d+)", e.memo) for e in export.entries]
    entries = tuple(
        e._replace(answers=m[1] if m else "") for e, m in zip(export.entries, named, strict=True)
    )
    return export._replace(entries=entries, look=export.look._replace(left_out=("currency",)))


def whole_seconds(export: Export) -> Export:
    entries = tuple(
        e._replace(recorded_at=e.recorded_at.replace(microsecond=0)) for e in export.entries
    )
    return _look(export._replace(entries=entries), timestamp_format="%Y-%m-%dT%H:%M:%SZ")


def milliseconds(export: Export) -> Export:
    entries = tuple(
        e._replace(
            recorded_at=e.recorded_at.replace(microsecond=e.recorded_at.microsecond // 1000 * 1000)
        )
        for e in export.entries
    )
    return export._replace(entries=entries)


def offset(export: Export) -> Export:
    """Instants with the offset of Berlin, +02:00 in summer and +01:00 in winter."""
    return _look(export, timestamp_format="ISO 8601", zone="Europe/Berlin")


def no_zone(export: Export) -> Export:
    """Instants as a clock on the wall in Berlin showed them."""
    return _look(export, timestamp_format="%Y-%m-%d %H:%M:%S.%f", zone="Europe/Berlin")


def weeks_from(day: int) -> Degradation:
    def degrade(export: Export) -> Export:
        shift = timedelta(days=day)
        return _look(
            export._replace(
                entries=tuple(
                    e._replace(effective_date=e.effective_date + shift) for e in export.entries
                ),
                settlements=tuple(
                    s._replace(week_start=s.week_start + shift) for s in export.settlements
                ),
                wrong=tuple(
                    w._replace(effective_date=w.effective_date + shift) for w in export.wrong
                ),
            ),
            week_start=WEEKDAYS[day],
        )

    return degrade


def cents(export: Export) -> Export:
    return _look(export, unit="minor")


def scale(decimals: int) -> Degradation:
    def degrade(export: Export) -> Export:
        factor = Decimal(FACTORS[decimals])
        return _look(_times(export, factor), scale=decimals)

    return degrade


def _times(export: Export, factor: Decimal) -> Export:
    return export._replace(
        entries=tuple(e._replace(amount=e.amount * factor) for e in export.entries),
        settlements=tuple(
            s._replace(settled_amount=s.settled_amount * factor) for s in export.settlements
        ),
        wrong=tuple(
            w._replace(amount=w.amount * factor, expected=w.expected * factor) for w in export.wrong
        ),
    )


def two_currencies(export: Export) -> Export:
    """Each account has the same weeks a second time, in another currency."""
    pairs = [(e, e._replace(currency="CHF")) for e in export.entries]
    doubled = [
        e._replace(entry_id=str(2 * int(e.entry_id) + k))
        for pair in pairs
        for k, e in enumerate(pair)
    ]
    return export._replace(
        entries=tuple(doubled),
        settlements=export.settlements
        + tuple(s._replace(currency="CHF") for s in export.settlements),
        wrong=export.wrong + tuple(w._replace(currency="CHF") for w in export.wrong),
        compensating=2 * export.compensating,
        look=export.look._replace(left_out=("answers",)),
    )


def currency_by_account(export: Export) -> Export:
    def currency(account: str) -> str:
        return ("EUR", "CHF", "JPY")[int(account.rpartition("-")[2]) % 3]

    return export._replace(
        entries=tuple(e._replace(currency=currency(e.account_id)) for e in export.entries),
        settlements=tuple(s._replace(currency=currency(s.account_id)) for s in export.settlements),
        wrong=tuple(w._replace(currency=currency(w.account_id)) for w in export.wrong),
        look=export.look._replace(left_out=("answers",)),
    )


def german(export: Export) -> Export:
    """As a spreadsheet in Germany saves it, with names of its own."""
    columns = {
        "entry_id": "Beleg",
        "account_id": "Konto",
        "effective_date": "Wertstellung",
        "amount": "Betrag",
        "kind": "S/H",
        "recorded_at": "Erfasst am",
        "job_id": "Vorgang",
        "memo": "Text",
        "week_start": "Woche ab",
        "settled_amount": "Abgerechnet",
        "settled_at": "Abgerechnet am",
    }
    return _look(
        export,
        columns=tuple(columns.items()),
        kinds=("D", "K"),
        files=("buchungen", "abrechnungen"),
        delimiter=";",
        decimal=",",
        date_format="%d.%m.%Y",
        timestamp_format="%d.%m.%Y %H:%M:%S.%f",
        is_iso=False,
        zone="Europe/Berlin",
    )


def tabs(export: Export) -> Export:
    """Tabs, American dates, twelve hours and an offset without a colon."""
    return _look(
        export,
        delimiter="\t",
        date_format="%m/%d/%Y",
        timestamp_format="%m/%d/%Y %I:%M:%S.%f %p %z",
        is_iso=False,
        zone="America/New_York",
    )


def gzipped(export: Export) -> Export:
    return _look(export, suffix=".csv.gz")


def parquet(export: Export) -> Export:
    return _look(export, suffix=".parquet")


def parquet_parts(export: Export) -> Export:
    return _look(export, suffix="/*.parquet")


def chain(*degradations: Degradation) -> Degradation:
    def degrade(export: Export) -> Export:
        return reduce(lambda done, each: each(done), degradations, export)

    return degrade


def mixed(exports: Iterable[Export]) -> Export:
    """All in one: accounts get the name of their export, ids are numbered anew in one sequence."""
    rows = []
    wrong: list[Wrong] = []
    settlements = []
    compensating = 0
    for export in exports:
        name = export.name
        # The order of ids within an export stays; between exports the clock decides.
        clock = accumulate((e.recorded_at for e in export.entries), max)
        rows += [
            (at, name, e._replace(account_id=f"{name}-{e.account_id}", memo=""))
            for at, e in zip(clock, export.entries, strict=True)
        ]
        settlements += [s._replace(account_id=f"{name}-{s.account_id}") for s in export.settlements]
        wrong += [w._replace(account_id=f"{name}-{w.account_id}") for w in export.wrong]
        compensating += export.compensating
    rows.sort(key=lambda row: row[:2])
    entries = tuple(e._replace(entry_id=str(i)) for i, (*_, e) in enumerate(rows, start=1))
    return Export("mixed", entries, tuple(settlements), tuple(wrong), compensating)


def _look(export: Export, **changes: object) -> Export:
    return export._replace(look=Look(**export.look._asdict() | changes))


def _without(export: Export, name: str) -> Export:
    left_out = (*export.look.left_out, name)
    return export._replace(look=export.look._replace(left_out=left_out))


DEGRADATIONS: dict[str, Degradation] = {
    "as recorded": as_recorded,
    "rows in any order": shuffled,
    "random ids": random_ids,
    "no job ids": no_jobs,
    "no memo": no_memo,
    "answers named": with_answers,
    "milliseconds": milliseconds,
    "whole seconds": whole_seconds,
    "with offset": offset,
    "without zone": no_zone,
    **{f"weeks from {WEEKDAYS[day]}": weeks_from(day) for day in (1, 2, 5, 6)},
    "cents": cents,
    **{f"{decimals} decimals": scale(decimals) for decimals in FACTORS},
    "two currencies": two_currencies,
    "currency by account": currency_by_account,
    "German": german,
    "tabs": tabs,
    "gzip": gzipped,
    "Parquet": parquet,
    "Parquet parts": parquet_parts,
    "random ids, no jobs": chain(random_ids, no_jobs),
    "random ids, seconds": chain(random_ids, whole_seconds),
    "no jobs, seconds": chain(no_jobs, whole_seconds),
    "random ids, no jobs, seconds": chain(random_ids, no_jobs, whole_seconds),
    "all at once": chain(random_ids, no_jobs, whole_seconds, german),
}


def main() -> None:
    """Print the table."""
    sys.stdout.write(Score.header() + "\n")
    exports = [read(name) for name in EXPORTS]
    exports.append(mixed(exports))
    for name, degrade in DEGRADATIONS.items():
        if not re.search("|".join(sys.argv[1:]), name):
            continue
        for export in exports:
            with TemporaryDirectory() as folder:
                line = score(degrade(export), Path(folder)).line(name)
            sys.stdout.write(line + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
